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
from riskengine.market.quotes import LEVELS, Quotes
from riskengine.market.snapshot import SnapshotDay
from riskengine.methods import APPROACHES
from riskengine.methods.inputs import Codes, Inputs
from riskengine.methods.method import LOG_ERROR, VALUE, Approach
from riskengine.methods.reconcile import RECONCILED_FIGURES, UNANSWERED, reconcile
from riskengine.methods.run import Run, roles_of
from riskengine.rules import Rules
from riskengine.table import Batch
from riskengine.words import Text


class Flag(IntFlag):
    """What the reader of a value must know; several may hold.

    The bits are those of `riskengine.kernels.marks.mark_rows`.
    """

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
    CONTRADICTED = 1024


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
    Flag.CONTRADICTED: Text(
        "申报的价格依据与市场行情矛盾，请人工核实",
        "evidence given for the right contradicts the market: a person must look",
    ),
    Flag.NO_MARKET: Text("没有市场证据，只凭申报资料", "no market evidence: only the facts given"),
}  # fmt: skip
"""Words for every flag."""

REFER = (
    Flag.NO_VALUE
    | Flag.MANDATORY_MISSING
    | Flag.DIVERGENT
    | Flag.WIDE
    | Flag.STATED_HIGH
    | Flag.CONTRADICTED
)
"""Flags that send a right to a person."""


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
    roles = roles_of(approach, rules)
    run = Run(approach, roles, case)
    quotes = run.evaluate(inputs)
    reconciled, weights = reconcile(inputs, run)
    term = approach.term(inputs)
    flags = _flags(inputs, reconciled, term, quotes)
    lent = lending(inputs, approach, case, reconciled)
    return Valuation(
        approach, batch, inputs, case, run.outputs(), run.asked, roles, weights, reconciled, lent,
        term, quotes, flags,
    )  # fmt: skip


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
    mark_rows(reconciled, term, stated, inputs.contradicted, market, quotes.index, policy, flags)
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
