"""Facts held against the law: the outcome, what fails, and what is not known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.dates import day_number
from riskengine.errors import RuleError
from riskengine.gates.arrays import Block, Found, block_of
from riskengine.gates.plan import LIMITS, OUTCOMES, Gate, Plan
from riskengine.kernels.gates import judge_rows
from riskengine.words import Text

Codes = NDArray[np.int8]
Numbers = NDArray[np.float64]
UNKNOWN = -1
"""Position of a word that nobody stated."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of some things of one kind.

    Parameters
    ----------
    size : int
        Number of things.
    coded : mapping of str to (n,) int8
        Words of facts as positions in those of the plan, flags as 0 and 1, -1 where not
        known; a fact that is left out is known of none.
    numbers : mapping of str to (n,) float64
        Facts that are numbers, NaN where not known.
    """

    size: int
    coded: Mapping[str, Codes]
    numbers: Mapping[str, Numbers]

    def first(self, count: int) -> "Facts":
        """Return what is known of the first things only.

        Parameters
        ----------
        count : int
            How many, in [0, n].

        Returns
        -------
        Facts
            The same facts.
        """
        return Facts(count, _first(self.coded, count), _first(self.numbers, count))


def _first(facts: Mapping[str, NDArray[Any]], count: int) -> Mapping[str, NDArray[Any]]:
    """Facts of the first things."""
    if isinstance(facts, Block):
        return Block(facts.places, facts.rows[:, :count])
    return {name: column[:count] for name, column in facts.items()}


@dataclass(frozen=True, slots=True)
class Judged:
    """What the law says of some things of one kind.

    Parameters
    ----------
    plan : Plan
        The rules.
    facts : Facts
        What was known.
    created, valued : (n,) float64 and float
        Days that decided, days since 1970-01-01.
    found : Found
        Outcome and bit sets.
    """

    plan: Plan
    facts: Facts
    created: Numbers
    valued: float
    found: Found

    def first(self, count: int) -> "Judged":
        """Return what the law says of the first things only.

        Parameters
        ----------
        count : int
            How many, in [0, n].

        Returns
        -------
        Judged
            The same verdicts.
        """
        found = self.found
        return Judged(
            self.plan, self.facts.first(count), self.created[:count], self.valued,
            Found(
                found.failed[:, :count], found.unknown[:, :count], found.outcome[:count],
                found.keeps[:count], found.limits[:, :count],
            ),
        )  # fmt: skip

    def outcome(self, row: int) -> str:
        """Return the outcome of one thing.

        Parameters
        ----------
        row : int
            Its position.

        Returns
        -------
        str
            One of `riskengine.gates.plan.OUTCOMES`.
        """
        return OUTCOMES[int(self.found.outcome[row])]

    def failed(self, row: int) -> list[Gate]:
        """Return the rules that one thing fails, in the order of their marks.

        Parameters
        ----------
        row : int
            Its position.

        Returns
        -------
        list of Gate
            Rules with what they said on the day that decided.
        """
        return list(self._set(self.found.failed, row))

    def unknown(self, row: int) -> list[Gate]:
        """Return the rules of which one thing lacks a fact.

        Parameters
        ----------
        row : int
            Its position.

        Returns
        -------
        list of Gate
            As `failed`.
        """
        return list(self._set(self.found.unknown, row))

    def _set(self, bits: NDArray[np.uint8], row: int) -> Iterator[Gate]:
        """Rules whose bit is set."""
        gates, set_here = self.plan.gates, np.unpackbits(bits[:, row], bitorder="little")
        for k in np.flatnonzero(set_here[: len(gates)]).tolist():
            yield gates[k]

    def counts(self, bits: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Count the things of which each rule has its bit set.

        Parameters
        ----------
        bits : (bytes, n) uint8
            ``found.failed`` or ``found.unknown``.

        Returns
        -------
        (k,) int64
            Counts in the order of the plan's gates.
        """
        rules = range(len(self.plan.gates))
        return np.array([int((bits[k // 8] >> (k % 8) & 1).sum()) for k in rules], dtype=np.int64)


def judge(plan: Plan, facts: Facts, created: Numbers, valued_on: date) -> Judged:
    """Hold the law against some things of one kind.

    Parameters
    ----------
    plan : Plan
        The rules.
    facts : Facts
        What is known.
    created : (n,) float64
        Days on which their securities were created, days since 1970-01-01.
    valued_on : datetime.date
        Day of valuation.

    Returns
    -------
    Judged
        Outcome and reasons of each.

    Notes
    -----
    A fact that is not known makes no rule pass and none fail: the thing goes to a person,
    unless the rule only watches.
    """
    size, law = facts.size, plan.law
    coded = block_of(facts.coded, tuple(plan.words), np.full(size, UNKNOWN, dtype=np.int8))
    numbers = block_of(facts.numbers, plan.numbers, np.full(size, np.nan))
    wide = -(-len(plan.gates) // 8)
    found = Found(
        np.empty((wide, size), dtype=np.uint8), np.empty((wide, size), dtype=np.uint8),
        np.zeros(size, dtype=np.uint8), np.ones(size), np.full((len(LIMITS), size), np.inf),
    )  # fmt: skip
    valued = float(day_number(valued_on))
    if size and plan.gates:
        judge_rows(coded, numbers, created, valued, law, found)
    return Judged(plan, facts, created, valued, found)


def stated(plan: Plan, records: Sequence[Mapping[str, Any]]) -> Facts:
    """Turn facts stated in words into facts as the law is held against them.

    Parameters
    ----------
    plan : Plan
        The rules.
    records : sequence of mapping
        Facts of each thing by name: truth values, words, numbers; None where not known.

    Returns
    -------
    Facts
        The facts that any rule of the plan asks for.

    Raises
    ------
    RuleError
        If a word is not one of its fact's.
    """
    size = len(records)
    places = {name: {word: k for k, word in enumerate(words)} for name, words in plan.words.items()}
    coded = {name: [UNKNOWN] * size for name in plan.words}
    numbers = {name: [np.nan] * size for name in plan.numbers}
    for row, record in enumerate(records):
        for name, content in record.items():
            if content is None:
                continue
            if name in coded:
                coded[name][row] = _position(places[name], name, content)
            elif name in numbers:
                numbers[name][row] = float(content)
    return Facts(
        size,
        {name: np.array(column, dtype=np.int8) for name, column in coded.items()},
        {name: np.array(column, dtype=np.float64) for name, column in numbers.items()},
    )


def _position(places: Mapping[str, int], name: str, content: Any) -> int:
    """Position of a word among those of its fact."""
    word = str(content).lower() if isinstance(content, bool) else str(content)
    if word not in places:
        listed = ", ".join(places)
        raise RuleError(
            Text(f"{name} 没有取值 {word}", f"{name} has no word {word}"),
            Text(f"可选：{listed}", f"choose one of {listed}"),
        )
    return places[word]


def single(plan: Plan, record: Mapping[str, Any], created_on: date, valued_on: date) -> Judged:
    """Hold the law against one thing whose facts are stated in words.

    Parameters
    ----------
    plan : Plan
        The rules.
    record : mapping of str to object
        As in `stated`.
    created_on, valued_on : datetime.date
        Day on which the security was created, and day of valuation.

    Returns
    -------
    Judged
        Of that thing, in row 0.
    """
    created = np.array([float(day_number(created_on))])
    return judge(plan, stated(plan, [record]), created, valued_on)
