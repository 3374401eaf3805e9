"""Parts of a released price model beside its trees: places, time, support, widths."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.similar import local_quantile_rows, nearest_rows

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]

BELOW = "\x1f"
"""Stands between the names of nested places in a key."""


def nested_keys(columns: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Join the names of nested places, so that equal names in other places differ.

    Parameters
    ----------
    columns : sequence of sequence of str
        Names from the widest place to the narrowest; ``""`` is not known.

    Returns
    -------
    list of tuple of str
        Keys of every level; ``""`` from the first name on that is not known.

    Examples
    --------
    >>> [[key.split(BELOW) for key in level] for level in nested_keys([["a", "b"], ["x", "x"]])]
    [[['a'], ['b']], [['a', 'x'], ['b', 'x']]]
    """
    levels: list[tuple[str, ...]] = []
    for names in columns:
        if not levels:
            levels.append(tuple(names))
            continue
        wider = levels[-1]
        levels.append(
            tuple(f"{w}{BELOW}{n}" if w and n else "" for w, n in zip(wider, names, strict=True))
        )
    return levels


def code_keys(codes: Sequence[str], digits: Sequence[int]) -> list[tuple[str, ...]]:
    """Cut region codes to the places that they lie in.

    Parameters
    ----------
    codes : sequence of str
        Region codes.
    digits : sequence of int
        Digits that name a place of each level, rising: 2 province, 6 county,
        9 township, 12 village.

    Returns
    -------
    list of tuple of str
        Keys of every level; ``""`` where a code is too short to tell.

    Examples
    --------
    >>> code_keys(("370983101", "37"), (2, 6))
    [('37', '37'), ('370983', '')]
    """
    return [tuple(code[:size] if len(code) >= size else "" for code in codes) for size in digits]


def place_level(table: Mapping[str, float], keys: Sequence[Sequence[str]]) -> Floats:
    """Add up what the places around each row are worth.

    Parameters
    ----------
    table : mapping of str to float
        Deviation of each place from the wider one [log], already shrunk.
    keys : sequence of sequence of str
        Keys of every level.

    Returns
    -------
    (n,) float64
        Level [log]; a place never seen adds nothing: it is like the wider one.

    Examples
    --------
    >>> place_level({"37": 0.1, "370983": -0.04}, code_keys(("370983", "379999"), (2, 6))).round(2)
    array([0.06, 0.1 ])
    """
    total = np.zeros(len(keys[0]) if keys else 0)
    for level in keys:
        total += np.array([table.get(key, 0.0) for key in level])
    return total


def time_level(a: Arrays, groups: NDArray[np.int64], period: int | None) -> tuple[Floats, Floats]:
    """Level of prices in a period against the last one known.

    Parameters
    ----------
    a : mapping of str to array
        ``index_level`` (groups + 1, periods), ``index_first`` (1,), ``index_drift``
        (groups + 1,) and ``index_damping`` (1,), or none of them.
    groups : (n,) int64
        Group of each row; -1 takes the level of all.
    period : int or None
        Period; None for the last one known.

    Returns
    -------
    tuple of (n,) float64
        Level, and the level that a lender may count on: without a rise beyond the
        last period [log].  Beyond it the drift d dies away, d (f + f^2 + ... + f^h);
        before the first period stands the first.
    """
    zero = np.zeros(groups.size)
    if period is None or "index_level" not in a:
        return zero, zero
    last = a["index_level"].shape[1] - 1
    at = int(period) - int(a["index_first"][0])
    if at <= last:
        level = a["index_level"][:, max(at, 0)][groups]
        return level, level
    ahead = float(np.sum(a["index_damping"][0] ** np.arange(1, at - last + 1)))
    level = ahead * a["index_drift"][groups]
    return level, np.minimum(level, 0.0)


def linear_level(a: Arrays, x: Floats) -> Floats:
    """What a linear part says of the facts, before the trees.

    Parameters
    ----------
    a : mapping of str to array
        ``linear_effects`` (columns,), and of each feature ``linear_middle``,
        ``linear_spread``, ``linear_low``, ``linear_high`` (features,) and
        ``linear_codes`` (features,) codes of a category, 0 for a number; or none of them.
    x : (features or more, n) float64
        Facts; NaN is missing.

    Returns
    -------
    (n,) float64
        Constant, then per number its standard score, its square and an effect where it is
        missing, per category the effect of its code [log].
    """
    out = np.zeros(x.shape[1])
    if "linear_effects" not in a:
        return out
    effects, at = a["linear_effects"], 1
    out += effects[0]
    for k, codes in enumerate(a["linear_codes"].tolist()):
        if codes:
            for code in range(codes):
                out += np.where(x[k] == code, effects[at + code], 0.0)
            at += codes
            continue
        missing = np.isnan(x[k])
        held = np.clip(x[k], a["linear_low"][k], a["linear_high"][k])
        score = np.where(missing, 0.0, (held - a["linear_middle"][k]) / a["linear_spread"][k])
        out += effects[at] * score + effects[at + 1] * (score * score)
        out += np.where(missing, effects[at + 2], 0.0)
        at += 3
    return out


def period_of(day: date, unit: str) -> int:
    """Number the period that a day lies in.

    Parameters
    ----------
    day : datetime.date
        Day.
    unit : {"year", "quarter", "month"}
        Unit.

    Returns
    -------
    int
        The year, or four or twelve times the year plus the quarter or month from 0.

    Examples
    --------
    >>> [period_of(date(2019, 4, 30), unit) for unit in ("year", "quarter", "month")]
    [2019, 8077, 24231]
    """
    months = 12 * day.year + day.month - 1
    return months // {"year": 12, "quarter": 3, "month": 1}[unit]


def outside_likeness(a: Arrays, x: Floats, inside: NDArray[np.bool_]) -> None:
    """Take out the rows that lie far from every deal that the model has seen.

    Parameters
    ----------
    a : mapping of str to array
        ``support_points`` (features, m), ``support_scale`` (features,),
        ``support_near`` (1,) and ``support_limit`` (1,), or none of them.
    x : (features, n) float64
        Features; NaN is missing.
    inside : (n,) bool
        Rows to keep; changed in place.
    """
    if "support_points" not in a:
        return
    far = np.zeros(inside.size)
    nearest_rows(
        x, inside, a["support_points"], a["support_scale"], int(a["support_near"][0]), False, far
    )
    inside &= far <= a["support_limit"][0]


def widths(
    a: Arrays, name: str, x: Floats, groups: NDArray[np.int64], inside: NDArray[np.bool_]
) -> Floats:
    """Conformal width of every row, by group, or by group and likeness.

    Parameters
    ----------
    a : mapping of str to array
        ``{name}_offset`` (groups + 1,), the last for all; and, where deals are
        weighed by likeness, ``{name}_scores`` (m,) rising, ``{name}_points``,
        ``{name}_groups``, ``local_scale``, ``local_reach`` (2,) bandwidth and distance
        between groups, ``{name}_level`` (1,).
    name : str
        ``interval`` or ``bound``.
    x : (features, n) float64
        Features.
    groups : (n,) int64
        Groups; -1 where not known.
    inside : (n,) bool
        Rows to look at.

    Returns
    -------
    (n,) float64
        Width to add [log]; where too few deals are like the row, the widest of the groups.
    """
    table: Floats = a[f"{name}_offset"]
    out: Floats = table[groups]
    if f"{name}_scores" in a:
        local_quantile_rows(
            x, groups, inside, a[f"{name}_points"], a[f"{name}_groups"], a["local_scale"],
            a[f"{name}_scores"], float(a["local_reach"][0]), float(a["local_reach"][1]),
            float(a[f"{name}_level"][0]), out,
        )  # fmt: skip
        out = np.where(np.isinf(out), np.max(table), out)
    return out
