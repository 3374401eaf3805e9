"""Market look-up: fall-back with credibility, against a slow twin and closed forms."""

import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.errors import MarketError
from riskengine.market import LEVELS, demonstration, load
from riskengine.market.quotes import Evidence, Spread, drift_variance, estimate, gather

SPREAD = Spread(0.3, 0.0, (0.0, 0.0, 0.2, 0.0, 0.15, 0.1, 0.1, 0.12), 0.2, {"P": 0.05})
REL = 1e-12


def seen(
    value: float, region: str = "", level: int = 1, count: int = 1, age: float = 0.0
) -> Evidence:
    return Evidence(math.log(value), level, region, count, age, 0.0, "page")


def test_nation_alone_is_the_weighted_geometric_mean() -> None:
    quote = estimate("370983", [seen(100.0, count=3), seen(800.0)], SPREAD)
    assert quote.value == pytest.approx(
        math.exp((3 * math.log(100.0) + math.log(800.0)) / 4), rel=REL
    )
    finer = 0.2**2 + 0.15**2 + 0.1**2 + 0.1**2 + 0.12**2
    assert quote.log_error == pytest.approx(math.sqrt(0.3**2 / 4 + finer), rel=REL)
    assert (LEVELS[quote.level], quote.observations, quote.credibility) == ("nation", 4, 1.0)


def test_county_pulls_by_buhlmann_credibility() -> None:
    nation, county = seen(100.0, count=9), seen(200.0, "370983", 4, count=4)
    quote = estimate("370983", [nation, county], SPREAD)
    prior_variance = 0.3**2 / 9 + 0.2**2 + 0.15**2
    own_variance = 0.3**2 / 4
    z = prior_variance / (prior_variance + own_variance)
    assert quote.value == pytest.approx(100.0 * 2.0**z, rel=REL)
    assert quote.credibility == pytest.approx(z, rel=REL)
    k = own_variance * 4 / prior_variance
    assert z == pytest.approx(4 / (4 + k), rel=REL)
    assert (LEVELS[quote.level], quote.observations) == ("county", 4)


def test_each_observation_counts_once() -> None:
    alone = estimate("370983", [seen(200.0, "370983", 4, count=4)], SPREAD)
    assert alone.value == pytest.approx(200.0, rel=REL)
    finer = 0.1**2 + 0.1**2 + 0.12**2
    assert alone.log_error == pytest.approx(math.sqrt(0.3**2 / 4 + finer), rel=REL)


def test_elsewhere_falls_back_and_says_so() -> None:
    evidence = [seen(100.0), seen(200.0, "370983", 4)]
    quote = estimate("410122", evidence, SPREAD)
    assert LEVELS[quote.level] == "nation"
    assert quote.log_error > estimate("370983", evidence, SPREAD).log_error


def test_nothing_known_is_no_quote() -> None:
    quote = estimate("370983", [], SPREAD)
    assert math.isnan(quote.value)
    assert LEVELS[quote.level] == "none"


@given(st.integers(1, 200), st.integers(1, 200))
def test_more_deals_in_the_village_narrow_and_pull(few: int, more: int) -> None:
    nation = seen(100.0, count=5)
    village = "370983101202"
    quotes = [
        estimate(village, [nation, seen(300.0, village, 6, count=n)], SPREAD)
        for n in sorted((few, few + more))
    ]
    assert quotes[1].log_error < quotes[0].log_error
    assert 100.0 < quotes[0].value < quotes[1].value < 300.0


def test_drift_makes_old_deals_count_less() -> None:
    aging = replace(SPREAD, drift=0.1)
    quote = estimate("370983", [seen(100.0, age=0.0), seen(200.0, age=10.0)], aging)
    assert quote.value < math.sqrt(100.0 * 200.0)


AGES = st.lists(st.tuples(st.floats(0.0, 40.0), st.floats(0.01, 1.0)), min_size=1, max_size=8)


@given(AGES, st.floats(0.0, 0.3))
def test_drift_is_shared_by_what_lies_before_it(
    aged: list[tuple[float, float]], drift: float
) -> None:
    total = sum(weight for _, weight in aged)
    ages, shares = [age for age, _ in aged], [weight / total for _, weight in aged]
    slow = drift**2 * sum(
        w * v * min(a, b)
        for a, w in zip(ages, shares, strict=True)
        for b, v in zip(ages, shares, strict=True)
    )
    assert drift_variance(ages, shares, drift) == pytest.approx(slow, rel=1e-9, abs=1e-12)


def test_much_old_evidence_stays_old() -> None:
    aging = replace(SPREAD, drift=0.1)
    many = estimate("370983", [seen(100.0, age=9.0) for _ in range(500)], aging)
    finer = 0.2**2 + 0.15**2 + 0.1**2 + 0.1**2 + 0.12**2
    expected = 0.3**2 / 500 + 0.1**2 * 9.0 + finer
    assert many.log_error == pytest.approx(math.sqrt(expected), rel=1e-9)


def test_later_observations_are_not_known_yet() -> None:
    rent = demonstration().quantities["land_rent"]
    days = [date(2010, 6, 30), date(2015, 6, 30), date(2026, 11, 24)]
    known = [len(demonstration().on(day)._known(rent, "paddy")) for day in days]
    assert known == sorted(known)
    assert known[0] < known[-1]
    assert all(e.age_years >= 0.0 for e in demonstration().on(days[1])._known(rent, "paddy"))


def test_gather_looks_up_once_per_place_and_category() -> None:
    asked = []

    class Source:
        def places(self, quantity: str, regions: tuple[str, ...]):
            return list(regions), np.arange(len(regions))

        def quote(self, quantity: str, region: str, category: str):
            asked.append((region, category))
            return estimate("", [seen(float(len(region) + len(category)))], SPREAD)

    quotes = gather(
        Source(), "q", ["a", "bb"], np.array([0, 1, 0, 1]), ["x", "yy"], np.array([0, 1, 0, -1])
    )
    assert asked == [("a", "x"), ("bb", "yy")]
    np.testing.assert_allclose(quotes.column("value"), [2.0, 4.0, 2.0, np.nan], rtol=REL)


def test_demonstration_has_a_source_and_confidence_for_every_figure() -> None:
    snapshot = demonstration()
    for observation in snapshot.observations:
        assert observation.source
        assert observation.value > 0.0
        assert observation.observed_on <= snapshot.as_of
        assert observation.confidence in "OPAWK"


HEAD = 'name = "t"\nas_of = 2026-01-01\n[title]\nzh = "t"\nen = "t"\n'
DECLARED = '[rent]\nunit = "yuan/mu/year"\nwithin = 0.2\nconfidence = {P = 0.0}\n'
COLUMNS = "quantity,region,category,value,unit,observed_on,observations,confidence,source,detail\n"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("rent,CN,*,-5,yuan/mu/year,2020-01-01,1,P,s,", "must be positive"),
        ("rent,CN,*,nan,yuan/mu/year,2020-01-01,1,P,s,", "must be positive"),
        ("rent,CN,*,5,yuan/m2,2020-01-01,1,P,s,", "unit"),
        ("rent,CN,*,5,yuan/mu/year,2020-13-01,1,P,s,", "line 2"),
        ("rent,CN,*,5,yuan/mu/year,2020-01-01,0,P,s,", "must be positive"),
        ("rent,37098,*,5,yuan/mu/year,2020-01-01,1,P,s,", "region"),
        ("rent,CN,*,5,yuan/mu/year,2020-01-01,1,Z,s,", "confidence"),
        ("rent,CN,*,5,yuan/mu/year,2020-01-01,1,P,,", "no source"),
        ("lease,CN,*,5,yuan/mu/year,2020-01-01,1,P,s,", "undeclared"),
        ("rent,CN", "undeclared|unit|line 2"),
    ],
)
def test_a_faulty_snapshot_is_told_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "snapshot.toml").write_text(HEAD)
    (tmp_path / "rent.toml").write_text(DECLARED)
    (tmp_path / "rent.csv").write_text(COLUMNS + line + "\n")
    with pytest.raises(MarketError, match=told):
        load(tmp_path)


def test_an_undeclared_quantity_is_refused() -> None:
    with pytest.raises(MarketError, match="unicorn"):
        demonstration().on(date(2026, 1, 1)).quote("unicorn", "370983", "*")


@given(st.sampled_from(["land_rent", "log_price", "welfare_payment"]), st.sampled_from([
    "370983", "330723101201", "451100", "341004100", "110101", "350427105",
]))  # fmt: skip
def test_the_part_of_a_code_that_matters_gives_the_same_quote(quantity: str, region: str) -> None:
    day = demonstration().on(date(2026, 11, 24))
    evidence = day._known(demonstration().quantities[quantity], "*")
    spread = demonstration().quantities[quantity].spread
    whole = estimate(region, evidence, spread)
    places, index = day.places(quantity, ("999999", region))
    part = estimate(places[index[1]], evidence, spread)
    np.testing.assert_equal(whole.value, part.value)
    np.testing.assert_equal(whole.log_error, part.log_error)
    assert whole.level == part.level
