"""Rating migration: matrices, generators and the PDs that follow.

The last grade is default.  A yearly matrix P is made whole first (printed rows rarely sum
to 1), then either raised to whole years or turned into a generator Q with P(t) = exp(Q t).

Source: Israel, Rosenthal & Wei, Mathematical Finance 11 (2001) 245; Kreinin & Sidelnikova,
Algo Research Quarterly 4 (2001) 23; CreditMetrics technical document (1997).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.credit.rows import CreditError
from riskengine.words import Text

Matrix = NDArray[np.float64]


def _refused(zh: str, en: str) -> CreditError:
    """A matrix that is none of migrations."""
    cure = Text(
        "请检查矩阵：方阵、非负、每行有合计", "check the matrix: square, >= 0, no empty row"
    )
    return CreditError(Text(zh, en), cure)


def _square(values: ArrayLike) -> Matrix:
    """A finite square matrix."""
    matrix = np.array(values, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape[0] < 2:
        raise _refused("迁移矩阵不是方阵", "the migration matrix is not square")
    if not np.all(np.isfinite(matrix)):
        raise _refused("迁移矩阵有缺失值", "the migration matrix has missing cells")
    return matrix


def migration_matrix(values: ArrayLike) -> Matrix:
    """A migration matrix whose rows sum to 1, from one printed with rounding.

    Parameters
    ----------
    values : (g, g) array-like
        Chances or per cents of moving from row to column [1], >= 0, default last.

    Returns
    -------
    (g, g) float64
        Every row over its sum.

    Raises
    ------
    CreditError
        If the matrix is not square, not finite, negative, or a row is empty.

    Examples
    --------
    >>> migration_matrix([[90.0, 10.0], [0.0, 50.0]]).tolist()
    [[0.9, 0.1], [0.0, 1.0]]
    """
    matrix = _square(values)
    totals = matrix.sum(axis=1, keepdims=True)
    if np.any(matrix < 0.0) or np.any(totals <= 0.0):
        raise _refused(
            "迁移矩阵有负数或空行", "the migration matrix has negative cells or empty rows"
        )
    whole: Matrix = matrix / totals
    return whole


def default_chances(matrix: ArrayLike, years: int) -> Matrix:
    """Cumulative PD of every grade until the end of each year: last column of P^t.

    Parameters
    ----------
    matrix : (g, g) array-like
        Yearly migration matrix, made whole; default last and absorbing.
    years : int
        Horizon [year], >= 1.

    Returns
    -------
    (years, g) float64
        Cumulative PDs [1]; the last column, default, is 1.

    Raises
    ------
    CreditError
        If default is not absorbing.
    """
    whole = migration_matrix(matrix)
    if whole[-1, -1] != 1.0:
        raise _refused(
            "最后一级应为违约且不可离开", "the last grade must be default, with no way out"
        )
    out, reached = np.empty((years, whole.shape[0])), np.zeros(whole.shape[0])
    reached[-1] = 1.0
    for year in range(years):
        reached = whole @ reached
        out[year] = reached
    return out


@dataclass(frozen=True, slots=True)
class Generator:
    """Rates of migration in continuous time.

    Parameters
    ----------
    rates : (g, g) float64
        Generator Q [1/year]: off the diagonal >= 0, rows sum to 0.
    changed : float
        Largest sum of changes that a row of the logarithm needed [1/year]; 0 when the
        matrix has a true generator.
    """

    rates: Matrix
    changed: float


def generator(matrix: ArrayLike) -> Generator:
    """Generator of a yearly migration matrix, adjusted where its logarithm is none.

    Negative rates off the diagonal become 0; what that adds is taken from the other cells
    of the row in proportion to their size (Israel, Rosenthal & Wei's weighted adjustment).

    Parameters
    ----------
    matrix : (g, g) array-like
        Yearly migration matrix, made whole.

    Returns
    -------
    Generator
        Rates and how far they are from the logarithm.

    Raises
    ------
    CreditError
        If the matrix has no real logarithm.
    """
    from scipy.linalg import logm  # slow to import; paid only by who asks for it

    whole = migration_matrix(matrix)
    eigenvalues = np.linalg.eigvals(whole)
    if np.any((eigenvalues.real <= 0.0) & (np.abs(eigenvalues.imag) < 1e-12)):
        raise _refused("迁移矩阵没有实对数", "the migration matrix has no real logarithm")
    found = np.real_if_close(logm(whole), tol=1e6)
    if np.iscomplexobj(found):
        raise _refused("迁移矩阵没有实对数", "the migration matrix has no real logarithm")
    rates = weighted_adjustment(found)
    return Generator(rates, float(np.abs(rates - found).sum(axis=1).max()))


def weighted_adjustment(logarithm: ArrayLike) -> Matrix:
    """Nearest generator in the sense of Israel, Rosenthal & Wei.

    Parameters
    ----------
    logarithm : (g, g) array-like
        Logarithm of a migration matrix [1/year].

    Returns
    -------
    (g, g) float64
        Generator [1/year]: off the diagonal >= 0, rows sum to 0.

    Examples
    --------
    >>> weighted_adjustment([[-0.2, 0.3, -0.1], [0.1, -0.1, 0.0], [0.0, 0.0, 0.0]])[0].tolist()
    [-0.24, 0.24, 0.0]
    """
    out = _square(logarithm)
    for i, row in enumerate(out):
        away = np.arange(row.size) != i
        added = -row[away & (row < 0.0)].sum()
        positive = abs(row[i]) + row[away & (row > 0.0)].sum()
        row[away & (row < 0.0)] = 0.0
        if added > 0.0 and positive > 0.0:
            out[i] -= added * np.abs(row) / positive
        row[i] = -row[away].sum()
    return out


def transitions(rates: ArrayLike, years: float) -> Matrix:
    """Migration matrix over a time: exp(Q t), scaling and squaring with Pade approximants.

    Parameters
    ----------
    rates : (g, g) array-like
        Generator [1/year].
    years : float
        Time [year], >= 0; parts of years count.

    Returns
    -------
    (g, g) float64
        Chances [1]; rows sum to 1.

    Raises
    ------
    CreditError
        If a rate off the diagonal is negative, rows do not sum to 0, or the time is
        negative.
    """
    from scipy.linalg import expm

    q = _square(rates)
    away = q[~np.eye(len(q), dtype=bool)]
    slack = 1e-9 * max(float(np.abs(q).max()), 1e-300)
    if np.any(away < 0.0) or np.any(np.abs(q.sum(axis=1)) > slack):
        raise _refused("不是生成矩阵", "this is no generator: rates >= 0, rows summing to 0")
    if not 0.0 <= years < math.inf:
        raise _refused("时间应不小于0", "the time must be >= 0")
    found: Matrix = np.asarray(expm(q * years), dtype=np.float64)
    return found


def value_at_horizon(chances: ArrayLike, values: ArrayLike) -> tuple[float, float]:
    """Mean and standard deviation of a value over the grades at the horizon (CreditMetrics).

    Parameters
    ----------
    chances : (g,) array-like
        Chances of the grades [1], >= 0, adding up to 1 within printed rounding (1e-3).
    values : (g,) array-like
        Value in each grade [yuan].

    Returns
    -------
    mean, deviation : float
        Mean and standard deviation [yuan].

    Raises
    ------
    CreditError
        If chances and values do not fit or chances do not add up.

    Notes
    -----
    The variance is the mean squared distance from the mean, which stays right where the
    mean square less the squared mean has lost its digits.
    """
    weights, worth = np.asarray(chances, dtype=np.float64), np.asarray(values, dtype=np.float64)
    usual = weights.shape == worth.shape and weights.ndim == 1 and bool(np.all(weights >= 0.0))
    if not usual or not abs(float(weights.sum()) - 1.0) <= 1e-3:
        raise _refused(
            "概率与价值不匹配", "chances and values do not fit, or chances do not add up to 1"
        )
    mean = math.fsum(weights * worth)
    return mean, math.sqrt(math.fsum(weights * (worth - mean) ** 2))
