"""What secures each loan of a book: proceeds of its pledges, added up by loan."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.pledgebook.stream import PledgeStream, assessed, close_pledges
from riskengine.pledging.join import loan_rows
from riskengine.pledging.proceeds import expected_proceeds
from riskengine.rights import RIGHTS

Column = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Security:
    """Proceeds that stand behind loans, one loan a row.

    Parameters
    ----------
    mean_yuan : (n,) float64
        Expected net proceeds [yuan].
    spread : (n,) float64
        Log standard deviation of the sum [1].
    sale_years : (n,) float64
        Mean time to the money, weighted by proceeds [year].
    value_yuan : (n,) float64
        Market value of the rights pledged [yuan].
    without_extension : (n,) float64
        Share of the proceeds left if no second-round extension were granted [1].
    kind : (n,) int64
        Kind of right with the most proceeds, as positions in `riskengine.rights.RIGHTS`;
        -1 where nothing stands behind the loan.
    """

    mean_yuan: Column
    spread: Column
    sale_years: Column
    value_yuan: Column
    without_extension: Column
    kind: Index


def nothing_secured(loans: int) -> Security:
    """Return the security of loans behind which nothing stands.

    Parameters
    ----------
    loans : int
        Number of loans.

    Returns
    -------
    Security
        Zeros.
    """
    none = np.zeros(loans)
    return Security(none, none, none, none, np.ones(loans), np.full(loans, -1, dtype=np.int64))


def security_of(
    stream: PledgeStream, loans: int, years_to_default: float, together: float
) -> Security:
    """Value every pledge of a book and add up by loan.

    Parameters
    ----------
    stream : PledgeStream
        The pledges; judged to the end here, faults of rights are noted in it.
    loans : int
        Number of loans.
    years_to_default : float
        Years from the day of valuation to the default [year], >= 0.
    together : float
        Correlation of the proceeds of two pledges behind one loan [1], in [0, 1].

    Returns
    -------
    Security
        One row a loan.

    Notes
    -----
    The sum of lognormals is taken as a lognormal with the same mean and variance (Fenton,
    IRE Trans. 8 (1960) 57).
    """
    pledges = stream.book.pledges
    found = np.zeros((6, pledges.size))
    for table, judged, rows in assessed(stream):
        sold = expected_proceeds(judged, years_to_default)
        kind = np.full(rows.size, float(list(RIGHTS).index(table)))
        value = np.nan_to_num(judged.of.value_yuan)
        found[:, rows] = np.stack(
            [sold.mean_yuan, sold.spread, sold.sale_years, value, sold.without_extension, kind]
        )
    close_pledges(stream)
    loan = loan_rows(pledges, stream.book.loans)
    tied = np.flatnonzero((loan >= 0) & stream.done)
    return security_by_loan(found[:, tied], loan[tied], loans, together)


LEAST = 1e-100
"""Proceeds up to which there are none [yuan]: their square has no number."""


def security_by_loan(found: Column, loan: Index, loans: int, together: float) -> Security:
    """Add the proceeds of pledges up by loan.

    Parameters
    ----------
    found : (6, p) float64
        Of each pledge mean proceeds [yuan], spread [1], time to the money [year], market value
        [yuan], share left without a second-round extension [1], position of the kind of right.
    loan : (p,) int64
        Loan behind which each pledge stands, from 0.
    loans : int
        Number of loans.
    together : float
        As `security_of` takes it [1], in [0, 1].

    Returns
    -------
    Security
        One row a loan.
    """
    mean, spread, years, value, without, kind = found

    def total(amounts: Column) -> Column:
        return np.asarray(np.bincount(loan, amounts, loans), dtype=np.float64)

    proceeds = total(mean)
    some = proceeds > LEAST
    proceeds = np.where(some, proceeds, 0.0)
    held = np.where(some, proceeds, 1.0)
    own = total(mean * mean * np.expm1(spread * spread))
    deviation = mean * np.sqrt(np.expm1(spread * spread))
    both = total(deviation) ** 2 - total(deviation * deviation)
    variance = np.maximum(own + together * both, 0.0)
    order = np.lexsort((kind, -mean, loan))
    first = order[np.r_[True, np.diff(loan[order]) > 0]] if order.size else order
    leading = np.full(loans, -1, dtype=np.int64)
    leading[loan[first]] = kind[first].astype(np.int64)
    return Security(
        proceeds, np.where(some, np.sqrt(np.log1p(variance / held**2)), 0.0),
        np.where(some, total(mean * years) / held, 0.0), total(value),
        np.where(some, total(mean * without) / held, 1.0), np.where(some, leading, -1),
    )  # fmt: skip
