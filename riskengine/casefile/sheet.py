"""The officer's sheet: one case on one page, to be signed by two and kept."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isfinite, isnan
from typing import Any

from markupsafe import Markup

from riskengine.casefile.applied import Applied, summary_of
from riskengine.casefile.decide import DOTS, Decision, RightAnswer
from riskengine.casefile.findings import Finding
from riskengine.casefile.picture import LENT, SHORT, added, moving, waterfall_svg
from riskengine.casefile.reasons import SHOWN, Reason, reasons, severe
from riskengine.casefile.repayment import Repayment, repayment
from riskengine.casefile.shown import (
    NOTHING,
    PLACES,
    VERDICTS,
    client_type,
    identity,
    lender,
    looked,
    tail,
    valid_to,
    veiled,
    verdict,
    wan,
    yuan_exact,
)
from riskengine.casefile.todo import ToDo, to_do
from riskengine.gates.plan import OUTCOME_WORDS
from riskengine.market.quotes import LEVELS
from riskengine.report import page
from riskengine.rules.citation import cited, seen_as
from riskengine.rules.facts import declared_facts
from riskengine.valuation import FLAG_WORDS
from riskengine.words import Language, Text

MARKS = {"good": "✓", "bad": "✕", "unknown": "?", "none": "–"}
"""Signs in the dots, so that they are told apart without colour."""
LONGEST_BAR = 70.0
"""Years at which a bar of years is full [year]."""
RIGHTS_BESIDE = 3
"""Most rights whose steps stand beside each other in the table."""
FIRST_PAYMENTS = 4
"""Payments shown before the last one."""
STRESSES = (
    (Text("现状", "as it is"), 1.0),
    (Text("价格 −20% 或产量 −20%", "price −20% or yield −20%"), 0.8),
    (Text("价格、产量同时 −20%", "price and yield both −20%"), 0.64),
)
"""What is left of value and income in each case of stress."""


def officer_sheet(decision: Decision, language: Language, applied: Applied | None = None) -> str:
    """Return the officer's sheet of a case.

    Parameters
    ----------
    decision : Decision
        The answer to the case.
    language : {"zh", "en"}
        Language of the page.
    applied : Applied or None
        What the application as a whole adds; its decision then stands at the head.

    Returns
    -------
    str
        HTML, complete in itself, for screen, phone and A4; the same bytes when asked again.
    """
    told = reasons(replace(decision, cures=()) if applied else decision)  # no sums of its own
    paid = repayment(decision.case)
    total = added([right.steps for right in decision.rights])
    shown = verdict(decision)
    return page(
        "officer_sheet.html",
        language=language, say=lambda text: text.say(language),
        w=lambda zh, en: Text(zh, en).say(language),
        d=decision, title=veiled(decision.case.title), applied=applied,
        chip=applied.chip if applied else shown, word=applied.word if applied else VERDICTS[shown],
        head=_head(decision, paid, applied.longest_months if applied else decision.longest_months),
        summary=summary_of(decision, applied) if applied else _summary(decision, told, shown),
        numbers=_numbers(decision, paid), rights=_rights(decision), dots=DOTS, marks=MARKS,
        picture=Markup(waterfall_svg(total, language)),
        steps=_steps(decision), cures=[_line(decision, one) for one in to_do(decision)],
        mended=_mended(decision), reasons=[_reason(decision, one) for one in told[:SHOWN]],
        others=[_reason(decision, one) for one in told[SHOWN:]], watched=_watched(decision),
        payments=_payments(paid), paid=paid, stresses=_stresses(decision, paid),
        unknown=_unknown(decision), markets=_markets(decision), valid_to=valid_to(decision),
        yuan=yuan_exact, wan=wan,
    )  # fmt: skip


def place_of(decision: Decision, right_id: str) -> Text:
    """Return how a page calls one of the rights of a case.

    Parameters
    ----------
    decision : Decision
        The answer to the case.
    right_id : str
        The right.

    Returns
    -------
    Text
        Its number in the case; empty where the case has one right only.
    """
    names = [right.right_id for right in decision.rights]
    if len(names) < 2 or right_id not in names:
        return Text("", "")
    number = names.index(right_id) + 1
    return Text(f"第{number}宗", f"right {number}")


def _places(decision: Decision, rights: Sequence[str]) -> Text:
    """How a page calls some of the rights."""
    words = [place for name in rights if (place := place_of(decision, name)).zh]
    return Text("、".join(word.zh for word in words), ", ".join(word.en for word in words))


def _head(
    decision: Decision, paid: Repayment | None, months: int | None
) -> list[tuple[Text, Text]]:
    """Facts of the head line."""
    lines: list[tuple[Text, Text]] = []
    if hidden := identity(decision):
        lines.append((Text("证件", "identity"), Text(hidden, hidden)))
    if (client := client_type(decision)) is not None:
        lines.append((Text("客户", "client"), client))
    if (who := lender(decision)) is not None:
        lines.append((Text("出借方", "lender"), who))
    if isfinite(decision.asked_yuan):
        asked = wan(decision.asked_yuan)
        lines.append((Text("申请", "asked"), Text(asked, asked)))
    if paid is not None:
        span = f"{paid.starts_on} – {paid.matures_on}"
        lines.append((Text("期限", "term"), Text(span, span)))
    if decision.case.loan:
        longest = Text("无合适期限", "none") if months is None else Text(
            f"{months} 个月", f"{months} months")  # fmt: skip
        lines.append((Text("最长可贷", "longest term"), longest))
    day = decision.valued_on.isoformat()
    return [*lines, (Text("估值日", "valued on"), Text(day, day))]


def _summary(decision: Decision, told: tuple[Reason, ...], shown: str) -> Text:
    """The case in one sentence."""
    limit = wan(decision.limit_yuan)
    first = told[0].text if told else Text("", "")
    if shown == "block":
        rest = Text(f"其余权利可贷 {limit}。", f"The other rights back {limit}.")
        more = rest if decision.limit_yuan > 0.0 else Text("", "")
        return Text(f"现在不能受理：{first.zh}{more.zh}", f"Not accepted now: {first.en} {more.en}")
    if shown == "refer":
        return Text(
            f"暂按 {limit} 计，要专人看过才能定：{first.zh}",
            f"{limit} for now, until a person has looked: {first.en}",
        )
    why, lacking = _largest_fall(decision), _lacking(decision)
    enough = Text("", "")
    if isfinite(decision.cover):
        short = decision.cover < 1.0
        enough = Text(
            "，不够申请的数目" if short else "，够申请的数目",
            ", less than was asked" if short else ", enough for the sum asked",
        )
    return Text(
        f"可贷 {limit}{enough.zh}；{why.zh}{lacking.zh}。",
        f"{limit} may be lent{enough.en}; {why.en}{lacking.en}.",
    )


def _largest_fall(decision: Decision) -> Text:
    """What takes most of the value."""
    falls = [step for step in added([r.steps for r in decision.rights])[1:] if step.change_yuan < 0]
    if not falls:
        return Text("市场价值没有扣减", "nothing is taken off the market value")
    most = min(falls, key=lambda step: step.change_yuan)
    amount, title = wan(-most.change_yuan), SHORT[most.name]
    return Text(f"扣减最多的是{title.zh}（{amount}）", f"most is taken for {title.en} ({amount})")


def _lacking(decision: Decision) -> Text:
    """What is lacking, and what it is worth."""
    count = len(decision.cures)
    if not count:
        return Text("；没有要补的材料", "; no paper is lacking")
    best = wan(decision.limit_when_mended_yuan)
    mended = "one thing is mended" if count == 1 else f"{count} things are mended"
    return Text(f"；补齐 {count} 项可到 {best}", f"; {best} once {mended}")


def _numbers(decision: Decision, paid: Repayment | None) -> dict[str, Any]:
    """The three big numbers."""
    cover = decision.cover
    scale = max(2.0, cover) if isfinite(cover) else 2.0
    burden = paid.burden if paid is not None else float("nan")
    return {
        "cover": f"{cover:.2f}" if isfinite(cover) else NOTHING,
        "cover_share": min(cover / scale, 1.0) if isfinite(cover) else 0.0,
        "target_share": 1.0 / scale,
        "burden": f"{burden:.0%}" if isfinite(burden) else NOTHING,
        "burden_share": min(burden / 2.0, 1.0) if isfinite(burden) else 0.0,
        "burden_note": _burden_note(paid),
    }


def _burden_note(paid: Repayment | None) -> Text:
    """How the yearly repayment was reckoned, or why it was not."""
    if paid is None:
        return Text("没有贷款资料", "no loan is stated")
    if not isfinite(paid.yearly_yuan):
        return Text("没有填年利率", "no interest rate is stated")
    yearly = yuan_exact(paid.yearly_yuan)
    how = (
        Text(f"等额本息，每年 {yearly} 元", f"level payments, {yearly} yuan a year")
        if paid.level
        else Text(f"到期一次还本付息 {yearly} 元", f"all at maturity, {yearly} yuan")
    )
    if not isfinite(paid.income_yuan):
        return Text(f"{how.zh}；没有填年净收入", f"{how.en}; no net income is stated")
    income = yuan_exact(paid.income_yuan)
    return Text(f"{how.zh}；年净收入 {income} 元", f"{how.en}; net income {income} yuan")


def _rights(decision: Decision) -> list[dict[str, Any]]:
    """Rows of the rights strip."""
    finite = [right.p95_yuan for right in decision.rights if isfinite(right.p95_yuan)]
    finite += [right.value_yuan for right in decision.rights if isfinite(right.value_yuan)]
    most = max([*finite, 1.0])
    spans = [year for right in decision.rights for year in (right.remaining_years, right.loan_years)
             if isfinite(year)]  # fmt: skip
    longest = min(max([*spans, 1.0]), LONGEST_BAR)
    return [_row(decision, right, most, longest) for right in decision.rights]


def _row(decision: Decision, right: RightAnswer, most: float, longest: float) -> dict[str, Any]:
    """One right of the strip."""
    years, loan = right.remaining_years, right.loan_years
    left = Text("期限不明", "term not known")
    if isfinite(years):
        left = Text(f"剩 {years:.1f} 年", f"{years:.1f} years left")
    elif years > 0.0:
        left = Text("无期限", "no end")
    lent = Text(f" · 贷 {loan:.1f} 年", f" · loan {loan:.1f}") if isfinite(loan) else Text("", "")
    priced = all(map(isfinite, (right.value_yuan, right.p05_yuan, right.p95_yuan)))
    known_years = 0.0 if isnan(years) else min(max(years, 0.0), longest)
    return {
        "tail": tail(decision, right), "right": right, "outcome": OUTCOME_WORDS[right.outcome],
        "place": place_of(decision, right.right_id),
        "years": Text(left.zh + lent.zh, left.en + lent.en), "years_share": known_years / longest,
        "loan_share": min(loan / longest, 1.0) if isfinite(loan) else 0.0,
        "too_long": isfinite(loan) and loan > years, "priced": priced,
        "low": right.p05_yuan / most if priced else 0.0,
        "middle": right.value_yuan / most if priced else 0.0,
        "high": right.p95_yuan / most if priced else 0.0, "looked": looked(decision, right),
    }  # fmt: skip


def _steps(decision: Decision) -> dict[str, Any]:
    """Table beside the waterfall: all amounts to the fen."""
    waterfalls = [right.steps for right in decision.rights]
    total = added(waterfalls)
    beside = len(waterfalls) if 1 < len(waterfalls) <= RIGHTS_BESIDE else 0
    rows = []
    for step in moving(total):
        k = [one.name for one in total].index(step.name)
        rows.append({
            "title": step.title, "change": step.change_yuan, "left": step.left_yuan,
            "first": k == 0, "each": [one[k].change_yuan for one in waterfalls[:beside]],
        })  # fmt: skip
    half = len(rows) if beside else (len(rows) + 2) // 2
    return {
        "halves": [rows[:half], rows[half:]] if rows[half:] else [rows],
        "beside": range(1, beside + 1), "lent": LENT, "total": total[-1].left_yuan,
        "each": [one[-1].left_yuan for one in waterfalls[:beside]],
    }  # fmt: skip


def _line(decision: Decision, one: ToDo) -> dict[str, Any]:
    """One line of the list of what to do."""
    return {
        "to_do": one, "place": place_of(decision, one.right_id),
        "word": OUTCOME_WORDS[one.severity], "gain": _gain(one.gain_yuan),
        "needed": yuan_exact(one.needed_yuan) if one.needed_yuan else NOTHING,
    }  # fmt: skip


def _gain(yuan: float) -> str:
    """Money that comes with a thing done."""
    return NOTHING if yuan == 0.0 else f"{'+' if yuan > 0.0 else ''}{yuan_exact(yuan)}"


def _mended(decision: Decision) -> Text:
    """What all that can be mended is worth together."""
    now, best = decision.limit_yuan, decision.limit_when_mended_yuan
    more = _gain(round(best - now, 2))
    return Text(
        f"全部补齐：{yuan_exact(now)} → {yuan_exact(best)} 元（{more}）",
        f"all done: {yuan_exact(now)} → {yuan_exact(best)} yuan ({more})",
    )


def _reason(decision: Decision, reason: Reason) -> dict[str, Any]:
    """One reason for both readers."""
    return {
        "text": reason.text, "place": _places(decision, reason.rights), "state": reason.state,
        "severity": reason.severity, "word": OUTCOME_WORDS[reason.severity],
        "findings": [_professional(finding) for finding in reason.findings],
    }  # fmt: skip


def _professional(finding: Finding) -> dict[str, Any]:
    """One rule for the officer."""
    return {
        "code": finding.code, "title": finding.title, "fact": finding.fact_title,
        "found": finding.found, "wanted": finding.wanted, "cite": cited(finding.cite),
        "day": finding.first_day.isoformat(), "state": finding.state, "note": finding.note,
        "seen": seen_as(finding.seen), "origin": finding.origin,
    }  # fmt: skip


def _watched(decision: Decision) -> list[dict[str, Any]]:
    """Rules that only ask for attention."""
    seen = {
        finding.code: finding
        for right in decision.rights
        for finding in right.findings
        if not severe(finding) and finding.state == "failed"
    }
    return [_professional(finding) for finding in seen.values()]


def _payments(paid: Repayment | None) -> dict[str, Any]:
    """The repayment calendar."""
    if paid is None:
        return {"rows": [], "left_out": 0, "told": None, "same": True}
    listed = paid.instalments
    cut = len(listed) > FIRST_PAYMENTS + 1
    return {
        "rows": [*listed[:FIRST_PAYMENTS], listed[-1]] if cut else list(listed),
        "left_out": len(listed) - FIRST_PAYMENTS - 1 if cut else 0,
        "told": paid.told,
        "same": paid.way in ("", "interest_only"),
    }


def _stresses(decision: Decision, paid: Repayment | None) -> list[dict[str, Any]]:
    """Cover and income when prices or yields fall."""
    owed = decision.asked_yuan
    yearly = paid.yearly_yuan if paid is not None else float("nan")
    income = paid.income_yuan if paid is not None else float("nan")

    def over(amount: float, by: float) -> str:
        return f"{amount / by:.2f}" if isfinite(amount) and by > 0.0 else NOTHING

    return [
        {
            "title": title, "limit": decision.limit_yuan * left,
            "cover": over(decision.limit_yuan * left, owed),
            "low": isfinite(owed) and decision.limit_yuan * left < owed,
            "income": over(income * left, yearly),
            "thin": isfinite(yearly) and income * left < yearly,
        }
        for title, left in STRESSES
    ]  # fmt: skip


def _unknown(decision: Decision) -> list[dict[str, Any]]:
    """Facts that are not known, with the rights of which they are."""
    facts, found = declared_facts(), dict[str, list[str]]()
    for right in decision.rights:
        for finding in filter(severe, right.findings):
            for name in finding.missing:
                found.setdefault(name, []).append(right.right_id)
    return [
        {"title": facts[name].title, "place": _places(decision, tuple(dict.fromkeys(rights)))}
        for name, rights in found.items()
    ]


def _markets(decision: Decision) -> Iterator[dict[str, Any]]:
    """Where the market evidence of each right stands, and what to know of its value."""
    for right in decision.rights:
        yield {
            "place": place_of(decision, right.right_id),
            "level": PLACES[LEVELS[right.market_level]], "count": right.market_observations,
            "flags": [words for flag, words in FLAG_WORDS.items() if right.flags & flag],
        }  # fmt: skip
