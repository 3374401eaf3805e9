"""Compensations, summary by bank, balances: fields, sums, masks, liabilities."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from riskengine.errors import PortfolioError
from riskengine.exchange.coder import title_of
from riskengine.exchange.guarantee_rows import guarantee_rows, programme_shares
from riskengine.exchange.guarantee_sheets import (
    balance_sheet,
    compensation_sheet,
    summary_sheet,
    term_band,
)
from riskengine.exchange.kinds import Asked, export_portfolio, export_records, kind_of
from riskengine.exchange.mapping import shipped
from riskengine.exchange.mapping_file import read_mapping
from riskengine.exchange.sheet import Made, Sheet

EXAMPLE = Path(__file__).parents[2] / "examples" / "mappings" / "county_guarantee.toml"
MADE = Made("0", "r", "m", "", "2026-11-24")
SHIPPED = ("agri_guarantee_new", "agri_guarantee_old", "commercial_guarantor", "national_entry",
           "pbc_collateral")  # fmt: skip
PERSON = "11010519491231002X"


def cells(sheet: Sheet) -> list[dict[str, Any]]:
    names = [field.name for field in sheet.fields]
    return [dict(zip(names, row, strict=True)) for row in sheet.rows]


def row(**more: Any) -> dict[str, Any]:
    return {
        "guarantee_id": "G-1", "loan_id": "L-1", "bank": "K-1", "borrower_code": PERSON,
        "borrower_kind": "farm_household", "commodity": "pigs", "county": "370983",
        "state": "in_force", "starts_on": "2026-01-01", "ends_on": "2027-01-01",
        "amount_yuan": 100.0, "in_force_balance_yuan": 80.0,
    } | more  # fmt: skip


PAID = row(
    state="compensated_release", compensated_yuan=100.0, recovered_yuan=30.0, written_off_yuan=None,
    compensated_on="2026-05-05", compensation_scope="principal", default_cause="objective:06",
    recovered_from_client_yuan=30.0, claim_notice_on="2026-04-01",
)  # fmt: skip


def test_compensations_with_balance_scope_cause_and_notice() -> None:
    found = cells(compensation_sheet([row(), PAID], MADE))
    assert len(found) == 1
    one = found[0]
    assert one["compensation_balance_yuan"] == 70.0
    assert one["compensation_scope"] == "本金"
    assert one["default_cause"] == "市场价格"
    assert one["state"] == "代偿后解保"
    assert one["recovered_from_client_yuan"] == 30.0
    assert one["claim_notice_on"] == "2026-04-01"
    assert one["recovered_from_government_yuan"] is None
    assert one["borrower_code"] == "110***********002X"


def test_states_and_kinds_in_the_codes_of_the_institution() -> None:
    found = compensation_sheet([PAID], MADE, shipped("agri_guarantee_new"))
    assert cells(found)[0]["state"] == "93"
    own = compensation_sheet([PAID], MADE, read_mapping(EXAMPLE))
    assert cells(own)[0]["industry"] == "21"
    assert cells(own)[0]["client_type"] == "01"
    old = compensation_sheet([PAID], MADE, shipped("agri_guarantee_old"))
    assert cells(old)[0]["state"] == "代偿后解保"
    assert ("case_state", "ended_after_compensation") in unknown(old)


def unknown(sheet: Sheet) -> list[tuple[str, str]]:
    return [(one.subject, one.code) for one in sheet.unknown]


KINDS = (
    ("farm_household", "grain"), ("family_farm", "vegetables"), ("cooperative", "aquaculture"),
    ("small_micro_enterprise", "processing"), ("enterprise", "cattle_sheep"), ("other", "pigs"),
)  # fmt: skip
MIXED = [row(borrower_kind=kind, commodity=what) for kind, what in KINDS]
CODED = {
    "agri_guarantee_new": (
        ["农户", "家庭农场（种养大户）", "04", "03", "03", "其他"],
        ["01", "蔬菜", "05", "加工流通", "04", "03"],
        [("client_type", "farm_household"), ("client_type", "family_farm"),
         ("industry", "vegetables"), ("industry", "processing"), ("client_type", "other")],
    ),
}  # fmt: skip


def test_kinds_and_industries_by_the_list_that_the_institution_keeps() -> None:
    kinds, industries, named = CODED["agri_guarantee_new"]
    sheet = balance_sheet(MIXED, MADE, shipped("agri_guarantee_new"))
    assert [one["client_type"] for one in cells(sheet)] == kinds
    assert [one["industry"] for one in cells(sheet)] == industries
    assert unknown(sheet) == named
    choice = next(one for one in sheet.unknown if one.code == "family_farm")
    assert (choice.why, set(choice.asks)) == ("choice", {"01", "02"})


@pytest.mark.parametrize("name", [*SHIPPED, str(EXAMPLE)])
def test_no_word_stands_silently_where_a_code_belongs(name: str) -> None:
    mapping = read_mapping(EXAMPLE) if name == str(EXAMPLE) else shipped(name)
    codes = {code for one in mapping.dictionaries.values() for code in one.codes}
    summary = summary_sheet(MIXED, MADE, mapping)
    words = {title: word for word, title in (
        *((word, title_of("borrower_kind", word)) for word, _ in KINDS),
        *((word, title_of("commodity", word)) for _, word in KINDS),
        ("from_6_to_12", "6至12个月"),
    )}  # fmt: skip
    named = {word for _, word in unknown(summary)}
    for one in cells(summary):
        assert one["code"] is None or one["code"] in codes
        if one["code"] is None and one["dimension"] != "合计":
            assert words[one["title"]] in named
    for make in (balance_sheet, compensation_sheet):
        sheet = make([*MIXED, PAID], MADE, mapping)
        for one in cells(sheet):
            for cell, subject in (("client_type", "borrower_kind"), ("industry", "commodity")):
                coded = one[cell] in codes
                assert coded or any(
                    title_of(subject, word) == one[cell] for _, word in unknown(sheet)
                )


def test_headings_of_money_name_the_unit() -> None:
    for make in (balance_sheet, compensation_sheet, summary_sheet):
        money = [field for field in make([row(), PAID], MADE).fields if field.kind == "yuan"]
        assert money
        assert all(f.title.zh.endswith("（元）") and f.title.en.endswith(", yuan") for f in money)


def test_without_a_mapping_the_words_are_the_codes() -> None:
    sheet = summary_sheet(MIXED, MADE)
    assert not sheet.unknown
    assert {"pigs", "enterprise"} <= {one["code"] for one in cells(sheet)}


def test_identity_numbers_are_shown_only_with_a_reason() -> None:
    because = "县人民法院调查令(2026)12号"
    shown = balance_sheet([row()], MADE, shown_because=because)
    assert cells(shown)[0]["borrower_code"] == PERSON
    assert shown.digest["shown_because"] == because
    hidden = balance_sheet([row()], MADE)
    assert PERSON not in str(hidden)
    assert "shown_because" not in hidden.digest
    with pytest.raises(PortfolioError, match="too short"):
        balance_sheet([row()], MADE, shown_because=" x ")


def test_the_summary_adds_up(guaranteed: list[dict[str, Any]]) -> None:
    found = cells(summary_sheet(guaranteed, MADE))
    parts: dict[tuple[str, str], float] = defaultdict(float)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for one in found:
        parts[one["bank"], one["dimension"]] += one["in_force_balance_yuan"]
        counts[one["bank"], one["dimension"]] += one["contracts"]
    banks = {bank for bank, _ in parts}
    assert len(banks) > 3
    for bank in banks:
        sums = [parts[bank, name] for name in ("合计", "产业", "客户类型", "期限")]
        assert sums == pytest.approx([sums[0]] * 4, abs=1e-6)
        assert len({counts[bank, name] for name in ("合计", "产业", "客户类型", "期限")}) == 1
    whole = sum(total for (bank, name), total in parts.items() if name == "合计" and bank != "合计")
    assert parts["合计", "合计"] == pytest.approx(whole, abs=1e-6)
    in_force = [one for one in guaranteed if one["state"] == "in_force"]
    balance = sum(one["in_force_balance_yuan"] for one in in_force)
    assert parts["合计", "合计"] == pytest.approx(balance, abs=1e-6)
    assert counts["合计", "合计"] == len(in_force)


def test_the_summary_by_hand() -> None:
    rows = [
        row(in_force_balance_yuan=60.0), row(ends_on="2026-03-01", in_force_balance_yuan=20.0),
        row(bank=None, commodity=None, in_force_balance_yuan=1.0), row(state="normal_release"),
    ]  # fmt: skip
    found = [
        (
            one["bank"],
            one["dimension"],
            one["code"],
            one["title"],
            one["contracts"],
            one["balance_share"],
        )
        for one in cells(summary_sheet(rows, MADE, read_mapping(EXAMPLE)))
    ]
    assert found[:4] == [
        ("未注明", "合计", None, "合计", 1, 1.0), ("未注明", "产业", None, "未注明", 1, 1.0),
        ("未注明", "客户类型", "01", "农户", 1, 1.0),
        ("未注明", "期限", None, "6至12个月", 1, 1.0),
    ]  # fmt: skip
    assert ("K-1", "产业", "21", "生猪", 2, 1.0) in found
    assert ("K-1", "期限", None, "6个月以下", 1, 0.25) in found


@pytest.mark.parametrize(
    ("start", "end", "band"),
    [
        ("2024-02-29", "2024-08-28", "below_6"),
        ("2024-02-29", "2024-08-29", "from_6_to_12"),
        ("2024-02-29", "2025-02-28", "from_6_to_12"),
        ("2026-01-01", "2029-01-01", "above_12_to_36"),
        ("2026-01-01", "2029-01-02", "above_36"),
        (None, "2029-01-02", None),
    ],
)
def test_bands_of_term(start: str | None, end: str, band: str | None) -> None:
    assert term_band(start, end) == band


def test_balances_carry_weight_and_liability(
    folder: Path, guaranteed: list[dict[str, Any]], asked: Asked
) -> None:
    found = cells(export_portfolio("balances", folder, asked))
    assert len(found) == sum(one["state"] == "in_force" for one in guaranteed)
    for one in found:
        own = one["own_share"] / one["guaranteed_share"]
        wanted = one["in_force_balance_yuan"] * own * one["liability_weight"]
        assert one["liability_yuan"] == pytest.approx(wanted, abs=0.011)
    assert {one["liability_weight"] for one in found} <= {0.75, 1.0, 0.8}


def test_the_rows_are_those_of_the_table(folder: Path, guaranteed: list[dict[str, Any]]) -> None:
    table = {
        one["guarantee_id"]: one for one in pq.read_table(folder / "guarantees.parquet").to_pylist()
    }
    loans = {one["loan_id"]: one for one in pq.read_table(folder / "loans.parquet").to_pylist()}
    for one in guaranteed:
        raw = table[one["guarantee_id"]]
        assert one["compensated_yuan"] == raw["compensated_yuan"]
        assert one["starts_on"] == raw["starts_on"].isoformat()
        assert one["state"] == raw["state"]
        assert one["bank"] == loans[raw["loan_id"]]["lender_id"]


def test_shares_of_a_programme_by_layers(guaranteed: list[dict[str, Any]]) -> None:
    stop = {"kind": "stop_loss", "party": "insurer", "share": 1.0}
    assert programme_shares([stop]) is None
    assert programme_shares([{"kind": "quota_share", "party": "bank", "share": None}]) is None
    known = [one for one in guaranteed if "government_share" in one]
    assert known
    for one in known:
        shares = (one["bank_share"], one["own_share"], one["government_share"], one["other_share"])
        assert sum(shares) == pytest.approx(1.0)


def test_a_book_of_loans_alone_counts_its_loans(folder: Path, tmp_path: Path, asked: Asked) -> None:
    for name in ("loans.parquet", "borrowers.parquet"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    rows = guarantee_rows(tmp_path, asked.valued_on, asked.law("").at(asked.valued_on))
    assert len(rows) > 100
    found = cells(summary_sheet(rows, MADE))
    assert found[-1]["bank"] == "合计"
    assert found[-1]["in_force_balance_yuan"] > 0.0


def test_other_exports_are_refused_with_what_there_is() -> None:
    with pytest.raises(PortfolioError, match="bank_summary"):
        kind_of("nothing")
    with pytest.raises(PortfolioError, match="portfolio"):
        export_records("balances", [])
