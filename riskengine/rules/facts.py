"""The facts that rules judge, declared once: titles, units, words, where each is found out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from riskengine.rules.source import RuleSource
from riskengine.units import UNITS
from riskengine.words import Text

FACT_UNITS = UNITS | {"day", "working day", "people", "season"}
KINDS = ("flag", "code", "number")
SOURCES = ("paper", "right", "derived", "policy", "outside")
"""Stated by an officer, a column of the right, computed, of a policy, of loans and companies."""
INSPECTIONS = ("registry", "site", "contract", "map", "borrower")
"""What an officer looks into; each answers the adverse facts that it would have found."""
KEYS = {"title", "kind", "source"}
MORE_KEYS = {
    "unit", "low", "high", "words", "dated", "settled", "inspection", "clear", "note", "shown",
    "find",
}  # fmt: skip
SHOWN = ("percent", "age")
"""How people read a number, where not as it stands with its unit."""
LONGEST = 100
"""Most words of one fact: its words are numbered in one signed byte."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact that a rule judges, or on which it depends.

    Parameters
    ----------
    name : str
        As rules name it.
    title : Text
        What it says; of a flag, a statement that may be true.
    kind : {"flag", "code", "number"}
        What it holds.
    source : str
        One of `SOURCES`.
    unit : str
        Unit of a number.
    low, high : float
        Closed range of a number.
    words : mapping of str to Text
        Words of a code; empty where the right's own column lists them.
    dated : bool
        Whether it is given on a day and may lapse on another.
    settled : bool
        Whether it must hold on the day the security is created, and need not later; else it
        must hold on the day of valuation.
    inspection : str
        The one of `INSPECTIONS` that finds it out; empty where papers must show it.
    clear : object
        Word that it has when that inspection was made and nothing was stated.
    note : Text or None
        What the officer must know to state it.
    shown : {"", "percent", "age"}
        How people read the number: as it stands, a share in per cent, years as of an age.
    find : Text or None
        How it is found out where it is not known; None where the general words do.
    """

    name: str
    title: Text
    kind: Literal["flag", "code", "number"]
    source: str
    unit: str = ""
    low: float = float("-inf")
    high: float = float("inf")
    words: Mapping[str, Text] | None = None
    dated: bool = False
    settled: bool = False
    inspection: str = ""
    clear: Any = None
    note: Text | None = None
    shown: str = ""
    find: Text | None = None


@cache
def declared_facts() -> Mapping[str, Fact]:
    """Return every fact that the engine's rules may judge.

    Returns
    -------
    mapping of str to Fact
        By name, in the order in which an officer fills them in.

    Raises
    ------
    RuleError
        Naming file, line, fact and fault.
    """
    return load_facts(Path(__file__).parent / "facts.toml")


def load_facts(path: Path) -> Mapping[str, Fact]:
    """Read a file of facts.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    mapping of str to Fact
        By name, in file order.

    Raises
    ------
    RuleError
        Naming file, line, fact and fault.
    """
    source = RuleSource(path, path.read_bytes())
    facts = {}
    for name, table in source.tables().items():
        for key, told in _faults(table):
            raise source.fault(name, told, key)
        facts[name] = _fact(name, table)
    return facts


def _faults(table: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with the declaration of a fact: key and fault."""
    if not isinstance(table, dict):
        yield "", "every entry of a file of facts is a table"
        return
    for key in sorted(KEYS - table.keys()):
        yield "", f"{key} is missing"
    for key in sorted(table.keys() - KEYS - MORE_KEYS):
        yield key, f"{key} is no key of a fact"
    closed = {
        "kind": KINDS,
        "source": SOURCES,
        "inspection": (*INSPECTIONS, ""),
        "unit": FACT_UNITS,
        "shown": SHOWN,
    }
    for key, allowed in closed.items():
        if table.get(key, "") not in (*allowed, *(() if key in KEYS else ("",))):
            yield key, f"{key} = {table.get(key)!r} is not one of {sorted(allowed)}"
    texts = [("title", table.get("title")), *table.get("words", {}).items()]
    for key, text in [*texts, *((k, table[k]) for k in ("note", "find") if k in table)]:
        if not (isinstance(text, dict) and text.get("zh") and text.get("en")):
            yield key, f"{key} needs zh and en"
    if table.get("kind") == "number" and not table.get("unit"):
        yield "unit", "a number needs its unit"
    if table.get("kind") == "code" and not table.get("words") and table.get("source") != "right":
        yield "words", "a code needs its words"
    if len(table.get("words", {})) > LONGEST:
        yield "words", f"a fact has at most {LONGEST} words"
    if table.get("settled") and not table.get("dated"):
        yield "settled", "only a dated fact is settled"
    if ("clear" in table) != bool(table.get("inspection")):
        yield "clear", "an inspection and the word it clears go together"


def _fact(name: str, table: Mapping[str, Any]) -> Fact:
    """One checked declaration."""
    return Fact(
        name, _text(table["title"]), table["kind"], table["source"], table.get("unit", ""),
        float(table.get("low", "-inf")), float(table.get("high", "inf")),
        {word: _text(said) for word, said in table.get("words", {}).items()} or None,
        table.get("dated", False), table.get("settled", False),
        table.get("inspection", ""), table.get("clear"),
        _text(table["note"]) if "note" in table else None, table.get("shown", ""),
        _text(table["find"]) if "find" in table else None,
    )  # fmt: skip


def _text(words: Mapping[str, str]) -> Text:
    """Words in both languages."""
    return Text(words["zh"], words["en"])
