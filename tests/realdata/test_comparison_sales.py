"""The comparison method on real sales, out of time; split and calibration in each adapter."""

import numpy as np
import pandas as pd
import pytest

from tests.realdata import minnesota, taiwan
from tests.realdata.sales import scale_of, scales

WHOLE, GROUP = 0.03, 0.05
"""How far the cover of 90 % intervals may be off: all later sales, one group of 100 or more."""


@pytest.fixture(scope="module", params=[taiwan, minnesota], ids=["taiwan", "minnesota"])
def study(request, shared_data):
    if not (shared_data / request.param.FILE).is_file():
        pytest.skip(f"no {request.param.FILE} in ../shared/data")
    return request.param.study(shared_data)


def test_ninety_per_cent_intervals_cover_ninety_per_cent_later(study) -> None:
    (whole,) = [line for line in study.lines if line.group == "all"]
    assert whole.answered > 1000
    assert abs(whole.coverage - 0.9) <= WHOLE
    for line in study.lines:
        if line.answered >= 100:
            assert abs(line.coverage - 0.9) <= GROUP, line


def test_most_sales_find_deals_near_enough(study) -> None:
    (whole,) = [line for line in study.lines if line.group == "all"]
    assert whole.answered / whole.sales > 0.75


def test_the_level_is_right_within_a_fifth(study) -> None:
    for line in study.lines:
        if line.answered >= 100:
            assert 0.8 < line.median_ratio < 1.2, line


def test_houses_are_worth_more_certain_figures_than_land(shared_data) -> None:
    lines = {line.group: line for line in taiwan.study(shared_data).lines}
    assert lines["village_house"].width < lines["farm_land"].width
    assert lines["village_house"].median_ape < 0.16
    assert lines["farm_land"].median_ape < 0.35


def test_later_prices_change_no_estimate(shared_data) -> None:
    frame = taiwan.load(shared_data)
    later = frame["txn_date"] >= taiwan.SPLIT
    doubled = frame.assign(sale=frame["sale"].where(~later, 2.0 * frame["sale"]))
    one, two = (taiwan.value(f, taiwan.SPLIT, taiwan.LAST) for f in (frame, doubled))
    pd.testing.assert_frame_equal(one.drop(columns="sale"), two.drop(columns="sale"))


def test_the_scale_is_the_conformal_rank() -> None:
    error = np.full(9, 0.1)
    ratio = np.exp(0.1 * np.arange(1.0, 10.0))
    assert scale_of(ratio, error) == pytest.approx(9.0 / 1.6448536269514722, rel=1e-12)
    few = pd.DataFrame({"estimate": 1.0, "sale": ratio, "error": error, "group": "few"})
    assert list(scales(few)) == [""]
