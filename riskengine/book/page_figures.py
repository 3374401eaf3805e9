"""How the pages of a book say numbers: money, shares, chances, ratios and their limits."""

import math
from collections.abc import Mapping
from typing import Any, TypeGuard

from riskengine.guarantee.terms import PARTIES
from riskengine.report import money
from riskengine.words import Text

NONE = "–"
"""What stands where a figure is not known."""
PARTY_WORDS: Mapping[str, Text] = {**PARTIES, "reguarantor": Text("再担保", "re-guarantor")}
"""Parties to a loss; each has one colour on all pages."""
MONEY_NAMES = frozenset({
    "in_force_balance", "liability_balance", "overdue_uncompensated",
    "overdue_uncompensated_line", "compensation_balance", "paid_in_capital",
})  # fmt: skip
"""Figures in yuan, whatever the unit of the rule that describes them."""
UNIT_WORDS = {"month": " 个月", "day": " 天", "year": " 年"}
HUGE = 1e10
"""Amount from which a whole table is said in 亿元 [yuan]."""
MULTIPLE = 1.5
"""A limit above it is said as a multiple, not as a share."""
COMPARE_WORDS = {"<=": "≤", ">=": "≥", "<": "<", ">": ">"}
FULL_BAR = 1.25
"""Use of a limit at which its bar is full."""


def known(value: Any) -> TypeGuard[float]:
    """Whether a figure is a finite number.

    Parameters
    ----------
    value : object
        Figure of a manifest.

    Returns
    -------
    bool
        False for None, truth values, texts, infinities and NaN.

    Examples
    --------
    >>> known(0.0), known(None), known(float("nan")), known(True)
    (True, False, False, False)
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)


def amount(yuan: Any) -> str:
    """Say money that may not be known.

    Parameters
    ----------
    yuan : float or None
        Amount [yuan].

    Returns
    -------
    str
        As `riskengine.report.money`, with a true minus, or a dash.

    Examples
    --------
    >>> amount(-2e8), amount(None)
    ('−2.00 亿元', '–')
    """
    if not known(yuan):
        return NONE
    return f"−{money(-yuan)}" if yuan < 0.0 else money(yuan)


def alike(yuan: Any, largest: float, *, signed: bool = False) -> str:
    """Say money in the one unit of its table, so that figures can be compared down a column.

    Parameters
    ----------
    yuan : float or None
        Amount [yuan].
    largest : float
        Largest amount of the table [yuan]: 亿元 from `HUGE` on, else 万元.
    signed : bool
        Whether a plus is written.

    Returns
    -------
    str
        The amount with its unit, or a dash.

    Examples
    --------
    >>> alike(1.2e8, 3e8), alike(-5e3, 3e8), alike(2e9, 4e11)
    ('12,000.00 万元', '−0.50 万元', '20.00 亿元')
    """
    if not known(yuan):
        return NONE
    unit, word = (1e8, "亿元") if largest >= HUGE else (1e4, "万元")
    sign = "−" if yuan < 0.0 else "+" if signed else ""
    return f"{sign}{abs(yuan) / unit:,.2f} {word}"


def change(yuan: Any) -> str:
    """Say a change of money with its sign.

    Parameters
    ----------
    yuan : float or None
        Change [yuan].

    Returns
    -------
    str
        The change, or a dash.

    Examples
    --------
    >>> change(12000.0), change(-12000.0)
    ('+1.20 万元', '−1.20 万元')
    """
    return f"+{money(yuan)}" if known(yuan) and yuan >= 0.0 else amount(yuan)


def to_the_fen(yuan: Any, *, signed: bool = False) -> str:
    """Say money in yuan with both decimals, so that a column adds up before the eyes.

    Parameters
    ----------
    yuan : float or None
        Amount [yuan].
    signed : bool
        Whether a plus is written.

    Returns
    -------
    str
        The amount, or a dash.

    Examples
    --------
    >>> to_the_fen(1234.5, signed=True), to_the_fen(-0.01)
    ('+1,234.50', '−0.01')
    """
    if not known(yuan):
        return NONE
    sign = "−" if yuan < 0.0 else "+" if signed and yuan else ""
    return f"{sign}{abs(yuan):,.2f}"


def percent(share: Any) -> str:
    """Say a share: one decimal, two below a tenth.

    Parameters
    ----------
    share : float or None
        Share [1].

    Returns
    -------
    str
        Per cent, or a dash.

    Examples
    --------
    >>> percent(0.7), percent(0.0123), percent(None)
    ('70.0%', '1.23%', '–')
    """
    if not known(share):
        return NONE
    said = f"{abs(share):.1%}" if abs(share) >= 0.1 or share == 0 else f"{abs(share):.2%}"
    return f"−{said}" if share < 0.0 else said


def chance(probability: Any) -> str:
    """Say a probability as people do, never with four decimals.

    Parameters
    ----------
    probability : float or None
        Probability [1], in [0, 1].

    Returns
    -------
    str
        Per cent with two digits at most, or a bound where it is smaller than 0.1 %.

    Examples
    --------
    >>> chance(0.234), chance(0.0123), chance(0.00012), chance(0.0)
    ('23%', '1.2%', '< 0.1%', '0%')
    """
    if not known(probability):
        return NONE
    if 0.0 < probability < 0.001:
        return "< 0.1%"
    if 0.999 < probability < 1.0:
        return "> 99.9%"
    digits = 0 if probability >= 0.1 or probability == 0 else 1
    return f"{probability:.{digits}%}"


def level(confidence: Any) -> str:
    """Say a confidence level.

    Parameters
    ----------
    confidence : float or str
        Level [1], in (0, 1).

    Returns
    -------
    str
        Per cent without trailing zeros.

    Examples
    --------
    >>> level("0.999"), level(0.95)
    ('99.9%', '95%')
    """
    return f"{100.0 * float(confidence):.6g}%"


def give_or_take(said: str, error: str) -> str:
    """Put a standard error behind a figure.

    Parameters
    ----------
    said : str
        The figure.
    error : str
        Its standard error, a dash where there is none.

    Returns
    -------
    str
        Both, or the figure alone.

    Examples
    --------
    >>> give_or_take("2.1%", "0.3%"), give_or_take("2.1%", "–")
    ('2.1% ± 0.3%', '2.1%')
    >>> give_or_take("12.00 万元", "0.30 万元"), give_or_take("1.20 亿元", "3.00 万元")
    ('12.00 ± 0.30 万元', '1.20 亿元 ± 3.00 万元')
    """
    figure, _, unit = said.rpartition(" ")
    if figure and error.endswith(f" {unit}"):
        return f"{figure} ± {error}"
    return said if error == NONE else f"{said} ± {error}"


def ratio_kind(ratio: Mapping[str, Any]) -> str:
    """Tell what a ratio of the dashboard is measured in.

    Parameters
    ----------
    ratio : mapping
        One of the manifest's ratios.

    Returns
    -------
    {"money", "flag", "failing", "multiple", "share", "yearly", "month", "day", "year"}
        A limit of none is for the share of contracts that fail, one of yes or no a flag.
    """
    name, limit, unit = ratio["name"].rpartition(".")[2], ratio.get("limit"), ratio.get("unit")
    if ratio.get("compare") == "==":
        return "flag"
    if ratio.get("compare") == "<=" and limit == 0:
        return "failing"
    if name in MONEY_NAMES or unit == "yuan":
        return "money"
    if unit in UNIT_WORDS:
        return str(unit)
    if "leverage" in name or (known(limit) and limit > MULTIPLE):
        return "multiple"
    return "yearly" if unit == "1/year" else "share"


def ratio_figure(value: Any, kind: str) -> str:
    """Say the value or the limit of a ratio.

    Parameters
    ----------
    value : float or None
        What is said.
    kind : str
        As `ratio_kind` tells.

    Returns
    -------
    str
        With its unit, or a dash.

    Examples
    --------
    >>> ratio_figure(4.2, "multiple"), ratio_figure(0.71, "share"), ratio_figure(1, "flag")
    ('4.20 倍', '71.0%', '是 yes')
    """
    if kind == "flag" and value is not None:
        return "是 yes" if value else "否 no"
    if not known(value):
        return NONE
    if kind in UNIT_WORDS:
        return f"{value:g}{UNIT_WORDS[kind]}"
    plain = {"money": amount(value), "failing": f"{percent(value)} 不符",
             "multiple": f"{value:,.2f} 倍",
             "yearly": f"{percent(value)}/年"}  # fmt: skip
    return plain.get(kind) or percent(value)


def limit_figure(ratio: Mapping[str, Any]) -> str:
    """Say the limit of a ratio with the way it is held.

    Parameters
    ----------
    ratio : mapping
        One of the manifest's ratios.

    Returns
    -------
    str
        Such as ``≤ 10.00 倍``; a dash where there is none.
    """
    kind = ratio_kind(ratio)
    if kind == "failing":
        return "0%"
    said = ratio_figure(ratio.get("limit"), kind)
    return said if said == NONE else f"{COMPARE_WORDS.get(ratio['compare'], '应')} {said}"


def limit_use(ratio: Mapping[str, Any]) -> float | None:
    """Tell how much of its limit a ratio uses.

    Parameters
    ----------
    ratio : mapping
        One of the manifest's ratios.

    Returns
    -------
    float or None
        Value over limit, for a floor limit over value [1], in [0, `FULL_BAR`]; None for
        flags, counts and what is not known.

    Examples
    --------
    >>> limit_use({"name": "leverage", "value": 8.0, "limit": 10.0, "compare": "<="})
    0.8
    >>> limit_use({"name": "share", "value": 0.5, "limit": 0.7, "compare": ">="})
    1.25
    """
    value, limit, compare = ratio.get("value"), ratio.get("limit"), ratio.get("compare") or ""
    if not (known(value) and known(limit)) or limit <= 0 or compare[:1] not in {"<", ">"}:
        return None
    over, under = (value, limit) if compare[0] == "<" else (limit, value)
    return min(max(over / under, 0.0), FULL_BAR) if under > 0.0 else FULL_BAR
