"""PD over time: cumulative, marginal and hazard, month by month, in good and bad times.

    survival S_t = 1 - PD(t),  marginal m_t = S_(t-1) - S_t,  hazard h_t = m_t / S_(t-1)

Every one of them says the same; which one a number is must be said with it.  A bullet loan
defaults at maturity or not at all: its hazard is small until the month in which principal
falls due and then has a mass, so a flat hazard misstates the PD of the next 12 months.

Source: Vasicek, Risk 15(12) (2002) 160; credit notes 1.2 and 1.5.
"""

import numpy as np
from numpy.typing import ArrayLike

from riskengine.credit.rows import Column, CreditError, chances, starts, table
from riskengine.kernels.hazard import monthly_rows
from riskengine.words import Text


def marginal_chances(cumulative: ArrayLike) -> Column:
    """PD within each period from the PD until its end.

    Parameters
    ----------
    cumulative : (t,) array-like
        Cumulative PDs [1], in [0, 1], not falling.

    Returns
    -------
    (t,) float64
        Marginal PDs [1]; they add up to the last cumulative one.

    Raises
    ------
    CreditError
        If the PDs are outside [0, 1] or fall.

    Examples
    --------
    >>> marginal_chances([0.25, 0.375]).tolist()
    [0.25, 0.125]
    """
    found = np.diff(chances("cumulative", cumulative), prepend=0.0)
    if np.any(found < 0.0):
        raise CreditError(
            Text("累计违约率下降", "the cumulative PD falls"),
            Text("请按期限递增给出累计违约率", "give cumulative PDs by rising term"),
        )
    return found


def hazards(cumulative: ArrayLike) -> Column:
    """Chance to default in each period given survival until then.

    Parameters
    ----------
    cumulative : (t,) array-like
        Cumulative PDs [1], in [0, 1], not falling.

    Returns
    -------
    (t,) float64
        Hazards [1]; NaN once nobody is left.

    Examples
    --------
    >>> hazards([0.25, 0.625]).tolist()
    [0.25, 0.5]
    """
    until = chances("cumulative", cumulative)
    alive = 1.0 - np.concatenate([[0.0], until[:-1]])
    with np.errstate(invalid="ignore"):
        found: Column = marginal_chances(until) / alive
    return found


def cumulative_chances(hazard: ArrayLike) -> Column:
    """Cumulative PD from hazards: 1 - prod (1 - h), summed as logarithms.

    Parameters
    ----------
    hazard : (t,) array-like
        Hazards [1], in [0, 1].

    Returns
    -------
    (t,) float64
        Cumulative PDs [1].

    Examples
    --------
    >>> cumulative_chances([0.25, 0.5]).round(12).tolist()
    [0.25, 0.625]
    """
    given = chances("hazard", hazard)
    with np.errstate(divide="ignore"):
        found: Column = -np.expm1(np.cumsum(np.log1p(-given)))
    return found


def monthly_default(
    linear: ArrayLike, month_starts: ArrayLike, *, exposure: ArrayLike = 1.0,
    due_month: ArrayLike = -1, maturity_chance: ArrayLike = 0.0,
) -> tuple[Column, Column]:  # fmt: skip
    """Cumulative and marginal PD of many loans from monthly predictors (cloglog).

    Parameters
    ----------
    linear : (m,) array-like
        Linear predictors ln(-ln(1 - h)) [1], loan after loan, month after month: season,
        months to maturity, price and weather are in them.
    month_starts : (n + 1,) array-like of int
        Where the months of each loan start.
    exposure : array-like
        Part of each month at risk [1], >= 0; its logarithm is the offset of the model.
    due_month : array-like of int
        Month, counted from 0, in which a bullet loan falls due [month]; -1 for none.
    maturity_chance : array-like
        Chance that a loan alive by then does not repay at maturity [1], in [0, 1].

    Returns
    -------
    cumulative, marginal : (m,) float64
        PD until the end of each month and within it [1]; NaN from the first month whose
        numbers are missing or out of range.

    Raises
    ------
    CreditError
        If the columns do not fit.

    Examples
    --------
    >>> cumulative, _ = monthly_default([-np.inf] * 12, [0, 12], due_month=11,
    ...     maturity_chance=0.03)
    >>> cumulative[[10, 11]].round(12).tolist()
    [0.0, 0.03]
    """
    x = table(linear=linear, exposure=exposure)
    first = starts("month_starts", month_starts, x.shape[1])
    loans = table(first.size - 1, due_month=due_month, maturity_chance=maturity_chance)
    if not np.all(loans[0] == np.floor(loans[0])):
        raise CreditError(
            Text("到期月份不是整数", "due_month is no whole number"),
            Text("从0起数月份，没有到期填-1", "count months from 0; -1 for none"),
        )
    cumulative, marginal = np.empty(x.shape[1]), np.empty(x.shape[1])
    due = loans[0].astype(np.int64)
    monthly_rows(x[0], x[1], first, due, loans[1], cumulative, marginal)
    return cumulative, marginal
