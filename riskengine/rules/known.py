"""The law as it was known on a day: what was enacted later has not been written yet."""

from dataclasses import replace
from datetime import date

from riskengine.rules.rule import Rule, RuleBook

NEVER = date.max
"""First day of what was not known at all."""


def as_known(book: RuleBook, day: date) -> RuleBook:
    """Return a body of rules without what began after a day.

    Parameters
    ----------
    book : RuleBook
        The rules.
    day : datetime.date
        Last day whose rules are known; what held on it is taken to go on.

    Returns
    -------
    RuleBook
        The same rules, those that began later silent on every day; its digest tells the day.

    Examples
    --------
    >>> from riskengine.rules import statute
    >>> old = as_known(statute(), date(2018, 1, 1))
    >>> name = "guarantee_weights.small_micro_weight"
    >>> old.at(date(2026, 1, 1)).held(name), statute().at(date(2026, 1, 1)).held(name)
    (None, 0.75)
    """
    known = {name: _as_known(rule, day) for name, rule in book.rules.items()}
    return RuleBook(known, f"{book.digest}@{day.isoformat()}")


def _as_known(rule: Rule, day: date) -> Rule:
    """One rule with what began by a day; a last day that was set later was not known either."""
    begun = tuple(value for value in rule.values if value.first_day <= day)
    values = begun or (replace(rule.values[0], first_day=NEVER, until=None),)
    behind = None if rule.behind is None else _as_known(rule.behind, day)
    return replace(rule, values=values, behind=behind)
