"""Large pools as columns: oracles of the notes, properties, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from riskengine.portfolio.exposures import BookError
from riskengine.portfolio.large_pool import (
    chance_above,
    chance_up_to,
    density,
    expected_shortfall,
    loss_quantile,
    loss_variance,
    moments,
)
from riskengine.portfolio.pool_layers import capped_mean, layer_mean, reverse_stress, stop_loss

HULL_PD = [0.001, 0.005, 0.01, 0.015, 0.02]


def test_worst_case_default_rates() -> None:
    """PF-WCDR-01 and PF-WCDR-03: Hull, Risk Management, 2nd ed., table 11.4."""
    low = [0.028075067053, 0.0909793276368, 0.145525266131, 0.189126802567, 0.226312807156]
    high = [0.135374326993, 0.386674302014, 0.542394165906, 0.638155181314, 0.704533339393]
    assert loss_quantile(HULL_PD, 0.2, 0.999) == pytest.approx(low, abs=1e-10)
    assert loss_quantile(HULL_PD, 0.6, 0.999) == pytest.approx(high, abs=1e-10)
    assert low == pytest.approx([0.028, 0.091, 0.146, 0.189, 0.226], abs=5e-4)
    assert high == pytest.approx([0.135, 0.387, 0.542, 0.638, 0.705], abs=5e-4)


@pytest.mark.parametrize(
    ("p", "rho", "deviation", "expected", "printed"),
    [
        (0.01, 0.1, 0.009625651591, [1.18782333, 3.82280535, 7.01223933, 10.6650318],
         [1.19, 3.8, 7.0, 10.7]),
        (0.001, 0.4, 0.005333601898, [0.117138138, 3.24510653, 13.1772323, 31.7455666],
         [0.12, 3.2, 13.2, 31.8]),
    ],
    ids=["PF-VAS-01", "PF-VAS-04"],
)  # fmt: skip
def test_standardised_quantiles(
    p: float, rho: float, deviation: float, expected: list[float], printed: list[float]
) -> None:
    """Vasicek, Risk 2002: (L_a - p) / s."""
    spread = math.sqrt(loss_variance(p, rho)[0])
    assert spread == pytest.approx(deviation, rel=1e-7)
    found = (loss_quantile(p, rho, [0.9, 0.99, 0.999, 0.9999]) - p) / spread
    assert found == pytest.approx(expected, rel=1e-7)
    # Printed with two or three digits: 31.75 became 31.8, 3.245 became 3.2.
    assert found == pytest.approx(printed, abs=0.06)


def test_quantile_and_shortfall() -> None:
    """PF-LHP-01 and PF-LHP-02."""
    assert loss_quantile([0.02, 0.01], [0.1, 0.2], 0.999) == pytest.approx(
        [0.128237107299, 0.145525266131], rel=1e-9
    )
    assert expected_shortfall([0.02, 0.01], [0.1, 0.2], 0.999) == pytest.approx(
        [0.149500491063, 0.181435531433], rel=1e-9
    )


def test_stop_loss() -> None:
    """PF-SL-01."""
    assert stop_loss(0.02, 0.1, 0.05) == pytest.approx(0.00108263676012, rel=1e-9)
    assert chance_above(0.02, 0.1, 0.05) == pytest.approx(0.05938426305, rel=1e-9)
    assert capped_mean(0.02, 0.1, 0.05) == pytest.approx(0.0189173632399, rel=1e-9)


def test_capped_guarantee() -> None:
    """GU-CAP-01: 80 % of losses, at most 5 % of the guaranteed 80 million."""
    volume, guaranteed, cap = 1e8, 0.8, 0.05
    paid = guaranteed * volume
    assert cap * paid == pytest.approx(4000000.0, rel=1e-8)
    assert paid * 0.6 * 0.03 == pytest.approx(1440000.0, rel=1e-8)
    assert paid * capped_mean(0.03, 0.15, cap, 0.6) == pytest.approx(1343280.73213, rel=1e-8)
    assert chance_above(0.03, 0.15, cap, 0.6) == pytest.approx(0.0589083509942, rel=1e-8)


def test_excess_layer() -> None:
    """GU-XL-01."""
    found = layer_mean(0.03, 0.15, 0.04, 0.07, 0.6)
    assert found == pytest.approx(0.00151580194752, rel=1e-8)
    assert found / 0.03 == pytest.approx(0.0505267315839, rel=1e-8)


def test_reverse_stress() -> None:
    """ST-REV-01."""
    found = reverse_stress(0.025, 0.12, 0.04, 0.5)
    assert found.factor == pytest.approx(-1.85297689798, rel=1e-9)
    assert found.chance == pytest.approx(0.0319428349855, rel=1e-9)
    assert found.return_period == pytest.approx(31.3059251145, rel=1e-9)


def test_a_buffer_that_cannot_fail() -> None:
    never = reverse_stress(0.025, 0.12, [0.5, 0.6], 0.5)
    assert never.factor.tolist() == [-math.inf] * 2 and never.chance.tolist() == [0.0] * 2
    assert never.return_period.tolist() == [math.inf] * 2
    always = reverse_stress(0.025, 0.12, -0.1, 0.5)
    assert (always.factor[0], always.chance[0]) == (math.inf, 1.0)
    with pytest.raises(BookError, match="correlation must be in"):
        reverse_stress(0.025, 1.2, 0.04, 0.5)


CHANCE = st.floats(1e-5, 0.6)
CORRELATION = st.floats(0.01, 0.9)


@given(CHANCE, CORRELATION, st.floats(0.5, 0.9999), st.floats(0.1, 1.0))
def test_law_of_a_pool(p: float, rho: float, level: float, share: float) -> None:
    value = loss_quantile(p, rho, level, share)
    assert chance_up_to(p, rho, value, share)[0] == pytest.approx(level, rel=1e-8)
    assert chance_above(p, rho, value, share)[0] == pytest.approx(1.0 - level, rel=1e-7)
    worst = expected_shortfall(p, rho, level, share)
    assert worst[0] >= value[0] * (1.0 - 1e-12)
    # Rockafellar and Uryasev: the shortfall is the quantile plus the stop loss above it.
    over = stop_loss(p, rho, value, share) / (1.0 - level)
    assert worst[0] == pytest.approx((value + over)[0], rel=1e-10)
    whole = stop_loss(p, rho, value, share) + capped_mean(p, rho, value, share)
    assert whole[0] == pytest.approx(p * share, rel=1e-11)


@given(CHANCE, CORRELATION, st.lists(st.floats(0.0, 1.0), min_size=1, max_size=5))
@settings(max_examples=40)
def test_layers_add_up(p: float, rho: float, cuts: list[float]) -> None:
    ends = np.array([0.0, *sorted(cuts), 1.0])
    found = layer_mean(p, rho, ends[:-1], ends[1:])
    assert np.all(found >= 0.0)
    assert found.sum() == pytest.approx(p, rel=1e-10)


def test_moments_by_quadrature_over_the_law() -> None:
    found = moments([0.01, 0.3], [0.1, 0.5], 0.4)
    for k, (p, rho) in enumerate(((0.01, 0.1), (0.3, 0.5))):
        raw = [
            integrate.quad(
                lambda u, o=o, p=p, rho=rho: float(
                    stats.norm.cdf(
                        (stats.norm.ppf(p) - math.sqrt(rho) * u) / math.sqrt(1 - rho)
                    ) ** o * stats.norm.pdf(u)
                ), -12, 12, epsabs=0, epsrel=1e-11, limit=200,
            )[0]
            for o in (1, 2, 3, 4)
        ]  # fmt: skip
        variance = raw[1] - raw[0] ** 2
        third = raw[2] - 3 * raw[0] * raw[1] + 2 * raw[0] ** 3
        fourth = raw[3] - 4 * raw[0] * raw[2] + 6 * raw[0] ** 2 * raw[1] - 3 * raw[0] ** 4
        assert found.mean[k] == pytest.approx(0.4 * p, rel=1e-14)
        assert found.standard_deviation[k] == pytest.approx(0.4 * math.sqrt(variance), rel=1e-9)
        assert found.skewness[k] == pytest.approx(third / variance**1.5, rel=1e-8)
        assert found.excess_kurtosis[k] == pytest.approx(fourth / variance**2 - 3, rel=1e-8)


def test_moments_at_the_limits() -> None:
    found = moments([0.0, 0.02, 0.02, 1.0], [0.2, 0.0, 1.0, 0.2])
    assert found.standard_deviation.tolist()[:2] == [0.0, 0.0]
    assert np.isnan(found.skewness[[0, 1, 3]]).all()
    assert found.skewness[2] == pytest.approx(float(stats.bernoulli(0.02).stats("s")))
    assert found.excess_kurtosis[2] == pytest.approx(float(stats.bernoulli(0.02).stats("k")))


def test_limits_of_pd_correlation_and_loss_share() -> None:
    pd, rho = [0.0, 1.0, 0.02, 0.02, 0.005], [0.2, 0.2, 0.0, 1.0, 1.0]
    assert loss_quantile(pd, rho, 0.99, 0.5) == pytest.approx([0.0, 0.5, 0.01, 0.5, 0.0])
    assert expected_shortfall(pd, rho, 0.99, 0.5) == pytest.approx([0.0, 0.5, 0.01, 0.5, 0.25])
    assert expected_shortfall(0.02, 0.2, 0.0) == pytest.approx(0.02)
    assert np.isnan(density(pd, rho, 0.1)).all() and np.isnan(density(0.02, 0.2, 0.1, 0.0)).all()
    assert loss_variance(pd, rho) == pytest.approx([0, 0, 0, 0.02 * 0.98, 0.005 * 0.995])
    assert stop_loss(0.02, 0.2, [0.0, 0.1], 0.0).tolist() == [0.0, 0.0]
    assert capped_mean(0.02, 0.2, 0.1, 0.0)[0] == 0.0
    assert chance_above(0.02, 0.2, [-0.1, 0.0], 0.0).tolist() == [1.0, 0.0]
    assert chance_up_to(0.02, 0.2, [-0.1, 0.0], 0.0).tolist() == [0.0, 1.0]
    assert density(0.02, 0.1, 0.01, 0.5)[0] == pytest.approx(2 * density(0.02, 0.1, 0.02)[0])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: loss_quantile(-0.1, 0.2, 0.9), r"default_chance must be in \[0, 1\]"),
        (lambda: loss_quantile(math.nan, 0.2, 0.9), "default_chance holds something missing"),
        (lambda: loss_quantile(0.1, 1.2, 0.9), "correlation must be in"),
        (lambda: loss_quantile(0.1, 0.2, 1.0), r"level must be in \(0, 1\)"),
        (lambda: loss_quantile(0.1, 0.2, 0.0), r"level must be in \(0, 1\)"),
        (lambda: expected_shortfall(0.1, 0.2, 1.0), r"1 - level must be in \(0, 1\]"),
        (lambda: loss_quantile([0.1, 0.2], [0.1, 0.2, 0.3], 0.9), "differ in length"),
        (lambda: loss_quantile([[0.1]], 0.2, 0.9), "is not one column"),
        (lambda: loss_quantile("a", 0.2, 0.9), "does not hold numbers"),
        (lambda: stop_loss(0.1, 0.2, -0.1), "retention must be in"),
        (lambda: capped_mean(0.1, 0.2, -0.1), "cap must be in"),
        (lambda: layer_mean(0.1, 0.2, 0.2, 0.1), "detach - attach must be in"),
    ],
)
def test_refusals(call: object, said: str) -> None:
    with pytest.raises(BookError, match=said):
        call()  # type: ignore[operator]


def test_no_pools_no_answers() -> None:
    assert loss_quantile([], [], []).size == 0
    assert moments([], []).skewness.size == 0


def test_second_engine() -> None:
    vasicek = pytest.importorskip("creditriskengine.portfolio.vasicek")
    rng = np.random.default_rng(3)
    p, rho, lgd = rng.uniform(2e-4, 0.5, 30), rng.uniform(0.01, 0.9, 30), rng.uniform(0.1, 1.0, 30)
    level = rng.uniform(0.9, 0.9999, 30)
    other = [vasicek.vasicek_loss_quantile(*row) for row in zip(p, rho, lgd, level, strict=True)]
    assert loss_quantile(p, rho, level, lgd) == pytest.approx(other, rel=1e-11)
    # It lifts PDs below 1e-4 to 1e-4 without a word; the quantile of 2e-5 is a third of that.
    lifted = vasicek.vasicek_loss_quantile(2e-5, 0.2, 1.0, 0.999)
    assert lifted == pytest.approx(loss_quantile(1e-4, 0.2, 0.999)[0], rel=1e-11)
    assert loss_quantile(2e-5, 0.2, 0.999)[0] < 0.35 * lifted
