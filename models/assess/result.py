"""What an assessment finds: figures by name, and the content of the report's sections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.assess.words import named
from models.report.document import Check, Column, Content, Table
from riskengine.words import Text


@dataclass(frozen=True)
class Assessment:
    """An assessment of one model.

    Parameters
    ----------
    metrics : mapping of str to float
        Figures by name; the bar of promotion speaks of these.
    contents : mapping of str to Content
        Content of the report's sections by key.
    """

    metrics: Mapping[str, float]
    contents: Mapping[str, Content]


def checks(bar: Mapping[str, Any], metrics: Mapping[str, float]) -> tuple[Check, ...]:
    """Hold figures against the bar of promotion.

    Parameters
    ----------
    bar : mapping
        ``NAME_at_least`` or ``NAME_at_most`` to a number.
    metrics : mapping of str to float
        Figures by name.

    Returns
    -------
    tuple of Check
        One a condition, in the order of the bar; a figure that is missing, or a
        condition that is not understood, does not hold.
    """
    return tuple(_check(name, wanted, metrics) for name, wanted in bar.items())


def _check(name: str, wanted: Any, metrics: Mapping[str, float]) -> Check:
    for ending, sign in (("_at_least", 1.0), ("_at_most", -1.0)):
        if name.endswith(ending):
            figure = name.removesuffix(ending)
            found = float(metrics.get(figure, np.nan))
            holds = bool(sign * (found - float(wanted)) >= 0.0)
            symbol = "≥" if sign > 0.0 else "≤"
            told = "—" if np.isnan(found) else f"{found:.4g}"
            return Check(named(figure), f"{symbol} {float(wanted):g}", told, holds)
    return Check(Text(name, name), "…_at_least / …_at_most", "—", holds=False)


def table(
    zh: str, en: str, heads: Sequence[tuple[str, str, str]], rows: Sequence[Sequence[Any]],
    note: Text | None = None,
) -> Table:  # fmt: skip
    """Return a table from plain rows.

    Parameters
    ----------
    zh, en : str
        Title.
    heads : sequence of (zh, en, kind)
        Columns.
    rows : sequence of sequence
        Cells.
    note : Text or None
        What a reader must know.

    Returns
    -------
    Table
        The table.
    """
    columns = tuple(Column(Text(head[0], head[1]), head[2]) for head in heads)  # type: ignore[arg-type]
    return Table(Text(zh, en), columns, tuple(tuple(row) for row in rows), note)
