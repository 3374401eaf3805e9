"""From contracts to exposures: horizons, months of default, own LGD, discounted proceeds."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskengine.book.exposures import BULLETS, Measured, measured
from riskengine.book.factors import load_loadings
from riskengine.book.load import LoadedBook
from tests.book import made

DAYS = 90.0
LOADINGS = load_loadings()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> LoadedBook:
    return made.loaded(tmp_path_factory.mktemp("book"), made.rows(6))


def laid(book: LoadedBook, months: int = 12, **columns: Any) -> Measured:
    """The first contracts with other columns."""
    of = book.measured.contracts
    size = max([1, *(np.size(cell) for cell in columns.values())])
    some = of.take(np.arange(size))
    filled = {name: np.broadcast_to(np.asarray(cell, dtype=getattr(of, name).dtype), size).copy()
              for name, cell in columns.items()}  # fmt: skip
    return measured(replace(some, **filled), LOADINGS, months, DAYS)


def months_of(found: Measured, row: int) -> list[float]:
    """Cumulative share of a contract's defaults by month."""
    return found.cumulative[found.profile[row]].tolist()


@pytest.mark.parametrize("months", [1, 3, 12, 24, 36, 60])
def test_every_profile_rises_to_one(book: LoadedBook, months: int) -> None:
    found = laid(book, months)
    assert found.months == months
    assert found.cumulative.shape == (2 * months + 1, months)
    assert (np.diff(found.cumulative, axis=1) >= 0.0).all()
    assert (found.cumulative >= 0.0).all()
    assert found.cumulative[:, -1].tolist() == [1.0] * (2 * months + 1)


def test_months_of_default_by_hand(book: LoadedBook) -> None:
    """Left 3.2 months: even over four; a bullet loan has three fifths where it falls due."""
    found = laid(book, repayment=[1, 0, 3, 2, -1], months_left=[3.2, 3.2, 12.0, 40.0, 0.0])
    assert months_of(found, 0) == [0.25, 0.5, 0.75] + [1.0] * 9
    assert months_of(found, 1) == pytest.approx([0.1, 0.2, 0.3] + [1.0] * 9)
    share = LOADINGS.assumed["maturity_share"]
    assert share == 0.6
    bullet = [0.4 * k / 12 for k in range(1, 12)]
    assert months_of(found, 2) == pytest.approx([*bullet, 1.0])
    assert months_of(found, 3) == pytest.approx([k / 12 for k in range(1, 13)])
    assert months_of(found, 4) == [1.0] * 12, "what fell due defaults at once"


def test_a_bullet_that_falls_due_beyond_the_horizon_has_no_mass_in_it(book: LoadedBook) -> None:
    found = laid(book, 12, repayment=0, months_left=[12.01, 13.0, 36.0])
    for row in range(3):
        assert months_of(found, row) == pytest.approx([k / 12 for k in range(1, 13)])
    longer = laid(book, 24, repayment=0, months_left=[12.01])
    assert months_of(longer, 0)[11:13] == pytest.approx([12 / 13, 1.0]), "no mass yet"


def test_who_has_defaulted_defaults_at_once_and_surely(book: LoadedBook) -> None:
    found = laid(book, overdue_days=[0.0, 90.0, 90.5, 91.0, 400.0], default_chance=0.02)
    assert found.defaulted.tolist() == [False, True, True, True, True]
    assert found.exposures.default_chance == pytest.approx([0.02, 1.0, 1.0, 1.0, 1.0], rel=1e-12)
    assert months_of(found, 2) == [1.0] * 12


@pytest.mark.parametrize(
    ("months", "left", "wanted"),
    [
        (12, 40.0, 0.02), (24, 40.0, 1.0 - 0.98**2), (36, 40.0, 1.0 - 0.98**3),
        (36, 18.0, 1.0 - 0.98**1.5), (36, 7.0, 1.0 - 0.98 ** (7 / 12)),
        (12, 7.0, 1.0 - 0.98 ** (7 / 12)), (12, 0.0, 1.0 - 0.98 ** (1 / 12)),
        (6, 40.0, 1.0 - 0.98**0.5), (3, 6.0, 1.0 - 0.98**0.25), (6, 6.0, 1.0 - 0.98**0.5),
        (6, 3.0, 1.0 - 0.98**0.25),
        (1, 40.0, 1.0 - 0.98 ** (1 / 12)),
    ],
)  # fmt: skip
def test_the_pd_over_a_horizon(book: LoadedBook, months: int, left: float, wanted: float) -> None:
    found = laid(book, months, default_chance=0.02, months_left=left, repayment=2)
    assert found.exposures.default_chance[0] == pytest.approx(wanted, rel=1e-12)


def test_the_mass_of_a_bullet_lies_where_it_falls_due(book: LoadedBook) -> None:
    """Due in ten months: until the fifth only what does not wait for maturity."""
    chances = [
        laid(book, months, default_chance=0.02, months_left=10.0, repayment=0)
        .exposures.default_chance[0]
        for months in (5, 9, 10, 12, 24)
    ]  # fmt: skip
    assert chances == pytest.approx([
        1.0 - 0.98 ** (0.4 * 5 / 10), 1.0 - 0.98 ** (0.4 * 9 / 10), 0.02, 0.02, 0.02
    ], rel=1e-12)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(chance=st.floats(0.0, 1.0), left=st.floats(0.0, 200.0), plan=st.integers(-1, 3))
def test_a_longer_horizon_has_no_smaller_pd(
    book: LoadedBook, chance: float, left: float, plan: int
) -> None:
    """Money paid back in parts is gone when it is paid back: its PD stops there."""
    found = [
        laid(book, months, default_chance=chance, months_left=left, repayment=plan)
        .exposures.default_chance[0]
        for months in (1, 2, 6, 11, 12, 13, 24, 60)
    ]  # fmt: skip
    assert all(0.0 <= one <= 1.0 for one in found)
    assert all(b >= a - 1e-15 for a, b in pairwise(found))
    if plan in BULLETS or left >= 12.0:
        assert found[4] == pytest.approx(chance, rel=1e-9, abs=1e-11), "a PD of twelve months"


def test_pds_of_nothing_and_of_certainty(book: LoadedBook) -> None:
    for months in (6, 12, 36):
        found = laid(book, months, default_chance=[0.0, 1.0], months_left=40.0)
        assert found.exposures.default_chance.tolist() == [0.0, 1.0], months


def test_an_own_lgd_stands_in_place_of_the_security(book: LoadedBook) -> None:
    own = [np.nan, 0.35, 0.0, 1.0]
    found = laid(book, loss_share=own, forward=0.8, spread=0.3, sale_years=1.0).exposures
    assert found.severity.tolist() == [LOADINGS.assumed["severity"], 0.35, 0.0, 1.0]
    for name in ("forward", "spread", "sale_years", "holding"):
        assert (getattr(found, name) > 0.0).tolist() == [True, False, False, False], name


def test_proceeds_are_discounted_over_the_time_to_the_money(book: LoadedBook) -> None:
    found = laid(book, forward=[0.8, 0.8, 0.0], sale_years=[2.0, 2.0, 0.0], spread=0.3,
                 rate_per_year=[0.05, np.nan, 0.05], loss_share=np.nan).exposures  # fmt: skip
    assert found.forward == pytest.approx([0.8 / 1.05**2, 0.8, 0.0], rel=1e-14)
    assert found.holding == pytest.approx([np.log(1.05), 0.0, 0.0], rel=1e-14)
    assert found.spread.tolist() == [0.3, 0.3, 0.0], "nothing to sell has no spread"


def test_the_book_as_contracts_of_a_simulation(book: LoadedBook) -> None:
    found = book.measured
    group = np.array([0, 1, 0, 1, 0, 1])
    net = found.grouped(group, 2)
    assert net.exposures is found.exposures
    assert net.guaranteed_share.tolist() == [0.8] * 6
    paid = found.grouped(group, 2, gross=True).exposures
    assert paid.severity.tolist() == [1.0] * 6
    assert not paid.forward.any()
    assert np.array_equal(paid.debt_yuan, found.exposures.debt_yuan)
    assert np.array_equal(paid.default_chance, found.exposures.default_chance)


def test_a_horizon_of_three_years_end_to_end(tmp_path: Path) -> None:
    tables = made.rows(6)
    for row in tables["loans"]:
        row["matures_on"] = "2031-01-20"
    for row in tables["guarantees"]:
        row["ends_on"] = "2031-01-20"
    one, three = (made.loaded(tmp_path, tables, months=months).measured for months in (12, 36))
    chance = one.exposures.default_chance
    assert three.exposures.default_chance == pytest.approx(1.0 - (1.0 - chance) ** 3, rel=1e-12)
    assert three.months == 36
