"""What contracts cost in the books, by hand: stage, class, ECL, liability."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from riskengine.book.accounts import POLICY, Accounts, accounts, class_sums, loss_shares
from riskengine.book.contracts import BookContracts
from riskengine.book.exposures import Measured, measured
from riskengine.book.factors import load_loadings
from riskengine.book.load import LoadedBook
from riskengine.book.record import class_rows, stage_rows
from riskengine.credit.five_tier import TIERS
from riskengine.credit.loss_scenarios import Scenario
from riskengine.rules import statute
from tests.book import made

RULES = statute().at(made.DAY)
LOADINGS = load_loadings()
ONE = (Scenario("middle", "1"),)
LGD = 0.4


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> LoadedBook:
    return made.loaded(tmp_path_factory.mktemp("book"), made.rows(12))


def laid(book: LoadedBook, **columns: Any) -> Measured:
    """Contracts with an own LGD of 0.4, two years left of a bullet loan, one year old."""
    of: BookContracts = book.measured.contracts
    size = max([1, *(np.size(cell) for cell in columns.values())])
    usual: dict[str, Any] = {
        "default_chance": 0.02, "origination_chance": 0.02, "overdue_days": 0.0,
        "months_left": 24.0, "months_since": 12.0, "rate_per_year": 0.05, "repayment": 0,
        "debt_yuan": 1e5, "guaranteed_share": 0.8, "loss_share": LGD, "fee_received_yuan": np.nan,
        "fee_income_yuan": np.nan, "watch_list": False, "restructured": False, "retail": True,
    } | columns  # fmt: skip
    filled = {name: np.broadcast_to(np.asarray(cell, dtype=getattr(of, name).dtype), size).copy()
              for name, cell in usual.items()}  # fmt: skip
    return measured(replace(of.take(np.arange(size)), **filled), LOADINGS, 12, 90.0)


def kept(found: Measured, **how: Any) -> Accounts:
    """The accounts, expected losses those of the own LGD."""
    held = found.exposures
    loss = held.debt_yuan * held.default_chance * held.severity
    return accounts(found, loss, RULES, **({"scenarios": ONE} | how))


def ecl(chance: float, months: int, horizon: int, *, mass: float = 0.0) -> float:
    """ECL of the guaranteed part of a bullet loan, month by month; the EAD stays."""
    force = -np.log1p(-chance) / 12.0
    total, alive = 0.0, 1.0
    for month in range(1, min(months, horizon) + 1):
        hazard = -np.expm1(-force * (1.0 - mass))
        discount = 1.05 ** (-month / 12.0)
        total += alive * hazard * discount
        alive *= 1.0 - hazard
        if month == months:
            total += alive * -np.expm1(-force * mass * months) * discount
    return 0.8e5 * LGD * total


def test_twelve_months_and_lifetime_by_hand(book: LoadedBook) -> None:
    found = kept(laid(book))
    assert found.loss_share == pytest.approx([LGD])
    assert found.twelve_month_yuan == pytest.approx([ecl(0.02, 24, 12)], rel=1e-10)
    assert found.lifetime_yuan == pytest.approx([ecl(0.02, 24, 99)], rel=1e-10)
    assert found.stages.stage.tolist() == [1]
    assert found.loss_yuan == pytest.approx(found.twelve_month_yuan)


def test_part_of_a_bullets_defaults_wait_for_its_maturity(book: LoadedBook) -> None:
    found = kept(laid(book, months_left=[24.0, 9.0]), maturity_share=0.6)
    soon = 1.0 - 0.98 ** (12 / 9)  # the whole PD falls on the nine months that are left
    wanted = [ecl(0.02, 24, 99), ecl(soon, 9, 99, mass=0.6)]
    assert found.lifetime_yuan == pytest.approx(wanted, rel=1e-9)
    assert found.twelve_month_yuan == pytest.approx([ecl(0.02, 24, 12), wanted[1]])
    even = kept(laid(book, months_left=[24.0, 9.0], repayment=1), maturity_share=0.6)
    plain = kept(laid(book, months_left=[24.0, 9.0], repayment=1))
    assert np.array_equal(even.lifetime_yuan, plain.lifetime_yuan), "instalments do not wait"


def test_only_the_guaranteed_part_is_the_guarantors_loss(book: LoadedBook) -> None:
    found = kept(laid(book, guaranteed_share=[0.8, 0.4, 1.0, 0.0]))
    whole = found.lifetime_yuan[2]
    assert found.lifetime_yuan == pytest.approx([0.8 * whole, 0.4 * whole, whole, whole])
    impaired = kept(laid(book, guaranteed_share=[0.8, 0.4, 1.0, 0.0], overdue_days=100.0))
    assert impaired.loss_yuan == pytest.approx([0.32e5, 0.16e5, 0.4e5, 0.4e5])


def test_stages_by_hand(book: LoadedBook) -> None:
    """Days 30 and 90, watch list, class, a doubled PD, no PD of origination."""
    cases: list[tuple[dict[str, Any], int]] = [
        ({}, 1),
        ({"overdue_days": 30.0}, 1),
        ({"overdue_days": 31.0}, 2),
        ({"overdue_days": 89.0}, 2),
        ({"overdue_days": 90.0}, 3),
        ({"overdue_days": 91.0}, 3),
        ({"watch_list": True}, 2),
        ({"watch_list": True, "overdue_days": 120.0}, 3),
        ({"restructured": True}, 1),
        ({"default_chance": 0.06}, 2),
        ({"default_chance": 0.039}, 1),
        ({"default_chance": 0.06, "origination_chance": np.nan}, 1),
        ({"default_chance": 0.06, "origination_chance": np.nan, "watch_list": True}, 2),
        ({"default_chance": 0.0}, 1),
        ({"default_chance": 1.0}, 2),
        ({"default_chance": 1.0, "origination_chance": 1.0}, 1),
    ]
    names = {name for cells, _ in cases for name in cells}
    usual = {"overdue_days": 0.0, "watch_list": False, "restructured": False,
             "default_chance": 0.02, "origination_chance": 0.02}  # fmt: skip
    columns = {name: np.array([cells.get(name, usual[name]) for cells, _ in cases])
               for name in names}  # fmt: skip
    found = kept(laid_many(book, len(cases), columns))
    assert found.stages.stage.tolist() == [stage for _, stage in cases]
    assert np.isfinite(found.loss_yuan).all()
    by_stage = np.choose(
        found.stages.stage - 1,
        [found.twelve_month_yuan, found.lifetime_yuan, np.full(len(cases), 0.8e5 * LGD)],
    )
    assert found.loss_yuan == pytest.approx(by_stage)


def laid_many(book: LoadedBook, size: int, columns: dict[str, Any]) -> Measured:
    """As many contracts as asked for, from the dozen of the book."""
    of = book.measured.contracts
    wide = of.take(np.arange(size) % of.size)
    return laid(replace(book, measured=replace(book.measured, contracts=wide)), **columns)


@pytest.mark.parametrize("left", [1.0, 5.0, 6.0, 11.0, 24.0, 60.0])
@pytest.mark.parametrize("since", [0.0, 7.0, 40.0])
@pytest.mark.parametrize("plan", [0, 1, 2])
def test_an_unchanged_pd_moves_no_contract_whatever_its_term(
    book: LoadedBook, left: float, since: float, plan: int
) -> None:
    """What origination foresaw for the months left is held against just those months."""
    found = kept(laid(book, months_left=left, months_since=since, repayment=plan),
                 maturity_share=0.6)  # fmt: skip
    assert found.stages.stage.tolist() == [1]


def test_classes_by_days(book: LoadedBook) -> None:
    days = [0.0, 1.0, 90.0, 91.0, 270.0, 271.0, 360.0, 361.0]
    found = kept(laid(book, overdue_days=days))
    named = [TIERS[k] for k in found.classes.tier]
    assert named == ["normal", "special_mention", "special_mention", "substandard", "substandard",
                     "doubtful", "doubtful", "loss"]  # fmt: skip
    sums = class_sums(found, np.full(8, 10.0))
    assert sums == {"normal": (1, 10.0), "special_mention": (2, 20.0), "substandard": (2, 20.0),
                    "doubtful": (2, 20.0), "loss": (1, 10.0)}  # fmt: skip
    rows = class_rows(laid(book, overdue_days=days).contracts, found)
    assert [row["class"] for row in rows] == list(TIERS)
    assert sum(row["contracts"] for row in rows) == 8


def test_debtors_that_are_not_retail_are_classed_as_one(book: LoadedBook) -> None:
    of = laid(book, overdue_days=[100.0, 0.0, 0.0], retail=[False, False, True])
    same = replace(of, contracts=replace(of.contracts, client=np.zeros(3, dtype=np.int64)))
    tiers = kept(same).classes.tier.tolist()
    assert [TIERS[k] for k in tiers] == ["substandard", "substandard", "normal"]
    assert kept(same).stages.stage.tolist() == [3, 3, 1], "classed as non-performing"


def test_the_liability_is_the_higher_of_ecl_and_fee_not_earned(book: LoadedBook) -> None:
    """A fee of 3,600 over 36 months, a third gone; booked otherwise; no fee."""
    of = laid(book, fee_received_yuan=[3_600.0, 3_600.0, 100.0, np.nan, 3_600.0],
              fee_income_yuan=[np.nan, 3_000.0, 0.0, 50.0, 9_999.0])  # fmt: skip
    found = kept(of)
    liability = found.liability
    assert liability.unamortised_yuan == pytest.approx([2_400.0, 600.0, 100.0, 0.0, 0.0])
    assert liability.expected_loss_yuan == pytest.approx(found.loss_yuan)
    assert liability.liability_yuan == pytest.approx(
        np.maximum(liability.unamortised_yuan, found.loss_yuan)
    )
    assert (liability.liability_yuan >= found.loss_yuan).all()
    assert (liability.liability_yuan >= liability.unamortised_yuan).all()
    assert liability.excess_yuan == pytest.approx(
        liability.liability_yuan - liability.unamortised_yuan
    )


def test_bad_courses_cost_more_than_good_ones_and_the_mean_lies_between(book: LoadedBook) -> None:
    of = laid(book, commodity="pigs")
    bad, good = (
        kept(of, scenarios=(Scenario("one", "1", factor=factor),)).lifetime_yuan[0]
        for factor in (-1.0, 1.0)
    )
    mixed = kept(of, scenarios=(Scenario("bad", "0.3", factor=-1.0), Scenario("middle", "0.4"),
                                Scenario("good", "0.3", factor=1.0)))  # fmt: skip
    middle = kept(of).lifetime_yuan[0]
    assert good < middle < bad
    assert mixed.lifetime_yuan[0] == pytest.approx(0.3 * bad + 0.4 * middle + 0.3 * good, rel=1e-9)


def test_the_lgd_that_an_expected_loss_holds(book: LoadedBook) -> None:
    of = laid(book, default_chance=[0.02, 0.0, 0.02, 0.02], loss_share=[0.4, 0.3, 0.4, 0.4],
              debt_yuan=[1e5, 1e5, 0.0, 1e5])  # fmt: skip
    found = loss_shares(of, np.array([500.0, 0.0, 0.0, 1e9]))
    assert found.tolist() == [pytest.approx(0.25), 0.3, 0.4, 1.0]


def test_matured_and_unpaid_contracts_still_count(book: LoadedBook) -> None:
    found = kept(laid(book, months_left=0.0))
    assert found.lifetime_yuan[0] == pytest.approx(ecl(1.0 - 0.98**12, 1, 1), rel=1e-9)


def test_one_bit_for_any_number_of_threads(book: LoadedBook) -> None:
    of = laid(book, default_chance=np.linspace(0.0, 1.0, 12))
    one, two = (kept(of, threads=threads, maturity_share=0.6) for threads in (1, 2))
    for name in ("twelve_month_yuan", "lifetime_yuan", "loss_yuan"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name


def test_rows_by_stage_add_up(book: LoadedBook) -> None:
    of = laid(book, overdue_days=[0.0, 40.0, 95.0, 0.0], watch_list=[False, True, False, False])
    found = kept(of)
    rows = stage_rows(of.contracts, found)
    assert [row["stage"] for row in rows] == [1, 2, 3]
    assert [row["contracts"] for row in rows] == [2, 1, 1]
    assert sum(row["ecl_yuan"] for row in rows) == pytest.approx(found.loss_yuan.sum())
    assert sum(row["guaranteed_yuan"] for row in rows) == pytest.approx(3.2e5)
    assert all(sum(one["contracts"] for one in row["reasons"]) == row["contracts"] for row in rows)
    assert POLICY.relative_increase == 1.0
