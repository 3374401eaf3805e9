"""Expected loss with wrong-way risk and a slowed sale, by quadrature over the sale's factor.

Once y = b'Z is known, default is N((k - E[a'Z | y]) / ...) and the sale is as in the
simulation, so EL is one integral over y, and with a t copula a second over the mixing.
Without either it is the closed form of `riskengine.kernels.wrong_way`.
"""

import math

import numpy as np

from riskengine.credit.wrong_way import wrong_way_shortfall
from riskengine.portfolio.compression import Cells
from riskengine.portfolio.conditional import prepare, unit_sums
from riskengine.portfolio.exposures import Column, FactorModel
from riskengine.portfolio.scenarios import Scenarios, mixing_of, nominal


def expected_units(
    cells: Cells, model: FactorModel, nu: float = math.inf, threads: int = 1
) -> Column:
    """Expected loss of each cell for one yuan of scale.

    Parameters
    ----------
    cells : Cells
        The book.
    model : FactorModel
        Its common factors.
    nu : float
        Degrees of freedom of a t copula, > 0; infinite for the Gaussian.
    threads : int
        Threads, >= 1.

    Returns
    -------
    (c,) float64
        Expected losses [1], in [0, PD].

    Notes
    -----
    Where nothing slows the sale and there is no mixing, the closed form of
    `riskengine.credit.wrong_way`, to about 1e-13 of itself.  Else the trapezoidal rule, whose
    error e^(-2 pi^2 / h^2 (1 + b^2)) for a normal probability of slope b is none at a step
    h = 0.5 / sqrt(1 + b^2); 1,024 Gauss-Legendre nodes where the factors alone decide a
    sale (a kink), and 64 for the mixing.

    Source: Trefethen & Weideman, SIAM Review 56 (2014) 385, 5.
    """
    found: Column = cells.default_chance.copy()
    secured = cells.forward > 0.0
    waits = (cells.wait > 0.0) & (model.slowdown * model.sale_share > 0.0)[cells.segment]
    by_nodes = secured & (waits if math.isinf(nu) else True)
    closed, rows = np.flatnonzero(secured & ~by_nodes), np.flatnonzero(by_nodes)
    if closed.size:
        both = np.clip(_both(model), -1.0, 1.0)[cells.segment[closed]]
        found[closed] = wrong_way_shortfall(
            np.ones(closed.size), cells.forward[closed], cells.spread[closed],
            cells.default_chance[closed], both,
        ).expected_loss_yuan  # fmt: skip
    if rows.size:
        part = Cells(*(getattr(cells, name)[rows] for name in Cells.__dataclass_fields__))
        found[rows] = _by_nodes(part, model, nu, threads)
    return found


def _by_nodes(cells: Cells, model: FactorModel, nu: float, threads: int) -> Column:
    share = np.minimum(model.sale_share, 1.0)
    alone, used = _of_sale(model, share), share[cells.segment]
    kinked = np.any((used > 1.0 - 1e-9) | (cells.spread == 0.0))
    slope = alone.default_loadings[:, 0] ** 2
    steep = slope / (1.0 - slope)
    steepest = 0.0 if kinked else float(np.max(steep[cells.segment] + used / (1.0 - used)))
    many = steepest > 400.0  # nodes of the trapezoidal rule would outgrow those of a kink
    y, weights = _normal_nodes(1024) if kinked or many else _trapezoid(steepest)
    points = y[:, None]
    if not math.isinf(nu):
        score, of_score = _normal_nodes(64)
        points = np.stack((np.repeat(y, score.size), np.tile(score, y.size)), axis=1)
        weights = np.repeat(weights, score.size) * np.tile(of_score, y.size)
    mixing = mixing_of(nominal(alone, nu), points)
    scenarios = Scenarios(np.ascontiguousarray(points[:, :1]), mixing, weights)
    sums = unit_sums(
        prepare(cells, alone, nu), scenarios, weights[None, :], np.zeros((1, weights.size)), threads
    )
    units: Column = sums[0, 0]
    return units


def _both(model: FactorModel) -> Column:
    found: Column = np.einsum(
        "gi,ij,gj->g", model.default_loadings, model.correlation, model.sale_loadings
    )
    return found


def _of_sale(model: FactorModel, share: Column) -> FactorModel:
    """Each segment with the one factor that moves its sales: y over its deviation."""
    deviation = np.sqrt(share)
    both = _both(model)
    loading = np.divide(both, deviation, where=deviation > 0.0, out=np.zeros_like(both))
    return FactorModel(
        ("sale",), np.eye(1), model.segments, loading[:, None], deviation[:, None], model.slowdown
    )


def _normal_nodes(size: int) -> tuple[Column, Column]:
    """Nodes and weights of a standard normal."""
    at, weights = np.polynomial.legendre.leggauss(size)
    y = 9.0 * at
    density = 9.0 * weights * np.exp(-0.5 * y * y)
    return y, density / density.sum()


def _trapezoid(steepest: float) -> tuple[Column, Column]:
    """Nodes and weights for integrands of a slope whose square is at most ``steepest``."""
    step = 0.5 / math.sqrt(1.0 + steepest)
    count = math.ceil(9.0 / step)
    y = step * np.arange(-count, count + 1, dtype=np.float64)
    density = np.exp(-0.5 * y * y)
    return y, density / density.sum()
