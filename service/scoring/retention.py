"""How long the personal cells of a decision are kept, by the rules of the day it is made."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from riskengine.rules import Rules


def keep_until(
    decision: str, loan: Mapping[str, Any], made_on: date, rules: Rules
) -> date:  # fmt: skip
    """Return the last day on which personal cells are kept.

    Parameters
    ----------
    decision : {"accept", "refer", "decline"}
        What was decided: a declined application founds no business.
    loan : mapping
        Cells of the loan; ``matures_on`` as a day or YYYY-MM-DD where it is known.
    made_on : datetime.date
        Day of the decision.
    rules : Rules
        Rules of that day, the institution's over the law's.

    Returns
    -------
    datetime.date
        Personal Information Protection Law (个人信息保护法), arts 19 and 47, and the
        Anti-Money Laundering Law (反洗钱法), as `privacy.toml` holds them.
    """
    if decision == "decline":
        return years_later(made_on, rules.number("privacy.keep_declined"))
    ends = loan.get("matures_on")
    end = date.fromisoformat(ends) if isinstance(ends, str) else ends
    last = max(made_on, end) if isinstance(end, date) else made_on
    return years_later(last, rules.number("privacy.keep_after_end"))


def years_later(day: date, years: float) -> date:
    """Return the day some years later.

    Parameters
    ----------
    day : datetime.date
        The day.
    years : float
        Years, rounded up to whole months [year].

    Returns
    -------
    datetime.date
        The same day of the month, or its last.

    Examples
    --------
    >>> years_later(date(2024, 2, 29), 10.0), years_later(date(2026, 11, 26), 0.5)
    (datetime.date(2034, 2, 28), datetime.date(2027, 5, 26))
    """
    months = day.year * 12 + day.month - 1 + -int(-years * 12 // 1)
    year, month = divmod(months, 12)
    if year > date.max.year:
        return date.max
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))
