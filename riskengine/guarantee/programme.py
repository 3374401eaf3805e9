"""Guarantee programmes from a table of layers, from shares, or from the rules of a place."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from riskengine.guarantee.amounts import Amount, added
from riskengine.guarantee.checks import LayerFault
from riskengine.guarantee.structure import Programme, faults_of
from riskengine.guarantee.terms import (
    BASES,
    LENDER,
    PARTIES,
    Deductible,
    ExcessLayer,
    FirstLossFund,
    InsuranceAssignment,
    Layer,
    QuotaShare,
    RateCap,
    ReGuarantee,
    StopLoss,
)
from riskengine.rules import Rules
from riskengine.words import Text

__all__ = [
    "COLUMNS",
    "LayerFault",
    "Programme",
    "programme_from_rows",
    "programmes_from_rows",
    "shared_by",
    "usual_programmes",
]

Row = Mapping[str, Any]


COLUMNS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "quota_share": (("share",), ()),
    "deductible": ((), ("share", "attach", "limit")),
    "rate_cap": (("share", "limit"), ()),
    "stop_loss": (("attach",), ("share", "limit")),
    "excess": (("attach",), ("share", "limit")),
    "first_loss_fund": ((), ("share", "attach", "limit")),
    "re_guarantee": (("share",), ("limit",)),
    "insurance": (("limit",), ("share",)),
}
"""Terms that each kind of layer needs and may have, in the table of layers."""

NUMBERS = "order", "share", "attach_yuan", "attach_rate", "limit_yuan", "limit_rate"


def programme_from_rows(
    rows: Iterable[Row], parties: Mapping[str, Text] = PARTIES
) -> tuple[Programme | None, list[LayerFault]]:
    """Read one programme from rows of the table of layers.

    Parameters
    ----------
    rows : iterable of mapping
        Rows of one ``programme_id`` with the columns layer_id, programme_id, order, kind,
        party, share, attach_yuan, attach_rate, limit_yuan, limit_rate, basis, fund_id,
        cedes_from; None, NaN or an empty text where nothing stands.
    parties : mapping of str to Text
        Known parties.

    Returns
    -------
    programme : Programme or None
        None where anything is wrong.
    faults : list of LayerFault
        Every fault of every row.

    Notes
    -----
    ``limit`` is the width of an excess layer or stop-loss ("limit excess of attach"), the
    most that is paid of a cap, a policy or a fund (empty: as the fund's account says), and
    of a ``rate_cap`` with ``limit_rate`` that rate of share x volume.  A deductible
    with ``attach`` alone goes up to it; with ``limit`` too it is the corridor above it.

    Examples
    --------
    >>> row = {"layer_id": "a", "order": 1, "kind": "quota_share", "party": "guarantor"}
    >>> programme, faults = programme_from_rows([row])
    >>> faults[0].column, faults[0].wrong.en
    ('share', 'a required cell is empty')
    """
    cleaned = [_cleaned(row) for row in rows]
    faults: list[LayerFault] = []
    for row in cleaned:
        faults += _row_faults(row, parties)
    faults += _repeated_orders(cleaned)
    if faults:
        return None, faults
    cleaned.sort(key=lambda row: float(row["order"]))
    layers = tuple(BUILDERS[row["kind"]](row) for row in cleaned)
    faults = faults_of(layers, parties)
    if faults:
        return None, faults
    name = str(cleaned[0].get("programme_id", ""))
    return Programme(name, layers, parties), []


def programmes_from_rows(
    rows: Iterable[Row], parties: Mapping[str, Text] = PARTIES
) -> tuple[dict[str, Programme], list[LayerFault]]:
    """Read every programme of a table of layers.

    Parameters
    ----------
    rows : iterable of mapping
        Rows as `programme_from_rows` takes them, of any programmes.
    parties : mapping of str to Text
        Known parties.

    Returns
    -------
    programmes : dict of str to Programme
        Sound programmes by ``programme_id``.
    faults : list of LayerFault
        Every fault of every row of the others.
    """
    by_programme: dict[str, list[Row]] = {}
    for row in rows:
        by_programme.setdefault(str(row.get("programme_id") or ""), []).append(row)
    programmes, faults = {}, []
    for name, members in by_programme.items():
        found, wrong = programme_from_rows(members, parties)
        faults += wrong
        if found is not None:
            programmes[name] = found
    return programmes, faults


def _cleaned(row: Row) -> dict[str, Any]:
    """A row without its empty cells."""
    return {
        key: value
        for key, value in row.items()
        if value is not None
        and value != ""
        and not (isinstance(value, float) and math.isnan(value))
    }


def _row_faults(row: Row, parties: Mapping[str, Text]) -> list[LayerFault]:
    """Faults of one row's cells: missing, not a number, unknown, not a term of this kind."""
    name, found = str(row.get("layer_id", "")), []

    def fault(column: str, wrong: Text, cure: Text) -> None:
        found.append(LayerFault(name, column, wrong, cure))

    kind = row.get("kind")
    choices = {"kind": COLUMNS, "party": parties, "cedes_from": parties, "basis": BASES}
    for column, known in choices.items():
        if column in row and row[column] not in known:
            told = ", ".join(known)
            fault(column, Text("不在可选值之内", "not one of the admissible values"),
                  Text(f"可选：{told}", f"choose one of: {told}"))  # fmt: skip
    for column in NUMBERS:
        low = -math.inf if column == "order" else 0.0
        high = 1.0 if column == "share" else math.inf
        if column in row and not _within(row[column], low, high):
            fault(column, Text("不是数字，或超出允许范围", "not a number, or out of range"),
                  Text("比例在0到1之间，金额与比率不为负",
                       "shares are in [0, 1], sums and rates are not negative"))  # fmt: skip
    needed, allowed = COLUMNS.get(str(kind), ((), ("share", "attach", "limit")))
    has = {part: [c for c in row if c.split("_")[0] == part and c in NUMBERS]
           for part in ("share", "attach", "limit")}  # fmt: skip
    empty = [column for column in ("layer_id", "order", "kind", "party") if column not in row]
    empty += [part if part == "share" else f"{part}_yuan" for part in needed if not has[part]]
    if kind == "deductible" and not has["attach"] + has["limit"]:
        empty.append("limit_yuan")
    for column in empty:
        fault(column, Text("必填项为空", "a required cell is empty"), Text("请补填", "fill it in"))
    for part, columns in has.items():
        if part not in needed + allowed:
            for column in columns:
                fault(column, Text("该类分层没有这一项", "layers of this kind have no such term"),
                      Text("清空，或改种类", "empty the cell, or change the kind"))  # fmt: skip
        elif len(columns) > 1:
            fault(columns[1], Text("金额与比率只能填一项", "give a sum or a rate, not both"),
                  Text("删去一项", "take one out"))  # fmt: skip
    return found


def _within(value: object, low: float, high: float) -> bool:
    """Whether a cell holds a finite number of a closed range."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return low <= number <= high and math.isfinite(number)


def _repeated_orders(rows: list[dict[str, Any]]) -> list[LayerFault]:
    """Rows that stand at the place of an earlier one."""
    seen: set[float] = set()
    found = []
    for row in rows:
        if not _within(row.get("order"), -math.inf, math.inf):
            continue
        if float(row["order"]) in seen:
            found.append(LayerFault(
                str(row.get("layer_id", "")), "order",
                Text("顺序号重复", "two layers have the same order"),
                Text("每层一个顺序号", "give each layer its own"),
            ))  # fmt: skip
        seen.add(float(row["order"]))
    return found


def _amount(row: Row, part: str) -> Amount | None:
    """The sum or rate of a row; None where the cells are empty."""
    for unit in ("yuan", "rate"):
        value = row.get(f"{part}_{unit}")
        if value is not None:
            number = float(value)
            return Amount(yuan=number) if unit == "yuan" else Amount(rate=number)
    return None


def _common(row: Row, *, basis: bool = True, share: bool = True) -> dict[str, Any]:
    """What the layer of a row has whatever its kind; defaults of the kind where empty."""
    found = {
        name: str(row[name])
        for name in ("party", "cedes_from", "layer_id", "fund_id")
        if name in row
    }
    cells: dict[str, Any] = dict(found)
    if share and "share" in row:
        cells["share"] = float(row["share"])
    if basis and "basis" in row:
        cells["basis"] = str(row["basis"])
    return cells


def _deductible(row: Row) -> Layer:
    attach, limit = _amount(row, "attach"), _amount(row, "limit")
    if attach is not None and limit is not None:
        return Deductible(**_common(row), attach=attach, amount=limit)
    return Deductible(**_common(row), amount=attach or limit or Amount(yuan=0.0))


def _excess(row: Row) -> Layer:
    """An excess layer, from its start and width to its start and end."""
    attach, width = _amount(row, "attach") or Amount(yuan=0.0), _amount(row, "limit")
    if width is None:
        return ExcessLayer(**_common(row), attach=attach, detach=None)
    if not (attach.yuan or attach.rate):
        attach = Amount(yuan=0.0) if width.rate is None else Amount(rate=0.0)
    if (attach.rate is None) != (width.rate is None):
        return StopLoss(**({"basis": "cumulative"} | _common(row)), attach=attach, limit=width)
    return ExcessLayer(**_common(row), attach=attach, detach=added(attach, width))


def _limited(
    layer: Callable[..., Layer], limit: str, *, attach: bool = False
) -> Callable[[Row], Layer]:
    """Builder of a kind whose limit is called ``limit`` in its terms."""

    def build(row: Row) -> Layer:
        cells = _common(row)
        for name, part in ((limit, "limit"), *((("attach", "attach"),) if attach else ())):
            amount = _amount(row, part)
            if amount is not None:
                cells[name] = amount
        return layer(**cells)

    return build


BUILDERS: Mapping[str, Callable[[Row], Layer]] = {
    "quota_share": lambda row: QuotaShare(**_common(row, basis=False)),
    "deductible": _deductible,
    "rate_cap": _limited(RateCap, "cap"),
    "stop_loss": _limited(StopLoss, "limit", attach=True),
    "excess": _excess,
    "first_loss_fund": _limited(FirstLossFund, "balance", attach=True),
    "re_guarantee": _limited(ReGuarantee, "cap"),
    "insurance": _limited(InsuranceAssignment, "amount"),
}
"""How each kind of layer is built from a row that has no fault of its own."""


def shared_by(name: str, shares: Mapping[str, float]) -> Programme:
    """Return a programme in which parties share every loss (such as 4321 or 2:8).

    Parameters
    ----------
    name : str
        Name of the programme.
    shares : mapping of str to float
        Shares by party [1], in the order that settles ties; ``fund`` is the county fund.

    Returns
    -------
    Programme
        The lender keeps what the shares leave.

    Raises
    ------
    BookError
        If a party is unknown or shares are no shares.

    Examples
    --------
    >>> four = {"guarantor": 0.4, "province": 0.3, "bank": 0.2, "government": 0.1}
    >>> [layer.share for layer in shared_by("4321", four).layers]
    [0.4, 0.3, 0.2, 0.1]
    """
    return Programme(name, tuple(
        QuotaShare(party=FUND_NAMES.get(party, party), share=share, layer_id=party)
        for party, share in shares.items()
    ))  # fmt: skip


FUND_NAMES: Mapping[str, str] = {"fund": "county_fund"}
"""Parties as the rules of places call them."""


def usual_programmes(rules: Rules) -> dict[str, Programme]:
    """Return the splits in use that the rules of a place tell of on their day.

    Parameters
    ----------
    rules : Rules
        Rules of the nation or of a place.

    Returns
    -------
    dict of str to Programme
        ``two_eight``, ``three_seven``; ``risk_split`` and ``risk_split_small`` where the
        place has them; ``county_share`` where the county bears a part of the guarantor's
        payments, the bank its usual share.  Empty before the first day of a rule.

    Notes
    -----
    Source: regulation notes AGR-SHR-01.

    Examples
    --------
    >>> from datetime import date
    >>> from riskengine.rules import statute
    >>> sorted(usual_programmes(statute().at(date(2024, 1, 1))))
    ['three_seven', 'two_eight']
    """
    found = {}
    for name, shares in (_held(rules, "risk_split_usual") or {}).items():
        found[name] = shared_by(name, shares)
    for name in ("risk_split", "risk_split_small"):
        shares = _held(rules, name)
        if shares is not None:
            found[name] = shared_by(name, shares)
    county, bank = _held(rules, "county_share"), _held(rules, "bank_share_default")
    if county is not None and bank is not None:
        found["county_share"] = Programme("county_share", (
            QuotaShare(party=LENDER, share=bank, layer_id="bank"),
            QuotaShare(party="guarantor", share=1.0 - bank, layer_id="guarantor"),
            ReGuarantee(party="county_fund", share=county, layer_id="county"),
        ))  # fmt: skip
    return found


def _held(rules: Rules, name: str) -> Any:
    """Amount of a rule of guarantee policy on the day, or None."""
    full = f"guarantee_policy.{name}"
    return rules.held(full) if full in rules.book.rules else None
