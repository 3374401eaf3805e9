"""Splits that a lender's future resembles: forward in time, and to places never seen.

A random split lets a model see the year and the village that it is tested on.  Days
are numpy datetime64[D]; parts are row numbers in rising order; nothing depends on
anything but the arguments.

Outcomes take time: a loan granted before the cut whose outcome window ends after it
was not yet known at the cut.  Such rows are purged from training; an embargo keeps
further days clear.

Source: Lopez de Prado (2018), Advances in Financial Machine Learning, chapter 7
(purging, embargo); Roberts et al. (2017), Ecography 40, 913-929 (spatial blocks).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.evaluate.checks import Array, fault

Rows = NDArray[np.int64]
Days = NDArray[np.datetime64]

LEVELS: Mapping[str, int] = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}
"""Digits of a code of the statistical division of China that name a place."""


@dataclass(frozen=True)
class Parts:
    """Rows of a split.

    Parameters
    ----------
    train, calibrate, test : (k,) int64
        Row numbers in rising order.
    purged : (k,) int64
        Rows left out because their outcome was not known in time, or by embargo.
    """

    train: Rows
    calibrate: Rows
    test: Rows
    purged: Rows


@dataclass(frozen=True)
class Fold:
    """One fold: fit on some rows, look at others.

    Parameters
    ----------
    name : str
        What is held out.
    train, test : (k,) int64
        Row numbers in rising order, without a common row.
    """

    name: str
    train: Rows
    test: Rows


def days_of(column: ArrayLike) -> Days:
    """Days as datetime64[D], none missing.

    Parameters
    ----------
    column : (n,) array-like
        Dates, datetimes or ISO texts.

    Returns
    -------
    (n,) datetime64[D]
        The days.

    Raises
    ------
    ModelError
        If one is missing or no date.
    """
    try:
        days = np.asarray(column).astype("datetime64[D]")
    except (TypeError, ValueError) as error:
        raise fault(
            "日期列读不出日期", "the column of days holds what is no date",
            "请用年-月-日", "write year-month-day",
        ) from error  # fmt: skip
    gone = int(np.count_nonzero(np.isnat(days)))
    if gone:
        raise fault(
            f"有 {gone} 行没有日期", f"{gone} rows have no day",
            "没有决策日的行不能按时间切分，请先剔除", "drop them: they have no place in time",
        )  # fmt: skip
    return days


def forward(
    days: ArrayLike,
    train_to: Any,
    calibrate_to: Any,
    test_to: Any = None,
    outcome_days: int = 0,
    embargo_days: int = 0,
) -> Parts:
    """Train, calibrate and test, each later than the last.

    Parameters
    ----------
    days : (n,) array-like
        Day of the decision of each row.
    train_to, calibrate_to, test_to : date-like
        Last day of each part, inside; without the third, all later rows.
    outcome_days : int
        Days until an outcome is known [day], >= 0: rows of a part whose outcome is
        not known on the part's last day are purged, test rows are kept.
    embargo_days : int
        Days kept clear after the end of a part [day], >= 0.

    Returns
    -------
    Parts
        The rows; those after ``test_to`` are in none.

    Raises
    ------
    ModelError
        If the ends do not rise, a number of days is negative, or train or test
        would be empty.
    """
    at = days_of(days)
    ends = [np.datetime64(end, "D") for end in (train_to, calibrate_to)]
    ends.append(at.max() if test_to is None else np.datetime64(test_to, "D"))
    if not ends[0] <= ends[1] < ends[2] or min(outcome_days, embargo_days) < 0:
        raise fault(
            f"切分日期应依次递增：{ends[0]}、{ends[1]}、{ends[2]}；天数不得为负",
            f"the ends of the parts must rise: {ends[0]}, {ends[1]}, {ends[2]}; days >= 0",
            "请修正 train_to、calibrate_to、test_to", "mend train_to, calibrate_to and test_to",
        )  # fmt: skip
    parts, kept_out = [], np.zeros(at.size, dtype=bool)
    start = np.datetime64("0000-01-01", "D")
    for k, end in enumerate(ends):
        inside = (at > start) & (at <= end)
        clear = np.ones(at.size, dtype=bool) if k == 0 else at > start + embargo_days
        known = at + outcome_days <= end if k < 2 else np.ones(at.size, dtype=bool)
        parts.append(np.flatnonzero(inside & clear & known))
        kept_out |= inside & ~(clear & known)
        start = end
    if parts[0].size == 0 or parts[2].size == 0:
        raise fault(
            f"训练 {parts[0].size} 行、测试 {parts[2].size} 行，不能为空",
            f"training has {parts[0].size} rows, testing {parts[2].size}; neither may be empty",
            "请调整切分日期或观察期", "move the ends of the parts or shorten the window",
        )  # fmt: skip
    return Parts(parts[0], parts[1], parts[2], np.flatnonzero(kept_out))


def rolling_origin(
    days: ArrayLike,
    origins: Iterable[Any],
    horizon_days: int,
    window_days: int | None = None,
    outcome_days: int = 0,
    embargo_days: int = 0,
) -> tuple[Fold, ...]:
    """Fit up to each origin, look at the days that follow it.

    Parameters
    ----------
    days : (n,) array-like
        Day of the decision of each row.
    origins : iterable of date-like
        Last days of training, each a fold.
    horizon_days : int
        Days looked at after an origin and its embargo [day], >= 1.
    window_days : int, optional
        Days of training before an origin [day]; all of them when left out.
    outcome_days, embargo_days : int
        As `forward`: rows whose outcome was unknown at the origin are not trained on.

    Returns
    -------
    tuple of Fold
        Folds with rows on both sides, in the order of the origins.

    Raises
    ------
    ModelError
        If no fold has rows on both sides.
    """
    at = days_of(days)
    folds = []
    for origin in origins:
        end = np.datetime64(origin, "D")
        train = at + outcome_days <= end
        if window_days is not None:
            train &= at > end - window_days
        first = end + embargo_days
        test = (at > first) & (at <= first + horizon_days)
        if train.any() and test.any():
            folds.append(Fold(str(end), np.flatnonzero(train), np.flatnonzero(test)))
    if not folds:
        raise fault(
            "没有一个起点两侧都有数据", "no origin has rows on both sides",
            "请把起点放在数据的日期之内", "put origins inside the days of the data",
        )  # fmt: skip
    return tuple(folds)


def places(codes: ArrayLike, level: str | None = None) -> NDArray[np.str_]:
    """Places of rows: the digits of their codes that name a level, or a column as is.

    Parameters
    ----------
    codes : (n,) array-like
        Codes of the statistical division, or any names.
    level : {"province", "city", "county", "township", "village"}, optional
        Level of the division; left out, the column itself.

    Returns
    -------
    (n,) str
        Place of each row.

    Raises
    ------
    ModelError
        If the level is unknown or a code is too short for it.

    Examples
    --------
    >>> places(["110105001002", "110105003001"], "county").tolist()
    ['110105', '110105']
    """
    text = np.asarray([str(code) for code in np.asarray(codes).tolist()])
    if level is None:
        return text
    if level not in LEVELS:
        raise fault(
            f"级别 {level} 不认识", f"unknown level {level}",
            f"可用：{'、'.join(LEVELS)}", f"one of {', '.join(LEVELS)}",
        )  # fmt: skip
    short = int(np.count_nonzero(np.char.str_len(text) < LEVELS[level]))
    if short:
        raise fault(
            f"有 {short} 行的区划代码不足 {LEVELS[level]} 位",
            f"the codes of {short} rows have fewer than {LEVELS[level]} digits",
            "请补全代码，或用上一级", "complete the codes, or use a higher level",
        )  # fmt: skip
    return np.asarray([code[: LEVELS[level]] for code in text.tolist()])


def spatial_blocks(
    codes: ArrayLike, folds: int = 5, seed: int = 0, level: str | None = None
) -> tuple[Fold, ...]:
    """Hold out whole places.

    Places are shuffled by the seed, then given, largest first, to the fold with the
    fewest rows.

    Parameters
    ----------
    codes : (n,) array-like
        As `places`.
    folds : int
        Folds, >= 2.
    seed : int
        Seed of the shuffle.
    level : str, optional
        As `places`.

    Returns
    -------
    tuple of Fold
        No place lies on both sides of a fold; each row is tested once.

    Raises
    ------
    ModelError
        If there are fewer places than folds.
    """
    names, label, counts = np.unique(places(codes, level), return_inverse=True, return_counts=True)
    if folds < 2 or names.size < folds:
        raise fault(
            f"{names.size} 个地方分不成 {folds} 折",
            f"{names.size} places do not make {folds} folds",
            "请减少折数（至少 2）或用更细的级别", "ask for fewer folds (>= 2) or a finer level",
        )  # fmt: skip
    order = np.random.default_rng(seed).permutation(names.size)
    order = order[np.argsort(-counts[order], kind="stable")]
    filled, fold_of = np.zeros(folds, dtype=np.int64), np.empty(names.size, dtype=np.int64)
    for place in order:
        fold_of[place] = np.argmin(filled)
        filled[fold_of[place]] += counts[place]
    of_row = fold_of[label]
    return tuple(
        Fold(f"block {k}", np.flatnonzero(of_row != k), np.flatnonzero(of_row == k))
        for k in range(folds)
    )


def out_of_fold(n: int, folds: Iterable[Fold], predict: Callable[[Rows, Rows], ArrayLike]) -> Array:
    """Predictions of each row by a model that never saw it.

    Parameters
    ----------
    n : int
        Rows.
    folds : iterable of Fold
        Folds.
    predict : callable
        Takes training and test rows, returns the predictions of the test rows.

    Returns
    -------
    (n,) float64
        Predictions; NaN for rows that no fold tests.

    Raises
    ------
    ModelError
        If a row is tested twice or lies on both sides of a fold.
    """
    found, seen = np.full(n, np.nan), np.zeros(n, dtype=bool)
    for fold in folds:
        if seen[fold.test].any() or np.intersect1d(fold.train, fold.test).size:
            raise fault(
                f"折 {fold.name} 的行重复", f"fold {fold.name} repeats rows",
                "每行只能检验一次，且不得同时用于训练", "test each row once, never one trained on",
            )  # fmt: skip
        found[fold.test] = predict(fold.train, fold.test)
        seen[fold.test] = True
    return found
