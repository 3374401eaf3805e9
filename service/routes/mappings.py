"""Mappings: an institution's codes and case states for the engine's words."""

import tomllib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from riskengine.exchange.mapping import shipped, shipped_names
from riskengine.exchange.mapping_file import Checked, check_mapping
from riskengine.exchange.states import entries, moves
from riskengine.exchange.translate import history_of, incoming, outgoing
from riskengine.exchange.vocabulary import subjects
from riskengine.words import Text
from service.answers import NOT_MODIFIED, tagged, unchanged
from service.bodies import JsonBody
from service.clock import now, stamp
from service.deps import Administering, Reading, Ready
from service.examples import ROOT
from service.exchange.mappings import (
    KIND,
    MappingName,
    content_in_force,
    mapping_named,
    own_names,
    put_in_force,
)
from service.problems import Fault, Problem
from service.schemas import mapping as schemas
from service.schemas.base import COMMON, Said, problems
from service.store import artifacts
from service.store.database import reading, writing

router = APIRouter(prefix="/v1/mappings", tags=["mappings"])
EXAMPLE = tomllib.loads(
    (ROOT / "mappings" / "county_guarantee.toml").read_text(encoding="utf-8")
)  # fmt: skip
ONE = JsonBody(schemas.Mapping, "Mapping", {"county_guarantee": EXAMPLE})
RECORD = JsonBody(schemas.Translation, "Translation", {
    "in": {"direction": "in", "record": {"client_type": "03", "check_class": "04"}},
    "ambiguous": {"record": {"state": "93"}, "context": {"list": "compensation"}},
})  # fmt: skip
HISTORY = JsonBody(schemas.History, "History", {
    "ended": {"history": [{"state": "50"}, {"state": "90"}], "context": {"list": "project"}},
})  # fmt: skip
BODIES = (ONE, RECORD, HISTORY)
Name = Annotated[MappingName, Path(description="对照表名称 name of the mapping")]
OwnName = Annotated[MappingName, Path(
    description="机构自己的名称 a name of the institution's own", examples=[EXAMPLE["name"]],
)]  # fmt: skip


@router.get("", responses=problems(401, 403, 429, 503))
def list_mappings(caller: Reading, state: Ready) -> schemas.MappingsAnswer:
    """List the institution's own mappings, and those that come with the engine 对照表列表."""
    with reading(state.engine) as connection:
        own = own_names(connection, caller.tenant)
    found = [(mapping_named(state, caller.tenant, name), False) for name in own]
    found += [(shipped(name), True) for name in shipped_names()]
    return schemas.MappingsAnswer(items=[
        schemas.MappingLine(
            name=one.name, title=_said(one.title), digest=one.digest, shipped=comes,
            source=one.source, seen=one.seen, subjects=list(one.dictionaries),
        )
        for one, comes in found
    ])  # fmt: skip


@router.get("/vocabulary", responses=problems(401, 403, 429, 503))
def vocabulary(_: Reading) -> schemas.VocabularyAnswer:
    """Show the engine's words, and which state may follow which 引擎的词与状态."""
    return schemas.VocabularyAnswer(
        subjects={
            name: schemas.SubjectAnswer(
                title=_said(one.title), source=one.source, seen=one.seen,
                words={word: _said(title) for word, title in one.words.items()},
            )
            for name, one in subjects().items()
        },
        moves={state: sorted(after) for state, after in moves().items()},
        entries=sorted(entries()),
    )  # fmt: skip


@router.post("/check", openapi_extra=ONE.openapi, responses=problems(*COMMON, 415))
def check(_: Reading, content: Annotated[Any, Depends(ONE)]) -> schemas.CheckAnswer:
    """List every fault of a mapping, and the words it does not cover; nothing is kept 检查."""
    found = check_mapping(content)
    return schemas.CheckAnswer(
        digest=found.mapping.digest if found.mapping else None,
        faults=[
            schemas.MappingFaultAnswer(
                path=one.path, message=_said(one.wrong), cure=_said(one.cure)
            )
            for one in found.faults
        ],
        uncovered={subject: list(words) for subject, words in found.uncovered.items()},
    )  # fmt: skip


@router.get("/{name}", responses={
    200: {"model": schemas.MappingAnswer}, **problems(*COMMON, 404), **NOT_MODIFIED,
})  # fmt: skip
def show(request: Request, name: Name, caller: Reading, state: Ready) -> Response:
    """Show what a mapping holds 查看对照表."""
    with reading(state.engine) as connection:
        content, digest, comes = content_in_force(connection, caller.tenant, name)
    return tagged(
        request, {"digest": digest, "shipped": comes, "mapping": content}, tag=digest
    )  # fmt: skip


@router.put(
    "/{name}", openapi_extra=ONE.openapi,
    responses={200: {"model": schemas.MappingAnswer}, **problems(*COMMON, 409, 412, 415, 428)},
)  # fmt: skip
def put(
    request: Request, name: OwnName, caller: Administering, state: Ready,
    content: Annotated[Any, Depends(ONE)],
) -> Response:  # fmt: skip
    """Put a mapping in force under its name; one that is there needs If-Match 设定对照表."""
    _sound(check_mapping(content), name, content)
    with writing(state.engine) as connection:
        present = artifacts.pointer(connection, caller.tenant, KIND, name).digest
        unchanged(request, present)
        held = put_in_force(
            connection, caller.tenant, content, present, caller.key_id, stamp(now())
        )
    return tagged(
        request, {"digest": held.digest, "shipped": False, "mapping": content}, tag=held.digest
    )


@router.post(
    "/{name}/translate", openapi_extra=RECORD.openapi, responses=problems(*COMMON, 404, 415)
)  # fmt: skip
def translate(
    name: Name, caller: Reading, state: Ready, content: Annotated[Any, Depends(RECORD)]
) -> schemas.TranslationAnswer:
    """Translate a record, codes to words or back, and name what was not known 翻译."""
    mapping = mapping_named(state, caller.tenant, name)
    change = outgoing if content.get("direction") == "out" else incoming
    found = change(mapping, content["record"], content.get("context"))
    return schemas.TranslationAnswer.model_validate(
        {"record": found.record, "unknown_codes": [one.record() for one in found.unknown]}
    )


@router.post(
    "/{name}/history", openapi_extra=HISTORY.openapi, responses=problems(*COMMON, 404, 415)
)  # fmt: skip
def history(
    name: Name, caller: Reading, state: Ready, content: Annotated[Any, Depends(HISTORY)]
) -> schemas.HistoryAnswer:
    """Check the history of a case: moves that are not allowed are named 状态沿革."""
    mapping = mapping_named(state, caller.tenant, name)
    unknown, faults = history_of(mapping, content["history"], content.get("context"))
    return schemas.HistoryAnswer.model_validate({
        "allowed": not faults, "unknown_codes": [one.record() for one in unknown],
        "faults": [
            {"position": one.position, "before": one.before, "after": one.after,
             "message": _said(one.wrong), "cure": _said(one.cure)}
            for one in faults
        ],
    })  # fmt: skip


def _sound(checked: Checked, name: str, content: Any) -> None:
    """Refuse a mapping with faults, all of them told, or with another name.

    Raises
    ------
    Problem
        422.
    """
    faults = [
        Fault("/body/" + one.path.replace(".", "/"), "mapping", one.wrong, one.cure)
        for one in checked.faults
    ]
    if content["name"] != name:
        faults.append(Fault(
            "/body/name", "name", Text("名称与路径不同", "is not the name of the path"),
            Text("两处写同一名称", "write the same name in both places"),
        ))  # fmt: skip
    if faults:
        raise Problem(
            422, "invalid-mapping", Text("代码对照表有误", "the mapping has faults"),
            Text("请按 errors 逐项改正", "mend what errors lists"), faults,
        )  # fmt: skip


def _said(text: Text) -> Said:
    return Said(zh=text.zh, en=text.en)
