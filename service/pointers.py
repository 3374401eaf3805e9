"""Where a fault stands in what was sent: JSON pointers (RFC 6901) below ``/body``.

The validator names unions and checks among its steps, and the engine writes paths of its own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from riskengine.rights import RIGHTS

Step = str | int
PARTS = re.compile(r"([^.\[\]]+)|\[([0-9]+)\]")
KEY = "[key]"
"""Last step of the validator for a name that is at fault itself."""


def pointer(steps: Sequence[Step]) -> str:
    """Return a JSON pointer.

    Parameters
    ----------
    steps : sequence of str or int
        Names of members and places in lists.

    Returns
    -------
    str
        As RFC 6901 writes it.

    Examples
    --------
    >>> pointer(("body", "rights", 0, "a/b"))
    '/body/rights/0/a~1b'
    """
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def sent_at(place: Sequence[Step], sent: Any, missing: bool) -> tuple[Step, ...]:
    """Return where a fault of the validator stands in what was sent.

    Parameters
    ----------
    place : sequence of str or int
        Steps of the validator, such as ``("rights", 0, "land", "area_mu")``.
    sent : object
        What was sent, as plain data.
    missing : bool
        Whether the last step is a member that is not there.

    Returns
    -------
    tuple of str or int
        The longest way along those steps that there is; of a missing member its parent's
        and its name; of a name that is at fault the way of what holds it.

    Examples
    --------
    >>> sent_at(("rights", 0, "land", "area_mu"), {"rights": [{"area_mu": -1}]}, False)
    ('rights', 0, 'area_mu')
    """
    steps = tuple(place)
    if steps and steps[-1] == KEY:
        return _longest(steps[:-2], sent)
    if missing and steps:
        return (*_longest(steps[:-1], sent), steps[-1])
    return _longest(steps, sent)


def _longest(steps: tuple[Step, ...], sent: Any) -> tuple[Step, ...]:
    """The longest way along some of the steps, in their order."""
    if not steps:
        return ()
    head, rest = steps[0], steps[1:]
    if not _has(sent, head):
        return _longest(rest, sent)
    taken = (head, *_longest(rest, sent[head]))
    return taken if len(taken) == len(steps) else max(taken, _longest(rest, sent), key=len)


def _has(sent: Any, step: Step) -> bool:
    """Whether a step can be taken."""
    if isinstance(step, int):
        return isinstance(sent, list | tuple) and step < len(sent)
    return isinstance(sent, Mapping) and step in sent


def steps_of(path: str) -> tuple[Step, ...]:
    """Return the steps of a path as the engine writes it.

    Parameters
    ----------
    path : str
        Such as ``rights[0].area_mu``.

    Returns
    -------
    tuple of str or int
        Its steps.

    Examples
    --------
    >>> steps_of("rights[0].area_mu")
    ('rights', 0, 'area_mu')
    """
    return tuple(int(place) if place else name for name, place in PARTS.findall(path))


def cell_at(table: str, key: str, column: str, sent: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return where the cell of a table stands in an application.

    Parameters
    ----------
    table : str
        Table of the engine: a kind of right, ``pledges``, ``policies``, ``loans``, or a part
        of the application.
    key : str
        Identifier of the row.
    column : str
        Column.
    sent : mapping
        The application.

    Returns
    -------
    tuple of str or int
        Its steps; those of all rights where it may be of several, none where it is unknown.
    """
    if table == "loans":
        return ("loan", column)
    if table in ("borrower", "guarantee"):
        return (table, column)
    if table not in (*RIGHTS, "pledges", "policies"):
        return ()
    found = list(_rows(table, key, sent))
    return (*found[0], column) if len(found) == 1 else ("rights",)


def _rows(table: str, key: str, sent: Mapping[str, Any]) -> Iterator[tuple[Step, ...]]:
    """Rows of a table with an identifier."""
    for k, right in enumerate(sent.get("rights") or ()):
        if table == "policies":
            insured = right.get("policies") or ()
            yield from (
                ("rights", k, "policies", n)
                for n, policy in enumerate(insured)
                if str(policy.get("policy_id") or n + 1) == key
            )
        elif table in (right.get("table"), "pledges") and key == str(
            right.get("right_id") or k + 1
        ):
            yield ("rights", k)


def as_named(
    steps: Sequence[Step], fields: Mapping[str, str], sent: Mapping[str, Any]
) -> tuple[Step, ...]:
    """Return where a cell stood before a mapping renamed its field.

    Parameters
    ----------
    steps : sequence of str or int
        Where it stands in the engine's words.
    fields : mapping of str to str
        The institution's own path, the engine's path, names with dots between.
    sent : mapping
        What was sent, in the institution's words.

    Returns
    -------
    tuple of str or int
        The steps that were sent; the same where no field was renamed.

    Examples
    --------
    >>> as_named(("borrower", "borrower_type"), {"borrower.khlx": "borrower.borrower_type"},
    ...          {"borrower": {"khlx": "77"}})
    ('borrower', 'khlx')
    """
    for own, path in fields.items():
        found = _before(tuple(steps), own.split("."), path.split("."))
        if found is not None and len(_longest(found, sent)) == len(found):
            return found
    return tuple(steps)


def _before(
    steps: tuple[Step, ...], own: list[str], path: list[str]
) -> tuple[Step, ...] | None:  # fmt: skip
    """Steps of a cell before it was moved; within what both paths share lists may lie."""
    taken: list[Step] = []
    while steps and own[1:] and path[1:] and own[0] == path[0] == steps[0]:
        taken.append(steps[0])
        own, path, steps = own[1:], path[1:], steps[1:]
        while steps and isinstance(steps[0], int):
            taken.append(steps[0])
            steps = steps[1:]
    if steps[: len(path)] != tuple(path):
        return None
    return (*taken, *own, *steps[len(path) :])


def taken(path: str, sent: Any) -> tuple[Step, ...]:
    """Return the steps of a JSON pointer below ``/body``.

    Parameters
    ----------
    path : str
        As `pointer` writes it.
    sent : object
        What it points into: a number is a place where that holds a list.

    Returns
    -------
    tuple of str or int
        The steps, ``body`` first.

    Examples
    --------
    >>> taken("/body/rights/0/area_mu", {"rights": [{}]})
    ('body', 'rights', 0, 'area_mu')
    """
    steps: list[Step] = []
    for part in path.split("/")[1:]:
        step: Step = part.replace("~1", "/").replace("~0", "~")
        if steps and isinstance(sent, list) and part.isdecimal():
            step = int(part)
        if steps:
            sent = sent[step] if _has(sent, step) else None
        steps.append(step)
    return tuple(steps)
