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
class DealIndex:
    """Where the deals of one kind of right lie, level by level.

    Parameters
    ----------
    order : tuple of (m,) int64
        Positions of the deals in their table, sorted for each level.
    stretches : tuple of mapping
        Start and stop of the deals of each key and place, for each level.
    """

    order: tuple[NDArray[np.int64], ...]
    stretches: tuple[Mapping[tuple[int, str], tuple[int, int]], ...]

    def stretch(self, level: int, key: int, region: str) -> tuple[int, int]:
        """Return the candidates of one key in the place that a region lies in.

        Parameters
        ----------
        level : int
            Position in `LEVELS`.
        key : int
            What was dealt in.
        region : str
            Region code of the right.

        Returns
        -------
        tuple of int
            First candidate and the one after the last, equal when there is none.
        """
        place = region[: PREFIXES[level]]
        if len(place) < PREFIXES[level]:
            return 0, 0
        return self.stretches[level].get((key, place), (0, 0))


def index_deals(
    keys: NDArray[np.int64],
    regions: Sequence[str],
    region_index: NDArray[np.int64],
    days: NDArray[np.float64],
) -> DealIndex:
    """Sort deals for look-up.

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
    DealIndex
        The index; equal deals keep the order of the table.

    Examples
    --------
    >>> found = index_deals(np.array([0, 0, 0]), ("370983101200", "370983102201"),
    ...                     np.array([0, 1, 0]), np.array([5.0, 7.0, 6.0]))
    >>> found.stretch(0, 0, "370983101999"), found.order[0].tolist()
    ((0, 2), [2, 0, 1])
    >>> found.stretch(1, 0, "370983"), found.order[1].tolist()
    ((0, 3), [1, 2, 0])
    """
    orders, stretches = [], []
    for digits in PREFIXES:
        places = sorted({region[:digits] for region in regions if len(region) >= digits})
        number = {place: k for k, place in enumerate(places)}
        of_region = np.array([number.get(region[:digits], -1) for region in regions] or [-1])
        place = of_region[region_index]
        taken = np.flatnonzero((keys >= 0) & (place >= 0))
        group = keys[taken] * max(len(places), 1) + place[taken]
        ranked = np.lexsort((-days[taken], group))
        order, group = taken[ranked], group[ranked]
        edges = np.flatnonzero(np.diff(group, prepend=-1, append=-1))
        found = {}
        for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            key, at = divmod(int(group[start]), len(places))
            found[key, places[at]] = (start, stop)
        orders.append(order)
        stretches.append(found)
    return DealIndex(tuple(orders), tuple(stretches))


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
