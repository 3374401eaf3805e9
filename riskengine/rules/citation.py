"""Citations of rules in Chinese: names of instruments, articles and notes.

The rules hold every citation once, in English; what it reads like in Chinese stands in
``citations.toml`` beside them.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from riskengine.words import Text

FILE = Path(__file__).parent / "citations.toml"
ARTICLES = re.compile(r",? arts?\.? (?P<all>.+)")
ARTICLE = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d+))?(?:\((?P<part>\d+)\))?")
CHAPTER = re.compile(r", (?P<what>ch\.|paragraph|annex)(?: (?P<number>\d+))?")
EDITION = re.compile(r" \((?P<year>\d{4})(?P<how> amendment)?\)")
NUMBERED = re.compile(
    r"(?P<series>[A-Z][a-z]+(?: [A-Z][a-z]+)?) [\[(](?P<year>\d{4})[\])] (?P<n>\d+)"
)
STANDARD = re.compile(r"(?P<name>(?:GB|LY|NY)/T [\d.-]+\d)(?:, (?P<clauses>[\d., and-]+))?")
NOTES = re.compile(
    r"(?:(?P<of>regulation|valuation|practice|numbers|credit) )?"
    r"notes (?:sections? |part )?(?P<where>.+)"
)
MARK = re.compile(r"[A-Z]{1,5}\d*(?:-[A-Z0-9]+)*|\d+(?:\.\d+)*[a-z]?")
BETWEEN = re.compile(r", | and (?:section )?")
"""Marks of the notes: rows, sections, published cases."""
SEEN = {
    "text": Text("已读原文", "text read"), "official page": Text("官方网页", "official page"),
    "official": Text("官方网页", "official page"),
    "secondary": Text("二手资料", "secondary source"), "memory": Text("未核原文", "not checked"),
}  # fmt: skip
"""How the source of a rule was seen."""
CHAPTERS = {"ch.": "第{}章", "paragraph": "第{}段", "annex": "附件{}"}


@lru_cache(maxsize=4096)
def cited(cite: str) -> Text:
    """Return a citation as both readers have it.

    Parameters
    ----------
    cite : str
        Article, standard or page, as a rule holds it; parts divided by ``; ``.

    Returns
    -------
    Text
        In English as it stands; in Chinese by ``citations.toml``.  A part that is not known
        there, as an institution may write it, stands in both as it is.

    Examples
    --------
    >>> cited("Rural Land Contract Law (2018 amendment), art. 47(1)").zh
    '《农村土地承包法》（2018年修正）第47条第1款'
    >>> cited("engine policy; credit policy of our bank, 3.2").zh
    '本引擎政策；credit policy of our bank, 3.2'
    """
    whole = _whole(cite)
    if whole is not None:
        return Text(whole, cite)
    parts = _split(cite, "; ")
    return Text("；".join(_whole(one) or one for one in parts), cite)


def seen_as(seen: str) -> Text:
    """Return how the source of a rule was seen.

    Parameters
    ----------
    seen : str
        As the rule holds it.

    Returns
    -------
    Text
        In words; what is not in `SEEN` as it is.

    Examples
    --------
    >>> seen_as("memory").zh
    '未核原文'
    """
    return SEEN.get(seen, Text(seen, seen))


@cache
def _book() -> Mapping[str, Any]:
    """Names and words; the longest name of an instrument first."""
    book = tomllib.loads(FILE.read_text(encoding="utf-8"))
    names = sorted(book["instruments"].items(), key=lambda one: -len(one[0]))
    return {**book, "instruments": dict(names)}


def _whole(part: str) -> str | None:
    """One part in Chinese; None where any of it is not known."""
    known: str | None = _book()["words"].get(part)
    if known is not None:
        return known
    return (
        _standard(part) or _numbered(part) or _instrument(part) or _noted(part)
        or _begun(part) or _divided(part, ": ", "：") or _divided(part, ", ", "，")
    )  # fmt: skip


def _instrument(part: str) -> str | None:
    """A law with its edition and articles."""
    for name, zh in _book()["instruments"].items():
        if part.startswith(name):
            rest, dated, edition = part.removeprefix(name), "", EDITION.match(part, len(name))
            if edition is not None:
                dated = f"（{edition['year']}年{'修正' if edition['how'] else ''}）"
                rest = part[edition.end() :]
            where = _where(rest, _book()["items"].get(name, []))
            return None if where is None else f"{zh}{dated}{where}"
    return None


def _where(rest: str, items: list[int]) -> str | None:
    """Articles or chapters behind the name of an instrument."""
    if not rest:
        return ""
    if found := CHAPTER.fullmatch(rest):
        return CHAPTERS[found["what"]].format(found["number"] or "")
    found = ARTICLES.fullmatch(rest)
    if found is None:
        return None
    each = [ARTICLE.fullmatch(one) for one in BETWEEN.split(found["all"])]
    if not all(each):
        return None
    return "、".join(_article(one, items) for one in each if one is not None)


def _article(one: re.Match[str], items: list[int]) -> str:
    """One article; its numbered part is a paragraph, or an item where the data say so."""
    span = f"{one['first']}至{one['last']}" if one["last"] else one["first"]
    part = "项" if int(one["first"]) in items else "款"
    return f"第{span}条" + (f"第{one['part']}{part}" if one["part"] else "")


def _numbered(part: str) -> str | None:
    """A document by its series, year and number."""
    found = NUMBERED.match(part)
    series = found and _book()["series"].get(found["series"])
    if found is None or series is None:
        return None
    where = _where(part[found.end() :], [])
    return None if where is None else f"{series}〔{found['year']}〕{found['n']}号{where}"


def _standard(part: str) -> str | None:
    """A standard with its clauses."""
    found = STANDARD.fullmatch(part)
    if found is None:
        return None
    clauses = BETWEEN.split(found["clauses"]) if found["clauses"] else []
    return found["name"] + "、".join(f"第{one.replace('-', '至')}条" for one in clauses)


def _noted(part: str) -> str | None:
    """A reference to the notes, alone or in brackets behind something else."""
    if found := NOTES.fullmatch(part):
        marks = BETWEEN.split(found["where"])
        if all(map(MARK.fullmatch, marks)):
            return f"{_book()['notes'][found['of'] or '']}{'、'.join(marks)}"
    if not part.endswith(")"):
        return None
    body, _, inner = part[:-1].rpartition(" (")
    marks = inner.split(", ")
    said = "、".join(marks) if all(map(MARK.fullmatch, marks)) else _parts(inner)
    head = _whole(body) if body else None
    return None if head is None or said is None else f"{head}（{said}）"


def _begun(part: str) -> str | None:
    """A part that begins with known words and goes on with an instrument."""
    for begins, zh in _book()["begins"].items():
        if part.startswith(begins):
            rest = _whole(part.removeprefix(begins))
            if rest is not None:
                return str(zh.format(rest))
    return None


def _divided(part: str, by: str, zh: str) -> str | None:
    """Two parts with a mark between them, each of which is known."""
    places = [k for k in range(len(part)) if part.startswith(by, k)]
    for k in places:
        head, tail = part[:k], part[k + len(by) :]
        if head.count("(") == head.count(")"):
            one, other = _whole(head), _whole(tail)
            if one is not None and other is not None:
                return f"{one}{zh}{other}"
    return None


def _parts(text: str) -> str | None:
    """Parts divided by semicolons, all of which are known."""
    each = [_whole(one) for one in _split(text, "; ")]
    known = [one for one in each if one is not None]
    return "；".join(known) if len(known) == len(each) else None


def _split(text: str, by: str) -> list[str]:
    """Parts of a text, not divided inside brackets."""
    parts = [""]
    for one in text.split(by):
        open_ = parts[-1].count("(") > parts[-1].count(")")
        parts = [*parts[:-1], parts[-1] + by + one] if open_ else [*parts, one]
    return parts[1:]
