"""scikit-learn estimators: kernel ridge regression with the kernel of an infinitely wide network."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from . import Kernel, compile, fit

#: Three hidden ReLU layers, whose biases are small.
DEFAULT_NETWORK = """network mlp
input x : vector(*)
h = x |> dense(W_std = sqrt(2), b_std = 0.1)
repeat 3 { h = h |> relu |> dense(W_std = sqrt(2), b_std = 0.1) }
output h
"""


class _NTKEstimator(BaseEstimator):
    """What both estimators are made of.

    network: an .arch text, or a path; its input is `vector(*)` or as many numbers as there are features. None: three hidden
    ReLU layers. kernel: "theta" or "sigma". ridge: lambda, in units of the mean of the kernel's diagonal. parameters: of the
    network, {"depth": 5}. precision: "f64" or "f32". threads: 0 is one for each CPU.
    """

    def __init__(self, network: str | os.PathLike[str] | None = None, *, kernel: str = "theta", ridge: float = 1e-3,
                 parameters: dict[str, Any] | None = None, precision: str = "f64", threads: int = 0) -> None:
        self.network = network
        self.kernel = kernel
        self.ridge = ridge
        self.parameters = parameters
        self.precision = precision
        self.threads = threads

    def _compiled(self, X: Any) -> Kernel:
        return compile(DEFAULT_NETWORK if self.network is None else self.network, precision=self.precision, serve=X,
                       **(self.parameters or {}))

    def _fit(self, X: Any, targets: Any) -> None:
        self.kernel_ = self._compiled(X)
        self.X_fit_ = X
        self.model_ = fit(self.kernel_, X, targets, kind=self.kernel, ridge=self.ridge, center=True,
                          threads=self.threads)

    def _outputs(self, X: Any, return_std: bool = False) -> Any:
        check_is_fitted(self, "X_fit_")
        X = validate_data(self, X, reset=False, dtype=np.float64)
        if "model_" not in self.__dict__:
            # A pickle holds what the model was fitted to: machine code and coefficients belong to a process.
            self._fit(self.X_fit_, self.targets_)
        return self.model_.predict(X, return_std=return_std, threads=self.threads)

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        state.pop("model_", None)
        return state


class NTKRegressor(RegressorMixin, _NTKEstimator):
    """Kernel ridge regression; the mean of the targets is subtracted, and predictions get it back."""

    def fit(self, X: Any, y: Any) -> NTKRegressor:
        """X: n x features; y: n or n x outputs."""
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        self.targets_ = np.asarray(y, dtype=np.float64)
        self._fit(X, self.targets_)
        return self

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """n, or n x outputs as the targets were; with ``return_std`` a pair, the second their standard deviations, n."""
        return self._outputs(X, return_std)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


class NTKClassifier(ClassifierMixin, _NTKEstimator):
    """Regression to 1 for the class of a sample and 0 for the others; the largest output is predicted."""

    def fit(self, X: Any, y: Any) -> NTKClassifier:
        """X: n x features; y: n labels."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"there is one class only, {self.classes_[0]!r}: nothing to tell apart")
        self.targets_ = np.eye(len(self.classes_))[numbers]
        self._fit(X, self.targets_)
        return self

    def decision_function(self, X: Any) -> Any:
        """The outputs, n x classes; of two classes the difference, n."""
        outputs = self._outputs(X)
        return outputs[:, 1] - outputs[:, 0] if len(self.classes_) == 2 else outputs

    def predict(self, X: Any) -> Any:
        """Labels."""
        outputs = self._outputs(X)
        return self.classes_[np.argmax(outputs, axis=1)]
