"""Slow twin of the guarantee algebra: one path at a time, fractions, no arrays."""

from collections import defaultdict
from fractions import Fraction
from functools import cache

from riskengine.guarantee.amounts import Amount
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


@cache
def fraction(number: float) -> Fraction:
    told = Fraction(repr(float(number)))
    return next(
        (f for d in range(1, 1000) if abs((f := Fraction(round(told * d), d)) - told) < 1e-12), told
    )


def sum_of(amount: Amount, volume: int, premium: int = 0) -> int:
    if amount.rate is not None:
        return round(Fraction(repr(amount.rate)) * (premium if amount.of == "premium" else volume))
    return round(Fraction(repr(float(amount.yuan))) * 100)


def largest_remainder(total: int, shares: list[Fraction]) -> list[int]:
    """Shares of a total; what the shares leave has the last place."""
    shares = [*shares, 1 - sum(shares)]
    quotas = [total * share for share in shares]
    found = [int(quota) for quota in quotas]
    order = sorted(range(len(quotas)), key=lambda k: (-(quotas[k] - found[k]), k))
    for k in order[: total - sum(found)]:
        found[k] += 1
    return found[:-1]


def cap(layer: Layer, volume: int, premium: int) -> tuple[float, str]:
    if isinstance(layer, RateCap):
        if layer.cap.rate is not None and layer.cap_on == "guaranteed":
            of = premium if layer.cap.of == "premium" else volume
            part = Fraction(repr(layer.share)) * Fraction(repr(layer.cap.rate)) * of
            return round(part), layer.basis
        return sum_of(layer.cap, volume, premium), layer.basis
    basis, found = "cumulative", None
    if isinstance(layer, ReGuarantee):
        basis, found = layer.basis, layer.cap
    elif isinstance(layer, InsuranceAssignment):
        basis, found = layer.basis, layer.amount
    elif isinstance(layer, FirstLossFund):
        found = layer.balance
    elif isinstance(layer, ExcessLayer):
        basis, found = layer.aggregate_basis, layer.aggregate
    if found is None:
        return float("inf"), "cumulative"
    return sum_of(found, volume, premium), basis


def ends(layer: Layer, volume: int, premium: int) -> tuple[float, float, str]:
    """Start and end of a layer's slice and what is counted."""
    if isinstance(layer, Deductible):
        start = sum_of(layer.attach, volume, premium)
        return start, start + sum_of(layer.amount, volume, premium), layer.basis
    if isinstance(layer, ExcessLayer):
        end = float("inf") if layer.detach is None else sum_of(layer.detach, volume, premium)
        return sum_of(layer.attach, volume, premium), end, layer.basis
    if isinstance(layer, StopLoss):
        start = sum_of(layer.attach, volume, premium)
        width = float("inf") if layer.limit is None else sum_of(layer.limit, volume, premium)
        return start, start + width, layer.basis
    if isinstance(layer, FirstLossFund):
        return sum_of(layer.attach, volume, premium), float("inf"), layer.basis
    return 0, float("inf"), "loss"


def pay_path(
    programme: Programme, losses: list[int], volume: int, premium: int = 0, year: int = 12
) -> list[dict[str, int]]:
    """What every party bears in every period of one path."""
    counted: dict[tuple[int, str, int], int] = defaultdict(int)
    paid: dict[tuple[int, str, int], int] = defaultdict(int)
    out = []
    for t, loss in enumerate(losses):
        mark = {"loss": t, "year": t // year, "cumulative": 0}
        held: dict[str, int] = defaultdict(int, bank=loss)
        kept: dict[str, int] = defaultdict(int)
        for number, stage in enumerate(programme.stages):
            layers = [programme.layers[k] for k in stage]
            base = held[layers[0].cedes_from]
            groups: dict[tuple[float, float, str], list[int]] = {}
            for k, layer in zip(stage, layers, strict=True):
                groups.setdefault(ends(layer, volume, premium), []).append(k)
            for (start, end, basis), members in groups.items():
                first = programme.layers[members[0]]
                if isinstance(first, Deductible) and first.franchise:
                    limit = sum_of(first.amount, volume, premium)
                    part = base if base < limit or (base == limit and not first.inclusive) else 0
                else:
                    key = (number, basis, mark[basis])
                    before = counted[key]
                    after = before + base
                    part = int(min(max(after, start), end) - min(max(before, start), end))
                shares = [fraction(getattr(programme.layers[k], "share", 1.0)) for k in members]
                for k, asked in zip(members, largest_remainder(part, shares), strict=True):
                    layer = programme.layers[k]
                    most, over = cap(layer, volume, premium)
                    place = (k, over, mark[over])
                    given = int(min(asked, max(most - paid[place], 0)))
                    paid[place] += given
                    held[layer.cedes_from] -= given
                    (kept if isinstance(layer, Deductible) else held)[layer.party] += given
            for basis in {basis for _, _, basis in groups}:
                counted[number, basis, mark[basis]] += base
        out.append({p: held[p] + kept[p] for p in {*held, *kept}})
    return out
