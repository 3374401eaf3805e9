"""Reasons in a farmer's words: one sentence for every rule that a pledge does not keep."""

import re
from collections.abc import Mapping
from datetime import date
from math import floor, isfinite
from typing import Any

from riskengine.casefile.changes import EXTENSION_YEARS
from riskengine.casefile.cures import Cure
from riskengine.casefile.decide import Decision, RightAnswer
from riskengine.casefile.findings import Finding
from riskengine.casefile.phrases import filled, found_for, sentences
from riskengine.casefile.read import PledgedRight
from riskengine.casefile.repayment import day_of, number_of, repayment
from riskengine.rules.facts import declared_facts
from riskengine.words import Text

THINGS = {
    "land": Text("这块地", "this land"), "homestead": Text("这房子", "this house"),
    "construction": Text("这块建设用地", "this land"), "forest": Text("这片林", "this forest"),
    "equity": Text("这些股份", "these shares"), "ecology": Text("这项权益", "this right"),
}  # fmt: skip
"""What a farmer calls a right."""
ENDS = ("lease_end", "term_end", "contract_end")
"""Columns that say when a right ends, the nearest first."""
PAID = ("rent_prepaid_through", "rent_paid_through")
"""Columns that say to which day rent is paid."""
NUMBER = re.compile(r"(-?\d[\d,]*(?:\.\d+)?)(%?)")


def sentence(finding: Finding, right: RightAnswer, decision: Decision) -> Text:
    """Return one finding in a farmer's words.

    Parameters
    ----------
    finding : Finding
        A rule that fails or cannot be told.
    right : RightAnswer
        The right of which it speaks.
    decision : Decision
        The answer to the case.

    Returns
    -------
    Text
        Fact, effect, what to do; no rule number.  Where the rule has no sentence, its fact
        and its cure.
    """
    values = known_places(finding, right, decision)
    said = found_for(finding.code)
    if finding.state == "failed":
        return filled(said.says, values) if said else _plainly(finding)
    if look := look_of(finding):
        return filled(sentences()[f"LOOK-{look}"].says, values)
    if said and said.unknown and (finding.fact in finding.missing or said.serves_conditions):
        return filled(said.unknown, values)
    return _to_find_out(finding)


def applied_sentence(finding: Finding) -> Text:
    """Return a finding on an application as a whole in the applicant's words.

    Parameters
    ----------
    finding : Finding
        A rule on the application or its guarantee that fails or cannot be told.

    Returns
    -------
    Text
        Fact, effect, what to do; where the rule has no sentence, its fact and its cure, and
        where the fact is not known, what to bring.
    """
    said, values = found_for(finding.code), {"found": finding.found, "wanted": finding.wanted}
    if finding.state == "failed":
        return filled(said.says, values) if said else _plainly(finding)
    if said and said.unknown and finding.fact in finding.missing:
        return filled(said.unknown, values)
    return _to_find_out(finding)


def look_of(finding: Finding) -> str:
    """Return which inspection would tell a finding that has no words of its own for not knowing.

    Parameters
    ----------
    finding : Finding
        The finding.

    Returns
    -------
    str
        One of `riskengine.rules.facts.INSPECTIONS`; empty where none would, or nothing is
        unknown.
    """
    said = found_for(finding.code)
    if finding.state != "unknown" or finding.fact not in finding.missing or (said and said.unknown):
        return ""
    return declared_facts()[finding.fact].inspection


def _plainly(finding: Finding) -> Text:
    """A failed rule without a sentence: its fact and its cure."""
    title, found, wanted = finding.fact_title, finding.found, finding.wanted
    zh = f"{title.zh}：现在是“{found.zh}”，{wanted.zh}。"
    en = f"{_capital(title.en)}: it is {found.en}, {wanted.en}."
    cure = finding.cure
    return Text(f"{zh}{cure.zh}。", f"{en} {_capital(cure.en)}.") if cure else Text(zh, en)


def _to_find_out(finding: Finding) -> Text:
    """A rule that cannot be told and has no sentence for it."""
    facts = declared_facts()
    titles = [facts[name].title for name in finding.missing] or [finding.fact_title]
    return Text(
        f"还要弄清：{'、'.join(title.zh for title in titles)}；请带上能说明的材料。",
        f"Still to be found out: {'; '.join(title.en for title in titles)}; "
        "please bring papers that show it.",
    )


def _capital(words: str) -> str:
    """Words that begin a sentence."""
    return words[:1].upper() + words[1:]


def known_places(finding: Finding, right: RightAnswer, decision: Decision) -> dict[str, Text]:
    """Return what a sentence's places can hold in one case.

    Parameters
    ----------
    finding : Finding
        What is told.
    right : RightAnswer
        The right of which it speaks.
    decision : Decision
        The answer to the case.

    Returns
    -------
    dict of str to Text
        By place; a place that is not known is left out.
    """
    cells = pledged(decision, right.right_id).right
    due = day_of(decision.case.loan.get("matures_on"))
    ends = _first_day(cells, ENDS)
    values: dict[str, Text | None] = {
        "thing": THINGS.get(right.table), "found": finding.found, "end_date": _told_day(ends),
        "months_left": _whole(None if ends is None or due is None else _months(due, ends)),
        "paid_through": _told_day(_first_day(cells, PAID)),
        "arrears_yuan": _whole(number_of(cells.get("rent_arrears_yuan"))),
        "prior_yuan": _whole(_prior(cells, right)),
        "observations": _whole(right.market_observations or None),
        "value_yuan": _whole(right.value_yuan),
    }  # fmt: skip
    values |= _of_fact(finding) | _of_cure(finding, right, decision) | _of_income(decision)
    return {name: text for name, text in values.items() if text is not None}


def pledged(decision: Decision, right_id: str) -> PledgedRight:
    """Return what a case says of one of its rights.

    Parameters
    ----------
    decision : Decision
        The answer to the case.
    right_id : str
        The right.

    Returns
    -------
    PledgedRight
        Its cells; none where the case does not know it.
    """
    for one in decision.case.rights:
        if str(one.right.get("right_id")) == right_id:
            return one
    return PledgedRight("", {}, {})


def cure_of(finding: Finding, right: RightAnswer, decision: Decision) -> Cure | None:
    """Return what would mend a finding.

    Parameters
    ----------
    finding : Finding
        The finding.
    right : RightAnswer
        The right of which it speaks.
    decision : Decision
        The answer to the case.

    Returns
    -------
    Cure or None
        The one that settles its rule on that right.
    """
    for cure in decision.cures:
        if cure.right_id == right.right_id and finding.code in cure.codes:
            return cure
    return None


def _of_fact(finding: Finding) -> dict[str, Text | None]:
    """Places that the fact of a rule fills."""
    found, wanted = _first_number(finding.found.en), _first_number(finding.wanted.en)
    match finding.fact:
        case "area_over_standard_m2":
            return {"over_m2": _whole(found)}
        case "welfare_forest_area_mu":
            return {"least": _plain(wanted)}
        case "loan_to_dividend_multiple" | "compensation_multiple":
            return {"cap_times": _plain(wanted)}
        case fact if fact.startswith("loan_to_") and wanted is not None and wanted > 0.0:
            return {"cap_percent": _plain(100.0 * wanted)}
    return {}


def _of_cure(finding: Finding, right: RightAnswer, decision: Decision) -> dict[str, Text | None]:
    """Places that the worth of mending fills."""
    cure = cure_of(finding, right, decision)
    if cure is None or not cure.gain_yuan >= 1.0:
        return {}
    longer = cure.fact in ("tail_years", "transfer_term_years")
    return {
        "gain_yuan": _whole(cure.gain_yuan),
        "extension_years": _whole(EXTENSION_YEARS) if longer else None,
    }


def _of_income(decision: Decision) -> dict[str, Text | None]:
    """Places that loan and income fill."""
    paid = repayment(decision.case)
    if paid is None:
        return {}
    return {"income_yuan": _whole(paid.income_yuan), "due_yuan": _whole(paid.yearly_yuan)}


def _prior(cells: Mapping[str, Any], right: RightAnswer) -> float | None:
    """What ranks before and was taken off [yuan]."""
    taken = sum(step.change_yuan for step in right.steps if step.name == "prior_claims")
    return -taken if taken < 0.0 else number_of(cells.get("prior_claims_yuan"))


def _first_day(cells: Mapping[str, Any], names: tuple[str, ...]) -> date | None:
    """The first of some cells that holds a day."""
    return next((day for name in names if (day := day_of(cells.get(name)))), None)


def _months(first: date, last: date) -> int | None:
    """Whole months from one day to another; None when it comes before."""
    months = 12 * (last.year - first.year) + last.month - first.month - (last.day < first.day)
    return months if months >= 0 else None


def _first_number(words: str) -> float | None:
    """The first number in some words, a share from per cent."""
    found = NUMBER.search(words)
    if found is None:
        return None
    number = float(found[1].replace(",", ""))
    return number / 100.0 if found[2] else number


def _told_day(day: date | None) -> Text | None:
    return None if day is None else Text(day.isoformat(), day.isoformat())


def _plain(number: float | None) -> Text | None:
    """A number as short as it is."""
    return None if number is None else Text(f"{number:.4g}", f"{number:.4g}")


def _whole(number: float | None) -> Text | None:
    """A number without its part below one."""
    if number is None or not isfinite(number):
        return None
    return Text(f"{floor(number):,}", f"{floor(number):,}")
