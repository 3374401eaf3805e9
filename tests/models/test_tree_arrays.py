"""Released trees against scikit-learn to the last bit, and against shap."""

import warnings

import numpy as np
import pytest
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from models.trees import tree_arrays
from riskengine.errors import ModelError
from riskengine.kernels.calibrate import probability
from riskengine.learned.trees import contributions, prepare, raw_score_one, raw_scores

ROWS = 3_000
KINDS = [1, 6]
"""Columns of categories, not the first, to see that order is undone."""


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    """Threads that wait for each other make small fits slow."""
    with threadpool_limits(1):
        yield


def made(seed: int = 0, rows: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    """Eight features, two of them categories, one in twelve missing."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 8))
    x[:, 0] = np.exp(x[:, 0])
    x[:, 3] = np.round(x[:, 3], 1)
    x[:, 1], x[:, 6] = rng.integers(0, 9, rows), 2 * rng.integers(0, 40, rows)
    log_odds = x[:, 0] - x[:, 2] + 0.8 * np.isin(x[:, 1], [1, 4, 5]) + np.sin(x[:, 6]) - 1.5
    y = (rng.random(rows) < expit(log_odds)).astype(float)
    x[rng.random(x.shape) < 1.0 / 12.0] = np.nan
    return x, y


def odd(rows: int = 400) -> np.ndarray:
    """Rows that training never showed: infinite numbers, unseen and fractional codes."""
    rng = np.random.default_rng(9)
    x, _ = made(5, rows)
    numbers = [k for k in range(8) if k not in KINDS]
    for k in numbers:
        x[:, k] = np.where(rng.random(rows) < 0.1, rng.choice([np.inf, -np.inf], rows), x[:, k])
    for k in KINDS:
        seldom = rng.choice([-1.0, 0.5, 3.0, 77.0, 81.0, 300.0, 1e9], rows)
        x[:, k] = np.where(rng.random(rows) < 0.3, seldom, x[:, k])
    return x


def classifier(**settings) -> HistGradientBoostingClassifier:
    x, y = made()
    settings = {"max_iter": 30, "early_stopping": False, "random_state": 0, **settings}
    return HistGradientBoostingClassifier(**settings).fit(x, y)


@pytest.fixture(scope="module")
def by_code() -> HistGradientBoostingClassifier:
    return classifier(categorical_features=KINDS)


@pytest.fixture(scope="module")
def by_number() -> HistGradientBoostingClassifier:
    return classifier(max_depth=6)


@pytest.mark.parametrize("name", ["by_code", "by_number"])
def test_scores_equal_scikit_learn_to_the_last_bit(name, request) -> None:
    estimator = request.getfixturevalue(name)
    prepared = prepare(tree_arrays(estimator))
    x = np.vstack([made(1)[0], odd(), np.full((1, 8), np.nan)])
    theirs = estimator.decision_function(x)
    np.testing.assert_array_equal(raw_scores(prepared, x.T), theirs)
    ones = [raw_score_one(prepared, row) for row in np.ascontiguousarray(x[-600:])]
    np.testing.assert_array_equal(ones, theirs[-600:])


def test_codes_do_split_and_some_are_unknown(by_code) -> None:
    arrays = tree_arrays(by_code)
    assert (arrays["category_row"] >= 0).sum() > 50
    assert set(np.unique(arrays["feature"][arrays["category_row"] >= 0])) == set(KINDS)
    assert arrays["category_known"].sum(axis=1).tolist() == [0, 9, 0, 0, 0, 0, 40, 0]
    assert not arrays["category_known"][6, 1::2].any()
    assert not (
        arrays["category_left"][arrays["category_row"][arrays["feature"] == 6]][:, 1::2]
    ).any()


def test_codes_that_only_the_held_out_part_showed_score_as_there() -> None:
    """Encoded, so known, yet in no training row: they go by the sets of the splits."""
    x, y = made()
    x[:, 1] = np.where(np.arange(ROWS) < 3, 11.0 + np.arange(ROWS) % 3, x[:, 1])
    estimator = HistGradientBoostingClassifier(
        max_iter=25, early_stopping=True, validation_fraction=0.5, random_state=3,
        categorical_features=KINDS, n_iter_no_change=25,
    ).fit(x, y)  # fmt: skip
    probe = np.repeat(x[:1], 6, axis=0)
    probe[:, 1] = [11.0, 12.0, 13.0, 10.0, 14.0, np.nan]
    ours = raw_scores(prepare(tree_arrays(estimator)), probe.T)
    np.testing.assert_array_equal(ours, estimator.decision_function(probe))
    assert (ours[3:5] == ours[5]).all()


@pytest.mark.parametrize(
    "settings",
    [
        {"max_iter": 1, "max_leaf_nodes": 2}, {"max_iter": 3, "max_leaf_nodes": None, "min_samples_leaf": 1},
        {"max_iter": 150, "max_bins": 45}, {"max_iter": 5, "min_samples_leaf": ROWS},
        {"max_iter": 20, "monotonic_cst": [1, 0, -1, 0, 0, 0, 0, 0]},
    ],
)  # fmt: skip
def test_regression_trees_of_any_size(settings) -> None:
    x, y = made()
    target = y + np.nan_to_num(x[:, 0])
    estimator = HistGradientBoostingRegressor(
        early_stopping=False, random_state=0, categorical_features=KINDS, **settings
    ).fit(x, target)
    prepared = prepare(tree_arrays(estimator))
    assert (prepared.blocks is None) == (settings.get("max_leaf_nodes", 31) is None)
    probe = np.vstack([x[:500], odd()])
    np.testing.assert_array_equal(raw_scores(prepared, probe.T), estimator.predict(probe))
    if settings["max_iter"] != 3:
        base, phi = contributions(prepared, probe.T)
        np.testing.assert_allclose(base + phi.sum(axis=0), estimator.predict(probe), rtol=1e-12)


def test_probabilities_are_within_two_units_in_the_last_place(by_code) -> None:
    x = np.vstack([made(1)[0], odd()])
    raw = raw_scores(prepare(tree_arrays(by_code)), x.T)
    theirs = by_code.predict_proba(x)[:, 1]
    ours = np.array([probability(score) for score in raw])
    assert (np.abs(ours - theirs) <= 2.0 * np.spacing(theirs)).all()


@pytest.mark.parametrize("name", ["by_code", "by_number"])
def test_contributions_add_up_and_their_base_is_the_mean(name, request) -> None:
    estimator = request.getfixturevalue(name)
    arrays = tree_arrays(estimator)
    prepared = prepare(arrays)
    x = np.vstack([made(1)[0], odd()])
    base, phi = contributions(prepared, x.T)
    score = raw_scores(prepared, x.T)
    scale = abs(base) + np.abs(phi).sum(axis=0)
    assert (np.abs(base + phi.sum(axis=0) - score) <= 1e-12 * scale).all()
    trained, _ = made()
    assert base == pytest.approx(raw_scores(prepared, trained.T).mean(), rel=1e-9)


def test_contributions_agree_with_shap(by_number) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap

        x, _ = made(1, 300)
        explainer = shap.TreeExplainer(by_number)
        theirs = explainer.shap_values(x)
    base, phi = contributions(prepare(tree_arrays(by_number)), x.T)
    np.testing.assert_allclose(phi.T, theirs, atol=1e-9)
    assert base == pytest.approx(float(np.ravel(explainer.expected_value)[0]), abs=1e-9)


def test_a_monotone_feature_never_contributes_against_its_direction() -> None:
    """One feature moved alone: a monotone tree's contribution of it cannot fall."""
    estimator = classifier(monotonic_cst=[1, 0, -1, 0, 0, 0, 0, 0])
    prepared = prepare(tree_arrays(estimator))
    x = np.repeat(made(1)[0][:40], 30, axis=0)
    x[:, 0] = np.tile(np.linspace(0.0, 8.0, 30), 40)
    _, phi = contributions(prepared, x.T)
    assert (np.diff(phi[0].reshape(40, 30), axis=1) >= -1e-12).all()


def test_what_cannot_be_released_is_refused() -> None:
    x, y = made(0, 400)
    with pytest.raises(ModelError, match="two classes"):
        tree_arrays(HistGradientBoostingClassifier(max_iter=2).fit(x, np.arange(400) % 3))
    for wrong in (-1.0, 2.5):
        x[:, 1] = np.where(np.arange(400) % 5 == 0, wrong, np.arange(400) % 5)
        fitted = HistGradientBoostingClassifier(max_iter=2, categorical_features=[1]).fit(x, y)
        with pytest.raises(ModelError, match="whole number"):
            tree_arrays(fitted)
