"""Columns on their way into the loss of a book: lengths and ranges, checked once."""

import numpy as np
from numpy.typing import ArrayLike

from riskengine.portfolio.exposures import BookError, Column, refused
from riskengine.units import written
from riskengine.words import Text


def column_table(**columns: ArrayLike) -> Column:
    """Columns of one length, or single numbers for all rows, stacked as rows of a table.

    Parameters
    ----------
    **columns : array-like
        Numbers by name.

    Returns
    -------
    (k, n) float64
        One row a column handed in.

    Raises
    ------
    BookError
        If one is no column of finite numbers, or the lengths differ.

    Examples
    --------
    >>> column_table(a=[1.0, 2.0], b=0.5).tolist()
    [[1.0, 2.0], [0.5, 0.5]]
    """
    found = {name: finite(name, values) for name, values in columns.items()}
    lengths = {values.size for values in found.values() if values.ndim == 1}
    if len(lengths) > 1:
        told = {name: values.size for name, values in found.items() if values.ndim == 1}
        raise BookError(
            Text(f"各列长度不同：{told}", f"columns differ in length: {told}"),
            Text("每列应有相同行数，或只给一个数", "give one length, or single numbers"),
        )
    out = np.empty((len(found), lengths.pop() if lengths else 1))
    for row, values in zip(out, found.values(), strict=True):
        row[:] = values
    return out


def finite(name: str, values: ArrayLike) -> Column:
    """One column, or one number, all finite.

    Parameters
    ----------
    name : str
        Name for the message.
    values : array-like
        Numbers.

    Returns
    -------
    (n,) or () float64
        The numbers.

    Raises
    ------
    BookError
        If it is no column of finite numbers.

    Examples
    --------
    >>> finite("a", 1).tolist()
    1.0
    """
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise _wrong(name, Text("不是数字", "does not hold numbers")) from None
    if found.ndim > 1:
        raise _wrong(name, Text("不是一列", "is not one column"))
    if not np.all(np.isfinite(found)):
        raise _wrong(name, Text("含缺失或无穷值", "holds something missing or infinite"))
    return found


def finite_column(name: str, values: ArrayLike) -> Column:
    """One column, all finite.

    Parameters
    ----------
    name : str
        Name for the message.
    values : array-like
        Numbers.

    Returns
    -------
    (n,) float64
        The column, contiguous.

    Raises
    ------
    BookError
        If it is no column of finite numbers.

    Examples
    --------
    >>> finite_column("a", [1, 2]).tolist()
    [1.0, 2.0]
    """
    found = finite(name, values)
    if found.ndim != 1:
        raise _wrong(name, Text("不是一列", "is not one column"))
    return np.ascontiguousarray(found)


def within(
    name: str, values: Column, low: float, high: float, *, ends: bool = True, low_end: bool = True
) -> Column:
    """The same numbers, if all lie in a range.

    Parameters
    ----------
    name : str
        Name for the message.
    values : (n,) float64
        Numbers [any unit].
    low, high : float
        Ends of the range [any unit].
    ends : bool
        Whether both ends belong to it.
    low_end : bool
        Whether the lower end does.

    Returns
    -------
    (n,) float64
        The numbers.

    Raises
    ------
    BookError
        If one lies outside.

    Examples
    --------
    >>> within("a", np.array([0.0, 1.0]), 0.0, 1.0).tolist()
    [0.0, 1.0]
    """
    low_end = low_end and ends
    above = values >= low if low_end else values > low
    below = values <= high if ends else values < high
    if not np.all(above & below):
        left, right = "[" if low_end else "(", "]" if ends else ")"
        span = f"{left}{written(low)}, {written(high)}{right}"
        raise _wrong(name, Text(f"应在{span}内", f"must be in {span}"))
    return values


def inside(name: str, value: float, *, low: float = 0.0, high: float = 1.0) -> float:
    """Return a number that lies strictly between two others.

    Parameters
    ----------
    name : str
        Name for the message.
    value : float
        The number, any unit.
    low, high : float
        What it must lie between.

    Returns
    -------
    float
        The number.

    Raises
    ------
    BookError
        If it does not.
    """
    if not low < value < high:
        least, most = written(low), written(high)
        said = f"must lie between {least} and {most}, both excluded"
        raise refused(name, f"应在{least}与{most}之间，不含两端", said)
    return float(value)


def _wrong(name: str, said: Text) -> BookError:
    cure = Text("请检查这一列；比率用小数", "check this column; rates are fractions")
    return BookError(Text(f"{name}：{said.zh}", f"{name} {said.en}"), cure)
