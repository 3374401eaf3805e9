"""The door for training data: a messy file becomes checked columns, or all its faults are told.

Rows that the configuration does not keep, and rows whose outcome is not known, are
left out and counted.  Rows with a fault are set aside, each with its reason; more of
them than the configuration bears, and any fault of the whole file, is an error
before anything is trained.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.config import Config
from models.faults import row_faults, told, whole_faults
from models.intake import derived, kept_rows, refused_data
from riskengine.learned.features import Feature, encode

PARTS = ("train", "calibrate", "test")
"""Parts of the rows, in time."""


@dataclass(frozen=True)
class Frame:
    """Checked training data.

    Parameters
    ----------
    features : tuple of Feature
        What the model looks at, categories with their codes.
    table : pandas.DataFrame
        The rows that count, with derived columns.
    x : (features, n) float64
        Features; NaN is missing.
    y : (n,) float64
        Target.
    weight : (n,) float64
        Weights, > 0.
    day : (n,) datetime64[D]
        Day of the decision.
    place : (n,) array of str
        Place, ``""`` where none is given.
    part : (n,) array of str
        ``train``, ``calibrate``, ``test``, or ``""`` for later rows.
    rejected : pandas.DataFrame
        Rows set aside: row, column, fault.
    counts : mapping of str to int
        Rows read, not kept, without outcome, rejected, and of each part.
    digest : str
        SHA-256 of features, target, weights and days.
    """

    features: tuple[Feature, ...]
    table: pd.DataFrame
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    weight: NDArray[np.float64]
    day: NDArray[np.datetime64]
    place: NDArray[Any]
    part: NDArray[Any]
    rejected: pd.DataFrame
    counts: Mapping[str, int]
    digest: str

    def take(self, rows: NDArray[np.bool_]) -> "Frame":
        """Return some of the rows.

        Parameters
        ----------
        rows : (n,) bool
            Rows wanted.

        Returns
        -------
        Frame
            Those rows; digest and counts stay those of the whole.
        """
        return replace(
            self, table=self.table[rows], x=np.ascontiguousarray(self.x[:, rows]), y=self.y[rows],
            weight=self.weight[rows], day=self.day[rows], place=self.place[rows],
            part=self.part[rows],
        )  # fmt: skip

    def rows(self, places: NDArray[np.int64]) -> "Frame":
        """Return rows by their places.

        Parameters
        ----------
        places : (m,) int64
            Places in this frame.

        Returns
        -------
        Frame
            Those rows, in their order here.
        """
        chosen = np.zeros(self.y.size, dtype=bool)
        chosen[places] = True
        return self.take(chosen)

    def of(self, *parts: str) -> "Frame":
        """Return the rows of some parts.

        Parameters
        ----------
        *parts : str
            Of ``train``, ``calibrate`` and ``test``.

        Returns
        -------
        Frame
            Their rows.
        """
        return self.take(np.isin(self.part, parts))


def prepare(table: pd.DataFrame, config: Config) -> Frame:
    """Check training data and cut it into its parts.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows as read.
    config : Config
        What they should be.

    Returns
    -------
    Frame
        Rows that count, sorted by day and identifier.

    Raises
    ------
    ModelError
        With every fault: a column missing, duplicate identifiers, a day that is none,
        days out of order, numbers that are not finite or lie outside their range,
        codes never declared, a constant target, a feature that is always missing.
    """
    good, faulty, counts = _rows(table, config)
    day = good[config.date].to_numpy("datetime64[D]")
    part = _parts(day, config)
    features = _with_codes(good[part == "train"], config)
    counts |= {"later": int((part == "").sum())}
    counts |= {name: int((part == name).sum()) for name in PARTS}
    frame = _frame(good, features, day, part, faulty, counts, config)
    faults = whole_faults(frame, config)
    if faults:
        raise refused_data(faults)
    return frame


def later(table: pd.DataFrame, config: Config, features: tuple[Feature, ...]) -> Frame:
    """Check rows that a released model has never seen.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows as read.
    config : Config
        How the model was made.
    features : tuple of Feature
        What it looks at, as released.

    Returns
    -------
    Frame
        Rows with an outcome after the last day of calibration, all of the part
        ``test``.

    Raises
    ------
    ModelError
        With every fault, or if no row is late enough.
    """
    good, faulty, counts = _rows(table, config)
    day = good[config.date].to_numpy("datetime64[D]")
    late = day > np.datetime64(config.split.calibrate_to)
    if not late.any():
        last = config.split.calibrate_to
        raise refused_data([f"no row lies after {last}: the model has seen them all"])
    counts |= {"later": 0, "train": 0, "calibrate": 0, "test": int(late.sum())}
    part = np.full(int(late.sum()), "test", dtype=object)
    return _frame(good[late], features, day[late], part, faulty, counts, config)


def _rows(table: pd.DataFrame, config: Config) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, int]]:
    """Rows that count, in order of time; their faults; how many there were."""
    table, read = derived(table, config), len(table)
    kept = table[kept_rows(table, config)]
    known = kept[kept[config.target.column].notna()]
    faulty = row_faults(known, config)
    rejected = set(faulty["row"])
    if len(rejected) > config.reject_share * max(len(known), 1):
        raise refused_data(told(faulty, len(known)))
    good = known[~known.index.isin(rejected)].copy()
    good[config.date] = pd.to_datetime(good[config.date])
    good = good.sort_values([config.date, config.id], kind="stable")
    counts = {
        "rows": read, "not_kept": read - len(kept), "without_outcome": len(kept) - len(known),
        "rejected": len(rejected),
    }  # fmt: skip
    return good, faulty, counts


def _parts(day: NDArray[np.datetime64], config: Config) -> NDArray[Any]:
    split = config.split
    part = np.full(day.size, "", dtype=object)
    part[day <= np.datetime64(split.test_to)] = "test"
    part[day <= np.datetime64(split.calibrate_to)] = "calibrate"
    part[day <= np.datetime64(split.train_to)] = "train"
    return part


def _with_codes(train: pd.DataFrame, config: Config) -> tuple[Feature, ...]:
    """Features; a category without codes takes the commonest of training, in letter order."""

    def learned(feature: Feature) -> Feature:
        if feature.kind != "category" or feature.codes:
            return feature
        counts = train[feature.name].value_counts()
        order = sorted(counts.index, key=lambda code: (-counts[code], code))
        return replace(feature, codes=tuple(sorted(order[: config.most_codes[feature.name]])))

    return tuple(learned(feature) for feature in config.features)


def _frame(
    good: pd.DataFrame, features: tuple[Feature, ...], day: NDArray[np.datetime64],
    part: NDArray[Any], faulty: pd.DataFrame, counts: dict[str, int], config: Config,
) -> Frame:  # fmt: skip
    columns = {
        feature.name: good[feature.name].to_numpy(object)
        if feature.kind == "category"
        else pd.to_numeric(good[feature.name]).to_numpy(float, na_value=np.nan)
        for feature in features
    }
    x, _ = encode(columns, features)
    y = pd.to_numeric(good[config.target.column]).to_numpy(float)
    size = len(good)
    weight = good[config.weight].to_numpy(float) if config.weight else np.ones(size)
    place = good[config.place].astype("string").fillna("") if config.place else [""] * size
    digest = hashlib.sha256()
    for array in (x, y, weight, day.astype(np.int64)):
        digest.update(np.ascontiguousarray(array).tobytes())
    return Frame(
        features, good, x, y, weight, day, np.asarray(place, dtype=object), part, faulty, counts,
        digest.hexdigest(),
    )  # fmt: skip
