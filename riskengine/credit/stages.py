"""Stages of impairment: what moved a contract from 12 months to lifetime, and to default.

The PD of what is left of a contract's life is held against what its origination foresaw
for just that stretch, from the term structure stored then.  A single lifetime PD stored
at origination covers years that are over: held against it nearly no old contract rises.

Source: IFRS 9 5.5.3-5.5.11, B5.5.7-B5.5.24 and B5.5.37 (CAS 22); credit notes 3.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.credit.five_tier import TIERS
from riskengine.credit.rows import Column, CreditError, Index, chances, table
from riskengine.rules import Rules
from riskengine.words import Text

REASONS = (
    Text("信用风险未显著增加", "no significant increase of risk"),
    Text("剩余存续期违约概率较初始预期显著上升", "PD of the life left rose against origination"),
    Text("列入观察名单", "on the watch list"),
    Text("逾期达到推定信用风险显著增加的天数", "overdue for the days that presume an increase"),
    Text("五级分类为不良", "classed as non-performing"),
    Text("逾期达到推定信用减值的天数", "overdue for the days that presume impairment"),
    Text("已发生信用减值", "credit-impaired"),
    Text("已代偿", "compensated"),
)
"""Why a contract stands in its stage, by number; the higher number speaks."""
STAGE_OF_REASON = np.array([1, 2, 2, 2, 3, 3, 3, 3], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Stages:
    """Stage of each contract and what put it there.

    Parameters
    ----------
    stage : (n,) int64
        1, 2 or 3.
    reason : (n,) int64
        Number in `REASONS` of what decides.
    reasons : (n,) int64
        All reasons that hold, one bit each: bit k for `REASONS` [k].
    exempt : (n,) bool
        Whether low credit risk kept a risen PD in stage 1.
    """

    stage: Index
    reason: Index
    reasons: Index
    exempt: NDArray[np.bool_]


def foreseen_chance(
    origination: ArrayLike, structure: ArrayLike, age: ArrayLike, periods: ArrayLike
) -> Column:
    """PD that origination foresaw for what is now left, given survival until now.

    Parameters
    ----------
    origination : (k, t) array-like
        Term structures stored at origination: PD until the end of each period [1], in
        [0, 1), not falling.  After the last period its force goes on, as where a contract
        was renewed.
    structure : array-like of int
        Row of each contract's term structure.
    age, periods : array-like of int
        Periods since origination and periods left [period], >= 0.

    Returns
    -------
    (n,) float64
        1 - S(age + periods) / S(age) [1].

    Raises
    ------
    CreditError
        If a term structure falls or leaves [0, 1), or a number is out of range.

    Examples
    --------
    >>> foreseen_chance([[0.1, 0.19, 0.271]], 0, 1, 2).round(12).tolist()
    [0.19]
    """
    known = np.atleast_2d(np.asarray(origination, dtype=np.float64))
    x = table(structure=structure, age=age, periods=periods)
    usual = known.ndim == 2 and known.size and np.all((known >= 0.0) & (known < 1.0))
    if not usual or np.any(np.diff(known, axis=1) < 0.0):
        raise _refused(
            "初始期限结构应在[0, 1)且不下降", "term structures lie in [0, 1), not falling"
        )
    if not np.all((x >= 0.0) & (x == np.floor(x))) or np.any(x[0] >= len(known)):
        raise _refused("行号和期数应为非负整数", "rows and periods are whole numbers >= 0")
    rows, start, left = (values.astype(np.int64) for values in x)
    forces = np.zeros((len(known), known.shape[1] + 1))
    forces[:, 1:] = -np.log1p(-known)
    step = forces[:, -1] - forces[:, -2]

    def until(at: Index) -> Column:
        held = np.minimum(at, known.shape[1])
        found: Column = forces[rows, held] + step[rows] * (at - held)
        return found

    chance: Column = -np.expm1(until(start) - until(start + left))
    return chance


@dataclass(frozen=True, slots=True)
class Policy:
    """What the institution holds to be significant.

    Parameters
    ----------
    relative_increase : float
        Increase of the PD over what was foreseen that is significant [1], > 0: 1 is a
        doubling.
    least_increase : float
        Increase below which none is significant [1], >= 0.
    exempt_low_risk : bool
        Use the exemption for low credit risk; it spares the test of the PD alone, neither
        the watch list nor the days overdue.
    closed_backstop : bool
        Whether the 30th day itself counts; the standard says more than 30 days.
    """

    relative_increase: float
    least_increase: float = 0.0
    exempt_low_risk: bool = False
    closed_backstop: bool = False

    def __post_init__(self) -> None:
        """Refuse an increase that is none."""
        if not self.relative_increase > 0.0 or not self.least_increase >= 0.0:
            raise _refused("上升阈值应为正", "the increase that is significant is > 0")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of contracts besides their PD; each one figure or a column.

    Parameters
    ----------
    watched, impaired, compensated : array-like of bool
        On the watch list; credit-impaired or defaulted; claim paid.
    tier : array-like of int
        Place in `riskengine.credit.five_tier.TIERS`; from substandard on non-performing.
    low_risk : array-like of bool
        Low credit risk at the reporting date.
    rebutted : array-like of bool
        Where the presumption of stage 2 by days overdue has been rebutted.
    """

    watched: ArrayLike = 0
    impaired: ArrayLike = 0
    compensated: ArrayLike = 0
    tier: ArrayLike = 0
    low_risk: ArrayLike = 0
    rebutted: ArrayLike = 0


def stages(
    default_chance: ArrayLike, foreseen: ArrayLike, overdue_days: ArrayLike, rules: Rules,
    policy: Policy, standing: Standing | None = None,
) -> Stages:  # fmt: skip
    """Stage of each contract on the day of the rules.

    Parameters
    ----------
    default_chance : array-like
        PD of the life left, as of today [1], in [0, 1].
    foreseen : array-like
        PD of the same stretch as origination foresaw it [1]: `foreseen_chance`.
    overdue_days : array-like
        Days overdue [day], >= 0.
    rules : Rules
        Rules of the valuation day.
    policy : Policy
        What counts as a significant increase.
    standing : Standing or None
        What else is known; None for nothing against anybody.

    Returns
    -------
    Stages
        One row a contract.

    Raises
    ------
    CreditError
        If a figure is missing or out of range, or the exemption is used against the rules.
    RuleNotFound
        If the rules do not speak on that day.
    """
    known = standing or Standing()
    x = table(
        default_chance=default_chance, foreseen=foreseen, overdue_days=overdue_days,
        tier=known.tier,
    )  # fmt: skip
    now, then = chances("default_chance", x[0]), chances("foreseen", x[1])
    days, placed = x[2], x[3]
    if not np.all((days >= 0.0) & np.isfinite(days)) or not np.all(np.isin(placed, range(5))):
        raise _refused(
            "逾期天数或分类有误", "days overdue are >= 0, classes in [0, 4], none missing"
        )
    low, watch, bad, paid, spared = (
        _flags(values, now.size)
        for values in (
            known.low_risk, known.watched, known.impaired, known.compensated, known.rebutted,
        )
    )  # fmt: skip
    if policy.exempt_low_risk and not rules.value("expected_loss.low_credit_risk_exemption"):
        raise _refused("规则不允许低风险豁免", "the rules know no exemption for low risk")
    limit = rules.number("expected_loss.stage_two_days")
    late = days >= limit if policy.closed_backstop else days > limit
    risen = now - then > policy.least_increase
    risen &= now > (1.0 + policy.relative_increase) * then
    exempt = risen & low & policy.exempt_low_risk
    holds_bad = bool(rules.value("expected_loss.stage_three_holds_non_performing"))
    held = np.array([
        np.ones(now.size, dtype=np.bool_), risen & ~exempt, watch, late & ~spared,
        (placed >= TIERS.index("substandard")) & holds_bad,
        days >= rules.number("expected_loss.stage_three_days"), bad, paid,
    ])  # fmt: skip
    powers = 1 << np.arange(1, len(REASONS))
    bits = np.asarray(powers @ held[1:], dtype=np.int64)
    reason = np.asarray(len(REASONS) - 1 - np.argmax(held[::-1], axis=0), dtype=np.int64)
    stage = STAGE_OF_REASON[reason]
    return Stages(stage, reason, bits, exempt & (stage == 1))


def staged_loss(
    stage: ArrayLike, twelve_month_yuan: ArrayLike, lifetime_yuan: ArrayLike,
    exposure_yuan: ArrayLike, loss_share: ArrayLike,
) -> Column:  # fmt: skip
    """Allowance of each contract: 12 months, lifetime, or the loss of one that has defaulted.

    Parameters
    ----------
    stage : array-like of int
        1, 2 or 3.
    twelve_month_yuan, lifetime_yuan : array-like
        ECL [yuan].
    exposure_yuan, loss_share : array-like
        What is owed today [yuan], and its LGD as of today [1]: stage 3.

    Returns
    -------
    (n,) float64
        Allowance [yuan]; NaN where what the stage needs is.

    Raises
    ------
    CreditError
        If a stage is none.

    Examples
    --------
    >>> staged_loss([1, 2, 3], 1.0, 5.0, 100.0, 0.4).tolist()
    [1.0, 5.0, 40.0]
    """
    x = table(
        stage=stage, twelve_month_yuan=twelve_month_yuan, lifetime_yuan=lifetime_yuan,
        exposure_yuan=exposure_yuan, loss_share=loss_share,
    )  # fmt: skip
    if not np.all(np.isin(x[0], (1.0, 2.0, 3.0))):
        raise _refused("阶段应为1、2、3", "a stage is 1, 2 or 3")
    found: Column = np.choose(x[0].astype(np.int64) - 1, [x[1], x[2], x[3] * x[4]])
    return found


def _flags(values: ArrayLike, size: int) -> NDArray[np.bool_]:
    found = table(size, flag=np.asarray(values, dtype=np.float64))[0]
    if not np.all(np.isin(found, (0.0, 1.0))):
        raise _refused("标志应为是或否", "flags are true or false, with nothing missing")
    return np.asarray(found == 1.0, dtype=np.bool_)


def _refused(zh: str, en: str) -> CreditError:
    return CreditError(Text(zh, en), Text("请检查分阶段的输入", "check what the stages are told"))
