"""The chain tells of every kind of tampering."""

import pytest
from sqlalchemy import Connection, Engine, text

from riskengine.errors import RiskEngineError
from service.scoring.recording import store
from service.store import ledger
from service.store.database import reading, writing
from service.store.packing import pack, unpack
from service.store.verify import anchor, read_anchor, verify
from tests.service.store.making import MOMENT, SECRETS, made
from tests.service.store.tampering import assert_one, disarm, fill, one, run, stand


@pytest.fixture
def full(engine: Engine) -> Engine:
    return fill(engine)


def test_a_whole_chain_has_no_fault(full: Engine) -> None:
    with reading(full) as connection:
        found = verify(connection, "t", SECRETS, anchor(connection, "t", SECRETS))
        assert (found.entries, found.faults) == (17, [])
        assert verify(connection, "u", SECRETS).entries == 3
        assert verify(connection, "nobody").entries == 0
        assert verify(connection, "nobody").faults == []
        assert ledger.tenants(connection) == ["t", "u"]


def swap(connection: Connection) -> None:
    for old, new in ((5, 99), (6, 5), (99, 6)):
        assert_one(
            connection, "UPDATE ledger SET position = :n WHERE tenant = 't' AND position = :o",
            {"n": new, "o": old},
        )  # fmt: skip


def richer(connection: Connection) -> None:
    where = "FROM decisions WHERE position = 2 AND tenant = 't'"
    answer = unpack(connection.execute(text(f"SELECT answer {where}")).scalar())
    cells = {"a": pack(answer.replace(b"12345.67", b"92345.67"))}
    assert_one(
        connection, "UPDATE decisions SET answer = :a WHERE tenant = 't' AND position = 2", cells
    )


def another_seal(connection: Connection) -> None:
    assert_one(
        connection, "UPDATE personal SET sealed = (SELECT sealed FROM personal WHERE decision_id"
        " = :b) WHERE decision_id = :a", {"a": one(1), "b": one(2)},
    )  # fmt: skip


def forged(connection: Connection) -> None:
    assert_one(
        connection, "INSERT INTO ledger SELECT tenant, 18, kind, 'd-new', made_at, body, previous,"
        " digest FROM ledger WHERE tenant = 't' AND position = 1", {},
    )  # fmt: skip


def mended(connection: Connection) -> None:
    row = connection.execute(text(f"SELECT * FROM ledger {AT} 3")).one()
    body = unpack(row.body) + b" "
    said = ("t", 3, row.previous, row.kind, row.subject, row.made_at)
    cells = {"d": ledger.digest_of(b"of another", *said, body)}
    assert_one(
        connection, f"UPDATE ledger SET body = :b, digest = :d {AT} 3", {**cells, "b": pack(body)}
    )
    assert_one(connection, f"UPDATE ledger SET previous = :d {AT} 4", cells)


REPLACED = "key_id = (SELECT replaces FROM api_keys WHERE replaces IS NOT NULL)"
REVOKED = "WHERE replaces IS NOT NULL"
AT = "WHERE tenant = 't' AND position ="
TAMPERINGS = [
    (run(f"UPDATE ledger SET body = :b {AT} 3", b=pack(b"{}")), {"entry"}),
    (run(f"UPDATE ledger SET body = :b {AT} 3", b=b"junk"), {"entry"}),
    (run(f"UPDATE ledger SET kind = 'note' {AT} 3"), {"entry", "no_entry"}),
    (run(f"UPDATE ledger SET subject = 'd-x' {AT} 3"), {"entry", "no_decision"}),
    (run(f"UPDATE ledger SET made_at = '2020' {AT} 3"), {"entry", "moment"}),
    (run(f"UPDATE ledger SET digest = :d {AT} 3", d="f" * 64), {"entry", "link"}),
    (run(f"DELETE FROM ledger {AT} 4"), {"gap", "link", "no_entry"}),
    (run(f"DELETE FROM ledger {AT} 1"), {"gap", "link", "no_entry"}),
    (mended, {"entry"}),
    (swap, {"link", "no_decision"}),
    (forged, {"link", "no_decision"}),
    (run(f"UPDATE ledger SET tenant = 'u' {AT} 17"), {"erased"}),
    (richer, {"answer"}),
    (run(f"UPDATE decisions SET answer = :b {AT} 2", b=b"junk"), {"answer"}),
    (run(f"UPDATE decisions SET limit_yuan = 99999 {AT} 2"), {"listing"}),
    (run(f"UPDATE decisions SET decision = 'accept' {AT} 2"), {"listing"}),
    (run(f"DELETE FROM decisions {AT} 2"), {"no_decision"}),
    (run(f"UPDATE decisions SET position = 13 {AT} 12"), {"no_decision", "no_entry"}),
    (run(f"UPDATE decisions SET position = 50 {AT} 12"), {"no_decision", "no_entry"}),
    (run(f"UPDATE decisions SET case_state = 'sold' {AT} 4"), {"state"}),
    (run(f"DELETE FROM personal WHERE decision_id = '{one(1)}'"), {"no_personal"}),
    (run(f"UPDATE personal SET sealed = NULL WHERE decision_id = '{one(1)}'"), {"erased"}),
    (another_seal, {"personal"}),
    (run(f"UPDATE decisions SET application_no = 'A-9' {AT} 2"), {"listing"}),
    (run(f"UPDATE decisions SET pd = 0.001 {AT} 2"), {"listing"}),
    (run(f"UPDATE decisions SET model = 'better 2' {AT} 2"), {"listing"}),
    (run(f"UPDATE decisions SET reasons = ' AGR-2 ' {AT} 2"), {"listing"}),
    (run("UPDATE reviews SET verdict = 'override_accept'"), {"review"}),
    (run("UPDATE reviews SET reason = 'never looked'"), {"review"}),
    (run("UPDATE reviews SET reason = ''"), {"review"}),
    (run("UPDATE reviews SET state = 'waits'"), {"state"}),
    (run("DELETE FROM reviews"), {"no_review"}),
    (run("UPDATE reviews SET position = 77"), {"no_review", "no_entry"}),
]


STRAYS = [
    (run("UPDATE pointers SET digest = '' WHERE tenant = 't'"), {"pointer"}),
    (run("DELETE FROM pointers WHERE tenant = 't'"), {"pointer"}),
    (run("UPDATE pointers SET name = 'other' WHERE tenant = 't'"), {"pointer"}),
    (run(f"UPDATE personal SET held = false WHERE decision_id = '{one(6)}'"), {"hold"}),
    (run(f"UPDATE personal SET held = true WHERE decision_id = '{one(7)}'"), {"hold"}),
    (run(f"UPDATE api_keys SET revoked_at = NULL {REVOKED}"), {"key"}),
    (run(f"UPDATE api_keys SET role = 'admin' {REVOKED}"), {"key"}),
    (run(f"UPDATE api_keys SET replaces = 'another' {REVOKED}"), {"key"}),
    (run(f"UPDATE api_keys SET expires_at = '2099' WHERE {REPLACED}"), {"key"}),
    (run(f"DELETE FROM api_keys {REVOKED}"), {"key"}),
]


def test_what_stands_otherwise_is_found(full: Engine) -> None:
    stand(full)
    with reading(full) as connection:
        assert verify(connection, "t", SECRETS).faults == []
    for k, (tamper, expected) in enumerate(STRAYS):
        with full.connect().execution_options(writes=True) as connection, connection.begin():
            disarm(connection)
            tamper(connection)
            found = {fault.kind for fault in verify(connection, "t", SECRETS).faults}
            assert found == expected, (k, found)
            connection.rollback()


def test_every_tampering_is_found(full: Engine) -> None:
    for k, (tamper, expected) in enumerate(TAMPERINGS):
        with full.connect().execution_options(writes=True) as connection, connection.begin():
            disarm(connection)
            tamper(connection)
            found = {fault.kind for fault in verify(connection, "t", SECRETS).faults}
            assert expected <= found, (k, found)
            beside = {fault.kind for fault in verify(connection, "u", SECRETS).faults}
            assert beside <= {"entry", "gap", "link", "no_decision"}, (k, beside)
            connection.rollback()
    with reading(full) as connection:
        assert verify(connection, "t", SECRETS).faults == []


def test_a_tail_cut_off_is_known_from_an_anchor(full: Engine) -> None:
    with reading(full) as connection:
        kept = str(anchor(connection, "t", SECRETS))
    with writing(full) as connection:
        disarm(connection)
        connection.execute(text("DELETE FROM ledger WHERE tenant = 't' AND position > 15"))
        connection.execute(
            text("UPDATE personal SET sealed = 'x', erased_at = NULL WHERE sealed IS NULL")
        )
    with reading(full) as connection:
        assert verify(connection, "t").faults == []
        at = read_anchor(kept, SECRETS)
        assert [fault.kind for fault in verify(connection, "t", at=at).faults] == ["tail"]


def test_a_chain_written_anew_is_known_from_an_anchor(full: Engine) -> None:
    with reading(full) as connection:
        kept = str(anchor(connection, "u", SECRETS))
    with writing(full) as connection:
        disarm(connection)
        for table in ("ledger", "decisions", "personal"):
            connection.execute(text(f"DELETE FROM {table} WHERE tenant = 'u'"))
        store(connection, "u", [made(k, "u") for k in (101, 102, 109)])
    with reading(full) as connection:
        assert verify(connection, "u", SECRETS).faults == []
        found = verify(connection, "u", SECRETS, read_anchor(kept, SECRETS))
        assert [(fault.position, fault.kind) for fault in found.faults] == [(3, "anchor")]


@pytest.mark.parametrize(
    "written", ["", "t", "t:17:abc", "t:x:abc:def", "t:16:{d}:{s}", "u:17:{d}:{s}"]
)
def test_an_anchor_of_another_hand_is_refused(full: Engine, written: str) -> None:
    with reading(full) as connection:
        real = anchor(connection, "t", SECRETS)
    with pytest.raises(RiskEngineError, match="did not write"):
        read_anchor(written.format(d=real.digest, s=real.signature), SECRETS)
    assert read_anchor(f" {real}\n", SECRETS) == real


def test_moments_never_fall_along_a_chain(engine: Engine) -> None:
    moments = ["2026-11-26T08:00:00.000005Z", "2026-11-26T07:00:00.000000Z", MOMENT]
    with writing(engine) as connection:
        for k, moment in enumerate(moments, 1):
            store(connection, "t", [made(k, moment=moment)])
    with reading(engine) as connection:
        assert verify(connection, "t", SECRETS).faults == []
        rows = connection.execute(text("SELECT made_at FROM ledger ORDER BY position")).scalars()
        assert list(rows) == [moments[0]] * 3


def test_pages_are_verified_as_one(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.store.verify.PAGE", 3)
    with writing(engine) as connection:
        store(connection, "t", [made(k) for k in range(1, 11)])
    with reading(engine) as connection:
        found = verify(connection, "t", SECRETS)
        assert (found.entries, found.position, found.faults) == (10, 10, [])
