"""Figures of a measured book as plain data: what manifest, page and JSON hold."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.book.accounts import Accounts, class_sums
from riskengine.book.contracts import BookContracts
from riskengine.book.figures import BookRisk, exceedance_curve
from riskengine.book.funds import behind_funds
from riskengine.book.layers import Borne
from riskengine.book.load import LoadedBook
from riskengine.credit.five_tier import TIER_WORDS
from riskengine.credit.stages import REASONS
from riskengine.gates.tables import COMMODITIES
from riskengine.gates.tapes import plain_rows
from riskengine.guarantee.terms import PARTIES
from riskengine.guarantee.wording import explain
from riskengine.portfolio.concentration import concentration as measured_concentration
from riskengine.portfolio.contributions import Contributions
from riskengine.portfolio.exposures import Column
from riskengine.portfolio.loss_law import Estimate
from riskengine.portfolio.simulation import Simulation
from riskengine.rights import RIGHTS
from riskengine.words import Text

LEVELS = (0.95, 0.99, 0.999)
COVER_EDGES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
"""Classes of expected proceeds over debt; the last is open."""
MOST_CELLS = 200


def said(name: str, text: Text) -> dict[str, str]:
    """Return a text under two names, one a language.

    Parameters
    ----------
    name : str
        Stem of the names.
    text : Text
        The words.

    Returns
    -------
    dict of str to str
        ``name_zh`` and ``name_en``.
    """
    return {f"{name}_zh": text.zh, f"{name}_en": text.en}


def totals(loaded: LoadedBook, risk: BookRisk, accounts: Accounts) -> dict[str, float]:
    """Return the sums at the head of the page.

    Parameters
    ----------
    loaded : LoadedBook
        The book.
    risk : BookRisk
        Its risk.
    accounts : Accounts
        Its accounts.

    Returns
    -------
    dict of str to float
        Amounts [yuan] and means [1].
    """
    contracts, held = loaded.measured.contracts, loaded.measured.exposures
    debt = float(contracts.debt_yuan.sum())
    expected_defaults = held.debt_yuan * held.default_chance
    return {
        "contracts": contracts.size, "loans_yuan": debt,
        "guaranteed_yuan": float(contracts.guaranteed_yuan.sum()),
        "security_value_yuan": float(contracts.value_yuan.sum()),
        "expected_proceeds_yuan": float((contracts.forward * contracts.debt_yuan).sum()),
        "expected_loss_yuan": risk.loss.expected_loss_yuan,
        "expected_loss_independent_yuan": risk.independent.expected_loss_yuan,
        "wrong_way_yuan": risk.wrong_way_yuan,
        "ecl12_yuan": float(accounts.twelve_month_yuan.sum()),
        "lifetime_ecl_yuan": float(accounts.lifetime_yuan.sum()),
        "ecl_yuan": float(accounts.loss_yuan.sum()),
        "liability_yuan": float(accounts.liability.liability_yuan.sum()),
        "mean_pd": float(expected_defaults.sum() / debt) if debt else 0.0,
        "mean_lgd": risk.loss.expected_loss_yuan / max(float(expected_defaults.sum()), 1e-300),
        "defaulted": int(loaded.measured.defaulted.sum()),
    }  # fmt: skip


def simulated(found: Simulation) -> dict[str, Any]:
    """Return one loss law with its standard errors.

    Parameters
    ----------
    found : Simulation
        The law.

    Returns
    -------
    dict
        Measures by level, curve, weights, method.
    """
    risk: dict[str, dict[str, float]] = {
        name: {} for name in ("value_at_risk", "value_at_risk_se", "expected_shortfall",
                              "expected_shortfall_se", "economic_capital")
    }  # fmt: skip
    for level in LEVELS:
        key = f"{level:g}"
        at, beyond = found.law.value_at_risk(level), found.law.expected_shortfall(level)
        risk["value_at_risk"][key], risk["value_at_risk_se"][key] = _pair(at)
        risk["expected_shortfall"][key], risk["expected_shortfall_se"][key] = _pair(beyond)
        risk["economic_capital"][key] = at.value - found.expected_loss_yuan
    grid = np.linspace(0.0, found.law.expected_shortfall(0.9995).value, 48)
    return {
        "expected": found.expected_loss_yuan, **risk,
        "curve": [[float(x), min(found.law.exceedance(float(x)).value, 1.0)] for x in grid],
        "method": [{"zh": note.zh, "en": note.en} for note in found.treatment.notes],
        "weights": {
            "mean": found.mean_weight.value, "mean_se": found.mean_weight.standard_error,
            "largest": found.largest_weight, "effective": found.effective_size,
        },
    }  # fmt: skip


def _pair(estimate: Estimate) -> tuple[float, float]:
    return estimate.value, estimate.standard_error


def layers(risk: BookRisk) -> list[dict[str, Any]]:
    """Return what each party bears, the lender first.

    Parameters
    ----------
    risk : BookRisk
        Risk of the book.

    Returns
    -------
    list of dict
        Expected loss, share, VaR, ES and curve of each party.
    """
    whole = sum(risk.usual.expected(party)[0] for party in risk.usual.parties)
    found = []
    for party in risk.usual.parties:
        expected, error = risk.usual.expected(party)
        both = {level: risk.tail.measures(party, level) for level in LEVELS[1:]}
        found.append({
            "party": party, **said("title", PARTIES[party]), "expected": expected,
            "expected_se": error, "share_of_loss": expected / whole if whole else 0.0,
            "value_at_risk": {f"{k:g}": one.value_at_risk for k, one in both.items()},
            "expected_shortfall": {f"{k:g}": one.expected_shortfall for k, one in both.items()},
            "curve": _curve(risk.tail, party),
        })  # fmt: skip
    return found


def _curve(borne: Borne, party: str) -> list[list[float]]:
    losses = borne.borne_yuan[borne.parties.index(party)].ravel()
    return exceedance_curve(losses, borne.weights.ravel(), 40)


def programmes(loaded: LoadedBook, risk: BookRisk) -> list[dict[str, Any]]:
    """Return the schemes of sharing with what each party is expected to bear.

    Parameters
    ----------
    loaded : LoadedBook
        The book.
    risk : BookRisk
        Its risk.

    Returns
    -------
    list of dict
        The largest first.
    """
    groups, usual = risk.groups, risk.usual
    count = np.bincount(groups.member, minlength=len(groups.names))
    amount = np.bincount(
        groups.member, loaded.measured.contracts.guaranteed_yuan, len(groups.names)
    )
    rows = [
        {
            "programme_id": name, "contracts": int(count[k]), "guaranteed_yuan": float(amount[k]),
            "expected_loss": float(usual.group_yuan[:, k].sum()),
            "by_party": {
                party: float(usual.group_yuan[i, k]) for i, party in enumerate(usual.parties)
            },
            "sentences": [{"zh": t.zh, "en": t.en} for t in explain(groups.programmes[k])],
        }
        for k, name in enumerate(groups.names)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row["guaranteed_yuan"], row["programme_id"]))


def funds(loaded: LoadedBook, risk: BookRisk) -> list[dict[str, Any]]:
    """Return the compensation funds, the likeliest to run dry first.

    Parameters
    ----------
    loaded : LoadedBook
        The book.
    risk : BookRisk
        Its risk.

    Returns
    -------
    list of dict
        Chance and month of exhaustion, balance, unpaid claims.
    """
    found, tape = risk.funds, loaded.book.funds
    if found is None or tape is None:
        return []
    rows = {row["fund_id"]: row for row in plain_rows(tape)}
    behind = behind_funds(risk.groups, loaded.measured.contracts.guaranteed_yuan)
    named = [f"{level:g}" for level in found.levels]
    opening = {name: float(row["balance_yuan"]) for name, row in rows.items()}
    told = [
        {
            "fund_id": name, "title": rows[name].get("title") or name,
            "region_code": rows[name].get("region_code") or "", "party": rows[name]["party"],
            "balance_yuan": opening[name], "in_force_yuan": behind.get(name, 0.0),
            "exhausted_chance": float(found.exhaustion_chance[k]),
            "exhausted_chance_se": float(found.exhaustion_error[k]),
            "expected_unpaid_yuan": float(found.unpaid_yuan[k]),
            "expected_top_up_yuan": float(found.top_up_yuan[k]),
            "month_chances": found.month_chance[k].tolist(),
            "balance_quantiles": {
                level: [opening[name], *found.balance_yuan[k, :, q].tolist()]
                for q, level in enumerate(named)
            },
        }
        for k, name in enumerate(found.fund_ids)
    ]  # fmt: skip
    return sorted(told, key=lambda row: (-row["exhausted_chance"], row["fund_id"]))


def contributions(contracts: BookContracts, shares: Contributions) -> dict[str, Any]:
    """Return who causes the loss: by county, by commodity, and by both.

    Parameters
    ----------
    contracts : BookContracts
        The contracts.
    shares : Contributions
        What each contract adds.

    Returns
    -------
    dict
        ``county``, ``commodity`` and ``cells``, the largest part of ES first.
    """
    words = {choice.code: choice.title for choice in COMMODITIES}
    both = np.char.add(np.char.add(contracts.county, "|"), contracts.commodity)

    def named(code: str) -> dict[str, str]:
        return said("title", words.get(code, Text("未注明", "not stated")))

    return {
        "county": [
            {"code": k, "title": k, **row} for k, row in _by(contracts.county, contracts, shares)
        ],
        "commodity": [
            {"code": k, **named(k), **row}
            for k, row in _by(contracts.commodity, contracts, shares)
        ],
        "cells": [
            {"county": k.split("|")[0], "commodity": k.split("|")[1], **row}
            for k, row in _by(both, contracts, shares)[:MOST_CELLS]
        ],
    }  # fmt: skip


def _by(
    keys: NDArray[np.str_], contracts: BookContracts, shares: Contributions
) -> list[tuple[str, dict[str, float]]]:
    """Sums by key, the largest part of ES first."""
    names, place = np.unique(keys, return_inverse=True)
    place = place.reshape(-1)

    def total(values: Column) -> Column:
        return np.asarray(np.bincount(place, values, names.size), dtype=np.float64)

    amount, expected = total(contracts.guaranteed_yuan), total(shares.expected_loss_yuan)
    beyond, debt = total(shares.expected_shortfall_yuan), total(contracts.debt_yuan)
    count = np.bincount(place, minlength=names.size)
    rows = [
        (str(name), {
            "contracts": int(count[k]), "guaranteed_yuan": float(amount[k]),
            "loans_yuan": float(debt[k]), "expected_loss": float(expected[k]),
            "shortfall_contribution": float(beyond[k]),
            "loss_per_yuan": float(expected[k] / debt[k]) if debt[k] else 0.0,
        })
        for k, name in enumerate(names)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row[1]["shortfall_contribution"], row[0]))


def stage_rows(contracts: BookContracts, accounts: Accounts) -> list[dict[str, Any]]:
    """Return contracts by stage of impairment.

    Parameters
    ----------
    contracts : BookContracts
        The contracts.
    accounts : Accounts
        Their accounts.

    Returns
    -------
    list of dict
        One row a stage, with the reasons that decide.
    """
    rows = []
    for stage in (1, 2, 3):
        here = accounts.stages.stage == stage
        why = np.bincount(accounts.stages.reason[here], minlength=len(REASONS))
        rows.append({
            "stage": stage, "contracts": int(here.sum()),
            "guaranteed_yuan": float(contracts.guaranteed_yuan[here].sum()),
            "ecl_yuan": float(accounts.loss_yuan[here].sum()),
            "reasons": [
                {"contracts": int(n), **said("title", REASONS[k])} for k, n in enumerate(why) if n
            ],
        })  # fmt: skip
    return rows


def class_rows(contracts: BookContracts, accounts: Accounts) -> list[dict[str, Any]]:
    """Return contracts by five-tier class, the best first.

    Parameters
    ----------
    contracts : BookContracts
        The contracts.
    accounts : Accounts
        Their accounts.

    Returns
    -------
    list of dict
        One row a class.
    """
    return [
        {"class": name, **said("title", words), "contracts": count, "balance_yuan": yuan}
        for words, (name, (count, yuan)) in zip(
            TIER_WORDS, class_sums(accounts, contracts.debt_yuan).items(), strict=True
        )
    ]


def cover(contracts: BookContracts) -> dict[str, Any]:
    """Return expected proceeds over debt as a histogram by kind of right.

    Parameters
    ----------
    contracts : BookContracts
        The contracts.

    Returns
    -------
    dict
        ``edges`` and counts by kind of right.
    """
    place = np.searchsorted(COVER_EDGES, contracts.forward, side="right") - 1
    return {
        "edges": list(COVER_EDGES),
        "kinds": {
            kind: np.bincount(
                place[contracts.right_kind == kind], minlength=len(COVER_EDGES)
            ).tolist()
            for kind in RIGHTS
            if np.any(contracts.right_kind == kind)
        },
    }  # fmt: skip


def concentration(amounts: Sequence[float] | Column) -> dict[str, float]:
    """Return how concentrated amounts are.

    Parameters
    ----------
    amounts : (n,) array-like
        Amounts by name or group [yuan], >= 0.

    Returns
    -------
    dict of str to float
        HHI, effective number, largest and ten largest shares [1].
    """
    if not np.any(np.asarray(amounts) > 0.0):
        return dict.fromkeys(("hhi", "effective", "largest_share", "ten_largest_share"), 0.0)
    found = measured_concentration(amounts, largest=10)
    return {
        "hhi": found.herfindahl, "effective": found.effective_number,
        "largest_share": float(found.largest_shares[0]),
        "ten_largest_share": float(found.largest_shares[-1]),
    }  # fmt: skip
