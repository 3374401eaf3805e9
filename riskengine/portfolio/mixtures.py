"""Exchangeable Bernoulli mixtures, and correlation of defaults against that of assets.

Given the state of the world every name of a pool defaults with the same chance Q,
independently.  Q is beta, or N(mu - sigma Z), or the logistic function of mu - sigma Z;
Z is standard normal, low is bad.  pi = E[Q] is the PD, E[Q^2] the chance that two names
both default, and the default correlation is (E[Q^2] - pi^2) / (pi - pi^2).

Source: Frey & McNeil, J. Risk 6(1) (2003) 59, 4; McNeil, Frey & Embrechts, Quantitative
Risk Management, 8.4.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.special import betainc, betaincc, betaln, expit, gammaln, logit, ndtr, ndtri

from riskengine.kernels.bivariate import bivariate_normal_cdf
from riskengine.kernels.large_pool import joint_excess
from riskengine.kernels.normal import normal_quantile
from riskengine.portfolio.columns import inside
from riskengine.portfolio.exposures import Column, refused
from riskengine.portfolio.panels import PANEL_NODES, REACH, layered, legendre

STEP = 1.0 / 32.0
"""Step of the trapezoidal rule for smooth functions of Z: errors far below 1e-15."""


@dataclass(frozen=True, slots=True)
class Mixing:
    """Law of the common chance of default.

    Parameters
    ----------
    kind : {"beta", "probit", "logit"}
        Which law.
    first, second : float
        a and b of the beta law, else mu and sigma [1]; b and sigma > 0, a > 0.
    """

    kind: Literal["beta", "probit", "logit"]
    first: float
    second: float

    def __post_init__(self) -> None:
        """Refuse what is no law."""
        if self.kind not in {"beta", "probit", "logit"}:
            raise refused("kind", "应为beta、probit或logit", "must be beta, probit or logit")
        good = math.isfinite(self.first) and 0.0 < self.second < math.inf
        if not good or (self.kind == "beta" and self.first <= 0.0):
            raise refused("second", "应为正的有限数", "must be finite and > 0")

    def moment(self, order: int) -> float:
        """Chance that so many given names all default.

        Parameters
        ----------
        order : int
            Names k, >= 0.

        Returns
        -------
        float
            E[Q^k] [1].
        """
        if self.kind == "beta":
            a, b = self.first, self.second
            return math.exp(float(betaln(a + order, b) - betaln(a, b)))
        return _smooth(lambda z: self._chance(z) ** order)

    @property
    def default_chance(self) -> float:
        """PD of one name [1]."""
        return self.moment(1)

    @property
    def default_correlation(self) -> float:
        """Correlation of the defaults of two names [1]."""
        one = self.moment(1)
        return (self.moment(2) - one * one) / (one * (1.0 - one))

    def exceeding(self, count: int, names: int) -> float:
        """Chance of more defaults than a number.

        Parameters
        ----------
        count : int
            Number d.
        names : int
            Names n in the pool, in [1, 1e9].

        Returns
        -------
        float
            P(D > d) [1].
        """
        if not 1 <= names <= 10**9:
            raise refused("names", "应在1到10亿之间", "must be in [1, 1e9]")
        if count < 0 or count >= names:
            return 1.0 if count < 0 else 0.0
        goal = (count + 0.5) / (names + 1.0)
        width = math.sqrt(goal * (1.0 - goal) / names)
        if self.kind == "beta":
            return self._beta_exceeding(count, names, goal, width)
        at, slope = float(logit(goal)), goal * (1.0 - goal)
        if self.kind == "probit":
            at = float(ndtri(goal))
            slope = math.exp(-0.5 * at * at) / math.sqrt(2.0 * math.pi)
        step = (self.first - at) / self.second, width / (slope * self.second)
        widest = min(4.0, 4.0 / self.second)
        z, weights = legendre(layered([step], -REACH, REACH, widest), PANEL_NODES, normal=True)
        return float(weights @ betainc(count + 1.0, names - count, self._chance(z)))

    def beyond(self, share: float) -> float:
        """Chance that the share of defaults in a very large pool is larger.

        Parameters
        ----------
        share : float
            Share x [1], in (0, 1).

        Returns
        -------
        float
            P(Q > x) [1].
        """
        x = inside("share", share)
        if self.kind == "beta":
            return float(betaincc(self.first, self.second, x))
        at = float(ndtri(x) if self.kind == "probit" else logit(x))
        return float(ndtr((self.first - at) / self.second))

    def law(self, names: int) -> Column:
        """Probabilities of 0, 1, ..., n defaults.

        Parameters
        ----------
        names : int
            Names n in the pool, in [1, 1e5].

        Returns
        -------
        (n + 1,) float64
            Probabilities [1].
        """
        if not 1 <= names <= 10**5:
            raise refused("names", "应在1到10万之间", "must be in [1, 1e5]")
        if self.kind == "beta":
            k = np.arange(names + 1.0)
            ways = gammaln(names + 1.0) - gammaln(k + 1.0) - gammaln(names - k + 1.0)
            both = betaln(self.first + k, self.second + names - k)
            found: Column = np.exp(ways + both - betaln(self.first, self.second))
            return found
        beyond = [self.exceeding(d, names) for d in range(-1, names + 1)]
        return -np.diff(beyond)

    def _chance(self, z: Column) -> Column:
        u = self.first - self.second * z
        found: Column = ndtr(u) if self.kind == "probit" else expit(u)
        return found

    def _beta_exceeding(self, count: int, names: int, goal: float, width: float) -> float:
        """Tail of the beta-binomial law, by panels of the logarithm of the odds."""
        a, b = self.first, self.second
        step = float(logit(goal)), width / (goal * (1.0 - goal))
        own = float(np.log(a / b)), math.sqrt(1.0 / a + 1.0 / b)
        low, high = own[0] - 60.0 / a - 8.0 * own[1], own[0] + 60.0 / b + 8.0 * own[1]
        x, weights = legendre(layered([step, own], low, high, min(2.0, 3.0 * own[1])), PANEL_NODES)
        log = -a * np.logaddexp(0.0, -x) - b * np.logaddexp(0.0, x) - betaln(a, b)
        weights = weights * np.exp(log)
        shape = betainc(count + 1.0, names - count, expit(x))
        return float(weights @ shape) / float(np.sum(weights))


def calibrated(
    kind: Literal["beta", "probit", "logit"], default_chance: float, default_correlation: float
) -> Mixing:
    """Mixture with a PD and a default correlation.

    Parameters
    ----------
    kind : {"beta", "probit", "logit"}
        Which law.
    default_chance : float
        PD pi [1], in (0, 1).
    default_correlation : float
        Correlation of the defaults of two names [1], in (0, 1).

    Returns
    -------
    Mixing
        The law.

    Raises
    ------
    BookError
        If a number is out of range, or no such law is found (logit near correlation 1).

    Examples
    --------
    >>> law = calibrated("beta", 0.049, 0.0157)
    >>> round(law.first, 7), round(law.second, 7)
    (3.0720191, 59.6222484)
    """
    pd = inside("default_chance", default_chance)
    wanted = inside("default_correlation", default_correlation)
    if kind == "beta":
        total = (1.0 - wanted) / wanted
        return Mixing("beta", pd * total, (1.0 - pd) * total)
    if kind == "probit":
        rho = asset_correlation(pd, pd, wanted)
        return Mixing(
            "probit", float(ndtri(pd)) / math.sqrt(1.0 - rho), math.sqrt(rho / (1.0 - rho))
        )

    def centred(sigma: float) -> Mixing:
        def away(mu: float) -> float:
            return _smooth(lambda z: np.asarray(expit(mu - sigma * z))) - pd

        reach = 20.0 + 8.0 * sigma
        middle = float(logit(pd))
        mu = float(brentq(away, middle - reach, middle + reach, xtol=1e-14, rtol=1e-14))
        return Mixing(kind, mu, sigma)

    def off(log_sigma: float) -> float:
        return centred(math.exp(log_sigma)).default_correlation - wanted

    low, high = math.log(1e-4), math.log(30.0)
    if off(low) > 0.0 or off(high) < 0.0:
        raise refused("default_correlation", "此分布无法达到", "is out of reach of this law")
    return centred(math.exp(float(brentq(off, low, high, xtol=1e-13))))


def joint_chance(one: float, other: float, correlation: float) -> float:
    """Chance that two names both default.

    Parameters
    ----------
    one, other : float
        PDs [1], in [0, 1].
    correlation : float
        Asset correlation [1], in [-1, 1].

    Returns
    -------
    float
        Phi2(N^-1(PD 1), N^-1(PD 2); rho) [1].

    Examples
    --------
    >>> round(joint_chance(0.5, 0.5, 0.5), 12)
    0.333333333333
    """
    if not (0.0 <= one <= 1.0 and 0.0 <= other <= 1.0 and -1.0 <= correlation <= 1.0):
        raise refused("correlation", "或违约率超出范围", "or a PD is out of range")
    if min(one, other) == 0.0 or max(one, other) == 1.0:
        return min(one, other)
    return float(bivariate_normal_cdf(normal_quantile(one), normal_quantile(other), correlation))


def default_correlation(one: float, other: float, correlation: float) -> float:
    """Correlation of two defaults from that of the assets.

    Parameters
    ----------
    one, other : float
        PDs [1], in (0, 1).
    correlation : float
        Asset correlation [1], in [-1, 1].

    Returns
    -------
    float
        (P(both) - PD1 PD2) / sqrt(PD1 (1 - PD1) PD2 (1 - PD2)) [1].

    Examples
    --------
    >>> default_correlation(0.01, 0.01, 0.0)
    0.0
    """
    p, q = inside("one", one), inside("other", other)
    if not -1.0 <= correlation <= 1.0:
        raise refused("correlation", "应在[-1, 1]内", "must be in [-1, 1]")
    both = float(joint_excess(normal_quantile(p), normal_quantile(q), correlation))
    return both / math.sqrt(p * (1.0 - p) * q * (1.0 - q))


def asset_correlation(one: float, other: float, default_correlation: float) -> float:
    """Asset correlation from that of two defaults.

    Parameters
    ----------
    one, other : float
        PDs [1], in (0, 1).
    default_correlation : float
        Correlation of the defaults [1], between what asset correlations -1 and 1 give.

    Returns
    -------
    float
        Asset correlation [1], in [-1, 1].

    Raises
    ------
    BookError
        If no correlation of assets gives it.

    Examples
    --------
    >>> round(asset_correlation(0.5, 0.5, 1.0 / 3.0), 12)
    0.5
    """
    p, q = inside("one", one), inside("other", other)
    return correlation_of_excess(
        p, q, default_correlation * math.sqrt(p * (1.0 - p) * q * (1.0 - q))
    )


def asset_correlation_of_joint(one: float, other: float, joint: float) -> float:
    """Asset correlation from the chance that both default.

    Parameters
    ----------
    one, other : float
        PDs [1], in (0, 1).
    joint : float
        Chance that both default [1], in [max(PD 1 + PD 2 - 1, 0), min(PD 1, PD 2)].

    Returns
    -------
    float
        Asset correlation [1], in [-1, 1].

    Raises
    ------
    BookError
        If no correlation of assets gives it.
    """
    p, q = inside("one", one), inside("other", other)
    return correlation_of_excess(p, q, joint - p * q)


def correlation_of_excess(one: float, other: float, excess: float) -> float:
    """Asset correlation from the covariance of two defaults; small ones keep their digits.

    Parameters
    ----------
    one, other : float
        PDs [1], in (0, 1).
    excess : float
        Chance that both default, less PD 1 x PD 2 [1].

    Returns
    -------
    float
        Asset correlation [1], in [-1, 1].

    Raises
    ------
    BookError
        If no correlation of assets gives it.
    """
    p, q = inside("one", one), inside("other", other)
    joint, least, most = p * q + excess, max(p + q - 1.0, 0.0), min(p, q)
    slack = 1e-15
    if not least - slack <= joint <= most + slack:
        said = f"must lie in [{least:g}, {most:g}]"
        raise refused("joint", f"应在[{least:g}, {most:g}]之间", said)
    if joint <= least or joint >= most:
        return -1.0 if joint <= least else 1.0
    h, k = normal_quantile(p), normal_quantile(q)

    def off(angle: float) -> float:
        return float(joint_excess(h, k, math.sin(angle))) - excess

    quarter = 0.5 * math.pi
    return math.sin(float(brentq(off, -quarter, quarter, xtol=1e-15, rtol=1e-14)))


def _smooth(function: Callable[[Column], Column]) -> float:
    """Mean over a standard normal of a smooth function: the trapezoidal rule."""
    z = np.arange(-12.0, 12.0 + 0.5 * STEP, STEP)
    weights = STEP * np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    return float(weights @ function(z))
