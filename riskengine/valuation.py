"""The whole path of one batch: methods → reconciled value → lending value → results."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskengine.collateral import LENDING_FIGURES, lending
from riskengine.kernels.marks import mark_rows
from riskengine.kernels.reconcile import reconcile_rows
from riskengine.market.quotes import LEVELS, Quotes, gather_parts
from riskengine.market.snapshot import SnapshotDay
from riskengine.methods import APPROACHES
from riskengine.methods.inputs import Codes, Inputs
from riskengine.methods.method import LOG_ERROR, VALUE, Approach
from riskengine.rules import Rules
from riskengine.table import Batch
from riskengine.words import Text

ROLES = {"none": 0, "mandatory": 1, "cross": 2, "check": 3, "addition": 4}
"""Roles of a method in the matrix, as the reconciliation numbers them."""

NORMAL_95, NORMAL_75 = 1.6448536269514722, 0.6744897501960817
"""Standard normal quantiles of the interval P5-P95 and of P25."""


class Flag(IntFlag):
    """What the reader of a value must know; several may hold."""

    NO_VALUE = 1
    MANDATORY_MISSING = 2
    DIVERGENT = 4
    WIDE = 8
    EXPIRED = 16
    WORTHLESS = 32
    STATED_HIGH = 64
    OLD_MARKET = 128
    NO_MARKET = 256
    TERM_UNKNOWN = 512


FLAG_WORDS: Mapping[Flag, Text] = {
    Flag.NO_VALUE: Text("无法估值", "no method could answer"),
    Flag.MANDATORY_MISSING: Text("必用方法缺少依据", "a mandatory method lacks its facts"),
    Flag.DIVERGENT: Text(
        "方法之间差异过大，取低值并请人工复核",
        "methods diverge: the lower value is used and a person must look",
    ),
    Flag.WIDE: Text(
        "估值区间过宽，请人工复核", "the interval is too wide to rely on: a person must look"
    ),
    Flag.EXPIRED: Text("权利已到期", "the right has run out"),
    Flag.WORTHLESS: Text("没有可抵押的价值", "nothing to lend on: what it earns is owed or lost"),
    Flag.STATED_HIGH: Text("申报价值明显高于估值", "the stated value is well above the engine's"),
    Flag.OLD_MARKET: Text("市场证据较旧", "the market evidence is old"),
    Flag.TERM_UNKNOWN: Text("期限不明", "the term is not known"),
    Flag.NO_MARKET: Text("没有市场证据，只凭申报资料", "no market evidence: only the facts given"),
}  # fmt: skip
"""Words for every flag."""

REFER = Flag.NO_VALUE | Flag.MANDATORY_MISSING | Flag.DIVERGENT | Flag.WIDE | Flag.STATED_HIGH
"""Flags that send a right to a person."""

RECONCILED_FIGURES = (
    "market_value_yuan", "log_error", "p05_yuan", "p25_yuan", "p95_yuan", "additions_yuan",
    "method_ratio", "lower_method_yuan", "prudent_value_yuan",
)  # fmt: skip
"""Figures in the order of `riskengine.kernels.reconcile.reconcile_rows`."""


UNANSWERED = 9
"""Row below them: mandatory methods without an answer."""

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Valuation:
    """The values of one batch of rights of one kind.

    Parameters
    ----------
    approach : Approach
        How they were valued.
    batch : Batch
        The rights.
    inputs : Inputs
        What was asked of market and rules.
    case : (n,) int64
        Row of the method matrix.
    methods : tuple of (3 + workings, n) float64
        Output of each method.
    asked : tuple of mapping
        Facts, quotes and rules that each method asked for; empty for a batch that was
        valued in parts, see `alone`.
    roles : (cases, m) int64
        Role of each method in each case, numbered as `ROLES`.
    weights : (m, n) float64
        Weight of each method.
    reconciled : (10, n) float64
        Figures named by `RECONCILED_FIGURES`, then `UNANSWERED`.
    lent : (6, n) float64
        Figures named by `LENDING_FIGURES`.
    term : (n,) float64
        Remaining term [year].
    quotes : Quotes
        Leading market quote.
    flags : (n,) int64
        Sums of `Flag`.
    """

    approach: Approach
    batch: Batch
    inputs: Inputs
    case: Codes
    methods: tuple[NDArray[np.float64], ...]
    asked: tuple[Mapping[str, Any], ...]
    roles: NDArray[np.int64]
    weights: NDArray[np.float64]
    reconciled: NDArray[np.float64]
    lent: NDArray[np.float64]
    term: NDArray[np.float64]
    quotes: Quotes
    flags: NDArray[np.int64]

    def alone(self, row: int) -> "Valuation":
        """Return the valuation of one right by itself: the same numbers, all that was asked.

        Parameters
        ----------
        row : int
            Position in the batch.

        Returns
        -------
        Valuation
            Of that right, in row 0.
        """
        if self.batch.size == 1:
            return self
        inputs = self.inputs
        one = self.batch.take(np.array([row], dtype=np.int64))
        return value(one, inputs.market, inputs.rules, inputs.learned, inputs.comparables)


def value(
    batch: Batch,
    market: SnapshotDay,
    rules: Rules,
    learned: Mapping[str, Any] | None = None,
    comparables: Any = None,
) -> Valuation:
    """Value one batch of rights of one kind.

    Parameters
    ----------
    batch : Batch
        Checked rights.
    market : SnapshotDay
        The market on the valuation date.
    rules : Rules
        The rules in force on that date.
    learned : mapping of str to object or None
        Released price models by table name.
    comparables : object or None
        Comparable deals, where the portfolio has them.

    Returns
    -------
    Valuation
        Values, intervals, lending values and everything that led to them.
    """
    approach = APPROACHES[batch.contract.table]
    inputs = Inputs(batch, market, rules, learned or {}, comparables)
    case = approach.case(inputs)
    roles = _roles(approach, rules)
    run = _Run(approach, roles, case)
    quotes = run.evaluate(inputs)
    policy = np.array([
        inputs.rule("reconcile.correlation"), inputs.rule("reconcile.divergence_ratio"),
        NORMAL_95, NORMAL_75,
    ])  # fmt: skip
    reconciled = np.empty((len(RECONCILED_FIGURES) + 1, batch.size))
    weights = np.empty((len(approach.methods), batch.size))
    reconcile_rows(run.figures, run.starts, roles, case, policy, reconciled, weights)
    term = approach.term(inputs)
    flags = _flags(inputs, reconciled, term, quotes)
    lent = lending(inputs, approach, case, reconciled)
    return Valuation(
        approach, batch, inputs, case, run.outputs(), run.asked, roles, weights, reconciled, lent,
        term, quotes, flags,
    )  # fmt: skip


def _roles(approach: Approach, rules: Rules) -> NDArray[np.int64]:
    """Role of every method in every case, (cases, m)."""
    rows = [rules.table(f"methods.{case}") for case in approach.cases]
    return np.array(
        [[ROLES[row.get(method.name, "none")] for method in approach.methods] for row in rows]
    )


SMALL = 1024
"""Rows up to which a batch is valued at one go: parting it costs more than it spares."""


class _Run:
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
        return self._leading(inputs, case, rows)

    def _leading(self, inputs: Inputs, case: int, rows: Rows | None) -> tuple[Quotes, Rows]:
        """The market quote that the rights of a case lean on, and their rows."""
        quotes = inputs.quotes_of(self.approach.leading[case])
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


FLAG_BITS = np.array(
    [
        Flag.NO_VALUE, Flag.MANDATORY_MISSING, Flag.DIVERGENT, Flag.WIDE, Flag.EXPIRED,
        Flag.WORTHLESS, Flag.STATED_HIGH, Flag.OLD_MARKET, Flag.NO_MARKET, Flag.TERM_UNKNOWN,
    ],
    dtype=np.int64,
)  # fmt: skip
"""Bits in the order of `riskengine.kernels.marks.mark_rows`."""


def _flags(
    inputs: Inputs, reconciled: NDArray[np.float64], term: NDArray[np.float64], quotes: Quotes
) -> NDArray[np.int64]:
    """Everything the reader must know, as sums of `Flag`."""
    policy = np.array([
        inputs.rule("reconcile.divergence_ratio"), inputs.rule("reconcile.wide_error"),
        inputs.rule("reconcile.stated_excess"), inputs.rule("reconcile.market_age"),
    ])  # fmt: skip
    market = np.stack([quotes.fields("level"), quotes.fields("age_years")])
    flags = np.empty(inputs.size, dtype=np.int64)
    stated = inputs.number("stated_value_yuan")
    mark_rows(reconciled, term, stated, market, quotes.index, policy, FLAG_BITS, flags)
    return flags


STATUSES = ("valued", "refer", "no_value")
"""What a right's status can be."""


def statuses(flags: NDArray[np.int64]) -> NDArray[np.int64]:
    """Status of every right from its flags, as positions in `STATUSES`.

    Parameters
    ----------
    flags : (n,) int64
        Sums of `Flag`.

    Returns
    -------
    (n,) int64
        0 valued, 1 to be looked at by a person, 2 without value.
    """
    refer = np.where(flags & int(REFER), 1, 0)
    return np.where(flags & int(Flag.NO_VALUE), 2, refer)


def results(valuation: Valuation) -> pa.RecordBatch:
    """Return a valuation as rows of the result table.

    Parameters
    ----------
    valuation : Valuation
        The values.

    Returns
    -------
    pyarrow.RecordBatch
        One row a right; the schema depends only on the kind of right.
    """
    batch, approach = valuation.batch, valuation.approach
    cases = tuple(dict.fromkeys(approach.cases))
    case = np.array([cases.index(name) for name in approach.cases])[valuation.case]
    previous = batch.columns["previous_value_yuan"]
    columns: dict[str, pa.Array] = {
        "right_id": batch.ids,
        "case": _coded(case, cases),
        "region_code": _coded(batch.region_index, batch.regions),
        "status": _coded(statuses(valuation.flags), STATUSES),
        "flags": pa.array(valuation.flags.astype(np.int32)),
        "remaining_term_years": pa.array(valuation.term),
    }
    for name, row in zip(RECONCILED_FIGURES, valuation.reconciled[:UNANSWERED], strict=True):
        columns[name] = pa.array(row)
    for name, row in zip(LENDING_FIGURES, valuation.lent, strict=True):
        columns[name] = pa.array(row)
    columns["previous_value_yuan"] = pa.array(previous)
    for k, method in enumerate(approach.methods):
        columns[f"{method.name}_value_yuan"] = pa.array(valuation.methods[k][VALUE])
        columns[f"{method.name}_log_error"] = pa.array(valuation.methods[k][LOG_ERROR])
        columns[f"{method.name}_weight"] = pa.array(valuation.weights[k])
    level = valuation.quotes.column("level").astype(np.int64)
    columns["market_level"] = _coded(level, LEVELS)
    columns["market_observations"] = pa.array(
        valuation.quotes.column("observations").astype(np.int32)
    )
    columns["market_age_years"] = pa.array(valuation.quotes.column("age_years"))
    columns["market_credibility"] = pa.array(valuation.quotes.column("credibility"))
    return pa.RecordBatch.from_pydict(columns)


def _coded(index: NDArray[np.int64], words: tuple[str, ...]) -> pa.DictionaryArray:
    """A column of words stored once each."""
    return pa.DictionaryArray.from_arrays(
        pa.array(index.astype(np.int32)), pa.array(words, pa.string())
    )
