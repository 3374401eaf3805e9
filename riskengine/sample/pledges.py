"""Synthetic pledges, loans and policies on synthetic rights: mostly in order, some not."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from riskengine.gates.plan import Gate, Plan, plan_of
from riskengine.gates.tables import ON, UNTIL, inspected, pledges
from riskengine.rights import RIGHTS
from riskengine.rules import statute
from riskengine.rules.facts import INSPECTIONS, Fact, declared_facts
from riskengine.sample.places import dates_around

Days = NDArray[np.datetime64]
GOOD, UNKNOWN = 0.97, 0.02
"""Chances that a fact on untidy papers is in order, and that nobody stated it."""
TIDY = 0.8
"""Share of pledges whose papers are all in order."""
TROUBLES: Mapping[str, tuple[float, Any]] = {
    "sealed_or_seized": (0.004, True), "disputed": (0.003, True), "idle_years": (0.004, 2.5),
    "expropriation_announced": (0.002, True), "in_nature_reserve": (0.002, True),
    "non_grain_use": (0.003, True), "non_farm_building_on_land": (0.002, True),
}  # fmt: skip
"""What visits and registers find here and there: chance, and what is stated."""
STATED: Mapping[str, str] = {"holder_type": "member", "higher_approval": "true",
                             "housing_deduction_accepted": "true", "statutory_appraisal": "false"}  # fmt: skip
"""Facts on which rules depend that no rule judges, as they mostly are."""
TYPES = {"land": "household", "homestead": "household", "construction": "company",
         "forest": "household", "equity": "person", "ecology": "collective"}  # fmt: skip
"""Who gives each kind of right as security."""
OBJECTS = {"land": "land_management_right", "homestead": "farmhouse",
           "construction": "entered_construction_land", "forest": "forest_right",
           "equity": "collective_equity", "ecology": "carbon_units"}  # fmt: skip
"""What is pledged, by kind of right."""
NEVER = np.datetime64("NaT", "D")


def sample_pledges(
    rng: np.random.Generator, table: str, size: int, first_loan: int, valued_on: date
) -> Mapping[str, Any]:
    """Draw synthetic pledges on rights of one kind.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    table : str
        Kind of right.
    size : int
        Pledges, one a right.
    first_loan : int
        Number of the first loan; each pledge secures the next, one in ten the one before.
    valued_on : datetime.date
        Day around which days are drawn.

    Returns
    -------
    mapping of str to array
        Columns of the pledges, without identifiers; pledges of one loan lie together.
    """
    day = np.datetime64(valued_on)
    opens = rng.random(size) > 0.1
    loan = first_loan + np.cumsum(opens)
    opens[:1] = True
    drawn = dates_around(rng, size, day, -2.0, -0.02)
    created = drawn[np.maximum.accumulate(np.where(opens, np.arange(size), 0))]
    revalued = day - rng.integers(1, 330, size).astype("timedelta64[D]")
    appraised = np.where(rng.random(size) < 0.9, np.maximum(created, revalued), created)
    columns: dict[str, Any] = {
        "loan_id": pc.binary_join_element_wise(
            "SAMPLE-LOAN", pc.utf8_lpad(pa.array(loan).cast(pa.string()), 9, "0"), "-"
        ),
        "created_on": created,
        "appraised_on": np.where(rng.random(size) < 0.99, appraised, NEVER),
        "mortgagor_type": _words(np.zeros(size, dtype=np.int8), [TYPES[table]]),
        "pledged_object": _words(np.zeros(size, dtype=np.int8), [OBJECTS[table]]),
        "agreed_sale": rng.random(size) < 0.4,
        **_visits(rng, size, day),
    }  # fmt: skip
    plan = plan_of(statute(), table, valued_on)
    tidy = rng.random(size) < TIDY
    for gate in plan.gates:
        fact = declared_facts()[gate.fact]
        whose = (gate.rule.judges.when or {}).get("mortgagor_type", (TYPES[table],))
        given = fact.source == "paper" and TYPES[table] in whose
        if given and not fact.inspection and fact.name not in columns:
            drawn_fact = _drawn(rng, tidy, plan, gate)
            if drawn_fact is not None:
                columns[fact.name] = drawn_fact
                if fact.dated:
                    columns |= _days(rng, fact, created, tidy, day)
    columns |= _told(rng, size, plan)
    known = pledges().by_name
    return {name: column for name, column in columns.items() if name in known}


def _visits(rng: np.random.Generator, size: int, day: np.datetime64) -> dict[str, Any]:
    """Days of the inspections: one round of visits each, mostly in the last ten months."""
    recent = rng.random(size) < 0.94
    ago = np.where(recent, rng.integers(1, 270, size), rng.integers(270, 660, size))
    found = {}
    for name in INSPECTIONS:
        visited = day - (ago + rng.integers(0, 31, size)).astype("timedelta64[D]")
        found[inspected(name)] = np.where(rng.random(size) < 0.995, visited, NEVER)
    return found


def _days(
    rng: np.random.Generator, fact: Fact, created: Days, tidy: NDArray[np.bool_], day: np.datetime64
) -> dict[str, Any]:
    """Day on which a paper was given, and on some the last day on which it holds."""
    size = created.size
    ends = dates_around(rng, size, day, -0.3, 3.0)
    chance = np.where(tidy, 0.02, 0.1)
    ends = np.where(tidy, np.maximum(ends, day + np.timedelta64(20, "D")), ends)
    until = np.where(rng.random(size) < chance, np.maximum(ends, created), NEVER)
    return {fact.name + ON: created, fact.name + UNTIL: until}


def _told(rng: np.random.Generator, size: int, plan: Plan) -> dict[str, Any]:
    """Troubles that visits find, and facts that other rules depend on."""
    found: dict[str, Any] = {}
    asked = (*plan.words, *plan.numbers)
    for name, (chance, said) in TROUBLES.items():
        if name in asked:
            hit = np.flatnonzero(rng.random(size) < chance)
            if isinstance(said, bool):
                found[name] = _words(np.full(size, -1, dtype=np.int8), ["true"], hit)
            else:
                column = np.full(size, np.nan)
                column[hit] = said
                found[name] = column
    for name, word in STATED.items():
        if name in asked:
            kept = (rng.random(size) < 0.01).astype(np.int8) * np.int8(-1)
            found[name] = _words(kept, [word])
    return found


def _words(
    index: NDArray[np.int8], words: list[str], hit: NDArray[np.int64] | None = None
) -> pa.Array:
    """Words by position, stored once each; -1 for none, the first word at some rows."""
    if hit is not None:
        index[hit] = 0
    return pa.DictionaryArray.from_arrays(
        pa.array(index.astype(np.int32), mask=index < 0), pa.array(words)
    )


def _drawn(rng: np.random.Generator, tidy: NDArray[np.bool_], plan: Plan, gate: Gate) -> Any:
    """A fact that mostly keeps a rule; None for one that the rule does not settle."""
    chance = np.where(tidy, 1.0, rng.random(tidy.size))
    known, good = chance >= UNKNOWN, chance >= 1.0 - GOOD
    if gate.fact in plan.numbers:
        amount = float(gate.value.amount)
        off = 0.5 * amount if gate.rule.compare in (">=", ">") else 2.0 * amount + 1.0
        return np.where(known, np.where(good, amount, off), np.nan)
    words = plan.words[gate.fact]
    listed = gate.value.amount if gate.rule.compare in ("in", "not in") else [gate.value.amount]
    named = [str(word).lower() if isinstance(word, bool) else str(word) for word in listed]
    keeps = [word for word in words if (word in named) != (gate.rule.compare == "not in")]
    breaks = [word for word in words if word not in keeps]
    if not keeps or not breaks:
        return None
    said = np.where(known, np.where(good, 0, 1), -1).astype(np.int8)
    return _words(said, [keeps[0], breaks[0]])


def sample_loans(
    rng: np.random.Generator,
    ids: Sequence[str] | pa.Array,
    value_yuan: NDArray[np.float64],
    valued_on: date,
    starts_on: Days | None = None,
) -> Mapping[str, Any]:
    """Draw synthetic loans.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    ids : sequence of str or pyarrow.Array
        Identifiers.
    value_yuan : (n,) float64
        What secures each [yuan].
    valued_on : datetime.date
        Day around which days are drawn.
    starts_on : (n,) datetime64[D] or None
        Days on which the loans are paid out; drawn when None.

    Returns
    -------
    mapping of str to array
        Columns of the loans: a few repaid, a few overdue.
    """
    size, day = len(ids), np.datetime64(valued_on)
    starts = dates_around(rng, size, day, -1.5, 0.0) if starts_on is None else starts_on
    lender = rng.choice(np.array([0, 1, 2], dtype=np.int8), size, p=[0.35, 0.62, 0.03])
    share = rng.uniform(0.01, 0.16, size)
    matures = starts + rng.integers(300, 1500, size).astype("timedelta64[D]")
    late = (matures < day) & (rng.random(size) > 0.15)
    later = day + rng.integers(5, 400, size).astype("timedelta64[D]")
    matures = np.where(late, later, matures)
    balance = np.round(np.maximum(np.nan_to_num(value_yuan) * share, 1000.0), -2)
    guaranteed = matures + rng.integers(180, 1100, size).astype("timedelta64[D]")
    return {
        "loan_id": pa.array(ids),
        "lender_type": _words(lender, ["bank", "rural_bank", "guarantee_company"]),
        "balance_yuan": np.where(rng.random(size) < 0.02, 0.0, balance),
        "starts_on": starts, "matures_on": matures,
        "rate_per_year": np.round(rng.uniform(0.03, 0.065, size), 4),
        "guarantee_until": np.where(rng.random(size) < 0.3, guaranteed, NEVER),
    }  # fmt: skip


def sample_policies(
    rng: np.random.Generator, table: str, right_ids: Sequence[str] | pa.Array, valued_on: date
) -> Mapping[str, Any]:
    """Draw synthetic policies on some rights of one kind.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    table : str
        Kind of right: land, forest or homestead.
    right_ids : sequence of str or pyarrow.Array
        Rights that are insured.
    valued_on : datetime.date
        Day around which days are drawn.

    Returns
    -------
    mapping of str to array
        Columns of the policies, without identifiers.
    """
    size, day = len(right_ids), np.datetime64(valued_on)
    kind = {"land": "full_cost", "forest": "forest", "homestead": "house"}[table]
    starts = np.where(
        rng.random(size) < 0.94, dates_around(rng, size, day, -0.9, 0.0),
        dates_around(rng, size, day, -1.4, -1.0),
    )  # fmt: skip
    one = np.zeros(size, dtype=np.int8)
    assert table in RIGHTS
    return {
        "right_kind": _words(one, [table]), "right_id": pa.array(right_ids),
        "kind": _words(one, [kind]),
        "sum_insured_yuan": np.round(rng.lognormal(10.5, 0.8, size), 0),
        "starts_on": starts, "ends_on": starts + np.timedelta64(365, "D"),
        "insurer_notified": rng.random(size) < 0.9, "named_insured": rng.random(size) < 0.95,
        "group_policy": np.zeros(size, dtype=bool),
    }  # fmt: skip
