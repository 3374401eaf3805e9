"""Funds of a book: terms from the tape, an empty one gone at once, a rich one never."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskengine.book.figures import Draws, book_risk
from riskengine.book.funds import LEVELS, behind_funds, funds_of, run_funds
from riskengine.book.layers import Claims, drawn, groups_of
from riskengine.book.load import LoadedBook
from riskengine.book.record import funds as told
from riskengine.gates.tapes import plain_rows
from riskengine.guarantee.programme import shared_by
from riskengine.guarantee.structure import Programme
from riskengine.portfolio.scenarios import draw, nominal
from tests.book import made

PATHS, BLOCKS = 1024, 4


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> LoadedBook:
    return made.loaded(tmp_path_factory.mktemp("book"), made.rows(24))


@pytest.fixture(scope="module")
def claims(book: LoadedBook) -> Claims:
    usual = nominal(book.measured.model, math.inf)
    groups = groups_of(book.measured, book.programmes)
    return drawn(
        book.measured, groups, lambda k: draw(usual, PATHS, seed=3, block=k), BLOCKS, seed=3,
        gross=True,
    )[1]  # fmt: skip


def rows_of(folder: Path, **terms: Any) -> list[dict[str, Any]]:
    """Rows of the table of funds with terms of F-1."""
    tables = made.rows(6)
    tables["funds"][0] |= terms
    held = made.loaded(folder, tables).book.funds
    assert held is not None
    return plain_rows(held)


def test_a_fund_of_nothing_is_exhausted_as_soon_as_a_claim_comes(
    tmp_path: Path, claims: Claims
) -> None:
    fund = funds_of(rows_of(tmp_path, balance_yuan=0), ("F-1",), {}, 12)
    found = run_funds(fund, claims)
    asked = claims.claims_fen[0] > 0
    assert found.exhaustion_chance == pytest.approx([asked.any(axis=0).mean()], rel=1e-12)
    first = np.where(asked.any(axis=0), asked.argmax(axis=0), 12)
    months = np.bincount(first, minlength=13)[:12] / first.size
    assert found.month_chance[0] == pytest.approx(months, abs=1e-15)
    assert found.unpaid_yuan == pytest.approx([claims.claims_fen.sum() / first.size / 100.0])
    assert not found.balance_yuan.any()


def test_a_rich_fund_never_is(tmp_path: Path, claims: Claims) -> None:
    fund = funds_of(rows_of(tmp_path, balance_yuan=1e8), ("F-1",), {}, 12)
    found = run_funds(fund, claims)
    assert found.exhaustion_chance.tolist() == [0.0]
    assert not found.month_chance.any()
    assert found.unpaid_yuan.tolist() == [0.0]
    assert found.levels.tolist() == list(LEVELS)
    paid = claims.claims_fen[0].cumsum(axis=0) / 100.0
    for k, level in enumerate((0.95, 0.5, 0.05)):
        ranked = np.sort(paid, axis=1)
        wanted = 1e8 - ranked[:, math.ceil(level * paid.shape[1])]
        assert found.balance_yuan[0, :, k] == pytest.approx(wanted, abs=1e5)


def test_terms_come_from_the_tape(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path, balance_yuan=30_000.25, committed_yuan=50_000, top_up_floor_share=0.05,
        top_up_to_yuan=40_000, top_up_delay_months=3, claim_delay_months=2, recovery_share=0.35,
        recovery_delay_months=6, income_yuan_per_month=123.45,
    )  # fmt: skip
    (fund,) = funds_of(rows, ("F-1",), {"F-1": 1e6}, 12)
    assert (fund.fund_id, fund.opening_fen, fund.committed_fen) == ("F-1", 3_000_025, 5_000_000)
    assert (fund.floor_share, fund.top_up_to_fen, fund.top_up_delay_months) == (0.05, 4_000_000, 3)
    assert (fund.claim_delay_months, fund.recovery_share) == (2, 0.35)
    assert fund.recovery_delay_months == 6
    assert fund.income_fen.tolist() == [12_345] * 12
    assert fund.in_force_fen.tolist() == [100_000_000] * 12
    assert fund.floor_fen.tolist() == [5_000_000] * 12


def test_what_a_fund_does_not_state_is_nothing(tmp_path: Path) -> None:
    """A file with the needed columns alone; cells left empty in one that has them all."""
    for terms in ({}, {"committed_yuan": "", "recovery_share": "", "claim_delay_months": ""}):
        (fund,) = funds_of(rows_of(tmp_path, **terms), ("F-1",), {}, 6)
        assert (fund.opening_fen, fund.committed_fen, fund.recovery_share) == (3_000_000, 0, 0.0)
        assert (fund.claim_delay_months, fund.income_fen.tolist()) == (0, [0] * 6)


def test_guarantees_behind_each_fund(book: LoadedBook) -> None:
    groups = groups_of(book.measured, book.programmes)
    amount = book.measured.contracts.guaranteed_yuan
    found = behind_funds(groups, amount)
    assert found == {"F-1": pytest.approx(float(amount[groups.member == 0].sum()))}
    pays = book.programmes["PR-1"].layers
    twice = Programme("twice", tuple(
        replace(layer, layer_id=f"{layer.layer_id}{k}", share=layer.share / 2)
        for k in range(2) for layer in pays if layer.fund_id
    ))  # fmt: skip
    both = replace(groups, programmes=(twice, *groups.programmes[1:]))
    assert behind_funds(both, amount) == found, "two layers of a scheme on one fund count once"
    none = replace(groups, programmes=tuple(shared_by(str(k), {"bank": 1.0}) for k in range(3)))
    assert behind_funds(none, amount) == {}


def test_more_money_means_a_smaller_chance(tmp_path: Path, claims: Claims) -> None:
    found = [
        float(run_funds(
            funds_of(rows_of(tmp_path, balance_yuan=yuan), ("F-1",), {}, 12), claims
        ).exhaustion_chance[0])
        for yuan in (0, 30_000, 60_000, 100_000)
    ]  # fmt: skip
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1] > 0.0


def test_the_record_of_funds(book: LoadedBook) -> None:
    risk = book_risk(book, Draws(seed=2, scenarios=64, scrambles=2))
    (row,) = told(book, risk)
    assert (row["fund_id"], row["title"], row["region_code"]) == ("F-1", "F-1", "370983")
    assert (row["party"], row["balance_yuan"]) == ("county_fund", 30_000.0)
    assert row["exhausted_chance"] == pytest.approx(sum(row["month_chances"]), abs=1e-12)
    assert 0.0 < row["exhausted_chance"] < 1.0
    assert row["exhausted_chance_se"] > 0.0
    assert list(row["balance_quantiles"]) == ["0.05", "0.5", "0.95"]
    for balances in row["balance_quantiles"].values():
        assert len(balances) == 13
        assert balances[0] == 30_000.0
    assert told(book, replace(risk, funds=None)) == []
