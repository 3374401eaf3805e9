"""Tail of an infinitely fine book by lines: one coordinate is integrated, not drawn.

Along the direction of the likeliest way the loss rises; each line has one point where it
passes x, and the normal beyond that point is known.  What is left to draw is smooth, and
up to three independent normals it is integrated by Gauss-Legendre as well, to 1e-7.  A
check on the simulation, and the better route where single names do not matter.

Source: Koutsourelakis, Pradlwarter & Schueller, Probabilistic Engineering Mechanics 19
(2004) 409 (line sampling); Griewank, Kuo, Leovey & Sloan, J. Comput. Appl. Math. 344
(2018) 259 (preintegration).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from riskengine.portfolio.aim import starting_directions
from riskengine.portfolio.exposures import BookError, Column, Exposures, FactorModel
from riskengine.portfolio.loss_law import Estimate
from riskengine.portfolio.own_risk import whole
from riskengine.portfolio.scenarios import draw_points, nominal
from riskengine.portfolio.shift import Loss, likeliest_ways, loss_at, toward, worst_directions
from riskengine.words import Text

REACH = 9.0
"""Lines end here, in standard deviations: what lies beyond has a chance of 1e-19."""


@dataclass(frozen=True, slots=True)
class LineTail:
    """VaR and ES of an infinitely fine book.

    Parameters
    ----------
    value_at_risk, expected_shortfall : Estimate
        Measures [yuan] with standard errors.
    """

    value_at_risk: Estimate
    expected_shortfall: Estimate


@dataclass(frozen=True, slots=True)
class _Lines:
    """Points (n, d) at the middle of lines, their direction and weights, and the loss."""

    loss: Loss
    points: Column
    along: Column
    weights: Column

    def at(self, place: Column) -> Column:
        """Losses at one place on each line."""
        return self.loss(self.points + place[:, None] * self.along)

    def crossings(self, level: float) -> Column:
        """Where each line passes a loss; the end of its reach where it does not."""
        size = len(self.points)
        low, high = np.full(size, -REACH), np.full(size, REACH)
        under, over = self.at(low) - level, self.at(high) - level
        inside = (under < 0.0) & (over > 0.0)
        outside = np.where(over <= 0.0, REACH, -REACH)
        for k in range(60):
            middle = low - under * (high - low) / np.where(inside, over - under, 1.0)
            if k % 3 == 2:
                middle = 0.5 * (low + high)
            middle = np.clip(middle, low, high)
            value = self.at(middle) - level
            up = value > 0.0
            low, under = np.where(up, low, middle), np.where(up, under, value)
            high, over = np.where(up, middle, high), np.where(up, value, over)
            if np.max(np.where(inside, np.minimum(high - low, np.abs(value) / level), 0.0)) < 1e-13:
                break
        nearer = np.where(np.abs(under) < np.abs(over), low, high)
        return np.where(inside, nearer, outside)

    def excess(self, level: float) -> Column:
        """Mean of max(L - level, 0) on each line."""
        start = self.crossings(level)
        nodes, weights = np.polynomial.legendre.leggauss(32)
        length = 0.5 * (np.maximum(start, 0.0) + REACH - start)
        total = np.zeros(len(start))
        for node, weight in zip(nodes, weights, strict=True):
            place = start + length * (1.0 + node)
            density = np.exp(-0.5 * place * place) / math.sqrt(2.0 * math.pi)
            total += weight * length * density * (self.at(place) - level)
        return total


def by_lines(
    exposures: Exposures, model: FactorModel, *, level: float = 0.999, seed: int,
    lines: int = 256, scrambles: int = 16, nu: float = math.inf,
) -> LineTail:  # fmt: skip
    """VaR and ES of a book, names infinitely fine, by integrating along lines.

    Parameters
    ----------
    exposures : Exposures
        The book.
    model : FactorModel
        Its common factors.
    level : float
        Level [1], in (0, 1).
    seed : int
        Seed, >= 0.
    lines : int
        Lines in a block, a power of two; not used up to three independent normals (two
        factors and a mixing, say), where quadrature takes their place.
    scrambles : int
        Independent blocks, >= 1.
    nu : float
        Degrees of freedom of a t copula, > 0; infinite for the Gaussian.

    Returns
    -------
    LineTail
        VaR and ES; standard errors are 0 where nothing is drawn.

    Raises
    ------
    BookError
        If no factor moves the loss, or it falls along a line (loadings of mixed signs): such
        a line may pass a loss more than once.

    Examples
    --------
    >>> one = lambda value: np.array([value])
    >>> model = FactorModel(("nation",), np.eye(1), ("pig",), np.full((1, 1), 0.1**0.5),
    ...     np.zeros((1, 1)), np.zeros(1))
    >>> book = Exposures(one(1.0), one(0.02), one(0), one(1.0), *(one(0.0) for _ in range(4)))
    >>> round(by_lines(book, model, seed=1).value_at_risk.value, 9)
    0.128237107
    """
    if not 0.0 < level < 1.0 or scrambles < 1:
        raise _refused(f"水平{level}或批数无效", f"level {level} or the blocks are out of range")
    part, plain, tail = whole(exposures, model, nu, None), nominal(model, nu), 1.0 - level
    loss, radius = loss_at(part.prepared, plain), max(-float(special.ndtri(tail)), 0.5)
    starts = starting_directions(part, model, plain.dimension)
    directions = worst_directions(loss, starts, radius)
    if not directions.size:
        raise _refused("没有因子影响损失", "no factor moves the loss")
    ways = likeliest_ways(loss, directions, float(loss(radius * directions).max()))
    axes = toward(plain, loss, ways, np.zeros((1, plain.dimension))).axes
    if plain.dimension <= 3:
        across, weights, scrambles = *_product_nodes(plain.dimension - 1), 1
    else:
        across = np.concatenate([
            draw_points(plain, lines, seed=seed, block=block)[:, 1:] for block in range(scrambles)
        ])  # fmt: skip
        weights = np.full(len(across), 1.0 / len(across))
    every = _Lines(loss, across @ axes[:, 1:].T, axes[:, 0], weights)
    at = _quantile(every, tail)
    over = special.ndtr(-every.crossings(at)) * weights * scrambles
    beyond = every.excess(at) * weights * scrambles
    over, excess = (x.reshape(scrambles, -1).sum(axis=1) for x in (over, beyond))
    step = 1e-4 * at
    slope = _tail(every, at - step) - _tail(every, at + step)
    density = max(slope / (2.0 * step), 1e-300)
    return LineTail(
        Estimate(at, _error(over, plain.dimension) / density),
        Estimate(at + float(excess.mean()) / tail, _error(excess, plain.dimension) / tail),
    )


def _product_nodes(size: int) -> tuple[Column, Column]:
    """Gauss-Legendre nodes and weights of independent normals."""
    if size == 0:
        return np.zeros((1, 0)), np.ones(1)
    at, weights = np.polynomial.legendre.leggauss(128 if size == 1 else 48)
    y = REACH * at
    density = weights * np.exp(-0.5 * y * y)
    density /= density.sum()
    if size == 1:
        return y[:, None], density
    pairs = np.stack((np.repeat(y, y.size), np.tile(y, y.size)), axis=1)
    return pairs, np.repeat(density, y.size) * np.tile(density, y.size)


def _tail(every: _Lines, level: float) -> float:
    return float(special.ndtr(-every.crossings(level)) @ every.weights)


def _quantile(every: _Lines, tail: float) -> float:
    """Loss that is exceeded with the wanted probability over all lines."""
    grid = np.linspace(-REACH, REACH, 25)
    values = np.stack([every.at(np.full(len(every.points), x)) for x in grid])
    if np.any(np.diff(values, axis=0) < -1e-9 * values[1:]):
        raise _refused("损失沿直线下降", "the loss falls along a line")
    low, high = float(values[0].min()), float(values[-1].max())
    if high - low <= 1e-12 * high:
        return high
    inner = low + 1e-9 * (high - low)
    root = optimize.brentq(
        lambda x: math.log(max(_tail(every, x), 1e-300) / tail), inner, high, xtol=1e-13 * high
    )
    return float(root)


def _error(blocks: Column, dimension: int) -> float:
    if dimension <= 3:
        return 0.0
    return float(blocks.std(ddof=1) / math.sqrt(blocks.size)) if blocks.size > 1 else math.nan


def _refused(zh: str, en: str) -> BookError:
    return BookError(
        Text(f"{zh}，不能沿直线积分", f"{en}: lines cannot be integrated"),
        Text("请用simulate", "use simulate"),
    )
