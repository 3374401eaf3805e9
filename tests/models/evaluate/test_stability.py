"""PSI, frozen histograms and drift."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from models.evaluate import (
    counted,
    drift,
    psi,
    psi_of_shares,
    reference,
    score_reference,
    share_change,
)
from models.evaluate.drift import frozen_edges
from riskengine.errors import ModelError
from riskengine.kernels.histogram import count_at_least, count_bins
from riskengine.learned.features import Feature

CELLS = st.one_of(
    st.floats(-5.0, 5.0), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0])
)


def test_pd_psi_01() -> None:
    """PD-PSI-01."""
    found = psi_of_shares([0.1, 0.2, 0.4, 0.2, 0.1], [0.08, 0.17, 0.38, 0.23, 0.14])
    assert found == pytest.approx(0.0280160525351, abs=1e-12)


@given(st.lists(CELLS, max_size=40), st.lists(st.floats(-4.0, 4.0), max_size=8, unique=True))
def test_counts_are_those_of_a_search(column: list[float], edges: list[float]) -> None:
    values, cuts = np.array(column, dtype=np.float64), np.sort(np.array(edges, dtype=np.float64))
    counts = np.empty(cuts.size + 2, dtype=np.int64)
    count_bins(values, cuts, counts)
    known = values[~np.isnan(values)]
    wanted = np.bincount(np.searchsorted(cuts, known, "right"), minlength=cuts.size + 1)
    assert counts[:-1].tolist() == wanted.tolist()
    assert counts[-1] == values.size - known.size
    plain = np.empty_like(counts)
    count_bins.py_func(values, cuts, plain)
    assert plain.tolist() == counts.tolist()


def test_counts_over_many_blocks() -> None:
    values = np.random.default_rng(0).standard_normal(10_001)
    counts = np.empty(3, dtype=np.int64)
    count_bins(values, np.array([0.25]), counts)
    assert counts.tolist() == [int((values < 0.25).sum()), int((values >= 0.25).sum()), 0]
    assert count_at_least(values, 0.25) == count_at_least.py_func(values, 0.25) == counts[1]


def test_edges_are_of_equal_count_and_give_heavy_values_a_bin() -> None:
    rng = np.random.default_rng(1)
    smooth = rng.standard_normal(3000)
    edges = frozen_edges(smooth, 15)
    assert edges.size == 14
    assert np.ptp(np.bincount(np.searchsorted(edges, smooth, "right"))) <= 1
    heavy = np.concatenate((np.zeros(2000), rng.uniform(1.0, 2.0, 1000)))
    edges = frozen_edges(heavy, 15)
    counts = np.bincount(np.searchsorted(edges, heavy, "right"))
    assert counts[0] == 2000
    assert edges.size < 15
    assert counts.min() > 0
    few = frozen_edges(np.array([1.0, 2.0, 2.0, 5.0]), 15)
    assert few.tolist() == [1.5, 3.5]
    assert frozen_edges(np.array([3.0, 3.0]), 15).size == 0
    assert frozen_edges(np.array([math.nan]), 15).size == 0


@given(st.integers(0, 10_000))
def test_edges_never_leave_a_reference_bin_empty(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.choice([0.0, 1.0, *rng.standard_normal(30).tolist()], 200)
    edges = frozen_edges(values, int(rng.integers(2, 20)))
    assert np.all(np.diff(edges) > 0.0)
    counts = np.bincount(np.searchsorted(edges, values, "right"), minlength=edges.size + 1)
    assert counts.min() > 0


def test_index_of_counts_is_the_plain_one_for_large_samples() -> None:
    before = np.array([0.1, 0.2, 0.4, 0.2, 0.1]) * 1e7
    after = np.array([0.08, 0.17, 0.38, 0.23, 0.14]) * 1e7
    found = psi(before, after)
    assert found.psi == pytest.approx(0.0280160525351, rel=1e-5)
    assert found.parts.sum() == pytest.approx(found.psi, rel=1e-12)
    assert found.p_value == 0.0
    assert not found.alarm  # certain, and too small to matter
    assert found.interval.low < found.psi < found.interval.high


def test_a_large_shift_alarms_and_a_small_sample_does_not() -> None:
    before = np.full(10, 10_000)
    shifted = np.array([200, 150, 120, 100, 90, 80, 80, 70, 60, 50])
    assert psi(before, shifted).alarm
    few = psi(before, np.array([7, 5, 4, 4, 3, 2, 2, 1, 1, 1]))
    assert few.psi > 0.25  # the folklore bar alarms on thirty rows
    assert few.method == "simulation"
    assert few.p_value > 0.05
    assert not few.alarm


def test_empty_bins_get_half_a_count_not_a_floor() -> None:
    before, after = np.array([1000, 1000, 1000]), np.array([50, 50, 0])
    found = psi(before, after)
    shares = (after + 0.5) / (after.sum() + 1.5)
    frozen = (before + 0.5) / (before.sum() + 1.5)
    assert found.psi == pytest.approx(psi_of_shares(frozen, shares), rel=1e-12)
    # Published-but-wrong: a floor of 1e-10 makes the index a fact about the floor.
    floored = [psi_of_shares(before / 3000, np.maximum(after / 100, f)) for f in (1e-4, 1e-10)]
    assert floored[1] > 2.0 * floored[0]
    with pytest.raises(ModelError):
        psi_of_shares([0.5, 0.5], [1.0, 0.0])


def test_bins_that_hold_nobody_cost_no_degree() -> None:
    found = psi([100, 200, 0], [110, 190, 0])
    assert found.bins == 2
    assert found.p_value == pytest.approx(
        stats.chi2.sf(found.psi / (1 / 300 + 1 / 300), 1), rel=1e-10
    )
    assert psi([10, 0], [5, 0]).p_value == 1.0


@pytest.mark.parametrize("counts", [[0, 0], [-1, 5], [5, math.nan], [1, 2, 3]])
def test_counts_that_are_none_are_refused(counts: list[float]) -> None:
    with pytest.raises(ModelError):
        psi([5, 5], counts)


def test_interval_covers_the_true_index() -> None:
    rng = np.random.default_rng(2)
    before, after = np.full(8, 0.125), np.linspace(0.08, 0.17, 8)
    truth, inside = psi_of_shares(before, after / after.sum()), 0
    for _ in range(400):
        found = psi(rng.multinomial(5000, before), rng.multinomial(1500, after / after.sum()))
        inside += found.interval.low <= truth <= found.interval.high
    assert inside / 400 == pytest.approx(0.95, abs=3.0 * math.sqrt(0.95 * 0.05 / 400))


FEATURES = (
    Feature("yield", "number"),
    Feature("crop", "category", codes=("rice", "wheat", "maize")),
    Feature("herd", "number"),
)


def book(seed: int, n: int, moved: float = 0.0) -> np.ndarray:
    """Feature matrix of a made-up book."""
    rng = np.random.default_rng(seed)
    x = np.empty((3, n))
    x[0] = rng.standard_normal(n) + moved
    x[1] = rng.integers(0, 3, n)
    x[2] = np.where(rng.random(n) < 0.1, np.nan, rng.poisson(3.0, n))
    return x


def test_reference_counts_its_own_rows() -> None:
    x = book(1, 5000)
    arrays = reference(x, FEATURES)
    starts = arrays["histogram_starts"]
    assert arrays["histogram_counts"].dtype == np.int64
    assert arrays["histogram_counts"].sum() == x.size
    assert starts[2] - starts[1] == 4  # three crops and missing
    assert arrays["histogram_counts"][starts[2] - 1] == 0
    assert arrays["histogram_counts"][-1] == np.isnan(x[2]).sum()
    assert np.array_equal(counted(arrays, x, threads=2), arrays["histogram_counts"])
    assert [one.stability.psi for one in drift(arrays, x)] == [0.0, 0.0, 0.0]


def test_drift_finds_what_moved() -> None:
    arrays = reference(book(1, 20_000), FEATURES)
    names = [feature.name for feature in FEATURES]
    same = drift(arrays, book(2, 3000), names)
    assert [one.alarm for one in same] == [False, False, False]
    moved = book(3, 3000, moved=0.6)
    moved[2, ::3] = np.nan
    moved[1, :] = np.nan  # codes never seen
    found = drift(arrays, moved, names)
    assert [one.feature for one in found] == names
    assert [one.alarm for one in found] == [True, True, True]
    assert [one.missing_alarm for one in found] == [False, True, True]
    assert found[1].missing_now == 1.0
    assert found[0].holm_p >= found[0].stability.p_value


def test_a_rare_bin_among_many_features_does_not_silence_the_alarm() -> None:
    rng = np.random.default_rng(6)
    features = [Feature(str(k)) for k in range(150)]
    before, after = rng.standard_normal((150, 1000)), rng.standard_normal((150, 1000))
    before[:, 0] = np.nan  # one missing value: a bin that expects fewer than ten rows
    after[0] += 1.0
    found = drift(reference(before, features), after)
    assert {one.stability.method for one in found} == {"simulation"}
    assert [one.feature for one in found if one.alarm] == ["0"]


def test_binning_again_hides_the_shift() -> None:
    # Published-but-wrong: bins made on each sample's own quantiles see nothing.
    before, after = book(1, 5000), book(2, 5000, moved=2.0)
    again = reference(after, FEATURES)
    own = again["histogram_counts"][again["histogram_starts"][0] : again["histogram_starts"][1]]
    arrays = reference(before, FEATURES)
    frozen = arrays["histogram_counts"][: own.size]
    assert psi(frozen, own).psi < 1e-3
    assert drift(arrays, after)[0].stability.psi > 1.0


def test_score_drift_is_the_same_table() -> None:
    rng = np.random.default_rng(4)
    arrays = score_reference(rng.standard_normal(4000))
    (found,) = drift(arrays, 0.5 + rng.standard_normal((1, 1000)), ["score"])
    assert found.feature == "score"
    assert found.alarm


def test_matrices_of_other_features_are_refused() -> None:
    arrays = reference(book(1, 100), FEATURES)
    for x in (book(1, 10)[:2], book(1, 10)[:, :0], book(1, 10)[0]):
        with pytest.raises(ModelError):
            drift(arrays, x)
    with pytest.raises(ModelError):
        reference(book(1, 10), FEATURES[:2])


def test_change_of_a_share() -> None:
    assert share_change(0, 10, 0, 10) == 1.0
    assert share_change(1, 20, 6, 20) == pytest.approx(
        stats.fisher_exact([[1, 19], [6, 14]]).pvalue, rel=1e-12
    )
    table = stats.chi2_contingency([[100, 900], [150, 850]], correction=False)
    assert share_change(100, 1000, 150, 1000) == pytest.approx(table.pvalue, rel=1e-10)
