"""Conformal shifts: exact ranks, a second opinion, cover on simulated rows by group."""

import numpy as np
import pytest
from crepes import WrapRegressor
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from models.lgd.downturn import downturn_lgd, frye_jacobs, own_downturn
from models.lgd.figures import cover_figures, point_figures, share_interval
from models.lgd.quantiles import conformal_shift, conformal_table, pinball
from riskengine.kernels.recovery_score import shifted_quantiles


@given(st.integers(1, 60), st.sampled_from([0.05, 0.1, 0.5, 0.9, 0.95]), st.integers(0, 99))
def test_the_rank_is_exact(n, level, seed) -> None:
    residuals = np.random.default_rng(seed).normal(size=n)
    rank = int(np.ceil(round((n + 1) * level, 9))) if level >= 0.5 else None
    found = conformal_shift(residuals, level)
    if level < 0.5:
        rank = int(np.floor(round((n + 1) * level, 9)))
        assert found == (np.sort(residuals)[rank - 1] if rank >= 1 else -np.inf)
    else:
        assert found == (np.sort(residuals)[rank - 1] if rank <= n else np.inf)
    assert conformal_shift(residuals, level, np.full(n, 2.5)) == found


def test_crepes_gives_the_same_half_width() -> None:
    """Two-sided absolute residuals at 90 %: crepes takes the same rank of the same scores.

    Not where (n + 1) 0.9 is whole: 1 - 0.9 is a little below 0.1, and crepes takes the next.
    """
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(400, 1)), rng.normal(size=400)
    model = WrapRegressor(LinearRegression())
    model.fit(x[:200], y[:200])
    model.calibrate(x[200:394], y[200:394])
    low, high = model.predict_int(x[399:], confidence=0.9)[0]
    scores = np.abs(y[200:394] - model.predict(x[200:394]))
    assert 0.5 * (high - low) == pytest.approx(conformal_shift(scores, 0.9), rel=1e-12)


def test_cover_holds_for_each_group_and_each_tail() -> None:
    """Mean cover over repetitions against the nominal one, three standard errors wide."""
    rng = np.random.default_rng(1)
    levels = np.array([0.05, 0.5, 0.95])
    below = np.zeros((2, 3))
    rounds, calibration, fresh = 60, 800, 2000
    for _ in range(rounds):
        group = rng.integers(0, 2, calibration + fresh).astype(float)
        y = np.where(group == 0, rng.beta(2, 2, group.size), rng.beta(1, 6, group.size))
        raw = np.tile(np.full(group.size, 0.5), (3, 1))
        past = slice(0, calibration)
        shifts = conformal_table(y[past], raw[:, past], levels, group[past], 2)
        out = raw[:, calibration:].copy()
        shifted_quantiles(out, group[calibration:], shifts, 0.0, 1.0)
        for g in (0, 1):
            rows = group[calibration:] == g
            below[g] += (y[calibration:][rows] <= out[:, rows]).mean(axis=1) / rounds
    error = 3 * np.sqrt(levels * (1 - levels) * (2 / calibration + 2 / fresh) / rounds)
    assert (np.abs(below - levels) <= error + 1 / (calibration / 2)).all()


def test_small_groups_share_and_too_few_rows_say_so() -> None:
    y, raw = np.linspace(0, 1, 50), np.full((3, 50), 0.5)
    levels = np.array([0.01, 0.5, 0.99])
    shifts = conformal_table(y, raw, levels, np.zeros(50), 2)
    assert (shifts == shifts[-1]).all()
    assert shifts[0, 0] == -np.inf and shifts[0, 2] == np.inf
    out = np.full((3, 2), 0.5)
    shifted_quantiles(out, np.array([0.0, np.nan]), shifts, 0.0, 1.0)
    assert out[0].tolist() == [0.0, 0.0] and out[2].tolist() == [1.0, 1.0]


@given(st.lists(st.floats(-1, 2), min_size=6, max_size=6), st.integers(0, 9))
def test_quantiles_never_cross_and_never_lose_cover(values, seed) -> None:
    rng = np.random.default_rng(seed)
    raw = np.array(values).reshape(3, 2)
    shifts = rng.normal(0, 0.3, (2, 3))
    out = raw.copy()
    shifted_quantiles(out, np.array([0.0, np.nan]), shifts, 0.0, 1.0)
    plain = np.clip(raw + np.column_stack([shifts[0], shifts[1]]), 0.0, 1.0)
    np.testing.assert_array_equal(out, np.sort(plain, axis=0))
    assert (out[0] <= plain[0]).all() and (out[2] >= plain[2]).all()


def test_the_median_has_the_smallest_absolute_error_and_the_mean_the_squared() -> None:
    y = np.random.default_rng(2).beta(0.5, 2.0, 20_000)
    off = {c: pinball(y, np.full(y.size, c), 0.5) for c in (np.median(y), y.mean())}
    assert off[np.median(y)] < off[y.mean()]
    rmse = {c: point_figures(y, np.full(y.size, c), y, np.ones(y.size))["rmse"] for c in off}
    assert rmse[y.mean()] < rmse[np.median(y)]


def test_figures_of_cover() -> None:
    y = np.array([0.0, 0.5, 1.0, 0.2])
    quantiles = np.array([[0.1] * 4, [0.5] * 4, [0.9] * 4])
    found = cover_figures(y, quantiles, np.array([0.05, 0.5, 0.95]), np.ones(4))
    assert (found["cover"], found["below"], found["above"]) == (0.5, 0.25, 0.25)
    low, high = share_interval(0, 10)
    assert low == 0.0 and high == pytest.approx(1 - 0.025**0.1, rel=1e-12)


def test_downturn_of_the_notes() -> None:
    """LGD-DT-01 and LGD-FJ-01."""
    found = downturn_lgd(np.array([0.1, 0.4, 0.45]))
    np.testing.assert_allclose(found, [0.172, 0.448, 0.494], rtol=0, atol=1e-12)
    assert frye_jacobs(0.05, 0.08, 0.4, 0.2)[0] == pytest.approx(0.319739687195, abs=1e-10)


def test_frye_jacobs_keeps_the_expected_loss() -> None:
    """Second route: the mean over states of default rate times loss is PD times LGD."""
    from scipy.stats import norm

    pd, lgd, rho = 0.03, 0.35, 0.12
    z, weight = np.polynomial.hermite_e.hermegauss(80)
    rate = norm.cdf((norm.ppf(pd) - np.sqrt(rho) * z) / np.sqrt(1 - rho))
    loss = rate * frye_jacobs(rate, pd, lgd, rho)
    assert weight @ loss / weight.sum() == pytest.approx(pd * lgd, rel=1e-9)


def test_own_downturn_takes_the_worst_years() -> None:
    rng = np.random.default_rng(3)
    year = np.repeat(np.arange(2000, 2010), 200)
    mean = np.where(np.isin(year, (2008, 2009)), 0.7, 0.5)
    y = np.clip(rng.normal(mean, 0.1), 0, 1)
    found = own_downturn(y, year, percentile=0.9)
    assert found.method == "own" and set(found.worst_years) <= {2008, 2009}
    raised = downturn_lgd(np.array([found.mean]), found.floor)[0]
    assert raised == pytest.approx(found.bad, rel=1e-12)
    assert found.bad_error < 0.01
    assert own_downturn(y, year, percentile=0.0).floor == pytest.approx(0.0, abs=1e-12)
    few = own_downturn(y[:600], year[:600])
    assert few.method == "fallback" and few.floor == 0.08
    assert own_downturn(np.ones(2000), year).floor == 0.0
