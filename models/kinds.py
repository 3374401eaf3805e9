"""What each kind of model brings: how it is fitted, searched and assessed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from models.assess.default import assess_default, default_answer
from models.assess.gains import default_gains
from models.assess.price import assess_price, price_answer, price_gains
from models.assess.recovery import assess_recovery, recovery_answer, recovery_gains
from models.assess.result import Assessment
from models.config import Config
from models.fitted import Fitted
from models.frame import Frame
from models.lgd.kind import fit_recovery, score_recovery
from models.pd.train import fit_default, score_settings
from models.price.kind import fit_price, score_price
from models.search import Scorer


@dataclass(frozen=True)
class Kind:
    """One kind of model.

    Parameters
    ----------
    fit : callable
        From configuration, rows of all parts and settings to a fitted model; nothing
        is fitted on the test.
    score : callable
        How good settings are, for the search.
    assess : callable
        From the model as the engine loads it, rows and configuration to figures.
    answer : callable
        What the model predicts for rows.
    gains : callable
        From rows and the answers of champion and challenger to paired differences.
    """

    fit: Callable[[Config, Frame, Mapping[str, Any]], Fitted]
    score: Scorer
    assess: Callable[[Any, Frame, Config], Assessment]
    answer: Callable[[Any, Frame], Any]
    gains: Callable[[Frame, Any, Any, int], dict[str, float]]


KINDS = {
    "default": Kind(fit_default, score_settings, assess_default, default_answer, default_gains),
    "recovery": Kind(
        fit_recovery, score_recovery, assess_recovery, recovery_answer, recovery_gains
    ),
    "price": Kind(fit_price, score_price, assess_price, price_answer, price_gains),
}
"""Kinds by name."""
