"""Small arithmetic on columns, as a configuration writes it: ``a / b``, ``log(x)``.

Only names of columns, numbers, text, operators, comparisons and the functions below
are understood, so that a configuration can never run code.
"""

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.days import days_of
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


class _Unfit(TypeError):
    """Values of another kind than asked for; its words repeat none of them."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


def _number(values: Any) -> Any:
    """Numbers as float64: whole numbers do not wrap, and text is never multiplied."""
    if not isinstance(values, pd.Series):
        if isinstance(values, str):
            raise _Unfit(Text("把文字当作数字", "takes text for a number"))
        return np.asarray(values, dtype=np.float64) if np.ndim(values) else float(values)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        raise _Unfit(Text("把日期当作数字", "takes a day for a number"))
    if pd.api.types.is_string_dtype(values.dtype) and not _plain_numbers(values):
        raise _Unfit(Text("把文字当作数字", "takes text for a number"))
    return pd.to_numeric(values).astype(np.float64)


def _plain_numbers(values: "pd.Series[Any]") -> bool:
    """Whether a column of objects holds numbers, such as decimals of a database."""
    return values.dtype == object and not values.map(lambda cell: isinstance(cell, str)).any()


def _days(values: Any) -> Any:
    column = pd.Series(values)
    days = days_of(column)
    if (days.isna() & column.notna()).any():
        raise _Unfit(Text("有不是日期的内容", "meets what is no day"))
    return days.dt


def _prefix(codes: Any, length: Any) -> "pd.Series[Any]":
    return pd.Series(codes).astype("string").str.slice(0, int(length))


def _on_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: function(*(_number(one) for one in values))


FUNCTIONS: Mapping[str, tuple[int, Callable[..., Any]]] = {
    "log": (1, _on_numbers(np.log)), "log1p": (1, _on_numbers(np.log1p)),
    "exp": (1, _on_numbers(np.exp)), "sqrt": (1, _on_numbers(np.sqrt)),
    "abs": (1, _on_numbers(np.abs)), "min": (2, _on_numbers(np.minimum)),
    "max": (2, _on_numbers(np.maximum)), "year": (1, lambda days: _days(days).year),
    "month": (1, lambda days: _days(days).month), "prefix": (2, _prefix),
    "missing": (1, pd.isna), "where": (3, lambda yes, a, b: np.where(_truth(yes), a, b)),
}  # fmt: skip
"""Functions that a configuration may call, each with how many values it takes."""

KNOWN = (
    ast.Expression, ast.Constant, ast.Name, ast.Load, ast.BinOp, ast.operator, ast.UnaryOp,
    ast.USub, ast.Not, ast.Compare, ast.cmpop, ast.BoolOp, ast.boolop, ast.Call,
)  # fmt: skip
"""Syntax that an expression may hold."""

MOST_NODES = 200
"""Longest expression that is read [syntax nodes]."""

MOST_LETTERS = 2000
"""Longest text that is read as an expression [character]."""


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
    tree = _parsed(text)
    try:
        with np.errstate(all="ignore"):
            return _value(tree.body, frame, text)
    except _Unfit as fault:
        raise _refused(text, fault.why) from fault
    except (TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError) as fault:
        # The fault itself may repeat a cell, and cells may be personal.
        name = type(fault).__name__
        told = Text(
            f"无法在这些列上计算（{name}）", f"cannot be computed on these columns ({name})"
        )
        raise _refused(text, told) from fault


def holds(text: str, frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return the rows for which a condition holds.

    Parameters
    ----------
    text : str
        Such as ``"kind == 'term' and not pilot"``.
    frame : pandas.DataFrame
        Columns.

    Returns
    -------
    (n,) bool
        True where it holds; where it is not known it does not.

    Raises
    ------
    ModelError
        If the expression is not understood or is no condition.

    Examples
    --------
    >>> holds("a > 1", pd.DataFrame({"a": [1.0, 2.0, None]})).tolist()
    [False, True, False]
    """
    found = evaluate(text, frame)
    try:
        return np.array(np.broadcast_to(_truth(found), (len(frame),)))
    except (TypeError, ValueError) as fault:
        raise _refused(text, Text("不是条件", "is no condition")) from fault


def names_of(text: str) -> frozenset[str]:
    """Return the columns that an expression names.

    Parameters
    ----------
    text : str
        Expression.

    Returns
    -------
    frozenset of str
        Names, those of functions not among them.

    Raises
    ------
    ModelError
        If it cannot be read.

    Examples
    --------
    >>> sorted(names_of("log(a) / b"))
    ['a', 'b']
    """
    nodes = list(ast.walk(_parsed(text)))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    return frozenset(n.id for n in nodes if isinstance(n, ast.Name) and id(n) not in called)


def sources_of(names: Iterable[str], derived: Mapping[str, str]) -> frozenset[str]:
    """Return columns and all that they are derived from.

    Parameters
    ----------
    names : iterable of str
        Columns.
    derived : mapping of str to str
        Column to the expression that makes it.

    Returns
    -------
    frozenset of str
        The columns, and those that their expressions name, however far back.

    Raises
    ------
    ModelError
        If an expression cannot be read.

    Examples
    --------
    >>> sorted(sources_of(["c"], {"b": "a + 1", "c": "b / d"}))
    ['a', 'b', 'c', 'd']
    """
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += names_of(derived[name]) if name in derived else ()
    return frozenset(found)


def _parsed(text: str) -> ast.Expression:
    if len(text) > MOST_LETTERS:
        raise _refused(text, Text("太长", "is too long"))
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        raise _refused(text, Text("无法读懂", "cannot be read")) from fault
    nodes = list(ast.walk(tree))
    if len(nodes) > MOST_NODES:
        raise _refused(text, Text("太长", "is too long"))
    strange = next((type(node).__name__ for node in nodes if not isinstance(node, KNOWN)), None)
    if strange is not None:
        told = Text(f"不支持 {strange}", f"holds {strange}, which is not understood")
        raise _refused(text, told)
    return tree


def _value(node: ast.expr, frame: pd.DataFrame, text: str) -> Any:  # noqa: PLR0911  one a kind
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str):
        return node.value if isinstance(node.value, str) else float(node.value)
    if isinstance(node, ast.Name):
        if node.id not in frame.columns:
            raise _refused(text, Text(f"没有列 {node.id}", f"names {node.id}, which is no column"))
        return frame[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        left, right = _value(node.left, frame, text), _value(node.right, frame, text)
        return BINARY[type(node.op)](_number(left), _number(right))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        inner = _value(node.operand, frame, text)
        return -_number(inner) if isinstance(node.op, ast.USub) else ~_truth(inner)
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
            known = ", ".join(sorted(FUNCTIONS))
            told = Text(
                f"没有函数 {node.func.id}，可用：{known}", f"calls {node.func.id}; known: {known}"
            )
            raise _refused(text, told)
        takes, function = FUNCTIONS[node.func.id]
        if len(node.args) != takes:
            name, given = node.func.id, len(node.args)
            told = Text(f"{name} 要 {takes} 个值，给了 {given} 个",
                        f"gives {name} {given} values, it takes {takes}")  # fmt: skip
            raise _refused(text, told)
        return function(*(_value(one, frame, text) for one in node.args))
    what = type(node).__name__
    raise _refused(text, Text(f"不支持 {what}", f"holds {what}, which is not understood"))


def _truth(values: Any) -> Any:
    """Yes or no; unknown is no."""
    if isinstance(values, pd.Series):
        kinds = pd.api.types
        if kinds.is_numeric_dtype(values.dtype) and not kinds.is_bool_dtype(values.dtype):
            values = values.fillna(0) != 0
        return values.astype("boolean").fillna(False).astype(bool)
    known = np.asarray(values)
    if known.dtype.kind not in "bif":
        raise _Unfit(Text("不是条件", "is no condition"))
    return np.where(np.isnan(known), False, known != 0)


def _refused(text: str, why: Text) -> ModelError:
    short = text if len(text) <= 60 else f"{text[:60]}…"
    return ModelError(
        Text(f"表达式 {short!r} {why.zh}", f"the expression {short!r} {why.en}"),
        Text(
            "只用列名、数字、四则运算、比较和所列函数",
            "use names of columns, numbers, arithmetic, comparisons and the listed functions",
        ),
    )
