"""Days as files have them: dates, texts in several forms, and numbers such as 20281231."""

import re
from typing import Any

import numpy as np
import pandas as pd

ZONE = re.compile(r"(:\d\d(?:\.\d+)?)\s*(?:Z|[+-]\d\d:?\d\d)$")
CHINESE = str.maketrans({"年": "-", "月": "-", "日": ""})


def days_of(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a column as days; what is no day becomes missing.

    Parameters
    ----------
    column : pandas.Series
        Dates, texts, or whole numbers of eight digits; any other number is no day.  A
        time with a zone keeps the day of its own clock.

    Returns
    -------
    pandas.Series
        datetime64 without a time zone.

    Examples
    --------
    >>> days_of(pd.Series([20281231, 39000])).dt.year.tolist()
    [2028.0, nan]
    """
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.dt.tz_localize(None) if column.dt.tz is not None else column
    place, distinct = pd.factorize(column)
    text = pd.Series([_as_text(cell) for cell in distinct], dtype="string")
    days = pd.to_datetime(text, errors="coerce", format="mixed").to_numpy("datetime64[us]")
    days = np.append(days, np.datetime64("NaT"))
    return pd.Series(days[place], index=column.index)


def _as_text(cell: Any) -> str | None:
    """Cell as a day may be read from it; a number that is not of eight digits is none."""
    text = str(cell).strip().translate(CHINESE)
    digits = text.removesuffix(".0")
    if digits.isdigit() and len(digits) == 8:
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    try:
        float(text)
    except ValueError:
        return ZONE.sub(r"\1", text)
    return None
