"""A market snapshot: a folder of declared quantities and dated observations."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import MarketError
from riskengine.market.quotes import PREFIX_LENGTHS, Evidence, Quote, Spread, estimate
from riskengine.words import Text

OBSERVATION_COLUMNS = (
    "quantity", "region", "category", "value", "unit", "observed_on", "observations",
    "confidence", "source", "detail",
)  # fmt: skip
"""Columns of a table of observations, in order."""

MOST_DAYS, MOST_BATCHES = 16, 1024
"""Days of a snapshot, and sets of regions of one day, that are kept at hand."""
ANY = "*"
"""Category of an observation that holds for every category."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One thing that a snapshot quotes.

    Parameters
    ----------
    name : str
        Name used by methods.
    title : Text
        What people read.
    unit : str
        Unit of its values.
    spread : Spread
        How it varies.
    parents : mapping of str to str
        The wider category of a category.
    latest : bool
        Whether an observation replaces the earlier ones of its region and category,
        as a rate set by authority does; otherwise all of them speak.
    """

    name: str
    title: Text
    unit: str
    spread: Spread
    parents: Mapping[str, str]
    latest: bool = False

    def widths(self, category: str) -> dict[str, int]:
        """Return the categories that speak for one category, with their distance.

        Parameters
        ----------
        category : str
            Category asked for.

        Returns
        -------
        dict of str to int
            Steps of widening by category; `ANY` comes last.
        """
        steps = {category: 0}
        while category in self.parents:
            category = self.parents[category]
            steps[category] = len(steps)
        steps.setdefault(ANY, len(steps))
        return steps


@dataclass(frozen=True, slots=True)
class Observation:
    """One published or recorded figure.

    Parameters
    ----------
    quantity, region, category : str
        What, where (digits of GB/T 2260 and its extension, ``CN`` for the
        nation) and of which kind (``*`` for any).
    value : float
        Figure in the quantity's unit, > 0.
    observed_on : datetime.date
        Day or middle of the period it speaks of.
    observations : int
        Deals, households or plots behind it, >= 1.
    confidence : str
        Letter of the source's confidence.
    source, detail : str
        Where it was published, and what else the source says.
    """

    quantity: str
    region: str
    category: str
    value: float
    observed_on: date
    observations: int
    confidence: str
    source: str
    detail: str


@dataclass(frozen=True)
class Snapshot:
    """Dated observations and how they vary.

    Parameters
    ----------
    name : str
        Name of the snapshot.
    title : Text
        What people read.
    as_of : datetime.date
        Day of the last addition.
    quantities : mapping of str to Quantity
        Declarations.
    observations : tuple of Observation
        The figures.
    digest : str
        SHA-256 of the files.
    """

    name: str
    title: Text
    as_of: date
    quantities: Mapping[str, Quantity]
    observations: tuple[Observation, ...]
    digest: str
    _days: dict[date, "SnapshotDay"] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def observed(self) -> frozenset[str]:
        """Names of the quantities that were observed at all."""
        return frozenset(observation.quantity for observation in self.observations)

    def prefixes(self, quantity: str) -> frozenset[str]:
        """Return every part of a region code in which a quantity was observed.

        Parameters
        ----------
        quantity : str
            Name of the quantity.

        Returns
        -------
        frozenset of str
            Codes of provinces, cities, counties, townships and villages.
        """
        return frozenset(
            observation.region[:length]
            for observation in self.observations
            if observation.quantity == quantity and observation.region != "CN"
            for length in PREFIX_LENGTHS[2:]
            if length <= len(observation.region)
        )

    def on(self, day: date) -> "SnapshotDay":
        """Return the snapshot as it could be known on a day.

        Parameters
        ----------
        day : datetime.date
            Valuation date; later observations are not used.

        Returns
        -------
        SnapshotDay
            Ready to quote.
        """
        found = self._days.get(day)
        if found is None:
            if len(self._days) >= MOST_DAYS:
                self._days.clear()
            found = self._days[day] = SnapshotDay(self, day)
        return found


@dataclass(frozen=True)
class SnapshotDay:
    """A snapshot on one day, with the quotes already asked for.

    Parameters
    ----------
    snapshot : Snapshot
        The figures.
    day : datetime.date
        Valuation date.
    """

    snapshot: Snapshot
    day: date
    _quotes: dict[tuple[str, str, str], Quote] = field(default_factory=dict, repr=False)
    _evidence: dict[tuple[str, str], list[Evidence]] = field(default_factory=dict, repr=False)
    _places: dict[tuple[str, tuple[str, ...]], tuple[list[str], NDArray[np.int64]]] = field(
        default_factory=dict, repr=False
    )
    _prefixes: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)

    def quote(self, quantity: str, region: str, category: str) -> Quote:
        """Return the price of one thing in one place.

        Parameters
        ----------
        quantity : str
            Name of a declared quantity.
        region : str
            Region code, any length; digits beyond the village are ignored.
        category : str
            Category, or `ANY`.

        Returns
        -------
        Quote
            The price; level ``none`` when nothing is known.

        Raises
        ------
        MarketError
            If the snapshot does not declare the quantity.
        """
        key = (quantity, region, category)
        found = self._quotes.get(key)
        if found is None:
            declared = self.snapshot.quantities.get(quantity)
            if declared is None:
                raise MarketError(
                    Text(f"市场快照没有 {quantity} 这一项", f"the snapshot declares no {quantity}"),
                    Text("请在快照中声明", "declare it in the snapshot"),
                )
            found = estimate(region, self._known(declared, category), declared.spread)
            self._quotes[key] = found
        return found

    def places(
        self, quantity: str, regions: tuple[str, ...]
    ) -> tuple[list[str], NDArray[np.int64]]:
        """Return the parts of region codes that make a difference to a quantity.

        Parameters
        ----------
        quantity : str
            Name of the quantity.
        regions : tuple of str
            Region codes.

        Returns
        -------
        list of str
            Distinct longest prefixes in which there is any observation; empty for
            the nation.
        (k,) int64
            Which of them each region takes.
        """
        key = (quantity, regions)
        found = self._places.get(key)
        if found is None:
            if quantity not in self._prefixes:
                self._prefixes[quantity] = self.snapshot.prefixes(quantity)
            prefixes = self._prefixes[quantity]
            told = [
                next((r[:n] for n in PREFIX_LENGTHS[:1:-1] if r[:n] in prefixes), "")
                for r in regions
            ]
            number = {place: k for k, place in enumerate(dict.fromkeys(told))}
            index = np.array([number[place] for place in told], dtype=np.int64)
            if len(self._places) >= MOST_BATCHES:
                self._places.clear()
            found = self._places[key] = (list(number), index)
        return found

    def _known(self, quantity: Quantity, category: str) -> list[Evidence]:
        """Observations that speak for a category, no younger than the day."""
        key = (quantity.name, category)
        if key not in self._evidence:
            widths = quantity.widths(category)
            known = [
                observation
                for observation in self.snapshot.observations
                if observation.quantity == quantity.name
                and observation.category in widths
                and observation.observed_on <= self.day
            ]
            self._evidence[key] = [
                _evidence(observation, quantity, widths[observation.category], self.day)
                for observation in (_newest(known) if quantity.latest else known)
            ]
        return self._evidence[key]


def _newest(known: Sequence[Observation]) -> list[Observation]:
    """The last observation of each region and category."""
    ordered = sorted(known, key=lambda observation: observation.observed_on)
    return list({(each.region, each.category): each for each in ordered}.values())


def _evidence(observation: Observation, quantity: Quantity, steps: int, day: date) -> Evidence:
    """One observation as the look-up needs it."""
    region = "" if observation.region == "CN" else observation.region
    level = 1 if not region else PREFIX_LENGTHS.index(len(region))
    spread = quantity.spread
    noise = spread.confidence[observation.confidence] ** 2 + steps * spread.category**2
    age = (day - observation.observed_on).days / 365.25
    return Evidence(
        math.log(observation.value), level, region, observation.observations, age, noise,
        observation.source,
    )  # fmt: skip
