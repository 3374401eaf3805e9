"""From losses to payments: what every party to a guarantee programme bears, to the fen.

The order is that of the law: what the debtor's own security brings, insurance money that is
assigned to the lender, then the layers of the programme.  On every path and in every period
the parties' amounts add up to the loss.

Caps and deductibles that count up over a year or over all periods are followed along each
path; the payment for the mean loss is not the mean payment.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray

from riskengine.guarantee.amounts import Fen, fen_of, whole_fen
from riskengine.guarantee.encoding import Volume, tables
from riskengine.guarantee.programme import Programme
from riskengine.guarantee.terms import LENDER, FirstLossFund
from riskengine.kernels.guarantee_layers import pay_paths
from riskengine.portfolio.exposures import refused

BLOCK = 512
"""Paths that a kernel does at once: their amounts stay in the processor's own memory."""


@dataclass(frozen=True, slots=True)
class Payments:
    """What every party bears of the losses of one programme.

    Parameters
    ----------
    parties : tuple of str
        The k parties in it.
    amounts_fen : (k, t, n) int64
        What each bears in every period on every path [0.01 yuan].
    layers : tuple of str
        Names of the m layers.
    layers_fen : (m, t, n) int64
        What each layer takes [0.01 yuan].
    open_funds : tuple of str
        Funds whose balance nobody told: what is asked of them may be more than they hold.
    """

    parties: tuple[str, ...]
    amounts_fen: Fen
    layers: tuple[str, ...]
    layers_fen: Fen
    open_funds: tuple[str, ...]

    def of(self, party: str) -> Fen:
        """Return what one party bears.

        Parameters
        ----------
        party : str
            The party.

        Returns
        -------
        (t, n) int64
            Amounts [0.01 yuan]; zeros for a party that is not in the programme.
        """
        if party not in self.parties:
            return np.zeros(self.amounts_fen.shape[1:], dtype=np.int64)
        found: Fen = self.amounts_fen[self.parties.index(party)]
        return found


@dataclass(frozen=True, slots=True)
class BookPayments:
    """What every party bears of the losses of many groups, each with its programme.

    Parameters
    ----------
    parties : tuple of str
        The k parties.
    period_fen : (k, t, n) int64
        What each bears in every period, groups added up [0.01 yuan].
    group_fen : (k, g, n) int64
        What each bears of every group, periods added up [0.01 yuan].
    funds : tuple of str
        Funds that layers pay out of.
    claims_fen : (f, t, n) int64
        What is asked of each fund [0.01 yuan]; a path of the fund says what it can pay.
    """

    parties: tuple[str, ...]
    period_fen: Fen
    group_fen: Fen
    funds: tuple[str, ...]
    claims_fen: Fen


def pay(
    programme: Programme, losses_fen: ArrayLike, volume_fen: int, *,
    premium_fen: int = 0, recovered_fen: ArrayLike | None = None,
    payout_fen: ArrayLike | None = None, periods_per_year: int = 12, threads: int = 1,
) -> Payments:  # fmt: skip
    """Return what every party bears of losses.

    Parameters
    ----------
    programme : Programme
        The terms.
    losses_fen : (n,) or (t, n) array-like of int
        Losses [0.01 yuan], >= 0, of n paths or single debts, in t periods.
    volume_fen : int
        Guaranteed volume, of which rates are taken [0.01 yuan], >= 0.
    premium_fen : int
        Premium, for stop-losses on a loss ratio [0.01 yuan], >= 0.
    recovered_fen : array-like of int or None
        What the debtors' own security brings, of the shape of the losses [0.01 yuan]; it
        comes before everything else and is borne by the borrower.
    payout_fen : array-like of int or None
        Insurance money assigned to the lender, where it is drawn path by path [0.01 yuan].
    periods_per_year : int
        Periods of a year, >= 1.
    threads : int
        Threads, >= 1; the result does not depend on them.

    Returns
    -------
    Payments
        Amounts by party and by layer.

    Raises
    ------
    BookError
        If losses are negative, no whole fen or too large, or shapes do not fit.

    Examples
    --------
    >>> from riskengine.guarantee.programme import shared_by
    >>> shares = {"guarantor": 0.4, "province": 0.3, "bank": 0.2, "government": 0.1}
    >>> found = pay(shared_by("4321", shares), [33_333_335], 100_000_000)
    >>> dict(zip(found.parties, found.amounts_fen[:, 0, 0].tolist()))
    {'bank': 6666667, 'guarantor': 13333334, 'province': 10000001, 'government': 3333333}
    """
    gross = fen_of("losses_fen", losses_fen)
    if gross.ndim == 1:
        gross = gross[None, :]
    if gross.ndim != 2:
        raise refused("losses_fen", "应为一维或二维", "must be (paths,) or (periods, paths)")
    before = _before(gross, recovered_fen, payout_fen)
    net = gross - sum(before.values(), np.zeros((), dtype=np.int64))
    volume = Volume(whole_fen("volume_fen", volume_fen), whole_fen("premium_fen", premium_fen))
    names = programme.names
    book = _paid(
        [programme], net[None], [volume], periods_per_year, threads,
        [list(range(len(names)))], len(names), tuple(before),
    )  # fmt: skip
    parties, periods, _, layers = book
    for party, amounts in before.items():
        periods[parties.index(party)] += amounts
    funds = {
        layer.fund_id or name
        for layer, name in zip(programme.layers, names, strict=True)
        if (layer.fund_id or isinstance(layer, FirstLossFund))
        and not (isinstance(layer, FirstLossFund) and layer.balance is not None)
    }
    return Payments(parties, periods, names, layers, tuple(sorted(funds)))


def pay_book(
    programmes: Sequence[Programme], losses_fen: ArrayLike, volumes_fen: Sequence[int], *,
    premiums_fen: Sequence[int] | None = None, periods_per_year: int = 12, threads: int = 1,
) -> BookPayments:  # fmt: skip
    """Return what every party bears of the losses of many groups.

    Parameters
    ----------
    programmes : sequence of Programme
        Terms of each of the g groups.
    losses_fen : (g, t, n) array-like of int
        Losses of groups in t periods on n paths [0.01 yuan], >= 0.
    volumes_fen : sequence of int
        Guaranteed volume of each group [0.01 yuan], >= 0.
    premiums_fen : sequence of int or None
        Premium of each group [0.01 yuan], >= 0.
    periods_per_year : int
        Periods of a year, >= 1.
    threads : int
        Threads, >= 1; the result does not depend on them.

    Returns
    -------
    BookPayments
        Amounts by party.  Caps hold for each group on its own; a fund that several groups
        draw on is asked by all of them, and `claims_fen` adds that up.

    Raises
    ------
    BookError
        If losses are negative, no whole fen or too large, or lengths do not fit.
    """
    gross = fen_of("losses_fen", losses_fen)
    premiums = [0] * len(programmes) if premiums_fen is None else list(premiums_fen)
    if gross.ndim != 3 or not len(programmes) == len(volumes_fen) == len(premiums) == len(gross):
        raise refused(
            "losses_fen", "应为（组, 期, 路径），每组一个方案和担保额",
            "must be (groups, periods, paths), with one programme and volume a group",
        )  # fmt: skip
    volumes = [
        Volume(whole_fen("volumes_fen", volume), whole_fen("premiums_fen", premium))
        for volume, premium in zip(volumes_fen, premiums, strict=True)
    ]
    funds = tuple(sorted({
        layer.fund_id for programme in programmes for layer in programme.layers if layer.fund_id
    }))  # fmt: skip
    slots = [
        [funds.index(layer.fund_id) if layer.fund_id else -1 for layer in programme.layers]
        for programme in programmes
    ]
    parties, periods, groups, claims = _paid(
        programmes, gross, volumes, periods_per_year, threads, slots, len(funds), ()
    )
    return BookPayments(parties, periods, groups, funds, claims)


def _paid(
    programmes: Sequence[Programme], losses: Fen, volumes: Sequence[Volume], year: int,
    threads: int, slots: Sequence[Sequence[int]], slot_count: int, more: tuple[str, ...],
) -> tuple[tuple[str, ...], Fen, Fen, Fen]:  # fmt: skip
    """Run the kernel over blocks of paths."""
    if year < 1 or threads < 1:
        raise refused("periods_per_year, threads", "不得小于1", "must be at least 1")
    parties = _parties(programmes, more)
    places = {party: k for k, party in enumerate(parties)}
    splits, takers, counts = _stacked([
        tables(programme, volume, places, slot)
        for programme, volume, slot in zip(programmes, volumes, slots, strict=True)
    ])  # fmt: skip
    keeps = np.max(takers[:, :, 2], axis=1, initial=0.0).astype(np.int64)
    groups, periods, paths = losses.shape
    out = np.zeros((len(parties), periods, paths), dtype=np.int64)
    by_group = np.zeros((len(parties), groups, paths), dtype=np.int64)
    by_slot = np.zeros((slot_count, periods, paths), dtype=np.int64)
    work = [
        (
            losses,
            splits,
            takers,
            counts,
            keeps,
            year,
            low,
            min(low + BLOCK, paths),
            out,
            by_group,
            by_slot,
        )
        for low in range(0, paths, BLOCK)
    ]
    Parallel(n_jobs=threads, backend="threading")(delayed(pay_paths)(*block) for block in work)
    return parties, out, by_group, by_slot


def _parties(programmes: Sequence[Programme], more: tuple[str, ...]) -> tuple[str, ...]:
    """Parties of some programmes: the lender first, then as the programmes list them."""
    used = {LENDER, *more}
    used.update(layer.party for programme in programmes for layer in programme.layers)
    known = dict.fromkeys([LENDER, *(party for p in programmes for party in p.parties), *more])
    return tuple(party for party in known if party in used)


def _stacked(
    found: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> tuple[NDArray[np.float64], NDArray[np.float64], Fen]:
    """Tables of many programmes in one array each."""
    most = max((len(splits) for splits, _ in found), default=0)
    widest = max((len(takers) for _, takers in found), default=0)
    splits = np.zeros((len(found), most, 9))
    takers = np.zeros((len(found), widest, 6))
    for g, (own, taking) in enumerate(found):
        splits[g, : len(own)], takers[g, : len(taking)] = own, taking
    return splits, takers, np.array([len(own) for own, _ in found], dtype=np.int64)


def _before(gross: Fen, recovered: ArrayLike | None, payout: ArrayLike | None) -> dict[str, Fen]:
    """What is paid before the programme is asked: own security first, then insurance."""
    found: dict[str, Fen] = {}
    left = gross
    for party, name, given in (
        ("borrower", "recovered_fen", recovered), ("insurer", "payout_fen", payout),
    ):  # fmt: skip
        if given is not None:
            amounts = fen_of(name, given)
            if amounts.shape not in (gross.shape, gross.shape[1:]):
                raise refused(name, "形状与损失不同", "must have the shape of the losses")
            found[party] = np.minimum(amounts, left)
            left = left - found[party]
    return found
