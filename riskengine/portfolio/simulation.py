"""Loss of a book under many factors: scenarios where the losses are, names only where needed.

A run finds the most likely ways to a loss like the VaR asked for (`shift`), draws blocks
of scrambled Sobol points around them (`scenarios`), takes the mean loss of the cells in each
scenario (`conditional`), adds what single names do where it matters (`own_risk`), and reads
VaR and ES off the right tail of the weighted law (`loss_law`).  Blocks are independent: their
spread gives the standard errors.  The same seed gives the same bits on any number of
threads.

In a t copula the mixing strikes defaults; the price of a sale stays lognormal.
"""

import math
from dataclasses import dataclass

import numpy as np

from riskengine.portfolio.conditional import drawn_losses, means, moments, thresholds
from riskengine.portfolio.expected import expected_units
from riskengine.portfolio.exposures import BookError, Column, Exposures, FactorModel
from riskengine.portfolio.loss_law import Estimate, LossLaw
from riskengine.portfolio.own_risk import Part, Treatment, treated, whole
from riskengine.portfolio.scenarios import (
    Proposal,
    Scenarios,
    draw,
    draw_points,
    generator,
    nominal,
)
from riskengine.portfolio.shift import (
    likeliest_ways,
    loss_at,
    toward,
    widened,
    worst_directions,
)
from riskengine.words import Text

PILOT = 2048
PILOT_BLOCK = 2**32 - 1
"""Blocks of runs are numbered from 0; the pilot takes the last number."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What draws a run again.

    Parameters
    ----------
    proposal : Proposal
        Where scenarios are drawn.
    scenarios, scrambles : int
        Scenarios a block, and blocks.
    sampling : str
        ``sobol`` or ``random``.
    seed : int
        Seed of the run.
    """

    proposal: Proposal
    scenarios: int
    scrambles: int
    sampling: str
    seed: int

    def block(self, number: int) -> Scenarios:
        """Return one block of scenarios.

        Parameters
        ----------
        number : int
            Number of the block, in [0, scrambles).

        Returns
        -------
        Scenarios
            The block.
        """
        return draw(
            self.proposal, self.scenarios, seed=self.seed, block=number, sampling=self.sampling
        )


@dataclass(frozen=True, slots=True)
class Simulation:
    """Loss of a book within the horizon.

    Parameters
    ----------
    level : float
        Level of VaR and ES [1].
    expected_loss_yuan : float
        EL [yuan], by quadrature, not simulated.
    value_at_risk, expected_shortfall : Estimate
        VaR and ES [yuan] with standard errors.
    economic_capital_yuan : float
        VaR - EL [yuan].
    law : LossLaw
        The whole law, for other levels and losses near the tail.
    mean_weight : Estimate
        Mean likelihood ratio [1], 1 but for chance.
    largest_weight, effective_size : float
        Largest likelihood ratio and effective number of scenarios.
    components : int
        Shifted components of the mixture that was drawn from.
    treatment : Treatment
        How single names entered, the bound of the error of a normal, and notes.
    expected_by_debt_yuan : (n,) float64
        EL of each debt [yuan].
    setting : Setting
        What draws the run again.
    """

    level: float
    expected_loss_yuan: float
    value_at_risk: Estimate
    expected_shortfall: Estimate
    economic_capital_yuan: float
    law: LossLaw
    mean_weight: Estimate
    largest_weight: float
    effective_size: float
    components: int
    treatment: Treatment
    expected_by_debt_yuan: Column
    setting: Setting


def simulate(
    exposures: Exposures, model: FactorModel, *, level: float = 0.999, seed: int,
    scenarios: int = 8192, scrambles: int = 16, nu: float = math.inf, own_risk: str = "auto",
    sampling: str = "sobol",
    target_yuan: float | None = None, grid: tuple[int, int, int, int] | None = None,
    threads: int = 1,
) -> Simulation:  # fmt: skip
    """Simulate the loss of a book.

    Parameters
    ----------
    exposures : Exposures
        The book.
    model : FactorModel
        Its common factors.
    level : float
        Level of VaR and ES [1], in (0, 1); scenarios are drawn for this level.
    seed : int
        Seed, in [0, 2^64).
    scenarios, scrambles : int
        Scenarios in a block (a power of two for Sobol points) and independent blocks, both
        >= 1; 16 blocks or more give usable standard errors.
    nu : float
        Degrees of freedom of a t copula, > 0; infinite for the Gaussian.
    own_risk : str
        How single names enter: ``auto``, ``none`` (infinitely fine), ``normal``, ``hybrid``
        (large names drawn, a normal for the rest) or ``drawn``.
    sampling : str
        ``sobol`` or ``random`` points around the likeliest ways to a large loss; ``plain``
        random ones as the model has them, all weights 1.
    target_yuan : float or None
        Loss to draw around [yuan], for probabilities of losses far from VaR; None takes
        VaR.
    grid : tuple of int or None
        Nodes for books where every contract differs, see `compress_to_grid`.
    threads : int
        Threads, >= 1; they change nothing but the time.

    Returns
    -------
    Simulation
        Measures with standard errors, and what contributions need.

    Raises
    ------
    BookError
        If the book is empty, a segment is missing, or an argument is out of range.

    Examples
    --------
    >>> one = lambda value: np.array([value])
    >>> model = FactorModel(("nation",), np.eye(1), ("pig",), np.full((1, 1), 0.1**0.5),
    ...     np.zeros((1, 1)), np.zeros(1))
    >>> book = Exposures(one(1e6), one(0.02), one(0), one(1.0), *(one(0.0) for _ in range(4)))
    >>> found = simulate(book, model, seed=1, scenarios=1024, own_risk="none")
    >>> round(found.value_at_risk.value / 1e6, 4)
    0.1282
    """
    _checked(own_risk, level, scrambles, target_yuan)
    part = whole(exposures, model, nu, grid)
    proposal = nominal(model, nu)
    pilot = draw(proposal, PILOT, seed=seed, block=PILOT_BLOCK)
    if sampling != "plain" and proposal.dimension:
        proposal, pilot = _aimed(part, model, proposal, level, seed, target_yuan)
    found = moments(part.prepared, pilot.factors, pilot.mixing, threads)
    draws = scenarios * scrambles
    treatment = treated(own_risk, exposures, model, nu, part, pilot, found, level, draws, seed)
    setting = Setting(
        proposal, scenarios, scrambles, "random" if sampling == "plain" else sampling, seed
    )
    law = _law(setting, treatment, threads)
    expected = part.compression.spread(expected_units(part.compression.cells, model, nu, threads))
    el, at_risk = float(expected.sum()), law.value_at_risk(level)
    return Simulation(
        level, el, at_risk, law.expected_shortfall(level), at_risk.value - el, law,
        law.mean_weight(), float(law.weights.max()), law.effective_size(),
        int(proposal.shares.size), treatment, expected, setting,
    )  # fmt: skip


def _aimed(
    part: Part, model: FactorModel, proposal: Proposal, level: float, seed: int,
    target: float | None,
) -> tuple[Proposal, Scenarios]:  # fmt: skip
    """Draw around the likeliest ways to VaR, found by a pilot, or to a given loss."""
    loss, radius = loss_at(part.prepared, proposal), -_score(1.0 - level)
    probes = generator(seed, 3, 0).standard_normal((32, proposal.dimension))
    slopes_at = starting_directions(part, model, proposal.dimension)
    directions = worst_directions(loss, slopes_at, max(radius, 0.5))
    if not len(directions):
        return proposal, draw(proposal, PILOT, seed=seed, block=PILOT_BLOCK)
    first = target if target is not None else float(loss(radius * directions).max())
    aimed = toward(proposal, loss, likeliest_ways(loss, directions, first), probes)
    if target is None:
        pilot = draw(aimed, PILOT, seed=seed, block=PILOT_BLOCK)
        found = means(part.prepared, pilot.factors, pilot.mixing)[None, :]
        law = LossLaw(found, np.zeros_like(found), pilot.weights[None, :])
        first = law.value_at_risk(level).value
        aimed = toward(proposal, loss, likeliest_ways(loss, directions, first), probes)
    points = draw_points(aimed, PILOT, seed=seed, block=PILOT_BLOCK)
    tail = draw(aimed, PILOT, seed=seed, block=PILOT_BLOCK).weights * (loss(points) > first)
    aimed = widened(aimed, points, tail)
    return aimed, draw(aimed, PILOT, seed=seed, block=PILOT_BLOCK)


def _score(chance: float) -> float:
    return float(thresholds(np.array([chance]), math.inf)[0])


def starting_directions(part: Part, model: FactorModel, size: int) -> Column:
    """Directions to search from: all segments falling together, and the heaviest alone."""
    cells = part.compression.cells
    weight = np.bincount(cells.segment, cells.scale_yuan, len(model.segments))
    falls = np.zeros((len(model.segments), size))
    count = len(model.factors)
    falls[:, :count] = -(model.default_loadings + model.sale_loadings) @ model.root
    if size > count:
        falls[:, count] = -1.0
    heaviest = np.argsort(-weight, kind="stable")[:8]
    starts = np.vstack((weight @ falls, falls[heaviest]))
    found: Column = starts[np.linalg.norm(starts, axis=1) > 0.0]
    return found


def _law(setting: Setting, treatment: Treatment, threads: int) -> LossLaw:
    """Losses in every scenario of every block."""
    shape = (setting.scrambles, setting.scenarios)
    law = LossLaw(np.zeros(shape), np.zeros(shape), np.empty(shape))
    for r in range(setting.scrambles):
        scenarios = setting.block(r)
        law.weights[r] = scenarios.weights
        _block(law.means[r], law.spreads[r], scenarios, treatment, setting.seed, r, threads)
    return law


def _block(
    mean: Column, spread: Column, scenarios: Scenarios, treatment: Treatment, seed: int,
    number: int, threads: int,
) -> None:  # fmt: skip
    if treatment.rest is not None and treatment.kind == "none":
        mean += means(treatment.rest.prepared, scenarios.factors, scenarios.mixing, threads)
    elif treatment.rest is not None:
        found = moments(treatment.rest.prepared, scenarios.factors, scenarios.mixing, threads)
        mean += found[:, 0]
        spread += np.sqrt(np.maximum(found[:, 1], 0.0))
    if treatment.drawn is not None:
        mean += drawn_losses(treatment.drawn.prepared, scenarios, seed, number, threads=threads)[0]


def _checked(own_risk: str, level: float, scrambles: int, target: float | None) -> None:
    if own_risk not in {"auto", "none", "normal", "hybrid", "drawn"} or scrambles < 1:
        raise BookError(
            Text("单户处理方式或批数无效", "no such treatment of names, or no block of scenarios"),
            Text(
                "auto、none、normal、hybrid或drawn；至少一批",
                "auto, none, normal, hybrid or drawn; one block",
            ),
        )
    if not 0.0 < level < 1.0 or (target is not None and not 0.0 <= target < math.inf):
        raise BookError(
            Text(
                f"置信水平{level}或目标损失{target}无效",
                f"level {level} or target {target} is out of range",
            ),
            Text("水平在0与1之间，目标不为负", "the level in (0, 1), the target not negative"),
        )
