"""Published ratio studies, and published mistakes that must not come back."""

import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from riskengine.appraisal import (
    Band,
    bands_at,
    median_interval_ranks,
    rank_coverage,
    ratio_study,
    vertical_equity,
)
from riskengine.appraisal.equity import group_number
from riskengine.rules import statute
from tests.reference import twin_ratio

CASES = tomllib.loads((Path(__file__).parents[1] / "golden" / "appraisal.toml").read_text("utf-8"))


def columns(name: str) -> tuple[np.ndarray, np.ndarray]:
    return (
        np.array(CASES[name]["assessed"], dtype=float),
        np.array(CASES[name]["sale_price"], dtype=float),
    )


def study_of(name: str, **choices):
    assessed, sale_price = columns(name)
    return ratio_study(assessed=assessed, sale_price=sale_price, bootstrap=0, **choices)


@pytest.mark.parametrize("name", ["RS-01", "RS-02", "RS-03", "RS-04"])
def test_published_figures(name: str) -> None:
    found = study_of(name).overall.untrimmed
    for figure, (value, tolerance) in CASES[name]["expected"].items():
        assert getattr(found, figure) == pytest.approx(value, abs=tolerance), figure


def test_published_figures_do_not_change_by_trimming() -> None:
    for name in ("RS-01", "RS-02", "RS-03", "RS-04"):
        assert study_of(name).overall.trimmed_count == 0


def test_vei_of_the_2026_draft() -> None:
    expected = CASES["RS-04"]["groups"]
    found = study_of("RS-04").overall.untrimmed.vei
    assert [group.count for group in found.groups] == expected["counts"]
    assert found.vei == pytest.approx(expected["vei"][0], abs=expected["vei"][1])
    assert found.significance == pytest.approx(
        expected["significance"][0], abs=expected["significance"][1]
    )
    for place, value, tolerance in expected["proxy_medians"]:
        assert found.groups[place].proxy_median == pytest.approx(value, abs=tolerance)
    for place, value, tolerance in expected["medians"]:
        assert found.groups[place].median == pytest.approx(value, abs=tolerance)
    for place, low, high, tolerance in expected["intervals"]:
        interval = found.groups[place].interval
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=tolerance)
        assert interval.confidence == 0.90


def test_editions_cut_differently() -> None:
    counts = {
        cut: [group.count for group in study_of("RS-04", vei_cut=cut).overall.untrimmed.vei.groups]
        for cut in ("2026", "R7", "2025", "R1", "R6")
    }
    assert counts["2026"] == counts["R7"] == [14, 13, 13, 14]
    assert counts["2025"] == counts["R1"] == [14, 13, 14, 13]
    assert counts["R6"] == [13, 14, 14, 13]
    indicators = [
        study_of("RS-04", vei_cut=cut).overall.untrimmed.vei.vei for cut in ("2026", "2025", "R6")
    ]
    assert len({round(value, 3) for value in indicators}) == 3
    assert 2.5 < max(indicators) - min(indicators) < 3.5  # the spread is about 3 points


def test_ranks_of_median_intervals() -> None:
    case = CASES["RS-05"]
    assert median_interval_ranks(case["count"], case["confidence"]) == tuple(case["ranks"])
    assert median_interval_ranks(36) == (13, 24)
    assert median_interval_ranks(36, rule="2013") == (12, 25)
    assert rank_coverage(36, 13, 24) == pytest.approx(0.935, abs=5e-4)
    assert rank_coverage(36, 12, 25) == pytest.approx(0.971, abs=5e-4)


@pytest.mark.parametrize(
    ("rule", "low", "high"),
    [("2013", 0.684, 1.067), ("draft", 0.695, 1.035), ("exact", 0.684, 1.067)],
)
def test_median_interval_of_the_2013_table(rule: str, low: float, high: float) -> None:
    interval = study_of("RS-01", median_ci_rule=rule).overall.untrimmed.intervals["median"]
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-4)
    assert interval.method == f"ranks {rule}"


def test_weighted_mean_interval_is_by_t_also_in_small_samples() -> None:
    for name in ("RS-01", "RS-02"):
        assessed, sale_price = columns(name)
        study = ratio_study(assessed=assessed, sale_price=sale_price, bootstrap=50)
        line = study.to_frame().iloc[0]
        weighted, count = assessed.sum() / sale_price.sum(), assessed.size
        error = np.sqrt(((assessed - weighted * sale_price) ** 2).sum() / (count * (count - 1)))
        width = stats.t.ppf(0.975, count - 1) * error / sale_price.mean()
        assert line["weighted_mean_analytic_low"] == pytest.approx(weighted - width, rel=1e-9)
        assert line["weighted_mean_analytic_high"] == pytest.approx(weighted + width, rel=1e-9)
        expected = "t" if count >= 20 else "bootstrap"
        assert line["weighted_mean_interval"] == expected


@pytest.fixture(scope="module")
def ccao(shared_data):
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_parquet(shared_data / "ccao_ratio_sample.parquet")
    return ratio_study(frame, assessed="estimate", stratum="township_name", seed=1)


def test_ccao_sample(ccao) -> None:
    expected, parts = CASES["CCAO"], {"all": ccao.overall} | {s.stratum: s for s in ccao.strata}
    for name in ("all", "Evanston", "New Trier"):
        found = parts[name].untrimmed
        for figure, value in expected[name].items():
            assert getattr(found, figure) == pytest.approx(value, rel=expected["relative"]), figure
    for figure, (value, tolerance) in expected["printed"].items():
        assert getattr(ccao.overall.untrimmed, figure) == pytest.approx(value, abs=tolerance)


def test_ccao_intervals_outliers_and_verdicts(ccao) -> None:
    overall = ccao.overall
    assert overall.trimmed_count == 28
    prb = overall.untrimmed.intervals["prb"]
    assert (prb.low, prb.high) == pytest.approx((-0.0140, 0.0190), abs=5e-5)
    # Bootstrap ends of another generator agree to the noise of 1,000 resamples.
    cod, prd = overall.untrimmed.bootstrap["cod"], overall.untrimmed.bootstrap["prd"]
    assert (cod.low, cod.high) == pytest.approx((16.51, 19.37), abs=0.25)
    assert (prd.low, prd.high) == pytest.approx((1.0354, 1.0641), abs=0.003)
    bands = bands_at(statute().at(date(2026, 11, 24)), "single_family_older")
    assert not bands.cod.holds(overall.untrimmed.cod)
    assert not bands.prd.holds(overall.untrimmed.prd)
    assert bands.prb.holds(overall.untrimmed.prb)
    assert not bands.chased_cod.holds(overall.untrimmed.cod)


# Published mistakes.


def test_prb_is_the_slope_not_the_intercept() -> None:
    assessed, sale_price = CASES["RS-01"]["assessed"], CASES["RS-01"]["sale_price"]
    slope, intercept, _ = twin_ratio.bias(assessed, sale_price)
    # The copy that printed -4.06 also left out the 0.5: log2(S + A/M) is one more.
    assert float(intercept - slope) == pytest.approx(-4.06, abs=0.005)
    assert study_of("RS-01").overall.untrimmed.prb == pytest.approx(float(slope), rel=1e-12)


def test_proxy_has_both_halves() -> None:
    assessed, sale_price = columns("RS-04")
    median = np.median(assessed / sale_price)
    wrong = np.sort(0.5 * sale_price + assessed / median)
    right = vertical_equity(assessed, sale_price).groups[0].proxy_median
    assert right == pytest.approx(302709.0, abs=1.0)
    assert abs(np.median(wrong[:14]) - right) > 1e5


def test_501_sales_make_ten_groups() -> None:
    assert [group_number(n) for n in (19, 20, 50, 51, 500, 501, 5000)] == [0, 2, 2, 4, 4, 10, 10]


def test_group_intervals_are_ranks_not_t() -> None:
    group = study_of("RS-04").overall.untrimmed.vei.groups[0]
    ratios = np.sort(np.divide(*columns("RS-04")))
    assert group.interval.low in ratios
    assert group.interval.high in ratios


def test_regressive_assessment_has_a_negative_vei() -> None:
    price = np.linspace(1e5, 1e6, 60)
    assessed = price * np.linspace(1.2, 0.8, 60)
    found = ratio_study(assessed=assessed, sale_price=price, bootstrap=0).overall.untrimmed
    assert found.vei.vei < -10.0
    assert found.prb < 0.0 < found.prd - 1.0
    assert found.mki < 1.0


def test_ends_of_bands_are_closed_unless_they_say_otherwise() -> None:
    bands = bands_at(statute().at(date(2026, 11, 24)), "single_family_older")
    for band, ends in (
        (bands.prd, (0.98, 1.03)), (bands.prb, (-0.05, 0.05)), (bands.level, (0.90, 1.10)),
        (bands.cod, (5.0, 15.0)), (bands.vei, (-10.0, 10.0)),
    ):  # fmt: skip
        for end in ends:
            assert band.holds(end)
        assert not band.holds(np.nextafter(ends[0], -np.inf))
        assert not band.holds(np.nextafter(ends[1], np.inf))
    assert not bands.chased_cod.holds(5.0)
    assert bands.chased_cod.holds(4.999)
    exclusive = Band(0.98, 1.03, low_closed=False)
    assert not exclusive.holds(0.98)
    assert not Band(0.0, 1.0).holds(float("nan"))
