"""Answers made by hand, for the words around them."""

from dataclasses import replace
from datetime import date
from itertools import accumulate
from typing import Any

from riskengine.casefile.cures import Cure
from riskengine.casefile.decide import Decision, RightAnswer
from riskengine.casefile.findings import Finding
from riskengine.casefile.read import Case, PledgedRight
from riskengine.pledging.waterfall import STEPS
from riskengine.valuation import Flag
from riskengine.words import Text

DAY = date(2026, 11, 23)
CITIZEN = "11010519491231002X"
NAN = float("nan")
DOTS = {"consent": "good", "filing": "unknown", "registration": "bad", "seal": "none"}


def finding(code: str = "LMR-WHO-02a", **changes: Any) -> Finding:
    """A finding that fails."""
    made = Finding(
        code, "some_rule", Text("规则标题", "title of the rule"), "failed", "block",
        "contractor_consent", Text("承包方书面同意抵押", "the contractor consents"),
        Text("否", "no"), Text("应为是", "must be yes"), (), "Some Law, art. 47", date(2019, 1, 1),
        "text", "cn", Text("取得同意", "get the consent"), None,
    )  # fmt: skip
    return replace(made, **changes)


def left(*changes: tuple[str, float]) -> tuple[int, ...]:
    """What is left after each step of a waterfall with some changes [yuan], the rest nothing."""
    given = dict(changes)
    return tuple(accumulate(round(100.0 * given.get(name, 0.0)) for name in STEPS))


def right(**changes: Any) -> RightAnswer:
    """A right whose value falls from 200,000 to 61,234.56 yuan."""
    fall = left(
        ("market_value", 200_000.0), ("price_fall", -80_000.45), ("sale_route", -62_765.0),
        ("insurance", 4_000.01),
    )  # fmt: skip
    made = RightAnswer(
        "1", "land", "370983", Text("承包户", "contracting household"), Text("120亩", "120 mu"),
        "pass", "valued", Flag(0), 200_000.0, 150_000.0, 260_000.0, 29.1, 1.0, fall,
        61_234.56, 61_234.56, (), (), (), {**DOTS}, False, float("inf"), 4, 14,
    )  # fmt: skip
    return replace(made, **changes)


def case(*, loan: dict[str, Any] | None = None, rights: int = 1, **cells: Any) -> Case:
    """A case of some rights of land with a loan of one year."""
    stated = {
        "loan_id": "1", "lender_type": "bank", "balance_yuan": 50_000, "starts_on": DAY,
        "matures_on": date(2027, 11, 23), "rate_per_year": 0.04,
        "net_income_yuan_per_year": 80_000, "borrower_code": CITIZEN,
    }  # fmt: skip
    pledge = {
        "mortgagor_type": "household", "mortgagor_code": CITIZEN,
        "parcel_code": "3709831002030400017", "site_inspected_on": date(2026, 11, 10),
    }  # fmt: skip
    own = {
        "kind": "household", "area_mu": 120, "land_use": "irrigated",
        "contract_end": date(2028, 6, 30), "region_code": "370983", **cells,
    }  # fmt: skip
    return Case(
        DAY, stated if loan is None else loan,
        tuple(PledgedRight("land", {"right_id": str(k + 1), **own}, pledge) for k in range(rights)),
        "张三的地",
    )  # fmt: skip


def decision(*rights: RightAnswer, **changes: Any) -> Decision:
    """An answer to a case."""
    given = rights or (right(),)
    limit = round(sum(one.lending_value_yuan for one in given), 2)
    made = Decision(
        case(rights=len(given)), DAY, "pass", given, 50_000.0, limit, limit / 50_000.0, 13, (), 0,
        limit, "0.1.0", "a1b2c3d4e5f60718", "0f1e2d3c4b5a6978",
    )  # fmt: skip
    return replace(made, **changes)


def cure(**changes: Any) -> Cure:
    """Something that mends a case."""
    made = Cure(
        "1", ("LMR-WHO-02a",), Text("取得承包方书面同意后再办理", "get the consent first"),
        "contractor_consent", 1_234.56, 2_345.67, "block",
    )  # fmt: skip
    return replace(made, **changes)
