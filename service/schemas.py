"""Requests and answers of the service."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

Cell = StrictStr | StrictBool | StrictInt | StrictFloat | None
"""One fact of a right."""


class Schema(BaseModel):
    """Strict, frozen, no NaN."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ValuationRequest(Schema):
    """Rights of one kind to value."""

    table: Annotated[str, Field(description="Kind of right 权利种类", examples=["land"])]
    valued_on: Annotated[date, Field(description="Valuation date 估值日", examples=["2026-11-24"])]
    rights: Annotated[
        list[dict[str, Cell]],
        Field(
            min_length=1,
            description="Facts by declared column name; GET /v1/tables/{table} lists them"
            " 按列名给出的事实",
            examples=[[{
                "right_id": "R-1", "kind": "household", "region_code": "370983",
                "area_mu": 30.0, "land_use": "paddy", "contract_end": "2028-12-31",
            }]],
        ),
    ]  # fmt: skip


class FaultAnswer(Schema):
    """One fault of one cell."""

    row: int
    right_id: str
    column: str
    value: str
    rule: str
    message_zh: str
    message_en: str
    cure_zh: str
    cure_en: str


class Provenance(Schema):
    """What an answer was made from."""

    engine_version: str
    rules_digest: str
    market: str
    market_digest: str
    models: dict[str, str]
    valued_on: date
    basis: Literal["market value, internal valuation, not a statutory appraisal"]
    trace_id: str


class ValuationAnswer(Schema):
    """Values, faults and provenance: rights in = results + rights with faults."""

    results: list[dict[str, Any]]
    faults: list[FaultAnswer]
    rights_in: int
    rights_valued: int
    rights_rejected: int
    provenance: Provenance


class Health(Schema):
    """State of the process."""

    status: Literal["up", "ready"]
    engine_version: str


class ErrorAnswer(Schema):
    """One error shape for everything."""

    error: str
    detail: list[dict[str, Any]]
