"""What falls due in a book, by the money at risk: values, papers, terms, insurance, time limits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from riskengine.gates.secured import Column
from riskengine.gates.tables import INSPECTION_WORDS, UNTIL, inspected
from riskengine.gates.tapes import Rows
from riskengine.pledging.assess import Assessed
from riskengine.rights import RIGHTS
from riskengine.rules.facts import INSPECTIONS, declared_facts
from riskengine.words import Text

YEAR, MONTH = 365.25, 365.25 / 12.0
"""Mean year and month [day]."""
ENDS: Mapping[str, tuple[str, ...]] = {
    "land": ("lease_end", "contract_end"), "homestead": ("term_end",), "forest": ("term_end",),
    "construction": ("term_end",), "equity": ("share_end",),
    "ecology": ("crediting_end", "income_end", "contract_end"),
}  # fmt: skip
"""Columns of each kind of right in which its end may stand."""

SCHEMA = pa.schema([
    ("pledge_id", pa.string()), ("right_kind", pa.string()), ("right_id", pa.string()),
    ("loan_id", pa.string()), ("what", pa.string()), ("title_zh", pa.string()),
    ("title_en", pa.string()), ("due_on", pa.date32()), ("days_left", pa.int32()),
    ("money_at_risk_yuan", pa.float64()),
])  # fmt: skip
"""Columns of the list."""


@dataclass(frozen=True, slots=True)
class Due:
    """One kind of thing that falls due.

    Parameters
    ----------
    what : str
        Short name.
    title : Text
        What people read.
    day : (n,) float64
        Day on which it falls due for each pledge, days since 1970-01-01; NaN for none.
    """

    what: str
    title: Text
    day: Column


def due(found: Assessed, policy_ends: Column) -> Iterator[Due]:
    """List everything that can fall due on some pledges.

    Parameters
    ----------
    found : Assessed
        The pledges.
    policy_ends : (n,) float64
        Day on which the first policy on each right ends [day]; NaN for none.

    Yields
    ------
    Due
        One kind of thing for all pledges.
    """
    of, rules = found.of, found.of.rules
    life = rules.number("gates.appraisal_months") * MONTH
    yield Due(
        "revaluation",
        Text("评估到期，应重估", "the appraisal runs out: revalue"),
        of.pledge("appraised_on") + life,
    )
    for fact in declared_facts().values():
        if fact.dated:
            yield Due(
                fact.name + UNTIL,
                Text(f"{fact.title.zh}：到期", f"{fact.title.en}: ends"),
                of.pledge(fact.name + UNTIL),
            )
    yield from _terms(found)
    yield Due("insurance_ends", Text("保险到期", "insurance ends"), policy_ends)
    matures = of.loan("matures_on")
    yield Due("loan_matures", Text("贷款到期", "the loan falls due"), matures)
    alert = of.held("law_security.limitation_alert")
    if alert is not None:
        late = Text("行使担保权的时效将满", "the time to enforce runs out")
        yield Due("limitation", late, matures + float(alert) * YEAR)
    guarantee = Text("保证期间届满", "the guarantee period ends")
    yield Due("guarantee_ends", guarantee, of.loan("guarantee_until"))
    yield Due(
        "fund_ends",
        Text("风险补偿协议到期", "the agreement with the fund ends"),
        of.loan("compensation_fund_until"),
    )
    stale = rules.number("gates.watch_months") * MONTH
    for name in INSPECTIONS:
        title = INSPECTION_WORDS[name]
        yield Due(
            f"{name}_inspection",
            Text(f"{title.zh}：应再查", f"{title.en}: look again"),
            of.pledge(inspected(name)) + stale,
        )


def _terms(found: Assessed) -> Iterator[Due]:
    """Ends of the right itself, of its rent, and of a term inside the loan."""
    of = found.of
    columns = [of.right(name) for name in ENDS[of.table] if name in RIGHTS[of.table].by_name]
    end = columns[0]
    for column in columns[1:]:
        end = np.fmin(end, column)
    yield Due("right_ends", Text("权利到期", "the right ends"), end)
    inside = end < of.loan("matures_on")
    yield Due(
        "right_ends_inside_loan",
        Text("权利在贷款到期前终止", "the right ends inside the loan"),
        np.where(inside, end, np.nan),
    )
    if of.table == "land":
        yield Due(
            "rent_paid_through",
            Text("租金已付期满", "paid rent runs out"),
            of.right("rent_prepaid_through"),
        )


def watch_list(found: Assessed, policy_ends: Column, within_days: float) -> pa.RecordBatch:
    """List what falls due within some days, or is overdue.

    Parameters
    ----------
    found : Assessed
        The pledges.
    policy_ends : (n,) float64
        Day on which the first policy on each right ends [day]; NaN for none.
    within_days : float
        How far to look ahead [day].

    Returns
    -------
    pyarrow.RecordBatch
        One row a pledge and thing due, columns `SCHEMA`, the most money at risk first.

    Notes
    -----
    Money at risk is the debt that the pledge secures; what the debt is not known of, the
    lending value.
    """
    of = found.of
    money = np.where(np.isnan(of.secured_yuan), found.lending_value_yuan, of.secured_yuan)
    rows: list[Rows] = []
    days: list[Column] = []
    kinds: list[Due] = []
    for one in due(found, policy_ends):
        near = np.flatnonzero(one.day <= of.day + within_days)
        if near.size:
            rows.append(near)
            days.append(one.day[near])
            kinds.append(one)
    if not rows:
        return pa.RecordBatch.from_pylist([], SCHEMA)
    which = np.repeat(np.arange(len(kinds)), [part.size for part in rows])
    row, day = np.concatenate(rows), np.concatenate(days)
    order = np.lexsort((row, day, -money[row]))
    return _batch(found, kinds, which[order], row[order], day[order], money)


def _batch(
    found: Assessed,
    kinds: list[Due],
    which: Rows,
    row: Rows,
    day: Column,
    money: Column,
) -> pa.RecordBatch:
    """Rows of the list."""
    index = pa.array(row)
    size = row.size

    def text(words: list[str]) -> pa.Array:
        return pa.array(words).take(pa.array(which))

    pledges = found.pledges
    return pa.RecordBatch.from_arrays([
        pledges.batch.ids.take(index).cast(pa.string()),
        pa.array([found.of.table] * size, pa.string()),
        pledges.text("right_id").take(index), pledges.text("loan_id").take(index),
        text([one.what for one in kinds]), text([one.title.zh for one in kinds]),
        text([one.title.en for one in kinds]),
        pa.array(np.floor(day).astype(np.int32)).cast(pa.date32()),
        pa.array(np.floor(day - found.of.day).astype(np.int32)), pa.array(money[row]),
    ], schema=SCHEMA)  # fmt: skip
