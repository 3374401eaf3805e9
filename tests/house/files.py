"""House rules over the text of files, the rule files and the pinned packages."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# A letter in brackets keeps a pattern from matching its own text here.
LEFT_OPEN = re.compile(r"\b(?:T[O]DO|F[I]XME|X[X]X|N[o]tImplementedError)\b")
MACHINE_PATH = re.compile(r"(?<![\w.:/~-])/(?:home|root|Users|work)/\w|\b[A-Z]:\\[U]sers")
REGISTRY = re.compile(
    r"p[y]pi\.org|p[y]thonhosted\.org|n[p]mjs\.(?:org|com)|d[e]bian\.org"
    r"|--(?:extra-)?i[n]dex-url|--t[r]usted-host|--f[i]nd-links"
)
RULE_KEYS = {"title", "unit", "compare", "severity", "decides", "value"}
MORE_KEYS = {"id", "rights", "when", "fact", "cure", "note"}
VALUE_KEYS = {"from", "until", "amount", "cite", "seen"}
CLOSED_SETS = {
    "compare": {"<", "<=", ">", ">=", "==", "in", "not in", "param"},
    "severity": {"block", "refer", "haircut", "monitor", "param"},
    "decides": {"created_on", "valued_on"},
}
SEEN = {"text", "official", "secondary", "memory"}


def lines_matching(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    """Number and text of each line that a pattern matches."""
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.search(line):
            yield f"{number}: {line.strip()[:100]}"


def left_open_faults(text: str) -> Iterator[str]:
    """Nothing is left for later in a comment; what is unfinished has an issue."""
    return lines_matching(LEFT_OPEN, text)


def machine_path_faults(text: str) -> Iterator[str]:
    """No path of somebody's machine."""
    return lines_matching(MACHINE_PATH, text)


def registry_faults(text: str) -> Iterator[str]:
    """No address of a package registry; where packages come from is the reader's setting."""
    return lines_matching(REGISTRY, text)


def address_faults(text: str) -> Iterator[str]:
    """No address of any kind: names, versions and hashes only."""
    return lines_matching(re.compile(r"://|@\s*file|^\s*-[a-z]"), text)


def rule_file_faults(tables: Mapping[str, Any]) -> Iterator[str]:
    """Each rule is cited, dated in order, and drawn from closed sets."""
    for name, table in tables.items():
        if unknown := (table.keys() - MORE_KEYS) ^ RULE_KEYS:
            yield f"{name}: keys missing or unknown: {sorted(unknown)}"
            continue
        title = table["title"]
        if not (isinstance(title, dict) and title.get("zh") and title.get("en")):
            yield f"{name}: title needs zh and en"
        for key, allowed in CLOSED_SETS.items():
            if table[key] not in allowed:
                yield f"{name}: {key} = {table[key]!r}"
        values = table["value"]
        faults = [fault for value in values for fault in value_faults(value, table["severity"])]
        for fault in faults or order_faults(values):
            yield f"{name}: {fault}"


def value_faults(value: Mapping[str, Any], severity: str) -> Iterator[str]:
    """A dated value has an amount, a source, and says how the source was seen."""
    if not VALUE_KEYS - {"until"} <= value.keys() <= VALUE_KEYS:
        yield f"value keys {sorted(value)}"
        return
    for key in value.keys() & {"from", "until"}:
        if type(value[key]) is not date:
            yield f"{key} = {value[key]!r} is not a date"
    if not str(value["cite"]).strip():
        yield "no citation"
    if value["seen"] not in SEEN:
        yield f"seen = {value['seen']!r}"
    if value["seen"] == "memory" and severity == "block":
        yield "a rule seen only from memory may not block"
    if not plain(value["amount"]):
        yield f"amount = {value['amount']!r}"


def plain(amount: object) -> bool:
    """Whether an amount is a number (inf: no limit), a text, a truth value, or holds those."""
    match amount:
        case bool() | str():
            return amount != ""
        case int() | float():
            return not math.isnan(amount)
        case list():
            return all(plain(part) for part in amount)
        case dict():
            return all(plain(part) for part in amount.values())
        case _:
            return False


def order_faults(values: list[Mapping[str, Any]]) -> Iterator[str]:
    """Dates rise, and no value outlives the day on which the next begins."""
    if not values:
        yield "no dated value"
    for value in values:
        if value.get("until", value["from"]) < value["from"]:
            yield f"until {value['until']} lies before from {value['from']}"
    for earlier, later in pairwise(values):
        if not earlier["from"] < later["from"]:
            yield f"from {later['from']} does not follow {earlier['from']}"
        elif "until" in earlier and earlier["until"] >= later["from"]:
            yield f"until {earlier['until']} runs into {later['from']}"


def pins(constraints: str) -> dict[str, str]:
    """Pinned version by name."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", constraints, re.M)
    return {canonicalize_name(name): version for name, version in found}


def pin_faults(project: Mapping[str, Any], constraints: str) -> Iterator[str]:
    """Every dependency, of every extra, is pinned to a version it admits, with a hash."""
    pinned = pins(constraints)
    extras = project["project"].get("optional-dependencies", {}).values()
    wanted = [*project["project"]["dependencies"], *(line for extra in extras for line in extra)]
    for line in [*wanted, *project["build-system"]["requires"]]:
        requirement = Requirement(line)
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None:
            yield f"{requirement.name} is not pinned"
        elif not requirement.specifier.contains(version):
            yield f"{line} does not admit the pinned {version}"
    for block in re.split(r"\n(?=[A-Za-z0-9])", constraints):
        if "==" in block.split("\n")[0] and "--hash=sha256:" not in block:
            yield f"{block.split()[0]} has no hash"
