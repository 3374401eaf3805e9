"""What a contract would owe at default, period by period.

A guarantee covers its share of principal, of the interest that its contract names, and of
the costs of pursuit; a loan, all of them.  An undrawn line counts with the share of it that
is drawn by default (credit conversion factor).

Source: IFRS 9 B5.5.30-32 (CAS 22); credit notes 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from riskengine.credit.rows import Column, CreditError, Index, column, starts, table
from riskengine.kernels.exposure_path import balance_sum_rows, exposure_rows
from riskengine.words import Text

Timing = Literal["end", "mid", "exact"]
TIMINGS: dict[str, int] = {"end": 0, "mid": 1, "exact": 2}
"""When within its period a default falls: kernels know the number."""
PLANS = ("bullet", "equal_principal", "annuity", "interest_at_end", "listed")
"""Plans of repayment, in the order of the kernels' codes."""


@dataclass(frozen=True, slots=True)
class ExposurePath:
    """What contracts owe at default in each period to come.

    Parameters
    ----------
    rows : (7, n) float64
        Principal [yuan], periods left [period], plan [code], periods between payments
        [period], interest of one period [1/period], added at default [yuan], multiplier of
        principal [1].
    listed_yuan : (m,) float64
        Principal of every period of listed plans [yuan], contract after contract.
    starts : (n + 1,) int64
        Where each contract's list starts.
    per_year : int
        Periods of a year: 12 for months, 1 for yearly figures.
    """

    rows: Column
    listed_yuan: Column
    starts: Index
    per_year: int

    @property
    def size(self) -> int:
        """Number of contracts."""
        return int(self.rows.shape[1])

    @property
    def longest(self) -> int:
        """Periods of the longest contract [period]; beyond a century none is believed."""
        periods = self.rows[1]
        usable = periods[(periods >= 0.0) & (periods <= 100.0 * self.per_year)]
        return int(usable.max()) if usable.size else 0

    def exposures(self, timing: Timing = "end") -> Column:
        """Exposures at default of every period: for a few contracts.

        Parameters
        ----------
        timing : {"end", "mid", "exact"}
            When in its period a default falls; counts where interest accrues to the end.

        Returns
        -------
        (t, n) float64
            Exposures [yuan], 0 after the last period.

        Raises
        ------
        CreditError
            If a contract has figures missing or out of range.
        """
        self._told()
        out = np.empty((self.longest, self.size))
        part = 1.0 if timing_code(timing) == 0 else 0.5
        exposure_rows(self.rows, self.listed_yuan, self.starts, part, out)
        return out

    def balance_sums(self, passed: ArrayLike) -> tuple[Column, Column]:
        """Principal in force summed over the periods passed and over all.

        Parameters
        ----------
        passed : array-like
            Periods since the start, which this path is as of [period], in [0, periods].

        Returns
        -------
        passed, whole : (n,) float64
            Sums [yuan period].

        Raises
        ------
        CreditError
            If a contract has figures missing or out of range.
        """
        self._told()
        until = table(self.size, passed=passed)[0]
        if not np.all((until >= 0.0) & (until <= self.rows[1])):
            raise _refused("passed", "应在期限之内", "must lie within the term")
        out = np.empty((2, self.size))
        balance_sum_rows(self.rows, self.listed_yuan, self.starts, until, out)
        return out[0], out[1]

    def _told(self) -> None:
        """Refuse contracts that no period can be told of."""
        rows = self.rows
        whole = np.all((rows[1] >= 0.0) & (rows[1] == np.floor(rows[1])) & (rows[3] >= 1.0))
        if not whole or not np.all(np.isfinite(rows)):
            raise _refused("rows", "有缺失或超出范围的数", "hold figures missing or out of range")


def exposure_path(
    principal_yuan: ArrayLike, periods: ArrayLike, plan: str | Sequence[str] = "bullet", *,
    every: ArrayLike = 1, rate_per_year: ArrayLike = 0.0, undrawn_yuan: ArrayLike = 0.0,
    conversion: ArrayLike = 0.0, share: ArrayLike = 1.0, interest_periods: ArrayLike = 0.0,
    costs_yuan: ArrayLike = 0.0,
    listed: tuple[ArrayLike, ArrayLike] | None = None, per_year: int = 12,
) -> ExposurePath:  # fmt: skip
    """Paths of exposure from the terms of contracts.

    Parameters
    ----------
    principal_yuan : array-like
        Principal owed now [yuan], >= 0.
    periods : array-like
        Periods left, the one running included [period], whole, >= 0; 0 for what is past
        maturity.
    plan : str or sequence of str
        One of `PLANS` for all contracts, or one each.
    every : array-like
        Periods between payments, counted back from the last [period], whole, >= 1.
    rate_per_year : array-like
        Contract rate [1/year], nominal: a period bears its part.
    undrawn_yuan, conversion : array-like
        Line not drawn [yuan], >= 0, and the share of it drawn by default [1], in [0, 1].
    share : array-like
        Share of the debt that is covered [1], in [0, 1].
    interest_periods : array-like
        Periods of unpaid interest that are covered besides [period], >= 0.
    costs_yuan : array-like
        Costs of pursuit before the share is taken [yuan], >= 0.
    listed : ((m,) array-like, (n + 1,) array-like of int) or None
        Principal of every period of listed plans [yuan], contract after contract, and
        where each contract's list starts; needed where a plan is listed.
    per_year : int
        Periods of a year, in [1, 12].

    Returns
    -------
    ExposurePath
        One column a contract; a contract with bad figures is marked when it is measured.

    Raises
    ------
    CreditError
        If columns do not fit each other, a plan is unknown or a list has the wrong length.

    Examples
    --------
    >>> path = exposure_path(1200.0, 4, "equal_principal", every=2, share=0.8)
    >>> path.exposures().ravel().tolist()
    [960.0, 960.0, 480.0, 480.0]
    """
    check_per_year(per_year)
    found = table(
        principal_yuan=principal_yuan, periods=periods, every=every,
        rate_per_year=rate_per_year, undrawn_yuan=undrawn_yuan, conversion=conversion,
        share=share, interest_periods=interest_periods, costs_yuan=costs_yuan,
    )  # fmt: skip
    principal, left, each, rate, undrawn, drawn, covered, months, costs = found
    rows = np.empty((7, found.shape[1]))
    rows[0], rows[1], rows[2], rows[3] = principal, left, _codes(plan, found.shape[1]), each
    rows[4] = rate / per_year
    kept = (undrawn >= 0.0) & (drawn >= 0.0) & (drawn <= 1.0) & (covered >= 0.0)
    kept &= (covered <= 1.0) & (months >= 0.0) & (costs >= 0.0)
    # A figure out of range must not hide in a product: it makes the row one that cannot be told.
    known = ~np.isnan(found).any(axis=0)
    rows[6] = np.where(kept, covered * (1.0 + rows[4] * months), np.where(known, -1.0, np.nan))
    rows[5] = np.where(kept, rows[6] * undrawn * drawn + covered * costs, rows[6])
    return ExposurePath(rows, *_lists(rows, listed), per_year)


def timing_code(timing: Timing) -> int:
    """Return the kernels' number of a timing.

    Parameters
    ----------
    timing : {"end", "mid", "exact"}
        When within its period a default falls.

    Returns
    -------
    int
        Its code.

    Raises
    ------
    CreditError
        If there is no such timing.
    """
    if timing not in TIMINGS:
        raise _refused("timing", "应为end、mid或exact", "is end, mid or exact")
    return TIMINGS[timing]


def check_per_year(per_year: int) -> None:
    """Refuse a number of periods that no year has.

    Parameters
    ----------
    per_year : int
        Periods of a year, in [1, 12].

    Raises
    ------
    CreditError
        If it is out of range.
    """
    if not 1 <= per_year <= 12 or per_year != int(per_year):
        raise _refused("per_year", "应为1到12的整数", "is a whole number in [1, 12]")


def _codes(plan: str | Sequence[str], size: int) -> Column:
    """Codes of plans."""
    names = [plan] * size if isinstance(plan, str) else list(plan)
    unknown = sorted(set(names) - set(PLANS))
    if unknown or len(names) != size:
        raise _refused("plan", f"应为{PLANS}之一，每份合同一个", f"is one of {PLANS}, one each")
    return np.array([PLANS.index(name) for name in names], dtype=np.float64)


def _lists(rows: Column, given: tuple[ArrayLike, ArrayLike] | None) -> tuple[Column, Index]:
    """Lists of principal and where they start, their lengths checked."""
    plans = rows[2] == PLANS.index("listed")
    if given is None:
        if np.any(plans):
            raise _refused("listed", "逐期余额缺失", "the principal of every period is missing")
        return np.empty(0), np.zeros(1, dtype=np.int64)
    figures = column("listed", given[0])
    first = starts("listed", given[1], figures.size)
    fits = first.size == rows.shape[1] + 1 and np.all(
        np.where(plans, np.diff(first) == rows[1], True)
    )
    if not fits or not np.all(np.isfinite(figures) & (figures >= 0.0)):
        said = "one figure >= 0 a period of each listed contract"
        raise _refused("listed", "每期一个非负余额", said)
    return figures, first


def _refused(name: str, zh: str, en: str) -> CreditError:
    cure = Text("请检查这一项", "check this argument")
    return CreditError(Text(f"{name}：{zh}", f"{name}: {en}"), cure)
