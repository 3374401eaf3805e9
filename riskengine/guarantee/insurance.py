"""Area-yield index insurance: what it pays, what it leaves uncovered, what the lender gets.

The index I and the farm's own yield Y are normal with correlation r < 1: the cover pays by
the index, the farm loses by its own yield, and what lies between is basis risk.  A payout
assigned to the lender counts as far as there is debt.

Source: Miranda, American J. Agricultural Economics 73 (1991) 233; credit notes 6.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskengine.credit.rows import Column, CreditError, chances, table
from riskengine.kernels.bivariate import bivariate_normal_cdf
from riskengine.kernels.double_default import shortfall_at_default_rows
from riskengine.portfolio.panels import PANEL_NODES, legendre
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class IndexCover:
    """Cover that pays ``sum_insured x max(trigger - index, 0) / trigger``.

    Parameters
    ----------
    mean, deviation : float
        Mean and standard deviation of the index [kg/mu or any unit], both > 0.
    trigger : float
        Index below which the cover pays, in the same unit, > 0.
    sum_insured_yuan : float
        Payout at an index of 0 [yuan], >= 0.
    """

    mean: float
    deviation: float
    trigger: float
    sum_insured_yuan: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a cover that is none."""
        given = (self.mean, self.deviation, self.trigger)
        if not all(math.isfinite(one) and one > 0.0 for one in given):
            raise _refused("均值、标准差、触发值应为正", "mean, deviation and trigger are > 0")
        if not 0.0 <= self.sum_insured_yuan < math.inf:
            raise _refused("保险金额应不为负", "the sum insured is >= 0")

    @property
    def distance(self) -> float:
        """Trigger less mean in standard deviations [1]."""
        return (self.trigger - self.mean) / self.deviation

    @property
    def unit_yuan(self) -> float:
        """Payout of one standard deviation below the trigger [yuan]."""
        return self.sum_insured_yuan * self.deviation / self.trigger


@dataclass(frozen=True, slots=True)
class BasisRisk:
    """How well a cover meets the farm's own loss.

    Parameters
    ----------
    farm_loss_yuan, payout_yuan : float
        Means of the farm's loss and of the payout [yuan].
    uncovered_yuan : float
        Mean of max(loss - payout, 0) [yuan].
    windfall_yuan : float
        Mean of max(payout - loss, 0) [yuan].
    chance_unpaid : float
        Chance that the farm loses and nothing is paid [1].
    """

    farm_loss_yuan: float
    payout_yuan: float
    uncovered_yuan: float
    windfall_yuan: float
    chance_unpaid: float


def normal_shortfall(mean: ArrayLike, deviation: ArrayLike, trigger: ArrayLike) -> Column:
    """Mean of max(K - Y, 0) of a normal yield: (K - m) N(d) + s n(d), d = (K - m) / s.

    Parameters
    ----------
    mean : array-like
        Mean yield m [any unit].
    deviation : array-like
        Standard deviation s [same unit], >= 0.
    trigger : array-like
        Trigger K [same unit].

    Returns
    -------
    (n,) float64
        Mean shortfall [same unit].

    Raises
    ------
    CreditError
        If a figure is missing, infinite, or a deviation negative.

    Examples
    --------
    >>> normal_shortfall(500.0, 90.0, 400.0).round(11).tolist()
    [6.04129520002]
    """
    x = table(mean=mean, deviation=deviation, trigger=trigger)
    if not np.all(np.isfinite(x)) or np.any(x[1] < 0.0):
        raise _refused("产量参数应有限，标准差不为负", "yields are finite, deviations >= 0")
    safe = np.where(x[1] > 0.0, x[1], 1.0)
    found: Column = safe * _below((x[2] - x[0]) / safe)
    return np.where(x[1] > 0.0, found, np.maximum(x[2] - x[0], 0.0))


def pure_rate(cover: IndexCover) -> float:
    """Mean payout over sum insured.

    Parameters
    ----------
    cover : IndexCover
        The cover.

    Returns
    -------
    float
        Rate [1].

    Examples
    --------
    >>> round(pure_rate(IndexCover(500.0, 90.0, 400.0)), 13)
    0.0151032380001
    """
    short = normal_shortfall(cover.mean, cover.deviation, cover.trigger)[0]
    return float(short) / cover.trigger


def chance_paid(cover: IndexCover) -> float:
    """Chance that the cover pays.

    Parameters
    ----------
    cover : IndexCover
        The cover.

    Returns
    -------
    float
        Chance [1].
    """
    from scipy.special import ndtr

    return float(ndtr(cover.distance))


def assigned_payout(
    cover: IndexCover, debt_yuan: ArrayLike, *, notice_chance: ArrayLike = 1.0,
    default_chance: ArrayLike = 1.0, correlation: ArrayLike = 0.0,
) -> tuple[Column, Column]:  # fmt: skip
    """What the lender gets of a payout assigned to it: the smaller of payout and debt.

    Parameters
    ----------
    cover : IndexCover
        The cover.
    debt_yuan : array-like
        Debt at that time [yuan], >= 0.
    notice_chance : array-like
        Chance that notice to the insurer holds [1], in [0, 1].
    default_chance : array-like
        PD of the borrower [1], in (0, 1].
    correlation : array-like
        Correlation of the borrower's standing with the index [1], in [-1, 1]; above 0
        defaults come with low yields, just when the cover pays.

    Returns
    -------
    payout_yuan : (n,) float64
        Mean of min(payout, debt) x notice, default or not [yuan].
    payout_at_default_yuan : (n,) float64
        The same given default [yuan]: what comes off the loss given default.

    Raises
    ------
    CreditError
        If a figure is out of range.

    Notes
    -----
    min(max(K - I, 0) c, D) is one cover less another whose trigger lies D / c lower; given
    default each is d Phi2(d, k; r) + n(d) N((k - r d) / q) + r n(k) N((d - r k) / q) in
    standard deviations, q = sqrt(1 - r^2), by completing the square.
    """
    x = table(
        debt_yuan=debt_yuan, notice_chance=notice_chance, default_chance=default_chance,
        correlation=correlation,
    )  # fmt: skip
    chances("notice_chance", x[1])
    chances("default_chance", x[2])
    if np.any(x[2] == 0.0) or not np.all((x[0] >= 0.0) & np.isfinite(x[0])):
        raise _refused("违约率应为正，债权不为负", "the PD is > 0, the debt >= 0")
    if not np.all(np.abs(x[3]) <= 1.0):
        raise _refused("相关系数应在[-1, 1]", "correlations lie in [-1, 1]")
    if cover.sum_insured_yuan == 0.0:
        return np.zeros(x.shape[1]), np.zeros(x.shape[1])
    high = np.full(x.shape[1], cover.distance)
    low = high - x[0] / cover.unit_yuan
    whole = cover.unit_yuan * x[1] * (_below(high) - _below(low))
    taken = _below_at_default(high, x[2], x[3]) - _below_at_default(low, x[2], x[3])
    given: Column = cover.unit_yuan * x[1] * np.maximum(taken, 0.0) / x[2]
    return whole, given


def basis_risk(
    cover: IndexCover, farm_mean: float, farm_deviation: float, farm_trigger: float,
    yuan_per_unit: float, correlation: float,
) -> BasisRisk:  # fmt: skip
    """How far a cover by the index meets the loss of one farm.

    Parameters
    ----------
    cover : IndexCover
        The cover.
    farm_mean, farm_deviation, farm_trigger : float
        The farm's own yield, and the yield below which it loses [unit of yield], > 0.
    yuan_per_unit : float
        What a unit of yield is worth on the whole farm [yuan/unit], >= 0.
    correlation : float
        Correlation of index and farm [1], in (-1, 1).

    Returns
    -------
    BasisRisk
        Means and chances.

    Raises
    ------
    CreditError
        If a figure is out of range.

    Notes
    -----
    Given the index the farm's yield is normal, and the uncovered loss a normal shortfall
    below a trigger that the payout lowers; over the index by Gauss-Legendre on either side
    of the cover's trigger, in panels of half a standard deviation.
    """
    from scipy.special import ndtr

    given = (farm_mean, farm_deviation, farm_trigger)
    usual = all(math.isfinite(one) and one > 0.0 for one in given)
    if not usual or not 0.0 <= yuan_per_unit < math.inf or not -1.0 < correlation < 1.0:
        raise _refused("农户产量参数或相关系数有误", "a figure of the farm is out of range")
    d, own = cover.distance, (farm_trigger - farm_mean) / farm_deviation
    z, weights = _panels(d)
    paid = cover.unit_yuan * np.maximum(d - z, 0.0)
    scale = yuan_per_unit * farm_deviation
    rest = math.sqrt(1.0 - correlation * correlation)
    lost = scale * _below(np.array([own]))[0]
    payout = cover.unit_yuan * float(_below(np.array([d]))[0])
    if scale == 0.0:
        return BasisRisk(0.0, payout, 0.0, payout, float(ndtr(own)) * float(ndtr(-d)))
    level = (own - paid / scale - correlation * z) / rest
    uncovered = float(np.sum(weights * scale * rest * _below(level)))
    unpaid = bivariate_normal_cdf(own, -d, -correlation)
    return BasisRisk(float(lost), payout, uncovered, uncovered + payout - float(lost), unpaid)


def _panels(kink: float) -> tuple[Column, Column]:
    """Nodes and weights of the standard normal, laid out from a kink both ways."""
    low, high = -13.0, 13.0
    edges = np.unique(np.concatenate([
        np.arange(min(kink, high), low, -0.5), np.arange(max(kink, low), high, 0.5), [low, high],
    ]))  # fmt: skip
    return legendre(edges[(edges >= low) & (edges <= high)], PANEL_NODES, normal=True)


def _below(d: Column) -> Column:
    """Mean of max(d - X, 0), d N(d) + n(d), which keeps its digits far below 0."""
    from scipy.special import erfcx, ndtr

    density = np.exp(-0.5 * d * d) / math.sqrt(2.0 * math.pi)
    far = np.minimum(d, 0.0)
    mills = math.sqrt(0.5 * math.pi) * erfcx(-far / math.sqrt(2.0))
    found: Column = np.where(d < 0.0, density * (1.0 + far * mills), d * ndtr(d) + density)
    return np.maximum(found, 0.0)


def _below_at_default(d: Column, chance: Column, correlation: Column) -> Column:
    """E[max(d - X, 0) 1{A <= k}], X and A standard normals."""
    out = np.empty(d.size)
    shortfall_at_default_rows(np.vstack([d, chance, correlation]), out)
    return out


def _refused(zh: str, en: str) -> CreditError:
    return CreditError(Text(zh, en), Text("请检查保险的输入", "check what the cover is told"))
