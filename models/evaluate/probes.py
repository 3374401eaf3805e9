"""Leakage probes: columns that know the outcome because they were written after it.

A leaked column makes a model that is excellent until it is used.  Each probe looks
for one way in which the future gets into a training table; none proves anything, so
a finding either rejects a column or asks the analyst about it, with its evidence.

Source: Kaufman, Rosset and Perlich (2012), Leakage in Data Mining, ACM TKDD 6; the
SBA loans of Li, Mickel and Taylor (2018), J. Statistics Education 26, whose term is
cut to the months that a charged-off loan lived.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from models.evaluate.checks import Array, fault, outcomes
from models.evaluate.discrimination import auc
from models.evaluate.leak_words import AFTER_THE_EVENT, KINDS
from models.evaluate.single import (
    Column,
    bins_of,
    column_of,
    cross_fitted_area,
    forward_area,
    gap,
    heap_gap,
)
from riskengine.words import Text

Severity: TypeAlias = Literal["reject", "ask"]


@dataclass(frozen=True, slots=True)
class ProbeBars:
    """From where on a probe speaks.

    Parameters
    ----------
    copies : float
        Area of one column that rejects it [1].
    strong : float
        Area of one column that is asked about [1].
    fades : float
        Fall of the area from random folds to later rows that is asked about [1].
    missing_gap : float
        Difference of the missing share between bads and goods that rejects [1].
    heap_gap, heap_value : float
        Difference of the share on common values that rejects, and the share that
        makes a value common [1].
    later_share : float
        Share of dates after the decision that rejects [1].
    life : float
        Rank correlation with the life of bad loans that rejects [1].
    clock : float
        Rank correlation with the day of the decision that is asked about [1].
    order : float
        Distance from one half of the area of the order of rows or identifiers [1].
    """

    copies: float = 0.9
    strong: float = 0.75
    fades: float = 0.15
    missing_gap: float = 0.3
    heap_gap: float = 0.4
    heap_value: float = 0.01
    later_share: float = 0.005
    life: float = 0.6
    clock: float = 0.9
    order: float = 0.03


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe found.

    Parameters
    ----------
    feature : str
        Column.
    kind : str
        Probe, one of `models.evaluate.leak_words.KINDS`.
    severity : {"reject", "ask"}
        Reject: not to be trained on.  Ask: the analyst says when it was known.
    evidence : mapping of str to float
        Figures behind it.
    words : Text
        The same in a sentence.
    """

    feature: str
    kind: str
    severity: Severity
    evidence: Mapping[str, float]
    words: Text


@dataclass(frozen=True)
class _Scene:
    """What every probe of a column sees."""

    y: Array
    decided: Array
    early: NDArray[np.bool_]
    fold: NDArray[np.int64]
    lived: Array
    bars: ProbeBars


def probe(
    frame: pd.DataFrame,
    target: str,
    decided_on: str,
    features: Sequence[str] | None = None,
    identifier: str | None = None,
    ended_on: str | None = None,
    known_on: Mapping[str, str] | None = None,
    bars: ProbeBars | None = None,
    seed: int = 0,
) -> list[Finding]:
    """Look for columns that were written after the decision.

    Parameters
    ----------
    frame : pandas.DataFrame
        Loans, one a row, in the order of the source; rows without an outcome or a
        day of decision are left out.
    target : str
        Column of the outcome: 1 bad, 0 good.
    decided_on : str
        Column of the day of the decision.
    features : sequence of str, optional
        Columns to look at; all others when left out.
    identifier : str, optional
        Column of the loan's number: not a feature, its order is looked at.
    ended_on : str, optional
        Day on which a bad loan was found bad, for the life of bad loans.
    known_on : mapping of str to str, optional
        For columns that were not known at once, the column of the day on which
        they were.
    bars : ProbeBars, optional
        From where on a probe speaks.
    seed : int
        Seed of the random folds.

    Returns
    -------
    list of Finding
        Rejections first, then questions, in the order of the columns.

    Raises
    ------
    ModelError
        If a column is not there, or the outcomes are of one class or none.

    Notes
    -----
    Give the probe the training and test rows together, with every column that
    exists: a leak is easiest to see beside honest columns.
    """
    known_on = dict(known_on or {})
    wanted = [target, decided_on, *(features or []), *known_on, *known_on.values()]
    wanted += [name for name in (identifier, ended_on) if name is not None]
    lacking = sorted({name for name in wanted if name not in frame.columns})
    if lacking:
        raise fault(
            f"缺少列 {'、'.join(lacking)}", f"columns {', '.join(lacking)} are missing",
            "请修正配置中的列名", "mend the names of columns in the configuration",
        )  # fmt: skip
    scene, rows = _scene(frame, target, decided_on, ended_on, bars or ProbeBars(), seed)
    apart = {target, decided_on, identifier}
    names = [name for name in (features or frame.columns) if name not in apart]
    found = [*_orders(rows, identifier, scene)]
    for name in names:
        found += _probes_of(str(name), column_of(rows[name]), scene)
        if name in known_on:
            found += _known_later(str(name), column_of(rows[known_on[name]]), scene)
    return sorted(found, key=lambda one: one.severity != "reject")


def _scene(
    frame: pd.DataFrame, target: str, decided_on: str, ended_on: str | None, bars: ProbeBars,
    seed: int,
) -> tuple[_Scene, pd.DataFrame]:  # fmt: skip
    """Rows with an outcome and a day, and what is asked of them."""
    decided = column_of(pd.to_datetime(frame[decided_on])).values
    y = frame[target].to_numpy(dtype=np.float64, na_value=np.nan)
    kept = ~np.isnan(y) & ~np.isnan(decided)
    rows, day = frame[kept], decided[kept]
    outcome = outcomes(y[kept])
    lived = np.full(day.size, np.nan)
    if ended_on is not None:
        lived = column_of(pd.to_datetime(rows[ended_on])).values - day
    fold = np.random.default_rng(seed).permutation(day.size) % 5
    return _Scene(outcome, day, day <= np.median(day), fold, lived, bars), rows


def _finding(feature: str, kind: str, severity: Severity, **evidence: float) -> Finding:
    """A finding with its words filled."""
    figures = {name: float(value) for name, value in evidence.items()}
    return Finding(feature, kind, severity, figures, KINDS[kind].fill(feature=feature, **figures))


def _probes_of(name: str, column: Column, scene: _Scene) -> Iterator[Finding]:
    """Every probe of one column."""
    yield from _strength(name, column, scene)
    gone = np.isnan(column.values)
    difference = gap(scene.y, gone)
    if abs(difference) >= scene.bars.missing_gap:
        yield _finding(
            name, "missing_tells", "reject",
            bads=gone[scene.y == 1.0].mean(), goods=gone[scene.y == 0.0].mean(),
        )  # fmt: skip
    if column.kind == "date":
        yield from _later_dates(name, column, scene)
    if column.kind == "number":
        heaped = heap_gap(column.values, scene.y, scene.bars.heap_value)
        if abs(heaped) >= scene.bars.heap_gap:
            yield _finding(name, "leaves_the_heap", "reject", gap=heaped)
    if column.kind != "category":
        yield from _follows(name, column, scene)
    if any(word in name.lower() for word in AFTER_THE_EVENT):
        yield _finding(name, "name", "ask")


def _strength(name: str, column: Column, scene: _Scene) -> Iterator[Finding]:
    """How much a column knows alone, and whether it still does later."""
    bins = bins_of(column)
    random = cross_fitted_area(bins, scene.y, scene.fold)
    later = forward_area(bins, scene.y, scene.early)
    best = max(random, later)
    if best >= scene.bars.copies:
        yield _finding(name, "copies_the_outcome", "reject", random=random, later=later)
    elif best >= scene.bars.strong:
        yield _finding(name, "too_strong", "ask", random=random, later=later)
    if random - later >= scene.bars.fades:
        yield _finding(name, "fades", "ask", random=random, later=later)


def _later_dates(name: str, column: Column, scene: _Scene) -> Iterator[Finding]:
    """Dates after the decision."""
    known = ~np.isnan(column.values)
    if known.any():
        later = float(np.mean(column.values[known] > scene.decided[known]))
        if later >= scene.bars.later_share:
            yield _finding(name, "after_the_decision", "reject", share=later)


def _known_later(name: str, column: Column, scene: _Scene) -> Iterator[Finding]:
    """A column whose own day of knowledge lies after the decision."""
    for one in _later_dates(name, column, scene):
        yield _finding(name, "known_later", "reject", **one.evidence)


def _follows(name: str, column: Column, scene: _Scene) -> Iterator[Finding]:
    """Rank correlation with the life of bad loans, and with the calendar."""
    rows = (scene.y == 1.0) & ~np.isnan(scene.lived) & ~np.isnan(column.values)
    followed = _rank_correlation(column.values[rows], scene.lived[rows])
    if abs(followed) >= scene.bars.life:
        yield _finding(name, "follows_life", "reject", correlation=followed)
    known = ~np.isnan(column.values)
    clock = _rank_correlation(column.values[known], scene.decided[known])
    if abs(clock) >= scene.bars.clock:
        yield _finding(name, "clock", "ask", correlation=clock)


def _rank_correlation(first: Array, second: Array) -> float:
    """Spearman's, 0 where it has no value or fewer than 30 rows."""
    if first.size < 30 or first.min() == first.max() or second.min() == second.max():
        return 0.0
    return float(stats.spearmanr(first, second).statistic)


def _orders(
    rows: pd.DataFrame, identifier: str | None, scene: _Scene
) -> Iterator[Finding]:  # fmt: skip
    """Outcomes that follow the order of the rows or of the identifiers."""
    ordered: list[tuple[str, str, NDArray[Any]]] = [("rows", "row_order", np.arange(scene.y.size))]
    if identifier is not None:
        number = pd.to_numeric(rows[identifier], errors="coerce")
        text = pd.factorize(rows[identifier].astype("string"), sort=True)[0]
        key = number.to_numpy(np.float64, na_value=np.nan)
        ordered.append((identifier, "identifier_order", text if np.isnan(key).any() else key))
    for name, kind, key in ordered:
        measured = auc(scene.y, key)
        far = abs(measured.auc - 0.5) >= scene.bars.order
        if far and not measured.test.p_value >= 1e-3:
            yield _finding(name, kind, "ask", area=measured.auc, p_value=measured.test.p_value)
