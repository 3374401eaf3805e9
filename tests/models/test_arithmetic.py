"""Expressions of a configuration: what they compute, and that they can do nothing else."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.arithmetic import FUNCTIONS, evaluate, holds, names_of, sources_of
from models.days import days_of
from riskengine.errors import ModelError
from tests.models.loans import MARK, refusal

FRAME = pd.DataFrame({
    "a": [1, 2, 3, 4], "b": [1.5, np.nan, 0.0, -2.0], "big": [2**62, 1, 2**62, 3],
    "small": np.array([0, 1, 200, 255], dtype=np.uint8), "yes": [True, False, True, False],
    "kind": ["term", "spot", None, "term"], "who": [f"{MARK}{k}" for k in range(4)],
    "day": pd.to_datetime(["2020-01-02", None, "2021-12-31", "2022-06-01"]),
    "money": [Decimal("1.5"), Decimal("2.5"), None, Decimal(4)],
    "code": pd.array(["11", "12", None, "11"], dtype="string"),
})  # fmt: skip


def test_arithmetic_is_that_of_pandas() -> None:
    """A second route: pandas' own parser, on numbers that do not overflow."""
    for text in ("a / b", "a + b * 2", "-a ** 2", "a // 2 - b % 3", "a > 2", "b <= 0", "a == 2",
                 "a != 2", "(a > 1) and (b < 1)", "a > 3 or b > 1", "not (a > 1)"):  # fmt: skip
        expected = FRAME[["a", "b"]].eval(text, engine="python")
        np.testing.assert_allclose(
            np.asarray(evaluate(text, FRAME), float), np.asarray(expected, float), rtol=1e-15
        )


@given(st.lists(st.sampled_from(["a", "b", "2", "0.5", "+", "-", "*", "/", "(", ")", "<", "and",
                                 "not", ",", "log", "'x'", ".", "[", "lambda", "a.b", "kind"]),
                max_size=9))  # fmt: skip
def test_any_text_is_computed_or_refused(words: list[str]) -> None:
    text = " ".join(words)
    try:
        assert np.size(evaluate(text, FRAME)) in (1, len(FRAME))
    except ModelError as error:
        assert error.wrong.zh and error.wrong.en


def test_whole_numbers_do_not_wrap() -> None:
    assert evaluate("big * 4", FRAME).tolist() == [2.0**64, 4.0, 2.0**64, 12.0]
    assert evaluate("small - 250", FRAME).tolist() == [-250.0, -249.0, -50.0, 5.0]
    assert evaluate("-small", FRAME).tolist() == [-0.0, -1.0, -200.0, -255.0]
    assert evaluate("yes + yes", FRAME).tolist() == [2.0, 0.0, 2.0, 0.0]


def test_functions() -> None:
    np.testing.assert_allclose(evaluate("log(a)", FRAME), np.log(FRAME["a"]))
    np.testing.assert_allclose(evaluate("max(a, 2)", FRAME), [2, 2, 3, 4])
    np.testing.assert_allclose(evaluate("min(a, b)", FRAME), [1.0, np.nan, 0.0, -2.0])
    np.testing.assert_allclose(evaluate("year(day)", FRAME), [2020, np.nan, 2021, 2022])
    np.testing.assert_allclose(evaluate("month(day)", FRAME), [1, np.nan, 12, 6])
    np.testing.assert_allclose(evaluate("money * 2", FRAME), [3.0, 5.0, np.nan, 8.0])
    assert evaluate("prefix(kind, 1)", FRAME)[:2].tolist() == ["t", "s"]
    assert evaluate("where(b > 1, 1, 0)", FRAME).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert evaluate("missing(kind)", FRAME).tolist() == [False, False, True, False]
    assert evaluate("a / 0", FRAME).tolist() == [np.inf] * 4


@pytest.mark.parametrize(
    "text",
    [
        "a.__class__", "__import__('os').system('true')", "open('x')", "lambda: 1", "[x for x in a]",
        "a if a else b", "(a := 3)", "f'{a}'", "a[0]", "a @ a", "~a", "None", "b''", "...", "{a: 1}",
        "*a", "print(a)", "log(a, b)", "max(a, b, a)", "log(a, out=b)", "where(b > 1)", "log",
        "9**9**9", "10**400 * a", "'a' * a", "kind * a", "'%9999999999d' % a", "'x' + kind",
        "a\0", "\udcff", "", " ", "a b", "a +", "x", "a < b < 3", "day - day", "kind + 1", "-kind",
        "abs(who)", "year(who)", "month(kind)", "kind and a", "not kind", "kind > 1",
        "+".join("a" * 10_000), "a+" * 150 + "a", "(" * 900 + "a" + ")" * 900, "-" * 1900 + "a",
        "log(" * 60 + "a" + ")" * 60 + "+" + "a" * 100,
    ],
)  # fmt: skip
def test_what_is_refused(text: str) -> None:
    """Attributes, calls, memory bombs, text as a number: a ModelError that shows no cell."""
    before = FRAME.copy()
    told = refusal(lambda: evaluate(text, FRAME))
    assert len(told) < 300
    pd.testing.assert_frame_equal(FRAME, before)  # log(a, b) would have written into b


def test_functions_take_columns_and_nothing_of_python() -> None:
    assert not set(FUNCTIONS) & {"eval", "exec", "open", "getattr", "compile", "print"}


def test_conditions() -> None:
    assert holds("kind == 'term'", FRAME).tolist() == [True, False, False, True]
    assert holds("code == '11'", FRAME).tolist() == [True, False, False, True]  # NA is no
    assert holds("code != '11'", FRAME).tolist()[:2] == [False, True]
    assert holds("b", FRAME).tolist() == [True, False, False, True]  # NaN is no
    assert holds("not (b > 1)", FRAME).tolist() == [False, True, True, True]
    assert holds("1", FRAME).tolist() == [True] * 4
    assert holds("where(a > 1, b, 0)", FRAME).tolist() == [False, False, False, True]
    for text in ("kind", "'yes'", "day"):
        assert refusal(lambda text=text: holds(text, FRAME))


def test_names() -> None:
    assert names_of("log(a) + b * log") == {"a", "b", "log"}
    derived = {"f": "g + 1", "g": "f / a", "h": "b"}
    assert sources_of(["f"], derived) == {"f", "g", "a"}


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["2001-02-03", "2001/2/3", "20010203", "2001年2月3日", None], ["2001-02-03"] * 4 + ["NaT"]),
        ([20010203, 20011332, 2001], ["2001-02-03", "NaT", "NaT"]),
        ([20010203.0, np.nan], ["2001-02-03", "NaT"]),
        (["2001-02-03T00:30:00+08:00", "2001-02-03 23:00:00Z"], ["2001-02-03"] * 2),
        (pd.to_datetime(["2001-02-03T00:30:00+08:00"]), ["2001-02-03"]),
        (["x", "", " ", "36925", "1.5", "2001-02-30"], ["NaT"] * 6),
        ([pd.Timestamp("2001-02-03").date(), 20010203, "2001-02-03"], ["2001-02-03"] * 3),
        (["9999-12-31", "0001-01-01"], ["9999-12-31", "0001-01-01"]), ([True], ["NaT"]), ([], []),
    ],
)  # fmt: skip
def test_days(cells: list, days: list[str]) -> None:
    """Not an Excel serial, not nanoseconds since 1970, not the day of another time zone."""
    found = days_of(pd.Series(cells)).to_numpy("datetime64[D]")
    np.testing.assert_array_equal(found, np.array(days, dtype="datetime64[D]"))
