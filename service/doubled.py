"""Names that stand twice in one object of JSON: parsers keep the last and say nothing."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from riskengine.words import Text
from service.pointers import Step, pointer
from service.problems import Fault, Problem

LONGEST_NAME = 64
"""Characters of a name that are sent back."""


def members(part: Any) -> int:
    """Count the members of all objects of plain data.

    An object of JSON has a colon for every member, so that a text with as many colons as
    members has no name twice.

    Parameters
    ----------
    part : object
        Plain data; what is neither a dictionary nor a list counts nothing.

    Returns
    -------
    int
        Members, at any depth.

    Examples
    --------
    >>> members({"a": [{"b": 1}, {"b": 2}]})
    3
    """
    cells: Collection[Any]
    if type(part) is dict:
        count, cells = len(part), part.values()
    elif type(part) is list:
        count, cells = 0, part
    else:
        return 0
    if HOLDERS.isdisjoint(map(type, cells)):
        return count
    for cell in cells:
        if type(cell) in HOLDERS:
            count += members(cell)
    return count


HOLDERS = frozenset({dict, list})


class _Pairs(list[tuple[str, Any]]):
    """Members of an object in their order."""


def refuse_doubled(body: bytes) -> None:
    """Refuse JSON with a name that stands twice in one object.

    Parameters
    ----------
    body : bytes
        JSON, read once without a fault.

    Raises
    ------
    Problem
        422 with the place of the name.
    """
    read = json.loads(
        body, object_pairs_hook=_Pairs, parse_int=len, parse_float=len, parse_constant=len
    )  # fmt: skip
    found = next(_twice(read, ("body",)), None)
    if found is None:
        return
    wrong = Text("这一项写了两次", "is given twice")
    raise Problem(
        422, "duplicate-member",
        Text("同一对象中有重复的名称", "a name stands twice in one object"),
        Text("只留一处", "keep one of them"),
        (Fault(pointer(found), "duplicate", wrong),),
    )  # fmt: skip


def _twice(part: Any, place: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    """Places of names that stand twice."""
    if isinstance(part, _Pairs):
        seen = set()
        for name, cell in part:
            here = (*place, name[:LONGEST_NAME])
            if name in seen:
                yield here
            seen.add(name)
            yield from _twice(cell, here)
    elif isinstance(part, list):
        for k, cell in enumerate(part):
            yield from _twice(cell, (*place, k))
