"""A small guarantee book made by rule: two counties, land behind most loans, three schemes."""

import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from riskengine.book.factors import Loadings, load_loadings
from riskengine.book.figures import Draws
from riskengine.book.load import LoadedBook, Setting, load_book
from riskengine.law import law_for
from riskengine.market import demonstration
from tests.book.conftest import DAY, Rows, write_rows

COUNTIES = "370983", "511181"
COMMODITIES = "grain", "pigs", "fruit"
REPAYMENTS = "bullet", "equal_principal", "annuity", "interest_only"
QUICK = Draws(seed=11, scenarios=256, scrambles=2)


def setting(day: date = DAY, months: int = 12, loadings: Loadings | None = None) -> Setting:
    """The engine's own law, the demonstration market, the loadings shipped."""
    return Setting(day, demonstration(), law_for(None), {}, loadings or load_loadings(), months)


def loan(k: int, **more: Any) -> dict[str, Any]:
    """One loan of the book."""
    return {
        "loan_id": f"L-{k}", "borrower_id": f"B-{k}", "balance_yuan": 100_000 + 5_000 * (k % 7),
        "starts_on": "2026-01-10", "matures_on": f"2027-{1 + k % 12:02d}-20",
        "region_code": COUNTIES[k % 2], "commodity": COMMODITIES[k % 3],
        "default_chance": 0.01 + 0.005 * (k % 5), "origination_default_chance": 0.02,
        "overdue_days": 0, "repayment": REPAYMENTS[k % 4], "rate_per_year": 0.05,
    } | more  # fmt: skip


def guarantee(k: int, of: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The guarantee of one loan: 80 per cent of it."""
    amount = f"{0.8 * float(of['balance_yuan']):.2f}"
    return {
        "guarantee_id": f"G-{k}", "loan_id": of["loan_id"], "programme_id": f"PR-{1 + k % 2}",
        "kind": "loan_farm_household", "guaranteed_share": 0.8, "own_share": 0.4,
        "bank_share": 0.2, "amount_yuan": amount, "in_force_balance_yuan": amount,
        "fee_rate_per_year": 0.008, "fee_received_yuan": 1_000, "starts_on": "2026-01-10",
        "ends_on": of["matures_on"], "state": "in_force",
    } | more  # fmt: skip


LAYERS = [
    {"layer_id": "A", "programme_id": "PR-1", "order": 1, "kind": "quota_share",
     "party": "guarantor", "share": 0.4},
    {"layer_id": "B", "programme_id": "PR-1", "order": 2, "kind": "quota_share",
     "party": "county_fund", "share": 0.4, "fund_id": "F-1"},
    {"layer_id": "C", "programme_id": "PR-1", "order": 3, "kind": "quota_share", "party": "bank",
     "share": 0.2},
    {"layer_id": "D", "programme_id": "PR-2", "order": 1, "kind": "quota_share",
     "party": "guarantor", "share": 0.8},
    {"layer_id": "E", "programme_id": "PR-2", "order": 2, "kind": "re_guarantee",
     "party": "province", "share": 0.5},
]  # fmt: skip
FUNDS = [{"fund_id": "F-1", "party": "county_fund", "balance_yuan": 30_000,
          "region_code": "370983"}]  # fmt: skip


def land(k: int, **more: Any) -> dict[str, Any]:
    """Land of a contracting household, sound in law."""
    return {"right_id": f"R-{k}", "kind": "household", "region_code": COUNTIES[k % 2],
            "area_mu": 40 + 4 * (k % 5), "land_use": "irrigated",
            "contract_end": "2048-12-31"} | more  # fmt: skip


def pledge(k: int, **more: Any) -> dict[str, Any]:
    """The pledge of that land."""
    return {"pledge_id": f"P-{k}", "right_kind": "land", "right_id": f"R-{k}",
            "loan_id": f"L-{k}"} | more  # fmt: skip


def rows(size: int = 24) -> Rows:
    """Every third loan has no land behind it, every sixth guarantee no scheme."""
    loans = [loan(k) for k in range(size)]
    plain = {"programme_id": ""}
    return {
        "loans": loans,
        "borrowers": [{"borrower_id": f"B-{k}", "borrower_kind": "farm_household",
                       "commodity": "grain", "default_chance": 0.5, "region_code": "370983"}
                      for k in range(size)],
        "guarantees": [guarantee(k, one, **(plain if k % 6 == 5 else {}))
                       for k, one in enumerate(loans)],
        "layers": [dict(row) for row in LAYERS], "funds": [dict(row) for row in FUNDS],
        "statements": [{"statement_id": "S-1", "as_of": "2026-10-31", "consolidated": "否",
                        "net_assets_yuan": 5e6, "total_assets_yuan": 8e6, "cash_yuan": 8e6,
                        "equity_in_guarantors_yuan": 0}],
        "pledges": [pledge(k) for k in range(size) if k % 3],
        "land": [land(k) for k in range(size) if k % 3],
    }  # fmt: skip


def loaded(folder: Path, tables: Rows, **how: Any) -> LoadedBook:
    """Write a book as CSV and load it."""
    folder.mkdir(exist_ok=True)
    shutil.rmtree(folder / "tables", ignore_errors=True)
    write_rows(folder / "tables", tables)
    (folder / "work").mkdir(exist_ok=True)
    return load_book(folder / "tables", folder / "work", setting(**how))


Load = Callable[..., LoadedBook]


def without_sale(base: Loadings | None = None) -> Loadings:
    """Loadings by which sale prices know nothing of the causes of default."""
    held = base or load_loadings()
    return replace(held, sale={kind: {} for kind in held.sale})


def close(found: float, wanted: float, error: float, times: float = 4.0) -> bool:
    """Whether two figures agree within some standard errors."""
    return math.isfinite(error) and bool(np.abs(found - wanted) <= times * error)
