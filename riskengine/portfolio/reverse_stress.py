"""What would have to happen for the capital to be gone: the most likely ways to that loss.

With loss L(z), the expected loss given the factors, the most likely failure point is

    min z' C^-1 z / 2   subject to   L(z) >= capital,

in independent normals w, z = R w, the point of the surface L = capital next to 0.  Searches
start in many directions, step by Hasofer-Lind-Rackwitz-Fiessler on ln L with a merit
function, and end in Newton's method on the conditions of a constrained minimum; points that
are no minimum along the surface are dropped.  Each way has its distance |w|, the chance
N(-|w|) of the half space beyond it, and a chance corrected for the curvature of the surface.

Source: Hasofer & Lind, J. Eng. Mech. 100 (1974) 111; Zhang & Der Kiureghian, Reliability and
Optimization of Structural Systems (1995) 297 (merit function); Breitung, J. Eng. Mech. 110
(1984) 357 (curvature); credit notes 6.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from riskengine.gates.tables import COMMODITIES
from riskengine.portfolio.columns import inside
from riskengine.portfolio.compression import compress
from riskengine.portfolio.exposures import BookError, Column, Exposures, FactorModel
from riskengine.portfolio.factor_losses import largest_loss
from riskengine.portfolio.factor_state import check_segments
from riskengine.portfolio.failure_points import Surface, nearest_points
from riskengine.words import Text

TITLES = {
    "nation": Text("全国", "nation"), "province": Text("省{key}", "province {key}"),
    "county": Text("县{key}", "county {key}"), "commodity": Text("{key}行情", "market of {key}"),
    "hazard": Text("省{key}天气", "weather of province {key}"),
}  # fmt: skip
"""Families of factors, for the sentence."""


MOST_YEARS = 1e5
"""Return period beyond which the model says no more than that it is rare [year]."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One way to the loss: a local minimum of the distance.

    Parameters
    ----------
    factors : (f,) float64
        State of the factors [1], in the order of the model.
    distance : float
        |w| = sqrt(z' C^-1 z) [1].
    probability : float
        Chance of the half space beyond the point, N(-distance) [1].
    curved_probability : float
        The same, corrected for the curvature of the surface [1]; NaN at distance 0.
    return_period_years : float
        Horizon over ``probability`` [year].
    loss_yuan : float
        Expected loss in this state [yuan].
    sentence : Text
        The way in words.
    """

    factors: Column
    distance: float
    probability: float
    curved_probability: float
    return_period_years: float
    loss_yuan: float
    sentence: Text


@dataclass(frozen=True, slots=True)
class ReverseStress:
    """Ways to a loss, the likeliest first.

    Parameters
    ----------
    target_yuan : float
        The loss [yuan].
    largest_yuan : float
        Bound of the expected loss in any state [yuan].
    failures : tuple of Failure
        Distinct ways, one or more.
    """

    target_yuan: float
    largest_yuan: float
    failures: tuple[Failure, ...]


def reverse_stress(
    exposures: Exposures, model: FactorModel, target_yuan: float, *, horizon_years: float = 1.0,
    most: int = 4,
) -> ReverseStress:  # fmt: skip
    """Find the most likely states in which a book's expected loss reaches a target.

    Parameters
    ----------
    exposures : Exposures
        The book.
    model : FactorModel
        Its factors.
    target_yuan : float
        Loss to reach, the capital for example [yuan], > 0.
    horizon_years : float
        Horizon of the PDs [year], > 0.
    most : int
        Most ways to report, >= 1.

    Returns
    -------
    ReverseStress
        Ways by distance.  Where the state of zero factors loses that much already, it alone,
        at distance 0.

    Raises
    ------
    BookError
        If the target is not above 0, no state loses that much, or none within 30 deviations.

    Notes
    -----
    The loss given the factors is a mean: single names can push a book over the target in
    milder states.  Gaussian copula.  The search holds nothing random; the same book gives
    the same ways.
    """
    check_segments(exposures, model)
    target = inside("target_yuan", target_yuan, high=math.inf)
    years = inside("horizon_years", horizon_years, high=math.inf)
    cells = compress(exposures).cells
    largest = largest_loss(cells, model)
    if target >= largest:
        raise BookError(
            Text(f"目标损失{target:.0f}元达不到：任何因子状态下的预期损失都低于{largest:.0f}元",
                 f"a loss of {target:.0f} yuan is out of reach: the expected loss stays below "
                 f"{largest:.0f} yuan in every state of the factors"),
            Text("请降低目标损失", "ask for a smaller loss"),
        )  # fmt: skip
    surface = Surface(cells, model, model.root, target)
    found = nearest_points(surface)
    return ReverseStress(
        target,
        largest,
        tuple(_failure(surface, w, correction, years) for w, correction in found[:most]),
    )


def _failure(surface: Surface, w: Column, correction: float, years: float) -> Failure:
    """One way, with its chance and its sentence."""
    factors: NDArray[np.float64] = surface.root @ w
    distance = float(np.linalg.norm(w))
    probability = float(special.ndtr(-distance))
    curved = min(probability * correction, 1.0)
    loss = math.exp(surface.at(w)[0]) * surface.target
    periods = years / probability, years / curved
    return Failure(
        factors, distance, probability, curved, periods[0], loss,
        _sentence(surface.model.factors, factors, distance, periods, loss),
    )  # fmt: skip


def _sentence(
    names: Sequence[str], factors: Column, distance: float, periods: tuple[float, float],
    loss: float,
) -> Text:  # fmt: skip
    """The way in words: the factors that move most, how often, what is lost."""
    if distance == 0.0:
        return Text(
            f"无需任何压力：因子处于常态时预期损失已达{loss:.0f}元",
            f"no stress is needed: with factors as usual {loss:.0f} yuan are lost already",
        )
    order = np.argsort(-np.abs(factors), kind="stable")[:5]
    kept = [j for j in order.tolist() if abs(factors[j]) >= 0.2 * abs(factors[order[0]])]
    titles = [(_title(names[j]), f"{factors[j]:+.2f}") for j in kept]
    zh = "、".join(f"{title.zh}{score}" for title, score in titles)
    en = ", ".join(f"{title.en} {score}" for title, score in titles)
    often = (
        Text(
            f"约{periods[0]:,.0f}年一遇（计入曲率约{periods[1]:,.0f}年）",
            f"about once in {periods[0]:,.0f} years ({periods[1]:,.0f} with curvature)",
        )
        if periods[0] <= MOST_YEARS
        else Text(f"{MOST_YEARS:,.0f}年不足一遇", f"less than once in {MOST_YEARS:,.0f} years")
    )
    return Text(
        f"{zh}（标准差，负为不利）；{often.zh}，预期损失{loss:,.0f}元",
        f"{en} (deviations, low is bad); {often.en}, expected loss {loss:,.0f} yuan",
    )


def _title(name: str) -> Text:
    """A factor in words; names that follow no family stay as they are."""
    family, _, key = name.partition(":")
    if family not in TITLES:
        return Text(name, name)
    words = {choice.code: choice.title for choice in COMMODITIES}
    said = words.get(key, Text(key, key))
    return Text(TITLES[family].zh.format(key=said.zh), TITLES[family].en.format(key=said.en))
