"""Collateral shortfall: the notes' cases, 60-digit references, quadrature, limits, bad rows."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from riskengine.kernels.bivariate import bivariate_normal_cdf
from riskengine.kernels.loan_to_value import (
    chance_short_at_default,
    risk_based_loan_to_value,
    sale_quantile_at_default,
)
from riskengine.kernels.normal import normal_quantile
from riskengine.kernels.shortfall import (
    chance_short,
    economic_loss_share,
    expected_shortfall_of_sale,
    layer_losses,
    mixed_shortfall,
    net_forward,
    quantile_shortfall,
    sale_spread,
    shortfall_over_times,
)
from riskengine.kernels.wrong_way import (
    conditional_default_chance,
    conditional_shortfall,
    wrong_way_loss_share,
    wrong_way_shortfall,
)

NOTES = 1e-9
EXACT = 1e-12
DEBTS, SPREADS = st.floats(1.0, 1e3), st.floats(0.01, 2.0)

# debt, forward, spread, put: mpmath, 60 digits.
PUTS = [
    (100.0, 110.0, 0.3, 8.141012048964209),
    (100.0, 100.0, 1e-06, 3.98942280401416e-05),
    (100.0, 100.0000001, 1e-09, 8.331548012774517e-09),
    (50.0, 500.0, 0.4, 4.385152169709433e-08),
    (10.0, 1000.0, 0.25, 6.002630419084969e-76),
    (100.0, 99.0, 0.0001, 1.0),
    (1000.0, 10.0, 0.3, 990.0),
    (100.0, 130.0, 0.02, 2.225299480690645e-40),
    (100.0, 100.0, 2.5, 78.87004526662895),
    (0.001, 1000000.0, 3.0, 1.1013170775523234e-11),
]
# debt, forward, spread, PD, correlation, loss: mpmath, the put integrated over A.
WRONG_WAYS = [
    (100.0, 110.0, 0.3, 0.03, 0.2, 0.40983796919411636),
    (100.0, 110.0, 0.01, 0.03, 0.4, 8.270634899472613e-23),
    (100.0, 100.0, 1e-05, 0.05, 0.3, 3.846852869977515e-05),
    (100.0, 160.0, 0.15, 0.001, 0.6, 0.0005651196098789236),
    (100.0, 95.0, 0.001, 0.02, -0.4, 0.09815935494456514),
    (100.0, 120.0, 0.25, 0.3, -0.7, 0.07391375117187789),
    (100.0, 104.0, 0.02, 0.01, 0.99, 0.013634427701874556),
]


@pytest.mark.parametrize(
    ("value", "haircut", "drift", "swing", "years", "force", "expected"),
    [
        (120.0, 0.2, 0.0, 0.25, 2.0, 0.04,
         (15.8415814059, 0.158415814059, 0.223119881097, 0.614947950125)),
        (150.0, 0.3, 0.02, 0.3, 1.5, 0.05,
         (11.4180549879, 0.114180549879, 0.178186775087, 0.487743256461)),
    ],
    ids=["LGD-PUT-01", "LGD-PUT-02"],
)  # fmt: skip
def test_put_of_the_notes(
    value: float, haircut: float, drift: float, swing: float, years: float, force: float,
    expected: tuple[float, ...],
) -> None:  # fmt: skip
    forward, spread = net_forward(value, haircut, drift, years), sale_spread(swing, years, 0.0)
    put = expected_shortfall_of_sale(100.0, forward, spread)
    shares = put / 100.0, economic_loss_share(100.0, put, force, years)
    found = (put, *shares, chance_short(100.0, forward, spread))
    assert found == pytest.approx(expected, rel=NOTES, abs=0.0)


@pytest.mark.parametrize(("debt", "forward", "spread", "value"), PUTS)
def test_put_keeps_its_digits(debt: float, forward: float, spread: float, value: float) -> None:
    assert expected_shortfall_of_sale(debt, forward, spread) == pytest.approx(
        value, rel=EXACT, abs=0.0
    )


def test_textbook_put_loses_its_digits() -> None:
    """D N(d) - F N(d - s) as printed: 7 digits gone at a spread of 1e-9."""
    debt, forward, spread, value = PUTS[2]
    d = math.log(debt / forward) / spread + 0.5 * spread
    assert debt * special.ndtr(d) - forward * special.ndtr(d - spread) != pytest.approx(
        value, rel=1e-8, abs=0.0
    )


@given(DEBTS, DEBTS, SPREADS)
def test_put_by_quadrature(debt: float, forward: float, spread: float) -> None:
    nodes, weights = special.roots_legendre(200)
    d = (math.log(debt / forward) + 0.5 * spread**2) / spread
    top = min(d, 12.0)
    x = -12.0 + (nodes + 1.0) * 0.5 * (top + 12.0) if top > -12.0 else np.zeros(200)
    lost = (debt - forward * np.exp(-0.5 * spread**2 + spread * x)) * stats.norm.pdf(x)
    expected = max(0.5 * (top + 12.0), 0.0) * float(weights @ lost)
    put = expected_shortfall_of_sale(debt, forward, spread)
    assert put == pytest.approx(expected, rel=1e-9, abs=1e-11 * debt)


@given(DEBTS, DEBTS, SPREADS)
def test_put_properties(debt: float, forward: float, spread: float) -> None:
    put = expected_shortfall_of_sale(debt, forward, spread)
    assert max(debt - forward, 0.0) <= put <= debt
    assert put <= expected_shortfall_of_sale(debt, forward, spread + 0.1) * (1.0 + EXACT)
    assert put <= expected_shortfall_of_sale(debt * 1.1, forward, spread)
    assert expected_shortfall_of_sale(7.0 * debt, 7.0 * forward, spread) == pytest.approx(
        7.0 * put, rel=1e-11, abs=1e-290
    )
    call = expected_shortfall_of_sale(forward, debt, spread)
    assert put - call == pytest.approx(debt - forward, rel=1e-12, abs=1e-12 * (debt + forward))


def test_put_limits() -> None:
    assert expected_shortfall_of_sale(100.0, 80.0, 0.0) == 20.0
    assert expected_shortfall_of_sale(100.0, 0.0, 0.3) == 100.0
    assert expected_shortfall_of_sale(0.0, 80.0, 0.3) == 0.0
    assert expected_shortfall_of_sale(1.0, 1e300, 0.1) == 0.0
    assert chance_short(100.0, 100.0, 0.0) == 0.0
    assert chance_short(100.0, 99.0, 0.0) == chance_short(100.0, 0.0, 0.3) == 1.0
    for spread in (1e-3, 1e-6, 1e-9, 1e-13, 1e-300):
        assert expected_shortfall_of_sale(100.0, 80.0, spread) == pytest.approx(
            20.0, rel=1e-12, abs=0.0
        )
        assert expected_shortfall_of_sale(80.0, 100.0, spread) < 1e-300


@pytest.mark.parametrize(
    ("chance", "forward", "spread", "rho", "expected"),
    [
        (0.03, 110.0, 0.3, 0.2, (0.409837969194, 0.136612656398, 0.0814101204896)),
        (0.05, 96.0, 0.3535533905932738, 0.3, (1.34573871301, 0.269147742603, 0.158415814059)),
    ],
    ids=["LGD-WWR-01", "LGD-WWR-03"],
)
def test_wrong_way_of_the_notes(
    chance: float, forward: float, spread: float, rho: float, expected: tuple[float, ...]
) -> None:
    loss = wrong_way_shortfall(100.0, forward, spread, normal_quantile(chance), rho)
    share = wrong_way_loss_share(100.0, forward, spread, chance, rho)
    alone = expected_shortfall_of_sale(100.0, forward, spread) / 100.0
    assert (loss, share, alone) == pytest.approx(expected, rel=NOTES, abs=0.0)
    assert wrong_way_loss_share(100.0, forward, spread, chance, 0.0) == pytest.approx(
        alone, rel=EXACT, abs=0.0
    )


@pytest.mark.parametrize(("debt", "forward", "spread", "chance", "rho", "value"), WRONG_WAYS)
def test_wrong_way_keeps_its_digits(
    debt: float, forward: float, spread: float, chance: float, rho: float, value: float
) -> None:
    loss = wrong_way_shortfall(debt, forward, spread, normal_quantile(chance), rho)
    assert loss == pytest.approx(value, rel=1e-11, abs=0.0)


@given(DEBTS, st.floats(0.05, 1.0), st.floats(1e-4, 0.9), st.floats(-0.95, 0.95))
@settings(max_examples=30)
def test_wrong_way_is_the_put_over_the_borrowers_standing(
    debt: float, spread: float, chance: float, rho: float
) -> None:
    threshold, forward, own = normal_quantile(chance), 100.0, spread * math.sqrt(1.0 - rho**2)

    def lost(a: float) -> float:
        moved = forward * math.exp(spread * rho * a - 0.5 * (spread * rho) ** 2)
        return float(stats.norm.pdf(a)) * expected_shortfall_of_sale(debt, moved, own)

    expected, _ = integrate.quad(
        lost, threshold - 14.0, threshold, epsrel=1e-11, epsabs=1e-14, limit=300
    )
    assert wrong_way_shortfall(debt, forward, spread, threshold, rho) == pytest.approx(
        expected, rel=1e-9, abs=1e-12
    )


@given(DEBTS, SPREADS, st.floats(1e-6, 1.0), st.floats(-1.0, 0.9))
def test_wrong_way_properties(debt: float, spread: float, chance: float, rho: float) -> None:
    share = wrong_way_loss_share(debt, 100.0, spread, chance, rho)
    assert 0.0 <= share <= 1.0
    higher = wrong_way_loss_share(debt, 100.0, spread, chance, rho + 0.1)
    assert share <= higher * (1.0 + 1e-9) + 1e-12


def test_wrong_way_limits() -> None:
    k = normal_quantile(0.05)
    assert wrong_way_shortfall(100.0, 80.0, 0.0, k, 0.5) == pytest.approx(1.0, rel=EXACT, abs=0.0)
    assert wrong_way_shortfall(100.0, 110.0, 0.3, math.inf, 0.5) == pytest.approx(
        expected_shortfall_of_sale(100.0, 110.0, 0.3), rel=EXACT, abs=0.0
    )
    assert wrong_way_shortfall(100.0, 110.0, 0.3, -math.inf, 0.5) == 0.0
    near = [wrong_way_shortfall(100.0, 110.0, 0.3, k, s * (1.0 - 1e-12)) for s in (1.0, -1.0)]
    certain = [wrong_way_shortfall(100.0, 110.0, 0.3, k, s) for s in (1.0, -1.0)]
    assert near == pytest.approx(certain, rel=1e-6, abs=1e-12)
    for rho in (0.3, -0.3):
        rare = wrong_way_loss_share(100.0, 110.0, 0.3, 1e-300, rho)
        assert abs(rare - wrong_way_loss_share(100.0, 110.0, 0.3, 0.0, rho)) < 0.1
    assert wrong_way_loss_share(100.0, 110.0, 0.3, 0.0, 0.0) == pytest.approx(
        expected_shortfall_of_sale(100.0, 110.0, 0.3) / 100.0
    )
    for spread in (1e-2, 1e-5, 1e-8, 1e-12):
        out_of_reach = wrong_way_shortfall(100.0, 80.0, spread, k, 0.4)
        assert out_of_reach == pytest.approx(1.0, rel=20.0 * spread, abs=0.0)
    assert wrong_way_shortfall(100.0, 110.0, 1e-8, k, 0.4) == 0.0


def test_wrong_way_by_simulation() -> None:
    rng = np.random.default_rng(20)
    a = rng.standard_normal(400_000)
    x = 0.4 * a + math.sqrt(1.0 - 0.16) * rng.standard_normal(a.size)
    lost = np.where(
        a <= normal_quantile(0.1), np.maximum(100.0 - 105.0 * np.exp(0.3 * x - 0.045), 0.0), 0.0
    )
    error = lost.std() / math.sqrt(lost.size)
    found = wrong_way_shortfall(100.0, 105.0, 0.3, normal_quantile(0.1), 0.4)
    assert abs(found - lost.mean()) < 3.5 * error


def test_conditional_of_the_notes() -> None:
    """LGD-COND-01: the state is the 0.1 per cent worst."""
    z, k = normal_quantile(0.001), normal_quantile(0.03)
    chance = conditional_default_chance(k, math.sqrt(0.12) * z, 0.12)
    share = conditional_shortfall(100.0, 110.0, 0.3, 0.5 * z, 0.25) / 100.0
    expected = (0.193851956175, 0.322623665619, 0.0625412286886)
    assert (chance, share, chance * share) == pytest.approx(expected, rel=NOTES, abs=0.0)


def test_conditional_over_all_states_is_the_closed_form() -> None:
    """E[PD(z) LGD(z)] = wrong-way loss with correlation sqrt(rho beta)."""
    z, weights = np.polynomial.hermite_e.hermegauss(120)
    weights = weights / weights.sum()
    k, rho, beta = normal_quantile(0.03), 0.12, 0.25
    chances = [conditional_default_chance(k, math.sqrt(rho) * s, rho) for s in z]
    losses = [conditional_shortfall(100.0, 110.0, 0.3, math.sqrt(beta) * s, beta) for s in z]
    assert weights @ chances == pytest.approx(0.03, rel=1e-11, abs=0.0)
    assert weights @ losses == pytest.approx(
        expected_shortfall_of_sale(100.0, 110.0, 0.3), rel=1e-11, abs=0.0
    )
    closed = wrong_way_shortfall(100.0, 110.0, 0.3, k, math.sqrt(rho * beta))
    assert weights @ (np.array(chances) * losses) == pytest.approx(closed, rel=1e-10, abs=0.0)


@given(st.lists(st.floats(0.0, 200.0), min_size=1, max_size=6), DEBTS, SPREADS)
def test_ranks_share_the_whole(debts: list[float], forward: float, spread: float) -> None:
    given_debts, out = np.array(debts), np.empty(len(debts))
    layer_losses(given_debts, forward, spread, out)
    whole = expected_shortfall_of_sale(sum(debts), forward, spread)
    assert out.sum() == pytest.approx(whole, rel=1e-12, abs=1e-12)
    assert np.all(out >= 0.0) and np.all(out <= given_debts * (1.0 + 1e-9) + 1e-9)
    shares = out[given_debts > 1e-3] / given_debts[given_debts > 1e-3]
    assert np.all(np.diff(shares) >= -1e-8)


def test_rank_by_quadrature() -> None:
    out, spread = np.empty(3), 0.4
    layer_losses(np.array([60.0, 30.0, 30.0]), 100.0, spread, out)
    x, weights = np.polynomial.hermite_e.hermegauss(200)
    brought = 100.0 * np.exp(-0.5 * spread**2 + spread * x)
    paid = np.clip(brought - 60.0, 0.0, 30.0)
    assert out[1] == pytest.approx(30.0 - float(weights @ paid) / weights.sum(), rel=5e-3, abs=0.0)
    exact, _ = integrate.quad(
        lambda y: (30.0 - min(max(100.0 * math.exp(-0.08 + 0.4 * y) - 60.0, 0.0), 30.0)) * stats.norm.pdf(y),
        -9.0, 9.0, points=[math.log(0.6) / 0.4 + 0.2, math.log(0.9) / 0.4 + 0.2], epsabs=1e-12,
    )  # fmt: skip
    assert out[1] == pytest.approx(exact, rel=1e-10, abs=0.0)


def test_unenforceable_is_a_mixture_not_a_haircut() -> None:
    """Published practice multiplies the value by the chance to enforce: too small a loss."""
    mixed = mixed_shortfall(100.0, expected_shortfall_of_sale(100.0, 150.0, 0.2), 0.8)
    haircut = expected_shortfall_of_sale(100.0, 0.8 * 150.0, 0.2)
    assert mixed == pytest.approx(20.0 + 0.8 * expected_shortfall_of_sale(100.0, 150.0, 0.2))
    assert haircut < 0.2 * mixed


def test_random_time_to_the_sale() -> None:
    times, weights = np.array([0.5, 1.0, 3.0]), np.array([0.5, 0.3, 0.1])
    lost, short, paid = shortfall_over_times(
        100.0, 120.0, 0.9, 0.01, 0.2, 0.1, 0.05, times, weights
    )
    by_hand = [0.0, 0.0, 0.0]
    for t, w in zip(times, weights, strict=True):
        forward, spread = net_forward(120.0, 0.1, 0.01, t), sale_spread(0.2, t, 0.1)
        put = expected_shortfall_of_sale(100.0, forward, spread)
        by_hand[0] += w * put
        by_hand[1] += w * chance_short(100.0, forward, spread)
        by_hand[2] += w * (100.0 - put) * math.exp(-0.05 * t)
    assert (lost, short, paid) == pytest.approx((by_hand[0] + 10.0, by_hand[1] + 0.1, by_hand[2]))


@given(st.floats(20.0, 300.0), st.floats(0.01, 1.0), st.floats(0.01, 1.0), st.floats(0.0, 0.4))
@settings(max_examples=30)
def test_quantiles_with_two_spreads(debt: float, below: float, above: float, sale: float) -> None:
    z = normal_quantile(0.95)
    low, high = 100.0 * math.exp(-below * z), 100.0 * math.exp(above * z)
    lost, mean = quantile_shortfall(debt, low, 100.0, high, z, sale)
    s1, s2 = math.hypot(below, sale), math.hypot(above, sale)

    def brought(x: float) -> float:
        return 100.0 * math.exp((s1 if x < 0.0 else s2) * x)

    edge = math.log(debt / 100.0)
    points = [0.0, min(max(edge / (s1 if edge < 0.0 else s2), -11.9), 11.9)]
    expected, _ = integrate.quad(
        lambda x: max(debt - brought(x), 0.0) * stats.norm.pdf(x),
        -12.0,
        12.0,
        points=points,
        limit=300,
        epsabs=1e-10,
    )
    assert lost == pytest.approx(expected, rel=1e-8, abs=1e-8)
    whole, _ = integrate.quad(
        lambda x: brought(x) * stats.norm.pdf(x), -12.0, 14.0, points=[0.0], limit=300
    )
    assert mean == pytest.approx(whole, rel=1e-8, abs=0.0)


@pytest.mark.parametrize(
    ("accepted", "drift", "swing", "years", "cost", "rate", "expected"),
    [(0.05, 0.0, 0.25, 2.0, 0.05, 0.06, 0.444024877607),
     (0.01, 0.02, 0.2, 1.0, 0.08, 0.045, 0.552850272461)],
    ids=["LGD-LTV-01", "LGD-LTV-02"],
)  # fmt: skip
def test_loan_to_value_of_the_notes(
    accepted: float,
    drift: float,
    swing: float,
    years: float,
    cost: float,
    rate: float,
    expected: float,
) -> None:
    spread = sale_spread(swing, years, 0.0)
    found = risk_based_loan_to_value(
        normal_quantile(accepted), spread, drift, years, 1.0 - cost, rate
    )
    assert found == pytest.approx(expected, rel=NOTES, abs=0.0)
    debt = found * (1.0 + rate) ** years
    assert chance_short(debt, net_forward(1.0, cost, drift, years), spread) == pytest.approx(
        accepted, rel=1e-11, abs=0.0
    )


@given(st.floats(1e-6, 0.999), st.floats(1e-5, 1.0), st.floats(-1.0, 1.0))
def test_loan_to_value_given_default(accepted: float, chance: float, rho: float) -> None:
    d = sale_quantile_at_default(accepted, chance, rho)
    threshold = normal_quantile(chance)
    reached = bivariate_normal_cdf(d, threshold, rho)
    assert reached == pytest.approx(accepted * chance, rel=1e-10, abs=1e-14 if rho < -0.99 else 0.0)
    if rho >= 0.0:
        assert d <= normal_quantile(accepted) + 1e-9
        assert chance_short_at_default(normal_quantile(accepted), chance, rho) >= accepted * (
            1.0 - 1e-9
        )


def test_loan_to_value_out_of_range() -> None:
    for bad in (
        (0.0, 0.1, 0.2),
        (1.0, 0.1, 0.2),
        (0.1, 0.0, 0.2),
        (0.1, 0.1, 1.2),
        (math.nan, 0.1, 0.2),
    ):
        assert math.isnan(sale_quantile_at_default(*bad))
