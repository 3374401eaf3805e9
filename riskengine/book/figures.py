"""The risk of a whole book: EL, loss law, wrong-way mark-up, contributions, layers, funds."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from riskengine.book.funds import behind_funds, funds_of, run_funds
from riskengine.book.layers import Borne, Groups, blocks_for, drawn, groups_of
from riskengine.book.load import LoadedBook
from riskengine.gates.tapes import plain_rows
from riskengine.guarantee.fund_path import FundSummary
from riskengine.portfolio.contributions import Contributions, contributions
from riskengine.portfolio.exposures import BookError, Column, FactorModel
from riskengine.portfolio.scenarios import Scenarios, draw, nominal
from riskengine.portfolio.simulation import Simulation, simulate
from riskengine.words import Text

Tell = Callable[[str, int, int], None]
"""Told a step's name, steps done and steps in all."""
PATHS = 4096
"""Paths of a block of contracts drawn one by one."""
BLOCKS = 8


@dataclass(frozen=True, slots=True)
class Draws:
    """How a book is simulated.

    Parameters
    ----------
    seed : int
        Seed, in [0, 2^64).
    level : float
        Level of VaR and ES [1], in (0, 1).
    scenarios, scrambles : int
        Scenarios a block, a power of two, and blocks, >= 2: their spread is the error.
    nu : float
        Degrees of freedom of the t copula; infinite for the Gaussian.
    threads : int
        Threads, >= 1; they change no bit.
    """

    seed: int = 2026
    level: float = 0.999
    scenarios: int = 8192
    scrambles: int = 16
    nu: float = math.inf
    threads: int = 1

    def __post_init__(self) -> None:
        """Refuse a single block, which has no standard error, and a seed that is none."""
        if self.scrambles < 2:
            raise BookError(
                Text("至少两批情景才有标准误", "a standard error takes two blocks or more"),
                Text("增加批数", "ask for more blocks"),
            )
        if not 0 <= self.seed < 2**64:
            raise BookError(
                Text(f"种子{self.seed}无效", f"seed {self.seed} is none"),
                Text("取0到2的64次方之间的整数", "take a whole number in [0, 2^64)"),
            )


@dataclass(frozen=True, slots=True)
class BookRisk:
    """Risk of a book over the horizon.

    Parameters
    ----------
    loss : Simulation
        Loss of the loans, whoever bears it.
    independent : Simulation
        The same if sale prices knew nothing of bad times.
    shares : Contributions
        What each contract adds to EL, VaR and ES.
    groups : Groups
        Contracts by scheme of sharing.
    usual : Borne
        What each party bears, scenarios as they come: for means.
    tail : Borne
        The same, scenarios drawn where losses are large: for VaR and ES.
    funds : FundSummary or None
        Compensation funds; None where no layer pays out of one.
    """

    loss: Simulation
    independent: Simulation
    shares: Contributions
    groups: Groups
    usual: Borne
    tail: Borne
    funds: FundSummary | None

    @property
    def wrong_way_yuan(self) -> float:
        """Expected loss that falling prices in bad times add [yuan]."""
        return self.loss.expected_loss_yuan - self.independent.expected_loss_yuan


def without_wrong_way(model: FactorModel) -> FactorModel:
    """Return a model whose sale prices know nothing of the causes of default.

    Parameters
    ----------
    model : FactorModel
        The model.

    Returns
    -------
    FactorModel
        The same with sale loadings and slowdown of 0: the spread of a price stays what it
        is, but is its own.
    """
    return replace(
        model, sale_loadings=np.zeros_like(model.sale_loadings),
        slowdown=np.zeros_like(model.slowdown),
    )  # fmt: skip


def book_risk(loaded: LoadedBook, draws: Draws, tell: Tell | None = None) -> BookRisk:
    """Measure the risk of a book.

    Parameters
    ----------
    loaded : LoadedBook
        The book.
    draws : Draws
        How it is simulated.
    tell : callable or None
        Told how far the run is.

    Returns
    -------
    BookRisk
        All of it, for one seed the same bits on any number of threads.
    """
    say = tell or (lambda *_: None)
    measured, total = loaded.measured, 6
    say("loss", 0, total)
    loss = _simulated(loaded, measured.model, draws)
    say("independent", 1, total)
    independent = _simulated(loaded, without_wrong_way(measured.model), draws)
    say("contributions", 2, total)
    shares = contributions(loss, draws.threads)
    groups = groups_of(measured, loaded.programmes)
    size = measured.contracts.size
    paths = min(PATHS, draws.scenarios)
    usual = nominal(measured.model, draws.nu)

    def plain(number: int) -> Scenarios:
        return draw(usual, paths, seed=draws.seed, block=number)

    def aimed(number: int) -> Scenarios:
        return draw(loss.setting.proposal, paths, seed=draws.seed, block=number)

    blocks = blocks_for(size, paths, BLOCKS)
    found = []
    for step, (name, block, gross) in enumerate(
        (("layers", plain, False), ("tail of layers", aimed, False), ("funds", plain, True))
    ):
        say(name, 3 + step, total)
        found.append(
            drawn(
                measured, groups, block, blocks, seed=draws.seed, nu=draws.nu, gross=gross,
                threads=draws.threads,
            )
        )  # fmt: skip
    (means, _), (tails, _), (_, claims) = found
    funds = None
    if claims.funds and loaded.book.funds is not None:
        behind = behind_funds(groups, measured.contracts.guaranteed_yuan)
        funds = run_funds(
            funds_of(plain_rows(loaded.book.funds), claims.funds, behind, measured.months), claims
        )
    say("done", total, total)
    return BookRisk(loss, independent, shares, groups, means, tails, funds)


def _simulated(loaded: LoadedBook, model: FactorModel, draws: Draws) -> Simulation:
    return simulate(
        loaded.measured.exposures, model, level=draws.level, seed=draws.seed,
        scenarios=draws.scenarios, scrambles=draws.scrambles, nu=draws.nu, threads=draws.threads,
    )  # fmt: skip


def exceedance_curve(losses: Column, weights: Column, points: int = 60) -> list[list[float]]:
    """Return the chance of losing more, at losses that matter.

    Parameters
    ----------
    losses, weights : (n,) float64
        Losses [yuan] and likelihood ratios [1].
    points : int
        Most points.

    Returns
    -------
    list of [float, float]
        Loss [yuan], rising, and the chance of a larger one [1], down to 1 in 10,000.
    """
    order = np.argsort(losses, kind="stable")
    sorted_losses = losses[order]
    share = weights[order] / losses.size
    above = np.cumsum(share[::-1])[::-1] - share
    keep = above >= 1e-4
    if not keep.any():
        return []
    grid = np.linspace(0.0, float(sorted_losses[keep][-1]), points)
    place = np.searchsorted(sorted_losses, grid, side="right") - 1
    chance = np.where(place < 0, share.sum(), above[np.maximum(place, 0)])
    return [[float(x), float(min(p, 1.0))] for x, p in zip(grid, chance, strict=True)]
