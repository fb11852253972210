"""Kernels: what the arrays may be, what comes back, what is refused."""

import gc
import pickle
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import ntkc

VECTOR = "network v(w = 1.0)\ninput x : vector(3)\noutput x |> dense(W_std = w, b_std = 0.5) |> relu |> dense |> tanh |> dense\n"
IMAGE = "network i\ninput x : image(4, 4, 2)\noutput x |> conv(3) |> tanh |> global_avg_pool |> dense\n"


@pytest.fixture(scope="module")
def kernel():
    return ntkc.compile(VECTOR)


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(size=(9, 3))


def test_gram_matrices(kernel, x):
    theta = kernel.theta(x)
    assert theta.shape == (9, 9) and theta.dtype == np.float64
    assert (theta == theta.T).all()
    assert (kernel.theta(x, x[:4]) == theta[:, :4]).all()
    assert (kernel.diagonal(x) == np.diag(theta)).all()
    sigma, again = kernel.both(x)
    assert (again == theta).all() and (kernel.sigma(x) == sigma).all()
    assert np.linalg.eigvalsh(theta).min() > 0


def test_against_the_formula():
    k = ntkc.compile("network r\ninput x : vector(2)\noutput x |> dense |> relu |> dense\n")
    a, b = np.array([3.0, 4.0]), np.array([1.0, 0.5])
    u = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    angle = np.arccos(u)  # Cho and Saul 2009
    norm = np.linalg.norm(a) * np.linalg.norm(b) / 2
    sigma = norm * (np.sin(angle) + (np.pi - angle) * u) / (2 * np.pi)
    theta = sigma + a @ b / 2 * (np.pi - angle) / (2 * np.pi)
    assert k.sigma(a[None], b[None])[0, 0] == pytest.approx(sigma, rel=1e-13)
    assert k.theta(a[None], b[None])[0, 0] == pytest.approx(theta, rel=1e-13)


@pytest.mark.parametrize("make", [
    lambda x: x.astype(np.float32), lambda x: np.asfortranarray(x), lambda x: x[::-1][::-1], lambda x: x.tolist(),
    lambda x: np.ascontiguousarray(x.T).T, lambda x: memoryview(x),
])
def test_arrays_of_all_kinds(kernel, x, make):
    exact = np.asarray(make(x), dtype=np.float64)
    assert (kernel.theta(make(x)) == kernel.theta(exact)).all()


def test_integers_empty_and_read_only(kernel):
    assert kernel.theta(np.eye(3, dtype=np.int8)).shape == (3, 3)
    assert kernel.theta(np.empty((0, 3))).shape == (0, 0)
    frozen = np.eye(3)
    frozen.flags.writeable = False
    assert kernel.theta(frozen)[0, 0] > 0


def test_out(kernel, x):
    out = np.empty((9, 9))
    assert kernel.theta(x, out=out) is out
    assert (out == kernel.theta(x)).all()
    for wrong in (np.empty((9, 8)), np.empty((9, 9), np.float32), np.empty((9, 9), order="F"), [[0.0]]):
        with pytest.raises(ntkc.InputError):
            kernel.theta(x, out=wrong)
    out.flags.writeable = False
    with pytest.raises(ntkc.InputError, match="read-only"):
        kernel.theta(x, out=out)


def test_images_and_f32():
    exact, narrow = ntkc.compile(IMAGE), ntkc.compile(IMAGE, precision="f32")
    x = np.random.default_rng(1).normal(size=(5, 4, 4, 2))
    assert exact.input_shape == (4, 4, 2)
    theta = exact.theta(x)
    assert (exact.theta(x.reshape(5, -1)) == theta).all()
    result = narrow.theta(x)
    assert result.dtype == np.float32
    assert np.abs(result - theta).max() < 1e-5 * theta.max()


def test_layers_depths_and_derivatives(x):
    layers = ntkc.compile(VECTOR, per_layer=True)
    planes = layers.planes("Theta_by_layer", x)
    assert len(planes) == 3
    assert np.allclose(sum(planes.values()), layers.theta(x), rtol=1e-13)
    slope = ntkc.compile(VECTOR, derivatives=["w"]).planes("dTheta_dw", x)
    step = 1e-5
    difference = (ntkc.compile(VECTOR, w=1 + step).theta(x) - ntkc.compile(VECTOR, w=1 - step).theta(x)) / (2 * step)
    assert np.allclose(next(iter(slope.values())), difference, rtol=1e-6)
    deep = "network d\ninput x : vector(3)\nh = x |> dense\nrepeat 4 { h = h |> relu |> dense }\noutput h\n"
    depths = ntkc.compile(deep, all_depths=True).planes("Theta", x)
    assert list(depths) == ["1", "2", "3", "4"]
    assert np.allclose(depths["4"], ntkc.compile(deep).theta(x), rtol=1e-13)


def test_parameters_paths_and_text(tmp_path, x):
    path = tmp_path / "net.arch"
    path.write_text(VECTOR)
    from_path = ntkc.compile(path, w=2)
    assert (from_path.theta(x) == ntkc.compile(str(path), w=2.0).theta(x)).all()
    assert "dense(W_std = w" in from_path.text
    assert "Theta = " in from_path.show("kernel")
    assert "\\begin" in from_path._repr_latex_()
    with pytest.raises(ntkc.InputError, match="no-such-file"):
        ntkc.compile(tmp_path / "no-such-file.arch")


def test_pickles(kernel, x):
    copy = pickle.loads(pickle.dumps(kernel))
    assert (copy.theta(x) == kernel.theta(x)).all()


def test_errors(kernel, x):
    with pytest.raises(ntkc.CompileError, match=r"\^~~~") as caught:
        ntkc.compile("network n\ninput x : vector(3)\noutput x |> relu\n")
    assert caught.value.diagnostics[0]["line"] == 3
    assert isinstance(caught.value, ValueError)
    for wrong in (x[:, :2], x[0], np.ones((2, 3), complex), np.array([["a", "b", "c"]]), [[1, 2], [3]]):
        with pytest.raises(ValueError):
            kernel.theta(wrong)
    with pytest.raises(ntkc.InputError, match="NaN at row 1"):
        kernel.theta(np.array([[1, 2, 3], [1, np.nan, 3]]))
    with pytest.raises(ntkc.InputError, match="no stack"):
        kernel.planes("Theta_by_layer", x)
    with pytest.raises(ValueError):
        ntkc.compile(VECTOR, precision="f16")
    with pytest.warns(ntkc.CompileWarning, match="unused-value"):
        ntkc.compile("network n\ninput x : vector(3)\nh = x |> dense\noutput x |> dense\n")


def test_progress_and_cancelling(kernel):
    x = np.random.default_rng(2).normal(size=(3000, 3))
    seen = []
    kernel.theta(x, progress=seen.append)
    assert seen and seen[-1] == 1 and seen == sorted(seen)
    with pytest.raises(ntkc.Cancelled):
        kernel.theta(x, progress=lambda fraction: False)

    def broken(fraction):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        kernel.theta(x, progress=broken)


def test_threads_run_at_the_same_time(kernel, x):
    expected = kernel.theta(x)
    wrong = []

    def work():
        for _ in range(50):
            if not (kernel.theta(x, threads=1) == expected).all():
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_interrupt():
    code = (
        "import _thread, threading, numpy as np, ntkc\n"
        "k = ntkc.compile('network d\\ninput x : vector(3)\\nh = x |> dense\\n"
        "repeat 30 { h = h |> relu |> dense }\\noutput h\\n')\n"
        "x = np.random.default_rng(0).normal(size=(6000, 3))\n"
        "threading.Timer(0.2, _thread.interrupt_main).start()\n"
        "try:\n    k.theta(x, x)\n    print('finished')\n"
        "except KeyboardInterrupt:\n    print('interrupted')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    # A machine that is done within the time cannot be interrupted.
    assert done.stdout in ("interrupted\n", "finished\n"), done.stderr
    print(done.stdout)


def test_many_calls_keep_no_memory(kernel, x):
    def resident():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * 4096

    for _ in range(200):
        kernel.theta(x)
    gc.collect()
    before = resident()
    for _ in range(5000):
        kernel.theta(x)
    gc.collect()
    assert resident() - before < 8e6


def test_one_pair_is_quick(kernel, x):
    kernel.theta(x[:1], x[1:2], threads=1)
    begin = time.perf_counter()
    for _ in range(1000):
        kernel.theta(x[:1], x[1:2], threads=1)
    print(f"{(time.perf_counter() - begin) * 1e3:.1f} us for one pair")
