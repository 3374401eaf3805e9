"""The path of a batch: in parts as at one go, alone as in company, marks as their twin."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskengine.kernels.evidence import contradiction_rows
from riskengine.market import demonstration
from riskengine.methods import run as path
from riskengine.rights import RIGHTS
from riskengine.rules import statute
from riskengine.table import check, from_pandas
from riskengine.tally import MOVERS, tally_of
from riskengine.valuation import Flag, results, value
from tests.plain_results import DAY, sample
from tests.reference.twin_common import marks

RULES, MARKET = statute().at(DAY), demonstration().on(DAY)
POLICY = tuple(
    RULES.number(f"reconcile.{name}")
    for name in ("divergence_ratio", "wide_error", "stated_excess", "market_age")
)


@pytest.mark.parametrize("table", list(RIGHTS))
def test_in_parts_as_at_one_go(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = sample(table, 1500)
    parts = results(value(batch, MARKET, RULES)).to_pandas()
    monkeypatch.setattr(path, "SMALL", 10**9)
    whole = results(value(batch, MARKET, RULES)).to_pandas()
    pd.testing.assert_frame_equal(whole, parts, check_exact=True)


def test_forest_is_valued_in_parts() -> None:
    assert value(sample("forest", 1500), MARKET, RULES).asked == ()
    assert value(sample("forest", 15), MARKET, RULES).asked != ()


@pytest.mark.parametrize("table", list(RIGHTS))
def test_alone_as_in_company(table: str) -> None:
    together = value(sample(table, 1200), MARKET, RULES)
    for row in (0, 7, 1100):
        alone = together.alone(row)
        told, again = (
            {name: str(cell) for name, cell in rows.to_pylist()[0].items()}
            for rows in (results(together).slice(row, 1), results(alone))
        )
        assert again == told
        assert alone.asked


@pytest.mark.parametrize("table", list(RIGHTS))
def test_marks_equal_their_twin(table: str) -> None:
    found = value(sample(table, 1200), MARKET, RULES)
    told = marks(
        found.reconciled, found.term, found.batch.columns["stated_value_yuan"],
        found.inputs.contradicted,
        found.quotes.column("level"), found.quotes.column("age_years"), POLICY,
    )  # fmt: skip
    np.testing.assert_array_equal(found.flags, told)


def test_bits_are_those_of_the_kernel() -> None:
    assert [int(flag) for flag in Flag] == [1 << bit for bit in range(11)]


def test_the_leading_quote_is_one_that_the_case_leans_on() -> None:
    found = value(sample("forest", 1500), MARKET, RULES)
    cases = np.array(found.approach.cases)[found.case]
    for case in ("forest_bamboo", "forest_bamboo_new", "forest_welfare"):
        rows = cases == case
        assert rows.any()
        assert (found.quotes.column("level")[rows] > 0).all(), case


@pytest.mark.parametrize("table", list(RIGHTS))
def test_a_method_is_silent_on_what_the_matrix_does_not_give_it(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(path, "SMALL", 10**9)
    found = value(sample(table, 600), MARKET, RULES)
    for k, output in enumerate(found.methods):
        assert np.isnan(output[:, found.roles[found.case, k] == 0]).all()


FARM = {
    "right_id": "1", "kind": "household", "region_code": "370983", "area_mu": 30.0,
    "land_use": "irrigated", "contract_end": "2036-11-24",
}  # fmt: skip


@pytest.mark.parametrize(
    ("rent", "contradicts"), [(700.0, False), (1500.0, False), (9000.0, True), (40.0, True)]
)
def test_evidence_far_from_the_market_asks_for_a_person(rent: float, contradicts: bool) -> None:
    frame = pd.DataFrame([FARM | {"market_rent_yuan_per_mu_year": rent}])
    found = value(
        check(RIGHTS["land"], from_pandas(RIGHTS["land"], frame), DAY).batch, MARKET, RULES
    )
    assert bool(found.flags[0] & Flag.CONTRADICTED) is contradicts


def test_a_cost_said_to_be_nothing_asks_for_a_person() -> None:
    prices, far = np.array([[100.0, np.nan], [0.2, np.nan]]), np.zeros(4, dtype=bool)
    own, index = np.array([0.0, 100.0, np.nan, 0.0]), np.array([0, 0, 0, 1])
    contradiction_rows(prices, index, own, 0.1, 3.0, far)
    assert far.tolist() == [True, False, False, False]


def test_contradictions_are_the_same_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = sample("forest", 1500)
    parts = value(batch, MARKET, RULES).inputs.contradicted
    monkeypatch.setattr(path, "SMALL", 10**9)
    assert (value(batch, MARKET, RULES).inputs.contradicted == parts).all()


def test_plain_python_gives_the_same_bits(tmp_path: Path) -> None:
    plain = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-m", "tests.plain_results", str(tmp_path), "2500"]
    subprocess.run(command, check=True, env=plain, cwd=Path(__file__).parents[1])
    for table in RIGHTS:
        compiled = results(value(sample(table, 2500), MARKET, RULES)).to_pandas()
        told = pd.read_parquet(tmp_path / f"{table}.parquet")
        pd.testing.assert_frame_equal(compiled, told, check_exact=True, check_categorical=False)


def test_the_biggest_movers_are_those_of_a_full_sort() -> None:
    batch = sample("land", 1200)
    before = np.round(np.random.default_rng(1).uniform(0.0, 1e5, batch.size), -3)
    before[::7] = np.nan
    batch = replace(batch, columns={**batch.columns, "previous_value_yuan": before})
    found = value(batch, MARKET, RULES)
    now = found.reconciled[0]
    known = np.flatnonzero(~np.isnan(before) & ~np.isnan(now))
    change = np.abs(now[known] - before[known])
    order = known[np.argsort(-change, kind="stable")[:MOVERS]]
    assert known.size > MOVERS
    told = [mover[1] for mover in tally_of(found)["movers"]]
    assert told == [found.batch.ids[int(k)].as_py() for k in order]
