"""Pledges on rights of one kind, joined to the rights, the loans and the policies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.dates import day_number, years_from
from riskengine.rules import Rules
from riskengine.table import Batch, TakenColumns

Column = NDArray[np.float64]
Codes = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Secured:
    """Pledges on rights of one kind, one a row.

    Parameters
    ----------
    table : str
        Kind of right.
    valued_on : datetime.date
        Day of valuation.
    rules : Rules
        National rules of that day, with those of the institution that lends.
    rights : Batch
        The right of each pledge.
    pledges : Batch
        The pledges; a column that no file holds is not there.
    loans : mapping of str to array
        Columns of the loan that each pledge secures; NaN or -1 where there is none.
    policies : mapping of str to (n,) float64
        ``live``: policies on the right that run on the day of valuation [1]; ``house``:
        those on a house; ``told``: 1 where every insurer was told of the pledge, 0 where
        one was not, NaN where that is not known.
    covers : tuple of (k,) int64, or None
        Positions of policies, and of the pledges on whose right each stands; None where
        nothing is insured.
    value_yuan, term_years : (n,) float64
        Market value [yuan] and remaining term [year] of each right.
    case : (n,) int64
        How each right is valued, as positions in ``cases``.
    cases : tuple of str
        Names of the cases.
    secured_yuan : (n,) float64
        Debt that each pledge secures [yuan]; NaN where no loan is known.
    senior_yuan : (n,) float64
        Debts of earlier ranks on the same right, within the book [yuan].
    own_share : (n,) float64
        Share of the right among pledges of equal rank on it [1].
    again : tuple of (Secured, (n,) int64), or None
        Where rows repeat pledges at other terms of their loans: the pledges as they stand,
        which are the first rows, and that which each row is but for the days of its loan.
    """

    table: str
    valued_on: date
    rules: Rules
    rights: Batch
    pledges: Batch
    loans: Mapping[str, NDArray[Any]]
    policies: Mapping[str, Column]
    covers: tuple[NDArray[np.int64], NDArray[np.int64]] | None
    value_yuan: Column
    term_years: Column
    case: NDArray[np.int64]
    cases: tuple[str, ...]
    secured_yuan: Column
    senior_yuan: Column
    own_share: Column
    again: "tuple[Secured, NDArray[np.int64]] | None" = None
    _known: dict[str, Column] = field(default_factory=dict)

    def first(self, rows: NDArray[np.int64], pledges: Batch) -> "Secured":
        """Return the first pledges only.

        Parameters
        ----------
        rows : (k,) int64
            Their positions, 0 to k - 1.
        pledges : Batch
            They themselves.

        Returns
        -------
        Secured
            The same.
        """
        count, covers = rows.size, self.covers
        if covers is not None:
            kept = covers[1] < count
            covers = covers[0][kept], covers[1][kept]
        return replace(
            self, rights=self.rights.take(rows), pledges=pledges,
            loans=TakenColumns(self.loans, rows), covers=covers, again=None, _known={},
            policies={name: column[:count] for name, column in self.policies.items()},
            value_yuan=self.value_yuan[:count], term_years=self.term_years[:count],
            case=self.case[:count], secured_yuan=self.secured_yuan[:count],
            senior_yuan=self.senior_yuan[:count], own_share=self.own_share[:count],
        )  # fmt: skip

    @property
    def size(self) -> int:
        """Number of pledges."""
        return self.pledges.size

    @property
    def day(self) -> float:
        """Day of valuation, days since 1970-01-01."""
        return float(day_number(self.valued_on))

    @property
    def created(self) -> Column:
        """Day on which each security was, or is to be, created [day]."""
        found = self._known.get("created")
        if found is None:
            stated = self.pledge("created_on")
            found = self._known["created"] = np.where(np.isnan(stated), self.day, stated)
        return found

    def right(self, name: str) -> Column:
        """Return a number, flag or date column of the rights.

        Parameters
        ----------
        name : str
            Column.

        Returns
        -------
        (n,) float64
            The column; all NaN where rights of this kind have none.
        """
        return self._column(self.rights.columns, name)

    def pledge(self, name: str) -> Column:
        """Return a number, flag or date column of the pledges.

        Parameters
        ----------
        name : str
            Column.

        Returns
        -------
        (n,) float64
            The column; all NaN where no file holds it.
        """
        return self._column(self.pledges.columns, name)

    def loan(self, name: str) -> Column:
        """Return a number or date column of the loans.

        Parameters
        ----------
        name : str
            Column.

        Returns
        -------
        (n,) float64
            The column; NaN where a pledge has no loan.
        """
        return self._column(self.loans, name)

    def _column(self, columns: Mapping[str, NDArray[Any]], name: str) -> Column:
        """A column, or nothing known."""
        if name in columns:
            column: Column = columns[name]
            return column
        if "" not in self._known:
            self._known[""] = np.full(self.size, np.nan)
        return self._known[""]

    def years_to(self, name: str) -> Column:
        """Return years from the day of valuation to a date of the rights, pledges or loans.

        Parameters
        ----------
        name : str
            ``table.column``, the table one of right, pledge, loan.

        Returns
        -------
        (n,) float64
            Years, negative for the past, NaN where not known.
        """
        where, column = name.split(".")
        ask: dict[str, Callable[[str], Column]] = {
            "right": self.right, "pledge": self.pledge, "loan": self.loan,
        }  # fmt: skip
        if name not in self._known:
            self._known[name] = years_from(self.valued_on, ask[where](column))
        return self._known[name]
