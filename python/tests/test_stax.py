"""stax: texts, joins, conventions; against neural-tangents itself where it is installed."""

import numpy as np
import pytest

import ntkc
from ntkc import stax

X = np.random.default_rng(4).normal(size=(4, 5))
Y = np.random.default_rng(5).normal(size=(3, 5))
IMAGES = np.random.default_rng(6).normal(size=(3, 6, 6, 2))


def test_text_and_values():
    _, _, kernel_fn = stax.serial(stax.Dense(512, W_std=1.5, b_std=0.05), stax.Relu(), stax.Dense(1))
    own = ntkc.compile("network n\ninput x : vector(5)\noutput x |> dense(W_std = 1.5, b_std = 0.05) |> relu |> dense\n")
    assert (kernel_fn(X, None, "ntk") == own.theta(X)).all()
    both = kernel_fn(X, Y)
    assert (both.nngp == own.sigma(X, Y)).all() and (both.ntk == own.theta(X, Y)).all()
    assert kernel_fn(X, Y, ("nngp", "cov1")).cov1.shape == (4,)
    assert "relu" in kernel_fn.text and "vector(5)" in kernel_fn.text


def test_branches():
    block = stax.serial(stax.FanOut(2), stax.parallel(stax.serial(stax.Relu(), stax.Dense(8)), stax.Identity()),
                        stax.FanInSum())
    _, _, kernel_fn = stax.serial(stax.Dense(8), stax.repeat(block, 2))
    own = ntkc.compile("network n\ninput x : vector(5)\nh = x |> dense\nrepeat 2 { h = (h |> relu |> dense) + h }\noutput h\n")
    assert np.allclose(kernel_fn(X, Y, "ntk"), own.theta(X, Y), rtol=1e-14)


def test_errors():
    with pytest.raises(ntkc.InputError, match="expression in z"):
        stax.ElementwiseNumerical(np.tanh)
    with pytest.raises(ntkc.InputError, match="several branches"):
        stax.serial(stax.Dense(1), stax.FanOut(2))[2](X)
    with pytest.raises(ntkc.CompileError):
        stax.serial(stax.Relu())[2](X)


def test_hermite_polynomials():
    # neural-tangents' takes inputs of unit variance only. He_3(z)/sqrt(6) = (z^3 - 3z)/sqrt(6).
    own = ntkc.compile("activation f(z) = (z^3 - 3*z)/sqrt(6)\nnetwork n\ninput x : vector(5)\n"
                       "output x |> dense |> f |> dense\n")
    _, _, kernel_fn = stax.serial(stax.Dense(1), stax.Hermite(3), stax.Dense(1))
    assert np.allclose(kernel_fn(X, Y, "ntk"), own.theta(X, Y), rtol=1e-13)


def networks(s):
    """By name, the same network of either library, and inputs."""
    hidden = lambda *phi: s.serial(s.Dense(8, W_std=1.3, b_std=0.2), *phi, s.Dense(1, W_std=1.1, b_std=0.1))
    conv = lambda *rest, **more: s.serial(s.Conv(8, (3, 3), padding="SAME", W_std=1.3, b_std=0.1, **more), s.Relu(), *rest, s.Dense(1))
    yield "relu", hidden(s.Relu()), X
    yield "leaky_relu", hidden(s.LeakyRelu(0.3)), X
    yield "abrelu", hidden(s.ABRelu(0.2, 1.5)), X
    yield "abs", hidden(s.Abs()), X
    yield "erf", hidden(s.Erf(1.2, 0.7, 0.3)), X
    yield "sin", hidden(s.Sin(1.1, 0.9, 0.2)), X
    yield "cos", hidden(s.Cos(1.1, 0.9, 0.2)), X
    yield "rbf", hidden(s.Rbf(0.7)), X
    yield "exp", hidden(s.Exp(0.5, 0.3)), X
    yield "gaussian", hidden(s.Gaussian(1.0, -0.5)), X
    yield "gelu", hidden(s.Gelu()), X
    yield "sigmoid_like", hidden(s.Sigmoid_like()), X
    yield "monomial", hidden(s.Monomial(3)), X
    yield "polynomial", hidden(s.Polynomial([0.5, 1.0, 0.2])), X
    yield "layer_norm", hidden(s.Relu(), s.Dense(8), s.LayerNorm(), s.Relu()), X
    yield "product", s.serial(s.FanOut(2), s.parallel(hidden(s.Relu()), hidden(s.Erf())), s.FanInProd()), X
    yield "conv_flatten", conv(s.Flatten()), IMAGES
    yield "conv_pool", conv(s.GlobalAvgPool()), IMAGES
    yield "conv_sum_pool", conv(s.GlobalSumPool()), IMAGES
    yield "avg_pool", conv(s.AvgPool((2, 2), (2, 2)), s.Flatten()), IMAGES
    yield "strides", conv(s.Flatten(), strides=(2, 2)), IMAGES


def test_parity_with_neural_tangents():
    pytest.importorskip("neural_tangents")
    import jax

    jax.config.update("jax_enable_x64", True)
    import neural_tangents.stax as theirs

    worst = {}
    for (name, (_, _, ours), x), (_, (_, _, other), _) in zip(networks(stax), networks(theirs), strict=True):
        for get in ("nngp", "ntk"):
            # Different samples: of equal patches neural-tangents loses half of the digits behind a kink.
            a, b = ours(x[:2], x[2:], get), np.asarray(other(x[:2], x[2:], get))
            worst[name] = max(worst.get(name, 0), np.abs(a - b).max() / np.diag(ours(x, None, get)).max())
    print(worst)
    assert max(worst.values()) <= 1e-10, worst
