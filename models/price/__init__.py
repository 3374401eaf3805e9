"""Price models of land, farmhouses and standing timber, with intervals that hold.

`fit` learns from a checked frame and a configuration; `models.training.train` makes a
release of it, with its proof.
"""

from models.price.fit import PriceFit, fit
from models.price.settings import PriceSettings

__all__ = ["PriceFit", "PriceSettings", "fit"]
