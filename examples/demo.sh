#!/bin/sh
# The main job on the UCI handwritten digits: describe a network, see its kernels, fit, predict.
set -eu
cd "$(dirname "$0")/.."
ntkc=${NTKC:-build/ntkc}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

echo "The network, examples/three_hidden_relu.arch:"
echo
cat examples/three_hidden_relu.arch
echo
echo "Its kernels, derived: c is Σ(x, x'), q is Σ(x, x), t is Θ(x, x')."
echo "\$ ntkc show examples/three_hidden_relu.arch --emit=kernel"
"$ntkc" show examples/three_hidden_relu.arch --emit=kernel
echo
echo "\$ ntkc fit examples/three_hidden_relu.arch examples/digits/train.csv --target=digit --task=classification -o MODEL"
"$ntkc" fit examples/three_hidden_relu.arch examples/digits/train.csv --target=digit --task=classification -o "$out/model"
echo
echo "\$ ntkc predict MODEL examples/digits/test.csv -o PREDICTIONS"
"$ntkc" predict "$out/model" examples/digits/test.csv -o "$out/predictions.csv"
