"""Mapping files through the door: every fault at once, each with its path and its cure."""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskengine.errors import PortfolioError
from riskengine.exchange.mapping import CodeMapping, Dictionary, Meaning
from riskengine.exchange.mapping_checks import (
    MappingFault,
    content_faults,
    uncovered,
)
from riskengine.exchange.vocabulary import text_of
from riskengine.words import Text

LARGEST = 1 << 20
"""Largest mapping file [byte]."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A mapping as it was found.

    Parameters
    ----------
    mapping : CodeMapping or None
        The mapping; None where it has faults.
    faults : tuple of MappingFault
        All faults, in the order of the content.
    uncovered : mapping of str to tuple of str
        Words of the engine that no code stands for, by subject of the mapping: no fault,
        they cannot be written.
    """

    mapping: CodeMapping | None
    faults: tuple[MappingFault, ...]
    uncovered: Mapping[str, tuple[str, ...]]


def check_mapping(content: Any) -> Checked:
    """Check the content of a mapping and build it.

    Parameters
    ----------
    content : object
        Plain data, as TOML or JSON hold it.

    Returns
    -------
    Checked
        The mapping, or everything that is wrong with it.

    Examples
    --------
    >>> found = check_mapping({"name": "x", "codes": {"prescreen": {"1": "passed"}}})
    >>> [fault.path for fault in found.faults]
    ['title', 'source', 'codes.prescreen.1']
    """
    faults = tuple(content_faults(content))
    if faults:
        return Checked(None, faults, {})
    mapping = _built(content)
    return Checked(mapping, (), uncovered(content))


def mapping_of(content: Any) -> CodeMapping:
    """Return a mapping from its content.

    Parameters
    ----------
    content : object
        Plain data.

    Returns
    -------
    CodeMapping
        The mapping.

    Raises
    ------
    PortfolioError
        With every fault, if it has any.
    """
    checked = check_mapping(content)
    if checked.mapping is None:
        raise PortfolioError(
            Text("代码对照表有误：" + "；".join(f"{f.path}：{f.wrong.zh}" for f in checked.faults),
                 "the mapping has faults: "
                 + "; ".join(f"{f.path}: {f.wrong.en}" for f in checked.faults)),
            Text("；".join(dict.fromkeys(f.cure.zh for f in checked.faults)),
                 "; ".join(dict.fromkeys(f.cure.en for f in checked.faults))),
        )  # fmt: skip
    return checked.mapping


def read_content(path: Path) -> Any:
    """Return what a mapping file holds, unchecked.

    Parameters
    ----------
    path : pathlib.Path
        TOML, or JSON by its ending.

    Returns
    -------
    object
        Plain data.

    Raises
    ------
    PortfolioError
        If the file cannot be read as a whole; a code that stands twice in one table makes
        it so, with its line.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise _unreadable(path, Text("文件过大", "is too large"))
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() == ".json":
            return json.loads(text, object_pairs_hook=_once)
        return tomllib.loads(text)
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as fault:
        raise _unreadable(
            path, Text(f"无法读取（{fault}）", f"cannot be read ({fault})")
        ) from fault


def read_mapping(path: Path) -> CodeMapping:
    """Read a mapping file.

    Parameters
    ----------
    path : pathlib.Path
        TOML or JSON.

    Returns
    -------
    CodeMapping
        The mapping.

    Raises
    ------
    PortfolioError
        If the file cannot be read, or with every fault of the mapping.
    """
    return mapping_of(read_content(path))


def canonical(content: Any) -> bytes:
    """Return the content of a mapping as its digest takes it.

    Parameters
    ----------
    content : object
        Plain data.

    Returns
    -------
    bytes
        JSON in UTF-8, keys sorted, no blanks: of TOML and of JSON the same.
    """
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def no_such_mapping(name: str, known: tuple[str, ...]) -> PortfolioError:
    """Return the error for a mapping that does not exist.

    Parameters
    ----------
    name : str
        What was asked for.
    known : tuple of str
        What there is.

    Returns
    -------
    PortfolioError
        To be raised.
    """
    listed = ", ".join(known)
    return PortfolioError(
        Text(f"没有代码对照表“{name}”", f"there is no mapping {name!r}"),
        Text(f"可用：{listed}", f"there are: {listed}"),
    )


def _built(content: Mapping[str, Any]) -> CodeMapping:
    """The mapping that a content without faults says."""
    return CodeMapping(
        name=content["name"], title=text_of(content["title"]), source=content["source"],
        seen=content.get("seen", "institution"),
        dictionaries={
            subject: Dictionary(
                {code: tuple(meanings_of(value)) for code, value in codes.items()},
                {
                    word: (chosen,) if isinstance(chosen, str) else tuple(chosen)
                    for word, chosen in content.get("write", {}).get(subject, {}).items()
                },
            )
            for subject, codes in content.get("codes", {}).items()
        },
        fields=dict(content.get("fields", {})), filing=dict(content.get("filing", {})),
        context={name: text_of(title) for name, title in content.get("context", {}).items()},
        digest=hashlib.sha256(canonical(content)).hexdigest(),
    )  # fmt: skip


def meanings_of(value: Any) -> Iterator[Meaning]:
    """Yield the meanings of one code as a file holds them.

    Parameters
    ----------
    value : str or list of mapping
        A word, or words with conditions.

    Yields
    ------
    Meaning
        Each word with what it asks.
    """
    if isinstance(value, str):
        yield Meaning(value)
        return
    for one in value:
        yield Meaning(one["word"], tuple(sorted(one.get("when", {}).items())))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON in which no key stands twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"twice: {sorted({name for name in names if names.count(name) > 1})}")
    return found


def _unreadable(path: Path, why: Text) -> PortfolioError:
    return PortfolioError(
        Text(f"对照表文件 {path.name} {why.zh}", f"the mapping file {path.name} {why.en}"),
        Text("请对照 examples/mappings 中的文件", "compare the files in examples/mappings"),
    )
