"""What a learned model looks at, and how columns become the numbers that it was shown.

One home for the coding of features: the trainer, the engine and the drift report
turn columns into the same matrix, whose rows are features and whose NaN is missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.errors import ModelError
from riskengine.words import Text

Kind = Literal["number", "category"]


@dataclass(frozen=True)
class Feature:
    """One feature of a learned model.

    Parameters
    ----------
    name : str
        Column.
    kind : {"number", "category"}
        Measured or chosen from `codes`.
    unit : str
        Unit of a number, such as ``yuan`` or ``mu``; ``""`` for a category.
    direction : {-1, 0, 1}
        1 when what is predicted (PD, LGD or price) rises with the feature, -1 when
        it falls, 0 when free.  A category has 0.
    codes : tuple of str
        Admissible codes of a category, in order; their places are their numbers.
    low, high : float
        Admissible range of a number, both ends inside.
    title : Text or None
        Words for it; the name where there are none.
    code_titles : tuple of Text
        Words for the codes, in their order; empty where the codes speak for themselves.
    actionable : bool
        Whether a borrower can change it: only then is it named as a cure.
    """

    name: str
    kind: Kind = "number"
    unit: str = ""
    direction: int = 0
    codes: tuple[str, ...] = ()
    low: float = -np.inf
    high: float = np.inf
    title: Text | None = None
    actionable: bool = False
    code_titles: tuple[Text, ...] = ()

    @property
    def words(self) -> Text:
        """Title, or the name where none was given."""
        return self.title or Text(self.name, self.name)

    @cached_property
    def places(self) -> Mapping[str, float]:
        """Codes of a category as the numbers that stand for them."""
        return {code: float(place) for place, code in enumerate(self.codes)}

    @cached_property
    def said(self) -> dict[tuple[float | str, bool], Text]:
        """Values said in words before, which come again; see `riskengine.learned.reasons.shown`."""
        return {}


def encode(
    columns: Mapping[str, ArrayLike], features: Sequence[Feature]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Turn columns into the matrix that a model scores.

    Parameters
    ----------
    columns : mapping of str to (n,) array
        Numbers, or codes as strings with ``None`` or ``""`` for missing.
    features : sequence of Feature
        What to take, in order.

    Returns
    -------
    tuple of array
        (features, n) float64 with NaN for missing, and (features,) int64: how many
        codes of each feature were never declared; they count as missing.

    Raises
    ------
    ModelError
        If a column is missing, is not of one length, or a number is infinite.
    """
    lacking = [feature.name for feature in features if feature.name not in columns]
    if lacking:
        raise ModelError(
            Text(f"缺少列 {'、'.join(lacking)}", f"columns {', '.join(lacking)} are missing"),
            Text("请补上模型要用的列", "add the columns that the model looks at"),
        )
    rows, unseen = [], []
    for feature in features:
        row, unknown = encode_one(columns[feature.name], feature)
        rows.append(row)
        unseen.append(unknown)
    if any(row.ndim != 1 for row in rows) or len({row.size for row in rows}) > 1:
        raise ModelError(
            Text("各列行数不同", "the columns are not of one length"),
            Text("每列行数须一致", "give every column the same rows"),
        )
    return np.ascontiguousarray(np.array(rows, dtype=np.float64)), np.array(unseen, dtype=np.int64)


def encode_one(column: ArrayLike, feature: Feature) -> tuple[NDArray[np.float64], int]:
    """Turn one column into the numbers of a feature.

    Parameters
    ----------
    column : (n,) array
        Numbers or codes.
    feature : Feature
        What it is.

    Returns
    -------
    tuple
        (n,) float64 with NaN for missing, and the number of codes never declared.

    Raises
    ------
    ModelError
        If a number is not a number or is infinite.
    """
    if feature.kind == "category":
        return _coded(np.asarray(column, dtype=object), feature.places)
    try:
        given = np.asarray(column)
        if given.dtype.kind in "mMc":
            raise TypeError(str(given.dtype))
        numbers = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as fault:
        raise ModelError(
            Text(f"列 {feature.name} 含有非数字", f"column {feature.name} holds what is no number"),
            Text("只填数字，单位见配置", "give numbers only, in the unit of the configuration"),
        ) from fault
    if np.isinf(numbers).any():
        raise ModelError(
            Text(
                f"列 {feature.name} 含有无穷大", f"column {feature.name} holds an infinite number"
            ),
            Text("请改为真实数值或留空", "give the true figure or leave it empty"),
        )
    return numbers, 0


def _coded(column: NDArray[Any], places: Mapping[str, float]) -> tuple[NDArray[np.float64], int]:
    out = np.full(column.shape, np.nan)
    unseen = 0
    for i, cell in enumerate(column):
        known = places.get(cell) if isinstance(cell, str) else None
        if known is not None:
            out[i] = known
        elif not (cell is None or cell == "" or (isinstance(cell, float) and np.isnan(cell))):
            unseen += 1
    return out, unseen


def described(feature: Feature) -> dict[str, Any]:
    """Return a feature as a manifest holds it.

    Parameters
    ----------
    feature : Feature
        The feature.

    Returns
    -------
    dict
        Plain values; `restored` gives the feature back.
    """
    return {
        "name": feature.name, "kind": feature.kind, "unit": feature.unit,
        "direction": feature.direction, "codes": list(feature.codes),
        "low": None if np.isinf(feature.low) else feature.low,
        "high": None if np.isinf(feature.high) else feature.high,
        "zh": feature.words.zh, "en": feature.words.en, "actionable": feature.actionable,
        "code_titles": [[title.zh, title.en] for title in feature.code_titles],
    }  # fmt: skip


def restored(content: Mapping[str, Any]) -> Feature:
    """Return the feature that a manifest holds.

    Parameters
    ----------
    content : mapping
        As `described` gives it.

    Returns
    -------
    Feature
        The feature.

    Raises
    ------
    KeyError
        If a value is missing.
    ValueError
        If a value is of another kind than `described` gives.
    """
    titles = tuple(Text(zh, en) for zh, en in content["code_titles"])
    words = (
        content["name"], content["unit"], content["zh"], content["en"], *content["codes"],
        *(word for title in titles for word in (title.zh, title.en)),
    )  # fmt: skip
    ends = [content[end] for end in ("low", "high") if content[end] is not None]
    numbers = [isinstance(end, int | float) and not isinstance(end, bool) for end in ends]
    if not (
        all(isinstance(word, str) for word in words) and isinstance(content["codes"], list)
        and content["kind"] in ("number", "category") and all(numbers)
        and content["direction"] in (-1, 0, 1) and isinstance(content["actionable"], bool)
        and len(titles) in (0, len(content["codes"]))
    ):  # fmt: skip
        raise ValueError(f"feature {content['name']!r} is not described as a feature is")
    return Feature(
        content["name"], content["kind"], content["unit"], content["direction"],
        tuple(content["codes"]),
        -np.inf if content["low"] is None else float(content["low"]),
        np.inf if content["high"] is None else float(content["high"]),
        Text(content["zh"], content["en"]), content["actionable"], titles,
    )  # fmt: skip


def rounded(value: float) -> float:
    """Return a number as it is told: what the borrower reads is what was tried.

    Parameters
    ----------
    value : float
        Number, finite.

    Returns
    -------
    float
        Six significant digits.

    Examples
    --------
    >>> rounded(1234567.8), rounded(0.00012345678)
    (1234570.0, 0.000123457)
    """
    return float(f"{value:.6g}")
