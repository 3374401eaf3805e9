"""Coding of features: the same columns give the same numbers everywhere, or an error in words."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.learned.features import Feature, described, encode, encode_one, restored
from riskengine.words import Text
from tests.models.loans import refusal

NUMBER = Feature("debt", unit="yuan", direction=1, low=0.0, high=1e9, title=Text("负债", "debt"))
CODES = Feature(
    "crop", kind="category", codes=("rice", "tea"), actionable=True,
    code_titles=(Text("水稻", "rice"), Text("茶", "tea")),
)  # fmt: skip


def same(found: np.ndarray, wanted: list) -> None:
    np.testing.assert_array_equal(found, np.array(wanted, dtype=float))


def test_a_matrix() -> None:
    x, unseen = encode(
        {"crop": ["tea", "hogs", None, ""], "debt": [1, None, 2.5, 0]}, (NUMBER, CODES)
    )
    same(x, [[1.0, np.nan, 2.5, 0.0], [1.0, np.nan, np.nan, np.nan]])
    assert x.flags.c_contiguous and x.dtype == np.float64
    assert unseen.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        ([1, 2], [1, 2]), ([True, False], [1, 0]), ([None, np.nan], [np.nan] * 2), ([], []),
        (np.array([1, 2], dtype=np.uint8), [1, 2]), (pd.Series([1.5, None]), [1.5, np.nan]),
        (np.array([1.0, 2.0], dtype=">f4"), [1, 2]),
    ],
    ids=str,
)  # fmt: skip
def test_numbers(cells: object, numbers: list) -> None:
    same(encode_one(cells, NUMBER)[0], numbers)


@pytest.mark.parametrize(
    "cells",
    [["a"], [1, "12 yuan"], [{}], [[1], [1, 2]], [1j], np.array(["2020-01-01"], dtype="datetime64[D]"),
     np.array([5], dtype="timedelta64[D]"), [10**400], [np.inf], [-np.inf], [pd.NA], "text"],
    ids=repr,
)  # fmt: skip
def test_what_is_no_number(cells: object) -> None:
    assert "column debt holds" in refusal(lambda: encode_one(cells, NUMBER))


def test_codes_never_declared_are_counted_and_missing_ones_are_not() -> None:
    """A code as a number is a code never declared, not a missing one in silence."""
    cells = ["rice", "kiwi", "", None, float("nan"), 0, 1.0, np.str_("tea"), "tea ", True, ["rice"]]
    found, unseen = encode_one(cells, CODES)
    same(found, [0, *[np.nan] * 6, 1, *[np.nan] * 3])
    assert unseen == 6
    categories = pd.Series(["tea", None, "rice"], dtype="category")
    same(encode_one(categories, CODES)[0], [1, np.nan, 0])


def test_columns_that_do_not_fit() -> None:
    assert "columns crop are missing" in refusal(lambda: encode({"debt": [1]}, (NUMBER, CODES)))
    uneven = {"debt": [1, 2], "crop": ["tea"]}
    assert "not of one length" in refusal(lambda: encode(uneven, (NUMBER, CODES)))
    for shape in ((), (2, 2)):
        assert "not of one length" in refusal(
            lambda shape=shape: encode({"debt": np.ones(shape)}, [NUMBER])
        )


@given(
    st.lists(
        st.one_of(
            st.none(), st.sampled_from(["rice", "tea", "", "kiwi"]), st.floats(), st.integers()
        )
    )
)
def test_codes_against_a_slow_twin(cells: list) -> None:
    found, unseen = encode_one(np.array([*cells, None], dtype=object), CODES)
    twin = [
        {"rice": 0.0, "tea": 1.0}.get(cell, np.nan) if isinstance(cell, str) else np.nan
        for cell in cells
    ]
    same(found[:-1], twin)
    missing = [cell is None or cell == "" or cell != cell for cell in cells]  # noqa: PLR0124
    assert unseen == sum(
        np.isnan(place) and not gone for place, gone in zip(twin, missing, strict=True)
    )


@pytest.mark.parametrize("feature", [NUMBER, CODES, Feature("free")], ids=lambda one: one.name)
def test_a_manifest_gives_the_feature_back(feature: Feature) -> None:
    back = restored(described(feature))
    assert back == feature or (feature.title is None and back.words == feature.words)
    assert described(back) == described(feature)


def test_words() -> None:
    assert Feature("debt").words == Text("debt", "debt")
    assert NUMBER.words.zh == "负债"
