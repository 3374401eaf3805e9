"""What each kind of model brings: how it is fitted, searched and assessed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from models.assess.default import assess_default
from models.assess.result import Assessment
from models.config import Config
from models.fitted import Fitted
from models.frame import Frame
from models.pd.train import fit_default, score_settings
from models.search import Scorer


@dataclass(frozen=True)
class Kind:
    """One kind of model.

    Parameters
    ----------
    fit : callable
        From configuration, rows and settings to a fitted model.
    score : callable
        How good settings are, for the search.
    assess : callable
        From the model as the engine loads it, rows and configuration to figures.
    """

    fit: Callable[[Config, Frame, Mapping[str, Any]], Fitted]
    score: Scorer
    assess: Callable[[Any, Frame, Config], Assessment]


KINDS = {
    "default": Kind(fit_default, score_settings, assess_default),
}
"""Kinds by name."""
