"""Optimal bins against brute force and optbinning, and their rules."""

import itertools
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pd import BinSettings, evidence, optimal_bins
from models.pd.optimum import Counts, Limits, best_cut
from riskengine.errors import ModelError
from riskengine.learned.features import Feature

NUMBER = Feature("income", unit="yuan")
LOOSE = BinSettings(min_good=1, min_bad=1, min_share=0.0, corrected=False)


def brute(good: list[int], bad: list[int], limits: Limits, shape: str) -> float:
    """Highest information value over every cut, by trying them all."""
    n, best = len(good), -np.inf
    for k in range(min(limits.max_bins, n)):
        for cuts in itertools.combinations(range(1, n), k):
            ends = [0, *cuts, n]
            g = [sum(good[a:b]) for a, b in itertools.pairwise(ends)]
            b = [sum(bad[a:b]) for a, b in itertools.pairwise(ends)]
            if min(g) < limits.min_good or min(b) < limits.min_bad:
                continue
            if min(x + y for x, y in zip(g, b, strict=True)) < limits.min_weight:
                continue
            if runs([y / (x + y) for x, y in zip(g, b, strict=True)], shape):
                best = max(best, evidence(g, b).iv - k * limits.per_bin)
    return best


def runs(rate: list[float], shape: str) -> bool:
    signs = [np.sign(b - a) for a, b in itertools.pairwise(rate)]
    if 0.0 in signs and shape != "free":
        return False
    if shape == "auto":
        return len(set(signs)) <= 1
    turned = {"ascending": "", "descending": "", "peak": "+-", "valley": "-+", "free": None}[shape]
    if turned is None:
        return True
    text = "".join("+" if s > 0 else "-" for s in signs)
    squeezed = "".join(k for k, _ in itertools.groupby(text))
    allowed = {"ascending": ("", "+"), "descending": ("", "-")}
    return squeezed in allowed.get(shape, ("", "+", "-", turned))


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=7),
    st.sampled_from(["ascending", "descending", "free", "peak", "valley", "auto"]),
    st.integers(1, 5),
    st.integers(1, 3),
    st.sampled_from([0.0, 6.0]),
    st.sampled_from([0.0, 0.03]),
)
def test_programme_finds_what_brute_force_finds(
    pairs: list[tuple[int, int]], shape: str, most: int, least: int, weight: float, cost: float
) -> None:
    good, bad = [a for a, _ in pairs], [b for _, b in pairs]
    if not sum(good) or not sum(bad):
        return
    counts = Counts(np.array(good, float), np.array(bad, float), np.array(good), np.array(bad))
    limits = Limits(most, weight, least, least, sum(good), sum(bad), per_bin=cost)
    found = best_cut(counts, limits, shape)
    expected = brute(good, bad, limits, shape)
    if np.isfinite(expected):
        assert found.value == pytest.approx(expected, abs=1e-12)
        assert len(found.starts) <= most
    else:
        assert found.value == -np.inf and found.starts == (0,)


def sample(n: int = 4000, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=n).round(2)
    p = 1.0 / (1.0 + np.exp(1.6 - 1.2 * np.sin(1.5 * x)))
    return x, (generator.random(n) < p).astype(float)


@pytest.mark.parametrize(("trend", "direction"), [("ascending", 1), ("descending", -1)])
def test_optbinning_finds_no_better_cut_of_the_same_prebins(trend: str, direction: int) -> None:
    x, y = sample()
    splits = np.quantile(x, np.linspace(0.06, 0.94, 15)).round(2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from optbinning import OptimalBinning

        peer = OptimalBinning(
            dtype="numerical", solver="cp", user_splits=splits, monotonic_trend=trend,
            max_n_bins=5, min_bin_size=0.05, min_bin_n_event=10, min_bin_n_nonevent=10,
        )  # fmt: skip
        peer.fit(x, y)
        table = peer.binning_table.build()
    theirs = float(table.loc["Totals", "IV"])
    assert peer.status == "OPTIMAL"
    # The same pre-bins: a feature that takes one value in each of them.
    placed = np.searchsorted(splits, x, side="right").astype(float)
    how = BinSettings(5, 50, corrected=False)
    ours = optimal_bins(placed, y, None, replace(NUMBER, direction=direction), how)
    assert ours.iv >= theirs - 1e-9
    assert ours.iv == pytest.approx(theirs, abs=1e-5)  # the peer maximises a rounded IV


def test_rates_run_as_declared_and_bins_hold_enough() -> None:
    x, y = sample()
    for direction in (1, -1):
        bins = optimal_bins(x, y, None, replace(NUMBER, direction=direction))
        rate = (bins.bad / (bins.good + bins.bad + (bins.rows == 0)))[:-1]
        assert (direction * np.diff(rate) > 0).all()
        assert (bins.rows[:-1] >= 0.05 * x.size).all()
    assert bins.rows.sum() == x.size
    auto = optimal_bins(x, y, None, NUMBER)
    assert auto.iv >= bins.iv and auto.shape == "ascending"
    free = optimal_bins(x, y, None, NUMBER, replace(LOOSE, shape="free", max_bins=12))
    peak = optimal_bins(x, y, None, NUMBER, replace(LOOSE, shape="peak", max_bins=12))
    assert free.iv >= peak.iv


def test_weight_two_is_the_row_twice() -> None:
    x, y = sample(1000)
    weight = np.where(np.arange(x.size) % 3 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(x.size), weight.astype(int))
    how = replace(LOOSE, max_prebins=20, min_share=0.1)
    a = optimal_bins(x, y, weight, NUMBER, how)
    b = optimal_bins(x[twice], y[twice], None, NUMBER, how)
    np.testing.assert_array_equal(a.edges, b.edges)
    np.testing.assert_allclose(a.woe, b.woe, rtol=1e-12)


def test_order_of_rows_is_of_no_account() -> None:
    x, y = sample()
    order = np.random.default_rng(1).permutation(x.size)
    a, b = optimal_bins(x, y, None, NUMBER), optimal_bins(x[order], y[order], None, NUMBER)
    assert a.edges.tobytes() == b.edges.tobytes() and a.woe.tobytes() == b.woe.tobytes()


def test_missing_has_its_own_bin_or_says_what_it_takes() -> None:
    x, y = sample()
    many, few = x.copy(), x.copy()
    many[:400] = np.nan
    few[:8] = np.nan
    own = optimal_bins(many, y, None, NUMBER)
    expected = np.log(own.good[-1] / own.good.sum()) - np.log(own.bad[-1] / own.bad.sum())
    assert own.rows[-1] == 400 and own.woe[-1] == pytest.approx(expected)
    assert not own.notes
    neutral = optimal_bins(few, y, None, NUMBER)
    worst = optimal_bins(few, y, None, NUMBER, BinSettings(small="worst"))
    assert neutral.woe[-1] == 0.0 and "neutral" in neutral.notes[0].en
    assert worst.woe[-1] == worst.woe[:-1].min() and "worst" in worst.notes[0].en
    assert worst.transform([np.nan])[0] == worst.woe[-1]


def test_special_value_is_cut_out_of_the_middle() -> None:
    x, y = sample()
    x[:500] = 0.5
    bins = optimal_bins(x, y, None, replace(NUMBER, direction=1), specials=(0.5,))
    below, above = np.nextafter(0.5, -1), np.nextafter(0.5, 1)
    cells = bins.cells([below, 0.5, above])
    assert cells[0] == cells[2] != cells[1]
    assert bins.specials == 1 and bins.labels[cells[1]].en == "exactly 0.5"
    assert bins.rows[cells[1]] == (x == 0.5).sum()


def test_categories_are_ordered_by_rate_and_rare_ones_pooled() -> None:
    generator = np.random.default_rng(2)
    codes = ("pig", "maize", "tea", "bee", "yak", "rice")
    rate = np.array([0.3, 0.1, 0.29, 0.1, 0.9, 0.05])
    x = generator.choice(5, size=6000, p=[0.4, 0.3, 0.29, 0.005, 0.005]).astype(float)
    y = (generator.random(x.size) < rate[x.astype(int)]).astype(float)
    bins = optimal_bins(x, y, None, Feature("trade", "category", codes=codes))
    assert bins.places[0] == bins.places[2] != bins.places[1]
    assert bins.places[3] == bins.places[4] == bins.places[5]  # unseen goes with the rare
    assert any("bee, yak, rice" in note.en for note in bins.notes)
    assert (np.diff(bins.woe[:-1]) < 0).all()
    assert bins.cells([7.0, np.nan]).tolist() == [bins.woe.size - 1] * 2


def test_unseen_code_counts_as_missing_and_is_said() -> None:
    x, y = sample()
    place = (x > 0).astype(float)
    bins = optimal_bins(place, y, None, Feature("side", "category", codes=("a", "b", "c")))
    assert bins.places[2] == bins.woe.size - 1
    assert any("never occur" in note.en for note in bins.notes)


def test_categorical_cut_is_the_best_of_all_groupings() -> None:
    """Sorted by rate the best grouping is contiguous (Fisher 1958): tried over all of them."""
    good, bad = [40, 10, 25, 31, 18], [10, 12, 5, 14, 9]
    x = np.repeat(np.arange(5.0), [g + b for g, b in zip(good, bad, strict=True)])
    y = np.concatenate([np.repeat([0.0, 1.0], pair) for pair in zip(good, bad, strict=True)])
    how = replace(LOOSE, max_bins=3)
    found = optimal_bins(x, y, None, Feature("c", "category", codes=tuple("abcde")), how)
    best = 0.0
    for groups in itertools.product(range(3), repeat=5):
        used = sorted(set(groups))
        g = [sum(v for v, k in zip(good, groups, strict=True) if k == u) for u in used]
        b = [sum(v for v, k in zip(bad, groups, strict=True) if k == u) for u in used]
        best = max(best, evidence(g, b).iv)
    assert found.iv == pytest.approx(best, rel=1e-12)


def test_haldane_lets_an_empty_cell_stand() -> None:
    x = np.repeat([0.0, 1.0], 50)
    y = np.concatenate([np.zeros(50), np.repeat([0.0, 1.0], 25)])
    how = BinSettings(haldane=True, min_bad=0, min_good=0)
    bins = optimal_bins(x, y, None, NUMBER, how)
    assert np.isfinite(bins.woe).all() and bins.woe[0] > 3.0
    assert not optimal_bins(x, y, None, NUMBER).useful  # one bin: nothing to tell apart


@pytest.mark.parametrize(
    ("x", "y", "match"),
    [
        ([1.0, 2.0], [1, 1], "one class"),
        ([1.0, np.inf], [0, 1], "infinite"),
        ([np.nan, np.nan], [0, 1], "missing in every row"),
        ([1.0], [0, 1], "another length"),
        ([1.0, 2.0], [0, 2], "0 \\(good\\) or 1"),
    ],
)
def test_bad_input_is_refused(x: list[float], y: list[float], match: str) -> None:
    with pytest.raises(ModelError, match=match):
        optimal_bins(x, y, None, NUMBER)


def test_bad_settings_are_refused() -> None:
    with pytest.raises(ModelError):
        BinSettings(min_bad=0)
    with pytest.raises(ModelError):
        BinSettings(shape="u")
    with pytest.raises(ModelError, match="weights"):
        optimal_bins([1.0, 2.0], [0, 1], [1.0, 0.0], NUMBER)
    with pytest.raises(ModelError, match="undeclared"):
        optimal_bins([0.0, 3.0], [0, 1], None, Feature("c", "category", codes=("a", "b")))
