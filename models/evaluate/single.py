"""What one column alone says of the outcome: the arithmetic of the leakage probes.

A column becomes bins (twenty of equal count, or its codes; missing apart), a bin
becomes the bad rate of *other* rows, and the area under the curve of that rate is
what the column knows.  No shape is assumed, so a U or a heap of round numbers is
seen as well as a slope.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.evaluate.checks import Array
from models.evaluate.discrimination import placements

BINS = 20
"""Bins of a number, and rows that a code needs to have a bin of its own."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as numbers.

    Parameters
    ----------
    values : (n,) float64
        Numbers, days for dates, numbers of codes; NaN is missing.
    kind : str
        ``number``, ``date`` or ``category``.
    """

    values: Array
    kind: str


def column_of(series: pd.Series) -> Column:
    """Turn a column of a frame into numbers.

    Parameters
    ----------
    series : pandas.Series
        Any column.

    Returns
    -------
    Column
        Its numbers and kind; infinities count as missing.
    """
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        series = series.dt.tz_localize(None)
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        values = series.to_numpy(dtype="datetime64[s]").astype("int64").astype(np.float64)
        return Column(np.where(series.isna(), np.nan, values / 86400.0), "date")
    if pd.api.types.is_numeric_dtype(series.dtype):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        return Column(np.where(np.isfinite(values), values, np.nan), "number")
    codes = pd.factorize(series.astype("string"), sort=True)[0].astype(np.float64)
    return Column(np.where(codes < 0.0, np.nan, codes), "category")


def bins_of(column: Column) -> NDArray[np.int64]:
    """Bin of each row; missing values, and rare codes, have bins of their own.

    Parameters
    ----------
    column : Column
        A column.

    Returns
    -------
    (n,) int64
        Bins from 0 on; 0 is missing.
    """
    known = ~np.isnan(column.values)
    label = np.zeros(known.size, dtype=np.int64)
    values = column.values[known]
    if values.size == 0:
        return label
    distinct, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    if column.kind == "category":
        place = np.where(counts[place] < BINS, 0, place + 1)
    elif distinct.size > BINS:
        levels = np.arange(1, BINS) / BINS
        edges = np.unique(np.quantile(values, levels, method="averaged_inverted_cdf"))
        place = np.searchsorted(edges, values, "left")
    label[known] = 1 + place
    return label


def rates_of(bins: NDArray[np.int64], y: Array, fitted: NDArray[np.bool_]) -> Array:
    """Bad rate of each bin among some rows, drawn to their mean as by one more row.

    Parameters
    ----------
    bins : (n,) int64
        Bins.
    y : (n,) float64
        Outcomes [1].
    fitted : (n,) bool
        Rows to learn from.

    Returns
    -------
    (n,) float64
        Rate of the bin of each row [1].
    """
    size = int(bins.max()) + 1
    count = np.bincount(bins[fitted], minlength=size)
    bads = np.bincount(bins[fitted], y[fitted], minlength=size)
    mean = y[fitted].mean() if fitted.any() else 0.0
    return np.asarray(((bads + mean) / (count + 1.0))[bins])


def area(y: Array, score: Array) -> float:
    """Area under the ROC curve, one half where a class is missing.

    Parameters
    ----------
    y, score : (n,) float64
        Outcomes and scores, finite.

    Returns
    -------
    float
        Area [1].
    """
    if y.size == 0 or y.min() == y.max():
        return 0.5
    return placements(y, score, np.ones(y.size))[2]


def cross_fitted_area(bins: NDArray[np.int64], y: Array, fold: NDArray[np.int64]) -> float:
    """Area of the bad rate of a bin, learned on the other folds.

    Parameters
    ----------
    bins : (n,) int64
        Bins.
    y : (n,) float64
        Outcomes [1].
    fold : (n,) int64
        Fold of each row.

    Returns
    -------
    float
        Area [1]; about one half for a column that knows nothing.
    """
    score = np.empty(y.size)
    for k in np.unique(fold):
        score[fold == k] = rates_of(bins, y, fold != k)[fold == k]
    return area(y, score)


def forward_area(bins: NDArray[np.int64], y: Array, early: NDArray[np.bool_]) -> float:
    """Area on later rows of the bad rate of a bin, learned on early rows.

    Parameters
    ----------
    bins : (n,) int64
        Bins.
    y : (n,) float64
        Outcomes [1].
    early : (n,) bool
        Rows to learn from.

    Returns
    -------
    float
        Area [1].
    """
    return area(y[~early], rates_of(bins, y, early)[~early])


def gap(y: Array, flag: NDArray[np.bool_]) -> float:
    """Share of bads less share of goods that have a property.

    Parameters
    ----------
    y : (n,) float64
        Outcomes [1], both classes.
    flag : (n,) bool
        The property.

    Returns
    -------
    float
        Difference [1], in [-1, 1]; 1 or -1 when the property is the outcome.
    """
    return float(flag[y == 1.0].mean() - flag[y == 0.0].mean())


def heap_gap(values: Array, y: Array, least: float) -> float:
    """Difference of the classes in how many rows lie on common values.

    A term, an amount or a rate that was agreed lies on few round values, for good
    loans and bad.  One that was written over by what happened (a term cut to the
    months that the loan lived) leaves the heap for one class alone.

    Parameters
    ----------
    values : (n,) float64
        Numbers, NaN missing.
    y : (n,) float64
        Outcomes [1], both classes.
    least : float
        Share, mean of the two classes, that makes a value common [1].

    Returns
    -------
    float
        Share of bads less share of goods on common values [1]; 0 for columns that
        are codes rather than measures (common values hold nearly everything).
    """
    shares = []
    for outcome in (0.0, 1.0):
        own = values[(y == outcome) & ~np.isnan(values)]
        if own.size == 0:
            return 0.0
        shares.append(pd.Series(own).value_counts(normalize=True))
    mean = 0.5 * shares[0].add(shares[1], fill_value=0.0)
    common = mean.index[mean >= least]
    return float(shares[1].reindex(common).sum() - shares[0].reindex(common).sum())
