"""The only way in which methods get at facts, market and rules; it notes what was asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from riskengine.dates import years_from
from riskengine.kernels.evidence import combine_logs_rows, contradiction_rows, fill_missing
from riskengine.market.quotes import NO_QUOTE, Quotes, gather
from riskengine.market.snapshot import ANY, SnapshotDay
from riskengine.rules import Rules
from riskengine.table import Batch

Column = NDArray[np.float64]
Codes = NDArray[np.int64]
Thing = TypeVar("Thing")


def filled(values: Column, missing: float) -> Column:
    """Return a column with one figure in its missing cells.

    Parameters
    ----------
    values : (n,) float64
        Column.
    missing : float
        What stands in.

    Returns
    -------
    (n,) float64
        The column, filled.
    """
    out = np.empty(values.size)
    fill_missing(values, missing, out)
    return out


@dataclass(slots=True)
class Inputs:
    """What methods may ask, with a note of everything that was asked.

    Parameters
    ----------
    batch : Batch
        The rights.
    market : SnapshotDay
        The market on the valuation date.
    rules : Rules
        The rules in force.
    learned : mapping of str to object
        Released price models by table name.
    comparables : object or None
        Comparable deals, where the portfolio has them.
    asked : dict of str to object
        Facts, quotes and rules asked for since it was last emptied.
    contradicted : (n,) bool
        Rights of which something stated contradicts the market, as far as asked.
    """

    batch: Batch
    market: SnapshotDay
    rules: Rules
    learned: Mapping[str, Any] = field(default_factory=dict)
    comparables: Any = None
    asked: dict[str, Any] = field(default_factory=dict)
    _known: dict[str, Any] = field(default_factory=dict)
    contradicted: NDArray[np.bool_] = field(init=False)
    _whole: "Inputs | None" = None
    _rows: Codes | None = None

    def __post_init__(self) -> None:
        """Begin without contradictions."""
        self.contradicted = np.zeros(self.size, dtype=bool)

    def part(self, rows: Codes) -> "Inputs":
        """Return what may be asked of some of the rights.

        Parameters
        ----------
        rows : (k,) int64
            Positions of the rights.

        Returns
        -------
        Inputs
            Columns already computed for all rights are not computed again.
        """
        batch = self.batch.take(rows)
        part = Inputs(batch, self.market, self.rules, self.learned, self.comparables)
        part._whole, part._rows = self, rows
        return part

    @property
    def size(self) -> int:
        """Number of rights."""
        return self.batch.size

    def number(self, name: str, missing: float = float("nan")) -> Column:
        """Return a number, flag or date column.

        Parameters
        ----------
        name : str
            Column.
        missing : float
            What stands in for missing cells.

        Returns
        -------
        (n,) float64
            The column.
        """
        values: Column = self.batch.columns[name]
        self.asked[name] = values
        if np.isnan(missing):
            return values
        return self.once(f"{name}|{missing}", lambda: filled(values, missing))

    def code(self, name: str) -> Codes:
        """Return a code column as positions in its choices.

        Parameters
        ----------
        name : str
            Column.

        Returns
        -------
        (n,) int64
            Positions, -1 where missing.
        """
        values: Codes = self.batch.columns[name]
        self.asked[name] = values
        return values

    def years_to(self, name: str) -> Column:
        """Return years from the valuation date to a date column.

        Parameters
        ----------
        name : str
            Date column.

        Returns
        -------
        (n,) float64
            Years, negative for the past, NaN where missing.
        """
        days = self.number(name)
        return self.once(f"years|{name}", lambda: years_from(self.market.day, days))

    def rule(self, name: str) -> float:
        """Return a rule's number on the day.

        Parameters
        ----------
        name : str
            ``subject.rule``.

        Returns
        -------
        float
            The amount.
        """
        self.asked[f"rule:{name}"] = name
        return self.rules.number(name)

    def rule_by_code(self, name: str, column: str) -> Column:
        """Return a rule's table of numbers looked up by a code column.

        Parameters
        ----------
        name : str
            Rule whose amount is a table from code to number.
        column : str
            Code column.

        Returns
        -------
        (n,) float64
            Numbers; NaN where the table has no such code.
        """
        self.asked[f"rule:{name}"] = column
        table = self.rules.table(name)
        codes = self.batch.contract.by_name[column].codes
        lookup = np.array([float(table.get(code, "nan")) for code in codes] + [np.nan])
        found: Column = lookup[self.code(column)]
        return found

    def quotes(
        self, quantity: str, categories: Sequence[str] = (ANY,), index: Codes | None = None
    ) -> Quotes:
        """Return market quotes for every right.

        Parameters
        ----------
        quantity : str
            Name of the quantity; one quantity is asked in one way per batch.
        categories : sequence of str
            Distinct categories.
        index : (n,) int64 or None
            Category of each row; None for the first.

        Returns
        -------
        Quotes
            One quote a row.
        """
        if index is None:
            index = self.once("zeros", lambda: np.zeros(self.size, dtype=np.int64))
        place = self.batch.regions, self.batch.region_index
        quotes = self.once(
            f"quotes|{quantity}",
            lambda: gather(self.market, quantity, *place, categories, index),
        )
        self.asked[f"market:{quantity}"] = quotes
        return quotes

    def quotes_of(self, quantity: str) -> Quotes:
        """Return the quotes that a method asked for, without asking again.

        Parameters
        ----------
        quantity : str
            Name of the quantity.

        Returns
        -------
        Quotes
            The last quotes of that quantity; all empty when none was asked for.
        """
        empty = Quotes((NO_QUOTE,), np.zeros(self.size, dtype=np.int64))
        quotes: Quotes = self._known.get(f"quotes|{quantity}", (empty, {}))[0]
        return quotes

    def combine(
        self, price: Column, error: Column, own: Column, own_error: float
    ) -> tuple[Column, Column]:
        """Combine a price for a place with what is known of each parcel.

        Parameters
        ----------
        price, error : (n,) float64
            Price for the place and standard error of its logarithm.
        own : (n,) float64
            Prices known for the parcels; NaN where none.
        own_error : float
            Standard error of their logarithm.

        Returns
        -------
        tuple of (n,) float64
            Prices and standard errors of their logarithms.
        """
        if np.isnan(own).all():
            return price, error
        value, combined = np.empty(self.size), np.empty(self.size)
        combine_logs_rows(price, error, own, own_error, value, combined)
        self.doubt(np.stack([price, error]), np.arange(self.size), own, own_error)
        return value, combined

    def doubt(
        self, prices: NDArray[np.float64], index: Codes, own: Column, own_error: float
    ) -> None:
        """Mark the rights whose own price contradicts the market's.

        Parameters
        ----------
        prices : (2, q) float64
            Distinct prices of the market and standard errors of their logarithms.
        index : (n,) int64
            Which of them each right takes.
        own : (n,) float64
            Prices known for the rights; NaN where none.
        own_error : float
            Standard error of their logarithm.
        """
        if not np.isnan(own).all():
            limit = self.rule("reconcile.evidence_distance")
            contradiction_rows(prices, index, own, own_error, limit, self.contradicted)

    def stack(self, *columns: Column | Codes | float) -> NDArray[np.float64]:
        """Return columns and constants as one (k, n) block for a row kernel.

        Parameters
        ----------
        *columns : (n,) float64, (n,) int64 or float
            In the order that the kernel documents.

        Returns
        -------
        (k, n) float64
            The block.
        """
        block = np.empty((len(columns), self.size))
        for k, column in enumerate(columns):
            block[k] = column
        return block

    def once(self, key: str, make: Callable[[], Thing]) -> Thing:
        """Compute a thing once per batch; what it asked for is noted at every use.

        Parameters
        ----------
        key : str
            Name of the thing.
        make : callable
            Computes it.

        Returns
        -------
        object
            The thing.
        """
        if key not in self._known:
            if self._whole is not None and key in self._whole._known:
                whole = self._whole._known[key][0]
                if isinstance(whole, np.ndarray) and whole.shape[-1] == self._whole.size:
                    self._known[key] = (whole[..., self._rows], {})
                    found: Thing = self._known[key][0]
                    return found
            outer, self.asked = self.asked, {}
            self._known[key] = (make(), self.asked)
            self.asked = outer
        thing: Thing
        thing, asked = self._known[key]
        self.asked.update(asked)
        return thing
