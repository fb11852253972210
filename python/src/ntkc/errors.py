"""What ntkc raises. Every message names the place, the cause and a way to fix it."""

from __future__ import annotations

from typing import Any


class Error(Exception):
    """What all of them are."""


class CompileError(Error, ValueError):
    """The text of a network is wrong.

    ``diagnostics``: a dict for each error and warning, with ``kind``, ``is_error``, ``file``, ``line``, ``column``
    (counted from 1), ``message`` and ``help``.
    """

    def __init__(self, message: str, diagnostics: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.diagnostics: list[dict[str, Any]] = diagnostics or []


class InputError(Error, ValueError):
    """The data are wrong: a shape that does not fit, NaN, a file that cannot be read."""


class NumericalError(Error, ArithmeticError):
    """The arithmetic failed: a matrix that is not positive definite, a result that is not finite."""


class Cancelled(Error):
    """The progress callback returned False."""


class CompileWarning(UserWarning):
    """What `ntkc check` warns of."""
