"""The farmer's letter: what may be lent, why, what to bring, and who else may look."""

from dataclasses import replace
from math import floor, isfinite
from typing import Any

from riskengine.casefile.applied import Applied, under_the_news
from riskengine.casefile.decide import Decision, RightAnswer
from riskengine.casefile.phrases import papers
from riskengine.casefile.reasons import SHOWN, Reason, reasons
from riskengine.casefile.repayment import repayment
from riskengine.casefile.sheet import place_of
from riskengine.casefile.shown import (
    PLACES,
    given,
    identity,
    looked,
    valid_to,
    veiled,
    verdict,
    wan,
    yuan_exact,
)
from riskengine.casefile.todo import to_do
from riskengine.market.quotes import LEVELS
from riskengine.report import page
from riskengine.rules.citation import cited
from riskengine.words import Language, Text

SMALL = 1000.0
"""Sum below which what may be lent is no good news [yuan]."""
NEEDED = Text("办理要用", "needed to go on")
"""What a paper is for that adds no money."""


def farmer_letter(decision: Decision, language: Language, applied: Applied | None = None) -> str:
    """Return the letter that a farmer is given.

    Parameters
    ----------
    decision : Decision
        The answer to a case.
    language : {"zh", "en"}
        Language of the page.
    applied : Applied or None
        What the application as a whole adds; its decision is then the news.

    Returns
    -------
    str
        HTML, complete in itself, for paper and phone; the same bytes when asked again.
    """
    shown = verdict(decision)
    told = reasons(replace(decision, cures=()) if applied else decision)  # no sums of its own
    rest = len(told) - SHOWN
    return page(
        "farmer_letter.html",
        language=language, say=lambda text: text.say(language),
        w=lambda zh, en: Text(zh, en).say(language),
        d=decision, title=veiled(decision.case.title), identity=identity(decision),
        chip=applied.chip if applied else shown, applied=applied,
        news=applied.news if applied else _news(decision, shown),
        more=_of_application(decision, applied) if applied else _more(decision, shown),
        sentences=[_sentence(decision, one) for one in told[:SHOWN]], rest=max(rest, 0),
        bring=_bring(decision, applied), mended=_mended(decision, applied),
        rights=[_used(decision, right) for right in decision.rights],
        sources=_sources(told), valid_to=valid_to(decision), yuan=yuan_exact, wan=wan,
    )  # fmt: skip


def _news(decision: Decision, shown: str) -> Text:
    """What stands in large letters."""
    limit, best = _sum(decision.limit_yuan), _sum(decision.limit_when_mended_yuan)
    if shown in ("pass", "haircut") and decision.limit_yuan > 0.0:
        if decision.cover >= 1.0:
            asked = _sum(decision.asked_yuan)
            return Text(f"您申请的 {asked.zh}，抵押够用", f"Your security is enough for {asked.en}")
        return Text(f"可以贷 {limit.zh}", f"Up to {limit.en} may be lent")
    if shown == "refer" and decision.limit_yuan >= SMALL:
        return Text(
            f"初步算，最多可以贷 {limit.zh}", f"By a first count up to {limit.en} may be lent"
        )
    if _hope(decision):
        return Text(
            f"材料补齐以后，最多可以贷 {best.zh}",
            f"Once the papers are complete, up to {best.en} may be lent",
        )
    if shown == "refer":
        return Text("要请专人看过，才能答复您", "A person must look before we can answer")
    return Text("这次的抵押现在还不能办", "This pledge cannot be made now")


def _sum(yuan: float) -> Text:
    """A sum as people say it: 万元 from ten thousand yuan on."""
    if yuan >= 10_000.0:
        return Text(wan(yuan), wan(yuan))
    return Text(f"{floor(yuan):,} 元", f"{floor(yuan):,} yuan")


def _hope(decision: Decision) -> bool:
    """Whether mending brings a sum worth telling."""
    best = decision.limit_when_mended_yuan
    return best >= SMALL and best > decision.limit_yuan


def _more(decision: Decision, shown: str) -> list[Text]:
    """Lines under the large letters."""
    lines, limit = [], decision.limit_yuan
    exact = f"{floor(limit):,}"
    if shown in ("pass", "haircut"):
        lines.append(
            Text(
                f"按现在的资料，最多可以贷 {exact} 元。",
                f"By these papers up to {exact} yuan may be lent.",
            )
        )
        if decision.cover < 1.0:
            short = f"{floor(decision.asked_yuan - limit + 1.0):,}"
            lines.append(
                Text(f"比您申请的少 {short} 元。", f"That is {short} yuan less than you asked.")
            )
    elif shown == "refer":
        count = Text(
            f"按现在的资料先算到 {exact} 元", f"By these papers {exact} yuan count for now"
        )
        if limit < 1.0:
            count = Text("现在还算不出可以贷的数目", "What may be lent cannot be told yet")
        lines.append(
            Text(f"{count.zh}；要请专人看过才能定。", f"{count.en}; a person must look first.")
        )
    else:
        lines.append(
            Text("现在还不能办，原因写在下面。", "It cannot be done now; the reasons are below.")
        )
        if limit > 0.0:
            lines.append(Text(f"其他的还可以贷 {exact} 元。", f"The others back {exact} yuan."))
    if shown != "block":
        lines += _yearly(decision, decision.longest_months)
    if shown == "pass" and not decision.cures:
        lines.append(Text("材料齐了，三天内答复。", "Papers complete; answer in three days."))
    return lines


def _of_application(decision: Decision, applied: Applied) -> list[Text]:
    """Lines under the large letters where an application was decided."""
    lines = under_the_news(decision, applied)
    if applied.chip != "block":
        lines += _yearly(decision, applied.longest_months)
    return lines


def _yearly(decision: Decision, months: int | None) -> list[Text]:
    """What the loan asks a year, and for how long it may run."""
    lines, paid = [], repayment(decision.case)
    if paid is not None and isfinite(paid.yearly_yuan):
        due = f"{paid.yearly_yuan:,.0f}"
        lines.append(
            Text(
                f"按申请的数目，每年还 {due} 元。",
                f"For the sum asked you repay {due} yuan a year.",
            )
            if paid.level
            else Text(
                f"按申请的数目，到期一共还 {due} 元。",
                f"For the sum asked you repay {due} yuan at the end.",
            )
        )
    if months:
        years, rest = divmod(months, 12)
        zh = " ".join([f"{years} 年"] * bool(years) + [f"{rest} 个月"] * bool(rest))
        en = " ".join(
            [_counted(years, "year")] * bool(years) + [_counted(rest, "month")] * bool(rest)
        )
        lines.append(Text(f"最长可以贷 {zh}。", f"It may run for {en} at most."))
    return lines


def _counted(number: int, thing: str) -> str:
    """A number of things in English."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _sentence(decision: Decision, reason: Reason) -> dict[str, Text]:
    """One sentence with the right of which it speaks."""
    places = [place for name in reason.rights if (place := place_of(decision, name)).zh]
    if len(places) == len(decision.rights):
        places = []
    place = Text("、".join(one.zh for one in places), ", ".join(one.en for one in places))
    return {"text": reason.text, "place": place}


def _bring(decision: Decision, applied: Applied | None) -> list[dict[str, Any]]:
    """What to bring, each paper once, with what it adds over all rights."""
    listed: dict[str, tuple[Text, dict[str, float], bool]] = {}
    for one in to_do(decision):
        paper = papers().get(f"LOOK-{one.look}" if one.look else one.fact)
        small = one.severity == "haircut"
        idle = small and max(one.gain_yuan, one.needed_yuan) < 1.0
        if idle or (paper is None and (small or one.look)):
            continue
        paper = paper or one.action
        _, gains, together = listed.get(paper.zh, (paper, {}, False))
        gains[one.right_id] = max(gains.get(one.right_id, 0.0), one.gain_yuan)
        listed[paper.zh] = (paper, gains, together or one.needed_yuan >= 1.0)
    told = []
    for paper, gains, together in listed.values():
        gain = sum(gains.values())
        words = _gain(gain, together, applied)
        if applied and applied.chip == "block":  # no word of money where nothing is lent
            gain, words = 0.0, NEEDED
        told.append({"paper": paper, "gain": gain, "words": words})
    return told


def _gain(yuan: float, together: bool, applied: Applied | None) -> Text:
    """What a paper adds, in words: to what may be lent, of an application to the security."""
    if applied and yuan >= 1.0:
        more = f"{floor(yuan):,}"
        return Text(f"抵押大约多算 {more} 元", f"the security counts about {more} yuan more")
    if applied and together:
        return Text("和其他几样一起才能多算", "counts more, together with the others")
    if yuan >= 1.0:
        more = f"{floor(yuan):,}"
        return Text(f"大约多贷 {more} 元", f"about {more} yuan more")
    if together:
        return Text("和其他几样一起才能多贷", "more, together with the others")
    return NEEDED


def _mended(decision: Decision, applied: Applied | None) -> Text | None:
    """How much more all papers together bring."""
    more = decision.limit_when_mended_yuan - decision.limit_yuan
    if more < 1.0 or (applied and applied.chip == "block"):
        return None
    best = f"{floor(decision.limit_when_mended_yuan):,}"
    if applied:
        return Text(
            f"全部补齐，抵押最多够担保 {best} 元，比现在多 {floor(more):,} 元。",
            f"With all of them the security is enough for up to {best} yuan, {floor(more):,} yuan "
            "more than now.",
        )
    return Text(
        f"全部补齐，最多可以贷 {best} 元，比现在多 {floor(more):,} 元。",
        f"With all of them up to {best} yuan may be lent, {floor(more):,} yuan more than now.",
    )


def _used(decision: Decision, right: RightAnswer) -> dict[str, Any]:
    """Data used of one right, and where they come from."""
    return {
        "kind": right.kind, "place": place_of(decision, right.right_id),
        "given": [one for one in given(decision, right) if one.content != right.kind],
        "looked": looked(decision, right),
        "level": PLACES[LEVELS[right.market_level]], "count": right.market_observations,
    }  # fmt: skip


def _sources(told: tuple[Reason, ...]) -> list[tuple[str, Text]]:
    """Marks and sources of the rules behind the letter, for the small print."""
    found = {
        finding.code: _source(finding.cite, finding.first_day.isoformat())
        for reason in told
        for finding in reason.findings
    }
    return sorted(found.items())


def _source(cite: str, day: str) -> Text:
    """A source with the day from which its rule says this."""
    said = cited(cite)
    return Text(f"{said.zh}，{day}", f"{said.en}, {day}")
