"""An institution's own rules: checked by the engine, tried on past decisions, put in force.

They lie over the law and may only tighten it (see `riskengine.rules.overlay`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from riskengine.errors import RiskEngineError, RuleError
from riskengine.pledging.assess import LawOf
from riskengine.rules import statute_of, tightened
from riskengine.rules.overlay import known_places
from riskengine.scoring.application import application_of
from riskengine.scoring.record import record
from riskengine.scoring.score import score_many
from riskengine.words import Text
from service.governance.past import entries, last_applications
from service.problems import Fault, Problem
from service.refusals import absent
from service.scoring.equipment import Equipped
from service.scoring.law import laid_out, law_of_files
from service.state import State
from service.store import artifacts, overlays
from service.store.database import reading

BRACKETS = re.compile(r"[\[\]{}]")
CURE = Text("请按规则文件的格式书写", "write it as files of rules are written")
COMPARED = ("decision", "limit_yuan")
"""What of a decision tells whether it came out otherwise."""

DEEPEST, MOST_DOTS = 50, 100
"""Brackets inside one another, and dots of one line: beyond them a file of rules is a trap for
its parser, whose stack and time they use up."""

MOST_CHARACTERS = 200_000
"""Characters of all files together: each is read once for every place that has rules."""
BROKEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading a file raises that is no file of rules at all."""


def law_of(files: Mapping[str, str]) -> LawOf:
    """Return the law of places with an institution's rules over it.

    Parameters
    ----------
    files : mapping of str to str
        TOML by file name; none for the law alone.

    Returns
    -------
    callable
        From region code to rules.

    Raises
    ------
    Problem
        422 with every file that is no rule file or that loosens the law of any place.
    """
    return _law(tuple(sorted(files.items())))


@lru_cache(maxsize=64)
def _law(files: tuple[tuple[str, str], ...]) -> LawOf:
    """The law of an overlay, read once: it is asked for with every list of rules."""
    if sum(len(text) for _, text in files) > MOST_CHARACTERS:
        raise Problem(
            422, "overlay-too-large",
            Text(f"机构规则超过 {MOST_CHARACTERS} 字", f"more than {MOST_CHARACTERS} characters"),
            Text("请删去不用的内容", "leave out what is not needed"),
        )  # fmt: skip
    faults = [fault for name, text in files for fault in _faults(name, text)]
    if faults:
        raise Problem(
            422, "overlay-refused", Text("机构规则未被采纳", "the overlay is refused"),
            Text("请按 errors 逐项改正", "mend what errors lists"), faults,
        )  # fmt: skip
    return law_of_files({name: text.encode() for name, text in files})


def _faults(name: str, text: str) -> Iterator[Fault]:
    """What the engine finds in one file: the first fault of each place's law, told once."""
    if _is_trap(text):
        wrong = Text("嵌套过深", "is nested too deeply")
        yield Fault(f"/body/files/{name}", "rule", wrong, CURE)
        return
    told: set[str] = set()
    with laid_out({name: text.encode()}) as folder:
        for place in ("", *known_places()):
            try:
                tightened(statute_of(place), folder)
            except RuleError as fault:
                wrong, cure = _without(fault.wrong, folder, name), fault.cure
                if wrong.en not in told:
                    told.add(wrong.en)
                    yield Fault(f"/body/files/{name}", "rule", wrong, cure)
            except BROKEN:
                yield Fault(
                    f"/body/files/{name}", "rule", Text("不是规则文件", "is no file of rules"), CURE
                )
                return


def _is_trap(text: str) -> bool:
    """Whether a text is nested so deeply that no rules are meant by it."""
    depth = deepest = 0
    for mark in BRACKETS.findall(text):
        depth = max(0, depth + (1 if mark in "[{" else -1))
        deepest = max(deepest, depth)
    dots = max((line.count(".") for line in text.splitlines()), default=0)
    return deepest > DEEPEST or dots > MOST_DOTS


def _without(said: Text, folder: Path, name: str) -> Text:
    """Words that name the file and not where the service laid it."""
    return Text(said.zh.replace(str(folder), name), said.en.replace(str(folder), name))


def files_of(connection: Connection, tenant: str, digest: str) -> dict[str, str]:
    """Return the files of an overlay that is or was in force.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    digest : str
        Its digest; empty for none.

    Returns
    -------
    dict of str to str
        TOML by file name.

    Raises
    ------
    Problem
        404 if this tenant never had one of this digest, or it is damaged.
    """
    files = overlays.files_of(connection, tenant, digest)
    if files is None:
        raise absent(Text("这一版机构规则", "such overlay"))
    return {name: content.decode() for name, content in files.items()}


def law_in_force(state: State, tenant: str) -> tuple[LawOf, str]:
    """Return a tenant's law as it is in force now.

    Parameters
    ----------
    state : State
        The service.
    tenant : str
        Whose.

    Returns
    -------
    callable
        From region code to rules.
    str
        Digest of the overlay; empty for the law alone.
    """
    with reading(state.engine) as connection:
        digest = overlays.in_force(connection, tenant).digest
        files = files_of(connection, tenant, digest)
    return law_of(files), digest


def put_in_force(
    connection: Connection, tenant: str, files: Mapping[str, str], expected: str, by: str,
    moment: str,
) -> artifacts.Pointer:  # fmt: skip
    """Put an overlay in force that `law_of` took.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant : str
        Whose.
    files : mapping of str to str
        TOML by file name; none to go back to the law alone.
    expected : str
        Digest that is believed to be in force.
    by, moment : str
        Who changes it, and when.

    Returns
    -------
    Pointer
        As it stands now.

    Raises
    ------
    Problem
        412 if another is in force.
    """
    digest = ""
    if files:
        content = artifacts.pack({name: text.encode() for name, text in files.items()})
        digest = artifacts.put(connection, tenant, overlays.KIND, overlays.NAME, content, moment)
    return artifacts.point(
        connection, tenant, overlays.KIND, overlays.NAME, digest, expected, by, moment
    )


def changes_of(connection: Connection, tenant: str) -> list[dict[str, Any]]:
    """Return every overlay that was put in force, the newest first.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.

    Returns
    -------
    list of dict
        Position in the chain, moment, who, digest before and after.
    """
    keys = ("position", "changed_at", "by", "before", "digest", "generation")
    found = entries(connection, tenant, "pointer", [overlays.NAME])
    return [
        {key: one[key] for key in keys}
        for one in reversed(found) if one["kind"] == overlays.KIND
    ]  # fmt: skip


def trial(state: State, tenant: str, kit: Equipped, law: LawOf, most: int) -> dict[str, Any]:
    """Return which of the last decisions would come out otherwise under another overlay.

    Each is scored twice with the market and models of today, under the law in force and
    under the one that is tried: what differs comes from the rules alone.

    Parameters
    ----------
    state : State
        The service.
    tenant : str
        Whose decisions.
    kit : Equipped
        What its applications are scored by now.
    law : callable
        The law that is tried.
    most : int
        Most decisions looked at, >= 1.

    Returns
    -------
    dict
        How many were looked at and scored, and those that differ, with both outcomes.
    """
    with reading(state.engine) as connection:
        contents = list(last_applications(connection, state.secrets, tenant, most))
    taken = []
    for decision_id, content in contents:
        try:
            taken.append((decision_id, application_of(content)))
        except RiskEngineError:
            continue
    applications = [application for _, application in taken]
    present, tried = (
        [_short(one) for one in score_many(applications, equipment)]
        for equipment in (kit.equipment, replace(kit.equipment, law=law))
    )
    differ = [
        {"decision_id": decision_id, "before": old, "after": new}
        for (decision_id, _), old, new in zip(taken, present, tried, strict=True) if old != new
    ]  # fmt: skip
    return {"looked_at": len(contents), "scored": len(taken), "differ": differ}


def _short(score: Any) -> dict[str, Any]:
    """What is compared of a score."""
    if isinstance(score, RiskEngineError):
        return dict.fromkeys(COMPARED)
    told = record(score)
    return {key: told[key] for key in COMPARED}
