"""Every fact that the law asks of some pledges: stated, found in the right, derived, inspected."""

import numpy as np
from numpy.typing import NDArray

from riskengine.gates.derive import DERIVED
from riskengine.gates.derive_rights import Derived
from riskengine.gates.judge import UNKNOWN, Codes, Facts, Numbers
from riskengine.gates.plan import Plan
from riskengine.gates.secured import Secured
from riskengine.gates.tables import ON, UNTIL, inspected
from riskengine.kernels.facts import clear_rows, code_rows, flag_rows, lapse_rows
from riskengine.rules.facts import Fact, declared_facts

MONTH = 365.25 / 12.0
"""Mean month [day]."""


def facts_of(of: Secured, plan: Plan, so_far: Facts | None = None) -> Facts:
    """Gather every fact that the law asks of some pledges.

    Parameters
    ----------
    of : Secured
        The pledges.
    plan : Plan
        The law.
    so_far : Facts or None
        What was gathered for another law: not gathered again.

    Returns
    -------
    Facts
        The facts.

    Notes
    -----
    What an officer states goes before a column of the right, that before what can be
    derived.  An inspection answers the adverse facts that it would have found, where it was
    made no longer before the security was created than ``gates.inspection_months``.
    """
    looks: dict[str, NDArray[np.bool_]] = {}
    declared = declared_facts()
    coded = dict(so_far.coded) if so_far is not None else {}
    numbers = dict(so_far.numbers) if so_far is not None else {}
    for name, words in plan.words.items():
        if name not in coded:
            coded[name] = _coded(of, declared[name], words, looks)
    for name in plan.numbers:
        if name not in numbers:
            numbers[name] = _number(of, declared[name], looks)
    return Facts(of.size, coded, numbers)


def _derivation(of: Secured, name: str) -> Derived | None:
    """How a fact follows, where it does."""
    return DERIVED.get(of.table, {}).get(name) or DERIVED[""].get(name)


def _looked(of: Secured, fact: Fact, looks: dict[str, NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Whether the inspection that finds a fact was made in time."""
    if fact.inspection not in looks:
        made = of.pledge(inspected(fact.inspection))
        oldest = of.created - of.rules.number("gates.inspection_months") * MONTH
        looks[fact.inspection] = (made <= of.day) & (made >= oldest)
    return looks[fact.inspection]


def _coded(
    of: Secured, fact: Fact, words: tuple[str, ...], looks: dict[str, NDArray[np.bool_]]
) -> Codes:
    """A flag or a word of every pledge."""
    out = np.full(of.size, UNKNOWN, dtype=np.int8)
    for columns in (of.pledges.columns, of.rights.columns):
        if fact.name in columns and (fact.source == "paper" or columns is of.rights.columns):
            _fill(columns[fact.name], words, out)
    derive = _derivation(of, fact.name)
    if derive is not None and (out < 0).any():
        found = derive(of)
        known = (out < 0) & ~np.isnan(found)
        out[known] = found[known].astype(np.int8)
    if fact.dated:
        lapse_rows(of.pledge(fact.name + ON), of.pledge(fact.name + UNTIL), of.day, out)
    if fact.inspection:
        said = str(fact.clear).lower() if isinstance(fact.clear, bool) else str(fact.clear)
        clear_rows(_looked(of, fact, looks), np.int8(words.index(said)), out)
    return out


def _fill(
    column: NDArray[np.float64] | NDArray[np.int64], words: tuple[str, ...], out: Codes
) -> None:
    """Fill what a column states."""
    if column.dtype == np.float64:
        flag_rows(column, out)
    else:
        code_rows(column, np.arange(len(words), dtype=np.int8), out)


def _number(of: Secured, fact: Fact, looks: dict[str, NDArray[np.bool_]]) -> Numbers:
    """A number of every pledge."""
    out = np.full(of.size, np.nan)
    for columns in (of.pledges.columns, of.rights.columns):
        if fact.name in columns and columns[fact.name].dtype == np.float64:
            out = np.where(np.isnan(out), columns[fact.name], out)
    derive = _derivation(of, fact.name)
    if derive is not None and np.isnan(out).any():
        out = np.where(np.isnan(out), derive(of), out)
    if fact.inspection:
        out = np.where(np.isnan(out) & _looked(of, fact, looks), float(fact.clear), out)
    return out
