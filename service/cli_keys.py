"""``python -m service keys`` and ``tenants``: for whoever may read the store and the secret."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated

import orjson
import typer
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from riskengine.errors import RiskEngineError
from riskengine.words import Text
from service.auth.caller import Role, Scope
from service.auth.keybook import (
    OPERATORS,
    KeyState,
    Order,
    enter_tenant,
    found,
    issue,
    listed,
    listed_tenants,
    open_operators,
    revoke,
    rotate,
)
from service.auth.keys import parts_of
from service.auth.sealing import Secrets, secrets_of
from service.clock import now
from service.problems import Problem
from service.schemas.keys import Holder
from service.settings import Settings
from service.store.database import open_database, writing
from service.store.migrate import migrate

HOLDER: TypeAdapter[str | None] = TypeAdapter(Holder | None)
BY = "command-line"
"""Who asked, in the chain."""
ONCE = Text("密钥只显示这一次，请妥善保存", "the key is shown this once: keep it safe")

app = typer.Typer(no_args_is_help=True, help="机构与密钥 institutions and keys")
keys = typer.Typer(no_args_is_help=True, help="密钥 keys of an institution")
tenants = typer.Typer(no_args_is_help=True, help="机构 institutions")
app.add_typer(keys, name="keys")
app.add_typer(tenants, name="tenants")

Tenant = Annotated[str, typer.Option(help="机构短名；运维留空 institution; empty for operators")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON machine-readable")]
Days = Annotated[int, typer.Option(min=1, max=1825, help="有效天数 days until it lapses")]


@keys.command("make")
def make(
    role: Role, tenant: Tenant = OPERATORS, title: str = "command line", days: Days = 365,
    scope: Annotated[list[Scope] | None, typer.Option(help="收窄权限 narrower scopes")] = None,
    requests_per_minute: Annotated[int, typer.Option(min=1)] = 60_000, json: Json = False,
    holder: Annotated[
        str | None, typer.Option(help="持有者工号或代号 code of the person or system that holds it")
    ] = None,
) -> None:  # fmt: skip
    """Make a key; it is shown this once 新建密钥."""
    narrowed = frozenset(scope) if scope else None
    try:
        HOLDER.validate_python(holder)
    except ValidationError:
        raise typer.BadParameter(
            "用机构自己的代号，至多 40 个字母、数字、._-，不得为证件号"
            "  the institution's own code, at most 40 of A-Z a-z 0-9 . _ -, no identity number",
            param_hint="--holder",
        ) from None  # fmt: skip
    order = Order(title, role, days, narrowed, requests_per_minute, holder=holder)
    with _opened() as (connection, secrets):
        if role is Role.OPERATOR:
            open_operators(connection, now())
        key = issue(connection, secrets, tenant, order, BY, now())
        about = found(connection, tenant, parts_of(key)[0], now())
    _say_key(key, about, json)


@keys.command("list")
def show(tenant: Tenant = OPERATORS, json: Json = False) -> None:
    """List keys, revoked and lapsed ones too 密钥列表."""
    after, rows = "", []
    with _opened() as (connection, _):
        while page := listed(connection, tenant, now(), after):
            rows += page
            after = page[-1].key_id
    if json:
        _say_json(rows)
        return
    for row in rows:
        used = row.last_used_at or "-"
        said = (row.key_id, row.role, row.state, row.expires_at[:10], used[:16], row.title)
        typer.echo("  ".join(said))


@keys.command("rotate")
def replace(
    key_id: str, tenant: Tenant = OPERATORS, days: Days = 365,
    overlap_hours: Annotated[float, typer.Option(min=0, max=720)] = 24.0, json: Json = False,
) -> None:  # fmt: skip
    """Make a key in place of another, which holds for a while longer 轮换密钥."""
    overlap = timedelta(hours=overlap_hours)
    with _opened() as (connection, secrets):
        key, ends = rotate(connection, secrets, tenant, key_id, overlap, days, BY, now())
        about = found(connection, tenant, parts_of(key)[0], now())
    _say_key(key, about, json)
    typer.echo(f"旧密钥有效至 the old key holds until {ends}", err=True)


@keys.command("revoke")
def end(key_id: str, tenant: Tenant = OPERATORS) -> None:
    """End a key at once 撤销密钥."""
    with _opened() as (connection, _):
        revoke(connection, tenant, key_id, BY, now())
    typer.echo(f"已撤销 revoked: {key_id}")


@tenants.command("make")
def enter(tenant: str, title: str, json: Json = False) -> None:
    """Enter an institution and make its administrator's first key 新建机构."""
    order = Order("administrator", Role.ADMIN)
    with _opened() as (connection, secrets):
        enter_tenant(connection, tenant, title, BY, now())
        key = issue(connection, secrets, tenant, order, BY, now())
        about = found(connection, tenant, parts_of(key)[0], now())
    _say_key(key, about, json)


@tenants.command("list")
def institutions(json: Json = False) -> None:
    """List institutions 机构列表."""
    after, rows = "", []
    with _opened() as (connection, _):
        while page := listed_tenants(connection, after):
            rows += page
            after = page[-1][0]
    if json:
        _say_json([dict(zip(("tenant", "title", "made_at"), row, strict=True)) for row in rows])
        return
    for row in rows:
        typer.echo("  ".join(row))


@contextmanager
def _opened() -> Iterator[tuple[Connection, Secrets]]:
    """A transaction that writes; a problem is said in both languages and ends with 1."""
    settings, engine = Settings(), None
    try:
        engine = open_database(settings)
        migrate(engine)
        with writing(engine) as connection:
            yield connection, secrets_of(settings)
    except (Problem, RiskEngineError) as problem:
        for said in (problem.wrong, problem.cure):
            typer.echo(f"{said.zh} {said.en}", err=True)
        raise typer.Exit(1) from None
    finally:
        if engine is not None:
            engine.dispose()


def _say_key(key: str, about: KeyState, json: bool) -> None:
    if json:
        _say_json({"key": key, "about": about})
        return
    typer.echo(key)
    typer.echo(f"{ONCE.zh} {ONCE.en}", err=True)


def _say_json(said: object) -> None:
    typer.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode())
