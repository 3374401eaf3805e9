"""Loss given default in bad years: from own data, from default rates, or by a fixed map.

Own data come first: the mean loss of defaults in the worst years D against the mean of all
m.  It is written as a floor a = (D - m) / (1 - m), so that a + (1 - a) LGD raises every
loss, leaves a total loss total, and has mean D; 0.08 + 0.92 LGD is the same form.

Source: EBA/GL/2019/03 (downturn LGD by observed impact first); US Basel II notice of
proposed rulemaking (2006), 0.08 + 0.92 LGD; Frye & Jacobs, Credit loss and systematic LGD,
J. Credit Risk 8 (2012) 109.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.recovery import frye_jacobs as frye_jacobs_kernel

FALLBACK_FLOOR = 0.08
"""Floor of the fixed map, for a lender without enough years."""


@dataclass(frozen=True)
class Downturn:
    """A downturn and what it rests on.

    Parameters
    ----------
    method : {"own", "fallback"}
        Own data, or the fixed map.
    floor : float
        a of a + (1 - a) LGD, in [0, 1].
    mean, bad : float
        Mean loss of all years, and of the worst; NaN with the fallback.
    bad_error : float
        Standard error of `bad` over its defaults.  The worst of several years is worst
        partly by luck: a floor of less than two of these says little.
    worst_years : tuple of int
        Years that count as bad.
    years : tuple of (int, int, float)
        Every year that has enough defaults: year, defaults, mean loss.
    """

    method: Literal["own", "fallback"]
    floor: float
    mean: float
    bad: float
    bad_error: float
    worst_years: tuple[int, ...]
    years: tuple[tuple[int, int, float], ...]


def own_downturn(
    y: NDArray[np.float64],
    year: NDArray[np.int64],
    weight: NDArray[np.float64] | None = None,
    percentile: float = 0.9,
    least_years: int = 7,
    least_defaults: int = 30,
) -> Downturn:
    """Measure a downturn on own data, or fall back.

    Parameters
    ----------
    y : (n,) float64
        Loss shares, not clipped.
    year : (n,) int64
        Year of the default; rows below 0 have none and are left out.
    weight : (n,) float64 or None
        Weights, > 0.
    percentile : float
        Years whose mean loss is at or above this percentile of all years are bad,
        in [0, 1).
    least_years : int
        Years that own data need; seven are a retail cycle for the supervisor.
    least_defaults : int
        Defaults that a year needs.

    Returns
    -------
    Downturn
        Floor 0 where the worst years are no worse than the mean.
    """
    w = np.ones_like(y) if weight is None else weight
    found = []
    for one in np.unique(year[year >= 0]):
        rows = year == one
        if rows.sum() >= least_defaults:
            found.append((int(one), int(rows.sum()), float(np.average(y[rows], weights=w[rows]))))
    if len(found) < least_years:
        nothing = float("nan")
        return Downturn("fallback", FALLBACK_FLOOR, nothing, nothing, nothing, (), tuple(found))
    means = np.array([mean for _, _, mean in found])
    # The inverted distribution function picks a year that was, never one between two.
    line = np.quantile(means, percentile, method="inverted_cdf")
    worst = tuple(one for one, _, mean in found if mean >= line)
    rows = np.isin(year, worst)
    whole = np.isin(year, [one for one, _, _ in found])
    mean = float(np.average(y[whole], weights=w[whole]))
    bad = float(np.average(y[rows], weights=w[rows]))
    share = w[rows] / w[rows].sum()
    error = float(np.sqrt(np.sum((share * (y[rows] - bad)) ** 2)))
    floor = 0.0 if mean >= 1.0 else min(max((bad - mean) / (1.0 - mean), 0.0), 1.0)
    return Downturn("own", floor, mean, bad, error, worst, tuple(found))


def downturn_lgd(lgd: NDArray[np.float64], floor: float = FALLBACK_FLOOR) -> NDArray[np.float64]:
    """Loss in a bad year: a + (1 - a) LGD.

    Parameters
    ----------
    lgd : (n,) float64
        Mean loss shares.
    floor : float
        a, in [0, 1].

    Returns
    -------
    (n,) float64
        Loss shares; those above 1 stay as they are.

    Examples
    --------
    >>> downturn_lgd(np.array([0.1, 0.4])).round(3).tolist()
    [0.172, 0.448]
    """
    return lgd + floor * np.maximum(1.0 - lgd, 0.0)


def frye_jacobs(
    conditional_pd: NDArray[np.float64] | float,
    pd: NDArray[np.float64] | float,
    lgd: NDArray[np.float64] | float,
    correlation: float,
) -> NDArray[np.float64]:
    """Loss given default that a conditional default rate implies.

    N(N^-1(cPD) - k) / cPD, k = (N^-1(PD) - N^-1(PD LGD)) / sqrt(1 - rho).

    Parameters
    ----------
    conditional_pd, pd : (n,) float64
        Default probability in the state and over all states, in (0, 1).
    lgd : (n,) float64
        Mean loss share over all states weighted by defaults, in (0, 1].
    correlation : float
        Asset correlation rho, in [0, 1).

    Returns
    -------
    (n,) float64
        Loss share in the state, in [0, 1]; NaN for arguments out of range.

    Examples
    --------
    >>> frye_jacobs(0.05, 0.08, 0.4, 0.2).round(10).tolist()
    [0.3197396872]
    """
    rows = np.broadcast_arrays(conditional_pd, pd, lgd)
    return np.array(
        [
            frye_jacobs_kernel(*map(float, row), float(correlation))
            for row in zip(*map(np.ravel, rows), strict=True)
        ]
    )
