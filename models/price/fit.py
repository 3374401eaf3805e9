"""Fit a price model: screen, index, places, trees, widths forward in time, test once."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
from models.price.hedonic import fit_strata
from models.price.intervals import left_out_cover, offsets, support_arrays, width_arrays
from models.price.measures import GroupLine, accuracy, beats, group_lines
from models.price.screen import Screened, screen
from models.price.settings import PriceSettings
from riskengine import __version__
from riskengine.errors import ModelError
from riskengine.learned.features import described
from riskengine.learned.price import PriceEstimate, PriceModel
from riskengine.learned.release import Release
from riskengine.words import Text

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PriceFit:
    """A fitted price model and how it did on the deals it never saw.

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
        What the release says of itself.
    models : mapping of str to mapping
        Test figures of this model, of the linear one and of the median of each group.
    lines : tuple of GroupLine
        Test figures of every group.
    """

    config: Config
    settings: PriceSettings
    core: Core
    errors: Errors
    screened: Screened
    deals: Deals
    arrays: Mapping[str, NDArray[Any]]
    manifest: Mapping[str, Any]
    models: Mapping[str, Mapping[str, float]]
    lines: tuple[GroupLine, ...]

    @property
    def ships(self) -> bool:
        """Whether it beats the linear model and the median of each group on COD, out of time."""
        return beats(self.models, "boosting")

    def model(self) -> PriceModel:
        """Return the model as the engine would load it."""
        return _model(self.arrays, self.manifest, self.config, self.deals)


def fit(frame: Frame, config: Config, size: Floats | None = None) -> PriceFit:
    """Fit a price model and test it out of time.

    Parameters
    ----------
    frame : Frame
        Checked deals; parts in time.
    config : Config
        Of kind ``price``.
    size : (n,) float64 or None
        Size of what was sold, for the slip of a total for a unit price.

    Returns
    -------
    PriceFit
        The model with its out-of-time figures; the same on any number of threads.

    Raises
    ------
    ModelError
        If the settings are wrong or no period has deals enough before it.
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
    past, train = np.isin(frame.part, ("train", "calibrate")), frame.part == "train"
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
    manifest = _manifest(frame, config, settings, groups, core, screened)
    test = deals.take((frame.part == "test") & screened.fair)
    split = fit_core(deals.take(train), settings, config.seed), deals.take(~train & past)
    models, lines = _tested(
        _model(arrays, manifest, config, deals), core, test, known, split, settings
    )
    swing = left_out_cover(errors, len(groups), settings.full, settings.coverage)
    metrics = {
        "models": models, "groups": [asdict(x) for x in lines],
        "cover_left_out": np.where(np.isnan(swing), -1.0, swing).round(4).tolist(),
    }  # fmt: skip
    counted = {**manifest, "metrics": metrics}
    return PriceFit(
        config, settings, core, errors, screened, deals, arrays, counted, models, tuple(lines)
    )


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
    frame: Frame, config: Config, settings: PriceSettings, groups: tuple[str, ...], core: Core,
    screened: Screened,
) -> dict[str, Any]:  # fmt: skip
    version = hashlib.sha256(f"{frame.digest}{config.digest}{__version__}".encode()).hexdigest()
    return {
        "name": config.name, "version": version[:12], "kind": config.kind, "form": config.form,
        "table": settings.table, "quantity": settings.quantity, "origin": config.origin,
        "features": [described(feature) for feature in frame.features],
        "group": settings.group, "group_codes": list(groups), "coverage": settings.coverage,
        "one_sided": settings.one_sided, "period": settings.period,
        "places": {
            "columns": list(settings.places), "digits": list(settings.place_digits),
            "keys": list(core.hedonic.places.keys),
        },
        "target": config.target.column, "unit": config.target.unit, "seed": config.seed,
        "split": {name: str(day) for name, day in asdict(config.split).items()},
        "counts": dict(frame.counts), "screened": screened.counts, "data_digest": frame.digest,
        "config_digest": config.digest, "engine_version": __version__,
    }  # fmt: skip


def _model(
    arrays: Mapping[str, NDArray[Any]], manifest: Mapping[str, Any], config: Config, deals: Deals
) -> PriceModel:
    return PriceModel.of(Release(
        manifest["name"], manifest["version"], "price", config.form, config.origin,
        deals.features, "", manifest, arrays,
    ))  # fmt: skip


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


def _tested(
    model: PriceModel, core: Core, test: Deals, known: Deals, split: tuple[Core, Deals],
    settings: PriceSettings,
) -> tuple[dict[str, dict[str, float]], list[GroupLine]]:  # fmt: skip
    """Figures on the test deals: of the model as released, of the baselines, of each group."""
    told = estimate(model, test)
    ends = np.log(np.stack([told.price, told.low, told.high, told.bound]))
    rows = ~np.isnan(ends[0])
    others = {
        "linear": core.hedonic.predict(test),
        "median": fit_strata(known.take(known.usable)).predict(test),
    }
    models = {"boosting": accuracy(ends[0, rows], test.y[rows])}
    models |= {name: accuracy(one[rows], test.y[rows]) for name, one in others.items()}
    early, calibration = split
    calibration = calibration.take(calibration.fair)
    scores = np.abs(calibration.y - early.logs(calibration)[0])
    half = offsets(scores, np.zeros(scores.size, dtype=np.int64), 0, 0, settings.coverage)[-1]
    names = [test.groups[g] if g >= 0 else "" for g in test.group]
    return models, group_lines(names, test.y, ends, (early.logs(test)[0], float(half)))
