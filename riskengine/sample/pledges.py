"""Synthetic pledges, loans and policies on synthetic rights: mostly in order, some not."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from riskengine.gates.plan import Gate, Plan, plan_of
from riskengine.gates.tables import ON, inspected, pledges
from riskengine.rights import RIGHTS
from riskengine.rules import statute
from riskengine.rules.facts import INSPECTIONS, declared_facts
from riskengine.sample.places import dates_around

GOOD, UNKNOWN = 0.97, 0.02
"""Chances that a fact is in order, and that nobody stated it."""
TYPES = {"land": "household", "homestead": "household", "construction": "company",
         "forest": "household", "equity": "person", "ecology": "collective"}  # fmt: skip
"""Who gives each kind of right as security."""
OBJECTS = {"land": "land_management_right", "homestead": "farmhouse",
           "construction": "entered_construction_land", "forest": "forest_right",
           "equity": "collective_equity", "ecology": "carbon_units"}  # fmt: skip
"""What is pledged, by kind of right."""


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
        Columns of the pledges, without identifiers.
    """
    day = np.datetime64(valued_on)
    loan = first_loan + np.cumsum(rng.random(size) > 0.1)
    created = dates_around(rng, size, day, -2.0, -0.02)
    columns: dict[str, Any] = {
        "loan_id": np.array([f"SAMPLE-LOAN-{k:09d}" for k in loan]),
        "created_on": created,
        "appraised_on": np.minimum(created, day),
        "mortgagor_type": np.full(size, TYPES[table]),
        "pledged_object": np.full(size, OBJECTS[table]),
        "agreed_sale": rng.random(size) < 0.4,
    }  # fmt: skip
    for name in INSPECTIONS:
        visited = created - rng.integers(1, 60, size).astype("timedelta64[D]")
        columns[inspected(name)] = np.where(rng.random(size) < 0.95, visited, np.datetime64("NaT"))
    plan = plan_of(statute(), table, valued_on)
    for gate in plan.gates:
        fact = declared_facts()[gate.fact]
        if fact.source == "paper" and not fact.inspection and fact.name not in columns:
            drawn = _drawn(rng, size, plan, gate)
            if drawn is not None:
                columns[fact.name] = drawn
            if fact.dated:
                columns[fact.name + ON] = created
    known = pledges().by_name
    return {name: column for name, column in columns.items() if name in known}


def _drawn(rng: np.random.Generator, size: int, plan: Plan, gate: Gate) -> Any:
    """A fact that mostly keeps a rule; None for one that the rule does not settle."""
    chance = rng.random(size)
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
    said = np.where(good, keeps[0], breaks[0]).astype(object)
    said[~known] = None
    return said


def sample_loans(
    rng: np.random.Generator, ids: list[str], value_yuan: np.ndarray[Any, Any], valued_on: date
) -> Mapping[str, Any]:
    """Draw synthetic loans.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    ids : list of str
        Identifiers.
    value_yuan : (n,) float64
        What secures each [yuan].
    valued_on : datetime.date
        Day around which days are drawn.

    Returns
    -------
    mapping of str to array
        Columns of the loans.
    """
    size, day = len(ids), np.datetime64(valued_on)
    starts = dates_around(rng, size, day, -1.5, 0.0)
    lender = rng.choice(["bank", "rural_bank", "guarantee_company"], size, p=[0.3, 0.5, 0.2])
    share = rng.uniform(0.02, 0.35, size)
    return {
        "loan_id": np.array(ids), "lender_type": lender,
        "balance_yuan": np.round(np.maximum(np.nan_to_num(value_yuan) * share, 1000.0), -2),
        "starts_on": starts,
        "matures_on": starts + rng.integers(300, 1500, size).astype("timedelta64[D]"),
        "rate_per_year": np.round(rng.uniform(0.03, 0.065, size), 4),
        "guarantee_until": starts + rng.integers(400, 1900, size).astype("timedelta64[D]"),
    }  # fmt: skip


def sample_policies(
    rng: np.random.Generator, table: str, right_ids: list[str], valued_on: date
) -> Mapping[str, Any]:
    """Draw synthetic policies on some rights of one kind.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    table : str
        Kind of right: land, forest or homestead.
    right_ids : list of str
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
    starts = dates_around(rng, size, day, -0.9, 0.0)
    assert table in RIGHTS
    return {
        "right_kind": np.full(size, table), "right_id": np.array(right_ids),
        "kind": np.full(size, kind),
        "sum_insured_yuan": np.round(rng.lognormal(10.5, 0.8, size), 0),
        "starts_on": starts, "ends_on": starts + np.timedelta64(365, "D"),
        "insurer_notified": rng.random(size) < 0.8, "named_insured": rng.random(size) < 0.95,
        "group_policy": np.zeros(size, dtype=bool),
    }  # fmt: skip
