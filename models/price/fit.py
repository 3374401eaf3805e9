"""Fit a price model: screen, index, places, trees, widths forward in time, no test deal seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from threadpoolctl import threadpool_limits

from models.config import Config
from models.frame import Frame
from models.price.boost import Core, fit_core, shown
from models.price.deals import Deals, deals_of
from models.price.equity import stretch_of, stretched
from models.price.forward import Errors, forward_errors
from models.price.intervals import left_out_cover, support_arrays, width_arrays
from models.price.rights import refuse_strangers
from models.price.screen import Screened, screen
from models.price.settings import PriceSettings
from riskengine.errors import ModelError
from riskengine.learned.price import PriceEstimate, PriceModel
from riskengine.learned.release import Release
from riskengine.words import Text

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PriceFit:
    """A fitted price model before it is tested.

    Parameters
    ----------
    config : Config
        How it was made.
    settings : PriceSettings
        Its settings.
    core : Core
        What it learned from training and calibration deals together.
    errors : Errors
        Errors forward in time, of which the widths are made.
    screened : Screened
        Flags of all deals.
    deals : Deals
        All deals, in the order of the frame.
    arrays : mapping of str to array
        What is released.
    manifest : mapping
        What a price model says of itself beyond the entries of every release.
    """

    config: Config
    settings: PriceSettings
    core: Core
    errors: Errors
    screened: Screened
    deals: Deals
    arrays: Mapping[str, NDArray[Any]]
    manifest: Mapping[str, Any]

    def model(self) -> PriceModel:
        """Return the model as the engine would load it."""
        config = self.config
        return PriceModel.of(Release(
            config.name, "", config.kind, config.form, config.origin, self.deals.features, "",
            self.manifest, self.arrays,
        ))  # fmt: skip


def fit(frame: Frame, config: Config, size: Floats | None = None) -> PriceFit:
    """Fit a price model on the deals before the test.

    Parameters
    ----------
    frame : Frame
        Checked deals; parts in time.  Those of the test are flagged and never learned from.
    config : Config
        Of kind ``price``.
    size : (n,) float64 or None
        Size of what was sold, for the slip of a total for a unit price.

    Returns
    -------
    PriceFit
        The model; the same on any number of threads.

    Raises
    ------
    ModelError
        If the settings are wrong, features do not fit the table of the rights, or no
        period has deals enough before it.
    """
    with threadpool_limits(1):
        return _fit(frame, config, PriceSettings.of(config.settings), size)


def _fit(frame: Frame, config: Config, settings: PriceSettings, size: Floats | None) -> PriceFit:
    """Fit on one thread: sums then come in one order."""
    if settings.start == "linear" and any(feature.direction for feature in frame.features):
        raise ModelError(
            Text(
                "start = linear 不能保证单调方向",
                "start = linear cannot promise the monotone directions of the features",
            ),
            Text("去掉方向，或用 start = none", "take the directions away, or start from none"),
        )
    refuse_strangers(frame.features, settings)
    past = np.isin(frame.part, ("train", "calibrate"))
    names = frame.table[settings.group].astype("string").fillna("")
    groups = tuple(sorted(set(names[past].tolist()) - {""}))
    every = np.ones(past.size, dtype=bool)
    deals = deals_of(frame, settings, every, every, groups)
    screened = screen(frame.table, deals, past, settings, size)
    deals = deals_of(frame, settings, screened.usable, screened.fair, groups)
    known = deals.take(past)
    core = fit_core(known, settings, config.seed)
    errors = forward_errors(known, settings, config.seed)
    stretch = None
    if settings.equity > 0.0:
        stretch = stretch_of(errors.logs[0], errors.y, settings.equity)
        errors = Errors(**{**errors.__dict__, "logs": stretched(errors.logs, stretch)})
    arrays = _arrays(core, errors, known, settings, config.seed)
    if stretch is not None:
        arrays["stretch"] = stretch
    manifest = _manifest(settings, groups, core, screened) | {
        "cover_left_out": _left_out(errors, len(groups), settings)
    }
    return PriceFit(config, settings, core, errors, screened, deals, arrays, manifest)


def _left_out(errors: Errors, groups: int, settings: PriceSettings) -> list[list[float]]:
    """Cover of each origin by widths of the others, for the manifest; -1 where not known."""
    swing = left_out_cover(errors, groups, settings.full, settings.coverage)
    found: list[list[float]] = np.where(np.isnan(swing), -1.0, swing).round(4).tolist()
    return found


def _arrays(
    core: Core, errors: Errors, known: Deals, settings: PriceSettings, seed: int
) -> dict[str, NDArray[Any]]:
    """Everything that is released as numbers."""
    x = shown(known, core.hedonic.places.at(known.keys))
    widths = width_arrays(errors, x, known, settings, seed)
    rows = known.usable
    support = support_arrays(
        np.ascontiguousarray(x[:, rows]), known.take(rows), settings, seed
    )  # fmt: skip
    typical = np.median(errors.logs[2] - errors.logs[1]) + 2.0 * widths["interval_offset"]
    error = typical / (2.0 * float(ndtri(0.5 + 0.5 * settings.coverage)))
    found = {
        **core.arrays(),
        **widths,
        **support,
        "group_error": error,
    }
    if settings.period:
        found |= core.hedonic.index.arrays()
    return found


def _manifest(
    settings: PriceSettings, groups: tuple[str, ...], core: Core, screened: Screened
) -> dict[str, Any]:
    return {
        "table": settings.table, "quantity": settings.quantity, "group": settings.group,
        "group_codes": list(groups), "coverage": settings.coverage,
        "one_sided": settings.one_sided, "period": settings.period,
        "places": {
            "columns": list(settings.places), "digits": list(settings.place_digits),
            "keys": list(core.hedonic.places.keys),
        },
        "screened": screened.counts,
    }  # fmt: skip


def estimate(model: PriceModel, deals: Deals) -> PriceEstimate:
    """Ask a released model for deals, each at its own period.

    Parameters
    ----------
    model : PriceModel
        The model.
    deals : Deals
        Deals.

    Returns
    -------
    PriceEstimate
        What it says of each.
    """
    found = np.full((5, deals.y.size), np.nan)
    place = np.zeros(deals.y.size)
    for level in deals.keys:
        place += np.array([model.places.get(key, 0.0) for key in level])
    for period in np.unique(deals.period):
        rows = deals.period == period
        told = model.estimate(
            np.ascontiguousarray(deals.x[:, rows]), deals.group[rows],
            np.ones(int(rows.sum()), dtype=bool), place[rows],
            int(period) if model.period else None,
        )  # fmt: skip
        found[:, rows] = (told.price, told.log_error, told.low, told.high, told.bound)
    return PriceEstimate(*found)
