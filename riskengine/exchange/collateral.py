"""The collateral record (担保物信息) as banks file it: 15 fields, the interval beside them.

Source: practice notes 5.4, public SQL of the PBC base data of one bank, 2020 to 2026-04.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from typing import Any

from riskengine.exchange.coder import Coder
from riskengine.exchange.mapping import CodeMapping, shipped
from riskengine.exchange.sheet import Field, Made, Sheet, sheet_of
from riskengine.spreadsheet import RISKY
from riskengine.words import Text

FORM = "pbc_collateral"
CERTIFICATE_BYTES = 500
"""Longest field of certificate numbers, in bytes of GB18030."""
TITLE = Text("担保物信息", "collateral record")
FIELDS = (
    Field("institution_code", Text("金融机构代码", "institution code")),
    Field("internal_org_code", Text("内部机构号", "internal organisation")),
    Field("guarantee_contract_code", Text("担保合同编码", "guarantee contract code")),
    Field("guaranteed_contract_code", Text("被担保合同编码", "guaranteed contract code")),
    Field("collateral_code", Text("担保物编码", "collateral code")),
    Field("collateral_class", Text("担保物类别", "class of collateral")),
    Field("certificate_no", Text("权证编号", "certificate numbers")),
    Field("first_rank", Text("是否第一顺位", "first rank")),
    Field("valuation_way", Text("评估方式", "way of valuation")),
    Field("valuation_method", Text("评估方法", "method of valuation")),
    Field("value_yuan", Text("评估价值", "value in RMB"), "yuan"),
    Field("base_date", Text("评估基准日", "base date"), "date"),
    Field("book_value_yuan", Text("担保物账面价值", "book value, class A only"), "yuan"),
    Field("prior_claims_yuan", Text("优先受偿权数额", "amount of prior claims"), "yuan"),
    Field("revaluation_cycle", Text("估值周期", "revaluation cycle")),
)
"""The 15 fields of the form, in its order."""
OWN_FIELDS = (
    Field("p05_yuan", Text("价值区间下限(P5)", "value, 5 % quantile"), "yuan"),
    Field("p95_yuan", Text("价值区间上限(P95)", "value, 95 % quantile"), "yuan"),
    Field("value_source", Text("价值来源", "source of the value")),
)
"""The engine's own columns beside them."""
VALUE_SOURCE = Text("内部估值（非法定评估）", "internal valuation, not a statutory appraisal")


def collateral_sheet(
    rows: Iterable[Mapping[str, Any]],
    made: Made,
    mapping: CodeMapping | None = None,
    *,
    shown_because: str = "",
) -> Sheet:
    """Return the collateral record of some pledges.

    Parameters
    ----------
    rows : iterable of mapping
        As `riskengine.exchange.pledge_rows` gives them, in the order of the filing.
    made : Made
        What they were made from.
    mapping : CodeMapping or None
        The institution's mapping: its ``filing`` names who files, its codes of
        ``right_kind`` are the classes of collateral.
    shown_because : str
        Reason for showing personal identifiers; the form holds none of its own.

    Returns
    -------
    Sheet
        One row a pledge.  A right that secures several contracts has its value in its
        first row and 0 in the others.  A rank that is not stated stays empty: it is not
        taken for the first.
    """
    held = list(rows)
    coder = Coder(mapping, shipped(FORM))
    numbers, left_out = _certificates(held)
    filing = dict(mapping.filing) if mapping is not None else {}
    seen: set[tuple[str, str]] = set()
    printed = []
    for row in held:
        key = _key(row)
        first = key not in seen
        seen.add(key)
        printed.append(filing | _row(row, coder, numbers[key], first))
    return sheet_of(
        "collateral", TITLE, (*FIELDS, *OWN_FIELDS), printed, made, unknown=coder.unknown,
        shown_because=shown_because, notes={"certificates_left_out": left_out},
    )  # fmt: skip


def joined_certificates(numbers: Sequence[str]) -> tuple[str, int]:
    """Return certificate numbers joined by commas as far as the field holds them.

    Parameters
    ----------
    numbers : sequence of str
        Numbers, whole.

    Returns
    -------
    joined : str
        At most `CERTIFICATE_BYTES` bytes of GB18030, with the mark put before a text that
        begins like a formula; no number is cut.
    left_out : int
        Numbers that found no room.

    Examples
    --------
    >>> joined_certificates(["鲁(2024)1号", "鲁(2024)2号"])
    ('鲁(2024)1号,鲁(2024)2号', 0)
    """
    joined, left_out = "", 0
    for number in dict.fromkeys(one.strip().replace(",", "，") for one in numbers):
        longer = f"{joined},{number}" if joined else number
        size = len(longer.encode("gb18030")) + longer.startswith(RISKY)
        if not number or size > CERTIFICATE_BYTES:
            left_out += bool(number)
            continue
        joined = longer
    return joined, left_out


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row["right_kind"]), str(row["right_id"])


def _certificates(
    rows: Iterable[Mapping[str, Any]],
) -> tuple[dict[tuple[str, str], str], int]:
    """Certificate numbers of every right, from all its pledges."""
    named: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        numbers = named.setdefault(_key(row), [])
        cell = row.get("certificate_no")
        if cell:
            numbers += [str(one) for one in cell] if isinstance(cell, list) else [str(cell)]
    joined = {key: joined_certificates(numbers) for key, numbers in named.items()}
    return {key: text for key, (text, _) in joined.items()}, sum(n for _, n in joined.values())


def _row(row: Mapping[str, Any], coder: Coder, certificates: str, first: bool) -> dict[str, Any]:
    """One row of the form."""

    def once(name: str) -> Any:
        return row.get(name) if first else 0.0

    return {
        "guarantee_contract_code": row.get("pledge_id"),
        "guaranteed_contract_code": row.get("loan_id"),
        "collateral_code": row["right_id"],
        "collateral_class": coder.needed("right_kind", row["right_kind"]),
        "certificate_no": certificates,
        "first_rank": coder.needed("yes_no", _first_rank(row.get("rank"))),
        "valuation_way": coder.needed("valuation_way", "inside"),
        "valuation_method": coder.needed("valuation_method", row.get("method")),
        "value_yuan": once("market_value_yuan"), "base_date": row.get("valued_on"),
        "prior_claims_yuan": row.get("prior_claims_yuan"),
        "revaluation_cycle": coder.needed("revaluation_cycle", "other"),
        "p05_yuan": once("p05_yuan"), "p95_yuan": once("p95_yuan"),
        "value_source": VALUE_SOURCE.zh,
    }  # fmt: skip


def _first_rank(rank: float | None) -> str | None:
    """Whether a rank is the first; nothing where it is not stated."""
    if rank is None or isnan(rank):
        return None
    return "yes" if rank == 1.0 else "no"
