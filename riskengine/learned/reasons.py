"""A borrower may ask why: the features that raised a PD, and what would lower it.

A reason is a contribution against what the model answers on average.  A cure is the
nearest other value of a feature that the borrower can change, found by asking the
model itself, so that it holds for trees and cards alike.
"""

from dataclasses import dataclass
from decimal import Decimal
from math import isnan

import numpy as np
from numpy.typing import NDArray

from riskengine.columns import HEADING_UNITS
from riskengine.learned.default import DefaultModel
from riskengine.learned.features import Feature
from riskengine.units import written
from riskengine.words import Text

Index = NDArray[np.int64]
MATERIAL = 0.02
"""Least contribution that is told [log odds]."""

LEAST_GAIN = 0.05
"""Least relative fall of the PD that makes a cure worth saying."""

MOST_SAID = 4096
"""Most values of one feature whose words are kept."""
NOT_KNOWN = Text("“未知”", "'not known'")


@dataclass(frozen=True)
class Reason:
    """One reason for a PD.

    Parameters
    ----------
    feature : str
        Which feature.
    contribution : float
        What it adds to the log odds of default.
    told : Text
        In words.
    cure : Text or None
        What would lower the PD, where the borrower can change the feature.
    pd_after : float
        PD with the cure [1]; NaN without one.
    """

    feature: str
    contribution: float
    told: Text
    cure: Text | None
    pd_after: float


def reasons(model: DefaultModel, x: NDArray[np.float64], most: int = 4) -> tuple[Reason, ...]:
    """Return why one PD is as it is, the heaviest reason first.

    Parameters
    ----------
    model : DefaultModel
        The model.
    x : (features,) float64
        One case.
    most : int
        Most reasons, >= 1.

    Returns
    -------
    tuple of Reason
        Features that raised the PD; empty when none did.
    """
    column = np.ascontiguousarray(x.reshape(-1, 1))
    _, parts = model.contributions(column)
    return reasons_many(model, column, parts, model.pd(column), most)[0]


def reasons_many(
    model: DefaultModel, x: NDArray[np.float64], parts: NDArray[np.float64],
    pd: NDArray[np.float64], most: int = 4,
) -> list[tuple[Reason, ...]]:  # fmt: skip
    """Return why many PDs are as they are; the model is asked for all cures at once.

    Parameters
    ----------
    model : DefaultModel
        The model.
    x : (features, n) float64
        Cases.
    parts : (features, n) float64
        Contributions of the features, as `DefaultModel.contributions` gives them [log odds].
    pd : (n,) float64
        PDs [1].
    most : int
        Most reasons of a case, >= 1.

    Returns
    -------
    list of tuple of Reason
        Of each case what `reasons` says of it alone.
    """
    order = np.argsort(-parts, axis=0, kind="stable")[:most]
    cases, ranks = np.nonzero((np.take_along_axis(parts, order, axis=0) > MATERIAL).T)
    which = order[ranks, cases]
    added = parts[which, cases]
    others, after = _cures(model, x, pd, cases, which)
    told: list[list[Reason]] = [[] for _ in range(x.shape[1])]
    found = (cases, which, x[which, cases], added, np.exp(added), pd[cases], others, after)
    for i, k, *one in zip(*(column.tolist() for column in found), strict=True):
        told[i].append(_reason(model.features[k], *one))
    return [tuple(one) for one in told]


def _reason(
    feature: Feature, value: float, part: float, times: float, now: float, other: float,
    after: float,
) -> Reason:  # fmt: skip
    """One reason, with the value that would lower the PD; NaN where none does."""
    words, told_value = feature.words, shown(feature, value)
    told = Text(
        f"{words.zh}为{told_value.zh}，使违约几率升至 {times:.2f} 倍",
        f"{words.en} of {told_value.en} makes the odds of default {times:.2f} times as high",
    )
    if isnan(after):
        return Reason(feature.name, part, told, None, after)
    wanted = shown(feature, other, exact=True)
    said = Text(
        f"{words.zh}改为{wanted.zh}，违约概率由 {now:.2%} 降至 {after:.2%}",
        f"with {words.en} of {wanted.en} the PD falls from {now:.2%} to {after:.2%}",
    )
    return Reason(feature.name, part, told, said, after)


def cure(
    model: DefaultModel, column: NDArray[np.float64], k: int, now: float
) -> tuple[float, float] | None:
    """Return the nearest value of a feature that lowers a PD enough to be worth saying.

    Parameters
    ----------
    model : DefaultModel
        The model, with its reference histogram or its card.
    column : (features, 1) float64
        One case.
    k : int
        Feature.
    now : float
        PD as it is [1].

    Returns
    -------
    tuple of float or None
        The value and the PD with it; None when no value seen in training helps, or the
        present one is not known.
    """
    other, after = _nearest(model, column, np.array([now]), np.array([0]), np.array([k]))
    return None if np.isnan(after[0]) else (float(other[0]), float(after[0]))


def _cures(
    model: DefaultModel, x: NDArray[np.float64], now: NDArray[np.float64], cases: Index,
    which: Index,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Values of features that help, and the PD with each, where the borrower can change them."""
    found = np.full((2, cases.size), np.nan)
    free = np.array([feature.actionable for feature in model.features])
    asked = np.flatnonzero(free[which])
    found[:, asked] = _nearest(model, x, now, cases[asked], which[asked])
    return found[0], found[1]


def _nearest(
    model: DefaultModel, x: NDArray[np.float64], now: NDArray[np.float64], cases: Index,
    which: Index,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Nearest values that help, of a category the best, and the PD with each.

    Every value is tried in one call of the model, the present one too: it never helps.
    NaN where none does, or the present one is not known.
    """
    starts = model.tried_starts
    held = x[which, cases]
    sizes = np.where(np.isnan(held), 0, starts[which + 1] - starts[which])
    ask = np.repeat(np.arange(cases.size), sizes)
    found = np.full((2, cases.size), np.nan)
    if not ask.size:
        return found[0], found[1]
    tries, first = np.arange(ask.size), np.cumsum(sizes) - sizes
    values = np.concatenate(model.tried)[(starts[which] - first)[ask] + tries]
    columns = np.take(x, cases[ask], axis=1)
    columns[which[ask], tries] = values
    after = model.pd(columns)
    helps = after <= now[cases[ask]] * (1.0 - LEAST_GAIN)
    kinds = np.array([feature.kind == "category" for feature in model.features])
    far = np.where(kinds[which[ask]], after, np.abs(values - held[ask]))
    ranked = np.lexsort((tries, far, ask))
    ranked = ranked[helps[ranked]]
    told, best = np.unique(ask[ranked], return_index=True)
    found[:, told] = values[ranked[best]], after[ranked[best]]
    return found[0], found[1]


def shown(feature: Feature, value: float, *, exact: bool = False) -> Text:
    """Return a value of a feature in words.

    Parameters
    ----------
    feature : Feature
        The feature.
    value : float
        Its number; NaN is not known.
    exact : bool
        Whether the number is told as it was tried, to six digits, so that who takes it gets
        the PD that is told; else with the digits that people read.

    Returns
    -------
    Text
        Code, or number with its unit.
    """
    if isnan(value):
        return NOT_KNOWN
    key = value or repr(value), exact  # a zero as text, which tells its sign
    said = feature.said.get(key)
    if said is None:
        if len(feature.said) >= MOST_SAID:
            feature.said.clear()
        said = feature.said[key] = _worded(feature, value, exact)
    return said


def _worded(feature: Feature, value: float, exact: bool) -> Text:
    """A value that is known, in words."""
    if feature.kind == "category":
        code = feature.codes[int(value)]
        said = feature.code_titles[int(value)] if feature.code_titles else Text(code, code)
        return Text(f"“{said.zh}”", f"'{said.en}'")
    figure = _tried(value) if exact else _short(value)
    if feature.unit == "1":
        return Text(figure, figure)
    unit = HEADING_UNITS.get(feature.unit, feature.unit)
    many = feature.unit in ("year", "month") and figure != "1"
    return Text(f"{figure} {unit}", f"{figure} {feature.unit}{'s' if many else ''}")


def _tried(value: float) -> str:
    """A number to six digits, without an exponent."""
    plain = 1e-4 <= abs(value) < 999_999.0 or value == 0.0
    return f"{value:,.6g}" if plain else f"{Decimal(f'{value:.6g}'):,f}"


def _short(value: float) -> str:
    """A number with the digits that people read: three of a part, two decimals, whole above 100."""
    if value == 0.0 or abs(value) >= 100.0:
        return f"{value:,.0f}"
    if abs(value) < 1.0:
        return written(float(f"{value:.3g}"))
    return f"{value:.2f}".rstrip("0").rstrip(".")
