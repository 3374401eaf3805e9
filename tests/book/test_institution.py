"""The book as the institution's ratios ask for it: clients, groups, counties, own share, facts."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest

from riskengine.book.institution import ratio_contracts, statement_of
from riskengine.book.ratio_record import ratio_record
from riskengine.book.read import GuaranteeBook
from riskengine.guarantee.contracts import KINDS, STATES, Contracts
from riskengine.guarantee.switches import Switches
from riskengine.rules import statute
from tests.book import made
from tests.book.conftest import DAY, Rows

Read = Callable[[Rows], GuaranteeBook]
RULES = statute().at(DAY)


def tables(size: int = 6) -> Rows:
    """The tables of the made book but for what is pledged."""
    return {name: lines for name, lines in made.rows(size).items()
            if name not in ("pledges", "land")}  # fmt: skip


def taken(book: GuaranteeBook) -> tuple[Contracts, tuple[str, ...]]:
    found, names = ratio_contracts(book)
    assert found is not None
    return found, names


def test_columns_by_hand(read: Read) -> None:
    rows = tables()
    rows["guarantees"][1] |= {
        "state": "compensated_release", "released_on": "2026-08-01", "released_yuan": 84_000,
        "in_force_balance_yuan": 0, "compensated_on": "2026-08-01", "compensated_yuan": 60_000,
        "recovered_yuan": 10_000, "written_off_yuan": 5_000,
    }  # fmt: skip
    rows["guarantees"][2] |= {"kind": "", "overdue_principal_yuan": 7_000}
    rows["loans"][2] |= {"overdue_days": 33}
    for row, told in zip(rows["borrowers"], ("是", "否", "", "是", "是", "是"), strict=True):
        row |= {"small_agri": told, "poverty_item": told}
    found, names = taken(read(rows))
    assert found.size == 6
    assert names == ("370983", "511181")
    assert [names[code] for code in found.county] == ["370983", "511181"] * 3
    assert [STATES[code] for code in found.state][:2] == ["in_force", "compensated_release"]
    assert [KINDS[code] for code in found.kind][1:3] == ["loan_farm_household", "other"]
    assert found.compensated_yuan[1] == 60_000.0
    assert (found.recovered_yuan[1], found.written_off_yuan[1]) == (10_000.0, 5_000.0)
    assert found.released_on[1] == found.compensated_on[1]
    assert (found.overdue_days[2], found.overdue_principal_yuan[2]) == (33.0, 7_000.0)
    assert found.small_agri.tolist() == [1, 0, -1, 1, 1, 1]
    assert found.poverty_alleviation.tolist() == [1, 0, -1, 1, 1, 1]
    assert found.is_pig.tolist() == [0, 1, 0, 0, 1, 0]
    assert found.loan_rate_per_year.tolist() == [0.05] * 6
    assert found.balance_fen.sum() == round(100 * sum(
        float(row["in_force_balance_yuan"]) for row in rows["guarantees"]
    ))  # fmt: skip


def test_own_share_is_of_the_guaranteed_part(read: Read) -> None:
    """Own 0.4 of the loan's loss, 0.8 guaranteed: half of the risk of the guarantee."""
    rows = tables()
    rows["guarantees"][1] |= {"own_share": 0.8}
    rows["guarantees"][2] |= {"own_share": ""}
    rows["guarantees"][3] |= {"guaranteed_share": 1.0, "own_share": 1.0, "bank_share": 0.0}
    found, _ = taken(read(rows))
    assert found.own_share[[0, 1, 3]] == pytest.approx([0.5, 1.0, 1.0], rel=1e-15)
    assert np.isnan(found.own_share[2])
    assert found.bank_share[:2].tolist() == [0.2, 0.2]


def test_clients_and_groups_are_the_borrowers(read: Read) -> None:
    rows = tables()
    rows["loans"][1]["borrower_id"] = "B-0"
    rows["loans"][4]["borrower_id"] = rows["loans"][5]["borrower_id"] = ""
    rows["borrowers"][0]["group_id"] = rows["borrowers"][3]["group_id"] = "family"
    found, _ = taken(read(rows))
    assert found.client[0] == found.client[1]
    assert len(set(found.client.tolist())) == 5
    assert found.group[0] == found.group[1] == found.group[3] >= 0
    assert found.group[[2, 4, 5]].tolist() == [-1, -1, -1]
    del rows["borrowers"]
    found, _ = taken(read(rows))
    assert len(set(found.client.tolist())) == 6
    assert found.group.tolist() == [-1] * 6
    assert found.small_agri.tolist() == [-1] * 6


def test_a_county_of_the_borrower_where_the_loan_has_none(read: Read) -> None:
    rows = tables()
    rows["loans"][1]["region_code"] = ""
    rows["loans"][3]["region_code"] = rows["borrowers"][3]["region_code"] = ""
    found, names = taken(read(rows))
    assert [names[code] for code in found.county] == [
        "370983", "370983", "370983", "", "370983", "511181",
    ]  # fmt: skip
    for table in ("loans", "borrowers"):
        for row in rows[table]:
            del row["region_code"]
    found, names = taken(read(rows))
    assert names == ("",)


def test_a_commodity_that_nobody_states(read: Read) -> None:
    rows = tables()
    rows["loans"][1]["commodity"] = ""
    rows["loans"][4]["commodity"] = rows["borrowers"][4]["commodity"] = ""
    found, _ = taken(read(rows))
    assert found.is_pig.tolist() == [0, 0, 0, 0, -1, 0], "the borrower's grain; not known"


def test_a_book_without_guarantees_has_no_ratios(read: Read) -> None:
    rows = tables()
    del rows["guarantees"]
    book = read(rows)
    assert ratio_contracts(book) == (None, ())
    told = ratio_record(book, RULES, Switches(), None)
    assert (told["ratios"], told["headroom"], told["compensation"]) == ([], [], None)
    assert "no table of guarantees" in told["notes"][0]["en"]
    assert "没有担保合同表" in told["notes"][0]["zh"]


STATED: list[tuple[list[dict[str, Any]], date, str]] = [
    ([{"as_of": "2026-06-30"}, {"as_of": "2026-10-31"}, {"as_of": "2025-12-31"}], DAY, "S-1"),
    ([{"as_of": "2026-06-30"}, {"as_of": "2026-10-31"}], date(2026, 10, 30), "S-0"),
    ([{"as_of": "2026-06-30"}, {"as_of": "2026-10-31"}], date(2026, 10, 31), "S-1"),
    ([{"as_of": "2026-10-31", "consolidated": "是"}, {"as_of": "2026-10-31", "consolidated": "否"}],
     DAY, "S-1"),
    ([{"as_of": "2026-10-31", "consolidated": ""}, {"as_of": "2026-10-31", "consolidated": "是"}],
     DAY, "S-0"),
    ([{"as_of": "2026-06-30", "consolidated": "否"}, {"as_of": "2026-10-31", "consolidated": "是"}],
     DAY, "S-1"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "day", "wanted"), STATED)
def test_the_newest_statement_on_or_before_the_day(
    read: Read, given: list[dict[str, Any]], day: date, wanted: str
) -> None:
    rows = tables()
    rows["statements"] = [
        {"statement_id": f"S-{k}", "net_assets_yuan": 100 + k, "total_assets_yuan": 300} | cells
        for k, cells in enumerate(given)
    ]
    found = statement_of(read(rows), day)
    assert f"S-{int(found['net_assets_yuan']) - 100}" == wanted
    number = int(wanted.removeprefix("S-"))
    assert found["as_of"].isoformat() == given[number]["as_of"]
    assert "statement_id" not in found
    assert "cash_yuan" not in found, "what is not stated is not known"
    if given[number].get("consolidated"):
        assert found["consolidated"] is (given[number]["consolidated"] == "是")


def test_no_statement_in_time_is_none(read: Read) -> None:
    rows = tables()
    assert statement_of(read(rows), date(2020, 1, 1)) == {}
    del rows["statements"]
    assert statement_of(read(rows), DAY) == {}


@pytest.mark.parametrize(
    "change",
    [lambda t: t.pop("statements"), lambda t: t["statements"][0].pop("equity_in_guarantors_yuan")],
    ids=["no table", "no figure that is taken off"],
)
def test_without_net_assets_there_is_no_headroom_and_a_note(
    read: Read, change: Callable[[Rows], Any]
) -> None:
    rows = tables()
    change(rows)
    told = ratio_record(read(rows), RULES, Switches(), None)
    assert told["headroom"] == []
    assert "no headroom" in told["notes"][0]["en"]
    unknown = {row["name"] for row in told["ratios"] if row["status"] == "unknown"}
    assert any("leverage" in name for name in unknown)


def test_the_record_of_ratios(read: Read) -> None:
    told = ratio_record(read(tables()), RULES, Switches(), 12_345.0)
    assert told["notes"] == []
    assert told["statement_day"] == "2026-10-31"
    assert {row["status"] for row in told["ratios"]} <= {
        "meets", "near", "breaks", "unknown", "no_limit",
    }  # fmt: skip
    for row in told["ratios"]:
        assert row["title_zh"] and row["title_en"], row["name"]
        assert row["from"] is None or date.fromisoformat(row["from"]) <= DAY
    assert {row["county"] for row in told["headroom"]} == {"370983", "511181"}
    rooms = [row["headroom_yuan"] for row in told["headroom"]]
    assert rooms == sorted(rooms)
    assert all(row["binds_zh"] and row["binds_en"] for row in told["headroom"])
    (vintage,) = told["compensation"]["vintages"]
    assert (vintage["half_year"], vintage["contracts"]) == ("2026H1", 6)
    assert told["switches"]
    assert all(row["citation"] for row in told["switches"])
