"""What every fit of a default model asks of its input, refused in words."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.errors import ModelError
from riskengine.words import Text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def refused(wrong: Text, cure: Text) -> ModelError:
    """Return the error that a fit raises.

    Parameters
    ----------
    wrong, cure : Text
        What is wrong and where; what the reader can do.

    Returns
    -------
    ModelError
        To be raised.
    """
    return ModelError(wrong, cure)


def outcomes(y: ArrayLike, weight: ArrayLike | None) -> tuple[Floats, Floats]:
    """Outcomes and weights as float64, both classes there.

    Parameters
    ----------
    y : (n,) array
        1 bad, 0 good.
    weight : (n,) array or None
        Weights, > 0; None is 1 each.

    Returns
    -------
    tuple of array
        (n,) float64 each.

    Raises
    ------
    ModelError
        If an outcome is neither 0 nor 1, one class is missing, or a weight is not
        finite and positive, or the lengths differ.
    """
    bad = np.asarray(y, dtype=np.float64)
    if bad.ndim != 1 or not np.isin(bad, (0.0, 1.0)).all():
        raise refused(
            Text("结果只能是 0（好）或 1（违约）", "outcomes must be 0 (good) or 1 (bad)"),
            Text("去掉未到期或未知的行", "leave out rows whose outcome is not known yet"),
        )
    weights = weights_of(weight, bad.size)
    if bad.size == 0 or bad.min() == bad.max():
        raise refused(
            Text("样本只有一类结果", "the sample holds one class of outcome only"),
            Text("放宽时间窗口，或用低违约方法", "widen the window, or use the low-default bounds"),
        )
    return bad, weights


def weights_of(weight: ArrayLike | None, n: int) -> Floats:
    """Weights as float64.

    Parameters
    ----------
    weight : (n,) array or None
        Weights, > 0; None is 1 each.
    n : int
        Rows.

    Returns
    -------
    (n,) float64
        Weights.

    Raises
    ------
    ModelError
        If a weight is not finite and positive, or there are not n of them.
    """
    if weight is None:
        return np.ones(n)
    weights = np.asarray(weight, dtype=np.float64)
    if weights.shape != (n,) or not (np.isfinite(weights) & (weights > 0.0)).all():
        raise refused(
            Text("权重须为正的有限数，每行一个", "weights must be finite and above 0, one a row"),
            Text("检查权重列", "check the column of weights"),
        )
    return weights


def finite(values: ArrayLike, name: str, n: int | None = None) -> Floats:
    """A vector of finite numbers.

    Parameters
    ----------
    values : (n,) array
        Numbers.
    name : str
        What they are, for the message.
    n : int or None
        Length asked for.

    Returns
    -------
    (n,) float64
        The numbers.

    Raises
    ------
    ModelError
        If one is not finite, or the length is another.
    """
    vector = np.asarray(values, dtype=np.float64)
    if vector.ndim != 1 or not np.isfinite(vector).all() or n not in (None, vector.size):
        raise refused(
            Text(
                f"{name} 含有空值或非有限数，或长度不符", f"{name} is not finite or of one length"
            ),
            Text("去掉或补全这些行", "complete these rows or leave them out"),
        )
    return vector


def probabilities(values: ArrayLike, name: str) -> Floats:
    """A vector of probabilities strictly between 0 and 1.

    Parameters
    ----------
    values : (n,) array
        Probabilities.
    name : str
        What they are, for the message.

    Returns
    -------
    (n,) float64
        In (0, 1).

    Raises
    ------
    ModelError
        If one lies outside.
    """
    vector = finite(np.atleast_1d(np.asarray(values, dtype=np.float64)), name)
    if not ((vector > 0.0) & (vector < 1.0)).all():
        raise refused(
            Text(f"{name} 须严格介于 0 与 1 之间", f"{name} must lie strictly between 0 and 1"),
            Text("比率用小数表示，0.03 即 3%", "give fractions: 0.03 is 3 %"),
        )
    return vector


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
        raise refused(
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
