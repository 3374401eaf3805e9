"""Models: what decides, what runs in its shadow, their cards, and who is promoted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field

from models.store import Registry
from riskengine.errors import ModelError
from riskengine.learned.default import DefaultModel
from riskengine.rules import statute_of
from riskengine.words import Text
from service.answers import NOT_MODIFIED, tagged, wanted
from service.auth.caller import Caller
from service.bodies import JsonBody
from service.clock import day_of, now, stamp
from service.deps import Modelling, Operating, Reading, Ready
from service.governance.shadow import Pair, compared, drift_of
from service.problems import Problem
from service.refusals import absent
from service.schemas.base import COMMON, problems
from service.schemas.cells import Day, record
from service.schemas.model import (
    CardAnswer,
    DriftAnswer,
    ModelsAnswer,
    MovedModel,
    ShadowAnswer,
)
from service.schemas.plain import Impersonal
from service.state import State
from service.store import ledger
from service.store.database import reading, writing

router = APIRouter(prefix="/v1/models", tags=["models"])
MARKDOWN = "text/markdown; charset=utf-8"
CARD = (
    "name", "version", "kind", "form", "origin", "use", "not_for", "target", "population",
    "window", "split", "counts", "features", "calibration", "metrics", "bar", "triggers",
    "retrain", "lineage",
)  # fmt: skip
"""What the JSON card says, of what a release says of itself."""

Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,100}$", examples=["household-default"])]
Version = Annotated[str, Field(strict=True, pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,39}$")]
Reason = Annotated[str, Field(
    strict=True, min_length=5, max_length=500,
    description="理由，不写个人姓名 why; no person's name",
), Impersonal]  # fmt: skip
Promotion = record("Promotion", {
    "version": Version, "reason": Reason,
    "stage": Literal["champion", "shadow", "candidate", "retired"],
})  # fmt: skip
Rollback = record("Rollback", {"reason": Reason})
PROMOTION = JsonBody(Promotion, "Promotion", {"champion": {
    "version": "ac54e26fac07", "stage": "champion", "reason": "better in shadow for six months",
}})  # fmt: skip
ROLLBACK = JsonBody(Rollback, "Rollback", {"back": {"reason": "calibration alarms since Monday"}})
BODIES = (PROMOTION, ROLLBACK)


@router.get("", responses={
    200: {"model": ModelsAnswer}, **problems(*COMMON), **NOT_MODIFIED,
})  # fmt: skip
def models(request: Request, _: Reading, state: Ready) -> Response:
    """Models, their versions and stages, and what this process uses now 模型一览."""
    registry = Registry(state.settings.registry)
    return tagged(request, {
        "models": [_listed(state, registry, name) for name in registry.names()],
        "price_models": [
            {"table": table, "name": one.name, "origin": one.origin, "digest": one.digest}
            for table, one in sorted(state.shared.price_models.items())
        ],
        "failed": [{"zh": one.zh, "en": one.en} for of, one in state.fleet.failures.items()
                   if not of],
    })  # fmt: skip


@router.get("/{name}/card", responses={
    200: {"model": CardAnswer, "content": {"text/markdown": {"schema": {"type": "string"}}}},
    **problems(*COMMON, 404), **NOT_MODIFIED,
})  # fmt: skip
def card(
    request: Request, _: Reading, state: Ready, name: Name,
    version: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9._-]{1,40}$")] = None,
) -> Response:  # fmt: skip
    """Card of a release: what it is for, not for, and how good it is; JSON or Markdown 模型卡."""
    folder = _folder(state, name, version)
    if wanted(request, "application/json", "text/markdown") == "text/markdown":
        return tagged(request, (folder / "card.md").read_bytes(), MARKDOWN)
    said = orjson.loads((folder / "manifest.json").read_bytes())
    return tagged(request, {key: said.get(key) for key in CARD})


@router.get("/{name}/shadow", responses={
    200: {"model": ShadowAnswer}, **problems(*COMMON, 404, 409),
})  # fmt: skip
def shadow(
    caller: Modelling, state: Ready, name: Name,
    since: Annotated[Day | None, Query(alias="from")] = None,
    until: Annotated[Day | None, Query(alias="to", description="含当日 this day included")] = None,
) -> Any:  # fmt: skip
    """Compare the challenger with the champion on decisions that both scored 影子评分报告."""
    pair = _pair(state, name)
    scale = statute_of("").at(day_of(now())).held("scoring.master_scale") or {}
    with reading(state.engine) as connection:
        found = compared(
            connection, caller.tenant, pair, _moment(since, time.min), _moment(until, time.max),
            scale,
        )  # fmt: skip
    versions = {
        "champion": pair.champion.release.version, "challenger": pair.challenger.release.version
    }  # fmt: skip
    return {"model": name, **versions, **found}


@router.get("/{name}/drift", responses={
    200: {"model": DriftAnswer}, **problems(*COMMON, 404),
})  # fmt: skip
def drifted(
    caller: Modelling, state: Ready, name: Name,
    last: Annotated[int, Query(ge=1, le=1000, description="申请笔数 applications")] = 200,
) -> Any:  # fmt: skip
    """How far the last applications are from the rows of training 特征与评分漂移."""
    model = _used(state, name)
    kit = state.fleet.of(caller.tenant)
    return {
        "model": name, "version": model.release.version,
        **drift_of(state, caller.tenant, kit, last),
    }  # fmt: skip


@router.post(
    "/{name}/promote", openapi_extra=PROMOTION.openapi,
    responses={200: {"model": MovedModel}, **problems(*COMMON, 404, 409, 415)},
)  # fmt: skip
def promote(
    caller: Operating, state: Ready, name: Name, content: Annotated[Any, Depends(PROMOTION)]
) -> Any:
    """Move a release to another stage; a new champion retires the old one 晋级."""
    _folder(state, name, content["version"])
    registry = Registry(state.settings.registry)
    with _noted(state, caller, name, {"change": "promote", **content}) as moment:
        registry.move(
            name, content["version"], content["stage"], day_of(moment), caller.role.value,
            content["reason"],
        )  # fmt: skip
    return _acknowledged(state, registry, name)


@router.post(
    "/{name}/rollback", openapi_extra=ROLLBACK.openapi,
    responses={200: {"model": MovedModel}, **problems(*COMMON, 404, 409, 415)},
)  # fmt: skip
def rollback(
    caller: Operating, state: Ready, name: Name, content: Annotated[Any, Depends(ROLLBACK)]
) -> Any:
    """Make the champion before the present one champion again 退回."""
    registry = Registry(state.settings.registry)
    if not registry.log(name):
        raise absent(Text("这个模型", "such model"))
    with _noted(state, caller, name, {"change": "rollback", **content}) as moment:
        registry.rollback(name, day_of(moment), caller.role.value, content["reason"])
    return _acknowledged(state, registry, name)


def _acknowledged(state: State, registry: Registry, name: str) -> dict[str, Any]:
    """The model once every process decides by it; with why not, where it cannot be used."""
    failed = state.fleet.acknowledge()
    return {
        **_listed(state, registry, name),
        "failed": [{"zh": one.zh, "en": one.en} for of, one in failed.items() if not of],
    }  # fmt: skip


@contextmanager
def _noted(state: State, caller: Caller, name: str, body: dict[str, Any]) -> Iterator[datetime]:
    """Note a change of the registry in the operator's chain: both or neither."""
    moment = now()
    told = {"by": caller.key_id, "model": name, **body}
    entry = ledger.Entry("promotion", name[:40], stamp(moment), told)
    try:
        with writing(state.engine) as connection:
            ledger.append(connection, caller.tenant, [entry])
            yield moment
    except ModelError as refused:
        raise Problem(409, "not-promoted", refused.wrong, refused.cure) from None


def _listed(state: State, registry: Registry, name: str) -> dict[str, Any]:
    """One model with its versions."""
    log, stages = registry.log(name), registry.stages(name)
    used = [
        {"as": stage, "version": one.release.version, "digest": one.release.digest}
        for stage, one in (
            ("champion", state.shared.default_model), ("shadow", state.shared.challenger)
        )
        if one is not None and one.release.name == name
    ]  # fmt: skip
    return {
        "name": name, "champion": registry.champion(name),
        "shadow": next((v for v, stage in reversed(stages.items()) if stage == "shadow"), None),
        "in_use": used,
        "versions": [
            {
                "version": version, "stage": stage, **_release(registry, name, version),
                "since": next(e.on for e in reversed(log) if e.version == version),
            }
            for version, stage in stages.items()
        ],
        "history": [
            {"version": e.version, "before": e.before, "after": e.after, "on": e.on, "by": e.by,
             "reason": e.reason}
            for e in reversed(log)
        ],
    }  # fmt: skip


def _release(registry: Registry, name: str, version: str) -> dict[str, Any]:
    """What a release says of itself in a list; nothing where its folder is gone."""
    try:
        said = orjson.loads((registry.folder(name, version) / "manifest.json").read_bytes())
    except (ModelError, OSError, ValueError):
        said = {}
    added = [e.digest for e in registry.log(name) if e.version == version and not e.before]
    return {
        **{key: said.get(key) for key in ("kind", "form", "origin", "not_for")},
        "digest": added[-1] if added else None,
    }  # fmt: skip


def _folder(state: State, name: str, version: str | None) -> Any:
    """Folder of a release; 404 where there is none."""
    registry = Registry(state.settings.registry)
    chosen = version or registry.champion(name)
    try:
        if chosen not in registry.stages(name):
            raise absent(Text("这个模型或版本", "such model or version"))
        return registry.folder(name, chosen)
    except ModelError:
        raise absent(Text("这个模型或版本", "such model or version")) from None


def _used(state: State, name: str) -> DefaultModel:
    """The model of default of this name that decides now."""
    model = state.shared.default_model
    if model is None or model.release.name != name:
        raise absent(Text("正在使用的这个模型", "model of this name in use"))
    return model


def _pair(state: State, name: str) -> Pair:
    """Champion and challenger that run beside each other now."""
    champion, challenger = _used(state, name), state.shared.challenger
    if challenger is None or challenger.release.name != name:
        raise Problem(
            409, "no-challenger", Text("没有影子模型", "no challenger runs in the shadow"),
            Text("请先把一个版本设为 shadow", "move a version to the stage shadow first"),
        )  # fmt: skip
    return Pair(champion, challenger)


def _moment(day: date | None, at: time) -> str:
    """Begin or end of a day in UTC, as records hold moments."""
    return "" if day is None else f"{day.isoformat()}T{at.isoformat('microseconds')}Z"
