"""Merton's firm: published cases, the equations put back, scipy's solver, limits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from riskengine.kernels.merton import distance_to_default, merton_assets, merton_rows

CASES = [
    (26406000.0, 0.7103, 40000000.0, 0.05, 0.0306, 1.0),
    (26817000.0, 0.3929, 35000000.0, 0.05, 0.03, 1.0),
]


def test_published_firms() -> None:
    """PD-MERTON-01 and PD-MERTON-02."""
    out, status = np.empty((4, 2)), np.empty(2, dtype=np.int64)
    merton_rows(np.array(CASES).T.copy(), out, status)
    assert status.tolist() == [0, 0]
    assert out[:, 0] == pytest.approx((64209834.0, 0.30096715, 1.5237088, 0.0637907), rel=1e-5)
    assert out[:, 1] == pytest.approx((60109268.0, 0.17533527, 3.1679009, 0.000767719), rel=1e-5)


def equity_of(
    assets: float, swing: float, debt: float, force: float, years: float
) -> tuple[float, float]:
    """Equity and its volatility from the assets, as in any textbook."""
    s = swing * math.sqrt(years)
    d1 = (math.log(assets / debt) + force * years) / s + 0.5 * s
    equity = assets * stats.norm.cdf(d1) - debt * math.exp(-force * years) * stats.norm.cdf(d1 - s)
    return float(equity), float(stats.norm.cdf(d1) * swing * assets / equity)


@given(st.floats(0.9, 20.0), st.floats(0.05, 0.8), st.floats(-0.02, 0.1), st.floats(0.5, 3.0))
@settings(max_examples=60)
def test_assets_come_back(cover: float, swing: float, force: float, years: float) -> None:
    equity, equity_swing = equity_of(cover, swing, 1.0, force, years)
    if equity < 1e-4:
        return
    found = merton_assets(equity, equity_swing, 1.0, force, years)
    assert found == pytest.approx((cover, swing), rel=1e-7)


def test_solver_of_scipy() -> None:
    equity, swing, debt, force, _, years = CASES[0]

    def misfit(logs: np.ndarray) -> list[float]:
        one, other = equity_of(math.exp(logs[0]), math.exp(logs[1]), 1.0, force, years)
        return [one / (equity / debt) - 1.0, other / swing - 1.0]

    solved = optimize.root(misfit, [math.log(1.5), math.log(0.3)], tol=1e-13)
    found = merton_assets(equity, swing, debt, force, years)
    assert found == pytest.approx((debt * math.exp(solved.x[0]), math.exp(solved.x[1])), rel=1e-9)


def test_limits_and_bad_rows() -> None:
    assert merton_assets(10.0, 0.4, 0.0, 0.05, 1.0) == (10.0, 0.4)
    assert distance_to_default(10.0, 0.4, 0.0, 0.05, 1.0) == math.inf
    assert math.isnan(merton_assets(-1.0, 0.4, 1.0, 0.05, 1.0)[0])
    small = merton_assets(100.0, 0.3, 1e-9, 0.05, 1.0)
    assert small == pytest.approx((100.0, 0.3), rel=1e-9)
    x = np.array([CASES[0]] * 6).T.copy()
    x[2, 0], x[0, 1], x[1, 2], x[5, 3], x[2, 4], x[0, 5] = 0.0, math.nan, 0.0, -1.0, math.inf, 0.0
    out, status = np.empty((4, 6)), np.empty(6, dtype=np.int64)
    merton_rows(x, out, status)
    assert status.tolist() == [0, 1, 2, 2, 2, 2]
    assert out[3, 0] == 0.0 and np.isnan(out[:, 1:]).all()
