"""Concentration on clients and their related parties.

Source: Regulation on the Supervision of Financing Guarantee Companies (2017), art. 16, as the
rows GI-CON of the notes have it.
"""

from dataclasses import dataclass

import numpy as np

from riskengine.guarantee.contracts import Contracts, Index, Statement, total
from riskengine.guarantee.switches import Switches
from riskengine.guarantee.weights import net_assets_fen, scale_of, weighed
from riskengine.rules import Rules


@dataclass(frozen=True, slots=True)
class Concentration:
    """Liability of clients and of groups of related parties.

    Parameters
    ----------
    clients : (m,) int64
        Codes of the clients, rising.
    client_fen : (m,) int64
        Liability of each in the concentration test [fen].
    group : (m,) int64
        Group of each, from 0; a client without related parties is a group of its own.
    group_fen : (g,) int64
        Liability of each group [fen].
    net_assets_fen : int or None
        Net assets [fen]; None where not known.
    """

    clients: Index
    client_fen: Index
    group: Index
    group_fen: Index
    net_assets_fen: int | None

    def largest(self, count: int) -> Index:
        """Return the clients with the largest liability.

        Parameters
        ----------
        count : int
            How many, >= 0.

        Returns
        -------
        (k,) int64
            Positions, the largest first; of equals the lower code.
        """
        return np.argsort(-self.client_fen, kind="stable")[:count]

    def largest_groups(self, count: int) -> Index:
        """Return the groups with the largest liability.

        Parameters
        ----------
        count : int
            How many, >= 0.

        Returns
        -------
        (k,) int64
            Positions, the largest first.
        """
        return np.argsort(-self.group_fen, kind="stable")[:count]


def concentration(
    contracts: Contracts, statement: Statement, rules: Rules, switches: Switches
) -> Concentration:
    """Liability of clients and groups in the concentration test (GI-CON-01 to GI-CON-03).

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    statement : mapping
        Facts of the institution.
    rules : Rules
        The rules of the day.
    switches : Switches
        Readings chosen.

    Returns
    -------
    Concentration
        Of every client that the contracts name.

    Raises
    ------
    RuleNotFound
        On a day before the weights.

    Notes
    -----
    A client named in two groups joins them: related parties of one party are one risk.
    """
    found = weighed(contracts, scale_of(rules, switches, concentration=True))
    group = _groups(contracts, found.client, found.clients.size)
    by_client = found.client_fen
    by_group = total(by_client, group, int(group.max(initial=-1)) + 1)
    assets = net_assets_fen(statement, rules, switches)
    return Concentration(found.clients, by_client, group, by_group, assets)


def _groups(contracts: Contracts, client: Index, size: int) -> Index:
    """Group of every client: those joined by a common group of related parties."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    named = contracts.group >= 0
    names, member = np.unique(contracts.group[named], return_inverse=True)
    ends = client[named], member.reshape(-1) + size
    links = coo_array((np.ones(ends[0].size), ends), shape=(size + names.size,) * 2)
    _, label = connected_components(links, directed=False)
    return np.unique(label[:size], return_inverse=True)[1].reshape(-1).astype(np.int64)
