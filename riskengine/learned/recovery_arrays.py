"""Arrays that a released recovery model must hold; their meaning is in `recovery`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHARED = (
    "levels", "shifts", "mean_shift", "group_feature", "bounds", "downturn", "low", "high",
    "may_miss",
)  # fmt: skip
"""Arrays that a release of any form has."""

TREE = ("roots", "feature", "threshold", "missing_left", "left", "right", "leaf", "baseline")
"""Arrays of one group of trees, behind their prefix; `riskengine.learned.trees` checks them."""

LINEAR = ("intercept", "slope", "missing", "code_effects", "code_starts", "low", "high", "centre")
"""Arrays of a linear form, behind ``linear_``."""


def array_faults(form: str, arrays: Mapping[str, NDArray[Any]], features: int) -> list[str]:
    """Return what keeps arrays from being a recovery model.

    Parameters
    ----------
    form : str
        Form of the model.
    arrays : mapping of str to array
        As the module says.
    features : int
        How many features the model looks at.

    Returns
    -------
    list of str
        Faults, empty when there are none.
    """
    if form not in {"boosting", "fractional", "two_stage"}:
        return [f"form {form!r} is not of a recovery model"]
    needed = [*SHARED]
    if form == "boosting":
        needed += [f"mean_{name}" for name in TREE]
    else:
        needed += [f"linear_{name}" for name in LINEAR]
    if form == "two_stage":
        needed.append("precision")
    if "level0_roots" in arrays and "levels" in arrays:
        needed += [f"level{k}_{name}" for k in range(arrays["levels"].size) for name in TREE]
    faults = [f"array {name} is missing" for name in needed if name not in arrays]
    return faults or _shape_faults(form, arrays, features)


def _shape_faults(form: str, arrays: Mapping[str, NDArray[Any]], features: int) -> list[str]:
    levels = arrays["levels"].size
    wanted: dict[str, tuple[int, ...]] = {
        "group_feature": (1,), "mean_shift": (1,), "bounds": (2,), "downturn": (1,),
        "low": (features,), "high": (features,), "may_miss": (features,), "levels": (levels,),
        "shifts": (arrays["shifts"].shape[0], levels),
    }  # fmt: skip
    if form != "boosting":
        stages = 1 if form == "fractional" else 3
        wanted |= {
            "linear_intercept": (stages,), "linear_slope": (stages, features),
            "linear_missing": (stages, features), "linear_code_starts": (features + 1,),
        }  # fmt: skip
    faults = [
        f"array {name} has shape {arrays[name].shape}, not {shape}"
        for name, shape in wanted.items()
        if arrays[name].shape != shape
    ]
    if faults:
        return faults
    if levels == 0 or (np.diff(arrays["levels"]) <= 0.0).any() or 0.5 not in arrays["levels"]:
        faults.append("levels must rise and hold 0.5")
    if not -1 <= int(arrays["group_feature"][0]) < features:
        faults.append("group_feature names no feature")
    if np.isnan(arrays["shifts"]).any():
        faults.append("shifts hold NaN")
    if not 0.0 <= float(arrays["downturn"][0]) <= 1.0:
        faults.append("downturn must lie in [0, 1]")
    return faults
