"""Loss of a book under many factors: scenarios where the losses are, names only where needed.

A run finds the most likely ways to a loss like the VaR asked for (`aim`), draws blocks
of scrambled Sobol points around them (`scenarios`), takes the mean loss of the cells in each
scenario (`conditional`), adds what single names do where it matters (`own_risk`, `names`),
and reads VaR and ES off the right tail of the weighted law (`loss_law`).  Blocks
are independent: their spread gives the standard errors.  The same seed gives the same bits
on any number of threads.

In a t copula the mixing strikes defaults; the price of a sale stays lognormal.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from riskengine.portfolio.aim import PILOT, PILOT_BLOCK, aimed, aimed_with_names
from riskengine.portfolio.conditional import moments
from riskengine.portfolio.expected import expected_units
from riskengine.portfolio.exposures import BookError, Column, Exposures, FactorModel
from riskengine.portfolio.loss_law import Estimate, LossLaw
from riskengine.portfolio.own_risk import Pilot, Treatment, told, treated, whole
from riskengine.portfolio.scenarios import Proposal, Scenarios, draw, nominal
from riskengine.words import Text


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
    rest : (r, s, 2) float64
        Where names are drawn beside a normal, its mean [yuan] and variance [yuan^2] in each
        scenario; else (r, 0, 2).
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
    rest: Column


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
        How single names enter: ``none`` (infinitely fine), ``normal``, ``hybrid`` (the names
        that matter drawn, a normal for the rest), ``drawn`` (every one), or ``auto``, which is
        ``none`` for a fine book and else ``hybrid``.
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
    free = sampling != "plain" and proposal.dimension > 0
    if free:
        proposal = aimed(part, model, proposal, level, seed, target_yuan)
    pilot = draw(proposal, PILOT, seed=seed, block=PILOT_BLOCK)
    found = moments(part.prepared, pilot.factors, pilot.mixing, threads)
    held = Pilot(exposures, model, nu, grid, part, pilot, found, level, seed)
    treatment = treated(own_risk, held)
    if sampling != "plain":
        proposal, treatment = aimed_with_names(proposal, treatment, held, target_yuan, threads)
        held = replace(held, scenarios=draw(proposal, PILOT, seed=seed, block=PILOT_BLOCK))
    treatment = told(treatment, held)
    setting = Setting(
        proposal, scenarios, scrambles, "random" if sampling == "plain" else sampling, seed
    )
    law, rest = _law(setting, treatment, threads)
    expected = part.compression.spread(expected_units(part.compression.cells, model, nu, threads))
    el, at_risk = float(expected.sum()), law.value_at_risk(level)
    return Simulation(
        level, el, at_risk, law.expected_shortfall(level), at_risk.value - el, law,
        law.mean_weight(), float(law.weights.max()), law.effective_size(),
        int(proposal.shares.size), treatment, expected, setting, rest,
    )  # fmt: skip


def _law(setting: Setting, treatment: Treatment, threads: int) -> tuple[LossLaw, Column]:
    """Losses in every scenario of every block, and moments of what is not drawn."""
    shape = (setting.scrambles, setting.scenarios)
    law = LossLaw(np.empty(shape), np.empty(shape), np.empty(shape))
    rest = np.zeros((*shape, 2) if treatment.kind == "hybrid" else (shape[0], 0, 2))
    for r in range(setting.scrambles):
        found = treatment.losses(setting.block(r), setting.seed, r, threads)
        law.means[r], law.spreads[r], law.weights[r] = found[:3]
        if treatment.kind == "hybrid":
            rest[r] = found[3]
    return law, rest


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
