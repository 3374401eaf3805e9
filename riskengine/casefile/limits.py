"""The longest term of a case."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.casefile.wide import Round, terms
from riskengine.dates import day_number
from riskengine.gates.plan import LIMITS

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
    first_after = date(day.year + years + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_after - timedelta(1)).day
    return date(day.year + years, month + 1, min(day.day, last))


@lru_cache(maxsize=64)
def _ends(day: date) -> NDArray[np.float64]:
    """Days on which loans of 0 to `LONGEST` months from a day fall due."""
    return np.array([day_number(months_after(day, k)) for k in range(LONGEST + 1)], dtype=float)


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


@dataclass(slots=True)
class Search:
    """The longest term of one case while it is looked for.

    Parameters
    ----------
    valued_on : datetime.date
        Day of valuation.
    asked_yuan : float
        Sum asked for [yuan].
    low, high : int
        The longest term lies between them [month]; ``high`` 0 where there is none.

    Notes
    -----
    Rules on terms and cover only tighten as the term grows, so the term is found by halving.
    All terms that the next `DEPTH` halvings may come to are judged in one call.
    """

    valued_on: date
    asked_yuan: float
    low: int = 1
    high: int = LONGEST
    _tried: tuple[int, ...] = FIRST
    _handles: list[tuple[Round, int]] = field(default_factory=list)

    def ask(self, handles: list[tuple[Round, int]]) -> None:
        """Ask about the next terms.

        Parameters
        ----------
        handles : list of (Round, int)
            The pledges of the case.
        """
        days = _ends(self.valued_on)[list(self._tried)]
        self._handles = [terms(handle, days) for handle in handles]

    def narrow(self) -> bool:
        """Take the answers in; say whether more terms must be tried.

        Returns
        -------
        bool
            False where the longest term is found.
        """
        fits = dict(zip(self._tried, self._fit(), strict=True))
        if not fits.get(1, True):
            self.high = 0
            return False
        while self.low < self.high:
            middle = (self.low + self.high + 1) // 2
            if middle not in fits:
                break
            if fits[middle]:
                self.low = middle
            else:
                self.high = middle - 1
        self._tried = _halvings(self.low, self.high, DEPTH)
        return self.low < self.high

    @property
    def longest_months(self) -> int | None:
        """The longest term at which the sum is covered and no rule on terms fails [month]."""
        return self.low if self.high else None

    def _fit(self) -> list[bool]:
        """Whether each term tried covers the sum and breaks no rule on terms."""
        years = np.array(self._tried) / 12.0
        lent: Any = 0
        kept: Any = True
        for asked, number in self._handles:
            rows = slice(asked.starts[number], asked.starts[number + 1])
            fails, longest = asked.once("terms", _terms)
            lent = lent + asked.lent[rows]
            kept = kept & ~fails[rows] & (years <= longest[rows] + 1e-9)
        yuan = lent / 100.0
        fits: list[bool] = ((yuan > 0.0) & (yuan >= self.asked_yuan) & kept).tolist()
        return fits


def _terms(asked: Round) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Where a rule on terms fails, and the longest term that a limit admits [year]."""
    size = asked.lent.size
    fails, longest = np.zeros(size, dtype=bool), np.empty(size)
    for rows, found in asked.parts:
        some = np.zeros(rows.size, dtype=bool)
        for places, judged in found.parts:
            marks = [gate.fact in TERM_FACTS for gate in judged.plan.gates]
            mask = np.packbits(np.array(marks, dtype=bool), bitorder="little").reshape(-1, 1)
            some[places] = (judged.found.failed & mask).any(axis=0)
        fails[rows] = some
        longest[rows] = np.minimum(found.limits[LOAN_TERM], found.limits[PLEDGED])
    return fails, longest


LOAN_TERM, PLEDGED = LIMITS.index("loan_term_years"), LIMITS.index("pledged_years")
"""Limits of the term among all limits."""
