"""Released models of default: a PD, why it is so, and what would lower it.

The raw answer is the log odds of bad, from trees or from the points of a scorecard;
a calibration turns it into the log odds of the PD.  Every contribution is additive
in those log odds, so that base and contributions sum to what the PD is made of.
"""

from collections.abc import Callable
from dataclasses import dataclass

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
from riskengine.learned.features import Feature
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
        if knots.shape != values.shape or not np.isfinite([shift, slope]).all() or slope <= 0.0:
            raise ValueError("the calibration is no rising line or table")
        return cls(release, form_of(arrays, size), shift, slope, knots, values)

    @property
    def features(self) -> tuple[Feature, ...]:
        """What it looks at."""
        return self.release.features

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

        A calibration by a line scales all contributions alike; one by a table scales
        those of a row by the slope of the chord between its base and its answer.

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
        raw = base + raw_parts.sum(axis=0)
        start = self._calibrated(np.array([base]))[0]
        slope = self._slope(base, raw, start)
        parts = raw_parts * slope
        return np.full(raw.shape, start), parts

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

    def _slope(
        self, base: float, raw: NDArray[np.float64], start: float
    ) -> NDArray[np.float64]:  # fmt: skip
        if not self.knots.size:
            return np.full(raw.shape, self.slope)
        away = raw - base
        with np.errstate(divide="ignore", invalid="ignore"):
            chord = (self._calibrated(raw) - start) / away
        return np.where(np.abs(away) > 1e-12, chord, self.slope)
