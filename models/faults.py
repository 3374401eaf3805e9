"""What can be wrong with training data: single rows, and the whole."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.config import Config
from models.days import days_of
from models.intake import numbers
from riskengine.learned.features import Feature

if TYPE_CHECKING:
    from models.frame import Frame

SLIPS = {
    1e4: "10,000 (yuan against 万元)", 666.6667: "667 (square metres against mu)",
    15.0: "15 (mu against hectares)", 100.0: "100 (per cent against shares)",
    1e3: "1,000", 12.0: "12 (a year against a month)",
}  # fmt: skip
"""Usual slips of unit: how many times too large or too small."""


def row_faults(known: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Return the faults of single rows.

    Parameters
    ----------
    known : pandas.DataFrame
        Rows with an outcome; the index counts them as in the file.
    config : Config
        What they should be.

    Returns
    -------
    pandas.DataFrame
        ``row``, ``column``, ``fault``; values are not repeated, they may be personal.
    """
    found: list[tuple[Any, str, str]] = []

    def mark(rows: Any, column: str, fault: str) -> None:
        found.extend((row, column, fault) for row in known.index[np.asarray(rows, dtype=bool)])

    mark(known[config.id].isna(), config.id, "no identifier")
    identifier = known[config.id].astype("string").str.strip()
    doubled = identifier.duplicated(keep=False) & identifier.notna()
    mark(doubled, config.id, "identifier stands in more than one row")
    mark(days_of(known[config.date]).isna(), config.date, "no day, or not a date")
    for before, after in config.order:
        late = days_of(known[before]) > days_of(known[after])
        mark(late, after, f"day lies before {before}")
    ranges = [(config.target.column, config.target.low, config.target.high)]
    ranges += [(f.name, f.low, f.high) for f in config.features if f.kind == "number"]
    for name, low, high in ranges:
        cells = numbers(known[name])
        mark(cells.isna() & known[name].notna(), name, "not a number")
        mark(np.isinf(cells), name, "not finite")
        outside = (cells < low) | (cells > high)
        mark(outside & np.isfinite(cells), name, f"outside [{low:g}, {high:g}]")
    if config.weight:
        weights = numbers(known[config.weight])
        mark(~(weights > 0.0) | np.isinf(weights), config.weight, "weight is not above 0")
    for feature in config.features:
        if feature.codes:
            unseen = known[feature.name].notna() & ~known[feature.name].isin(feature.codes)
            mark(unseen, feature.name, "code never declared")
    return pd.DataFrame(found, columns=["row", "column", "fault"])


def told(faulty: pd.DataFrame, size: int) -> list[str]:
    """Return faults by column, each with how many rows and the first of them.

    Parameters
    ----------
    faulty : pandas.DataFrame
        As `row_faults` gives it.
    size : int
        Rows looked at.

    Returns
    -------
    list of str
        One text a column and fault.
    """
    lines = []
    for (column, fault), rows in faulty.groupby(["column", "fault"], sort=True)["row"]:
        first = ", ".join(str(row) for row in rows.head(3))
        lines.append(f"{column}: {fault} in {len(rows)} of {size} rows (first: row {first})")
    return lines


def whole_faults(frame: "Frame", config: Config) -> list[str]:
    """Return the faults of the whole: too few rows, a constant target, an empty feature.

    Parameters
    ----------
    frame : Frame
        Rows that count.
    config : Config
        What they should be.

    Returns
    -------
    list of str
        Faults, empty when there are none.
    """
    faults = []
    for name in ("train", "calibrate", "test"):
        part = frame.of(name)
        if part.y.size < 30:
            faults.append(f"only {part.y.size} {name} rows; move the days of [split]")
        elif config.kind == "default" and not np.isin(part.y, (0.0, 1.0)).all():
            faults.append(f"{config.target.column} holds other than 0 and 1")
        elif np.unique(part.y).size < 2:
            what = "one class only" if config.kind == "default" else "one value only"
            faults.append(f"{config.target.column} has {what} in the {name} rows")
    train = frame.of("train")
    for feature, row in zip(frame.features, train.x, strict=True):
        known = row[~np.isnan(row)]
        if not known.size:
            faults.append(f"{feature.name} is missing in every training row")
        elif np.unique(known).size < 2 and known.size == row.size:
            faults.append(f"{feature.name} is the same in every training row: leave it out")
        faults += _unit_faults(feature, frame, row)
    return faults


def _unit_faults(feature: Feature, frame: "Frame", row: NDArray[np.float64]) -> list[str]:
    """A part whose median is a usual slip of unit away from the training median."""
    if feature.kind != "number" or not (np.nanmin(row, initial=np.inf) >= 0.0):
        return []
    faults, at = [], frame.features.index(feature)
    middle = np.nanmedian(row) if (~np.isnan(row)).any() else 0.0
    for name in ("calibrate", "test"):
        other = frame.of(name).x[at]
        other = other[~np.isnan(other)]
        if other.size < 30 or middle <= 0.0 or np.median(other) <= 0.0:
            continue
        times = float(np.median(other) / middle)
        slip = next((s for s in SLIPS if abs(np.log(times)) > 2.0 and _near(times, s)), None)
        if slip is not None:
            faults.append(
                f"{feature.name}: the median of the {name} rows is {times:.4g} times that of"
                f" training; wrong unit? a usual slip is {SLIPS[slip]}"
            )
    return faults


def _near(times: float, slip: float) -> bool:
    return bool(min(abs(np.log(times / slip)), abs(np.log(times * slip))) < 0.2)
