"""Synthetic statements of the institution that stands behind synthetic guarantees."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

LEVERAGE, ASSETS = 5.0, 1.3
"""Own liability over net assets, and total assets over net assets [1]."""
GROWTH = 0.88
"""What a statement shows of the one a year later [1]."""
MIX = {
    "cash_yuan": 0.0005, "bank_deposits_yuan": 0.34, "margin_deposits_yuan": 0.03,
    "treasury_bonds_yuan": 0.1, "bank_wealth_redeemable_any_time_yuan": 0.06,
    "bonds_aaa_yuan": 0.1, "other_bank_wealth_yuan": 0.12, "bonds_aa_plus_yuan": 0.05,
    "equity_in_guarantors_yuan": 0.03, "equity_in_clients_yuan": 0.01,
    "entrusted_loans_to_clients_yuan": 0.02, "own_use_property_yuan": 0.03,
    "other_equity_yuan": 0.02, "receivables_yuan": 0.03,
}  # fmt: skip
"""Assets by kind, of the total; what is left are other assets."""


def sample_statements(
    own_liability_yuan: float, fee_income_yuan: float, receivable_yuan: float, valued_on: date
) -> Mapping[str, Any]:
    """Lay out statements of three year-ends and of the last month, and a consolidated one.

    Parameters
    ----------
    own_liability_yuan : float
        In-force liability that stays with the institution [yuan].
    fee_income_yuan : float
        Fee income of a year [yuan].
    receivable_yuan : float
        Compensation paid and not yet recovered [yuan].
    valued_on : datetime.date
        Day before which the statements lie.

    Returns
    -------
    mapping of str to list
        Columns of the statements.
    """
    month_end = valued_on.replace(day=1) - timedelta(days=1)
    ends = {date(month_end.year - back, 12, 31) for back in (1, 2, 3)} | {month_end}
    rows = []
    for as_of in sorted(ends):
        years = (month_end - as_of).days / 365.25
        scale = GROWTH**years
        row = _statement(
            own_liability_yuan * scale, fee_income_yuan * scale, receivable_yuan * scale
        )
        rows.append({"statement_id": f"SAMPLE-STATEMENT-{as_of}", "as_of": as_of,
                     "consolidated": False, **row})  # fmt: skip
    last = rows[-1]
    more = 1_000_000.0
    rows.append({**last, "statement_id": f"{last['statement_id']}-CONSOLIDATED",
                 "consolidated": True, "other_yuan": last["other_yuan"] + more,
                 "total_assets_yuan": last["total_assets_yuan"] + more})  # fmt: skip
    return {name: [row[name] for row in rows] for name in rows[0]}


def _statement(liability: float, fees: float, receivable: float) -> dict[str, Any]:
    """One statement whose assets add up to the fen."""
    net = round(max(liability / LEVERAGE, receivable, 1_000_000.0), 2)
    total = round(net * ASSETS, 2)
    receivable = round(min(receivable, 0.05 * total), 2)
    items = {name: round(total * share, 2) for name, share in MIX.items()}
    fen = round(total * 100) - round(receivable * 100) - sum(round(v * 100) for v in items.values())
    return {
        "net_assets_yuan": net, "total_assets_yuan": total,
        "paid_in_capital_yuan": round(net * 0.8, 2), **items, "other_yuan": fen / 100.0,
        "compensation_receivable_yuan": receivable,
        "unearned_reserve_yuan": round(0.5 * fees, 2),
        "compensation_reserve_yuan": round(0.02 * liability, 2),
        "compensation_reserve_opening_yuan": round(0.018 * liability, 2),
        "compensation_reserve_used_yuan": round(0.002 * liability, 2),
        "fee_income_year_yuan": round(fees, 2), "licence": True, "supervisory_rating_held": True,
        "government_backed": True, "agri_policy_guarantor": True,
        "policy_business_is_main": True, "takes_deposits": False,
        "lends_own_or_entrusted_money": False, "invests_for_others": False,
        "reserves_provided": True,
    }  # fmt: skip
