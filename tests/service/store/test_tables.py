"""Verification tells of what was done to the tables beside the chain, and to a chain anew."""

import hashlib
from collections.abc import Callable
from datetime import datetime

import orjson
import pytest
from sqlalchemy import Connection, Engine, create_engine, select, text
from sqlalchemy.pool import StaticPool

from riskengine.errors import RiskEngineError
from service.auth.caller import Role
from service.auth.keybook import Order, issue
from service.auth.keys import caller_of, make_key, parts_of
from service.scoring.recording import store
from service.store import jobs, ledger
from service.store.database import reading, writing
from service.store.leftovers import every_tenant
from service.store.migrate import StoreError, migrate
from service.store.packing import pack, unpack
from service.store.tables import ledger as chain
from service.store.tables import metadata
from service.store.verify import verify
from tests.service.store.making import MOMENT, SECRETS, made
from tests.service.store.tampering import LATER, assert_one, disarm, fill, one, run, stand

RESULTS = [{"file": "report.html", "bytes": 1, "sha256": "a" * 64}]
JOB = "j-1"


@pytest.fixture
def full(engine: Engine) -> Engine:
    """Everything: a job that is done, and a key with a holder, limits and scopes too."""
    stand(fill(engine))
    given = {"valued_on": "2026-11-24", "arguments": {}, "by": "k", "overlay_digest": ""}
    asked = {"event": "asked", "kind": "check", "book_id": "b-1", **given}
    done = {"event": "done", "results_sha256": jobs.digest_of_results(RESULTS)}
    manifest = orjson.dumps({"manifest": {}, "results": RESULTS}).decode()
    with writing(engine) as connection:
        jobs.add(connection, {
            "job_id": JOB, "tenant": "t", "book_id": "b-1", "kind": "check", "made_at": LATER,
            "arguments": orjson.dumps(given).decode(),
        })  # fmt: skip
        ledger.append(connection, "t", [
            ledger.Entry("job", JOB, LATER, asked),
            ledger.Entry("job", JOB, LATER, {"event": "start"}),
        ])  # fmt: skip
        assert jobs.claim(connection, "t", JOB, "w", LATER, LATER) is not None
        assert jobs.leave(connection, "t", JOB, "w", {"state": "done", "manifest": manifest})
        ledger.append(connection, "t", [ledger.Entry("job", JOB, LATER, done)])
        order = Order("held", Role.LENDER, holder="ann.li", items_per_minute=7)
        issue(connection, SECRETS, "t", order, "tests", datetime.fromisoformat(LATER))
    return engine


def kinds(connection: Connection, tenant: str = "t") -> set[str]:
    return {fault.kind for fault in verify(connection, tenant, SECRETS).faults}


def anew(key: bytes | None) -> Callable[[Connection], None]:
    """A better answer, and the whole chain digested again; without the key, by a bare digest."""

    def tamper(connection: Connection) -> None:
        mine = select(chain).where(chain.c.tenant == "t")
        where = "FROM decisions WHERE tenant = 't' AND position = 2"
        answer = unpack(connection.execute(text(f"SELECT answer {where}")).scalar())
        better = answer.replace(b"12345.67", b"92345.67")
        cells = {"a": pack(better)}
        assert_one(
            connection,
            "UPDATE decisions SET answer = :a, limit_yuan = 92345.67"
            " WHERE tenant = 't' AND position = 2",
            cells,
        )
        previous = ledger.FIRST
        for row in connection.execute(mine.order_by(chain.c.position)).all():
            body = unpack(row.body)
            if row.position == 2:
                said = orjson.loads(body)
                said["answer_sha256"] = hashlib.sha256(better).hexdigest()
                body = ledger.canonical(said)
            about = ("t", row.position, previous, row.kind, row.subject, row.made_at)
            digest = ledger.digest_of(key or b"", *about, body)
            assert_one(
                connection, "UPDATE ledger SET body = :b, previous = :p, digest = :d"
                " WHERE tenant = 't' AND position = :n",
                {"b": pack(body), "p": previous, "d": digest, "n": row.position},
            )  # fmt: skip
            previous = digest

    return tamper


def swapped(connection: Connection) -> None:
    """Two tenants change places in every table."""
    for old, new in (("t", "x"), ("u", "t"), ("x", "u")):
        for table in metadata.sorted_tables:
            if "tenant" in table.c and table.name not in ("tenants", "api_keys"):
                connection.execute(
                    text(f"UPDATE {table.name} SET tenant = :n WHERE tenant = :o"),
                    {"n": new, "o": old},
                )


def cut(connection: Connection) -> None:
    """The last decision never was, but for its personal cells."""
    for table in ("ledger", "decisions"):
        connection.execute(text(f"DELETE FROM {table} WHERE tenant = 'u' AND position = 3"))


def put_back(connection: Connection) -> None:
    sealed = SECRETS.seal(b"{}", one(5))
    where = "WHERE decision_id = :o"
    assert_one(connection, f"UPDATE personal SET sealed = :s {where}", {"s": sealed, "o": one(5)})


OF_ONE = f"WHERE decision_id = '{one(1)}'"
HELD = "WHERE holder IS NOT NULL"
PLAIN_KEY = (
    "INSERT INTO api_keys (key_id, tenant, role, digest, title, made_at, expires_at,"
    " requests_per_minute) VALUES ('k', 't', 'admin', 'd', 'x', 'm', '2099', 9)"
)
TAMPERINGS = [
    (anew(b"another key"), {"entry"}),
    (anew(None), {"entry"}),
    (run(f"UPDATE personal SET borrower = 'other' {OF_ONE}"), {"borrower"}),
    (run(f"UPDATE personal SET borrower = NULL {OF_ONE}"), {"borrower"}),
    (run(f"UPDATE decisions SET borrower = NULL {OF_ONE}"), {"borrower"}),
    (run(f"UPDATE personal SET tenant = 'u' {OF_ONE}"), {"moved"}),
    (run(f"UPDATE personal SET tenant = 'nobody' {OF_ONE}"), {"moved"}),
    (run(f"UPDATE personal SET erased_at = 'm' {OF_ONE}"), {"erased"}),
    (run(f"UPDATE personal SET sealed = :s {OF_ONE}", s=b"x"), {"personal"}),
    (put_back, {"restored", "personal"}),
    (run(f"UPDATE personal SET erased_at = NULL WHERE decision_id = '{one(5)}'"), {"restored"}),
    (run(f"UPDATE personal SET borrower = 'b' WHERE decision_id = '{one(5)}'"), {"borrower"}),
    (run(f"UPDATE decisions SET case_state = 'lent' {OF_ONE}"), {"state"}),
    (run("DELETE FROM artifacts WHERE digest IN (SELECT digest FROM pointers)"), {"artifact"}),
    (
        run("UPDATE artifacts SET content = :c WHERE digest IN (SELECT digest FROM pointers)",
            c=b"x"),
        {"artifact"},
    ),
    (run("UPDATE pointers SET generation = 1"), {"pointer"}),
    (run(f"UPDATE api_keys SET expires_at = '2099' {HELD}"), {"key"}),
    (run(f"UPDATE api_keys SET scopes = 'score' {HELD}"), {"key"}),
    (run(f"UPDATE api_keys SET requests_per_minute = 9 {HELD}"), {"key"}),
    (run(f"UPDATE api_keys SET items_per_minute = NULL {HELD}"), {"key"}),
    (run(f"UPDATE api_keys SET holder = 'bob' {HELD}"), {"key"}),
    (run(f"UPDATE api_keys SET role = 'nothing' {HELD}"), {"key"}),
    (run(f"UPDATE api_keys SET revoked_at = 'm' {HELD}"), {"key"}),
    (run("UPDATE api_keys SET revoked_at = NULL WHERE revoked_at IS NOT NULL"), {"key"}),
    (run(PLAIN_KEY), {"no_entry"}),
    (run("UPDATE jobs SET state = 'failed'"), {"job"}),
    (run("UPDATE jobs SET kind = 'book'"), {"job"}),
    (run("UPDATE jobs SET arguments = '{}'"), {"job"}),
    (run("UPDATE jobs SET manifest = replace(manifest, 'aaaa', 'bbbb')"), {"job"}),
    (run("UPDATE jobs SET manifest = NULL"), {"job"}),
    (run("UPDATE jobs SET job_id = 'j-2'"), {"no_job", "no_entry"}),
    (run("DELETE FROM jobs"), {"no_job"}),
    (
        run("INSERT INTO replies (tenant, idempotency_key, request_digest, status, decision_id,"
            " made_at) VALUES ('t', 'k', 'd', 200, 'd-x', 'm')"),
        {"no_decision"},
    ),
    (
        run("INSERT INTO shadow_scores (decision_id, tenant, model, champion, challenger,"
            " champion_refers, challenger_refers, made_at)"
            " VALUES ('d-x', 't', 'm', '1', '2', true, true, 'm')"),
        {"no_decision"},
    ),
]  # fmt: skip


def test_every_tampering_with_a_table_is_found(full: Engine) -> None:
    with reading(full) as connection:
        assert verify(connection, "t", SECRETS).faults == []
    for k, (tamper, expected) in enumerate(TAMPERINGS):
        with full.connect().execution_options(writes=True) as connection, connection.begin():
            disarm(connection)
            tamper(connection)
            assert kinds(connection) == expected, k
            connection.rollback()


def test_two_tenants_that_changed_places_are_found(full: Engine) -> None:
    with full.connect().execution_options(writes=True) as connection, connection.begin():
        disarm(connection)
        swapped(connection)
        assert "entry" in kinds(connection, "t") & kinds(connection, "u")
        connection.rollback()


def test_without_secrets_the_two_columns_are_held_against_each_other(full: Engine) -> None:
    with full.connect().execution_options(writes=True) as connection, connection.begin():
        disarm(connection)
        assert verify(connection, "t").faults == []
        run(f"UPDATE personal SET borrower = 'other' {OF_ONE}")(connection)
        run(f"UPDATE api_keys SET holder = 'bob' {HELD}")(connection)
        assert [fault.kind for fault in verify(connection, "t").faults] == ["borrower"]
        connection.rollback()


def test_what_is_left_of_a_decision_that_was_cut_off(full: Engine) -> None:
    with full.connect().execution_options(writes=True) as connection, connection.begin():
        disarm(connection)
        cut(connection)
        (fault,) = verify(connection, "u", SECRETS).faults
        assert (fault.kind, fault.subject) == ("no_decision", one(103))
        connection.rollback()


def test_a_tenant_without_its_chain_is_found(full: Engine) -> None:
    with full.connect().execution_options(writes=True) as connection, connection.begin():
        disarm(connection)
        connection.execute(text("DELETE FROM ledger WHERE tenant = 'u'"))
        assert every_tenant(connection) == ["", "t", "u"]
        found = verify(connection, "u", SECRETS)
        assert {(fault.kind, fault.subject) for fault in found.faults} == {
            ("no_chain", "decisions"), ("no_chain", "personal")
        }  # fmt: skip
        connection.rollback()
    with reading(full) as connection:
        assert [verify(connection, name, SECRETS).found for name in ("", "t", "u")] == [0, 0, 0]


def test_words_put_back_after_an_erasure(full: Engine) -> None:
    with full.connect().execution_options(writes=True) as connection, connection.begin():
        disarm(connection)
        run(
            "INSERT INTO reviews SELECT 'r-x', tenant, :o, position, made_at, by, verdict, reason,"
            " state FROM reviews", o=one(5),
        )(connection)  # fmt: skip
        assert "review" in kinds(connection)
        connection.rollback()


def test_a_key_copied_under_another_role_or_tenant_opens_nothing(full: Engine) -> None:
    moment = datetime.fromisoformat(LATER)
    with full.connect().execution_options(writes=True) as connection, connection.begin():
        key = make_key(connection, SECRETS.pepper, "t", Role.LENDER, "x", moment)
        key_id = parts_of(key)[0]
        assert caller_of(connection, SECRETS.pepper, key, moment) is not None
        other = make_key(connection, SECRETS.pepper, "t", Role.LENDER, "y", moment)
        connection.execute(text("INSERT INTO tenants VALUES ('u', 'u', 'm')"))
        where = f"WHERE key_id = '{key_id}'"
        for change in ("role = 'admin'", "tenant = 'u'", "role = 'operator', tenant = ''"):
            before = connection.execute(text(f"SELECT role, tenant FROM api_keys {where}")).one()
            assert_one(connection, f"UPDATE api_keys SET {change} {where}", {})
            assert caller_of(connection, SECRETS.pepper, key, moment) is None, change
            back = f"UPDATE api_keys SET role = :r, tenant = :t {where}"
            assert_one(connection, back, {"r": before.role, "t": before.tenant})
        assert caller_of(connection, SECRETS.pepper, key, moment) is not None
        digest = f"(SELECT digest FROM api_keys {where})"
        another = f"WHERE key_id = '{parts_of(other)[0]}'"
        assert_one(connection, f"UPDATE api_keys SET digest = {digest} {another}", {})
        borrowed = key.replace(key_id, parts_of(other)[0])
        assert caller_of(connection, SECRETS.pepper, borrowed, moment) is None
        connection.rollback()


def test_the_chain_names_a_holder_only_by_a_keyed_hash(full: Engine) -> None:
    with reading(full) as connection:
        row = connection.execute(text("SELECT * FROM api_keys WHERE holder IS NOT NULL")).one()
        query = text("SELECT body FROM ledger WHERE subject = :k")
        body = orjson.loads(unpack(connection.execute(query, {"k": row.key_id}).scalar()))
    assert body["holder"] == SECRETS.holder_name("t", "ann.li")
    assert (body["expires_at"], body["items_per_minute"]) == (row.expires_at, 7)


def test_nothing_is_written_without_the_key_of_the_chains() -> None:
    bare = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(bare)
    with bare.begin() as connection:
        for act in (
            lambda: ledger.append(connection, "t", [ledger.Entry("note", "n", LATER, {})]),
            lambda: verify(connection, "t"),
        ):
            with pytest.raises(RiskEngineError, match="no key of the chains"):
                act()
        assert connection.execute(text("SELECT count(*) FROM ledger")).scalar() == 0


def test_another_secret_writes_no_further(engine: Engine) -> None:
    other = engine.execution_options(chain_key=b"another")
    assert migrate(other)
    with writing(engine) as connection:
        store(connection, "t", [made(1)])
    with pytest.raises(StoreError, match="another secret"):
        migrate(other)
    assert migrate(engine)


def test_the_digest_covers_every_part() -> None:
    parts = [b"key", "t", 1, ledger.FIRST, "note", "n", MOMENT, b"{}"]
    others = [b"yek", "u", 2, "1" * 64, "tone", "m", LATER, b"[]"]
    digests = {ledger.digest_of(*parts)}
    for k, other in enumerate(others):
        digests.add(ledger.digest_of(*parts[:k], other, *parts[k + 1 :]))
    assert len(digests) == len(parts) + 1
    joined = [*parts[:4], "note\nn", "", *parts[6:]]
    assert ledger.digest_of(*joined) != ledger.digest_of(*[*parts[:4], "note", "n", *parts[6:]])
