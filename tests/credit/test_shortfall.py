"""Faces of shortfall and wrong-way risk: columns in and out, distributions of time, refusals."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from riskengine.allocation import Claim, allocate
from riskengine.credit.rows import STATUS, CreditError
from riskengine.credit.shortfall import (
    collateral_shortfall,
    gamma_times,
    rank_losses,
    shortfall_from_quantiles,
    timed_shortfall,
)
from riskengine.credit.wrong_way import (
    given_factors,
    risk_based_loan_to_value,
    wrong_way_shortfall,
)
from riskengine.kernels.shortfall import expected_shortfall_of_sale, net_forward, sale_spread


def test_notes_as_columns() -> None:
    """LGD-PUT-01 and -02, one table."""
    found = collateral_shortfall(
        100.0, [120.0, 150.0], [0.2, 0.3], [0.0, 0.02], [0.25, 0.3], [2.0, 1.5], [0.04, 0.05]
    )
    assert found.shortfall_yuan == pytest.approx([15.8415814059, 11.4180549879], rel=1e-9)
    assert found.economic_loss_share == pytest.approx([0.223119881097, 0.178186775087], rel=1e-9)
    assert found.chance_short == pytest.approx([0.614947950125, 0.487743256461], rel=1e-9)
    assert found.status.tolist() == [0, 0]


def test_error_of_the_value_raises_the_loss() -> None:
    sure = collateral_shortfall(100.0, 150.0, 0.2, 0.0, 0.2, 1.0, 0.0)
    unsure = collateral_shortfall(
        100.0, 150.0, 0.2, 0.0, 0.2, 1.0, 0.0, value_error=[0.0, 0.1, 0.3]
    )
    assert unsure.loss_share[0] == sure.loss_share[0]
    assert np.all(np.diff(unsure.loss_share) > 0.0)
    rng = np.random.default_rng(3)
    value = 150.0 * np.exp(0.3 * rng.standard_normal(200_000) - 0.045)
    later = 0.8 * value * np.exp(0.2 * rng.standard_normal(value.size) - 0.02)
    lost = np.maximum(100.0 - later, 0.0)
    assert abs(lost.mean() - unsure.shortfall_yuan[2]) < 3.5 * lost.std() / math.sqrt(lost.size)


def test_gamma_time_by_quadrature() -> None:
    for mean, deviation in ((1.5, 0.75), (2.0, 2.0), (1.0, 1.4), (2.0, 0.05)):
        times, weights = gamma_times(mean, deviation)
        found = timed_shortfall(100.0, 120.0, 0.1, -0.02, 0.25, 0.04, times, weights)
        shape = (mean / deviation) ** 2
        law = stats.gamma(shape, scale=mean / shape)

        def put(t: float, kind: int, law: "stats.rv_frozen" = law) -> float:
            lost = expected_shortfall_of_sale(
                100.0, net_forward(120.0, 0.1, -0.02, t), sale_spread(0.25, t, 0.0)
            )
            return float(law.pdf(t) * (lost if kind == 0 else (100.0 - lost) * math.exp(-0.04 * t)))

        # In u = sqrt(t) the density and the put are smooth enough for an adaptive rule.
        ends = [math.sqrt(law.ppf(q)) for q in (1e-14, 0.1, 0.5, 0.9)] + [math.sqrt(law.isf(1e-14))]
        lost, paid = (
            sum(integrate.quad(lambda u, k=k: 2.0 * u * put(u * u, k), a, b, epsrel=1e-11)[0]
                for a, b in pairwise(ends))
            for k in (0, 1)
        )  # fmt: skip
        assert found.shortfall_yuan[0] == pytest.approx(lost, rel=1e-8)
        assert found.economic_loss_share[0] == pytest.approx(1.0 - paid / 100.0, rel=1e-8)


def test_what_is_never_sold_brings_nothing() -> None:
    found = timed_shortfall(100.0, 1e9, 0.0, 0.0, 0.1, 0.0, [1.0], [0.75], enforceable=0.8)
    assert found.loss_share[0] == pytest.approx(0.2 + 0.8 * 0.25, rel=1e-12)
    assert found.economic_loss_share[0] == pytest.approx(0.4, rel=1e-12)


def test_quantiles_of_an_even_law_are_the_put() -> None:
    z = 1.6448536269514722
    lost, share, mean, status = shortfall_from_quantiles(
        100.0, 96.0 * math.exp(-0.3 * z), 96.0, 96.0 * math.exp(0.3 * z)
    )
    forward = 96.0 * math.exp(0.045)
    assert lost[0] == pytest.approx(expected_shortfall_of_sale(100.0, forward, 0.3), rel=1e-10)
    assert (share[0], mean[0], status[0]) == (lost[0] / 100.0, pytest.approx(forward), 0)


def test_wrong_way_columns() -> None:
    """The spec's example: 8.1 % without, 13.7 % with a correlation of 0.2, then ever faster."""
    found = wrong_way_shortfall(100.0, 110.0, 0.3, 0.03, [0.0, 0.2, 0.4, 0.6])
    assert found.loss_share[:2] == pytest.approx([0.0814101204896, 0.136612656398], rel=1e-9)
    assert found.loss_share[0] == pytest.approx(found.independent_loss_share[0], rel=1e-13)
    assert np.all(np.diff(found.loss_share) > 0.0)
    assert found.loss_share[2] - found.loss_share[1] > found.loss_share[1] - found.loss_share[0]


def test_given_factors() -> None:
    """LGD-COND-01."""
    found = given_factors(
        100.0, 110.0, 0.3, 0.03, [[math.sqrt(0.12)]], [[0.5]], [-3.090232306167813]
    )
    assert found.default_chance[0] == pytest.approx(0.193851956175, rel=1e-9)
    assert found.loss_rate[0] == pytest.approx(0.0625412286886, rel=1e-9)
    with pytest.raises(CreditError, match="shape"):
        given_factors([100.0] * 2, 110.0, 0.3, 0.03, [[0.1]], [[0.5]], [0.0])


def test_ranks() -> None:
    losses, status = rank_losses([60.0, 40.0, 100.0], [0, 2, 3], [96.0, 96.0], 0.3)
    assert losses[:2].sum() == pytest.approx(losses[2], rel=1e-13)
    assert status.tolist() == [0, 0]
    with pytest.raises(CreditError, match="has 3 rows, not 2"):
        rank_losses([60.0, 40.0], [0, 1, 2], [1.0, 2.0, 3.0], 0.3)
    with pytest.raises(CreditError, match="rising from 0 to 2"):
        rank_losses([60.0, 40.0], [0, 1], 96.0, 0.3)


def test_loan_to_value() -> None:
    found = risk_based_loan_to_value(
        [0.05, 0.05], 0.0, 0.25, 2.0, 0.05, 0.06, default_chance=[1.0, 0.03], correlation=0.3
    )
    assert found.loan_to_value[0] == pytest.approx(0.444024877607, rel=1e-9)
    assert (
        found.loan_to_value[1] < found.unconditional[1] == pytest.approx(0.444024877607, rel=1e-9)
    )
    loose = wrong_way_chance = found.chance_at_default[1]
    assert loose > 0.1 and wrong_way_chance < 0.2


def test_bad_rows_are_marked_and_bad_columns_refused() -> None:
    found = collateral_shortfall([100.0, math.nan, 0.0, -5.0], 120.0, 0.2, 0.0, 0.25, 2.0, 0.04)
    assert [STATUS[s].en.split(":")[0] for s in found.status] == [
        "fine",
        "something is missing",
        "no debt",
        "out of range",
    ]
    assert np.isnan(found.shortfall_yuan).tolist() == [False, True, False, True]
    with pytest.raises(CreditError, match="has 3 rows"):
        collateral_shortfall([1.0, 2.0], [1.0, 2.0, 3.0], 0.2, 0.0, 0.25, 2.0, 0.04)
    with pytest.raises(CreditError, match="numbers"):
        collateral_shortfall(["x"], 1.0, 0.2, 0.0, 0.25, 2.0, 0.04)
    with pytest.raises(CreditError, match="not one column"):
        collateral_shortfall([[1.0]], 1.0, 0.2, 0.0, 0.25, 2.0, 0.04)
    for times, weights in (
        ([1.0], [1.1]),
        ([-1.0], [1.0]),
        ([math.nan], [1.0]),
        ([1.0, 2.0], [0.5]),
    ):
        with pytest.raises(CreditError, match="distribution"):
            timed_shortfall(100.0, 120.0, 0.1, 0.0, 0.2, 0.0, times, weights)
    for bad in ((0.0, 1.0), (1.0, 0.0), (1.0, 5.0), (math.nan, 1.0)):
        with pytest.raises(CreditError):
            gamma_times(*bad)
    with pytest.raises(CreditError):
        shortfall_from_quantiles(1.0, 1.0, 1.0, 1.0, tail=0.5)


def test_allocation_of_the_notes_to_nine_digits() -> None:
    """LGD-ALLOC-01 in units of nine thousand, where every pro-rata share is whole fen."""
    unit = 9000.0
    values = {"0": 70.0 * unit, "1": 50.0 * unit, "2": 90.0 * unit}
    balances = {"0": 100.0 * unit, "1": 80.0 * unit, "2": 60.0 * unit}
    claims = [Claim("0", "0", 0), Claim("1", "0", 0), Claim("1", "1", 0), Claim("2", "2", 0)]
    found = allocate(values, balances, claims, "pro_rata")
    cover = [found.covered_yuan[loan] / unit for loan in "012"]
    assert cover == pytest.approx([97.7777777778, 22.2222222222, 60.0], abs=1e-9)
    weights = {"0": 0.02, "1": 0.05, "2": 0.01}
    missed = sum(weights[loan] * amount for loan, amount in found.uncovered_yuan.items()) / unit
    assert missed == pytest.approx(2.93333333333, abs=1e-9)
