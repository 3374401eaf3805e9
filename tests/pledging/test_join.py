"""Several pledges on one right: insurance, cap and loan-to-value are those of the right."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from riskengine.casefile.read import tape_of
from riskengine.gates.plan import LIMITS
from riskengine.gates.tables import LOANS, pledges, policies
from riskengine.gates.tapes import matched
from riskengine.market import demonstration
from riskengine.pledging.assess import Assessed, assess
from riskengine.pledging.join import Standing
from riskengine.rules import statute, statute_of
from riskengine.single import check_records
from riskengine.valuation import value

DAY = date(2026, 11, 23)
RIGHT = {
    "right_id": "R-1", "kind": "household", "region_code": "429006", "area_mu": 120.0,
    "land_use": "irrigated", "contract_end": date(2055, 12, 31),
}  # fmt: skip
POLICY = {
    "right_kind": "land", "right_id": "R-1", "kind": "full_cost", "sum_insured_yuan": 100_000.0,
    "ends_on": date(2027, 12, 31), "insurer_notified": True, "named_insured": True,
}  # fmt: skip


def both(
    senior: tuple[float, float],
    share: tuple[float, float],
    limit: float | None = None,
    **policy: Any,
) -> Assessed:
    """Two pledges of 300,000 yuan each on one right, each for an amount at most."""
    batch = check_records("land", [RIGHT], DAY).batch
    valuation = value(batch, demonstration().on(DAY), statute().at(DAY))
    papers = [
        {"pledge_id": name, "right_kind": "land", "right_id": "R-1", "loan_id": name,
         "agreed_sale": True, "mortgagor_type": "household", "secured_limit_yuan": limit}
        for name in ("A", "B")
    ]  # fmt: skip
    loans = [
        {"loan_id": name, "balance_yuan": 300_000.0, "matures_on": date(2027, 11, 23)}
        for name in ("A", "B")
    ]
    cover = tape_of(policies(), [{"policy_id": "1", **POLICY, **policy}], DAY)
    standing = Standing(np.full(2, 300_000.0), np.array(senior), np.array(share))
    return assess(
        valuation, tape_of(pledges(), papers, DAY), np.zeros(2, dtype=np.int64),
        tape_of(LOANS, loans, DAY), cover, standing=standing, law=statute_of,
    )  # fmt: skip


def test_every_pledge_on_an_insured_right_is_insured_and_the_money_counts_once() -> None:
    equal = both((0.0, 0.0), (0.5, 0.5))
    assert equal.of.policies["live"].tolist() == [1.0, 1.0]
    added = (equal.steps[13] - equal.steps[12]) / 100.0
    assert added.tolist() == pytest.approx([10_000.0, 10_000.0], abs=0.01)
    ranked = both((0.0, 300_000.0), (1.0, 1.0))
    added = (ranked.steps[13] - ranked.steps[12]) / 100.0
    assert added.tolist() == pytest.approx([20_000.0, 0.0], abs=0.01)


def test_pledges_on_one_right_stay_within_its_cap_together() -> None:
    for senior, share in (((0.0, 0.0), (0.5, 0.5)), ((0.0, 300_000.0), (1.0, 1.0))):
        found = both(senior, share)
        cap = found.limits[LIMITS.index("loan_to_value"), 0]
        left = found.steps[14] / 100.0
        taken = left.sum() if senior[1] == 0.0 else left[1] + 300_000.0
        assert taken <= cap * found.of.value_yuan[0] + 0.02 or left[1] == 0.0


@pytest.mark.parametrize("more", [10.0, -10.0])
def test_what_a_later_rank_secures_is_not_lessened_by_what_ranks_before(more: float) -> None:
    free = float(both((0.0, 50_000.0), (1.0, 1.0)).lending_value_yuan[1])
    assert free > 20.0
    bound = float(both((0.0, 50_000.0), (1.0, 1.0), limit=free + more).lending_value_yuan[1])
    assert bound == pytest.approx(min(free, free + more), abs=0.01)


def test_loan_to_value_counts_earlier_ranks() -> None:
    found = both((0.0, 300_000.0), (1.0, 1.0))
    worth = found.of.value_yuan[0]
    ratio = found.facts.numbers["loan_to_value"]
    assert ratio.tolist() == pytest.approx([300_000.0 / worth, 600_000.0 / worth])
    halves = both((0.0, 0.0), (0.5, 0.5)).facts.numbers["loan_to_value"]
    assert halves.tolist() == pytest.approx([600_000.0 / worth] * 2)


def test_all_rows_of_an_identifier_are_found() -> None:
    position, row = matched(pa.array(["b", None, "x", "a"]), pa.array(["a", "b", "a", "b", "b"]))
    assert position.tolist() == [0, 0, 0, 3, 3]
    assert row.tolist() == [1, 3, 4, 0, 2]
    nothing = matched(pa.array([], pa.string()), pa.array(["a"]))
    assert [part.size for part in nothing] == [0, 0]
