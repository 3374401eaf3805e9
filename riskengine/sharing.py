"""Whole fen shared over a two-sided network: securities on one side, loans on the other.

The parts from which `riskengine.allocation` builds its methods.  Every amount is an int64
of fen, so nothing is lost to rounding.  Sums of values and of balances stay below 1e15
fen, which a float holds exactly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Fen = NDArray[np.int64]
Index = NDArray[np.intp]
Mask = NDArray[np.bool_]

UNSEEN = np.iinfo(np.intp).max
"""Depth of what a search does not reach."""


@dataclass(frozen=True, slots=True)
class Network:
    """Securities, loans and claims; all sorted by name, so that ties go to the earlier one.

    Parameters
    ----------
    values : (s,) int64
        Value of every security [fen].
    balances : (l,) int64
        What is owed on every loan [fen].
    security, loan : (c,) intp
        Ends of every claim.
    limits : (c,) int64
        Most that a claim takes [fen].
    """

    values: Fen
    balances: Fen
    security: Index
    loan: Index
    limits: Fen

    def left(self, taken: Fen) -> Fen:
        """Return what every security has left.

        Parameters
        ----------
        taken : (c,) int64
            What every claim takes [fen].

        Returns
        -------
        (s,) int64
            Value not taken [fen].
        """
        return self.values - sums(taken, self.security, self.values.size)

    def owed(self, taken: Fen) -> Fen:
        """Return what is still owed on every loan.

        Parameters
        ----------
        taken : (c,) int64
            What every claim takes [fen].

        Returns
        -------
        (l,) int64
            Balance not covered [fen].
        """
        return self.balances - sums(taken, self.loan, self.balances.size)

    def nothing(self) -> Fen:
        """Return the amounts of claims that take nothing.

        Returns
        -------
        (c,) int64
            Zeros [fen].
        """
        return np.zeros(self.limits.size, np.int64)


def sums(amounts: Fen, member: Index, size: int) -> Fen:
    """Sum by group.

    Parameters
    ----------
    amounts : (c,) int64
        Amounts [fen].
    member : (c,) intp
        Group of every amount.
    size : int
        Number of groups.

    Returns
    -------
    (size,) int64
        Sums [fen]; exact, because none passes 1e15.
    """
    return np.bincount(member, amounts, size).astype(np.int64)


def shared(amounts: Fen, weights: Fen, member: Index) -> Fen:
    """Share the amount of every group over its members, by largest remainder.

    Parameters
    ----------
    amounts : (g,) int64
        Amount of every group [fen], >= 0, <= 1e15.
    weights : (c,) int64
        Weight of every member, >= 0; the sum of a group <= 1e15.
    member : (c,) intp
        Group of every member.

    Returns
    -------
    (c,) int64
        Shares [fen]; those of a group add up to its amount, or are 0 when it has no
        weight.  Equal remainders: the earlier member first.

    Notes
    -----
    The quotient in floating point may miss by a few fen.  Its remainder is exact all the
    same, because it is small and int64 wraps around; it puts the quotient right.

    Examples
    --------
    >>> shared(np.array([100]), np.array([1, 1, 1]), np.array([0, 0, 0])).tolist()
    [34, 33, 33]
    """
    total = sums(weights, member, amounts.size)
    amounts = np.where(total > 0, amounts, 0)
    whole, amount = np.maximum(total, 1)[member], amounts[member]
    part = (amount * (weights / whole)).astype(np.int64)
    correction, rest = np.divmod(amount * weights - part * whole, whole)
    part += correction
    missing = amounts - sums(part, member, amounts.size)
    order = np.lexsort((-rest, member))
    ordered = member[order]
    place = np.arange(member.size) - np.searchsorted(ordered, np.arange(amounts.size))[ordered]
    part[order[place < missing[ordered]]] += 1
    return part


def filled(network: Network, taken: Fen, members: Index, weights: Fen) -> Fen:
    """Share what is left over some claims until nothing moves.

    In each round every security offers what it has left, in proportion to the weights; a
    claim takes at most its limit, a loan at most what it owes, from each security in
    proportion to the offers.  Each round but the last uses up a limit or pays a loan.

    Parameters
    ----------
    network : Network
        The network.
    taken : (c,) int64
        What every claim takes so far [fen].
    members : (m,) intp
        Claims that share, rising.
    weights : (c,) int64
        Weight of every claim; > 0 where a member can take more.

    Returns
    -------
    (c,) int64
        What every claim takes then [fen].
    """
    taken = taken.copy()
    while True:
        left, owed, room = network.left(taken), network.owed(taken), network.limits - taken
        able = (left > 0)[network.security] & (owed > 0)[network.loan] & (room > 0)
        at = members[able[members]]
        if not at.size:
            return taken
        offered = np.minimum(shared(left, weights[at], network.security[at]), room[at])
        accepted = np.minimum(sums(offered, network.loan[at], owed.size), owed)
        taken[at] += shared(accepted, offered, network.loan[at])


def augmented(network: Network, taken: Fen, wanted: Mask) -> Fen:
    """Cover the wanted loans as far as any sharing can, without covering another less.

    A security with value left pays a loan, which gives back as much of another security,
    which pays another loan, and so on to a wanted one.  When no such path is left, the
    wanted loans together are covered as far as can be: the maximum flow.

    Parameters
    ----------
    network : Network
        The network.
    taken : (c,) int64
        What every claim takes so far [fen].
    wanted : (l,) bool
        Loans to be covered further.

    Returns
    -------
    (c,) int64
        What every claim takes then [fen].

    Notes
    -----
    Source: blocking flows along shortest paths, Dinic, Soviet Math. Dokl. 11 (1970) 1277.
    """
    while True:
        goal = wanted & (network.owed(taken) > 0)
        depths = _depths(network, taken, goal)
        if depths is None:
            return taken
        taken = _blocking(network, taken, *depths, goal)


def _depths(network: Network, taken: Fen, goal: Mask) -> tuple[Index, Index] | None:
    """Steps from value left to every security and loan, up to the nearest goals."""
    at_security = np.where(network.left(taken) > 0, 0, UNSEEN)
    at_loan = np.full(goal.size, UNSEEN)
    spare, held = taken < network.limits, taken > 0
    for depth in range(0, 2 * goal.size, 2):
        open_ = spare & (at_security == depth)[network.security]
        at_loan[network.loan[open_ & (at_loan == UNSEEN)[network.loan]]] = depth + 1
        loans = at_loan == depth + 1
        if (loans & goal).any():
            return at_security, at_loan
        back = held & loans[network.loan] & (at_security == UNSEEN)[network.security]
        if not back.any():
            break
        at_security[network.security[back]] = depth + 2
    return None


def _blocking(network: Network, taken: Fen, at_security: Index, at_loan: Index, goal: Mask) -> Fen:
    """Pay the nearest goals along shortest paths until every such path is used up.

    A path is walked from a goal back to value left; its claims in turn pay more and less.
    """
    start, end = at_security[network.security], at_loan[network.loan]
    paying = (taken < network.limits) & (start < UNSEEN) & (end == start + 1)
    freeing = (taken > 0) & (end < UNSEEN) & (start == end + 1)
    ways = (
        _ways(paying, network.loan, goal.size),
        _ways(freeing, network.security, at_security.size),
    )
    amounts, limits = taken.tolist(), network.limits.tolist()
    left, owed = network.left(taken).tolist(), network.owed(taken).tolist()
    ends = network.loan.tolist(), network.security.tolist()

    def room(claim: int, side: int) -> int:
        return int(amounts[claim] if side else limits[claim] - amounts[claim])

    for loan in np.flatnonzero(goal & (at_loan == at_loan[goal].min())).tolist():
        path: list[int] = []
        while owed[loan]:
            side = len(path) % 2  # 0: on a loan that is paid more, 1: on a security
            node = ends[side][path[-1]] if path else loan
            options = ways[side][node]
            if side and left[node]:
                paid = min(left[node], owed[loan], *(room(c, i % 2) for i, c in enumerate(path)))
                for i, claim in enumerate(path):
                    amounts[claim] += -paid if i % 2 else paid
                left[node] -= paid
                owed[loan] -= paid
                path.clear()
            elif options and not room(options[-1], side):
                options.pop()
            elif options:
                path.append(options[-1])
            elif path:
                path.pop()
                ways[1 - side][ends[1 - side][path[-1]] if path else loan].pop()
            else:
                break
    return np.array(amounts, np.int64)


def _ways(usable: Mask, node: Index, size: int) -> list[list[int]]:
    """Usable claims of every node, the first in order at the end."""
    ways: list[list[int]] = [[] for _ in range(size)]
    at = np.flatnonzero(usable)[::-1]
    for claim, place in zip(at.tolist(), node[at].tolist(), strict=True):
        ways[place].append(claim)
    return ways
