"""From log odds to points and back.

F = PDO / ln 2, O = S0 - F ln(odds0); score S = O + F ln(good/bad), so the points of
a bin are F (beta_k WOE_kj + alpha / n) + O / n with the intercept and the offset
spread over the n features, and PD = 1 / (1 + e^((S - O) / F)).

Source: Siddiqi (2006), Credit Risk Scorecards, chapter 6.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from models.pd.checks import Floats, refused
from riskengine.words import Text


@dataclass(frozen=True)
class Scaling:
    """Scale of points.

    Parameters
    ----------
    pdo : float
        Points that double the odds of good to bad, > 0.
    base_score : float
        Score at the base odds.
    base_odds : float
        Odds of good to bad at the base score, > 0.

    Examples
    --------
    >>> scale = Scaling(20.0, 600.0, 50.0)
    >>> round(scale.factor, 4), round(scale.offset, 3)
    (28.8539, 487.123)
    """

    pdo: float = 20.0
    base_score: float = 600.0
    base_odds: float = 50.0

    def __post_init__(self) -> None:
        if not (
            0.0 < self.pdo < math.inf
            and 0.0 < self.base_odds < math.inf
            and math.isfinite(self.base_score)
        ):
            raise refused(
                Text("分值刻度须为正数", "points to double the odds and base odds must be above 0"),
                Text("例如 20、600、50", "for example 20, 600 and 50"),
            )

    @property
    def factor(self) -> float:
        """Points per unit of log odds."""
        return self.pdo / math.log(2.0)

    @property
    def offset(self) -> float:
        """Score at even odds."""
        return self.base_score - self.factor * math.log(self.base_odds)

    def score(self, log_odds_good: ArrayLike) -> Floats:
        """Score of log odds.

        Parameters
        ----------
        log_odds_good : (...) array
            ln(good/bad).

        Returns
        -------
        (...) float64
            Score [point].
        """
        return np.asarray(self.offset + self.factor * np.asarray(log_odds_good, dtype=np.float64))

    def raw(self, score: ArrayLike) -> Floats:
        """Log odds of bad of a score.

        Parameters
        ----------
        score : (...) array
            Score [point].

        Returns
        -------
        (...) float64
            ln(bad/good).
        """
        return np.asarray(-(np.asarray(score, dtype=np.float64) - self.offset) / self.factor)

    def pd(self, score: ArrayLike) -> Floats:
        """Probability of default of a score.

        Parameters
        ----------
        score : (...) array
            Score [point].

        Returns
        -------
        (...) float64
            PD, in [0, 1].
        """
        return np.asarray(expit(self.raw(score)))


def attribute_points(
    scaling: Scaling, woe: Floats, coefficient: float, intercept: float, features: int
) -> Floats:
    """Points of the bins of one feature.

    Parameters
    ----------
    scaling : Scaling
        The scale.
    woe : (bins,) float64
        Weight of evidence [log odds of good].
    coefficient, intercept : float
        Of the regression of good on WOE.
    features : int
        Features over which intercept and offset are spread, >= 1.

    Returns
    -------
    (bins,) float64
        Points.
    """
    share = scaling.factor * intercept / features + scaling.offset / features
    return scaling.factor * coefficient * woe + share
