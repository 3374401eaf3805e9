"""The synthetic guarantee book: mostly in order, plausible, the same bytes."""

import filecmp
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from riskengine.book.checking import check_whole
from riskengine.book.read import GuaranteeBook, read_guarantee_book
from riskengine.book.tables import GUARANTEES, LAYERS, book_tables, guarantee_tables
from riskengine.checking import check_portfolio
from riskengine.dates import day_number
from riskengine.folder import find_tables
from riskengine.gates.tables import LOANS
from riskengine.sample.lending import LEAST_CHANCE, MOST_CHANCE
from riskengine.sample.programmes import SPLITS
from riskengine.sample.writer import write_sample

DAY = date(2026, 11, 24)
WRITTEN = ("loans", "borrowers", "guarantees", "layers", "funds", "statements")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample")
    write_sample(out, 3000, 7, DAY)
    return out


@pytest.fixture(scope="module")
def book(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> GuaranteeBook:
    files = find_tables(folder, book_tables())
    return read_guarantee_book(files, tmp_path_factory.mktemp("spool"), DAY)


def test_every_table_is_there_under_its_declared_names(folder: Path) -> None:
    for contract in (*guarantee_tables(), LOANS):
        names = pq.read_schema(folder / f"{contract.table}.parquet").names
        assert set(names) <= set(contract.by_name), contract.table


def test_each_table_passes_the_door_and_most_rows_agree(folder: Path, book: GuaranteeBook) -> None:
    assert check_portfolio(folder, DAY)["rows_rejected"] == 0
    rejected = {name: count for name, count in book.rows_rejected.items() if count}
    assert set(rejected) == {"guarantees"}
    assert 0 < rejected["guarantees"] < 0.005 * book.rows_in["guarantees"]
    kinds = Counter(fault.kind.name for fault in book.faults)
    assert set(kinds) >= {"UNKNOWN_LOAN", "ABOVE"}
    assert {fault.kind.name for fault in book.referred} == {"PAST_ITS_END"}
    assert check_whole(folder, DAY)["rows_rejected"] == rejected["guarantees"]


def test_a_small_sample_has_no_faulty_row(tmp_path: Path) -> None:
    write_sample(tmp_path, 250, 3, DAY)
    assert check_whole(tmp_path, DAY)["rows_rejected"] == 0


def test_compensation_is_one_to_two_per_cent_of_what_was_released(book: GuaranteeBook) -> None:
    assert book.guarantees is not None
    columns = book.guarantees.batch.columns
    released = np.nan_to_num(columns["released_yuan"])
    paid = np.nan_to_num(columns["compensated_yuan"])
    last = columns["released_on"] > day_number(DAY) - 365
    assert 0.01 < paid.sum() / released.sum() < 0.02
    assert 0.01 < paid[last].sum() / released[last].sum() < 0.025
    back = np.nan_to_num(columns["recovered_yuan"])
    assert 0.0 < back.sum() < paid.sum()


def test_borrowers_are_plausible(book: GuaranteeBook) -> None:
    columns = book.loans.batch.columns
    chance = columns["default_chance"]
    assert (chance >= LEAST_CHANCE).all()
    assert (chance <= MOST_CHANCE).all()
    assert 0.01 < chance.mean() < 0.03
    late = columns["overdue_days"]
    assert 0.005 < (late > 0.0).mean() < 0.1
    assert (late > 90.0).any()
    assert (columns["principal_yuan"] >= columns["balance_yuan"]).all()
    assert book.borrowers is not None
    assert book.borrowers.size < book.loans.size
    assert len(set(book.borrowers.text("group_id").to_pylist())) > 5
    living = columns["commodity"]
    assert len(np.unique(living)) >= 9
    counties = {code[:6] for code in book.loans.text("region_code").to_pylist()}
    assert len(counties) == 18


def test_every_split_is_in_use_and_shares_what_it_says(book: GuaranteeBook) -> None:
    assert book.layers is not None
    assert book.guarantees is not None
    names = {name.split("-")[2] for name in book.layers.text("programme_id").to_pylist()}
    assert names == set(SPLITS)
    for name, split in SPLITS.items():
        ceded, own = 1.0, 0.0
        for kind, party, share in split.layers:
            if kind == "re_guarantee":
                ceded *= 1.0 - share
            elif party == "guarantor":
                own = share
        assert own * ceded == pytest.approx(split.own, abs=1e-12), name
        bank = [share for _, party, share in split.layers if party == "bank"]
        assert 1.0 - sum(bank) >= split.guaranteed - 1e-12, name
    parties = book.layers.batch.columns["party"]
    funded = np.array([fund is not None for fund in book.layers.text("fund_id").to_pylist()])
    fund = LAYERS.by_name["party"].codes.index("county_fund")
    assert np.array_equal(funded, parties == fund)
    states = Counter(book.guarantees.batch.columns["state"].tolist())
    assert set(states) == set(range(len(GUARANTEES.by_name["state"].codes)))


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_sample(tmp_path, 3000, 7, DAY)
    for name in WRITTEN:
        path = f"{name}.parquet"
        assert filecmp.cmp(folder / path, tmp_path / path, shallow=False), name


def test_identifiers_say_that_they_are_invented(folder: Path) -> None:
    for name in WRITTEN:
        table = pq.read_table(folder / f"{name}.parquet")
        ids = table.column(0).to_pylist()
        assert all(one.startswith("SAMPLE-") for one in ids), name
        assert len(set(ids)) == len(ids), name
        assert table.schema.metadata[b"synthetic"].startswith(b"yes"), name


def test_a_sample_of_one_right_has_what_it_can_have(tmp_path: Path) -> None:
    written = write_sample(tmp_path, 1, 1, DAY)
    assert set(written["book"]) <= set(WRITTEN)
    assert check_whole(tmp_path, DAY)["rows_rejected"] == 0
