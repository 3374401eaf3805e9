"""Number of defaults among equal names: Gaussian and t copula, exact for any number of names.

A name defaults when its latent variable A lies at or below a threshold:

    A = (sqrt(rho) Y + sqrt(1 - rho) e) / sqrt(V / nu),

Y and e standard normal, low is bad; V is chi-square with nu degrees of freedom and common
to all names; without it (nu infinite) the copula is Gaussian.  Given Y and V the number is
binomial.  Its tail is a step in Y; the panels of the quadrature are laid around that step,
because fixed Gauss-Hermite nodes fail once the step is narrow.

Source: Vasicek, Risk 15(12) (2002) 160; Frey & McNeil, J. Risk 6(1) (2003) 59; Bassamboo,
Juneja & Zeevi, Operations Research 56 (2008) 593; credit notes 4.2 and 4.5.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import betainc, ndtr, ndtri, stdtr, stdtrit

from riskengine.kernels.exact_loss import binomial_chance, mixed_binomial
from riskengine.portfolio.columns import inside
from riskengine.portfolio.exact import NEGLIGIBLE, one_factor
from riskengine.portfolio.exposures import Column, refused
from riskengine.portfolio.lattice import LossLaw
from riskengine.portfolio.measures import Measures
from riskengine.portfolio.panels import PANEL_NODES, REACH, layered, legendre

WIDEST = 4.0
"""Widest panel over a standard normal density."""
FEWEST_DEGREES = 0.5
"""Fewest degrees of freedom that the quadrature over the common scale is made for."""
LARGEST_LAW = 10**7
"""Most names whose law is written out."""

Shape = Callable[[Column], Column]


@dataclass(frozen=True, slots=True)
class DefaultCount:
    """Law of the number of defaults among equal names.

    Parameters
    ----------
    names : int
        Number of names n, in [1, 1e9].
    threshold : float
        Latent value at or below which a name defaults [1].
    correlation : float
        Asset correlation rho [1], in [0, 1).
    degrees : float
        Degrees of freedom nu of the t copula [1], >= 0.5; infinite for the Gaussian one.

    Examples
    --------
    >>> pool = default_count(1000, 0.2, default_chance=0.0033)
    >>> pool.quantile(0.999)
    69
    """

    names: int
    threshold: float
    correlation: float
    degrees: float = math.inf

    def __post_init__(self) -> None:
        """Refuse what is no pool."""
        if not 1 <= self.names <= 10**9:
            raise refused("names", "应在1到10亿之间", "must be in [1, 1e9]")
        if not 0.0 <= self.correlation < 1.0:
            raise refused("correlation", "应在[0, 1)之间", "must be in [0, 1)")
        if not self.degrees >= FEWEST_DEGREES:
            raise refused("degrees", "自由度应不小于0.5", "must be >= 0.5, or infinite")
        if not math.isfinite(self.threshold):
            raise refused("threshold", "应有限：违约率在0与1之间", "must be finite: PD in (0, 1)")

    @property
    def default_chance(self) -> float:
        """PD of one name [1]."""
        if math.isinf(self.degrees):
            return float(ndtr(self.threshold))
        return float(stdtr(self.degrees, self.threshold))

    def exceeding(self, count: int) -> float:
        """Chance of more defaults than a number.

        Parameters
        ----------
        count : int
            Number d.

        Returns
        -------
        float
            P(D > d) [1], to about 1e-12 of itself.
        """
        if count < 0 or count >= self.names:
            return 1.0 if count < 0 else 0.0
        return self._mean_of(count, lambda u: betainc(count + 1.0, self.names - count, ndtr(u)))

    def at_most(self, count: int) -> float:
        """Chance of no more defaults than a number.

        Parameters
        ----------
        count : int
            Number d.

        Returns
        -------
        float
            P(D <= d) [1], to about 1e-12 of itself.
        """
        if count < 0 or count >= self.names:
            return 0.0 if count < 0 else 1.0
        return self._mean_of(count, lambda u: betainc(self.names - count, count + 1.0, ndtr(-u)))

    def chance(self, count: int) -> float:
        """Chance of exactly so many defaults.

        Parameters
        ----------
        count : int
            Number d.

        Returns
        -------
        float
            P(D = d) [1].
        """
        if count < 0 or count > self.names:
            return 0.0

        def shape(u: Column) -> Column:
            q = ndtr(u)
            return np.array([binomial_chance(count, self.names, value) for value in q])

        return self._mean_of(count, shape)

    def quantile(self, level: float) -> int:
        """Return the smallest d with P(D <= d) >= level.

        Parameters
        ----------
        level : float
            Level [1], in (0, 1).

        Returns
        -------
        int
            Number of defaults.
        """
        allowed = (1.0 - inside("level", level)) * (1.0 + 1e-12)
        low, high, below, above = -1, self.names, 1.0, 0.0
        guess, turn = self._near(level), 0
        while high - low > 1:
            at = min(max(guess, low + 1), high - 1)
            found = self.exceeding(at)
            if found <= allowed:
                high, above = at, found
            else:
                low, below = at, found
            turn += 1
            guess = (low + high) // 2
            if turn < 3:  # the limit of very many names is seldom far
                guess = at + (-1 if found <= allowed else 1) * (1 + at // 100)
            elif turn % 3 and above > 0.0:
                share = math.log(below / allowed) / math.log(below / above)
                guess = low + round(share * (high - low))
        return high

    def measures(self, level: float, loss_yuan: float = 1.0) -> Measures:
        """VaR, ES and capital when each default costs the same.

        Parameters
        ----------
        level : float
            Level [1], in (0, 1).
        loss_yuan : float
            Loss of one default [yuan], >= 0.

        Returns
        -------
        Measures
            The measures [yuan].
        """
        at, n, share = self.quantile(level), self.names, 1.0 - level

        def others(u: Column) -> Column:
            q = ndtr(u)
            more = betainc(float(at), n - at, q) if 0 < at < n else np.full(q.size, float(at == 0))
            found: Column = q * more
            return found

        above = n * self._mean_of(at, others)
        worst = (above + at * (share - self.exceeding(at))) / share
        expected, value = loss_yuan * n * self.default_chance, loss_yuan * at
        return Measures(level, value, max(loss_yuan * worst, value), expected, value - expected)

    def law(self, loss_yuan: float = 1.0) -> LossLaw:
        """Law of the loss when each default costs the same; Gaussian copula only.

        Parameters
        ----------
        loss_yuan : float
            Loss of one default [yuan], > 0.

        Returns
        -------
        LossLaw
            Probabilities of 0, 1, ..., n defaults.

        Raises
        ------
        BookError
            If the copula is not Gaussian, or the names are more than `LARGEST_LAW`.
        """
        if not math.isinf(self.degrees) or self.names > LARGEST_LAW:
            said = "are too many to write out, or the copula is not Gaussian"
            raise refused("names", "太多，或连接函数不是高斯", said)
        pool = one_factor(
            [self.default_chance], self.correlation, [1.0], counts=np.array([self.names])
        )
        out = np.empty(self.names + 1)
        kept = (pool.chances[:, 0] > 0.0) & (pool.chances[:, 0] < 1.0)
        mixed_binomial(
            pool.chances[kept, 0], pool.weights[kept], self.names, NEGLIGIBLE, out
        )  # fmt: skip
        out[0] += np.sum(pool.weights[pool.chances[:, 0] == 0.0])
        out[-1] += np.sum(pool.weights[pool.chances[:, 0] == 1.0])
        return LossLaw(loss_yuan, out / np.sum(pool.weights))

    def _near(self, level: float) -> int:
        """Quantile of a pool of very many names, as a number of these."""
        root, rest = math.sqrt(self.correlation), math.sqrt(1.0 - self.correlation)
        scale, weights = np.ones(1), np.ones(1)
        if not math.isinf(self.degrees):
            scale, weights = self._scales(0.0, 1.0)
        if root == 0.0:
            return round(self.names * self.default_chance)

        def away(u: float) -> float:
            beyond = ndtr((self.threshold * scale - rest * u) / root)
            return float(weights @ beyond) - (1.0 - level)

        if away(-40.0) < 0.0 or away(40.0) > 0.0:
            return self.names // 2
        return round(self.names * float(ndtr(brentq(away, -40.0, 40.0, xtol=1e-6))))

    def _mean_of(self, count: int, shape: Shape) -> float:
        """Mean over the factors of what moves where the PD is near count / n."""
        goal = (count + 0.5) / (self.names + 1.0)
        at = float(ndtri(goal))
        width = math.sqrt(2.0 * math.pi * goal * (1.0 - goal) / self.names)
        width *= math.exp(0.5 * at * at)
        if math.isinf(self.degrees):
            return self._given(1.0, at, width, shape)
        scale, weights = self._scales(at, width)
        return float(
            sum(w * self._given(s, at, width, shape) for s, w in zip(scale, weights, strict=True))
        )

    def _given(self, scale: float, at: float, width: float, shape: Shape) -> float:
        """Mean over Y for one scale sqrt(V / nu); the step lies where N^-1(PD) = at."""
        root, rest = math.sqrt(self.correlation), math.sqrt(1.0 - self.correlation)
        if root == 0.0:
            return float(shape(np.array([self.threshold * scale]))[0])
        step = (self.threshold * scale - rest * at) / root, rest * width / root
        ends = layered([step], -REACH, REACH, WIDEST)
        y, weights = legendre(ends, PANEL_NODES, normal=True)
        return float(weights @ shape((self.threshold * scale - root * y) / rest))

    def _scales(self, at: float, width: float) -> tuple[Column, Column]:
        """Nodes of the common scale sqrt(V / nu), by panels of its logarithm, and weights."""
        nu, c = self.degrees, self.threshold

        def fall(t: float) -> float:
            return 0.5 * math.expm1(2.0 * t) - t - 60.0 / nu

        low = float(brentq(fall, -60.0 / nu - 1.0, 0.0))
        high = float(brentq(fall, 0.0, 0.5 * math.log(120.0 / nu + 10.0) + 1.0))
        steps = [(0.0, 1.0 / math.sqrt(2.0 * nu))]
        middle = math.sqrt(1.0 - self.correlation) * at / c if c else 0.0
        if middle > 0.0:
            spread = math.hypot(math.sqrt(self.correlation), width) / abs(c)
            steps.append((math.log(middle), spread / middle))
        cap = min(2.0, 3.0 / math.sqrt(2.0 * nu))
        t, weights = legendre(layered(steps, low, high, cap), PANEL_NODES)
        weights = weights * np.exp(-nu * (0.5 * np.expm1(2.0 * t) - t))
        return np.exp(t), weights / np.sum(weights)


def default_count(
    names: int, correlation: float, *, default_chance: float | None = None,
    threshold: float | None = None, degrees: float = math.inf,
) -> DefaultCount:  # fmt: skip
    """Number of defaults among equal names, from a PD or from a threshold.

    Parameters
    ----------
    names : int
        Number of names, in [1, 1e9].
    correlation : float
        Asset correlation [1], in [0, 1).
    default_chance : float or None
        PD [1], in (0, 1); the threshold is then its quantile under the copula's margin.
    threshold : float or None
        Latent value at or below which a name defaults [1], if no PD is given.
    degrees : float
        Degrees of freedom [1], >= 0.5; infinite for the Gaussian copula.

    Returns
    -------
    DefaultCount
        Its law.

    Raises
    ------
    BookError
        If a number is out of range, or not just one of PD and threshold is given.
    """
    if (default_chance is None) == (threshold is None):
        raise refused("default_chance", "与阈值二选一", "or threshold: give just one of the two")
    if default_chance is not None:
        pd = inside("default_chance", default_chance)
        gaussian = not degrees < math.inf
        threshold = float(ndtri(pd) if gaussian else stdtrit(degrees, pd))
    assert threshold is not None
    return DefaultCount(names, threshold, correlation, degrees)


def tail_dependence(correlation: float, degrees: float) -> float:
    """Chance that one of two names defaults given the other, as PDs go to 0.

    Parameters
    ----------
    correlation : float
        Correlation of the latent variables [1], in [-1, 1].
    degrees : float
        Degrees of freedom of the t copula [1], > 0; infinite for the Gaussian one.

    Returns
    -------
    float
        Lower tail dependence [1]: 2 t_{nu+1}(-sqrt((nu + 1)(1 - rho) / (1 + rho))).

    Raises
    ------
    BookError
        If a number is out of range.

    Notes
    -----
    Source: McNeil, Frey & Embrechts, Quantitative Risk Management, 7.2.4.

    Examples
    --------
    >>> round(tail_dependence(0.5, 4.0), 9)
    0.253169995
    """
    if not -1.0 <= correlation <= 1.0 or not degrees > 0.0:
        raise refused("correlation", "应在-1到1之间，自由度为正", "must be in [-1, 1], degrees > 0")
    if correlation == 1.0:
        return 1.0
    if math.isinf(degrees) or correlation == -1.0:
        return 0.0
    ratio = (degrees + 1.0) * (1.0 - correlation) / (1.0 + correlation)
    return float(2.0 * stdtr(degrees + 1.0, -math.sqrt(ratio)))
