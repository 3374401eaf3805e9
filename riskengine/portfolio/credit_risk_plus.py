"""CreditRisk+: Poisson defaults whose intensities follow independent gamma sectors.

A row is an obligor, with one column a year where the horizon has several: defaults of one
obligor in different years exclude each other, so that each year enters as an obligor of its
own with the exposure and the marginal default rate of that year.  Shares say how much of
an obligor's rate moves with each sector; a specific sector does not move.

Conventions of the published workbook: unit ceil(largest exposure / 100), bands rounded up,
rates scaled so that the expected loss stays, a sector's deviation the sum of those of its
obligors, percentiles read off straight lines between lattice points.

Source: Credit Suisse First Boston, CreditRisk+ (1997), A2-A13 and B; Haaf & Tasche,
Calculating value-at-risk contributions in CreditRisk+ (2002); Barbour & Hall, Math. Proc.
Cambridge Phil. Soc. 95 (1984) 473.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskengine.kernels.panjer import add_sector_logarithm, exponential, with_event
from riskengine.portfolio.columns import finite_column
from riskengine.portfolio.exposures import Column, refused
from riskengine.portfolio.lattice import Index, LossLaw, raised
from riskengine.portfolio.measures import Measures

BEYOND = 1e-15
"""Chance of a loss beyond the lattice, at most [1]."""
LONGEST = 1 << 17
"""Most lattice points: the recursion takes their square."""


@dataclass(frozen=True, slots=True)
class Bands:
    """Obligors and years on the lattice.

    Parameters
    ----------
    unit_yuan : float
        Unit of loss [yuan].
    places : (r,) int64
        Band of each row that can lose something [unit], >= 1.
    rates : (r,) float64
        Mean number of defaults, scaled so that band x rate keeps the expected loss [1].
    shares : (r, k) float64
        Share of each sector [1]; rows add up to 1.
    obligor : (r,) int64
        Obligor of the row, from 0.
    obligors : int
        Number of obligors.
    """

    unit_yuan: float
    places: Index
    rates: Column
    shares: Column
    obligor: Index
    obligors: int

    def summed(self, rows: Column) -> Column:
        """Sum rows by obligor.

        Parameters
        ----------
        rows : (r,) float64
            One number a row, any unit.

        Returns
        -------
        (n,) float64
            One number an obligor.
        """
        found: Column = np.bincount(self.obligor, rows, self.obligors).astype(np.float64)
        return found

    def severity(self, sector: int) -> Column:
        """Losses of one sector given a default in it.

        Parameters
        ----------
        sector : int
            Sector, from 0.

        Returns
        -------
        (s,) float64
            Probability of 0, 1, ... units [1].
        """
        weights = self.shares[:, sector] * self.rates
        return np.bincount(self.places, weights) / np.sum(weights)


@dataclass(frozen=True, slots=True)
class CreditRiskPlus:
    """Loss of a book under CreditRisk+.

    Parameters
    ----------
    law : LossLaw
        Law of the loss; P(beyond the lattice) < 1e-15, so probabilities add up to 1.
    bands : Bands
        Obligors on the lattice.
    means, deviations : (k,) float64
        Mean number of defaults of each sector and the deviation of its intensity [1]; 0 for
        a specific sector.
    expected : float
        Expected loss [yuan], exact.
    deviation : float
        Standard deviation of the loss on the lattice [yuan].
    exact_deviation : float
        Standard deviation without rounding to bands [yuan].
    poisson_error : float
        Bound of Barbour and Hall on the error, in total variation, of taking defaults as
        Poisson at mean rates [1].
    """

    law: LossLaw
    bands: Bands
    means: Column
    deviations: Column
    expected: float
    deviation: float
    exact_deviation: float
    poisson_error: float

    def measures(self, level: float, *, interpolated: bool = True) -> Measures:
        """VaR, ES and capital.

        Parameters
        ----------
        level : float
            Level [1], in (0, 1).
        interpolated : bool
            Whether VaR is read off straight lines between lattice points, as published;
            else it is the smallest lattice point that reaches the level.

        Returns
        -------
        Measures
            The measures [yuan].
        """
        return self.law.measures(level, interpolated=interpolated)

    def deviation_shares(self) -> Column:
        """Contributions of obligors to the standard deviation.

        Returns
        -------
        (n,) float64
            Contributions [yuan]; they add up to `deviation`.

        Notes
        -----
        Source: CreditRisk+ (1997), A13.2.
        """
        bands = self.bands
        moved = _ratio(self.deviations, self.means) ** 2
        lost = bands.places * bands.rates
        sector = lost @ bands.shares
        row = lost * (bands.places + bands.shares @ (moved * sector))
        scale = bands.unit_yuan**2 / self.deviation if self.deviation else 0.0
        return bands.summed(scale * row)

    def percentile_shares(self, level: float) -> Column:
        """Contributions to a percentile as the manual has it: expected loss plus multiples.

        Parameters
        ----------
        level : float
            Level [1], in (0, 1).

        Returns
        -------
        (n,) float64
            EL_i + xi x deviation share, xi = (percentile - EL) / deviation [yuan]; they add
            up to the interpolated percentile.  `euler` has the exact ones.
        """
        bands = self.bands
        value = self.measures(level).value_at_risk
        expected = bands.summed(bands.unit_yuan * bands.places * bands.rates)
        capital = value - float(np.sum(expected))
        return expected + capital / (self.deviation or 1.0) * self.deviation_shares()

    def euler(self, level: float) -> tuple[Column, Column]:
        """Contributions of obligors to VaR at its lattice point and to ES, exact.

        Parameters
        ----------
        level : float
            Level [1], in (0, 1).

        Returns
        -------
        value_at_risk, expected_shortfall : (n,) float64
            E[L_i | L = VaR], VaR not interpolated, and shares in ES, the atom split alike
            [yuan]; each adds up to its measure.
        """
        bands, p = self.bands, self.law.probabilities
        found = self.measures(level, interpolated=False)
        at = round(found.value_at_risk / bands.unit_yuan)
        rows = bands.places * bands.rates
        equal, above = np.zeros(rows.size), np.zeros(rows.size)
        tilted = np.empty(p.size)
        for k in range(self.means.size):
            share = bands.shares[:, k]
            if self.means[k] == 0.0:
                continue
            with_event(p, bands.severity(k), self.deviations[k] ** 2 / self.means[k], tilted)
            beyond = np.append(np.cumsum(tilted[::-1])[::-1], 0.0)
            start = at - bands.places
            equal += share * np.where(start >= 0, tilted[np.maximum(start, 0)], 0.0)
            above += share * beyond[np.maximum(start + 1, 0)]
        equal, above = rows * equal / p[at], rows * above
        split = (above + equal * (1.0 - level - float(self.law.survival[at]))) / (1.0 - level)
        unit = bands.unit_yuan
        return bands.summed(unit * equal), bands.summed(unit * split)


def credit_risk_plus(
    exposure_yuan: ArrayLike, default_rate: ArrayLike, deviation: ArrayLike, *,
    shares: ArrayLike | None = None, specific: tuple[int, ...] = (),
    unit_yuan: float | None = None, points: int | None = None,
) -> CreditRiskPlus:  # fmt: skip
    """Law of the loss of a book under CreditRisk+.

    Parameters
    ----------
    exposure_yuan : (n,) or (n, years) array-like
        Loss on default, recovery taken off [yuan], >= 0.
    default_rate : (n,) or (n, years) array-like
        Mean default rate of the obligor, in each year the marginal one [1], in [0, 1].
    deviation : (n,) or (n, years) array-like
        Standard deviation of the rate [1], >= 0.
    shares : (n, k) array-like or None
        Share of each sector in an obligor's rate [1], >= 0, rows adding up to 1; None puts
        all into one sector.
    specific : tuple of int
        Sectors that do not move: the specific risk of obligors.
    unit_yuan : float or None
        Unit of loss [yuan], > 0; None takes ceil(largest exposure / 100).
    points : int or None
        Lattice points, in [2, 2^17]; None takes as many as leave less than 1e-15 beyond.

    Returns
    -------
    CreditRiskPlus
        Law, moments and, by its methods, percentiles and contributions.

    Raises
    ------
    BookError
        If columns do not fit or are out of range, or nothing can be lost.

    Examples
    --------
    >>> book = credit_risk_plus([100.0, 200.0], [0.02, 0.01], [0.01, 0.005], unit_yuan=100.0)
    >>> round(book.expected, 12), round(book.law.expected, 12)
    (4.0, 4.0)
    """
    v, p, s = _columns(exposure_yuan, default_rate, deviation)
    theta = _shares(shares, v.shape[0], specific)
    alive = (v > 0.0) & (p > 0.0)
    if not np.any(alive):
        raise refused("exposure_yuan", "没有可能的损失", "leaves nothing that can be lost")
    obligor = np.nonzero(alive)[0]
    v, p, s = v[alive], p[alive], s[alive]
    unit = float(np.ceil(np.max(v) / 100.0)) if unit_yuan is None else unit_yuan
    places = np.maximum(raised(v, unit), 1)
    scale = v / unit / places
    bands = Bands(unit, places, p * scale, theta[obligor], obligor, theta.shape[0])
    still = np.isin(np.arange(theta.shape[1]), specific)
    means = bands.rates @ bands.shares
    deviations = np.where(still, 0.0, (s * scale) @ bands.shares)
    moved = _ratio(deviations, means) ** 2
    units = places * bands.rates
    variance = float(units @ places + moved @ (units @ bands.shares) ** 2)
    free = np.where(still, 0.0, (s * v) @ bands.shares)
    mean = float(np.sum(p))
    return CreditRiskPlus(
        _law(bands, means, deviations, points), bands, means, deviations, float(v @ p),
        unit * math.sqrt(variance), math.sqrt(float(p @ (v * v) + free @ free)),
        float(np.sum(p * p)) / mean * -math.expm1(-mean),
    )  # fmt: skip


def _law(bands: Bands, means: Column, deviations: Column, points: int | None) -> LossLaw:
    """Multiply the sectors' generating functions, by their logarithms, and expand."""
    sectors = [
        (bands.severity(k), mean, float(deviations[k]) ** 2 / mean)
        for k, mean in enumerate(means.tolist())
        if mean > 0.0
    ]
    longest = int(np.max(bands.places))
    size = points or (_length(sectors) if longest < LONGEST else longest)
    if not 2 <= size <= LONGEST:
        raise refused(
            "unit_yuan", f"格点{size}个太多", f"gives {size} points, not in [2, {LONGEST}]"
        )
    logs, law = np.zeros(size), np.empty(size)
    for severity, mean, beta in sectors:
        add_sector_logarithm(severity, mean / beta if beta else mean, beta, logs)
    exponential(logs, law)
    return LossLaw(bands.unit_yuan, law)


def _length(sectors: list[tuple[Column, float, float]]) -> int:
    """Points beyond which less than `BEYOND` lies, by Chernoff's bound."""
    longest = max(severity.size for severity, _, _ in sectors)
    best = 2 * LONGEST
    for t in np.geomspace(1e-7, 600.0 / longest, 400):
        log = 0.0
        for severity, mean, beta in sectors:
            grown = float(severity @ np.expm1(t * np.arange(severity.size)))
            if beta * grown >= 1.0:
                return best
            log += -mean / beta * math.log1p(-beta * grown) if beta else mean * grown
        best = min(best, math.ceil(max((log - math.log(BEYOND)) / t, longest)) + 1)
    return best


def _columns(
    exposure_yuan: ArrayLike, default_rate: ArrayLike, deviation: ArrayLike
) -> tuple[Column, Column, Column]:
    given = [np.asarray(x, dtype=np.float64) for x in (exposure_yuan, default_rate, deviation)]
    shape = given[0].shape
    if len(shape) not in {1, 2} or 0 in shape or any(x.shape != shape for x in given):
        raise refused("exposure_yuan", "形状不一", "rates and deviations must have one shape")
    for name, x in zip(("exposure_yuan", "default_rate", "deviation"), given, strict=True):
        if np.any(finite_column(name, x.ravel()) < 0.0):
            raise refused(name, "不得为负", "must not be negative")
    if np.any(given[1] > 1.0):
        raise refused("default_rate", "不得大于1", "must be in [0, 1]")
    v, p, s = (x.reshape(shape[0], -1) for x in given)
    return v, p, s


def _shares(shares: ArrayLike | None, rows: int, specific: tuple[int, ...]) -> Column:
    theta = np.ones((rows, 1)) if shares is None else np.asarray(shares, dtype=np.float64)
    if theta.ndim != 2 or theta.shape[0] != rows or not theta.shape[1]:
        raise refused("shares", "应为每债务人一行", "need one row an obligor, one column a sector")
    fits = np.all(theta >= 0.0) and np.all(np.abs(np.sum(theta, axis=1) - 1.0) <= 1e-9)
    if not fits:
        raise refused("shares", "应非负且每行合计为1", "must be >= 0, each row adding up to 1")
    if any(not 0 <= k < theta.shape[1] for k in specific):
        raise refused("specific", "没有这个行业", "names a sector that is not there")
    return theta


def _ratio(above: Column, below: Column) -> Column:
    found: Column = np.divide(above, below, out=np.zeros(below.size), where=below > 0.0)
    return found
