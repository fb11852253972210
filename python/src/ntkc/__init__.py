"""Kernels of infinitely wide neural networks, derived and compiled.

    import ntkc
    k = ntkc.compile("network n  input x : vector(784)  output x |> dense |> relu |> dense")
    K = k.theta(X)                     # n x n
    model = ntkc.fit(k, X, y, ridge=1e-3)
    model.predict(X_new)
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from .errors import Cancelled, CompileError, CompileWarning, Error, InputError, NumericalError

__all__ = [
    "Cancelled", "CompileError", "CompileWarning", "Error", "InputError", "Kernel", "Model", "NumericalError",
    "activation", "compile", "fit", "load", "show", "version",
]

Array = npt.NDArray[Any]
Progress = Callable[[float], Any]


def version() -> str:
    """"ntkc 0.1.0, LLVM 19.1.7, x86-64 with avx512f"."""
    return _core.version()


def _as_rows(x: Any, shape: Sequence[int], name: str) -> npt.NDArray[np.float64]:
    """Samples as rows of doubles. Without a copy where they are that already."""
    array = np.from_dlpack(x) if not isinstance(x, np.ndarray) and hasattr(x, "__dlpack__") else np.asarray(x)
    if array.dtype == object or array.dtype.kind not in "fiub":
        raise InputError(f"{name} is an array of {array.dtype}, not of numbers")
    size = int(np.prod(shape))
    if array.ndim == 1 and len(shape) == 1 and (size == 1 or array.shape[0] == 0):
        array = array.reshape(-1, size)
    flat_ok = array.ndim == 2 and array.shape[1] == size
    if not flat_ok and array.shape[1:] != tuple(shape):
        raise InputError(
            f"{name} has the shape {array.shape}, inputs of this kernel have {tuple(shape)}: "
            f"give (samples, {', '.join(map(str, shape))})"
        )
    return np.ascontiguousarray(array, dtype=np.float64).reshape(array.shape[0], size)


def _targets(y: Any, rows: int) -> tuple[npt.NDArray[np.float64], bool]:
    """Targets as rows of doubles, and whether they were one number each."""
    array = np.asarray(y)
    if array.dtype.kind not in "fiub":
        raise InputError(f"the targets are an array of {array.dtype}, not of numbers")
    is_flat = array.ndim == 1
    if array.ndim not in (1, 2) or array.shape[0] != rows:
        raise InputError(f"the targets have the shape {array.shape}, there are {rows} samples")
    return np.ascontiguousarray(array, dtype=np.float64).reshape(rows, -1), is_flat


def _read(source: str | os.PathLike[str]) -> tuple[str, str]:
    """The text of a network and what messages call it. A text has a line break or a `|>`; a path has neither."""
    if isinstance(source, os.PathLike) or ("\n" not in source and "|>" not in source and "{" not in source):
        path = os.fspath(source)
        try:
            with open(path, encoding="utf-8") as file:
                return file.read(), path
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: {error}") from None
    return source, "<string>"


def _definitions(parameters: Mapping[str, Any]) -> dict[str, str]:
    return {name: repr(value).lower() if isinstance(value, bool) else str(value) for name, value in parameters.items()}


class Kernel:
    """A compiled network: its NNGP kernel Sigma and its tangent kernel Theta. Made by `ntkc.compile`.

    Arrays of samples have the shape (n, *input_shape), or flattened (n, input_size). Anything that NumPy or DLPack can
    read is accepted; float64 in C order is not copied.
    """

    def __init__(self, core: Any, recipe: dict[str, Any]) -> None:
        self._core = core
        self._recipe = recipe

    @property
    def name(self) -> str:
        """What the network calls itself."""
        return str(self._core.name)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(d,), (length, channels) or (height, width, channels)."""
        return tuple(self._core.input_shape)

    @property
    def precision(self) -> str:
        """"f64" or "f32", that of the results."""
        return "f32" if self._core.is_f32 else "f64"

    @property
    def text(self) -> str:
        """The .arch text, what it imports written out."""
        return str(self._core.text)

    def __repr__(self) -> str:
        kind = ("vector", "sequence", "image")[len(self.input_shape) - 1]
        shape = ", ".join(map(str, self.input_shape))
        return f"<ntkc.Kernel {self.name}: {kind}({shape}), {self.precision}, {' and '.join(self._core.stacks)}>"

    def _repr_latex_(self) -> str:
        """The derivation, for notebooks."""
        lines = self.show("latex").splitlines()
        begin = next((i for i, line in enumerate(lines) if "\\begin{document}" in line), -1)
        end = next((i for i, line in enumerate(lines) if "\\end{document}" in line), len(lines))
        return "\n".join(lines[begin + 1 : end])

    def show(self, stage: str = "kernel") -> str:
        """A stage of the compilation as text: ast, graph, kernel, kernel-opt, latex, llvm, asm."""
        return str(
            _core.show(self.text, self._recipe["file"], stage, self._recipe["definitions"], self._recipe["input_size"])
        )

    # --- evaluation

    def _gram(self, kind: str, x: Any, y: Any, out: Array | None, threads: int, progress: Progress | None) -> Array:
        first = _as_rows(x, self.input_shape, "x")
        second = None if y is None else _as_rows(y, self.input_shape, "y")
        shape = (len(first), len(first if second is None else second))
        dtype = np.dtype(np.float32 if self._core.is_f32 else np.float64)
        if out is None:
            out = np.empty(shape, dtype)
        elif not isinstance(out, np.ndarray) or out.shape != shape or out.dtype != dtype or not out.flags.c_contiguous:
            raise InputError(f"out is not a {dtype} array of shape {shape} in C order")
        elif not out.flags.writeable:
            raise InputError("out is read-only")
        evaluate = self._core.gram_f32 if self._core.is_f32 else self._core.gram_f64
        evaluate(kind, first, second, out, threads, progress)
        return out

    def theta(self, x: Any, y: Any = None, *, out: Array | None = None, threads: int = 0,
              progress: Progress | None = None) -> Array:
        """The tangent kernel of all pairs: Theta(x_i, x_j), n x n and symmetric to the last bit, or Theta(x_i, y_j).

        ``progress(fraction)`` is called now and then; if it returns False, `Cancelled` is raised.
        """
        return self._gram("theta", x, y, out, threads, progress)

    def sigma(self, x: Any, y: Any = None, *, out: Array | None = None, threads: int = 0,
              progress: Progress | None = None) -> Array:
        """The NNGP kernel of all pairs."""
        return self._gram("sigma", x, y, out, threads, progress)

    def both(self, x: Any, y: Any = None, *, threads: int = 0) -> tuple[Array, Array]:
        """(Sigma, Theta)."""
        return self.sigma(x, y, threads=threads), self.theta(x, y, threads=threads)

    def diagonal(self, x: Any, kind: str = "theta") -> Array:
        """K(x_i, x_i), n values."""
        rows = _as_rows(x, self.input_shape, "x")
        result = np.empty(len(rows))
        self._core.diagonal(kind, rows, result)
        return result

    def planes(self, stack: str, x: Any, *, threads: int = 0, progress: Progress | None = None) -> dict[str, Array]:
        """What was asked for by ``per_layer``, ``all_depths`` or ``derivatives``: {name of the plane: n x n}.

        Stacks are called "Theta_by_layer", "Sigma" and "Theta" (of all depths), "dTheta_dw".
        """
        stacks = self._core.stacks
        if stack not in stacks:
            raise InputError(f"the kernel `{self.name}` has no stack `{stack}`; it was compiled with {', '.join(stacks)}")
        rows = _as_rows(x, self.input_shape, "x")
        names = stacks[stack]
        out = np.empty((len(names), len(rows), len(rows)), np.float32 if self._core.is_f32 else np.float64)
        (self._core.planes_f32 if self._core.is_f32 else self._core.planes_f64)(stack, rows, out, threads, progress)
        return dict(zip(names, out, strict=True))

    def remainder(self, x: Any) -> float:
        """What expansions and rounding may leave open of an entry at these samples, relative to the diagonal."""
        return float(self._core.remainder(_as_rows(x, self.input_shape, "x")))

    # --- pickles hold the recipe: machine code belongs to a process

    def __reduce__(self) -> tuple[Any, ...]:
        return _compiled, (self.text, self._recipe)


def _compiled(text: str, recipe: dict[str, Any], serve: Any = None) -> Kernel:
    core, told = _core.compile(text, **recipe, serve=serve)
    for warning in told:
        warnings.warn(warning, CompileWarning, stacklevel=3)
    return Kernel(core, recipe)


def compile(source: str | os.PathLike[str], *, precision: str = "f64", tolerance: float = 1e-12,
            largest_input: float = 4.0, serve: Any = None, input_size: int = 1, per_layer: bool = False,
            all_depths: bool = False, derivatives: Sequence[str] = (), **parameters: Any) -> Kernel:
    """Compiles an .arch text, or the file at a path.

    Further keywords are parameters of the network: ``compile(path, depth=3)``. ``serve``: samples at which expansions of
    activations without a closed form are to be exact; ``largest_input`` says the same by the largest ``|x|**2/d``.
    Raises CompileError, whose message shows the place with a caret; warnings are `CompileWarning`.
    """
    if precision not in ("f64", "f32"):
        raise ValueError(f"precision is {precision!r}, not 'f64' or 'f32'")
    if per_layer and all_depths:
        raise ValueError("per_layer and all_depths exclude each other")
    text, file = _read(source)
    recipe = {
        "file": file,
        "definitions": _definitions(parameters),
        "f32": precision == "f32",
        "tolerance": float(tolerance),
        "largest_input": float(largest_input),
        "input_size": int(input_size),
        "extra": "per-layer" if per_layer else "all-depths" if all_depths else "",
        "derivatives": list(derivatives),
    }
    if serve is not None:
        samples = np.asarray(serve)
        serve = np.ascontiguousarray(samples, dtype=np.float64).reshape(len(samples), -1)
        if "*" in text and input_size == 1:
            recipe["input_size"] = serve.shape[1]
    return _compiled(text, recipe, serve)


def show(source: str | os.PathLike[str], stage: str = "kernel", **parameters: Any) -> str:
    """A stage of the compilation as text, as `ntkc show --emit=STAGE` prints it."""
    text, file = _read(source)
    return str(_core.show(text, file, stage, _definitions(parameters), 1))


class Model:
    """Kernel ridge regression, fitted by `ntkc.fit` or read by `ntkc.load`."""

    def __init__(self, core: Any, is_flat: bool) -> None:
        self._core = core
        self._is_flat = is_flat

    ridge = property(lambda self: float(self._core.ridge), doc="lambda as it was added to the diagonal")
    rank = property(lambda self: int(self._core.rank), doc="less than n if the matrix is singular")
    reciprocal_condition = property(lambda self: float(self._core.reciprocal_condition))
    relative_residual = property(lambda self: float(self._core.relative_residual))

    def predict(self, x: Any, *, return_std: bool = False, threads: int = 0, progress: Progress | None = None) -> Any:
        """Predictions, n or n x outputs as the targets were.

        ``return_std``: also their standard deviations, n: of a Gaussian process for a model of sigma, over trained networks
        for one of theta.
        """
        rows = _as_rows(x, self._core.kernel.input_shape, "x")
        result = np.empty((len(rows), self._core.outputs))
        self._core.predict(rows, result, threads, progress)
        values = result[:, 0] if self._is_flat else result
        if not return_std:
            return values
        deviations = np.empty(len(rows))
        self._core.deviation(rows, deviations, threads, progress)
        return values, deviations

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the file that `ntkc predict` reads, too."""
        self._core.save(os.fspath(path))


def fit(kernel: Kernel, x: Any, y: Any, *, kind: str = "theta", ridge: float | str | Sequence[float] = 1e-6,
        select: str = "loo", relative: bool = True, center: bool = False, threads: int = 0,
        progress: Progress | None = None) -> Model:
    """Kernel ridge regression: alpha = (K + lambda I)^-1 y.

    ``relative``: the ridge is in units of the mean of the diagonal. 0 is ridgeless; where the matrix is singular, the
    solution of least norm. Of several ridges, or "auto" (1e-10 to 100), the best is taken: by the error of leaving one out
    (``select="loo"``), generalised cross-validation ("gcv") or the marginal likelihood ("evidence"); `Model.ridge` tells.
    """
    if isinstance(ridge, str):
        if ridge != "auto":
            raise ValueError(f"ridge is {ridge!r}: a number, several, or 'auto'")
        ridges = list(_core.usual_ridges())
    else:
        ridges = [float(value) for value in np.atleast_1d(np.asarray(ridge, dtype=np.float64))]
    rows = _as_rows(x, kernel.input_shape, "x")
    targets, is_flat = _targets(y, len(rows))
    core = _core.fit(kernel._core, kind, rows, targets, ridges, select, relative, center, threads, progress)
    return Model(core, is_flat)


def load(path: str | os.PathLike[str]) -> Model:
    """A model that `Model.save` or `ntkc fit` wrote."""
    core = _core.load(os.fspath(path))
    return Model(core, core.outputs == 1)


def activation(expression: str, name: str = "phi", **parameters: float) -> str:
    """The line of an .arch text that defines an activation: ``activation("z/(1+exp(-z))", "silu")``."""
    head = ", ".join(["z", *(f"{key} = {value!r}" for key, value in parameters.items())])
    return f"activation {name}({head}) = {expression}\n"
