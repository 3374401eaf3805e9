"""How concentrated a book is: by debtor, group, county, crop, lender or kind of collateral.

Source: Herfindahl (1950); Hall & Tideman, J. Amer. Stat. Assoc. 62 (1967) 162; Theil
(1967); credit notes 4.8, 4.9.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.portfolio.columns import column_table, finite, within
from riskengine.portfolio.exposures import BookError, Column
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Concentration:
    """Measures of concentration of amounts, of which s are the shares.

    Parameters
    ----------
    count : int
        Members n, those without an amount included.
    total : float
        Sum of the amounts [unit of the amounts].
    herfindahl : float
        Sum of s^2 [1], in [1 / n, 1].
    effective_number : float
        1 / Herfindahl [count].
    largest_shares : (k,) float64
        Share of the largest one, two, ... k [1]: CR_1 to CR_k.
    gini : float
        Gini coefficient [1], in [0, 1): 0 where all are equal.
    hall_tideman : float
        1 / (2 sum of rank x s - 1), the largest first [1], in [1 / n, 1].
    theil : float
        Sum of s ln(n s) [1], in [0, ln n].
    entropy : float
        -sum of s ln s [1], in [0, ln n]; ln n less Theil.
    """

    count: int
    total: float
    herfindahl: float
    effective_number: float
    largest_shares: Column
    gini: float
    hall_tideman: float
    theil: float
    entropy: float


def concentration(amounts: ArrayLike, *, largest: int = 3) -> Concentration:
    """Concentration of amounts, one member a row: PF-HHI of the notes.

    Parameters
    ----------
    amounts : array-like
        Exposures, expected losses or capital [any unit], >= 0.
    largest : int
        How many concentration ratios to give, >= 1; fewer where there are fewer members.

    Returns
    -------
    Concentration
        All measures.

    Raises
    ------
    BookError
        If an amount is negative or missing, or there is none above 0.

    Examples
    --------
    >>> found = concentration([40.0, 25.0, 15.0, 10.0, 5.0, 5.0])
    >>> round(found.herfindahl, 2), round(found.gini, 2), found.largest_shares.round(2).tolist()
    (0.26, 0.4, [0.4, 0.65, 0.8])
    """
    sizes = within("amounts", column_table(amounts=amounts)[0], 0.0, np.inf)
    within("largest", np.atleast_1d(finite("largest", largest)), 1.0, np.inf)
    sorted_down = np.sort(sizes)[::-1]
    total = float(np.sum(sorted_down))
    if not 0.0 < total < np.inf:
        raise BookError(
            Text("没有大于0的金额", "no amount is above 0"),
            Text("集中度需要至少一个大于0的金额", "concentration needs an amount above 0"),
        )
    shares, n = sorted_down / total, sizes.size
    ranks = np.arange(1.0, n + 1.0)
    herfindahl = float(np.sum(shares * shares))
    logs = np.log(shares, out=np.zeros(n), where=shares > 0.0)
    entropy = -float(np.sum(shares * logs))
    weighted = float(np.sum(ranks * shares))
    return Concentration(
        n, total, herfindahl, 1.0 / herfindahl, np.minimum(np.cumsum(shares[:largest]), 1.0),
        max((n + 1.0 - 2.0 * weighted) / n, 0.0), 1.0 / (2.0 * weighted - 1.0),
        max(np.log(n) - entropy, 0.0), max(entropy, 0.0),
    )  # fmt: skip


def group_amounts(amounts: ArrayLike, groups: ArrayLike) -> tuple[NDArray[np.generic], Column]:
    """Sum amounts by group.

    Parameters
    ----------
    amounts : array-like
        Amounts [any unit], >= 0.
    groups : array-like
        Group of each row: names or numbers.

    Returns
    -------
    names : (g,) array
        Groups, sorted.
    sums : (g,) float64
        Their sums [unit of the amounts].

    Raises
    ------
    BookError
        If the columns do not fit each other, or an amount is negative or missing.

    Examples
    --------
    >>> names, sums = group_amounts([1.0, 2.0, 4.0], ["pig", "crop", "pig"])
    >>> names.tolist(), sums.tolist()
    (['crop', 'pig'], [2.0, 5.0])
    """
    sizes = within("amounts", column_table(amounts=amounts)[0], 0.0, np.inf)
    held = np.asarray(groups)
    if held.shape != sizes.shape:
        raise BookError(
            Text(f"分组应有{sizes.size}行", f"groups must be one column of {sizes.size} rows"),
            Text("每行给一个分组", "give one group a row"),
        )
    names, place = np.unique(held, return_inverse=True)
    # Small amounts first: the sums then do not depend on the order of the rows.
    order = np.lexsort((sizes, place))
    sums = np.bincount(place[order], sizes[order], minlength=names.size)
    return names, np.asarray(sums, dtype=np.float64)


def concentration_by(
    amounts: ArrayLike, columns: dict[str, ArrayLike], *, largest: int = 3
) -> dict[str, Concentration]:
    """Concentration by each of several groupings.

    Parameters
    ----------
    amounts : array-like
        Amounts [any unit], >= 0.
    columns : dict of str to array-like
        Groupings by name, such as county and crop: the group of each row.
    largest : int
        How many concentration ratios to give, >= 1.

    Returns
    -------
    dict of str to Concentration
        One a grouping.

    Raises
    ------
    BookError
        As `concentration` and `group_amounts`.

    Examples
    --------
    >>> found = concentration_by([1.0, 2.0, 1.0], {"crop": ["pig", "pig", "rice"]})
    >>> found["crop"].herfindahl
    0.625
    """
    return {
        name: concentration(group_amounts(amounts, groups)[1], largest=largest)
        for name, groups in columns.items()
    }


def effective_zones(weights: ArrayLike, correlation: ArrayLike) -> float:
    """Number of independent zones that scatter as much: (sum w)^2 / sum of w_i w_j rho_ij.

    Parameters
    ----------
    weights : array-like
        Exposure to each zone [any unit], >= 0.
    correlation : (z, z) array-like
        Correlation of the zones [1], in [-1, 1], symmetric with a diagonal of 1.

    Returns
    -------
    float
        Number [count]; infinite where the zones cancel each other out.

    Raises
    ------
    BookError
        If weights or correlation are out of range or do not fit.

    Examples
    --------
    >>> effective_zones([1.0, 1.0], [[1.0, 0.5], [0.5, 1.0]]).__round__(6)
    1.333333
    """
    sizes = within("weights", column_table(weights=weights)[0], 0.0, np.inf)
    held = np.asarray(correlation, dtype=np.float64)
    fits = held.shape == (sizes.size, sizes.size) and np.all(np.abs(held) <= 1.0 + 1e-12)
    if not (fits and np.allclose(held, held.T) and np.allclose(np.diag(held), 1.0)):
        raise BookError(
            Text("相关矩阵不符", "the correlation does not fit the weights"),
            Text("应对称、对角线为1", "it must be symmetric with a diagonal of 1"),
        )  # fmt: skip
    total, spread = float(np.sum(sizes)), float(sizes @ held @ sizes)
    if not total > 0.0:
        raise BookError(
            Text("没有大于0的权重", "no weight is above 0"), Text("请检查权重", "check the weights")
        )
    return total * total / spread if spread > 0.0 else np.inf


def diversification_index(capital: float, fine_capital: float) -> float:
    """Economic capital of the book as it is over that of a fine one-factor book.

    Parameters
    ----------
    capital : float
        Economic capital with all factors and sizes [yuan], >= 0.
    fine_capital : float
        That of the infinitely fine book with one factor [yuan], > 0.

    Returns
    -------
    float
        Index [1]: below 1 factors diversify, above 1 names concentrate.

    Raises
    ------
    BookError
        If a capital is out of range.

    Examples
    --------
    >>> diversification_index(80.0, 100.0)
    0.8
    """
    given = column_table(capital=capital, fine_capital=fine_capital)
    within("capital", given[0], 0.0, np.inf)
    within("fine_capital", given[1], 0.0, np.inf, low_end=False)
    return float(given[0, 0] / given[1, 0])
