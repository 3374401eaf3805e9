"""What a pledge is expected to bring after a default, by hand on the published practice cases."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskengine.casefile.evaluate import Bench, evaluate
from riskengine.casefile.read import Case, read_case
from riskengine.collateral import sale_quotes, sale_shares
from riskengine.market import demonstration
from riskengine.pledging import terms
from riskengine.pledging.assess import Assessed
from riskengine.pledging.proceeds import BLOCKED, Proceeds, expected_proceeds
from riskengine.rules import statute_of

CASES = Path(__file__).parents[2] / "examples" / "cases"
HALF = 0.5
LEASED = (1, 2, 3)


@cache
def bench() -> Bench:
    """The law of the places and the demonstration market."""
    return Bench(demonstration(), statute_of)


def case(name: str) -> Case:
    """A published practice case by its number."""
    (path,) = CASES.glob(f"{name}_*.toml")
    return read_case(path)


def judged(of: str | Case) -> Assessed:
    """The first right of a case as the law judged it."""
    return evaluate(case(of) if isinstance(of, str) else of, bench())[0]


def changed(of: Case, pledge: dict[str, Any] | None = None, **right: Any) -> Case:
    """A case with other cells of its right or its pledge."""
    first = of.rights[0]
    mended = replace(
        first, right={**first.right, **right}, pledge={**first.pledge, **(pledge or {})}
    )
    return replace(of, rights=(mended, *of.rights[1:]))


@cache
def every() -> tuple[tuple[str, Assessed, Proceeds], ...]:
    """Every right of every case, with its proceeds."""
    return tuple(
        (path.stem, found, expected_proceeds(found, HALF))
        for path in sorted(CASES.glob("*.toml"))
        for found in evaluate(read_case(path), bench())
    )


def sale(found: Assessed) -> Any:
    """What a sale leaves of the price, and its terms."""
    inputs = replace(found.valuation.inputs, rules=found.of.rules)
    sets, index = sale_quotes(inputs, found.of.table)
    column = sets[:, index[found.rights[0]]]
    return sale_shares(inputs, *column.tolist()), column


def by_hand(found: Assessed, owed: float = 0.0) -> tuple[float, float]:
    """Mean [yuan] and spread of land with a wasting term, number by number."""
    value, error = (float(found.valuation.reconciled[k, 0]) for k in (0, 1))
    shares, (volatility, to_sell, _, _) = sale(found)
    wait = HALF + to_sell
    rate = float(terms.rate_of(found.valuation.inputs, "land")[0])
    term = float(found.of.term_years[0])
    paid = [(1.0 - (1.0 + rate) ** -years) / rate for years in (max(term - wait, 0.0), term)]
    gross = value * paid[0] / paid[1]
    net = max(gross - owed, 0.0)
    agreed = bool(found.of.pledge("agreed_sale")[0] == 1.0)
    way = shares.buyers if agreed else shares.auction
    relative = math.sqrt(math.expm1(error**2)) * (gross / net if net else 1.0)
    spread = math.sqrt(math.log1p(relative**2) + volatility**2 * wait)
    return net * way * shares.cost * float(found.keeps[0]), spread


def test_own_land_in_order_by_hand() -> None:
    found = judged("001")
    mean, spread = by_hand(found)
    got = expected_proceeds(found, HALF)
    assert got.mean_yuan == pytest.approx([mean], rel=1e-12)
    assert got.spread == pytest.approx([spread], rel=1e-12)
    assert got.sale_years.tolist() == [1.0]
    assert got.without_extension.tolist() == [1.0]
    # 750 yuan a mu, 45 mu, 30 years: half of the value comes back after a court sale.
    assert mean / found.of.value_yuan[0] == pytest.approx(0.513, abs=0.001)


def test_a_pledge_that_is_not_registered_keeps_what_the_law_leaves() -> None:
    whole, weak = judged("001"), judged("002")
    assert weak.keeps.tolist() == [0.9]
    both = [expected_proceeds(one, HALF) for one in (whole, weak)]
    assert both[1].mean_yuan == pytest.approx(0.9 * both[0].mean_yuan, rel=1e-12)
    assert both[1].spread == pytest.approx(both[0].spread, rel=1e-12)


def test_what_ranks_before_is_paid_before_and_widens_the_error() -> None:
    found = judged("040")
    mean, spread = by_hand(found, 100_000.0)
    got = expected_proceeds(found, HALF)
    assert got.mean_yuan == pytest.approx([mean], rel=1e-12)
    assert got.spread == pytest.approx([spread], rel=1e-12)
    free = expected_proceeds(judged(changed(case("040"), prior_claims_yuan=0)), HALF)
    assert got.mean_yuan[0] < free.mean_yuan[0]
    assert got.spread[0] > free.spread[0]


def test_the_variance_in_yuan_is_that_of_the_whole() -> None:
    """Second route: draws of the value, the same sum taken off each."""
    found = judged("040")
    error, owed = float(found.valuation.reconciled[1, 0]), 100_000.0
    swing = sale(found)[1][0] ** 2 * 1.5
    got = expected_proceeds(found, HALF)
    free = expected_proceeds(judged(changed(case("040"), prior_claims_yuan=0)), HALF)
    shares = sale(found)[0]
    gross = float(free.mean_yuan[0]) / (shares.auction * shares.cost)
    draws = gross * np.exp(error * np.random.default_rng(3).standard_normal(200_000) - error**2 / 2)
    left = draws - owed
    fitted = math.log1p(float(left.var() / left.mean() ** 2))
    assert got.spread[0] ** 2 - swing == pytest.approx(fitted, rel=0.02)


@pytest.mark.parametrize("owed", [414_000.0, 411_999.99, 400_000.0, 390_000.0, 1e9])
def test_next_to_nothing_left_has_a_wide_but_finite_spread(owed: float) -> None:
    """A linear widening overflowed here, and one pledge stopped the whole book."""
    got = expected_proceeds(judged(changed(case("001"), prior_claims_yuan=owed)), HALF)
    assert np.isfinite(got.spread).all()
    assert np.isfinite(np.expm1(got.spread**2)).all()
    assert 0.0 <= got.mean_yuan[0] < 25_000.0


def test_an_agreed_sale_brings_more_than_a_court_auction() -> None:
    found = judged(changed(case("001"), {"agreed_sale": True}))
    agreed = expected_proceeds(found, HALF)
    court = expected_proceeds(judged("001"), HALF)
    assert agreed.mean_yuan == pytest.approx([by_hand(found)[0]], rel=1e-12)
    shares, _ = sale(found)
    assert agreed.mean_yuan[0] / court.mean_yuan[0] == pytest.approx(
        shares.buyers / shares.auction, rel=1e-12
    )
    assert agreed.mean_yuan[0] > court.mean_yuan[0]


@pytest.mark.parametrize("name", ["015", "022", "033", "042", "055", "068", "086", "099"])
def test_a_pledge_that_the_law_blocks_brings_nothing(name: str) -> None:
    found = judged(name)
    assert found.outcome[0] == BLOCKED
    assert found.of.value_yuan[0] > 0.0
    assert expected_proceeds(found, HALF).mean_yuan.tolist() == [0.0]


def test_a_right_without_a_value_brings_nothing() -> None:
    got = expected_proceeds(judged("103"), HALF)
    assert got.mean_yuan.tolist() == [0.0]
    assert np.isfinite(got.spread).all()


def test_no_more_than_the_pledge_secures() -> None:
    free = float(expected_proceeds(judged("001"), HALF).mean_yuan[0])
    for name in ("secured_limit_yuan", "registered_limit_yuan"):
        for limit in (free / 2.0, 2.0 * free):
            got = expected_proceeds(judged(changed(case("001"), {name: limit})), HALF)
            assert got.mean_yuan == pytest.approx([min(free, limit)], rel=1e-12), name


def test_a_later_default_leaves_fewer_years() -> None:
    found = judged("001")
    means = [float(expected_proceeds(found, years).mean_yuan[0]) for years in (0, 1, 5, 29, 40)]
    assert means == sorted(means, reverse=True)
    assert means[-1] == 0.0, "the right has ended by then"


def test_land_near_the_end_of_its_term_against_an_extension_granted() -> None:
    """The second round extended: nearly all of the proceeds rest on the extension."""
    ending, extended = (expected_proceeds(judged(name), HALF) for name in ("012", "013"))
    assert ending.without_extension.tolist() == [1.0]
    own = float(judged("013").of.years_to("right.contract_end")[0])
    found = judged("013")
    rate = float(terms.rate_of(found.valuation.inputs, "land")[0])
    left = [own - 1.5, float(found.of.term_years[0]) - 1.5]
    annuities = [1.0 - (1.0 + rate) ** -years for years in left]
    assert extended.without_extension == pytest.approx([annuities[0] / annuities[1]], rel=1e-9)
    assert extended.without_extension[0] < 0.1


def test_rent_that_is_not_paid_counts_for_no_year_after_it() -> None:
    """LMR-RENT-01: years beyond the rent paid do not count, and no tail is added to them."""
    base = case("017")
    means = []
    for year in (2027, 2028, 2029, 2030):
        paid = base.valued_on.replace(year=year)
        found = judged(changed(base, rent_prepaid_through=paid))
        years = float(found.of.years_to("right.rent_prepaid_through")[0])
        assert terms.usable_years(found.of)[0] <= years
        assert terms.usable_years(found.of, np.zeros(1))[0] <= years
        means.append(float(expected_proceeds(found, HALF).mean_yuan[0]))
    assert means[0] == 0.0, "paid for one year, sold after one and a half"
    assert 0.0 < means[1] < means[2] < means[3]


def test_no_case_brings_more_than_its_value() -> None:
    for name, found, got in every():
        assert np.all(got.mean_yuan <= np.nan_to_num(found.of.value_yuan)), name
        assert np.all(got.mean_yuan >= 0.0), name
        assert np.all(np.isfinite(got.spread) & (got.spread > 0.0)), name
        assert np.all(got.sale_years > 0.0), name
        assert np.all((got.without_extension >= 0.0) & (got.without_extension <= 1.0)), name


def test_the_prudent_lending_value_lies_below_what_is_expected() -> None:
    """Leases aside: a lender counts rent paid as of today, a buyer as of the sale."""
    below = []
    for _, found, got in every():
        leased = found.of.table == "land" and found.of.rights.columns["kind"][0] in LEASED
        if found.outcome[0] != BLOCKED and not leased:
            below.append(float(found.lending_value_yuan[0]) <= float(got.mean_yuan[0]))
    assert len(below) > 50
    assert all(below)


def weaker(**cells: Any) -> Callable[[Case], Case]:
    """A case made weaker."""
    return lambda base: changed(base, cells.pop("pledge", None), **cells)


@pytest.mark.parametrize(
    "weaken",
    [
        weaker(prior_claims_yuan=5e4), weaker(rent_arrears_yuan=2e4),
        weaker(pledge={"tenant_until": read_case(CASES / "001_own_land_in_order.toml").valued_on
                       .replace(year=2030), "tenant_rent_gap_yuan_per_year": 5e3}),
        weaker(pledge={"site_inspected_on": None}),
    ],
    ids=["prior", "arrears", "tenant", "inspection"],
)  # fmt: skip
def test_everything_that_weakens_a_pledge_lowers_its_proceeds(
    weaken: Callable[[Case], Case],
) -> None:
    base = case("001")
    whole = expected_proceeds(judged(base), HALF).mean_yuan[0]
    weak = expected_proceeds(judged(weaken(base)), HALF).mean_yuan[0]
    assert weak < whole
