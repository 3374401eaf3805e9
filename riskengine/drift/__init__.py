"""Whether rows of today have moved from those of training, beyond chance."""

from riskengine.drift.features import FeatureDrift, counted, drift
from riskengine.drift.stability import Stability, holm_adjusted, psi, psi_of_shares, share_change

__all__ = [
    "FeatureDrift",
    "Stability",
    "counted",
    "drift",
    "holm_adjusted",
    "psi",
    "psi_of_shares",
    "share_change",
]
