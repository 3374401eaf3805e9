"""Attribution of products and of risk measures: what whole fen a contract cannot carry.

A value that is a product of factors, such as exposure x PD x LGD, splits by logarithmic mean
(LMDI): effect_i = L(v1, v0) ln(x1_i / x0_i), L(a, b) = (a - b) / ln(a / b), which adds up
without a rest.  A measure of a whole book (VaR, ES, capital) belongs to no contract; it is
run again for the states between the dates, with the same random numbers each time, and each
line has a standard error from independent repetitions.

Source: Ang, Energy Policy 33 (2005) 867 (LMDI); Wood & Lenzen, Energy Policy 34 (2006) 1326
(its limits at zero); Shapley, Contributions to the Theory of Games II (1953) 307; credit
notes 7.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.portfolio.attribution import shapley_values, shared_fen
from riskengine.portfolio.exposures import BookError, Column
from riskengine.words import Text

Fen = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class MeasureAttribution:
    """Change of a measure of a whole book.

    Parameters
    ----------
    method : str
        ``sequential`` or ``shapley``.
    groups : tuple of str
        Groups of inputs, in the order of revaluation or as handed in.
    old_fen, new_fen : int
        The measure on the two dates [fen].
    effects_fen : tuple of int
        One for each group [fen]: they add up to new less old, exactly.
    errors_yuan : (k,) float64
        Standard error of each effect [yuan].
    change_error_yuan : float
        Standard error of the whole change [yuan].
    repetitions : int
        Independent repetitions behind the errors.
    """

    method: str
    groups: tuple[str, ...]
    old_fen: int
    new_fen: int
    effects_fen: tuple[int, ...]
    errors_yuan: Column
    change_error_yuan: float
    repetitions: int


def log_mean_effects(old: ArrayLike, new: ArrayLike) -> Column:
    """Attribute the change of products to their factors by logarithmic mean (LMDI).

    Parameters
    ----------
    old, new : (k, n) array-like
        Factors of n products on the two dates, any units, >= 0.

    Returns
    -------
    (k, n) float64
        Effect of each factor, in the unit of the product; columns add up to the change.

    Raises
    ------
    BookError
        If shapes differ, or a factor is negative or not finite.

    Notes
    -----
    At zeros the limits are taken in which all zeros shrink alike: a product that appears or
    vanishes is shared equally among the factors that were or are zero; one that stays zero
    has no effects.  Near-equal states keep their digits: v0 (e^u - 1) / u x ln ratio.

    Examples
    --------
    >>> found = log_mean_effects([[100.0], [0.02], [0.4]], [[120.0], [0.03], [0.5]])
    >>> found.round(12).ravel().tolist()
    [0.224830143393, 0.5, 0.275169856607]
    """
    x0, x1 = (np.atleast_2d(np.asarray(x, dtype=np.float64)) for x in (old, new))
    usable = x0.shape == x1.shape and x0.ndim == 2
    if not usable or not all(np.all(np.isfinite(x) & (x >= 0.0)) for x in (x0, x1)):
        raise BookError(
            Text("因子应为同形状的非负有限数", "factors must be finite, >= 0, and of one shape"),
            Text("请检查两日的因子", "check the factors of both dates"),
        )
    v0, v1 = x0.prod(axis=0), x1.prod(axis=0)
    both = (v0 > 0.0) & (v1 > 0.0)
    safe, other = np.where(both, x0, 1.0), np.where(both, x1, 1.0)
    moved = (other - safe) / safe
    near = np.abs(moved) < 0.5
    ratio = np.where(near, np.log1p(np.where(near, moved, 0.0)), np.log(other) - np.log(safe))
    u = ratio.sum(axis=0)
    flat = np.abs(u) < 1e-12
    mean = np.where(flat, 1.0 + 0.5 * u, np.expm1(u) / np.where(flat, 1.0, u)) * v0
    found: Column = ratio * mean
    for zeros, change in ((x0 == 0.0, v1), (x1 == 0.0, -v0)):
        lone = ~both & (change != 0.0)
        share = zeros[:, lone] / np.maximum(zeros[:, lone].sum(axis=0), 1)
        found[:, lone] = share * change[lone]
    return found


def log_mean_fen(old: ArrayLike, new: ArrayLike, old_fen: Fen, new_fen: Fen) -> Fen:
    """Attribute the change of values in whole fen by logarithmic mean.

    Parameters
    ----------
    old, new : (k, n) array-like
        Factors as `log_mean_effects` takes them; the product in [yuan].
    old_fen, new_fen : (n,) int64
        The products, rounded [fen].

    Returns
    -------
    (k, n) int64
        Effects [fen]; columns add up to new less old.

    Raises
    ------
    BookError
        As `log_mean_effects`, and if a rounded product is more than a fen from the product.
    """
    effects = 100.0 * log_mean_effects(old, new)
    change = np.asarray(new_fen, dtype=np.int64) - np.asarray(old_fen, dtype=np.int64)
    # Both ends were rounded: up to one fen of the change is rounding, and is shared evenly.
    off = change - effects.sum(axis=0)
    if np.any(np.abs(off) > 1.0 + 1e-9 * np.abs(effects).sum(axis=0)):
        raise BookError(
            Text("价值与因子乘积不符", "values differ from the products of the factors"),
            Text("请检查两日的价值", "check the values of both dates"),
        )
    return shared_fen(effects + off / len(effects), change)


def attribute_measure(
    groups: Sequence[str], measure: Callable[[frozenset[str]], ArrayLike], *,
    method: str = "shapley",
) -> MeasureAttribution:  # fmt: skip
    """Attribute the change of a measure of a whole book, with standard errors.

    Parameters
    ----------
    groups : sequence of str
        Groups of inputs, at most 12; for ``sequential`` in the order of swapping.
    measure : callable
        From the groups at their new state to the measure in each of r >= 1 independent
        repetitions [yuan].  Repetition j uses the same random numbers in every state, such
        as the same scrambling of Sobol points: then most noise cancels in the effects.
    method : str
        ``sequential`` or ``shapley``.

    Returns
    -------
    MeasureAttribution
        Effects of the mean of the repetitions; errors are NaN for a single one.

    Raises
    ------
    BookError
        If the method or the groups cannot be, or repetitions differ in number.
    """
    if method not in ("sequential", "shapley"):
        raise BookError(
            Text(f"方法{method}未知", f"the method {method} is not known"),
            Text("请用sequential或shapley", "use 'sequential' or 'shapley'"),
        )
    seen: dict[frozenset[str], Column] = {}

    def worth(swapped: frozenset[str]) -> Column:
        found = np.atleast_1d(np.asarray(measure(swapped), dtype=np.float64))
        usual = next(iter(seen.values()), found)
        if found.shape != usual.shape or found.ndim != 1 or not np.all(np.isfinite(found)):
            raise BookError(
                Text("各状态的重复次数不同或非有限数",
                     "repetitions must be finite and equally many in every state"),
                Text("每个状态用同一组随机数", "use the same random numbers in every state"),
            )  # fmt: skip
        seen[swapped] = found
        return found

    shapley: dict[str, Any] = shapley_values(groups, worth) if method == "shapley" else {}
    names = tuple(groups)
    if method == "sequential":
        states = [worth(frozenset(names[:j])) for j in range(len(names) + 1)]
        shapley = {name: states[j + 1] - states[j] for j, name in enumerate(names)}
    effects = np.stack([shapley[name] for name in names])
    old, new = seen[frozenset()], seen[frozenset(names)]
    ends = [round(100.0 * float(np.mean(values))) for values in (old, new)]
    change = np.array([ends[1] - ends[0]])
    mean = 100.0 * effects.mean(axis=1)
    mean += (change - mean.sum()) / len(names)
    fen = shared_fen(mean[:, None], change)[:, 0]
    return MeasureAttribution(
        method, names, ends[0], ends[1], tuple(int(one) for one in fen), _errors(effects),
        float(_errors((new - old)[None, :])[0]), int(old.size),
    )  # fmt: skip


def _errors(values: Column) -> Column:
    """Standard error of the mean of each row."""
    size = values.shape[1]
    if size < 2:
        return np.full(len(values), np.nan)
    found: Column = values.std(axis=1, ddof=1) / np.sqrt(size)
    return found
