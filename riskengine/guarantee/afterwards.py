"""What changes after payment: funds that ran dry, and money that comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from riskengine.guarantee.algebra import BookPayments, Payments
from riskengine.guarantee.amounts import Fen, fen_of
from riskengine.guarantee.structure import Programme
from riskengine.guarantee.terms import Recoveries
from riskengine.kernels.guarantee_layers import recovery_paths
from riskengine.portfolio.exposures import refused


def returned(
    programme: Programme, payments: Payments, unpaid_fen: Mapping[str, ArrayLike]
) -> Payments:
    """Return payments once funds that ran dry have left claims unpaid.

    Parameters
    ----------
    programme : Programme
        The terms.
    payments : Payments
        What was asked of every party.
    unpaid_fen : mapping of str to (t, n) array-like of int
        By fund, what it could not pay [0.01 yuan]; it falls back to the ceding party.

    Returns
    -------
    Payments
        Payments with the same sums.

    Raises
    ------
    BookError
        If no layer, or more than one, draws on a fund, or it leaves more unpaid than it
        was asked for.
    """
    amounts, layers = payments.amounts_fen.copy(), payments.layers_fen.copy()
    for fund, given in unpaid_fen.items():
        at = [
            k
            for k, layer in enumerate(programme.layers)
            if fund in (layer.fund_id, payments.layers[k])
        ]
        unpaid = fen_of(fund, given)
        if len(at) != 1 or unpaid.shape != layers.shape[1:] or np.any(unpaid > layers[at[0]]):
            raise refused(
                fund,
                "应对应一层，未付不得超过请求",
                "must be one layer's, with no more unpaid than asked",
            )
        layer = programme.layers[at[0]]
        layers[at[0]] -= unpaid
        amounts[payments.parties.index(layer.party)] -= unpaid
        amounts[payments.parties.index(layer.cedes_from)] += unpaid
    return Payments(payments.parties, amounts, payments.layers, layers, payments.open_funds)


def returned_in_book(
    programmes: Sequence[Programme], payments: BookPayments, unpaid_fen: ArrayLike
) -> BookPayments:
    """Return a book's payments once funds that ran dry have left claims unpaid.

    Parameters
    ----------
    programmes : sequence of Programme
        Terms of each group.
    payments : BookPayments
        What was asked of every party.
    unpaid_fen : (f, t, n) array-like of int
        What each fund could not pay [0.01 yuan]; it falls back to the ceding party.

    Returns
    -------
    BookPayments
        Payments by period with the same sums, and claims paid.  By group they stay as asked:
        the account of a fund does not say whose claim it left unpaid.

    Raises
    ------
    BookError
        If a fund leaves more unpaid than it was asked for, or its layers differ in the party
        that pays or cedes.
    """
    unpaid = fen_of("unpaid_fen", unpaid_fen)
    if unpaid.shape != payments.claims_fen.shape or np.any(unpaid > payments.claims_fen):
        raise refused(
            "unpaid_fen", "形状不符，或未付超过请求",
            "must have the shape of the claims, with no more unpaid than asked",
        )  # fmt: skip
    periods = payments.period_fen.copy()
    for k, fund in enumerate(payments.funds):
        ways = {
            (layer.party, layer.cedes_from)
            for programme in programmes
            for layer in programme.layers
            if layer.fund_id == fund
        }
        if len(ways) != 1:
            raise refused(fund, "各方案的承担方或分出方不同", "has layers of different parties")
        party, giver = next(iter(ways))
        periods[payments.parties.index(party)] -= unpaid[k]
        periods[payments.parties.index(giver)] += unpaid[k]
    return replace(payments, period_fen=periods, claims_fen=payments.claims_fen - unpaid)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came back of payments, and to whom.

    Parameters
    ----------
    parties : tuple of str
        The k parties.
    amounts_fen : (k, t, n) int64
        What each gets back, in the period in which it comes [0.01 yuan].
    costs_fen : (t, n) int64
        What recovering cost [0.01 yuan].
    later_fen : (n,) int64
        What comes after the last period, before costs [0.01 yuan].
    """

    parties: tuple[str, ...]
    amounts_fen: Fen
    costs_fen: Fen
    later_fen: Fen


def recover(payments: Payments, terms: Recoveries) -> Recovered:
    """Return what comes back of payments.

    Parameters
    ----------
    payments : Payments
        Who paid what.
    terms : Recoveries
        How much comes back, when, and in which order.

    Returns
    -------
    Recovered
        Amounts by party.  With costs and what comes later they add up to the recovered
        share of what the parties that recover paid, rounded half-even loss by loss.

    Raises
    ------
    BookError
        If shares are outside [0, 1], the delay is negative, or a party stands twice.

    Notes
    -----
    Each loss is recovered on its own: the parties are made whole for it in order, the rest
    in proportion to what they paid of it.  Recoveries do not restore a cap or a fund.

    Examples
    --------
    >>> from riskengine.guarantee.algebra import pay
    >>> from riskengine.guarantee.programme import shared_by
    >>> paid = pay(shared_by("2:8", {"guarantor": 0.8}), [[10_000], [0]], 1_000_000)
    >>> recover(paid, Recoveries(share=0.5, delay_months=1)).amounts_fen[:, :, 0].tolist()
    [[0, 1000], [0, 4000]]
    """
    shares_fit = 0.0 <= terms.share <= 1.0 and 0.0 <= terms.cost_share <= 1.0
    if not shares_fit or terms.delay_months < 0:
        raise refused("recoveries", "比例应在0到1之间，延迟不为负",
                       "must have shares in [0, 1] and no negative delay")  # fmt: skip
    if len(set(terms.order)) < len(terms.order) or set(terms.order) & {"borrower", *terms.without}:
        raise refused("recoveries", "受偿顺序有重复，或含不受偿方",
                       "name a party twice, or one that recovers nothing")  # fmt: skip
    known = [party for party in payments.parties if party not in {"borrower", *terms.without}]
    first = [payments.parties.index(party) for party in terms.order if party in known]
    rest = [payments.parties.index(party) for party in known if party not in terms.order]
    paid = payments.amounts_fen
    out, costs = np.zeros_like(paid), np.zeros(paid.shape[1:], dtype=np.int64)
    later = np.zeros(paid.shape[2], dtype=np.int64)
    recovery_paths(
        paid, np.array(first, dtype=np.int64), np.array(rest, dtype=np.int64), terms.share,
        terms.cost_share, terms.delay_months, out, costs, later,
    )  # fmt: skip
    return Recovered(payments.parties, out, costs, later)
