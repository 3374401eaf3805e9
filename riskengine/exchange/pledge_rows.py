"""Rows of collateral for exports: from a portfolio judged, or from records of scores."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from riskengine.folder import find_tables
from riskengine.gates.tapes import Rows
from riskengine.market.snapshot import Snapshot
from riskengine.methods.reconcile import RECONCILED_FIGURES
from riskengine.pledgebook.read import around
from riskengine.pledgebook.stream import PledgeStream, assessed, open_pledges
from riskengine.pledging.assess import Assessed, LawOf
from riskengine.rights import RIGHTS
from riskengine.rights.comparables import COMPARABLES
from riskengine.valuation import Valuation

FAMILIES: Mapping[str, str] = {
    "income": "income", "dividend": "income", "distributable": "income", "issuance": "income",
    "contract": "income", "harvest_present_value": "income", "expectation": "income",
    "annuity": "income", "land_expectation": "income", "rent": "income", "crops": "income",
    "comparison": "market", "market_price": "market", "deal_price": "market", "spot": "market",
    "stumpage": "market", "repurchase": "market",
    "cost": "cost", "replacement": "cost", "facilities": "cost", "buildings": "cost",
    "net_asset": "cost",
    "benchmark": "other", "residual": "other", "learned": "other", "score": "other",
}  # fmt: skip
"""Classical approach (income, market, cost) that each method of the engine belongs to."""

Row = dict[str, Any]
Record = Mapping[str, Any]


def pledge_rows(
    source: Path, valued_on: date, *, market: Snapshot, law: LawOf, learned: Mapping[str, Any]
) -> list[Row]:
    """Return one row a pledge of a portfolio, judged as `judge_book` judges it.

    Parameters
    ----------
    source : pathlib.Path
        Portfolio with rights, ``pledges`` and, where there are, ``loans`` and ``policies``.
    valued_on : datetime.date
        Day of valuation.
    market : Snapshot
        Market figures.
    law : callable
        The law of a place, from its region code.
    learned : mapping of str to object
        Released price models by table.

    Returns
    -------
    list of dict
        In the order of the pledges: ``pledge_id``, ``loan_id``, ``right_kind``,
        ``right_id``, ``certificate_no``, ``rank`` (NaN where not stated), ``method``
        (a word of ``valuation_method``), ``market_value_yuan``, ``p05_yuan``, ``p95_yuan``,
        ``lending_value_yuan``, ``prior_claims_yuan``, ``valued_on``.

    Raises
    ------
    PortfolioError
        If there are no pledges, or a file cannot be read as a whole.
    """
    files = find_tables(source, (*RIGHTS.values(), COMPARABLES, *around()))
    found: dict[int, Row] = {}
    with TemporaryDirectory() as spool:
        stream = open_pledges(
            files, Path(spool), valued_on, market=market, law=law, learned=learned
        )
        for table, judged, rows in assessed(stream):
            found.update(_judged_rows(table, judged, rows, stream))
    return [found[row] for row in sorted(found)]


def record_rows(records: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """Yield one row for each right of records of scores or decisions.

    Parameters
    ----------
    records : iterable of mapping
        As the engine records an answer: ``valued_on`` and ``rights`` (of a score under
        ``collateral``), each with ``right_id``, ``table``, ``market_value_yuan``,
        ``p05_yuan``, ``p95_yuan`` and ``lending_value_yuan``; the loan is named by
        ``loan_id``, else by ``application_no``.

    Yields
    ------
    dict
        As `pledge_rows` has them; rank, certificate and method only where the record
        states them.  A right that was given no identifier has its place among the rights of
        its application for one, 1 and so on: it is named by the application, else by the
        decision, and that place, and is no other application's right.
    """
    for number, record in enumerate(records, 1):
        loan = record.get("loan_id") or record.get("application_no")
        whose = record.get("application_no") or record.get("decision_id") or loan or f"#{number}"
        for place, right in enumerate(rights_of(record) or (), 1):
            named = right.get("right_id")
            own = named if str(named or "") not in ("", str(place)) else f"{whose}-{place}"
            yield {
                "pledge_id": right.get("pledge_id"), "loan_id": loan,
                "right_kind": right.get("table"), "right_id": own,
                "certificate_no": right.get("certificate_no"), "rank": right.get("rank"),
                "method": right.get("method"),
                "market_value_yuan": right.get("market_value_yuan"),
                "p05_yuan": right.get("p05_yuan"), "p95_yuan": right.get("p95_yuan"),
                "lending_value_yuan": right.get("lending_value_yuan"),
                "prior_claims_yuan": right.get("prior_claims_yuan"),
                "valued_on": record.get("valued_on"),
            }  # fmt: skip


def newest_of(records: Iterable[Record]) -> list[Record]:
    """Return the newest record of every application.

    Parameters
    ----------
    records : iterable of mapping
        As `record_rows` takes them, in the order in which they were made.

    Returns
    -------
    list of mapping
        In their order; of an application, by ``application_no``, that made last, whatever it
        was decided before.  Records that name no application are all there.
    """
    newest: dict[tuple[str, str | int], Record] = {}
    for number, record in enumerate(records):
        named = record.get("application_no")
        key: tuple[str, str | int] = ("application", str(named)) if named else ("record", number)
        newest.pop(key, None)
        newest[key] = record
    return list(newest.values())


def rights_of(record: Mapping[str, Any]) -> Any:
    """Return the rights of a record: its own, or those under ``collateral``.

    Parameters
    ----------
    record : mapping
        Record of a decision or of a score.

    Returns
    -------
    list of mapping or None
        None where it has none.
    """
    held = record.get("collateral")
    return record.get("rights", held.get("rights") if isinstance(held, Mapping) else None)


def method_words(valuation: Valuation) -> list[str]:
    """Return by which approach each right was valued.

    Parameters
    ----------
    valuation : Valuation
        Values of one batch.

    Returns
    -------
    list of str
        ``income``, ``market``, ``cost`` or ``other`` where the methods that carry weight
        are of one family, ``combination`` where they are of several, empty where none
        carries weight.
    """
    families = [FAMILIES[method.name] for method in valuation.approach.methods]
    carried = valuation.weights > 0.0
    words = []
    for row in range(carried.shape[1]):
        named = {families[k] for k in np.flatnonzero(carried[:, row])}
        words.append("combination" if len(named) > 1 else next(iter(named), ""))
    return words


def _judged_rows(
    table: str, judged: Assessed, rows: Rows, stream: PledgeStream
) -> Iterator[tuple[int, Row]]:
    """Rows of one batch with their places in the book."""
    of, pledges, valuation = judged.of, judged.pledges, judged.valuation
    figures = {
        name: valuation.reconciled[RECONCILED_FIGURES.index(name)][judged.rights]
        for name in ("market_value_yuan", "p05_yuan", "p95_yuan")
    }
    words = method_words(valuation)
    prior = np.nan_to_num(of.right("prior_claims_yuan")) + of.senior_yuan
    texts = {
        name: pledges.text(name).to_pylist() for name in ("loan_id", "right_id", "certificate_no")
    }
    ids = pledges.batch.ids.to_pylist()
    rank = pledges.batch.columns.get("rank", np.full(pledges.size, np.nan))
    for k, row in enumerate(rows.tolist()):
        yield row, {
            "pledge_id": ids[k], "right_kind": table,
            **{name: cells[k] for name, cells in texts.items()},
            "rank": float(rank[k]), "method": words[judged.rights[k]],
            **{name: float(column[k]) for name, column in figures.items()},
            "lending_value_yuan": float(judged.lending_value_yuan[k]),
            "prior_claims_yuan": float(prior[k]), "valued_on": stream.valued_on.isoformat(),
        }  # fmt: skip
