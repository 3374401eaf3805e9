"""Ratio studies: exact twins, properties, strata, bad input, verdicts."""

import math
import warnings
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from riskengine.appraisal import (
    Band,
    RatioStudyError,
    bands_at,
    median_interval_ranks,
    rank_coverage,
    ratio_study,
    trim_ends,
    vertical_equity,
)
from riskengine.appraisal.equity import CUTS, group_ends
from riskengine.errors import RiskEngineError, RuleNotFound
from riskengine.rules import statute
from tests.reference import twin_ratio

EXACT = 1e-12
"""Relative: sums are compensated, so only the last few bits may differ."""

PLAIN = ("median", "mean", "weighted_mean", "cod", "cov", "prd", "prb", "prb_error", "mki", "ki")
RULES = statute().at(date(2026, 11, 24))

amounts = st.integers(1_000, 10_000_000)
sales = st.lists(st.tuples(amounts, amounts), min_size=3, max_size=40)


def studied(assessed, sale_price, **choices):
    choices = {"bootstrap": 0, "trim": None} | choices
    return ratio_study(assessed=assessed, sale_price=sale_price, **choices)


def figures(assessed, sale_price, **choices):
    return studied(assessed, sale_price, **choices).overall.untrimmed


def invented(count: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    price = np.exp(generator.normal(12.0, 0.7, count)).round()
    return (price * np.exp(generator.normal(-0.05, 0.2, count))).round(), price


# Exact twins.


@given(sales)
def test_statistics_equal_exact_fractions(rows) -> None:
    assessed, price = [a for a, _ in rows], [s for _, s in rows]
    found = figures(assessed, price)
    median, mean, weighted = twin_ratio.level(assessed, price)
    cod, cov_squared = twin_ratio.spread(assessed, price)
    assert found.median == pytest.approx(float(median), rel=EXACT)
    assert found.mean == pytest.approx(float(mean), rel=EXACT)
    assert found.weighted_mean == pytest.approx(float(weighted), rel=EXACT)
    assert found.prd == pytest.approx(float(mean / weighted), rel=EXACT)
    assert found.cod == pytest.approx(100.0 * float(cod), rel=EXACT, abs=1e-12)
    assert found.cov == pytest.approx(100.0 * math.sqrt(cov_squared), rel=EXACT, abs=1e-12)
    error = twin_ratio.weighted_error(assessed, price)
    interval = found.intervals["weighted_mean"]
    assert interval.high - float(weighted) == pytest.approx(
        error * stats.t.ppf(0.975, len(rows) - 1), rel=1e-9, abs=1e-12
    )
    if len(set(price)) > 1:
        mki, ki = twin_ratio.kakwani(assessed, price)
        assert found.ki == pytest.approx(float(ki), rel=EXACT, abs=1e-14)
        assert found.mki == pytest.approx(float(mki), rel=EXACT, abs=1e-12 + 1e-14 / abs(
            float(ki) / (float(mki) - 1.0)) if mki != 1 else 1e-9)  # fmt: skip


def test_bias_equals_normal_equations_in_fractions() -> None:
    for count in (3, 4, 25, 120):
        assessed, price = invented(count, count)
        slope, _, error = twin_ratio.bias(assessed.tolist(), price.tolist())
        found = figures(assessed, price)
        assert found.prb == pytest.approx(float(slope), rel=1e-11)
        assert found.prb_error == pytest.approx(error, rel=1e-11)
        width = error * stats.t.ppf(0.975, count - 2)
        assert found.intervals["prb"].high == pytest.approx(float(slope) + width, rel=1e-9)


def test_spearman_equals_scipy() -> None:
    assessed, price = invented(17)
    price[:4] = price[0]
    found, expected = figures(assessed, price), stats.spearmanr(assessed / price, price)
    assert found.spearman == pytest.approx(expected.statistic, rel=1e-12)
    assert found.spearman_p == pytest.approx(expected.pvalue, rel=1e-9)


@pytest.mark.parametrize("count", [1, 2, 5, 6, 14, 35, 36, 54, 979])
@pytest.mark.parametrize("rule", ["draft", "2013", "exact"])
def test_ranks_lie_inside_and_cover_what_they_say(count: int, rule: str) -> None:
    low, high = median_interval_ranks(count, 0.95, rule)
    assert 1 <= low <= high <= count
    assert low + high == count + 1
    cover = rank_coverage(count, low, high)
    assert cover == pytest.approx(float(twin_ratio.median_cover(count, low, high)), rel=1e-9)
    if rule == "exact" and count >= 6:
        assert cover >= 0.95
        assert twin_ratio.median_cover(count, low + 1, high - 1) < Fraction(95, 100)


@pytest.mark.parametrize("cut", sorted(CUTS))
@pytest.mark.parametrize("count", [20, 21, 50, 51, 54, 101, 500, 501, 997])
def test_groups_equal_percentile_cuts_in_fractions(cut: str, count: int) -> None:
    values = np.sort(np.random.default_rng(count).integers(1, 60, count)).astype(float)
    groups = 2 if count <= 50 else 4 if count <= 500 else 10
    expected = twin_ratio.percentile_groups(values.tolist(), groups, *CUTS[cut])
    ends = group_ends(values, groups, cut)
    assert [expected.count(group) for group in range(groups)] == np.diff([0, *ends]).tolist()


def test_numpy_percentiles_cut_the_same_groups() -> None:
    names = {
        "R4": "interpolated_inverted_cdf", "R5": "hazen", "R6": "weibull", "2026": "linear",
        "R8": "median_unbiased", "R9": "normal_unbiased", "2025": "inverted_cdf",
    }  # fmt: skip
    values = np.sort(np.random.default_rng(2).lognormal(12.0, 1.0, 733))
    for cut, method in names.items():
        marks = np.quantile(values, np.arange(1, 10) / 10, method=method)
        expected = np.searchsorted(values, marks, side="right").tolist()
        assert group_ends(values, 10, cut)[:-1] == expected, cut


def test_quartiles_equal_numpy() -> None:
    values = np.sort(invented(53)[0])
    for definition, method in (("R6", "weibull"), ("R7", "linear"), ("R1", "inverted_cdf")):
        first, third = np.quantile(values, [0.25, 0.75], method=method)
        low, high = trim_ends(values, 1.5, definition)
        assert (low, high) == pytest.approx((2.5 * first - 1.5 * third, 2.5 * third - 1.5 * first))


@pytest.mark.parametrize(("count", "groups"), [(20, 2), (50, 2), (51, 4), (500, 4), (501, 10)])
def test_vei_by_hand(count: int, groups: int) -> None:
    price = np.arange(1.0, count + 1.0) * 1000.0
    step = np.floor(np.arange(count) * groups / count) / 100.0
    assessed = price * (0.9 + step)
    found = vertical_equity(assessed, price)
    assert len(found.groups) == groups
    assert sum(group.count for group in found.groups) == count
    median = np.median(assessed / price)
    assert found.vei == pytest.approx(100.0 * (groups - 1) / 100.0 / median, rel=0.02)


# Properties.


@given(sales, st.integers(-6, 6))
def test_scaling_money_changes_nothing(rows, power) -> None:
    assessed, price = np.array(rows, dtype=float).T
    one, other = figures(assessed, price), figures(assessed * 2.0**power, price * 2.0**power)
    for name in PLAIN:
        scale = 1e-9 if name.startswith("prb") else EXACT
        assert getattr(other, name) == pytest.approx(
            getattr(one, name), rel=scale, abs=1e-12, nan_ok=True
        ), name


@given(sales, st.floats(0.2, 5.0))
def test_scaling_estimates_scales_the_level_only(rows, factor) -> None:
    assessed, price = np.array(rows, dtype=float).T
    one, other = figures(assessed, price), figures(assessed * factor, price)
    assert other.median == pytest.approx(one.median * factor, rel=1e-12)
    for name in ("cod", "cov", "prd", "mki"):
        assert getattr(other, name) == pytest.approx(
            getattr(one, name), rel=1e-9, abs=1e-9, nan_ok=True
        )


@pytest.mark.parametrize("tied_prices", ["stable", "midrank"])
def test_order_of_rows_changes_nothing_to_the_bit(tied_prices: str) -> None:
    assessed, price = invented(600)
    if tied_prices == "midrank":
        price = (price / 50_000.0).round() * 50_000.0 + 1000.0
    else:
        price += np.arange(600) / 1000.0  # no two prices alike
    order = np.random.default_rng(1).permutation(600)
    strata = np.array(["north", "south"])[np.arange(600) % 2]
    one, other = (
        studied(a, p, stratum=s, tied_prices=tied_prices, trim=3.0, bootstrap=40).to_frame()
        for a, p, s in (
            (assessed, price, strata), (assessed[order], price[order], strata[order]),
        )
    )  # fmt: skip
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_stable_ties_follow_the_rows_and_nothing_else_does() -> None:
    assessed, price = [90.0, 110.0, 95.0, 200.0], [100.0, 100.0, 100.0, 190.0]
    one, other = figures(assessed, price), figures(assessed[::-1], price[::-1])
    assert one.mki != other.mki
    assert all(getattr(one, name) == getattr(other, name) for name in PLAIN[:-2])


def test_constant_ratios_have_no_spread() -> None:
    price = invented(60)[1]
    found = figures(0.8 * price, price)
    assert found.median == pytest.approx(0.8, rel=EXACT)
    for name in ("cod", "cov", "prb", "ki"):
        assert getattr(found, name) == pytest.approx(0.0, abs=1e-11), name
    assert found.prd == pytest.approx(1.0, rel=EXACT)
    assert found.mki == pytest.approx(1.0, rel=EXACT)
    assert found.vei.vei == pytest.approx(0.0, abs=1e-11)


def test_another_stratum_changes_no_other() -> None:
    assessed, price = invented(90)
    strata = np.array(["a", "b", "c"])[np.arange(90) % 3]
    kept = strata != "c"
    whole = studied(assessed, price, stratum=strata, trim=3.0, bootstrap=30)
    part = studied(assessed[kept], price[kept], stratum=strata[kept], trim=3.0, bootstrap=30)
    frames = [study.to_frame().query("stratum in ['a', 'b']") for study in (whole, part)]
    pd.testing.assert_frame_equal(
        frames[0].reset_index(drop=True), frames[1].reset_index(drop=True), check_exact=True
    )
    assert [s.untrimmed.count for s in whole.strata] == [30, 30, 30]


def test_seed_decides_the_resamples() -> None:
    assessed, price = invented(40)
    same = [studied(assessed, price, bootstrap=60, seed=seed).to_frame() for seed in (3, 3, 4)]
    pd.testing.assert_frame_equal(same[0], same[1], check_exact=True)
    assert same[0].loc[0, "cod_low"] != same[2].loc[0, "cod_low"]


def test_bootstrap_of_the_mean_agrees_with_t() -> None:
    assessed, price = invented(200)
    found = figures(assessed, price, bootstrap=2000)
    for name in ("mean", "weighted_mean", "median"):
        one, other = found.bootstrap[name], found.intervals[name]
        width = other.high - other.low
        assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=0.15 * width)


def test_each_resample_equals_the_statistics_of_its_rows() -> None:
    from riskengine.appraisal.bootstrap import RESAMPLED
    from riskengine.appraisal.sample import price_order, sample_of
    from riskengine.kernels.ratio_resample import count_rows, resample_row

    for ties in ("stable", "midrank"):
        assessed, price = invented(31, 9)
        price = (price / 30_000.0).round() * 30_000.0 + 100.0
        sample = sample_of(np.arange(31), assessed, price)
        order, tied = price_order(sample, ties)
        draws = np.random.default_rng(3).integers(0, 31, 31)
        counts, out = np.empty(31, dtype=np.int64), np.empty(len(RESAMPLED))
        count_rows(draws, counts)
        resample_row(
            sample.ratios, sample.assessed, sample.sale_price, order, tied, counts,
            np.empty(31), out,
        )  # fmt: skip
        rows = np.repeat(order, counts[order])  # by price: ties keep their order
        found = figures(sample.assessed[rows], sample.sale_price[rows], tied_prices=ties)
        for place, name in enumerate(RESAMPLED):
            assert out[place] == pytest.approx(getattr(found, name), rel=1e-10, abs=1e-12), name


# Trimming.


def test_outliers_are_trimmed_counted_and_both_results_kept() -> None:
    assessed, price = invented(50)
    assessed[7] = price[7] * 40.0
    study = ratio_study(assessed=assessed, sale_price=price, bootstrap=0)
    overall = study.overall
    assert overall.trimmed_count == 1
    assert (overall.untrimmed.count, overall.trimmed.count) == (50, 49)
    assert overall.untrimmed.largest == pytest.approx(40.0)
    assert overall.trimmed.largest <= overall.trim_high
    assert overall.statistics is overall.trimmed
    frame = study.to_frame()
    assert frame["sample"].tolist() == ["untrimmed", "trimmed"]


def test_a_sale_on_the_limit_is_kept() -> None:
    ratios = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 12.0])
    assert trim_ends(ratios, 1.5)[1] == 12.0
    found = ratio_study(assessed=ratios, sale_price=np.ones(7), trim=1.5, bootstrap=0)
    assert found.overall.trimmed_count == 0


def test_equal_quartiles_trim_nothing() -> None:
    found = ratio_study(assessed=[1, 1, 1, 1, 1, 1, 9.0], sale_price=np.ones(7), bootstrap=0)
    assert found.overall.trimmed_count == 0


# Strata and verdicts.


def test_few_sales_get_no_verdict_but_a_bootstrap() -> None:
    assessed, price = invented(70)
    strata = ["small"] * 19 + ["large"] * 51
    bands = bands_at(RULES, "farmhouse")
    study = ratio_study(assessed=assessed, sale_price=price, stratum=strata, trim=None, bands=bands)
    large, small = study.strata
    assert {finding.verdict for finding in small.findings} == {None}
    assert small.untrimmed.vei is None
    assert small.untrimmed.interval("median").method == "bootstrap"
    assert not math.isnan(small.untrimmed.spearman)
    assert None not in {finding.verdict for finding in large.findings}
    assert large.untrimmed.interval("median").method == "ranks draft"
    assert any("VEI" in note.en for note in small.untrimmed.notes)


def test_verdicts_pass_outside_unacceptable() -> None:
    bands = bands_at(RULES, "farmhouse")
    assessed, price = invented(300)
    verdicts = {}
    for name, values in (
        ("fair", 1.05 * assessed), ("low", 0.7 * assessed),
        ("regressive", assessed * (np.median(price) / price) ** 0.4),
    ):  # fmt: skip
        study = ratio_study(assessed=values, sale_price=price, bands=bands, bootstrap=200)
        verdicts[name] = {f.statistic: f.verdict for f in study.overall.findings}
    assert verdicts["fair"]["median"] == "pass"
    assert verdicts["low"]["median"] == "unacceptable"
    assert verdicts["low"]["cod"] == verdicts["fair"]["cod"] == "pass"
    assert verdicts["regressive"]["prb"] == "unacceptable"
    assert verdicts["regressive"]["vei"] == "unacceptable"
    assert verdicts["regressive"]["prd"] == "unacceptable"


def test_outside_is_not_unacceptable_while_the_interval_touches_the_band() -> None:
    assessed, price = invented(40, 3)
    level = figures(assessed, price).median
    bands = bands_at(RULES, "farmhouse")
    study = ratio_study(assessed=assessed * 0.899 / level, sale_price=price, bands=bands)
    assert {f.statistic: f.verdict for f in study.overall.findings}["median"] == "outside"


def test_chasing_prices_is_hinted() -> None:
    price = invented(100)[1]
    bands = bands_at(RULES, "farmhouse")
    chased = price * np.linspace(0.98, 1.02, 100)
    assert ratio_study(assessed=chased, sale_price=price, bands=bands).overall.chasing
    fair = invented(100)[0]
    assert not ratio_study(assessed=fair, sale_price=price, bands=bands).overall.chasing


def test_bands_by_stratum_and_unknown_kinds() -> None:
    assessed, price = invented(60)
    bands = {"a": bands_at(RULES, "forest")}
    study = ratio_study(
        assessed=assessed, sale_price=price, stratum=["a", "b"] * 30, bands=bands, bootstrap=0
    )
    assert study.strata[0].findings
    assert not study.strata[1].findings
    assert not study.overall.findings
    with pytest.raises(RuleNotFound):
        bands_at(RULES, "castle")
    assert bands_at(RULES, "forest", messy=True).mki == Band(0.90, 1.10)


def test_strata_of_a_frame_in_order_and_joined() -> None:
    frame = pd.DataFrame({
        "assessed": [9.0, 10, 11, 12, 9, 8, 7, 9], "sale_price": [10.0] * 7 + [11.0],
        "county": [10, 9, 2, 10, 9, 2, None, 2], "use": list("ABABABAB"),
    })  # fmt: skip
    before = frame.copy(deep=True)
    study = ratio_study(frame, stratum="county", bootstrap=0)
    assert [part.stratum for part in study.strata] == ["2", "9", "10", "-"]
    assert sum(part.untrimmed.count for part in study.strata) == 8
    both = ratio_study(frame, stratum=["county", "use"], bootstrap=0)
    assert [part.stratum for part in both.strata][:2] == ["- / A", "10 / A"]
    pd.testing.assert_frame_equal(frame, before)


# Bad input.


def test_bad_rows_are_left_out_and_listed() -> None:
    assessed = [
        90,
        None,
        float("nan"),
        "abc",
        True,
        -5,
        0,
        math.inf,
        95,
        10**400,
        Decimal(99),
        1e16,
    ]
    price = [100, 100, 0, 100, 100, 100, 100, 100, "100", 100, 101, 100]
    study = studied(assessed, price)
    faults = [(f.row, f.column, f.code) for f in study.dropped]
    assert faults == [
        (1, "assessed", "missing"), (2, "assessed", "missing"), (2, "sale_price", "not_positive"),
        (3, "assessed", "not_a_number"), (4, "assessed", "not_a_number"),
        (5, "assessed", "not_positive"), (6, "assessed", "not_positive"),
        (7, "assessed", "infinite"), (8, "sale_price", "not_a_number"),
        (9, "assessed", "too_large"), (11, "assessed", "too_large"),
    ]  # fmt: skip
    assert study.rows_dropped == 10
    assert study.rows_in == study.overall.untrimmed.count + study.rows_dropped


def test_mixed_units_are_dropped_as_absurd() -> None:
    study = studied([1e9, 1.0, 2.0], [1.0, 1.0, 2.0])
    assert [(f.row, f.column, f.code) for f in study.dropped] == [(0, "ratio", "ratio_absurd")]


def test_columns_of_every_type() -> None:
    assessed, price = [9.0, 8.0, 7.0, None], [10.0, 10.0, 10.0, 10.0]
    expected = studied(assessed, price).overall.untrimmed.median
    for column in (
        pd.Series(assessed), pd.Series([9, 8, 7, None], dtype="Int64"),
        pd.Series(assessed, dtype="float64[pyarrow]"), np.ma.masked_invalid([9, 8, 7, np.nan]),
        np.array([9, 8, 7, np.nan], dtype=np.float32), tuple(assessed),
    ):  # fmt: skip
        study = studied(column, price)
        assert study.overall.untrimmed.median == expected
        assert [(f.row, f.code) for f in study.dropped] == [(3, "missing")]
    dates = np.array(["2026-01-01"] * 4, dtype="datetime64[ns]")
    with pytest.raises(RatioStudyError, match="not a number x4"):
        studied(dates, price)


@pytest.mark.parametrize(
    ("assessed", "price", "said"),
    [
        ([], [], "only 0 of 0"),
        ([90.0], [100.0], "only 1 of 1"),
        ([90.0, -1.0], [100.0, 100.0], "zero or negative x1"),
        ([90.0, 80.0], [100.0], "differ in length"),
        (["a", "b"], [1.0, 2.0], "not a number x2"),
        ([[1.0, 2.0], [3.0, 4.0]], [1.0, 2.0], "not a number x2"),
        (np.ones((2, 2)), [1.0, 2.0], "2 dimensions"),
        (3.0, [1.0, 2.0], "not a column"),
        (None, [1.0, 2.0], "not a column"),
        ("assessed", [1.0, 2.0], "no column"),
    ],
)
def test_hopeless_input_is_refused_in_words(assessed, price, said: str) -> None:
    with pytest.raises(RatioStudyError, match=said) as caught:
        studied(assessed, price)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, RiskEngineError)
    assert caught.value.say("zh") != caught.value.say("en")


@pytest.mark.parametrize(
    "choice",
    [
        {"trim": 0.0}, {"trim": math.nan}, {"trim": "3"}, {"trim_quartiles": "R3"},
        {"confidence": 1.0}, {"confidence": 95}, {"bootstrap": -1}, {"bootstrap": 1.5},
        {"bootstrap": True}, {"seed": -1}, {"vei_cut": "2024"}, {"median_ci_rule": "z"},
        {"tied_prices": "random"},
    ],
)  # fmt: skip
def test_unknown_choices_are_refused(choice) -> None:
    with pytest.raises(RatioStudyError, match=next(iter(choice))):
        studied([1.0, 2.0], [1.0, 2.0], **choice)


def test_frames_without_the_column_or_with_two_of_it() -> None:
    frame = pd.DataFrame([[1.0, 2.0, 3.0]] * 3, columns=["assessed", "sale_price", "sale_price"])
    with pytest.raises(RatioStudyError, match="more than once"):
        ratio_study(frame)
    with pytest.raises(RatioStudyError, match=r"no column 'value'.*assessed"):
        ratio_study(frame, assessed="value")
    with pytest.raises(RatioStudyError, match="stratum 2"):
        studied([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], stratum=["a", "b"])


def test_constant_prices_leave_rank_measures_undefined() -> None:
    found = figures(invented(30)[0], np.full(30, 200_000.0), bootstrap=20)
    for name in ("mki", "ki", "spearman"):
        assert math.isnan(getattr(found, name))
    assert math.isnan(found.bootstrap["mki"].low)
    assert not math.isnan(found.prb)
    assert any("all prices equal" in note.en for note in found.notes)
    same = figures([9.0] * 25, [10.0] * 25)
    assert math.isnan(same.prb)
    assert same.vei is None
    assert len(same.notes) == 3


def test_one_sale_in_a_stratum() -> None:
    study = ratio_study(
        assessed=[9.0, 8.0, 7.0], sale_price=[10.0, 10.0, 11.0], stratum=["a", "b", "b"]
    )
    one = study.strata[0].untrimmed
    assert (one.count, one.median, one.cod) == (1, 0.9, 0.0)
    assert math.isnan(one.cov)
    assert one.interval("mean").method == "t"
    assert math.isnan(one.interval("mean").low)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        study.to_frame()


@given(
    st.lists(
        st.tuples(
            st.one_of(st.floats(), st.integers(), st.text(max_size=3), st.none(), st.booleans()),
            st.one_of(st.floats(), st.integers(), st.none()),
            st.one_of(st.text(max_size=3), st.none(), st.integers(), st.floats()),
        ),
        max_size=30,
    )
)
@example([(None, None, None), (2, 1.1e-308, None)])
@example([(5e-324, 5e-324, ""), (5e-324, 1e-323, "-")])
def test_anything_is_studied_or_refused(rows) -> None:
    assessed, price, strata = ([row[part] for row in rows] for part in range(3))
    try:
        study = ratio_study(assessed=assessed, sale_price=price, stratum=strata, bootstrap=3)
    except RatioStudyError:
        return
    assert study.rows_in == len(rows)
    assert study.rows_in == study.overall.untrimmed.count + study.rows_dropped
    assert sum(part.untrimmed.count for part in study.strata) == study.overall.untrimmed.count
    study.to_frame()
