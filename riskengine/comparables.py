"""Comparable deals ready for look-up: by what was dealt in, where and when.

At each level (township, county, province) the deals lie sorted by key, place and
day, newest first, so that the candidates of one right are one stretch:

    key, place    paddy, 370983101     paddy, 370983102    ...
    deals         |#####|#############|####|###############|
                  start  stop
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.rights.comparables import COMPARABLES
from riskengine.table import Batch

LEVELS = ("township", "county", "province")
"""Levels at which deals are looked for, near to far."""

PREFIXES = (9, 6, 2)
"""Digits of a region code that name a place of each level."""


@dataclass(frozen=True, slots=True)
class DealLevel:
    """The deals of one kind of right at one level.

    Parameters
    ----------
    order : (m,) int64
        Positions of the deals in their table, sorted.
    places : mapping of str to int
        Number of every place with deals, from 1; 0 stands for all others.
    keys : int
        Keys that count, from 0.
    starts, stops : (cells,) int64
        First candidate of a place and key, and the one after the last; equal where
        there is none.  A cell is place x (keys + 1) + key + 1.
    """

    order: NDArray[np.int64]
    places: Mapping[str, int]
    keys: int
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    _seen: dict[tuple[str, ...], NDArray[np.int64]] = field(default_factory=dict, repr=False)

    def cells(
        self, keys: NDArray[np.int64], regions: tuple[str, ...], region_index: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return the cell in which the candidates of every right lie.

        Parameters
        ----------
        keys : (n,) int64
            What would be dealt in; negative for nothing.
        regions : tuple of str
            Distinct region codes of the rights; those of the last call are remembered.
        region_index : (n,) int64
            Region of each right.

        Returns
        -------
        (n,) int64
            Cells; one without candidates where there are no deals.
        """
        places = self._seen.get(regions)
        if places is None:
            places = np.array([self._place(region) for region in regions], dtype=np.int64)
            self._seen.clear()
            self._seen[regions] = places
        known = np.where(keys < self.keys, keys, -1)
        found: NDArray[np.int64] = places[region_index] * (self.keys + 1) + known + 1
        return found

    def _place(self, region: str) -> int:
        """Number of the place that a region lies in: the longest key of its level."""
        digits = len(next(iter(self.places), ""))
        return self.places.get(region[:digits], 0)


def index_deals(
    keys: NDArray[np.int64],
    regions: Sequence[str],
    region_index: NDArray[np.int64],
    days: NDArray[np.float64],
) -> tuple[DealLevel, ...]:
    """Sort deals for look-up at every level.

    Parameters
    ----------
    keys : (n,) int64
        What each deal was in; negative leaves a deal out.
    regions : sequence of str
        Distinct region codes.
    region_index : (n,) int64
        Region of each deal.
    days : (n,) float64
        Day of each deal, days since 1970-01-01.

    Returns
    -------
    tuple of DealLevel
        One for each of `LEVELS`; equal deals keep the order of the table.

    Examples
    --------
    >>> township, county, _ = index_deals(
    ...     np.array([0, 0, 0]), ("370983101200", "370983102201"),
    ...     np.array([0, 1, 0]), np.array([5.0, 7.0, 6.0]))
    >>> cell = township.cells(np.array([0]), ("370983101999",), np.array([0]))
    >>> township.starts[cell].tolist(), township.stops[cell].tolist(), township.order.tolist()
    ([0], [2], [2, 0, 1])
    >>> cell = county.cells(np.array([0]), ("370983",), np.array([0]))
    >>> county.starts[cell].tolist(), county.stops[cell].tolist(), county.order.tolist()
    ([0], [3], [1, 2, 0])
    """
    width = int(keys.max(initial=-1)) + 2
    return tuple(_level(digits, width, keys, regions, region_index, days) for digits in PREFIXES)


def _level(
    digits: int,
    width: int,
    keys: NDArray[np.int64],
    regions: Sequence[str],
    region_index: NDArray[np.int64],
    days: NDArray[np.float64],
) -> DealLevel:
    """Sort the deals of one level."""
    named = sorted({region[:digits] for region in regions if len(region) >= digits})
    places = {place: k for k, place in enumerate(named, 1)}
    number = [places[r[:digits]] if len(r) >= digits else 0 for r in regions]
    place = np.array(number, dtype=np.int64)[region_index]
    taken = np.flatnonzero((keys >= 0) & (place > 0))
    cell = place[taken] * width + keys[taken] + 1
    ranked = np.lexsort((-days[taken], cell))
    counts = np.bincount(cell, minlength=(len(named) + 1) * width)
    stops = np.cumsum(counts)
    return DealLevel(taken[ranked], places, width - 1, stops - counts, stops)


@dataclass(frozen=True)
class Comparables:
    """Checked comparable deals, with what was prepared of them for one day.

    Parameters
    ----------
    batch : Batch
        Rows of the table ``comparables`` that passed the door.
    """

    batch: Batch
    _ready: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a batch of another table."""
        assert self.batch.contract is COMPARABLES, self.batch.contract.table

    def usable(
        self, table: str, bases: Sequence[str], day: float, oldest: float
    ) -> NDArray[np.bool_]:
        """Mark the deals that may be compared with.

        Parameters
        ----------
        table : str
            Kind of right.
        bases : sequence of str
            Bases of price that it takes.
        day : float
            Valuation date, days since 1970-01-01; later deals are not known yet.
        oldest : float
            Age from which deals no longer count [year].

        Returns
        -------
        (n,) bool
            Deals of the kind, between independent parties, without distress, known on
            the day and young enough.
        """
        columns = self.batch.columns
        code = COMPARABLES.by_name
        of_table = columns["table"] == code["table"].codes.index(table)
        of_basis = np.isin(columns["basis"], [code["basis"].codes.index(name) for name in bases])
        age = day - columns["deal_on"]
        recent = (age >= 0.0) & (age <= oldest * 365.25)
        fair = (
            (columns["arms_length"] != 0.0)
            & (columns["related_party"] != 1.0)
            & (columns["distressed"] != 1.0)
        )
        marks: NDArray[np.bool_] = of_table & of_basis & recent & fair
        return marks

    def once(self, key: Any, make: Any) -> Any:
        """Prepare a thing once for all batches of rights.

        Parameters
        ----------
        key : hashable
            Everything that the thing depends on besides the deals.
        make : callable
            Prepares it.

        Returns
        -------
        object
            The thing.
        """
        if key not in self._ready:
            self._ready[key] = make()
        return self._ready[key]
