"""Price models of land, farmhouses and standing timber, with intervals that hold.

`fit` trains from a checked frame and a configuration; `plain` is the short form with
one width a group that the demonstration of land rent uses.
"""

from models.price.fit import PriceFit, fit
from models.price.page import card_of
from models.price.plain import PriceConfig, Trained, card, encode, manifest, train
from models.price.settings import PriceSettings
from models.trees import tree_arrays

__all__ = [
    "PriceConfig", "PriceFit", "PriceSettings", "Trained", "card", "card_of", "encode", "fit",
    "manifest", "train", "tree_arrays",
]  # fmt: skip
