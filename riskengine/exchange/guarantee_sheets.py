"""Exports of a guarantee book: compensation table, summary by bank, balances in force.

Sources: practice notes 1.1 (stages 11 and 12), 5.5 and 7.2; rows GI-R and GI-W of the
regulation notes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from riskengine.book.tables import GUARANTEES
from riskengine.exchange.coder import NOT_STATED, Coder, title_of
from riskengine.exchange.mapping import CodeMapping
from riskengine.exchange.sheet import Field, Made, Sheet, sheet_of
from riskengine.words import Text

PERSON = Field("borrower_code", Text("借款人证件号码", "identity number"), personal=True)
LOAN_FIELDS = (
    Field("guarantee_id", Text("担保合同编号", "guarantee")),
    Field("loan_id", Text("贷款编号", "loan")),
    Field("bank", Text("贷款机构编号", "bank")),
    PERSON,
    Field("client_type", Text("客户类型", "kind of client")),
    Field("industry", Text("产业", "industry")),
    Field("county", Text("县级区划代码", "county")),
)
COMPENSATION_TITLE = Text("代偿追偿明细表", "compensations and recoveries")
COMPENSATION_FIELDS = (
    *LOAN_FIELDS,
    Field("amount_yuan", Text("担保金额（元）", "amount guaranteed, yuan"), "yuan"),
    Field("overdue_principal_yuan", Text("逾期本金（元）", "principal overdue, yuan"), "yuan"),
    Field("overdue_interest_yuan", Text("逾期利息（元）", "interest overdue, yuan"), "yuan"),
    Field("claim_notice_on", Text("收到履行代偿责任通知书日期", "notice of claim"), "date"),
    Field("compensated_on", Text("代偿日期", "day of compensation"), "date"),
    Field("compensated_yuan", Text("代偿金额（元）", "compensated, yuan"), "yuan"),
    Field("compensation_scope", Text("代偿范围", "scope")),
    Field("default_cause", Text("代偿原因", "cause")),
    Field("bank_share", Text("银行分担比例", "share of the bank"), "share"),
    Field("government_share", Text("政府分担比例", "share of government"), "share"),
    Field("other_share", Text("其他分担比例（再担保等）", "share of others"), "share"),
    Field("own_share", Text("自担比例", "own share"), "share"),
    Field("recovered_yuan", Text("追偿收回合计（元）", "recovered, yuan"), "yuan"),
    Field("recovered_from_client_yuan",
          Text("其中：客户及反担保人（含处置）（元）", "of client and counter-guarantor, yuan"),
          "yuan"),
    Field("recovered_from_government_yuan",
          Text("其中：政府分担（元）", "of government, yuan"), "yuan"),
    Field("recovered_from_re_guarantee_yuan",
          Text("其中：再担保及保险（元）", "of re-guarantee and insurance, yuan"), "yuan"),
    Field("recovered_from_others_yuan", Text("其中：其他（元）", "of others, yuan"), "yuan"),
    Field("written_off_yuan", Text("代偿核销（元）", "written off, yuan"), "yuan"),
    Field("compensation_balance_yuan",
          Text("代偿余额（元）", "compensation balance, yuan"), "yuan"),
    Field("state", Text("担保状态", "state")),
    Field("released_on", Text("解保日期（本系统）", "released, own system"), "date"),
    Field("released_national_on",
          Text("解保日期（全国系统）", "released, national system"), "date"),
)  # fmt: skip
SUMMARY_TITLE = Text("合作银行统计表", "summary by bank")
SUMMARY_FIELDS = (
    Field("bank", Text("贷款机构编号", "bank")),
    Field("dimension", Text("统计口径", "counted by")),
    Field("code", Text("代码", "code")),
    Field("title", Text("名称", "name")),
    Field("contracts", Text("在保笔数", "contracts in force"), "count"),
    Field("amount_yuan", Text("担保金额（元）", "amount guaranteed, yuan"), "yuan"),
    Field("in_force_balance_yuan", Text("在保余额（元）", "balance in force, yuan"), "yuan"),
    Field("balance_share", Text("占该行在保余额", "of the bank's balance"), "share"),
)
BALANCES_TITLE = Text("在保余额明细表", "balances in force")
BALANCES_FIELDS = (
    *LOAN_FIELDS,
    Field("kind", Text("担保业务种类", "kind of guarantee")),
    Field("programme_id", Text("分担方案编号", "programme")),
    Field("starts_on", Text("担保起始日", "first day"), "date"),
    Field("ends_on", Text("担保到期日", "last day"), "date"),
    Field("amount_yuan", Text("担保金额（元）", "amount guaranteed, yuan"), "yuan"),
    Field("in_force_balance_yuan", Text("在保余额（元）", "balance in force, yuan"), "yuan"),
    Field("guaranteed_share", Text("担保比例", "share guaranteed"), "share"),
    Field("own_share", Text("自担比例", "own share"), "share"),
    Field("liability_weight", Text("责任余额权重", "weight of the liability balance"), "share"),
    Field("liability_yuan", Text("融资担保责任余额（元）", "liability balance, yuan"), "yuan"),
    Field("fee_rate_per_year", Text("年担保费率", "fee a year"), "rate"),
    Field("overdue_days", Text("逾期天数", "days overdue"), "count"),
    Field("overdue_principal_yuan", Text("逾期本金（元）", "principal overdue, yuan"), "yuan"),
)
DIMENSIONS: Mapping[str, tuple[Text, str, str]] = {
    "industry": (Text("产业", "industry"), "commodity", "commodity"),
    "client_type": (Text("客户类型", "kind of client"), "borrower_kind", "borrower_kind"),
    "term_band": (Text("期限", "term band"), "term_band", "term_band"),
}
"""What the summary counts by: title, cell of a row, subject of its words."""
ALL = Text("合计", "all")


def compensation_sheet(
    rows: Iterable[Mapping[str, Any]],
    made: Made,
    mapping: CodeMapping | None = None,
    *,
    shown_because: str = "",
) -> Sheet:
    """Return the table of compensations and recoveries.

    Parameters
    ----------
    rows : iterable of mapping
        As `riskengine.exchange.guarantee_rows.guarantee_rows` gives them; cells that a
        portfolio does not hold (notice, scope, cause, parts of the recovery) are printed
        where a row has them.
    made : Made
        What they were made from.
    mapping : CodeMapping or None
        The institution's mapping.
    shown_because : str
        Reason for showing identity numbers; empty masks them.

    Returns
    -------
    Sheet
        Contracts with a compensation; the balance is compensated less recovered less
        written off (GI-R-06).
    """
    coder = Coder(mapping, context={"list": "project"})
    printed = []
    for row in rows:
        if not row.get("compensated_yuan"):
            continue
        paid, back, lost = (
            row.get(name) or 0.0
            for name in ("compensated_yuan", "recovered_yuan", "written_off_yuan")
        )
        printed.append({
            **row, **_loan(row, coder), "compensation_balance_yuan": paid - back - lost,
            "compensation_scope": coder.own_shown(
                "compensation_scope", row.get("compensation_scope")
            ),
            "default_cause": coder.own_shown("default_cause", row.get("default_cause")),
            "state": coder.own_shown("case_state", STATE_WORDS.get(row.get("state") or "")),
        })  # fmt: skip
    return sheet_of(
        "compensation", COMPENSATION_TITLE, COMPENSATION_FIELDS, printed, made,
        unknown=coder.unknown, shown_because=shown_because,
    )  # fmt: skip


STATE_WORDS: Mapping[str, str] = {
    "in_force": "in_force", "normal_release": "ended",
    "compensated_release": "ended_after_compensation",
}  # fmt: skip
"""States of the table of guarantees as states of a case."""


def balance_sheet(
    rows: Iterable[Mapping[str, Any]],
    made: Made,
    mapping: CodeMapping | None = None,
    *,
    shown_because: str = "",
) -> Sheet:
    """Return the list of balances in force, as a supervisor asks for it.

    Parameters
    ----------
    rows : iterable of mapping
        As `riskengine.exchange.guarantee_rows.guarantee_rows` gives them.
    made : Made
        What they were made from.
    mapping : CodeMapping or None
        The institution's mapping.
    shown_because : str
        Reason for showing identity numbers; empty masks them.

    Returns
    -------
    Sheet
        One row a contract in force, with its weight and liability balance (GI-W).
    """
    coder = Coder(mapping)
    kinds = {choice.code: choice.title.zh for choice in GUARANTEES.by_name["kind"].choices}
    printed = [
        {**row, **_loan(row, coder), "kind": kinds.get(row.get("kind") or "")}
        for row in _in_force(rows)
    ]
    return sheet_of(
        "balances", BALANCES_TITLE, BALANCES_FIELDS, printed, made, unknown=coder.unknown,
        shown_because=shown_because,
    )  # fmt: skip


def summary_sheet(
    rows: Iterable[Mapping[str, Any]],
    made: Made,
    mapping: CodeMapping | None = None,
    *,
    shown_because: str = "",
) -> Sheet:
    """Return what is in force with each bank, by industry, kind of client and term.

    Parameters
    ----------
    rows : iterable of mapping
        As `riskengine.exchange.guarantee_rows.guarantee_rows` gives them.
    made : Made
        What they were made from.
    mapping : CodeMapping or None
        The institution's mapping.
    shown_because : str
        Takes no effect: no identifier stands in this table.

    Returns
    -------
    Sheet
        Banks by name, then all together; of each its total, then every category that
        occurs.  The categories of one dimension add up to the total.
    """
    coder = Coder(mapping)
    held = [{**row, "term_band": term_band(row.get("starts_on"), row.get("ends_on"))}
            for row in _in_force(rows)]  # fmt: skip
    banks = sorted({str(row.get("bank") or "") for row in held})
    printed = []
    for bank in banks:
        own = [row for row in held if str(row.get("bank") or "") == bank]
        printed += _counted(bank or NOT_STATED.zh, own, coder)
    printed += _counted(ALL.zh, held, coder)
    return sheet_of(
        "bank_summary", SUMMARY_TITLE, SUMMARY_FIELDS, printed, made, unknown=coder.unknown,
        shown_because=shown_because,
    )  # fmt: skip


def term_band(starts_on: str | None, ends_on: str | None) -> str | None:
    """Return the band of a contract's term.

    Parameters
    ----------
    starts_on, ends_on : str or None
        First and last day, YYYY-MM-DD.

    Returns
    -------
    str or None
        A word of ``term_band``; None where a day is not stated.  Whole months by the
        calendar: 6 months are in [6, 12], 12 in [6, 12], 12 and a day above 12.

    Examples
    --------
    >>> term_band("2026-01-31", "2026-07-30"), term_band("2026-01-31", "2026-07-31")
    ('below_6', 'from_6_to_12')
    >>> term_band("2026-01-01", "2027-01-01"), term_band("2026-01-01", "2027-01-02")
    ('from_6_to_12', 'above_12_to_36')
    """
    if not starts_on or not ends_on:
        return None
    first, last = date.fromisoformat(starts_on), date.fromisoformat(ends_on)
    months = (last.year - first.year) * 12 + last.month - first.month
    term = (months, last.day - first.day)
    if term < (6, 0):
        return "below_6"
    if term <= (12, 0):
        return "from_6_to_12"
    return "above_12_to_36" if term <= (36, 0) else "above_36"


def _in_force(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [row for row in rows if row.get("state") == "in_force"]


def _loan(row: Mapping[str, Any], coder: Coder) -> dict[str, Any]:
    """What kind of client and of industry, in the institution's codes."""
    return {
        "client_type": coder.own_shown("borrower_kind", row.get("borrower_kind")),
        "industry": coder.own_shown("commodity", row.get("commodity")),
    }


def _counted(bank: str, rows: Sequence[Mapping[str, Any]], coder: Coder) -> list[dict[str, Any]]:
    """Rows of the summary for one bank."""
    whole = _total(rows)
    found = [{"bank": bank, "dimension": ALL.zh, "title": ALL.zh, **whole, "balance_share": 1.0}]
    for title, cell, subject in DIMENSIONS.values():
        words = sorted({str(row.get(cell) or "") for row in rows})
        for word in words:
            part = _total([row for row in rows if str(row.get(cell) or "") == word])
            balance = whole["in_force_balance_yuan"]
            found.append({
                "bank": bank, "dimension": title.zh, "code": coder.own(subject, word),
                "title": title_of(subject, word), **part,
                "balance_share": part["in_force_balance_yuan"] / balance if balance else None,
            })  # fmt: skip
    return found


def _total(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Count and sums of some contracts, summed in fen."""
    sums = {
        name: sum(round((row.get(name) or 0.0) * 100) for row in rows) / 100
        for name in ("amount_yuan", "in_force_balance_yuan")
    }
    return {"contracts": len(rows), **sums}
