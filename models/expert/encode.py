"""A frame becomes the matrix that a card scores; what cannot be read is marked, row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.expert.card import Item
from riskengine.errors import ModelError
from riskengine.words import Text

YES_NO = frozenset({"yes", "no"})
FLAGS: Mapping[str, str] = {
    "true": "yes", "1": "yes", "1.0": "yes", "是": "yes", "有": "yes", "y": "yes",
    "false": "no", "0": "no", "0.0": "no", "否": "no", "无": "no", "n": "no",
}  # fmt: skip
"""Words for yes and no that sheets use, in small letters."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Facts as numbers.

    Parameters
    ----------
    x : (items, n) float64
        Facts [unit of each item]; a category as the place of its code; NaN is missing.
    faults : tuple of (int, str, Text)
        Row, item and what could not be read; such a fact counts as missing.
    """

    x: NDArray[np.float64]
    faults: tuple[tuple[int, str, Text], ...]


def encode(items: Sequence[Item], frame: pd.DataFrame) -> Encoded:
    """Read the facts that a card asks for.

    Parameters
    ----------
    items : sequence of Item
        Items, in order.
    frame : pandas.DataFrame
        Cases, one a row, with a column for each item's field.

    Returns
    -------
    Encoded
        Facts and what could not be read.

    Raises
    ------
    ModelError
        If columns are absent: a fact that nobody knows is an empty column.
    """
    absent = [item.field for item in items if item.field not in frame.columns]
    if absent:
        raise ModelError(
            Text(f"数据缺少列 {'、'.join(absent)}", f"the frame lacks {', '.join(absent)}"),
            Text("补上该列；确无资料的留空", "add the columns; leave empty what is not known"),
        )
    x = np.full((len(items), len(frame)), np.nan)
    faults: list[tuple[int, str, Text]] = []
    for k, item in enumerate(items):
        read = _chosen if item.kind == "category" else _measured
        wrong = read(item, frame[item.field], x[k])
        faults += [(row, item.name, told) for row, told in wrong]
    return Encoded(x, tuple(sorted(faults, key=lambda fault: fault[0])))


def _measured(item: Item, column: pd.Series, out: NDArray[np.float64]) -> list[tuple[int, Text]]:
    """A number: finite, inside its closed range, and on its grid where it has one."""
    known = column.notna().to_numpy() & (column.astype(str).str.strip() != "").to_numpy()
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    truth = np.array([isinstance(cell, bool | np.bool_) for cell in column], dtype=bool)
    fine = np.isfinite(numbers) & ~truth
    numbers = np.where(fine, numbers, np.nan)
    within = fine & (numbers >= item.low) & (numbers <= item.high)
    steps = np.rint((np.where(within, numbers, item.low) - item.low) / item.step)
    grid = item.low + item.step * steps if item.kind == "direct" else numbers
    on_grid = within & (np.abs(numbers - grid) <= 1e-9 * max(item.step, 1.0))
    out[:] = np.where(on_grid, grid, np.nan)
    ends = f"[{item.low:g}, {item.high:g}]"
    told = (
        (known & ~fine, Text("不是有限数字", "is no finite number")),
        (fine & ~within, Text(f"超出范围 {ends}，请核对单位 {item.unit}",
                              f"lies outside {ends}; check the unit {item.unit}")),
        (within & ~on_grid, Text(f"不是 {item.step:g} 的整数倍", f"is off the step {item.step:g}")),
    )  # fmt: skip
    return [(int(row), text) for mask, text in told for row in np.flatnonzero(mask)]


def _chosen(item: Item, column: pd.Series, out: NDArray[np.float64]) -> list[tuple[int, Text]]:
    """One of the listed answers, by code or by its Chinese title."""
    places: dict[str, int] = {}
    for place, option in enumerate(item.options):
        places[option.title.zh] = place
    for place, option in enumerate(item.options):
        places[option.code] = place
    flags = FLAGS if {option.code for option in item.options} == YES_NO else {}
    wrong = []
    for row, cell in enumerate(column):
        word = answer(cell)
        place = places.get(word, places.get(flags.get(word.lower(), ""), -1))
        if place >= 0:
            out[row] = place
        elif word:
            wrong.append(
                (row, Text("不在选项之内，按缺失计", "is none of the answers; taken as missing"))
            )
    return wrong


def answer(cell: Any) -> str:
    """Return a cell as a word.

    Parameters
    ----------
    cell : object
        The cell.

    Returns
    -------
    str
        Its word without blanks around; empty where missing.

    Examples
    --------
    >>> answer(" 是 "), answer(None), answer(float("nan"))
    ('是', '', '')
    """
    if isinstance(cell, str):
        return cell.strip()
    return "" if cell is None or pd.isna(cell) else str(cell).strip()
