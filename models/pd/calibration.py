"""From raw scores to probabilities: Platt, isotonic, prior shift, central tendency.

A calibration is what a release carries: logit PD = shift + slope raw, or in its
place a table of logit PD over raw scores, linear between knots and flat outside.

Source: Platt (1999); Saerens, Latinne & Decaestecker (2002) and King & Zeng (2001)
for the prior shift; Tasche (2013), The art of probability-of-default curve
calibration, for the rest.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from models.checks import Floats, numbers, probabilities, scored, weights_of
from models.pd.isotonic import isotonic
from models.pd.newton import newton
from models.threads import on_one_thread
from riskengine.errors import ModelError
from riskengine.words import Text

STEPS = 60


@dataclass(frozen=True)
class Calibration:
    """How raw log odds become a PD.

    Parameters
    ----------
    shift, slope : float
        logit PD = shift + slope raw; slope > 0.
    x, y : (k,) float64
        Raw scores, rising, and logit PD at them, not falling; used in place of the
        line when there are any.
    method : str
        How it was found.
    """

    shift: float = 0.0
    slope: float = 1.0
    x: Floats = field(default_factory=lambda: np.empty(0))
    y: Floats = field(default_factory=lambda: np.empty(0))
    method: str = "none"

    def logit(self, raw: ArrayLike) -> Floats:
        """Calibrated log odds of bad.

        Parameters
        ----------
        raw : (n,) array
            Raw log odds of bad.

        Returns
        -------
        (n,) float64
            logit PD.
        """
        scores = np.asarray(raw, dtype=np.float64)
        if self.x.size:
            return np.asarray(np.interp(scores, self.x, self.y), dtype=np.float64)
        return self.shift + self.slope * scores

    def pd(self, raw: ArrayLike) -> Floats:
        """Calibrated probability of default.

        Parameters
        ----------
        raw : (n,) array
            Raw log odds of bad.

        Returns
        -------
        (n,) float64
            PD, in (0, 1).
        """
        return np.asarray(expit(self.logit(raw)), dtype=np.float64)

    def shifted(self, by: float, method: str) -> "Calibration":
        """The same with log odds moved by a constant: ranks stay as they are.

        Parameters
        ----------
        by : float
            Shift of the log odds.
        method : str
            Why.

        Returns
        -------
        Calibration
            The moved one.
        """
        told = method if self.method == "none" else f"{self.method}+{method}"
        return replace(self, shift=self.shift + by, y=self.y + by, method=told)

    def arrays(self) -> dict[str, Floats]:
        """What a release holds.

        Returns
        -------
        dict of str to array
            ``calibration`` (2,) shift and slope, and with a table ``calibration_x``
            and ``calibration_y`` (k,), both in log odds of bad.
        """
        line = {"calibration": np.array([self.shift, self.slope])}
        return line | ({"calibration_x": self.x, "calibration_y": self.y} if self.x.size else {})


@on_one_thread
def calibrate_platt(raw: ArrayLike, y: ArrayLike, weight: ArrayLike | None = None) -> Calibration:
    """Platt's line: logit PD = shift + slope raw, by likelihood on smoothed targets.

    Parameters
    ----------
    raw : (n,) array
        Raw log odds of bad of rows that the model has not seen.
    y : (n,) array
        1 bad, 0 good.
    weight : (n,) array or None
        Weights, > 0; None is 1 each.

    Returns
    -------
    Calibration
        The line.

    Raises
    ------
    ModelError
        If one class is missing, a score is not finite or all are equal, or the
        scores run against the outcomes.

    Notes
    -----
    Targets (B + 1)/(B + 2) and 1/(G + 2) with B and G the weight of bads and goods.
    """
    bad, scores, weights = scored(y, raw, weight)
    spread = float(np.ptp(scores))
    if spread > 0.0:
        bads, goods = float(weights @ bad), float(weights @ (1.0 - bad))
        target = np.where(bad > 0.0, (bads + 1.0) / (bads + 2.0), 1.0 / (goods + 2.0))
        middle = float(scores.mean())
        design = np.column_stack([np.ones(bad.size), (scores - middle) / spread])
        beta, _, _ = newton(design, target, weights)
        slope = float(beta[1]) / spread
        if slope > 0.0:
            return Calibration(float(beta[0]) - slope * middle, slope, method="platt")
    raise ModelError(
        Text("评分全部相同或与结果反向，无法校准", "the scores are all equal or run the wrong way"),
        Text("检查模型与结果的方向", "check the model, and that 1 is bad"),
    )


def calibrate_isotonic(
    raw: ArrayLike, y: ArrayLike, weight: ArrayLike | None = None
) -> Calibration:
    """A rising table by pooled adjacent violators.

    Parameters
    ----------
    raw : (n,) array
        Raw log odds of bad of rows that the model has not seen.
    y : (n,) array
        1 bad, 0 good.
    weight : (n,) array or None
        Weights, > 0; None is 1 each.

    Returns
    -------
    Calibration
        Two knots a block, its ends; log odds are linear from block to block.

    Raises
    ------
    ModelError
        If one class is missing or a score is not finite.

    Notes
    -----
    A block of goods or of bads alone would say that default is impossible or
    certain: it takes the rate (0 + 1/2)/(m + 1) or (m + 1/2)/(m + 1) of its weight
    m, and the blocks are pooled once more.
    """
    bad, scores, weights = scored(y, raw, weight)
    distinct, mass, fitted, blocks = isotonic(scores, bad, weights)
    held = np.bincount(blocks, weights=mass)
    first = np.concatenate([[0], np.flatnonzero(np.diff(blocks)) + 1])
    last = np.concatenate([first[1:] - 1, [distinct.size - 1]])
    rate = fitted[first]
    pure = (rate <= 0.0) | (rate >= 1.0)
    rate = np.where(pure, (np.rint(rate) * held + 0.5) / (held + 1.0), rate)
    rate = isotonic(np.arange(rate.size), rate, held)[2]
    knots = np.concatenate([distinct[first], distinct[last]])
    order = np.unique(knots, return_index=True)[1]
    levels = np.concatenate([logit(rate), logit(rate)])
    return Calibration(x=knots[order], y=levels[order], method="isotonic")


def prior_shift(sample_rate: float, target_rate: float) -> float:
    """Shift of the log odds to a population with another rate of bads.

    Parameters
    ----------
    sample_rate, target_rate : float
        Rate of bads in the sample and in the population, in (0, 1).

    Returns
    -------
    float
        Shift [log odds]; p(x | outcome) is taken to be the same in both.

    Raises
    ------
    ModelError
        If a rate lies outside (0, 1).

    Examples
    --------
    >>> round(float(expit(logit(0.5) + prior_shift(0.5, 0.03))), 12)
    0.03
    """
    rates = logit(probabilities([target_rate, sample_rate], "rates", open_ends=True))
    return float(rates[0] - rates[1])


def calibrate_prior(
    calibration: Calibration, sample_rate: float, target_rate: float
) -> Calibration:
    """Move a calibration from a stratified sample to its population.

    Parameters
    ----------
    calibration : Calibration
        As found on the sample.
    sample_rate, target_rate : float
        Rate of bads in the sample and in the population, in (0, 1).

    Returns
    -------
    Calibration
        The moved one.

    Raises
    ------
    ModelError
        If a rate lies outside (0, 1).
    """
    return calibration.shifted(prior_shift(sample_rate, target_rate), "prior")


@on_one_thread
def central_tendency_shift(
    pd: ArrayLike, weight: ArrayLike | None, central_tendency: float
) -> tuple[float, int]:
    """Shift of the log odds that brings the mean PD to a central tendency.

    Parameters
    ----------
    pd : (n,) array
        PDs, in (0, 1).
    weight : (n,) array or None
        Weights, > 0; None is 1 each.
    central_tendency : float
        Mean PD wanted, in (0, 1).

    Returns
    -------
    tuple
        Shift a with sum w expit(logit p + a) = central tendency, and steps taken.

    Raises
    ------
    ModelError
        If a PD or the central tendency lies outside (0, 1).

    Notes
    -----
    Newton on the log odds of the mean, which is almost a line in a, kept inside the
    bracket logit CT - max logit p, logit CT - min logit p.
    """
    odds = logit(probabilities(pd, "pd", open_ends=True))
    wanted = probabilities([central_tendency], "central_tendency", open_ends=True)
    weights = weights_of(weight, odds.size)
    return _shift(odds, weights / weights.sum(), float(logit(wanted[0])))


def _shift(odds: Floats, share: Floats, wanted: float) -> tuple[float, int]:
    low, high = wanted - float(odds.max()), wanted - float(odds.min())
    a = min(max(wanted - _log_odds_of_mean(odds, share)[0], low), high)
    step = 0
    while step < STEPS:
        step += 1
        reached, slope = _log_odds_of_mean(odds + a, share)
        low, high = (a, high) if reached < wanted else (low, a)
        tried = a + (wanted - reached) / slope
        move = (tried if low <= tried <= high else 0.5 * (low + high)) - a
        a += move
        if abs(move) <= 1e-14 * (1.0 + abs(a)):
            break
    return a, step


def _log_odds_of_mean(odds: Floats, share: Floats) -> tuple[float, float]:
    """Log odds of the mean probability, and its slope in a common shift."""
    p, q = expit(odds), expit(-odds)
    mean, rest = float(share @ p), float(share @ q)
    return float(np.log(mean) - np.log(rest)), float(share @ (p * q)) / (mean * rest)


def calibrate_central_tendency(
    calibration: Calibration, raw: ArrayLike, weight: ArrayLike | None, central_tendency: float
) -> Calibration:
    """Move a calibration so that the mean PD of a book is its central tendency.

    Parameters
    ----------
    calibration : Calibration
        As found.
    raw : (n,) array
        Raw log odds of bad of the book.
    weight : (n,) array or None
        Weights, > 0; None is 1 each.
    central_tendency : float
        Long-run mean PD, in (0, 1): see `long_run_rate`.

    Returns
    -------
    Calibration
        The moved one; the accuracy ratio stays as it is.

    Raises
    ------
    ModelError
        If a score is not finite or the central tendency lies outside (0, 1).
    """
    pd = calibration.pd(numbers(raw, "raw"))
    return calibration.shifted(central_tendency_shift(pd, weight, central_tendency)[0], "ct")


def long_run_rate(defaults: ArrayLike, cases: ArrayLike) -> float:
    """Long-run central tendency: the mean of yearly default rates.

    Parameters
    ----------
    defaults, cases : (years,) array
        Defaults and cases of each year, cases > 0.

    Returns
    -------
    float
        Mean rate; each year counts once.

    Raises
    ------
    ModelError
        If a year has no cases, or more defaults than cases.

    Notes
    -----
    Pooling the counts would let a year in which the book was large stand for the
    cycle.  The window must hold a bad year of farming to deserve the name.

    Examples
    --------
    >>> round(long_run_rate([1, 30], [100, 1000]), 6)
    0.02
    """
    bads, all_cases = numbers(defaults, "defaults"), numbers(cases, "cases")
    sound = bads.shape == all_cases.shape and bads.size > 0
    if not (sound and (all_cases > 0).all() and ((bads >= 0) & (bads <= all_cases)).all()):
        raise ModelError(
            Text("各年违约数或户数不成立", "the yearly counts do not hold together"),
            Text("每年户数为正，违约不多于户数", "give cases above 0, and no more defaults"),
        )
    return float((bads / all_cases).mean())
