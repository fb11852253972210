#!/usr/bin/env python3
"""Runs `ntkc verify` on a list of networks, by default at widths to 8192, and writes docs/results.md; `./dev nightly` builds
first and hands its arguments on.

NTKC: the program (build/ntkc).
"""
import argparse
import datetime
import json
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "results.md"
BEGIN, END = "<!-- results:begin -->\n", "<!-- results:end -->"

# What it is about, and what of the command line says so.
NETWORKS = [
    ("three hidden relu layers", "examples/three_hidden_relu.arch"),
    ("erf, deep", "examples/gallery/deep_erf.arch -Ddepth=3"),
    ("gelu, residual", "examples/gallery/gelu_residual_mlp.arch -Ddepth=1"),
    ("an activation of the user's", "examples/gallery/snake.arch -Ddepth=2"),
    ("standard parametrisation", "examples/gallery/standard_mlp.arch -Ddepth=2"),
]


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "an unknown processor"


def row(name, kernel):
    slope = "none: exact" if kernel["slope"] is None else f"{kernel['slope']:.3f} ± {kernel['slope_error']:.3f}"
    deviations = ", ".join(f"{value:.2g}" for value in kernel["relative_deviation"])
    means = ", ".join(f"{value:.2g}" for value in kernel["mean_deviation"])
    return (f"| {name} | {slope} | {kernel['max_abs_z']:.2f} of {kernel['critical_z']:.2f} | {deviations} | {means} |\n")


def section(title, arguments, options, ntkc):
    command = ["verify", *shlex.split(arguments), f"--width={options.width}", f"--samples={options.samples}"]
    print("ntkc " + " ".join(command), file=sys.stderr, flush=True)
    run = subprocess.run([ntkc, *command, "--json", "--quiet"], cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 3):
        sys.exit(run.stderr)
    report = json.loads(run.stdout)
    text = f"\n## {title[0].upper() + title[1:]}: {report['verdict']}\n\n`ntkc {' '.join(command)}`, seed {report['seed']}\n\n"
    text += "| | slope | largest \\|z\\| | deviation of a draw, by width | of the mean |\n|---|---|---|---|---|\n"
    text += row("Σ", report["sigma"]) + row("Θ", report["theta"])
    for caveat in report["caveats"]:
        text += f"\nCaveat: {caveat}.\n"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", default="512,2048,8192")
    parser.add_argument("--samples", type=int, default=32)
    options = parser.parse_args()
    ntkc = os.environ.get("NTKC", str(ROOT / "build" / "ntkc"))
    page = PAGE.read_text(encoding="utf-8")
    head, rest = page.split(BEGIN)
    tail = rest.split(END)[1]
    date = datetime.date.today().isoformat()
    version = subprocess.run([ntkc, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    text = f"{date}, {processor()}, {os.cpu_count()} processors, {version}. Widths {options.width}; {options.samples} draws at each.\n"
    for title, arguments in NETWORKS:
        text += section(title, arguments, options, ntkc)
    PAGE.write_text(head + BEGIN + text + END + tail, encoding="utf-8")


main()
