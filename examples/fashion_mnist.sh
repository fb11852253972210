#!/bin/sh
# Fashion-MNIST from Debian's dataset-fashion-mnist: the first images of the training set, images of the test set.
# Prints the commands, accuracy, seconds and peak memory. `./dev fashion` builds first and then calls this.
#   examples/fashion_mnist.sh [options of `ntkc fit` instead of --preprocess=unit-norm --ridge=1e-3]
# A convolutional network with pooling, in single precision, on 2,000 images each, begun again where it was if it is killed:
#   NTKC_FASHION_NETWORK=examples/fashion_cnn.arch NTKC_FASHION_TRAIN=2000 NTKC_FASHION_TEST=2000 examples/fashion_mnist.sh \
#     --preprocess=unit-norm --ridge=1e-3 --f32 --checkpoint=fashion-parts
# NTKC: the program (build/ntkc); NTKC_FASHION_MNIST: the folder of the four files; NTKC_FASHION_NETWORK: the network
# (examples/fashion_mnist.arch); NTKC_FASHION_TRAIN and NTKC_FASHION_TEST: how many images (10,000 each).
set -eu
cd "$(dirname "$0")/.."
ntkc=${NTKC:-build/ntkc}
data=${NTKC_FASHION_MNIST:-/usr/share/datasets/fashion-mnist}
network=${NTKC_FASHION_NETWORK:-examples/fashion_mnist.arch}
train=${NTKC_FASHION_TRAIN:-10000}
test=${NTKC_FASHION_TEST:-10000}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

for file in train-images-idx3 train-labels-idx1 t10k-images-idx3 t10k-labels-idx1; do
  [ -r "$data/$file-ubyte.gz" ] && continue
  echo "fashion_mnist.sh: $data/$file-ubyte.gz is missing: install Debian's dataset-fashion-mnist" >&2
  exit 1
done

# 1. Fit. unit-norm scales each image to |x|² = its size: how bright a photograph is says little about what it
# shows. Chosen for examples/fashion_mnist.arch on 5,000 further training images, not on the test set: unit-norm 0.891,
# standardize 0.889, none 0.887; ridges from 1e-6 (unit-norm: 1e-4) to 3e-3 hardly differ.
[ $# -gt 0 ] || set -- --preprocess=unit-norm --ridge=1e-3
echo "\$ ntkc fit $network train-images.gz --targets=train-labels.gz --rows=0:$train --task=classification $* -o MODEL"
"$ntkc" fit "$network" "$data/train-images-idx3-ubyte.gz" --targets="$data/train-labels-idx1-ubyte.gz" \
  --rows="0:$train" --task=classification "$@" --json -o "$out/model" >"$out/fit.json"

# 2. Predict and score.
echo "\$ ntkc predict MODEL t10k-images.gz --targets=t10k-labels.gz --rows=0:$test -o PREDICTIONS"
"$ntkc" predict "$out/model" "$data/t10k-images-idx3-ubyte.gz" --targets="$data/t10k-labels-idx1-ubyte.gz" \
  --rows="0:$test" --json -o "$out/predictions.csv" >"$out/predict.json"

python3 - "$out/fit.json" "$out/predict.json" <<'PYTHON'
import json
import sys

fit, predict = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
print(f"\ntrained on {fit['shape'][0]} images, tested on {predict['shape'][0]}, ", end="")
print(f"{fit['threads']} threads, {fit['precision']}")
for name, report in ("fit", fit), ("predict", predict):
    phases = ", ".join(f"{phase} {seconds:.3g} s" for phase, seconds in report["seconds"].items())
    print(f"{name:8} {phases}; at most {report['peak_memory_bytes'] / 1e6:.0f} MB")
print(f"accuracy {predict['accuracy']:.4f} ({predict['correct']} of {predict['shape'][0]})")
PYTHON
