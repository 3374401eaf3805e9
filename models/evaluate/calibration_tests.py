"""Do probabilities of default agree with what happened, loan by loan.

Small p-values speak against the model.  Weights have no place here: a test of
counts needs the loans that were observed.

Source: Hosmer and Lemeshow (1980), Comm. Statistics A9, 1043-1069; Spiegelhalter
(1986), Statistics in Medicine 5, 421-433; Cox (1958), Biometrika 45, 562-565.
"""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from models.evaluate.brier import equal_count_groups
from models.evaluate.checks import (
    Array,
    Interval,
    Significance,
    fault,
    normal_quantile,
    numbers,
    outcomes,
    probabilities,
    same_length,
    two_sided,
)

Origin: TypeAlias = Literal["in_sample", "out_of_sample"]
"""Whether the model was fitted to these very outcomes or to others."""


@dataclass(frozen=True, slots=True)
class HosmerLemeshow:
    """Hosmer-Lemeshow test with its groups.

    Parameters
    ----------
    test : Significance
        Chi-square statistic, p-value, degrees of freedom.
    origin : {"in_sample", "out_of_sample"}
        Where the probabilities come from, which decides the degrees.
    n, observed, expected : (groups,) float64
        Loans, bads, and sum of probabilities of each group.
    smallest_expected : float
        Least expected bads or goods of a group; below about 5 the chi-square is
        rough, and the simulated p-value is the one to read.
    simulated_p : float
        p-value by simulated outcomes, exact out of sample; NaN unless asked for.
    """

    test: Significance
    origin: Origin
    n: Array
    observed: Array
    expected: Array
    smallest_expected: float
    simulated_p: float = math.nan


@dataclass(frozen=True, slots=True)
class CoxCalibration:
    """Logistic line of the outcome on the logit of the probability.

    Parameters
    ----------
    intercept, slope : float
        Line; 0 and 1 for a calibrated model.  A slope below 1: spread too wide.
    intercept_interval, slope_interval : Interval
        Wald intervals of the two.
    in_the_large : float
        Shift of the logit with the slope held at 1; above 0: PD too low.
    in_the_large_interval : Interval
        Wald interval of the shift.
    joint, slope_test, level_test : Significance
        Likelihood-ratio tests of (0, 1) on 2 degrees, of slope 1 given a free
        intercept, of shift 0 given slope 1.
    n, bads : int
        Loans and bad ones among them.
    """

    intercept: float
    slope: float
    intercept_interval: Interval
    slope_interval: Interval
    in_the_large: float
    in_the_large_interval: Interval
    joint: Significance
    slope_test: Significance
    level_test: Significance
    n: int
    bads: int


def hosmer_lemeshow_groups(
    n: ArrayLike, observed: ArrayLike, expected: ArrayLike, origin: Origin
) -> HosmerLemeshow:
    """Hosmer-Lemeshow test from grouped counts.

    C = sum (O - E)^2 / (E (1 - E / n)), chi-square with G - 2 degrees when the model
    was fitted to these outcomes, with G when it was not.

    Parameters
    ----------
    n, observed, expected : (G,) array-like
        Loans, bads, and expected bads of each group [1], 0 < expected < n.
    origin : {"in_sample", "out_of_sample"}
        Where the probabilities come from.

    Returns
    -------
    HosmerLemeshow
        The test.

    Raises
    ------
    ModelError
        For an expected count of 0 or n, for too few groups, or another origin.

    Notes
    -----
    With G - 2 out of sample and ten groups a perfect model is refused in 10 to 11
    of 100 samples at a nominal 5: nothing was fitted, nothing is to be taken off.
    """
    size, bads, wanted = (
        numbers(values, name)
        for values, name in ((n, "n"), (observed, "observed"), (expected, "expected"))
    )
    same_length(n=size, observed=bads, expected=wanted)
    if origin not in {"in_sample", "out_of_sample"}:
        raise fault(
            f"来源 {origin} 不认识",
            f"unknown origin {origin}",
            "样本内用 in_sample，样本外用 out_of_sample",
            "say in_sample or out_of_sample",
        )
    degrees = size.size - (2 if origin == "in_sample" else 0)
    if degrees < 1 or np.any((wanted <= 0.0) | (wanted >= size)):
        raise fault(
            "组太少，或某组期望违约数为 0 或等于户数，检验无定义",
            "too few groups, or a group whose expected count is 0 or all: no test",
            "请合并分组，或先给概率设下限",
            "join groups, or floor the probabilities first",
        )
    statistic = float(np.sum((bads - wanted) ** 2 / (wanted * (1.0 - wanted / size))))
    test = Significance(
        "Hosmer-Lemeshow", statistic, float(special.chdtrc(degrees, statistic)), degrees
    )
    smallest = float(np.minimum(wanted, size - wanted).min())
    return HosmerLemeshow(test, origin, size, bads, wanted, smallest)


def hosmer_lemeshow(
    y: ArrayLike,
    p: ArrayLike,
    origin: Origin,
    groups: int = 10,
    simulations: int = 0,
    seed: int = 0,
) -> HosmerLemeshow:
    """Hosmer-Lemeshow test over groups of equal count.

    Parameters
    ----------
    y, p : (n,) array-like
        Outcomes (1 bad) and probabilities in (0, 1) [1].
    origin : {"in_sample", "out_of_sample"}
        Where the probabilities come from.
    groups : int
        Groups wanted; ties may join some (`equal_count_groups`), and the degrees
        follow the groups that remain.
    simulations : int
        Simulated samples for a p-value without the chi-square, >= 0.
    seed : int
        Their seed.

    Returns
    -------
    HosmerLemeshow
        The test.

    Raises
    ------
    ModelError
        As `hosmer_lemeshow_groups`; and for outcomes that are not 0 or 1.
    """
    outcome, forecast = outcomes(y, both=False), probabilities(p, open_ends=True)
    same_length(y=outcome, p=forecast)
    label = equal_count_groups(forecast, groups)
    size = np.bincount(label).astype(np.float64)
    wanted = np.bincount(label, forecast)
    found = hosmer_lemeshow_groups(size, np.bincount(label, outcome), wanted, origin)
    if simulations < 1:
        return found
    rng = np.random.default_rng(seed)
    variance = wanted * (1.0 - wanted / size)
    as_large = 1
    for _ in range(simulations):
        bads = np.bincount(label, rng.random(outcome.size) < forecast)
        as_large += bool(np.sum((bads - wanted) ** 2 / variance) >= found.test.statistic)
    return HosmerLemeshow(
        found.test, origin, found.n, found.observed, found.expected,
        found.smallest_expected, as_large / (1.0 + simulations),
    )  # fmt: skip


def spiegelhalter(y: ArrayLike, p: ArrayLike) -> Significance:
    """Spiegelhalter's z: is the Brier score what these probabilities promise.

    z = sum (y - p)(1 - 2 p) / sqrt(sum (1 - 2 p)^2 p (1 - p)).

    Parameters
    ----------
    y, p : (n,) array-like
        Outcomes (1 bad) and probabilities [1].

    Returns
    -------
    Significance
        Two-sided; NaN when every p is 0, 1/2 or 1, where it says nothing.

    Raises
    ------
    ModelError
        For outcomes or probabilities that are none.
    """
    outcome, forecast = outcomes(y, both=False), probabilities(p)
    same_length(y=outcome, p=forecast)
    lever = 1.0 - 2.0 * forecast
    variance = float(np.sum(lever**2 * forecast * (1.0 - forecast)))
    excess = float(np.sum((outcome - forecast) * lever))
    z = excess / math.sqrt(variance) if variance > 0.0 else math.nan
    return Significance("Spiegelhalter", z, two_sided(z))


def cox_calibration(y: ArrayLike, p: ArrayLike, confidence: float = 0.95) -> CoxCalibration:
    """Cox's recalibration line with its three tests.

    logit P(y = 1) = intercept + slope * logit p.

    Parameters
    ----------
    y, p : (n,) array-like
        Outcomes (1 bad, both classes) and probabilities in (0, 1) [1].
    confidence : float
        Confidence of the intervals, in (0, 1).

    Returns
    -------
    CoxCalibration
        Line, level and tests.  Slope figures are NaN when all p are equal or the
        outcomes are separated by p (the slope is then infinite).

    Raises
    ------
    ModelError
        For one class only, or probabilities at 0 or 1.

    Notes
    -----
    Level tests cannot see a spread that is too wide; the slope does.  Newton
    steps are halved until the likelihood does not fall, rounding apart; they end
    when the gradient is below 1e-10 n.
    """
    outcome, forecast = outcomes(y), probabilities(p, open_ends=True)
    same_length(y=outcome, p=forecast)
    logit = special.logit(forecast)
    ones = np.ones((1, outcome.size))
    none = _log_likelihood(outcome, logit)
    shift, shift_error, level = _newton(outcome, ones, logit)
    line, line_error, best = [math.nan] * 2, [math.nan] * 2, math.nan
    if not _separated(outcome, logit):
        line, line_error, best = _newton(outcome, np.vstack((ones, logit)), np.zeros_like(logit))
    z = normal_quantile(confidence)

    def around(middle: float, error: float) -> Interval:
        return Interval(middle - z * error, middle + z * error, confidence, "Wald")

    return CoxCalibration(
        line[0], line[1], around(line[0], line_error[0]), around(line[1], line_error[1]),
        shift[0], around(shift[0], shift_error[0]),
        _ratio_test("Cox, intercept 0 and slope 1", best - none, 2),
        _ratio_test("Cox, slope 1", best - level, 1),
        _ratio_test("Cox, shift 0 given slope 1", level - none, 1),
        outcome.size, int(outcome.sum()),
    )  # fmt: skip


def _separated(y: Array, score: Array) -> bool:
    """Whether a cut parts the classes, ties at the cut allowed: no finite slope then."""
    bad, good = score[y == 1.0], score[y == 0.0]
    return bool(bad.min() >= good.max() or bad.max() <= good.min())


def _ratio_test(name: str, gain: float, degrees: int) -> Significance:
    """Likelihood-ratio test of a gain in log-likelihood."""
    statistic = max(2.0 * gain, 0.0) if not math.isnan(gain) else math.nan
    return Significance(name, statistic, float(special.chdtrc(degrees, statistic)), degrees)


def _log_likelihood(y: Array, score: Array) -> float:
    """Bernoulli log-likelihood at log odds, without 1 - p."""
    return float(np.sum(special.log_expit(np.where(y == 1.0, score, -score))))


def _newton(y: Array, design: Array, offset: Array) -> tuple[list[float], list[float], float]:
    """Coefficients, standard errors and log-likelihood; NaN where none exist."""
    k = design.shape[0]
    lost = [math.nan] * k, [math.nan] * k, math.nan
    beta = np.zeros(k)
    value = _log_likelihood(y, offset)
    for _ in range(100):
        fitted = special.expit(beta @ design + offset)
        gradient = design @ (y - fitted)
        information = (design * (fitted * special.expit(-(beta @ design + offset)))) @ design.T
        if not np.linalg.cond(information) < 1e14:
            return lost
        if np.abs(gradient).max() < 1e-10 * y.size:
            errors = np.sqrt(np.diag(np.linalg.inv(information)))
            return beta.tolist(), errors.tolist(), value
        step = np.linalg.solve(information, gradient)
        for _ in range(50):
            reached = _log_likelihood(y, (beta + step) @ design + offset)
            if reached >= value - 1e-12 * abs(value):
                break
            step *= 0.5
        beta, value = beta + step, reached
    return lost
