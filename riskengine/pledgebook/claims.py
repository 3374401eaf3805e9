"""What is claimed twice in a book: the same right, paper or plot, more area than certified.

Ranks settle who comes first on one right: an earlier rank is a claim before a later one,
equal ranks and unranked pledges share by what they secure (Civil Code, art. 414).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from riskengine.gates.secured import Column
from riskengine.gates.tapes import Rows, Tape
from riskengine.words import Text

AREA_SLACK = 1.0005
"""Rounding of areas that is not an excess [1]."""


class Claim(IntFlag):
    """What a book says against a pledge; several may hold."""

    RANKED = 1
    UNRANKED = 2
    CERTIFICATE = 4
    UNIT = 8
    PARCEL = 16
    AREA = 32
    SENIOR = 64


CLAIM_WORDS: Mapping[Claim, Text] = {
    Claim.RANKED: Text("同一权利有先后顺位的抵押", "the right secures several loans, by rank"),
    Claim.UNRANKED: Text(
        "同一权利在另一笔贷款里也作了抵押，顺位不明",
        "the right backs another loan too, and the ranks are not clear",
    ),
    Claim.CERTIFICATE: Text(
        "同一权属证书出现在另一项权利上", "the certificate stands on another right too"
    ),
    Claim.UNIT: Text(
        "同一不动产单元号出现在另一项权利上", "the unit code stands on another right too"
    ),
    Claim.PARCEL: Text(
        "同一地块代码出现在另一项权利上", "the parcel code stands on another right too"
    ),
    Claim.AREA: Text("担保面积合计超过证载面积", "more area is pledged than the certificate holds"),
    Claim.SENIOR: Text(
        "顺位在先的债权数额不明", "how much is owed to an earlier rank is not known"
    ),
}  # fmt: skip
"""Words for every claim."""
TO_A_PERSON = ~Claim.RANKED
"""Claims that send a pledge to a person."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a book says against each of its pledges.

    Parameters
    ----------
    marks : (n,) int64
        Sums of `Claim`.
    right : (n,) int64
        Number of the right that each pledge lies on, the same for the same right.
    """

    marks: NDArray[np.int64]
    right: Rows


def claims_of(pledges: Tape) -> Claims:
    """Find what is claimed twice.

    Parameters
    ----------
    pledges : Tape
        All pledges of a book.

    Returns
    -------
    Claims
        Marks, and which pledges lie on one right.
    """
    kind = pledges.batch.columns["right_kind"]
    right = _numbers(pledges.text("right_id"), kind)
    marks = np.zeros(pledges.size, dtype=np.int64)
    several = np.bincount(right)[right] > 1
    ranks = _rank(pledges)
    clear = several & _all_different(right, ranks)
    marks |= np.where(clear, int(Claim.RANKED), 0) | np.where(
        several & ~clear, int(Claim.UNRANKED), 0
    )
    codes = {
        Claim.CERTIFICATE: "certificate_no", Claim.UNIT: "unit_code", Claim.PARCEL: "parcel_code",
    }  # fmt: skip
    for claim, column in codes.items():
        text = _plain(pledges.text(column))
        marks |= np.where(_on_other_rights(text, right), int(claim), 0)
    marks |= np.where(_over_area(pledges, right, clear), int(Claim.AREA), 0)
    return Claims(marks, right)


def _plain(text: pa.Array) -> pa.Array:
    """A code without what typing varies: blanks, letter case, width of brackets and digits."""
    distinct = text.dictionary_encode()
    plain = pc.utf8_upper(pc.utf8_normalize(distinct.dictionary, form="NFKC"))
    plain = pc.replace_substring_regex(plain, r"\s+", "")
    plain = pc.if_else(pc.equal(plain, ""), None, plain)
    return plain.take(distinct.indices)


def _numbers(text: pa.Array, kind: NDArray[np.int64]) -> Rows:
    """A number for each distinct text of each kind."""
    encoded = pc.dictionary_encode(text)
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    _, number = np.unique((index + 1) * 16 + kind, return_inverse=True)
    return number.reshape(-1)


def _rank(pledges: Tape) -> Column:
    """Rank of every pledge; NaN where none is stated."""
    nothing = np.full(pledges.size, np.nan)
    rank: Column = pledges.batch.columns.get("rank", nothing)
    return rank


def _all_different(right: Rows, rank: Column) -> NDArray[np.bool_]:
    """Whether all pledges on a right state ranks, each its own."""
    unclear = np.isnan(rank)
    order = np.lexsort((rank, right))
    same = np.zeros(right.size, dtype=bool)
    twins = (right[order][1:] == right[order][:-1]) & (rank[order][1:] == rank[order][:-1])
    same[order[1:][twins]] = True
    same[order[:-1][twins]] = True
    bad = np.bincount(right, weights=(unclear | same).astype(np.float64))
    clear: NDArray[np.bool_] = bad[right] == 0.0
    return clear


def _on_other_rights(text: pa.Array, right: Rows) -> NDArray[np.bool_]:
    """Whether a text stands on more than one right."""
    encoded = pc.dictionary_encode(text)
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    wide = int(right.max(initial=0)) + 1
    pairs = np.unique(index * wide + right)
    rights = np.bincount(pairs[pairs >= 0] // wide, minlength=len(encoded.dictionary) + 1)
    shared: NDArray[np.bool_] = (index >= 0) & (rights[index] > 1)
    return shared


def _over_area(pledges: Tape, right: Rows, clear: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether the pledges under one certificate take more area than it holds.

    Pledges that stand behind one another by rank take the same land, all others add up.
    """
    certificate = _plain(pledges.text("certificate_no")).dictionary_encode()
    index = certificate.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    over = np.zeros(pledges.size, dtype=bool)
    columns, nothing = pledges.batch.columns, np.full(pledges.size, np.nan)
    for unit in ("mu", "m2"):
        pledged = np.nan_to_num(columns.get(f"pledged_area_{unit}", nothing))
        certified = columns.get(f"certified_area_{unit}", nothing)
        counted = pledged - np.where(clear, _beyond_largest(pledged, right, index), 0.0)
        total = np.bincount(index + 1, weights=counted)[index + 1]
        own = np.where(index >= 0, np.maximum(total, pledged), pledged)
        excess: NDArray[np.bool_] = own > certified * AREA_SLACK
        over |= excess
    return over


def _beyond_largest(area: Column, right: Rows, certificate: Rows) -> Column:
    """All of each area but the first largest on one right under one certificate."""
    order = np.lexsort((-area, certificate, right))
    first = np.ones(area.size, dtype=bool)
    first[1:] = (np.diff(right[order]) != 0) | (np.diff(certificate[order]) != 0)
    beyond = area.copy()
    beyond[order[first]] = 0.0
    return beyond


def standing(claims: Claims, pledges: Tape, debt: Column) -> tuple[Column, Column]:
    """Return what other pledges on the same right leave to each.

    Parameters
    ----------
    claims : Claims
        Which pledges lie on one right.
    pledges : Tape
        The pledges.
    debt : (n,) float64
        Debt that each secures [yuan]; NaN where not known.

    Returns
    -------
    (n,) float64
        Debts of earlier ranks that fall on each, by its share among its equals [yuan].
    (n,) float64
        Share of the right among equal ranks and unranked pledges [1].

    Notes
    -----
    A debt that is not known counts as the amount secured, by contract or by the register,
    where one is stated.  Among equals of which some debts are not known all share alike.
    """
    rank = np.nan_to_num(_rank(pledges), nan=np.inf)
    stated = known_claims(pledges, debt)
    owed = np.nan_to_num(stated)
    order = np.lexsort((rank, claims.right))
    right, level = claims.right[order], rank[order]
    first = np.ones(rank.size, dtype=bool)
    first[1:] = right[1:] != right[:-1]
    opens = first.copy()
    opens[1:] |= level[1:] != level[:-1]
    group = np.cumsum(opens) - 1
    of_group = np.bincount(group, owed[order]).astype(np.float64)
    count = np.bincount(group)
    unclear = np.bincount(group, weights=np.isnan(stated[order])) > 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        part = owed[order] / of_group[group]
    part = np.where(unclear[group] | ~(of_group[group] > 0.0), 1.0 / count[group], part)
    senior, share = np.empty(rank.size), np.empty(rank.size)
    senior[order] = _before(of_group, group, first) * part
    share[order] = part
    return senior, share


def _before(of_group: Column, group: Rows, first: NDArray[np.bool_]) -> Column:
    """What the earlier groups on the same right come to, summed right by right."""
    before = np.zeros(of_group.size)
    done = np.zeros(of_group.size, dtype=bool)
    done[group[first]] = True
    left = np.flatnonzero(~done)
    while left.size:
        ready = left[done[left - 1]]
        before[ready] = before[ready - 1] + of_group[ready - 1]
        done[ready] = True
        left = left[~done[left]]
    return before[group]


def known_claims(pledges: Tape, debt: Column) -> Column:
    """Return what each pledge may claim, as far as it is known.

    Parameters
    ----------
    pledges : Tape
        The pledges.
    debt : (n,) float64
        Debt that each secures [yuan]; NaN where not known.

    Returns
    -------
    (n,) float64
        The debt, else the amount secured by contract, else by the register [yuan]; NaN
        where none is stated.
    """
    claim = debt
    for name in ("secured_limit_yuan", "registered_limit_yuan"):
        stated = pledges.batch.columns.get(name, np.full(pledges.size, np.nan))
        claim = np.where(np.isnan(claim), stated, claim)
    return claim


def with_unknown_seniors(claims: Claims, pledges: Tape, debt: Column) -> Claims:
    """Return the claims with those marked that stand behind a debt that is not known.

    Parameters
    ----------
    claims : Claims
        As `claims_of` finds them.
    pledges : Tape
        The pledges.
    debt : (n,) float64
        Debt that each secures [yuan]; NaN where not known.

    Returns
    -------
    Claims
        With `Claim.SENIOR` on every pledge behind such a rank.
    """
    rank = np.nan_to_num(_rank(pledges), nan=np.inf)
    unknown = np.isnan(known_claims(pledges, debt))
    if not unknown.any():
        return claims
    earliest = np.full(int(claims.right.max()) + 1, np.inf)
    np.minimum.at(earliest, claims.right[unknown], rank[unknown])
    behind = rank > earliest[claims.right]
    return Claims(claims.marks | np.where(behind, int(Claim.SENIOR), 0), claims.right)
