"""Columns on their way into kernels, and what the status of a row means."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.errors import RiskEngineError
from riskengine.words import Text

Column = NDArray[np.float64]
Index = NDArray[np.int64]

STATUS = (
    Text("正常", "fine"),
    Text("缺少数据", "something is missing"),
    Text("超出允许范围", "out of range"),
    Text("无解", "no answer found"),
    Text("没有债权，损失率无意义", "no debt: amounts are given, shares of the debt are not"),
)
"""What a row's status says, by its number."""


class CreditError(RiskEngineError):
    """Columns, matrices or dates that cannot be used as a whole."""


def column(name: str, values: ArrayLike) -> Column:
    """One column of numbers.

    Parameters
    ----------
    name : str
        Name for the message.
    values : array-like
        Numbers, one a row; NaN where missing.

    Returns
    -------
    (n,) float64
        The column, contiguous.

    Raises
    ------
    CreditError
        If it is no column of numbers.
    """
    try:
        found = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise _wrong(name, Text("不是数字", "does not hold numbers")) from None
    if np.ndim(values) > 1:
        raise _wrong(name, Text("不是一列", "is not one column"))
    return found


def table(**columns: ArrayLike) -> Column:
    """Columns of one length, or single numbers for all rows, stacked for a kernel.

    Parameters
    ----------
    **columns : array-like
        Numbers by name, in the order in which the kernel wants them.

    Returns
    -------
    (k, n) float64
        One row a column handed in.

    Raises
    ------
    CreditError
        If the columns are of different lengths.
    """
    found = {name: column(name, values) for name, values in columns.items()}
    # A single number has shape () handed in, (1,) once contiguous.
    lengths = {name: len(found[name]) for name in found if np.ndim(columns[name]) == 1}
    rows = max(lengths.values(), default=1)
    for name, length in lengths.items():
        if length != rows:
            said = Text(f"有{length}行，应为{rows}行", f"has {length} rows, not {rows}")
            raise _wrong(name, said)
    out = np.empty((len(found), rows))
    for row, values in zip(out, found.values(), strict=True):
        row[:] = values
    return out


def filled(rows: int, x: Column) -> tuple[Column, Index]:
    """Room for what a kernel fills.

    Parameters
    ----------
    rows : int
        Results a loan.
    x : (k, n) float64
        The table of n loans.

    Returns
    -------
    out : (rows, n) float64
        Room for results.
    status : (n,) int64
        Room for the status.
    """
    return np.empty((rows, x.shape[1])), np.empty(x.shape[1], dtype=np.int64)


def starts(name: str, values: ArrayLike, total: int) -> Index:
    """Where the pieces of each row start in a flat column.

    Parameters
    ----------
    name : str
        Name for the message.
    values : array-like of int
        n + 1 rising positions, the first 0, the last ``total``.
    total : int
        Length of the flat column.

    Returns
    -------
    (n + 1,) int64
        The positions.

    Raises
    ------
    CreditError
        If they do not rise from 0 to ``total``.
    """
    found = np.ascontiguousarray(values)
    whole = found.ndim == 1 and found.size > 0 and np.issubdtype(found.dtype, np.integer)
    if not whole or found[0] != 0 or found[-1] != total or np.any(np.diff(found) < 0):
        said = Text(f"应从0递增到{total}", f"must be whole numbers rising from 0 to {total}")
        raise _wrong(name, said)
    return found.astype(np.int64)


def _wrong(name: str, said: Text) -> CreditError:
    """A message about one column."""
    cure = Text("请检查这一列", "check this column")
    return CreditError(Text(f"{name}：{said.zh}", f"{name} {said.en}"), cure)
