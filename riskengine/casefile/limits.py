"""The longest term of a case."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from riskengine.casefile.wide import Round, terms
from riskengine.dates import day_number
from riskengine.gates.plan import LIMITS, Plan

LONGEST = 600
"""Longest term tried [month]."""
DEPTH = 5
"""Halvings that are looked at in one call: a term is found in two."""
TERM_FACTS = frozenset({"tail_years", "loan_term_years", "pledged_years", "rent_paid_to_maturity"})
"""Facts by which a rule speaks of the term."""


def months_after(day: date, months: int) -> date:
    """Return the day some months after another.

    Parameters
    ----------
    day : datetime.date
        The day.
    months : int
        Months, >= 0.

    Returns
    -------
    datetime.date
        The same day of the month, or its last.

    Examples
    --------
    >>> months_after(date(2026, 11, 30), 3)
    datetime.date(2027, 2, 28)
    """
    years, month = divmod(day.month - 1 + months, 12)
    if day.day <= 28:  # every month has it
        return date(day.year + years, month + 1, day.day)
    last = monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


@lru_cache(maxsize=64)
def _ends(day: date) -> NDArray[np.float64]:
    """Days on which loans of 0 to `LONGEST` months from a day fall due."""
    until = 12 * (date.max.year - day.year)  # the calendar ends
    return np.array(
        [day_number(months_after(day, min(k, until))) for k in range(LONGEST + 1)], dtype=float
    )


@lru_cache(maxsize=1024)
def _days(day: date, months: tuple[int, ...]) -> NDArray[np.float64]:
    """Days on which loans of some months from a day fall due."""
    return _ends(day)[list(months)]


@lru_cache(maxsize=1024)
def _places(months: tuple[int, ...]) -> dict[int, int]:
    """Position of each of some terms."""
    return {month: k for k, month in enumerate(months)}


@lru_cache(maxsize=4096)
def _halvings(low: int, high: int, depth: int) -> tuple[int, ...]:
    """Middles that some halvings may come to."""
    if low >= high or not depth:
        return ()
    middle = (low + high + 1) // 2
    before, after = (low, middle - 1), (middle, high)
    return middle, *_halvings(*before, depth - 1), *_halvings(*after, depth - 1)


FIRST = (1, *_halvings(1, LONGEST, DEPTH))
"""Terms of the first call."""
EVERY = (1, *_halvings(1, LONGEST, LONGEST))
"""Every term: for few cases a second call costs more than all of them in the first."""
FEW = 2
"""Cases so few."""


@dataclass(slots=True)
class Search:
    """The longest term of one case while it is looked for.

    Parameters
    ----------
    valued_on : datetime.date
        Day of valuation.
    asked_yuan : float
        Sum asked for [yuan].
    first : tuple of int
        Terms of the first call [month], `FIRST` or `EVERY`.
    low, high : int
        The longest term lies between them [month]; ``high`` 0 where there is none.

    Notes
    -----
    Rules on terms and cover only tighten as the term grows, so the term is found by halving.
    All terms that the next `DEPTH` halvings may come to are judged in one call; which are
    judged together has no bearing on which are asked about, one after the other.
    """

    valued_on: date
    asked_yuan: float
    first: tuple[int, ...] = FIRST
    low: int = 1
    high: int = LONGEST
    _tried: tuple[int, ...] = ()
    _handles: list[tuple[Round, int]] = field(default_factory=list)

    def ask(self, handles: list[tuple[Round, int]]) -> None:
        """Ask about the next terms.

        Parameters
        ----------
        handles : list of (Round, int)
            The pledges of the case.
        """
        self._tried = self._tried or self.first
        days = _days(self.valued_on, self._tried)
        self._handles = [terms(handle, days) for handle in handles]

    def narrow(self) -> bool:
        """Take the answers in; say whether more terms must be tried.

        Returns
        -------
        bool
            False where the longest term is found.
        """
        place = _places(self._tried)
        if 1 in place and not self._fits(1, place[1]):
            self.high = 0
            return False
        while self.low < self.high:
            middle = (self.low + self.high + 1) // 2
            if middle not in place:
                break
            if self._fits(middle, place[middle]):
                self.low = middle
            else:
                self.high = middle - 1
        self._tried = _halvings(self.low, self.high, DEPTH)
        return self.low < self.high

    @property
    def longest_months(self) -> int | None:
        """The longest term at which the sum is covered and no rule on terms fails [month]."""
        return self.low if self.high else None

    def _fits(self, months: int, place: int) -> bool:
        """Whether a term tried covers the sum and breaks no rule on terms."""
        years, fen = months / 12.0, 0
        for asked, number in self._handles:
            row = asked.starts[number] + place
            fails, longest, lent = asked.once("terms", _terms)
            if fails[row] or not years <= longest[row] + 1e-9:
                return False
            fen += lent[row]
        yuan = fen / 100.0
        return yuan > 0.0 and yuan >= self.asked_yuan


def _terms(asked: Round) -> tuple[list[bool], list[float], list[int]]:
    """Where a rule on terms fails, the longest term that a limit admits [year], what is lent."""
    size = asked.lent.size
    fails, longest = np.zeros(size, dtype=bool), np.empty(size)
    for rows, found in asked.parts:
        some = np.zeros(rows.size, dtype=bool)
        for places, judged in found.parts:
            mask = _mask(judged.plan)
            if mask.any():
                some[places] = (judged.found.failed & mask).any(axis=0)
        fails[rows] = some
        longest[rows] = np.minimum(found.limits[LOAN_TERM], found.limits[PLEDGED])
    return fails.tolist(), longest.tolist(), asked.lent.tolist()


def _mask(plan: Plan) -> NDArray[np.uint8]:
    """Bits of the rules on terms."""
    mask: NDArray[np.uint8] | None = plan.memory.get("terms")
    if mask is None:
        marks = np.array([gate.fact in TERM_FACTS for gate in plan.gates], dtype=bool)
        mask = plan.memory["terms"] = np.packbits(marks, bitorder="little").reshape(-1, 1)
    return mask


LOAN_TERM, PLEDGED = LIMITS.index("loan_term_years"), LIMITS.index("pledged_years")
"""Limits of the term among all limits."""
