"""A programme in sentences: who pays what, in order."""

from fractions import Fraction

from riskengine.guarantee.amounts import Amount, exact
from riskengine.guarantee.checks import share_of
from riskengine.guarantee.structure import Programme
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


def explain(programme: Programme) -> tuple[Text, ...]:
    """Return who pays what, one sentence a layer, in order.

    Parameters
    ----------
    programme : Programme
        The programme.

    Returns
    -------
    tuple of Text
        Sentences in both languages; the last says what stays with the lender.

    Examples
    --------
    >>> from riskengine.guarantee.programme import shared_by
    >>> for sentence in explain(shared_by("2:8", {"guarantor": 0.8})):
    ...     print(sentence.en)
    1. The guarantor pays 80% of every loss of the bank.
    2. The rest stays with the bank.
    """
    sentences = []
    for stage in programme.stages:
        for k in stage:
            told = _said(programme, programme.layers[k])
            if len(stage) > 1 and k != stage[0]:
                told = Text(
                    f"{told.zh}（与上一条针对同一损失）", f"{told.en} (of the same loss as above)"
                )
            sentences.append(told)
    lender = programme.parties.get(LENDER, Text(LENDER, LENDER))
    sentences.append(Text(f"其余由{lender.zh}承担", f"The rest stays with the {lender.en}"))
    return tuple(
        Text(f"{k}. {told.zh}。", f"{k}. {told.en}.") for k, told in enumerate(sentences, 1)
    )


def _said(programme: Programme, layer: Layer) -> Text:
    """One layer as a sentence without its full stop."""
    payer = programme.parties[layer.party]
    giver = programme.parties[layer.cedes_from]
    share = _rate(share_of(layer))
    own = layer.party == layer.cedes_from
    if isinstance(layer, Deductible):
        found = _deductible(layer, payer, giver)
    elif isinstance(layer, ExcessLayer | StopLoss):
        found = _slice(layer, payer, giver)
    elif own:
        found = Text(
            f"{payer.zh}自留每笔损失的{share}", f"The {payer.en} keeps {share} of every loss"
        )
    elif isinstance(layer, ReGuarantee):
        found = Text(
            f"{payer.zh}承担{giver.zh}自身代偿的{share}",
            f"The {payer.en} bears {share} of what the {giver.en} itself pays",
        )
    else:
        found = Text(f"{payer.zh}承担{giver.zh}每笔损失的{share}",
                     f"The {payer.en} pays {share} of every loss of the {giver.en}")  # fmt: skip
    limit = _limit(layer)
    fund = layer.fund_id
    drawn = Text(f"，从基金{fund}支付", f", out of the fund {fund}") if fund else Text("", "")
    return Text(f"{found.zh}{limit.zh}{drawn.zh}", f"{found.en}{limit.en}{drawn.en}")


def _deductible(layer: Deductible, payer: Text, giver: Text) -> Text:
    amount, basis = _sum(layer.amount), BASES[layer.basis]
    if layer.franchise:
        zh, en = ("不足", "below") if layer.inclusive else ("不超过", "up to")
        return Text(f"{payer.zh}承担{giver.zh}{zh}{amount.zh}的损失；超过的全额进入以下各条",
                    f"The {payer.en} bears losses of the {giver.en} {en} {amount.en}; "
                    "larger ones pass on whole")  # fmt: skip
    start = _sum(layer.attach)
    above = bool(layer.attach.yuan or layer.attach.rate)
    share = "" if layer.share == 1.0 else _rate(layer.share)
    part = Text(f"的{share}", f"{share} of ") if share else Text("", "")
    zh = f"超过{start.zh}以上的" if above else "最先的"
    en = f" above {start.en}" if above else ""
    return Text(f"{payer.zh}承担{giver.zh}损失（{basis.zh}）{zh}{amount.zh}{part.zh}，不再分出",
                f"The {payer.en} bears {part.en}the first {amount.en}{en} of the loss of the "
                f"{giver.en}, counted over {basis.en}, and passes none of it on")  # fmt: skip


def _slice(layer: ExcessLayer | StopLoss, payer: Text, giver: Text) -> Text:
    """An excess layer or stop-loss."""
    start, basis, share = _sum(layer.attach), BASES[layer.basis], _rate(share_of(layer))
    if isinstance(layer, StopLoss):
        width = None if layer.limit is None else _sum(layer.limit)
        end = Text(f"、最多{width.zh}", f", by at most {width.en}") if width else Text("", "")
    else:
        top = None if layer.detach is None else _sum(layer.detach)
        end = Text(f"至{top.zh}", f" up to {top.en}") if top else Text("", "")
    return Text(f"{payer.zh}承担{giver.zh}损失（{basis.zh}）超过{start.zh}{end.zh}部分的{share}",
                f"The {payer.en} pays {share} of the loss of the {giver.en} above "
                f"{start.en}{end.en}, counted over {basis.en}")  # fmt: skip


def _limit(layer: Layer) -> Text:
    """The most that a layer pays, as the end of a sentence."""
    amount, basis, of = None, "cumulative", Text("", "")
    if isinstance(layer, RateCap):
        amount, basis = layer.cap, layer.basis
        if layer.cap.rate is not None and layer.cap_on == "guaranteed":
            of = Text("（按所担保份额计）", " (of the part guaranteed)")
    elif isinstance(layer, ReGuarantee):
        amount, basis = layer.cap, layer.basis
    elif isinstance(layer, InsuranceAssignment):
        amount, basis = layer.amount, layer.basis
    elif isinstance(layer, FirstLossFund):
        amount = layer.balance
        if layer.attach.yuan or layer.attach.rate:
            start, per = _sum(layer.attach), BASES[layer.basis]
            of = Text(f"，仅限{per.zh}超过{start.zh}的部分", f", only above {start.en} of {per.en}")
    elif isinstance(layer, ExcessLayer) and layer.aggregate is not None:
        amount, basis = layer.aggregate, layer.aggregate_basis
    elif isinstance(layer, QuotaShare):
        return of
    if amount is None:
        return of
    most, over = _sum(amount), BASES[basis]
    return Text(f"，{over.zh}最多{most.zh}{of.zh}", f", at most {most.en} over {over.en}{of.en}")


def _sum(amount: Amount) -> Text:
    """An amount in words."""
    if amount.rate is None:
        told = _decimal(exact(amount.yuan or 0.0), grouped=True)
        return Text(f"{told}元", f"{told} yuan")
    told = _rate(amount.rate)
    if amount.of == "premium":
        return Text(f"保费的{told}", f"{told} of the premium")
    return Text(f"担保额的{told}", f"{told} of the volume")


def _rate(rate: float) -> str:
    """A fraction as a percentage."""
    return f"{_decimal(exact(rate) * 100)}%"


def _decimal(number: Fraction, *, grouped: bool = False) -> str:
    """A number with the decimals it needs, at most four."""
    told = f"{float(number):,.4f}" if grouped else f"{float(number):.4f}"
    return told.rstrip("0").rstrip(".")
