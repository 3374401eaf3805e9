"""Queries of addresses, as strict as bodies: a name that is not known or doubled is refused."""

from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import ParamTypes

from riskengine.words import Text
from service.pointers import pointer
from service.problems import Fault, Problem

LONGEST_NAME, MOST_NAMES = 64, 100
"""Characters of a name that are sent back, and most names that are told."""
UNKNOWN = Text("没有这个查询参数", "is no parameter of this address")
TWICE = Text("这个查询参数写了两次", "is given twice")


def refuse_unknown(request: Request) -> None:
    """Refuse a query with names that the endpoint does not know, or with one twice.

    Parameters
    ----------
    request : Request
        A request whose route is found.

    Raises
    ------
    Problem
        422 that names each.
    """
    raw = request.scope["query_string"]
    if not raw:
        return
    known = _names_of(request.scope["route"])
    faults: dict[str, Fault] = {}
    seen: set[str] = set()
    for name, _ in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
        if name not in known or name in seen:
            code, said = ("duplicate", TWICE) if name in known else ("unknown_parameter", UNKNOWN)
            faults[name] = Fault(pointer(("query", name[:LONGEST_NAME])), code, said, _cure(known))
        seen.add(name)
    if faults:
        raise Problem(
            422, "invalid-request",
            Text("请求不合接口的格式", "the request does not fit its schema"),
            Text("请按 errors 逐项改正", "mend what errors lists"),
            list(faults.values())[:MOST_NAMES],
        )  # fmt: skip


def _cure(known: frozenset[str]) -> Text:
    listed = ", ".join(sorted(known))
    if not listed:
        return Text("此处没有查询参数", "there are no parameters here")
    return Text(f"每个至多一次，可用：{listed}", f"each at most once, of {listed}")


def _names_of(route: Any) -> frozenset[str]:
    """Names that an endpoint reads from the query, those of its dependencies too."""
    found = KNOWN.get(route.endpoint)
    if found is None:
        found = KNOWN[route.endpoint] = frozenset(
            one.alias
            for one in get_flat_params(route.dependant)
            if getattr(one.field_info, "in_", None) is ParamTypes.query
        )
    return found


KNOWN: dict[Any, frozenset[str]] = {}
"""Names by endpoint, found when first asked for."""
