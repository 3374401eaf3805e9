"""A store with something of everything, and the hands of whoever owns its database."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text

from service.auth.caller import Role
from service.auth.keybook import Order, enter_tenant, issue, revoke, rotate
from service.auth.keys import parts_of
from service.scoring.recording import store
from service.store.artifacts import point, put
from service.store.database import writing
from service.store.decisions import move_case
from service.store.erasure import Ground, erase, hold
from service.store.reviews import Review, add_review, move_review
from tests.service.store.making import SECRETS, made

LATER = "2026-11-26T09:00:00.000000Z"
TABLES = ("ledger", "decisions", "personal", "reviews", "artifacts")


def one(k: int) -> str:
    return f"d-{k:032x}"


def fill(engine: Engine) -> Engine:
    """Twelve decisions of several people, reviews, states, an erasure; another tenant beside."""
    with writing(engine) as connection:
        store(connection, "t", [made(k, code=f"P{k % 6}") for k in range(1, 13)])
        store(connection, "u", [made(k, "u") for k in range(101, 104)])
        review, _ = add_review(
            connection, "t", Review(one(3), "ann", "uphold", "seen the papers", "waits"), LATER
        )
        assert move_review(connection, "t", review, "final", "bob", LATER)
        assert not move_review(connection, "u", review, "final", "bob", LATER)
        assert move_case(connection, "t", one(4), "lent", "ann", LATER)
        assert not move_case(connection, "u", one(4), "lent", "ann", LATER)
        done = erase(
            connection, "t", SECRETS.name_of("t", "P5"), Ground.CONSENT_WITHDRAWN, "ann", LATER
        )
        assert done.decision_ids == (one(5), one(11))
    return engine


def stand(engine: Engine) -> None:
    """Rules in force, a legal hold, a key that was replaced and the new one revoked."""
    moment = datetime.fromisoformat(LATER)
    with writing(engine) as connection:
        first, then = (
            put(connection, "t", "overlay", "rules", content, LATER) for content in (b"a", b"b")
        )
        point(connection, "t", "overlay", "rules", first, "", "ann", LATER)
        point(connection, "t", "overlay", "rules", then, first, "ann", LATER)
        assert hold(connection, "t", one(6), True, "ann", LATER)
        assert hold(connection, "t", one(7), True, "ann", LATER)
        assert hold(connection, "t", one(7), False, "ann", LATER)
        enter_tenant(connection, "t", "t", "tests", moment)
        old = issue(connection, SECRETS, "t", Order("k", Role.LENDER), "tests", moment)
        new, _ = rotate(
            connection, SECRETS, "t", parts_of(old)[0], timedelta(hours=1), 7, "tests", moment
        )
        revoke(connection, "t", parts_of(new)[0], "tests", moment)


def disarm(connection: Connection) -> None:
    """Whoever owns the database can take the triggers away."""
    if connection.dialect.name == "postgresql":
        for table in TABLES:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        return
    names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    for name in list(names.scalars()):
        connection.execute(text(f"DROP TRIGGER {name}"))


def run(statement: str, **cells: object) -> Callable[[Connection], None]:
    return lambda connection: assert_one(connection, statement, cells)


def assert_one(connection: Connection, statement: str, cells: dict[str, object]) -> None:
    assert connection.execute(text(statement), cells).rowcount == 1, statement
