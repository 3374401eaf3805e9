"""Whether a statement names the institution, or the institutions, of every table it touches."""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Delete, Insert, Select, Update
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, TextClause

from service.store.tables import metadata

TENANTED = {name: table for name, table in metadata.tables.items() if "tenant" in table.c and name != "tenants"}  # fmt: skip
BY_ID = {"api_keys": "key_id"}
"""The look-up of a key comes before the institution is known; its id is the key's own."""


UPKEEP = ("SELECT jobs.state, count(",)
"""Beginnings of statements that operators ask: figures over all institutions, no rows."""


def faults_of(statement: Any) -> Iterator[str]:
    """Tables of a statement whose institution is not named."""
    if isinstance(statement, TextClause):
        named = [name for name in TENANTED if re.search(rf"\b{name}\b", statement.text)]
        if named and "tenant" not in statement.text:
            yield f"{named}: {statement.text}"
        return
    if isinstance(statement, Insert) or not isinstance(statement, Select | Update | Delete):
        return
    if re.sub(r"\s+", " ", str(statement)).startswith(UPKEEP):
        return
    held = {column.table.name for column in _held(statement, "tenant")}
    for column in list(_held(statement, "*")):
        if BY_ID.get(column.table.name) == column.name:
            held.add(column.table.name)
    for name in sorted(_tables(statement) - held):
        yield f"{name}: {statement}"


def _tables(statement: Any) -> set[str]:
    """Tables with an institution that a statement reads or changes."""
    seen = {part.name for part in visitors.iterate(statement) if part.__visit_name__ == "table"}
    if isinstance(statement, Update | Delete):
        seen.add(statement.table.name)
    return seen & TENANTED.keys()


def _held(statement: Any, name: str) -> Iterator[Any]:
    """Columns of a name that a condition holds to given values: with `and` around, never `or`."""
    conditions = [statement.whereclause] if statement.whereclause is not None else []
    for part in visitors.iterate(statement):
        if part.__visit_name__ == "join":
            conditions.append(part.onclause)
        elif isinstance(part, Select):
            conditions += [joined[1] for joined in part._setup_joins if joined[1] is not None]
            if part is not statement and part.whereclause is not None:
                conditions.append(part.whereclause)
    while conditions:
        one = conditions.pop()
        if isinstance(one, BooleanClauseList) and one.operator is operators.and_:
            conditions += list(one.clauses)
        elif isinstance(one, BinaryExpression) and one.operator in {operators.eq, operators.in_op}:
            yield from (
                side for side in (one.left, one.right)
                if getattr(side, "table", None) is not None and name in {"*", side.name}
            )  # fmt: skip
