"""Read rule files, check them, and answer what holds on a day."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from riskengine.errors import RuleError, RuleNotFound
from riskengine.units import UNITS
from riskengine.words import Text

COMPARES = frozenset({"<", "<=", ">", ">=", "==", "param"})
SEVERITIES = frozenset({"block", "refer", "haircut", "monitor", "param"})
DECIDES = frozenset({"created_on", "valued_on"})
SEEN = frozenset({"text", "official", "secondary", "memory"})
RULE_UNITS = UNITS | {"code", "standard deviation"}


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
    """

    name: str
    title: Text
    unit: str
    compare: str
    severity: str
    decides: str
    values: tuple[RuleValue, ...]

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
        held = [value for value in self.values if value.first_day <= day]
        if held and (held[-1].until is None or day <= held[-1].until):
            return held[-1]
        first = self.values[0].first_day
        raise RuleNotFound(
            Text(
                f"规则 {self.name} 在 {day} 没有取值（最早 {first}）",
                f"rule {self.name} has no value on {day} (first known day {first})",
            ),
            Text("请改用规则生效期内的日期", "use a date on which the rule is in force"),
        )


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
        return self.book.rule(name).at(self.day).amount

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


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules with their history.

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
            raise RuleNotFound(
                Text(f"没有名为 {name} 的规则", f"there is no rule named {name}"),
                Text("请核对规则文件", "check the rule files"),
            )
        return found

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


@cache
def statute() -> RuleBook:
    """Return the rules that come with the engine.

    Returns
    -------
    RuleBook
        Chinese law, standards and the engine's own policy.
    """
    return load(Path(__file__).parent / "cn")


def load(folder: Path) -> RuleBook:
    """Read every rule file of a folder.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of TOML files, one per subject.

    Returns
    -------
    RuleBook
        The rules, with the digest of their files.

    Raises
    ------
    RuleError
        Naming file, rule and fault.
    """
    digest = hashlib.sha256()
    rules: dict[str, Rule] = {}
    for path in sorted(folder.glob("*.toml")):
        raw = path.read_bytes()
        digest.update(path.name.encode() + b"\0" + raw + b"\0")
        try:
            tables = tomllib.loads(raw.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise _fault(path, "", str(fault)) from fault
        for name, table in tables.items():
            rules[f"{path.stem}.{name}"] = _rule(path, name, table)
    return RuleBook(rules, digest.hexdigest())


def _fault(path: Path, name: str, fault: str) -> RuleError:
    where = f"{path.name} [{name}]" if name else path.name
    return RuleError(
        Text(f"规则文件 {where} 有误：{fault}", f"rule file {where}: {fault}"),
        Text("请按规则格式改正", "correct it as the format of rules asks"),
    )


def _rule(path: Path, name: str, table: Mapping[str, Any]) -> Rule:
    """Check one table and turn it into a rule."""
    checks = {"compare": COMPARES, "severity": SEVERITIES, "decides": DECIDES, "unit": RULE_UNITS}
    for key, allowed in checks.items():
        if table.get(key) not in allowed:
            raise _fault(path, name, f"{key} = {table.get(key)!r} is not one of {sorted(allowed)}")
    title = table.get("title")
    if not isinstance(title, dict) or not {"zh", "en"} <= title.keys():
        raise _fault(path, name, "title needs zh and en")
    values = tuple(_value(path, name, entry) for entry in table.get("value", ()))
    if not values:
        raise _fault(path, name, "no [[value]] with a date")
    days = [value.first_day for value in values]
    if any(later <= earlier for earlier, later in pairwise(days)):
        raise _fault(path, name, "dates of values must rise")
    if table["severity"] == "block" and any(value.seen == "memory" for value in values):
        raise _fault(path, name, "a rule seen only from memory may not block")
    return Rule(
        f"{path.stem}.{name}", Text(title["zh"], title["en"]), table["unit"], table["compare"],
        table["severity"], table["decides"], values,
    )  # fmt: skip


def _value(path: Path, name: str, entry: Mapping[str, Any]) -> RuleValue:
    """Check one dated value."""
    missing = {"from", "amount", "cite", "seen"} - entry.keys()
    if missing:
        raise _fault(path, name, f"value lacks {sorted(missing)}")
    if not isinstance(entry["from"], date) or entry["seen"] not in SEEN or not entry["cite"]:
        raise _fault(path, name, "value needs a date, a citation and how it was seen")
    return RuleValue(
        entry["from"], entry.get("until"), entry["amount"], entry["cite"], entry["seen"]
    )
