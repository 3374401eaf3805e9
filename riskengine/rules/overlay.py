"""Bodies of rules laid over one another: nation, province or county, institution.

A place may set another amount where the law lets it.  An institution may only tighten:
a higher floor, a lower cap, a severer outcome, a shorter list.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from riskengine.errors import RuleError
from riskengine.rules.loader import SEVERITIES, load, statute
from riskengine.rules.rule import Rule, RuleBook
from riskengine.words import Text

PLACES = Path(__file__).parent / "places"
PLACE_LENGTHS = (2, 4, 6)
"""Digits of a region code that name a province, a city, a county."""


def statute_of(region: str) -> RuleBook:
    """Return the rules of a place: the nation's, with its province's, city's and county's.

    Parameters
    ----------
    region : str
        Region code of any length; empty for the nation.

    Returns
    -------
    RuleBook
        The rules, the same object for the same law; their digest covers every body that
        lies over the nation's.
    """
    return _laid(_places_of(region, known_places()))


@cache
def _laid(places: tuple[str, ...]) -> RuleBook:
    """The nation's rules with those of some places over them, the widest first."""
    return _with_places(statute(), PLACES, places)


def _with_places(book: RuleBook, folder: Path, places: tuple[str, ...]) -> RuleBook:
    """Rules of a nation with those of some places, each in its folder, over them."""
    for place in places:
        book = lay_over(book, load(folder / place, place, book))
    return book


def statute_in(folder: Path) -> Callable[[str], RuleBook]:
    """Return how to find the rules of a place in files that were kept, as they were then.

    Parameters
    ----------
    folder : pathlib.Path
        Holds ``cn`` with the nation's rule files and ``places`` with a folder each; read
        at once, and needed no more.

    Returns
    -------
    callable
        As `statute_of`: from region code to rules, the same object for the same law.

    Raises
    ------
    RuleError
        Naming file, line, rule and fault.
    """
    nation = load(folder / "cn")
    around = folder / "places"
    known = {one.name for one in around.iterdir() if one.is_dir()} if around.is_dir() else set()
    found: dict[tuple[str, ...], RuleBook] = {(): nation}
    for place in sorted(known):
        key = _places_of(place, known)
        found[key] = _with_places(nation, around, key)

    def law(region: str) -> RuleBook:
        return found[_places_of(region, known)]

    return law


def _places_of(region: str, known: Collection[str]) -> tuple[str, ...]:
    """Places with rules of their own in which a region lies, the widest first."""
    return tuple(
        region[:length]
        for length in PLACE_LENGTHS
        if len(region) >= length and region[:length] in known
    )


@cache
def known_places() -> tuple[str, ...]:
    """Return the places that have rules of their own.

    Returns
    -------
    tuple of str
        Digits of their region codes, sorted.
    """
    return tuple(sorted(folder.name for folder in PLACES.iterdir() if folder.is_dir()))


def lay_over(book: RuleBook, overlay: RuleBook) -> RuleBook:
    """Lay one body of rules over another.

    Parameters
    ----------
    book : RuleBook
        The wider body.
    overlay : RuleBook
        The nearer one; its rules speak first on the days on which they have a value.

    Returns
    -------
    RuleBook
        Both.
    """
    merged = {**book.rules, **overlay.rules}
    digest = hashlib.sha256(f"{book.digest}\0{overlay.digest}".encode()).hexdigest()
    return RuleBook(merged, digest)


def tightened(book: RuleBook, folder: Path) -> RuleBook:
    """Lay an institution's rules over the law; they may only tighten it.

    Parameters
    ----------
    book : RuleBook
        The law that binds the institution.
    folder : pathlib.Path
        Its rule files.

    Returns
    -------
    RuleBook
        Both.

    Raises
    ------
    RuleError
        Naming file, line and rule of a fault, or the rule that would be loosened and
        the first day on which it would; if the folder holds no rules at all.
    """
    overlay = load(folder, folder.name, book)
    if not overlay.rules:
        raise RuleError(
            Text(f"机构规则文件夹 {folder} 里没有规则", f"the overlay {folder} holds no rules"),
            Text("请核对路径；规则写在 .toml 文件里", "check the path; rules stand in .toml files"),
        )
    for rule in overlay.rules.values():
        if rule.behind is not None:
            _refuse_loosening(rule, rule.behind)
    return lay_over(book, overlay)


def _refuse_loosening(rule: Rule, law: Rule) -> None:
    """Refuse a rule that is milder than the law on any day."""
    if SEVERITIES.index(rule.severity) < SEVERITIES.index(law.severity):
        raise _loosens(rule, f"severity {rule.severity} for {law.severity}")
    kept = ("unit", "compare", "decides")
    for key in kept:
        if getattr(rule, key) != getattr(law, key):
            raise _loosens(rule, f"{key} {getattr(rule, key)} for {getattr(law, key)}")
    if rule.judges != replace(law.judges, cure=rule.judges.cure):
        raise _loosens(rule, "another fact, right or condition than the law's")
    for day in _days_of_change(rule, law):
        own, speaking = rule.held(day), law.speaking(day)
        theirs = speaking.held(day) if speaking is not None else None
        if own is None or theirs is None or speaking is None:
            continue
        if SEVERITIES.index(rule.severity) < SEVERITIES.index(speaking.severity):
            raise _loosens(rule, f"severity {rule.severity} for {speaking.severity} on {day}")
        if not as_tight(rule.compare, own.amount, theirs.amount):
            raise _loosens(rule, f"{own.amount} for {theirs.amount} on {day}")


def _days_of_change(rule: Rule, law: Rule) -> list[date]:
    """First days of every value of either rule and of those behind, and days after their last."""
    values = [value for _, value in (*rule.history(), *law.history())]
    ends = [value.until + timedelta(1) for value in values if value.until is not None]
    return sorted([*(value.first_day for value in values), *ends])


def _loosens(rule: Rule, told: str) -> RuleError:
    return RuleError(
        Text(
            f"机构规则 {rule.origin} 放宽了 {rule.name}：{told}",
            f"the overlay {rule.origin} loosens {rule.name}: {told}",
        ),
        Text("机构规则只能从严，请改正", "an institution may only tighten: correct it"),
    )


def as_tight(compare: str, own: Any, law: Any) -> bool:
    """Whether an amount is at least as strict as the law's.

    Parameters
    ----------
    compare : str
        How a fact is held against the amount.
    own, law : object
        The two amounts; of a table every entry that both hold.

    Returns
    -------
    bool
        True when everything that passes the own amount passes the law's.

    Examples
    --------
    >>> as_tight("<=", 0.4, 0.5), as_tight(">=", 0.4, 0.5), as_tight("in", ["a"], ["a", "b"])
    (True, False, True)
    """
    if isinstance(own, Mapping) and isinstance(law, Mapping):
        same = own.keys() == law.keys()
        return same and all(as_tight(compare, own[key], law[key]) for key in law)
    match compare:
        case "<" | "<=":
            return bool(own <= law)
        case ">" | ">=":
            return bool(own >= law)
        case "in":
            return set(own) <= set(law)
        case "not in":
            return set(own) >= set(law)
    return bool(own == law)
