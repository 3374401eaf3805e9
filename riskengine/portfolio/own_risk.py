"""What single names add to the loss given the factors, and when a normal will do for it.

Given the factors, names are independent.  Three treatments: none, where the book is so
fine that what is left moves VaR by less than a ten-thousandth; a normal with the right
mean and variance; and names drawn one by one where the losses are (`names`), all of them or
those that make what is left of the book's spread skew.  Names are drawn until the third
moments of the others are a small part of the cube of the spread, or there are two thousand;
the bound of Berry and Esseen for the rest is said.

Source: Shevtsova, Doklady Mathematics 82 (2010) 862 (constant 0.56); Paditz, Statistics 20
(1989) 453 (31.935 over 1 + |t|^3, far from the mean); Wilde, Risk 14(8) (2001) 103
(granularity); credit notes 8.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from riskengine.portfolio.compression import Compression, compress, compress_to_grid, one_by_one
from riskengine.portfolio.conditional import Prepared, means, moments, prepare, unit_sums
from riskengine.portfolio.exposures import Column, Exposures, FactorModel, Index
from riskengine.portfolio.loss_law import LossLaw
from riskengine.portfolio.names import Draws, drawn_losses
from riskengine.portfolio.scenarios import Scenarios
from riskengine.words import Text

FINE = 1e-4
"""Share of VaR that what names add may move and still be left out."""
SKEW = 2e-4
"""Third moments left to the normal, over the cube of the spread."""
MOST_NAMES = 2_000
"""Most names that are drawn unasked."""
FEW = 500
"""Books up to this number of debts are drawn whole."""
SOME = 512
"""Pilot scenarios for choosing names and for the bound."""
NAMES_BLOCK = 2**32 - 1
"""Names of the pilot run are drawn under this block."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some debts of a book, ready for the kernels.

    Parameters
    ----------
    rows : (k,) int64
        Which debts.
    compression : Compression
        Their cells.
    prepared : Prepared
        The cells as the kernels take them.
    """

    rows: Index
    compression: Compression
    prepared: Prepared


@dataclass(frozen=True, slots=True)
class Treatment:
    """How single names enter.

    Parameters
    ----------
    kind : str
        ``none``, ``normal``, ``hybrid`` or ``drawn``.
    rest : Part or None
        Debts in cells, by conditional means and, but for ``none``, variances.
    drawn : Part or None
        Debts drawn one by one.
    granularity : float
        Estimate of the share of VaR that single names add [1].
    normal_error : float
        Bound of the relative error that the normal makes in the tail probability [1]; 0
        where none is used.
    notes : tuple of Text
        What was decided, and why.
    target_yuan : float
        Loss that names are tilted to [yuan]; minus infinity draws them as they are.
    """

    kind: str
    rest: Part | None
    drawn: Part | None
    granularity: float
    normal_error: float
    notes: tuple[Text, ...]
    target_yuan: float = -math.inf

    def losses(
        self, scenarios: Scenarios, seed: int, block: int, threads: int = 1
    ) -> tuple[Column, Column, Column, Column | None]:
        """Return what the book loses in each scenario, names drawn.

        Parameters
        ----------
        scenarios : Scenarios
            The scenarios.
        seed, block : int
            Key of the draws of names.
        threads : int
            Threads, >= 1.

        Returns
        -------
        means, spreads : (s,) float64
            Mean and standard deviation of the normal that is left [yuan].
        weights : (s,) float64
            Likelihood ratios [1], those of the scenarios included.
        rest : (s, 2) float64 or None
            Mean [yuan] and variance [yuan^2] of the debts in cells, where a normal is used.
        """
        mean, spread = np.zeros(scenarios.size), np.zeros(scenarios.size)
        weights = scenarios.weights.copy()
        rest = None
        if self.rest is not None and self.kind == "none":
            mean += means(self.rest.prepared, scenarios.factors, scenarios.mixing, threads)
        elif self.rest is not None:
            found = moments(self.rest.prepared, scenarios.factors, scenarios.mixing, threads)
            rest = np.ascontiguousarray(found[:, :2])
            mean += rest[:, 0]
            spread += np.sqrt(np.maximum(rest[:, 1], 0.0))
        if self.drawn is not None:
            draws = Draws(seed, block, rest, self.target_yuan)
            lost, ratios = drawn_losses(self.drawn.prepared, scenarios, draws, threads)
            mean += lost
            weights *= ratios
        return mean, spread, weights, rest


def normal_error(found: Column, weights: Column, loss_yuan: float, tail: float) -> float:
    """Bound of the relative error of a tail probability from conditional normals.

    Parameters
    ----------
    found : (s, 3) float64
        Mean [yuan], variance [yuan^2], bound of the third moment [yuan^3].
    weights : (s,) float64
        Likelihood ratios [1].
    loss_yuan : float
        Where the tail starts [yuan].
    tail : float
        Its probability [1], > 0.

    Returns
    -------
    float
        Bound of the error of P(L > loss) over the tail [1].
    """
    live = found[:, 1] > 0.0
    spread = np.sqrt(found[live, 1])
    ratio = found[live, 2] / spread**3
    apart = np.abs(loss_yuan - found[live, 0]) / spread
    bound = np.minimum(ratio * np.minimum(0.56, 31.935 / (1.0 + apart**3)), 1.0)
    return float(weights[live] @ bound) / weights.size / tail


def whole(
    exposures: Exposures, model: FactorModel, nu: float,
    grid: tuple[int, int, int, int] | None, rows: Index | None = None,
) -> Part:  # fmt: skip
    """All debts, or some, in cells.

    Parameters
    ----------
    exposures : Exposures
        The book.
    model : FactorModel
        The factors.
    nu : float
        Degrees of freedom of a t copula; infinite for the Gaussian.
    grid : tuple of int or None
        Nodes of a grid, see `compress_to_grid`; None groups exactly.
    rows : (k,) int64 or None
        Which debts; None takes all.

    Returns
    -------
    Part
        The cells.
    """
    chosen = np.arange(exposures.size) if rows is None else rows
    held = exposures if rows is None else exposures.take(rows)
    found = compress(held) if grid is None else compress_to_grid(held, grid)
    return Part(chosen, found, prepare(found.cells, model, nu))


@dataclass(frozen=True, slots=True)
class Pilot:
    """A book and scenarios near its tail, from which the treatment of names is decided.

    Parameters
    ----------
    exposures : Exposures
        The book.
    model : FactorModel
        The factors.
    nu : float
        Degrees of freedom of a t copula; infinite for the Gaussian.
    grid : tuple of int or None
        Nodes of a grid, see `compress_to_grid`.
    part : Part
        All debts in cells.
    scenarios : Scenarios
        The scenarios.
    moments : (s, 3) float64
        Moments of the book in them, from `moments`.
    level : float
        Level of VaR [1].
    seed : int
        Seed of the run.
    """

    exposures: Exposures
    model: FactorModel
    nu: float
    grid: tuple[int, int, int, int] | None
    part: Part
    scenarios: Scenarios
    moments: Column
    level: float
    seed: int

    def tail(self) -> tuple[float, float, float, Column]:
        """Return VaR, the spread around it, what names add to it, and weights of the tail."""
        found, weights = self.moments, self.scenarios.weights
        spreads = np.sqrt(found[:, 1])
        law = LossLaw(found[None, :, 0], spreads[None, :], weights[None, :])
        at, beyond = law.value_at_risk(self.level).value, law.expected_shortfall(self.level).value
        score = (found[:, 0] - at) / np.maximum(spreads, 1e-300)
        share = weights * special.ndtr(score)
        share /= max(float(share.sum()), 1e-300)
        spread = float(share @ spreads)
        added = 0.5 * spread**2 / max((beyond - at) * at, 1e-300) if spread > 0.0 else 0.0
        return at, spread, added, share

    def names(self, rows: Index) -> Part:
        """Return debts as names of their own."""
        found = one_by_one(self.exposures.take(rows))
        return Part(rows, found, prepare(found.cells, self.model, self.nu))


def treated(wanted: str, pilot: Pilot) -> Treatment:
    """Decide how single names enter, from a pilot run.

    Parameters
    ----------
    wanted : str
        ``auto``, ``none``, ``normal``, ``hybrid`` or ``drawn``.
    pilot : Pilot
        The book and scenarios near its tail.

    Returns
    -------
    Treatment
        With the reasons; names are drawn as they are until a target is set, and the bound
        of a hybrid is told by `told`.
    """
    _, spread, granularity, share = pilot.tail()
    if wanted == "none" or (wanted == "auto" and granularity < FINE):
        note = Text(
            f"按无限分散计算：单户波动约使VaR改变{granularity:.1e}",
            f"taken as infinitely fine: single names move VaR by about {granularity:.1e}",
        )
        return Treatment("none", pilot.part, None, granularity, 0.0, (note,))
    if wanted == "normal":
        return Treatment("normal", pilot.part, None, granularity, 0.0, ())
    size = pilot.exposures.size
    large = np.arange(size) if wanted == "drawn" else _large(pilot, spread, share)
    if large.size == size:
        note = Text("逐户抽样", "every name is drawn")
        return Treatment("drawn", None, pilot.names(large), granularity, 0.0, (note,))
    if not large.size:
        return Treatment("normal", pilot.part, None, granularity, 0.0, ())
    others = np.setdiff1d(np.arange(size), large)
    rest = whole(pilot.exposures, pilot.model, pilot.nu, pilot.grid, others)
    return Treatment("hybrid", rest, pilot.names(large), granularity, 0.0, ())


def told(treatment: Treatment, pilot: Pilot) -> Treatment:
    """Work out the bound of the error of a normal, and say it.

    Parameters
    ----------
    treatment : Treatment
        With its target.
    pilot : Pilot
        The book and scenarios near its tail.

    Returns
    -------
    Treatment
        With the bound and a note, where a normal is used.
    """
    if treatment.rest is None or treatment.kind == "none":
        return treatment
    scenarios = _first(pilot.scenarios)
    rest = moments(treatment.rest.prepared, scenarios.factors, scenarios.mixing)
    weights, at = scenarios.weights, treatment.target_yuan
    if at == -math.inf:  # plain scenarios
        at = pilot.tail()[0]
    if treatment.drawn is not None:
        draws = Draws(
            pilot.seed, NAMES_BLOCK, np.ascontiguousarray(rest[:, :2]), treatment.target_yuan
        )
        lost, ratios = drawn_losses(treatment.drawn.prepared, scenarios, draws)
        rest[:, 0] += lost
        weights = weights * ratios
    error = normal_error(rest, weights, at, 1.0 - pilot.level)
    zh, en = "单户波动用条件正态", "names by a conditional normal"
    if treatment.drawn is not None:
        count = treatment.drawn.rows.size
        zh = f"影响大的{count}户逐户抽样，其余用条件正态"
        en = f"the {count:,} names that matter are drawn, a conditional normal for the rest"
    note = Text(
        f"{zh}，尾部概率相对误差界{error:.1e}",
        f"{en}: tail probability within {error:.1e}, relative",
    )
    return replace(treatment, normal_error=error, notes=(note,))


def _large(pilot: Pilot, spread: float, share: Column) -> Index:
    """Debts to draw: the largest third moments in the tail, until little is left."""
    size, scenarios = pilot.exposures.size, _first(pilot.scenarios)
    if size <= FEW:
        return np.arange(size)
    share = share[: scenarios.size] / max(float(share[: scenarios.size].sum()), 1e-300)
    sums = unit_sums(
        pilot.part.prepared, scenarios, np.zeros((1, share.size)), share[None, :]
    )[0]  # fmt: skip
    compression = pilot.part.compression
    third = compression.scale_yuan * compression.spread(np.zeros(len(sums[1])), sums[1])
    order = np.argsort(-third, kind="stable")
    left = np.cumsum(third[order][::-1])[::-1]
    count = int(np.count_nonzero(left > SKEW * spread**3))
    return np.sort(order[: min(count, MOST_NAMES)])


def _first(scenarios: Scenarios) -> Scenarios:
    """Scenarios enough for sums that need not be exact."""
    return Scenarios(*(
        getattr(scenarios, name)[:SOME] for name in Scenarios.__dataclass_fields__
    ))  # fmt: skip
