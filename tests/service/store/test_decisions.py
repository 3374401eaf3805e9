"""Decisions are found and listed in pages; content is kept by its digest and pointed to."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from service.problems import Problem
from service.scoring.recording import store
from service.store import artifacts
from service.store.database import reading, writing
from service.store.decisions import Filters, find, page
from service.store.reviews import Review, add_review
from tests.service.store.making import SECRETS, made

MOMENT = "2026-11-26T08:00:00.000000Z"


def numbers(rows: list[dict]) -> list[int]:
    return [int(row["decision_id"][2:], 16) for row in rows]


def test_pages_are_stable_while_decisions_come_in(engine: Engine) -> None:
    with writing(engine) as connection:
        store(connection, "t", [made(k) for k in range(1, 8)])
        store(connection, "u", [made(50, "u")])
    with reading(engine) as connection:
        first = page(connection, "t", Filters(), None, 3)
        assert (numbers(first.rows), first.cursor is None) == ([7, 6, 5], False)
        assert "answer" not in first.rows[0]
    with writing(engine) as connection:
        store(connection, "t", [made(8)])
    with reading(engine) as connection:
        second = page(connection, "t", Filters(), first.cursor, 3)
        third = page(connection, "t", Filters(), second.cursor, 3)
        assert (numbers(second.rows), numbers(third.rows)) == ([4, 3, 2], [1])
        assert third.cursor is None
        assert numbers(page(connection, "u", Filters(), None, 9).rows) == [50]
        for cursor in ("", "x", "MTIz", "\u4e2d", first.cursor + "A", "9" * 500):
            with pytest.raises(Problem) as told:
                page(connection, "t", Filters(), cursor)
            assert told.value.status == 422
        with pytest.raises(Problem):
            page(connection, "t", Filters(decision="refer"), first.cursor)


def test_filters(engine: Engine) -> None:
    with writing(engine) as connection:
        store(
            connection,
            "t",
            [made(1), made(2, code="B"), made(3, moment="2026-11-27T00:00:00.000000Z")],
        )
        add_review(
            connection, "t", Review("d-" + f"{2:032x}", "ann", "uphold", "read it", "final"), MOMENT
        )
    name = SECRETS.name_of("t", "B")
    wanted = [
        (Filters(borrower=name), [2]), (Filters(application_no="A-3"), [3]),
        (Filters(decision="accept"), []), (Filters(decision="refer"), [3, 2, 1]),
        (Filters(reason="AGR-1"), [3, 2, 1]), (Filters(reason="AGR"), []), (Filters(reason="%"), []),
        (Filters(reviewed=True), [2]), (Filters(reviewed=False), [3, 1]),
        (Filters(made_from="2026-11-27"), [3]), (Filters(made_until="2026-11-27"), [2, 1]),
        (Filters(valued_from="2026-11-24", valued_until="2026-11-24"), [3, 2, 1]),
        (Filters(valued_from="2026-11-25"), []), (Filters(case_state="lent"), []),
    ]  # fmt: skip
    with reading(engine) as connection:
        for filters, expected in wanted:
            assert numbers(page(connection, "t", filters).rows) == expected, filters
            assert page(connection, "u", filters).rows == []


def test_a_decision_is_found_by_its_tenant_alone(engine: Engine) -> None:
    one = made(1)
    with writing(engine) as connection:
        store(connection, "t", [one])
    with reading(engine) as connection:
        assert find(connection, "u", one.decision_id) is None
        found = find(connection, "t", one.decision_id)
    assert found is not None
    assert (found.answer, found.row["position"]) == (one.answer, 1)
    assert found.entry["answer_sha256"]


def test_a_pointer_moves_only_from_where_it_was_seen(engine: Engine) -> None:
    about = ("overlay", "rules")
    with writing(engine) as connection:
        first, second = (
            artifacts.put(connection, "t", *about, content, MOMENT) for content in (b"a", b"b")
        )
        assert artifacts.put(connection, "t", *about, b"a", MOMENT) == first
        made_of = artifacts.point(connection, "t", *about, first, "", "ann", MOMENT)
        assert (made_of.digest, made_of.generation) == (first, 1)
        with pytest.raises(Problem) as told:
            artifacts.point(connection, "t", *about, second, "", "bob", MOMENT)
        assert (told.value.status, told.value.headers["ETag"]) == (412, f'"{first}"')
        assert (
            artifacts.point(connection, "t", *about, second, first, "bob", MOMENT).generation == 2
        )
        assert artifacts.point(connection, "t", *about, "", None, "bob", MOMENT).generation == 3
    with reading(engine) as connection:
        assert artifacts.pointer(connection, "t", *about).digest == ""
        assert artifacts.pointer(connection, "u", *about) == artifacts.NOTHING
        assert artifacts.get(connection, "t", first) == b"a"
        assert artifacts.get(connection, "u", first) is None
        changes = connection.execute(text("SELECT count(*) FROM ledger WHERE kind = 'pointer'"))
        assert changes.scalar() == 3


def test_content_that_was_altered_is_not_given(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(
            text("INSERT INTO artifacts VALUES ('t', :d, 'k', 'n', 'm', :c)"),
            {"d": artifacts.digest_of(b"a"), "c": b"junk"},
        )
        assert artifacts.get(connection, "t", artifacts.digest_of(b"a")) is None


def test_packing_is_the_same_for_the_same_files(tmp_path: Path) -> None:
    files = {"b/c.toml": b"1", "a.toml": b"", "n" * 120: "中".encode()}
    packed = artifacts.pack(files)
    assert packed == artifacts.pack(dict(reversed(files.items())))
    assert artifacts.unpack(packed) == files
    assert artifacts.files_in(artifacts.lay_out(packed, tmp_path / "out")) == files
    with pytest.raises(ValueError, match="out of its folder"):
        artifacts.lay_out(artifacts.pack({"../x": b""}), tmp_path / "out")
    assert not (tmp_path / "x").exists()
