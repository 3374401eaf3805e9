"""People are erased, by request and by term; the chain stays whole and nothing of them is left."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select, text

from riskengine.rules import statute, tightened
from service.problems import Problem
from service.scoring.people import names_of
from service.scoring.recording import known, store
from service.scoring.retention import keep_until, years_later
from service.settings import Settings
from service.store import ledger
from service.store.database import open_database, reading, writing
from service.store.decisions import Filters, find, page, sealed_of
from service.store.erasure import (
    Ground,
    drop_replies,
    erase,
    hold,
    keep_longer,
    retain,
    scrub,
)
from service.store.migrate import migrate
from service.store.reviews import Review, add_review
from service.store.tables import personal, persons, reviews
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


def words(engine: Engine) -> dict[str, str]:
    with reading(engine) as connection:
        return {row.by: row.reason for row in connection.execute(select(reviews))}


def test_what_reviewers_write_later_goes_too(engine: Engine) -> None:
    name = SECRETS.name_of("t", CODE)
    with writing(engine) as connection:
        store(connection, "t", [made(1, until="2026-12-31"), made(2, until="2026-12-31")])
        erase(connection, "t", name, Ground.OTHER, "ann", LATER)
        for by, k in (("bob", 1), ("cid", 2)):
            add_review(connection, "t", Review(one(k), by, "uphold", WORDS, "final"), LATER)
        assert erase(connection, "u", "", Ground.OTHER, "ann", LATER, one(1)).decision_ids == ()
        head = ledger.head(connection, "t")[0]
        again = erase(connection, "t", "", Ground.OTHER, "ann", LATER, one(1))
        assert (again.decision_ids, ledger.head(connection, "t")[0]) == ((one(1),), head + 1)
    assert words(engine) == {"bob": "", "cid": WORDS}
    with writing(engine) as connection:
        assert erase(connection, "t", (), Ground.OTHER, "ann", LATER, one(1)).erasure_id == ""
        assert retain(connection, "t", "2026-12-31", "ann", LATER).decision_ids == ()
        assert retain(connection, "t", "2027-01-01", "ann", LATER).decision_ids == (one(2),)
        assert retain(connection, "t", "2027-01-01", "ann", LATER).decision_ids == ()
        moments = connection.execute(select(personal.c.erased_at)).scalars().all()
    assert moments == [LATER, LATER]
    assert words(engine) == {"bob": "", "cid": ""}
    assert whole(engine)


def test_the_moment_of_the_first_erasure_stays(engine: Engine) -> None:
    with writing(engine) as connection:
        store(connection, "t", [made(1)])
        erase(connection, "t", (), Ground.OTHER, "ann", LATER, one(1))
        add_review(connection, "t", Review(one(1), "bob", "uphold", WORDS, "final"), LATER)
        later = "2026-12-01T09:00:00.000000Z"
        assert erase(connection, "t", (), Ground.OTHER, "ann", later, one(1)).erasure_id != ""
        assert connection.execute(select(personal.c.erased_at)).scalar() == LATER


OTHER = "440524188001010014"


def test_a_mortgagor_is_found_and_erased(engine: Engine) -> None:
    name, spaced = SECRETS.name_of("t", OTHER), "４４０５ 2418-8001010014"
    with writing(engine) as connection:
        store(connection, "t", [
            made(1, mortgagor=OTHER), made(2, mortgagor=CODE), made(3, code=OTHER),
            made(4, mortgagor=spaced), made(5),
        ])  # fmt: skip
        store(connection, "u", [made(6, "u", mortgagor=OTHER)])
    with reading(engine) as connection:
        rows = connection.execute(select(persons.c.tenant, persons.c.decision_id)).all()
        assert sorted(map(tuple, rows)) == [("t", one(1)), ("t", one(4)), ("u", one(6))]
        filters = Filters(borrower=names_of(SECRETS, "t", spaced))
        first = page(connection, "t", filters, limit=2)
        rest = page(connection, "t", filters, first.cursor, 2)
        found = [row["decision_id"] for row in (*first.rows, *rest.rows)]
        assert (found, rest.cursor) == ([one(4), one(3), one(1)], None)
    with writing(engine) as connection:
        hold(connection, "t", one(4), True, "ann", LATER)
        done = erase(connection, "t", name, Ground.OTHER, "ann", LATER)
        assert (done.decision_ids, done.held) == ((one(1), one(3)), (one(4),))
        assert sealed_of(connection, "t", one(1)) == (None, True)
        assert sealed_of(connection, "t", one(2))[1] is False
        assert sealed_of(connection, "u", one(6))[1] is False
        left = connection.execute(select(persons.c.decision_id)).scalars().all()
        assert sorted(left) == [one(4), one(6)]
    assert whole(engine)


def test_a_borrower_goes_with_those_beside(engine: Engine) -> None:
    with writing(engine) as connection:
        store(connection, "t", [made(1, mortgagor=OTHER)])
        erase(connection, "t", SECRETS.name_of("t", CODE), Ground.OTHER, "ann", LATER)
        assert connection.execute(select(persons)).all() == []


def test_codes_of_before_are_still_found(engine: Engine) -> None:
    odd = made(1)
    old = SECRETS.name_of("t", "1101 0519")
    odd.rows["decisions"]["borrower"] = odd.rows["personal"]["borrower"] = old
    with writing(engine) as connection:
        store(connection, "t", [odd])
        names = names_of(SECRETS, "t", "1101 0519")
        assert len(page(connection, "t", Filters(borrower=names)).rows) == 1
        done = erase(connection, "t", names, Ground.OTHER, "ann", LATER)
    assert done.decision_ids == (one(1),)


def test_cells_are_kept_longer_and_never_shorter(engine: Engine) -> None:
    def longer(until: str, k: int = 1, tenant: str = "t") -> bool:
        with writing(engine) as connection:
            return keep_longer(connection, tenant, one(k), until, "review", "ann", LATER)

    with writing(engine) as connection:
        store(connection, "t", [made(k, code=str(k), until="2029-11-26") for k in (1, 2)])
        erase(connection, "t", SECRETS.name_of("t", "2"), Ground.OTHER, "ann", LATER)
        head = ledger.head(connection, "t")[0]
    told = [
        longer("2036-11-26"), longer("2036-11-26"), longer("2030-01-01"), longer("2040-01-01", 2),
        longer("2040-01-01", 1, "u"),
    ]  # fmt: skip
    assert told == [True, False, False, False, False]
    with reading(engine) as connection:
        query = select(personal.c.keep_until).order_by(personal.c.decision_id)
        assert connection.execute(query).scalars().all() == ["2036-11-26", "2029-11-26"]
        assert ledger.head(connection, "t")[0] == head + 1
    assert whole(engine)


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
