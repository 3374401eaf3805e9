"""Prospects of valued rights: the simulated mean stays near the value, defaults take away."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from riskengine.market import demonstration
from riskengine.prospect import Borrower
from riskengine.prospects import prospect_of
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
