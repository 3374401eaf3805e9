"""A price model from a configuration, as the trainer asks every kind for it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from models.config import Config
from models.evaluate.drift import reference
from models.fitted import Fitted
from models.frame import Frame
from models.price.baselines import baselines, plain_intervals
from models.price.boost import fit_core
from models.price.deals import Deals, deals_of
from models.price.fit import fit
from models.price.screen import arm_flags, screen
from models.price.settings import PriceSettings


def fit_price(config: Config, frame: Frame, settings: Mapping[str, Any]) -> Fitted:
    """Fit a price model on the deals before the test.

    Parameters
    ----------
    config : Config
        Kind ``price``.
    frame : Frame
        Deals of all parts; those of the test are only measured, for the two baselines
        that the model must beat.
    settings : mapping
        Of the form, such as the search chose them.

    Returns
    -------
    Fitted
        The model; its manifest holds what the baselines reached on the test.

    Raises
    ------
    ModelError
        If the settings are wrong or no period has deals enough before it.
    """
    found = fit(frame, replace(config, settings=settings))
    past = frame.of("train", "calibrate")
    told = {
        "baselines": baselines(found, frame.part),
        "plain_intervals": plain_intervals(found, frame.part),
    }
    return Fitted(
        frame.features, {**found.arrays, **reference(past.x, frame.features)},
        dict(found.core.__dict__), {**found.manifest, **told},
    )  # fmt: skip


def score_price(
    config: Config, first: Frame, second: Frame, settings: Mapping[str, Any]
) -> float:  # fmt: skip
    """Return how near prices come on later deals: minus the mean absolute log error.

    Parameters
    ----------
    config : Config
        Kind ``price``.
    first, second : Frame
        Earlier and later deals.
    settings : mapping
        Of the form.

    Returns
    -------
    float
        Minus the mean absolute error of the logarithm.
    """
    how = PriceSettings.of(settings)
    names = first.table[how.group].astype("string").fillna("")
    groups = tuple(sorted(set(names.tolist()) - {""}))
    every = np.ones(first.y.size, dtype=bool)
    deals = deals_of(first, how, every, every, groups)
    found = screen(first.table, deals, every, how)
    deals = deals_of(first, how, found.usable, found.fair, groups)
    with threadpool_limits(1):
        core = fit_core(deals, how, config.seed)
    later = fair_deals(second, how, groups)
    return -float(np.abs(core.logs(later)[0] - later.y).mean())


def fair_deals(frame: Frame, settings: PriceSettings, groups: tuple[str, ...]) -> Deals:
    """Return the deals at arm's length, by their flags and remarks alone.

    Parameters
    ----------
    frame : Frame
        Deals; no price is looked at to leave one out.
    settings : PriceSettings
        Columns of flags and remarks, and of repeated rows.
    groups : tuple of str
        Codes of the groups.

    Returns
    -------
    Deals
        Those at arm's length.
    """
    fair = ~np.any(list(arm_flags(frame.table, settings).values()), axis=0)
    every = np.ones(fair.size, dtype=bool)
    return deals_of(frame, settings, every, fair, groups).take(fair)
