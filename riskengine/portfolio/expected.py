"""Expected loss with wrong-way risk and a slowed sale, by quadrature over the sale's factor.

Once y = b'Z is known, default is N((k - E[a'Z | y]) / ...) and the sale is as in the
simulation, so EL is one integral over y, and with a t copula a second over the mixing.
Without slowdown it is the closed form of `riskengine.kernels.wrong_way`.
"""

import math

import numpy as np

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
    Gauss-Legendre over +-9 standard deviations: 128 nodes, 1,024 where the factors alone
    decide a sale (a kink), by 64 for the mixing.
    """
    secured = np.flatnonzero(cells.forward > 0.0)
    found = cells.default_chance.copy()
    if secured.size:
        share = np.minimum(model.sale_share, 1.0)
        used = cells.segment[secured]
        kinked = np.any((share[used] > 1.0 - 1e-9) | (cells.spread[secured] == 0.0))
        alone = _of_sale(model, share)
        y, weights = _normal_nodes(1024 if kinked else 128)
        points = y[:, None]
        if not math.isinf(nu):
            score, of_score = _normal_nodes(64)
            points = np.stack((np.repeat(y, score.size), np.tile(score, y.size)), axis=1)
            weights = np.repeat(weights, score.size) * np.tile(of_score, y.size)
        mixing = mixing_of(nominal(alone, nu), points)
        scenarios = Scenarios(np.ascontiguousarray(points[:, :1]), mixing, weights)
        part = Cells(*(getattr(cells, name)[secured] for name in Cells.__dataclass_fields__))
        prepared = prepare(part, alone, nu)
        sums = unit_sums(prepared, scenarios, weights, np.zeros_like(weights), threads)
        found[secured] = sums[0]
    return found


def _of_sale(model: FactorModel, share: Column) -> FactorModel:
    """Each segment with the one factor that moves its sales: y over its deviation."""
    deviation = np.sqrt(share)
    both = np.einsum("gi,ij,gj->g", model.default_loadings, model.correlation, model.sale_loadings)
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
