"""Layers of programmes held against the funds that they name and against one another."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import numpy as np

from riskengine.book.findings import Table, stated
from riskengine.book.tables import PARTIES
from riskengine.faults import FaultKind
from riskengine.gates.tapes import plain_rows, rows_of
from riskengine.guarantee.programme import programme_from_rows

Row = Mapping[str, Any]
"""One layer: its cells by column, None where empty."""


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
    for rows in programme_rows(layers):
        _, faults = programme_from_rows(rows)
        for fault in faults:
            marks = np.zeros(layers.tape.size, dtype=bool)
            marks[position[fault.layer_id]] = True
            at = fault.column if fault.column in layers.contract.by_name else "kind"
            layers.stop(marks, at, FaultKind.LAYER_TERMS, wrong=fault.wrong, cure=fault.cure)
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
    broken = broken | layers.lost_at_door("programme_id", named)
    layers.stop(broken & ~layers.stopped, "programme_id", FaultKind.BROKEN_PROGRAMME)


def programme_rows(layers: Table) -> Iterator[list[Row]]:
    """Group the layers by programme, in the order in which they pay.

    Parameters
    ----------
    layers : Table
        The layers.

    Yields
    ------
    list of mapping
        Layers of one programme as `programme_from_rows` takes them: cells by column,
        words for codes, None where empty.
    """
    rows = plain_rows(layers.tape)
    ranked = sorted(range(len(rows)), key=lambda k: (rows[k]["programme_id"], rows[k]["order"], k))
    for _, members in groupby(ranked, key=lambda k: rows[k]["programme_id"]):
        yield [rows[k] for k in members]
