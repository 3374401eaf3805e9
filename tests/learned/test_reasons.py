"""Reasons and cures: the heaviest first, and a cure that is taken really lowers the PD."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskengine.learned import DefaultModel, load_release
from riskengine.learned.features import Feature, rounded
from riskengine.learned.reasons import LEAST_GAIN, MATERIAL, cure, reasons, reasons_many, shown
from riskengine.words import Text
from tests.models.loans import release
from tests.models.releases import TREE, put

EDGES = {
    "histogram_edges": np.array([1234567.8, 0.5, 1.5]), "histogram_edge_starts": np.array([0, 1, 3]),
    "histogram_starts": np.array([0, 3, 7]), "histogram_counts": np.arange(7),
}  # fmt: skip


@pytest.fixture(scope="module", params=["scorecard", "boosting"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    made, _, frame = release(tmp_path_factory.mktemp("reasons"), request.param)
    names = [feature.name for feature in frame.features]
    x = frame.x[[names.index(feature.name) for feature in made.features]]
    return made, np.ascontiguousarray(x[:, ::9])


def test_the_heaviest_first_and_none_that_lowers(model: Any) -> None:
    made, x = model
    _, parts = made.contributions(x)
    some = 0
    for i in range(x.shape[1]):
        found = reasons(made, x[:, i])
        weights = [one.contribution for one in found]
        assert weights == sorted(weights, reverse=True)
        assert all(weight > MATERIAL for weight in weights)
        assert weights == sorted(parts[:, i][parts[:, i] > MATERIAL].tolist(), reverse=True)[:4]
        assert len(reasons(made, x[:, i], most=1)) == min(len(found), 1)
        some += len(found)
    assert some > x.shape[1] / 2


def test_a_cure_that_is_taken_lowers_the_pd(model: Any) -> None:
    made, x = model
    names = [feature.name for feature in made.features]
    cures = 0
    for i in range(x.shape[1]):
        now = made.pd_one(np.ascontiguousarray(x[:, i]))
        for one in reasons(made, x[:, i]):
            k = names.index(one.feature)
            if one.cure is None:
                assert np.isnan(one.pd_after)
                continue
            assert made.features[k].actionable
            other, after = cure(made, np.ascontiguousarray(x[:, [i]]), k, now) or (np.nan, np.nan)
            taken = x[:, i].copy()
            taken[k] = other
            assert made.pd_one(taken) == after == one.pd_after
            assert after <= now * (1.0 - LEAST_GAIN)
            said = re.search(r"with .+ of '?([^' ]+)'?.* the PD falls from", one.cure.en)
            assert said is not None
            told = said[1].replace(",", "")
            if made.features[k].kind == "number":  # what is read is what was tried
                assert float(told) == other
            assert f"{after:.2%}" in one.cure.en and f"{after:.2%}" in one.cure.zh
            cures += 1
    assert cures > 10


def test_what_nobody_can_change_has_no_cure(model: Any) -> None:
    made, x = model
    fixed = replace(
        made.release, features=tuple(replace(f, actionable=False) for f in made.features)
    )
    still = replace(made, release=fixed)
    for i in range(0, x.shape[1], 5):
        assert all(one.cure is None for one in reasons(still, x[:, i]))
        assert [one.told for one in reasons(still, x[:, i])] == [
            one.told for one in reasons(made, x[:, i])
        ]


def test_reasons_do_not_change_the_case(model: Any) -> None:
    made, x = model
    before = x[:, 0].copy()
    first = reasons(made, x[:, 0])
    np.testing.assert_array_equal(x[:, 0], before)
    assert reasons(made, before) == first or np.isnan([one.pd_after for one in first]).any()


def test_a_missing_value_has_no_cure(tmp_path: Path) -> None:
    right = {**TREE, **EDGES, "missing_left": np.array([False] * 3)}
    model = load_release(put(tmp_path / "v1", right))
    found = reasons(model, np.array([np.nan, 0.0]))
    assert [one.feature for one in found] == ["debt"]
    assert found[0].cure is None
    assert "not known" in found[0].told.en and "未知" in found[0].told.zh


def test_without_histograms_there_is_no_cure(tmp_path: Path) -> None:
    model = load_release(put(tmp_path / "v1", TREE))
    assert [one.cure for one in reasons(model, np.array([5.0, 0.0]))] == [None]


def test_the_nearest_value_that_helps_as_it_is_told(tmp_path: Path) -> None:
    """The edge 1,234,567.8 is told as 1,234,570; there the tree still says the better half."""
    tree = {
        **TREE,
        **EDGES,
        "threshold": np.array([1234568.0, 0.0, 0.0]),
        "high": np.array([1e9, 2.0]),
    }
    model = load_release(put(tmp_path / "v1", tree))
    assert isinstance(model, DefaultModel)
    wide = replace(
        model.release, features=(Feature("debt", unit="yuan", actionable=True), model.features[1])
    )
    far = np.array([2e6, 0.0])
    assert [one.cure for one in reasons(replace(model, release=wide), far)] == [
        None
    ]  # told, it misses
    enough = {**tree, "threshold": np.array([1234570.0, 0.0, 0.0])}
    model = replace(load_release(put(tmp_path / "v2", enough)), release=wide)
    model = replace(
        model, release=replace(wide, arrays=load_release(tmp_path / "v2").release.arrays)
    )
    (one,) = reasons(model, far)
    assert one.cure is not None and "1,234,570 yuan" in one.cure.en


def test_a_cure_outside_what_is_admissible_is_not_told(tmp_path: Path) -> None:
    model = load_release(
        put(tmp_path / "v1", {**TREE, **EDGES, "histogram_edges": np.array([1.0, 0.5, 1.5])})
    )
    assert reasons(model, np.array([5.0, 0.0]))[0].cure is not None
    narrow = (replace(model.features[0], low=1.5), model.features[1])
    model = replace(model, release=replace(model.release, features=narrow))
    assert reasons(model, np.array([5.0, 0.0]))[0].cure is None


@pytest.mark.parametrize(
    ("value", "told"),
    [(1234567.8, "1,234,570"), (0.5, "0.5"), (12.0, "12"), (-0.000000325, "-0.000000325"), (0.0, "0"),
     (1e20, "100,000,000,000,000,000,000"), (2.0 / 3.0, "0.666667")],
)  # fmt: skip
def test_numbers_in_words(value: float, told: str) -> None:
    """Never with an exponent, and what is told is `rounded`."""
    for unit, after in (("1", ""), ("yuan", " yuan")):
        assert shown(Feature("f", unit=unit), value, exact=True).en == told + after
    assert float(told.replace(",", "")) == rounded(value)


def test_codes_in_words() -> None:
    titles = (Text("水稻", "rice"), Text("茶", "tea"))
    crop = Feature("crop", kind="category", codes=("r", "t"), code_titles=titles)
    assert shown(crop, 1.0) == Text("“茶”", "'tea'")
    assert shown(replace(crop, code_titles=()), 1.0) == Text("“t”", "'t'")
    assert shown(crop, np.nan).zh == "“未知”"


def cure_by_trying(
    made: DefaultModel, x: Any, k: int, now: float
) -> tuple[float, float] | None:  # fmt: skip
    """One value after another, each asked of the model alone: the slow twin."""
    best: tuple[float, float, float] | None = None
    for other in made.tried[k].tolist() if not np.isnan(x[k]) else []:
        changed = x.copy()
        changed[k] = other
        after = float(made.pd(changed.reshape(-1, 1))[0])
        far = after if made.features[k].kind == "category" else abs(other - x[k])
        if after <= now * (1.0 - LEAST_GAIN) and (best is None or far < best[0]):
            best = far, other, after
    return None if best is None else best[1:]


def test_cures_of_many_cases_are_those_of_each_alone(model: Any) -> None:
    made, x = model
    x = np.ascontiguousarray(x[:, :60])
    pd = made.pd(x)
    told = reasons_many(made, x, made.contributions(x)[1], pd)
    names = [feature.name for feature in made.features]
    for i, found in enumerate(told):
        assert [repr(one) for one in found] == [repr(one) for one in reasons(made, x[:, i])]
        for one in found:
            k = names.index(one.feature)
            twin = cure_by_trying(made, x[:, i], k, float(pd[i]))
            assert cure(made, x[:, [i]], k, float(pd[i])) == twin
            if made.features[k].actionable and twin is not None:
                assert one.pd_after == twin[1]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.959693, "0.96"), (7.10411, "7.1"), (0.00123456, "0.00123"), (1e-07, "0.0000001"),
        (123_456.789, "123,457"), (0.0, "0"), (-2.5, "-2.5"), (12_345_678.9, "12,345,679"),
    ],
)  # fmt: skip
def test_numbers_have_the_digits_that_people_read(value: float, said: str) -> None:
    for unit, after in (("1", ""), ("year", " years")):
        assert shown(Feature("f", unit=unit), value).en == said + after
