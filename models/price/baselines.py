"""What a price model must beat, and intervals of one width, on the deals it never saw."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from models.price.boost import fit_core
from models.price.deals import Deals
from models.price.fit import PriceFit, estimate
from models.price.hedonic import fit_strata
from models.price.intervals import offsets
from models.price.measures import accuracy

Part = NDArray[Any]


def baselines(found: PriceFit, part: Part) -> dict[str, dict[str, float]]:
    """Figures of the linear model and of the median of each group.

    Parameters
    ----------
    found : PriceFit
        The model that must beat them; they learn from the same deals.
    part : (n,) object
        Part of every deal of `found`.

    Returns
    -------
    dict of str to dict
        ``linear`` and ``median`` to figures as `models.price.measures.accuracy`, on
        the test deals that the model answers; empty where it answers for none.
    """
    test, known = _test(found, part), found.deals.take(np.isin(part, ("train", "calibrate")))
    rows = ~np.isnan(estimate(found.model(), test).price)
    if not rows.any():
        return {}
    others = {
        "linear": found.core.hedonic.predict(test),
        "median": fit_strata(known.take(known.usable)).predict(test),
    }
    return {name: accuracy(one[rows], test.y[rows]) for name, one in others.items()}


def plain_intervals(found: PriceFit, part: Part) -> dict[str, list[float]]:
    """Cover and width of plain split conformal: one width for all.

    Parameters
    ----------
    found : PriceFit
        The model whose settings are taken: here it learns from training deals alone,
        and the width comes from the calibration deals.
    part : (n,) object
        Part of every deal of `found`.

    Returns
    -------
    dict of str to list of float
        Group, and ``all``, to share of test deals inside and width of the log price;
        empty without test deals.
    """
    test, deals = _test(found, part), found.deals
    if not test.y.size:
        return {}
    with threadpool_limits(1):
        early = fit_core(deals.take(part == "train"), found.settings, found.config.seed)
    held = deals.take((part == "calibrate") & deals.fair)
    scores = np.abs(held.y - early.logs(held)[0])
    coverage, alike = found.settings.coverage, np.zeros(scores.size, dtype=np.int64)
    half = float(offsets(scores, alike, 0, 0, coverage)[-1])
    inside = np.abs(test.y - early.logs(test)[0]) <= half
    rows = {test.groups[g] if g >= 0 else "—": test.group == g for g in np.unique(test.group)}
    rows["all"] = np.ones(test.y.size, dtype=bool)
    return {name: [float(inside[own].mean()), 2.0 * half] for name, own in rows.items()}


def _test(found: PriceFit, part: Part) -> Deals:
    return found.deals.take((part == "test") & found.deals.fair)
