"""Points, grades, vetoes and the line of many cases by one card."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.expert.arrays import default_probability, points_of, to_scorecard_arrays
from models.expert.card import Card, Line
from models.expert.encode import Encoded, answer, encode
from models.expert.vetoes import CLEAR, HIT, SEVERE, UNKNOWN, judge_vetoes, outcomes, reasons
from riskengine.errors import ModelError
from riskengine.rules import RuleBook, statute
from riskengine.words import Text

Numbers = NDArray[np.float64]
GRADE_DIGITS = 6
"""Decimals to which a total is rounded before it meets a cut-off: ten times 0.1 is 1."""


def score_card(
    card: Card, frame: pd.DataFrame, day: date, *, book: RuleBook | None = None,
    facts: Mapping[str, Any] | None = None, gates: bool = True,
) -> pd.DataFrame:  # fmt: skip
    """Score many cases by one card.

    Parameters
    ----------
    card : Card
        The card.
    frame : pandas.DataFrame
        Cases, one a row: a column for each item's field, and the facts of the vetoes.
    day : datetime.date
        Day of the decision: the card must be valid, and rules take their value of that day.
    book : RuleBook or None
        Rules of the place; the nation's where None.
    facts : mapping of str to object or None
        Facts that hold for every case, such as ``agri_policy_guarantor``.
    gates : bool
        Whether vetoes that name rules are judged here; False where the engine's gates
        have judged them.

    Returns
    -------
    pandas.DataFrame
        Index of ``frame``.  ``item.*`` and ``block.*`` [point]; ``total`` and
        ``total_without_social`` [point], the latter scaled up to the full marks so that the
        same bands apply; ``grade`` and ``grade_without_social`` (None where there is none);
        ``pd_expert`` [1] by the master scale from the points without social items;
        ``vetoes`` and ``not_known`` (tuples of names); ``outcome`` (pass, refer, block);
        ``reasons_zh``, ``reasons_en``; ``missing`` (tuple of items); ``line_yuan`` [yuan].

    Raises
    ------
    ModelError
        If the card is not valid on the day, or columns of items are absent.
    """
    _valid(card, day)
    n = len(frame)
    read = encode(card.items(), frame)
    parts = _point_columns(card, read)
    judged = judge_vetoes(card, frame, day, book or statute(), facts or {}, gates)
    told = reasons(judged, n)
    states = np.array([one.state for one in judged], dtype=np.int8).reshape(len(judged), n)
    clear = (states == CLEAR).all(axis=0)
    grades = _grades(card, frame, parts, clear)
    worst = np.maximum(outcomes(judged, n), _unread(card, read, grades, told))
    hits = [tuple(one.veto.name for one in judged if one.state[k] == HIT) for k in range(n)]
    unknown = [tuple(one.veto.name for one in judged if one.state[k] == UNKNOWN) for k in range(n)]
    items = card.items()
    columns: dict[str, Any] = {
        **parts, **grades, "vetoes": hits, "not_known": unknown,
        "outcome": [SEVERE[code] for code in worst],
        "reasons_zh": ["；".join(text.zh for _, text in row) for row in told],
        "reasons_en": ["; ".join(text.en for _, text in row) for row in told],
        "missing": [
            tuple(items[k].name for k in np.flatnonzero(np.isnan(read.x[:, row])))
            for row in range(n)
        ],
    }  # fmt: skip
    if card.line is not None:
        columns["line_yuan"] = _line(card.line, frame, grades["grade"], worst)
    return pd.DataFrame(columns, index=frame.index)


def _valid(card: Card, day: date) -> None:
    """The day lies within the card's life."""
    last = card.valid_until or date.max
    if not card.valid_from <= day <= last:
        raise ModelError(
            Text(
                f"评分卡 {card.name} 在 {day} 无效（{card.valid_from} 至 {last}）",
                f"scorecard {card.name} is not valid on {day} ({card.valid_from} to {last})",
            ),
            Text("换用当日有效的版本", "use the version of that day"),
        )


def _point_columns(card: Card, read: Encoded) -> dict[str, Numbers]:
    """Points by item and block, and both totals.  Sums run in the order of the card."""
    items = card.items()
    if not items:
        return {}
    points = points_of(to_scorecard_arrays(card, social=True), read.x)
    columns = {f"item.{item.name}": points[k] for k, item in enumerate(items)}
    total, plain = np.zeros(points.shape[1]), np.zeros(points.shape[1])
    at = 0
    for block in card.blocks:
        own = np.zeros(points.shape[1])
        for row in points[at : at + len(block.items)]:
            own = own + row
            total = total + row
            plain = plain if block.social else plain + row
        columns[f"block.{block.name}"] = own
        at += len(block.items)
    columns["total"] = total
    full, part = card.marks(), card.marks(social=False)
    columns["total_without_social"] = plain * (full / part) if part > 0.0 else plain * np.nan
    return columns


def _grades(
    card: Card, frame: pd.DataFrame, parts: Mapping[str, Numbers], clear: NDArray[np.bool_]
) -> dict[str, Any]:
    """Grades by bands, as given, or of those whom no veto hits; and the expert's PD."""
    n = len(frame)
    if card.grade_field:
        column = frame[card.grade_field] if card.grade_field in frame else [None] * n
        return {"grade": [answer(cell) or None for cell in column]}
    if card.clear_grade:
        return {"grade": [card.clear_grade if free else None for free in clear]}
    columns: dict[str, Any] = {
        "grade": [None] * n if not card.bands else grades_of(card, parts["total"]),
    }
    if card.bands:
        columns["grade_without_social"] = grades_of(card, parts["total_without_social"])
    if card.climb_field:
        columns["grade"] = _climbed(card, frame, columns["grade"])
    if card.scale is not None:
        columns["pd_expert"] = default_probability(card.scale, parts["total_without_social"])
    return columns


def grades_of(card: Card, total: Numbers) -> list[str | None]:
    """Return the grades that totals earn.

    Parameters
    ----------
    card : Card
        A card with bands.
    total : (n,) float64
        Totals [point].

    Returns
    -------
    list of str or None
        Grades; None below the last cut-off and where there is no total.
    """
    cuts = np.array([band.least for band in card.bands[::-1]])
    names = [None, *(band.grade for band in card.bands[::-1])]
    places = np.searchsorted(cuts, np.round(total, GRADE_DIGITS), side="right")
    return [None if np.isnan(x) else names[k] for x, k in zip(total, places, strict=True)]


def _climbed(card: Card, frame: pd.DataFrame, grades: list[str | None]) -> list[str | None]:
    """No more than one grade above the one held; none where that is not known."""
    order = [band.grade for band in card.bands]
    field = card.climb_field
    held = [answer(cell) for cell in frame[field]] if field in frame else [""] * len(frame)
    return [
        order[max(order.index(grade), order.index(before) - 1)]
        if grade is not None and before in order else None
        for grade, before in zip(grades, held, strict=True)
    ]  # fmt: skip


def _unread(
    card: Card, read: Encoded, grades: Mapping[str, Any], told: list[list[tuple[str, Text]]]
) -> NDArray[np.int8]:
    """Cases for a person: cells that could not be read, missing facts that matter, no grade."""
    n = len(told)
    worst = np.zeros(n, dtype=np.int8)
    items = card.items()
    titles = {item.name: item.title for item in items}
    for row, name, text in read.faults:
        title = titles[name]
        told[row].append((name, Text(f"{title.zh}：{text.zh}", f"{title.en}: {text.en}")))
        worst[row] = 1
    for k, item in enumerate(items):
        for row in np.flatnonzero(np.isnan(read.x[k])).tolist() if item.refers else ():
            title = item.title
            told[row].append((item.name, Text(f"缺少{title.zh}", f"missing: {title.en}")))
            worst[row] = 1
    graded = bool(card.bands or card.grade_field or card.clear_grade)
    for row, grade in enumerate(grades["grade"] if graded else ()):
        if grade is None:
            worst[row] = 1
    return worst


def _line(line: Line, frame: pd.DataFrame, grades: list[str | None], worst: Any) -> Numbers:
    """Base by grade plus shares, capped; NaN where not known, 0 without base or if blocked."""
    amount = np.array([np.nan if grade is None else line.base.get(grade, 0.0) for grade in grades])
    none = (amount == 0.0) | (worst == SEVERE.index("block"))
    for name, share in line.parts.items():
        column = frame[name] if name in frame else pd.Series(np.nan, index=frame.index)
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        amount = amount + share * np.where(np.isfinite(numbers) & (numbers >= 0), numbers, np.nan)
    return np.where(none, 0.0, np.minimum(amount, line.cap))
