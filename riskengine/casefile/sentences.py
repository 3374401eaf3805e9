"""Reasons in a farmer's words: one sentence for every rule that a pledge does not keep."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import floor, isfinite
from pathlib import Path
from string import Formatter
from typing import Any

from riskengine.casefile.cures import EXTENSION_YEARS, Cure
from riskengine.casefile.decide import Decision, RightAnswer
from riskengine.casefile.findings import Finding
from riskengine.casefile.read import PledgedRight
from riskengine.casefile.repayment import day_of, number_of, repayment
from riskengine.errors import PortfolioError
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
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said of one rule.

    Parameters
    ----------
    says : tuple of Text
        The sentence, then the same with ever fewer places; the last has none.
    unknown : tuple of Text
        What is said where the fact is not known; empty where that is told by the fact.
    """

    says: tuple[Text, ...]
    unknown: tuple[Text, ...]


@cache
def sentences() -> Mapping[str, Sentence]:
    """Return every sentence by the mark of its rule.

    Returns
    -------
    mapping of str to Sentence
        As ``sentences.toml`` lists them, each under all its marks.
    """
    path = Path(__file__).with_name("sentences.toml")
    read: dict[str, Sentence] = {}
    for mark, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
        says = tuple(Text(one["zh"], one["en"]) for one in (table, *table.get("less", ())))
        other = table.get("unknown")
        unknown = says if table.get("same") else (Text(other["zh"], other["en"]),) if other else ()
        for name in (mark, *table.get("also", ())):
            read[name] = Sentence(says, unknown)
    return read


def found_for(code: str) -> Sentence | None:
    """Return what is said of a rule.

    Parameters
    ----------
    code : str
        Its mark.

    Returns
    -------
    Sentence or None
        That of the mark itself, or of the mark without its last letter.

    Examples
    --------
    >>> found_for("LMR-RENT-02a") == sentences()["LMR-RENT-02"]
    True
    """
    return sentences().get(code) or sentences().get(code.rstrip("abcdefghijklmnop"))


def places(text: Text) -> frozenset[str]:
    """Return the names of the places of a text, of both languages.

    Parameters
    ----------
    text : Text
        The text.

    Returns
    -------
    frozenset of str
        Names.

    Examples
    --------
    >>> sorted(places(Text("{a}亩", "{a} mu")))
    ['a']
    """
    parsed = (*Formatter().parse(text.zh), *Formatter().parse(text.en))
    return frozenset(name for _, name, _, _ in parsed if name)


def filled(texts: tuple[Text, ...], values: Mapping[str, Text]) -> Text:
    """Return the first of some texts all of whose places can be filled.

    Parameters
    ----------
    texts : tuple of Text
        The fullest first.
    values : mapping of str to Text
        What is known, by place.

    Returns
    -------
    Text
        The text; where none can be filled, the last with its places left out.

    Examples
    --------
    >>> filled((Text("欠{z}元", "{z} yuan owing"), Text("有欠款", "some is owing")), {}).zh
    '有欠款'
    """
    best = next((text for text in texts if places(text) <= values.keys()), texts[-1])
    none = Text("", "")
    return Text(
        PLACE.sub(lambda place: values.get(place[1], none).zh, best.zh),
        PLACE.sub(lambda place: values.get(place[1], none).en, best.en),
    )


def remark(mark: str, **values: object) -> Text:
    """Return a sentence that no rule of the law speaks, such as ``DUP`` or ``CRED``.

    Parameters
    ----------
    mark : str
        Its mark in ``sentences.toml``.
    **values : object
        What its places hold: Text, or what reads alike in both languages.

    Returns
    -------
    Text
        The sentence; the shorter one where a place is not given.

    Raises
    ------
    PortfolioError
        If there is no such sentence.

    Examples
    --------
    >>> remark("CRED", times=4, limit_times=2).en
    '4 late payments in two years, above the limit of 2.'
    """
    said = sentences().get(mark)
    if said is None:
        raise PortfolioError(
            Text(f"没有句子 {mark}", f"there is no sentence {mark}"),
            Text("见 sentences.toml", "see sentences.toml"),
        )
    given = {
        name: one if isinstance(one, Text) else Text(str(one), str(one))
        for name, one in values.items()
        if one is not None
    }
    return filled(said.says, given)


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
    if finding.fact in finding.missing:
        if said and said.unknown:
            return filled(said.unknown, values)
        if look := declared_facts()[finding.fact].inspection:
            return filled(sentences()[f"LOOK-{look}"].says, values)
    return _to_find_out(finding)


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
    ends = next((day for name in ENDS if (day := day_of(cells.get(name)))), None)
    values: dict[str, Text | None] = {
        "thing": THINGS.get(right.table), "found": finding.found, "end_date": _told_day(ends),
        "months_left": _whole(None if ends is None or due is None else _months(due, ends)),
        "paid_through": next((_told_day(day_of(cells[name])) for name in PAID if name in cells), None),
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
        case "loan_to_dividend_multiple":
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


def _months(first: date, last: date) -> int | None:
    """Whole months from one day to another; None when it comes before."""
    months = 12 * (last.year - first.year) + last.month - first.month - (last.day < first.day)
    return months if months >= 0 else None


def _first_number(words: str) -> float | None:
    """The first number in some words."""
    found = NUMBER.search(words)
    return float(found[0].replace(",", "")) if found else None


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
