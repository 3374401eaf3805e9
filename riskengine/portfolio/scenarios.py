"""Scenarios of the common factors, drawn where the losses are, with their weights.

A scenario is a point of independent standard normals w: one for each factor (factors are
R w, R R' = C) and, in a t copula, one more whose normal score gives the common mixing
sqrt(W / nu), W chi-square, low where times are bad.  Points come from a mixture of normals:
one around each most likely way to a large loss, and the nominal one, whose share keeps the
weights bounded; the weight is the nominal density over the mixture's (balance heuristic).

Points are scrambled Sobol or plain pseudo-random.  The first coordinate runs along the
first shift; with one shift it is drawn from the mixture by its quantile, so that no
coordinate is spent on choosing a component.

Source: Glasserman & Li, Management Science 51 (2005) 1643; Veach & Guibas, SIGGRAPH (1995)
419 (balance heuristic); Owen, J. Complexity 14 (1998) 466 (scrambling); credit notes 4.5.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from riskengine.portfolio.exposures import BookError, Column, FactorModel
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Scenarios:
    """Common factors of s scenarios.

    Parameters
    ----------
    factors : (s, f) float64
        Factors in the model's own terms, correlated [1]; low is bad.
    mixing : (s,) float64
        sqrt(W / nu) of a t copula, by which thresholds are multiplied [1]; ones without.
    weights : (s,) float64
        Likelihood ratios [1], mean 1 but for chance; not scaled.
    """

    factors: Column
    mixing: Column
    weights: Column

    @property
    def size(self) -> int:
        """Number of scenarios."""
        return int(self.weights.size)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where scenarios are drawn.

    Parameters
    ----------
    root : (f, f) float64
        Root of the correlation of the factors.
    nu : float
        Degrees of freedom of the t copula, > 0; infinite for the Gaussian.
    shifts : (k, d) float64
        Centres of the components in independent normals [1]; d = f, and one more with a
        finite nu.
    shares : (k,) float64
        Their shares [1], > 0; what they lack of 1 is drawn nominally.
    axes : (d, d) float64
        Orthonormal columns, the coordinates in the order of their say in the loss; the
        first along the first shift (either way), and along the only one exactly.
    """

    root: Column
    nu: float
    shifts: Column
    shares: Column
    axes: Column

    @property
    def dimension(self) -> int:
        """Number of independent normals."""
        return int(self.axes.shape[0])

    @property
    def largest_weight(self) -> float:
        """Bound of the weights."""
        nominal = 1.0 - float(self.shares.sum())
        return 1.0 / nominal if nominal > 0.0 else math.inf


def nominal(model: FactorModel, nu: float = math.inf) -> Proposal:
    """Scenarios as the model has them: no shift, weights of 1.

    Parameters
    ----------
    model : FactorModel
        The factors.
    nu : float
        Degrees of freedom of the t copula, > 0; infinite for the Gaussian.

    Returns
    -------
    Proposal
        Coordinates in the order of the factors.

    Raises
    ------
    BookError
        If nu is not above 0.
    """
    if not nu > 0.0:
        raise BookError(
            Text(f"自由度{nu}应大于0", f"degrees of freedom {nu} must be above 0"),
            Text("高斯连接函数请用无穷大", "infinity is the Gaussian copula"),
        )
    size = len(model.factors) + (0 if math.isinf(nu) else 1)
    return Proposal(model.root, nu, np.zeros((0, size)), np.zeros(0), np.eye(size))


def generator(seed: int, purpose: int, block: int) -> np.random.Generator:
    """Stream of random numbers that nothing else shares.

    Parameters
    ----------
    seed : int
        Seed of the run, in [0, 2^64).
    purpose, block : int
        What for, and for which block, each in [0, 2^32).

    Returns
    -------
    numpy.random.Generator
        Counter-based (Philox), at its start.
    """
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, purpose, block])))


def draw(
    proposal: Proposal, size: int, *, seed: int, block: int = 0, sampling: str = "sobol"
) -> Scenarios:
    """Draw a block of scenarios; blocks are independent of each other.

    Parameters
    ----------
    proposal : Proposal
        Where to draw.
    size : int
        Number of scenarios; a power of two for Sobol points.
    seed : int
        Seed of the run, in [0, 2^64).
    block : int
        Number of the block, in [0, 2^32): another scrambling of the points.
    sampling : str
        ``sobol`` or ``random``.

    Returns
    -------
    Scenarios
        The block; the same whatever else is drawn.

    Raises
    ------
    BookError
        If the size or the kind of sampling cannot be.

    Examples
    --------
    >>> model = FactorModel(("nation",), np.eye(1), ("pig",), np.full((1, 1), 0.4),
    ...     np.zeros((1, 1)), np.zeros(1))
    >>> found = draw(nominal(model), 8, seed=1)
    >>> found.factors.shape, abs(float(found.factors.mean())) < 0.1
    ((8, 1), True)
    """
    points = draw_points(proposal, size, seed=seed, block=block, sampling=sampling)
    count = proposal.root.shape[0]
    factors = np.ascontiguousarray(points[:, :count] @ proposal.root.T)
    return Scenarios(factors, mixing_of(proposal, points), weights_at(proposal, points))


def draw_points(
    proposal: Proposal, size: int, *, seed: int, block: int = 0, sampling: str = "sobol"
) -> Column:
    """Draw the independent normals of a block of scenarios.

    Parameters
    ----------
    proposal : Proposal
        Where to draw.
    size, seed, block : int
        Number of points and key of the block.
    sampling : str
        ``sobol`` or ``random``.

    Returns
    -------
    (size, d) float64
        Points w [1].

    Raises
    ------
    BookError
        If the size or the kind of sampling cannot be.
    """
    several = proposal.shares.size > 1
    uniform = _uniforms(size, proposal.dimension + several, seed, block, sampling)
    return _points(proposal, uniform)


def mixing_of(proposal: Proposal, points: Column) -> Column:
    """Mixing of a t copula at points of independent normals.

    Parameters
    ----------
    proposal : Proposal
        Holds the degrees of freedom.
    points : (s, d) float64
        Independent normals [1]; the last is the score of the mixing where nu is finite.

    Returns
    -------
    (s,) float64
        sqrt(W / nu) [1]; ones in the Gaussian copula.
    """
    if math.isinf(proposal.nu):
        return np.ones(len(points))
    score, shape = points[:, -1], 0.5 * proposal.nu
    lower = special.gammaincinv(shape, special.ndtr(np.minimum(score, 0.0)))
    upper = special.gammainccinv(shape, special.ndtr(-np.maximum(score, 0.0)))
    half = np.where(score < 0.0, lower, upper)
    return np.sqrt(np.maximum(half / shape, 1e-300))


def weights_at(proposal: Proposal, points: Column) -> Column:
    """Nominal density over that of the mixture.

    Parameters
    ----------
    proposal : Proposal
        The mixture.
    points : (s, d) float64
        Independent normals [1].

    Returns
    -------
    (s,) float64
        Likelihood ratios [1], in (0, `Proposal.largest_weight`].
    """
    if not proposal.shares.size:
        return np.ones(len(points))
    centred = points @ proposal.shifts.T - 0.5 * np.sum(proposal.shifts**2, axis=1)
    mixture = np.exp(centred) @ proposal.shares + (1.0 - proposal.shares.sum())
    found: Column = 1.0 / mixture
    return found


def _uniforms(size: int, dimension: int, seed: int, block: int, sampling: str) -> Column:
    """Numbers in [2^-53, 1 - 2^-53]."""
    if size < 1 or sampling not in {"sobol", "random"}:
        raise BookError(
            Text(f"情景{sampling}×{size}无效", f"cannot draw {size} {sampling!r} scenarios"),
            Text("请选sobol或random，至少1个", "choose 'sobol' or 'random', and at least one"),
        )
    random = generator(seed, 1, block)
    if sampling == "random" or dimension == 0:
        drawn = random.random((size, dimension))
    else:
        drawn = _sobol(size, dimension, random)
    return np.clip(drawn, 2.0**-53, 1.0 - 2.0**-53)


def _sobol(size: int, dimension: int, random: np.random.Generator) -> Column:
    from scipy.stats import qmc  # slow to import, paid only by who simulates

    if size & (size - 1):
        raise BookError(
            Text(f"Sobol点数{size}不是2的幂", f"{size} Sobol points are no power of two"),
            Text("例如8192", "ask for 8192, for example"),
        )
    points = qmc.Sobol(dimension, scramble=True, bits=53, rng=random)
    return np.asarray(points.random(size), dtype=np.float64)


def _points(proposal: Proposal, uniform: Column) -> Column:
    """Independent normals w of the mixture."""
    if proposal.shares.size > 1:
        normals: Column = special.ndtri(uniform[:, 1:]) @ proposal.axes.T
        ends = np.cumsum(proposal.shares)
        component = np.searchsorted(ends, uniform[:, 0], side="right")
        centres = np.vstack((proposal.shifts, np.zeros(proposal.dimension)))
        moved: Column = normals + centres[component]
        return moved
    turned: Column = special.ndtri(uniform)
    if proposal.shares.size:
        along = float(proposal.shifts[0] @ proposal.axes[:, 0])
        turned[:, 0] = _two_normals(uniform[:, 0], along, float(proposal.shares[0]))
    out: Column = turned @ proposal.axes.T
    return out


def _two_normals(uniform: Column, shift: float, share: float) -> Column:
    """Quantiles of share N(shift, 1) + (1 - share) N(0, 1)."""
    grid = np.linspace(min(shift, 0.0) - 9.0, max(shift, 0.0) + 9.0, 4096)

    def below(x: Column) -> Column:
        found: Column = share * special.ndtr(x - shift) + (1.0 - share) * special.ndtr(x)
        return found

    x = np.interp(uniform, below(grid), grid)
    root = math.sqrt(2.0 * math.pi)
    for _ in range(4):
        density = share * np.exp(-0.5 * (x - shift) ** 2) + (1.0 - share) * np.exp(-0.5 * x * x)
        x -= (below(x) - uniform) / np.maximum(density / root, 1e-300)
    return x
