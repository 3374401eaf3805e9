"""Deals as the price model wants them: facts, log price, period, group, places."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.frame import Frame
from models.price.settings import PriceSettings
from riskengine.learned.features import Feature
from riskengine.learned.price_parts import code_keys, nested_keys

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Rows = NDArray[np.bool_]

PER_YEAR = {"year": 1, "quarter": 4, "month": 12}


@dataclass(frozen=True)
class Deals:
    """Deals, one a column of `x`.

    Parameters
    ----------
    features : tuple of Feature
        Rows of `x`.
    x : (features, n) float64
        Facts; NaN is missing.
    y : (n,) float64
        Logarithm of the price.
    period : (n,) int64
        Period of the deal; 0 without time.
    group : (n,) int64
        Position in `groups`; -1 for one that training did not have.
    keys : (levels, n) object
        Keys of the places around each deal, from the widest on.
    usable : (n,) bool
        Deals that may be learned from: at arm's length, not repeated, no outlier.
    fair : (n,) bool
        Deals that count in errors: at arm's length and not repeated, outliers included.
    groups : tuple of str
        Codes of the groups.
    """

    features: tuple[Feature, ...]
    x: Floats
    y: Floats
    period: Codes
    group: Codes
    keys: NDArray[np.object_]
    usable: Rows
    fair: Rows
    groups: tuple[str, ...]

    def take(self, rows: Rows | Codes) -> "Deals":
        """Return some of the deals.

        Parameters
        ----------
        rows : (n,) bool or (k,) int64
            Which.

        Returns
        -------
        Deals
            Those.
        """
        return replace(
            self, x=np.ascontiguousarray(self.x[:, rows]), y=self.y[rows],
            period=self.period[rows], group=self.group[rows], keys=self.keys[:, rows],
            usable=self.usable[rows], fair=self.fair[rows],
        )  # fmt: skip

    @property
    def categories(self) -> Rows:
        """Features that are categories, (features,) bool."""
        return np.array([feature.kind == "category" for feature in self.features], dtype=bool)


def period_number(day: NDArray[np.datetime64], unit: str) -> Codes:
    """Number the periods that days lie in.

    Parameters
    ----------
    day : (n,) datetime64
        Days.
    unit : {"", "year", "quarter", "month"}
        Unit; ``""`` numbers them all 0.

    Returns
    -------
    (n,) int64
        The year, four or twelve times the year plus the quarter or month from 0.

    Examples
    --------
    >>> period_number(np.array(["2019-04-30"], dtype="datetime64[D]"), "month").tolist()
    [24231]
    """
    if not unit:
        return np.zeros(day.size, dtype=np.int64)
    months = day.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return np.asarray(months // (12 // PER_YEAR[unit]), dtype=np.int64)


def place_keys(table: pd.DataFrame, settings: PriceSettings) -> NDArray[np.object_]:
    """Keys of the places around each row.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows with the columns of places.
    settings : PriceSettings
        Which columns, or digits of one.

    Returns
    -------
    (levels, n) object
        Keys; ``""`` where not known.
    """
    columns = [
        table[name].astype("string").fillna("").astype(object).tolist() for name in settings.places
    ]
    keys: Sequence[tuple[str, ...]] = ()
    if columns:
        digits = settings.place_digits
        keys = code_keys(columns[0], digits) if digits else nested_keys(columns)
    out = np.empty((len(keys), len(table)), dtype=object)
    for k, level in enumerate(keys):
        out[k] = level
    return out


def deals_of(
    frame: Frame, settings: PriceSettings, usable: Rows, fair: Rows, groups: tuple[str, ...]
) -> Deals:
    """Take the deals out of a checked frame.

    Parameters
    ----------
    frame : Frame
        Checked rows.
    settings : PriceSettings
        Group, places and periods.
    usable, fair : (n,) bool
        As `Deals`.
    groups : tuple of str
        Codes of the groups.

    Returns
    -------
    Deals
        Deals in the order of the frame.
    """
    positions = {code: k for k, code in enumerate(groups)}
    names = frame.table[settings.group].astype("string").fillna("").tolist()
    group = np.array([positions.get(name, -1) for name in names], dtype=np.int64)
    return Deals(
        frame.features, frame.x, np.log(frame.y), period_number(frame.day, settings.period), group,
        place_keys(frame.table, settings), usable, fair, groups,
    )  # fmt: skip
