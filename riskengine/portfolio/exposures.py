"""What the loss kernels know of a book: exposures, and the factors that move them together.

An obligor i defaults when A = a'Z + sqrt(1 - a'Ca) e lies at or below its threshold; Z are
standard normal factors with correlation C, low is bad, a are the default loadings of the
segment (place x product) that i belongs to.  Its collateral sells for

    F exp(-s^2 / 2 + s X) of one yuan of debt,   X = b'Z + sqrt(1 - b'Cb) u,

and the loss given default is ``severity x E[max(1 - sale, 0)]``: severity is what the lender
loses of a debt that no collateral covers.  A fixed LGD is severity = LGD with F = 0.  In bad
times a sale takes longer: T = T0 exp(-k y - k^2 b'Cb / 2), y = b'Z, so that its mean is T0,
and each year of delay takes ``holding`` off the proceeds.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import RiskEngineError
from riskengine.words import Text

Column = NDArray[np.float64]
Index = NDArray[np.int64]


class BookError(RiskEngineError):
    """A book, a factor model or a programme that cannot be measured as a whole."""


def refused(name: str, zh: str, en: str) -> BookError:
    """Return the error of one argument.

    Parameters
    ----------
    name : str
        The argument.
    zh, en : str
        What is wrong with it; both continue its name.

    Returns
    -------
    BookError
        To be raised.
    """
    return BookError(
        Text(f"{name}：{zh}", f"{name} {en}"), Text("请检查这一项", "check this argument")
    )


@dataclass(frozen=True, slots=True)
class FactorModel:
    """Common causes of default and of low sale prices.

    Parameters
    ----------
    factors : tuple of str
        Names of the f factors, such as ``nation``, ``province:37``, ``crop:pig``.
    correlation : (f, f) float64
        Correlation of the factors [1]; positive semidefinite.
    segments : tuple of str
        Names of the g segments.
    default_loadings : (g, f) float64
        Loadings a of the latent variable of default [1]; a'Ca in [0, 1).
    sale_loadings : (g, f) float64
        Loadings b of the sale price of collateral [1]; b'Cb in [0, 1].
    slowdown : (g,) float64
        k: how much longer a sale takes in bad times [1], >= 0.
    """

    factors: tuple[str, ...]
    correlation: Column
    segments: tuple[str, ...]
    default_loadings: Column
    sale_loadings: Column
    slowdown: Column

    def __post_init__(self) -> None:
        """Refuse loadings and correlations that no model can have."""
        size, count = len(self.factors), len(self.segments)
        shapes = {
            "correlation": (size, size), "default_loadings": (count, size),
            "sale_loadings": (count, size), "slowdown": (count,),
        }  # fmt: skip
        for name, shape in shapes.items():
            _finite(name, getattr(self, name), shape)
        held = self.correlation
        unit = np.allclose(np.diag(held), 1.0, rtol=0.0, atol=1e-9)
        if not unit or not np.allclose(held, held.T, rtol=0.0, atol=1e-9):
            raise refused(
                "correlation", "对角线应为1且对称", "must be symmetric with a diagonal of 1"
            )
        if size and np.linalg.eigvalsh(held)[0] < -1e-9:
            raise refused("correlation", "不是半正定矩阵", "is not positive semidefinite")
        if np.any(self.default_share >= 1.0):
            said = "must leave something to each obligor: a'Ca < 1"
            raise refused("default_loadings", "共同因子解释应小于1", said)
        if np.any(self.sale_share > 1.0 + 1e-12) or np.any(self.slowdown < 0.0):
            said = "must explain no more than all, b'Cb <= 1, and slow down, not speed up"
            raise refused("sale_loadings", "共同因子解释不得超过1，放缓系数不得为负", said)

    @property
    def root(self) -> Column:
        """Matrix R with R R' = correlation: factors are R W of independent normals W.

        Lower triangular where the correlation has full rank; of a singular one the
        symmetric root.
        """
        try:
            found = np.asarray(np.linalg.cholesky(self.correlation), dtype=np.float64)
        except np.linalg.LinAlgError:
            values, vectors = np.linalg.eigh(self.correlation)
            found = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
        return found

    @property
    def default_share(self) -> Column:
        """Share a'Ca of common causes in default, the asset correlation [1], of each segment."""
        return _quadratic(self.default_loadings, self.correlation)

    @property
    def sale_share(self) -> Column:
        """Share b'Cb of common causes in sale prices [1] of each segment."""
        return _quadratic(self.sale_loadings, self.correlation)


@dataclass(frozen=True, slots=True)
class Exposures:
    """Debts that may be lost within the horizon, one a row.

    Parameters
    ----------
    debt_yuan : (n,) float64
        Exposure at default [yuan], >= 0.
    default_chance : (n,) float64
        PD over the horizon, unconditional [1], in [0, 1].
    segment : (n,) int64
        Row in the factor model.
    severity : (n,) float64
        Loss of a debt without collateral [1], in [0, 1].
    forward : (n,) float64
        F, expected net sale proceeds over debt [1], >= 0; 0 without collateral.
    spread : (n,) float64
        s, log standard deviation of the sale, value error included [1], >= 0.
    sale_years : (n,) float64
        T0, mean time to sell [year], >= 0.
    holding : (n,) float64
        Force of interest and holding cost while a sale waits [1/year], >= 0.
    """

    debt_yuan: Column
    default_chance: Column
    segment: Index
    severity: Column
    forward: Column
    spread: Column
    sale_years: Column
    holding: Column

    def __post_init__(self) -> None:
        """Refuse numbers out of range: rows are checked before they come here."""
        size = self.debt_yuan.shape
        for column in fields(self):
            _finite(column.name, getattr(self, column.name), size)
            if np.any(getattr(self, column.name) < 0):
                raise refused(column.name, "不得为负", "must not be negative")
        for name in ("default_chance", "severity"):
            if np.any(getattr(self, name) > 1.0):
                raise refused(name, "应在0到1之间", "must be in [0, 1]")

    @property
    def size(self) -> int:
        """Number of debts."""
        return int(self.debt_yuan.size)

    def take(self, rows: Index) -> "Exposures":
        """Return some debts, in the order asked for.

        Parameters
        ----------
        rows : (k,) int64
            Positions, from 0.

        Returns
        -------
        Exposures
            Those debts.
        """
        return Exposures(*(getattr(self, column.name)[rows] for column in fields(self)))


def _quadratic(loadings: Column, correlation: Column) -> Column:
    found: Column = np.einsum("gi,ij,gj->g", loadings, correlation, loadings)
    return found


def _finite(name: str, values: NDArray[np.generic], shape: tuple[int, ...]) -> None:
    if values.shape != shape or not np.all(np.isfinite(values)):
        raise refused(name, f"应为有限数，形状{shape}", f"must be finite, of shape {shape}")
