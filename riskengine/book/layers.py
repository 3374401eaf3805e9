"""Who bears the losses of a book: contracts drawn one by one, layers and funds path by path."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from riskengine.book.exposures import Measured
from riskengine.guarantee.algebra import BookPayments, pay_book
from riskengine.guarantee.programme import Programme, shared_by
from riskengine.portfolio.contract_simulation import simulate_contracts
from riskengine.portfolio.contracts import PreparedContracts, prepare_contracts
from riskengine.portfolio.exposures import Column, Index
from riskengine.portfolio.measures import Measures, sample_measures
from riskengine.portfolio.scenarios import Scenarios

DRAWS = 2e9
"""Contract-scenarios that one run draws at most, unless a single block is more."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Contracts by scheme of sharing.

    Parameters
    ----------
    names : tuple of str
        Scheme of each group; "" followed by the share for guarantees without one.
    programmes : tuple of Programme
        Terms of each group.
    member : (n,) int64
        Group of each contract.
    volumes_fen : tuple of int
        Loans under each group [fen].
    """

    names: tuple[str, ...]
    programmes: tuple[Programme, ...]
    member: Index
    volumes_fen: tuple[int, ...]


def groups_of(measured: Measured, programmes: Mapping[str, Programme]) -> Groups:
    """Group the contracts of a book by the terms on which their losses are shared.

    Parameters
    ----------
    measured : Measured
        The book.
    programmes : mapping of str to Programme
        Schemes by name.

    Returns
    -------
    Groups
        A contract without a scheme is shared by its own guaranteed share between lender
        and guarantor.
    """
    contracts = measured.contracts
    plain = [f"~{share:.6f}" for share in contracts.guaranteed_share.tolist()]
    named = [
        name if name in programmes else alone
        for name, alone in zip(contracts.programme.tolist(), plain, strict=True)
    ]
    names, member = np.unique(np.array(named, dtype=str), return_inverse=True)
    member = member.reshape(-1).astype(np.int64)
    terms = [programmes.get(str(name)) or _alone(str(name)) for name in names]
    volumes = np.bincount(member, contracts.debt_yuan, len(names))
    fen = tuple(round(volume * 100.0) for volume in volumes.tolist())
    return Groups(tuple(map(str, names)), tuple(terms), member, fen)


def _alone(name: str) -> Programme:
    """Terms of a guarantee without a scheme: the guarantor's share, and the lender's rest."""
    share = float(name.removeprefix("~"))
    if not share:
        return shared_by(name, {"bank": 1.0})
    return shared_by(name, {"bank": round(1.0 - share, 6), "guarantor": share})


@dataclass(frozen=True, slots=True)
class Borne:
    """What each party bears of the losses of a book, on weighted paths in blocks.

    Parameters
    ----------
    parties : tuple of str
        The k parties.
    borne_yuan : (k, b, s) float64
        Loss of each over the horizon [yuan], by block and scenario.
    group_yuan : (k, g) float64
        Expected loss of each in each group [yuan].
    weights : (b, s) float64
        Likelihood ratios [1].
    """

    parties: tuple[str, ...]
    borne_yuan: Column
    group_yuan: Column
    weights: Column

    def expected(self, party: str) -> tuple[float, float]:
        """Return the expected loss of one party and its standard error.

        Parameters
        ----------
        party : str
            The party.

        Returns
        -------
        tuple of float
            Both [yuan]; the error is NaN for a single block.
        """
        each = (self.borne_yuan[self.parties.index(party)] * self.weights).mean(axis=1)
        error = each.std(ddof=1) / math.sqrt(each.size) if each.size > 1 else math.nan
        return float(each.mean()), float(error)

    def measures(self, party: str, level: float) -> Measures:
        """Return VaR and ES of one party.

        Parameters
        ----------
        party : str
            The party.
        level : float
            Level [1], in (0, 1).

        Returns
        -------
        Measures
            Of its loss [yuan].
        """
        losses = self.borne_yuan[self.parties.index(party)].ravel()
        return sample_measures(losses, level, weights=self.weights.ravel())


@dataclass(frozen=True, slots=True)
class Claims:
    """What is asked of each fund on unweighted paths in blocks.

    Parameters
    ----------
    funds : tuple of str
        The f funds.
    claims_fen : (f, m, b s) int64
        Claims by month of default [fen], blocks one after the other.
    blocks : int
        Number of blocks.
    """

    funds: tuple[str, ...]
    claims_fen: Index
    blocks: int


Progress = Callable[[int, int], None]


def blocks_for(contracts: int, scenarios: int, wanted: int) -> int:
    """Number of blocks that a run can afford.

    Parameters
    ----------
    contracts, scenarios : int
        Size of the book and of a block.
    wanted : int
        Most blocks.

    Returns
    -------
    int
        At least 2, for a standard error.
    """
    return max(2, min(wanted, int(DRAWS / max(contracts * scenarios, 1))))


def drawn(
    measured: Measured, groups: Groups, block: Callable[[int], Scenarios], blocks: int, *,
    seed: int, nu: float = math.inf, gross: bool = False, threads: int = 1,
    progress: Progress | None = None,
) -> tuple[Borne, Claims]:  # fmt: skip
    """Draw every contract in every scenario and share the losses, path by path.

    Parameters
    ----------
    measured : Measured
        The book.
    groups : Groups
        Its schemes of sharing.
    block : callable
        Scenarios of a block, by its number.
    blocks : int
        Number of blocks, >= 1.
    seed : int
        Seed of the contracts' own risk.
    nu : float
        Degrees of freedom of the t copula; infinite for the Gaussian.
    gross : bool
        Whether nothing is recovered yet: what is paid out at first.
    threads : int
        Threads, >= 1; they change no bit.
    progress : callable or None
        Told blocks done and blocks in all.

    Returns
    -------
    borne : Borne
        Loss of every party.
    claims : Claims
        Claims on every fund.
    """
    whole = measured.grouped(groups.member, len(groups.names), gross=gross)
    prepared = prepare_contracts(whole, measured.model, nu=nu)
    paid, weights, asked = [], [], []
    parties: tuple[str, ...] = ()
    funds: tuple[str, ...] = ()
    by_group = np.zeros(0)
    for number in range(blocks):
        scenarios = block(number)
        found = _paid(prepared, groups, scenarios, seed, number, threads)
        parties, funds = found.parties, found.funds
        paid.append(found.period_fen.sum(axis=1) / 100.0)
        mean = (found.group_fen * scenarios.weights).mean(axis=2) / 100.0 / blocks
        by_group = mean if number == 0 else by_group + mean
        weights.append(scenarios.weights)
        asked.append(found.claims_fen)
        if progress is not None:
            progress(number + 1, blocks)
    borne = Borne(parties, np.stack(paid, axis=1), by_group, np.stack(weights))
    return borne, Claims(funds, np.concatenate(asked, axis=2), blocks)


def _paid(
    prepared: PreparedContracts, groups: Groups, scenarios: Scenarios, seed: int, number: int,
    threads: int,
) -> BookPayments:  # fmt: skip
    """Losses of one block, shared."""
    losses = simulate_contracts(prepared, scenarios, seed=seed, stream=number, threads=threads)
    return pay_book(groups.programmes, losses.losses_fen, groups.volumes_fen, threads=threads)
