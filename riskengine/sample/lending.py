"""Synthetic terms of loans, loans that were repaid, and the borrowers of all of them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
NEVER = np.datetime64("NaT", "D")
PRODUCTS = {"land": "农地抵押贷", "forest": "林权抵押贷", "homestead": "农房抵押贷",
            "construction": "集体建设用地抵押贷", "equity": "集体股权质押贷",
            "ecology": "生态产品收益权贷"}  # fmt: skip
"""Product of the loans on each kind of right."""
LIVING: Mapping[str, Mapping[str, float]] = {
    "land": {"grain": 0.5, "vegetables": 0.16, "fruit": 0.12, "cash_crop": 0.14, "pigs": 0.05,
             "cattle_sheep": 0.03},
    "forest": {"forestry": 0.8, "fruit": 0.15, "poultry": 0.05},
    "homestead": {"grain": 0.25, "pigs": 0.2, "poultry": 0.2, "aquaculture": 0.15, "other": 0.2},
    "construction": {"processing": 0.8, "other": 0.2},
    "equity": {"vegetables": 0.4, "aquaculture": 0.2, "other": 0.4},
    "ecology": {"forestry": 0.5, "aquaculture": 0.2, "other": 0.3},
}  # fmt: skip
"""What borrowers on each kind of right live on."""
RISK = {"pigs": 1.8, "poultry": 1.4, "aquaculture": 1.3, "vegetables": 1.1, "grain": 0.8}
"""How much likelier default is by what borrowers live on [1]; 1 for all others."""
WHO: Mapping[str, Mapping[str, float]] = {
    "land": {"farm_household": 0.55, "family_farm": 0.27, "cooperative": 0.14,
             "small_micro_enterprise": 0.04},
    "construction": {"small_micro_enterprise": 0.7, "enterprise": 0.3},
    "ecology": {"cooperative": 0.6, "small_micro_enterprise": 0.3, "other": 0.1},
}  # fmt: skip
OTHERS = {"farm_household": 0.7, "family_farm": 0.2, "cooperative": 0.1}
"""Who borrows on rights of the kinds that `WHO` does not name."""
LEAST_CHANCE, MOST_CHANCE = 0.003, 0.08
"""Range of the default probabilities drawn [1]."""
SAME_BORROWER, PAST_SHARE = 0.08, 0.8
"""Loans to the borrower of the loan before; loans repaid, of those in the book."""


def loan_terms(
    rng: np.random.Generator,
    table: str,
    lent: Mapping[str, Any],
    region: NDArray[np.str_],
    valued_on: date,
) -> Mapping[str, Any]:
    """Draw what the loss of a book asks of synthetic loans on rights of one kind.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    table : str
        Kind of right.
    lent : mapping of str to array
        The loans as `sample_loans` draws them.
    region : (n,) str
        Region of each.
    valued_on : datetime.date
        Day around which days are drawn.

    Returns
    -------
    mapping of str to array
        Further columns of the loans.
    """
    size, day = len(lent["loan_id"]), np.datetime64(valued_on)
    own = np.maximum.accumulate(
        np.where(rng.random(size) < SAME_BORROWER, 0, np.arange(size))
    )  # fmt: skip
    commodity = _among(rng, LIVING[table], size)[own]
    risk = np.array([RISK.get(name, 1.0) for name in commodity.tolist()])
    chance = rng.lognormal(np.log(0.014), 0.6, size)[own] * risk
    chance = np.round(np.clip(chance, LEAST_CHANCE, MOST_CHANCE), 5)
    before = np.round(
        np.clip(chance * rng.lognormal(-0.1, 0.3, size), LEAST_CHANCE, MOST_CHANCE), 5
    )
    names = pc.replace_substring(pa.array(lent["loan_id"]), "LOAN-", "BORROWER-")
    repaid = np.where(rng.random(size) < 0.5, 1.0, rng.uniform(0.3, 1.0, size))
    balance = lent["balance_yuan"]
    started = np.round(rng.lognormal(11.3, 0.7, size), -2)
    principal = np.where(balance > 0.0, np.ceil(balance / repaid / 100.0) * 100.0, started)
    bullet = np.where(rng.random(size) < 0.6, "bullet", "interest_only")
    paying = np.where(rng.random(size) < 0.5, "equal_principal", "annuity")
    rate = lent["rate_per_year"]
    return {
        "borrower_id": names.take(pa.array(own)),
        "lender_id": _lender(rng, region),
        "region_code": region[own],
        "product": np.full(size, PRODUCTS[table]),
        "commodity": commodity, "borrower_kind": _among(rng, WHO.get(table, OTHERS), size)[own],
        "principal_yuan": principal,
        "repayment": np.where(principal == balance, bullet, paying),
        "overdue_days": _overdue(rng, lent, chance, day),
        "default_chance": chance, "origination_default_chance": before,
        "loss_share": np.where(rng.random(size) < 0.3, np.round(rng.uniform(0.2, 0.6, size), 3), np.nan),
        "watch_list": rng.random(size) < 0.02 + chance,
        "restructured_on": np.where(rng.random(size) < 0.01, lent["starts_on"] + (
            (day - lent["starts_on"]).astype(np.int64) * rng.random(size)
        ).astype("timedelta64[D]"), NEVER),
        "effective_rate_per_year": np.round(rate + rng.uniform(0.0, 0.003, size), 4),
    }  # fmt: skip


def _among(rng: np.random.Generator, shares: Mapping[str, float], size: int) -> NDArray[np.str_]:
    """Words by their shares."""
    return rng.choice(np.array(list(shares)), size, p=np.array(list(shares.values())))


def _lender(rng: np.random.Generator, region: NDArray[np.str_]) -> NDArray[np.str_]:
    """Banks, three in each county."""
    county = region.astype("U6")
    number = rng.integers(1, 4, region.size).astype("U1")
    return np.strings.add(np.strings.add("SAMPLE-BANK-", county), np.strings.add("-", number))


def _overdue(
    rng: np.random.Generator,
    lent: Mapping[str, Any],
    chance: NDArray[np.float64],
    day: np.datetime64,
) -> NDArray[np.float64]:
    """Days overdue: since maturity where a balance is left, else by chance, mostly short."""
    owed = lent["balance_yuan"] > 0.0
    since = (day - lent["matures_on"]).astype(np.int64)
    age = (day - lent["starts_on"]).astype(np.int64)
    late = rng.random(owed.size) < 1.2 * chance
    drawn = np.minimum(np.ceil(rng.exponential(50.0, owed.size)), np.maximum(age, 0))
    return np.where(owed & (since > 0), since, np.where(owed & late, drawn, 0)).astype(np.float64)


def past_loans(rng: np.random.Generator, loans: pa.Table, valued_on: date) -> pa.Table:
    """Draw loans of the same borrowers that were repaid before.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    loans : pyarrow.Table
        The loans of the book.
    valued_on : datetime.date
        Day before which they were repaid.

    Returns
    -------
    pyarrow.Table
        Loans without a balance, ``SAMPLE-LOAN-PAST-…``, the same columns.
    """
    day, whole = np.datetime64(valued_on), loans.num_rows
    rows = np.sort(rng.permutation(whole)[: round(PAST_SHARE * whole)])
    size = rows.size
    past = loans.take(pa.array(rows))
    starts = day - rng.integers(400, 2200, size).astype("timedelta64[D]")
    matures = starts + rng.integers(180, 1080, size).astype("timedelta64[D]")
    soonest = day - rng.integers(5, 360, size).astype("timedelta64[D]")
    owed = np.maximum(
        np.round(rng.lognormal(0.0, 0.3, size) * past["principal_yuan"].to_numpy(), -2), 1000.0
    )
    changed: dict[str, Any] = {
        "loan_id": pc.replace_substring(past["loan_id"], "LOAN-", "LOAN-PAST-"),
        "balance_yuan": np.zeros(size), "principal_yuan": owed,
        "starts_on": starts, "matures_on": np.minimum(matures, soonest),
        "guarantee_until": np.full(size, NEVER), "restructured_on": np.full(size, NEVER),
        "overdue_days": np.zeros(size), "watch_list": np.zeros(size, dtype=bool),
    }  # fmt: skip
    return pa.table({
        name: changed[name] if isinstance(changed.get(name), pa.ChunkedArray)
        else pa.array(changed[name], column.type, from_pandas=True) if name in changed else column
        for name, column in zip(past.column_names, past.columns, strict=True)
    })  # fmt: skip


def sample_borrowers(rng: np.random.Generator, loans: pa.Table) -> Mapping[str, Any]:
    """Draw the borrowers of synthetic loans.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    loans : pyarrow.Table
        All loans.

    Returns
    -------
    mapping of str to array
        Columns of the borrowers, one row each, in the order of their first loans.
    """
    encoded = loans["borrower_id"].combine_chunks().dictionary_encode()
    _, first = np.unique(encoded.indices.to_numpy(), return_index=True)
    rows, size = pa.array(first), first.size
    own = {name: loans[name].combine_chunks().take(rows) for name in
           ("borrower_kind", "region_code", "commodity", "default_chance")}  # fmt: skip
    group = np.where(rng.random(size) < 0.03, np.arange(size) // 40, -1)
    named = pc.binary_join_element_wise(
        "SAMPLE-GROUP", pc.utf8_lpad(pa.array(group).cast(pa.string()), 6, "0"), "-"
    )
    relation = np.where(rng.random(size) < 0.001, "other", "none")
    farming = np.isin(
        own["borrower_kind"].cast(pa.string()).to_numpy(zero_copy_only=False),
        ["other"],
        invert=True,
    )
    return {
        "borrower_id": encoded.dictionary, **own,
        "group_id": pc.if_else(pa.array(group >= 0), named, None),
        "small_agri": farming, "related_party": relation,
        "identity_number": pc.replace_substring(encoded.dictionary, "BORROWER", "IDENTITY"),
        "poverty_item": rng.random(size) < 0.04,
    }  # fmt: skip
