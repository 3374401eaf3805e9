"""Commands on the store: ``migrate``, ``verify``, ``anchor``, ``replay``, ``retain``, ``erase``."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from sqlalchemy import Connection, Engine, select

from riskengine.errors import RiskEngineError
from riskengine.law import law_for
from riskengine.words import Text
from service.auth.sealing import Secrets, has_secret, secrets_of
from service.clock import day_of, now, stamp
from service.problems import Problem
from service.scoring.people import names_of
from service.settings import Settings
from service.store import ledger
from service.store.database import file_of, open_database, reading, writing
from service.store.erasure import Erased, Ground, drop_replies, erase, hold, retain, scrub
from service.store.leftovers import every_tenant
from service.store.migrate import migrate, need_newest, nothing_there
from service.store.tables import personal
from service.store.verify import anchor as anchor_of
from service.store.verify import read_anchor, verify

if TYPE_CHECKING:
    from service.scoring.equipment import Shared

BY = "command line"
FAULTS, FAILED = 1, 2
"""Exit codes: something is not as it was written; the command could not be carried out."""
app = typer.Typer(no_args_is_help=True, help="决定记录 the record of decisions")
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON as JSON")]
Tenant = Annotated[str, typer.Option("--tenant", help="机构，空为全部 institution; empty = all")]
One = Annotated[str, typer.Option("--tenant", help="机构 institution")]


@dataclass(frozen=True, slots=True)
class Opened:
    """What a command works on."""

    engine: Engine
    secrets: Secrets
    settings: Settings

    @property
    def shared(self) -> "Shared":
        """Market and models, loaded now."""
        from service.scoring.archive import named
        from service.scoring.equipment import load_shared

        return named(self.settings, load_shared(self.settings))


@contextmanager
def _opened(reads: bool = False) -> Iterator[Opened]:
    """The store in its newest layout; errors are told and end the command.

    For a command that only reads nothing is made, neither a database nor a secret, and an
    older layout is refused.
    """
    settings, engine = Settings(), None
    try:
        if reads:
            _need_there(settings)
        engine = open_database(settings)
        if reads:
            need_newest(engine)
        else:
            migrate(engine)
        yield Opened(engine, secrets_of(settings), settings)
    except (RiskEngineError, Problem) as fault:
        print(f"{fault.wrong.zh} {fault.wrong.en}", file=sys.stderr)
        print(f"{fault.cure.zh} {fault.cure.en}", file=sys.stderr)
        raise typer.Exit(FAILED) from fault
    finally:
        if engine is not None:
            engine.dispose()


def _need_there(settings: Settings) -> None:
    """Refuse a place without a database, or without the secret that it was written with."""
    file = file_of(settings)
    if file is not None and not (file.is_file() and file.stat().st_size):
        raise nothing_there()
    if not has_secret(settings):
        raise RiskEngineError(
            Text("没有写成记录的密钥", "the secret is missing with which the record was written"),
            Text("请设 RISKENGINE_SECRET，或从备份恢复数据文件夹",
                 "set RISKENGINE_SECRET, or restore the data folder from a backup"),
        )  # fmt: skip


def _named(connection: Connection, tenant: str) -> list[str]:
    """Tenants that a command is about: all, or the one that is asked for."""
    names = every_tenant(connection)
    if tenant and tenant not in names:
        raise RiskEngineError(
            Text(f"没有机构 {tenant} 的任何记录", f"there is no record of a tenant {tenant}"),
            Text("请核对机构名称；列表见 tenants list", "check its name: tenants list lists them"),
        )
    return [tenant] if tenant else names


def _say(content: Any, text: str, as_json: bool) -> None:
    """Print a result."""
    print(orjson.dumps(content, default=_plain).decode() if as_json else text)


def _plain(part: Any) -> Any:
    if isinstance(part, Text):
        return {"zh": part.zh, "en": part.en}
    raise TypeError


@app.command("migrate")
def migrate_command(as_json: AsJson = False) -> None:
    """升级数据库 Bring the database to the layout of this version."""
    with _opened() as opened:
        layout = migrate(opened.engine)
        _say({"layout": layout}, f"数据库版本 layout: {layout}", as_json)


@app.command("verify")
def verify_command(
    tenant: Tenant = "", as_json: AsJson = False,
    anchor: Annotated[str, typer.Option("--anchor", help="anchor 命令印出的一行 its line")] = "",
) -> None:  # fmt: skip
    """校验记录 Verify that the record is whole; exit code 1 where it is not."""
    with _opened(reads=True) as opened:
        at = read_anchor(anchor, opened.secrets) if anchor else None
        wrong = 0
        with reading(opened.engine, steady=True) as connection:
            for name in [at.tenant] if at else _named(connection, tenant):
                found = verify(connection, name, opened.secrets, at)
                wrong += found.found
                lines = [f"{name}: {found.entries} 条 entries, {found.found} 处问题 faults"]
                lines += [
                    f"  {fault.position} {fault.subject} {fault.said.zh} {fault.said.en}"
                    for fault in found.faults
                ]
                _say({"tenant": name, **asdict(found)}, "\n".join(lines), as_json)
    raise typer.Exit(FAULTS if wrong else 0)


@app.command("anchor")
def anchor_command(tenant: Tenant = "") -> None:
    """印出锚点 Print how far each record has come; keep the lines outside the database."""
    with _opened(reads=True) as opened, reading(opened.engine) as connection:
        for name in _named(connection, tenant):
            print(anchor_of(connection, name, opened.secrets))


@app.command("replay")
def replay_command(
    decision_id: Annotated[str, typer.Argument(help="决定编号 id of the decision")],
    tenant: One, as_json: AsJson = False,
) -> None:  # fmt: skip
    """重演决定 Make a decision again from its record; exit code 1 where it differs."""
    from service.scoring.replay import replay as replay_decision

    with _opened(reads=True) as opened:
        found = replay_decision(opened, tenant, decision_id)
        told = {
            "decision_id": decision_id, "same": found.same, "proven": found.proven,
            "erased": found.erased, "answer_sha256": found.answer_sha256, "failed": found.failed,
            "differences": [asdict(one) for one in found.differences],
        }  # fmt: skip
        lines = ["逐字节相同 the same bytes" if found.same else "不同 not the same"]
        if not found.proven:
            lines.append("存档的答复被改动 the answer that is kept was changed")
        if found.failed is not None:
            lines.append(f"{found.failed.zh} {found.failed.en}")
        lines += [f"  {d.path}: {d.answered!r} -> {d.replayed!r}" for d in found.differences]
        _say(told, "\n".join(lines), as_json)
    raise typer.Exit(0 if found.same and found.proven else FAULTS)


@app.command("retain")
def retain_command(tenant: Tenant = "", as_json: AsJson = False) -> None:
    """到期删除 Erase personal cells that were kept long enough, and old replies."""
    with _opened() as opened:
        moment = now()
        days = law_for(None)("").at(day_of(moment)).number("privacy.keep_replies")
        with reading(opened.engine) as connection:
            names = [tenant] if tenant else ledger.tenants(connection)
        for name in names:
            with writing(opened.engine) as connection:
                today = day_of(moment).isoformat()
                done = retain(connection, name, today, BY, stamp(moment))
                dropped = drop_replies(connection, name, stamp(moment - timedelta(days)))
            _tell(name, done, as_json, dropped)
        scrub(opened.engine)


@app.command("erase")
def erase_command(
    tenant: One,
    ground: Annotated[Ground, typer.Option("--ground", help="理由 why (PIPL 47)")],
    decision: Annotated[
        str, typer.Option("--decision", help="其作为借款人的任一决定编号；已删除的决定再删其后"
                          "的复核理由 any decision of the borrower; one erased before: what"
                          " was written since")
    ] = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """删除一人 Erase one person; without --decision the code is read from standard input."""
    with _opened() as opened:
        names: tuple[str, ...] = ()
        if decision:
            with reading(opened.engine) as connection:
                mine = (personal.c.tenant == tenant, personal.c.decision_id == decision)
                name = connection.execute(select(personal.c.borrower).where(*mine)).scalar()
            names = (name,) if name else ()
        else:  # not an argument: those are seen by every user of the machine
            names = names_of(opened.secrets, tenant, _asked("证件号码 code: "))
        with writing(opened.engine) as connection:
            done = erase(connection, tenant, names, ground, BY, stamp(now()), decision)
        scrub(opened.engine)
        _tell(tenant, done, as_json)
    raise typer.Exit(0 if done.decision_ids else FAULTS)


@app.command("hold")
def hold_command(
    decision_id: Annotated[str, typer.Argument(help="决定编号 id of the decision")], tenant: One,
    release: Annotated[bool, typer.Option("--release", help="解除 let it go")] = False,
) -> None:  # fmt: skip
    """法律保全 Keep personal cells whatever their term says, or let them go."""
    with _opened() as opened, writing(opened.engine) as connection:
        done = hold(connection, tenant, decision_id, not release, BY, stamp(now()))
    raise typer.Exit(0 if done else FAULTS)


def _asked(words: str) -> str:
    """What is typed unseen, or a line of what is piped in."""
    return getpass.getpass(words) if sys.stdin.isatty() else sys.stdin.readline()


def _tell(tenant: str, done: Erased, as_json: bool, replies: int = 0) -> None:
    """Say what was erased."""
    told = {"tenant": tenant, **asdict(done), "replies": replies}
    text = (
        f"{tenant}: 删除 erased {len(done.decision_ids)}, 保全 held {len(done.held)}, "
        f"未到期 before their term {len(done.early)}, 幂等答复 replies {replies}"
    )
    _say(told, text, as_json)


@app.command(hidden=True)
def dictionary() -> None:
    """压缩词典 Print a dictionary of example decisions: for a release that packs by another."""
    from service.scoring.dictionary import dictionary as dictionary_of
    from service.scoring.equipment import load_shared

    sys.stdout.buffer.write(dictionary_of(load_shared(Settings())))
