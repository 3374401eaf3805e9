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

Trees are arrays ``roots, feature, threshold, missing_left, left, right, leaf, baseline,
category_row, category_left, category_known`` behind their prefix; their scores equal
scikit-learn's to the last bit.  Linear forms equal the trainer's to about 1e-14.

Two points of the same loss are named apart: `RecoveryModel.lgd` is the mean, which belongs
into an expected loss; `RecoveryModel.median` has the smallest mean absolute error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import ModelError
from riskengine.kernels.recovery_score import (
    category_tree_rows,
    linear_scores,
    logistic_rows,
    mixture_rows,
    shifted_quantiles,
)
from riskengine.kernels.trees import outside_support
from riskengine.learned.features import Feature
from riskengine.learned.recovery_arrays import LINEAR, TREE, array_faults
from riskengine.learned.release import Release
from riskengine.words import Text

@dataclass(frozen=True)
class RecoveryModel:
    """A released model of the loss given default, as a share of the exposure.

    Parameters
    ----------
    name, digest : str
        Name and digest of the release.
    origin : str
        What it was trained on.
    form : {"boosting", "fractional", "two_stage"}
        How it speaks of the mean.
    features : tuple of Feature
        What it looks at, in order.
    arrays : mapping of str to array
        As the module says.
    """

    name: str
    digest: str
    origin: str
    form: str
    features: tuple[Feature, ...]
    arrays: Mapping[str, NDArray[Any]]

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
        ModelError
            If an array that its form needs is missing or has another shape.
        """
        faults = array_faults(release.form, release.arrays, len(release.features))
        if faults:
            told = "; ".join(faults)
            raise ModelError(
                Text(f"模型 {release.name}：{told}", f"model {release.name}: {told}"),
                Text("请重新训练并发布", "train and release it again"),
            )
        return cls(
            release.name, release.digest, release.origin, release.form, release.features,
            release.arrays,
        )  # fmt: skip

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
        return np.clip(raw_mean(self.form, self.arrays, x) + shift, low, high)

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
        out = raw_quantiles(self.form, a, x)
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
        return self.quantiles(x)[place]

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


def raw_mean(
    form: str, arrays: Mapping[str, NDArray[Any]], x: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean loss before it is shifted and kept within bounds.

    Parameters
    ----------
    form : {"boosting", "fractional", "two_stage"}
        Form of the model.
    arrays : mapping of str to array
        As the module says.
    x : (features, n) float64
        Features; NaN is missing.

    Returns
    -------
    (n,) float64
        Share lost [1].
    """
    if form == "boosting":
        return tree_scores(arrays, "mean_", x)
    scores = stage_scores(arrays, x)
    mean = np.empty(x.shape[1])
    if form == "fractional":
        logistic_rows(scores[0], mean)
        return mean
    mixture_rows(
        scores, np.empty(0), float(arrays["precision"][0]), mean, np.empty((0, x.shape[1]))
    )
    return mean


def raw_quantiles(
    form: str, arrays: Mapping[str, NDArray[Any]], x: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Quantiles before the conformal shift.

    Parameters
    ----------
    form : {"boosting", "fractional", "two_stage"}
        Form of the model.
    arrays : mapping of str to array
        As the module says.
    x : (features, n) float64
        Features; NaN is missing.

    Returns
    -------
    (levels, n) float64
        Share lost [1]; equal to the mean at every level where the release has no
        quantiles of its own.
    """
    levels = arrays["levels"]
    if "level0_roots" in arrays:
        return np.array([tree_scores(arrays, f"level{k}_", x) for k in range(levels.size)])
    if form == "two_stage":
        mean, out = np.empty(x.shape[1]), np.empty((levels.size, x.shape[1]))
        mixture_rows(stage_scores(arrays, x), levels, float(arrays["precision"][0]), mean, out)
        return out
    return np.tile(raw_mean(form, arrays, x), (levels.size, 1))


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


def tree_scores(
    arrays: Mapping[str, NDArray[Any]], prefix: str, x: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Scores of one group of trees; the one place that knows how trees are scored.

    Parameters
    ----------
    arrays : mapping of str to array
        As the module says.
    prefix : str
        ``mean_`` or ``level0_`` and so on.
    x : (features, n) float64
        Features; NaN is missing.

    Returns
    -------
    (n,) float64
        Scores, equal to scikit-learn's to the last bit.
    """
    a = {name: arrays[prefix + name] for name in TREE}
    out = np.empty(x.shape[1])
    category_tree_rows(
        np.ascontiguousarray(x), a["roots"], a["feature"], a["threshold"], a["missing_left"],
        a["left"], a["right"], a["leaf"], a["category_row"], a["category_left"],
        a["category_known"], float(a["baseline"][0]), out,
    )  # fmt: skip
    return out
