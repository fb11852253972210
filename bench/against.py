#!/usr/bin/env python3
"""Measures this build beside that of another commit, in one run: `./dev bench --against=COMMIT`.

The two take turns, so that whatever disturbs the machine hits both alike; what is told is the median of the ratios
of each turn. The other commit is built in a work tree of its own, in build-against/, which is kept for the next time.
"""

import argparse
import array
import json
import os
import pathlib
import random
import re
import statistics
import struct
import subprocess
import tempfile

from side_by_side import FEATURES, HERE, Worker, milliseconds, run, say, table

ROOT = HERE.parent
TARGETS = ["ntkc", "ntkc_bench_gram", "ntkc_bench_kernels"]


def build_commit(name):
    """The build directory of a commit."""
    commit = run(["git", "-C", ROOT, "rev-parse", "--verify", f"{name}^{{commit}}"]).strip()
    tree = ROOT / "build-against" / commit[:12]
    if not tree.exists():
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "--quiet", "--detach", tree, commit], check=True)
    say(f"bench: building {name} in {tree}")
    options = ["-DNTKC_TESTS=OFF", "-DNTKC_BENCHMARKS=ON"]
    subprocess.run(["cmake", "--preset", "release", *options], cwd=tree, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", "build", "--target", *TARGETS], cwd=tree, check=True, stdout=subprocess.DEVNULL)
    return tree / "build"


def write_inputs(path, samples):
    generator = random.Random(1)
    values = array.array("d", (generator.gauss(0, 1) for _ in range(samples * FEATURES)))
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({samples}, {FEATURES}), }}".ljust(117) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + values.tobytes())


def duration(seconds):
    return f"{1e9 * seconds:.3g} ns" if seconds < 1e-6 else milliseconds(seconds)


class Quantity:
    """Something that both builds are timed at; `measure(build)` gives seconds."""

    def __init__(self, name, measure):
        self.name = name
        self.measure = measure
        self.times = {"before": [], "here": []}

    def take_turn(self, number, builds):
        order = ["before", "here"] if number % 2 == 0 else ["here", "before"]
        for side in order:
            self.times[side].append(self.measure(builds[side]))

    def row(self):
        ratios = sorted(here / before for here, before in zip(self.times["here"], self.times["before"]))
        quarter = len(ratios) // 4
        before, here = (duration(statistics.median(self.times[side])) for side in ["before", "here"])
        best = min(self.times["here"]) / min(self.times["before"])
        middle = statistics.median(ratios)
        return [self.name, before, here, f"**{middle:.3f}**", f"{ratios[quarter]:.3f} – {ratios[-1 - quarter]:.3f}",
                f"{best:.3f}"]


def in_memory(x, depth, threads):
    """Θ of inputs in memory, the first evaluation aside. Each turn is a new process, since the memory that a process
    happens to get shows in all of its times."""

    def measure(build):
        worker = Worker([build / "bench" / "ntkc_bench_gram", HERE / "relu.arch", x, depth, threads])
        worker.ask("run")
        seconds = worker.ask("run")["seconds"]
        worker.close()
        return seconds

    return Quantity(f"Gram matrix, depth {depth}", measure)


def fresh_process(x, depth, threads):
    def measure(build):
        command = [build / "ntkc", "gram", HERE / "relu.arch", x, f"-Ddepth={depth}", "--json", "--quiet"]
        command += [f"--threads={threads}", "-o", x.parent / "k.npy"]
        return json.loads(run(command))["seconds"]["evaluate"]

    return Quantity(f"`ntkc gram`, depth {depth}: evaluate", measure)


def pair_functions(builds, rounds):
    """Nanoseconds per entry of every row of the table that ntkc_bench_kernels prints, as used."""
    quantities = {}
    for number in range(rounds):
        say(f"bench: pair functions, round {number + 1} of {rounds}")
        order = ["before", "here"] if number % 2 == 0 else ["here", "before"]
        for side in order:
            for line in run([builds[side] / "bench" / "ntkc_bench_kernels"]).splitlines():
                row = re.match(r"\| (\w+) \| (\d+) \| (f\d+) \|.*\*\*([0-9.]+)\*\*", line)
                if row is None:
                    continue
                name = "pair function of {}, depth {}, {}".format(*row.groups()[:3])
                quantity = quantities.setdefault(name, Quantity(name, None))
                quantity.times[side].append(1e-9 * float(row[4]))
    return list(quantities.values())


def parse_arguments():
    parser = argparse.ArgumentParser(description="Measure this build beside that of another commit.")
    parser.add_argument("--against", required=True, metavar="COMMIT")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="the build directory of this tree")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--kernel-rounds", type=int, default=5, help="of the pair functions")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--depths", type=int, nargs="+", default=[1, 5, 20])
    return parser.parse_args()


def main():
    options = parse_arguments()
    builds = {"before": build_commit(options.against), "here": options.build.resolve()}
    say(f"bench: load average {os.getloadavg()[0]:.2f}")
    with tempfile.TemporaryDirectory(prefix="ntkc-bench-") as folder:
        x = pathlib.Path(folder) / "x.npy"
        write_inputs(x, options.samples)
        quantities = [in_memory(x, depth, options.threads) for depth in options.depths]
        quantities += [fresh_process(x, depth, options.threads) for depth in options.depths]
        for number in range(options.rounds):
            say(f"bench: round {number + 1} of {options.rounds}")
            for quantity in quantities:
                quantity.take_turn(number, builds)
    quantities += pair_functions(builds, options.kernel_rounds)
    header = ["quantity", f"before ({options.against})", "here", "here ÷ before", "middle half", "of the best times"]
    print(table(header, [quantity.row() for quantity in quantities]))


if __name__ == "__main__":
    main()
