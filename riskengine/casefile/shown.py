"""What the officer's sheet and the farmer's letter say alike: verdict, money, days, sources."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

from riskengine.casefile.decide import Decision, RightAnswer
from riskengine.casefile.findings import NO, UNIT_WORDS, YES
from riskengine.casefile.limits import months_after
from riskengine.casefile.repayment import day_of, number_of
from riskengine.casefile.sentences import pledged
from riskengine.columns import Column
from riskengine.gates.tables import LOANS, inspected
from riskengine.identity import mask
from riskengine.report import money
from riskengine.rights import RIGHTS
from riskengine.rules.facts import INSPECTIONS, declared_facts
from riskengine.words import Text

VERDICTS = {
    "pass": Text("通过", "pass"), "haircut": Text("有条件", "on conditions"),
    "refer": Text("转人工", "to a person"), "block": Text("不得受理", "not accepted"),
}  # fmt: skip
"""What the chip at the head says."""
PLACES = {
    "none": Text("没有行情", "no market figures"), "nation": Text("全国", "nation"),
    "province": Text("省级", "province"), "city": Text("市级", "city"),
    "county": Text("县级", "county"), "township": Text("乡镇", "township"),
    "village": Text("村级", "village"), "parcel": Text("本宗", "the parcel itself"),
}  # fmt: skip
"""Levels of market evidence, as `riskengine.market.quotes.LEVELS` names them."""
VALID_MONTHS = 12
"""Months for which a value may be used."""
NOTHING = "—"
CODE = re.compile(r"(?:[A-Za-z0-9][\s.·_-]?){10,}[A-Za-z0-9]")
DIGITS_OF_A_CODE = 9
"""Digits from which a run of letters and digits is taken for the number of a person or paper."""


@dataclass(frozen=True, slots=True)
class Given:
    """One thing that was told, as people read it.

    Parameters
    ----------
    title : Text
        What it is.
    content : Text
        What was told.
    """

    title: Text
    content: Text


def verdict(decision: Decision) -> str:
    """Return the verdict that the head of a page shows.

    Parameters
    ----------
    decision : Decision
        The answer to a case.

    Returns
    -------
    str
        One of `VERDICTS`: the outcome; but a value that a person must look at goes to a person,
        and a sum that is not covered is granted on conditions at most.
    """
    outcome = decision.outcome
    if outcome in ("pass", "haircut"):
        if any(right.status != "valued" for right in decision.rights):
            return "refer"
        if decision.cover < 1.0:
            return "haircut"
    return outcome


def wan(yuan: float) -> str:
    """Say money in 万元.

    Parameters
    ----------
    yuan : float
        Amount [yuan].

    Returns
    -------
    str
        Two decimals and the unit; a dash where there is no amount.

    Examples
    --------
    >>> wan(245694.97), wan(float("nan"))
    ('24.57 万元', '—')
    """
    return money(yuan) if isfinite(yuan) else NOTHING


def yuan_exact(yuan: float) -> str:
    """Say money to the fen.

    Parameters
    ----------
    yuan : float
        Amount [yuan].

    Returns
    -------
    str
        Two decimals without a unit; a dash where there is no amount.

    Examples
    --------
    >>> yuan_exact(-1234.5)
    '−1,234.50'
    """
    return f"{yuan:,.2f}".replace("-", "−") if isfinite(yuan) else NOTHING


def veiled(words: str) -> str:
    """Return free text with the numbers of people and papers hidden.

    Parameters
    ----------
    words : str
        Any text.

    Returns
    -------
    str
        The text on one line; runs of eleven or more letters and digits, most of them digits,
        masked.

    Examples
    --------
    >>> veiled("张三 11010519491231002X")
    '张三 110***********002X'
    """
    plain = " ".join(unicodedata.normalize("NFKC", words).split())

    def hidden(found: re.Match[str]) -> str:
        many = sum(one.isdigit() for one in found[0]) >= DIGITS_OF_A_CODE
        return mask(found[0]) if many else found[0]

    return CODE.sub(hidden, plain)


def identity(decision: Decision) -> str:
    """Return who borrows, hidden.

    Parameters
    ----------
    decision : Decision
        The answer to a case.

    Returns
    -------
    str
        Masked number of the borrower, or of who gives the security; empty where neither is
        stated.
    """
    code = decision.case.loan.get("borrower_code")
    for right in decision.case.rights:
        code = code or right.pledge.get("mortgagor_code")
    return mask(str(code).strip()) if code else ""


def client_type(decision: Decision) -> Text | None:
    """Return what kind of client gives the security.

    Parameters
    ----------
    decision : Decision
        The answer to a case.

    Returns
    -------
    Text or None
        None where it is not stated.
    """
    words = declared_facts()["mortgagor_type"].words or {}
    for right in decision.case.rights:
        if (title := words.get(str(right.pledge.get("mortgagor_type")))) is not None:
            return title
    return None


def lender(decision: Decision) -> Text | None:
    """Return who lends.

    Parameters
    ----------
    decision : Decision
        The answer to a case.

    Returns
    -------
    Text or None
        None where it is not stated.
    """
    return _choice(LOANS.by_name["lender_type"], decision.case.loan.get("lender_type"))


def valid_to(decision: Decision) -> date:
    """Return the last day on which the value may be used.

    Parameters
    ----------
    decision : Decision
        The answer to a case.

    Returns
    -------
    datetime.date
        Twelve months after the day of valuation; of a growing crop the day of its harvest
        where that comes first.
    """
    last = months_after(decision.valued_on, VALID_MONTHS)
    harvests = [day_of(right.right.get("crop_harvest_on")) for right in decision.case.rights]
    coming = [day for day in harvests if day is not None and day >= decision.valued_on]
    return min([last, *coming])


def tail(decision: Decision, right: RightAnswer) -> str:
    """Return the last four characters of a right's code.

    Parameters
    ----------
    decision : Decision
        The answer to a case.
    right : RightAnswer
        The right.

    Returns
    -------
    str
        Of its unit code, parcel code, certificate or contract; its number in the case where
        none is stated.
    """
    pledge = pledged(decision, right.right_id).pledge
    for name in ("unit_code", "parcel_code", "certificate_no", "contract_code"):
        if code := str(pledge.get(name) or "").strip():
            return code[-4:]
    return f"#{right.right_id[-4:]}"


def given(decision: Decision, right: RightAnswer) -> list[Given]:
    """Return what was told of a right, without what identifies a person.

    Parameters
    ----------
    decision : Decision
        The answer to a case.
    right : RightAnswer
        The right.

    Returns
    -------
    list of Given
        Cells of its own table in words, in the order of its columns.
    """
    return list(_told(RIGHTS[right.table].columns, pledged(decision, right.right_id).right))


def looked(decision: Decision, right: RightAnswer) -> list[Given]:
    """Return which inspections of a right were made, and when.

    Parameters
    ----------
    decision : Decision
        The answer to a case.
    right : RightAnswer
        The right.

    Returns
    -------
    list of Given
        Inspections with their days.
    """
    pledge = pledged(decision, right.right_id).pledge
    days = [(name, day_of(pledge.get(inspected(name)))) for name in INSPECTIONS]
    return [
        Given(INSPECTED[name], Text(day.isoformat(), day.isoformat())) for name, day in days if day
    ]


INSPECTED = {
    "registry": Text("查登记", "registers searched"), "site": Text("看现场", "visit on the spot"),
    "contract": Text("看合同", "contracts read"), "map": Text("核规划图", "maps laid over"),
    "borrower": Text("面谈和征信", "interview and credit report"),
}  # fmt: skip
"""What was looked into, in short."""


def _told(columns: tuple[Column, ...], cells: Mapping[str, Any]) -> Iterator[Given]:
    """Cells that were filled, in words."""
    for column in columns:
        content = cells.get(column.name)
        if content in (None, "") or column.personal or column.kind == "text":
            continue
        if (words := _worded(column, content)) is not None:
            yield Given(column.title, words)


def _worded(column: Column, content: Any) -> Text | None:
    """One cell as people read it."""
    match column.kind:
        case "flag":
            return YES if str(content).strip().lower() in ("true", "1", "是", "yes") else NO
        case "code":
            return _choice(column, content)
        case "date":
            day = day_of(content)
            return None if day is None else Text(day.isoformat(), day.isoformat())
    number = number_of(content)
    if not isfinite(number):
        return None
    unit = UNITS.get(column.unit) or UNIT_WORDS.get(column.unit) or Text("", "")
    return Text(f"{number:,.10g}{unit.zh}", f"{number:,.10g} {unit.en}".rstrip())


UNITS = {
    "yuan/mu/year": Text("元/亩·年", "yuan/mu/year"), "yuan/mu": Text("元/亩", "yuan/mu"),
    "yuan/m2": Text("元/平方米", "yuan/m2"), "yuan/m2/year": Text("元/平方米·年", "yuan/m2/year"),
    "yuan/year": Text("元/年", "yuan a year"), "m3/mu": Text("立方米/亩", "m3/mu"),
    "yuan/m3": Text("元/立方米", "yuan/m3"), "km": Text("公里", "km"), "cm": Text("厘米", "cm"),
    "m": Text("米", "m"), "degree": Text("度", "degrees"), "yuan/t": Text("元/吨", "yuan/t"),
    "yuan/share": Text("元/股", "yuan a share"), "t/year": Text("吨/年", "t a year"),
    "yuan/share/year": Text("元/股·年", "yuan a share and year"), "share": Text("股", "shares"),
}  # fmt: skip
"""Units of columns beside those of facts."""


def _choice(column: Column, content: Any) -> Text | None:
    """Words of a code, None where it is not one of the column's."""
    said = str(content)
    return next(
        (one.title for one in column.choices if said in (one.code, one.title.zh, one.title.en)),
        None,
    )
