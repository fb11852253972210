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


def test_the_best_of_several_ridges(data):
    x, y = data
    k = ntkc.compile(NETWORK)
    theta = k.theta(x)
    candidates = [1e-6, 1e-3, 0.03, 1.0]

    def leave_one_out(ridge):
        inverse = np.linalg.inv(theta + ridge * np.eye(40))
        return np.sqrt(np.mean((inverse @ y / np.diag(inverse)) ** 2))

    best = min(candidates, key=leave_one_out)
    assert ntkc.fit(k, x, y, ridge=candidates, relative=False).ridge == best
    auto = ntkc.fit(k, x, y, ridge="auto")
    assert leave_one_out(auto.ridge) <= leave_one_out(best) * 1.2
    assert ntkc.fit(k, x, y, ridge="auto", select="evidence").ridge > 0
    for wrong in ({"ridge": "automatic"}, {"ridge": [1.0, -1.0]}, {"ridge": [1, 2], "select": "aic"}):
        with pytest.raises(ValueError):
            ntkc.fit(k, x, y, **wrong)


@pytest.mark.parametrize("kind", ["sigma", "theta"])
def test_standard_deviations(data, kind, tmp_path):
    x, y = data
    k = ntkc.compile(NETWORK)
    model = ntkc.fit(k, x[:30], y[:30], kind=kind, ridge=0.05, relative=False)
    values, deviations = model.predict(x, return_std=True)
    sigma, theta = k.both(x)
    if kind == "sigma":
        solved = np.linalg.solve(sigma[:30, :30] + 0.05 * np.eye(30), sigma[:30])
        variance = np.diag(sigma - sigma[:, :30] @ solved)
    else:
        a = np.linalg.solve(theta[:30, :30] + 0.05 * np.eye(30), theta[:30]).T
        variance = np.diag(sigma + a @ sigma[:30, :30] @ a.T - 2 * a @ sigma[:30])
    assert np.allclose(deviations**2, variance, rtol=1e-8, atol=1e-12)
    assert (values == model.predict(x)).all()
    model.save(tmp_path / "m")
    assert np.allclose(ntkc.load(tmp_path / "m").predict(x, return_std=True)[1], deviations, rtol=1e-9)
