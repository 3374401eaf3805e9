"""Proceeds behind loans added up: Fenton's lognormal against draws, and the pledges lost."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.book.security import Security, nothing_secured, security_by_loan
from tests.book import made


def added(*pledges: tuple[float, float, float], together: float = 0.5) -> Security:
    """Pledges (mean, spread, years) on one loan of two."""
    mean, spread, years = np.array(pledges, dtype=float).T
    found = np.stack([mean, spread, years, 2.0 * mean, np.ones_like(mean), np.arange(mean.size)])
    return security_by_loan(found, np.zeros(mean.size, dtype=np.int64), 2, together)


def test_one_pledge_is_itself() -> None:
    held = added((1e5, 0.3, 1.5))
    assert held.mean_yuan.tolist() == [1e5, 0.0]
    assert held.spread == pytest.approx([0.3, 0.0], rel=1e-14)
    assert held.sale_years.tolist() == [1.5, 0.0]
    assert held.value_yuan.tolist() == [2e5, 0.0]
    assert held.kind.tolist() == [0, -1]


def test_two_that_move_as_one_are_one() -> None:
    held = added((1e5, 0.3, 1.0), (3e5, 0.3, 2.0), together=1.0)
    assert held.mean_yuan[0] == 4e5
    assert held.spread[0] == pytest.approx(0.3, rel=1e-14)
    assert held.sale_years[0] == pytest.approx(1.75)
    assert held.kind[0] == 1, "the larger leads"


def test_fentons_sum_against_draws() -> None:
    """Means 200,000 and 100,000, spreads 0.3 and 0.5, correlation of the amounts 0.5."""
    mean, spread, together = np.array([2e5, 1e5]), np.array([0.3, 0.5]), 0.5
    held = added(*((m, s, 1.0) for m, s in zip(mean, spread, strict=True)), together=together)
    shares = np.sqrt(np.expm1(spread**2))
    log_covariance = np.log1p(together * shares[0] * shares[1])
    rho = log_covariance / (spread[0] * spread[1])
    z = np.random.default_rng(5).standard_normal((2, 400_000))
    z[1] = rho * z[0] + np.sqrt(1.0 - rho**2) * z[1]
    drawn = (mean[:, None] * np.exp(spread[:, None] * z - spread[:, None] ** 2 / 2)).sum(axis=0)
    assert drawn.mean() == pytest.approx(held.mean_yuan[0], rel=2e-3)
    assert np.log1p(drawn.var() / drawn.mean() ** 2) == pytest.approx(held.spread[0] ** 2, rel=0.02)
    # What the sum is for: the shortfall against a debt, to a hundredth of the debt.
    debt = 3e5
    fitted = held.mean_yuan[0] * np.exp(held.spread[0] * z[0] - held.spread[0] ** 2 / 2)
    short = [np.maximum(debt - sums, 0.0).mean() / debt for sums in (drawn, fitted)]
    assert short[0] == pytest.approx(short[1], abs=0.01)


PLEDGES = st.tuples(
    st.just(0.0) | st.floats(0.01, 1e9), st.floats(0.0, 4.0), st.floats(0.0, 5.0)
)  # fmt: skip


@given(st.lists(PLEDGES, min_size=1, max_size=6), st.floats(0.0, 1.0), st.randoms())
def test_any_pledges_in_any_order(
    pledges: list[tuple[float, float, float]], together: float, random: object
) -> None:
    held = added(*pledges, together=together)
    turned = list(pledges)
    random.shuffle(turned)  # type: ignore[attr-defined]
    again = added(*turned, together=together)
    assert held.mean_yuan[0] == pytest.approx(again.mean_yuan[0], rel=1e-12)
    assert held.spread[0] == pytest.approx(again.spread[0], rel=1e-9, abs=1e-9)
    assert np.isfinite(held.spread).all()
    most = max(spread for _, spread, _ in pledges)
    assert 0.0 <= held.spread[0] <= most + 1e-7, "a sum is no wilder than its wildest part"


def test_more_togetherness_is_more_spread() -> None:
    found = [added((1e5, 0.3, 1.0), (1e5, 0.3, 1.0), together=c).spread[0] for c in (0.0, 0.5, 1.0)]
    assert found[0] < found[1] < found[2]


def test_a_pledge_that_brings_nothing_adds_nothing() -> None:
    alone = added((1e5, 0.3, 1.0))
    beside = added((1e5, 0.3, 1.0), (0.0, 5.0, 9.0))
    assert beside.spread[0] == pytest.approx(alone.spread[0], rel=1e-14)
    assert beside.sale_years[0] == alone.sale_years[0]
    nothing = added((0.0, 5.0, 9.0))
    assert (nothing.mean_yuan[0], nothing.spread[0], nothing.kind[0]) == (0.0, 0.0, -1)


def test_nothing_secured() -> None:
    held = nothing_secured(3)
    assert held.mean_yuan.tolist() == [0.0] * 3
    assert held.kind.tolist() == [-1] * 3
    assert held.without_extension.tolist() == [1.0] * 3


def test_two_pledges_on_one_loan_of_a_book(tmp_path: Path) -> None:
    tables = made.rows(3)
    tables["pledges"].append(made.pledge(2, pledge_id="P-X", loan_id="L-1"))
    tables["pledges"][1]["loan_id"] = "L-1"
    held = made.loaded(tmp_path, tables).security
    assert (held.mean_yuan > 0.0).tolist() == [False, True, False]
    tables["pledges"].pop()
    one = made.loaded(tmp_path, tables).security
    apart = made.loaded(tmp_path, made.rows(3)).security
    assert one.mean_yuan[1] == pytest.approx(apart.mean_yuan.sum(), rel=1e-12)
    assert one.value_yuan[1] == pytest.approx(apart.value_yuan.sum(), rel=1e-12)
    assert one.spread[1] < apart.spread[1:].max()


def test_a_pledge_without_its_right_secures_nothing_and_is_counted_as_rejected(
    tmp_path: Path,
) -> None:
    tables = made.rows(6)
    tables["pledges"][0]["right_id"] = "R-99"
    found = made.loaded(tmp_path, tables)
    assert found.security.mean_yuan[1] == 0.0
    assert found.rows_in["pledges"] == 4
    assert found.rows_rejected["pledges"] == 1
    told = [(f.table, f.right_id, f.kind.name) for f in found.faults]
    assert told == [("pledges", "P-1", "UNKNOWN_RIGHT")]
    lost = made.loaded(tmp_path / "no", {k: v for k, v in tables.items() if k != "land"})
    assert lost.rows_rejected["pledges"] == 4
    assert not lost.security.mean_yuan.any()


def test_a_right_at_fault_is_told(tmp_path: Path) -> None:
    tables = made.rows(6)
    tables["land"][0]["area_mu"] = -5
    found = made.loaded(tmp_path, tables)
    assert {(f.table, f.right_id, f.kind.name) for f in found.faults} == {
        ("land", "R-1", "OUT_OF_RANGE"), ("pledges", "P-1", "UNKNOWN_RIGHT"),
    }  # fmt: skip


def test_an_earlier_rank_is_paid_first(tmp_path: Path) -> None:
    """Two loans on one right: what the first is owed more, the second gets less."""
    found = []
    for owed in (100_000, 200_000):
        tables = made.rows(3)
        tables["land"][0]["area_mu"] = 4000
        tables["loans"][1]["balance_yuan"] = owed
        tables["guarantees"] = [row for row in tables["guarantees"] if row["loan_id"] != "L-1"]
        tables["pledges"][0]["rank"] = 1
        tables["pledges"][1] |= {"right_id": "R-1", "rank": 2}
        found.append(made.loaded(tmp_path, tables).security)
    first, second = found
    assert second.mean_yuan[1] == pytest.approx(first.mean_yuan[1], rel=1e-12)
    lost = first.mean_yuan[2] - second.mean_yuan[2]
    kept = first.mean_yuan[1] / first.value_yuan[1]
    assert kept * 100_000.0 < lost < 1.1 * kept * 100_000.0, "the debt before, as a sale brings it"
    assert second.mean_yuan[2] > 0.0
