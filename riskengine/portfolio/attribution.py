"""Why a book's value changed between two dates: lines that add up exactly.

    new value - old value = arrived - retired + effects on contracts that stay.

Effects are swaps of groups of inputs (time, volume, default chance, ...) from old to new.
Sequential revaluation swaps them in an order that is policy and is kept with the result: it
telescopes.  Shapley's value averages over every order:

    effect_j = sum over S without j of |S|! (k - |S| - 1)! / k! (v(S + j) - v(S)),

in whole numbers of fen over k!, rounded by largest remainder contract by contract, so that
nothing is left over.

Source: Shapley, Contributions to the Theory of Games II (1953) 307; credit notes 7.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.portfolio.exposures import BookError, Column, Index, refused
from riskengine.words import Text

Fen = NDArray[np.int64]
Revalue = Callable[[frozenset[str]], Any]

EFFECTS: Mapping[str, Text] = {
    "term": Text("期限推移", "passage of time"),
    "volume": Text("余额变动", "volume"),
    "default_chance": Text("违约概率迁移", "migration of default chance"),
    "collateral": Text("押品价格", "price of collateral"),
    "scenarios": Text("情景与权重", "scenarios and weights"),
    "model": Text("模型版本", "model"),
    "rule": Text("规则版本", "rules"),
    "market": Text("市场参数", "market"),
}
"""Groups of inputs in the usual order of revaluation: time first, method after the book."""
MOST_GROUPS = 12


@dataclass(frozen=True, slots=True)
class Matched:
    """Which contracts stay, go and come.

    Parameters
    ----------
    old, new : (n,) int64
        Rows of the contracts that stay, in the old and the new book.
    retired, arrived : (r,), (a,) int64
        Rows of the old book that are gone and of the new one that were not there.
    """

    old: Index
    new: Index
    retired: Index
    arrived: Index


@dataclass(frozen=True, slots=True)
class Attribution:
    """Change of a value between two dates, to the fen.

    Parameters
    ----------
    method : str
        ``sequential``, ``shapley`` or ``lmdi``.
    groups : tuple of str
        Groups of inputs, in the order of revaluation or of the file.
    ordered : bool
        Whether the order decides the effects.
    old_fen, new_fen : int
        Value of the whole book on the two dates [fen].
    arrived_fen, retired_fen : int
        Value of contracts that came and, as it was, of those that went [fen].
    effects_fen : (k, n) int64
        Effect of each group on each contract that stays [fen].
    """

    method: str
    groups: tuple[str, ...]
    ordered: bool
    old_fen: int
    new_fen: int
    arrived_fen: int
    retired_fen: int
    effects_fen: Fen

    @property
    def lines(self) -> dict[str, int]:
        """Lines of the bridge [fen]: they add up to new less old, exactly."""
        sums = self.effects_fen.sum(axis=1).tolist()
        return {
            "arrived": self.arrived_fen, "retired": -self.retired_fen,
            **dict(zip(self.groups, sums, strict=True)),
        }  # fmt: skip


def match_contracts(old_ids: ArrayLike, new_ids: ArrayLike) -> Matched:
    """Find contracts that stay, go and come.

    Parameters
    ----------
    old_ids, new_ids : (n,) array-like
        Identifiers on the two dates, each once.

    Returns
    -------
    Matched
        Rows; contracts that stay in the order of the old book.

    Raises
    ------
    BookError
        If an identifier stands twice.

    Examples
    --------
    >>> found = match_contracts(["a", "b"], ["b", "c"])
    >>> found.old.tolist(), found.new.tolist(), found.retired.tolist(), found.arrived.tolist()
    ([1], [0], [0], [1])
    """
    old, new = np.asarray(old_ids), np.asarray(new_ids)
    for name, ids in (("old_ids", old), ("new_ids", new)):
        again = ids.size - np.unique(ids).size if ids.ndim == 1 else -1
        if again:
            raise BookError(
                Text(f"{name}：合同编号重复", f"{name} must be one column without repetitions"),
                Text("每份合同一行", "give every contract one row"),
            )
    order = np.argsort(new, kind="stable")
    place = np.minimum(np.searchsorted(new[order], old), max(new.size - 1, 0))
    found = new[order][place] == old if new.size else np.zeros(old.size, dtype=bool)
    stays = np.flatnonzero(found)
    at = order[place[stays]] if new.size else np.zeros(0, dtype=np.int64)
    arrived = np.setdiff1d(np.arange(new.size), at)
    return Matched(stays, at.astype(np.int64), np.flatnonzero(~found), arrived.astype(np.int64))


def attribute(
    matched: Matched, old_fen: Fen, new_fen: Fen, groups: Sequence[str], revalue: Revalue,
    *, method: str = "sequential",
) -> Attribution:  # fmt: skip
    """Attribute the change of a value by revaluing the contracts that stay.

    Parameters
    ----------
    matched : Matched
        Which contracts stay.
    old_fen, new_fen : (n_old,), (n_new,) int64
        Values of all contracts on the two dates [fen].
    groups : sequence of str
        Groups of inputs, such as the keys of `EFFECTS`; for ``sequential`` in the order of
        swapping, which is kept with the result.  At most 12.
    revalue : callable
        From the groups that stand at their new state to the values of the contracts that
        stay, (n,) int64 [fen], in the order of ``matched``.
    method : str
        ``sequential`` (k - 1 revaluations between the ends) or ``shapley`` (2^k).

    Returns
    -------
    Attribution
        Lines that add up exactly.

    Raises
    ------
    BookError
        If values are not whole fen, groups repeat, or revaluing with all old or all new
        inputs does not give the values of the two dates.

    Notes
    -----
    A Shapley effect of one contract is less than one fen from the exact one: what rounding
    down leaves goes to the largest remainders, of equals to the earlier group.
    """
    if method not in ("sequential", "shapley"):
        raise refused("method", "应为sequential或shapley", "must be 'sequential' or 'shapley'")
    names = _groups(groups)
    old, new = _fen("old_fen", old_fen), _fen("new_fen", new_fen)
    stays_old, stays_new = old[matched.old], new[matched.new]

    def worth(swapped: frozenset[str]) -> Fen:
        found = _fen("revalue", revalue(swapped))
        for at_end, known in ((0, stays_old), (len(names), stays_new)):
            if len(swapped) == at_end and not np.array_equal(found, known):
                wrong = int(np.sum(found != known)) if found.shape == known.shape else known.size
                raise refused(
                    "revalue", f"有{wrong}份合同与两日的价值不符",
                    f"differs from the values of the dates on {wrong} contracts",
                )  # fmt: skip
        return found

    if method == "sequential":
        states = [worth(frozenset(names[:j])) for j in range(len(names) + 1)]
        effects: Fen = np.stack([b - a for a, b in pairwise(states)])
    else:
        effects = _shapley_fen(names, worth)
    return Attribution(
        method, names, method == "sequential", int(old.sum()), int(new.sum()),
        int(new[matched.arrived].sum()), int(old[matched.retired].sum()), effects,
    )  # fmt: skip


def shapley_values(groups: Sequence[str], value: Revalue) -> dict[str, Any]:
    """Shapley values of a function of groups, in the arithmetic of its values.

    Parameters
    ----------
    groups : sequence of str
        Groups, at most 12.
    value : callable
        From the groups at their new state to a number or an array, any unit; fractions stay
        exact.

    Returns
    -------
    dict of str to number or array
        Effect of each group; they add up to value(all) - value(none).

    Raises
    ------
    BookError
        If groups repeat or are too many.

    Examples
    --------
    >>> from fractions import Fraction
    >>> new = {"a": Fraction(3), "b": Fraction(5)}
    >>> found = shapley_values(["a", "b"], lambda swapped: math.prod(
    ...     (new[g] if g in swapped else Fraction(1) for g in ("a", "b"))))
    >>> [str(found[g]) for g in ("a", "b")]
    ['6', '8']
    """
    names = _groups(groups)
    numerators, whole = _numerators(names, value)
    return {name: numerators[j] / whole for j, name in enumerate(names)}


def shared_fen(effects: Column, total_fen: Fen) -> Fen:
    """Round effects to whole fen that add up to a whole total, by largest remainder.

    Parameters
    ----------
    effects : (k, n) float64
        Effects [fen], not rounded; they add up to the total but for rounding.
    total_fen : (n,) int64
        Totals [fen].

    Returns
    -------
    (k, n) int64
        Effects [fen], each less than one fen off; columns add up to the total.

    Raises
    ------
    BookError
        If effects do not add up to the total.
    """
    down = np.floor(effects)
    found = down.astype(np.int64)
    left = total_fen - found.sum(axis=0)
    return found + _remainders(effects - down, left)


def _remainders(parts: NDArray[Any], left: Fen) -> Fen:
    """One fen more for the largest parts of each column, as many as are left."""
    if np.any((left < 0) | (left > len(parts))):
        raise refused("effects", "与合计不符", "do not add up to the total")
    order = np.argsort(-parts, axis=0, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(len(parts))[:, None], axis=0)
    return (rank < left).astype(np.int64)


def _shapley_fen(names: tuple[str, ...], worth: Callable[[frozenset[str]], Fen]) -> Fen:
    """Shapley effects in fen: exact over k!, then rounded by largest remainder."""
    whole = math.factorial(len(names))
    limit = np.iinfo(np.int64).max // (2 * whole)
    old = worth(frozenset())

    def change(swapped: frozenset[str]) -> Fen:
        found = worth(swapped) - old if swapped else np.zeros_like(old)
        if found.size and int(np.abs(found).max()) > limit:
            raise refused(
                "revalue", f"{len(names)}组时单份合同变动不得超过{limit}分",
                f"may change a contract by no more than {limit} fen with {len(names)} groups",
            )  # fmt: skip
        return found

    numerators, _ = _numerators(names, change)
    stacked = np.stack(numerators)
    down, parts = np.divmod(stacked, whole)
    left = stacked.sum(axis=0) // whole - down.sum(axis=0)
    found: Fen = down + _remainders(parts, left)
    return found


def _numerators(names: tuple[str, ...], value: Revalue) -> tuple[list[Any], int]:
    """Shapley values times k!, one state at a time so that few are held, and k!."""
    size = len(names)
    weights = [math.factorial(s) * math.factorial(size - s - 1) for s in range(size)]
    total: list[Any] = [0] * size
    for swapped in chain.from_iterable(combinations(names, s) for s in range(size + 1)):
        held = frozenset(swapped)
        worth = value(held)
        for j, name in enumerate(names):
            weight = weights[len(held) - 1] if name in held else -weights[len(held)]
            total[j] = total[j] + weight * worth
    return total, math.factorial(size)


def _groups(groups: Sequence[str]) -> tuple[str, ...]:
    names = tuple(groups)
    if not 1 <= len(names) <= MOST_GROUPS or len(set(names)) != len(names):
        said = f"must be 1 to {MOST_GROUPS} names, each once"
        raise refused("groups", f"应为1至{MOST_GROUPS}个不重复的名称", said)
    return names


def _fen(name: str, values: object) -> Fen:
    found = np.asarray(values)
    if found.ndim != 1 or not (np.issubdtype(found.dtype, np.integer) or found.size == 0):
        raise refused(name, "应为一列整数分", "must be one column of whole fen")
    return found.astype(np.int64)
