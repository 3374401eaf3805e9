"""Every fact that the law asks of some pledges: stated, found in the right, derived, inspected."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.gates.arrays import Block
from riskengine.gates.derive import BY_LOAN_DAYS, DERIVED
from riskengine.gates.derive_rights import Derived
from riskengine.gates.judge import UNKNOWN, Codes, Facts, Numbers
from riskengine.gates.plan import Plan
from riskengine.gates.secured import Secured
from riskengine.gates.tables import ON, UNTIL, inspected
from riskengine.gates.tapes import Rows
from riskengine.kernels.facts import (
    clear_number_rows,
    clear_rows,
    code_rows,
    derive_rows,
    flag_rows,
    lapse_rows,
)
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
    work = _Gathering(of) if of.again is None else _Repeating(of, *of.again)
    steps = _steps(plan, of.table)
    coded, numbers = (None, None) if so_far is None else (so_far.coded, so_far.numbers)
    return Facts(
        of.size,
        _joined(coded, steps.coded, work.codes),
        _joined(numbers, steps.numbers, work.numbers),
    )


def _joined(
    so_far: Mapping[str, NDArray[Any]] | None,
    steps: tuple["_Step", ...],
    gather: Callable[[tuple["_Step", ...]], NDArray[Any]],
) -> Block:
    """What was gathered before, with what is new below it."""
    if not isinstance(so_far, Block):
        return Block({step.name: k for k, step in enumerate(steps)}, gather(steps))
    wanted = tuple(step for step in steps if step.name not in so_far.places)
    if not wanted:
        return so_far
    size = len(so_far.places)
    places = {**so_far.places, **{step.name: size + k for k, step in enumerate(wanted)}}
    return Block(places, np.concatenate([so_far.rows, gather(wanted)]))


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
    stated : tuple of str
        Columns that may state it.
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
    stated: tuple[str, ...]


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
    clear: Any = 0
    if fact.inspection:
        clear = _clear(fact, words) if words else float(fact.clear)
    on, until = (name + ON, name + UNTIL) if fact.dated else ("", "")
    return _Step(
        name, fact, len(words), _derivation(table, name), on, until,
        inspected(fact.inspection) if fact.inspection else "", name in plan.current, clear,
        (name, on, until) if on else (name,),
    )  # fmt: skip


@cache
def _derivation(table: str, name: str) -> Derived | None:
    """How a fact follows, where it does."""
    return DERIVED.get(table, {}).get(name) or DERIVED[""].get(name)


@dataclass(slots=True)
class _Gathering:
    """Facts of some pledges while they are gathered."""

    of: Secured
    stated: set[str] = field(init=False)
    looks: list[NDArray[np.bool_]] = field(default_factory=list)
    places: dict[tuple[str, bool, bool], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note which columns there are."""
        self.stated = {*self.of.pledges.columns, *self.of.rights.columns}

    def codes(self, steps: tuple[_Step, ...]) -> Codes:
        """Flags and words of every pledge, one fact a row."""
        block = np.full((len(steps), self.of.size), UNKNOWN, dtype=np.int8)
        for step, out in zip(steps, block, strict=True):
            if step.derive is not None or not self.stated.isdisjoint(step.stated):
                self._fill(step, out)
        self._clear(steps, block, clear_rows)
        return block

    def numbers(self, steps: tuple[_Step, ...]) -> Numbers:
        """Numbers of every pledge, one fact a row."""
        block = np.full((len(steps), self.of.size), np.nan)
        for step, out in zip(steps, block, strict=True):
            if step.derive is not None or step.name in self.stated:
                self._number(step, out)
        self._clear(steps, block, clear_number_rows)
        return block

    def _clear(
        self, steps: tuple[_Step, ...], block: NDArray[Any], fill: Callable[..., None]
    ) -> None:
        """Fill what inspections would have found."""
        which = np.array([self._looked(s) if s.inspection else -1 for s in steps], dtype=np.int64)
        if self.looks:
            fill(
                np.array(self.looks), which, np.array([s.clear for s in steps], block.dtype), block
            )

    def _looked(self, step: _Step) -> int:
        """Position among `looks` of whether the inspection that finds a fact was made in time.

        In time for the rules on it; -1 where none was made at all.
        """
        of, named = self.of, step.inspection
        if named not in of.pledges.columns:
            return -1
        behind = step.name == "prior_claims_yuan"
        key = named, step.current, behind
        if key not in self.places:
            made = of.pledge(named)
            start = of.day if step.current else of.created
            oldest = start - of.rules.number("gates.inspection_months") * MONTH
            looked = (made <= of.day) & (made >= oldest)
            self.places[key] = len(self.looks)
            self.looks.append(looked & ~_outranked(of) if behind else looked)
        return self.places[key]

    def _fill(self, step: _Step, out: Codes) -> None:
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

    def _number(self, step: _Step, out: Numbers) -> None:
        """Fill a number of every pledge, unknown so far."""
        of, name, stated = self.of, step.name, False
        for columns in (of.pledges.columns, of.rights.columns):
            if name in columns and columns[name].dtype == np.float64:
                _put(columns[name], out, stated)
                stated = True
        if step.derive is not None and (not stated or np.isnan(out).any()):
            _put(step.derive(of), out, stated)


class _Repeating:
    """Facts of pledges and of the same ones at other terms of their loans."""

    def __init__(self, of: Secured, once: Secured, which: Rows) -> None:
        """Gather all facts of the pledges as they stand, and again those that hang on terms."""
        self.every, self.once, self.which = _Gathering(of), _Gathering(once), which

    def codes(self, steps: tuple[_Step, ...]) -> Codes:
        """Flags and words, one fact a row."""
        block = self.once.codes(steps).take(self.which, axis=1)
        places, some = _by_terms(steps)
        block[places] = self.every.codes(some)
        return block

    def numbers(self, steps: tuple[_Step, ...]) -> Numbers:
        """Numbers, one fact a row."""
        block = self.once.numbers(steps).take(self.which, axis=1)
        places, some = _by_terms(steps)
        block[places] = self.every.numbers(some)
        return block


def _by_terms(steps: tuple[_Step, ...]) -> tuple[list[int], tuple[_Step, ...]]:
    """Steps of facts that hang on the days of a loan, with their places."""
    places = [k for k, step in enumerate(steps) if step.name in BY_LOAN_DAYS]
    return places, tuple(steps[k] for k in places)


def _put(column: Numbers, out: Numbers, only_unknown: bool) -> None:
    """Take numbers over, all or those not known so far."""
    if only_unknown:
        np.copyto(out, column, where=np.isnan(out))
    else:
        out[:] = column


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
