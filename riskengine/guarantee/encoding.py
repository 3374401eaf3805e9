"""A programme for one volume as the tables that `riskengine.kernels.guarantee_layers` reads."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from riskengine.guarantee.amounts import Amount, added, exact
from riskengine.guarantee.checks import ends, share_of
from riskengine.guarantee.structure import Programme
from riskengine.guarantee.terms import (
    Deductible,
    ExcessLayer,
    FirstLossFund,
    InsuranceAssignment,
    Layer,
    RateCap,
    ReGuarantee,
    StopLoss,
)

Table = NDArray[np.float64]

SIMPLE = 10_000
"""Largest denominator of a share that is taken for a ratio of whole numbers, such as 1/3."""
UNITS = 10_000_000
"""Parts of 1 in which other shares are counted: the seventh decimal."""
DENOMINATORS = 1 << 25
"""Bound on denominators below which the kernel's arithmetic is exact."""
BASIS = {"loss": 0.0, "year": 1.0, "cumulative": 2.0}


@dataclass(frozen=True, slots=True)
class Volume:
    """What the rates of a programme are rates of.

    Parameters
    ----------
    guaranteed_fen : int
        Guaranteed volume [0.01 yuan].
    premium_fen : int
        Premium [0.01 yuan].
    """

    guaranteed_fen: int
    premium_fen: int = 0

    def of(self, amount: Amount) -> float:
        """Return an amount of a contract for this volume.

        Parameters
        ----------
        amount : Amount
            The amount.

        Returns
        -------
        float
            Whole fen.
        """
        return float(amount.fen(self.guaranteed_fen, self.premium_fen))

    def width(self, start: Amount, end: Amount | None, *, from_start: bool) -> float:
        """Return the width of a layer, so that layers that meet in the contract meet in fen.

        Parameters
        ----------
        start : Amount
            Where it starts.
        end : Amount or None
            Where it ends, or its width; None without end.
        from_start : bool
            True where ``end`` is the width.

        Returns
        -------
        float
            Whole fen, or infinite.
        """
        if end is None:
            return math.inf
        if from_start and not (start.yuan or start.rate):
            return self.of(end)
        if from_start and (start.rate is None) == (end.rate is None) and start.of == end.of:
            end = added(start, end)
        elif from_start:
            return self.of(end)
        return max(self.of(end) - self.of(start), 0.0)


def weights(shares: Sequence[float]) -> tuple[list[int], int]:
    """Return shares as whole numbers over one denominator.

    Parameters
    ----------
    shares : sequence of float
        Shares [1], in [0, 1], together at most 1.

    Returns
    -------
    numerators : list of int
        One a share, together at most the denominator.
    denominator : int
        Below `DENOMINATORS`.

    Notes
    -----
    0.4 is 2/5 and 0.3333333333333333 is 1/3, not their neighbours in floating point.
    Shares that are no such ratios are counted to the seventh decimal.

    Examples
    --------
    >>> weights([0.4, 0.3, 0.2, 0.1]), weights([1 / 3])
    (([4, 3, 2, 1], 10), ([1], 3))
    """
    found = [_ratio(share) for share in shares]
    whole = math.lcm(*(share.denominator for share in found))
    total = sum(found, Fraction(0))
    if whole < DENOMINATORS and total <= 1:
        return [int(share * whole) for share in found], whole
    found.append(max(1 - total, Fraction(0)))
    scale = UNITS / max(total, Fraction(1))
    quotas = [share * scale for share in found]
    counted = [math.floor(quota) for quota in quotas]
    ranked = sorted(range(len(quotas)), key=lambda k: counted[k] - quotas[k])
    for k in ranked[: UNITS - sum(counted)]:
        counted[k] += 1
    return counted[:-1], UNITS


def _ratio(share: float) -> Fraction:
    """The ratio of small whole numbers that a share stands for, or its decimal."""
    told = exact(share)
    simple = told.limit_denominator(SIMPLE)
    return simple if abs(simple - told) < Fraction(1, 10**12) else told


@dataclass(frozen=True, slots=True)
class Cut:
    """How a layer cuts its slice out of what the ceding party bears.

    Parameters
    ----------
    mode : float
        0 all of it, 1 a slice, 2 or 3 losses below a franchise (2: equal to it is above).
    attach, width : float
        Start and width of the slice [0.01 yuan].
    basis : float
        What losses are counted over: 0 loss, 1 year, 2 all.
    """

    mode: float = 0.0
    attach: float = 0.0
    width: float = math.inf
    basis: float = 2.0


def cut_of(layer: Layer, volume: Volume) -> Cut:
    """Return the slice of a layer.

    Parameters
    ----------
    layer : Layer
        The layer.
    volume : Volume
        Volume for its rates.

    Returns
    -------
    Cut
        The slice.
    """
    if isinstance(layer, Deductible):
        mode = 1.0 if not layer.franchise else 2.0 if layer.inclusive else 3.0
        start = volume.of(layer.amount if layer.franchise else layer.attach)
        return Cut(mode, start, volume.of(layer.amount), BASIS[layer.basis])
    if isinstance(layer, ExcessLayer | StopLoss):
        first, last = ends(layer)
        width = volume.width(first, last, from_start=isinstance(layer, StopLoss))
        return Cut(1.0, volume.of(first), width, BASIS[layer.basis])
    if isinstance(layer, FirstLossFund) and (layer.attach.yuan or layer.attach.rate):
        return Cut(1.0, volume.of(layer.attach), math.inf, BASIS[layer.basis])
    return Cut()


def cap_of(layer: Layer, volume: Volume) -> tuple[float, float]:
    """Return the most that a layer pays.

    Parameters
    ----------
    layer : Layer
        The layer.
    volume : Volume
        Volume for its rates.

    Returns
    -------
    cap : float
        Whole fen; infinite without.
    basis : float
        What payments are counted over: 0 loss, 1 year, 2 all.
    """
    if isinstance(layer, RateCap) and layer.cap.rate is not None and layer.cap_on == "guaranteed":
        of = volume.guaranteed_fen if layer.cap.of == "volume" else volume.premium_fen
        return float(round(exact(layer.share) * exact(layer.cap.rate) * of)), BASIS[layer.basis]
    limit, basis = None, "cumulative"
    if isinstance(layer, RateCap | ReGuarantee):
        limit, basis = layer.cap, layer.basis
    elif isinstance(layer, InsuranceAssignment):
        limit, basis = layer.amount, layer.basis
    elif isinstance(layer, FirstLossFund):
        limit = layer.balance
    elif isinstance(layer, ExcessLayer):
        limit, basis = layer.aggregate, layer.aggregate_basis
    return math.inf if limit is None else volume.of(limit), BASIS[basis]


def splits_of(programme: Programme, volume: Volume) -> list[tuple[bool, Cut, list[int]]]:
    """Return the splits of a programme in order.

    Parameters
    ----------
    programme : Programme
        The programme.
    volume : Volume
        Volume for its rates.

    Returns
    -------
    list of tuple of bool, Cut, list of int
        Whether the base is taken anew, the slice, the layers that share it.
    """
    found = []
    for stage in programme.stages:
        by_slice: dict[Cut, list[int]] = {}
        for k in stage:
            by_slice.setdefault(cut_of(programme.layers[k], volume), []).append(k)
        for j, (cut, members) in enumerate(by_slice.items()):
            found.append((j == 0, cut, members))
    return found


def tables(
    programme: Programme, volume: Volume, places: Mapping[str, int], slots: Sequence[int]
) -> tuple[Table, Table]:
    """Return a programme as the kernel reads it.

    Parameters
    ----------
    programme : Programme
        The programme.
    volume : Volume
        Volume for its rates.
    places : mapping of str to int
        Row of each party in the results.
    slots : sequence of int
        Row of each layer in the results by layer; -1 for none.

    Returns
    -------
    splits : (s, 9) float64
        See `riskengine.kernels.guarantee_layers.pay_paths`.
    takers : (k, 6) float64
        Likewise.
    """
    splits: list[list[float]] = []
    takers: list[list[float]] = []
    for fresh, cut, members in splits_of(programme, volume):
        layers = [programme.layers[k] for k in members]
        numerators, whole = weights([share_of(layer) for layer in layers])
        first = len(takers)
        for k, layer, numerator in zip(members, layers, numerators, strict=True):
            kept = isinstance(layer, Deductible)
            takers.append([
                places[layer.party], numerator, kept, *cap_of(layer, volume), slots[k],
            ])  # fmt: skip
        giver = places[layers[0].cedes_from]
        splits.append([
            fresh, giver, first, len(takers), whole, cut.mode, cut.attach, cut.width, cut.basis,
        ])  # fmt: skip
    return np.array(splits, dtype=np.float64), np.array(takers, dtype=np.float64)
