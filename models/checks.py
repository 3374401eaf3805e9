"""What every fit and every measure asks of its input at the door, refused in words.

An outcome is 1.0 (bad, the loan defaulted) or 0.0 (good); a weight is > 0.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.errors import ModelError
from riskengine.words import Text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def numbers(values: ArrayLike, name: str, *, empty: bool = False) -> Floats:
    """One-dimensional finite numbers.

    Parameters
    ----------
    values : (n,) array-like
        Numbers [any unit].
    name : str
        What they are, for the message.
    empty : bool
        Whether there may be none.

    Returns
    -------
    (n,) float64
        The numbers.

    Raises
    ------
    ModelError
        If there is none and there must be, or one of them is not finite.
    """
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or not (found.size or empty):
        raise ModelError(
            Text(f"{name} 应为非空的一维数组，现为 {found.shape}",
                 f"{name} must be a filled array of one dimension, not {found.shape}"),
            Text("请传入每笔一个数", "hand in one number for each loan"),
        )  # fmt: skip
    bad = int(np.count_nonzero(~np.isfinite(found)))
    if bad:
        raise ModelError(
            Text(f"{name} 有 {bad} 个缺失或无穷的数",
                 f"{name} holds {bad} missing or infinite numbers"),
            Text("请先剔除或修正这些行，并报告其数目",
                 "drop or mend these rows first and report how many"),
        )  # fmt: skip
    return found


def same_length(**arrays: Floats) -> None:
    """Refuse arrays of different lengths.

    Parameters
    ----------
    **arrays : (n,) arrays
        Arrays by name.

    Raises
    ------
    ModelError
        If their lengths differ.
    """
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise ModelError(
            Text(f"长度不一致：{lengths}", f"lengths differ: {lengths}"),
            Text("请按同一批贷款、同一顺序传入", "hand in the same loans in the same order"),
        )


def outcomes(y: ArrayLike, *, both: bool = True) -> Floats:
    """Outcomes that are 0 or 1, of both classes.

    Parameters
    ----------
    y : (n,) array-like
        Outcomes [1]: 1 bad, 0 good.
    both : bool
        Whether one class alone is refused.

    Returns
    -------
    (n,) float64
        The outcomes.

    Raises
    ------
    ModelError
        If a value is neither 0 nor 1, or one class is missing.
    """
    found = numbers(y, "y")
    if not np.all((found == 0.0) | (found == 1.0)):
        raise ModelError(
            Text("结果只能是 0（正常）或 1（违约）", "outcomes y must be 0 (good) or 1 (bad)"),
            Text("去掉未到期或未知的行", "leave out rows whose outcome is not known yet"),
        )
    if both and found.min() == found.max():
        raise ModelError(
            Text(f"结果只有一类（全为 {found[0]:.0f}）",
                 f"outcomes are of one class only (all {found[0]:.0f})"),
            Text("放宽时间窗口或合并样本，直到两类都有；或用低违约方法",
                 "widen the window or pool samples until both occur, or use low-default bounds"),
        )  # fmt: skip
    return found


def probabilities(values: ArrayLike, name: str, *, open_ends: bool = False) -> Floats:
    """Probabilities in [0, 1], or in (0, 1).

    Parameters
    ----------
    values : (n,) array-like
        Probabilities [1].
    name : str
        What they are, for the message.
    open_ends : bool
        Whether 0 and 1 are refused.

    Returns
    -------
    (n,) float64
        The probabilities.

    Raises
    ------
    ModelError
        If one lies outside.
    """
    found = numbers(values, name)
    low, high = found.min(), found.max()
    if low < 0.0 or high > 1.0 or (open_ends and (low == 0.0 or high == 1.0)):
        ends = "(0, 1)" if open_ends else "[0, 1]"
        raise ModelError(
            Text(f"{name} 须在 {ends} 内，现为 {low:g} 至 {high:g}",
                 f"{name} must lie in {ends}; it runs from {low:g} to {high:g}"),
            Text("请传入小数形式的概率（0.03 即 3%），不是评分；0 或 1 请先设下限",
                 "hand in probabilities, 0.03 for 3 %, not scores; floor certain ones first"),
        )  # fmt: skip
    return found


def weights_of(weight: ArrayLike | None, n: int) -> Floats:
    """Weights > 0, or ones.

    Parameters
    ----------
    weight : (n,) array-like or None
        Sampling weights [1], > 0; None is 1 each.
    n : int
        Rows.

    Returns
    -------
    (n,) float64
        The weights.

    Raises
    ------
    ModelError
        If one is not finite and above 0, or their number is not n.
    """
    if weight is None:
        return np.ones(n)
    found = numbers(weight, "weight")
    same_length(weight=found, y=np.empty(n))
    if found.min() <= 0.0:
        raise ModelError(
            Text("权重须大于零", "weights must be above zero"),
            Text("请剔除权重为零的行", "drop rows of zero weight"),
        )
    return found


def scored(y: ArrayLike, score: ArrayLike, weight: ArrayLike | None) -> tuple[Floats, ...]:
    """Outcomes, scores and weights of equal length.

    Parameters
    ----------
    y, score : (n,) array-like
        Outcomes (1 bad) and scores [any unit].
    weight : (n,) array-like or None
        Sampling weights [1], > 0.

    Returns
    -------
    tuple of three (n,) float64
        The three, checked.

    Raises
    ------
    ModelError
        For one class only, numbers that are not finite, or unequal lengths.
    """
    outcome, ranks = outcomes(y), numbers(score, "score")
    same_length(y=outcome, score=ranks)
    return outcome, ranks, weights_of(weight, outcome.size)


def matrix(x: ArrayLike, n: int, features: int) -> Floats:
    """Feature matrix of the expected shape without infinities.

    Parameters
    ----------
    x : (features, n) array
        Features; NaN is missing.
    n, features : int
        Shape asked for.

    Returns
    -------
    (features, n) float64
        C-contiguous.

    Raises
    ------
    ModelError
        If the shape is another or a cell is infinite.
    """
    cells = np.ascontiguousarray(x, dtype=np.float64)
    if cells.shape != (features, n) or np.isinf(cells).any():
        raise ModelError(
            Text(
                f"特征矩阵应为 {features}×{n} 且无无穷大，实为 {cells.shape}",
                f"the feature matrix must be {features} x {n} and hold no infinity; "
                f"it is {cells.shape}",
            ),
            Text("行是特征，列是样本", "rows are features, columns are cases"),
        )
    return cells


def joined(names: Sequence[str]) -> Text:
    """Names side by side, as both languages write a list.

    Parameters
    ----------
    names : sequence of str
        Names.

    Returns
    -------
    Text
        The list.
    """
    return Text("、".join(names), ", ".join(names))
