"""Fit a points scorecard: bins, evidence, regression, signs, points."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from models.pd.binning import optimal_bins
from models.pd.bins import Bins
from models.pd.checks import Floats, matrix, outcomes, refused
from models.pd.collinear import inflation
from models.pd.newton import LogisticFit, fit_logistic
from models.pd.scaling import attribute_points
from models.pd.scorecard import Scorecard
from models.pd.settings import ScorecardSettings
from models.pd.threads import on_one_thread
from riskengine.learned.features import Feature
from riskengine.words import Text


@on_one_thread
def fit_scorecard(
    x: ArrayLike,
    y: ArrayLike,
    weight: ArrayLike | None,
    features: Sequence[Feature],
    settings: ScorecardSettings | None = None,
) -> Scorecard:
    """Fit a points scorecard.

    Parameters
    ----------
    x : (features, n) array
        Features [their units]; NaN is missing, a category is the place of its code.
    y : (n,) array
        1 bad, 0 good.
    weight : (n,) array or None
        Weights, > 0; None is 1 each.
    features : sequence of Feature
        What the rows of x are.
    settings : ScorecardSettings or None
        How; the defaults when None.

    Returns
    -------
    Scorecard
        The card; bins are fitted here and nowhere else, so that a fold of a
        cross-validation sees its own rows only.

    Raises
    ------
    ModelError
        If one class is missing, the matrix is of another shape or infinite, no
        feature is of use, or a coefficient turns the evidence round and that is to
        be refused.
    """
    how = settings or ScorecardSettings()
    bad, weights = outcomes(y, weight)
    cells = matrix(x, bad.size, len(features))
    dropped: dict[str, Text] = {}
    chosen: dict[int, Bins] = {}
    for row, feature in enumerate(features):
        given = how.specials.get(feature.name, ())
        one = optimal_bins(cells[row], bad, weights, feature, how.bins, given)
        if one.useful and one.corrected > how.min_iv:
            chosen[row] = one
        else:
            dropped[feature.name] = Text(
                f"信息量不足（校正后 IV {one.corrected:.4f}）",
                f"too little information (corrected IV {one.corrected:.4f})",
            )
    fit = _signed_fit(cells, bad, weights, chosen, dropped, how)
    evidence = np.array([one.transform(cells[row]) for row, one in chosen.items()])
    exact = tuple(
        attribute_points(how.scaling, one.woe, float(beta), fit.intercept, len(chosen))
        for one, beta in zip(chosen.values(), fit.coefficients, strict=True)
    )
    points = tuple(np.rint(part) for part in exact) if how.rounded else exact
    share = weights / weights.sum()
    mean = [
        float(held[one.cells(cells[row])] @ share)
        for (row, one), held in zip(chosen.items(), points, strict=True)
    ]
    return Scorecard(
        tuple(chosen.values()), np.array(list(chosen), dtype=np.int64), fit, how, points, exact,
        np.array(mean), inflation(evidence, weights), dropped,
    )  # fmt: skip


def _signed_fit(
    cells: Floats,
    bad: Floats,
    weights: Floats,
    chosen: dict[int, Bins],
    dropped: dict[str, Text],
    how: ScorecardSettings,
) -> LogisticFit:
    """Regression of good on WOE; takes out of `chosen` what turns the evidence round."""
    while chosen:
        evidence = np.array([one.transform(cells[row]) for row, one in chosen.items()])
        fit = fit_logistic(evidence, 1.0 - bad, weights, how.ridge, how.separation)
        worst = int(fit.coefficients.argmin())
        if how.wrong_sign == "keep" or fit.coefficients[worst] > 0.0:
            return fit
        row = list(chosen)[worst]
        name = chosen[row].feature.name
        if how.wrong_sign == "refuse":
            raise refused(
                Text(
                    f"{name} 的系数与证据权重方向相反",
                    f"the coefficient of {name} turns its evidence round",
                ),
                Text("去掉该特征或合并相关特征", "take it out, or join it with what it repeats"),
            )
        dropped[name] = Text(
            f"系数 {fit.coefficients[worst]:.3f} 与证据权重方向相反",
            f"its coefficient {fit.coefficients[worst]:.3f} turns its evidence round",
        )
        del chosen[row]
    raise refused(
        Text("没有一个特征可用", "no feature is of use"),
        Text("检查特征、方向与样本量", "look at the features, their directions and the sample"),
    )
