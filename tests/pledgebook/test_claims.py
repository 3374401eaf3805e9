"""Double claims by hand, and what ranks and shares leave to each pledge."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.gates.tables import pledges
from riskengine.gates.tapes import Tape, read_tape
from riskengine.pledgebook.claims import (
    TO_A_PERSON,
    Claim,
    claims_of,
    standing,
    with_unknown_seniors,
)

NUMBERS = {"rank", "pledged_area_mu", "certified_area_mu", "secured_limit_yuan"}
NAN = float("nan")


def tape(*rows: dict[str, Any]) -> Tape:
    """Pledges from dictionaries: R is the right, the rest as in the table."""
    heads = dict.fromkeys(head for row in rows for head in row)
    cells = {
        head: pa.array([row.get(head) for row in rows], pa.float64() if head in NUMBERS else None)
        for head in heads
    }
    fixed = {
        "pledge_id": pa.array([f"P{k}" for k in range(len(rows))]),
        "right_kind": pa.array([row.get("right_kind", "land") for row in rows]),
    }
    found = read_tape(pledges(), pa.RecordBatch.from_pydict(cells | fixed), date(2026, 11, 24))
    assert found.size == len(rows), found.faults
    return found


def marks(*rows: dict[str, Any]) -> list[Claim]:
    return [Claim(int(one)) for one in claims_of(tape(*rows)).marks]


def on(right: str, **more: Any) -> dict[str, Any]:
    return {"right_id": right, **more}


def test_a_right_pledged_twice_without_ranks_goes_to_a_person() -> None:
    assert marks(on("A"), on("B"), on("A")) == [Claim.UNRANKED, Claim(0), Claim.UNRANKED]
    assert Claim.UNRANKED & TO_A_PERSON


def test_different_ranks_are_told_and_pass() -> None:
    assert marks(on("A", rank=2), on("A", rank=1)) == [Claim.RANKED, Claim.RANKED]
    assert not Claim.RANKED & TO_A_PERSON


def test_equal_ranks_and_one_rank_missing_are_not_clear() -> None:
    assert marks(on("A", rank=1), on("A", rank=1)) == [Claim.UNRANKED] * 2
    assert marks(on("A", rank=1), on("A"), on("A", rank=2)) == [Claim.UNRANKED] * 3


def test_the_same_identifier_of_another_kind_is_another_right() -> None:
    assert marks(on("A"), on("A", right_kind="forest")) == [Claim(0)] * 2


@pytest.mark.parametrize(
    ("column", "claim"),
    [
        ("certificate_no", Claim.CERTIFICATE),
        ("unit_code", Claim.UNIT),
        ("parcel_code", Claim.PARCEL),
    ],
)
def test_one_paper_on_two_rights(column: str, claim: Claim) -> None:
    found = marks(on("A", **{column: "X1"}), on("B", **{column: "X1"}), on("C", **{column: "X2"}))
    assert found == [claim, claim, Claim(0)]
    assert claim & TO_A_PERSON


def test_one_paper_on_one_right_pledged_twice_is_no_conflict_of_papers() -> None:
    rows = (on("A", rank=1, certificate_no="X"), on("A", rank=2, certificate_no="X"))
    assert marks(*rows) == [Claim.RANKED] * 2


def test_typing_does_not_hide_a_certificate() -> None:
    one, other = "鲁（2020）东平县不动产权第0001234号", "鲁(2020) 东平县不动产权第０００１２３４号"
    found = marks(on("A", certificate_no=one), on("B", certificate_no=other))
    assert found == [Claim.CERTIFICATE] * 2


def test_missing_papers_are_not_one_paper() -> None:
    assert marks(on("A", certificate_no=None), on("B", certificate_no="  ")) == [Claim(0)] * 2


def area(right: str, pledged: float, certified: float = 20.0, **more: Any) -> dict[str, Any]:
    return on(right, pledged_area_mu=pledged, certified_area_mu=certified, **more)


def test_area_over_the_certificate_in_one_pledge() -> None:
    assert marks(area("A", 20.5), area("B", 20.0)) == [Claim.AREA, Claim(0)]
    assert marks(area("A", 20.001)) == [Claim(0)], "rounding is no excess"


def test_area_over_the_certificate_across_pledges() -> None:
    parts = [area("A", 12, certificate_no="X"), area("B", 9, certificate_no="X")]
    assert all(mark & Claim.AREA for mark in marks(*parts))
    parts[1]["pledged_area_mu"] = 8
    assert not any(mark & Claim.AREA for mark in marks(*parts))


def test_ranks_take_the_same_land_once_and_unranked_pledges_add_up() -> None:
    def two(**ranks: Any) -> list[Claim]:
        first, second = ranks.get("ranks", (None, None))
        return marks(
            area("A", 15, certificate_no="X", rank=first),
            area("A", 15, certificate_no="X", rank=second),
        )

    assert two(ranks=(1, 2)) == [Claim.RANKED] * 2
    assert two(ranks=(1, 1)) == [Claim.UNRANKED | Claim.AREA] * 2
    assert two() == [Claim.UNRANKED | Claim.AREA] * 2


def stand(debt: list[float], *rows: dict[str, Any]) -> tuple[list[float], list[float]]:
    found = tape(*rows)
    senior, share = standing(claims_of(found), found, np.array(debt))
    return senior.tolist(), share.tolist()


def test_what_ranks_leave_by_hand() -> None:
    rows = (on("A", rank=2), on("B"), on("A", rank=1), on("A", rank=2), on("A"))
    senior, share = stand([30.0, 500.0, 100.0, 10.0, 7.0], *rows)
    # Rank 1 has nothing before it; the two of rank 2 share 100 as 30 to 10; the one
    # without a rank stands behind 140.
    assert senior == [75.0, 0.0, 0.0, 25.0, 140.0]
    assert share == [0.75, 1.0, 1.0, 0.25, 1.0]


def test_equals_without_debt_share_alike() -> None:
    assert stand([0.0, 0.0], on("A"), on("A")) == ([0.0, 0.0], [0.5, 0.5])
    assert stand([NAN, 100.0], on("A"), on("A")) == ([0.0, 0.0], [0.5, 0.5])


def test_an_unknown_debt_counts_as_the_amount_secured_or_sends_the_junior_to_a_person() -> None:
    debt = np.array([NAN, 50.0])
    stated = tape(on("A", rank=1, secured_limit_yuan=80.0), on("A", rank=2))
    senior, _ = standing(claims_of(stated), stated, debt)
    assert senior.tolist() == [0.0, 80.0]
    assert with_unknown_seniors(claims_of(stated), stated, debt).marks.tolist() == [1, 1]
    silent = tape(on("A", rank=1), on("A", rank=2))
    found = with_unknown_seniors(claims_of(silent), silent, debt)
    assert [Claim(int(one)) for one in found.marks] == [Claim.RANKED, Claim.RANKED | Claim.SENIOR]
    assert Claim.SENIOR & TO_A_PERSON


def test_an_empty_book_has_no_claims() -> None:
    empty = tape(on("A")).take(np.zeros(0, dtype=np.int64))
    found = claims_of(empty)
    senior, share = standing(found, empty, np.zeros(0))
    assert found.marks.size == senior.size == share.size == 0


BOOKS = st.lists(
    st.tuples(
        st.integers(0, 3), st.sampled_from([None, 1, 2, 3]),
        st.one_of(st.just(NAN), st.floats(0.0, 1e6).map(lambda x: round(x, 2))),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


@given(BOOKS, st.randoms(use_true_random=False))
def test_shares_add_to_one_and_order_changes_nothing(
    book: list[tuple[int, int | None, float]], chance: Any
) -> None:
    """Equal ranks share one; seniors come to the debts before; rows may come in any order."""
    rows = [on(f"R{right}", rank=rank) for right, rank, _ in book]
    debt = [owed for *_, owed in book]
    senior, share = stand(debt, *rows)
    groups: dict[tuple[int, float], list[int]] = {}
    for k, (right, rank, _) in enumerate(book):
        groups.setdefault((right, rank or float("inf")), []).append(k)
    for (right, rank), members in groups.items():
        before = sum(
            np.nan_to_num(owed)
            for place, other, owed in book
            if place == right and (other or float("inf")) < rank
        )
        assert sum(share[k] for k in members) == pytest.approx(1.0, rel=1e-12)
        assert sum(senior[k] for k in members) == pytest.approx(before, rel=1e-9, abs=1e-9)
    order = list(range(len(rows)))
    chance.shuffle(order)
    moved = stand([debt[k] for k in order], *[rows[k] for k in order])
    assert moved[0] == pytest.approx([senior[k] for k in order], rel=1e-12, abs=1e-9)
    assert moved[1] == pytest.approx([share[k] for k in order], rel=1e-12)


def test_a_second_rank_lends_only_what_the_first_leaves(
    hand: Callable[..., Path], household: Any, pledge: Any, loan: Any, judge: Any, tmp_path: Path
) -> None:
    """Four like rights: alone, two ranks, two equals, a first rank that takes all."""
    rights = [household(name) for name in "ABCD"]
    rows = [
        pledge("A1", "A", "L0"),
        pledge("B1", "B", "L1", rank=1), pledge("B2", "B", "L2", rank=2),
        pledge("C1", "C", "L3", rank=1), pledge("C2", "C", "L4", rank=1),
        pledge("D1", "D", "L5", rank=1), pledge("D2", "D", "L6", rank=2),
    ]  # fmt: skip
    owed = (40_000, 40_000, 10_000, 30_000, 10_000, 9_000_000, 10_000)
    loans = [loan(f"L{k}", balance) for k, balance in enumerate(owed)]
    judge(hand(land=rights, pledges=rows, loans=loans), tmp_path / "out")
    table = pq.read_table(tmp_path / "out" / "pledges" / "land.parquet").to_pylist()
    lent = {row["pledge_id"]: row["lending_value_yuan"] for row in table}
    prior = {row["pledge_id"]: row["after_counted_part_yuan"] - row["after_prior_claims_yuan"]
             for row in table}  # fmt: skip
    alone = lent["A1"]
    assert alone > 0.0
    assert lent["B1"] == alone, "nothing stands before the first rank"
    assert 0.0 <= lent["B2"] < alone
    assert prior["B2"] == pytest.approx(40_000.0, abs=0.011)
    assert lent["B1"] + lent["B2"] <= alone + 40_000.0
    assert lent["C1"] + lent["C2"] == pytest.approx(alone, abs=0.02)
    assert lent["C1"] == pytest.approx(0.75 * alone, abs=0.01)
    assert lent["D2"] == 0.0
    assert {row["claims"] for row in table} == {"", "ranked", "unranked"}
    assert all(row["outcome"] == "refer" for row in table if row["claims"] == "unranked")


def test_marks_are_named_in_the_results(judged: tuple[Path, dict[str, Any]]) -> None:
    out, manifest = judged
    names = set()
    for path in (out / "pledges").iterdir():
        names |= {cell for row in pq.read_table(path)["claims"].to_pylist() for cell in row.split()}
    assert names <= {str(claim.name).lower() for claim in Claim}
    assert {"ranked", "unranked", "certificate", "area"} <= names
    counted = manifest["tally"]["claims"]
    assert {name for name, (count, _) in counted.items() if count} == names
