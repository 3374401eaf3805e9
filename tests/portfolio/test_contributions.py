"""Euler contributions: exact sums, closed forms, exact conditional means."""

import numpy as np
import pytest
from scipy import special, stats

from riskengine.portfolio.contributions import contributions
from riskengine.portfolio.exposures import BookError
from riskengine.portfolio.simulation import simulate
from tests.portfolio.books import column, fixed, graded, one_factor, sixteen_factors


@pytest.mark.parametrize("own_risk", ["none", "normal", "drawn", "hybrid"])
@pytest.mark.parametrize("secured", [False, True])
def test_parts_add_up_to_el_var_and_es(own_risk, secured):
    book = graded(1000, secured=secured)
    book.debt_yuan[::100] *= 30.0
    found = simulate(
        book, sixteen_factors(0.3, 0.2), seed=1, scenarios=128, scrambles=4, own_risk=own_risk
    )
    parts = contributions(found)
    assert parts.expected_loss_yuan.sum() == pytest.approx(found.expected_loss_yuan, rel=1e-12)
    assert parts.value_at_risk_yuan.sum() == pytest.approx(found.value_at_risk.value, rel=1e-12)
    assert parts.expected_shortfall_yuan.sum() == pytest.approx(
        found.expected_shortfall.value, rel=1e-11
    )
    two = contributions(found, threads=2)
    assert np.array_equal(two.expected_shortfall_yuan, parts.expected_shortfall_yuan)
    county = parts.by(book.segment % 4, 4)
    assert county.value_at_risk_yuan.sum() == pytest.approx(found.value_at_risk.value, rel=1e-12)
    np.testing.assert_allclose(
        county.expected_shortfall_yuan,
        [parts.expected_shortfall_yuan[book.segment % 4 == k].sum() for k in range(4)], rtol=1e-12,
    )  # fmt: skip


def test_one_factor_gives_additive_capital():
    """dVaR/dw_i = LGD_i p_i(z): Vasicek's conditional loss at the 0.1 % factor."""
    chance = column(0.005, 0.02, 0.1)
    book = fixed(column(5.0, 3.0, 1.0), chance, np.zeros(3), column(0.4, 0.5, 0.6))
    found = simulate(book, one_factor(0.15), seed=2, scenarios=4096, own_risk="none")
    parts = contributions(found)
    z = special.ndtri(0.999)
    at = special.ndtr((special.ndtri(chance) + np.sqrt(0.15) * z) / np.sqrt(0.85))
    exact = book.debt_yuan * book.severity * at
    np.testing.assert_allclose(parts.value_at_risk_yuan, exact, rtol=3e-3)
    y = np.linspace(z, 12.0, 200_001)
    beyond = special.ndtr((special.ndtri(chance)[:, None] + np.sqrt(0.15) * y) / np.sqrt(0.85))
    mean = np.trapezoid(beyond * stats.norm.pdf(y), y, axis=1) / 0.001
    np.testing.assert_allclose(
        parts.expected_shortfall_yuan, book.debt_yuan * book.severity * mean, rtol=1e-3
    )


def test_a_normal_for_names_gives_the_parts_of_drawn_names():
    debts = np.tile(column(1.0, 2.0, 4.0, 8.0), 500)
    chance = np.repeat(column(0.01, 0.03), 1000)
    book = fixed(debts, chance, np.zeros(2000), np.ones(2000))
    kind = (np.arange(2000) % 4 + 4 * (np.arange(2000) // 1000)).astype(np.int64)
    normal, drawn = (
        contributions(
            simulate(book, one_factor(0.12), level=0.99, seed=3, scenarios=1024, own_risk=k)
        ).by(kind, 8)
        for k in ("normal", "drawn")
    )
    np.testing.assert_allclose(
        normal.expected_shortfall_yuan, drawn.expected_shortfall_yuan, rtol=0.02
    )
    np.testing.assert_allclose(normal.value_at_risk_yuan, drawn.value_at_risk_yuan, rtol=0.04)


def test_alike_debts_share_alike_whatever_their_order():
    book = graded(64)
    double = book.take(np.repeat(np.arange(64), 2))
    turned = double.take(np.random.Generator(np.random.Philox(1)).permutation(128))
    shares = []
    for rows in (double, turned):
        found = simulate(
            rows, sixteen_factors(), level=0.9, seed=4, scenarios=512, scrambles=4, own_risk="drawn"
        )
        parts = contributions(found)
        order = np.lexsort((rows.default_chance, rows.debt_yuan))
        shares.append(parts.expected_shortfall_yuan[order])
    np.testing.assert_allclose(shares[0], shares[1], rtol=1e-11)
    np.testing.assert_array_equal(shares[0][::2], shares[0][1::2])


def test_a_large_name_is_in_the_tail_with_its_own_chance():
    """The hybrid: one debt of a tenth of the book takes far more than its share of ES."""
    debts = np.concatenate((np.ones(2000), column(200.0)))
    book = fixed(debts, np.full(2001, 0.05), np.zeros(2001), np.ones(2001))
    found = simulate(book, one_factor(0.15), level=0.99, seed=5, scenarios=512, own_risk="hybrid")
    assert found.treatment.kind == "hybrid"
    parts = contributions(found)
    assert parts.expected_shortfall_yuan.sum() == pytest.approx(
        found.expected_shortfall.value, rel=1e-11
    )
    assert parts.value_at_risk_yuan.sum() == pytest.approx(found.value_at_risk.value, rel=1e-11)
    each = parts.expected_shortfall_yuan / debts
    assert each[-1] > 1.2 * each[0]


def test_groups_must_be_numbered():
    found = simulate(
        graded(10), sixteen_factors(), seed=1, scenarios=64, scrambles=1, own_risk="none"
    )
    for group in (np.full(10, 3), np.full(10, -1), np.zeros(9, dtype=np.int64)):
        with pytest.raises(BookError, match="group"):
            contributions(found).by(group, 3)
