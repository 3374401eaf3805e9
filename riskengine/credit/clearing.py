"""Who can pay whom when everybody guarantees everybody: clearing vectors.

`clearing_vector` is the system of Eisenberg & Noe: fixed debts among members, paid pro rata.
`guarantee_circle` is the group loan (联保): a member is liable for shares of the others'
shortfalls, which are known only once it is known what everybody can pay.  Both have a
greatest solution, the one in which nobody fails who need not; that one is found.

Source: Eisenberg & Noe, Management Science 47 (2001) 236; credit notes 2.5.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.credit.rows import Column, CreditError, column
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Clearing:
    """What members pay once all claims on them are known.

    Parameters
    ----------
    paid_yuan : (n,) float64
        What each member pays in all [yuan].
    owed_yuan : (n,) float64
        What is claimed of each, calls on its guarantees included [yuan].
    to_lender_yuan : (n,) float64
        What is paid on each member's own loan, by it and by its guarantors [yuan].
    failed : (n,) bool
        Whether a member pays less than is claimed of it.
    rounds : int
        Rounds until nothing moved.
    """

    paid_yuan: Column
    owed_yuan: Column
    to_lender_yuan: Column
    failed: NDArray[np.bool_]
    rounds: int


def clearing_vector(assets_yuan: ArrayLike, owed: ArrayLike, lender_yuan: ArrayLike) -> Clearing:
    """Greatest clearing vector of fixed debts: p = min(owed, assets + what others pay in).

    Parameters
    ----------
    assets_yuan : (n,) array-like
        What each member has from outside [yuan], >= 0.
    owed : (n, n) array-like
        Owed by row to column [yuan], >= 0, nothing to oneself.
    lender_yuan : (n,) array-like
        Owed by each to its lender outside [yuan], >= 0.

    Returns
    -------
    Clearing
        One entry a member; paid by the fictitious-default algorithm in at most n rounds.

    Raises
    ------
    CreditError
        If sizes differ, or a figure is negative, missing or infinite.

    Examples
    --------
    >>> found = clearing_vector([0.5, 1.0], [[0.0, 1.0], [0.5, 0.0]], [0.0, 2.0])
    >>> found.paid_yuan.round(12).tolist()
    [0.875, 1.875]
    """
    assets, matrix, lender = _system(assets_yuan, owed, lender_yuan)
    total = matrix.sum(axis=1) + lender
    share = np.divide(matrix, total[:, None], out=np.zeros_like(matrix), where=total[:, None] > 0)
    paid, failed = total.copy(), np.zeros(total.size, dtype=np.bool_)
    rounds = 1
    while True:
        short = assets + share.T @ paid < total * (1.0 - 1e-14)
        if np.array_equal(short | failed, failed):
            break
        failed |= short
        paid = _paid_by(failed, assets, share, total)
        rounds += 1
    kept = np.divide(lender, total, out=np.ones_like(total), where=total > 0)
    return Clearing(paid, total, paid * kept, failed, rounds)


def guarantee_circle(
    assets_yuan: ArrayLike, debts_yuan: ArrayLike, shares: ArrayLike, *, joint: bool = False,
    own_debt_first: bool = True,
) -> Clearing:  # fmt: skip
    """Greatest clearing of a group whose members guarantee one another's loans.

    Parameters
    ----------
    assets_yuan : (n,) array-like
        What each member can pay with [yuan], >= 0.
    debts_yuan : (n,) array-like
        Each member's own loan [yuan], >= 0.
    shares : (n, n) array-like
        Share of column's shortfall that row is liable for [1], in [0, 1], nothing of one's
        own; at most 1 together for each loan.  With ``joint``, any figure above 0 makes row
        liable for the whole, and the figures say in which proportion calls are made.
    joint : bool
        Joint liability: what one guarantor cannot pay is called from those who can.
    own_debt_first : bool
        Pay the own loan before calls on guarantees; otherwise pro rata, and then a call
        may bring a member down that would have stood.  Joint liability comes after the own
        loan.

    Returns
    -------
    Clearing
        One entry a member.

    Raises
    ------
    CreditError
        If sizes differ, a figure is negative, missing or infinite, shares of a loan pass 1,
        or nothing settles.

    Examples
    --------
    >>> circle = guarantee_circle([10.0, 3.0], [5.0, 5.0], [[0.0, 1.0], [1.0, 0.0]])
    >>> circle.to_lender_yuan.tolist(), circle.paid_yuan.tolist()
    ([5.0, 5.0], [7.0, 3.0])
    """
    assets, matrix, debts = _system(assets_yuan, shares, debts_yuan)
    if np.any(matrix > 1.0) or (not joint and np.any(matrix.sum(axis=0) > 1.0 + 1e-12)):
        raise _refused("份额合计应在0到1之间", "shares of a loan lie in [0, 1] together")
    if joint and not own_debt_first:
        raise _refused("连带责任按先还自债计算", "joint liability is paid after the own loan")
    own, rounds = np.minimum(debts, assets), 1
    if not own_debt_first:
        own, rounds = _pro_rata(assets, debts, matrix)
    claims = matrix * (debts - own)
    if joint:
        made, more = _called_jointly(assets - own, debts - own, matrix)
        rounds += more
        # Each is liable for the whole: what is claimed of it is all that others lack.
        claims = (matrix > 0.0) * (debts - own)
    else:
        calls = claims.sum(axis=1)
        able = np.minimum(calls, np.maximum(assets - own, 0.0))
        rate = np.divide(able, calls, out=np.zeros_like(calls), where=calls > 0.0)
        made = claims * rate[:, None]
    # What a loan gets is its own borrower's and its guarantors' money, never more than it is.
    to_lender = np.minimum(own + made.sum(axis=0), debts)
    owed = debts + claims.sum(axis=1)
    return Clearing(own + made.sum(axis=1), owed, to_lender, assets < owed, rounds)


def _pro_rata(assets: Column, debts: Column, shares: Column) -> tuple[Column, int]:
    """Paid on own loans where calls rank with them: shortfalls rise from 0 until they hold."""
    short = np.zeros(debts.size)
    for rounds in range(1, 100_001):
        whole = debts + shares @ short
        rate = np.divide(assets, whole, out=np.ones_like(whole), where=whole > assets)
        found = np.maximum(debts * (1.0 - rate), short)
        if np.all(found - short <= 1e-15 * debts):
            return debts - found, rounds
        short = found
    raise _refused("清算未收敛", "nothing settles")


def _called_jointly(able: Column, short: Column, weights: Column) -> tuple[Column, int]:
    """Calls in rounds on those who can still pay; each round uses up a loan or a guarantor."""
    made, able, short = np.zeros_like(weights), able.copy(), short.copy()
    rounds = 0
    while True:
        open_ = weights * (able > 0.0)[:, None] * (short > 0.0)
        total = open_.sum(axis=0)
        if not np.any(total > 0.0):
            break
        calls = np.divide(open_ * short, total, out=np.zeros_like(open_), where=total > 0.0)
        wanted = calls.sum(axis=1)
        rate = np.divide(able, wanted, out=np.ones_like(able), where=wanted > able)
        paid = calls * rate[:, None]
        made += paid
        able = np.where(wanted >= able, 0.0, able - wanted)
        left = short - paid.sum(axis=0)
        short = np.where(left > 1e-15 * short, left, 0.0)
        rounds += 1
    return made, rounds


def _paid_by(failed: NDArray[np.bool_], assets: Column, share: Column, total: Column) -> Column:
    """Payments when it is known who fails: those pay all they get, the others all they owe."""
    paid, at = total.copy(), np.flatnonzero(failed)
    inside = np.eye(at.size) - share[np.ix_(at, at)].T
    given = assets[at] + share[~failed][:, at].T @ total[~failed]
    # Least squares: those of a closed circle leave one equation over.
    solved = np.linalg.lstsq(inside, given, rcond=None)[0]
    paid[at] = np.clip(solved, 0.0, total[at])
    return paid


def _system(
    assets_yuan: ArrayLike, matrix: ArrayLike, debts_yuan: ArrayLike
) -> tuple[Column, Column, Column]:
    assets, debts = column("assets_yuan", assets_yuan), column("debts_yuan", debts_yuan)
    square = np.array(matrix, dtype=np.float64)
    if square.shape != (assets.size, assets.size) or debts.size != assets.size or not assets.size:
        raise _refused("成员数不一致", "members, debts and matrix differ in size")
    for part in (assets, debts, square):
        if not np.all((part >= 0.0) & np.isfinite(part)):
            raise _refused("金额应有限且不为负", "figures are finite and >= 0")
    if np.any(np.diag(square) != 0.0):
        raise _refused("成员不对自己负债", "nobody owes to himself or guarantees himself")
    return assets, square, debts


def _refused(zh: str, en: str) -> CreditError:
    return CreditError(Text(zh, en), Text("请检查联保小组的数据", "check what the group is told"))
