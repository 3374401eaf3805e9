"""All methods of one kind of right, run over a batch."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.market.quotes import NO_QUOTE, Quotes, gather_parts
from riskengine.methods.inputs import Codes, Inputs
from riskengine.methods.method import Approach
from riskengine.rules import Rules

Rows = NDArray[np.int64]

ROLES = {"none": 0, "mandatory": 1, "cross": 2, "check": 3, "addition": 4}
"""Roles of a method in the matrix, as the reconciliation numbers them."""

SMALL = 1024
"""Rows up to which a batch is valued at one go: parting it costs more than it spares."""


class Run:
    """One evaluation of all methods of a batch, at one go or case by case.

    Cases of a right that share few methods are valued in parts, so that no method
    gathers what only other cases need.  Rows do not know each other: both ways give
    the same bits.
    """

    def __init__(self, approach: Approach, roles: NDArray[np.int64], case: Codes) -> None:
        """Lay out one room for the outputs of all methods, one below the other."""
        self.approach, self.roles, self.case = approach, roles, case
        heights = [3 + len(method.workings) for method in approach.methods]
        self._tops = np.cumsum([0, *heights])
        self.figures = np.empty((int(self._tops[-1]), case.size))
        self.starts = np.full(len(heights), -1, dtype=np.int64)
        self.asked: tuple[Mapping[str, Any], ...] = ()

    def evaluate(self, inputs: Inputs) -> Quotes:
        """Fill the outputs; return the leading market quote of every right."""
        counts = np.bincount(self.case, minlength=len(self.approach.cases))
        present = np.flatnonzero(counts)
        wanted = self.roles > 0
        whole = self.case.size * int(wanted[present].any(axis=0).sum())
        apart = int((counts * wanted.sum(axis=1)).sum())
        if present.size > 1 and self.case.size > SMALL and apart < 0.75 * whole:
            quotes = [self._part(inputs, case) for case in present.tolist()]
        else:
            self.asked = self._whole(inputs)
            quotes = [self._leading(inputs, case, None) for case in present.tolist()]
        return quotes[0][0] if len(quotes) == 1 else gather_parts(quotes, self.case.size)

    def _whole(self, inputs: Inputs) -> tuple[Mapping[str, Any], ...]:
        """Value all rights at one go, noting what each method asks for."""
        notes: list[Mapping[str, Any]] = []
        for k, method in enumerate(self.approach.methods):
            inputs.asked = {}
            if method.run(inputs, self.roles[self.case, k] > 0, self._room(k)):
                self.starts[k] = self._tops[k]
            notes.append(inputs.asked)
        inputs.asked = {}
        return tuple(notes)

    def _part(self, whole: Inputs, case: int) -> tuple[Quotes, Rows]:
        """Value the rights of one case."""
        rows = np.flatnonzero(self.case == case)
        inputs = whole.part(rows)
        every = np.ones(rows.size, dtype=bool)
        for k, method in enumerate(self.approach.methods):
            room = np.empty((int(self._tops[k + 1] - self._tops[k]), rows.size))
            if self.roles[case, k] and method.run(inputs, every, room):
                if self.starts[k] < 0:
                    self.starts[k] = self._tops[k]
                    self._room(k).fill(np.nan)
                for line, part in zip(self._room(k), room, strict=True):
                    line[rows] = part
        whole.contradicted[rows] |= inputs.contradicted
        return self._leading(inputs, case, rows)

    def _leading(self, inputs: Inputs, case: int, rows: Rows | None) -> tuple[Quotes, Rows]:
        """The market quote that the rights of a case lean on, and their rows."""
        quotes = inputs.quotes_of(self.approach.leading[case])
        if not self.roles[case].any():  # nobody asked for it: what others asked is not its own
            quotes = Quotes((NO_QUOTE,), np.zeros(inputs.size, dtype=np.int64))
        if rows is None:
            rows = np.flatnonzero(self.case == case)
            if rows.size < self.case.size:
                quotes = Quotes(quotes.table, quotes.index[rows])
        return quotes, rows

    def _room(self, k: int) -> NDArray[np.float64]:
        """Room for the output of one method."""
        return self.figures[self._tops[k] : self._tops[k + 1]]

    def outputs(self) -> tuple[NDArray[np.float64], ...]:
        """Output of every method; NaN for one that had nothing to say."""
        shown = []
        for k, start in enumerate(self.starts.tolist()):
            room = self._room(k)
            shown.append(room if start >= 0 else np.broadcast_to(np.nan, room.shape))
        return tuple(shown)


def roles_of(approach: Approach, rules: Rules) -> NDArray[np.int64]:
    """Role of every method in every case, (cases, m)."""
    return _roles(approach.cases, tuple(method.name for method in approach.methods), rules)


@lru_cache(maxsize=64)
def _roles(cases: tuple[str, ...], methods: tuple[str, ...], rules: Rules) -> NDArray[np.int64]:
    """Role of every method in every case, worked out once for the same rules."""
    rows = [rules.table(f"methods.{case}") for case in cases]
    return np.array([[ROLES[row.get(name, "none")] for name in methods] for row in rows])
