"""The answers that measures share: a test, and the interval of a share."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from riskengine.appraisal.intervals import Interval


@dataclass(frozen=True, slots=True)
class Significance:
    """A test of a null hypothesis.

    Parameters
    ----------
    name : str
        The test.
    statistic : float
        Its statistic [1].
    p_value : float
        Probability of one at least as far out under the null, in [0, 1]; NaN
        when the data cannot tell.
    degrees : float
        Degrees of freedom where it has some, else NaN.
    """

    name: str
    statistic: float
    p_value: float
    degrees: float = float("nan")


def normal_quantile(confidence: float) -> float:
    """Two-sided normal quantile.

    Parameters
    ----------
    confidence : float
        Confidence, in (0, 1).

    Returns
    -------
    float
        Quantile z [standard deviation].

    Examples
    --------
    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    return float(-special.ndtri(0.5 * (1.0 - confidence)))


def two_sided(z: float) -> float:
    """Two-sided p-value of a standard normal.

    Parameters
    ----------
    z : float
        Statistic [standard deviation].

    Returns
    -------
    float
        Probability [1], in [0, 1].

    Examples
    --------
    >>> round(two_sided(1.959964), 6)
    0.05
    """
    return float(2.0 * special.ndtr(-abs(z)))


def share_interval(count: float, n: float, confidence: float = 0.95) -> Interval:
    """Clopper-Pearson interval of a share: covers at least as often as it says.

    Parameters
    ----------
    count, n : float
        Successes and trials [1], 0 <= count <= n.
    confidence : float
        Confidence, in (0, 1).

    Returns
    -------
    Interval
        Ends in [0, 1]; NaN without trials.

    Notes
    -----
    Source: Clopper and Pearson (1934), Biometrika 26.

    Examples
    --------
    >>> found = share_interval(0, 10)
    >>> round(found.low, 4), round(found.high, 4)
    (0.0, 0.3085)
    """
    if n <= 0:
        return Interval(np.nan, np.nan, confidence, "Clopper-Pearson")
    tail = 0.5 * (1.0 - confidence)
    low = 0.0 if count <= 0 else float(special.betaincinv(count, n - count + 1.0, tail))
    high = 1.0 if count >= n else float(special.betainccinv(count + 1.0, n - count, tail))
    return Interval(low, high, confidence, "Clopper-Pearson")
