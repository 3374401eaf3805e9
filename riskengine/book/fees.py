"""What the guarantees of a book would have to cost, scheme by scheme."""

from typing import Any

import numpy as np

from riskengine.book.figures import BookRisk
from riskengine.book.load import LoadedBook
from riskengine.guarantee.fees import guarantee_fees, segment
from riskengine.rules import Rules


def fee_rows(loaded: LoadedBook, risk: BookRisk, rules: Rules) -> list[dict[str, Any]]:
    """Return charged, break-even and highest fee of every scheme of sharing.

    Parameters
    ----------
    loaded : LoadedBook
        The book.
    risk : BookRisk
        Its risk.
    rules : Rules
        Rules of the valuation day.

    Returns
    -------
    list of dict
        The widest gap first; fees over the amount guaranteed [1/year].

    Notes
    -----
    One year: the fee in advance on the amount guaranteed, claims at the end of the year,
    discounted at the mean rate of the loans.  The break-even fee pays for what the
    guarantor itself is expected to bear.
    """
    contracts, groups, usual = loaded.measured.contracts, risk.groups, risk.usual
    count = len(groups.names)
    amount = np.bincount(groups.member, contracts.guaranteed_yuan, count)
    own = usual.group_yuan[usual.parties.index("guarantor")] if "guarantor" in usual.parties else (
        np.zeros(count)
    )  # fmt: skip
    weight = contracts.guaranteed_yuan
    rate = np.bincount(groups.member, weight * np.nan_to_num(contracts.rate_per_year), count)
    fee = np.bincount(groups.member, weight * np.nan_to_num(contracts.fee_rate_per_year), count)
    some = amount > 0.0
    held = np.where(some, amount, 1.0)
    figures = segment(held[:, None], np.clip(own / held, 0.0, 1.0)[:, None], 1.0, 1.0, rate / held)
    found = guarantee_fees(figures)
    most = rules.held("guarantee_policy.policy_fee_most")
    rows = [
        {
            "programme_id": name, "guaranteed_yuan": float(amount[k]),
            "charged": float(fee[k] / held[k]), "break_even": float(found.pure[k]),
            "ceiling": most, "gap": float(found.pure[k] - fee[k] / held[k]),
        }
        for k, name in enumerate(groups.names)
        if some[k]
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row["gap"], row["programme_id"]))
