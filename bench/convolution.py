#!/usr/bin/env python3
"""Convolutional kernels: the 21-layer ReLU network of ntkc_bench_convolution beside sgemm, tensors in memory and neural-tangents.

    bench/convolution.py [--build=build] [--networks=myrtle_5,wide_resnet] [--without-peer]

Prints the tables of docs/performance.md. Everything runs on two threads, one after the other. ntkc's times are processor time by
the number of threads, those of neural-tangents wall-clock time: run it on a machine that does nothing else. The Python that runs
this is the one that has neural-tangents (bench/requirements.txt).
"""

import argparse
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LAYERS, SIDE, THREADS = 21, 32, 2


def run_json(command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def peer(pools, samples):
    """Seconds an entry of neural-tangents in f32: the best of three calls after compilation, and the first call."""
    code = f"""
import json, time
import jax, numpy as np
from neural_tangents import stax
layers = []
for _ in range({LAYERS}):
    layers += [stax.Conv(1, (3, 3), padding="SAME", W_std=2 ** 0.5, b_std=None), stax.Relu()]
layers += [stax.GlobalAvgPool() if {pools} else stax.Flatten(), stax.Dense(1, W_std=1.0, b_std=None)]
kernel = jax.jit(lambda x: stax.serial(*layers)[2](x, None, "ntk"))
x = np.random.default_rng(1).standard_normal(({samples}, {SIDE}, {SIDE}, 3)).astype(np.float32)
times = []
for _ in range(4):
    start = time.perf_counter()
    kernel(x).block_until_ready()
    times.append(time.perf_counter() - start)
print(json.dumps({{"first": times[0], "entry": min(times[1:]) / {samples} ** 2}}))
"""
    environment = {**os.environ, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=true"}
    out = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return json.loads(out.stdout.strip().splitlines()[-1])


def gallery(build, name, rate, samples=8):
    """Seconds an entry and of compiling a network of the gallery, in f32."""
    import numpy as np

    path = ROOT / "examples" / "gallery" / f"{name}.arch"
    with tempfile.TemporaryDirectory() as folder:
        x = pathlib.Path(folder) / "x.npy"
        np.save(x, np.random.default_rng(1).standard_normal((samples, SIDE, SIDE, 3)))
        out = run_json([build / "ntkc", "gram", path, x, "-o", pathlib.Path(folder) / "k.npy", "--f32", f"--threads={THREADS}",
                        "--json"])["seconds"]
    entry = out["evaluate"] / (samples * (samples + 1) / 2)
    return {"entry": entry, "work": entry * rate, "compile": out["compile"]}


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |")


def duration(seconds):
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1 or unit == "µs":
            return f"{seconds * factor:.3g} {unit}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--networks", default="myrtle_5,myrtle_7,wide_resnet")
    parser.add_argument("--without-peer", action="store_true")
    options = parser.parse_args()
    load = os.getloadavg()
    rounds = [run_json([options.build / "bench" / "ntkc_bench_convolution", str(LAYERS), str(SIDE), "16", str(THREADS)])
              for _ in range(options.rounds)]
    median = lambda key, field: statistics.median(each[key][field] for each in rounds)
    rate = statistics.median(each["sgemm"] for each in rounds)
    plain = median("straightforward", "entry")
    peers = {} if options.without_peer else {False: peer(False, 20), True: peer(True, 2)}
    print(f"- {datetime.date.today()}, {THREADS} threads, medians of {options.rounds} runs; load average before {load[0]:.2f}, "
          f"after {os.getloadavg()[0]:.2f}")
    print(f"- sgemm of OpenBLAS, {THREADS} threads: {rate / 1e9:.0f} GFlop/s; tensors in memory, f64: {duration(plain)} an entry\n")
    row("network", "an entry", "× sgemm rate", "f64 ÷ f32", "tensors in memory ÷", "neural-tangents ÷", "compile")
    row(*["---"] * 7)
    for pools, name in ((True, "pooling"), (False, "flatten")):
        single, double = median(f"{name}_f32", "entry"), median(f"{name}_f64", "entry")
        work = median(f"{name}_f32", "work")
        peer_ratio = f"{peers[pools]['entry'] / single:.0f}×" if peers else "—"
        row(f"{LAYERS} layers, {name}, f32", duration(single), f"{work / 1e9:.3g} GFlop", f"{double / single:.2f}",
            f"{plain / single:.0f}×" if pools else "—", peer_ratio, duration(median(f"{name}_f32", "compile")))
    for name in filter(None, options.networks.split(",")):
        network = [gallery(options.build, name, rate) for _ in range(options.rounds)]
        value = lambda field: statistics.median(each[field] for each in network)
        row(f"{name}, f32", duration(value("entry")), f"{value('work') / 1e9:.3g} GFlop", "—", "—", "—", duration(value("compile")))


if __name__ == "__main__":
    main()
