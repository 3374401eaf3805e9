"""Layers of programmes held against the funds that they name and against one another."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import numpy as np

from riskengine.book.findings import Table, stated
from riskengine.book.tables import LAYERS, PARTIES
from riskengine.columns import Column
from riskengine.faults import FaultKind
from riskengine.gates.tapes import rows_of
from riskengine.words import Text

Row = Mapping[str, Any]
"""One layer: its cells by column, None where empty."""
UPPER_END = Text(
    "让各层首尾相接；限额填该层的上端", "let layers meet; the limit of a layer is its upper end"
)
SLACK = 1e-9
"""How far shares may add up to more than 1 by rounding [1]."""


class TermFault(NamedTuple):
    """What is wrong with one layer.

    Parameters
    ----------
    layer_id : str
        The layer.
    column : str
        Column at fault.
    wrong, cure : Text
        What is wrong, and what mends it.
    """

    layer_id: str
    column: str
    wrong: Text
    cure: Text


def check_layers(layers: Table, funds: Table | None) -> None:
    """Stop layers whose fund or terms are wrong, and with them the rest of their programme.

    Parameters
    ----------
    layers : Table
        The layers; what is found is noted in it.
    funds : Table or None
        The funds.
    """
    if funds is not None:
        _with_funds(layers, funds)
    position = {name: row for row, name in enumerate(layers.tape.batch.ids.to_pylist())}
    for programme in programmes(layers):
        for fault in term_faults(programme):
            marks = np.zeros(layers.tape.size, dtype=bool)
            marks[position[fault.layer_id]] = True
            layers.stop(marks, fault.column, FaultKind.LAYER_TERMS,
                        wrong=fault.wrong, cure=fault.cure)  # fmt: skip
    _whole_programmes(layers)


def _with_funds(layers: Table, funds: Table) -> None:
    """A layer that names a fund has that fund, and it is its party's."""
    named = layers.tape.text("fund_id")
    row = rows_of(named, funds.tape.batch.ids)
    layers.stop(stated(named) & (row < 0), "fund_id", FaultKind.UNKNOWN_FUND)
    owner = np.append(funds.code("party"), -1)[row]
    another = (row >= 0) & (owner != layers.code("party"))
    for code in np.unique(owner[another]).tolist():
        layers.stop(another & (owner == code), "fund_id", FaultKind.FUND_OF_ANOTHER,
                    owner=PARTIES[code].title)  # fmt: skip


def _whole_programmes(layers: Table) -> None:
    """A programme of which a layer was stopped, here or at the door, stops as a whole."""
    named = layers.tape.text("programme_id")
    index = named.dictionary_encode().indices.to_numpy()
    broken = np.bincount(index, layers.stopped)[index] > 0 if index.size else layers.stopped
    broken |= layers.lost_at_door("programme_id", named)
    layers.stop(broken & ~layers.stopped, "programme_id", FaultKind.BROKEN_PROGRAMME)


def programmes(layers: Table) -> Iterator[list[Row]]:
    """Group the layers by programme, in the order in which they pay.

    Parameters
    ----------
    layers : Table
        The layers.

    Yields
    ------
    list of mapping
        Layers of one programme: cells by column, words for codes, None where empty.
    """
    cells = {column.name: _cells(layers, column) for column in layers.contract.columns}
    names = cells["programme_id"]
    order = layers.number("order")
    ranked = sorted(range(layers.tape.size), key=lambda row: (names[row], order[row], row))
    for _, rows in groupby(ranked, key=lambda row: names[row]):
        yield [{name: column[row] for name, column in cells.items()} for row in rows]


def _cells(layers: Table, column: Column) -> list[Any]:
    """One column as plain cells."""
    if column is layers.contract.identifier:
        return list(layers.tape.batch.ids.to_pylist())
    if column.kind == "text":
        return [text or None for text in layers.tape.text(column.name).to_pylist()]
    if column.kind == "code":
        words = (*column.codes, None)
        return [words[code] for code in layers.code(column.name).tolist()]
    numbers = layers.number(column.name).tolist()
    return [None if np.isnan(number) else number for number in numbers]


def term_faults(rows: Sequence[Row]) -> Iterator[TermFault]:
    """Find what is wrong with the layers of one programme.

    Parameters
    ----------
    rows : sequence of mapping
        Layers of one programme, in order.

    Yields
    ------
    TermFault
        Faults.

    Examples
    --------
    >>> row = {"layer_id": "1", "kind": "quota_share", "party": "bank", "order": 1.0}
    >>> [fault.column for fault in term_faults([row])]
    ['share']
    """
    for row in rows:
        yield from _missing(row)
    for _, same in groupby(rows, key=lambda row: row["order"]):
        yield from (
            TermFault(row["layer_id"], "order",
                      Text("同一方案内顺序重复", "the order stands twice in the programme"),
                      Text("每层一个顺序", "give each layer its own"))
            for row in list(same)[1:]
        )  # fmt: skip
    by_kind = sorted(rows, key=lambda row: (row["kind"], row.get("cedes_from") or "bank"))
    for (kind, _), alike in groupby(
        by_kind, key=lambda row: (row["kind"], row.get("cedes_from") or "bank")
    ):
        if kind == "quota_share":
            yield from _sums(list(alike))
        elif kind == "excess":
            tower = list(alike)
            yield from (fault for unit in ("yuan", "rate") for fault in _tower(tower, unit))


NEEDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "quota_share": (("share",),), "rate_cap": (("share",), ("limit_rate", "limit_yuan")),
    "deductible": (("limit_rate", "limit_yuan"),), "stop_loss": (("attach_rate", "attach_yuan"),),
    "excess": (("attach_rate", "attach_yuan"),), "first_loss_fund": (("fund_id", "limit_yuan"),),
    "re_guarantee": (("share",),), "insurance": (("limit_yuan", "limit_rate"),),
}  # fmt: skip
"""Columns without which a kind of layer says nothing: one of each."""


def _missing(row: Row) -> Iterator[TermFault]:
    """Terms that a kind of layer cannot do without."""
    for names in NEEDS[row["kind"]]:
        if all(row.get(name) is None for name in names):
            titles = [LAYERS.by_name[name].title for name in names]
            zh, en = "或".join(t.zh for t in titles), " or ".join(t.en for t in titles)
            wrong = Text(f"这种分担方式缺少{zh}", f"this kind of layer lacks: {en}")
            yield TermFault(row["layer_id"], names[0], wrong, Text("请补填", "fill it in"))


def _sums(rows: Sequence[Row]) -> Iterator[TermFault]:
    """Shares of one loss are no more than all of it."""
    total = math.fsum(row.get("share") or 0.0 for row in rows)
    if total > 1.0 + SLACK:
        wrong = Text(
            f"同一损失的比例合计{total:g}，超过1",
            f"shares of one loss add up to {total:g}, more than 1",
        )
        cure = Text("请核对各方比例", "check the parties' shares")
        yield TermFault(rows[-1]["layer_id"], "share", wrong, cure)


def _tower(rows: Sequence[Row], unit: str) -> Iterator[TermFault]:
    """Excess layers meet: each starts where the one below ends; equal ones share."""
    attach, limit = f"attach_{unit}", f"limit_{unit}"
    spans: dict[tuple[float, float], str] = {}
    for row in rows:
        if (low := row.get(attach)) is not None:
            high = row.get(limit)
            spans.setdefault((low, math.inf if high is None else high), row["layer_id"])
    for (low, high), layer_id in spans.items():
        if high <= low:
            wrong = Text("该层止于起赔点或更低", "the layer ends where it starts, or below")
            yield TermFault(layer_id, limit, wrong, UPPER_END)
    for below, above in pairwise(sorted(spans)):
        if not math.isclose(below[1], above[0], rel_tol=1e-12):
            gap = below[1] < above[0]
            what = Text("有空档", "a gap") if gap else Text("重叠", "an overlap")
            wrong = Text(
                f"与下一层之间{what.zh}：{below[1]:g} 与 {above[0]:g}",
                f"{what.en} to the layer below: {below[1]:g} and {above[0]:g}",
            )
            yield TermFault(spans[above], attach, wrong, UPPER_END)
