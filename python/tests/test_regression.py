"""fit, predict, files, and the command line beside them."""

import numpy as np
import pytest

import ntkc

NETWORK = "network v\ninput x : vector(3)\noutput x |> dense(b_std = 0.5) |> relu |> dense\n"


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(3)
    x = random.normal(size=(40, 3))
    return x, np.sin(x[:, 0]) + 0.1 * random.normal(size=40)


def test_fit_is_kernel_ridge_regression(data):
    x, y = data
    k = ntkc.compile(NETWORK)
    model = ntkc.fit(k, x, y, ridge=0.1, relative=False)
    theta = k.theta(x)
    exact = theta @ np.linalg.solve(theta + 0.1 * np.eye(40), y)
    assert np.allclose(model.predict(x), exact, rtol=1e-9)
    assert model.ridge == 0.1 and model.rank == 40 and model.relative_residual < 1e-12
    several = ntkc.fit(k, x, np.stack([y, 2 * y], 1), ridge=0.1, relative=False)
    assert several.predict(x[:5]).shape == (5, 2)
    assert np.allclose(several.predict(x)[:, 1], 2 * exact, rtol=1e-9)


def test_files(data, tmp_path):
    x, y = data
    model = ntkc.fit(ntkc.compile(NETWORK), x, y, center=True)
    path = tmp_path / "a.model"
    model.save(path)
    assert (ntkc.load(path).predict(x) == model.predict(x)).all()
    with pytest.raises(ntkc.InputError):
        ntkc.load(tmp_path / "none.model")
    (tmp_path / "b.model").write_bytes(b"nonsense")
    with pytest.raises(ntkc.InputError):
        ntkc.load(tmp_path / "b.model")


def test_bad_targets(data):
    x, y = data
    k = ntkc.compile(NETWORK)
    for wrong in (y[:5], np.full(40, np.nan), np.array(["a"] * 40)):
        with pytest.raises(ntkc.InputError):
            ntkc.fit(k, x, wrong)
