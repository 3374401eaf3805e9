"""Released price models: a price, its interval, the error of its logarithm, where to abstain.

The logarithm of a price is the sum of trees over the facts, the level of the place
and the level of the time.  Trees of low and high quantiles give an interval that
conformal widths, measured on later deals than the trees saw, make honest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from riskengine.kernels.trees import outside_support
from riskengine.learned.features import Feature
from riskengine.learned.price_parts import (
    code_keys,
    linear_level,
    nested_keys,
    outside_likeness,
    place_level,
    time_level,
    widths,
)
from riskengine.learned.release import Release
from riskengine.learned.trees import PreparedTrees, prepare, raw_scores

Floats = NDArray[np.float64]

TREES = (
    "roots", "feature", "threshold", "missing_left", "left", "right", "leaf", "baseline", "cover",
    "category_row", "category_left", "category_known",
)  # fmt: skip
"""Arrays of one set of trees; the last four may be absent."""

NEEDED = (*TREES[:8], "low", "high", "may_miss", "group_error")
"""Arrays that every release has, all numeric; `riskengine.learned.price_parts` names the rest."""

ENDS = ("", "lower_", "upper_")
"""Prefixes of the trees of the middle, and of the low and high end where there are any."""


@dataclass(frozen=True)
class PriceEstimate:
    """What a price model says; NaN for rows that it was not asked for or abstains from.

    Parameters
    ----------
    price : (n,) float64
        Price in the unit of the target.
    log_error : (n,) float64
        Standard error of its logarithm.
    low, high : (n,) float64
        Ends of the interval.
    bound : (n,) float64
        Lower bound alone, which counts on no rise of prices: for lending.
    """

    price: Floats
    log_error: Floats
    low: Floats
    high: Floats
    bound: Floats


@dataclass(frozen=True)
class PriceModel:
    """A released model of the logarithm of a price.

    Parameters
    ----------
    table : str
        Kind of right that it speaks of.
    quantity : str
        Market quantity that it predicts, such as ``land_rent``.
    features : tuple of str
        Columns that it looks at, in order.
    group : str
        Code column by which its error was measured.
    name, digest : str
        Name and SHA-256 of the release.
    origin : str
        What it was trained on: ``institution``, ``foreign`` or ``synthetic``.
    arrays : mapping of str to array
        `NEEDED` and others.
    specs : tuple of Feature
        The same features with units and codes.
    group_codes : tuple of str
        Codes of the group, in order; empty for those of the table of the right.
    coverage : float
        Coverage of the interval, in (0, 1).
    places : mapping of str to float
        Level of each place against the wider one [log].
    place_digits : tuple of int
        Digits of the region code that name the places; empty where columns do.
    period : str
        ``year``, ``quarter``, ``month``, or ``""`` for a model without time.
    trees : tuple of PreparedTrees
        Of the middle; and of the low and the high end, where the release has them.
    manifest : mapping
        What the release says of itself.
    """

    table: str
    quantity: str
    features: tuple[str, ...]
    group: str
    name: str
    digest: str
    origin: str
    arrays: Mapping[str, NDArray[Any]]
    specs: tuple[Feature, ...] = ()
    group_codes: tuple[str, ...] = ()
    coverage: float = 0.9
    places: Mapping[str, float] = field(default_factory=dict, repr=False)
    place_digits: tuple[int, ...] = ()
    period: str = ""
    trees: tuple[PreparedTrees, ...] = field(default=(), repr=False)
    manifest: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, release: Release) -> "PriceModel":
        """Take a price model out of a release.

        Parameters
        ----------
        release : Release
            Verified release of kind ``price``.

        Returns
        -------
        PriceModel
            The model.

        Raises
        ------
        KeyError
            If the manifest or an array that it needs is missing.
        ValueError
            If the table of places does not fit its array.
        """
        manifest, arrays = release.manifest, release.arrays
        held = {name: arrays[name] for name in NEEDED}
        places = manifest.get("places", {})
        keys = places.get("keys", ())
        effects = arrays["place_effect"].tolist() if keys else []
        return cls(
            manifest["table"], manifest["quantity"],
            tuple(feature.name for feature in release.features), manifest["group"],
            release.name, release.digest, release.origin, {**arrays, **held}, release.features,
            tuple(manifest.get("group_codes", ())), float(manifest.get("coverage", 0.9)),
            dict(zip(keys, effects, strict=True)), tuple(places.get("digits", ())),
            manifest.get("period", ""),
            tuple(
                _prepared(arrays, prefix, len(release.features) + (1 if keys else 0))
                for prefix in ENDS[: 3 if "interval_offset" in arrays else 1]
            ),
            manifest,
        )  # fmt: skip

    def place_levels(self, *columns: Sequence[str]) -> Floats:
        """Return the level of the places around each row.

        Parameters
        ----------
        *columns : sequence of str
            Region codes, or the names of nested places from the widest on.

        Returns
        -------
        (n,) float64
            Level [log]; 0 where no place is known.
        """
        digits = self.place_digits
        keys = code_keys(columns[0], digits) if digits else nested_keys(columns)
        return place_level(self.places, keys)

    def predict(
        self, x: Floats, groups: NDArray[np.int64], wanted: NDArray[np.bool_],
        places: Floats | None = None, period: int | None = None,
    ) -> tuple[Floats, Floats]:  # fmt: skip
        """Predict prices and their errors.

        Parameters
        ----------
        x, groups, wanted, places, period
            As `estimate`.

        Returns
        -------
        tuple of (n,) float64
            Price and standard error of its logarithm; NaN for rows that are not
            wanted or lie outside what the model has seen.
        """
        found = self.estimate(x, groups, wanted, places, period)
        return found.price, found.log_error

    def estimate(
        self, x: Floats, groups: NDArray[np.int64], wanted: NDArray[np.bool_],
        places: Floats | None = None, period: int | None = None,
    ) -> PriceEstimate:  # fmt: skip
        """Predict prices with intervals.

        Parameters
        ----------
        x : (features, n) float64
            Features in the order of `features`; NaN is missing.
        groups : (n,) int64
            Position of each row in the codes of `group`; -1 where missing.
        wanted : (n,) bool
            Rows to predict.
        places : (n,) float64 or None
            As `place_levels`; None where nothing is known of the place.
        period : int or None
            Period of the valuation, as `models.price.index` numbers them; None for the
            last one that the model knows.

        Returns
        -------
        PriceEstimate
            Prices, errors and intervals.
        """
        a = self.arrays
        inside = wanted.copy()
        if self.places:
            known = np.zeros(groups.size) if places is None else places
            x = np.ascontiguousarray(np.vstack([x, known]))
        outside_support(x, inside, a["low"], a["high"], a["may_miss"])
        outside_likeness(a, x, inside)
        level, prudent = time_level(a, groups, period)
        known = x[-1] if self.places else np.zeros(groups.size)
        level, drop = (level + known) + linear_level(a, x), prudent - level
        level = np.where(inside, level, np.nan)
        middle = self._stretched(raw_scores(self.trees[0], x) + level)
        if "interval_offset" not in a:
            half = self._normal * a["group_error"][groups]
            return self._estimate(drop, middle, middle - half, middle + half, middle - half)
        low, high = (raw_scores(trees, x) + level for trees in self.trees[1:])
        low, high = np.fmin(low, middle), np.fmax(high, middle)
        wide = widths(a, "interval", x, groups, inside)
        bound = low - widths(a, "bound", x, groups, inside)
        return self._estimate(
            drop, middle, np.fmin(low - wide, middle), np.fmax(high + wide, middle),
            np.fmin(bound, middle),
        )  # fmt: skip

    def _stretched(self, log: Floats) -> Floats:
        """Logarithms drawn apart around their centre, where the release asks for it."""
        if "stretch" not in self.arrays:
            return log
        centre, slope = self.arrays["stretch"]
        drawn: Floats = centre + slope * (log - centre)
        return drawn

    @property
    def _normal(self) -> float:
        """Standard errors from the middle of a normal interval to its end."""
        return float(ndtri(0.5 + 0.5 * self.coverage))

    def _estimate(
        self, drop: Floats, middle: Floats, low: Floats, high: Floats, bound: Floats
    ) -> PriceEstimate:
        """Prices from logarithms; the error is that of a normal with the same interval."""
        return PriceEstimate(
            np.exp(middle), (high - low) / (2.0 * self._normal), np.exp(low), np.exp(high),
            np.exp(bound + drop),
        )  # fmt: skip


def _prepared(arrays: Mapping[str, NDArray[Any]], prefix: str, features: int) -> PreparedTrees:
    """One set of trees of a release."""
    own = {name: arrays[prefix + name] for name in TREES if prefix + name in arrays}
    return prepare(own, features)
