"""Synthetic programmes by which losses are shared, in the splits that counties use.

Splits: 4321 (guarantor 40, province 30, bank 20, government 10); bank and guarantor 2:8
and 3:7; fund, guarantor and bank 4:3:3 (Guangyuan); 50:50 with the county bearing 40 % of
the compensation (Shandong, Boxing).  Source: regulation notes AGR-SHR-01, AGR-FUND-01.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Split:
    """One way of sharing losses.

    Parameters
    ----------
    guaranteed : float
        Share of the loss that the institution guarantees to the bank [1].
    own : float
        Share that stays with it [1].
    layers : tuple of (kind, party, share)
        Layers in order; re-guarantees share what the guarantor pays.
    cap_rate : float
        Cap of a layer with a capped rate, of the volume [1].
    """

    guaranteed: float
    own: float
    layers: tuple[tuple[str, str, float], ...]
    cap_rate: float = 0.03


SPLITS: Mapping[str, Split] = {
    "4321": Split(0.8, 0.4, (
        ("quota_share", "guarantor", 0.4), ("quota_share", "province", 0.3),
        ("quota_share", "bank", 0.2), ("quota_share", "government", 0.1),
    )),
    "28": Split(0.8, 0.56, (
        ("quota_share", "bank", 0.2), ("quota_share", "guarantor", 0.8),
        ("re_guarantee", "province", 0.3),
    )),
    "37": Split(0.7, 0.56, (
        ("rate_cap", "guarantor", 0.7), ("re_guarantee", "national", 0.2),
    )),
    "433": Split(0.7, 0.3, (
        ("quota_share", "county_fund", 0.4), ("quota_share", "guarantor", 0.3),
        ("quota_share", "bank", 0.3),
    )),
    "5050": Split(0.5, 0.3, (
        ("quota_share", "bank", 0.5), ("quota_share", "guarantor", 0.5),
        ("re_guarantee", "county_fund", 0.4),
    )),
}  # fmt: skip
"""Splits by name."""


def programme_of(
    rng: np.random.Generator, county: NDArray[np.str_]
) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Draw a programme for each guarantee: two of the splits are in use in every county.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    county : (n,) str
        County of each, 6 digits.

    Returns
    -------
    (n,) str
        Name of the split.
    (n,) str
        Identifier of the programme, one for each county and split.
    """
    _, place = np.unique(county, return_inverse=True)
    names = np.array(list(SPLITS))
    second = rng.random(county.size) < 0.4
    split = names[(place.reshape(-1) + 2 * second) % names.size]
    programme = np.strings.add(np.strings.add("SAMPLE-PROGRAMME-", split), "-")
    return split, np.strings.add(programme, county)


def sample_layers(programmes: Sequence[str]) -> Mapping[str, Any]:
    """Lay out the layers of programmes.

    Parameters
    ----------
    programmes : sequence of str
        Identifiers as `programme_of` gives them.

    Returns
    -------
    mapping of str to list
        Columns of the layers.
    """
    rows = []
    for programme in programmes:
        _, _, name, county = programme.split("-")
        split = SPLITS[name]
        for order, (kind, party, share) in enumerate(split.layers, 1):
            rows.append({
                "layer_id": f"SAMPLE-LAYER-{name}-{county}-{order}", "programme_id": programme,
                "order": float(order), "kind": kind, "party": party, "share": share,
                "limit_rate": split.cap_rate if kind == "rate_cap" else None,
                "basis": "cumulative" if kind == "rate_cap" else None,
                "fund_id": f"SAMPLE-FUND-{county}" if party == "county_fund" else None,
                "cedes_from": "guarantor" if kind == "re_guarantee" else "bank",
            })  # fmt: skip
    return {name: [row[name] for row in rows] for name in rows[0]}


def sample_funds(
    rng: np.random.Generator, county: NDArray[np.str_], in_force_yuan: NDArray[np.float64]
) -> Mapping[str, Any]:
    """Draw a compensation fund for each county.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    county : (k,) str
        Counties.
    in_force_yuan : (k,) float64
        Balance in force of each [yuan].

    Returns
    -------
    mapping of str to array
        Columns of the funds: about a tenth of the balance in force, some below it.
    """
    size = county.size
    held = np.round(np.maximum(in_force_yuan * rng.uniform(0.09, 0.15, size), 10_000.0), -2)
    return {
        "fund_id": np.strings.add("SAMPLE-FUND-", county),
        "title": np.strings.add(np.strings.add("合成样本 ", county), " 风险补偿资金"),
        "party": np.full(size, "county_fund"), "region_code": county,
        "balance_yuan": held, "committed_yuan": np.round(held * rng.uniform(0.3, 1.0, size), -2),
        "top_up_floor_share": np.full(size, 0.1),
        "top_up_to_yuan": np.round(in_force_yuan * 0.12, -2),
        "top_up_delay_months": rng.integers(3, 13, size).astype(np.float64),
        "claim_delay_months": rng.integers(1, 5, size).astype(np.float64),
        "recovery_share": np.round(rng.uniform(0.2, 0.4, size), 2),
        "recovery_delay_months": rng.integers(12, 25, size).astype(np.float64),
        "income_yuan_per_month": np.round(held * 0.02 / 12.0, 2),
    }  # fmt: skip
