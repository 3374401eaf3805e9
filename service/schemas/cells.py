"""Schemas of the cells of a table, from its one declaration."""

from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any, Literal, NotRequired

from pydantic import (
    AfterValidator,
    AwareDatetime,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StrictBool,
    with_config,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from typing_extensions import TypedDict

from riskengine.columns import TEXT_LENGTH, Column, Contract, describe
from service.schemas.plain import Impersonal

CONFIG = ConfigDict(extra="forbid", allow_inf_nan=False)


class _Written:
    """Lets only YYYY-MM-DD become a day: a number of seconds is one too, for the validator."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the check, none of it in Python: an application has a dozen days."""
        text = core_schema.str_schema(strict=True, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        written = core_schema.chain_schema([text, handler(source)])
        known = core_schema.union_schema([core_schema.date_schema(strict=True), written])
        return core_schema.custom_error_schema(
            core_schema.json_or_python_schema(written, known),
            "day", custom_error_message="Input should be a day, YYYY-MM-DD",
        )  # fmt: skip

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return how the document tells of it."""
        return handler(core_schema.date_schema())


Day = Annotated[date, _Written]
"""A calendar day, written YYYY-MM-DD."""


def _within(moment: datetime) -> datetime:
    """A moment that has a day in UTC: at the ends of the calendar a zone leads out of it."""
    try:
        moment.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("moment", "Input should lie within the calendar") from None
    return moment


Instant = Annotated[AwareDatetime, AfterValidator(_within)]
"""A moment with its zone."""


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
