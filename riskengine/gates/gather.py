"""Every fact that the law asks of some pledges: stated, found in the right, derived, inspected."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, TypeVar

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

Gathered = TypeVar("Gathered", Codes, Numbers)
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
    in_words, in_numbers = _layouts(plan, of.table)
    coded, numbers = (None, None) if so_far is None else (so_far.coded, so_far.numbers)
    return Facts(
        of.size,
        _joined(coded, in_words, work.codes),
        _joined(numbers, in_numbers, work.numbers),
    )


def _joined(
    so_far: Mapping[str, NDArray[Any]] | None,
    layout: "_Layout",
    gather: Callable[["_Layout"], NDArray[Any]],
) -> Block:
    """What was gathered before, with what is new below it."""
    if not isinstance(so_far, Block):
        return Block(layout.places, gather(layout))
    wanted = tuple(step for step in layout.steps if step.name not in so_far.places)
    if not wanted:
        return so_far
    size = len(so_far.places)
    places = {**so_far.places, **{step.name: size + k for k, step in enumerate(wanted)}}
    return Block(places, np.concatenate([so_far.rows, gather(_layout(wanted))]))


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


class _Look(NamedTuple):
    """An inspection that counts if it was made in time.

    Parameters
    ----------
    on : str
        Column with its day.
    current : bool
        Whether it counts for the day of valuation, not for that of the security.
    behind : bool
        Whether it says nothing of a pledge that ranks behind a debt of which nothing is known.
    """

    on: str
    current: bool
    behind: bool


class _Layout(NamedTuple):
    """Steps of one kind with what is the same whatever pledges they are about.

    Parameters
    ----------
    steps : tuple of _Step
        The steps.
    places : mapping of str to int
        Position of each fact.
    looks : tuple of _Look
        Inspections that would have found facts.
    look : (k,) int64
        Position of the inspection of each fact; -1 for none.
    clear : (k,) int8 or float64
        What each fact is when nothing was found.
    by_terms : _Layout or None
        Those of the steps that hang on the days of a loan; None where all do.
    at_terms : tuple of int
        Their positions.
    """

    steps: tuple[_Step, ...]
    places: Mapping[str, int]
    looks: tuple[_Look, ...]
    look: NDArray[np.int64]
    clear: NDArray[Any]
    by_terms: "_Layout | None"
    at_terms: tuple[int, ...]


def _layout(steps: tuple[_Step, ...]) -> _Layout:
    """Lay steps out."""
    found = [
        _Look(step.inspection, step.current, step.name == "prior_claims_yuan")
        if step.inspection else None
        for step in steps
    ]  # fmt: skip
    looks = tuple(dict.fromkeys(one for one in found if one is not None))
    hanging = tuple(k for k, step in enumerate(steps) if step.name in BY_LOAN_DAYS)
    whole = len(hanging) == len(steps)
    return _Layout(
        steps, {step.name: k for k, step in enumerate(steps)}, looks,
        np.array([-1 if one is None else looks.index(one) for one in found], dtype=np.int64),
        np.array(
            [step.clear for step in steps],
            np.int8 if any(step.word_count for step in steps) else np.float64,
        ),
        None if whole else _layout(tuple(steps[k] for k in hanging)), hanging,
    )  # fmt: skip


def _layouts(plan: Plan, table: str) -> tuple[_Layout, _Layout]:
    """How the facts of a plan are gathered, those in words and numbers, laid out once."""
    key = f"facts of {table}"
    found: tuple[_Layout, _Layout] | None = plan.memory.get(key)
    if found is None:
        found = plan.memory[key] = (
            _layout(tuple(_step(plan, table, *item) for item in plan.words.items())),
            _layout(tuple(_step(plan, table, name, ()) for name in plan.numbers)),
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
    seen: dict[_Look, NDArray[np.bool_]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note which columns there are."""
        self.stated = {*self.of.pledges.columns, *self.of.rights.columns}

    def codes(self, layout: _Layout) -> Codes:
        """Flags and words of every pledge, one fact a row."""
        block = np.full((len(layout.steps), self.of.size), UNKNOWN, dtype=np.int8)
        for step, out in zip(layout.steps, block, strict=True):
            if step.derive is not None or not self.stated.isdisjoint(step.stated):
                self._fill(step, out)
        self._clear(layout, block, clear_rows)
        return block

    def numbers(self, layout: _Layout) -> Numbers:
        """Numbers of every pledge, one fact a row."""
        block = np.full((len(layout.steps), self.of.size), np.nan)
        for step, out in zip(layout.steps, block, strict=True):
            if step.derive is not None or step.name in self.stated:
                self._number(step, out)
        self._clear(layout, block, clear_number_rows)
        return block

    def _clear(self, layout: _Layout, block: NDArray[Any], fill: Callable[..., None]) -> None:
        """Fill what inspections would have found."""
        made = [one for one in layout.looks if one.on in self.of.pledges.columns]
        if made:
            place = {one: k for k, one in enumerate(made)}
            where = np.array([*(place.get(one, -1) for one in layout.looks), -1], dtype=np.int64)
            looked = np.array([self._looked(one) for one in made])
            fill(looked, where[layout.look], layout.clear, block)

    def _looked(self, look: _Look) -> NDArray[np.bool_]:
        """Whether an inspection was made in time for the rules that rest on it."""
        if look not in self.seen:
            of = self.of
            made, start = of.pledge(look.on), of.day if look.current else of.created
            oldest = start - of.rules.number("gates.inspection_months") * MONTH
            looked = (made <= of.day) & (made >= oldest)
            self.seen[look] = looked & ~_outranked(of) if look.behind else looked
        return self.seen[look]

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

    def codes(self, layout: _Layout) -> Codes:
        """Flags and words, one fact a row."""
        return self._repeated(layout, self.once.codes, self.every.codes)

    def numbers(self, layout: _Layout) -> Numbers:
        """Numbers, one fact a row."""
        return self._repeated(layout, self.once.numbers, self.every.numbers)

    def _repeated(
        self, layout: _Layout, once: Callable[[_Layout], Gathered],
        every: Callable[[_Layout], Gathered],
    ) -> Gathered:  # fmt: skip
        """Facts gathered once and repeated, but for those that hang on the days of a loan."""
        if layout.by_terms is None:
            return every(layout)
        block: Gathered = once(layout).take(self.which, axis=1)
        if layout.at_terms:
            block[list(layout.at_terms)] = every(layout.by_terms)
        return block


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
