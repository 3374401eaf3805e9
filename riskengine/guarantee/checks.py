"""What can be wrong with the terms of a programme, each layer and all together."""

import math
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from riskengine.guarantee.amounts import Amount, exact
from riskengine.guarantee.terms import (
    BASES,
    LENDER,
    Deductible,
    ExcessLayer,
    FirstLossFund,
    InsuranceAssignment,
    Layer,
    QuotaShare,
    RateCap,
    ReGuarantee,
    StopLoss,
)
from riskengine.words import Text

ROUNDING = 1e-12
"""By how much shares may pass 1 in floating point and still be meant to add up to it."""


class LayerFault(NamedTuple):
    """One fault of one layer.

    Parameters
    ----------
    layer_id : str
        The layer.
    column : str
        Column of the table of layers.
    wrong, cure : Text
        What is wrong, and what to do about it.
    """

    layer_id: str
    column: str
    wrong: Text
    cure: Text


def named(layers: Sequence[Layer]) -> list[str]:
    """Return the names of layers.

    Parameters
    ----------
    layers : sequence of Layer
        Layers in order.

    Returns
    -------
    list of str
        ``layer_id``, or kind and position where it is empty.
    """
    return [layer.layer_id or f"{layer.kind} {k}" for k, layer in enumerate(layers, 1)]


def amounts_of(layer: Layer) -> Iterator[tuple[str, Amount]]:
    """Yield the amounts of a layer.

    Parameters
    ----------
    layer : Layer
        The layer.

    Yields
    ------
    tuple of str, Amount
        ``attach`` or ``limit``, by which the table of layers names it, and the amount.
    """
    for field, column in (
        ("attach", "attach"), ("cap", "limit"), ("amount", "limit"), ("limit", "limit"),
        ("detach", "limit"), ("balance", "limit"), ("aggregate", "limit"),
    ):  # fmt: skip
        amount = getattr(layer, field, None)
        if amount is not None:
            yield column, amount


def layer_faults(layer: Layer, name: str, parties: Collection[str]) -> Iterator[LayerFault]:
    """Yield what is wrong with a layer by itself.

    Parameters
    ----------
    layer : Layer
        The layer.
    name : str
        Its name.
    parties : collection of str
        Known parties.

    Yields
    ------
    LayerFault
        Faults.
    """
    for column in ("party", "cedes_from"):
        if getattr(layer, column) not in parties:
            known = ", ".join(parties)
            yield LayerFault(
                name, column,
                Text("没有这个当事方", "no such party"),
                Text(f"可选：{known}", f"choose one of: {known}"),
            )  # fmt: skip
    share = getattr(layer, "share", 1.0)
    if not 0.0 <= share <= 1.0:
        yield LayerFault(
            name, "share",
            Text("比例应在0到1之间", "a share must be in [0, 1]"),
            Text("填小数，不填百分数", "give a fraction, not a per cent"),
        )  # fmt: skip
    for column, amount in amounts_of(layer):
        yield from _amount_faults(name, column, amount)
    for column in ("basis", "aggregate_basis"):
        if getattr(layer, column, "year") not in BASES:
            yield LayerFault(
                name, "basis",
                Text("没有这种累计口径", "no such basis"),
                Text(f"可选：{', '.join(BASES)}", f"choose one of: {', '.join(BASES)}"),
            )  # fmt: skip
    if isinstance(layer, Deductible) and layer.franchise:
        low = layer.attach.rate or layer.attach.yuan
        if layer.basis != "loss" or low or layer.share != 1.0:
            yield LayerFault(
                name, "basis",
                Text("相对免赔须逐笔、从零起、全额", "a franchise is per loss, from 0, and whole"),
                Text("改为绝对免赔，或改口径", "make it a deductible, or change its basis"),
            )  # fmt: skip


def _amount_faults(name: str, column: str, amount: Amount) -> Iterator[LayerFault]:
    """Faults of one amount: one of sum and rate, finite, not negative."""
    if (amount.yuan is None) == (amount.rate is None):
        yield LayerFault(
            name, f"{column}_yuan",
            Text("金额与比率须且只须填一项", "give a sum or a rate, one of the two"),
            Text("删去一项或补填一项", "take one out, or fill one in"),
        )  # fmt: skip
        return
    unit = "yuan" if amount.rate is None else "rate"
    value = amount.yuan if amount.rate is None else amount.rate
    if value is None or not 0.0 <= value < math.inf:
        yield LayerFault(
            name, f"{column}_{unit}",
            Text("应为不小于0的有限数", "must be a finite number >= 0"),
            Text("请核对合同", "check the contract"),
        )  # fmt: skip


def stages(layers: Sequence[Layer]) -> list[list[int]]:
    """Return which layers act on the same base.

    Neighbours do that share a loss, build one tower or re-guarantee one party side by side.

    Parameters
    ----------
    layers : sequence of Layer
        Layers in order.

    Returns
    -------
    list of list of int
        Positions of the layers of each stage, in order.
    """

    def family(position: int) -> tuple[object, ...]:
        layer = layers[position]
        for kinds in ((QuotaShare, RateCap), (ReGuarantee,), (ExcessLayer,), (StopLoss,)):
            if isinstance(layer, kinds):
                return kinds[0].kind, layer.cedes_from
        return (position,)

    return [list(found) for _, found in groupby(range(len(layers)), family)]


def structure_faults(layers: Sequence[Layer]) -> Iterator[LayerFault]:
    """Yield what is wrong between layers, each of which is right by itself.

    Parameters
    ----------
    layers : sequence of Layer
        Layers in order.

    Yields
    ------
    LayerFault
        Faults.
    """
    names = named(layers)
    if not layers:
        yield LayerFault(
            "", "layer_id",
            Text("方案没有任何分层", "the programme has no layer"),
            Text("至少填一层", "fill in at least one layer"),
        )  # fmt: skip
    for k, name in enumerate(names):
        if name in names[:k]:
            yield LayerFault(
                name, "layer_id",
                Text("分层编号重复", "the identifier stands twice"),
                Text("每层一个编号", "give each layer its own"),
            )  # fmt: skip
    yield from _order_faults(layers, names)
    for stage in stages(layers):
        members = [layers[k] for k in stage]
        if isinstance(members[0], QuotaShare | RateCap | ReGuarantee):
            yield from _share_faults(members, [names[k] for k in stage])
        elif isinstance(members[0], ExcessLayer | StopLoss):
            yield from _tower_faults(members, [names[k] for k in stage])


def _order_faults(layers: Sequence[Layer], names: list[str]) -> Iterator[LayerFault]:
    """Layers that cede what is not there, or come where law and contract do not put them."""
    bearing, shared, funds = {LENDER}, False, set[str]()
    for layer, name in zip(layers, names, strict=True):
        if layer.cedes_from not in bearing:
            yield LayerFault(
                name, "cedes_from",
                Text("该方此时没有承担任何损失", "this party bears nothing at that point"),
                Text("调整顺序或分出方", "change the order or the ceding party"),
            )  # fmt: skip
        if layer.party == layer.cedes_from and not isinstance(
            layer, QuotaShare | ExcessLayer | Deductible
        ):
            yield LayerFault(
                name, "party",
                Text("承担方与分出方相同", "the party cedes to itself"),
                Text("改填另一方", "name another party"),
            )  # fmt: skip
        if isinstance(layer, ReGuarantee) and layer.cedes_from == LENDER:
            yield LayerFault(
                name, "cedes_from",
                Text("再担保只承担担保方的代偿", "a re-guarantee covers a guarantor's payments"),
                Text("直接分担银行损失请用 quota_share", "use quota_share for the bank's loss"),
            )  # fmt: skip
        if isinstance(layer, InsuranceAssignment) and layer.cedes_from == LENDER and shared:
            yield LayerFault(
                name, "order",
                Text("转让给银行的保险金先于担保代偿", "insurance of the lender comes first"),
                Text("移到最前", "move it before the guarantees"),
            )  # fmt: skip
        if isinstance(layer, FirstLossFund) and layer.fund_id and layer.balance is not None:
            if layer.fund_id in funds:
                yield LayerFault(
                    name, "fund_id",
                    Text("同一基金的余额计了两次", "the balance of this fund counts twice"),
                    Text("合并为一层，或余额留空由基金账推算",
                         "join the layers, or leave the balance to the fund's own path"),
                )  # fmt: skip
            funds.add(layer.fund_id)
        shared |= layer.cedes_from == LENDER and not isinstance(
            layer, InsuranceAssignment | Deductible
        )
        if not isinstance(layer, Deductible):
            bearing.add(layer.party)


def share_of(layer: Layer) -> float:
    """Return the share of a layer.

    Parameters
    ----------
    layer : Layer
        The layer.

    Returns
    -------
    float
        Share [1].
    """
    return float(getattr(layer, "share", 1.0))


def _share_faults(layers: Sequence[Layer], names: list[str]) -> Iterator[LayerFault]:
    total = sum(exact(share_of(layer)) for layer in layers)
    if total > 1.0 + ROUNDING:
        told = ", ".join(names)
        yield LayerFault(
            names[-1], "share",
            Text(f"同一损失的比例合计{float(total):g}，超过1（{told}）",
                 f"shares of one loss add up to {float(total):g}, more than 1 ({told})"),
            Text("请核对各方比例", "check the parties' shares"),
        )  # fmt: skip


def ends(layer: Layer) -> tuple[Amount, Amount | None]:
    """Return where a layer of a tower starts, and its end or width.

    Parameters
    ----------
    layer : Layer
        An excess layer (start and end) or a stop-loss (start and width).

    Returns
    -------
    tuple of Amount, Amount or None
        Start; end or width, None without end.
    """
    if isinstance(layer, StopLoss):
        return layer.attach, layer.limit
    assert isinstance(layer, ExcessLayer)
    return layer.attach, layer.detach


def _tower_faults(layers: Sequence[Layer], names: list[str]) -> Iterator[LayerFault]:
    """Layers of a tower measured alike, each starting where the one below ends."""
    units = {
        (a.rate is None, a.of if a.rate is not None else "", getattr(layer, "basis", ""))
        for layer in layers
        for a in ends(layer)
        if a is not None and (a.rate or a.yuan)
    }
    if len(units) > 1 and (len(layers) > 1 or isinstance(layers[0], ExcessLayer)):
        yield LayerFault(
            names[-1], "attach_yuan",
            Text("同一组超赔层的单位或口径不一", "layers of one tower differ in unit or basis"),
            Text("全部用金额或全部用比率，口径相同", "use sums or rates, and one basis, for all"),
        )  # fmt: skip
        return
    found: dict[tuple[float, float], list[int]] = {}
    for k, layer in enumerate(layers):
        start, end = ends(layer)
        low = float(exact(start.yuan or start.rate or 0.0))
        high = math.inf if end is None else float(exact(end.yuan or end.rate or 0.0))
        low, high = (low, low + high) if isinstance(layer, StopLoss) else (low, high)
        if high <= low:
            yield LayerFault(
                names[k], "limit_yuan",
                Text("该层止于起赔点或更低", "the layer ends where it starts, or below"),
                Text("请核对起赔点与限额", "check attachment and limit"),
            )  # fmt: skip
            return
        found.setdefault((low, high), []).append(k)
    for members in found.values():
        yield from _share_faults([layers[k] for k in members], [names[k] for k in members])
    for below, above in pairwise(sorted(found)):
        if math.isclose(below[1], above[0], rel_tol=1e-12, abs_tol=0.0):
            continue
        gap = below[1] < above[0]
        lower, upper = names[found[below][0]], names[found[above][0]]
        what = Text("之间有空档", "leave a gap") if gap else Text("重叠", "overlap")
        yield LayerFault(
            upper, "attach_yuan",
            Text(f"{lower}与{upper}{what.zh}：{below[1]:g}与{above[0]:g}",
                 f"{lower} and {upper} {what.en}: {below[1]:g} and {above[0]:g}"),
            Text("各层首尾相接；自留的一段写成承担方与分出方相同的一层",
                 "let layers meet; a slice that is kept is a layer of the ceding party itself"),
        )  # fmt: skip
