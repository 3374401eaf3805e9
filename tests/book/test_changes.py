"""What moves a book: between two dates, under scenarios, by a new product."""

import copy
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from riskengine.book.attribute_run import GROUPS, attribute_books
from riskengine.book.figures import Draws
from riskengine.book.stress_run import stress_book
from riskengine.book.what_if import load_product, what_if
from riskengine.portfolio.exposures import BookError
from riskengine.portfolio.factor_losses import expected_losses
from riskengine.portfolio.stress_file import load_scenarios
from tests.book import made
from tests.book.conftest import DAY, write_rows

LATER = date(2027, 2, 24)
EXAMPLE = Path(__file__).parents[2] / "examples" / "products" / "pig_farm_loans.toml"
DRAWS = Draws(seed=3, scenarios=256, scrambles=4)


def moved(
    folder: Path, old: Any, new: Any, *, later: date = DAY, method: str = "sequential"
) -> Any:
    """The attribution of a change of tables."""
    folder.mkdir(exist_ok=True)
    for name, tables in (("old", old), ("new", new)):
        if not (folder / name).exists():
            write_rows(folder / name, tables)
    return attribute_books(
        (folder / "old", folder / "new"), folder / method,
        (made.setting(), made.setting(later)), method=method,
    )  # fmt: skip


def lines(found: Any) -> dict[str, int]:
    return {row["name"]: row["fen"] for row in found["lines"]}


def test_a_change_of_pds_alone_is_one_line(tmp_path: Path) -> None:
    old = made.rows(12)
    new = copy.deepcopy(old)
    for loan in new["loans"]:
        loan["default_chance"] = 0.05
    found = moved(tmp_path, old, new)
    told = lines(found)
    assert told["default_chance"] == found["total_change_fen"] > 0
    assert all(fen == 0 for name, fen in told.items() if name != "default_chance")


def test_a_change_of_debts_alone_is_one_line(tmp_path: Path) -> None:
    old = made.rows(12)
    new = copy.deepcopy(old)
    for table, name in (("loans", "balance_yuan"), ("guarantees", "in_force_balance_yuan")):
        for row in new[table]:
            row[name] = f"{0.5 * float(row[name]):.2f}"
    found = moved(tmp_path, old, new)
    told = lines(found)
    assert told["volume"] == found["total_change_fen"] < 0
    assert all(fen == 0 for name, fen in told.items() if name != "volume")


@pytest.mark.parametrize("method", ["sequential", "shapley"])
def test_everything_at_once_adds_up_to_the_fen(tmp_path: Path, method: str) -> None:
    old = made.rows(8)
    new = copy.deepcopy(made.rows(10))
    new["guarantees"] = new["guarantees"][1:]
    for k, loan in enumerate(new["loans"]):
        loan["default_chance"] = 0.01 * (1 + k % 4)
    for right in new["land"]:
        right["area_mu"] = 1
    found = moved(tmp_path, old, new, later=LATER, method=method)
    told = lines(found)
    assert list(told) == ["arrived", "retired", *GROUPS]
    assert sum(told.values()) == found["total_change_fen"]
    assert told["arrived"] > 0 > told["retired"]
    assert told["collateral"] > 0, "land of one mu secures little"
    assert told["term"] != 0
    assert "@" in found["old"]["rules_digest"], "the law as it was known"
    assert json.loads((tmp_path / method / "manifest.json").read_bytes())["lines"] == found["lines"]


@pytest.fixture(scope="module")
def stressed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("stress")
    tables = made.rows(12)
    tables["layers"][4]["party"] = "national"
    write_rows(folder / "in", tables)
    found = stress_book(folder / "in", folder / "out", made.setting(), DRAWS)
    return found | {"page": (folder / "out" / "report.html").read_text("utf-8")}


def test_every_scenario_is_run_and_shown(stressed: dict[str, Any]) -> None:
    names = [row["name"] for row in stressed["scenarios"]]
    assert names == list(load_scenarios().scenarios)
    assert all(row["title_zh"] in stressed["page"] for row in stressed["scenarios"])
    json.dumps({k: v for k, v in stressed.items() if k != "page"}, allow_nan=False)


def test_the_base_is_the_loss_of_the_book(stressed: dict[str, Any], tmp_path: Path) -> None:
    measured = made.loaded(tmp_path, made.rows(12)).measured
    exact = expected_losses(measured.exposures, measured.model).sum()
    assert stressed["base"]["expected_loss"] == pytest.approx(exact, rel=1e-12)


def test_scenarios_move_what_they_should(stressed: dict[str, Any]) -> None:
    rows = {row["name"]: row for row in stressed["scenarios"]}
    base = stressed["base"]
    for name in ("price_fall", "yield_fall", "income_fall", "drought", "land_price_red"):
        assert rows[name]["expected_loss"] > base["expected_loss"], name
    assert rows["land_price_red"]["change"] > rows["land_price_yellow"]["change"] > 0.0
    cut = rows["quota_cut"]
    assert cut["expected_loss"] == pytest.approx(base["expected_loss"], rel=1e-12)
    national, own = (
        cut["by_party"][party] - base["by_party"][party] for party in ("national", "guarantor")
    )
    assert national == pytest.approx(-0.5 * base["by_party"]["national"], abs=1.0)
    assert own == pytest.approx(-national, abs=1.0), "the guarantor keeps what is not ceded"


def test_reverse_stress_of_a_given_loss(tmp_path: Path) -> None:
    write_rows(tmp_path / "in", made.rows(12))
    found = stress_book(tmp_path / "in", tmp_path / "out", made.setting(), DRAWS, (), 5e4)
    way = found["reverse"][0]
    assert way["target_yuan"] == 5e4
    assert way["return_period_years"] == pytest.approx(1.0 / way["chance"])
    beyond = stress_book(tmp_path / "in", tmp_path / "out", made.setting(), DRAWS, (), 1e12)
    assert beyond["reverse"][0]["distance"] is None
    assert beyond["reverse"][0]["sentence_en"]


def test_a_product_adds_its_loss(tmp_path: Path) -> None:
    loaded = made.loaded(tmp_path, made.rows(12))
    product = load_product(EXAMPLE)
    found = what_if(loaded, product, DRAWS)
    before, after, own = found["before"], found["after"], found["product"]
    added = after["expected_loss"] - before["expected_loss"]
    assert added == pytest.approx(own["expected_loss"], rel=1e-9)
    assert after["value_at_risk"] > before["value_at_risk"]
    assert after["expected_shortfall"] > before["expected_shortfall"]
    assert own["guaranteed_yuan"] == pytest.approx(300 * 4e5 * 0.8)
    assert own["own_expected"] == pytest.approx(0.8 * own["expected_loss"], rel=1e-4)
    assert own["break_even_fee"] == pytest.approx(
        own["own_expected"] / own["guaranteed_yuan"] / 1.05
    )


def test_many_small_contracts_add_more_to_the_tail_than_on_average(tmp_path: Path) -> None:
    """Small contracts add next to no variance of their own: what moves ES is their mean."""
    loaded = made.loaded(tmp_path, made.rows(12))
    product = load_product(EXAMPLE)
    small = replace(product, numbers={**product.numbers, "contracts": 3000, "amount_yuan": 4e3})
    found = what_if(loaded, small, DRAWS)
    risen = found["after"]["expected_shortfall"] - found["before"]["expected_shortfall"]
    assert found["product"]["expected_loss"] < risen < 3000 * 4e3


def test_every_fault_of_a_product_at_once(tmp_path: Path) -> None:
    text = EXAMPLE.read_text("utf-8")
    path = tmp_path / "wrong.toml"
    path.write_text(
        text.replace("default_chance = 0.02", "default_chance = nan")
        .replace("guaranteed_share = 0.8", "guaranteed_share = 80")
        .replace('"370983"', '"99"').replace("amount_yuan", "amount"),
        encoding="utf-8",
    )  # fmt: skip
    with pytest.raises(BookError) as told:
        load_product(path)
    for part in ("default_chance must", "guaranteed_share must", "counties must",
                 "amount_yuan is missing", "amount is not known"):  # fmt: skip
        assert part in told.value.wrong.en
    path.write_text("", encoding="utf-8")
    with pytest.raises(BookError, match="title is missing"):
        load_product(path)
