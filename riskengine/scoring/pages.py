"""A score on paper: the officer's sheet with the figures, the farmer's letter with the decision.

Transparency of automated decisions: Personal Information Protection Law (个人信息保护法), art. 24.
"""

from dataclasses import dataclass
from datetime import date
from math import floor, isnan

from riskengine.casefile.applied import Applied
from riskengine.casefile.letter import farmer_letter
from riskengine.casefile.sentences import applied_sentence
from riskengine.casefile.sheet import officer_sheet
from riskengine.casefile.shown import wan, yuan_exact
from riskengine.rules.citation import cited
from riskengine.scoring.reasons import OF_DATA, Reason
from riskengine.scoring.record import OUTCOME_WORDS, REVIEW
from riskengine.scoring.score import Score
from riskengine.words import Language, Text

CHIPS = {"accept": "pass", "refer": "refer", "decline": "block"}
ORIGINS = {
    "institution": Text("本机构数据", "the institution's own data"),
    "expert": Text("专家评定", "the judgement of experts"),
    "foreign": Text("境外数据", "foreign data"), "synthetic": Text("合成数据", "synthetic data"),
}  # fmt: skip
MOST = 6
"""Most reasons beside those of the rights that the letter tells."""
UNKNOWN = Text("未知", "not known")
NOTHING = Text("", "")
LAW = Text(
    "（《个人信息保护法》第二十四条）", " (Personal Information Protection Law, art. 24.)"
)  # fmt: skip
"""What gives the right to a person's review."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a person decided about an application, beside what was scored.

    Parameters
    ----------
    outcome : {"accept", "refer", "decline"}
        The decision.
    limit_yuan : float
        Most that may be lent by it [yuan]; 0 where it is declined.
    expires_on : datetime.date or None
        Last day on which it holds; None where it does not lapse.
    """

    outcome: str
    limit_yuan: float
    expires_on: date | None


def officer_page(
    score: Score, language: Language, review_at: str = "", reviewed: Reviewed | None = None
) -> str:  # fmt: skip
    """Return the officer's sheet of an application.

    Parameters
    ----------
    score : Score
        The answer.
    language : {"zh", "en"}
        Language of the page.
    review_at : str
        Where a review by a person can be asked for: an office, a telephone number.
    reviewed : Reviewed or None
        What a person decided; None where nobody did.

    Returns
    -------
    str
        HTML, complete in itself; the same bytes when asked again.
    """
    return officer_sheet(score.decision, language, applied_of(score, review_at, reviewed))


def farmer_page(
    score: Score, language: Language, review_at: str = "", reviewed: Reviewed | None = None
) -> str:  # fmt: skip
    """Return the letter that the applicant is given.

    Parameters
    ----------
    score : Score
        The answer.
    language : {"zh", "en"}
        Language of the page.
    review_at : str
        Where a review by a person can be asked for.
    reviewed : Reviewed or None
        What a person decided; None where nobody did.

    Returns
    -------
    str
        HTML, complete in itself; the same bytes when asked again.
    """
    return farmer_letter(score.decision, language, applied_of(score, review_at, reviewed))


def applied_of(
    score: Score, review_at: str = "", reviewed: Reviewed | None = None
) -> Applied:  # fmt: skip
    """Return what the application as a whole adds to the pages of its case.

    Parameters
    ----------
    score : Score
        The answer.
    review_at : str
        Where a review by a person can be asked for.
    reviewed : Reviewed or None
        What a person decided: it stands before what was scored.

    Returns
    -------
    Applied
        Decision, figures, reasons, model, review.
    """
    own = [one for one in score.reasons if not one.right_id]
    grave = [one for one in own if one.severity in ("block", "refer")]
    told = tuple(dict.fromkeys(_told(one) for one in grave))
    rest = len(told) - MOST
    more = Text(f"还有 {rest} 项要核实。", f"{rest} more are to be looked into.")
    where = (
        Text(f"请联系：{review_at}。", f" Ask here: {review_at}.") if review_at else Text("", "")
    )
    held = reviewed or Reviewed(score.outcome, _limit(score), None)
    return Applied(
        CHIPS[held.outcome], _word(held, by_person=reviewed is not None), _news(held),
        _figures(score),
        tuple((one.code, _said(one)) for one in own),
        (*told[:MOST], *((more,) if rest > 0 else ())), _model(score),
        Text(REVIEW.zh + LAW.zh + where.zh, REVIEW.en + LAW.en + where.en),
        score.reasons[0].title if score.reasons else NOTHING, held.limit_yuan,
        score.longest_months,
    )  # fmt: skip


def _limit(score: Score) -> float:
    """Most that may be lent by the decision [yuan]: nothing where it is declined."""
    return 0.0 if score.outcome == "decline" else score.limit_yuan


def _word(held: Reviewed, by_person: bool) -> Text:
    """The decision in words, and that a person made it."""
    word = OUTCOME_WORDS[held.outcome]
    if not by_person:
        return word
    last = held.expires_on
    until = Text(f"，至 {last}", f", until {last}") if last is not None else NOTHING
    return Text(f"人工复核：{word.zh}{until.zh}", f"by a person: {word.en}{until.en}")


def _news(held: Reviewed) -> Text:
    """What stands in large letters."""
    sum_ = f"{floor(held.limit_yuan):,}"
    if held.outcome == "accept":
        return Text(f"可以贷 {sum_} 元", f"{sum_} yuan may be lent")
    if held.outcome == "decline":
        return Text("这次的申请现在还不能办", "This application cannot be granted now")
    if held.limit_yuan >= 1.0:
        return Text(
            f"要请专人看过才能定；初步算，最多 {sum_} 元",
            f"A person must look first; by a first count up to {sum_} yuan",
        )
    return Text("要请专人看过，才能答复您", "A person must look before we can answer")


def _said(reason: Reason) -> Text:
    """One reason for the officer."""
    open_ = Text("（待查）", " (open)") if reason.state == "unknown" else Text("", "")
    cure = reason.cure or Text("", "")
    found = (
        Text(f"：{reason.found.zh}", f": {reason.found.en}") if reason.found.zh else reason.found
    )
    then = Text(f"；{cure.zh}", f"; {cure.en}") if cure.zh else cure
    said = cited(reason.cite)
    cite = Text(f"［{said.zh}］", f" [{said.en}]") if reason.cite else Text("", "")
    return Text(
        f"{reason.title.zh}{found.zh}{open_.zh}{then.zh}{cite.zh}",
        f"{reason.title.en}{found.en}{open_.en}{then.en}{cite.en}",
    )


def _told(reason: Reason) -> Text:
    """One reason for the applicant: the fact, then what to do."""
    if reason.finding is not None and not reason.code.startswith(OF_DATA):
        return applied_sentence(reason.finding)
    if reason.state == "unknown":
        return Text(
            f"还要核实：{reason.title.zh}。", f"Still to be looked into: {reason.title.en}."
        )
    cure = reason.cure or Text("请来问工作人员", "ask the office")
    if reason.code.startswith(OF_DATA):  # its own names columns
        cure = Text("请带上原件来核对", "bring the originals so that we can check")
    return Text(f"{reason.title.zh}；{cure.zh}。", f"{reason.title.en}; {cure.en}.")


def _figures(score: Score) -> tuple[tuple[Text, Text], ...]:
    """Figures of the score."""
    loss, price, default = score.loss, score.price, score.default
    pd = UNKNOWN if default is None else _share(default.pd)
    if score.indicative:
        pd = Text(f"{pd.zh}（仅供参考）", f"{pd.en} (a hint only)")
    lines = [
        (Text("决定", "decision"), OUTCOME_WORDS[score.outcome]),
        (Text("额度", "limit"), _yuan(_limit(score))),
        (Text("未来12个月违约概率", "PD within 12 months"), pd),
        (Text("等级", "grade"), Text(score.grade, score.grade) if score.grade else UNKNOWN),
    ]
    if loss is not None:
        lines += [
            (Text("违约损失率", "LGD"), _share(loss.lgd_life)),
            (Text("违约风险暴露", "EAD"), _yuan(loss.ead_life_yuan)),
            (Text("预期损失：12个月", "EL of 12 months"), _yuan(loss.el_12_months_yuan)),
            (Text("预期损失：全期", "EL of its life"), _yuan(loss.el_life_yuan)),
        ]
    if price is not None:
        fee = price.of == "guarantee_fee"
        lines += [
            (Text("保本费率", "break-even fee") if fee else Text("风险成本", "cost of risk"),
             _share(price.break_even)),
            (Text("建议费率", "fee advised") if fee else Text("建议加点", "premium advised"),
             _share(price.advised)),
        ]  # fmt: skip
        lines += [(Text("费率上限", "ceiling"), _share(price.ceiling))] * (not isnan(price.ceiling))
        lines += [(Text("拟收费率", "fee charged"), _share(price.charged))] * (
            not isnan(price.charged)
        )
    return tuple(lines)


def _model(score: Score) -> Text:
    """Which model spoke."""
    if score.default is None:
        return Text("没有使用违约模型。", "No model of default was used.")
    model = score.default.model
    origin = ORIGINS.get(model.origin, Text(model.origin, model.origin))
    bar = model.not_for or Text("", "")
    return Text(
        f"违约模型 {model.name} {model.version}，依据{origin.zh}"
        + (f"；{bar.zh}。" if bar.zh else "。"),
        f"Model of default {model.name} {model.version}, made of {origin.en}"
        + (f"; {bar.en}." if bar.en else "."),
    )  # fmt: skip


def _share(share: float) -> Text:
    """A share in per cent."""
    return Text(f"{share:.2%}", f"{share:.2%}")


def _yuan(yuan: float) -> Text:
    """A sum, with 万元 from ten thousand yuan on."""
    if yuan >= 10_000.0:
        return Text(wan(yuan), wan(yuan))
    return Text(f"{yuan_exact(yuan)} 元", f"{yuan_exact(yuan)} yuan")
