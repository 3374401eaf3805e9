"""Index, credibility, screening and equity: known truths, slow twins, exact properties."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models.price.credible import credible_means, out_of_fold, place_table
from models.price.deals import period_number
from models.price.equity import stretch_of
from models.price.forward import Errors
from models.price.hedonic import huber
from models.price.index import rolled, time_index
from models.price.intervals import level_offsets, offsets
from models.price.screen import remark_flags, repeated, slip_flags
from riskengine.learned.price_parts import code_keys, nested_keys, period_of, place_level


def test_periods_agree_with_the_engine() -> None:
    days = np.arange("2018-12-20", "2020-01-15", dtype="datetime64[D]")
    for unit in ("year", "quarter", "month"):
        expected = [period_of(day, unit) for day in days.tolist()]
        assert period_number(days, unit).tolist() == expected
    assert not period_number(days, "").any()


def test_credibility_by_hand() -> None:
    """Two groups of two, s2 = 2, a = 49: Z = 2 / (2 + 2 / 49) (Buehlmann & Gisler 2005)."""
    values = np.array([10.0, 12.0, 20.0, 22.0])
    own, factor, effect = credible_means(values, np.array([0, 0, 1, 1]), 3)
    np.testing.assert_allclose(factor, [0.98, 0.98, 0.0], rtol=1e-12)
    np.testing.assert_allclose(effect, [-4.9, 4.9, 0.0], rtol=1e-12)
    assert np.isnan(own[2])


def _places(seed: int, per_town: int):
    rng = np.random.default_rng(seed)
    county = np.repeat(np.arange(20), 10 * per_town)
    town = np.repeat(np.arange(200), per_town)
    true = rng.normal(0.0, 0.3, 20)[county] + rng.normal(0.0, 0.2, 200)[town]
    values = true + rng.normal(0.0, 0.5, county.size)
    keys = np.empty((2, county.size), dtype=object)
    keys[0] = [f"{c:02d}" for c in county]
    keys[1] = [f"{c:02d}{t:04d}" for c, t in zip(county, town, strict=True)]
    return values, keys, true


def test_shrunken_places_err_less_than_own_means_and_than_none() -> None:
    values, keys, true = _places(1, 4)
    table = place_table(values, keys)
    shrunken = table.at(keys)
    own = pd.Series(values).groupby(keys[1]).transform("mean").to_numpy()
    county = pd.Series(values).groupby(keys[0]).transform("mean").to_numpy()

    def miss(estimate):
        return float(np.mean((estimate - estimate.mean() - true + true.mean()) ** 2))

    assert miss(shrunken) < 0.8 * min(miss(own), miss(county))
    assert ((table.weight >= 0.0) & (table.weight <= 1.0)).all()
    np.testing.assert_allclose(table.effect, table.weight * table.own, rtol=1e-12)
    towns = table.weight[table.level == 1]
    assert abs(np.median(towns) - 4.0 / (4.0 + 0.25 / 0.04)) < 0.1


def test_a_place_never_seen_is_like_the_wider_one() -> None:
    values, keys, _ = _places(2, 4)
    table = place_table(values, keys)
    new = np.array([["03"], ["039999"]], dtype=object)
    assert table.at(new)[0] == table.effect[table.keys.index("03")]
    assert table.at(np.array([["99"], [""]], dtype=object))[0] == 0.0


def test_no_deal_has_a_part_in_its_own_place_level() -> None:
    values, keys, _ = _places(3, 3)
    first = out_of_fold(values, keys, seed=9)
    changed = values.copy()
    changed[7] += 50.0
    assert out_of_fold(changed, keys, seed=9)[7] == first[7]
    inside = place_table(changed, keys).at(keys)
    assert inside[7] != place_table(values, keys).at(keys)[7]


def test_noise_alone_gives_places_no_weight() -> None:
    rng = np.random.default_rng(4)
    keys = np.array([[f"{k % 100:02d}" for k in range(3000)]], dtype=object)
    table = place_table(rng.normal(size=3000), keys)
    assert table.weight.max() < 0.35


def test_keys_of_codes_and_of_names() -> None:
    assert code_keys(["370983101", "3709"], (2, 6)) == [("37", "37"), ("370983", "")]
    first, second = nested_keys([["A", "B", ""], ["x", "x", "x"]])
    assert first == ("A", "B", "")
    assert len(set(second)) == 3
    assert second[2] == ""
    assert place_level({"A": 0.5}, [first, second]).tolist() == [0.5, 0.0, 0.0]


def test_index_finds_levels_and_draws_thin_periods_in() -> None:
    rng = np.random.default_rng(5)
    true = np.array([0.0, 0.1, 0.3, 0.35])
    period = np.repeat(np.arange(4), [400, 400, 400, 400]) + 2000
    group = rng.integers(0, 2, 1600)
    values = true[period - 2000] + rng.normal(0.0, 0.3, 1600)
    index = time_index(values, period, group, 2, 0.0)
    np.testing.assert_allclose(index.level[2], true - true[-1], atol=0.06)
    thin = np.concatenate([np.arange(1200), [1200, 1201]])
    far = values.copy()
    far[[1200, 1201]] += 5.0
    drawn = time_index(far[thin], period[thin], group[thin], 2, 0.0)
    raw = far[[1200, 1201]].mean() - values[period == 2002].mean()
    assert 0.0 < -drawn.level[2, 2] < raw
    empty = time_index(
        values[period != 2001], period[period != 2001], group[period != 2001], 2, 0.0
    )
    np.testing.assert_allclose(empty.level[:, 1], empty.level[:, 0], atol=1e-12)


def test_a_rolled_index_follows_new_deals_by_their_credibility() -> None:
    rng = np.random.default_rng(6)
    period, group = np.repeat([2000, 2001], 300), np.tile([0, 1], 300)
    index = time_index(rng.normal(0.0, 0.2, 600), period, group, 2, 0.0)
    errors = np.full(40, 0.2)
    rolled_on = rolled(index, errors, np.full(40, 2002), np.zeros(40, dtype=np.int64), 40.0)
    assert rolled_on.level.shape == (3, 3)
    np.testing.assert_array_equal(rolled_on.level[:, -1], 0.0)
    np.testing.assert_allclose(rolled_on.level[2, 1], -0.1, atol=1e-12)
    np.testing.assert_allclose(rolled_on.level[0, 1], -0.15, atol=1e-12)
    np.testing.assert_allclose(rolled_on.level[1, 1], -0.1, atol=1e-12)
    same = rolled(index, np.zeros(0), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), 1.0)
    assert same is index


def test_huber_weights_are_those_of_the_estimate() -> None:
    left = np.array([-10.0, -1.0, 0.0, 1.0, 10.0])
    weights = huber(left)
    spread = 1.4826 * np.median(np.abs(left))
    np.testing.assert_allclose(weights, [0.15 * spread, 1.0, 1.0, 1.0, 0.15 * spread], rtol=1e-12)


@pytest.mark.parametrize(
    ("remark", "reason"),
    [
        ("親友、員工或其他特殊關係間之交易。；", "related"), ("夫妻之间过户", "related"),
        ("向政府機關承購之案件。；", "public"), ("国有土地", "public"),
        ("急買急賣", "distress"), ("债务抵偿", "distress"), ("法院拍卖", "distress"),
        ("僅移轉部分權利；持分", "partial"), ("毗鄰房地所有權人", "partial"),
    ],
)  # fmt: skip
def test_words_of_deals_that_are_not_at_arms_length(remark, reason) -> None:
    flags = remark_flags(pd.Series([remark]))
    assert flags[reason][0]


@pytest.mark.parametrize("remark", ["", None, "含增建或未登記建物。；", "一般交易"])
def test_ordinary_remarks_raise_no_flag(remark) -> None:
    flags = remark_flags(pd.Series([remark], dtype=object))
    assert not any(rows[0] for rows in flags.values())


def test_slips_of_unit_are_named() -> None:
    rng = np.random.default_rng(7)
    left = rng.normal(0.0, 0.2, 200)
    left[:6] = np.log([10.0, 0.1, 666.7, 15.0, 1e4, 240.0])
    size = np.full(200, 240.0)
    found = slip_flags(left, left / 0.2, size)
    assert np.flatnonzero(found["ten_times"]).tolist() == [0, 1]
    assert np.flatnonzero(found["mu_for_m2"]).tolist() == [2]
    assert np.flatnonzero(found["hectare_for_mu"]).tolist() == [3]
    assert np.flatnonzero(found["wan_for_yuan"]).tolist() == [4]
    assert np.flatnonzero(found["total_for_unit"]).tolist() == [5]


def test_repeated_rows_keep_the_first() -> None:
    table = pd.DataFrame({"a": [1, 1, 2], "b": [3, 3, 3]})
    assert repeated(table, ("a", "b")).tolist() == [False, True, False]
    assert not repeated(table, ()).any()


def test_stretch_minimises_its_objective() -> None:
    rng = np.random.default_rng(8)
    p = rng.normal(7.0, 0.5, 400)
    y = 7.0 + 1.1 * (p - 7.0) + rng.normal(0.0, 0.4, 400)
    for penalty in (0.0, 0.5, 10.0):
        centre, slope = stretch_of(p, y, penalty)

        def cost(s, penalty=penalty, centre=centre):
            drawn = s * (p - centre)
            rest = (y - y.mean()) - drawn
            return np.mean(rest**2) + penalty * np.mean(rest * (y - y.mean())) ** 2

        grid = slope + np.linspace(-0.2, 0.2, 401)
        assert abs(grid[np.argmin([cost(s) for s in grid])] - slope) < 1e-9
    free = stretch_of(p, y, 1e9)
    assert abs(np.cov(free[1] * (p - free[0]) - y, y)[0, 1]) < 1e-6


def _errors(rng, origins, deals, level):
    """Forward errors of one group whose level errs anew at every origin."""
    origin = np.repeat(np.arange(origins), deals)
    y = rng.normal(0.0, 1.0, origins * deals) + np.repeat(rng.normal(0.0, level, origins), deals)
    zero, one = np.zeros(y.size), np.ones(y.size, dtype=np.int64)
    logs = np.stack([zero, zero - 1.0, zero + 1.0, zero])
    return Errors(np.arange(y.size), origin, one, logs, zero, y, 0 * one)


def test_widths_with_the_error_of_the_level_cover_a_new_period() -> None:
    """Mean cover of new periods: the level drawn anew holds 90 %, plain pooling does not."""
    rng = np.random.default_rng(9)
    cover = {"level": [], "plain": []}
    for _ in range(200):
        errors = _errors(rng, 3, 120, 1.5)
        found = {
            "level": level_offsets(errors, 1, 100, 0.9, 0.9)[0][0],
            "plain": offsets(errors.interval, errors.group, 1, 100, 0.9)[0],
        }
        new = rng.normal(0.0, 1.5)
        for name, wide in found.items():
            end = 1.0 + wide
            cover[name].append(stats.norm.cdf(end - new) - stats.norm.cdf(-end - new))
    print(np.mean(cover["plain"]), np.mean(cover["level"]))
    assert np.mean(cover["plain"]) < 0.87
    assert 0.88 < np.mean(cover["level"]) < 0.95


def test_without_an_error_of_the_level_both_widths_agree() -> None:
    errors = _errors(np.random.default_rng(10), 4, 500, 0.0)
    plain = offsets(errors.interval, errors.group, 1, 100, 0.9)[0]
    assert abs(level_offsets(errors, 1, 100, 0.9, 0.9)[0][0] - plain) < 0.05
