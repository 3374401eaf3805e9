"""Read rule files and check them; every fault names file, line and rule."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from riskengine.rules.rule import Judgement, Rule, RuleBook, RuleValue
from riskengine.rules.source import RuleSource
from riskengine.units import UNITS
from riskengine.words import Text

COMPARES = frozenset({"<", "<=", ">", ">=", "==", "in", "not in", "param"})
SEVERITIES = ("param", "monitor", "haircut", "refer", "block")
"""What failing a rule means, mildest first."""
DECIDES = frozenset({"created_on", "valued_on"})
SEEN = frozenset({"text", "official", "secondary", "memory"})
RULE_UNITS = UNITS | {"code", "standard deviation", "day", "working day", "people", "season"}
KEYS = {"title", "unit", "compare", "severity", "decides", "value"}
MORE_KEYS = {"id", "rights", "when", "fact", "cure", "note"}
VALUE_KEYS = {"from", "amount", "cite", "seen"}
SUBJECTS = frozenset({
    "land", "homestead", "forest", "construction", "equity", "ecology", "guarantee", "loan",
    "application", "institution", "insurance",
})  # fmt: skip
"""What a rule can judge: kinds of right, and what lies around the loan."""


@cache
def statute() -> RuleBook:
    """Return the national rules that come with the engine.

    Returns
    -------
    RuleBook
        Chinese law, standards and the engine's own policy.
    """
    return load(Path(__file__).parent / "cn")


def load(folder: Path, origin: str = "cn", base: RuleBook | None = None) -> RuleBook:
    """Read every rule file of a folder.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of TOML files, one per subject.
    origin : str
        Name of this body of rules.
    base : RuleBook or None
        Rules that these lie over: a rule of the same name takes from there what it
        does not say itself.

    Returns
    -------
    RuleBook
        The rules of the folder alone, with the digest of their files.

    Raises
    ------
    RuleError
        Naming file, line, rule and fault.
    """
    digest = hashlib.sha256()
    rules: dict[str, Rule] = {}
    codes: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        raw = path.read_bytes()
        digest.update(path.name.encode() + b"\0" + raw + b"\0")
        source = RuleSource(path, raw)
        for name, table in source.tables().items():
            full = f"{path.stem}.{name}"
            rules[full] = _rule(source, name, table, origin, base.rules.get(full) if base else None)
            code = rules[full].code
            if code and codes.setdefault(code, full) != full:
                raise source.fault(name, f"id {code} already stands at {codes[code]}", "id")
    return RuleBook(rules, digest.hexdigest())


def _rule(
    source: RuleSource, name: str, table: Mapping[str, Any], origin: str, base: Rule | None
) -> Rule:
    """Check one table and turn it into a rule."""
    if not isinstance(table, dict):
        raise source.fault(name, "every entry of a rule file is a table")
    if base is not None:
        table = {**_said(base), **table}
    for key, told in _faults(table):
        raise source.fault(name, told, key)
    entries = table["value"]
    values = tuple(_value(source, name, k, entry) for k, entry in enumerate(entries))
    for k, (earlier, later) in enumerate(pairwise(values), 1):
        if later.first_day <= earlier.first_day:
            raise source.fault(name, "dates of values must rise", "from", k)
        if earlier.until is not None and earlier.until >= later.first_day:
            raise source.fault(name, "a value ends before the next begins", "until", k - 1)
    if table["severity"] == "block" and any(value.seen == "memory" for value in values):
        raise source.fault(name, "a rule seen only from memory may not block", "severity")
    when = {key: tuple(words) for key, words in table.get("when", {}).items()}
    return Rule(
        f"{source.path.stem}.{name}", _text(table["title"]), table["unit"], table["compare"],
        table["severity"], table["decides"], values, table.get("id", ""),
        Judgement(
            tuple(table.get("rights", ())), when or None, table.get("fact", ""),
            _text(table["cure"]) if "cure" in table else None,
        ),
        _text(table["note"]) if "note" in table else None, base, origin,
    )  # fmt: skip


def _said(base: Rule) -> dict[str, Any]:
    """What an overlay takes from the rule behind it, as the keys of a rule file."""
    judges = base.judges
    said: dict[str, Any] = {
        "title": {"zh": base.title.zh, "en": base.title.en}, "unit": base.unit,
        "compare": base.compare, "severity": base.severity, "decides": base.decides,
        "id": base.code, "rights": list(judges.rights), "fact": judges.fact,
        "when": {key: list(words) for key, words in (judges.when or {}).items()},
    }  # fmt: skip
    if judges.cure is not None:
        said["cure"] = {"zh": judges.cure.zh, "en": judges.cure.en}
    return said


def _faults(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with a table as a whole: key and fault."""
    for key in sorted(KEYS - table.keys()):
        yield "", "no [[value]] with a date" if key == "value" else f"{key} is missing"
    for key in sorted(table.keys() - KEYS - MORE_KEYS):
        yield key, f"{key} is no key of a rule"
    closed = {"compare": COMPARES, "severity": SEVERITIES, "decides": DECIDES, "unit": RULE_UNITS}
    for key, allowed in closed.items():
        if table.get(key) not in allowed:
            yield key, f"{key} = {table.get(key)!r} is not one of {sorted(allowed)}"
    for key in ("title", "cure", "note"):
        text = table.get(key)
        if text is None and key != "title":
            continue
        if not (isinstance(text, dict) and text.get("zh") and text.get("en")):
            yield key, f"{key} needs zh and en"
    if not isinstance(table.get("value"), list) or not table["value"]:
        yield "value", "no [[value]] with a date"
    if wrong := set(table.get("rights", ())) - SUBJECTS:
        yield "rights", f"rights {sorted(wrong)} are not among {sorted(SUBJECTS)}"
    when = table.get("when", {})
    if not isinstance(when, dict) or not all(isinstance(words, list) for words in when.values()):
        yield "when", "when holds lists of words"
    if table.get("fact") and not (table.get("rights") and table.get("cure")):
        yield "fact", "a rule that judges a fact says whose (rights) and what mends it (cure)"


def _text(words: Mapping[str, str]) -> Text:
    """Words in both languages."""
    return Text(words["zh"], words["en"])


def _value(source: RuleSource, name: str, k: int, entry: Mapping[str, Any]) -> RuleValue:
    """Check one dated value."""
    if missing := VALUE_KEYS - entry.keys():
        raise source.fault(name, f"value lacks {sorted(missing)}", "", k)
    if wrong := entry.keys() - VALUE_KEYS - {"until"}:
        raise source.fault(name, f"value has unknown keys {sorted(wrong)}", min(wrong), k)
    for key in ("from", "until"):
        if key in entry and type(entry[key]) is not date:
            raise source.fault(name, f"{key} = {entry[key]!r} is not a date", key, k)
    if entry["seen"] not in SEEN:
        raise source.fault(name, f"how it was seen is one of {sorted(SEEN)}", "seen", k)
    if not isinstance(entry["cite"], str) or not entry["cite"].strip():
        raise source.fault(name, "value needs a citation", "cite", k)
    if "until" in entry and entry["until"] < entry["from"]:
        raise source.fault(name, "a value ends on or after its first day", "until", k)
    return RuleValue(
        entry["from"], entry.get("until"), entry["amount"], entry["cite"], entry["seen"]
    )
