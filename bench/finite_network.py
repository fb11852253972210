#!/usr/bin/env python3
"""The empirical tangent kernel of a 3 x 2048 network, n = 16, o = 8, beside neural-tangents' implementations.

bench/side_by_side.py runs it too, with the Python that has bench/requirements.txt.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

from side_by_side import milliseconds

HERE = pathlib.Path(__file__).resolve().parent


def peer(options, implementation):
    """Median time of one implementation of neural-tangents, in a process of its own; None where it fails."""
    command = [sys.executable, __file__, "--peer", implementation, *map(str, shape(options))]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return json.loads(result.stdout)["seconds"] if result.returncode == 0 else None


def shape(options):
    return [options.width, options.samples, options.outputs, options.threads, options.repetitions]


def run_peer(implementation, width, samples, outputs, threads, repetitions):
    os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen=true intra_op_parallelism_threads={threads}"
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    import neural_tangents as nt
    from neural_tangents import stax

    layers = []
    for _ in range(3):
        layers += [stax.Dense(width, W_std=2**0.5, b_std=0.1), stax.Relu()]
    init, apply, _ = stax.serial(*layers, stax.Dense(outputs, W_std=1, b_std=0.1))
    key = jax.random.PRNGKey(0)
    x = jax.random.normal(key, (samples, 784), dtype=jnp.float64)
    _, params = init(key, x.shape)
    chosen = nt.NtkImplementation[implementation]
    kernel = jax.jit(nt.empirical_ntk_fn(apply, trace_axes=(), vmap_axes=0, implementation=chosen))
    kernel(x, None, params).block_until_ready()
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        kernel(x, None, params).block_until_ready()
        times.append(time.perf_counter() - start)
    print(json.dumps({"seconds": statistics.median(times)}))


def row(label, seconds, products):
    if seconds is None:
        return f"| {label} | failed | |"
    return f"| {label} | {milliseconds(seconds)} | {seconds / products:.2f}× |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent / "build")
    parser.add_argument("--width", type=int, default=2048)
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--outputs", type=int, default=8)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()
    program = options.build / "bench" / "ntkc_bench_finite_network"
    command = [str(program), str(HERE / "finite_network.arch"), *map(str, shape(options))]
    ours = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    labels = {
        "products": "matrix products alone, OpenBLAS",
        "stored": "ntkc, weights given",
        "drawn": "ntkc, weights drawn meanwhile",
    }
    print("| empirical NTK | time | to its products alone |\n|---|---|---|")
    for name, label in labels.items():
        print(row(label, ours[name], ours["products"]))
    for implementation in ("JACOBIAN_CONTRACTION", "NTK_VECTOR_PRODUCTS", "STRUCTURED_DERIVATIVES"):
        label = f"neural-tangents, {implementation.lower().replace('_', ' ')}"
        print(row(label, peer(options, implementation), ours["products"]), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "--peer":
        run_peer(sys.argv[2], *map(int, sys.argv[3:]))
    else:
        main()
