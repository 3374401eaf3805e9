"""Records translated by a mapping: codes to words as they come, words to codes as they go.

Every answer names the codes that it did not know; a code that is not known is kept as it
came and never guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from riskengine.errors import PortfolioError
from riskengine.exchange.mapping import CodeMapping, Read, read_code, write_code
from riskengine.exchange.states import HistoryFault, Step, check_history
from riskengine.exchange.vocabulary import CASE_STATE, subjects
from riskengine.words import Text

ALIASES: Mapping[str, str] = {
    "borrower_type": "client_type", "state": CASE_STATE, "table": "right_kind",
    "cause": "default_cause",
}  # fmt: skip
"""Names of cells whose subject has another name."""
WHY: Mapping[str, Text] = {
    "unknown": Text("对照表中没有这个代码", "the mapping does not know this code"),
    "ambiguous": Text("这个代码有几种含义，需要说明 {asks}",
                      "this code has several meanings; say {asks}"),
    "unwritten": Text("机构没有表示这个词的代码", "the institution has no code for this word"),
    "choice": Text("这个词有几个代码：{asks}", "this word has several codes: {asks}"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """One code that was not known, kept as it came.

    Parameters
    ----------
    path : str
        Where it stands, as ``rights[0].right_kind``.
    subject : str
        Which list it should be of.
    code : str
        The code, or the word that has none.
    why : {"unknown", "ambiguous", "unwritten", "choice"}
        A key of `WHY`.
    asks : tuple of str
        What the context must say, or the codes to choose from.
    """

    path: str
    subject: str
    code: str
    why: str
    asks: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return it as plain data.

        Returns
        -------
        dict
            With the reason in both languages.
        """
        told = WHY[self.why].fill(asks=", ".join(self.asks))
        return {
            "path": self.path, "subject": self.subject, "code": self.code, "why": self.why,
            "asks": list(self.asks), "message": {"zh": told.zh, "en": told.en},
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Translated:
    """A record after translation.

    Parameters
    ----------
    record : dict
        The record, a new one.
    unknown : tuple of UnknownCode
        Every code that was not known, in the order of the record.
    """

    record: dict[str, Any]
    unknown: tuple[UnknownCode, ...]


def subject_of(name: str) -> str | None:
    """Return the list that the cells of a name are coded by.

    Parameters
    ----------
    name : str
        Name of a cell.

    Returns
    -------
    str or None
        A subject; None for cells that hold no code.

    Examples
    --------
    >>> subject_of("borrower_type"), subject_of("balance_yuan")
    ('client_type', None)
    """
    found = ALIASES.get(name, name)
    return found if found in subjects() else None


def incoming(
    mapping: CodeMapping,
    record: Mapping[str, Any],
    context: Mapping[str, str] | None = None,
    *,
    leave_out: bool = False,
) -> Translated:
    """Translate a record as it comes: the institution's fields and codes to the engine's.

    Parameters
    ----------
    mapping : CodeMapping
        The institution's mapping.
    record : mapping of str to object
        Plain data, tables and lists at any depth up to that of the data itself.
    context : mapping of str to str or None
        What decides codes of several meanings.
    leave_out : bool
        Whether cells whose code is not known are left out of the record, so that the
        engine takes the fact as missing; they are named all the same.

    Returns
    -------
    Translated
        Cells of subjects that the mapping does not speak of are left as they are.

    Raises
    ------
    PortfolioError
        If two fields would land in one cell.
    """
    said = context or {}

    def read(subject: str, code: str, path: str) -> tuple[str, UnknownCode | None]:
        found: Read = read_code(mapping, subject, code, said)
        if found.word is not None:
            return found.word, None
        return code, UnknownCode(path, subject, code, found.state, found.asks)

    return _walked(mapping, _renamed(record, mapping.fields), read, leave_out)


def outgoing(
    mapping: CodeMapping, record: Mapping[str, Any], context: Mapping[str, str] | None = None
) -> Translated:
    """Translate a record as it goes: the engine's words to the institution's codes.

    Parameters
    ----------
    mapping : CodeMapping
        The institution's mapping.
    record : mapping of str to object
        Plain data with the engine's words.
    context : mapping of str to str or None
        Where the codes are to stand.

    Returns
    -------
    Translated
        Words that have no code stay words and are named.
    """
    said = context or {}

    def write(subject: str, word: str, path: str) -> tuple[str, UnknownCode | None]:
        found = write_code(mapping, subject, word, said)
        if found.code is not None:
            return found.code, None
        why = "choice" if found.choices else "unwritten"
        return word, UnknownCode(path, subject, word, why, found.choices)

    return _walked(mapping, dict(record), write, leave_out=False)


def history_of(
    mapping: CodeMapping, history: list[Mapping[str, Any]], context: Mapping[str, str] | None = None
) -> tuple[tuple[UnknownCode, ...], tuple[HistoryFault, ...]]:
    """Check a case's history that is told in an institution's codes.

    Parameters
    ----------
    history : list of mapping
        Entries with ``state``, ``on`` (datetime.date or absent) and, where the code alone
        does not say it, ``context``.
    mapping : CodeMapping
        The institution's mapping.
    context : mapping of str to str or None
        What holds for every entry.

    Returns
    -------
    unknown : tuple of UnknownCode
        Codes that were not known; their entries are passed over by the check.
    faults : tuple of HistoryFault
        Moves that are not allowed, between the states that the institution records;
        positions count the entries that were known.
    """
    unknown: list[UnknownCode] = []
    steps: list[Step] = []
    recorded: set[str] = set()
    dictionary = mapping.dictionaries.get(CASE_STATE)
    for k, entry in enumerate(history):
        said = {**(context or {}), **entry.get("context", {})}
        found = incoming(mapping, {"state": entry["state"]}, said)
        recorded |= dictionary.words(said) if dictionary is not None else set()
        if found.unknown:
            one = found.unknown[0]
            unknown.append(UnknownCode(f"[{k}].state", one.subject, one.code, one.why, one.asks))
        else:
            steps.append(Step(found.record["state"], entry.get("on")))
    return tuple(unknown), check_history(steps, recorded if dictionary is not None else None)


Cell = Callable[[str, str, str], tuple[str, UnknownCode | None]]


def _walked(
    mapping: CodeMapping, record: Mapping[str, Any], change: Cell, leave_out: bool
) -> Translated:
    """Every coded cell of a record changed."""
    unknown: list[UnknownCode] = []

    def one(subject: str, cell: Any, path: str) -> Any:
        if isinstance(cell, bool) or not isinstance(cell, str | int):
            unknown.append(UnknownCode(path, subject, str(cell), "unknown"))
            return cell
        found, fault = change(subject, str(cell), path)
        if fault is None:
            return found
        unknown.append(fault)
        return cell

    def table(held: Mapping[str, Any], path: str) -> dict[str, Any]:
        new = {}
        for name, cell in held.items():
            here = f"{path}.{name}" if path else name
            before = len(unknown)
            new[name] = walk(name, cell, here)
            if leave_out and len(unknown) > before and not isinstance(cell, Mapping | list):
                del new[name]
        return new

    def walk(name: str, cell: Any, path: str) -> Any:
        if isinstance(cell, Mapping):
            return table(cell, path)
        if isinstance(cell, list):
            return [walk(name, part, f"{path}[{k}]") for k, part in enumerate(cell)]
        subject = subject_of(name)
        if subject is None or subject not in mapping.dictionaries or cell is None:
            return cell
        return one(subject, cell, path)

    return Translated(table(record, ""), tuple(unknown))


def _renamed(record: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    """A copy with the institution's names of fields replaced by the engine's."""
    new: dict[str, Any] = _copied(record)
    for own, path in fields.items():
        _move(new, own.split("."), path.split("."))
    return new


def _copied(cell: Any) -> Any:
    if isinstance(cell, Mapping):
        return {name: _copied(part) for name, part in cell.items()}
    return [_copied(part) for part in cell] if isinstance(cell, list) else cell


def _move(table: dict[str, Any], own: list[str], path: list[str]) -> None:
    """Move one cell; below a table or list that both share, within each of its parts."""
    head = own[0]
    if len(own) > 1 and len(path) > 1 and head == path[0]:
        inner = table.get(head)
        for part in inner if isinstance(inner, list) else [inner]:
            if isinstance(part, dict):
                _move(part, own[1:], path[1:])
        return
    holder: Any = table
    for name in own[:-1]:
        holder = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(holder, dict) or own[-1] not in holder:
        return
    cell = holder.pop(own[-1])
    target: Any = table
    for name in path[:-1]:
        target = target.setdefault(name, {}) if isinstance(target, dict) else None
    if not isinstance(target, dict) or path[-1] in target:
        raise PortfolioError(
            Text(f"字段“{'.'.join(own)}”与“{'.'.join(path)}”同时出现",
                 f"{'.'.join(own)} and {'.'.join(path)} are both given"),
            Text("只给其中一个", "give one of them"),
        )  # fmt: skip
    target[path[-1]] = cell
