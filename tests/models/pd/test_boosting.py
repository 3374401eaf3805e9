"""The challenger: directions hold, bytes are the same on any number of threads."""

import hashlib

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from models.pd import (
    BoostingSettings,
    boosting_settings,
    calibrate_central_tendency,
    calibrate_platt,
    fit_boosting,
    fit_scorecard,
)
from riskengine.errors import ModelError
from riskengine.learned.features import Feature

FEATURES = (
    Feature("a", direction=1), Feature("b", direction=-1), Feature("c"),
    Feature("d", "category", codes=("x", "y", "z", "never")),
)  # fmt: skip
QUICK = BoostingSettings(iterations=12, leaf_rows=10)


def sample(n: int = 3000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(8)
    x = generator.normal(size=(4, n))
    x[3] = generator.choice(3, n)
    x[0, :200] = np.nan
    odds = np.nan_to_num(x[0]) - 0.7 * x[1] + np.sin(2 * x[2]) + (x[3] == 1) - 1.5
    y = (generator.random(n) < 1 / (1 + np.exp(-odds))).astype(float)
    return x, y, generator.uniform(0.5, 2.0, n)


def digest() -> str:
    """SHA-256 of trees, of a card's arrays and of a calibration; sums long enough for threads."""
    x, y, weight = sample(12_000)
    trees = fit_boosting(x, y, weight, FEATURES, QUICK).estimator._predictors
    card = fit_scorecard(x, y, weight, FEATURES)
    raw = card.raw(x[card.rows])
    line = calibrate_central_tendency(calibrate_platt(raw, y, weight), raw, weight, 0.04)
    arrays = [tree.nodes for (tree,) in trees] + [*card.arrays().values(), *line.arrays().values()]
    return hashlib.sha256(b"".join(held.tobytes() for held in arrays)).hexdigest()


def test_declared_directions_hold_everywhere() -> None:
    x, y, weight = sample()
    model = fit_boosting(x, y, weight, FEATURES, QUICK)
    for k, direction in ((0, 1), (1, -1)):
        base = np.repeat(x[:, 200:260], 25, axis=1)
        base[k] = np.tile(np.linspace(-3, 3, 25), 60)
        curves = model.raw(base).reshape(60, 25)
        assert (direction * np.diff(curves, axis=1) >= 0.0).all()
    assert model.trees == 12


def test_releases_are_byte_equal_on_one_and_two_threads() -> None:
    found = set()
    for count in (1, 2):
        with threadpool_limits(count):
            found.add(digest())
    assert len(found) == 1


def test_scale_of_weights_is_of_no_account() -> None:
    x, y, weight = sample(1200)
    a = fit_boosting(x, y, weight, FEATURES, QUICK).raw(x)
    b = fit_boosting(x, y, 512.0 * weight, FEATURES, QUICK).raw(x)
    np.testing.assert_array_equal(a, b)


def test_it_stops_early_only_on_rows_that_are_handed_in() -> None:
    x, y, weight = sample(3000)
    many = BoostingSettings(iterations=100, learning_rate=0.4, patience=5)
    part = (x[:, 2000:], y[2000:], weight[2000:])
    stopped = fit_boosting(x[:, :2000], y[:2000], None, FEATURES, many, part)
    assert stopped.trees < 100
    assert fit_boosting(x, y, None, FEATURES, QUICK).trees == 12


def test_never_seen_code_goes_the_way_of_missing() -> None:
    x, y, _ = sample(1500)
    model = fit_boosting(x, y, None, FEATURES, QUICK)
    row = x[:, 300:301].copy()
    row[3] = 3.0
    missing = row.copy()
    missing[3] = np.nan
    assert model.raw(row)[0] == model.raw(missing)[0]


def test_bad_input_is_refused() -> None:
    x, y, _ = sample(300)
    empty = x.copy()
    empty[2] = np.nan
    turned = (*FEATURES[:3], Feature("d", "category", direction=1, codes=("x", "y", "z")))
    for cells, outcomes, features, match in (
        (empty, y, FEATURES, "missing in every row"), (x, y, turned, "no direction"),
        (x, np.ones(300), FEATURES, "one class"), (x[:3], y, FEATURES, "feature matrix"),
    ):  # fmt: skip
        with pytest.raises(ModelError, match=match):
            fit_boosting(cells, outcomes, None, features, QUICK)
    with pytest.raises(ModelError, match="one class"):
        fit_boosting(x, y, None, FEATURES, QUICK, (x, np.zeros(300), None))
    with pytest.raises(ModelError, match="unknown"):
        boosting_settings({"trees": 5})
