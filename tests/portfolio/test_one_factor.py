"""Fine books of one factor: sums, derivatives, stress, collateral."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from riskengine.kernels.normal import normal_cdf
from riskengine.portfolio.exposures import BookError, Exposures, FactorModel
from riskengine.portfolio.factor_book import secured_book, unsecured_book
from riskengine.portfolio.large_pool import expected_shortfall, loss_quantile
from riskengine.portfolio.one_factor import contributions, factor_at, reverse_stress, stop_loss
from riskengine.portfolio.pool_layers import stop_loss as pool_stop_loss

PD, RHO, LGD = [0.01, 0.03, 0.08], [0.2, 0.12, 0.05], [0.45, 0.6, 0.3]
DEBT = [50.0, 30.0, 20.0]


def collateral(
    forward: float = 1.1, severity: float = 1.0, holding: float = 0.06
) -> tuple[Exposures, FactorModel]:
    full = lambda value: np.full(3, value)  # noqa: E731
    book = Exposures(
        np.array(DEBT), np.array(PD), np.array([0, 1, 0]), full(severity), full(forward),
        full(0.3), full(1.5), full(holding),
    )  # fmt: skip
    model = FactorModel(
        ("nation",), np.eye(1), ("pig", "crop"), np.array([[0.4], [0.3]]),
        np.array([[0.5], [0.2]]), np.array([0.2, 0.0]),
    )  # fmt: skip
    return book, model


def test_pools_add_up() -> None:
    found = contributions(unsecured_book(DEBT, PD, RHO, LGD), 0.999)
    assert found.quantile_yuan == pytest.approx(
        DEBT * loss_quantile(PD, RHO, 0.999, LGD), rel=1e-12
    )
    worst = DEBT * expected_shortfall(PD, RHO, 0.999, LGD)
    assert found.shortfall_yuan == pytest.approx(worst, rel=1e-12)
    assert found.expected_yuan == pytest.approx(np.multiply(np.multiply(DEBT, PD), LGD), rel=1e-13)
    assert found.capital == pytest.approx(found.quantile - found.expected_yuan.sum(), rel=1e-13)
    assert found.shortfall > found.quantile


def test_one_pool_is_the_closed_form() -> None:
    book = unsecured_book([60.0, 40.0], 0.02, 0.1)
    assert stop_loss(book, 5.0) == pytest.approx(
        100.0 * pool_stop_loss(0.02, 0.1, 0.05)[0], rel=1e-9
    )
    stress = reverse_stress(unsecured_book([100.0], 0.025, 0.12, 0.5), 4.0)
    assert stress.factor == pytest.approx(-1.85297689798, rel=1e-9)  # ST-REV-01
    assert stress.chance == pytest.approx(0.0319428349855, rel=1e-9)
    assert stress.return_period == pytest.approx(31.3059251145, rel=1e-9)


@given(st.floats(0.5, 0.9999))
@settings(max_examples=20)
def test_quantile_and_stop_loss_make_the_shortfall(level: float) -> None:
    book = unsecured_book(DEBT, PD, RHO, LGD)
    found = contributions(book, level)
    over = stop_loss(book, found.quantile) / (1.0 - level)
    assert found.shortfall == pytest.approx(found.quantile + over, rel=1e-8)
    assert normal_cdf(factor_at(book, found.quantile)) == pytest.approx(1.0 - level, rel=1e-9)


def test_stress_names_its_causes() -> None:
    book = unsecured_book(DEBT, PD, RHO, LGD)
    found = reverse_stress(book, 6.0)
    assert found.losses_yuan.sum() == pytest.approx(6.0, rel=1e-12)
    assert found.return_period == pytest.approx(1.0 / found.chance)


def test_buffers_out_of_reach() -> None:
    book = unsecured_book(DEBT, PD, RHO, LGD)
    never, always = reverse_stress(book, 1e3), reverse_stress(book, -1.0)
    assert (never.factor, never.chance, never.return_period) == (-math.inf, 0.0, math.inf)
    assert (always.factor, always.chance) == (math.inf, 1.0)
    expected = float(np.sum(np.multiply(np.multiply(DEBT, PD), LGD)))
    assert stop_loss(book, 1e3) == 0.0
    assert stop_loss(book, -1.0) == pytest.approx(expected + 1.0, rel=1e-12)


def test_collateral_falls_with_the_factor() -> None:
    """Closed form against plain simulation of factor, default and sale."""
    book, model = collateral()
    found = contributions(secured_book(book, model), 0.95)
    rng, draws = np.random.default_rng(11), 400_000
    z = rng.standard_normal(draws)
    losses = np.zeros(draws)
    one = secured_book(book, model)
    for factor in np.linspace(-3.0, 3.0, 5):
        a, b, slow = np.array([0.4, 0.3, 0.4]), np.array([0.5, 0.2, 0.5]), np.array([0.2, 0.0, 0.2])
        u = rng.standard_normal((2, 3, 100_000))
        late = 1.5 * np.exp(-slow * b * factor - 0.5 * (slow * b) ** 2) - 1.5
        x = (b * factor)[:, None] + np.sqrt(1.0 - b * b)[:, None] * u[0]
        sale = 1.1 * np.exp(-0.5 * 0.09 + 0.3 * x - (0.06 * late)[:, None])
        put = np.maximum(1.0 - sale, 0.0)

        p = stats.norm.cdf((stats.norm.ppf(PD) - a * factor) / np.sqrt(1.0 - a * a))
        expected = DEBT * p * put.mean(axis=1)
        error = DEBT * p * put.std(axis=1) / math.sqrt(100_000)
        assert np.all(np.abs(one.losses(float(factor)) - expected) < 4.5 * error + 1e-12)
    for i in range(3):
        inside = np.interp(
            z, grid := np.linspace(-5, 5, 401), [one.losses(float(g))[i] for g in grid]
        )
        losses += inside
    assert found.quantile == pytest.approx(np.quantile(losses, 0.95), rel=0.01)
    assert found.shortfall == pytest.approx(
        losses[losses >= np.quantile(losses, 0.95)].mean(), rel=0.02
    )
    assert found.expected_yuan.sum() == pytest.approx(losses.mean(), rel=0.01)


def test_wrong_way_risk_costs() -> None:
    book, model = collateral()
    calm = FactorModel(model.factors, model.correlation, model.segments, model.default_loadings,
                       np.zeros((2, 1)), np.zeros(2))  # fmt: skip
    with_it = contributions(secured_book(book, model), 0.999)
    without = contributions(secured_book(book, calm), 0.999)
    assert with_it.quantile > 1.3 * without.quantile
    assert with_it.expected_yuan.sum() > without.expected_yuan.sum()


def test_no_collateral_is_the_fixed_loss() -> None:
    book, model = collateral(forward=0.0, severity=0.45)
    found = contributions(secured_book(book, model), 0.999)
    plain = contributions(unsecured_book(DEBT, PD, [0.16, 0.09, 0.16], 0.45), 0.999)
    assert found.quantile_yuan == pytest.approx(plain.quantile_yuan, rel=1e-13)
    assert found.shortfall_yuan == pytest.approx(plain.shortfall_yuan, rel=1e-13)


def test_certain_and_independent_debts() -> None:
    found = contributions(unsecured_book([10.0] * 3, [0.0, 1.0, 0.02], [0.2, 0.2, 0.0], 0.5), 0.999)
    assert found.quantile_yuan == pytest.approx([0.0, 5.0, 0.1], rel=1e-12)
    assert found.shortfall_yuan == pytest.approx([0.0, 5.0, 0.1], rel=1e-12)


def test_order_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    debt, pd, rho = rng.lognormal(10, 2, 5000), rng.uniform(0, 0.2, 5000), rng.uniform(0, 0.5, 5000)
    order = rng.permutation(5000)
    one = contributions(unsecured_book(debt, pd, rho, 0.5), 0.999)
    two = contributions(unsecured_book(debt[order], pd[order], rho[order], 0.5), 0.999)
    assert one.quantile == pytest.approx(two.quantile, rel=1e-13)
    assert one.shortfall == pytest.approx(two.shortfall, rel=1e-13)


def test_refusals() -> None:
    book, model = collateral()
    two = FactorModel(
        ("a", "b"), np.eye(2), ("s",), np.array([[0.3, 0.2]]), np.zeros((1, 2)), np.zeros(1)
    )
    negative = FactorModel(
        ("a",), np.eye(1), ("s",), np.array([[-0.3]]), np.zeros((1, 1)), np.zeros(1)
    )
    small = FactorModel(("a",), np.eye(1), ("s",), np.array([[0.3]]), np.zeros((1, 1)), np.zeros(1))
    for wrong, said in ((two, "one factor"), (negative, "one factor"), (small, "names a segment")):
        with pytest.raises(BookError, match=said):
            secured_book(book, wrong)
    with pytest.raises(BookError, match="1 - correlation must be in"):
        unsecured_book([1.0], 0.1, 1.0)
    with pytest.raises(BookError, match="debt_yuan must be in"):
        unsecured_book([-1.0], 0.1, 0.1)
    with pytest.raises(BookError, match="level must be in"):
        contributions(unsecured_book([1.0], 0.1, 0.1), 1.0)
    with pytest.raises(BookError, match="loss_yuan holds"):
        factor_at(unsecured_book([1.0], 0.1, 0.1), math.nan)
