"""Screening before anything is fitted: deals that are not prices of a free market, and slips.

Nothing is deleted: every deal bears its flags, and the card says how many of each
there were.  Far-out deals are told by robust residuals within their group, of a
model fitted on arm's-length deals alone; they are not learned from, but errors are
measured on them too, since later deals will hold such ones.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.price.deals import Deals, Rows
from models.price.hedonic import fit_hedonic
from models.price.settings import PriceSettings

WORDS: Mapping[str, str] = {
    "related": r"[親亲][友等]|[員员]工|特殊[關关][係系]|[關关][聯联]|夫妻|股[東东]|[父母][子女]",
    "public": r"政府|公[務务]|[徵征]收|[標标][讓让售]|[國国]有|公有|拆[遷迁]",
    "distress": r"急[買买賣卖售]|[債债]|拍[賣卖]|瑕疵|凶宅|[毀毁][損损]|海砂|[脅胁]迫|抵[償偿账賬]",
    "partial": r"部分[權权]|持分|[個个]案|畸零|毗[鄰邻]|[協协][議议]|共有人|合[併并]",
}
"""Words in remarks that tell a deal not at arm's length, in both scripts."""

SLIPS: Mapping[str, float] = {
    "ten_times": 10.0, "mu_for_m2": 2000.0 / 3.0, "wan_for_yuan": 1e4, "hectare_for_mu": 15.0,
    "hectare_for_m2": 1e4,
}  # fmt: skip
"""Usual slips of unit: how many times too large or too small a price comes out."""

TOTAL_FOR_UNIT = "total_for_unit"
SLIP_NEAR = 0.35
LEAST = 20


@dataclass(frozen=True)
class Screened:
    """Flags of deals.

    Parameters
    ----------
    flags : dict of str to (n,) bool
        Reason to the deals that it marks; a deal may have several.
    usable : (n,) bool
        Deals without any flag: learned from.
    fair : (n,) bool
        Deals at arm's length and not repeated: errors are measured on them.
    """

    flags: Mapping[str, Rows]
    usable: Rows
    fair: Rows

    @property
    def counts(self) -> dict[str, int]:
        """Deals of each flag, and deals without any."""
        return {
            **{name: int(rows.sum()) for name, rows in self.flags.items()},
            "usable": int(self.usable.sum()),
        }


def remark_flags(remarks: "pd.Series[str]") -> dict[str, Rows]:
    """Mark deals by the words of their remarks.

    Parameters
    ----------
    remarks : Series of str
        Free text.

    Returns
    -------
    dict of str to (n,) bool
        Reason to deals.

    Examples
    --------
    >>> found = remark_flags(pd.Series(["親友間之交易", "急卖", "", None]))
    >>> found["related"].tolist(), found["distress"].tolist()
    ([True, False, False, False], [False, True, False, False])
    """
    text = remarks.astype("string").fillna("")
    return {
        name: np.array([re.search(words, one) is not None for one in text], dtype=bool)
        for name, words in WORDS.items()
    }


def repeated(table: pd.DataFrame, columns: tuple[str, ...]) -> Rows:
    """Mark all but the first of rows that are equal in some columns.

    Parameters
    ----------
    table : pandas.DataFrame
        Deals.
    columns : tuple of str
        Columns; none marks nothing.

    Returns
    -------
    (n,) bool
        Repetitions.
    """
    if not columns:
        return np.zeros(len(table), dtype=bool)
    return np.asarray(table.duplicated(list(columns), keep="first"), dtype=bool)


def arm_flags(table: pd.DataFrame, settings: PriceSettings) -> dict[str, Rows]:
    """Mark deals that are not at arm's length or stand twice; no price is looked at.

    Parameters
    ----------
    table : pandas.DataFrame
        Deals with remarks and flags.
    settings : PriceSettings
        Columns of flags and remarks, and of repeated rows.

    Returns
    -------
    dict of str to (n,) bool
        Reason to deals.
    """
    flags: dict[str, Rows] = {
        name: np.asarray(table[name].fillna(False), dtype=bool) for name in settings.flags
    }
    if settings.remarks:
        flags |= remark_flags(table[settings.remarks])
    return flags | {"repeated": repeated(table, settings.alike)}


def robust_scores(
    left: NDArray[np.float64], group: NDArray[np.int64], fair: Rows
) -> NDArray[np.float64]:
    """Residuals in robust standard errors of their group.

    Parameters
    ----------
    left : (n,) float64
        Residuals [log].
    group : (n,) int64
        Groups; one of fewer than 20 fair deals is judged by all.
    fair : (n,) bool
        Deals that tell what is usual.

    Returns
    -------
    (n,) float64
        (r - median) / (1.4826 MAD) [1].
    """
    scores = np.empty(left.size)
    for g in np.unique(group):
        rows = group == g
        told = rows & fair if (rows & fair).sum() >= LEAST else fair
        middle = float(np.median(left[told]))
        spread = max(1.4826 * float(np.median(np.abs(left[told] - middle))), 1e-9)
        scores[rows] = (left[rows] - middle) / spread
    return scores


def slip_flags(
    left: NDArray[np.float64], scores: NDArray[np.float64], size: NDArray[np.float64] | None
) -> dict[str, Rows]:
    """Mark far-out deals that a usual slip of unit would bring back.

    Parameters
    ----------
    left : (n,) float64
        Residuals [log].
    scores : (n,) float64
        The same in robust standard errors.
    size : (n,) float64 or None
        Size of what was sold, where a total may stand for a unit price.

    Returns
    -------
    dict of str to (n,) bool
        Slip to deals that lie four or more errors out and within 0.35 of it.
    """
    far = np.abs(scores) >= 4.0
    slips: dict[str, NDArray[np.float64]] = {
        name: np.full(left.size, np.log(times)) for name, times in SLIPS.items()
    }
    if size is not None:
        slips[TOTAL_FOR_UNIT] = np.where(
            size > 0.0, np.log(np.where(size > 0.0, size, 1.0)), np.inf
        )
    found, taken = {}, np.zeros(left.size, dtype=bool)
    for name, slip in slips.items():
        near = np.abs(np.abs(left) - np.abs(slip)) < SLIP_NEAR
        found[name] = far & near & ~taken & (np.abs(slip) > 1.0)
        taken |= found[name]
    return found


def screen(
    table: pd.DataFrame, deals: Deals, train: Rows, settings: PriceSettings,
    size: NDArray[np.float64] | None = None,
) -> Screened:  # fmt: skip
    """Flag the deals of a table.

    Parameters
    ----------
    table : pandas.DataFrame
        Deals with remarks and flags.
    deals : Deals
        The same deals.
    train : (n,) bool
        Deals that may be learned from at all: the residuals of the later ones are of a
        model that never saw them.
    settings : PriceSettings
        Columns of flags and remarks, columns of repeated rows, limit of outliers.
    size : (n,) float64 or None
        Size of what was sold, where a total may stand for a unit price.

    Returns
    -------
    Screened
        Flags.
    """
    flags = arm_flags(table, settings)
    fair = ~np.any(list(flags.values()), axis=0)
    told = fair & train
    model = fit_hedonic(deals.take(told), 0.0)
    left = deals.y - model.predict(deals)
    scores = robust_scores(left, deals.group, told)
    flags |= slip_flags(left, scores, size)
    slipped = np.any([flags[name] for name in flags if name in {*SLIPS, TOTAL_FOR_UNIT}], axis=0)
    flags["outlier"] = (np.abs(scores) >= settings.outlier) & ~slipped
    return Screened(flags, ~np.any(list(flags.values()), axis=0), fair)
