"""Small arithmetic on columns, as a configuration writes it: ``a / b``, ``log(x)``.

Only names of columns, numbers, text, operators, comparisons and the functions below
are understood, so that a configuration can never run code.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from riskengine.errors import ModelError
from riskengine.words import Text

_Two = Callable[[Any, Any], Any]

BINARY: Mapping[type, _Two] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}  # fmt: skip
COMPARE: Mapping[type, _Two] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "log": np.log, "log1p": np.log1p, "exp": np.exp, "sqrt": np.sqrt, "abs": np.abs,
    "min": np.minimum, "max": np.maximum, "year": lambda days: pd.to_datetime(days).dt.year,
    "month": lambda days: pd.to_datetime(days).dt.month,
    "prefix": lambda codes, length: pd.Series(codes).astype("string").str.slice(0, int(length)),
    "missing": pd.isna, "where": np.where,
}  # fmt: skip
"""Functions that a configuration may call."""

MOST_NODES = 200
"""Longest expression that is read [syntax nodes]."""


def evaluate(text: str, frame: pd.DataFrame) -> Any:
    """Compute an expression on the columns of a frame.

    Parameters
    ----------
    text : str
        Such as ``"guaranteed_yuan / amount_yuan"`` or ``"kind == 'term' and not pilot"``.
    frame : pandas.DataFrame
        Columns.

    Returns
    -------
    (n,) array or scalar
        The result; division by zero gives infinity or NaN.

    Raises
    ------
    ModelError
        If the expression is not understood, or names a column that is not there.

    Examples
    --------
    >>> evaluate("a / b + 1", pd.DataFrame({"a": [1.0, 4.0], "b": [2.0, 2.0]})).tolist()
    [1.5, 3.0]
    """
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError) as fault:
        raise _refused(text, "cannot be read") from fault
    if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
        raise _refused(text, "is too long")
    try:
        with np.errstate(all="ignore"):
            return _value(tree.body, frame, text)
    except (TypeError, ValueError, AttributeError, ArithmeticError) as fault:
        raise _refused(text, f"cannot be computed on these columns ({fault})") from fault


def _value(node: ast.expr, frame: pd.DataFrame, text: str) -> Any:  # noqa: PLR0911  one a kind
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str):
        return node.value if isinstance(node.value, str) else float(node.value)
    if isinstance(node, ast.Name):
        if node.id not in frame.columns:
            raise _refused(text, f"names {node.id}, which is no column")
        return frame[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        left, right = _value(node.left, frame, text), _value(node.right, frame, text)
        return BINARY[type(node.op)](left, right)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        inner = _value(node.operand, frame, text)
        return -inner if isinstance(node.op, ast.USub) else ~_truth(inner)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARE:
        left, right = _value(node.left, frame, text), _value(node.comparators[0], frame, text)
        return COMPARE[type(node.ops[0])](left, right)
    if isinstance(node, ast.BoolOp):
        parts = [_truth(_value(part, frame, text)) for part in node.values]
        joined = parts[0]
        for part in parts[1:]:
            joined = joined & part if isinstance(node.op, ast.And) else joined | part
        return joined
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        if node.func.id not in FUNCTIONS:
            raise _refused(text, f"calls {node.func.id}; known: {', '.join(sorted(FUNCTIONS))}")
        return FUNCTIONS[node.func.id](*(_value(one, frame, text) for one in node.args))
    raise _refused(text, f"holds {type(node).__name__}, which is not understood")


def _truth(values: Any) -> Any:
    """Yes or no; unknown is no."""
    if isinstance(values, pd.Series):
        return values.astype("boolean").fillna(False).astype(bool)
    return np.asarray(values, dtype=bool)


def _refused(text: str, why: str) -> ModelError:
    return ModelError(
        Text(f"表达式 {text!r} 无法计算（{why}）", f"the expression {text!r} {why}"),
        Text(
            "只用列名、数字、四则运算、比较和所列函数",
            "use names of columns, numbers, arithmetic, comparisons and the listed functions",
        ),
    )
