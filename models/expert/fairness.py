"""Facts that a scorecard may not score: refused by name, by heading and by answer.

Sex, nationality or ethnicity and religion never; age only in a veto on age plus term;
education and marital status only where the caller permits them by name.
Source: Personal Information Protection Law, art. 24 (rule PRV-AUTO-01): automated
decisions are fair; the list is the engine's own choice under it (practice notes 2.3).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Protected:
    """One kind of fact that is refused.

    Parameters
    ----------
    name : str
        As `permit` names it.
    title : Text
        As people read it.
    tokens : frozenset of str
        English words of field names that give it away.
    words : tuple of str
        Chinese words of headings.
    answers : frozenset of str
        Answers that give it away.
    permit : bool
        Whether a caller may permit it.
    """

    name: str
    title: Text
    tokens: frozenset[str]
    words: tuple[str, ...]
    answers: frozenset[str] = frozenset()
    permit: bool = False


THINGS = frozenset({
    "house", "building", "dwelling", "tree", "trees", "stand", "orchard", "machine", "machinery",
    "vehicle", "animal", "livestock", "herd", "pond", "greenhouse", "account", "loan", "farm",
    "class", "plant",
})  # fmt: skip
"""What may have an age of its own: a field that names one does not ask the person's."""

PROTECTED = (
    Protected(
        "sex", Text("性别", "sex"), frozenset({"sex", "gender", "male", "female"}),
        ("性别", "男女"), frozenset({"male", "female", "man", "woman", "男", "女"}),
    ),
    Protected(
        "nationality", Text("民族或国籍", "nationality or ethnicity"),
        frozenset({"nationality", "ethnic", "ethnicity", "race", "minority", "citizenship"}),
        ("民族", "国籍", "族别"), frozenset({"汉", "汉族", "han", "少数民族"}),
    ),
    Protected(
        "religion", Text("宗教信仰", "religion"),
        frozenset({"religion", "religious", "creed"}), ("宗教", "信仰", "信教"),
    ),
    Protected(
        "age", Text("年龄", "age of a person"), frozenset({"age", "birth", "born", "birthday"}),
        ("年龄", "出生", "周岁"),
    ),
    Protected(
        "education", Text("学历", "education"),
        frozenset({"education", "schooling", "diploma", "literacy", "educated"}),
        ("学历", "文化程度", "教育程度", "受教育", "文化水平"), permit=True,
    ),
    Protected(
        "marital", Text("婚姻状况", "marital status"),
        frozenset({"marital", "married", "marriage", "divorced", "unmarried"}),
        ("婚姻", "婚否", "已婚", "未婚", "离异"),
        frozenset({"married", "divorced", "unmarried", "已婚", "未婚", "离异", "丧偶"}),
        permit=True,
    ),
)  # fmt: skip


def protected_in(
    field: str, words: Iterable[str] = (), answers: Iterable[str] = ()
) -> Iterator[Protected]:
    """Find what a question would ask that may not be scored.

    Parameters
    ----------
    field : str
        Column name.
    words : iterable of str
        Name and headings.
    answers : iterable of str
        Codes and titles of listed answers.

    Returns
    -------
    iterator of Protected
        Each kind of fact once.

    Examples
    --------
    >>> [found.name for found in protected_in("borrower_age_years")]
    ['age']
    >>> list(protected_in("house_age_years"))
    []
    """
    text = " ".join((field, *words)).lower()
    tokens = set(re.split(r"[^a-z]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", field).lower()))
    tokens |= set(re.split(r"[^a-z]+", text))
    given = {answer.strip().lower() for answer in answers}
    for kind in PROTECTED:
        named = bool(kind.tokens & tokens)
        if kind.name == "age" and tokens & THINGS:
            named = False
        if named or any(word in text for word in kind.words) or kind.answers & given:
            yield kind


def refusal(kind: Protected) -> tuple[Text, Text]:
    """Say why a fact is refused and what to do.

    Parameters
    ----------
    kind : Protected
        The fact.

    Returns
    -------
    tuple of Text
        What is wrong, and its cure.
    """
    wrong = Text(
        f"不得以{kind.title.zh}评分（PRV-AUTO-01，个人信息保护法第24条）",
        f"{kind.title.en} may not be scored (PRV-AUTO-01; PIPL art. 24)",
    )
    if kind.permit:
        return wrong, Text(
            f"默认关闭；机构确有依据的，读入时以 permit={kind.name} 明示，否则删去",
            f"off by default; delete it, or permit {kind.name!r} by name when loading",
        )
    if kind.name == "age":
        return wrong, Text(
            "年龄只可用于“年龄加期限”的上限，请改为否决项",
            "age serves only in a cap on age plus term; make it a veto",
        )
    return wrong, Text("请删去该指标", "delete the item")
