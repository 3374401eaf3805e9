"""Released recovery models: mean, quantiles and downturn of the loss given default.

Arrays of a release, all plain numbers:

========================== =============== ==================================================
array                      shape           what
========================== =============== ==================================================
levels                     (k,)            probabilities of the quantiles, rising, with 0.5
shifts                     (groups + 1, k) conformal shift by group and level; last row: all
mean_shift                 (1,)            what is added to the raw mean: the mean error of the
                                           calibration rows
group_feature              (1,) int64      feature that names the group, -1 for none
bounds                     (2,)            admissible range of the loss, both ends inside
downturn                   (1,)            floor a of a downturn: a + (1 - a) LGD
low, high, may_miss        (features,)     what training saw: ranges, and what may be missing
mean_*                     trees           trees of the mean (form ``boosting``)
level0_*, level1_*, ...    trees           trees of each quantile; absent: the mean is shifted
linear_intercept           (stages,)       stages of a linear form: 1 (``fractional``, the mean)
                                           or 3 (``two_stage``: no loss, total loss, between)
linear_slope,              (stages,        effect of one unit, and of a missing cell
linear_missing             features)
linear_code_effects        (stages, codes) effects of codes; those of a feature lie between
linear_code_starts         (features + 1,) ``linear_code_starts[k]`` and ``[k + 1]``
linear_low, linear_high,   (features,)     ends to which a number is drawn, and its centre
linear_centre
precision                  (1,)            precision a + b of the beta between 0 and 1
========================== =============== ==================================================

Trees are the arrays of `riskengine.learned.trees.prepare` behind their prefix; their scores
equal scikit-learn's to the last bit.  Linear forms equal the trainer's to about 1e-14.

Two points of the same loss are named apart: `RecoveryModel.lgd` is the mean, which belongs
into an expected loss; `RecoveryModel.median` has the smallest mean absolute error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.recovery_score import (
    linear_scores,
    logistic_rows,
    mixture_rows,
    shifted_quantiles,
)
from riskengine.kernels.trees import outside_support
from riskengine.learned.features import Feature
from riskengine.learned.recovery_arrays import LINEAR, array_faults
from riskengine.learned.release import Release
from riskengine.learned.trees import PreparedTrees, prepare, raw_scores


@dataclass(frozen=True)
class Parts:
    """Arrays of a recovery model with its trees laid out for the kernels.

    Parameters
    ----------
    form : {"boosting", "fractional", "two_stage"}
        How it speaks of the mean.
    arrays : mapping of str to array
        As the module says.
    trees : mapping of str to PreparedTrees
        By prefix: ``mean_``, ``level0_`` and so on.
    """

    form: str
    arrays: Mapping[str, NDArray[Any]]
    trees: Mapping[str, PreparedTrees]

    @classmethod
    def laid_out(cls, form: str, arrays: Mapping[str, NDArray[Any]], features: int) -> "Parts":
        """Lay out the trees among some arrays.

        Parameters
        ----------
        form : {"boosting", "fractional", "two_stage"}
            Form of the model.
        arrays : mapping of str to array
            As the module says.
        features : int
            How many features the model looks at.

        Returns
        -------
        Parts
            Ready to score.

        Raises
        ------
        ModelError
            If the arrays are no sound trees.
        """
        ends = "roots"
        prefixes = [name[: -len(ends)] for name in arrays if name.endswith(f"_{ends}")]
        trees = {
            prefix: prepare(
                {k[len(prefix) :]: v for k, v in arrays.items() if k.startswith(prefix)}, features
            )
            for prefix in prefixes
        }
        return cls(form, arrays, trees)


@dataclass(frozen=True)
class RecoveryModel:
    """A released model of the loss given default, as a share of the exposure.

    Parameters
    ----------
    release : Release
        Where it comes from.
    parts : Parts
        Arrays and trees, ready to score.
    """

    release: Release
    parts: Parts

    @classmethod
    def of(cls, release: Release) -> "RecoveryModel":
        """Take a recovery model out of a release.

        Parameters
        ----------
        release : Release
            Verified release of kind ``recovery``.

        Returns
        -------
        RecoveryModel
            The model.

        Raises
        ------
        ValueError
            If an array that its form needs is missing or has another shape.
        ModelError
            If its trees are not sound.
        """
        size = len(release.features)
        faults = array_faults(release.form, release.arrays, size)
        if faults:
            raise ValueError("; ".join(faults))
        return cls(release, Parts.laid_out(release.form, release.arrays, size))

    @property
    def features(self) -> tuple[Feature, ...]:
        """What it looks at, in order."""
        return self.release.features

    @property
    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """Arrays of the release, as the module says."""
        return self.parts.arrays

    def inside(self, x: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say which rows lie within what training saw; for the others abstain.

        Parameters
        ----------
        x : (features, n) float64
            Features; NaN is missing.

        Returns
        -------
        (n,) bool
            Whether every number lies in its range, and is missing only where it may be.
        """
        wanted = np.ones(x.shape[1], dtype=np.bool_)
        a = self.arrays
        outside_support(x, wanted, a["low"], a["high"], a["may_miss"])
        return wanted

    def lgd(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean loss given default, for an expected loss.

        Parameters
        ----------
        x : (features, n) float64
            Features, C-contiguous; NaN is missing.

        Returns
        -------
        (n,) float64
            Mean share lost [1], within ``bounds``.
        """
        low, high = map(float, self.arrays["bounds"])
        shift = float(self.arrays["mean_shift"][0])
        return np.clip(raw_mean(self.parts, x) + shift, low, high)

    def quantiles(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated quantiles of the loss given default.

        Parameters
        ----------
        x : (features, n) float64
            Features, C-contiguous; NaN is missing.

        Returns
        -------
        (levels, n) float64
            Share lost [1] at each of ``levels`` (as a rule 0.05, 0.5 and 0.95), never
            crossing.
        """
        a = self.arrays
        out = raw_quantiles(self.parts, x)
        place = int(a["group_feature"][0])
        groups = x[place] if place >= 0 else np.full(x.shape[1], np.nan)
        low, high = a["bounds"]
        shifted_quantiles(out, np.ascontiguousarray(groups), a["shifts"], low, high)
        return out

    def median(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Median loss given default: the point of the smallest mean absolute error.

        Parameters
        ----------
        x : (features, n) float64
            Features, C-contiguous; NaN is missing.

        Returns
        -------
        (n,) float64
            Share lost [1].
        """
        place = int(np.argmin(np.abs(self.arrays["levels"] - 0.5)))
        middle: NDArray[np.float64] = self.quantiles(x)[place]
        return middle

    def downturn(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean loss given default in a bad year: a + (1 - a) LGD.

        Parameters
        ----------
        x : (features, n) float64
            Features, C-contiguous; NaN is missing.

        Returns
        -------
        (n,) float64
            Share lost [1], not below `lgd` of a share up to 1.
        """
        floor = float(self.arrays["downturn"][0])
        mean = self.lgd(x)
        return mean + floor * np.maximum(1.0 - mean, 0.0)


def raw_mean(parts: Parts, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean loss before it is shifted and kept within bounds.

    Parameters
    ----------
    parts : Parts
        The model.
    x : (features, n) float64
        Features; NaN is missing.

    Returns
    -------
    (n,) float64
        Share lost [1].
    """
    if parts.form == "boosting":
        scores: NDArray[np.float64] = raw_scores(parts.trees["mean_"], x)
        return scores
    stages = stage_scores(parts.arrays, x)
    mean = np.empty(x.shape[1])
    if parts.form == "fractional":
        logistic_rows(stages[0], mean)
        return mean
    none, precision = np.empty(0), float(parts.arrays["precision"][0])
    mixture_rows(stages, none, precision, mean, np.empty((0, x.shape[1])))
    return mean


def raw_quantiles(parts: Parts, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles before the conformal shift.

    Parameters
    ----------
    parts : Parts
        The model.
    x : (features, n) float64
        Features; NaN is missing.

    Returns
    -------
    (levels, n) float64
        Share lost [1]; equal to the mean at every level where the release has no
        quantiles of its own.
    """
    levels = parts.arrays["levels"]
    if "level0_" in parts.trees:
        return np.array([raw_scores(parts.trees[f"level{k}_"], x) for k in range(levels.size)])
    if parts.form == "two_stage":
        scores, precision = stage_scores(parts.arrays, x), float(parts.arrays["precision"][0])
        mean, out = np.empty(x.shape[1]), np.empty((levels.size, x.shape[1]))
        mixture_rows(scores, levels, precision, mean, out)
        return out
    return np.tile(raw_mean(parts, x), (levels.size, 1))


def stage_scores(arrays: Mapping[str, NDArray[Any]], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear predictors of the stages of a linear form.

    Parameters
    ----------
    arrays : mapping of str to array
        As the module says.
    x : (features, n) float64
        Features; NaN is missing.

    Returns
    -------
    (stages, n) float64
        Log odds.
    """
    a = {name: arrays[f"linear_{name}"] for name in LINEAR}
    out = np.empty((a["intercept"].size, x.shape[1]))
    for k, intercept in enumerate(a["intercept"]):
        linear_scores(
            x, a["low"], a["high"], a["centre"], a["slope"][k], a["missing"][k],
            a["code_effects"][k], a["code_starts"], float(intercept), out[k],
        )  # fmt: skip
    return out
