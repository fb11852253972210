"""neural-tangents' `stax` by name and signature: networks built in Python, kernels by ntkc.

    init_fn, apply_fn, kernel_fn = stax.serial(stax.Dense(512), stax.Relu(), stax.Dense(1))
    kernel_fn(x1, x2, "ntk")
    print(kernel_fn.text)            # the network as .arch text

A layer is a function from a value of a network, as .arch text, to another. `kernel_fn(x1, x2, get)` returns what
neural-tangents' does: an array for one name, a named tuple for several. Parameters of a layer that decide nothing of its
infinite-width kernels (widths, initial weights) are accepted and not used. `init_fn` and `apply_fn` are None: finite
networks are the simulator's (`ntkc verify`, `ntkc train`).
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import Kernel, compile
from .errors import InputError

_Names = tuple[str, ...]


class _Writer:
    """The statements of a network while it is written."""

    def __init__(self) -> None:
        self.definitions: list[str] = []
        self.statements: list[str] = []
        self._count = 0

    def define(self, expression: str) -> str:
        self._count += 1
        self.statements.append(f"h{self._count} = {expression}")
        return f"h{self._count}"

    def activation(self, expression: str) -> str:
        name = f"phi{len(self.definitions)}"
        self.definitions.append(f"activation {name}(z) = {expression}")
        return name


#: From values (one, or those of the branches) to a value or several.
_Step = Callable[[_Writer, Any], Any]


def _network_text(step: _Step, shape: Sequence[int]) -> str:
    kind = {1: "vector", 2: "sequence", 3: "image"}.get(len(shape))
    if kind is None:
        raise InputError(f"inputs of shape {tuple(shape)} are no vectors, sequences or images with channels last")
    writer = _Writer()
    result = step(writer, "x")
    if not isinstance(result, str):
        raise InputError("the network ends in several branches; join them with FanInSum, FanInProd or FanInConcat")
    lines = [
        *writer.definitions, "network stax", f"input x : {kind}({', '.join(map(str, shape))})", *writer.statements,
        f"output {result}",
    ]
    return "\n".join(lines) + "\n"


class KernelFn:
    """`kernel_fn(x1, x2=None, get=("nngp", "ntk"))` of a network; compiled when the shape of the inputs is known."""

    def __init__(self, step: _Step) -> None:
        self._step = step
        self._kernels: dict[tuple[int, ...], Kernel] = {}
        self._last: tuple[int, ...] | None = None

    def text_for(self, shape: Sequence[int]) -> str:
        """The .arch text for inputs of this shape, without the samples."""
        return _network_text(self._step, shape)

    @property
    def text(self) -> str:
        """The .arch text for the inputs it was last called with; vectors before."""
        return self.text_for(self._last or (1,))

    def kernel(self, x: Any) -> Kernel:
        """The compiled kernel for inputs like these."""
        array = np.asarray(x)
        shape = tuple(int(n) for n in array.shape[1:])
        if shape not in self._kernels:
            self._kernels[shape] = compile(self.text_for(shape), serve=array)
        self._last = shape
        return self._kernels[shape]

    def __call__(self, x1: Any, x2: Any = None, get: str | _Names | None = None, **_: Any) -> Any:
        names: _Names = (get,) if isinstance(get, str) else tuple(get or ("nngp", "ntk"))
        kernel = self.kernel(x1)
        found: dict[str, Any] = {}
        for name in names:
            if name == "nngp":
                found[name] = kernel.sigma(x1, x2)
            elif name == "ntk":
                found[name] = kernel.theta(x1, x2)
            elif name == "cov1":
                found[name] = kernel.diagonal(x1, "sigma")
            elif name == "cov2":
                found[name] = None if x2 is None else kernel.diagonal(x2, "sigma")
            else:
                raise ValueError(f"get: no `{name}`; there are nngp, ntk, cov1, cov2")
        return found[names[0]] if isinstance(get, str) else namedtuple("Kernel", names)(**found)


Layer = tuple[None, None, KernelFn]


def _layer(step: _Step) -> Layer:
    return None, None, KernelFn(step)


def _step_of(layer: Layer) -> _Step:
    return layer[2]._step


def serial(*layers: Layer) -> Layer:
    """One after the other."""

    def step(writer: _Writer, value: Any) -> Any:
        for layer in layers:
            value = _step_of(layer)(writer, value)
        return value

    return _layer(step)


def repeat(layer: Layer, n: int) -> Layer:
    """The layer n times."""
    return serial(*([layer] * n))


def parallel(*layers: Layer) -> Layer:
    """Each layer on its branch, after FanOut."""

    def step(writer: _Writer, values: Any) -> Any:
        if isinstance(values, str) or len(values) != len(layers):
            raise InputError(f"parallel has {len(layers)} layers; give it as many branches, by FanOut({len(layers)})")
        return [_step_of(layer)(writer, value) for layer, value in zip(layers, values, strict=True)]

    return _layer(step)


def FanOut(num: int) -> Layer:
    return _layer(lambda writer, value: [value] * num)


def _joined(operator: str) -> _Step:
    def step(writer: _Writer, values: Any) -> str:
        if isinstance(values, str):
            raise InputError("what joins branches has one value only; FanOut and parallel make branches")
        return writer.define(f" {operator} ".join(values))

    return step


def FanInSum() -> Layer:
    return _layer(_joined("+"))


def FanInProd() -> Layer:
    return _layer(_joined("*"))


def FanInConcat(axis: int = -1) -> Layer:
    """Along channels, the last axis."""
    if axis != -1:
        raise InputError("FanInConcat joins channels, axis -1; positions are joined by `concat` of an .arch text")
    return _layer(lambda writer, values: writer.define(f"concat({', '.join(values)})"))


def _apply(layer: str) -> Layer:
    return _layer(lambda writer, value: writer.define(f"{value} |> {layer}"))


def _number(value: float | None) -> str:
    return repr(float(value or 0.0))


def _size(value: int | Sequence[int]) -> str:
    return str(value) if isinstance(value, int) else "[" + ", ".join(map(str, value)) + "]"


def Dense(out_dim: int = 1, W_std: float = 1.0, b_std: float | None = None, batch_axis: int = 0,
          channel_axis: int = -1, parameterization: str = "ntk", s: Any = (1, 1)) -> Layer:
    if parameterization != "ntk":
        raise InputError("stax.Dense: parameterization is `ntk`; .arch texts have the others")
    return _apply(f"dense(W_std = {_number(W_std)}, b_std = {_number(b_std)})")


def _convolution(name: str) -> Callable[..., Layer]:
    def layer(out_chan: int, filter_shape: Sequence[int], strides: Sequence[int] | None = None,
              padding: str = "VALID", W_std: float = 1.0, b_std: float | None = None,
              dimension_numbers: Any = None, parameterization: str = "ntk", s: Any = (1, 1)) -> Layer:
        if parameterization != "ntk":
            raise InputError(f"stax.{name}: parameterization is `ntk`; .arch texts have the others")
        stride = list(strides or [1] * len(filter_shape))
        arch = {"Conv": "conv", "ConvLocal": "conv_local", "ConvTranspose": "conv_transpose"}[name]
        return _apply(f"{arch}({_size(list(filter_shape))}, stride = {_size(stride)}, padding = {padding.lower()}, "
                      f"W_std = {_number(W_std)}, b_std = {_number(b_std)})")

    layer.__name__ = name
    return layer


Conv = _convolution("Conv")
ConvLocal = _convolution("ConvLocal")
ConvTranspose = _convolution("ConvTranspose")


def _pool(name: str) -> Callable[..., Layer]:
    def layer(window_shape: Sequence[int], strides: Sequence[int] | None = None, padding: str = "VALID",
              normalize_edges: bool = False, batch_axis: int = 0, channel_axis: int = -1) -> Layer:
        stride = list(strides or [1] * len(window_shape))
        edges = ", normalize_edges = " + str(normalize_edges).lower() if name == "avg_pool" else ""
        return _apply(f"{name}({_size(list(window_shape))}, stride = {_size(stride)}, padding = {padding.lower()}{edges})")

    return layer


AvgPool = _pool("avg_pool")
SumPool = _pool("sum_pool")


def GlobalAvgPool(batch_axis: int = 0, channel_axis: int = -1) -> Layer:
    return _apply("global_avg_pool")


def GlobalSumPool(batch_axis: int = 0, channel_axis: int = -1) -> Layer:
    return _apply("global_sum_pool")


def Flatten(batch_axis: int = 0, batch_axis_out: int = 0) -> Layer:
    return _apply("flatten")


def Identity() -> Layer:
    return _layer(lambda writer, value: value)


def LayerNorm(axis: int | Sequence[int] = -1, eps: float = 1e-12, batch_axis: int = 0, channel_axis: int = -1) -> Layer:
    """Over channels, the last axis."""
    if axis not in (-1, (-1,), [-1]):
        raise InputError("stax.LayerNorm: over channels, axis -1; `layer_norm(axes = ...)` of an .arch text has others")
    return _apply("layer_norm")


def Dropout(rate: float, mode: str = "train") -> Layer:
    """`rate` is the probability that a unit is kept, as in neural-tangents."""
    return _apply(f"dropout({rate!r})") if mode == "train" else Identity()


def _activation(expression: str) -> Layer:
    return _layer(lambda writer, value: writer.define(f"{value} |> {writer.activation(expression)}"))


def ElementwiseNumerical(fn: Any, deg: int = 0, df: Any = None, monte_carlo: bool = False) -> Layer:
    """`fn`: the activation as an expression in z, "tanh(z)"; ntkc derives it. Functions of Python cannot be read."""
    if not isinstance(fn, str):
        raise InputError("ElementwiseNumerical: give the activation as an expression in z, such as \"tanh(z)\"")
    return _activation(fn)


def Activation(expression: str) -> Layer:
    """An activation of your own: `Activation("z/(1+exp(-z))")`."""
    return _activation(expression)


def Relu(**_: Any) -> Layer:
    return _apply("relu")


def LeakyRelu(alpha: float, **_: Any) -> Layer:
    return _apply(f"leaky_relu({float(alpha)!r})")


def ABRelu(a: float, b: float, **_: Any) -> Layer:
    """a min(z, 0) + b max(z, 0)."""
    return _activation(f"{float(a)!r}*min(z, 0) + {float(b)!r}*max(z, 0)")


def Abs(**_: Any) -> Layer:
    return _apply("abs")


def Sign() -> Layer:
    return _apply("sign")


def Erf(a: float = 1.0, b: float = 1.0, c: float = 0.0) -> Layer:
    """a erf(b z) + c."""
    return _activation(f"{float(a)!r}*erf({float(b)!r}*z) + {float(c)!r}")


def Sin(a: float = 1.0, b: float = 1.0, c: float = 0.0) -> Layer:
    """a sin(b z + c)."""
    return _activation(f"{float(a)!r}*sin({float(b)!r}*z + {float(c)!r})")


def Cos(a: float = 1.0, b: float = 1.0, c: float = 0.0) -> Layer:
    """a cos(b z + c)."""
    return _activation(f"{float(a)!r}*cos({float(b)!r}*z + {float(c)!r})")


def Rbf(gamma: float = 1.0) -> Layer:
    """sqrt(2) sin(sqrt(2 gamma) z + pi/4)."""
    return _activation(f"sqrt(2)*sin(sqrt({2 * float(gamma)!r})*z + pi/4)")


def Exp(a: float = 1.0, b: float = 1.0) -> Layer:
    """a exp(b z)."""
    return _activation(f"{float(a)!r}*exp({float(b)!r}*z)")


def Gaussian(a: float = 1.0, b: float = -1.0) -> Layer:
    """a exp(b z^2)."""
    return _activation(f"{float(a)!r}*exp({float(b)!r}*z^2)")


def Gelu(approximate: bool = False) -> Layer:
    return _apply("gelu")


def Sigmoid_like() -> Layer:
    """0.5 erf(z/2.4020563531719796) + 0.5, as in neural-tangents."""
    return Erf(0.5, 1 / 2.4020563531719796, 0.5)


def Sigmoid() -> Layer:
    """1/(1 + exp(-z)), which neural-tangents has no kernel of."""
    return _apply("sigmoid")


def Tanh() -> Layer:
    return _apply("tanh")


def Monomial(degree: int) -> Layer:
    return _activation(f"z^{int(degree)}")


def Polynomial(coef: Sequence[float]) -> Layer:
    """coef[0] + coef[1] z + coef[2] z^2 + ..."""
    terms = [repr(float(c)) if k == 0 else f"{float(c)!r}*z^{k}" for k, c in enumerate(coef)]
    return _activation(" + ".join(terms))


def Hermite(degree: int) -> Layer:
    """The normalised Hermite polynomial He_n(z)/sqrt(n!)."""
    coefficients = np.polynomial.hermite_e.herme2poly([0.0] * degree + [1.0])
    return Polynomial(list(coefficients / np.sqrt(float(np.prod(np.arange(1, degree + 1))))))
