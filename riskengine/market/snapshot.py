"""A market snapshot: a folder of declared quantities and dated observations."""

import csv
import hashlib
import io
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import MarketError
from riskengine.market.quotes import LEVELS, PREFIX_LENGTHS, Evidence, Quote, Spread, estimate
from riskengine.units import UNITS
from riskengine.words import Text

OBSERVATION_COLUMNS = (
    "quantity", "region", "category", "value", "unit", "observed_on", "observations",
    "confidence", "source", "detail",
)  # fmt: skip
"""Columns of a table of observations, in order."""

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
        return SnapshotDay(self, day)


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
        if key not in self._places:
            prefixes = self.snapshot.prefixes(quantity)
            told = [
                next((r[:n] for n in PREFIX_LENGTHS[:1:-1] if r[:n] in prefixes), "")
                for r in regions
            ]
            number = {place: k for k, place in enumerate(dict.fromkeys(told))}
            index = np.array([number[place] for place in told], dtype=np.int64)
            self._places[key] = (list(number), index)
        return self._places[key]

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


@cache
def demonstration() -> Snapshot:
    """Return the demonstration snapshot built from published figures.

    Returns
    -------
    Snapshot
        Figures with their sources; not a market survey.
    """
    return load(Path(__file__).parent / "demonstration")


def load(folder: Path) -> Snapshot:
    """Read a snapshot folder.

    ``snapshot.toml`` names the snapshot; every other TOML file declares the
    quantities of one subject and every CSV file (UTF-8) holds observations.

    Parameters
    ----------
    folder : pathlib.Path
        The folder.

    Returns
    -------
    Snapshot
        The snapshot.

    Raises
    ------
    MarketError
        Listing every fault of the files, with line numbers.
    """
    digest = hashlib.sha256()
    faults: list[str] = []
    declared: dict[str, Any] = {}
    tables: dict[str, str] = {}
    head: dict[str, Any] = {}
    for path in sorted([*folder.glob("*.toml"), *folder.glob("*.csv")]):
        raw = path.read_bytes()
        digest.update(path.name.encode() + b"\0" + raw + b"\0")
        try:
            text = raw.decode("utf-8-sig")
            if path.suffix == ".csv":
                tables[path.name] = text
            elif path.name == "snapshot.toml":
                head = tomllib.loads(text)
            else:
                declared |= tomllib.loads(text)
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
            faults.append(f"{path.name}: {fault}")
    faults += [f"snapshot.toml: {key} is missing" for key in HEAD_KEYS if key not in head]
    quantities = {name: _quantity(name, entry, faults) for name, entry in declared.items()}
    observations = [
        observation
        for name, text in tables.items()
        for observation in _observations(name, text, quantities, faults)
    ]
    if faults:
        raise _broken(folder.name, faults)
    title = Text(head["title"]["zh"], head["title"]["en"])
    return Snapshot(
        head["name"], title, head["as_of"], quantities, tuple(observations), digest.hexdigest()
    )


HEAD_KEYS = ("name", "title", "as_of")
"""What ``snapshot.toml`` must hold."""


def _observations(
    name: str, text: str, quantities: Mapping[str, Quantity], faults: list[str]
) -> list[Observation]:
    """Check one table of observations."""
    rows = csv.DictReader(io.StringIO(text), restval="")
    if tuple(rows.fieldnames or ()) != OBSERVATION_COLUMNS:
        faults.append(f"{name}: columns must be {', '.join(OBSERVATION_COLUMNS)}")
        return []
    read = (_observation(row, f"{name} line {rows.line_num}", quantities, faults) for row in rows)
    return [observation for observation in read if observation is not None]


def _broken(name: str, faults: list[str]) -> MarketError:
    listed = "; ".join(faults)
    return MarketError(
        Text(f"市场快照 {name} 有误：{listed}", f"market snapshot {name}: {listed}"),
        Text("请按快照格式改正后重试", "correct the snapshot and try again"),
    )


def _quantity(name: str, entry: Mapping[str, Any], faults: list[str]) -> Quantity:
    """Check one declaration."""
    if entry.get("unit") not in UNITS:
        faults.append(f"[{name}]: unknown unit {entry.get('unit')!r}")
    between = entry.get("between", {})
    spread = Spread(
        float(entry.get("within", 0.0)),
        float(entry.get("drift", 0.0)),
        tuple(float(between.get(level, 0.0)) for level in LEVELS),
        float(entry.get("category", 0.0)),
        {letter: float(deviation) for letter, deviation in entry.get("confidence", {}).items()},
    )
    if spread.within <= 0.0 or not spread.confidence:
        faults.append(f"[{name}]: within > 0 and confidence are needed")
    title = entry.get("title", {})
    return Quantity(
        name, Text(title.get("zh", name), title.get("en", name)), entry.get("unit", ""), spread,
        entry.get("parents", {}), bool(entry.get("latest", False)),
    )  # fmt: skip


def _observation(
    row: Mapping[str, str], where: str, quantities: Mapping[str, Quantity], faults: list[str]
) -> Observation | None:
    """Check one line of observations."""
    wrong = faults.append
    quantity = quantities.get(row["quantity"])
    if quantity is None:
        wrong(f"{where}: undeclared quantity {row['quantity']!r}")
        return None
    if row["unit"] != quantity.unit:
        wrong(f"{where}: unit {row['unit']!r}, not {quantity.unit!r}")
    if row["confidence"] not in quantity.spread.confidence:
        wrong(f"{where}: unknown confidence {row['confidence']!r}")
    region = row["region"]
    if region != "CN" and not (region.isdigit() and len(region) in PREFIX_LENGTHS[2:]):
        wrong(f"{where}: region {region!r} is not CN or 2-12 digits")
    if not row["source"]:
        wrong(f"{where}: no source")
    try:
        value = float(row["value"])
        day = date.fromisoformat(row["observed_on"])
        count = int(row["observations"])
        if not (0.0 < value < math.inf) or count < 1:
            raise ValueError(f"value {value} and observations {count} must be positive")
    except ValueError as fault:
        wrong(f"{where}: {fault}")
        return None
    return Observation(
        row["quantity"], region, row["category"], value, day, count, row["confidence"],
        row["source"], row["detail"],
    )  # fmt: skip
