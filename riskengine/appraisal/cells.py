"""Cells of a column of money: numbers, or the reason why not."""

from collections.abc import Sequence
from decimal import Decimal
from numbers import Real
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from riskengine.errors import RiskEngineError
from riskengine.words import Text

Array: TypeAlias = npt.NDArray[np.float64]
"""A column of numbers, (n,) float64."""

LARGEST_AMOUNT = 1e15
"""Amounts above this [yuan] are no price of anything: a unit or a typing error."""

FAULT_WORDS = {
    "missing": Text("缺失", "missing"),
    "not_a_number": Text("不是数字", "not a number"),
    "infinite": Text("无穷大", "infinite"),
    "not_positive": Text("零或负数", "zero or negative"),
    "too_large": Text("大得不可能", "impossibly large"),
    "ratio_absurd": Text("比率荒谬（单位可能不一致）", "absurd ratio (mixed units?)"),
}
"""Why a row was dropped, by code."""

CODES = ("", *FAULT_WORDS)


class RatioStudyError(RiskEngineError, ValueError):
    """A ratio study that cannot be made from what was given."""


def numbers(column: Any, purpose: str) -> tuple[Array, npt.NDArray[np.uint8]]:
    """Turn a column into positive numbers and a code of fault per row.

    Parameters
    ----------
    column : array_like
        Cells of any type, (n,).
    purpose : str
        What the column is for; named in errors.

    Returns
    -------
    tuple
        Numbers, (n,) float64, and codes, (n,) uint8: places in `CODES`, 0 = sound.

    Raises
    ------
    RatioStudyError
        If it is no column.

    Examples
    --------
    >>> found, codes = numbers([1, "1", None, -2.0], "assessed")
    >>> [CODES[code] for code in codes]
    ['', 'not_a_number', 'missing', 'not_positive']
    """
    values = as_array(column, purpose)
    codes = np.zeros(values.size, dtype=np.uint8)
    if values.dtype.kind in "iuf":
        found = values.astype(np.float64)
    elif values.dtype.kind in "mM":  # dates turn into whole numbers only too easily
        found = np.full(values.size, np.nan)
        codes[:] = CODES.index("not_a_number")
    else:
        pairs = [_number(value) for value in values.tolist()]
        found = np.array([number for number, _ in pairs], dtype=np.float64)
        codes = np.array([CODES.index(code) for _, code in pairs], dtype=np.uint8)
    for code, wrong in (
        ("infinite", np.isinf(found)),
        ("too_large", found > LARGEST_AMOUNT),
        ("not_positive", found <= 0.0),
        ("missing", np.isnan(found)),
    ):
        codes[wrong & (codes == 0)] = CODES.index(code)
    return found, codes


def as_array(column: Any, purpose: str) -> npt.NDArray[Any]:
    """Return a column as a one-dimensional array; text stays text.

    Parameters
    ----------
    column : array_like
        Cells of any type, (n,).
    purpose : str
        What the column is for; named in errors.

    Returns
    -------
    numpy.ndarray
        The cells, (n,).

    Raises
    ------
    RatioStudyError
        If it is no column.

    Examples
    --------
    >>> as_array([1, "a"], "stratum").tolist()
    [1, 'a']
    """
    if isinstance(column, np.ma.MaskedArray):
        column = column.tolist()
    if hasattr(column, "to_numpy"):
        values = np.asarray(column.to_numpy())
    elif isinstance(column, np.ndarray):
        values = column
    elif isinstance(column, Sequence) and not isinstance(column, str | bytes):
        values = np.fromiter(column, dtype=object, count=len(column))
    else:
        raise RatioStudyError(
            Text(f"{purpose} 不是一列数据", f"{purpose} is not a column of values"),
            Text("请给出列名或一维数组", "give a column name or a one-dimensional array"),
        )
    if values.ndim != 1:
        raise RatioStudyError(
            Text(f"{purpose} 有 {values.ndim} 维", f"{purpose} has {values.ndim} dimensions"),
            Text("请给出一维数组", "give a one-dimensional array"),
        )
    return values


def _number(value: Any) -> tuple[float, str]:
    """Turn one cell into a number, or say why it is none."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return np.nan, "missing"
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real | Decimal):
        empty = isinstance(value, str) and not value.strip()
        return np.nan, "missing" if empty else "not_a_number"
    try:
        return float(value), ""
    except OverflowError:
        return np.inf, "too_large"
    except ValueError:  # a signalling Decimal NaN
        return np.nan, "missing"
