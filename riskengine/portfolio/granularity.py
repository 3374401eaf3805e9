"""How much a book of finitely many debts loses beyond the infinitely fine one.

`granularity_adjustment` is the general one-factor adjustment of Wilde and of Martin and
Wilde: any PDs, correlations, losses given default with a variance of their own, and
sizes.  `gordy_luetkebohmert` is the one made for supervisors, from capital and reserves
alone.

Source: Wilde, Risk 14(8) (2001) 103; Martin & Wilde, Risk 15(11) (2002) 123; Gordy &
Luetkebohmert, Int. J. Central Banking 9(3) (2013) 33; credit notes 4.3.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskengine.kernels.conditional_moments import moments_given_factor
from riskengine.kernels.normal import normal_density
from riskengine.portfolio.columns import column_table, finite, within
from riskengine.portfolio.exposures import BookError
from riskengine.portfolio.factor_book import OneFactorBook, unsecured_book
from riskengine.portfolio.one_factor import contributions
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Loss quantile and expected shortfall of a book, fine and with its adjustment.

    Parameters
    ----------
    level : float
        Level [1].
    fine_quantile, fine_shortfall : float
        Of an infinitely fine book [yuan].
    quantile_adjustment, shortfall_adjustment : float
        What finite sizes add [yuan].
    """

    level: float
    fine_quantile: float
    quantile_adjustment: float
    fine_shortfall: float
    shortfall_adjustment: float

    @property
    def quantile(self) -> float:
        """Loss quantile with the adjustment [yuan]."""
        return self.fine_quantile + self.quantile_adjustment

    @property
    def shortfall(self) -> float:
        """Expected shortfall with the adjustment [yuan]."""
        return self.fine_shortfall + self.shortfall_adjustment


def granularity_adjustment(
    debt_yuan: ArrayLike, default_chance: ArrayLike, correlation: ArrayLike,
    loss_share: ArrayLike = 1.0, *, loss_variance: ArrayLike = 0.0, level: float,
) -> Adjusted:  # fmt: skip
    """Loss quantile of a one-factor book with the granularity adjustment: PF-GA of the notes.

    -1 / (2 n(z)) d/dz [n(z) v(z) / m'(z)] at z = N^-1(1 - level), m and v the mean and
    variance of the loss given the factor.

    Parameters
    ----------
    debt_yuan : array-like
        Exposure at default [yuan], >= 0, one debtor a row.
    default_chance : array-like
        PD [1], in [0, 1].
    correlation : array-like
        Asset correlation [1], in [0, 1); at least one debt with a PD inside (0, 1) must
        have one above 0.
    loss_share : array-like
        Mean loss given default [1], in [0, 1].
    loss_variance : array-like
        Variance of the loss given default, each debt by itself [1], >= 0.
    level : float
        Level [1], in (0, 1).

    Returns
    -------
    Adjusted
        Quantile and expected shortfall [yuan].

    Raises
    ------
    BookError
        If an argument is out of range, or nothing in the book depends on the factor.

    Notes
    -----
    A first-order term in 1 / n: the loss of a finite book has atoms, so it may be a
    fraction of the largest debt away from the exact quantile.

    Examples
    --------
    >>> found = granularity_adjustment([0.01] * 100, 0.01, 0.2, level=0.999)
    >>> round(found.quantile, 9)
    0.161672041
    """
    within("level", np.atleast_1d(finite("level", level)), 0.0, 1.0, ends=False)
    book = unsecured_book(debt_yuan, default_chance, correlation, loss_share, loss_variance)
    return book_adjustment(book, level)


def book_adjustment(book: OneFactorBook, level: float) -> Adjusted:
    """Return the adjustment of a book that may hold collateral.

    Parameters
    ----------
    book : OneFactorBook
        The book; a debtor a row.
    level : float
        Level [1], in (0, 1).

    Returns
    -------
    Adjusted
        Quantile and expected shortfall [yuan].

    Raises
    ------
    BookError
        If the level is out of range, or nothing in the book depends on the factor.
    """
    from scipy.special import ndtri

    parts, z, debt = contributions(book, level), float(ndtri(1.0 - level)), book.debt_yuan
    out = np.empty((7, debt.size))
    moments_given_factor(book.table, z, out)
    squares = debt * debt
    own = float(np.sum(squares * (out[5] - out[2] * out[2])))
    own_slope = float(np.sum(squares * (out[6] - 2.0 * out[2] * out[3])))
    first, second = float(np.sum(debt * out[3])), float(np.sum(debt * out[4]))
    quantile, shortfall = second_order(z, 1.0 - level, first, second, own, own_slope)
    return Adjusted(level, parts.quantile, quantile, parts.shortfall, shortfall)


def second_order(
    z: float, tail: float, first: float, second: float, variance: float, variance_slope: float
) -> tuple[float, float]:
    """What a conditional variance adds to loss quantile and expected shortfall.

    Parameters
    ----------
    z : float
        State of the factor N^-1(tail) [1].
    tail : float
        1 - level [1], in (0, 1).
    first, second : float
        Slopes m' and m'' of the mean loss given the factor [yuan].
    variance, variance_slope : float
        Variance v of the loss given the factor and its slope v' [yuan^2].

    Returns
    -------
    tuple of float
        -(v' / m' - v m'' / m'^2 - z v / m') / 2 and -n(z) v / (2 tail m') [yuan].

    Raises
    ------
    BookError
        If the loss does not fall as the factor rises.
    """
    if not first < 0.0:
        raise BookError(
            Text("账簿的损失不随共同因子变坏而增加", "the loss does not rise as the factor falls"),
            Text("至少一笔债务须有大于0的相关系数", "some debt needs a correlation above 0"),
        )
    quantile = -0.5 * (variance_slope - variance * second / first - z * variance) / first
    return quantile, -0.5 * normal_density(z) * variance / (first * tail)


def gordy_delta(level: float, shape: float = 0.25) -> tuple[float, float]:
    """Quantile of the gamma factor and the delta of Gordy and Luetkebohmert: PF-GL-01.

    delta = (q - 1) (xi + (1 - xi) / q), q the quantile of a gamma law of mean 1 and shape xi.

    Parameters
    ----------
    level : float
        Level [1], in (0, 1).
    shape : float
        Shape xi of the factor [1], > 0; the authors take 0.25.

    Returns
    -------
    tuple of float
        q and delta [1].

    Raises
    ------
    BookError
        If an argument is out of range.

    Examples
    --------
    >>> [round(x, 6) for x in gordy_delta(0.999)]
    [17.505777, 4.833601]
    """
    from scipy.special import gammainccinv

    given = column_table(level=level, shape=shape)
    within("level", given[0], 0.0, 1.0, ends=False)
    within("shape", given[1], 0.0, np.inf, low_end=False)
    q = float(gammainccinv(shape, 1.0 - level)) / shape
    return q, (q - 1.0) * (shape + (1.0 - shape) / q)


def gordy_luetkebohmert(
    debt_yuan: ArrayLike, default_chance: ArrayLike, loss_share: ArrayLike,
    capital_share: ArrayLike, *, level: float, shape: float = 0.25, dispersion: float = 0.25,
    simplified: bool = False,
) -> float:  # fmt: skip
    """Adjustment for granularity from capital and reserves of each debtor.

    With s a debtor's share of the book, K capital and R = PD x LGD reserve, K* the capital
    of the book: the sum of s^2 {delta C (K + R) - K C + delta (K + R)^2 V^2 / E^2 -
    2 K (K + R) V^2 / E^2} / (2 K*), E = LGD, V^2 = gamma E (1 - E), C = (V^2 + E^2) / E.

    Parameters
    ----------
    debt_yuan : array-like
        Exposure at default [yuan], >= 0, one debtor (all his loans) a row.
    default_chance, loss_share : array-like
        PD [1], in [0, 1], and mean loss given default [1], in (0, 1].
    capital_share : array-like
        Capital for unexpected loss over exposure K [1], >= 0, such as
        `riskengine.portfolio.capital.irb_capital` gives.
    level : float
        Level [1], in (0, 1).
    shape : float
        Shape of the gamma factor [1], > 0.
    dispersion : float
        gamma of the variance of the loss given default [1], in [0, 1].
    simplified : bool
        Without the products of PD and LGD terms of second order, as the authors allow.

    Returns
    -------
    float
        Adjustment of the loss quantile over the debt of the book [1].

    Raises
    ------
    BookError
        If an argument is out of range, or the book has no debt or no capital.

    Examples
    --------
    >>> round(gordy_luetkebohmert([1.0] * 100, 0.01, 0.45, 0.0586, level=0.999), 6)
    0.01266
    """
    debt, chance, lgd, capital, gamma = column_table(
        debt_yuan=debt_yuan, default_chance=default_chance, loss_share=loss_share,
        capital_share=capital_share, dispersion=dispersion,
    )  # fmt: skip
    within("debt_yuan", debt, 0.0, np.inf)
    within("default_chance", chance, 0.0, 1.0)
    within("loss_share", lgd, 0.0, 1.0, low_end=False)
    within("capital_share", capital, 0.0, np.inf)
    within("dispersion", gamma, 0.0, 1.0)
    _, delta = gordy_delta(level, shape)
    total = float(np.sum(debt))
    whole = float(np.sum(debt * capital)) / total if total > 0.0 else 0.0
    if not whole > 0.0:
        raise BookError(
            Text("账簿没有债务或没有资本", "the book has no debt or no capital"),
            Text("请检查敞口和资本", "check exposures and capital"),
        )
    spread = gamma * lgd * (1.0 - lgd)
    ratio, variable = (spread + lgd * lgd) / lgd, spread / (lgd * lgd)
    both = capital + chance * lgd
    parts = ratio * (delta * both - capital)
    if not simplified:
        parts += (delta * both - 2.0 * capital) * both * variable
    return float(np.sum((debt / total) ** 2 * parts)) / (2.0 * whole)
