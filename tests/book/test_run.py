"""A book from its files to its manifest: complete, adding up, the same bytes, nothing silent."""

import filecmp
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from riskengine.book.factors import load_loadings
from riskengine.book.figures import Draws
from riskengine.book.ratio_run import count_ratios
from riskengine.book.run import LEFT, BookPolicy, measure_book
from riskengine.credit.loss_scenarios import Scenario
from riskengine.errors import PortfolioError, RiskEngineError
from riskengine.law import law_for
from riskengine.portfolio.exposures import BookError
from riskengine.sample.writer import write_sample
from tests.book import made
from tests.book.conftest import DAY, Rows, write_rows

SAMPLE_ROWS = 120
Manifest = dict[str, Any]
Run = tuple[Path, Manifest]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The synthetic sample of the package, measured."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder / "tables", SAMPLE_ROWS, 7, DAY)
    out = folder / "out"
    return out, measure_book(folder / "tables", out, made.setting(), made.QUICK)


def trouble(tables: Rows) -> Rows:
    """A book in which something of everything is late, known, odd or lost."""
    tables["loans"][1] |= {"overdue_days": 45}
    tables["loans"][2] |= {"overdue_days": 400}
    tables["loans"][3] |= {"loss_share": 0.3}
    tables["loans"][4] |= {"origination_default_chance": ""}
    tables["loans"][6] |= {"default_chance": ""}
    tables["borrowers"][6] |= {"default_chance": ""}
    tables["guarantees"][7] |= {"ends_on": "2026-06-01"}
    tables["pledges"][0] |= {"right_id": "R-99"}
    tables["guarantees"][8] |= {"loan_id": "L-99"}
    return tables


def run(folder: Path, tables: Rows, draws: Draws = made.QUICK, **how: Any) -> Run:
    """Write a book and measure it."""
    folder.mkdir(exist_ok=True)
    source = write_rows(folder / "tables", tables)
    return folder / "out", measure_book(source, folder / "out", made.setting(**how), draws)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The made book with some of everything."""
    return run(tmp_path_factory.mktemp("book"), trouble(made.rows(24)))


@pytest.fixture(params=["sample", "book"])
def either(request: pytest.FixtureRequest) -> Run:
    """Each of the two."""
    found: Run = request.getfixturevalue(request.param)
    return found


PARTS = {
    "kind", "engine_version", "valued_on", "horizon_months", "seed", "scenarios", "scrambles",
    "degrees_of_freedom", "level", "rules_digest", "market", "market_digest", "factors", "models",
    "inputs", "rows", "contracts_in", "contracts_measured", "contracts_rejected", "faults", "notes",
    "totals", "distribution", "routes", "layers", "programmes", "funds", "contributions",
    "concentration", "stages", "classes", "cover", "ratios", "headroom", "reserves", "fees",
    "compensation", "switches", "stress", "seconds", "own_party",
}  # fmt: skip


def figures(part: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of plain data with its place."""
    if isinstance(part, dict):
        for name, cell in part.items():
            assert isinstance(name, str), path
            yield from figures(cell, f"{path}.{name}")
    elif isinstance(part, list | tuple):
        for number, cell in enumerate(part):
            yield from figures(cell, f"{path}[{number}]")
    else:
        yield path, part


def test_the_manifest_is_complete_and_strict_json(either: Run) -> None:
    out, manifest = either
    assert manifest.keys() >= PARTS
    for path, leaf in figures(manifest):
        assert leaf is None or isinstance(leaf, str | bool | int | float), (path, type(leaf))
        if isinstance(leaf, float):
            assert math.isfinite(leaf), path
    text = json.dumps(manifest, allow_nan=False, ensure_ascii=False)
    kept = json.loads((out / "manifest.json").read_bytes())
    assert json.loads(text) == kept
    assert sorted(path.name for path in out.iterdir()) == sorted([*LEFT, "manifest.json"])
    assert (out / "report.html").stat().st_size > 1000
    for name, leaf in figures(manifest):
        if name.endswith(("_zh", ".zh")):
            assert leaf is not None, name


def test_rows_in_are_rows_kept_and_rejected(either: Run) -> None:
    _, manifest = either
    for table, rows in manifest["rows"].items():
        assert rows["rows_in"] == rows["rows_kept"] + rows["rows_rejected"], table
    assert manifest["contracts_in"] == (
        manifest["contracts_measured"] + manifest["contracts_rejected"]
    )
    faults = manifest["faults"]
    assert sum(faults["kinds"].values()) == sum(faults["columns"].values())
    counts = list(faults["kinds"].values())
    assert counts == sorted(counts, reverse=True)


def test_what_was_lost_of_the_book_is_told(book: Run) -> None:
    out, manifest = book
    assert manifest["contracts_in"] == 23, "one guarantee names a loan that is not there"
    assert manifest["contracts_rejected"] == 1
    assert manifest["rows"]["pledges"]["rows_rejected"] == 1
    assert manifest["rows"]["guarantees"]["rows_rejected"] == 1
    assert manifest["faults"]["kinds"] == {"missing": 1, "unknown_loan": 1, "unknown_right": 1}
    rejects = pq.read_table(out / "rejected.parquet").to_pylist()
    assert {(row["table"], row["right_id"], row["column"]) for row in rejects} == {
        ("guarantees", "G-6", "default_chance"), ("guarantees", "G-8", "loan_id"),
        ("pledges", "P-1", "right_id"),
    }  # fmt: skip
    assert all(row["message_zh"] and row["message_en"] and row["cure_en"] for row in rejects)
    assert (out / "rejected.csv").read_text(encoding="utf-8").count("\n") == 4
    notes = " ".join(note["en"] for note in manifest["notes"])
    assert "1 contracts lack a PD of origination" in notes
    assert "1 contracts carry the institution's own LGD" in notes
    assert "1 findings on rows that are kept want a look" in notes
    assert manifest["totals"]["defaulted"] == 1


COLUMNS = {
    "debt_yuan": "loans_yuan", "guaranteed_yuan": "guaranteed_yuan",
    "expected_loss_yuan": "expected_loss_yuan",
    "expected_loss_independent_yuan": "expected_loss_independent_yuan",
    "expected_proceeds_yuan": "expected_proceeds_yuan", "ecl12_yuan": "ecl12_yuan",
    "lifetime_ecl_yuan": "lifetime_ecl_yuan", "ecl_yuan": "ecl_yuan",
    "liability_yuan": "liability_yuan",
}  # fmt: skip


def test_contracts_add_up_to_the_totals(either: Run) -> None:
    out, manifest = either
    table = pq.read_table(out / "contracts.parquet")
    totals, loss = manifest["totals"], manifest["distribution"]["loss"]
    assert table.num_rows == totals["contracts"] == manifest["contracts_measured"]
    sums = {name: float(np.sum(table[name].to_numpy())) for name in table.column_names
            if name.endswith("_yuan")}  # fmt: skip
    for column, total in COLUMNS.items():
        assert sums[column] == pytest.approx(totals[total], rel=1e-12), column
    assert loss["expected"] == totals["expected_loss_yuan"]
    assert sums["expected_shortfall_contribution_yuan"] == pytest.approx(
        loss["expected_shortfall"]["0.999"], rel=1e-9
    )
    assert sums["value_at_risk_contribution_yuan"] == pytest.approx(
        loss["value_at_risk"]["0.999"], rel=1e-9
    )
    assert totals["wrong_way_yuan"] == pytest.approx(
        totals["expected_loss_yuan"] - totals["expected_loss_independent_yuan"], abs=1e-9
    )
    held = {name: table[name].to_numpy() for name in table.column_names if name.endswith("_yuan")}
    assert (held["liability_yuan"] >= held["ecl_yuan"] - 1e-9).all()
    assert (held["liability_yuan"] >= held["fee_not_earned_yuan"] - 1e-9).all()
    assert (held["ecl12_yuan"] <= held["lifetime_ecl_yuan"] + 1e-9).all()
    for name in ("default_chance", "loss_share"):
        assert ((table[name].to_numpy() >= 0.0) & (table[name].to_numpy() <= 1.0)).all(), name


def test_the_parts_of_the_manifest_add_up(either: Run) -> None:
    _, manifest = either
    totals, size = manifest["totals"], manifest["contracts_measured"]
    loss = manifest["distribution"]["loss"]
    for parts in (manifest["stages"], manifest["classes"], manifest["programmes"],
                  *manifest["contributions"].values()):  # fmt: skip
        assert sum(row["contracts"] for row in parts) == size
    for parts in (manifest["stages"], manifest["programmes"], *manifest["contributions"].values()):
        assert sum(row["guaranteed_yuan"] for row in parts) == pytest.approx(
            totals["guaranteed_yuan"], rel=1e-12
        )
    assert sum(row["ecl_yuan"] for row in manifest["stages"]) == pytest.approx(totals["ecl_yuan"])
    assert sum(row["balance_yuan"] for row in manifest["classes"]) == pytest.approx(
        totals["loans_yuan"]
    )
    for parts in manifest["contributions"].values():
        assert sum(row["expected_loss"] for row in parts) == pytest.approx(loss["expected"])
        assert sum(row["shortfall_contribution"] for row in parts) == pytest.approx(
            loss["expected_shortfall"]["0.999"], rel=1e-9
        )
    assert sum(row["share_of_loss"] for row in manifest["layers"]) == pytest.approx(1.0)
    for row in manifest["programmes"]:
        assert sum(row["by_party"].values()) == pytest.approx(row["expected_loss"], abs=1e-9)
        assert row["sentences"]
        assert all(one["zh"] and one["en"] for one in row["sentences"])
    assert sum(sum(counts) for counts in manifest["cover"]["kinds"].values()) <= size
    for row in manifest["concentration"].values():
        assert row["hhi"] * row["effective"] == pytest.approx(1.0)
        assert row["largest_share"] <= row["ten_largest_share"] <= 1.0 + 1e-12


def test_laws_of_the_loss_are_laws(either: Run) -> None:
    _, manifest = either
    for law in manifest["distribution"].values():
        for name in ("value_at_risk", "expected_shortfall"):
            levels = [law[name][key] for key in ("0.95", "0.99", "0.999")]
            assert levels == sorted(levels)
            assert all(error >= 0.0 for error in law[f"{name}_se"].values())
        for key, at in law["value_at_risk"].items():
            assert at <= law["expected_shortfall"][key]
            assert law["economic_capital"][key] == pytest.approx(at - law["expected"])
        chances = [chance for _, chance in law["curve"]]
        assert chances == sorted(chances, reverse=True)
        assert max(chances) <= 1.0, "weights of a short run may add up to more than 1"
        assert law["weights"]["mean"] > 0.0
        assert law["method"]
    assert manifest["totals"]["wrong_way_yuan"] > 0.0
    for layer in manifest["layers"]:
        chances = [chance for _, chance in layer["curve"]]
        assert chances == sorted(chances, reverse=True), layer["party"]
        assert layer["value_at_risk"]["0.99"] <= layer["value_at_risk"]["0.999"]
    simulation, adjustment = manifest["routes"]
    assert simulation["value_at_risk"] == manifest["distribution"]["loss"]["value_at_risk"]["0.999"]
    assert "against the simulation" in adjustment["note_en"]


def test_the_parties_expect_the_loss_of_the_book(either: Run) -> None:
    """Draws one by one against the quadrature, within four standard errors of their sum."""
    _, manifest = either
    drawn = sum(row["expected"] for row in manifest["layers"])
    error = sum(row["expected_se"] for row in manifest["layers"])
    assert made.close(drawn, manifest["totals"]["expected_loss_yuan"], error)


def test_what_the_manifest_says_of_its_inputs(sample: Run) -> None:
    _, manifest = sample
    assert manifest["inputs"].keys() >= {"loans", "guarantees", "layers", "funds", "land"}
    digests = {manifest["rules_digest"], manifest["market_digest"], manifest["factors"]["digest"],
               *(one["sha256"] for one in manifest["inputs"].values())}  # fmt: skip
    assert all(len(digest) == 64 for digest in digests)
    assert manifest["factors"]["seen"] == "assumption"
    assert (manifest["kind"], manifest["valued_on"], manifest["seed"]) == (
        "book", "2026-11-24", made.QUICK.seed,
    )  # fmt: skip
    assert manifest["degrees_of_freedom"] is None
    assert manifest["funds"], "counties with funds"
    assert manifest["funds"] == sorted(
        manifest["funds"], key=lambda row: (-row["exhausted_chance"], row["fund_id"])
    )
    assert {row["name"] for row in manifest["reserves"]} == {"need", "accounting", "ecl"}


def test_threads_change_no_bit_and_a_second_run_replaces_the_first(
    book: Run, tmp_path: Path
) -> None:
    out, first = book
    tables = trouble(made.rows(24))
    again, second = run(tmp_path, tables, replace(made.QUICK, threads=2))
    for name in ("contracts.parquet", "rejected.parquet", "rejected.csv"):
        assert filecmp.cmp(out / name, again / name, shallow=False), name
    assert {**first, "seconds": 0} == {**second, "seconds": 0}
    _, third = run(tmp_path, tables, replace(made.QUICK, seed=12))
    assert third["seed"] == json.loads((again / "manifest.json").read_bytes())["seed"] == 12
    assert not filecmp.cmp(out / "contracts.parquet", again / "contracts.parquet", shallow=False)
    assert third["totals"]["expected_loss_yuan"] == pytest.approx(
        first["totals"]["expected_loss_yuan"], rel=1e-12
    )


def test_the_order_of_rows_changes_no_total(book: Run, tmp_path: Path) -> None:
    _, first = book
    tables = trouble(made.rows(24))
    _, other = run(tmp_path, {name: lines[::-1] for name, lines in tables.items()})
    for part in ("totals", "layers", "programmes", "funds", "contributions", "stages", "classes",
                 "ratios", "headroom", "fees", "distribution"):  # fmt: skip
        wanted = dict(figures(first[part]))
        found = dict(figures(other[part]))
        assert wanted.keys() == found.keys(), part
        for path, leaf in wanted.items():
            if isinstance(leaf, float):
                assert found[path] == pytest.approx(leaf, rel=1e-9, abs=1e-9), (part, path)
            else:
                assert found[path] == leaf, (part, path)


def test_a_t_copula_has_a_heavier_tail_and_the_same_mean(book: Run, tmp_path: Path) -> None:
    _, first = book
    _, other = run(tmp_path, trouble(made.rows(24)), replace(made.QUICK, nu=4.0))
    assert other["degrees_of_freedom"] == 4.0
    loss, heavy = (one["distribution"]["loss"] for one in (first, other))
    assert heavy["expected_shortfall"]["0.999"] > 1.05 * loss["expected_shortfall"]["0.999"]
    assert heavy["expected"] == pytest.approx(loss["expected"], rel=0.05)


def test_a_longer_horizon_and_own_scenarios(book: Run, tmp_path: Path) -> None:
    _, first = book
    source = write_rows(tmp_path / "tables", trouble(made.rows(24)))
    told: list[tuple[str, int, int]] = []
    policy = BookPolicy(scenarios=(Scenario("bad", "0.6", factor=-2.0), Scenario("good", "0.2"),
                                   Scenario("best", "0.2", factor=1.0)))  # fmt: skip
    other = measure_book(
        source, tmp_path / "out", made.setting(months=24), made.QUICK, policy,
        lambda *step: told.append(step),
    )  # fmt: skip
    assert other["horizon_months"] == 24
    assert other["totals"]["ecl12_yuan"] > 1.2 * first["totals"]["ecl12_yuan"]
    assert other["totals"]["expected_loss_yuan"] >= first["totals"]["expected_loss_yuan"]
    assert all(len(row["month_chances"]) == 24 for row in other["funds"])
    assert [name for name, _, _ in told] == [
        "read", "loss", "independent", "contributions", "layers", "tail of layers", "funds", "done",
    ]  # fmt: skip
    assert [done for _, done, _ in told] == [0, 0, 1, 2, 3, 4, 5, 6]
    few = BookPolicy(scenarios=(Scenario("middle", "1"),))
    with pytest.raises(RiskEngineError, match="scenario"):
        measure_book(source, tmp_path / "out", made.setting(), made.QUICK, few)
    assert json.loads((tmp_path / "out" / "manifest.json").read_bytes())["horizon_months"] == 24
    assert not (tmp_path / "out" / ".work").exists(), "a run that fails leaves nothing behind"


def foreign(folder: Path) -> None:
    folder.mkdir()
    (folder / "letter.txt").write_text("mine", encoding="utf-8")


def another_command(folder: Path) -> None:
    folder.mkdir()
    (folder / "manifest.json").write_text('{"kind": "ratios"}', encoding="utf-8")


def broken_note(folder: Path) -> None:
    folder.mkdir()
    (folder / "manifest.json").write_text("[]", encoding="utf-8")


def no_json(folder: Path) -> None:
    folder.mkdir()
    (folder / "manifest.json").write_text("{", encoding="utf-8")


def no_folder(folder: Path) -> None:
    folder.write_text("mine", encoding="utf-8")


@pytest.mark.parametrize("lay", [foreign, another_command, broken_note, no_json, no_folder])
def test_what_others_left_is_not_touched(tmp_path: Path, lay: Callable[[Path], None]) -> None:
    source = write_rows(tmp_path / "tables", made.rows(6))
    out = tmp_path / "out"
    lay(out)
    before = (
        sorted((path.name, path.read_bytes()) for path in out.iterdir()) if out.is_dir() else []
    )
    with pytest.raises(PortfolioError, match="holds other files|is no folder") as told:
        measure_book(source, out, made.setting(), made.QUICK)
    assert "空文件夹" in told.value.say("zh")
    after = sorted((path.name, path.read_bytes()) for path in out.iterdir()) if out.is_dir() else []
    assert before == after
    with pytest.raises(PortfolioError):
        measure_book(source, source, made.setting(), made.QUICK)


def drop(*names: str) -> Callable[[Rows], Any]:
    return lambda t: [t.pop(name) for name in names]


def cells(table: str, row: int | None = None, **given: Any) -> Callable[[Rows], Any]:
    """Change one row of a table, or all."""
    return lambda t: [line.update(given) for line in (t[table] if row is None else [t[table][row]])]


def gap(tables: Rows) -> None:
    """Two excess layers with nothing between 2 and 5 per cent."""
    tables["layers"][0] |= {"kind": "excess", "share": "", "attach_rate": 0, "limit_rate": 0.02}
    tables["layers"][1] |= {"kind": "excess", "share": "", "attach_rate": 0.05, "limit_rate": 0.02}


def faulty(tables: Rows) -> None:
    """A PD that is infinite, a fee below nothing, a pledge to no loan."""
    cells("loans", 0, default_chance="inf")(tables)
    cells("guarantees", 3, fee_rate_per_year=-0.01)(tables)
    cells("pledges", 1, loan_id="L-99")(tables)


def odd(tables: Rows) -> None:
    """A PD of nothing, a loan repaid, a fen left to the pledge, a loan past its last day."""
    cells("loans", 0, default_chance=0)(tables)
    cells("loans", 1, balance_yuan=0)(tables)
    cells("guarantees", 1, in_force_balance_yuan=0)(tables)
    cells("land", 1, prior_claims_yuan=395_000)(tables)
    cells("loans", 3, matures_on="2026-10-01")(tables)


def nobody(tables: Rows) -> None:
    """A PD that is no number, and none of the borrower."""
    cells("loans", 0, default_chance="nan")(tables)
    cells("borrowers", 0, default_chance="")(tables)


HOSTILE: list[tuple[str, Callable[[Rows], Any], tuple[int, int], dict[str, int], str]] = [
    ("no borrowers", drop("borrowers"), (6, 6), {}, ""),
    ("no layers", drop("layers"), (6, 6), {}, "5 contracts name a programme without layers"),
    ("no funds", drop("funds"), (6, 6), {}, "no table of funds"),
    ("no statements", drop("statements"), (6, 6), {}, "no headroom"),
    ("no pledges", drop("pledges", "land"), (6, 6), {}, "75% of a debt without collateral"),
    ("loans alone", drop("borrowers", "guarantees", "layers", "funds", "statements", "pledges",
                         "land"), (6, 6), {}, "no table of guarantees"),
    ("PD not a number", nobody, (6, 5), {"missing": 1}, ""),
    ("faulty rows", faulty, (4, 4), {"out_of_range": 2, "rejected_loan": 1, "unknown_loan": 1}, ""),
    ("odd rows", odd, (6, 6), {}, ""),
    ("PDs of nothing", cells("loans", default_chance=0), (6, 6), {}, ""),
    ("PDs of certainty", cells("loans", default_chance=1), (6, 6), {}, ""),
    ("all in default", cells("loans", overdue_days=200), (6, 6), {}, ""),
    ("own LGD of nothing", cells("loans", loss_share=0), (6, 6), {}, ""),
    ("nothing in force", cells("guarantees", in_force_balance_yuan=0), (6, 6), {}, ""),
    ("a gap between layers", gap, (3, 3),
     {"unknown_programme": 3, "broken_programme": 2, "layer_terms": 1}, ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "contracts", "kinds", "note"), [case[1:] for case in HOSTILE],
    ids=[case[0] for case in HOSTILE],
)  # fmt: skip
def test_hostile_books_are_measured_or_told(
    tmp_path: Path, change: Callable[[Rows], Any], contracts: tuple[int, int],
    kinds: dict[str, int], note: str,
) -> None:  # fmt: skip
    tables = made.rows(6)
    change(tables)
    _, manifest = run(tmp_path, tables, Draws(seed=3, scenarios=64, scrambles=2))
    json.dumps(manifest, allow_nan=False)
    assert (manifest["contracts_in"], manifest["contracts_measured"]) == contracts
    assert manifest["faults"]["kinds"] == kinds
    assert note in " ".join(one["en"] for one in manifest["notes"])
    assert (
        0.0 <= manifest["totals"]["expected_loss_yuan"] <= 0.75 * manifest["totals"]["loans_yuan"]
    )


def test_limits_by_hand(tmp_path: Path) -> None:
    """Certain default of loans without security loses severity; no chance loses nothing."""
    tables = made.rows(6)
    drop("pledges", "land")(tables)
    cells("loans", default_chance=1)(tables)
    _, sure = run(tmp_path, tables)
    assert sure["totals"]["expected_loss_yuan"] == pytest.approx(0.75 * 675_000.0, rel=1e-12)
    loss = sure["distribution"]["loss"]
    assert loss["value_at_risk"]["0.999"] == pytest.approx(0.75 * 675_000.0, rel=1e-9)
    assert sure["totals"]["wrong_way_yuan"] == pytest.approx(0.0, abs=1e-9)
    (fund,) = sure["funds"]
    assert fund["exhausted_chance"] == 1.0
    cells("loans", default_chance=0)(tables)
    _, never = run(tmp_path, tables)
    loss = never["distribution"]["loss"]
    assert (loss["expected"], loss["value_at_risk"]["0.999"]) == (0.0, 0.0)
    assert never["funds"][0]["exhausted_chance"] == 0.0
    assert {row["expected"] for row in never["layers"]} == {0.0}


def test_two_guarantees_of_one_loan_lose_it_once(tmp_path: Path) -> None:
    """0.5 and 0.3 of one loan: its debt and its proceeds count once, not twice."""
    tables = made.rows(6)
    first = tables["guarantees"][1] | {"programme_id": ""}
    _, one = run(tmp_path / "one", tables | {"guarantees": [
        first if row["guarantee_id"] == "G-1" else row for row in tables["guarantees"]
    ]})  # fmt: skip
    parts = [
        first | {"guarantee_id": f"G-1{k}", "guaranteed_share": share, "own_share": share,
                 "amount_yuan": amount, "in_force_balance_yuan": amount}
        for k, (share, amount) in enumerate(((0.5, 52_500.0), (0.3, 31_500.0)))
    ]  # fmt: skip
    split = [row for row in tables["guarantees"] if row["guarantee_id"] != "G-1"] + parts
    _, two = run(tmp_path / "two", tables | {"guarantees": split})
    for name in ("loans_yuan", "guaranteed_yuan", "expected_loss_yuan", "ecl_yuan",
                 "expected_proceeds_yuan", "security_value_yuan"):  # fmt: skip
        assert two["totals"][name] == pytest.approx(one["totals"][name], rel=1e-9), name


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({}, "no table"),
        ({"guarantees": made.rows(3)["guarantees"]}, "no table of loans"),
        ({**made.rows(3), "guarantees": []}, "is empty"),
        ({**made.rows(3), "loans": []}, "is empty"),
    ],
)
def test_books_that_are_none(tmp_path: Path, tables: Rows, said: str) -> None:
    with pytest.raises(PortfolioError) as told:
        run(tmp_path, tables)
    assert said in told.value.say("en") or "no " in told.value.say("en")
    assert not (tmp_path / "out" / ".work").exists()


@pytest.mark.parametrize("table", ["guarantees", "loans", "pledges", "layers", "funds", "land",
                                   "borrowers", "statements"])  # fmt: skip
def test_a_table_with_headings_alone(tmp_path: Path, table: str) -> None:
    tables = made.rows(3)
    heads = ",".join(tables[table][0])
    write_rows(tmp_path / "tables", tables)
    (tmp_path / "tables" / f"{table}.csv").write_text(heads + "\n", encoding="utf-8")
    try:
        manifest = measure_book(
            tmp_path / "tables", tmp_path / "out", made.setting(),
            Draws(seed=3, scenarios=64, scrambles=2),
        )  # fmt: skip
    except RiskEngineError as told:
        assert told.say("zh")
        assert told.say("en")
    else:
        json.dumps(manifest, allow_nan=False)
        assert table not in {"loans", "guarantees"}
        assert manifest["contracts_measured"] <= 3


def test_factors_that_are_none_stop_the_run(tmp_path: Path) -> None:
    tables = made.rows(6)
    tables["loans"][0]["region_code"] = "320281"
    loadings = replace(load_loadings(), correlation={"county": -0.9})
    with pytest.raises(BookError, match="not positive semidefinite"):
        run(tmp_path, tables, loadings=loadings)


def test_a_single_block_or_no_power_of_two_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="two blocks or more"):
        Draws(scrambles=1)
    with pytest.raises(BookError, match="power of two"):
        run(tmp_path, made.rows(6), Draws(scenarios=100, scrambles=2))
    with pytest.raises(RiskEngineError):
        run(tmp_path, made.rows(6), Draws(level=1.0, scenarios=64, scrambles=2))


def test_ratios_alone(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "tables", made.rows(6))
    found = count_ratios(source, tmp_path / "out", DAY, law_for(None))
    json.dumps(found, allow_nan=False)
    assert found["kind"] == "ratios"
    assert found["ratios"]
    assert json.loads((tmp_path / "out" / "manifest.json").read_bytes()) == found
    for rows in found["rows"].values():
        assert rows["rows_in"] == rows["rows_kept"] + rows["rows_rejected"]
    assert (tmp_path / "out" / "report.html").exists()
    with pytest.raises(PortfolioError, match="holds other files"):
        measure_book(source, tmp_path / "out", made.setting(), made.QUICK)
    again = count_ratios(source, tmp_path / "out", DAY, law_for(None))
    assert again == found
