"""What a valuation method is, and the only way it gets at its inputs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from riskengine.columns import Contract
from riskengine.dates import years_from
from riskengine.kernels.evidence import combine_logs_rows
from riskengine.market.quotes import NO_QUOTE, Quotes, gather
from riskengine.market.snapshot import ANY, SnapshotDay
from riskengine.rules import Rules
from riskengine.table import Batch
from riskengine.words import Text

Column = NDArray[np.float64]
Codes = NDArray[np.int64]
Thing = TypeVar("Thing")

VALUE, LOG_ERROR, PRUDENT = 0, 1, 2
"""First rows of every method's output: value [yuan], standard error of its
logarithm, and the value a lender may count on before haircuts [yuan]."""


@dataclass(frozen=True, slots=True)
class Working:
    """One intermediate figure that a method shows.

    Parameters
    ----------
    name : str
        English name.
    title : Text
        What people read.
    unit : str
        Unit.
    """

    name: str
    title: Text
    unit: str


def always(_inputs: "Inputs", _wanted: NDArray[np.bool_]) -> bool:
    """Say that a method has what it needs.

    Parameters
    ----------
    _inputs : Inputs
        Not looked at.
    _wanted : (n,) bool
        Not looked at.

    Returns
    -------
    bool
        True.
    """
    return True


@dataclass(frozen=True, slots=True)
class Method:
    """One way to value one kind of right.

    Parameters
    ----------
    name : str
        Name in the method matrix.
    title : Text
        What people read.
    formula : str
        The formula in one line.
    source : str
        Standard, article or paper.
    workings : tuple of Working
        Figures it shows, in output order after the first three rows.
    evaluate : callable
        Fills the output; rows that it cannot value stay NaN.
    ready : callable
        Whether anything that the method draws on is there at all: a cheap look that
        spares a batch the output of a method without deals or prices.
    """

    name: str
    title: Text
    formula: str
    source: str
    workings: tuple[Working, ...]
    evaluate: Callable[["Inputs", NDArray[np.bool_], NDArray[np.float64]], None]
    ready: Callable[["Inputs", NDArray[np.bool_]], bool] = always

    def run(self, inputs: "Inputs", wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Value the wanted rows.

        Parameters
        ----------
        inputs : Inputs
            What is known of the rights, the market and the rules.
        wanted : (n,) bool
            Rows that the method matrix gives to this method.

        Returns
        -------
        (3 + workings, n) float64
            Value, log error, prudent value and workings; NaN elsewhere.  Read-only
            where there is nothing to answer.
        """
        shape = (3 + len(self.workings), inputs.size)
        if not (wanted.any() and self.ready(inputs, wanted)):
            return np.broadcast_to(np.nan, shape)
        out = np.full(shape, np.nan)
        self.evaluate(inputs, wanted, out)
        return out


@dataclass(frozen=True, slots=True)
class Approach:
    """How one kind of right is valued.

    Parameters
    ----------
    contract : Contract
        Columns of its table.
    methods : tuple of Method
        Its methods, in the order in which answers show them.
    cases : tuple of str
        Rows of the method matrix (rules ``methods.*``) that its rights fall under.
    case : callable
        Position in ``cases`` of every right, (n,) int64.
    term : callable
        Remaining term of every right, (n,) float64 [year], >= 0; infinite where
        the right has no end.
    leading : str
        Market quantity whose level, observations and age every answer reports.
    """

    contract: Contract
    methods: tuple[Method, ...]
    cases: tuple[str, ...]
    case: Callable[["Inputs"], Codes]
    term: Callable[["Inputs"], Column]
    leading: str


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
    """

    batch: Batch
    market: SnapshotDay
    rules: Rules
    learned: Mapping[str, Any] = field(default_factory=dict)
    comparables: Any = None
    asked: dict[str, Any] = field(default_factory=dict)
    _known: dict[str, Any] = field(default_factory=dict)

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
        return self.once(f"{name}|{missing}", lambda: np.where(np.isnan(values), missing, values))

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
        value, combined = np.empty(self.size), np.empty(self.size)
        combine_logs_rows(price, error, own, np.full(self.size, own_error), value, combined)
        return value, combined

    def stack(self, *columns: Column | float) -> NDArray[np.float64]:
        """Return columns and constants as one (k, n) block for a row kernel.

        Parameters
        ----------
        *columns : (n,) float64 or float
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
            outer, self.asked = self.asked, {}
            self._known[key] = (make(), self.asked)
            self.asked = outer
        thing: Thing
        thing, asked = self._known[key]
        self.asked.update(asked)
        return thing
