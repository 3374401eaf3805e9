"""Ratio kernels: compiled equals plain, sums are exact, limits are NaN and not noise."""

import math

import numpy as np
import pytest

from riskengine.kernels import ratio, ratio_equity, ratio_resample

ULPS = 4e-15
"""Relative: the compiler may fuse a multiplication with an addition."""


def plain(kernel):
    return getattr(kernel, "py_func", kernel)


@pytest.fixture
def sample():
    generator = np.random.default_rng(4)
    price = np.exp(generator.normal(12.0, 1.0, 37))
    ratios = np.sort(np.exp(generator.normal(0.0, 0.2, 37)))
    return ratios, ratios * price, price


def calls(sample):
    ratios, assessed, price = sample
    median = float(np.median(ratios))
    order = np.argsort(price, kind="stable")
    ranks = np.argsort(order).astype(float) + 1.0
    counts = np.bincount(np.random.default_rng(1).integers(0, 37, 37), minlength=37)
    tied = np.zeros(37, dtype=np.bool_)
    yield ratio.compensated_sum, (price,)
    yield ratio.median_of_sorted, (ratios,)
    yield ratio.coefficient_of_dispersion, (ratios, median)
    yield ratio.standard_deviation, (ratios, float(ratios.mean()))
    yield ratio.weighted_mean_error, (assessed, price, 1.01)
    yield ratio.gini_by_rank, (assessed, ranks)
    yield ratio_equity.price_related_bias, (ratios, price, median)
    yield ratio_equity.correlation, (ratios, ranks)
    yield ratio_resample.resample_median, (ratios, counts)
    yield ratio_resample.resample_slope, (ratios, assessed, price, median, counts, np.empty(37))
    yield ratio_resample.resample_gini, (assessed, order, tied, counts)


def test_compiled_equals_plain(sample) -> None:
    for kernel, arguments in calls(sample):
        assert kernel(*arguments) == pytest.approx(plain(kernel)(*arguments), rel=ULPS), kernel


def test_filled_arrays_equal_plain(sample) -> None:
    ratios, assessed, price = sample
    order = np.argsort(price, kind="stable")
    counts, tied = np.ones(37, dtype=np.int64), np.zeros(37, dtype=np.bool_)
    for kernel, arguments, size in (
        (ratio.value_proxy_rows, (assessed, price, 0.97), 37),
        (ratio_equity.midrank_rows, (price, order), 37),
        (ratio_resample.resample_row,
         (ratios, assessed, price, order, tied, counts, np.empty(37)), 9),
    ):  # fmt: skip
        outs = np.empty(size), np.empty(size)
        kernel(*arguments, outs[0])
        plain(kernel)(*arguments, outs[1])
        np.testing.assert_allclose(*outs, rtol=1e-12, err_msg=str(kernel))


def test_read_only_columns_are_welcome(sample) -> None:
    for column in sample:
        column.setflags(write=False)
    assert ratio.coefficient_of_dispersion(sample[0], 1.0) > 0.0


def test_sums_do_not_depend_on_the_order_of_rows() -> None:
    values = np.random.default_rng(8).lognormal(0.0, 12.0, 5000)
    exact = math.fsum(values)
    for order in (np.arange(5000), np.argsort(values), np.argsort(-values)):
        assert ratio.compensated_sum(values[order]) == pytest.approx(exact, rel=2e-16)


def test_a_drawn_sample_of_every_row_once_is_the_sample(sample) -> None:
    ratios, assessed, price = sample
    out, counts = np.empty(9), np.empty(37, dtype=np.int64)
    ratio_resample.count_rows(np.arange(37)[::-1].copy(), counts)
    ratio_resample.resample_row(
        ratios, assessed, price, np.argsort(price), np.zeros(37, dtype=np.bool_), counts,
        np.empty(37), out,
    )  # fmt: skip
    median = float(np.median(ratios))
    assert out[0] == median
    assert out[3] == pytest.approx(ratio.coefficient_of_dispersion(ratios, median), rel=1e-12)
    assert out[4] == pytest.approx(100.0 * ratios.std(ddof=1) / ratios.mean(), rel=1e-12)


def test_even_and_odd_resample_medians() -> None:
    for size in (1, 2, 3, 4, 11, 12):
        ratios = np.sort(np.random.default_rng(size).random(size))
        for seed in range(30):
            draws = np.random.default_rng(seed).integers(0, size, size)
            counts = np.bincount(draws, minlength=size)
            assert ratio_resample.resample_median(ratios, counts) == np.median(ratios[draws])


def test_what_does_not_vary_has_no_slope_and_no_correlation() -> None:
    same = np.full(25, 123456.789)
    assert math.isnan(ratio_equity.price_related_bias(np.linspace(0.9, 1.1, 25), same, 1.0)[0])
    assert math.isnan(ratio_equity.correlation(same / same, np.arange(25.0)))
    assert math.isnan(ratio.standard_deviation(np.ones(1), 1.0))
    assert math.isnan(ratio.weighted_mean_error(np.ones(1), np.ones(1), 1.0))
