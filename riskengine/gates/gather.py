"""Every fact that the law asks of some pledges: stated, found in the right, derived, inspected."""

from dataclasses import dataclass, field
from functools import cache

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
    made no longer than ``gates.inspection_months`` before the day that decides.  A consent, a
    resolution or an authority must be there on the day the security is created; a filing, a
    registration or a notice may follow, and must still hold on the day of valuation.
    """
    work = _Gathering(of, plan.current)
    declared = declared_facts()
    coded = dict(so_far.coded) if so_far is not None else {}
    numbers = dict(so_far.numbers) if so_far is not None else {}
    wanted = [name for name in plan.words if name not in coded]
    block = np.full((len(wanted), of.size), UNKNOWN, dtype=np.int8)
    for name, out in zip(wanted, block, strict=True):
        work.fill(declared[name], plan.words[name], out)
        coded[name] = out
    for name in plan.numbers:
        if name not in numbers:
            numbers[name] = work.number(declared[name])
    return Facts(of.size, coded, numbers)


@cache
def _derivation(table: str, name: str) -> Derived | None:
    """How a fact follows, where it does."""
    return DERIVED.get(table, {}).get(name) or DERIVED[""].get(name)


@dataclass(slots=True)
class _Gathering:
    """Facts of some pledges while they are gathered."""

    of: Secured
    current: frozenset[str]
    looks: dict[tuple[str, bool], NDArray[np.bool_] | None] = field(default_factory=dict)

    def looked(self, fact: Fact) -> NDArray[np.bool_] | None:
        """Whether the inspection that finds a fact was made in time for the rules on it.

        None where none was made at all.
        """
        of, current = self.of, fact.name in self.current
        key = fact.inspection, current
        if key not in self.looks:
            column = inspected(fact.inspection)
            if column not in of.pledges.columns:
                self.looks[key] = None
                return None
            made = of.pledge(column)
            start = of.day if current else of.created
            oldest = start - of.rules.number("gates.inspection_months") * MONTH
            self.looks[key] = (made <= of.day) & (made >= oldest)
        return self.looks[key]

    def fill(self, fact: Fact, words: tuple[str, ...], out: Codes) -> None:
        """Fill a flag or a word of every pledge, unknown so far."""
        of, name = self.of, fact.name
        papers = of.pledges.columns
        if fact.source == "paper" and name in papers:
            _fill(papers[name], words, out)
        if name in of.rights.columns:
            _fill(of.rights.columns[name], words, out)
        derive = _derivation(of.table, name)
        if derive is not None and (out < 0).any():
            found = derive(of)
            known = (out < 0) & ~np.isnan(found)
            out[known] = found[known].astype(np.int8)
        if fact.dated and (name + ON in papers or name + UNTIL in papers):
            day = of.created if fact.settled else np.full(of.size, of.day)
            lapse_rows(of.pledge(name + ON), of.pledge(name + UNTIL), day, out)
        if fact.inspection and (looked := self.looked(fact)) is not None:
            clear_rows(looked, _clear(fact, words), out)

    def number(self, fact: Fact) -> Numbers:
        """A number of every pledge."""
        of = self.of
        out: Numbers | None = None
        for columns in (of.pledges.columns, of.rights.columns):
            if fact.name in columns and columns[fact.name].dtype == np.float64:
                column = columns[fact.name]
                out = column if out is None else np.where(np.isnan(out), column, out)
        derive = _derivation(of.table, fact.name)
        if derive is not None and (out is None or np.isnan(out).any()):
            out = derive(of) if out is None else np.where(np.isnan(out), derive(of), out)
        if out is None:
            out = np.full(of.size, np.nan)
        if fact.inspection and (clear := self.looked(fact)) is not None:
            clear = clear & ~_outranked(of) if fact.name == "prior_claims_yuan" else clear
            out = np.where(np.isnan(out) & clear, float(fact.clear), out)
        return out


def _clear(fact: Fact, words: tuple[str, ...]) -> np.int8:
    """Position of the word that a fact has when nothing was found."""
    said = str(fact.clear).lower() if isinstance(fact.clear, bool) else str(fact.clear)
    return np.int8(words.index(said))


def _outranked(of: Secured) -> NDArray[np.bool_]:
    """Whether a pledge ranks behind another of whose debt nothing is known."""
    return (of.pledge("rank") > 1.0) & ~(of.senior_yuan > 0.0)


def _fill(
    column: NDArray[np.float64] | NDArray[np.int64], words: tuple[str, ...], out: Codes
) -> None:
    """Fill what a column states."""
    if column.dtype == np.float64:
        flag_rows(column, out)
    else:
        code_rows(column, _positions(len(words)), out)


@cache
def _positions(count: int) -> Codes:
    """Positions of words, each its own."""
    return np.arange(count, dtype=np.int8)
