"""Rules: what is in force on a day, what one rule ever said, what changed, and one's own."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field
from typing_extensions import TypedDict

from riskengine.law import changes, history, in_force
from riskengine.rules.loader import SUBJECTS
from riskengine.words import Text
from service.answers import NOT_MODIFIED, NOTHING, tagged, unchanged
from service.bodies import JsonBody
from service.clock import now, stamp
from service.deps import Administering, Reading, Ready
from service.governance.overlays import (
    changes_of,
    files_of,
    law_in_force,
    law_of,
    put_in_force,
    trial,
)
from service.problems import language_of
from service.refusals import absent
from service.schemas.base import COMMON, problems
from service.schemas.cells import Day, strict
from service.schemas.rule import (
    OverlayAnswer,
    OverlayHistory,
    OverlayVersion,
    RuleAnswer,
    RuleChangesAnswer,
    RulesAnswer,
    TrialAnswer,
)
from service.store import artifacts, overlays
from service.store.database import reading, writing

router = APIRouter(prefix="/v1/rules", tags=["rules"])
Region = Annotated[str, Query(
    pattern=r"^\d{0,12}$", description="区划代码 region code; empty for the nation",
    examples=["370983"],
)]  # fmt: skip
Day = Annotated[Day, Query(description="哪一天的规则 day on which rules are in force")]
Right = Literal[("", *sorted(SUBJECTS))]  # type: ignore[valid-type]

FileName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}\.toml$")]
Toml = Annotated[str, Field(strict=True, min_length=1, max_length=200_000)]
Overlay = strict(TypedDict("Overlay", {"files": Annotated[
    dict[FileName, Toml],
    Field(max_length=50, description="机构规则：文件名 → TOML，只能从严；空表示只用法律"
          " own rules by file name: they may only tighten; none for the law alone"),
]}))  # fmt: skip
EXAMPLE = """[land_household_cap]
[[land_household_cap.value]]
from = 2026-01-01
amount = 0.4
cite = "credit policy of the institution, 2026, article 7"
seen = "text"
"""
ONE = JsonBody(Overlay, "Overlay", {"tighter-cap": {"files": {"lending_practice.toml": EXAMPLE}}})
BODIES = (ONE,)


@router.get("", responses={
    200: {"model": RulesAnswer}, **problems(*COMMON), **NOT_MODIFIED,
})  # fmt: skip
def rules(
    request: Request, caller: Reading, state: Ready, day: Day, region: Region = "",
    right: Right = "",
) -> Response:  # fmt: skip
    """Rules in force on a day in a place, one's own over the law 现行规则."""
    law, overlay = law_in_force(state, caller.tenant)
    book = law(region)
    listed = in_force(book, day, language_of(request), right)
    return tagged(request, {
        "day": day.isoformat(), "region": region, "rules_digest": book.digest,
        "overlay_digest": overlay, "rules": listed,
    })  # fmt: skip


@router.get("/changes", responses={
    200: {"model": RuleChangesAnswer}, **problems(*COMMON), **NOT_MODIFIED,
})  # fmt: skip
def rule_changes(
    request: Request, caller: Reading, state: Ready, first: Annotated[Day, Query(alias="from")],
    second: Annotated[Day, Query(alias="to")], region: Region = "",
) -> Response:  # fmt: skip
    """What differs between the rules of two days 规则变化."""
    law, overlay = law_in_force(state, caller.tenant)
    book = law(region)
    return tagged(request, {
        "from": first.isoformat(), "to": second.isoformat(), "rules_digest": book.digest,
        "overlay_digest": overlay,
        "changes": changes(book, first, book, second, language_of(request)),
    })  # fmt: skip


@router.get("/overlay", responses={
    200: {"model": OverlayAnswer}, **problems(*COMMON), **NOT_MODIFIED,
})  # fmt: skip
def overlay(request: Request, caller: Reading, state: Ready) -> Response:
    """The institution's own rules that are in force 机构规则."""
    with reading(state.engine) as connection:
        held = overlays.in_force(connection, caller.tenant)
        files = files_of(connection, caller.tenant, held.digest)
    return tagged(request, {**_told(held), "files": files}, tag=held.digest or NOTHING)


@router.get("/overlay/history", responses={
    200: {"model": OverlayHistory}, **problems(*COMMON),
})  # fmt: skip
def overlay_history(caller: Reading, state: Ready) -> Any:
    """Every overlay that was put in force, the newest first 机构规则沿革."""
    with reading(state.engine) as connection:
        return {"changes": changes_of(connection, caller.tenant)}


@router.get("/overlay/history/{digest}", responses={
    200: {"model": OverlayVersion}, **problems(*COMMON, 404), **NOT_MODIFIED,
})  # fmt: skip
def overlay_once(
    request: Request, caller: Reading, state: Ready,
    digest: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")],
) -> Response:  # fmt: skip
    """An overlay that is or was in force, by its digest 某一版机构规则."""
    with reading(state.engine) as connection:
        if all(digest != one["digest"] for one in changes_of(connection, caller.tenant)):
            raise absent(Text("这一版机构规则", "such overlay"))
        files = files_of(connection, caller.tenant, digest)
    return tagged(request, {"digest": digest, "files": files}, tag=digest)


@router.put("/overlay", openapi_extra=ONE.openapi, responses={
    200: {"model": OverlayAnswer | TrialAnswer}, **problems(*COMMON, 412, 415, 428),
})  # fmt: skip
def put_overlay(
    request: Request, caller: Administering, state: Ready, content: Annotated[Any, Depends(ONE)],
    check: Annotated[bool, Query(description="只试算 try it only, change nothing")] = False,
    last: Annotated[int, Query(ge=1, le=500, description="试算笔数 decisions tried")] = 100,
) -> Response:  # fmt: skip
    """Put the institution's own rules in force, or try them on past decisions 机构规则."""
    law = law_of(content["files"])
    if check:
        kit = state.fleet.of(caller.tenant)
        return tagged(request, trial(state, caller.tenant, kit, law, last))
    with writing(state.engine) as connection:
        present = overlays.in_force(connection, caller.tenant).digest
        unchanged(request, present)
        held = put_in_force(
            connection, caller.tenant, content["files"], present, caller.key_id, stamp(now())
        )
    state.fleet.acknowledge()
    return tagged(request, {**_told(held), "files": content["files"]}, tag=held.digest or NOTHING)


@router.get("/{name}", responses={
    200: {"model": RuleAnswer}, **problems(*COMMON, 404), **NOT_MODIFIED,
})  # fmt: skip
def rule(
    request: Request, caller: Reading, state: Ready,
    name: Annotated[str, Path(max_length=120, examples=["lending_practice.land_household_cap"])],
    region: Region = "",
) -> Response:  # fmt: skip
    """One rule with everything it ever said, by whom and where it stands 规则沿革."""
    law, _ = law_in_force(state, caller.tenant)
    found = law(region).rules.get(name)
    if found is None:
        raise absent(Text("这条规则", "such rule"))
    return tagged(request, history(found, language_of(request)))


def _told(held: artifacts.Pointer) -> dict[str, Any]:
    """What is told of which overlay is in force."""
    return {
        "digest": held.digest, "generation": held.generation, "changed_at": held.changed_at,
        "by": held.by,
    }  # fmt: skip
