"""Dated market snapshots: rents, prices, rates, volatilities by region, with their sources."""

from riskengine.market.loader import demonstration, load
from riskengine.market.quotes import LEVELS, Quote, Quotes
from riskengine.market.snapshot import Observation, Quantity, Snapshot

__all__ = [
    "LEVELS",
    "Observation",
    "Quantity",
    "Quote",
    "Quotes",
    "Snapshot",
    "demonstration",
    "load",
]
