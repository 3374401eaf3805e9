"""What ``[settings]`` of a price model's configuration may say."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from riskengine.errors import ModelError
from riskengine.words import Text

PERIODS = ("", "year", "quarter", "month")


@dataclass(frozen=True)
class PriceSettings:
    """How a price model is fitted.

    Parameters
    ----------
    table, quantity : str
        Kind of right and market quantity that the release speaks of; ``""`` for data
        of another country.
    group : str
        Column of the groups within which intervals must hold and time is told apart.
    places : tuple of str
        Columns of nested places, from the widest on; empty for none.
    place_digits : tuple of int
        Digits of the region code in the one column of `places` that name its levels.
    period : {"", "year", "quarter", "month"}
        Unit of the time index; ``""`` for none.
    damping : float
        Share of the last drift that goes on into each later period, in [0, 1); 0 is
        flat.
    origins, horizon : int
        Rolling origins, and periods ahead of each whose errors count: those that the
        model will be used for.
    least : int
        Deals that an origin must have before it, >= 1.
    start : {"none", "linear"}
        Whether trees begin from nothing or from the linear model; the latter cannot
        promise monotone directions.
    iterations, leaves, leaf_rows, learning_rate, l2, loss
        Of the trees for the middle, as scikit-learn has them.
    quantile_iterations : int
        Trees of each end of the interval.
    coverage, one_sided : float
        Coverage of the interval and of the lower bound, in (0, 1).
    full : int
        Deals with which a group's width stands alone.
    level_error : bool
        Whether the error of the level of prices, as rolling origins show it, is drawn
        anew in the widths of groups.
    intervals : {"group", "local"}
        Widths by group, or by likeness within and beyond the group.
    bandwidth, apart : float
        Distance at which a deal weighs 1/e, and distance between groups, for "local".
    near : int
        Neighbour whose distance tells whether a row lies outside the data.
    far_share : float
        Share of like rows that may be taken for outside, in [0, 1); 0 for no such test.
    points : int
        Deals that the release keeps for likeness.
    equity : float
        Weight of the covariance of log ratio and log price; 0 for none.
    outlier : float
        Robust standard errors from which a deal is an outlier.
    flags : tuple of str
        Columns that are true for deals that are not at arm's length.
    remarks : str
        Column of free remarks in which `riskengine` words of such deals are looked for.
    alike : tuple of str
        Columns that are all equal in a repeated row; empty for none.
    """

    table: str = ""
    quantity: str = ""
    group: str = ""
    places: tuple[str, ...] = ()
    place_digits: tuple[int, ...] = ()
    period: str = ""
    damping: float = 0.0
    origins: int = 4
    horizon: int = 1
    least: int = 400
    start: str = "none"
    iterations: int = 150
    leaves: int = 15
    leaf_rows: int = 30
    learning_rate: float = 0.06
    l2: float = 0.0
    loss: str = "absolute_error"
    quantile_iterations: int = 100
    coverage: float = 0.9
    one_sided: float = 0.9
    full: int = 100
    level_error: bool = True
    intervals: str = "group"
    bandwidth: float = 0.1
    apart: float = 0.1
    near: int = 5
    far_share: float = 0.002
    points: int = 1000
    equity: float = 0.0
    outlier: float = 4.0
    flags: tuple[str, ...] = field(default=())
    remarks: str = ""
    alike: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "PriceSettings":
        """Read settings, telling all that is wrong.

        Parameters
        ----------
        content : mapping
            ``[settings]`` of a configuration.

        Returns
        -------
        PriceSettings
            Settings.

        Raises
        ------
        ModelError
            With every fault.
        """
        known = {one.name for one in fields(cls)}
        faults = [f"settings.{name} is unknown" for name in sorted(set(content) - known)]
        given = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in content.items()
            if name in known
        }
        settings = cls(**given)
        faults += list(_faults(settings))
        if faults:
            told = "; ".join(faults)
            raise ModelError(
                Text(f"价格模型设置有误：{told}", f"settings of the price model: {told}"),
                Text("请改正 [settings]", "mend [settings]"),
            )
        return settings


def _faults(s: PriceSettings) -> list[str]:
    """Faults of values that are known by name."""
    checks = {
        "group is missing": bool(s.group),
        f"period must be one of {PERIODS}": s.period in PERIODS,
        "damping must lie in [0, 1)": 0.0 <= s.damping < 1.0,
        "coverage and one_sided must lie in (0, 1)": 0.0 < s.coverage < 1.0
        and 0.0 < s.one_sided < 1.0,
        "intervals must be group or local": s.intervals in ("group", "local"),
        "far_share must lie in [0, 1)": 0.0 <= s.far_share < 1.0,
        "origins, horizon, near, points and iterations must be 1 or more": min(
            s.origins, s.horizon, s.near, s.points, s.iterations, s.quantile_iterations, s.least
        )
        >= 1,
        "start must be none or linear": s.start in ("none", "linear"),
        "equity must not be negative": s.equity >= 0.0,
        "loss must be absolute_error or squared_error": s.loss
        in ("absolute_error", "squared_error"),
        "place_digits need exactly one column of places": not s.place_digits or len(s.places) == 1,
        "bandwidth must be above 0 and apart not below": s.bandwidth > 0.0 and s.apart >= 0.0,
    }
    return [f"settings: {fault}" for fault, holds in checks.items() if not holds]
