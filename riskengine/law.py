"""The law as people ask for it: what holds on a day, one rule's history, what changed."""

import math
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from riskengine.rules import Rule, RuleBook, RuleValue, statute_of, tightened
from riskengine.rules.known import as_known
from riskengine.words import Language

RECORD = ("name", "id", "title", "severity", "compare", "amount", "unit", "cite", "seen", "origin")
"""Keys of a listed rule, in order."""


def law_for(
    institution: Path | None, of: Callable[[str], RuleBook] = statute_of
) -> Callable[[str], RuleBook]:
    """Return how to find the law of a place, an institution's rules laid over it.

    Parameters
    ----------
    institution : pathlib.Path or None
        Folder of an institution's rules, which may only tighten; None for the law alone.
    of : callable
        The law of places that it lies over; another than the installed one comes from
        `riskengine.rules.overlay.statute_in`.

    Returns
    -------
    callable
        From region code to rules; the same object for the same law.

    Raises
    ------
    RuleError
        When a place is first asked for, if a rule loosens its law.
    """
    if institution is None:
        return of
    found: dict[str, RuleBook] = {}

    def law(region: str) -> RuleBook:
        book = of(region)
        if book.digest not in found:
            found[book.digest] = tightened(book, institution)
        return found[book.digest]

    return law


def law_known(law: Callable[[str], RuleBook], day: date) -> Callable[[str], RuleBook]:
    """Return the law of places as it was known on a day.

    Parameters
    ----------
    law : callable
        From region code to rules.
    day : datetime.date
        Last day whose rules are known.

    Returns
    -------
    callable
        The same without what began later; the same object for the same law.
    """
    found: dict[str, RuleBook] = {}

    def known(region: str) -> RuleBook:
        book = law(region)
        if book.digest not in found:
            found[book.digest] = as_known(book, day)
        return found[book.digest]

    return known


def in_force(
    book: RuleBook, day: date, language: Language, right: str = ""
) -> list[dict[str, Any]]:
    """List the rules in force on a day.

    Parameters
    ----------
    book : RuleBook
        The rules.
    day : datetime.date
        The day.
    language : {"zh", "en"}
        Language of titles.
    right : str
        Only rules that judge this kind of right; empty for all.

    Returns
    -------
    list of dict
        One a rule, with the keys `RECORD`, by name.
    """
    found = []
    for name in sorted(book.rules):
        rule = book.rules[name]
        speaking = rule.speaking(day)
        held = speaking.held(day) if speaking is not None else None
        if speaking is None or held is None or (right and right not in rule.judges.rights):
            continue
        found.append(_record(rule, speaking, held, language))
    return found


def _record(rule: Rule, speaking: Rule, held: RuleValue, language: Language) -> dict[str, Any]:
    """One rule in force, as plain data."""
    return {
        "name": rule.name, "id": rule.code, "title": rule.title.say(language),
        "severity": speaking.severity, "compare": speaking.compare, "amount": _plain(held.amount),
        "unit": rule.unit, "cite": held.cite, "seen": held.seen, "origin": speaking.origin,
    }  # fmt: skip


def history(rule: Rule, language: Language) -> dict[str, Any]:
    """Return one rule with everything it ever said.

    Parameters
    ----------
    rule : Rule
        The rule.
    language : {"zh", "en"}
        Language of texts.

    Returns
    -------
    dict
        What it is, what it judges, what mends it, and its values by body of rules.
    """
    judges = rule.judges
    return {
        "name": rule.name, "id": rule.code, "title": rule.title.say(language), "unit": rule.unit,
        "compare": rule.compare, "severity": rule.severity, "decides": rule.decides,
        "rights": list(judges.rights), "fact": judges.fact,
        "when": {key: list(words) for key, words in (judges.when or {}).items()},
        "cure": judges.cure.say(language) if judges.cure else "",
        "note": rule.note.say(language) if rule.note else "",
        "values": [
            {
                "origin": origin, "from": value.first_day.isoformat(),
                "until": value.until.isoformat() if value.until else None,
                "amount": _plain(value.amount), "cite": value.cite, "seen": value.seen,
            }
            for origin, value in rule.history()
        ],
    }  # fmt: skip


def changes(
    earlier: RuleBook, first: date, later: RuleBook, second: date, language: Language
) -> list[dict[str, Any]]:
    """List what differs between the law of two days, or of two places.

    Parameters
    ----------
    earlier, later : RuleBook
        The two books; the same one for two days of one place.
    first, second : datetime.date
        The two days.
    language : {"zh", "en"}
        Language of titles.

    Returns
    -------
    list of dict
        One a rule that begins, ends or says something else: name, id, title, change
        ("begins", "ends", "changes"), what it said before and says then.
    """
    before, after = (
        {record["name"]: record for record in in_force(book, day, language)}
        for book, day in ((earlier, first), (later, second))
    )
    found = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is not None and new is not None and _same(old, new):
            continue
        known = new or old or {}
        change = "begins" if old is None else "ends" if new is None else "changes"
        found.append({
            "name": name, "id": known["id"], "title": known["title"], "change": change,
            "before": _short(old), "after": _short(new),
        })  # fmt: skip
    return found


def _same(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a rule says the same, by the same authority."""
    return all(old[key] == new[key] for key in ("severity", "compare", "amount", "cite"))


def _short(record: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What a comparison shows of one side."""
    if record is None:
        return None
    return {key: record[key] for key in ("severity", "compare", "amount", "cite", "origin")}


def _plain(amount: Any) -> Any:
    """An amount as JSON can hold it: no limit is told in words."""
    if isinstance(amount, Mapping):
        return {key: _plain(part) for key, part in amount.items()}
    if isinstance(amount, list):
        return [_plain(part) for part in amount]
    return "no limit" if amount == math.inf else amount
