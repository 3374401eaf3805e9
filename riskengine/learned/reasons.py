"""A borrower may ask why: the features that raised a PD, and what would lower it.

A reason is a contribution against what the model answers on average.  A cure is the
nearest other value of a feature that the borrower can change, found by asking the
model itself, so that it holds for trees and cards alike.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    now = float(model.pd(column)[0])
    order = np.argsort(-parts[:, 0], kind="stable")[:most]
    return tuple(
        _reason(model, column, int(k), float(parts[k, 0]), now)
        for k in order
        if parts[k, 0] > MATERIAL
    )


def _reason(
    model: DefaultModel, column: NDArray[np.float64], k: int, part: float, now: float
) -> Reason:  # fmt: skip
    feature = model.features[k]
    words, value = feature.words, shown(feature, float(column[k, 0]))
    times = np.exp(part)
    told = Text(
        f"{words.zh}为{value.zh}，使违约几率升至 {times:.2f} 倍",
        f"{words.en} of {value.en} makes the odds of default {times:.2f} times as high",
    )
    better = cure(model, column, k, now) if feature.actionable else None
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
        The model, with its reference histogram.
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
    value = float(column[k, 0])
    others = _values(model, k)
    if np.isnan(value) or not others.size:
        return None
    tried = np.repeat(column, others.size, axis=1)
    tried[k] = others
    after = model.pd(tried)
    helps = np.flatnonzero(after <= now * (1.0 - LEAST_GAIN))
    if not helps.size:
        return None
    if model.features[k].kind == "category":
        best = helps[np.argmin(after[helps])]
    else:
        best = helps[np.argmin(np.abs(others[helps] - value))]
    return float(others[best]), float(after[best])


def _values(model: DefaultModel, k: int) -> NDArray[np.float64]:
    """Values of a feature that were seen in training: its codes, or its frozen edges."""
    arrays = model.release.arrays
    if model.features[k].kind == "category":
        return np.arange(len(model.features[k].codes), dtype=np.float64)
    if "histogram_edges" not in arrays:
        return np.empty(0)
    begin, end = arrays["histogram_edge_starts"][k : k + 2]
    return np.asarray(arrays["histogram_edges"][begin:end], dtype=np.float64)


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
        return Text(f"“{feature.codes[int(value)]}”", f"'{feature.codes[int(value)]}'")
    unit = "" if feature.unit == "1" else f" {feature.unit}"
    return Text(f"{value:,.6g}{unit}", f"{value:,.6g}{unit}")
