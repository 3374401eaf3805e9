"""Keys of an institution, by its administrator; institutions, by an operator."""

import re
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from service.auth.caller import SCOPES, Role
from service.auth.granting import within
from service.auth.keybook import (
    KeyState,
    Order,
    enter_tenant,
    found,
    issue,
    listed,
    listed_tenants,
    revoke,
    rotate,
)
from service.auth.keys import parts_of
from service.bodies import JsonBody
from service.clock import now
from service.deps import Administering, Operating, Ready
from service.refusals import bad_cursor
from service.routes.paging import Cursor, Limit
from service.schemas.base import COMMON, problems
from service.schemas.keys import (
    KeyAnswer,
    KeyMade,
    KeyPage,
    KeyRotated,
    KeyWanted,
    Rotation,
    TenantAnswer,
    TenantMade,
    TenantPage,
    TenantWanted,
)
from service.store.database import reading, writing

router = APIRouter(prefix="/v1")
WANTED = JsonBody(KeyWanted, "KeyWanted", {"lender": {"title": "core banking", "role": "lender"}})
ROTATION = JsonBody(Rotation, "Rotation", {"a day": {"overlap_hours": 24.0}})
TENANT = JsonBody(
    TenantWanted, "TenantWanted", {"bank": {"tenant": "county-bank", "title": "县农商行"}}
)
BODIES = (WANTED, ROTATION, TENANT)
KEY, INSTITUTION = r"[0-9a-f]{16}", r"[a-z][a-z0-9-]{1,39}"
"""What the cursors of the lists hold."""
KeyId = Annotated[str, Path(pattern=f"^{KEY}$", description="密钥编号 id of the key")]


@router.post(
    "/keys", status_code=201, tags=["keys"], openapi_extra=WANTED.openapi,
    responses=problems(*COMMON, 409, 415),
)  # fmt: skip
def make(caller: Administering, state: Ready, wanted: Annotated[Any, Depends(WANTED)]) -> KeyMade:
    """Make a key; it is shown this once 新建密钥."""
    role, own = Role(wanted.role), caller.requests_per_minute
    scopes = None if wanted.scopes is None else frozenset(wanted.scopes)
    asked = {**wanted.model_dump(), "role": role, "scopes": scopes}
    if "requests_per_minute" not in wanted.model_fields_set:
        asked["requests_per_minute"] = min(asked["requests_per_minute"], own)
    requests = asked["requests_per_minute"]
    items = asked["items_per_minute"] or min(requests, caller.items_per_minute)
    within(caller, SCOPES[role] if scopes is None else scopes, requests, items)
    order, moment = Order(**{**asked, "items_per_minute": items}), now()
    with writing(state.engine) as connection:
        key = issue(connection, state.secrets, caller.tenant, order, caller.key_id, moment)
        about = found(connection, caller.tenant, parts_of(key)[0], moment)
    return KeyMade(key=key, about=_shown(about))


@router.get("/keys", tags=["keys"], responses=problems(*COMMON))
def keys(caller: Administering, state: Ready, cursor: Cursor = None, limit: Limit = 50) -> KeyPage:
    """List the institution's keys, revoked and lapsed ones too 密钥列表."""
    _place(cursor, KEY)
    with reading(state.engine) as connection:
        rows = listed(connection, caller.tenant, now(), cursor or "", limit)
    following = rows[-1].key_id if len(rows) == limit else None
    return KeyPage(items=[_shown(row) for row in rows], next=following)


@router.get("/keys/{key_id}", tags=["keys"], responses=problems(*COMMON, 404))
def key(key_id: KeyId, caller: Administering, state: Ready) -> KeyAnswer:
    """Show one key, without its secret 密钥详情."""
    with reading(state.engine) as connection:
        return _shown(found(connection, caller.tenant, key_id, now()))


@router.post(
    "/keys/{key_id}/rotate", status_code=201, tags=["keys"], openapi_extra=ROTATION.openapi,
    responses=problems(*COMMON, 404, 409, 415),
)  # fmt: skip
def replace(
    key_id: KeyId, caller: Administering, state: Ready,
    wanted: Annotated[Any, Depends(ROTATION)],
) -> KeyRotated:  # fmt: skip
    """Make a key in place of another, which holds for a stated while longer 轮换密钥."""
    moment, overlap = now(), timedelta(hours=wanted.overlap_hours)
    with writing(state.engine) as connection:
        old = found(connection, caller.tenant, key_id, moment)
        within(caller, old.scopes, old.requests_per_minute, old.items_per_minute)
        made, ends = rotate(
            connection, state.secrets, caller.tenant, key_id, overlap, wanted.days,
            caller.key_id, moment,
        )  # fmt: skip
        about = found(connection, caller.tenant, parts_of(made)[0], moment)
    return KeyRotated(key=made, about=_shown(about), old_lapses_at=ends)


@router.post("/keys/{key_id}/revoke", tags=["keys"], responses=problems(*COMMON, 404))
def end(key_id: KeyId, caller: Administering, state: Ready) -> KeyAnswer:
    """End a key; it holds nowhere within the seconds that keys are cached 撤销密钥."""
    moment = now()
    with writing(state.engine) as connection:
        revoke(connection, caller.tenant, key_id, caller.key_id, moment)
        return _shown(found(connection, caller.tenant, key_id, moment))


@router.post(
    "/tenants", status_code=201, tags=["tenants"], openapi_extra=TENANT.openapi,
    responses=problems(*COMMON, 409, 415),
)  # fmt: skip
def enter(caller: Operating, state: Ready, wanted: Annotated[Any, Depends(TENANT)]) -> TenantMade:
    """Enter an institution and make its administrator's first key 新建机构."""
    moment, order = now(), Order("administrator", Role.ADMIN)
    with writing(state.engine) as connection:
        enter_tenant(connection, wanted.tenant, wanted.title, caller.key_id, moment)
        made = issue(connection, state.secrets, wanted.tenant, order, caller.key_id, moment)
        about = found(connection, wanted.tenant, parts_of(made)[0], moment)
    return TenantMade(tenant=wanted.tenant, key=made, about=_shown(about))


@router.get("/tenants", tags=["tenants"], responses=problems(*COMMON))
def institutions(
    _: Operating, state: Ready, cursor: Cursor = None, limit: Limit = 50
) -> TenantPage:
    """List institutions 机构列表."""
    _place(cursor, INSTITUTION)
    with reading(state.engine) as connection:
        rows = listed_tenants(connection, cursor or "", limit)
    shown = [TenantAnswer(tenant=name, title=title, made_at=at) for name, title, at in rows]
    return TenantPage(items=shown, next=rows[-1][0] if len(rows) == limit else None)


def _place(cursor: str | None, form: str) -> None:
    """Refuse a cursor that no page gave; an empty one is the first page's."""
    if cursor and re.fullmatch(form, cursor, re.ASCII) is None:
        raise bad_cursor()


def _shown(state: KeyState) -> KeyAnswer:
    return KeyAnswer(**{**asdict(state), "scopes": list(state.scopes)})
