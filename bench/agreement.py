#!/usr/bin/env python3
"""Kernels and regression of neural-tangents and of ntkc on the same networks and data: docs/from-neural-tangents.md.

    python3 bench/agreement.py [NTKC]

Needs bench/requirements.txt. Prints the largest differences of both kernels in units of sqrt(K(x,x) K(y,y)), off the
diagonal and on it, and of the predictions of `ntkc fit` with its defaults and of gradient_descent_mse_ensemble with
diag_reg=1e-6, in units of the largest prediction.
"""

import os
import subprocess
import sys
import tempfile
import warnings

import jax

jax.config.update("jax_enable_x64", True)
warnings.filterwarnings("ignore")

import neural_tangents as nt  # noqa: E402
import numpy as np  # noqa: E402
from neural_tangents import stax  # noqa: E402

NTKC = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/ntkc")


def dense():
    return stax.Dense(512, W_std=1.5, b_std=0.1)


def stack(layer, depth):
    return stax.serial(*([dense(), layer] * depth), dense())


def stack_text(layer, depth):
    return "h = x |> d\nrepeat %d { h = h |> %s |> d }\noutput h\n" % (depth, layer)


RESIDUAL = stax.serial(
    dense(),
    stax.FanOut(2),
    stax.parallel(stax.Identity(), stax.serial(stax.Relu(), dense())),
    stax.FanInSum(),
    stax.Relu(),
    dense(),
)
NETWORKS = {
    "relu, 1 layer": (stack(stax.Relu(), 1), stack_text("relu", 1)),
    "relu, 3 layers": (stack(stax.Relu(), 3), stack_text("relu", 3)),
    "leaky_relu(0.2)": (stack(stax.LeakyRelu(0.2), 1), stack_text("leaky_relu(alpha = 0.2)", 1)),
    "abs": (stack(stax.Abs(), 1), stack_text("abs", 1)),
    "erf, 2 layers": (stack(stax.Erf(), 2), stack_text("erf", 2)),
    "gelu": (stack(stax.Gelu(), 1), stack_text("gelu", 1)),
    "sin": (stack(stax.Sin(), 1), stack_text("sin", 1)),
    "residual relu": (RESIDUAL, "h = x |> d\ng = h + (h |> relu |> d)\noutput g |> relu |> d\n"),
}


def run(*arguments):
    subprocess.run([NTKC, *arguments, "--quiet"], check=True, stdout=subprocess.DEVNULL)


def main():
    random = np.random.default_rng(0)
    x, x_test = random.normal(size=(40, 7)), random.normal(size=(20, 7))
    y = np.sin(x @ random.normal(size=(7, 2)))
    os.chdir(tempfile.mkdtemp())
    for name, array in ("x", x), ("y", y), ("t", x_test):
        np.save(name + ".npy", array)
    print(f"{'network':16}  {'Sigma':>8} {'Theta':>8} {'diagonal':>9} {'predictions':>12}")
    for name, ((_, _, kernel), body) in NETWORKS.items():
        text = body.replace("|> d ", "|> dense(W_std = 1.5, b_std = 0.1) ").replace(
            "|> d\n", "|> dense(W_std = 1.5, b_std = 0.1)\n").replace("|> d)", "|> dense(W_std = 1.5, b_std = 0.1))")
        with open("n.arch", "w", encoding="utf-8") as file:
            file.write("network n\ninput x : vector(*)\n" + text)
        off, diagonal = {}, 0
        for kind in "nngp", "ntk":
            run("gram", "n.arch", "x.npy", f"--kernel={kind}", "-o", "K.npy")
            mine = np.load("K.npy")
            theirs = np.array(kernel(x, None, kind))
            error = np.abs(mine - theirs) / np.sqrt(np.outer(np.diag(mine), np.diag(mine)))
            off[kind] = error[~np.eye(len(x), dtype=bool)].max()
            diagonal = max(diagonal, np.diag(error).max())
        predict = nt.predict.gradient_descent_mse_ensemble(kernel, x, y, diag_reg=1e-6)
        theirs = np.array(predict(x_test=x_test, get="ntk", t=None))
        run("fit", "n.arch", "x.npy", "--targets=y.npy", "-o", "model")
        run("predict", "model", "t.npy", "-o", "p.npy")
        predictions = np.abs(np.load("p.npy") - theirs).max() / np.abs(theirs).max()
        print(f"{name:16}  {off['nngp']:8.1e} {off['ntk']:8.1e} {diagonal:9.1e} {predictions:12.1e}")


if __name__ == "__main__":
    main()
