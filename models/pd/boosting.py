"""The challenger: boosted trees that keep the declared directions.

Fitted on one thread, so that the trees are byte-equal wherever they are grown; it
stops early only on rows that are later than the training rows, which the caller
hands in, never on a random part of them.

Source: Friedman (2001) in scikit-learn's histogram form.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.ensemble import HistGradientBoostingClassifier

from models.pd.checks import Floats, joined, matrix, outcomes, refused
from models.pd.threads import on_one_thread
from riskengine.learned.features import Feature
from riskengine.words import Text


@dataclass(frozen=True)
class BoostingSettings:
    """How trees are grown.

    Parameters
    ----------
    iterations : int
        Trees, >= 1; the most of them with a validation part.
    learning_rate : float
        Shrinkage of each tree, in (0, 1].
    leaves : int
        Most leaves of a tree, >= 2.
    depth : int or None
        Most splits above a leaf.
    leaf_rows : int
        Rows that a leaf must hold, >= 1.
    l2 : float
        Penalty on leaf values, per unit of mean weight, >= 0.
    max_bins : int
        Bins of a number, in [2, 255].
    patience : int
        Trees without a better validation loss before it stops, >= 1.
    seed : int
        Random seed.
    """

    iterations: int = 150
    learning_rate: float = 0.06
    leaves: int = 15
    depth: int | None = None
    leaf_rows: int = 30
    l2: float = 1.0
    max_bins: int = 255
    patience: int = 20
    seed: int = 0


def boosting_settings(options: Mapping[str, Any]) -> BoostingSettings:
    """Settings out of a table of a configuration file.

    Parameters
    ----------
    options : mapping
        Keys of `BoostingSettings`.

    Returns
    -------
    BoostingSettings
        The settings.

    Raises
    ------
    ModelError
        If a key is unknown.

    Examples
    --------
    >>> boosting_settings({"leaves": 8}).leaves
    8
    """
    unknown = sorted(set(options) - {f.name for f in fields(BoostingSettings)})
    if unknown:
        names = joined(unknown)
        raise refused(
            Text(f"提升树设置不认识：{names.zh}", f"unknown settings of trees: {names.en}"),
            Text("见 BoostingSettings", "see BoostingSettings"),
        )
    return BoostingSettings(**options)


@dataclass(frozen=True)
class Boosted:
    """Fitted trees.

    Parameters
    ----------
    estimator : HistGradientBoostingClassifier
        scikit-learn's own object; a release takes its arrays.
    features : tuple of Feature
        What the rows of a matrix are.
    settings : BoostingSettings
        How they were grown.
    """

    estimator: HistGradientBoostingClassifier
    features: tuple[Feature, ...]
    settings: BoostingSettings

    @property
    def trees(self) -> int:
        """Trees grown."""
        return int(self.estimator.n_iter_)

    def raw(self, x: ArrayLike) -> Floats:
        """Log odds of bad of each case.

        Parameters
        ----------
        x : (features, n) array
            Features; NaN is missing.

        Returns
        -------
        (n,) float64
            ln(bad/good), not calibrated.
        """
        cells = np.asarray(x, dtype=np.float64)
        return np.asarray(self.estimator.decision_function(cells.T), dtype=np.float64)


@on_one_thread
def fit_boosting(
    x: ArrayLike,
    y: ArrayLike,
    weight: ArrayLike | None,
    features: Sequence[Feature],
    settings: BoostingSettings | None = None,
    validation: tuple[ArrayLike, ArrayLike, ArrayLike | None] | None = None,
) -> Boosted:
    """Grow boosted trees.

    Parameters
    ----------
    x : (features, n) array
        Features [their units]; NaN is missing, a category is the place of its code.
    y : (n,) array
        1 bad, 0 good.
    weight : (n,) array or None
        Weights, > 0; None is 1 each.  Scaled to a mean of 1.
    features : sequence of Feature
        What the rows of x are; their directions hold in every tree.
    settings : BoostingSettings or None
        How; the defaults when None.
    validation : tuple or None
        Features, outcomes and weights of later rows on which to stop early.

    Returns
    -------
    Boosted
        The trees.

    Raises
    ------
    ModelError
        If one class is missing, a matrix is of another shape or infinite, a feature
        is all missing, or a category has a direction or too many codes.
    """
    how = settings or BoostingSettings()
    bad, weights = outcomes(y, weight)
    cells = matrix(x, bad.size, len(features))
    _check(cells, features, how)
    later: dict[str, Any] = {}
    if validation is not None:
        late, late_weights = outcomes(validation[1], validation[2])
        later = {
            "X_val": matrix(validation[0], late.size, len(features)).T,
            "y_val": late,
            "sample_weight_val": late_weights / late_weights.mean(),
        }
    estimator = HistGradientBoostingClassifier(
        learning_rate=how.learning_rate, max_iter=how.iterations, max_leaf_nodes=how.leaves,
        max_depth=how.depth, min_samples_leaf=how.leaf_rows, l2_regularization=how.l2,
        max_bins=how.max_bins, n_iter_no_change=how.patience, random_state=how.seed,
        categorical_features=[one.kind == "category" for one in features],
        monotonic_cst=[one.direction for one in features],
        early_stopping=validation is not None, validation_fraction=None,
    )  # fmt: skip
    estimator.fit(cells.T, bad, sample_weight=weights / weights.mean(), **later)
    return Boosted(estimator, tuple(features), how)


def _check(cells: Floats, features: Sequence[Feature], how: BoostingSettings) -> None:
    empty = [f.name for f, row in zip(features, cells, strict=True) if np.isnan(row).all()]
    if empty:
        names = joined(empty)
        raise refused(
            Text(f"{names.zh} 全部缺失", f"missing in every row: {names.en}"),
            Text("从配置中去掉", "take it out of the configuration"),
        )
    odd = [
        f.name
        for f in features
        if f.kind == "category" and (f.direction != 0 or len(f.codes) > how.max_bins)
    ]
    if odd:
        names = joined(odd)
        raise refused(
            Text(
                f"类别 {names.zh} 不能有方向，代码也不能超过 {how.max_bins} 个",
                f"a category has no direction and at most {how.max_bins} codes: {names.en}",
            ),
            Text("方向改为 0，合并代码", "set its direction to 0, join codes"),
        )
