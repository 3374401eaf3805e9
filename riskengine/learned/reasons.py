"""A borrower may ask why: the features that raised a PD, and what would lower it.

A reason is a contribution against what the model answers on average.  A cure is the
nearest other value of a feature that the borrower can change, found by asking the
model itself, so that it holds for trees and cards alike.
"""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from riskengine.columns import HEADING_UNITS
from riskengine.learned.default import DefaultModel
from riskengine.learned.features import Feature
from riskengine.words import Text

MATERIAL = 0.02
"""Least contribution that is told [log odds]."""

LEAST_GAIN = 0.05
"""Least relative fall of the PD that makes a cure worth saying."""


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
    found = [
        (i, int(k)) for i in range(x.shape[1]) for k in order[:, i] if parts[k, i] > MATERIAL
    ]  # fmt: skip
    better = _cures(model, x, pd, [one for one in found if model.features[one[1]].actionable])
    told: list[list[Reason]] = [[] for _ in range(x.shape[1])]
    for i, k in found:
        told[i].append(
            _reason(model, x[k, i], k, float(parts[k, i]), float(pd[i]), better.get((i, k)))
        )
    return [tuple(one) for one in told]


def _reason(
    model: DefaultModel, value: float, k: int, part: float, now: float,
    better: tuple[float, float] | None,
) -> Reason:  # fmt: skip
    feature = model.features[k]
    words, told_value = feature.words, shown(feature, float(value))
    times = np.exp(part)
    told = Text(
        f"{words.zh}为{told_value.zh}，使违约几率升至 {times:.2f} 倍",
        f"{words.en} of {told_value.en} makes the odds of default {times:.2f} times as high",
    )
    if better is None:
        return Reason(feature.name, part, told, None, float("nan"))
    other, after = better
    wanted = shown(feature, other)
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
    return _cures(model, column, np.array([now]), [(0, k)]).get((0, k))


def _cures(
    model: DefaultModel, x: NDArray[np.float64], now: NDArray[np.float64],
    asked: list[tuple[int, int]],
) -> dict[tuple[int, int], tuple[float, float]]:  # fmt: skip
    """Values that help, by case and feature, and the PD with each: one call of the model."""
    values = model.tried
    tried = []
    for i, k in asked:
        others = values[k][values[k] != x[k, i]]
        if others.size and not np.isnan(x[k, i]):
            tried.append((i, k, others))
    if not tried:
        return {}
    sizes = [others.size for _, _, others in tried]
    columns = np.repeat(x[:, [i for i, _, _ in tried]], sizes, axis=1)
    ends = np.cumsum(sizes)
    for (_, k, others), end in zip(tried, ends.tolist(), strict=True):
        columns[k, end - others.size : end] = others
    found = {}
    for (i, k, others), after in zip(tried, np.split(model.pd(columns), ends[:-1]), strict=True):
        helps = np.flatnonzero(after <= now[i] * (1.0 - LEAST_GAIN))
        if not helps.size:
            continue
        if model.features[k].kind == "category":
            best = helps[np.argmin(after[helps])]
        else:
            best = helps[np.argmin(np.abs(others[helps] - x[k, i]))]
        found[i, k] = float(others[best]), float(after[best])
    return found


def shown(feature: Feature, value: float) -> Text:
    """Return a value of a feature in words.

    Parameters
    ----------
    feature : Feature
        The feature.
    value : float
        Its number; NaN is not known.

    Returns
    -------
    Text
        Code, or number with its unit.
    """
    if np.isnan(value):
        return Text("“未知”", "'not known'")
    if feature.kind == "category":
        code = feature.codes[int(value)]
        said = feature.code_titles[int(value)] if feature.code_titles else Text(code, code)
        return Text(f"“{said.zh}”", f"'{said.en}'")
    plain = 1e-4 <= abs(value) < 999_999.0 or value == 0.0
    figure = f"{value:,.6g}" if plain else f"{Decimal(f'{value:.6g}'):,f}"  # no exponent
    if feature.unit == "1":
        return Text(figure, figure)
    unit = HEADING_UNITS.get(feature.unit, feature.unit)
    return Text(f"{figure} {unit}", f"{figure} {feature.unit}")
