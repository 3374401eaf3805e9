"""The rights that can be valued: one declared column contract per file, no arithmetic."""

from collections.abc import Mapping

from riskengine.columns import Contract
from riskengine.rights.construction import CONSTRUCTION
from riskengine.rights.ecology import ECOLOGY
from riskengine.rights.equity import EQUITY
from riskengine.rights.forest import FOREST
from riskengine.rights.homestead import HOMESTEAD
from riskengine.rights.land import LAND

RIGHTS: Mapping[str, Contract] = {
    contract.table: contract
    for contract in (LAND, FOREST, EQUITY, ECOLOGY, HOMESTEAD, CONSTRUCTION)
}
"""Contracts by table name."""
