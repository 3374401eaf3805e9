"""Ratios, headroom, reserves and compensation of a book as plain data for pages and JSON."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from riskengine.book.institution import ratio_contracts, statement_of
from riskengine.book.read import GuaranteeBook
from riskengine.guarantee.contracts import Contracts
from riskengine.guarantee.headroom import LIMIT_WORDS, headroom_of_counties
from riskengine.guarantee.ratio_lines import Ratio
from riskengine.guarantee.ratios import ratios
from riskengine.guarantee.switches import Switches, readings
from riskengine.guarantee.vintages import growth, vintages
from riskengine.guarantee.weights import net_assets_fen
from riskengine.rules import Rules
from riskengine.words import Text

NO_GUARANTEES = Text(
    "组合中没有担保合同表 guarantees，不计算监管比率",
    "the portfolio has no table of guarantees: no regulatory ratios",
)

NO_NET_ASSETS = Text(
    "财务报表未列净资产或其扣除项，不计算额度余量",
    "no statement tells net assets and what is taken off them: no headroom",
)


def ratio_record(
    book: GuaranteeBook, rules: Rules, switches: Switches, need_yuan: float | None
) -> dict[str, Any]:
    """Return everything that the supervisor counts.

    Parameters
    ----------
    book : GuaranteeBook
        The tables.
    rules : Rules
        Rules of the valuation day.
    switches : Switches
        Readings chosen.
    need_yuan : float or None
        Reserves that the loss model asks for [yuan]; None where it was not run.

    Returns
    -------
    dict
        ``ratios``, ``headroom``, ``compensation``, ``switches``, ``statement_day``; empty
        lists where the book has no guarantees.
    """
    contracts, counties = ratio_contracts(book)
    if contracts is None:
        return {"ratios": [], "headroom": [], "compensation": None, "switches": [],
                "statement_day": None, "notes": [_words(NO_GUARANTEES)]}  # fmt: skip
    statement = statement_of(book, rules.day)
    lines = ratios(contracts, statement, rules, switches, need_yuan=need_yuan)
    as_of = statement.get("as_of")
    known = net_assets_fen(statement, rules, switches) is not None
    return {
        "ratios": [_line(line) for line in lines],
        "headroom": _headroom(contracts, counties, statement, rules, switches) if known else [],
        "compensation": _compensation(contracts, rules.day),
        "switches": [
            {"name": one.name, "value": str(one.taken), **_said("title", one.effect),
             "citation": one.citation, "rule_id": one.row}
            for one in readings(rules, switches)
        ],
        "statement_day": as_of.isoformat() if as_of else None,
        "notes": [] if known else [_words(NO_NET_ASSETS)],
    }  # fmt: skip


def _words(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _said(name: str, text: Text) -> dict[str, str]:
    return {f"{name}_zh": text.zh, f"{name}_en": text.en}


def _line(line: Ratio) -> dict[str, Any]:
    """One ratio as plain data."""
    return {
        "name": line.name, **_said("title", line.title), "value": line.value, "limit": line.limit,
        "compare": line.compare, "headroom": line.headroom, "headroom_yuan": line.headroom_yuan,
        "status": line.status, "severity": line.severity, "rule_id": line.rule,
        "citation": line.citation, "seen": line.seen,
        "from": line.from_day.isoformat() if line.from_day else None, **_said("how", line.how),
        **_said("note", line.note or Text("", "")),
        "unit": "yuan" if line.limit is None and (line.value or 0.0) > 1e3 else "1",
    }  # fmt: skip


def _headroom(
    contracts: Contracts, counties: tuple[str, ...], statement: Mapping[str, Any], rules: Rules,
    switches: Switches,
) -> list[dict[str, Any]]:  # fmt: skip
    """Headroom of every county, the least first."""
    found = [
        {
            "county": counties[one.county], "guaranteed_yuan": one.in_force_yuan,
            "headroom_yuan": None if np.isnan(one.new_clients_yuan) else one.new_clients_yuan,
            "known_clients_yuan": (
                None if np.isnan(one.known_clients_yuan) else one.known_clients_yuan
            ),
            **_said("binds", LIMIT_WORDS.get(one.binds, Text(one.binds, one.binds))),
        }
        for one in headroom_of_counties(contracts, statement, rules, switches)
    ]  # fmt: skip
    return sorted(found, key=lambda row: (row["headroom_yuan"] or 0.0, row["county"]))


def _compensation(contracts: Contracts, day: date) -> dict[str, Any]:
    """Vintages, and what a growing book hides."""
    found = vintages(contracts, day)
    grown = growth(contracts, day)
    rows = [
        {
            "half_year": f"{year}H{half}", "contracts": int(count),
            "guaranteed_yuan": float(amount),
            "overdue_share": float(overdue),
            "compensated_share": [None if np.isnan(x) else float(x) for x in shares],
        }
        for year, half, count, amount, overdue, shares in zip(
            found.year.tolist(), found.half.tolist(), found.contracts, found.amount_yuan,
            found.overdue_share, found.compensated_share, strict=True,
        )
    ]  # fmt: skip
    return {
        "vintages": rows, "age_months": found.age_months.tolist(),
        "growth": {name: _plain(getattr(grown, name)) for name in grown.__dataclass_fields__},
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """A figure as JSON holds it."""
    if isinstance(value, Text):
        return _words(value)
    if isinstance(value, float) and np.isnan(value):
        return None
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
