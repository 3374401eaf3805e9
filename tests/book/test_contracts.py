"""Contracts in force with their loans, borrowers and security: what is measured, what is not."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskengine.book.contracts import BookContracts
from riskengine.book.load import LoadedBook, counties
from riskengine.errors import PortfolioError
from tests.book import made
from tests.book.conftest import Rows


def at(found: LoadedBook, name: str) -> int:
    """Row of a contract."""
    return list(found.measured.contracts.ids.to_pylist()).index(name)


def told(found: LoadedBook) -> list[tuple[str, str, str, str]]:
    """Faults as table, row, column, kind."""
    return [(f.table, f.right_id, f.column.name, f.kind.name) for f in found.faults]


def test_what_a_contract_takes_from_its_tables(tmp_path: Path) -> None:
    tables = made.rows(6)
    tables["loans"][1] |= {
        "overdue_days": 12, "watch_list": "true", "restructured_on": "2026-06-01",
        "loss_share": 0.45, "effective_rate_per_year": 0.06,
    }  # fmt: skip
    tables["guarantees"][1] |= {"fee_income_to_date_yuan": 400}
    found = made.loaded(tmp_path, tables)
    assert told(found) == []
    assert found.contracts_in == found.measured.contracts.size == 6
    k, of = at(found, "G-1"), found.measured.contracts
    assert (of.county[k], of.commodity[k], of.right_kind[k], of.programme[k]) == (
        "511181", "pigs", "land", "PR-2",
    )  # fmt: skip
    assert (of.debt_yuan[k], of.guaranteed_share[k]) == (pytest.approx(105_000.0), 0.8)
    assert of.guaranteed_yuan[k] == pytest.approx(84_000.0)
    assert (of.default_chance[k], of.origination_chance[k]) == (0.015, 0.02)
    assert (of.overdue_days[k], of.loss_share[k], of.rate_per_year[k]) == (12.0, 0.45, 0.06)
    assert (of.fee_rate_per_year[k], of.fee_received_yuan[k], of.fee_income_yuan[k]) == (
        0.008, 1_000.0, 400.0,
    )  # fmt: skip
    assert of.months_left[k] == pytest.approx(12 * (date(2027, 2, 20) - made.DAY).days / 365, 0.01)
    assert of.months_since[k] == pytest.approx(12 * (made.DAY - date(2026, 1, 10)).days / 365, 0.01)
    assert of.repayment[k] == 1
    assert of.watch_list.tolist() == [False, True, False, False, False, False]
    assert of.restructured.tolist() == of.watch_list.tolist()
    assert of.retail.all()
    assert of.forward[k] == pytest.approx(found.security.mean_yuan[1] / of.debt_yuan[k])
    assert of.spread[k] == found.security.spread[1]
    assert of.value_yuan[k] == pytest.approx(found.security.value_yuan[1])
    bare = at(found, "G-0")
    assert (of.right_kind[bare], of.forward[bare], of.spread[bare]) == ("", 0.0, 0.0)
    assert np.isnan(of.loss_share[bare])
    assert of.rate_per_year[bare] == 0.05, "no effective rate: the loan's own"
    assert counties(found) == ("370983", "511181")


def test_a_guarantee_whose_loan_lacks_a_pd_or_a_county_is_told(tmp_path: Path) -> None:
    tables = made.rows(6)
    tables["loans"][0]["default_chance"] = ""
    tables["borrowers"][0]["default_chance"] = ""
    for k in (1, 2):
        tables["loans"][k]["region_code"] = tables["borrowers"][k]["region_code"] = ""
    tables["loans"][2]["default_chance"] = tables["borrowers"][2]["default_chance"] = "nan"
    found = made.loaded(tmp_path, tables)
    assert sorted(told(found)) == [
        ("guarantees", "G-0", "default_chance", "MISSING"),
        ("guarantees", "G-1", "region_code", "MISSING"),
        ("guarantees", "G-2", "default_chance", "MISSING"),
        ("guarantees", "G-2", "region_code", "MISSING"),
    ]
    assert found.contracts_in == 6
    assert found.measured.contracts.ids.to_pylist() == ["G-3", "G-4", "G-5"]
    record = found.faults[0].record()
    assert record["message_zh"] and record["message_en"] and record["cure_zh"] and record["cure_en"]


@pytest.mark.parametrize(("name", "column"), [("region_code", "region_code"),
                                              ("default_chance", "default_chance")])  # fmt: skip
def test_files_without_the_column_at_all(tmp_path: Path, name: str, column: str) -> None:
    tables = made.rows(3)
    for table in ("loans", "borrowers"):
        for row in tables[table]:
            del row[name]
    with pytest.raises(PortfolioError, match=f"measured: 3 contracts lack {column}"):
        made.loaded(tmp_path, tables)


def test_the_loans_own_comes_before_the_borrowers(tmp_path: Path) -> None:
    tables = made.rows(3)
    tables["loans"][1] |= {"default_chance": "", "commodity": "", "region_code": ""}
    tables["loans"][2] |= {"default_chance": 0.0}
    del tables["loans"][0]["commodity"]
    of = made.loaded(tmp_path, tables).measured.contracts
    assert of.default_chance.tolist() == [0.01, 0.5, 0.0], "a PD of 0 is a PD"
    assert of.commodity.tolist() == ["grain", "grain", "fruit"]
    assert of.county.tolist() == ["370983", "370983", "370983"]


def test_without_a_table_of_borrowers_each_loan_is_its_own_client(tmp_path: Path) -> None:
    tables = made.rows(6)
    del tables["borrowers"]
    of = made.loaded(tmp_path, tables).measured.contracts
    assert of.client.tolist() == of.group.tolist()
    assert sorted(of.client.tolist()) == list(range(6))
    assert of.retail.all()


def test_a_county_is_six_digits_of_a_longer_code(tmp_path: Path) -> None:
    tables = made.rows(3)
    tables["loans"][0]["region_code"] = "370983001002"
    assert made.loaded(tmp_path, tables).measured.contracts.county[0] == "370983"


def test_clients_and_groups(tmp_path: Path) -> None:
    tables = made.rows(6)
    tables["loans"][1]["borrower_id"] = "B-0"
    tables["loans"][5]["borrower_id"] = ""
    for k in (0, 2):
        tables["borrowers"][k]["group_id"] = "family"
    of = made.loaded(tmp_path, tables).measured.contracts
    assert of.client[0] == of.client[1]
    assert len(set(of.client.tolist())) == 5
    assert of.group[0] == of.group[1] == of.group[2]
    alone = of.group[3:].tolist()
    assert len({of.group[0], *alone}) == 4
    assert set(of.client.tolist()) == set(range(5)), "codes from 0"


def test_borrower_kinds_that_are_not_retail(tmp_path: Path) -> None:
    tables = made.rows(3)
    kinds = ("farm_household", "family_farm", "cooperative")
    for row, kind in zip(tables["borrowers"], kinds, strict=True):
        row["borrower_kind"] = kind
    assert made.loaded(tmp_path, tables).measured.contracts.retail.tolist() == [True, True, False]


def two_on_one(tables: Rows, *shares: tuple[float, float]) -> None:
    """Guarantees (share, amount) on the first loan with land behind it, without a scheme."""
    base = tables["guarantees"][1]
    made_of = [
        base | {"guarantee_id": f"G-1{k}", "programme_id": "", "guaranteed_share": share,
                "own_share": share, "bank_share": "", "amount_yuan": amount,
                "in_force_balance_yuan": amount}
        for k, (share, amount) in enumerate(shares)
    ]  # fmt: skip
    tables["guarantees"][1:2] = made_of


def test_two_guarantees_of_one_loan_share_it_and_its_security(tmp_path: Path) -> None:
    """A loan of 105,000 yuan guaranteed by half and by three tenths is no debt of 210,000."""
    tables = made.rows(3)
    one = made.loaded(tmp_path, tables).measured.contracts
    two_on_one(tables, (0.5, 52_500.0), (0.3, 31_500.0))
    of = made.loaded(tmp_path, tables).measured.contracts
    assert of.size == 4
    both = of.take(np.flatnonzero(of.loan == 1))
    assert both.debt_yuan == pytest.approx([65_625.0, 39_375.0])
    assert both.debt_yuan.sum() == pytest.approx(105_000.0)
    assert both.guaranteed_share == pytest.approx([0.8, 0.8])
    assert both.guaranteed_yuan == pytest.approx([52_500.0, 31_500.0])
    proceeds = both.forward * both.debt_yuan
    assert proceeds.sum() == pytest.approx(one.forward[1] * one.debt_yuan[1], rel=1e-12)
    assert both.value_yuan.sum() == pytest.approx(one.value_yuan[1], rel=1e-12)
    assert both.forward == pytest.approx([one.forward[1]] * 2, rel=1e-12)


def test_a_guarantee_of_a_part_of_the_balance_has_that_part_of_the_security(
    tmp_path: Path,
) -> None:
    tables = made.rows(3)
    whole = made.loaded(tmp_path, tables).measured.contracts
    tables["guarantees"][1] |= {"in_force_balance_yuan": 42_000.0}
    of = made.loaded(tmp_path, tables).measured.contracts
    assert of.debt_yuan[1] == pytest.approx(52_500.0)
    assert of.forward[1] == pytest.approx(whole.forward[1], rel=1e-12)
    assert of.value_yuan[1] == pytest.approx(whole.value_yuan[1] / 2.0, rel=1e-12)


def test_released_guarantees_are_no_contracts(tmp_path: Path) -> None:
    tables = made.rows(3)
    for row in tables["guarantees"]:
        row |= {"state": "normal_release", "released_on": "2026-05-01",
                "in_force_balance_yuan": 0, "released_yuan": row["amount_yuan"]}  # fmt: skip
    tables["guarantees"][0] |= {"state": "in_force", "released_on": "", "released_yuan": "",
                                "in_force_balance_yuan": 80_000}  # fmt: skip
    found = made.loaded(tmp_path, tables)
    assert found.contracts_in == 1
    assert found.measured.contracts.ids.to_pylist() == ["G-0"]


def test_a_book_of_loans_alone(tmp_path: Path) -> None:
    tables = made.rows(6)
    for name in ("guarantees", "layers", "funds", "statements"):
        del tables[name]
    tables["loans"][0]["balance_yuan"] = 0
    tables["loans"][1]["default_chance"] = tables["borrowers"][1]["default_chance"] = ""
    found = made.loaded(tmp_path, tables)
    of = found.measured.contracts
    assert of.ids.to_pylist() == ["L-2", "L-3", "L-4", "L-5"]
    assert (found.contracts_in, told(found)) == (
        5, [("loans", "L-1", "default_chance", "MISSING")]
    )  # fmt: skip
    assert of.guaranteed_yuan.tolist() == [0.0] * 4
    assert of.debt_yuan.tolist() == [110_000.0, 115_000.0, 120_000.0, 125_000.0]
    assert np.isnan(of.fee_rate_per_year).all()
    assert set(of.programme) == {""}


def test_balances_of_nothing(tmp_path: Path) -> None:
    tables = made.rows(3)
    tables["guarantees"][1]["in_force_balance_yuan"] = 0
    tables["loans"][2]["balance_yuan"] = 0
    tables["guarantees"][2]["in_force_balance_yuan"] = 0
    of = made.loaded(tmp_path, tables).measured.contracts
    assert of.debt_yuan.tolist() == [pytest.approx(100_000.0), 0.0, 0.0]
    for name in ("forward", "value_yuan"):
        assert getattr(of, name)[1:].tolist() == [0.0, 0.0], name


@pytest.mark.parametrize(
    "change",
    [
        lambda t: [row.update(state="normal_release", released_on="2026-05-01",
                              in_force_balance_yuan=0, released_yuan=row["amount_yuan"])
                   for row in t["guarantees"]],
        lambda t: [row.update(loan_id="L-99") for row in t["guarantees"]],
        lambda t: t["guarantees"].__setitem__(slice(1, None), []) or
        t["guarantees"][0].update(starts_on="2030-01-01"),
    ],
    ids=["all released", "no loan of any", "all rejected at the door"],
)  # fmt: skip
def test_nothing_to_measure_is_an_error_and_no_empty_report(tmp_path: Path, change: Any) -> None:
    tables = made.rows(3)
    change(tables)
    with pytest.raises(PortfolioError, match="no contract in force that can be measured") as fault:
        made.loaded(tmp_path, tables)
    assert "没有可计量的在保合同" in fault.value.say("zh")


def test_the_order_of_rows_changes_no_contract(tmp_path: Path) -> None:
    tables = made.rows(12)
    tables["borrowers"][3]["group_id"] = tables["borrowers"][7]["group_id"] = "family"
    first = made.loaded(tmp_path, tables).measured.contracts
    turned = {name: lines[::-1] for name, lines in tables.items() if name != "layers"}
    other = made.loaded(tmp_path, turned | {"layers": tables["layers"]}).measured.contracts
    back = np.argsort(np.argsort(first.ids.to_pylist()))
    again = other.take(np.argsort(other.ids.to_pylist())[back])
    assert again.ids.to_pylist() == first.ids.to_pylist()
    for name in BookContracts.__dataclass_fields__:
        if name not in ("ids", "rows", "loan", "client", "group"):
            np.testing.assert_array_equal(getattr(again, name), getattr(first, name), name)
    for codes in ("client", "group"):
        pairs = set(
            zip(getattr(first, codes).tolist(), getattr(again, codes).tolist(), strict=True)
        )
        assert len(pairs) == len(set(getattr(first, codes).tolist()))
