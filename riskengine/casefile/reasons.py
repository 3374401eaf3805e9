"""The reasons of a decision, sentence by sentence: what counts most first, nothing said twice."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from riskengine.casefile.decide import Decision, RightAnswer
from riskengine.casefile.findings import Finding
from riskengine.casefile.limits import months_after
from riskengine.casefile.phrases import papers, place_in_order, remark
from riskengine.casefile.repayment import day_of, number_of, repayment
from riskengine.casefile.sentences import THINGS, look_of, pledged, sentence
from riskengine.casefile.shown import INSPECTED
from riskengine.gates.plan import LEVELS
from riskengine.rules.facts import INSPECTIONS
from riskengine.valuation import Flag
from riskengine.words import Text

SHOWN = 5
"""Most sentences that a farmer is given."""
FEW_PRICES = 10
"""Observations from which a wide interval no longer comes of too few prices."""
MONTHS_OF_APPRAISAL = 12
"""Months after which an appraisal is done again."""
DIFFERENCE_OF_AREA = 0.01
"""Share by which two areas may differ before it is told."""
ORDER = ("failed block", "failed refer", "unknown block", "value", "failed haircut",
         "unknown refer", "unknown haircut")  # fmt: skip
"""What a farmer is told first; ``value`` is what value and income say."""
WORTH_NOTHING = ("VAL-ENDED", "VAL-NOTHING", "VAL-NONE")
"""Marks of what leaves nothing to lend on: told before all else."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence with what stands behind it.

    Parameters
    ----------
    text : Text
        The sentence.
    state : {"failed", "unknown"}
        Whether it tells of what is, or of what is not known.
    severity : str
        Severest outcome of what it tells.
    rights : tuple of str
        Rights of which it speaks; empty where it speaks of the borrower.
    findings : tuple of Finding
        Rules behind it; none where it comes of papers, value or income.
    rank : tuple of int
        Its place among all reasons, the lowest first.
    """

    text: Text
    state: str
    severity: str
    rights: tuple[str, ...]
    findings: tuple[Finding, ...]
    rank: tuple[int, ...]


def reasons(decision: Decision) -> tuple[Reason, ...]:
    """Return every reason of a decision, the weightiest first.

    Parameters
    ----------
    decision : Decision
        The answer to a case.

    Returns
    -------
    tuple of Reason
        All findings that stop, send on or shorten, those told alike together, and what codes
        on the papers, the value and the income say.
    """
    merged: dict[str, list[Reason]] = {}
    for right in decision.rights:
        told = (*_of_law(right, decision), *_of_papers(right), *_of_value(right, decision))
        for one in told:
            merged.setdefault(one.text.zh, []).append(one)
    for one in _of_income(decision):
        merged.setdefault(one.text.zh, []).append(one)
    return tuple(sorted((_as_one(alike) for alike in merged.values()), key=_rank))


def severe(finding: Finding) -> bool:
    """Say whether a finding changes the outcome.

    Parameters
    ----------
    finding : Finding
        The finding.

    Returns
    -------
    bool
        Whether failing its rule stops, sends on or shortens.
    """
    return LEVELS[finding.severity] >= 1


def _rank(reason: Reason) -> tuple[int, ...]:
    return reason.rank


def _as_one(alike: list[Reason]) -> Reason:
    """Reasons told in the same words."""
    first = min(alike, key=_rank)
    rights = tuple(dict.fromkeys(name for one in alike for name in one.rights))
    distinct = {
        (finding.code, finding.state, finding.first_day): finding
        for one in alike
        for finding in one.findings
    }
    return replace(first, rights=rights, findings=tuple(distinct.values()))


def _of_law(right: RightAnswer, decision: Decision) -> Iterator[Reason]:
    """Reasons that rules give; where nobody has looked yet in several ways, that is one."""
    told = [finding for finding in right.findings if severe(finding)]
    looks = [look for look in INSPECTIONS if any(look_of(finding) == look for finding in told)]
    for finding in told:
        many = len(looks) > 1 and look_of(finding)
        text = _looks(looks) if many else sentence(finding, right, decision)
        rank = (ORDER.index(f"{finding.state} {finding.severity}"), len(finding.missing),
                place_in_order("LOOKS" if many else finding.code))  # fmt: skip
        yield Reason(text, finding.state, finding.severity, (right.right_id,), (finding,), rank)


def _of_papers(right: RightAnswer) -> Iterator[Reason]:
    """Reasons that codes on the papers give: they cannot be right, or stand on another right."""
    rank = (ORDER.index("failed refer"), 0, 0)
    for paper in right.papers:
        if paper.refers:
            title, wrong = paper.title, paper.remark.text
            text = Text(
                f"{title.zh}：{wrong.zh}，请看原证。",
                f"{title.en[:1].upper()}{title.en[1:]}: {wrong.en}; look at the original.",
            )
            yield Reason(text, "failed", "refer", (right.right_id,), (), rank)


def _looks(looks: list[str]) -> Text:
    """What is said where nobody has looked yet in several ways."""
    bring = [papers()[f"LOOK-{look}"] for look in looks if f"LOOK-{look}" in papers()]
    return remark("LOOKS", looks=_list([INSPECTED[look] for look in looks]), papers=_list(bring))


def _list(words: list[Text]) -> Text | None:
    """Words in a row; None where there are none."""
    if not words:
        return None
    return Text("、".join(word.zh for word in words), ", ".join(word.en for word in words))


def _of_value(right: RightAnswer, decision: Decision) -> Iterator[Reason]:
    """Reasons that the value gives: how sure it is, how it was stated."""
    flags, thing, count = right.flags, THINGS.get(right.table), right.market_observations
    wide = "VAL-WIDE" if count < FEW_PRICES else "VAL-UNSURE"
    told = {
        Flag.EXPIRED: "VAL-ENDED", Flag.WORTHLESS: "VAL-NOTHING", Flag.NO_VALUE: "VAL-NONE",
        Flag.MANDATORY_MISSING: "VAL-LACK", Flag.CONTRADICTED: "VAL-CHECK", Flag.WIDE: wide,
        Flag.DIVERGENT: "VAL-DIV", Flag.STATED_HIGH: "VAL-HIGH",
    }  # fmt: skip
    marks = list(dict.fromkeys(mark for flag, mark in told.items() if flags & flag))
    final = [mark for mark in marks if mark in WORTH_NOTHING]
    marks = final[:1] or marks
    cells = pledged(decision, right.right_id)
    if _old(decision, day_of(cells.pledge.get("appraised_on"))):
        marks.append("VAL-OLD")
    for mark in marks:
        text = remark(mark, thing=thing, observations=count or None)
        rank = (-1 if mark in WORTH_NOTHING else ORDER.index("value"), 0, 0)
        yield Reason(text, "failed", "refer", (right.right_id,), (), rank)
    certified, measured = (
        number_of(cells.pledge.get("certified_area_mu")), number_of(cells.right.get("area_mu"))
    )  # fmt: skip
    if abs(certified - measured) > DIFFERENCE_OF_AREA * measured:
        text = remark("AREA", certified=f"{certified:,.10g}", measured=f"{measured:,.10g}")
        place = (ORDER.index("failed haircut"), 9)
        yield Reason(text, "failed", "haircut", (right.right_id,), (), place)


def _old(decision: Decision, appraised_on: object) -> bool:
    """Whether an appraisal has to be done again."""
    day = day_of(appraised_on)
    return day is not None and months_after(day, MONTHS_OF_APPRAISAL) < decision.valued_on


def _of_income(decision: Decision) -> Iterator[Reason]:
    """Reason that income gives."""
    paid = repayment(decision.case)
    if paid is not None and paid.yearly_yuan > paid.income_yuan:
        text = remark(
            "CASH", income_yuan=f"{paid.income_yuan:,.0f}", due_yuan=f"{paid.yearly_yuan:,.0f}"
        )
        yield Reason(text, "failed", "refer", (), (), (ORDER.index("value"), 1, 0))
