"""Personal cells of an application: taken out at the door, sealed, erased on request.

The features of the model of default are sealed with them: what a client names and writes there
is bound by no declaration, and may be anything.
"""

import hashlib
import os
from collections.abc import Mapping
from typing import Any

import orjson

from riskengine.columns import Contract
from riskengine.gates.tables import LOANS, pledges, policies
from riskengine.rights import RIGHTS
from riskengine.scoring.application import BORROWER, FEATURES, GUARANTEE

Pointer = tuple[str | int, ...]
SALT_BYTES = 16
NESTED = frozenset({dict, list, tuple})
"""What holds cells, as parsers of JSON and TOML make it."""


def personal_names() -> frozenset[str]:
    """Return the names of what is sealed, wherever it stands.

    Returns
    -------
    frozenset of str
        Columns whose cells identify a person, as the contracts declare them, and the features
        of the model of default, whole: their names too.
    """
    contracts: tuple[Contract, ...] = (
        BORROWER, GUARANTEE, LOANS, pledges(), policies(), *RIGHTS.values()
    )  # fmt: skip
    declared = (column.name for one in contracts for column in one.columns if column.personal)
    return frozenset(declared) | {FEATURES}


def split(content: Mapping[str, Any], names: frozenset[str]) -> tuple[dict[str, Any], bytes]:
    """Take personal cells out of an application.

    Parameters
    ----------
    content : mapping
        The application as plain data.
    names : frozenset of str
        What is sealed, as `personal_names` returns it.

    Returns
    -------
    dict
        The application without it.
    bytes
        Them, with a salt, as `join` takes them; their SHA-256 is a commitment that says
        nothing about them once the bytes are gone.
    """
    cells: list[tuple[Pointer, Any]] = []
    kept = _without(content, (), names, cells)
    held = {"salt": os.urandom(SALT_BYTES).hex(), "cells": cells}
    return kept, orjson.dumps(held)


def commitment(held: bytes) -> str:
    """Return what the chain holds of personal cells: SHA-256 of the salted bytes."""
    return hashlib.sha256(held).hexdigest()


def join(kept: Mapping[str, Any], held: bytes) -> dict[str, Any]:
    """Put personal cells back into an application.

    Parameters
    ----------
    kept : mapping
        The application without them.
    held : bytes
        As `split` returned them.

    Returns
    -------
    dict
        The application as it was sent.
    """
    whole: dict[str, Any] = orjson.loads(orjson.dumps(kept))
    for place, cell in orjson.loads(held)["cells"]:
        inside: Any = whole
        for step in place[:-1]:
            inside = inside[step]
        inside[place[-1]] = cell
    return whole


def _without(
    part: Any, place: Pointer, names: frozenset[str], cells: list[tuple[Pointer, Any]]
) -> Any:  # fmt: skip
    """A part without personal cells, which are put into ``cells`` with their places."""
    kind = type(part)
    if kind is dict:
        kept = dict(part)
        if not names.isdisjoint(part):
            cells += [((*place, key), kept.pop(key)) for key in part if key in names]
        for key in [key for key, cell in kept.items() if type(cell) in NESTED]:
            kept[key] = _without(kept[key], (*place, key), names, cells)
        return kept
    if kind is list or kind is tuple:
        return [_without(cell, (*place, k), names, cells) for k, cell in enumerate(part)]
    return part
