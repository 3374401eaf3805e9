"""Prospects of valued rights: the simulated mean stays near the value, defaults take away."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from riskengine.market import demonstration
from riskengine.prospect import Borrower
from riskengine.prospects import loss_of, prospect_of
from riskengine.rights import RIGHTS
from riskengine.rules import statute
from riskengine.sample import SAMPLES
from riskengine.simulation import simulate
from riskengine.table import check, from_pandas
from riskengine.valuation import value

DAY = date(2026, 11, 24)
MARKET, RULES = demonstration().on(DAY), statute().at(DAY)


def valued(table: str, rows: list[dict[str, object]]):
    frame = pd.DataFrame(rows)
    frame.insert(0, "right_id", [f"S{k}" for k in range(len(frame))])
    found = check(RIGHTS[table], from_pandas(RIGHTS[table], frame), DAY)
    assert not found.faults, found.faults[:3]
    return value(found.batch, MARKET, RULES)


COMING = {
    "kind": "carbon_contracted", "region_code": "370983", "programme": "ccer",
    "stage": "registered", "area_mu": 20_000.0, "yield_t_per_mu_year": 0.6,
    "crediting_start": "2026-11-24", "crediting_end": "2046-11-24",
}  # fmt: skip
ISSUED = {
    "kind": "carbon_issued", "region_code": "370983", "programme": "ccer", "quantity_t": 10_000.0,
}  # fmt: skip
SHARE = {
    "kind": "household_share", "region_code": "330206", "shares": 10.0,
    "dividend_1_yuan_per_share_year": 90.0, "dividend_2_yuan_per_share_year": 100.0,
    "dividend_3_yuan_per_share_year": 110.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("table", "row", "kept"),
    # What is left of the value after the cost of sale and the wait, about.
    [("ecology", COMING, 1.0), ("ecology", ISSUED, 0.96), ("equity", SHARE, 0.93)],
)
def test_simulated_mean_lies_near_the_value(table: str, row: dict, kept: float) -> None:
    found = valued(table, [row])
    prospect = prospect_of(found, 0, Borrower(0.05, 0.4))
    assert prospect is not None
    answer = simulate(prospect, 7)
    assert answer.value.mean_yuan == pytest.approx(kept * found.reconciled[0, 0], rel=0.02)
    assert answer.value.p05_yuan < answer.value.p50_yuan < answer.value.p95_yuan
    assert answer.at_default is not None
    assert answer.at_default.mean_yuan < answer.value.mean_yuan


@pytest.mark.parametrize("table", sorted(SAMPLES))
def test_every_right_with_a_value_has_a_prospect(table: str) -> None:
    frame = pd.DataFrame(SAMPLES[table](np.random.default_rng(3), 60, DAY))
    frame.insert(0, "right_id", [f"S{k}" for k in range(60)])
    found = check(RIGHTS[table], from_pandas(RIGHTS[table], frame), DAY)
    valuation = value(found.batch, MARKET, RULES)
    for row in range(valuation.batch.size):
        prospect = prospect_of(valuation, row)
        assert (prospect is None) == (not valuation.reconciled[0, row] > 0.0)
        if prospect is not None:
            prospect.check()


LEASE = {
    "kind": "household", "region_code": "370983", "area_mu": 30.0, "land_use": "paddy",
    "contract_end": "2040-12-31",
}  # fmt: skip


def test_loss_of_a_right_against_simulation() -> None:
    """The value errs, the market swings, the sale takes its time: drawn one by one."""
    found = valued("land", [LEASE])
    value, error = found.reconciled[:2, 0]
    assert error > 0.1
    volatility, years, haircut, cost = (
        MARKET.quote(name, "", "land").value
        for name in ("volatility", "years_to_sell", "liquidity_haircut", "sale_cost")
    )
    rng, n = np.random.default_rng(11), 400_000
    t = rng.exponential(years, n)
    s = np.hypot(volatility * np.sqrt(t), error)
    for share in (0.3, 0.7):
        debt = share * value
        told = loss_of(found, debt, 0.05, enforceable=0.9)
        sold = value * (1.0 - haircut) * (1.0 - cost) * np.exp(-s * s / 2 + s * rng.normal(size=n))
        sold *= rng.random(n) < 0.9
        loss = 1.0 - 1.05**-t * np.minimum(sold, debt) / debt
        assert told.mean[0] == pytest.approx(loss.mean(), abs=4.0 * loss.std() / np.sqrt(n))
        assert (np.diff(told.quantiles[:, 0]) >= 0.0).all()


def test_claims_that_rank_before_are_paid_first() -> None:
    worth = float(valued("land", [LEASE]).reconciled[0, 0])
    claims = [{}, {"prior_claims_yuan": 0.3 * worth}, {"rent_arrears_yuan": 0.3 * worth},
              {"prior_claims_yuan": 2.0 * worth}]  # fmt: skip
    found = valued("land", [{**LEASE, **claim} for claim in claims])
    told = loss_of(found, np.full(4, 0.4 * worth), 0.05).mean
    assert told[0] < told[1] == pytest.approx(told[2], rel=1e-12)
    assert told[1] < told[3] == pytest.approx(1.0, rel=1e-12)


def test_a_right_without_value_has_no_loss() -> None:
    found = valued("ecology", [ISSUED | {"quantity_t": 10.0}])
    found.reconciled[0] = np.nan
    assert np.isnan(loss_of(found, 1e4, 0.05).mean[0])
