"""What a whole application adds to the pages of its case: the decision and the score.

The lending value of the case is what its rights are enough for and no more; what may be lent,
and for how long, the decision on the application says.
"""

from dataclasses import dataclass
from math import floor, isfinite

from riskengine.casefile.decide import Decision
from riskengine.casefile.shown import wan
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Applied:
    """The answer to an application, as the pages of its case show it.

    Parameters
    ----------
    chip : {"pass", "refer", "block"}
        Colour of the decision.
    word : Text
        The decision in words.
    news : Text
        What the letter says in large letters.
    figures : tuple of (Text, Text)
        Figures of the score for the officer: what each is, and its amount.
    reasons : tuple of (str, Text)
        Reasons beyond those of the rights: code and words, those that decide first.
    told : tuple of Text
        The same for the farmer, one sentence each.
    model : Text
        Which model spoke, or that none did.
    review : Text
        What the person may ask for, and where.
    first : Text
        The reason that decides first; empty where there is none.
    limit_yuan : float
        Most that may be lent by the decision [yuan]; 0 where it is declined.
    longest_months : int or None
        Longest term by the decision [month]; None where there is none.
    """

    chip: str
    word: Text
    news: Text
    figures: tuple[tuple[Text, Text], ...]
    reasons: tuple[tuple[str, Text], ...]
    told: tuple[Text, ...]
    model: Text
    review: Text
    first: Text
    limit_yuan: float
    longest_months: int | None


def under_the_news(decision: Decision, applied: Applied) -> list[Text]:
    """Return the lines of the letter under what it says in large letters.

    Parameters
    ----------
    decision : Decision
        The answer to the case.
    applied : Applied
        The answer to the application.

    Returns
    -------
    list of Text
        What the decision is, and what the security is enough for; no sum where it is declined.
    """
    if applied.chip == "block":
        return [Text(
            "原因写在下面；办好以后可以再来申请。",
            "The reasons are below; once they are mended you may apply again.",
        )]  # fmt: skip
    lines = []
    short = decision.asked_yuan - applied.limit_yuan
    if applied.chip == "refer":
        lines.append(Text("现在还没有定。", "Nothing is decided yet."))
    elif isfinite(short) and short >= 1.0:
        less = f"{floor(short):,}"
        lines.append(Text(f"比您申请的少 {less} 元。", f"That is {less} yuan less than you asked."))
    if decision.limit_yuan >= 1.0:
        lines.append(enough_for(decision))
    return lines


def enough_for(decision: Decision) -> Text:
    """Return what the lending value of a case says to its borrower.

    Parameters
    ----------
    decision : Decision
        The answer to the case.

    Returns
    -------
    Text
        For what the security is enough, and that this is not what may be lent.
    """
    worth = f"{floor(decision.limit_yuan):,}"
    return Text(
        f"按现在的资料，抵押本身最多够担保 {worth} 元；这不是可以贷的数目。",
        f"By these papers the security is enough for up to {worth} yuan; that is not what may "
        "be lent.",
    )


def summary_of(decision: Decision, applied: Applied) -> Text:
    """Return the application in one sentence, for the officer.

    Parameters
    ----------
    decision : Decision
        The answer to the case.
    applied : Applied
        The answer to the application.

    Returns
    -------
    Text
        The decision with its limit or the reason for it, and the lending value as that.
    """
    limit, worth, first = wan(applied.limit_yuan), wan(decision.limit_yuan), applied.first
    value = Text(f"押品可贷价值 {worth}", f"lending value of the security {worth}")
    if applied.chip == "pass":
        return Text(f"{applied.word.zh}，额度 {limit}；{value.zh}。",
                    f"{applied.word.en}, limit {limit}; {value.en}.")  # fmt: skip
    why = Text(f"：{first.zh}" if first.zh else "", f": {first.en}" if first.en else "")
    if applied.chip == "block":
        return Text(f"{applied.word.zh}{why.zh}。", f"{applied.word.en}{why.en}.")
    return Text(f"{applied.word.zh}{why.zh}；暂按额度 {limit} 计，{value.zh}。",
                f"{applied.word.en}{why.en}; limit {limit} for now, {value.en}.")  # fmt: skip
