"""Schemas of the cells of a table, from its one declaration."""

from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Literal, NotRequired

from pydantic import BeforeValidator, ConfigDict, Field, StrictBool, with_config
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from riskengine.columns import TEXT_LENGTH, Column, Contract, describe
from service.schemas.plain import Impersonal

CONFIG = ConfigDict(extra="forbid", allow_inf_nan=False)


def _text(given: Any) -> Any:
    """Let only YYYY-MM-DD become a day: a number of seconds is one too, for the validator."""
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    if isinstance(given, str) and len(given) == DAY_LENGTH and given[4] == given[7] == "-":
        return given
    raise PydanticCustomError("date_type", "Input should be a day, YYYY-MM-DD")


DAY_LENGTH = len("2026-11-26")
Day = Annotated[date, BeforeValidator(_text)]
"""A calendar day, written YYYY-MM-DD."""


def record(name: str, members: dict[str, Any]) -> Any:
    """Return the schema of a record; what it does not name is refused.

    Parameters
    ----------
    name : str
        Name of the schema in the OpenAPI document.
    members : dict of str to type
        Schema of each member, such as `fields` returns them.

    Returns
    -------
    type
        A TypedDict: what is not given is not there.
    """
    made: Any = TypedDict  # a name and members that are known when the program runs only
    return with_config(CONFIG)(made(name, members))


def fields(*contracts: Contract, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return the members of a record whose cells come from some tables.

    Parameters
    ----------
    *contracts : Contract
        Declarations; of two columns of one name the first stands.
    without : frozenset of str
        Columns that are not asked for.

    Returns
    -------
    dict of str to type
        All optional but required columns.
    """
    found: dict[str, Any] = {}
    for contract in contracts:
        for column in contract.columns:
            if column.name in without or column.name in found:
                continue
            kind = cell(column)
            needed = column.required and column is not contract.identifier
            found[column.name] = kind if needed else NotRequired[kind | None]
    return found


@cache
def cell(column: Column) -> Any:
    """Return the schema of one cell.

    Parameters
    ----------
    column : Column
        Its declaration.

    Returns
    -------
    type
        With range, choices, unit, heading and example.
    """
    more: dict[str, Any] = {"title": column.heading, "description": describe(column)}
    if column.unit:
        more["json_schema_extra"] = {"x-unit": column.unit}
    match column.kind:
        case "flag":
            return Annotated[StrictBool, Field(**more)]
        case "date":
            return Annotated[Day, Field(**more)]
        case "code":
            return Annotated[Literal[column.codes], Field(**more)]
        case "text":
            told = Annotated[str, Field(strict=True, max_length=TEXT_LENGTH, **more)]
            return told if column.personal else Annotated[told, Impersonal]
    if column.low > float("-inf"):
        more["gt" if column.low_open else "ge"] = column.low
    if column.high < float("inf"):
        more["le"] = column.high
    return Annotated[float, Field(strict=True, allow_inf_nan=False, **more)]
