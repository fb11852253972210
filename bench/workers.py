"""The parts of side_by_side.py that need NumPy or JAX, each in a process of its own.

A process of its own because the peak resident memory belongs to one measurement, and because the libraries'
threads must not disturb each other. A worker answers every line on standard input with one JSON object on
standard output.
"""

import json
import sys
import time


def memory_bytes(field):
    """VmHWM (peak) or VmRSS of this process; unlike getrusage it forgets what the parent used before exec."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/self/status has no {field}")


def best_of_three(work):
    """Of three in a row, so that what another process left in the caches does not count."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def serve(answer):
    for line in sys.stdin:
        print(json.dumps(answer(line.strip())), flush=True)


def make_inputs(path, samples, features, seed):
    import numpy as np

    np.save(path, np.random.default_rng(seed).standard_normal((samples, features)))


def compare(path, peer_path):
    """Prints max |K - P| / sqrt(P_ii P_jj) off and on the diagonal, and whether K is symmetric to the bit."""
    import numpy as np

    ours, peers = np.load(path), np.load(peer_path)
    if ours.shape != peers.shape:
        raise SystemExit(f"{path} has shape {ours.shape}, {peer_path} {peers.shape}")
    symmetric = bool((ours == ours.T).all())
    scale = np.sqrt(np.diag(peers))
    difference = np.abs(ours - peers) / np.outer(scale, scale)
    diagonal = float(np.diag(difference).max())
    np.fill_diagonal(difference, 0)
    off_diagonal = float(difference.max())
    print(json.dumps({"difference": off_diagonal, "diagonal": diagonal, "symmetric": symmetric}))


def numpy_product(path):
    import numpy as np

    x = np.load(path)
    def answer(_):
        return {"seconds": best_of_three(lambda: x @ x.T)}

    serve(answer)


def neural_tangents(path, depth, w_std, b_std, result_path):
    """`run` times one evaluation; `end` tells what else is known. The first evaluation is traced and compiled."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import neural_tangents as nt
    import numpy as np
    from neural_tangents import stax

    layers = []
    for _ in range(depth):
        layers += [stax.Dense(1, W_std=w_std, b_std=b_std), stax.Relu()]
    layers.append(stax.Dense(1, W_std=w_std, b_std=b_std))
    _, _, kernel_fn = stax.serial(*layers)
    theta = jax.jit(lambda x: kernel_fn(x, None, "ntk"))

    x = jax.device_put(np.load(path)).block_until_ready()
    before = memory_bytes("VmRSS")
    start = time.perf_counter()
    result = theta(x).block_until_ready()
    first_call = time.perf_counter() - start
    if result.dtype != np.float64:
        raise SystemExit(f"neural-tangents computed in {result.dtype}, not in float64")
    peak = memory_bytes("VmHWM")
    np.save(result_path, np.asarray(result))
    del result

    def answer(command):
        nonlocal peak
        if command == "end":
            return {
                "first_call": first_call,
                "memory_before": before,
                "memory": peak,
                "versions": {
                    "neural-tangents": nt.__version__,
                    "jax": jax.__version__,
                    "numpy": np.__version__,
                },
            }
        seconds = best_of_three(lambda: theta(x).block_until_ready())
        peak = max(peak, memory_bytes("VmHWM"))
        return {"seconds": seconds}

    serve(answer)


def main():
    kind, *arguments = sys.argv[1:]
    if kind == "inputs":
        make_inputs(arguments[0], *map(int, arguments[1:]))
    elif kind == "compare":
        compare(*arguments)
    elif kind == "numpy":
        numpy_product(*arguments)
    elif kind == "neural-tangents":
        path, depth, w_std, b_std, result_path = arguments
        neural_tangents(path, int(depth), float(w_std), float(b_std), result_path)
    else:
        raise SystemExit(f"workers.py: unknown worker {kind!r}")


if __name__ == "__main__":
    main()
