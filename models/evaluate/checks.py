"""What every measure checks at its door, and the two answers they share.

Arrays are one-dimensional float64 of equal length.  An outcome is 1.0 (bad, the
loan defaulted) or 0.0 (good); a weight is > 0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from riskengine.errors import ModelError
from riskengine.words import Text

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval.

    Parameters
    ----------
    low, high : float
        Ends, both inside [unit of the figure]; NaN when there is none.
    confidence : float
        Confidence asked for, in (0, 1).
    method : str
        How it was made.
    """

    low: float
    high: float
    confidence: float
    method: str


@dataclass(frozen=True, slots=True)
class Significance:
    """A test of a null hypothesis.

    Parameters
    ----------
    name : str
        The test.
    statistic : float
        Its statistic [1].
    p_value : float
        Probability of one at least as far out under the null, in [0, 1]; NaN
        when the data cannot tell.
    degrees : float
        Degrees of freedom where it has some, else NaN.
    """

    name: str
    statistic: float
    p_value: float
    degrees: float = float("nan")


def fault(zh: str, en: str, cure_zh: str, cure_en: str) -> ModelError:
    """Error of the evaluation in two languages.

    Parameters
    ----------
    zh, en : str
        What is wrong and where.
    cure_zh, cure_en : str
        What to do about it.

    Returns
    -------
    ModelError
        To be raised.
    """
    return ModelError(Text(zh, en), Text(cure_zh, cure_en))


def numbers(values: ArrayLike, name: str) -> Array:
    """One-dimensional finite numbers, at least one.

    Parameters
    ----------
    values : (n,) array-like
        Numbers [any unit].
    name : str
        What they are, for the message.

    Returns
    -------
    (n,) float64
        The numbers.

    Raises
    ------
    ModelError
        If there is none, or one of them is not finite.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or array.size == 0:
        raise fault(
            f"{name} 应为非空的一维数组，现为 {array.shape}",
            f"{name} must be a filled array of one dimension, not {array.shape}",
            "请传入每笔一个数",
            "hand in one number for each loan",
        )
    bad = int(np.count_nonzero(~np.isfinite(array)))
    if bad:
        raise fault(
            f"{name} 有 {bad} 个缺失或无穷的数",
            f"{name} holds {bad} missing or infinite numbers",
            "请先剔除或修正这些行，并报告其数目",
            "drop or mend these rows first and report how many",
        )
    return array


def same_length(**arrays: Array) -> None:
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
        raise fault(
            f"长度不一致：{lengths}",
            f"lengths differ: {lengths}",
            "请按同一批贷款、同一顺序传入",
            "hand in the same loans in the same order",
        )


def outcomes(y: ArrayLike, both: bool = True) -> Array:
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
    array = numbers(y, "y")
    if not np.all((array == 0.0) | (array == 1.0)):
        raise fault(
            "结果 y 有 0、1 以外的值",
            "outcomes y hold values other than 0 and 1",
            "请用 1 表示违约、0 表示正常",
            "code 1 for bad and 0 for good",
        )
    if both and (array.min() == array.max()):
        raise fault(
            f"结果只有一类（全为 {array[0]:.0f}）",
            f"outcomes are of one class only (all {array[0]:.0f})",
            "请延长观察窗口或合并样本，直到两类都有",
            "lengthen the window or pool samples until both classes occur",
        )
    return array


def probabilities(p: ArrayLike, open_ends: bool = False) -> Array:
    """Probabilities in [0, 1], or in (0, 1).

    Parameters
    ----------
    p : (n,) array-like
        Probabilities [1].
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
    array = numbers(p, "p")
    low, high = array.min(), array.max()
    if low < 0.0 or high > 1.0 or (open_ends and (low == 0.0 or high == 1.0)):
        ends = "(0, 1)" if open_ends else "[0, 1]"
        raise fault(
            f"概率应在 {ends} 内，现为 {low:g} 至 {high:g}",
            f"probabilities must lie in {ends}, these run from {low:g} to {high:g}",
            "请传入违约概率而不是评分；零或一的概率无法检验，请先设下限",
            "hand in probabilities of default, not scores; floor certain ones first",
        )
    return array


def weights(weight: ArrayLike | None, n: int) -> Array:
    """Weights > 0, or ones.

    Parameters
    ----------
    weight : (n,) array-like or None
        Sampling weights [1], > 0.
    n : int
        Rows.

    Returns
    -------
    (n,) float64
        The weights.

    Raises
    ------
    ModelError
        If one is not above 0, or their number is not n.
    """
    if weight is None:
        return np.ones(n)
    array = numbers(weight, "weight")
    same_length(weight=array, y=np.empty(n))
    if array.min() <= 0.0:
        raise fault(
            "权重须大于零",
            "weights must be above zero",
            "请剔除权重为零的行",
            "drop rows of zero weight",
        )
    return array


def normal_quantile(confidence: float) -> float:
    """Two-sided normal quantile.

    Parameters
    ----------
    confidence : float
        Confidence, in (0, 1).

    Returns
    -------
    float
        Quantile z [standard deviation].

    Examples
    --------
    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    return float(-special.ndtri(0.5 * (1.0 - confidence)))


def two_sided(z: float) -> float:
    """Two-sided p-value of a standard normal.

    Parameters
    ----------
    z : float
        Statistic [standard deviation].

    Returns
    -------
    float
        Probability [1], in [0, 1].

    Examples
    --------
    >>> round(two_sided(1.959964), 6)
    0.05
    """
    return float(2.0 * special.ndtr(-abs(z)))


def share_interval(count: float, n: float, confidence: float = 0.95) -> Interval:
    """Clopper-Pearson interval of a share: covers at least as often as it says.

    Parameters
    ----------
    count, n : float
        Successes and trials [1], 0 <= count <= n.
    confidence : float
        Confidence, in (0, 1).

    Returns
    -------
    Interval
        Ends in [0, 1]; NaN without trials.

    Notes
    -----
    Source: Clopper and Pearson (1934), Biometrika 26.

    Examples
    --------
    >>> found = share_interval(0, 10)
    >>> round(found.low, 4), round(found.high, 4)
    (0.0, 0.3085)
    """
    if n <= 0:
        return Interval(np.nan, np.nan, confidence, "Clopper-Pearson")
    tail = 0.5 * (1.0 - confidence)
    low = 0.0 if count <= 0 else float(special.betaincinv(count, n - count + 1.0, tail))
    high = 1.0 if count >= n else float(special.betainccinv(count + 1.0, n - count, tail))
    return Interval(low, high, confidence, "Clopper-Pearson")
