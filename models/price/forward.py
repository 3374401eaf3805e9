"""Errors measured forward in time: fitted to a period, judged on the ones after it.

    origin 1   |---- fit ----|- judged -|
    origin 2   |------- fit -------|- judged -|
    origin 3   |---------- fit ----------|- judged -|

So the drift of prices that no model can know is inside every error.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.price.boost import Core, fit_core
from models.price.deals import Deals
from models.price.settings import PriceSettings
from riskengine.errors import ModelError
from riskengine.words import Text

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Errors:
    """What rolling origins said of later deals.

    Parameters
    ----------
    row : (k,) int64
        Position of each deal among those handed in; a deal may stand in several.
    origin, ahead : (k,) int64
        Last period of the fit, and periods from it to the deal.
    logs : (4, k) float64
        As `models.price.boost.Core.logs` [log].
    linear : (k,) float64
        Log price by the linear baseline.
    y, group : (k,) float64 and int64
        Log price and group of the deal.
    """

    row: NDArray[np.int64]
    origin: NDArray[np.int64]
    ahead: NDArray[np.int64]
    logs: Floats
    linear: Floats
    y: Floats
    group: NDArray[np.int64]

    def take(self, rows: NDArray[np.bool_]) -> "Errors":
        """Return some of the errors.

        Parameters
        ----------
        rows : (k,) bool
            Which.

        Returns
        -------
        Errors
            Those.
        """
        return Errors(
            self.row[rows], self.origin[rows], self.ahead[rows], self.logs[:, rows],
            self.linear[rows], self.y[rows], self.group[rows],
        )  # fmt: skip

    @property
    def interval(self) -> Floats:
        """How far each price lay outside its interval [log], (k,) float64."""
        return np.maximum(self.logs[1] - self.y, self.y - self.logs[2])

    @property
    def bound(self) -> Floats:
        """How far each price lay below its lower end without a rise [log], (k,) float64."""
        return self.logs[1] + self.logs[3] - self.y


def origins(period: NDArray[np.int64], settings: PriceSettings) -> Iterator[int]:
    """Choose the rolling origins.

    Parameters
    ----------
    period : (n,) int64
        Periods of the deals.
    settings : PriceSettings
        How many, and deals needed before each.

    Yields
    ------
    int
        Last periods of the fits, earliest first: the latest `origins` that have
        `least` deals up to them and any after.
    """
    last = int(period.max())
    fit = [one for one in range(int(period.min()), last) if (period <= one).sum() >= settings.least]
    yield from fit[-settings.origins :]


def forward_errors(deals: Deals, settings: PriceSettings, seed: int) -> Errors:
    """Fit at every origin and predict the deals after it.

    Parameters
    ----------
    deals : Deals
        Deals of training and calibration.
    settings : PriceSettings
        How.
    seed : int
        Random seed.

    Returns
    -------
    Errors
        Of all fair deals up to `horizon` periods after each origin.

    Raises
    ------
    ModelError
        If no origin has deals enough before it.
    """
    parts = []
    for origin in origins(deals.period[deals.usable], settings):
        core = fit_core(deals.take(deals.period <= origin), settings, seed)
        ahead = deals.period - origin
        rows = np.flatnonzero((ahead >= 1) & (ahead <= settings.horizon) & deals.fair)
        parts.append((rows, np.full(rows.size, origin), ahead[rows], *_told(core, deals, rows)))
    if not parts:
        raise ModelError(
            Text(
                f"任何时期之前都不足 {settings.least} 笔交易，无法向前检验",
                f"no period has {settings.least} deals before it: nothing to judge forward in time",
            ),
            Text(
                "请增加交易、缩短 period，或降低 settings.least",
                "bring more deals, take a shorter period, or lower settings.least",
            ),
        )
    row, origin_of, ahead_of, logs, linear = zip(*parts, strict=True)
    rows = np.concatenate(row)
    return Errors(
        rows, np.concatenate(origin_of), np.concatenate(ahead_of), np.concatenate(logs, axis=1),
        np.concatenate(linear), deals.y[rows], deals.group[rows],
    )  # fmt: skip


def _told(core: Core, deals: Deals, rows: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """What a fit says of later deals, and what its linear part says."""
    later = deals.take(rows)
    return core.logs(later), core.hedonic.predict(later)
