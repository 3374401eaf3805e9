"""A fine book of different debts that one factor moves: quantile, shortfall, layers, stress.

Given the factor such a book loses its conditional mean for sure, and that mean rises as
the factor falls.  So quantiles add up over debts (capital does not depend on the rest of
the book), and each debt's contribution is its own conditional mean.

Source: Gordy, J. Financial Intermediation 12 (2003) 199; credit notes 4.1, 4.7, 6.
"""

from dataclasses import dataclass

import numpy as np

from riskengine.kernels.normal import normal_cdf
from riskengine.portfolio.columns import finite, within
from riskengine.portfolio.exposures import Column
from riskengine.portfolio.factor_book import OneFactorBook

FARTHEST = 38.0
"""State of the factor beyond which there is no probability left in floating point."""


@dataclass(frozen=True, slots=True)
class Contributions:
    """Loss quantile and expected shortfall of a fine book, and what each debt adds to them.

    Parameters
    ----------
    level : float
        Level [1].
    expected_yuan : (n,) float64
        Expected losses [yuan].
    quantile_yuan, shortfall_yuan : (n,) float64
        Contributions to loss quantile and expected shortfall [yuan]; their sums are the
        book's, and each is the derivative by the debt's size times that size (Euler).
    """

    level: float
    expected_yuan: Column
    quantile_yuan: Column
    shortfall_yuan: Column

    @property
    def quantile(self) -> float:
        """Loss quantile of the book [yuan]."""
        return float(np.sum(self.quantile_yuan))

    @property
    def shortfall(self) -> float:
        """Expected shortfall of the book [yuan]."""
        return float(np.sum(self.shortfall_yuan))

    @property
    def capital(self) -> float:
        """Economic capital, quantile less expected loss [yuan]."""
        return self.quantile - float(np.sum(self.expected_yuan))


@dataclass(frozen=True, slots=True)
class BookStress:
    """The mildest state in which a book loses more than a buffer.

    Parameters
    ----------
    factor : float
        State z* [1]; infinite where the loss always exceeds the buffer, minus infinite
        where it never does.
    chance : float
        Chance of a state below it [1].
    return_period : float
        1 / chance [horizon].
    losses_yuan : (n,) float64
        Mean losses of the debts in that state [yuan]; they add up to the buffer.
    """

    factor: float
    chance: float
    return_period: float
    losses_yuan: Column


def contributions(book: OneFactorBook, level: float) -> Contributions:
    """Loss quantile, expected shortfall and what each debt adds to them.

    Parameters
    ----------
    book : OneFactorBook
        The book.
    level : float
        Level [1], in (0, 1).

    Returns
    -------
    Contributions
        Sums and parts [yuan].

    Raises
    ------
    BookError
        If the level is out of range.

    Examples
    --------
    >>> from riskengine.portfolio.factor_book import unsecured_book
    >>> found = contributions(unsecured_book([60.0, 40.0], [0.01, 0.02], 0.2), 0.999)
    >>> round(found.quantile, 6), found.quantile_yuan.round(6).tolist()
    (17.784028, [8.731516, 9.052512])
    """
    from scipy.special import ndtri

    within("level", np.atleast_1d(finite("level", level)), 0.0, 1.0, ends=False)
    z = float(ndtri(1.0 - level))
    worst = book.losses_below(z) / (1.0 - level)
    return Contributions(level, book.losses_below(np.inf), book.losses(z), worst)


def factor_at(book: OneFactorBook, loss_yuan: float) -> float:
    """State of the factor in which the book loses a given amount.

    Parameters
    ----------
    book : OneFactorBook
        The book.
    loss_yuan : float
        Loss [yuan], any.

    Returns
    -------
    float
        z* [1]: the loss exceeds the amount when Z < z*; infinite where it always does,
        minus infinite where it never does.

    Raises
    ------
    BookError
        If the amount is no finite number.
    """
    from scipy.optimize import brentq

    amount = float(finite("loss_yuan", loss_yuan))

    def excess(z: float) -> float:
        return float(np.sum(book.losses(z))) - amount

    if excess(FARTHEST) > 0.0:
        return np.inf
    if excess(-FARTHEST) <= 0.0:
        return -np.inf
    return float(brentq(excess, -FARTHEST, FARTHEST, xtol=1e-14, rtol=1e-14))


def reverse_stress(book: OneFactorBook, buffer_yuan: float) -> BookStress:
    """State of the factor from which the book loses more than a buffer.

    Parameters
    ----------
    book : OneFactorBook
        The book.
    buffer_yuan : float
        Loss that can be borne [yuan], any.

    Returns
    -------
    BookStress
        State, chance, return period, and who causes the loss.

    Raises
    ------
    BookError
        If the buffer is no finite number.
    """
    z = factor_at(book, buffer_yuan)
    chance = float(normal_cdf(z))
    period = 1.0 / chance if chance > 0.0 else np.inf
    losses = book.losses(float(np.clip(z, -FARTHEST, FARTHEST)))
    return BookStress(z, chance, period, losses)


def stop_loss(book: OneFactorBook, retention_yuan: float) -> float:
    """Mean loss of the book above a retention; a layer is the difference of two.

    Parameters
    ----------
    book : OneFactorBook
        The book.
    retention_yuan : float
        Retention K [yuan], any.

    Returns
    -------
    float
        E[max(L - K, 0)] [yuan].

    Raises
    ------
    BookError
        If the retention is no finite number.
    """
    z = factor_at(book, retention_yuan)
    over = float(np.sum(book.losses_below(z))) - retention_yuan * float(normal_cdf(z))
    return max(over, 0.0)
