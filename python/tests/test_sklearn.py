"""The estimators in scikit-learn's own hands."""

import pickle

import numpy as np
import pytest

pytest.importorskip("sklearn")
from sklearn.datasets import load_diabetes, load_iris
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import ntkc
from ntkc.sklearn import DEFAULT_NETWORK, NTKClassifier, NTKRegressor


@parametrize_with_checks([NTKRegressor(), NTKClassifier()])
def test_estimators(estimator, check):
    check(estimator)


def test_iris_and_diabetes():
    x, y = load_iris(return_X_y=True)
    assert cross_val_score(make_pipeline(StandardScaler(), NTKClassifier()), x, y, cv=5).mean() > 0.94
    x, y = load_diabetes(return_X_y=True)
    search = GridSearchCV(make_pipeline(StandardScaler(), NTKRegressor()), {"ntkregressor__ridge": [0.01, 0.1, 1]}, cv=3)
    assert search.fit(x, y).best_score_ > 0.4


def test_as_kernel_ridge():
    x, y = load_diabetes(return_X_y=True)
    x = StandardScaler().fit_transform(x)
    ours = NTKRegressor(ridge=0.1).fit(x, y)
    theta = ntkc.compile(DEFAULT_NETWORK, serve=x).theta(x)
    alpha = 0.1 * np.trace(theta) / len(theta)
    theirs = KernelRidge(alpha=alpha, kernel="precomputed").fit(theta, y - y.mean())
    assert np.allclose(ours.predict(x), theirs.predict(theta) + y.mean(), rtol=1e-9)


def test_pickles_and_networks_of_ones_own():
    x, y = load_iris(return_X_y=True)
    text = "network own(depth = 1)\ninput x : vector(4)\nh = x |> dense\nrepeat depth { h = h |> tanh |> dense }\noutput h\n"
    fitted = NTKClassifier(text, parameters={"depth": 2}, kernel="sigma").fit(x, y)
    again = pickle.loads(pickle.dumps(fitted))
    assert (again.predict(x) == fitted.predict(x)).all()
    assert fitted.decision_function(x).shape == (150, 3)
