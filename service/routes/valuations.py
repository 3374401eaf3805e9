"""Valuations: rights of one kind valued, with the numbers of the batch and the command line."""

import math
from datetime import date
from typing import Annotated, Any, Literal, Union

import pyarrow as pa
from fastapi import APIRouter, Depends, Request
from pydantic import Field
from typing_extensions import TypedDict

from riskengine import __version__
from riskengine.columns import blank_row, json_schema
from riskengine.rights import RIGHTS
from riskengine.rules import statute
from riskengine.single import value_records
from riskengine.table import Checked
from riskengine.valuation import FLAG_WORDS, Flag, Valuation, results
from riskengine.words import Text
from service.answers import NOT_MODIFIED, tagged
from service.bodies import JsonBody
from service.deps import Reading, Ready, Scoring
from service.problems import Problem
from service.refusals import absent
from service.schemas.base import COMMON, Said, Schema, problems
from service.schemas.cells import Day, cells, strict
from service.state import State

router = APIRouter(prefix="/v1", tags=["valuations"])
MOST = 5000
"""Most rights that the schema takes; the setting ``max_rights`` may ask for fewer."""
EXAMPLE_DAY = "2026-11-24"


def _kind(table: str) -> Any:
    """Schema of a request for one kind of right."""
    facts = strict(cells(f"{table.capitalize()}Facts", RIGHTS[table]))
    return strict(TypedDict(f"{table.capitalize()}Valuation", {
        "table": Annotated[Literal[table], Field(description="权利种类 kind of right")],  # type: ignore[valid-type]
        "valued_on": Annotated[Day, Field(
            description="估值日 day of valuation", examples=[EXAMPLE_DAY]
        )],
        "rights": Annotated[list[facts], Field(min_length=1, max_length=MOST)],
    }))  # fmt: skip


def _example(table: str) -> dict[str, Any]:
    """A request that runs."""
    contract = RIGHTS[table]
    row: dict[str, Any] = {}
    for name, cell in blank_row(contract).items():
        if cell:
            kind = contract.by_name[name].kind
            row[name] = (
                float(cell) if kind == "number" else cell == "true" if kind == "flag" else cell
            )
    return {"table": table, "valued_on": EXAMPLE_DAY, "rights": [row]}


Rights = Annotated[
    Union[tuple(_kind(table) for table in RIGHTS)],  # noqa: UP007 - made from the declarations
    Field(discriminator="table"),
]
ONE = JsonBody(Rights, "ValuationRequest", {table: _example(table) for table in RIGHTS})
BODIES = (ONE,)


class TableLine(Schema):
    """One kind of right 一种权利."""

    table: str
    title: Said
    columns: int
    schema_: Annotated[str, Field(alias="schema", description="何处有格式 where it is")]


class Note(Schema):
    """What a flag of a value means."""

    flag: str
    zh: str
    en: str


class RightFault(Schema):
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
    faults: list[RightFault]
    rights_in: int
    rights_valued: int
    rights_rejected: int
    provenance: Provenance


@router.post("/valuations", openapi_extra=ONE.openapi, responses=problems(*COMMON, 415))
def valuations(
    request: Request, _: Scoring, state: Ready, content: Annotated[Any, Depends(ONE)]
) -> ValuationAnswer:
    """Value one right or many: the same numbers as the batch and the command line 估值."""
    _bounded(len(content["rights"]), state.settings.max_rights)
    shared = state.shared
    checked, valuation = value_records(
        content["table"], content["rights"], content["valued_on"], shared.market,
        shared.price_models,
    )  # fmt: skip
    rows = result_rows(valuation)
    return ValuationAnswer(
        results=rows, faults=faults_of(checked), rights_in=len(content["rights"]),
        rights_valued=len(rows), rights_rejected=checked.rejected,
        provenance=_provenance(content["valued_on"], state, request.state.trace_id),
    )  # fmt: skip


@router.get("/tables", responses={
    200: {"model": list[TableLine]}, **problems(*COMMON), **NOT_MODIFIED,
})  # fmt: skip
def tables(request: Request, _: Reading) -> Any:
    """Kinds of right that are valued, and where their columns are described 权利种类."""
    return tagged(request, [
        {
            "table": table, "title": {"zh": contract.title.zh, "en": contract.title.en},
            "columns": len(contract.columns), "schema": f"/v1/tables/{table}",
        }
        for table, contract in RIGHTS.items()
    ])  # fmt: skip


@router.get("/tables/{table}", responses={
    200: {"model": dict[str, Any]}, **problems(*COMMON, 404), **NOT_MODIFIED,
})  # fmt: skip
def table_schema(request: Request, _: Reading, table: str) -> Any:
    """JSON Schema of the facts of one kind of right, with units 权利事实的格式."""
    if table not in RIGHTS:
        raise absent(Text("这种权利", "such kind of right"))
    return tagged(request, json_schema(RIGHTS[table]))


def _bounded(count: int, most: int) -> None:
    """Refuse more rights than the operator allows."""
    if count > most:
        raise Problem(
            422, "too-many", Text(f"一次最多 {most} 项权利", f"at most {most} rights a request"),
            Text("请分批，或用组合任务", "split the request, or use a job on a book"),
        )  # fmt: skip


def _provenance(day: date, state: State, trace_id: str) -> Provenance:
    """What an answer was made from."""
    shared = state.shared
    return Provenance(
        engine_version=__version__, rules_digest=statute().digest, market=shared.market.name,
        market_digest=shared.market.digest, valued_on=day,
        models={
            f"{model.table}:{model.name} ({model.origin})": model.digest
            for model in shared.price_models.values()
        },
        basis="market value, internal valuation, not a statutory appraisal", trace_id=trace_id,
    )  # fmt: skip


def result_rows(valuation: Valuation | None) -> list[dict[str, Any]]:
    """Return results as JSON rows: the batch's columns, NaN as null, flags in words.

    Parameters
    ----------
    valuation : Valuation or None
        Values; None where no right could be valued.

    Returns
    -------
    list of dict
        One a right.
    """
    if valuation is None:
        return []
    rows: list[dict[str, Any]] = pa.Table.from_batches([results(valuation)]).to_pylist()
    return [
        {name: _plain(cell) for name, cell in row.items()} | {"notes": _notes(row["flags"])}
        for row in rows
    ]


def _plain(cell: Any) -> Any:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _notes(flags: int) -> list[dict[str, str]]:
    return [
        {"flag": str(flag.name).lower(), "zh": FLAG_WORDS[flag].zh, "en": FLAG_WORDS[flag].en}
        for flag in Flag
        if flags & flag
    ]


def faults_of(checked: Checked) -> list[RightFault]:
    """Return faults as answers.

    Parameters
    ----------
    checked : Checked
        As the engine checked the rights.

    Returns
    -------
    list of RightFault
        Every fault of every rejected right.
    """
    names = RightFault.model_fields
    return [
        RightFault(**{name: fault.record()[name] for name in names})  # type: ignore[arg-type]
        for fault in checked.faults
    ]
