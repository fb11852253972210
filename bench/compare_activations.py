#!/usr/bin/env python3
"""Compares every activation of neural-tangents with ntkc's, once: both kernels of x |> dense |> activation |> dense.

    bench/compare_activations.py PYTHON [NTKC] [--write]

PYTHON is an interpreter with neural-tangents (bench/requirements.txt), NTKC the program (default build/ntkc). Prints a
table; --write puts it into docs/numerics.md between the lines `<!-- neural-tangents:begin -->` and `:end`.

The numbers are the largest |K - K'|/sqrt(K'(x,x) K'(y,y)) off the diagonal and on it, over 20 inputs in 5 dimensions,
|x|^2/d from 0.1 to 10, all in f64; "q = 1" has |x|^2/d = 1 and weights that keep it. Where neural-tangents gives NaN, the pairs are left out and the table says so. What this
version does not compile is said, too.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
W_STD, B_STD = 1.1, 0.3
UNIT_W_STD, UNIT_B_STD = 0.8, 0.6  # keep q = 1 for inputs with |x|^2 = d

# neural-tangents' layer, the same in the language of ntkc, and a definition in front of the network if it needs one.
ACTIVATIONS = [
    ("Identity()", "identity", ""),
    ("Relu()", "relu", ""),
    ("LeakyRelu(0.2)", "leaky_relu(alpha = 0.2)", ""),
    ("ABRelu(-0.3, 0.8)", "ab_relu(a = -0.3, b = 0.8)", ""),
    ("Abs()", "abs", ""),
    ("Sign()", "sign", ""),
    ("Erf()", "erf", ""),
    ("Erf(0.5, 1.5, 0.2)", "f", "activation f(z) = 0.5*erf(1.5*z) + 0.2"),
    ("Sigmoid_like()", "sigmoid_like", ""),
    ("Gelu()", "gelu", ""),
    ("Sin()", "sin", ""),
    ("Cos()", "cos", ""),
    ("Sin(0.5, 1.5, 0.2)", "sinusoid(a = 0.5, b = 1.5, c = 0.2)", ""),
    ("Cos(0.5, 1.5, 0.2)", "sinusoid(a = 0.5, b = 1.5, c = 0.2 + pi/2)", ""),
    ("Rbf(0.7)", "rbf(gamma = 0.7)", ""),
    ("Exp(0.7, 0.4)", "f", "activation f(z) = 0.7*exp(0.4*z)"),
    ("Gaussian(0.7, -0.4)", "gaussian(a = 0.7, b = -0.4)", ""),
    ("Gabor()", "gabor", ""),
    ("Monomial(3)", "monomial(n = 3)", ""),
    ("RectifiedMonomial(2)", "rectified_monomial(n = 2)", ""),
    ("Polynomial([0.3, -0.2, 0.5])", "polynomial(0.3, -0.2, 0.5)", ""),
    ("Hermite(3)", "hermite(n = 3)", ""),
    ("Hermite(3), q = 1", "hermite(n = 3)", ""),
    ("ElementwiseNumerical(np.tanh, deg=100)", "tanh", ""),
    ("ElementwiseNumerical(jax.nn.sigmoid, deg=100)", "sigmoid", ""),
    ("ElementwiseNumerical(jax.nn.softplus, deg=100)", "softplus", ""),
    ("ElementwiseNumerical(jax.nn.elu, deg=100)", "elu", ""),
]

# Runs under PYTHON: inputs to X.npy, both kernels of each layer to I_nngp.npy and I_ntk.npy.
PEER = """
import json, sys
import jax
jax.config.update('jax_enable_x64', True)
import jax.numpy as np, numpy
from neural_tangents import stax
folder, networks = sys.argv[1], json.loads(sys.argv[2])
random = numpy.random.default_rng(1)
unit = random.standard_normal((20, 5))
unit *= (numpy.sqrt(5) / numpy.linalg.norm(unit, axis=1))[:, None]
x = unit * numpy.sqrt(numpy.geomspace(0.1, 10, 20))[:, None]
numpy.save(folder + '/X.npy', x)
numpy.save(folder + '/unit.npy', unit)
for i, (layer, inputs, w, b) in enumerate(networks):
    activation = stax.Identity() if layer == 'Identity()' else eval(layer, {'np': np, 'jax': jax, **vars(stax)})
    _, _, kernel = stax.serial(stax.Dense(8, w, b), activation, stax.Dense(8, w, b))
    for kind in ('nngp', 'ntk'):
        numpy.save(f'{folder}/{i}_{kind}.npy', numpy.asarray(kernel(numpy.load(f'{folder}/{inputs}.npy'), None, kind)))
"""

# Runs under PYTHON too, which has NumPy: the difference of two files.
DIFFERENCE = """
import sys, numpy
ours, theirs = (numpy.load(path) for path in sys.argv[1:3])
scale = numpy.sqrt(numpy.outer(numpy.diag(theirs), numpy.diag(theirs)))
scale[~numpy.isfinite(scale)] = numpy.sqrt(numpy.outer(numpy.diag(ours), numpy.diag(ours)))[~numpy.isfinite(scale)]
difference = numpy.abs(ours - theirs) / scale
diagonal = numpy.diag(difference).copy()
numpy.fill_diagonal(difference, 0)
# All NaN means that theirs has no number to compare with.
worst = [numpy.nanmax(part) if numpy.isfinite(part).any() else numpy.nan for part in (difference, diagonal)]
print(*worst, int(numpy.isnan(theirs).sum()), int(numpy.isnan(ours).sum()))
"""


def difference(python, ours, theirs):
    output = subprocess.run([python, "-c", DIFFERENCE, ours, theirs], check=True, capture_output=True, text=True).stdout
    between, diagonal, their_nan, our_nan = output.split()
    if int(our_nan):
        raise SystemExit(f"ntkc gives NaN in {ours}")
    nans = f", theirs NaN {their_nan} times" if int(their_nan) else ""
    return f"{float(between):.0e}, {float(diagonal):.0e}{nans}"


def gram(ntkc, network, inputs, kernel, output):
    run = subprocess.run([ntkc, "gram", network, inputs, f"--kernel={kernel}", "-o", output],
                         capture_output=True, text=True)
    if run.returncode == 0:
        return ""
    message = run.stderr.strip().splitlines()[0].split("error: ")[-1]
    return "not compiled yet" if "[unsupported]" in message else message


def table(python, ntkc):
    rows = ["| neural-tangents | ntkc | Σ | Θ |", "|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        networks = []
        for layer, _, _ in ACTIVATIONS:
            layer, unit, _ = layer.partition(", q = 1")
            networks.append([layer, "unit", UNIT_W_STD, UNIT_B_STD] if unit else [layer, "X", W_STD, B_STD])
        subprocess.run([python, "-c", PEER, folder, json.dumps(networks)], check=True)
        for i, (layer, ours, definition) in enumerate(ACTIVATIONS):
            network = pathlib.Path(folder) / f"{i}.arch"
            _, inputs, w_std, b_std = networks[i]
            dense = f"dense(W_std = {w_std}, b_std = {b_std})"
            network.write_text(f"network n\n{definition}\ninput x : vector(5)\noutput x |> {dense} |> {ours} |> {dense}\n")
            cells = []
            for kernel, kind in (("sigma", "nngp"), ("theta", "ntk")):
                output = f"{folder}/{i}_{kernel}.npy"
                refusal = gram(ntkc, network, f"{folder}/{inputs}.npy", kernel, output)
                cells.append(refusal or difference(python, output, f"{folder}/{i}_{kind}.npy"))
            shown = definition.replace("activation ", "") or ours
            name, _, q = layer.partition(", q")
            q = f", q{q}" if q else ""
            rows.append(f"| `{name}`{q} | `{shown}` | {cells[0]} | {cells[1]} |")
            print(rows[-1], file=sys.stderr)
    return "\n".join(rows) + "\n"


def write(text):
    page = ROOT / "docs" / "numerics.md"
    begin, end = "<!-- neural-tangents:begin -->\n", "<!-- neural-tangents:end -->"
    before, rest = page.read_text().split(begin)
    page.write_text(before + begin + text + end + rest.split(end, 1)[1])


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--write"]
    if not 1 <= len(arguments) <= 2:
        raise SystemExit(__doc__)
    text = table(arguments[0], arguments[1] if len(arguments) > 1 else str(ROOT / "build" / "ntkc"))
    if "--write" in sys.argv:
        write(text)
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
