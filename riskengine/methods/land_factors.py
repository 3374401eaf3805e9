"""What a parcel's soil, water, slope, size and road are worth: corrections and points."""

from collections.abc import Mapping, Sequence

import numpy as np

from riskengine.methods.inputs import Column, Inputs

FACTORS = ("soil_grade", "irrigated_share", "slope_degrees", "plot_area_mu", "road_distance_km")
"""Facts of a parcel that correct its price, in every table that has them."""


def correction(inputs: Inputs, factor: str) -> Column:
    """Correction K_i for one fact, linear between the points of the rule, level beyond them.

    Parameters
    ----------
    inputs : Inputs
        Land rights or comparable deals.
    factor : str
        One of `FACTORS`.

    Returns
    -------
    (n,) float64
        Correction [1]; NaN where the fact is missing.
    """
    name = f"land_price.correction_{factor}"
    inputs.asked[f"rule:{name}"] = name
    table: Mapping[str, Sequence[float]] = inputs.rules.table(name)
    found: Column = np.interp(inputs.number(factor), table["points"], table["corrections"])
    return found


def farm_factor(inputs: Inputs) -> Column:
    """Price of a parcel over that of an ordinary one: 1 + sum of K_i.

    Parameters
    ----------
    inputs : Inputs
        Land rights or comparable deals.

    Returns
    -------
    (n,) float64
        Factor [1]; a fact that is missing counts as ordinary, NaN where all are.
    """

    def factor() -> Column:
        known = np.stack([correction(inputs, name) for name in FACTORS])
        total = 1.0 + np.nansum(known, axis=0)
        return np.where(np.isnan(known).all(axis=0), np.nan, total)

    found: Column = inputs.once("land.farm_factor", factor)
    return found


def farm_score(inputs: Inputs) -> Column:
    """Score of a parcel over the facts that are known: sum of w_j f_j over sum of w_j.

    Points f_j run from 0 for the worst correction of a fact to 100 for the best.

    Parameters
    ----------
    inputs : Inputs
        Land rights or comparable deals.

    Returns
    -------
    (n,) float64
        Score [1], in (0, 100]; NaN where no fact is known.
    """

    def score() -> Column:
        weights = inputs.rules.table("land_price.score_weights")
        inputs.asked["rule:land_price.score_weights"] = "land_price.score_weights"
        total, known = np.zeros(inputs.size), np.zeros(inputs.size)
        for name in FACTORS:
            table = inputs.rules.table(f"land_price.correction_{name}")["corrections"]
            points = 100.0 * (correction(inputs, name) - min(table)) / (max(table) - min(table))
            told = ~np.isnan(points)
            total += np.where(told, weights[name] * points, 0.0)
            known += np.where(told, weights[name], 0.0)
        with np.errstate(invalid="ignore"):
            found = total / known
        return np.where(found > 0.0, found, np.nan)

    found: Column = inputs.once("land.farm_score", score)
    return found
