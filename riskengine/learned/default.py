"""Released models of default: a PD, why it is so, and what would lower it.

The raw answer is the log odds of bad, from trees or from the points of a scorecard;
a calibration turns it into the log odds of the PD.  Every contribution is additive
in those log odds, so that base and contributions sum to what the PD is made of.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.calibrate import (
    calibrate_rows,
    log_odds_rows,
    probability,
    table_log_odds,
)
from riskengine.kernels.compiling import plain
from riskengine.kernels.trees import outside_support
from riskengine.learned.features import Feature, rounded
from riskengine.learned.forms import Form, form_of
from riskengine.learned.release import Release

_PROBABILITY: Callable[[float], float] = plain(probability)
"""Not compiled: for one number the call would cost more than the arithmetic."""

NEEDED = ("calibration", "low", "high", "may_miss")
"""Arrays of every model of default, beside those of its form."""


@dataclass(frozen=True)
class DefaultModel:
    """A released model of the probability of default.

    Parameters
    ----------
    release : Release
        Where it comes from.
    form : Form
        Trees or card, ready to score.
    shift, slope : float
        Log odds of default are shift + slope times raw.
    knots, values : (k,) float64
        Table used in place of the line when k > 0.
    """

    release: Release
    form: Form
    shift: float
    slope: float
    knots: NDArray[np.float64]
    values: NDArray[np.float64]

    @classmethod
    def of(cls, release: Release) -> "DefaultModel":
        """Take a model of default out of a release.

        Parameters
        ----------
        release : Release
            Verified release of kind ``default``.

        Returns
        -------
        DefaultModel
            The model.

        Raises
        ------
        KeyError
            If an array that it needs is missing.
        ValueError
            If an array has another shape than the features ask for.
        """
        arrays = release.arrays
        size = len(release.features)
        for name in NEEDED:
            if arrays[name].shape != ((2,) if name == "calibration" else (size,)):
                raise ValueError(f"array {name} has the shape {arrays[name].shape}")
        shift, slope = (float(number) for number in arrays["calibration"])
        none = np.empty(0)
        knots, values = arrays.get("calibration_x", none), arrays.get("calibration_y", none)
        _check_numbers(arrays, knots, values)
        _check_histograms(arrays, size)
        _check_codes(arrays, release.features)
        return cls(release, form_of(arrays, size), shift, slope, knots, values)

    @property
    def features(self) -> tuple[Feature, ...]:
        """What it looks at."""
        return self.release.features

    @cached_property
    def tried(self) -> tuple[NDArray[np.float64], ...]:
        """Values of each feature that a cure tries: its codes, or its edges as they are told."""
        return tuple(_tried(self.release, k) for k in range(len(self.features)))

    @cached_property
    def tried_starts(self) -> NDArray[np.int64]:
        """Where the values of each feature (features + 1,) begin among all that are tried."""
        return np.cumsum([0, *(values.size for values in self.tried)], dtype=np.int64)

    def logit(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log odds of default.

        Parameters
        ----------
        x : (features, n) float64
            Features as `riskengine.learned.features.encode` gives them.

        Returns
        -------
        (n,) float64
            ln(PD / (1 - PD)) [1].
        """
        return self._calibrated(self.form.raw(x))

    def pd(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of default.

        Parameters
        ----------
        x : (features, n) float64
            Features.

        Returns
        -------
        (n,) float64
            PD over the horizon that the card names [1], in (0, 1).
        """
        raw = self.form.raw(x)
        out = np.empty(raw.shape)
        calibrate_rows(raw, self.shift, self.slope, self.knots, self.values, out)
        return out

    def pd_one(self, x: NDArray[np.float64]) -> float:
        """Return the probability of default of one case, in microseconds.

        Parameters
        ----------
        x : (features,) float64
            Features.

        Returns
        -------
        float
            PD [1], in (0, 1).
        """
        raw = self.form.raw_one(x)
        if self.knots.size:
            return _PROBABILITY(table_log_odds(raw, self.knots, self.values))
        return _PROBABILITY(self.shift + self.slope * raw)

    def contributions(
        self, x: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what every feature adds to the log odds of default.

        A calibration by a line scales all contributions alike.  One by a table has flats
        and jumps: there the mean slope of the table scales them, and what is then too
        much or too little raises those of one sign and lowers those of the other,
        see `tilted`.

        Parameters
        ----------
        x : (features, n) float64
            Features.

        Returns
        -------
        tuple of array
            Base (n,) and contributions (features, n) [log odds]; base plus the sum of
            contributions is `logit` within 1e-12.
        """
        base, raw_parts = self.form.contributions(x)
        start = self._calibrated(np.array([base]))[0]
        if self.knots.size == 0:
            return np.full(x.shape[1], start), raw_parts * self.slope
        rise, run = np.ptp(self.values), np.ptp(self.knots)
        moved = self._calibrated(self.form.raw(x)) - start
        return np.full(x.shape[1], start), tilted(raw_parts, moved, rise / run if run else 0.0)

    def outside(self, x: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return the rows that lie outside what the model has seen.

        Parameters
        ----------
        x : (features, n) float64
            Features.

        Returns
        -------
        (n,) bool
            True where a person should look: a number beyond the range of training, or
            a feature missing that never was.
        """
        inside = np.ones(x.shape[1], dtype=bool)
        a = self.release.arrays
        outside_support(x, inside, a["low"], a["high"], a["may_miss"])
        return ~inside

    def _calibrated(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        out = np.empty(raw.shape)
        log_odds_rows(raw, self.shift, self.slope, self.knots, self.values, out)
        return out


def _tried(release: Release, k: int) -> NDArray[np.float64]:
    """Values of a feature to try: its codes, its frozen edges, or those of an expert's card."""
    arrays, feature = release.arrays, release.features[k]
    if feature.kind == "category":
        return np.arange(len(feature.codes), dtype=np.float64)
    kept = "histogram_" if "histogram_edges" in arrays else ""
    if f"{kept}edges" not in arrays:
        return np.empty(0)
    begin, end = arrays[f"{kept}edge_starts"][k : k + 2]
    said = np.unique([rounded(float(edge)) for edge in arrays[f"{kept}edges"][begin:end]])
    return np.asarray(said[(said >= feature.low) & (said <= feature.high)], dtype=np.float64)


def tilted(
    parts: NDArray[np.float64], moved: NDArray[np.float64], slope: float
) -> NDArray[np.float64]:  # fmt: skip
    """Scale parts so that they sum to another total, each keeping its sign.

    Parameters
    ----------
    parts : (features, n) float64
        What features add, before calibration.
    moved : (n,) float64
        What the parts of a case must sum to; of the sign of their own sum, or 0.
    slope : float
        Usual scale of the parts [1], >= 0.

    Returns
    -------
    (features, n) float64
        Parts that raise times ``slope + t`` and parts that lower times ``slope - t``,
        with the one t that gives the sum; where that would turn a sign round, one kind
        alone.  No part is larger than twice its usual scale, unless it is a share of
        what was moved.

    Examples
    --------
    >>> tilted(np.array([[3.0], [-1.0]]), np.array([4.0]), 1.0).ravel().tolist()
    [4.5, -0.5]
    """
    up, down = np.maximum(parts, 0.0).sum(axis=0), np.maximum(-parts, 0.0).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        t = np.where(up + down > 1e-200, (moved - slope * (up - down)) / (up + down), 0.0)
        # A kind that is empty has no share to take: rounding of t alone can ask for one.
        over, under = (t > slope) & (up > 0.0), (t < -slope) & (down > 0.0)
        raises = np.where(t < -slope, 0.0, np.where(over, moved / up, slope + t))
        lowers = np.where(t > slope, 0.0, np.where(under, -moved / down, slope - t))
    return np.asarray(parts * np.where(parts > 0.0, raises, lowers))


def _check_numbers(
    arrays: Mapping[str, NDArray[Any]], knots: NDArray[Any], values: NDArray[Any]
) -> None:  # fmt: skip
    """See that calibration and ranges are numbers, and that the PD rises with the raw score."""
    shift, slope = arrays["calibration"]
    low, high = arrays["low"], arrays["high"]
    rises = (np.diff(knots) > 0.0).all() and (np.diff(values) >= 0.0).all()
    finite = np.isfinite([shift, slope]).all() and np.isfinite([*knots, *values]).all()
    if knots.ndim != 1 or knots.shape != values.shape or not (finite and rises and slope > 0.0):
        raise ValueError("the calibration is no rising line or table")
    if np.isnan([low, high]).any() or (low > high).any():
        raise ValueError("the ranges of the features are no ranges")


def _check_codes(arrays: Mapping[str, NDArray[Any]], features: tuple[Feature, ...]) -> None:
    """See that a card takes those features for categories that are, with all their codes."""
    if "is_category" not in arrays:
        return
    kinds = [feature.kind == "category" for feature in features]
    codes = [
        len(feature.codes) if category else 0
        for feature, category in zip(features, kinds, strict=True)
    ]
    if kinds != arrays["is_category"].tolist() or codes != np.diff(arrays["code_starts"]).tolist():
        raise ValueError("the card has other categories or codes than the features")


def _check_histograms(arrays: Mapping[str, NDArray[Any]], size: int) -> None:
    """See that frozen histograms, where there are any, are those of the features."""
    for prefix, count in (("", size), ("score_", 1)):
        if f"{prefix}histogram_counts" not in arrays:
            continue
        edges, counts = (arrays[f"{prefix}histogram_{name}"] for name in ("edges", "counts"))
        at = [arrays[f"{prefix}histogram_{name}"] for name in ("edge_starts", "starts")]
        bins = np.diff(at[0]) + 2
        whole = all(start.shape == (count + 1,) and start.dtype.kind == "i" for start in at)
        if not whole or at[0][0] != 0 or at[1][0] != 0 or not (
            (bins >= 2).all() and (np.diff(at[1]) == bins).all() and np.isfinite(edges).all()
            and at[0][-1] == edges.size and at[1][-1] == counts.size and (counts >= 0).all()
        ):  # fmt: skip
            raise ValueError(f"{prefix}histograms do not fit the features")
