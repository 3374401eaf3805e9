"""A linear model of log price with places and time: the index, the place table, a baseline.

Effects of facts, level of places and level of time are found in turn, each on what
the others leave over, until they settle.  Deals far out pull less (Huber's weights).

Source: Rosen (1974), Hedonic Prices; Huber (1964); Buehlmann & Straub (1970).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.price.credible import PlaceTable, place_table
from models.price.deals import Deals
from models.price.index import TimeIndex, time_index
from riskengine.learned.price_parts import linear_level

Floats = NDArray[np.float64]

ROUNDS = 6
RIDGE = 3.0
HUBER = 1.5


@dataclass(frozen=True)
class Design:
    """How facts become columns of a linear model.

    Parameters
    ----------
    middle, spread : (features,) float64
        Median and standard deviation of every number in training.
    low, high : (features,) float64
        Its hundredth and ninety-ninth part; beyond them it counts as there.
    codes : (features,) int64
        Codes of a category; 0 for a number.
    """

    middle: Floats
    spread: Floats
    low: Floats
    high: Floats
    codes: NDArray[np.int64]

    def columns(self, x: Floats) -> Floats:
        """Return the columns of rows.

        Parameters
        ----------
        x : (features, n) float64
            Facts.

        Returns
        -------
        (n, columns) float64
            One, then for each number its standard score, its square and whether it is
            missing, for each category one column a code.
        """
        parts = [np.ones(x.shape[1])]
        for k, row in enumerate(x):
            if self.codes[k]:
                parts += [(row == code).astype(float) for code in range(self.codes[k])]
                continue
            held = np.clip(np.where(np.isnan(row), self.middle[k], row), self.low[k], self.high[k])
            score = (held - self.middle[k]) / self.spread[k]
            parts += [score, score * score, np.isnan(row).astype(float)]
        return np.column_stack(parts)


@dataclass(frozen=True)
class Hedonic:
    """A fitted linear model.

    Parameters
    ----------
    design : Design
        Columns.
    effects : (columns,) float64
        Their effects [log].
    places : PlaceTable
        Level of places.
    index : TimeIndex
        Level of time.
    """

    design: Design
    effects: Floats
    places: PlaceTable
    index: TimeIndex

    def facts(self, deals: Deals) -> Floats:
        """Return what the facts of deals are worth, (n,) float64 [log]."""
        return linear_level(self.arrays(), deals.x)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what a release holds of the linear part."""
        design = self.design
        return {
            "linear_effects": self.effects, "linear_middle": design.middle,
            "linear_spread": design.spread, "linear_low": design.low,
            "linear_high": design.high, "linear_codes": design.codes,
        }  # fmt: skip

    def predict(self, deals: Deals) -> Floats:
        """Return the logarithm of prices, (n,) float64: facts, places and time."""
        level, _ = self.index.at(deals.period, deals.group)
        return self.facts(deals) + self.places.at(deals.keys) + level


def design_of(deals: Deals) -> Design:
    """Take the scales of facts from deals.

    Parameters
    ----------
    deals : Deals
        Training deals.

    Returns
    -------
    Design
        Columns of the linear model.
    """
    size = len(deals.features)
    middle, spread, low, high = np.zeros(size), np.ones(size), np.zeros(size), np.zeros(size)
    codes = np.zeros(size, dtype=np.int64)
    for k, feature in enumerate(deals.features):
        known = deals.x[k][~np.isnan(deals.x[k])]
        if feature.kind == "category":
            codes[k] = len(feature.codes)
        elif known.size:
            low[k], middle[k], high[k] = np.quantile(known, [0.01, 0.5, 0.99])
            spread[k] = max(float(np.std(np.clip(known, low[k], high[k]))), 1e-9)
    return Design(middle, spread, low, high, codes)


def fit_hedonic(deals: Deals, damping: float) -> Hedonic:
    """Fit facts, places and time in turn.

    Parameters
    ----------
    deals : Deals
        Training deals, all usable.
    damping : float
        Of the time index.

    Returns
    -------
    Hedonic
        The model.
    """
    design = design_of(deals)
    columns = design.columns(deals.x)
    groups = len(deals.groups)
    weights, places, time = np.ones(deals.y.size), np.zeros(deals.y.size), np.zeros(deals.y.size)
    keep = RIDGE * np.eye(columns.shape[1])
    keep[0, 0] = 1e-9
    for _ in range(ROUNDS):
        weighed = columns * weights[:, None]
        effects = np.linalg.solve(columns.T @ weighed + keep, weighed.T @ (deals.y - places - time))
        facts = columns @ effects
        left = deals.y - facts - places - time
        weights = huber(left)
        pulled = facts + places + time + left * weights  # deals far out count as nearer
        index = time_index(pulled - facts - places, deals.period, deals.group, groups, damping)
        time = index.at(deals.period, deals.group)[0]
        table = place_table(pulled - facts - time, deals.keys)
        places = table.at(deals.keys)
    return Hedonic(design, effects, table, index)


def huber(left: Floats) -> Floats:
    """Weights of deals by how far out they lie.

    Parameters
    ----------
    left : (n,) float64
        Residuals, any one unit.

    Returns
    -------
    (n,) float64
        1 within 1.5 robust standard errors, then 1.5 over the distance.
    """
    spread = max(1.4826 * float(np.median(np.abs(left - np.median(left)))), 1e-9)
    return np.minimum(1.0, HUBER * spread / np.maximum(np.abs(left), 1e-300))


@dataclass(frozen=True)
class Strata:
    """The crudest model: the median of each group in its last known periods.

    Parameters
    ----------
    median : (groups + 1,) float64
        Median log price of every group, and last of all.
    """

    median: Floats

    def predict(self, deals: Deals) -> Floats:
        """Return the logarithm of prices, (n,) float64."""
        return self.median[deals.group]


def fit_strata(deals: Deals) -> Strata:
    """Take the median of each group over the last period, or over all where that is thin.

    Parameters
    ----------
    deals : Deals
        Training deals.

    Returns
    -------
    Strata
        The baseline.
    """
    late = deals.period == deals.period.max()
    overall = float(np.median(deals.y[late] if late.sum() >= 30 else deals.y))
    medians = []
    for g in range(len(deals.groups)):
        own = deals.group == g
        rows = own & late if (own & late).sum() >= 30 else own
        medians.append(float(np.median(deals.y[rows])) if rows.any() else overall)
    return Strata(np.array([*medians, overall]))
