"""Calibrations against published values, scikit-learn and their own properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import roc_auc_score

from models.pd import (
    Calibration,
    calibrate_central_tendency,
    calibrate_isotonic,
    calibrate_platt,
    calibrate_prior,
    calibrate_quasi_moments,
    central_tendency_shift,
    fit_logistic,
    implied_accuracy_ratio,
    isotonic,
    long_run_rate,
    pool_adjacent,
    prior_shift,
    quasi_moments,
)
from riskengine.errors import ModelError


def scored(n: int = 4000, seed: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    raw = generator.normal(-2.0, 1.3, n)
    y = (generator.random(n) < expit(0.4 + 0.7 * raw)).astype(float)
    return raw, y, generator.uniform(0.5, 2.0, n)


# Platt


def test_platt_is_the_maximum_of_the_smoothed_likelihood() -> None:
    raw, y, weight = scored()
    found = calibrate_platt(raw, y, weight)
    bads, goods = weight @ y, weight @ (1 - y)
    target = np.where(y > 0, (bads + 1) / (bads + 2), 1 / (goods + 2))

    def loss(ab: np.ndarray) -> float:
        eta = ab[0] + ab[1] * raw
        return float(weight @ (np.logaddexp(0, eta) - target * eta))

    peer = minimize(loss, [0.0, 1.0], method="BFGS", options={"gtol": 1e-7})
    np.testing.assert_allclose([found.shift, found.slope], peer.x, atol=2e-5)
    assert loss(np.array([found.shift, found.slope])) <= peer.fun + 1e-9


def test_platt_without_smoothing_is_the_regression_and_nears_it_in_large_samples() -> None:
    raw, y, _ = scored()
    found, plain = calibrate_platt(raw, y), fit_logistic([raw], y)
    assert found.slope == pytest.approx(plain.coefficients[0], rel=0.01)
    assert found.slope < plain.coefficients[0]  # smoothed targets shrink
    # Points are as good a scale as log odds.
    points = calibrate_platt(500.0 + 28.85 * raw, y)
    np.testing.assert_allclose(points.pd(500.0 + 28.85 * raw), found.pd(raw), rtol=1e-9)


def test_scores_that_run_the_wrong_way_are_refused() -> None:
    raw, y, _ = scored()
    for scores in (-raw, np.zeros(raw.size)):
        with pytest.raises(ModelError, match="wrong way"):
            calibrate_platt(scores, y)
    with pytest.raises(ModelError, match="missing or infinite"):
        calibrate_platt(np.where(raw > 0, np.nan, raw), y)


# Isotonic


def test_published_weighted_pools() -> None:
    """PD-ISO-01."""
    fitted, _ = pool_adjacent([0.02, 0.05, 0.03, 0.04, 0.1], [100, 50, 100, 50, 20])
    expected = [0.02, 0.0366666666667, 0.0366666666667, 0.04, 0.1]
    np.testing.assert_allclose(fitted, expected, rtol=0, atol=1e-12)


@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.floats(0, 1), st.floats(0.1, 9)), min_size=1, max_size=30
    )
)
def test_scikit_learn_pools_the_same_with_ties(rows: list[tuple[int, float, float]]) -> None:
    x, y, w = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    distinct, mass, fitted, _ = isotonic(x, y, w)
    peer = IsotonicRegression().fit(x, y, sample_weight=w)
    np.testing.assert_allclose(fitted, peer.predict(distinct), rtol=0, atol=1e-12)
    assert mass @ fitted == pytest.approx(w @ y, rel=1e-12, abs=1e-12)
    assert (np.diff(fitted) >= 0).all()


def test_isotonic_table_rises_keeps_the_rate_and_never_says_never() -> None:
    raw, y, weight = scored()
    found = calibrate_isotonic(raw, y, weight)
    assert (np.diff(found.x) > 0).all() and (np.diff(found.y) >= 0).all()
    pd = found.pd(raw)
    assert pd.min() > 0 and pd.max() < 1
    assert weight @ pd / weight.sum() == pytest.approx(weight @ y / weight.sum(), rel=5e-3)
    assert (found.pd([-99.0, 99.0]) == found.pd([raw.min(), raw.max()])).all()


def test_calibration_is_what_a_release_holds() -> None:
    raw, y, _ = scored(500)
    line, table = calibrate_platt(raw, y), calibrate_isotonic(raw, y)
    a = line.arrays()
    np.testing.assert_array_equal(
        line.pd(raw), expit(a["calibration"][0] + a["calibration"][1] * raw)
    )
    assert set(a) == {"calibration"}
    b = table.arrays()
    slow = []
    for r in raw:
        k = np.searchsorted(b["calibration_x"], r)
        if k == 0 or k == b["calibration_x"].size:
            slow.append(b["calibration_y"][min(k, b["calibration_x"].size - 1)])
            continue
        x0, x1 = b["calibration_x"][k - 1 : k + 1]
        y0, y1 = b["calibration_y"][k - 1 : k + 1]
        slow.append(y0 + (r - x0) / (x1 - x0) * (y1 - y0))
    np.testing.assert_allclose(table.logit(raw), slow, rtol=1e-12)


# Prior shift and central tendency


def test_published_prior_shift() -> None:
    """PD-PRIOR-01."""
    found = expit(logit([0.1, 0.3, 0.5, 0.7, 0.9]) + prior_shift(0.5, 0.03))
    expected = [0.00342465753425, 0.0130813953488, 0.03, 0.0673076923077, 0.217741935484]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_prior_shift_recovers_the_population_of_a_stratified_sample() -> None:
    """All bads kept, a fifth of the goods: the same as weighting the goods by five."""
    raw, y, _ = scored(20000)
    kept = (y > 0) | (np.arange(y.size) % 5 == 0)
    rate, sample_rate = y.mean(), y[kept].mean()
    cut = calibrate_prior(calibrate_platt(raw[kept], y[kept]), sample_rate, rate)
    whole = calibrate_platt(raw, y)
    np.testing.assert_allclose(cut.pd(raw).mean(), rate, rtol=0.02)
    np.testing.assert_allclose(cut.slope, whole.slope, rtol=0.05)
    there_and_back = calibrate_prior(calibrate_prior(whole, 0.2, 0.03), 0.03, 0.2)
    np.testing.assert_allclose(there_and_back.pd(raw), whole.pd(raw), rtol=1e-12)


def test_published_central_tendency() -> None:
    """PD-CT-01."""
    pd, weight = [0.01, 0.02, 0.05, 0.1, 0.2], [0.3, 0.3, 0.2, 0.15, 0.05]
    shift, steps = central_tendency_shift(pd, weight, 0.04)
    assert shift == pytest.approx(-0.1047798333, abs=1e-9) and steps <= 6
    expected = [0.009014194731, 0.01804635936, 0.04525121156, 0.09095709259, 0.1837605515]
    np.testing.assert_allclose(expit(logit(pd) + shift), expected, rtol=0, atol=1e-9)


@given(
    st.lists(st.floats(-14, 6), min_size=1, max_size=20),
    st.floats(1e-6, 0.999),
)
def test_shift_meets_its_target_in_few_steps(odds: list[float], wanted: float) -> None:
    p = expit(np.array(odds))
    shift, steps = central_tendency_shift(p, None, wanted)
    assert expit(logit(p) + shift).mean() == pytest.approx(wanted, rel=1e-11)
    assert steps <= 12
    slow = brentq(lambda a: expit(logit(p) + a).mean() - wanted, -60, 60, xtol=1e-13)
    assert shift == pytest.approx(slow, abs=1e-8 / min(wanted, 1 - wanted))


def test_central_tendency_moves_the_level_and_keeps_the_order() -> None:
    raw, y, weight = scored()
    for start in (calibrate_platt(raw, y), calibrate_isotonic(raw, y), Calibration()):
        moved = calibrate_central_tendency(start, raw, weight, 0.05)
        assert weight @ moved.pd(raw) / weight.sum() == pytest.approx(0.05, rel=1e-12)
        assert roc_auc_score(y, moved.pd(raw)) == pytest.approx(
            roc_auc_score(y, start.pd(raw)), abs=1e-12
        )
    assert moved.method == "ct" and start.method == "none"


def test_scaling_by_a_factor_is_no_calibration() -> None:
    """PD times k leaves [0, 1] where the shift of log odds cannot."""
    pd = np.array([0.02, 0.6])
    assert (pd * (0.6 / pd.mean())).max() > 1.0
    assert expit(logit(pd) + central_tendency_shift(pd, None, 0.6)[0]).max() < 1.0


def test_long_run_rate_is_not_the_pooled_rate() -> None:
    defaults, cases = [2, 40, 3], [100, 200, 1000]
    assert long_run_rate(defaults, cases) == pytest.approx((0.02 + 0.2 + 0.003) / 3)
    assert long_run_rate(defaults, cases) > 2 * sum(defaults) / sum(cases)
    with pytest.raises(ModelError):
        long_run_rate([2], [1])


# Quasi moments


def test_published_accuracy_ratio() -> None:
    """PD-AR-01; the source lists grades from worst to best."""
    pd, n = [0.2, 0.1, 0.005, 0.001, 0.001][::-1], [100, 200, 200, 200, 100][::-1]
    assert implied_accuracy_ratio(pd, n) == pytest.approx(0.69731868996, abs=1e-10)
    assert np.dot(pd, n) / sum(n) == pytest.approx(0.051625, abs=1e-15)


def test_accuracy_ratio_is_the_gini_of_expected_outcomes() -> None:
    pd, n = np.array([0.01, 0.04, 0.03, 0.2]), np.array([50, 30, 40, 10])
    grade = np.repeat(np.arange(4), 2)
    outcome = np.tile([0, 1], 4)
    weight = np.column_stack([n * (1 - pd), n * pd]).ravel()
    gini = 2 * roc_auc_score(outcome, grade, sample_weight=weight) - 1
    assert implied_accuracy_ratio(pd, n) == pytest.approx(gini, abs=1e-12)


def test_quasi_moments_meet_both_targets() -> None:
    n = [100, 200, 200, 200, 100]
    pd, alpha, beta = quasi_moments(n, 0.03, 0.6)
    assert np.dot(pd, n) / sum(n) == pytest.approx(0.03, rel=1e-12)
    assert implied_accuracy_ratio(pd, n) == pytest.approx(0.6, abs=1e-11)
    assert (np.diff(pd) > 0).all() and beta > 0
    middle = (np.cumsum(n) - 0.5 * np.array(n)) / sum(n)
    np.testing.assert_allclose(pd, expit(alpha + beta * norm.ppf(middle)), rtol=1e-12)
    with pytest.raises(ModelError, match="cannot reach"):
        quasi_moments([1000, 1], 0.2, 0.9)


def test_quasi_moments_over_scores() -> None:
    raw, _, weight = scored()
    found = calibrate_quasi_moments(raw, weight, 0.02, 0.5)
    pd = found.pd(raw)
    order = np.argsort(raw)
    assert weight @ pd / weight.sum() == pytest.approx(0.02, rel=1e-12)
    assert implied_accuracy_ratio(pd[order], weight[order]) == pytest.approx(0.5, abs=2e-3)
