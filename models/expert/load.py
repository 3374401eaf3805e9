"""Cards from TOML: read, checked as a whole, built; and written back."""

import json
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from models.expert.build import card_from, document_of
from models.expert.card import Card, Veto
from models.expert.check import document_faults
from models.expert.faults import CardError, CardFault, in_words
from models.expert.faults import Path as CardPath
from riskengine.words import Text

CARDS = Path(__file__).parent / "cards"
"""Cards that come with the engine."""

SYSTEMS = "systems.toml"
"""List of the published systems, encoded or not."""


def load_card(path: Path, *, permit: Collection[str] = ()) -> Card:
    """Read a card and check it as a whole.

    Parameters
    ----------
    path : pathlib.Path
        TOML file in UTF-8; a card whose vetoes it takes over lies beside it.
    permit : collection of {"education", "marital"}
        Protected facts that the institution has a ground to score; none by default.

    Returns
    -------
    Card
        The card.

    Raises
    ------
    CardError
        With every fault of the file, each with its line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as broken:
        fault = CardFault(
            (), Text(f"无法读入（{broken}）", f"cannot be read ({broken})"),
            Text("请存为 UTF-8 的 TOML", "save it as TOML in UTF-8"),
        )  # fmt: skip
        raise CardError(path.name, [fault], in_words) from broken
    faults = document_faults(document, permit)
    taken: tuple[Veto, ...] = ()
    if not faults and "vetoes_of" in document:
        other = path.with_name(f"{document['vetoes_of']}.toml")
        if other == path or not other.is_file():
            faults.append(CardFault(
                ("vetoes_of",), Text(f"没有 {other.name}", f"there is no other {other.name}"),
                Text("把该文件放在同一文件夹", "put it into the same folder"),
            ))  # fmt: skip
        else:
            taken = load_card(other, permit=permit).vetoes
    if faults:
        lines = lines_of(text)
        raise CardError(path.name, faults, lambda where: _line(path.name, lines, where))
    return card_from(document, taken)


@cache
def published_cards() -> Mapping[str, Card]:
    """Return the cards that come with the engine.

    Returns
    -------
    mapping of str to Card
        By name.
    """
    files = [path for path in sorted(CARDS.glob("*.toml")) if path.name != SYSTEMS]
    return {path.stem: load_card(path) for path in files}


def published_systems() -> list[dict[str, Any]]:
    """Return the published indicator systems with the cards that hold them.

    Returns
    -------
    list of dict
        ``number`` of the list in the practice notes, ``title_zh``, ``title_en``,
        ``cards`` (names, empty where none could be encoded), ``why_zh``, ``why_en``.
    """
    listed = tomllib.loads((CARDS / SYSTEMS).read_text(encoding="utf-8"))["system"]
    return [
        {
            "number": entry["number"], "title_zh": entry["title"]["zh"],
            "title_en": entry["title"]["en"], "cards": list(entry.get("cards", [])),
            "why_zh": entry["why"]["zh"], "why_en": entry["why"]["en"],
        }
        for entry in listed
    ]  # fmt: skip


def lines_of(text: str) -> dict[CardPath, int]:
    """Find the line on which each part of a TOML card begins.

    Parameters
    ----------
    text : str
        The file.

    Returns
    -------
    dict of path to int
        Line numbers from 1.
    """
    found: dict[CardPath, int] = {}
    counts: dict[CardPath, int] = {}
    table: CardPath = ()
    key: CardPath = ()
    entries = 0
    for number, line in enumerate(text.splitlines(), 1):
        if head := re.match(r"\s*(\[{1,2})([\w.]+)\]", line):
            table = _opened(head[2].split("."), len(head[1]) == 2, counts)
            found.setdefault(table, number)
        elif named := re.match(r"\s*([\w.]+)\s*=", line):
            key, entries = (*table, named[1].split(".")[0]), 0
            found.setdefault(key, number)
        elif re.match(r"\s*\{", line) and key:
            found[(*key, entries)] = number
            entries += 1
    return found


def _opened(names: list[str], listed: bool, counts: dict[CardPath, int]) -> CardPath:
    """Path of a table whose heading was met."""
    path: CardPath = ()
    for k, name in enumerate(names):
        path = (*path, name)
        if k == len(names) - 1 and listed:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _line(name: str, lines: Mapping[CardPath, int], path: CardPath) -> str:
    """File, nearest line and path of a fault."""
    near = path
    while near and near not in lines:
        near = near[:-1]
    return f"{name}:{lines.get(near, 1)} {in_words(path)}"


def card_toml(card: Card) -> str:
    """Write a card as TOML.

    Parameters
    ----------
    card : Card
        The card; vetoes taken over from another card are written out.

    Returns
    -------
    str
        Text that `load_card` reads as the same card.
    """
    document = document_of(card)
    return "\n".join(_table("", document)) + "\n"


def _table(name: str, node: Mapping[str, Any]) -> Iterator[str]:
    """Plain keys first, then tables, then lists of tables."""
    later = {"block", "item", "veto", "band", *(() if name else ("line", "master_scale"))}
    for key, value in node.items():
        if key not in later:
            yield f"{key} = {_value(value)}"
    for key in node:
        if key not in later:
            continue
        full = f"{name}.{key}" if name else key
        entries = node[key] if isinstance(node[key], list) else [node[key]]
        for entry in entries:
            yield ""
            yield f"[[{full}]]" if isinstance(node[key], list) else f"[{full}]"
            yield from _table(full, entry)


def _value(value: Any) -> str:
    """One TOML value."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | int | float):
        return str(value)
    if isinstance(value, list):
        if isinstance(value[0], dict):
            return "[\n" + "".join(f"    {_value(entry)},\n" for entry in value) + "]"
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key, ensure_ascii=False)} = {_value(v)}" for key, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    return json.dumps(value, ensure_ascii=False)
