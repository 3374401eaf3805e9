"""How a scorecard is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from models.pd.bins import BinSettings
from models.pd.checks import joined, refused
from models.pd.scaling import Scaling
from riskengine.words import Text


@dataclass(frozen=True)
class ScorecardSettings:
    """How a scorecard is made.

    Parameters
    ----------
    bins : BinSettings
        How features are cut.
    scaling : Scaling
        Scale of the points.
    specials : mapping of str to sequence of float
        Values of a feature that mean something else.
    min_iv : float
        A feature is left out when its bias-corrected information value is not above.
    ridge : float
        Penalty of the regression, >= 0.
    separation : {"firth", "refuse", "always"}
        As `fit_logistic`.
    wrong_sign : {"drop", "refuse", "keep"}
        A coefficient at or below 0 turns the evidence round: the feature is left
        out (the worst first, fitting again each time), or the card is refused.
    rounded : bool
        Whether points are whole numbers.
    """

    bins: BinSettings = field(default_factory=BinSettings)
    scaling: Scaling = field(default_factory=Scaling)
    specials: Mapping[str, Sequence[float]] = field(default_factory=dict)
    min_iv: float = 0.0
    ridge: float = 0.0
    separation: str = "firth"
    wrong_sign: str = "drop"
    rounded: bool = False


def scorecard_settings(options: Mapping[str, Any]) -> ScorecardSettings:
    """Settings out of one flat table, as a configuration file has it.

    Parameters
    ----------
    options : mapping
        Keys of `BinSettings`, `Scaling` and `ScorecardSettings`.

    Returns
    -------
    ScorecardSettings
        The settings.

    Raises
    ------
    ModelError
        If a key is unknown or a value not admissible.

    Examples
    --------
    >>> scorecard_settings({"pdo": 40, "max_bins": 5}).bins.max_bins
    5
    """
    own = {f.name for f in fields(ScorecardSettings)} - {"bins", "scaling"}
    parts = [{f.name for f in fields(kind)} for kind in (BinSettings, Scaling)]
    unknown = sorted(set(options) - own - parts[0] - parts[1])
    signs = options.get("wrong_sign", "drop")
    separation = options.get("separation", "firth")
    known = signs in ("drop", "refuse", "keep") and separation in ("firth", "refuse", "always")
    if unknown or not known:
        names = joined(unknown or [str(signs), str(separation)])
        raise refused(
            Text(
                f"评分卡设置不认识：{names.zh}", f"these settings of a card are unknown: {names.en}"
            ),
            Text("见 ScorecardSettings", "see ScorecardSettings"),
        )
    taken = [{name: options[name] for name in options if name in part} for part in (*parts, own)]
    return ScorecardSettings(BinSettings(**taken[0]), Scaling(**taken[1]), **taken[2])
