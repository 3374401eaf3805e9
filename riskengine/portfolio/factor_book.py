"""Debts seen through one factor: what each loses on average in a state of it.

Source: credit notes 2.3, 4.1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskengine.kernels.conditional_moments import moments_given_factor, tail_means
from riskengine.portfolio.columns import column_table, within
from riskengine.portfolio.exposures import BookError, Column, Exposures, FactorModel
from riskengine.portfolio.panels import PANEL_NODES, legendre
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class OneFactorBook:
    """Debts and what the factor does to each; made by `unsecured_book` or `secured_book`.

    Parameters
    ----------
    debt_yuan : (n,) float64
        Exposure at default [yuan].
    table : (11, n) float64
        Debts as `riskengine.kernels.conditional_moments.moments_given_factor` has them.
    """

    debt_yuan: Column
    table: Column

    def losses(self, factor: float) -> Column:
        """Mean loss of each debt in a state of the factor.

        Parameters
        ----------
        factor : float
            State z [1], low is bad.

        Returns
        -------
        (n,) float64
            Losses [yuan].
        """
        out = np.empty((7, self.debt_yuan.size))
        moments_given_factor(self.table, factor, out)
        found: Column = self.debt_yuan * out[2]
        return found

    def losses_below(self, factor: float) -> Column:
        """Mean of each debt's loss in states below one, E[loss 1{Z <= z}].

        Parameters
        ----------
        factor : float
            State z [1].

        Returns
        -------
        (n,) float64
            Means [yuan].
        """
        found: Column = self.debt_yuan * tail_losses(self.table, factor)
        return found


def unsecured_book(
    debt_yuan: ArrayLike, default_chance: ArrayLike, correlation: ArrayLike,
    loss_share: ArrayLike = 1.0, loss_variance: ArrayLike = 0.0,
) -> OneFactorBook:  # fmt: skip
    """Debts with a fixed loss given default.

    Parameters
    ----------
    debt_yuan : array-like
        Exposure at default [yuan], >= 0.
    default_chance : array-like
        PD [1], in [0, 1].
    correlation : array-like
        Asset correlation [1], in [0, 1).
    loss_share : array-like
        Mean loss given default [1], in [0, 1].
    loss_variance : array-like
        Its variance, each debt by itself [1], >= 0.

    Returns
    -------
    OneFactorBook
        The book.

    Raises
    ------
    BookError
        If an argument is out of range.
    """
    from scipy.special import ndtri

    given = column_table(
        debt_yuan=debt_yuan, default_chance=default_chance, correlation=correlation,
        loss_share=loss_share, loss_variance=loss_variance,
    )  # fmt: skip
    for name, row in zip(("default_chance", "correlation", "loss_share"), given[1:], strict=False):
        within(name, row, 0.0, 1.0)
    within("1 - correlation", 1.0 - given[2], 0.0, 1.0, low_end=False)
    within("debt_yuan", given[0], 0.0, np.inf)
    within("loss_variance", given[4], 0.0, np.inf)
    x = np.zeros((11, given.shape[1]))
    x[0], x[1], x[4], x[10] = ndtri(given[1]), np.sqrt(given[2]), given[3], given[4]
    return OneFactorBook(given[0], x)


def secured_book(book: Exposures, model: FactorModel) -> OneFactorBook:
    """Debts with collateral in a model of one factor.

    Parameters
    ----------
    book : Exposures
        Debts.
    model : FactorModel
        A model with one factor, whose loadings of default are not negative.

    Returns
    -------
    OneFactorBook
        The book.

    Raises
    ------
    BookError
        If the model has another number of factors, a negative loading, or lacks a segment.
    """
    if len(model.factors) != 1 or np.any(model.default_loadings < 0.0):
        raise BookError(
            Text("模型应只有一个因子且载荷不为负", "the model needs one factor, no loading < 0"),
            Text("多因子请用模拟或多因子调整", "simulate, or use the multi-factor adjustment"),
        )
    default, sale = model.default_loadings[:, 0], model.sale_loadings[:, 0]
    x = effective_table(book, model, default, sale, np.zeros_like(default))
    return OneFactorBook(book.debt_yuan, x)


def effective_table(
    book: Exposures, model: FactorModel, default: Column, sale: Column, left: Column
) -> Column:
    """Debts as `moments_given_factor` wants them, seen through one factor.

    Parameters
    ----------
    book : Exposures
        Debts.
    model : FactorModel
        For the slowdown of sales.
    default, sale : (g,) float64
        Loadings of each segment on the one factor [1].
    left : (g,) float64
        Correlation of default and sale that the factor leaves [1].

    Returns
    -------
    (11, n) float64
        The table.

    Raises
    ------
    BookError
        If a debt names a segment that the model lacks.
    """
    from scipy.special import ndtri

    x, at = np.zeros((11, book.size)), book.segment
    if np.any(at >= default.size):
        raise BookError(
            Text("债务的分组超出模型", "a debt names a segment that the model lacks"),
            Text("请检查segment", "check segment"),
        )
    x[0], x[1], x[2], x[3] = ndtri(book.default_chance), default[at], sale[at], left[at]
    x[4], x[5], x[6], x[7] = book.severity, book.forward, book.spread, book.sale_years
    x[8], x[9] = model.slowdown[at], book.holding
    return x


def tail_losses(table: Column, factor: float) -> Column:
    """Mean loss of each debt in states of the factor below one, per yuan of debt.

    Parameters
    ----------
    table : (11, n) float64
        Debts as `moments_given_factor` has them.
    factor : float
        State z [1].

    Returns
    -------
    (n,) float64
        E[loss 1{Z <= z}] [1]: a bivariate normal without collateral; with it a quadrature
        over the factor, relative error about 1e-10.
    """
    below = np.empty(table.shape[1])
    tail_means(table, factor, below)
    secured = table[5] > 0.0
    if np.any(secured):
        some, out = np.ascontiguousarray(table[:, secured]), np.empty((7, int(secured.sum())))
        total, top = np.zeros(out.shape[1]), min(factor, 8.0)
        panels = max(4, int(np.ceil((top + 9.0) / 2.0)))
        ends = top - 2.0 * np.arange(panels, -1.0, -1.0)
        for y, weight in zip(*legendre(ends, PANEL_NODES, normal=True), strict=True):
            moments_given_factor(some, y, out)
            total += weight * out[2]
        below[secured] = total
    return below
