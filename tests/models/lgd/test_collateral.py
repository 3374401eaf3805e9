"""The error of a value carried into the loss: oracles, simulation, and what must be monotone."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.credit.collateral_recovery import blended, lgd_with_collateral, log_error
from riskengine.credit.rows import CreditError
from riskengine.kernels.collateral_loss import collateral_loss_cdf

ONE = ([2.0], [1.0])


def test_the_shortfall_of_the_notes() -> None:
    """LGD-PUT-01: without error of the value the economic loss is the put's."""
    found = lgd_with_collateral(100.0, 120.0, 0.0, 0.2, 0.0, 0.04, *ONE, volatility=0.25)
    assert found.mean[0] == pytest.approx(0.223119881097, rel=1e-9)


def test_error_of_the_value_adds_to_the_variance() -> None:
    together = math.sqrt(2 * 0.25**2)
    split = lgd_with_collateral(100, 120, together, 0.2, 0.0, 0.04, *ONE)
    whole = lgd_with_collateral(100, 120, 0.0, 0.2, 0.0, 0.04, *ONE, volatility=0.25)
    assert split.mean[0] == pytest.approx(whole.mean[0], rel=1e-12)


def test_mean_and_quantiles_against_simulation() -> None:
    rng = np.random.default_rng(7)
    n, times, weights = 400_000, np.array([0.5, 1.5, 3.0]), np.array([0.3, 0.5, 0.2])
    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    found = lgd_with_collateral(
        100, 130, 0.3, 0.1, 0.05, 0.06, times, weights, drift=0.01, volatility=0.15,
        enforceable=0.9, levels=levels,
    )  # fmt: skip
    t = rng.choice(times, n, p=weights)
    s = np.hypot(0.15 * np.sqrt(t), 0.3)
    sold = 130 * 0.9 * 0.95 * np.exp(0.01 * t - s**2 / 2 + s * rng.normal(size=n))
    sold *= rng.random(n) < 0.9
    loss = 1 - np.exp(-0.06 * t) * np.minimum(sold, 100) / 100
    assert found.mean[0] == pytest.approx(loss.mean(), abs=3 * loss.std() / np.sqrt(n))
    for level, q in zip(levels, found.quantiles[:, 0], strict=True):
        error = 3 * np.sqrt(level * (1 - level) / n)
        assert np.mean(loss < q - 1e-9) - error <= level <= np.mean(loss <= q + 1e-9) + error


def test_mean_is_the_integral_of_the_distribution() -> None:
    """E[L] = integral of 1 - F over [0, 1]: the closed form against the quantile's kernel."""
    times, weights = np.array([0.5, 1.0, 2.5]), np.array([0.3, 0.5, 0.2])
    args = (100.0, 110.0, 0.15, 0.0, 0.2, 0.25, 0.05)
    nodes, w = np.polynomial.legendre.leggauss(60)
    ends = [0.0, *(-np.expm1(-0.05 * times)), 1.0]  # the distribution jumps where a wait is paid
    total = 0.0
    for low, high in pairwise(ends):
        at = low + 0.5 * (high - low) * (nodes + 1)
        cdf = [collateral_loss_cdf(one, *args, times, weights) for one in at]
        total += 0.5 * (high - low) * (w @ (1 - np.array(cdf)))
    mean = lgd_with_collateral(
        100, 110, 0.25, 0.15, 0.0, 0.05, times, weights, volatility=0.2
    ).mean[0]
    assert total == pytest.approx(mean, rel=1e-10)


@given(
    st.floats(1.0, 300.0), st.floats(0.0, 300.0), st.floats(0.0, 0.5), st.floats(0.0, 0.3),
    st.floats(0.0, 1.0), st.floats(0.0, 2.0), st.floats(0.0, 1.0),
)  # fmt: skip
def test_more_error_never_loses_less(debt, value, haircut, vol, q, error, more) -> None:
    times, weights = [0.5, 2.0], [0.6, 0.4]
    errors = np.array([error, error + more])
    found = lgd_with_collateral(
        debt, value, errors, haircut, 0.05, 0.05, times, weights, volatility=vol, enforceable=q
    )
    assert found.mean[1] >= found.mean[0] - 1e-12
    assert (np.diff(found.quantiles, axis=0) >= 0).all()
    assert ((found.quantiles >= 0) & (found.quantiles <= 1)).all()


def test_a_median_grown_to_its_mean_would_reward_vagueness() -> None:
    """Why the median is taken as the mean: else a vaguer value lowers the loss."""
    deep = [lgd_with_collateral(100, 40 * math.exp(e * e / 2), e, 0, 0, 0, *ONE).mean[0]
            for e in (0.1, 0.5)]  # fmt: skip
    assert deep[1] < deep[0]
    held = [lgd_with_collateral(100, 40, e, 0, 0, 0, *ONE).mean[0] for e in (0.1, 0.5)]
    assert held[1] >= held[0]


def test_enforceability_is_a_mixture_not_a_haircut() -> None:
    mixed = lgd_with_collateral(100, 200, 0.1, 0, 0, 0, *ONE, enforceable=0.8).mean[0]
    cut = lgd_with_collateral(100, 200 * 0.8, 0.1, 0, 0, 0, *ONE).mean[0]
    assert mixed == pytest.approx(0.2, abs=1e-6) and cut < 1e-3


def test_quantiles_of_a_value_give_its_error() -> None:
    z = 1.6448536269514722
    found = log_error(
        [100 * math.exp(-0.2 * z), 90, 0, 80], 100, [100 * math.exp(0.2 * z), 130, 130, 90]
    )
    assert found[0] == pytest.approx(0.2, rel=1e-12)
    assert found[1] == pytest.approx(math.log(1.3) / z, rel=1e-12)
    assert np.isnan(found[2:]).all()


def test_bad_rows_are_marked_and_bad_requests_refused() -> None:
    nan = float("nan")
    found = lgd_with_collateral(
        [100, 0, nan, 100, 100, 100], [120, 120, 120, -1, 120, 120], [0.1, 0.1, 0.1, 0.1, -0.1, 0.1],
        [0.1, 0.1, 0.1, 0.1, 0.1, 1.1], 0.0, 0.05, *ONE,
    )  # fmt: skip
    assert found.status.tolist()[0] == 0 and (found.status[1:] > 0).all()
    assert np.isnan(found.mean[1:]).all() and np.isnan(found.quantiles[:, 1:]).all()
    with pytest.raises(CreditError):
        lgd_with_collateral(100, 120, 0.1, 0, 0, 0.05, [1.0], [1.2])
    with pytest.raises(CreditError):
        lgd_with_collateral(100, 120, 0.1, 0, 0, 0.05, *ONE, levels=[0.5, 1.0])


def test_limits() -> None:
    nothing = lgd_with_collateral(100, 0.0, 0.1, 0, 0, 0.05, *ONE)
    assert nothing.mean[0] == 1.0 and (nothing.quantiles == 1.0).all()
    plenty = lgd_with_collateral(100, 1e9, 0.1, 0, 0, 0.05, *ONE)
    wait = -math.expm1(-0.1)
    assert plenty.mean[0] == pytest.approx(wait, rel=1e-12)
    np.testing.assert_allclose(plenty.quantiles[:, 0], wait, rtol=1e-12)
    assert blended([0.4, math.nan, math.nan], [0.2, 0.3, math.nan], 0.5)[
        :2
    ].tolist() == pytest.approx([0.3, 0.3])
    assert np.isnan(blended(0.4, 0.2, 1.5)).all()
