"""Words for bins."""

from collections.abc import Sequence
from itertools import pairwise

from models.pd.checks import Floats
from riskengine.words import Text

MISSING = Text("缺失", "missing")


def shown(value: float) -> str:
    """A number as people write it.

    Parameters
    ----------
    value : float
        Number.

    Returns
    -------
    str
        Up to ten digits, thousands marked.

    Examples
    --------
    >>> shown(1250000.0), shown(0.35)
    ('1,250,000', '0.35')
    """
    return f"{value:,.10g}"


def number_labels(cuts: Floats, unit: str) -> tuple[Text, ...]:
    """Words for the intervals [a, b) that cuts make.

    Parameters
    ----------
    cuts : (k,) float64
        Where intervals begin, rising.
    unit : str
        Unit, or nothing.

    Returns
    -------
    tuple of Text
        k + 1 labels.

    Examples
    --------
    >>> import numpy as np
    >>> [label.en for label in number_labels(np.array([3.0, 7.0]), "year")]
    ['below 3 year', '3 to below 7 year', '7 year or more']
    """
    if not len(cuts):
        return (Text("任何值", "any value"),)
    after = f" {unit}" if unit else ""
    ends = [shown(float(cut)) for cut in cuts]
    middle = [
        Text(f"{a} 至 {b}{after}（不含）", f"{a} to below {b}{after}") for a, b in pairwise(ends)
    ]
    first = Text(f"低于 {ends[0]}{after}", f"below {ends[0]}{after}")
    return (first, *middle, Text(f"{ends[-1]}{after} 及以上", f"{ends[-1]}{after} or more"))


def code_label(codes: Sequence[str]) -> Text:
    """Words for a group of codes.

    Parameters
    ----------
    codes : sequence of str
        Codes of the group.

    Returns
    -------
    Text
        The label.
    """
    return Text("、".join(codes), ", ".join(codes))


def special_label(value: float) -> Text:
    """Words for a special value.

    Parameters
    ----------
    value : float
        The value.

    Returns
    -------
    Text
        The label.
    """
    return Text(f"等于 {shown(value)}", f"exactly {shown(value)}")
