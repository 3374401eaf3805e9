"""Cells as people read them."""

import numpy as np
import pytest

from models.report import Column
from models.report.cells import number, written
from riskengine.words import Text


@pytest.mark.parametrize(
    ("cell", "kind", "decimals", "said"),
    [
        (0.0893, "share", None, "8.93%"),
        (0.0893, "share", 1, "8.9%"),
        (1234567.891, "money", None, "1,234,568"),
        (-0.0004, "number", None, "0.000"),
        (-0.1, "number", None, "-0.100"),
        (0.00041, "number", 5, "0.00041"),
        (1e-9, "p_value", None, "< 0.001"),
        (0.0, "p_value", None, "< 0.001"),
        (0.001, "p_value", None, "0.001"),
        (1.0, "p_value", None, "1.000"),
        (13781, "integer", None, "13,781"),
        (np.int64(7), "integer", None, "7"),
        (np.float64(0.5), "share", None, "50.00%"),
        (float("nan"), "share", None, "–"),
        (np.nan, "text", None, "–"),
        (None, "money", None, "–"),
        (float("inf"), "number", None, "∞"),
        (-np.inf, "money", None, "-∞"),
        ("[0.1, 0.2]", "number", None, "[0.1, 0.2]"),
        (2006, "text", None, "2006"),
        (0.25, "text", None, "0.25"),
        (True, "text", None, "yes"),
        (np.False_, "number", None, "no"),
        (Text("甲", "a"), "share", None, "a"),
    ],
)
def test_cells_are_written(cell, kind, decimals, said) -> None:
    assert written(cell, Column(Text("列", "column"), kind, decimals), "en") == said


def test_cells_speak_both_languages() -> None:
    column = Column(Text("列", "column"))
    assert written(Text("甲", "a"), column, "zh") == "甲"
    assert written(True, column, "zh") == "是"
    assert np.isnan(number(None)) and np.isnan(number(Text("甲", "a"))) and number(2) == 2.0
