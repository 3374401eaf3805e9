"""Trees of the middle, of the low and of the high end, on facts and the level of the place."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from models.monotone_trees import put_right, recentred
from models.price.credible import out_of_fold
from models.price.deals import Deals
from models.price.hedonic import Hedonic, fit_hedonic
from models.price.settings import PriceSettings
from models.trees import tree_arrays
from riskengine.learned.features import Feature

Floats = NDArray[np.float64]

ENDS = ("", "lower_", "upper_")
"""Prefixes of the three sets of trees in a release."""


@dataclass(frozen=True)
class Core:
    """Everything that is learned from one set of deals.

    Parameters
    ----------
    hedonic : Hedonic
        Index, places, and the linear baseline.
    trees : tuple of HistGradientBoostingRegressor
        For the middle, the low and the high end of log price at the level of the last
        period and of an average place.
    linear : bool
        Whether the trees begin where the linear model ends.
    """

    hedonic: Hedonic
    trees: tuple[HistGradientBoostingRegressor, ...]
    linear: bool

    def logs(self, deals: Deals) -> NDArray[np.float64]:
        """Return middle, low and high logs at their period, and the prudent step of time.

        Parameters
        ----------
        deals : Deals
            Any deals.

        Returns
        -------
        (4, n) float64
            Middle, low, high [log]; how far the level that a lender may count on lies
            below the level [log], <= 0.
        """
        place = self.hedonic.places.at(deals.keys)
        level, prudent = self.hedonic.index.at(deals.period, deals.group)
        drop = prudent - level
        x = shown(deals, place)
        facts = self.hedonic.facts(deals) if self.linear else np.zeros(deals.y.size)
        level = (level + place) + facts
        with threadpool_limits(1):
            middle, low, high = (one.predict(x.T) + level for one in self.trees)
        return ordered(np.stack([middle, low, high, drop]))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return trees, index and places as a release holds them."""
        found: dict[str, NDArray[Any]] = {}
        for prefix, estimator in zip(ENDS, self.trees, strict=True):
            found |= {f"{prefix}{name}": one for name, one in tree_arrays(estimator).items()}
        if self.linear:
            found |= self.hedonic.arrays()
        places = self.hedonic.places
        if places.keys:
            found |= {
                "place_effect": places.effect, "place_own": places.own,
                "place_weight": places.weight, "place_count": places.count,
                "place_depth": places.level,
            }  # fmt: skip
        return found


def ordered(logs: Floats) -> Floats:
    """Low and high ends that do not cross the middle.

    Parameters
    ----------
    logs : (4, n) float64
        As `Core.logs` [log].

    Returns
    -------
    (4, n) float64
        The same with low <= middle <= high.
    """
    middle, low, high, drop = logs
    return np.stack([middle, np.minimum(low, middle), np.maximum(high, middle), drop])


def shown(deals: Deals, place: Floats) -> Floats:
    """Facts that the trees look at: those of the deals and the level of the place.

    Parameters
    ----------
    deals : Deals
        Deals.
    place : (n,) float64
        Level of the place [log].

    Returns
    -------
    (features + 1, n) float64
        Facts; without the last row where no places are told apart.
    """
    if not deals.keys.shape[0]:
        return deals.x
    return np.ascontiguousarray(np.vstack([deals.x, place]))


def fit_core(deals: Deals, settings: PriceSettings, seed: int) -> Core:
    """Fit index, places and trees.

    Parameters
    ----------
    deals : Deals
        Training deals; those that are not usable are left out.
    settings : PriceSettings
        How.
    seed : int
        Random seed.

    Returns
    -------
    Core
        The fit; the same on any number of threads.
    """
    deals = deals.take(deals.usable)
    hedonic = fit_hedonic(deals, settings.damping)
    level, _ = hedonic.index.at(deals.period, deals.group)
    facts, linear = hedonic.facts(deals), settings.start == "linear"
    place = out_of_fold(deals.y - facts - level, deals.keys, seed)
    x = shown(deals, place)
    target = deals.y - level - place - (facts if linear else 0.0)
    with threadpool_limits(1):
        trees = tuple(
            _fitted_trees(x.T, target, deals.features, settings, share, seed)
            for share in _shares(settings)
        )
    return Core(hedonic, trees, linear)


def _shares(settings: PriceSettings) -> tuple[float | None, float, float]:
    """Quantiles of the middle (None for a mean), the low and the high end."""
    rest = (1.0 - settings.coverage) / 2.0
    return None if settings.loss == "squared_error" else 0.5, rest, 1.0 - rest


def _fitted_trees(
    x: Floats, y: Floats, features: tuple[Feature, ...], settings: PriceSettings,
    share: float | None, seed: int,
) -> HistGradientBoostingRegressor:  # fmt: skip
    """Trees of one quantile or of the mean, monotone as asked for."""
    more = x.shape[1] - len(features)
    direction = [*(feature.direction for feature in features), *[0] * more]
    categories = [*(feature.kind == "category" for feature in features), *[False] * more]
    middle = share in (None, 0.5)
    loss: dict[str, Any] = (
        {"loss": settings.loss} if middle else {"loss": "quantile", "quantile": share}
    )
    trees = HistGradientBoostingRegressor(
        **loss, max_iter=settings.iterations if middle else settings.quantile_iterations,
        max_leaf_nodes=settings.leaves, min_samples_leaf=settings.leaf_rows,
        learning_rate=settings.learning_rate, l2_regularization=settings.l2,
        monotonic_cst=direction, categorical_features=categories, random_state=seed,
        early_stopping=False,
    ).fit(x, y)  # fmt: skip
    if share is None or not any(direction):
        return trees
    return recentred(put_right(trees, direction), x, y, share)
