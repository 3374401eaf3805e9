"""Sales for a ratio study: read columns, keep usable rows, name every fault of the rest."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from riskengine.appraisal.cells import CODES, FAULT_WORDS, Array, RatioStudyError, as_array, numbers
from riskengine.words import Language, Text

LARGEST_RATIO = 1e6
"""Ratios above this, or below one over it [1], come from mixed units."""

NO_STRATUM = "-"
"""Name of the stratum of rows that state none."""


@dataclass(frozen=True, slots=True)
class DroppedRow:
    """One fault of one row that the study leaves out.

    Parameters
    ----------
    row : int
        Place of the row in the input, from 0.
    column : str
        Column at fault, or ``ratio``.
    code : str
        Key of `FAULT_WORDS`.
    """

    row: int
    column: str
    code: str


@dataclass(frozen=True, slots=True, eq=False)
class Sales:
    """Usable sales, in the order of the input.

    Parameters
    ----------
    row : (n,) int64
        Place of each sale in the input, from 0.
    assessed, sale_price : (n,) float64
        Estimates and prices [yuan, or any one currency], in (0, 1e15].
    stratum : tuple of str
        Stratum of each sale; empty when the study has none.
    """

    row: npt.NDArray[np.int64]
    assessed: Array
    sale_price: Array
    stratum: tuple[str, ...]

    def only(self, places: Sequence[int]) -> "Sales":
        """Return some of the sales.

        Parameters
        ----------
        places : sequence of int
            Places in these columns, from 0.

        Returns
        -------
        Sales
            The sales at those places.
        """
        labels = tuple(self.stratum[place] for place in places) if self.stratum else ()
        kept = np.asarray(places, dtype=np.int64)
        return Sales(self.row[kept], self.assessed[kept], self.sale_price[kept], labels)


def read_sales(
    table: Any, assessed: Any, sale_price: Any, stratum: Any = None
) -> tuple[Sales, tuple[DroppedRow, ...], int]:
    """Read the columns of a study and split usable rows from the rest.

    Parameters
    ----------
    table : pandas.DataFrame, mapping of str to column, or None
        Where column names are looked up; never changed.
    assessed, sale_price : str or array_like
        Column name, or the column itself, (n,) [yuan].
    stratum : str, sequence of str, array_like or None
        Column name, several names (joined by `` / ``), or the labels, (n,).

    Returns
    -------
    tuple
        The usable sales, every fault of the other rows, and the number of rows read.

    Raises
    ------
    RatioStudyError
        If a column is not there, columns differ in length, or fewer than two
        usable sales are left.

    Examples
    --------
    >>> sales, dropped, rows = read_sales(None, [9, 0, None, 8], [10, 10, 10, 10])
    >>> sales.row.tolist(), [(fault.row, fault.code) for fault in dropped], rows
    ([0, 3], [(1, 'not_positive'), (2, 'missing')], 4)
    """
    estimates, codes_assessed = numbers(_column(table, assessed, "assessed"), "assessed")
    prices, codes_price = numbers(_column(table, sale_price, "sale_price"), "sale_price")
    labels = _labels(table, stratum)
    lengths = {"assessed": estimates.size, "sale_price": prices.size}
    if stratum is not None:
        lengths["stratum"] = len(labels)
    if len(set(lengths.values())) > 1:
        raise _length_error(lengths)
    codes_ratio = np.zeros(prices.size, dtype=np.uint8)
    sound = (codes_assessed == 0) & (codes_price == 0)
    with np.errstate(over="ignore", under="ignore"):  # such ratios are dropped as absurd
        ratio = np.divide(estimates, prices, out=np.ones_like(prices), where=sound)
    codes_ratio[(ratio > LARGEST_RATIO) | (ratio < 1.0 / LARGEST_RATIO)] = CODES.index(
        "ratio_absurd"
    )
    dropped = [
        DroppedRow(int(row), name, CODES[codes[row]])
        for name, codes in (
            ("assessed", codes_assessed), ("sale_price", codes_price), ("ratio", codes_ratio),
        )
        for row in np.flatnonzero(codes)
    ]  # fmt: skip
    kept = np.flatnonzero(sound & (codes_ratio == 0))
    dropped.sort(key=lambda fault: fault.row)
    if kept.size < 2:
        raise _too_few(prices.size, kept.size, dropped)
    chosen = tuple(labels[row] for row in kept) if stratum is not None else ()
    return Sales(kept, estimates[kept], prices[kept], chosen), tuple(dropped), prices.size


def _column(table: Any, source: Any, purpose: str) -> Any:
    """Return the column that was meant: by name from the table, or as it was given."""
    if not isinstance(source, str):
        return source
    names = list(table.keys()) if hasattr(table, "keys") else []
    if source not in names:
        known = ", ".join(str(name) for name in names[:20]) or "-"
        raise RatioStudyError(
            Text(f"{purpose} 列 {source} 不存在；现有列：{known}",
                 f"no column {source!r} for {purpose}; there are: {known}"),
            Text("请给出正确的列名", "name an existing column"),
        )  # fmt: skip
    column = table[source]
    if getattr(column, "ndim", 1) != 1:
        raise RatioStudyError(
            Text(f"列 {source} 有重复的列名", f"column name {source!r} occurs more than once"),
            Text("请使列名唯一", "make column names unique"),
        )
    return column


def _labels(table: Any, stratum: Any) -> list[str]:
    """Return the stratum of every row as text."""
    if stratum is None:
        return []
    if isinstance(stratum, str):
        return _label_column(_column(table, stratum, "stratum"))
    if isinstance(stratum, list | tuple) and hasattr(table, "keys"):
        known = set(table.keys())
        if all(isinstance(name, str) and name in known for name in stratum):
            columns = [_label_column(_column(table, name, "stratum")) for name in stratum]
            return [" / ".join(parts) for parts in zip(*columns, strict=True)]
    return _label_column(stratum)


def _label_column(column: Any) -> list[str]:
    return [_label(value) for value in as_array(column, "stratum").tolist()]


def _label(value: Hashable) -> str:
    """Return one label as text; whole numbers without their point."""
    missing = value is None or type(value).__name__ in {"NAType", "NaTType"}
    if missing or (isinstance(value, float) and value != value):  # noqa: PLR0124  NaN
        return NO_STRATUM
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or NO_STRATUM


def _length_error(lengths: Mapping[str, int]) -> RatioStudyError:
    said = ", ".join(f"{name} {length}" for name, length in lengths.items())
    return RatioStudyError(
        Text(f"各列长度不同：{said}", f"columns differ in length: {said}"),
        Text("请给出等长的列", "give columns of equal length"),
    )


def _too_few(rows: int, kept: int, dropped: Sequence[DroppedRow]) -> RatioStudyError:
    """Say that two usable sales were not found, and where the others went."""
    counts: dict[tuple[str, str], int] = {}
    for fault in dropped:
        counts[fault.column, fault.code] = counts.get((fault.column, fault.code), 0) + 1

    def say(language: Language) -> str:
        return "; ".join(
            f"{column} {FAULT_WORDS[code].say(language)} x{count}"
            for (column, code), count in counts.items()
        )

    return RatioStudyError(
        Text(f"{rows} 行中只有 {kept} 行可用（{say('zh') or '没有更多行'}）",
             f"only {kept} of {rows} rows can be used ({say('en') or 'no more rows'})"),
        Text("请给出至少两笔价格与评估值均为正数的交易",
             "give at least two sales with a positive price and a positive estimate"),
    )  # fmt: skip
