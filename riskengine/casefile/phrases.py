"""Sentences as they are kept, and how their places are filled."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from riskengine.errors import PortfolioError
from riskengine.words import Text

BRING = "bring"
"""Table of papers in the file of sentences."""
LETTERS = "abcdefghijklmnop"
"""Letters that end the mark of one of several rules of an article."""
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
    serves_conditions : bool
        Whether that is also said where the fact is known and a condition is not.
    """

    says: tuple[Text, ...]
    unknown: tuple[Text, ...]
    serves_conditions: bool = False


@cache
def sentences() -> Mapping[str, Sentence]:
    """Return every sentence by the mark of its rule.

    Returns
    -------
    mapping of str to Sentence
        As ``sentences.toml`` lists them, each under all its marks.
    """
    read: dict[str, Sentence] = {}
    for mark, table in _file().items():
        if mark == BRING:
            continue
        says = tuple(Text(one["zh"], one["en"]) for one in (table, *table.get("less", ())))
        other = table.get("unknown")
        unknown = says if table.get("same") else (Text(other["zh"], other["en"]),) if other else ()
        for name in (mark, *table.get("also", ())):
            read[name] = Sentence(says, unknown, bool(table.get("open")))
    return read


@cache
def papers() -> Mapping[str, Text]:
    """Return what a farmer is asked to bring.

    Returns
    -------
    mapping of str to Text
        By the fact that it shows.
    """
    return {name: Text(one["zh"], one["en"]) for name, one in _file()[BRING].items()}


@cache
def _file() -> Mapping[str, Any]:
    """The file of sentences."""
    path = Path(__file__).with_name("sentences.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


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
    return sentences().get(code) or sentences().get(code.rstrip(LETTERS))


def place_in_order(code: str) -> int:
    """Return where a rule stands among the sentences.

    Parameters
    ----------
    code : str
        Its mark.

    Returns
    -------
    int
        Position in ``sentences.toml``, which goes from what a farmer must settle first; past
        the last where there is no sentence.
    """
    order = list(sentences())
    mark = code if code in order else code.rstrip(LETTERS)
    return order.index(mark) if mark in order else len(order)


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
    en = PLACE.sub(lambda place: values.get(place[1], none).en, best.en)
    return Text(
        PLACE.sub(lambda place: values.get(place[1], none).zh, best.zh), en[:1].upper() + en[1:]
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
