"""Rules and verdicts as the arrays that `riskengine.kernels.gates` works on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

WITHIN, AMONG, NOT_AMONG = 0, 1, 2
"""Kinds of question: a number in a closed range, a word in a list, a word outside it."""
CREATED, VALUED = 0, 1
"""Which day decides."""


class Law(NamedTuple):
    """Rules as arrays.

    Parameters
    ----------
    questions : (q, 4) int64
        Kind (`WITHIN`, `AMONG`, `NOT_AMONG`), row of the numbers or of the coded facts
        (-1: a fact that nobody stated), and where its words begin and end in ``words``.
    words : (w,) int8
        Words of the questions.
    ranges : (q, 2) float64
        Closed ranges of the questions about numbers.
    rules : (k, 6) int64
        Question that must be true, where its conditions begin and end in ``needs``, day
        that decides (`CREATED`, `VALUED`), outcome of a failure in [0, 3], and row of the
        limits that takes the high end of its range (-1: none).
    needs : (m,) int64
        Questions that are conditions.
    spans : (k, 2) float64
        First and last day on which each rule holds, days since 1970-01-01.
    kept : (k,) float64
        Share of the value that a failure leaves, in [0, 1].
    """

    questions: Any
    words: Any
    ranges: Any
    rules: Any
    needs: Any
    spans: Any
    kept: Any


class Found(NamedTuple):
    """What judging fills.

    Parameters
    ----------
    failed, unknown : (bytes, n) uint8
        Bit k % 8 of row k // 8 says that rule k fails, or cannot be told.
    outcome : (n,) uint8
        The severest outcome; what cannot be told goes to a person.
    keeps : (n,) float64
        Product of the shares left by haircuts that fail or cannot be told.
    limits : (l, n) float64
        The lowest limit of each kind that may apply; infinite where none does.
    """

    failed: Any
    unknown: Any
    outcome: Any
    keeps: Any
    limits: Any


@dataclass(frozen=True, slots=True)
class Block(Mapping[str, NDArray[Any]]):
    """Columns of facts that lie one below the other in one array.

    Parameters
    ----------
    places : mapping of str to int
        Row of each fact.
    rows : (k, n) int8 or float64
        The facts.
    """

    places: Mapping[str, int]
    rows: NDArray[Any]

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return one fact of all things."""
        column: NDArray[Any] = self.rows[self.places[name]]
        return column

    def __contains__(self, name: object) -> bool:
        """Whether there is such a fact."""
        return name in self.places

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of facts."""
        return iter(self.places)

    def __len__(self) -> int:
        """Count the facts."""
        return len(self.places)

    def named(self, names: Sequence[str]) -> NDArray[Any]:
        """Return some facts as one array.

        Parameters
        ----------
        names : sequence of str
            Facts of the block.

        Returns
        -------
        (len(names), n) int8 or float64
            Without a copy where the block begins with just these.
        """
        where = [self.places[name] for name in names]
        whole = where == list(range(len(where)))
        return np.ascontiguousarray(self.rows[: len(where)] if whole else self.rows[where])


def block_of(
    facts: Mapping[str, NDArray[Any]], names: Sequence[str], nothing: NDArray[Any]
) -> NDArray[Any]:
    """Return facts as the rows that a kernel takes.

    Parameters
    ----------
    facts : mapping of str to (n,) int8 or float64
        What is known.
    names : sequence of str
        Facts wanted.
    nothing : (n,) int8 or float64
        What stands for a fact that is left out.

    Returns
    -------
    (max(len(names), 1), n) int8 or float64
        One row a fact; ``nothing`` where none is wanted.
    """
    if names and isinstance(facts, Block) and all(name in facts.places for name in names):
        return facts.named(names)
    return np.array([facts.get(name, nothing) for name in names or ("",)])


def some_of(
    facts: Mapping[str, NDArray[Any]], names: Sequence[str], rows: NDArray[np.int64]
) -> Block:
    """Return some facts of some things.

    Parameters
    ----------
    facts : mapping of str to (n,) int8 or float64
        What is known.
    names : sequence of str
        Facts wanted, all of them known.
    rows : (k,) int64
        Positions of the things.

    Returns
    -------
    Block
        One row a fact.
    """
    whole = facts.named(names) if isinstance(facts, Block) else np.array([facts[n] for n in names])
    return Block({name: k for k, name in enumerate(names)}, whole.take(rows, axis=1))
