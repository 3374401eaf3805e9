"""People are erased, by request and by term; the chain stays whole and nothing of them is left."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select, text

from riskengine.rules import statute, tightened
from service.problems import Problem
from service.scoring.recording import known, store
from service.scoring.retention import keep_until, years_later
from service.settings import Settings
from service.store import ledger
from service.store.database import open_database, reading, writing
from service.store.decisions import Filters, find, page, sealed_of
from service.store.erasure import Ground, drop_replies, erase, hold, retain, scrub
from service.store.migrate import migrate
from service.store.reviews import Review, add_review
from service.store.tables import personal
from service.store.verify import verify
from tests.service.store.making import CODE, SECRETS, made

LATER = "2026-11-26T09:00:00.000000Z"
WORDS = "the reviewer wrote a name here"


def one(k: int) -> str:
    return f"d-{k:032x}"


def whole(engine: Engine) -> bool:
    with reading(engine) as connection:
        return verify(connection, "t", SECRETS).faults == []


def test_one_person_is_erased(engine: Engine) -> None:
    name = SECRETS.name_of("t", CODE)
    with writing(engine) as connection:
        store(
            connection,
            "t",
            [made(1, key="a"), made(2, code="other", key="b"), made(3, until="2020-01-01")],
        )
        store(connection, "u", [made(4, "u")])
        add_review(connection, "t", Review(one(1), "ann", "uphold", WORDS, "final"), LATER)
        done = erase(connection, "t", name, Ground.CONSENT_WITHDRAWN, "ann", LATER)
        assert done.decision_ids == (one(1), one(3))
        assert (done.held, done.early) == ((), (one(1),))
        assert erase(connection, "t", name, Ground.OTHER, "ann", LATER).decision_ids == ()
    with reading(engine) as connection:
        assert sealed_of(connection, "t", one(1)) == (None, True)
        assert sealed_of(connection, "t", one(2))[1] is False
        assert sealed_of(connection, "u", one(4))[0] is not None
        assert page(connection, "t", Filters(borrower=name)).rows == []
        assert known(connection, "t", ["a"])["a"].request_digest == ""
        assert known(connection, "t", ["b"])["b"].request_digest != ""
        found = find(connection, "t", one(1))
        assert found is not None
        assert CODE not in str(found)
    assert whole(engine)


def test_a_legal_hold_keeps_what_is_due(engine: Engine) -> None:
    with writing(engine) as connection:
        store(connection, "t", [made(k, until=f"2026-11-{20 + k}") for k in (1, 5, 6, 7)])
        assert hold(connection, "t", one(1), True, "ann", LATER)
        assert not hold(connection, "u", one(5), True, "ann", LATER)
    with writing(engine) as connection:
        done = retain(connection, "t", "2026-11-26", "ann", LATER)
        assert (done.decision_ids, done.held, done.early) == ((one(5),), (one(1),), ())
    assert whole(engine)
    with writing(engine) as connection:
        assert hold(connection, "t", one(1), False, "ann", LATER)
        assert retain(connection, "t", "2026-11-27", "ann", LATER).decision_ids == (one(1), one(6))
        assert retain(connection, "u", "2030-01-01", "ann", LATER).erasure_id == ""
    assert whole(engine)


def test_what_others_keep_is_none_of_its_business(engine: Engine) -> None:
    with writing(engine) as connection:
        store(connection, "t", [made(1, until="2026-11-20")])
        store(connection, "u", [made(2, "u", until="2026-11-20")])
        before = ledger.head(connection, "u")
        assert retain(connection, "t", "2026-11-26", "ann", LATER).decision_ids == (one(1),)
        assert ledger.head(connection, "t")[0] == 2
        assert ledger.head(connection, "u") == before
        assert retain(connection, "u", "2026-11-26", "ann", LATER).decision_ids == (one(2),)


def test_replies_are_forgotten(engine: Engine) -> None:
    with writing(engine) as connection:
        store(connection, "t", [
            made(1, key="old", moment="2026-10-01T00:00:00.000000Z"),
            made(2, key="new", moment="2026-11-01T00:00:00.000000Z"),
        ])  # fmt: skip
        assert drop_replies(connection, "t", "2026-10-15") == 1
        assert drop_replies(connection, "u", "2027-10-15") == 0
        assert list(known(connection, "t", ["old", "new"])) == ["new"]


def test_nothing_of_the_person_is_left_in_the_files(tmp_path: Path) -> None:
    engine = open_database(Settings(data=tmp_path))
    migrate(engine)
    with writing(engine) as connection:
        store(connection, "t", [made(k, key=f"k{k}") for k in range(1, 40)])
        store(connection, "t", [made(90, code="someone else", key="k90")])
        add_review(connection, "t", Review(one(1), "ann", "uphold", WORDS, "final"), LATER)
    with reading(engine) as connection:
        rows = connection.execute(select(personal).where(personal.c.decision_id != one(90))).all()
        digest = known(connection, "t", ["k1"])["k1"].request_digest
    traces = [row.sealed for row in rows]
    traces += [rows[0].borrower.encode(), WORDS.encode(), digest.encode()]
    assert all(any(trace in raw for raw in contents(tmp_path)) for trace in traces)
    with writing(engine) as connection:
        erase(connection, "t", SECRETS.name_of("t", CODE), Ground.OTHER, "ann", LATER)
    scrub(engine)
    assert not any(trace in raw for raw in contents(tmp_path) for trace in traces)
    assert not any(CODE.encode() in raw for raw in contents(tmp_path))
    with reading(engine) as connection:
        assert sealed_of(connection, "t", one(90))[0] is not None
    assert whole(engine)
    engine.dispose()


def test_a_log_that_is_still_read_is_told(tmp_path: Path) -> None:
    engine = open_database(Settings(data=tmp_path))
    migrate(engine)

    @event.listens_for(engine, "checkout")
    def hurry(connection, *_) -> None:  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA busy_timeout=50")

    with reading(engine) as reader:
        assert reader.execute(select(personal)).all() == []
        with writing(engine) as connection:
            store(connection, "t", [made(1)])
        with pytest.raises(Problem) as told:
            scrub(engine)
    assert (told.value.status, told.value.code) == (503, "store-busy")
    assert int(told.value.headers["Retry-After"]) >= 1
    scrub(engine)
    engine.dispose()


def contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir()]


def test_what_postgresql_frees_is_vacuumed(engine: Engine) -> None:
    scrub(engine)
    with writing(engine) as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1


TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(("decision", "matures", "expected"), [
    ("accept", "2029-11-26", date(2039, 11, 26)), ("refer", date(2029, 11, 26), date(2039, 11, 26)),
    ("accept", None, date(2036, 11, 26)), ("accept", "2020-01-01", date(2036, 11, 26)),
    ("decline", "2029-11-26", date(2029, 11, 26)),
])  # fmt: skip
def test_the_rules_say_how_long(decision: str, matures: object, expected: date) -> None:
    assert keep_until(decision, {"matures_on": matures}, TODAY, statute().at(TODAY)) == expected


def test_an_institution_keeps_declined_applications_for_less(tmp_path: Path) -> None:
    folder = tmp_path / "institution"
    folder.mkdir()
    (folder / "privacy.toml").write_text(
        "[keep_declined]\n[[keep_declined.value]]\nfrom = 2026-01-01\namount = 0.5\n"
        'cite = "the board"\nseen = "text"\n', encoding="utf-8",
    )  # fmt: skip
    rules = tightened(statute(), folder).at(TODAY)
    assert keep_until("decline", {}, TODAY, rules) == date(2027, 5, 26)


def test_years_end_on_days_that_exist() -> None:
    assert years_later(date(2024, 2, 29), 1.0) == date(2025, 2, 28)
    assert years_later(date(2026, 8, 31), 0.5) == date(2027, 2, 28)
    assert years_later(date(2026, 12, 31), 9000.0) == date.max
