"""What single names add to the loss given the factors, and when a normal will do for it.

Given the factors, names are independent.  Three treatments: none, where the book is so
fine that what is left moves VaR by less than a ten-thousandth; a normal with the right
mean and variance, where Berry and Esseen bound the error of the tail probability by a
thousandth; and names drawn one by one, all of them or those too large for the normal.

Source: Shevtsova, Doklady Mathematics 82 (2010) 862 (constant 0.56); Paditz, Statistics 20
(1989) 453 (31.935 over 1 + |t|^3, far from the mean); Wilde, Risk 14(8) (2001) 103
(granularity); credit notes 8.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from riskengine.portfolio.compression import Compression, compress, compress_to_grid, one_by_one
from riskengine.portfolio.conditional import Prepared, drawn_losses, moments, prepare
from riskengine.portfolio.exposures import Column, Exposures, FactorModel, Index
from riskengine.portfolio.loss_law import LossLaw
from riskengine.portfolio.scenarios import Scenarios
from riskengine.words import Text

FINE = 1e-4
"""Share of VaR that what names add may move and still be left out."""
NORMAL = 1e-3
"""Largest bound of the relative error of the tail probability."""
LARGE = 0.1
"""A name with more than this share of the spread is drawn."""
NAMES_BLOCK = 2**32 - 1
"""Names of the pilot run are drawn under this block."""
DRAWS = 2e9
"""Most draws of names that a run makes unasked."""


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
    """

    kind: str
    rest: Part | None
    drawn: Part | None
    granularity: float
    normal_error: float
    notes: tuple[Text, ...]


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
    exposures: Exposures, model: FactorModel, nu: float, grid: tuple[int, int, int, int] | None
) -> Part:
    """All debts in cells.

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

    Returns
    -------
    Part
        The cells.
    """
    found = compress(exposures) if grid is None else compress_to_grid(exposures, grid)
    return Part(np.arange(exposures.size), found, prepare(found.cells, model, nu))


def treated(
    wanted: str, exposures: Exposures, model: FactorModel, nu: float, part: Part,
    pilot: Scenarios, found: Column, level: float, draws: int, seed: int,
) -> Treatment:  # fmt: skip
    """Decide how single names enter, from a pilot run.

    Parameters
    ----------
    wanted : str
        ``auto``, ``none``, ``normal``, ``hybrid`` or ``drawn``.
    exposures : Exposures
        The book.
    model : FactorModel
        The factors.
    nu : float
        Degrees of freedom of a t copula.
    part : Part
        All debts in cells.
    pilot : Scenarios
        Scenarios near the tail.
    found : (s, 3) float64
        Moments of the book in them, from `moments`.
    level : float
        Level of VaR [1].
    draws : int
        Scenarios of the whole run.
    seed : int
        Seed of the run.

    Returns
    -------
    Treatment
        With the reasons.
    """
    at, spread, granularity = _tail(found, pilot.weights, level)
    error = normal_error(found, pilot.weights, at, 1.0 - level)
    if wanted == "none" or (wanted == "auto" and granularity < FINE):
        note = Text(
            f"按无限分散计算：单户波动约使VaR改变{granularity:.1e}",
            f"taken as infinitely fine: single names move VaR by about {granularity:.1e}",
        )
        return Treatment("none", part, None, granularity, 0.0, (note,))
    if wanted == "normal":
        return Treatment("normal", part, None, granularity, error, (_bound(error),))
    if wanted in {"auto", "hybrid"}:
        mixed = _hybrid(exposures, model, nu, part, pilot, (at, spread, level), granularity, seed)
        many = draws * exposures.size > DRAWS
        if wanted == "hybrid" or mixed.normal_error <= NORMAL or many:
            return mixed
    note = Text(
        "正态近似的误差界超过千分之一，逐户抽样" if wanted == "auto" else "逐户抽样",
        "the bound of the normal exceeds a thousandth: every name is drawn"
        if wanted == "auto"
        else "every name is drawn",
    )
    return Treatment("drawn", None, _names(exposures, None, model, nu), granularity, 0.0, (note,))


def _tail(found: Column, weights: Column, level: float) -> tuple[float, float, float]:
    """VaR, spread left around it, and what single names add to it, as a share."""
    spreads = np.sqrt(found[:, 1])
    law = LossLaw(found[None, :, 0], spreads[None, :], weights[None, :])
    at, beyond = law.value_at_risk(level).value, law.expected_shortfall(level).value
    score = (found[:, 0] - at) / np.maximum(spreads, 1e-300)
    share = weights * special.ndtr(score)
    spread = float(share @ spreads) / max(float(share.sum()), 1e-300)
    added = 0.5 * spread**2 / max((beyond - at) * at, 1e-300) if spread > 0.0 else 0.0
    return at, spread, added


def _hybrid(
    exposures: Exposures, model: FactorModel, nu: float, part: Part, pilot: Scenarios,
    tail: tuple[float, float, float], granularity: float, seed: int,
) -> Treatment:  # fmt: skip
    """Draw the large names, a normal for the rest."""
    at, spread, level = tail
    large = exposures.debt_yuan * exposures.severity > LARGE * spread
    if large.all():
        everything = _names(exposures, None, model, nu)
        note = Text("各户都大，逐户抽样", "every name is large: every name is drawn")
        return Treatment("drawn", None, everything, granularity, 0.0, (note,))
    drawn = None
    if large.any():
        rows = np.flatnonzero(~large)
        cells = compress(exposures.take(rows))
        part = Part(rows, cells, prepare(cells.cells, model, nu))
        drawn = _names(exposures, np.flatnonzero(large), model, nu)
    found = moments(part.prepared, pilot.factors, pilot.mixing)
    if drawn is not None:
        found[:, 0] += drawn_losses(drawn.prepared, pilot, seed, NAMES_BLOCK)[0]
    error = normal_error(found, pilot.weights, at, 1.0 - level)
    kind = "normal" if drawn is None else "hybrid"
    return Treatment(kind, part, drawn, granularity, error, (_bound(error),))


def _names(exposures: Exposures, rows: Index | None, model: FactorModel, nu: float) -> Part:
    chosen = np.arange(exposures.size) if rows is None else rows
    found = one_by_one(exposures.take(chosen))
    return Part(chosen, found, prepare(found.cells, model, nu))


def _bound(error: float) -> Text:
    return Text(
        f"单户波动用条件正态，尾部概率相对误差界{error:.1e}",
        f"names by a conditional normal: tail probability within {error:.1e}, relative",
    )
