"""Loans with guarantors who may fail too: jointly liable, or each for a share.

Putting the guarantor's PD in the borrower's place is right for neither: what is lost is lost
when both fail, and they fail together more often than chance would have it.

Source: credit notes 2.5.
"""

import numpy as np
from numpy.typing import ArrayLike

from riskengine.credit.rows import Column, CreditError, chances, table
from riskengine.kernels.double_default import all_default, both_default_rows
from riskengine.kernels.normal import normal_quantile
from riskengine.words import Text


def both_default(borrower: ArrayLike, guarantor: ArrayLike, correlation: ArrayLike) -> Column:
    """Chance that a borrower and its guarantor both fail.

    Parameters
    ----------
    borrower, guarantor : array-like
        PDs over one horizon [1], in [0, 1].
    correlation : array-like
        Correlation of their standing [1], in [-1, 1].

    Returns
    -------
    (n,) float64
        Chance [1], at most the smaller PD.

    Raises
    ------
    CreditError
        If a figure is out of range.

    Examples
    --------
    >>> both_default([0.5, 0.03], 0.5, [0.5, 0.0]).round(12).tolist()
    [0.333333333333, 0.015]
    """
    x = table(borrower=borrower, guarantor=guarantor, correlation=correlation)
    chances("borrower", x[0])
    chances("guarantor", x[1])
    if not np.all(np.abs(x[2]) <= 1.0):
        raise _refused("相关系数应在[-1, 1]", "correlations lie in [-1, 1]")
    out = np.empty(x.shape[1])
    both_default_rows(x, out)
    return out


def joint_liability_loss(
    borrower: float, guarantors: ArrayLike, correlation: float, *, covered: float = 1.0,
    loss_share: float = 1.0,
) -> float:  # fmt: skip
    """Expected loss share of a loan whose guarantors are each liable for the whole of it.

    One guarantor who stands is enough (连带责任); all are alike in one common factor.

    Parameters
    ----------
    borrower : float
        PD of the borrower [1], in [0, 1].
    guarantors : (m,) array-like
        PDs of the guarantors [1], in [0, 1]; none for no guarantee.
    correlation : float
        Asset correlation of any two of them [1], in [0, 1).
    covered : float
        Share of the debt that is guaranteed [1], in [0, 1].
    loss_share : float
        LGD of what nobody pays [1], in [0, 1].

    Returns
    -------
    float
        Expected loss over exposure [1].

    Raises
    ------
    CreditError
        If a figure is out of range.

    Examples
    --------
    >>> round(joint_liability_loss(0.05, [0.04], 0.0, loss_share=0.5), 12)
    0.001
    """
    default, together = _joint(borrower, guarantors, correlation)
    _share("covered", covered)
    _share("loss_share", loss_share)
    return loss_share * ((1.0 - covered) * default + covered * together)


def several_shares_loss(
    borrower: float, guarantors: ArrayLike, shares: ArrayLike, correlation: float, *,
    loss_share: float = 1.0,
) -> float:  # fmt: skip
    """Expected loss share of a loan whose guarantors are each liable for a share of it.

    Parameters
    ----------
    borrower : float
        PD of the borrower [1], in [0, 1].
    guarantors, shares : (m,) array-like
        PDs of the guarantors [1], in [0, 1], and what each is liable for [1], >= 0, at
        most 1 together (按份责任).
    correlation : float
        Correlation of the borrower's standing with each guarantor's [1], in [-1, 1].
    loss_share : float
        LGD of what nobody pays [1], in [0, 1].

    Returns
    -------
    float
        Expected loss over exposure [1].

    Raises
    ------
    CreditError
        If a figure is out of range or the shares pass 1.

    Examples
    --------
    >>> round(several_shares_loss(0.05, [0.04, 0.1], [0.5, 0.5], 0.0), 12)
    0.0035
    """
    x = table(guarantors=guarantors, shares=shares)
    part = chances("shares", x[1])
    _share("loss_share", loss_share)
    if part.sum() > 1.0 + 1e-12:
        raise _refused("份额合计不得超过1", "shares must not pass 1 together")
    default = float(chances("borrower", [borrower])[0])
    together = both_default(borrower, x[0], correlation)
    return loss_share * float((1.0 - part.sum()) * default + part @ together)


def _joint(borrower: float, guarantors: ArrayLike, correlation: float) -> tuple[float, float]:
    """PD of the borrower, and the chance that guarantors fail with it."""
    default = float(chances("borrower", [borrower])[0])
    others = chances("guarantors", guarantors)
    if not 0.0 <= correlation < 1.0:
        raise _refused("资产相关系数应在[0, 1)", "the asset correlation lies in [0, 1)")
    if not others.size:
        return default, default
    if others.size == 1:
        return default, float(both_default(default, others, correlation)[0])
    everybody = np.array([normal_quantile(p) for p in (default, *others)])
    nodes, weights = np.polynomial.legendre.leggauss(24)
    loadings = np.full(everybody.size, np.sqrt(correlation))
    return default, float(all_default(everybody, loadings, nodes, weights))


def _share(name: str, value: float) -> None:
    chances(name, [value])


def _refused(zh: str, en: str) -> CreditError:
    return CreditError(
        Text(zh, en), Text("请检查保证人的数据", "check what the guarantors are told")
    )
