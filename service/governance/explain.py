"""Why a decision came out as it did: the officer's sheet, the applicant's letter, plain data.

The law gives the person an explanation and a person to turn to (Personal Information
Protection Law 个人信息保护法, art. 24).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from riskengine.errors import RiskEngineError
from riskengine.scoring.pages import Reviewed, farmer_page, officer_page
from riskengine.words import Language, Text
from service.problems import Problem
from service.scoring.replay import bytes_of, score_again
from service.state import State
from service.store.decisions import Decision

Audience = Literal["officer", "borrower"]
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""A page that loads nothing and runs nothing."""
MOST = 6
"""Most reasons that an applicant is told: the main ones, in plain words."""
NOT_TOLD = ("monitor", "param")
"""Severities that decided nothing."""
HOW = Text(
    "向受理机构提出即可：电话、柜台或书面均可；机构登记后由审查人员复核，复核不收费。",
    "Ask the institution that took the application, by telephone, at the counter or in writing;"
    " a reviewer looks at it anew, free of charge.",
)
"""How an applicant asks for a person."""


def page_of(
    state: State, decision: Decision, sealed: bytes | None, audience: Audience,
    language: Language, held: Mapping[str, Any],
) -> str:  # fmt: skip
    """Return the page that explains a decision.

    Parameters
    ----------
    state : State
        The service.
    decision : Decision
        The decision.
    sealed : bytes or None
        Its personal cells; None once they were erased.
    audience : {"officer", "borrower"}
        For whom: the sheet, or the letter.
    language : {"zh", "en"}
        Language of the page.
    held : mapping
        What holds after reviews (`service.governance.verdicts.effective`).

    Returns
    -------
    str
        HTML, complete in itself; identity numbers are masked.

    Raises
    ------
    Problem
        409 if the decision cannot be made again as it was answered.
    """
    try:
        found = score_again(state, decision.row["tenant"], decision, sealed)
    except RiskEngineError as fault:
        raise _no_page() from fault
    if bytes_of(decision.entry, found) != decision.answer:
        raise _no_page()
    reviewed = None
    if held["review_id"] is not None:
        last = held["expires_on"]
        reviewed = Reviewed(
            held["decision"], held["limit_yuan"] or 0.0,
            None if last is None else date.fromisoformat(last),
        )  # fmt: skip
    shown = officer_page if audience == "officer" else farmer_page
    return shown(found, language, reviewed=reviewed)


def _no_page() -> Problem:
    return Problem(
        409, "not-replayed",
        Text("此决定不能照原样重现，无法出具页面",
             "this decision cannot be made again as it was: there is no page"),
        Text("请求 JSON 形式的说明，它取自原答复",
             "ask for JSON: it is taken from what was answered"),
    )  # fmt: skip


def data_of(
    answer: Mapping[str, Any], audience: Audience, decision_id: str, held: Mapping[str, Any]
) -> dict[str, Any]:  # fmt: skip
    """Return the explanation as plain data, taken from what was answered.

    Parameters
    ----------
    answer : mapping
        The decision.
    audience : {"officer", "borrower"}
        For whom: everything, or the main reasons in plain words.
    decision_id : str
        Which decision.
    held : mapping
        What holds after reviews.

    Returns
    -------
    dict
        Texts in both languages; nothing personal.
    """
    reasons = answer["reasons"]
    told = [_plain(one) for one in reasons if one["severity"] not in NOT_TOLD][:MOST]
    common = {
        "decision_id": decision_id, "audience": audience, "valued_on": answer["valued_on"],
        "decision": answer["decision"], "decision_text": answer["decision_text"],
        "limit_yuan": answer["limit_yuan"], "longest_months": answer["longest_months"],
        "effective": held,
        "reasons": reasons if audience == "officer" else told, "cures": answer["cures"],
        "automated": True, "human_review": {
            "right": answer["human_review"], "how": {"zh": HOW.zh, "en": HOW.en},
            "request": f"/v1/decisions/{decision_id}/review-request",
        },
        "basis": answer["basis"],
    }  # fmt: skip
    if audience == "borrower":
        return common
    more = ("grade", "default", "loss", "price", "collateral", "models", "engine_version",
            "rules_digest", "market_digest")  # fmt: skip
    return {**common, **{key: answer[key] for key in more}}


def _plain(reason: Mapping[str, Any]) -> dict[str, Any]:
    """One reason for the applicant: what, what was found, what mends it."""
    return {key: reason[key] for key in ("title", "found", "wanted", "cure", "gain_yuan")}
