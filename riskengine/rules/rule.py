"""One rule with its history, the rules of a day, and the book they stand in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from riskengine.errors import RuleNotFound
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class RuleValue:
    """What a rule says from one day on.

    Parameters
    ----------
    first_day : datetime.date
        First day on which it holds.
    until : datetime.date or None
        Last day on which it holds, when no later value follows.
    amount : object
        Number, text, truth value, list or table.
    cite : str
        Article, standard or page.
    seen : {"text", "official", "secondary", "memory"}
        How the source was seen.
    """

    first_day: date
    until: date | None
    amount: Any
    cite: str
    seen: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a rule judges, where it is more than a number used in a formula.

    Parameters
    ----------
    rights : tuple of str
        Tables whose rows it judges.
    when : mapping of str to tuple
        Facts that must all hold for it to apply, each with its admissible words.
    fact : str
        The one fact that it judges; empty where a person must read the papers.
    cure : Text or None
        What mends a failure.
    """

    rights: tuple[str, ...] = ()
    when: Mapping[str, tuple[Any, ...]] | None = None
    fact: str = ""
    cure: Text | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule with its history.

    Parameters
    ----------
    name : str
        ``subject.rule``.
    title : Text
        What it is.
    unit : str
        Unit of the amount.
    compare : str
        How a fact is held against it, with the closed end written out.
    severity : str
        What failing it means.
    decides : str
        Which date selects its value.
    values : tuple of RuleValue
        Oldest first.
    code : str
        Its mark in the notes that it was taken from, such as ``LMR-WHO-02``.
    judges : Judgement
        What it judges.
    note : Text or None
        Where law and practice pull apart.
    behind : Rule or None
        The wider rule that an overlay lies over; it speaks where this one has no value.
    origin : str
        Which body of rules it stands in: ``cn``, a region's digits, an institution.
    """

    name: str
    title: Text
    unit: str
    compare: str
    severity: str
    decides: str
    values: tuple[RuleValue, ...]
    code: str = ""
    judges: Judgement = Judgement()
    note: Text | None = None
    behind: "Rule | None" = None
    origin: str = "cn"

    def held(self, day: date) -> RuleValue | None:
        """Return what this rule itself says on a day, whatever lies behind it.

        Parameters
        ----------
        day : datetime.date
            The day that decides.

        Returns
        -------
        RuleValue or None
            The value in force.
        """
        begun = [value for value in self.values if value.first_day <= day]
        if begun and (begun[-1].until is None or day <= begun[-1].until):
            return begun[-1]
        return None

    def speaking(self, day: date) -> "Rule | None":
        """Return the rule that speaks on a day: this one, or one behind it.

        Parameters
        ----------
        day : datetime.date
            The day that decides.

        Returns
        -------
        Rule or None
            The first of them with a value in force.
        """
        rule: Rule | None = self
        while rule is not None and rule.held(day) is None:
            rule = rule.behind
        return rule

    def at(self, day: date) -> RuleValue:
        """Return what the rule says on a day.

        Parameters
        ----------
        day : datetime.date
            The day that decides.

        Returns
        -------
        RuleValue
            The value in force.

        Raises
        ------
        RuleNotFound
            If the rule had no value on that day.
        """
        speaking = self.speaking(day)
        found = speaking.held(day) if speaking is not None else None
        if found is not None:
            return found
        first = self.values[0].first_day
        raise RuleNotFound(
            Text(
                f"规则 {self.name} 在 {day} 没有取值（最早 {first}）",
                f"rule {self.name} has no value on {day} (first known day {first})",
            ),
            Text("请改用规则生效期内的日期", "use a date on which the rule is in force"),
        )

    def history(self) -> tuple[tuple[str, RuleValue], ...]:
        """Return every value with the body of rules it stands in, the nearest body first.

        Returns
        -------
        tuple of (str, RuleValue)
            Origin and value, oldest first within a body.
        """
        own = tuple((self.origin, value) for value in self.values)
        return own + (self.behind.history() if self.behind is not None else ())


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force on one day.

    Parameters
    ----------
    day : datetime.date
        The day.
    book : RuleBook
        Where they come from.
    """

    day: date
    book: "RuleBook"

    def value(self, name: str) -> Any:
        """Return a rule's amount on the day.

        Parameters
        ----------
        name : str
            ``subject.rule``.

        Returns
        -------
        object
            The amount, in the rule's unit.

        Raises
        ------
        RuleNotFound
            If there is no such rule, or none on that day.
        """
        return _spoken(self.book, name, self.day)

    def held(self, name: str) -> Any:
        """Return a rule's amount on the day, if it speaks.

        Parameters
        ----------
        name : str
            ``subject.rule``.

        Returns
        -------
        object or None
            The amount, in the rule's unit; None on a day on which the rule does not speak.

        Raises
        ------
        RuleNotFound
            If there is no such rule.
        """
        return _held(self.book, name, self.day)

    def number(self, name: str) -> float:
        """Return a rule's amount as a number.

        Parameters
        ----------
        name : str
            ``subject.rule``.

        Returns
        -------
        float
            The amount, in the rule's unit.

        Raises
        ------
        RuleNotFound
            If there is no such rule, or none on that day.
        """
        return float(self.value(name))

    def table(self, name: str) -> Mapping[str, Any]:
        """Return a rule's amount as a table.

        Parameters
        ----------
        name : str
            ``subject.rule``.

        Returns
        -------
        mapping
            The amount.

        Raises
        ------
        RuleNotFound
            If there is no such rule, or none on that day.
        """
        amount: Mapping[str, Any] = self.value(name)
        return amount


@dataclass(frozen=True, slots=True, eq=False)
class RuleBook:
    """All rules with their history; a book is itself, not what it holds, so that it can be a key.

    Parameters
    ----------
    rules : mapping of str to Rule
        By name.
    digest : str
        SHA-256 of the files in name order: the version of the law used.
    """

    rules: Mapping[str, Rule]
    digest: str

    def rule(self, name: str) -> Rule:
        """Return one rule.

        Parameters
        ----------
        name : str
            ``subject.rule``.

        Returns
        -------
        Rule
            The rule.

        Raises
        ------
        RuleNotFound
            If there is no such rule.
        """
        found = self.rules.get(name)
        if found is None:
            raise _unknown(name)
        return found

    def named(self, mark: str) -> list[Rule]:
        """Return the rules that a name or a mark of the notes stands for.

        Parameters
        ----------
        mark : str
            ``subject.rule``, a mark such as ``LMR-WHO-02a``, or one without its letter
            for all parts of that row.

        Returns
        -------
        list of Rule
            At least one, by mark.

        Raises
        ------
        RuleNotFound
            If there is none.
        """
        parts = re.compile(rf"{re.escape(mark)}[a-z]?")
        found = [
            rule for name, rule in self.rules.items() if name == mark or parts.fullmatch(rule.code)
        ]
        if not found:
            raise _unknown(mark)
        return sorted(found, key=lambda rule: rule.code)

    def at(self, day: date) -> Rules:
        """Return the rules in force on a day.

        Parameters
        ----------
        day : datetime.date
            The day.

        Returns
        -------
        Rules
            The rules of that day.
        """
        return Rules(day, self)


@lru_cache(maxsize=8192)
def _spoken(book: RuleBook, name: str, day: date) -> Any:
    """Amount of a rule on a day; looked up once, since every call asks for dozens."""
    return book.rule(name).at(day).amount


@lru_cache(maxsize=8192)
def _held(book: RuleBook, name: str, day: date) -> Any:
    """Amount of a rule on a day, None where it does not speak."""
    speaking = book.rule(name).speaking(day)
    value = speaking.held(day) if speaking is not None else None
    return value.amount if value is not None else None


def _unknown(name: str) -> RuleNotFound:
    return RuleNotFound(
        Text(f"没有名为 {name} 的规则", f"there is no rule named {name}"),
        Text("用 rules list 查看规则名", "see the names with: rules list"),
    )
