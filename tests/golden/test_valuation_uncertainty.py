"""Sourced figures on haircuts, disposal, weights, credibility and yields against the kernels."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from riskengine.kernels.beta import beta_parameters, beta_quantile, expected_shortfall_below
from riskengine.kernels.credibility import structure_parameters
from riskengine.kernels.disposal import auction_floor, default_recovery
from riskengine.kernels.haircut import value_at_risk, volatility_haircut
from riskengine.kernels.weights import (
    generalised_weights,
    inverse_variance_weights,
    least_variance_weights,
    weighted_mean,
)
from tests.golden.oracle import hold, load

CASES = load("valuation_uncertainty.toml")
Answer = dict[str, Any]


def at_risk(**inputs) -> Answer:
    return {"value": value_at_risk(*inputs.values())}


def inverse_variance(*, values, variances) -> Answer:
    weights = np.empty(len(values))
    inverse_variance_weights(np.array(variances), weights)
    return {"value": weighted_mean(np.array(values), weights)}


def three_approaches(*, values, weights) -> Answer:
    found = np.array(values)
    return {
        "mean": weighted_mean(found, np.ones(len(values))),
        "weighted": weighted_mean(found, np.array(weights)),
    }


def workout(**inputs) -> Answer:
    recovery, lgd = default_recovery(*inputs.values())
    return {"recovery": recovery, "lgd": lgd}


def floors(*, appraised, first, cut) -> Answer:
    return {
        "first": auction_floor(appraised, first, cut, 0.0),
        "second": auction_floor(appraised, first, cut, 1.0),
    }


def structure(*, ratios, weights=None) -> Answer:
    values = np.array(ratios, dtype=float)
    groups, periods = values.shape
    weights = np.ones(values.size) if weights is None else np.array(weights, dtype=float).ravel()
    starts = np.arange(groups + 1) * periods
    volumes, means, factors = np.empty((3, groups))
    collective, within, between = structure_parameters(
        values.ravel(), weights, starts, volumes, means, factors
    )
    return {
        "collective": collective, "within": within, "between": between,
        "factors": factors.tolist(),
    }  # fmt: skip


def haircuts(*, volatility, years, quantiles) -> Answer:
    pairs = list(zip(volatility, years, strict=True))
    columns = [[volatility_haircut(0.0, s, t, z, 0.0) for s, t in pairs] for z in quantiles]
    return dict(zip(("at_95", "at_99"), columns, strict=True))


def yields(*, mean, deviation, guarantee) -> Answer:
    a, b = beta_parameters(mean, deviation)
    low, shortfall = beta_quantile(0.05, a, b), expected_shortfall_below(guarantee, a, b)
    return {"a": a, "b": b, "low": low, "shortfall": shortfall}


def correlated(*, values, errors, correlation) -> Answer:
    covariance = np.outer(errors, errors) * np.array([[1.0, correlation], [correlation, 1.0]])
    weights, floored = np.empty((2, 2))
    generalised_weights(covariance, weights)
    least_variance_weights(covariance, floored)
    value = float(weights @ values)
    return {"weights": weights.tolist(), "value": value, "floored": floored.tolist()}


METHODS: dict[str, Callable[..., Answer]] = {
    "UN-02": at_risk,
    "UN-03": inverse_variance,
    "UN-04": three_approaches,
    "UN-05": workout,
    "UN-06": floors,
    "UN-07": structure,
    "HACHEMEISTER-WEIGHTED": structure,
    "HAIRCUTS": haircuts,
    "YIELD-BETA": yields,
    "TWO-CORRELATED": correlated,
}


@pytest.mark.parametrize("case", CASES)
def test_worked_example(case: str) -> None:
    hold(CASES[case], METHODS[case](**CASES[case]["inputs"]))


def test_every_method_has_its_case() -> None:
    assert set(METHODS) == set(CASES)
