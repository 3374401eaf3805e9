"""Every fact that the law asks of some pledges: stated, found in the right, derived, inspected."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.gates.derive import DERIVED
from riskengine.gates.derive_rights import Derived
from riskengine.gates.judge import UNKNOWN, Codes, Facts, Numbers
from riskengine.gates.plan import Plan
from riskengine.gates.secured import Secured
from riskengine.gates.tables import ON, UNTIL, inspected
from riskengine.kernels.facts import clear_rows, code_rows, derive_rows, flag_rows, lapse_rows
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
    work, steps = _Gathering(of), _steps(plan, of.table)
    coded = dict(so_far.coded) if so_far is not None else {}
    numbers = dict(so_far.numbers) if so_far is not None else {}
    wanted = [step for step in steps.coded if step.name not in coded]
    block = np.full((len(wanted), of.size), UNKNOWN, dtype=np.int8)
    for step, out in zip(wanted, block, strict=True):
        work.fill(step, out)
        coded[step.name] = out
    for step in steps.numbers:
        if step.name not in numbers:
            numbers[step.name] = work.number(step)
    return Facts(of.size, coded, numbers)


class _Step(NamedTuple):
    """How one fact is gathered.

    Parameters
    ----------
    name : str
        The fact.
    fact : Fact
        Its declaration.
    word_count : int
        Number of its words; 0 for a number.
    derive : callable or None
        How it follows from others.
    on, until : str
        Columns with the days on which it was given and lapses; empty for a fact without days.
    inspection : str
        Column with the day of the inspection that would have found it; empty for none.
    current : bool
        Whether a rule asks how it stands on the day of valuation.
    clear : int8 or float
        What it is when nothing was found: position of the word, or number.
    """

    name: str
    fact: Fact
    word_count: int
    derive: Derived | None
    on: str
    until: str
    inspection: str
    current: bool
    clear: Any


class _Steps(NamedTuple):
    """How the facts of a plan are gathered: those in words, and numbers."""

    coded: tuple[_Step, ...]
    numbers: tuple[_Step, ...]


def _steps(plan: Plan, table: str) -> _Steps:
    """How the facts of a plan are gathered, laid out when first asked for."""
    key = f"facts of {table}"
    found: _Steps | None = plan.memory.get(key)
    if found is None:
        found = plan.memory[key] = _Steps(
            tuple(_step(plan, table, name, words) for name, words in plan.words.items()),
            tuple(_step(plan, table, name, ()) for name in plan.numbers),
        )
    return found


def _step(plan: Plan, table: str, name: str, words: tuple[str, ...]) -> _Step:
    """How one fact is gathered."""
    fact = declared_facts()[name]
    clear: Any = None
    if fact.inspection:
        clear = _clear(fact, words) if words else float(fact.clear)
    return _Step(
        name, fact, len(words), _derivation(table, name), name + ON if fact.dated else "",
        name + UNTIL if fact.dated else "",
        inspected(fact.inspection) if fact.inspection else "", name in plan.current, clear,
    )  # fmt: skip


@cache
def _derivation(table: str, name: str) -> Derived | None:
    """How a fact follows, where it does."""
    return DERIVED.get(table, {}).get(name) or DERIVED[""].get(name)


@dataclass(slots=True)
class _Gathering:
    """Facts of some pledges while they are gathered."""

    of: Secured
    looks: dict[tuple[str, bool], NDArray[np.bool_] | None] = field(default_factory=dict)

    def looked(self, step: _Step) -> NDArray[np.bool_] | None:
        """Whether the inspection that finds a fact was made in time for the rules on it.

        None where none was made at all.
        """
        of, key = self.of, (step.inspection, step.current)
        if key not in self.looks:
            if step.inspection not in of.pledges.columns:
                self.looks[key] = None
                return None
            made = of.pledge(step.inspection)
            start = of.day if step.current else of.created
            oldest = start - of.rules.number("gates.inspection_months") * MONTH
            self.looks[key] = (made <= of.day) & (made >= oldest)
        return self.looks[key]

    def fill(self, step: _Step, out: Codes) -> None:
        """Fill a flag or a word of every pledge, unknown so far."""
        of, name, fact = self.of, step.name, step.fact
        papers, stated = of.pledges.columns, False
        if fact.source == "paper" and name in papers:
            _fill(papers[name], step.word_count, out)
            stated = True
        if name in of.rights.columns:
            _fill(of.rights.columns[name], step.word_count, out)
            stated = True
        if step.derive is not None and (not stated or (out < 0).any()):
            derive_rows(step.derive(of), out)
        if step.on and (step.on in papers or step.until in papers):
            day = of.created if fact.settled else np.full(of.size, of.day)
            lapse_rows(of.pledge(step.on), of.pledge(step.until), day, out)
        if step.inspection and (looked := self.looked(step)) is not None:
            clear_rows(looked, step.clear, out)

    def number(self, step: _Step) -> Numbers:
        """A number of every pledge."""
        of, name = self.of, step.name
        out: Numbers | None = None
        for columns in (of.pledges.columns, of.rights.columns):
            if name in columns and columns[name].dtype == np.float64:
                column = columns[name]
                out = column if out is None else np.where(np.isnan(out), column, out)
        derive = step.derive
        if derive is not None and (out is None or np.isnan(out).any()):
            out = derive(of) if out is None else np.where(np.isnan(out), derive(of), out)
        if out is None:
            out = np.full(of.size, np.nan)
        if step.inspection and (clear := self.looked(step)) is not None:
            clear = clear & ~_outranked(of) if name == "prior_claims_yuan" else clear
            out = np.where(np.isnan(out) & clear, step.clear, out)
        return out


def _clear(fact: Fact, words: tuple[str, ...]) -> np.int8:
    """Position of the word that a fact has when nothing was found."""
    said = str(fact.clear).lower() if isinstance(fact.clear, bool) else str(fact.clear)
    return np.int8(words.index(said))


def _outranked(of: Secured) -> NDArray[np.bool_]:
    """Whether a pledge ranks behind another of whose debt nothing is known."""
    return (of.pledge("rank") > 1.0) & ~(of.senior_yuan > 0.0)


def _fill(column: NDArray[np.float64] | NDArray[np.int64], count: int, out: Codes) -> None:
    """Fill what a column states."""
    if column.dtype == np.float64:
        flag_rows(column, out)
    else:
        code_rows(column, _positions(count), out)


@cache
def _positions(count: int) -> Codes:
    """Positions of words, each its own."""
    return np.arange(count, dtype=np.int8)
