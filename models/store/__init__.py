"""Releases and their stages: all that the service may import of models."""

from models.store.registry import STAGES, Entry, Registry
from models.store.write import write_release
from riskengine.learned import PriceModel, load_release, price_models

__all__ = [
    "STAGES",
    "Entry",
    "PriceModel",
    "Registry",
    "load_release",
    "price_models",
    "write_release",
]
