"""Liability of a guarantee company under its contracts, and the measures beside it.

Under the standard of financial instruments the liability of each contract is the larger of
its expected credit loss and of the fee that has not been earned.  The unit of account is
the contract: what one has in excess covers nothing of another.

Regulatory reserves, tax reserves and accounting losses are three measures of the same book
for three readers.  They stand side by side and are never set against each other.

Source: IFRS 9 4.2.1(c) and B2.5 (CAS 22); IFRS 15 (CAS 14) for fee income over time;
regulation notes ACC-04 and ACC-05.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.credit.exposure_path import ExposurePath
from riskengine.credit.rows import Column, CreditError, table
from riskengine.rules import Rules
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Liability:
    """Liability of each contract.

    Parameters
    ----------
    unamortised_yuan, income_yuan : (n,) float64
        Fee not yet earned, and earned to date [yuan]; together the fee.
    expected_loss_yuan : (n,) float64
        ECL handed in [yuan].
    liability_yuan : (n,) float64
        The larger of ECL and fee not yet earned [yuan].
    excess_yuan : (n,) float64
        Liability over the fee not yet earned [yuan], >= 0: what hits profit.
    """

    unamortised_yuan: Column
    income_yuan: Column
    expected_loss_yuan: Column
    liability_yuan: Column
    excess_yuan: Column

    @property
    def liability_fen(self) -> NDArray[np.int64]:
        """Liability as it enters the ledger [fen], rounded half-even once."""
        return np.rint(self.liability_yuan * 100.0).astype(np.int64)


@dataclass(frozen=True, slots=True)
class ParallelMeasures:
    """Three measures of what the book may cost, side by side; there is no sum of them.

    Parameters
    ----------
    regulatory_reserves : int
        Unearned-premium and compensation reserves of the supervisor [fen].
    tax_reserves : int
        Reserves deductible for tax [fen].
    accounting_expected_loss : int
        Liability under the accounting standard [fen].
    """

    regulatory_reserves: int
    tax_reserves: int
    accounting_expected_loss: int

    def gaps(self) -> dict[str, int]:
        """How far each measure lies above the accounting one: for the note, not for the books.

        Returns
        -------
        dict of str to int
            Measure less the accounting one [fen], by name.
        """
        base = self.accounting_expected_loss
        return {
            one.name: getattr(self, one.name) - base
            for one in fields(self)
            if one.name != "accounting_expected_loss"
        }


def parallel_measures(
    rules: Rules, regulatory_reserves: int, tax_reserves: int, accounting_expected_loss: int
) -> ParallelMeasures:
    """Put the three measures side by side, as the rules of the day name them.

    Parameters
    ----------
    rules : Rules
        Rules of the valuation day.
    regulatory_reserves, tax_reserves, accounting_expected_loss : int
        The measures [fen], >= 0.

    Returns
    -------
    ParallelMeasures
        The measures.

    Raises
    ------
    CreditError
        If one is negative, or the rules name others.
    """
    names = [one.name for one in fields(ParallelMeasures)]
    if list(rules.value("guarantee_accounting.measures_kept_apart")) != names:
        raise _refused("规则的计量口径不同", "the rules name other measures")
    given = (regulatory_reserves, tax_reserves, accounting_expected_loss)
    if min(given) < 0:
        raise _refused("计量不得为负", "no measure is negative")
    return ParallelMeasures(*given)


def straight_line_share(passed: ArrayLike, term: ArrayLike) -> Column:
    """Share of a fee that is earned when cover is even over time.

    Parameters
    ----------
    passed : array-like
        Time since the start [any unit], >= 0; beyond the term all is earned.
    term : array-like
        Term in the same unit, > 0.

    Returns
    -------
    (n,) float64
        Share [1], in [0, 1].

    Raises
    ------
    CreditError
        If a time is missing or out of range.

    Examples
    --------
    >>> straight_line_share([1.0, 4.0], [4.0, 3.0]).tolist()
    [0.25, 1.0]
    """
    x = table(passed=passed, term=term)
    if not np.all((x[0] >= 0.0) & (x[1] > 0.0) & np.isfinite(x[1])):
        raise _refused("期限应为正，已过时间不为负", "the term is > 0, the time passed >= 0")
    found: Column = np.minimum(x[0] / x[1], 1.0)
    return found


def balance_share(path: ExposurePath, passed: ArrayLike) -> Column:
    """Share of a fee that is earned in proportion to the balance in force.

    Parameters
    ----------
    path : ExposurePath
        Balances since the start of each contract, from `exposure_path`.
    passed : array-like
        Periods since the start [period], in [0, periods].

    Returns
    -------
    (n,) float64
        Share [1], in [0, 1]: ahead of the straight line where principal is repaid.

    Raises
    ------
    CreditError
        If a contract cannot be told, or never had a balance.

    Examples
    --------
    >>> from riskengine.credit.exposure_path import exposure_path
    >>> balance_share(exposure_path(120.0, 3, "equal_principal"), 1).tolist()
    [0.5]
    """
    so_far, whole = path.balance_sums(passed)
    if not np.all(whole > 0.0):
        raise _refused("合同没有余额", "a contract never has a balance")
    found: Column = so_far / whole
    return found


def guarantee_liability(
    fee_yuan: ArrayLike, earned_share: ArrayLike, expected_loss_yuan: ArrayLike
) -> Liability:
    """Liability of each financial guarantee: ECL-FGC of the credit notes.

    Parameters
    ----------
    fee_yuan : array-like
        Fair value at the start, as a rule the fee received [yuan], >= 0.
    earned_share : array-like
        Share of it taken to income so far [1], in [0, 1]: `straight_line_share` or
        `balance_share`.
    expected_loss_yuan : array-like
        ECL of the contract [yuan], >= 0.

    Returns
    -------
    Liability
        One row a contract.

    Raises
    ------
    CreditError
        If a fee or a loss is negative or missing, or a share is none.

    Examples
    --------
    >>> guarantee_liability([100.0, 100.0], 0.5, [80.0, 20.0]).liability_yuan.tolist()
    [80.0, 50.0]
    """
    x = table(fee_yuan=fee_yuan, earned_share=earned_share, expected_loss_yuan=expected_loss_yuan)
    if not np.all((x >= 0.0) & np.isfinite(x)) or np.any(x[1] > 1.0):
        raise _refused(
            "保费和预期损失不得为负，已确认比例应在0到1之间",
            "fees and losses are not negative, the share earned lies in [0, 1]",
        )
    income = x[0] * x[1]
    unamortised = x[0] - income
    liability = np.maximum(x[2], unamortised)
    return Liability(unamortised, income, x[2], liability, liability - unamortised)


def _refused(zh: str, en: str) -> CreditError:
    return CreditError(
        Text(zh, en), Text("请检查担保负债的输入", "check what the liability is told")
    )
