"""A fitted price model: released arrays say what the trainer said, and hold what they promise."""

from dataclasses import replace

import numpy as np
import pytest

from models.assess.price import assess_price, price_lines
from models.frame import prepare
from models.price import fit
from models.price.fit import estimate
from riskengine.errors import ModelError
from tests.models.price.conftest import configured, synthetic


@pytest.fixture(scope="module")
def test_deals(fitted, frame):
    return fitted.deals.take(frame.part == "test")


def test_the_engine_scores_what_the_trainer_fitted_to_the_last_bit(
    fitted, released, test_deals
) -> None:
    logs = fitted.core.logs(test_deals)
    told = estimate(released, test_deals)
    inside = ~np.isnan(told.price)
    assert inside.mean() > 0.98
    np.testing.assert_array_equal(told.price[inside], np.exp(logs[0, inside]))
    wide = fitted.arrays["interval_offset"][test_deals.group]
    np.testing.assert_allclose(
        np.log(told.low[inside]), np.minimum(logs[1] - wide, logs[0])[inside], rtol=1e-12
    )
    np.testing.assert_allclose(
        np.log(told.high[inside]), np.maximum(logs[2] + wide, logs[0])[inside], rtol=1e-12
    )


def test_prices_errors_and_bounds_agree(released, test_deals) -> None:
    told = estimate(released, test_deals)
    inside = ~np.isnan(told.price)
    for low, high in ((told.low, told.price), (told.price, told.high), (told.bound, told.price)):
        assert (low[inside] <= high[inside]).all()
    half = (np.log(told.high) - np.log(told.low))[inside] / 2.0
    np.testing.assert_allclose(told.log_error[inside], half / 1.6448536269514722, rtol=1e-12)


def test_intervals_cover_in_every_group_where_plain_ones_do_not(released, frame, config) -> None:
    lines = {line.group: line for line in price_lines(released, frame.of("test"), config)}
    plain = released.manifest["plain_intervals"]
    assert lines["open"].width < 0.8 * lines["village"].width
    for name in ("open", "village", "all"):
        deals = lines[name].answered
        assert abs(lines[name].cover - 0.9) < 0.03 + 2.0 * np.sqrt(0.09 / deals)
        assert lines[name].cover_low < lines[name].cover < lines[name].cover_high
    assert plain["open"][0] > 0.95
    assert plain["village"][0] < 0.86


def test_it_beats_both_baselines_and_says_so(released, frame, config) -> None:
    test = frame.of("test")
    told = assess_price(released, test, config).metrics
    assert told["beats_baselines"] == 1.0
    assert told["cod"] < min(told["cod_linear"], told["cod_median"])
    held = released.manifest["baselines"]
    better = {**held, "linear": {**held["linear"], "cod": 0.0}}
    worse = replace(released, manifest={**released.manifest, "baselines": better})
    assert assess_price(worse, test, config).metrics["beats_baselines"] == 0.0


def test_figures_are_those_of_the_deals_answered_by_hand(released, frame, config) -> None:
    """The second route: told row by row, without the helpers of the assessment."""
    test = frame.of("test")
    told = assess_price(released, test, config).metrics
    groups = [released.group_codes.index(name) for name in test.table["buyer_pool"]]
    keys = released.place_levels(test.table["region_code"].tolist())
    months = test.day.astype("datetime64[M]").astype(int)
    inside, bound, off, answered = [], [], [], 0
    for k, price in enumerate(test.y):
        one = released.estimate(
            test.x[:, k : k + 1].copy(), np.array([groups[k]]), np.ones(1, dtype=bool),
            keys[k : k + 1], int(1970 * 4 + months[k] // 3),
        )  # fmt: skip
        if np.isnan(one.price[0]):
            continue
        answered += 1
        inside.append(one.low[0] <= price <= one.high[0])
        bound.append(price >= one.bound[0])
        off.append(abs(one.price[0] / price - 1.0))
    assert told["n"] == test.y.size
    assert told["answered"] == pytest.approx(answered / test.y.size, rel=1e-12)
    assert told["coverage"] == pytest.approx(np.mean(inside), rel=1e-12)
    assert told["bound_coverage"] == pytest.approx(np.mean(bound), rel=1e-12)
    assert told["median_ape"] == pytest.approx(np.median(off), rel=1e-9)


def test_a_model_that_answers_for_no_deal_is_not_assessed(released, frame, config) -> None:
    test = frame.of("test")
    far = replace(test, x=test.x + np.array([[1e6], [0.0], [0.0]]))
    with pytest.raises(ModelError, match="answers for none"):
        assess_price(released, far, config)
    lines = price_lines(released, far, config)
    assert [line.answered for line in lines] == [0, 0, 0]
    assert all(np.isnan(line.cover) for line in lines)


def test_the_boom_is_not_carried_on(fitted) -> None:
    model, index = fitted.model(), fitted.core.hedonic.index
    last = index.first + index.level.shape[1] - 1
    np.testing.assert_array_equal(index.level[:, -1], 0.0)
    deals = fitted.deals.take(np.arange(5))
    x, group = deals.x, deals.group
    place = fitted.core.hedonic.places.at(deals.keys)
    every = np.ones(5, dtype=bool)
    now, later, undated = (
        model.estimate(x, group, every, place, period).price for period in (last, last + 8, None)
    )
    np.testing.assert_array_equal(now, later)
    np.testing.assert_array_equal(now, undated)


def test_a_damped_drift_dies_away_and_never_lifts_the_bound(frame, fitted) -> None:
    config = configured(damping=0.5, iterations=10, quantile_iterations=10)
    model = fit(frame, config).model()
    a = model.arrays
    first, periods = int(a["index_first"][0]), a["index_level"].shape[1]
    deals = fitted.deals.take(np.arange(3))
    place = fitted.core.hedonic.places.at(deals.keys)
    every = np.ones(3, dtype=bool)
    prices, bounds = [], []
    for ahead in range(12):
        told = model.estimate(deals.x, deals.group, every, place, first + periods - 1 + ahead)
        prices.append(np.log(told.price[0]))
        bounds.append(told.bound[0])
    prices = np.array(prices) - prices[0]
    drift = a["index_drift"][deals.group[0]]
    np.testing.assert_allclose(prices[3], drift * (0.5 + 0.25 + 0.125), atol=1e-12)
    assert abs(prices[11]) < abs(drift) + 1e-12
    assert max(bounds) <= bounds[0] + 1e-9


def test_monotone_directions_hold_at_every_end(fitted) -> None:
    deals = fitted.deals.take(np.zeros(40, dtype=np.int64))
    x = deals.x.copy()
    x[0] = np.linspace(65.0, 295.0, 40)
    place = fitted.core.hedonic.places.at(deals.keys)
    told = fitted.model().estimate(x, deals.group, np.ones(40, dtype=bool), place, None)
    for prices in (told.price, told.low, told.high, told.bound):
        assert (np.diff(prices) <= 1e-9 * prices[1:]).all()


def test_the_same_data_give_the_same_arrays(frame, config, fitted) -> None:
    again = fit(frame, config)
    for name, array in fitted.arrays.items():
        np.testing.assert_array_equal(array, again.arrays[name])
    assert again.manifest == fitted.manifest


def test_it_abstains_outside_the_data(fitted) -> None:
    model = fitted.model()
    deals = fitted.deals.take(np.zeros(5, dtype=np.int64))
    x = deals.x.copy()
    x[0, 1] = 5000.0  # beyond the range
    x[2, 2] = np.nan  # a structure never seen, where none was ever missing
    x[1, 3] = np.nan  # storeys are sometimes missing
    place = fitted.core.hedonic.places.at(deals.keys)
    told = model.estimate(x, deals.group, np.array([True, True, True, True, False]), place)
    assert np.isnan(told.price).tolist() == [False, True, True, False, True]
    for part in (told.log_error, told.low, told.high, told.bound):
        np.testing.assert_array_equal(np.isnan(part), np.isnan(told.price))


def test_it_abstains_far_from_every_deal_though_each_fact_is_in_range(table) -> None:
    """Large houses of brick and timber were never sold: no fact is out of range, their union is."""
    kept = table[~((table["building_area_m2"] > 90.0) & (table["structure"] == "brick_timber"))]
    kept = kept.assign(storeys=kept["storeys"].fillna(2.0))
    config = configured(
        far_share=0.002, iterations=5, quantile_iterations=5, places=[], place_digits=[]
    )
    model = fit(prepare(kept, config), config).model()
    x = np.array([[100.0, 290.0, 290.0], [2.0, 2.0, 2.0], [0.0, 0.0, 2.0]])
    told = model.estimate(x, np.zeros(3, dtype=np.int64), np.ones(3, dtype=bool))
    assert np.isnan(told.price).tolist() == [False, True, False]


def test_an_unknown_group_and_place_take_those_of_all(fitted) -> None:
    model = fitted.model()
    deals = fitted.deals.take(np.arange(4))
    told = model.estimate(deals.x, np.full(4, -1), np.ones(4, dtype=bool))
    assert not np.isnan(told.price).any()
    assert model.place_levels(["999999999", "37"])[0] == 0.0
    np.testing.assert_array_equal(
        model.place_levels(["370901001"]), fitted.core.hedonic.places.at(
            np.array([["37"], ["370901"], ["370901001"]], dtype=object))
    )  # fmt: skip


def test_local_widths_are_narrow_where_deals_agree(frame) -> None:
    config = configured(
        intervals="local", bandwidth=0.2, apart=1.0, iterations=30, quantile_iterations=20
    )
    model = fit(frame, config).model()
    lines = {line.group: line for line in price_lines(model, frame.of("test"), config)}
    assert lines["open"].width < 0.8 * lines["village"].width
    assert 0.85 < lines["all"].cover < 0.96
    assert model.arrays["interval_scores"].size <= 4 * 300


def test_linear_start_and_equity_are_released_exactly(frame) -> None:
    content = configured(start="linear", equity=2.0, iterations=10, quantile_iterations=10)
    with pytest.raises(ModelError, match="monotone directions"):
        fit(frame, content)
    free = tuple(replace(one, direction=0) for one in frame.features)
    model = fit(replace(frame, features=free), content)
    test = model.deals.take(frame.part == "test")
    told = estimate(model.model(), test)
    inside = ~np.isnan(told.price)
    centre, slope = model.arrays["stretch"]
    log = centre + slope * (model.core.logs(test)[0] - centre)
    np.testing.assert_allclose(np.log(told.price[inside]), log[inside], rtol=1e-13)
    assert slope > 1.0


def test_wrong_settings_are_all_named() -> None:
    wrong = configured(damping=1.5, group="", intervals="none", depth=3)
    with pytest.raises(ModelError) as fault:
        fit(prepare(synthetic(size=1500), configured()), wrong)
    for word in ("damping", "group", "intervals", "depth"):
        assert word in str(fault.value)


def test_too_few_deals_before_every_origin_is_an_error(frame) -> None:
    with pytest.raises(ModelError, match="deals before it"):
        fit(frame, configured(least=100_000, iterations=2, quantile_iterations=2))
