"""Rules and verdicts as the arrays that `riskengine.kernels.gates` works on."""

from typing import Any, NamedTuple

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
