#!/usr/bin/env python3
"""Measures ntkc beside neural-tangents, OpenBLAS and NumPy; see docs/performance.md for what and how.

This process uses the standard library only and stays small; what needs NumPy or JAX runs in bench/workers.py.
"""

import argparse
import contextlib
import datetime
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = HERE.parent / "docs" / "performance.md"
W_STD = math.sqrt(2)
B_STD = 0.0  # He initialisation; both also in relu.arch
FEATURES = 784


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(command):
    words = [str(word) for word in command]
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout


def worker_command(*arguments):
    return [sys.executable, str(HERE / "workers.py"), *map(str, arguments)]


class Worker:
    """A process of workers.py that stays, so that what is compiled stays compiled."""

    def __init__(self, command):
        # TensorFlow, which neural-tangents imports, talks at every start; shown only if the worker fails.
        self.talk = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.talk,
            text=True,
        )

    def ask(self, command):
        with contextlib.suppress(BrokenPipeError):  # the worker has ended: said below
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            self.talk.seek(0)
            raise SystemExit(f"{self.talk.read()}bench: a worker ended with exit code {code}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def ntkc_gram(options, folder, depth):
    command = [options.ntkc, "gram", HERE / "relu.arch", folder / "x.npy", f"-Ddepth={depth}"]
    command += ["--kernel=theta", f"--threads={options.threads}", "--json", "--quiet"]
    command += ["-o", folder / f"ntkc-{depth}.npy"]
    return json.loads(run(command))


def ntkc_worker(options, x, depth):
    """Like the peer, one process in which everything is warm; its first evaluation does not count."""
    program = options.build / "bench" / "ntkc_bench_gram"
    worker = Worker([program, HERE / "relu.arch", x, depth, options.threads])
    worker.ask("run")
    return worker


def openblas(options):
    program = options.build / "bench" / "ntkc_bench_gemm"
    return json.loads(run([program, options.samples, FEATURES, options.threads]))


def measure(options, folder):
    """Rounds in which everything takes its turn, so that a disturbance of the machine hits all alike."""
    x = folder / "x.npy"
    run(worker_command("inputs", x, options.samples, FEATURES, options.seed))
    peers = {}
    for depth in options.depths:
        say(f"bench: compiling depth {depth} in neural-tangents")
        peers[depth] = Worker(
            worker_command("neural-tangents", x, depth, W_STD, B_STD, folder / f"peer-{depth}.npy")
        )
        peers[depth].ask("run")
    ours = {depth: ntkc_worker(options, x, depth) for depth in options.depths}
    numpy = Worker(worker_command("numpy", x))
    rounds = []
    for number in range(options.rounds):
        say(f"bench: round {number + 1} of {options.rounds}")
        times = {"openblas": openblas(options), "numpy": numpy.ask("run"), "ntkc": {}, "process": {}, "peer": {}}
        for depth, peer in peers.items():
            times["process"][depth] = ntkc_gram(options, folder, depth)
            times["ntkc"][depth] = ours[depth].ask("run")
            times["peer"][depth] = peer.ask("run")
        rounds.append(times)
    ends = {depth: peer.ask("end") for depth, peer in peers.items()}
    for worker in [numpy, *ours.values(), *peers.values()]:
        worker.close()
    agreement = {}
    for depth in options.depths:
        matrices = folder / f"ntkc-{depth}.npy", folder / f"peer-{depth}.npy"
        agreement[depth] = json.loads(run(worker_command("compare", *matrices)))
    return rounds, ends, agreement


def median(rounds, select):
    return statistics.median(select(times) for times in rounds)


def milliseconds(seconds):
    return f"{1e3 * seconds:.3g} ms" if seconds < 0.9995 else f"{seconds:.3g} s"


def megabytes(size):
    return f"{size / 1e6:.0f} MB"


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def spread(rounds, select):
    """The median with the least and the greatest of the rounds, which show how quiet the machine was."""
    values = [select(times) for times in rounds]
    middle, least, greatest = map(milliseconds, [statistics.median(values), min(values), max(values)])
    return f"{middle} ({least} – {greatest})"


def kernels_table(rounds, ends, agreement):
    rows = []
    for depth, end in ends.items():
        ours = lambda times, depth=depth: times["ntkc"][depth]["seconds"]
        evaluate = lambda times, depth=depth: times["process"][depth]["seconds"]["evaluate"]
        compile_ = lambda times, depth=depth: times["process"][depth]["seconds"]["compile"]
        peer = lambda times, depth=depth: times["peer"][depth]["seconds"]
        first = median(rounds, lambda times: evaluate(times) + compile_(times))
        memory = max(times["process"][depth]["peak_memory_bytes"] for times in rounds)
        rows.append(
            [
                str(depth),
                spread(rounds, ours),
                spread(rounds, peer),
                f"**{median(rounds, peer) / median(rounds, ours):.1f}×**",
                f"{milliseconds(median(rounds, compile_))}, {milliseconds(first)}",
                milliseconds(end["first_call"]),
                megabytes(memory),
                f"{megabytes(end['memory'])} ({megabytes(end['memory_before'])})",
                f"{agreement[depth]['difference']:.1e}, {agreement[depth]['diagonal']:.1e}",
            ]
        )
    header = ["depth", "ntkc", "neural-tangents", "ratio", "`ntkc gram`: compile, with evaluation"]
    header += ["neural-tangents: first call", "ntkc: peak memory", "neural-tangents: peak memory (before)"]
    return table([*header, "difference off, on the diagonal"], rows)


def products_table(rounds, samples):
    flops = 2 * samples * samples * FEATURES
    rows = []
    for name, select, share in [
        ("OpenBLAS dsyrk, one triangle", lambda times: times["openblas"]["dsyrk"], 0.5),
        ("OpenBLAS dgemm, full matrix", lambda times: times["openblas"]["dgemm"], 1),
        ("NumPy `X @ X.T`, dsyrk mirrored", lambda times: times["numpy"]["seconds"], 0.5),
    ]:
        rate = share * flops / median(rounds, select) / 1e9
        rows.append([name, spread(rounds, select), f"{rate:.0f} GF/s"])
    return table(["product X Xᵀ alone", "time", "rate"], rows)


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        names = re.findall(r"^model name\s*: (.*)$", info.read(), re.MULTILINE)
    return names[0] if names else "unknown processor"


def load_text(load):
    return " ".join(f"{value:.2f}" for value in load)


def machine_text(options, rounds, ends, load_before):
    blas = rounds[0]["openblas"]
    peer = next(iter(ends.values()))
    versions = ", ".join(f"{name} {version}" for name, version in peer["versions"].items())
    ntkc = "; ".join(line.strip() for line in run([options.ntkc, "--version"]).splitlines() if line.strip())
    return "\n".join(
        [
            f"- {datetime.date.today().isoformat()}, {cpu_model()}, {options.threads} threads on "
            f"{len(os.sched_getaffinity(0))} processors; "
            f"medians of {options.rounds} rounds (least – greatest)",
            f"- load average before {load_text(load_before)}, after {load_text(os.getloadavg())}",
            f"- {ntkc}",
            f"- {versions}, Python {sys.version.split()[0]}; "
            f"{' '.join(blas['version'].split()[:2])} with its {blas['core']} kernels",
            f"- n = {options.samples}, d = {FEATURES}, seed {options.seed}, "
            f"W_std = √2, b_std = {B_STD}, f64, Θ",
        ]
    )


def write_section(name, text):
    document = DOCUMENT.read_text(encoding="utf-8")
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    if document.count(begin) != 1 or document.count(end) != 1:
        raise SystemExit(f"bench: {DOCUMENT} must hold the markers `{begin}` and `{end}` once each")
    before, rest = document.split(begin)
    after = rest.split(end)[1]
    DOCUMENT.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
    say(f"bench: wrote {name} into {DOCUMENT}")


def parse_arguments():
    parser = argparse.ArgumentParser(description="Measure ntkc beside neural-tangents, OpenBLAS and NumPy.")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    parser.add_argument(
        "--build", type=pathlib.Path, default=HERE.parent / "build", help="the build directory"
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--depths", type=int, nargs="+", default=[1, 5, 20])
    options = parser.parse_args()
    if min(options.rounds, options.threads, options.samples, *options.depths) < 1:
        parser.error("numbers must be at least 1")
    options.ntkc = options.build / "ntkc"
    return options


def bind_to_processors(threads):
    """All processes inherit this; JAX sizes its thread pool by it."""
    available = sorted(os.sched_getaffinity(0))
    if len(available) < threads:
        raise SystemExit(f"bench: {threads} threads asked for on {len(available)} processors")
    os.sched_setaffinity(0, available[:threads])
    for variable in ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"]:
        os.environ.pop(variable, None)
    os.environ["JAX_PLATFORMS"] = "cpu"


def main():
    options = parse_arguments()
    bind_to_processors(options.threads)
    load = os.getloadavg()
    if load[0] > 0.5:
        say(f"bench: warning: the machine is busy (load average {load_text(load)}), expect noise")
    with tempfile.TemporaryDirectory(prefix="ntkc-bench-") as folder:
        rounds, ends, agreement = measure(options, pathlib.Path(folder))
    asymmetric = [depth for depth in agreement if not agreement[depth]["symmetric"]]
    if asymmetric:
        raise SystemExit(f"bench: ntkc's matrix is not symmetric to the bit at depth {asymmetric}")
    machine = machine_text(options, rounds, ends, load)
    text = "\n\n".join(
        [machine, kernels_table(rounds, ends, agreement), products_table(rounds, options.samples)]
    )
    say("bench: pair functions")
    pair_functions = run([options.build / "bench" / "ntkc_bench_kernels"]).strip()
    say("bench: finite networks")
    command = [sys.executable, HERE / "finite_network.py", "--build", options.build]
    finite_network = run([*command, "--threads", options.threads]).strip()
    print(f"{text}\n\n{pair_functions}\n\n{finite_network}", flush=True)
    if options.write:
        write_section("side by side", text)
        today = datetime.date.today().isoformat()
        write_section("pair functions", f"On the same machine, {today}.\n\n{pair_functions}")
        write_section("finite network", f"On the same machine, {today}.\n\n{finite_network}")


if __name__ == "__main__":
    main()
