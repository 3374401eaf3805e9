"""Champion against challenger on the same rows: every difference is paired.

Two models make much the same mistakes, so separate intervals overlap long after the
difference is certain.  Rows of one place or year share their luck: name it as the
cluster and whole clusters are resampled.

Source: Efron and Tibshirani (1993), chapter 13 (percentile interval); McNemar (1947)
with the mid-p of Fagerland, Lydersen and Laake (2013).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from models.evaluate.checks import (
    Array,
    Interval,
    Significance,
    fault,
    numbers,
    outcomes,
    probabilities,
    same_length,
    weights,
)

Figure = Callable[[Array], tuple[float, float]]
"""Both models' figure on rows that count so many times."""


@dataclass(frozen=True, slots=True)
class Paired:
    """A figure of two models on the same rows and the test of its difference.

    Parameters
    ----------
    name : str
        The figure.
    first, second, difference : float
        Of champion, of challenger, and first minus second.
    interval : Interval
        Bootstrap interval of the difference.
    test : Significance
        Two-sided, from the same resamples: below the level just when 0 lies outside
        the interval of that confidence.
    n, clusters : int
        Rows, and the units that were resampled.
    """

    name: str
    first: float
    second: float
    difference: float
    interval: Interval
    test: Significance
    n: int
    clusters: int


@dataclass(frozen=True, slots=True)
class McNemar:
    """Decisions of two models at a cut-off.

    Parameters
    ----------
    rows : str
        ``all``, ``bads`` or ``goods``.
    n : int
        Rows.
    first_only, second_only : int
        Rows that only the first, only the second model decided rightly.
    exact_p, mid_p : float
        Two-sided binomial p-values; the exact one is conservative.
    """

    rows: str
    n: int
    first_only: int
    second_only: int
    exact_p: float
    mid_p: float


def resampled(
    n: int, resamples: int, seed: int, clusters: ArrayLike | None = None
) -> Iterator[Array]:
    """Yield how often each row was drawn, cluster by cluster.

    Parameters
    ----------
    n : int
        Rows, >= 1.
    resamples : int
        Resamples, >= 1.
    seed : int
        Seed.
    clusters : (n,) array-like, optional
        Unit of each row that is drawn as a whole; each row by itself when left out.

    Yields
    ------
    (n,) float64
        Times drawn.
    """
    label, units = cluster_labels(n, clusters)
    rng = np.random.default_rng(seed)
    for _ in range(resamples):
        yield np.bincount(rng.integers(0, units, units), minlength=units)[label].astype(np.float64)


def cluster_labels(n: int, clusters: ArrayLike | None) -> tuple[NDArray[np.int64], int]:
    """Number of the cluster of each row, and how many there are.

    Parameters
    ----------
    n : int
        Rows.
    clusters : (n,) array-like or None
        Cluster of each row.

    Returns
    -------
    tuple of (n,) int64 and int
        Numbers from 0 on, and clusters.

    Raises
    ------
    ModelError
        For other lengths, or fewer than two clusters.
    """
    if clusters is None:
        return np.arange(n), n
    values, label = np.unique(np.asarray(clusters), return_inverse=True)
    if label.size != n or values.size < 2:
        raise fault(
            f"{label.size} 行分为 {values.size} 群，应为 {n} 行、至少两群",
            f"{label.size} rows in {values.size} clusters; {n} rows in two or more are needed",
            "请按同一批贷款传入群号",
            "hand in the cluster of the same loans",
        )
    return label.astype(np.int64), values.size


def paired_bootstrap(
    name: str,
    figure: Figure,
    n: int,
    clusters: ArrayLike | None = None,
    resamples: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Paired:
    """Difference of a figure of two models, with its percentile interval.

    Parameters
    ----------
    name : str
        The figure.
    figure : callable
        Takes (n,) times drawn, returns the figure of each model; NaN where a
        resample has no answer.
    n : int
        Rows.
    clusters : (n,) array-like, optional
        As `resampled`.
    resamples, seed : int
        Resamples that have an answer are kept; and their seed.
    confidence : float
        Confidence, in (0, 1).

    Returns
    -------
    Paired
        Difference; the p-value is twice the smaller share of resamples on either
        side of 0, ties half.

    Raises
    ------
    ModelError
        For bad clusters.
    """
    drawn = np.array([figure(times) for times in resampled(n, resamples, seed, clusters)])
    units = cluster_labels(n, clusters)[1]
    return _judged(name, figure(np.ones(n)), drawn, n, units, confidence)


def _judged(
    name: str, whole: tuple[float, float], drawn: Array, n: int, units: int, confidence: float
) -> Paired:
    """Interval and p-value from the (resamples, 2) figures of both models."""
    differences = drawn[:, 0] - drawn[:, 1]
    differences = differences[~np.isnan(differences)]
    low = high = p_value = float("nan")
    if differences.size >= 0.5 * drawn.shape[0]:
        tail = 0.5 * (1.0 - confidence)
        low, high = np.quantile(differences, [tail, 1.0 - tail])
        below = np.count_nonzero(differences < 0.0) + 0.5 * np.count_nonzero(differences == 0.0)
        side = min(below, differences.size - below)
        p_value = min(1.0, 2.0 * (side + 0.5) / (differences.size + 1.0))
    found = whole[0] - whole[1]
    return Paired(
        name, *whole, found, Interval(float(low), float(high), confidence, "paired bootstrap"),
        Significance(f"{name}, paired bootstrap", found, float(p_value)), n, units,
    )  # fmt: skip


def compare_probabilities(
    y: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    weight: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    resamples: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> tuple[Paired, Paired, Paired]:
    """Brier score, log loss and KS of two models of default.

    Parameters
    ----------
    y, first, second : (n,) array-like
        Outcomes (1 bad) and the two probabilities [1], in (0, 1).
    weight : (n,) array-like, optional
        Sampling weights [1], > 0.
    clusters : (n,) array-like, optional
        Place or year of each loan, drawn as a whole.
    resamples, seed : int
        Resamples and their seed; the three figures share their draws.
    confidence : float
        Confidence, in (0, 1).

    Returns
    -------
    tuple of Paired
        ``Brier`` and ``log loss`` (lower is better), ``KS`` (higher is better).  KS is
        a maximum, which resampling makes noisier than it is: at a nominal 5 % its
        test alarms in about 2, erring on the side of the champion.

    Raises
    ------
    ModelError
        For one class only, probabilities at 0 or 1, or unequal lengths.
    """
    outcome = outcomes(y)
    both = [probabilities(p, open_ends=True) for p in (first, second)]
    same_length(y=outcome, first=both[0], second=both[1])
    mass = weights(weight, outcome.size)
    square = [(p - outcome) ** 2 for p in both]
    loss = [
        np.asarray(-special.xlogy(outcome, p) - special.xlog1py(1.0 - outcome, -p)) for p in both
    ]
    walks = [_walk(outcome, p) for p in both]

    def mean_of(parts: list[Array]) -> Figure:
        def figure(times: Array) -> tuple[float, float]:
            heavy = mass * times
            return tuple(float(heavy @ part / heavy.sum()) for part in parts)  # type: ignore[return-value]

        return figure

    def separation(times: Array) -> tuple[float, float]:
        heavy = mass * times
        return tuple(walk(heavy) for walk in walks)  # type: ignore[return-value]

    figures = {"Brier": mean_of(square), "log loss": mean_of(loss), "KS": separation}
    drawn = np.array([
        [figure(times) for figure in figures.values()]
        for times in resampled(outcome.size, resamples, seed, clusters)
    ])  # fmt: skip
    units, ones = cluster_labels(outcome.size, clusters)[1], np.ones(outcome.size)
    return tuple(  # type: ignore[return-value]
        _judged(name, figure(ones), drawn[:, k], outcome.size, units, confidence)
        for k, (name, figure) in enumerate(figures.items())
    )


def _walk(y: Array, score: Array) -> Callable[[Array], float]:
    """KS of a score as a function of the weights of its rows, sorted once."""
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), score.size - 1)
    bad = y[order] == 1.0

    def distance(heavy: Array) -> float:
        ranked = heavy[order]
        bads = np.cumsum(np.where(bad, ranked, 0.0))
        goods = np.cumsum(np.where(bad, 0.0, ranked))
        if bads[-1] == 0.0 or goods[-1] == 0.0:
            return float("nan")
        return float(np.abs(bads[ends] / bads[-1] - goods[ends] / goods[-1]).max())

    return distance


def mcnemar(
    y: ArrayLike, first: ArrayLike, second: ArrayLike, cut: float
) -> tuple[McNemar, McNemar, McNemar]:
    """Decisions of two models at a cut-off: all loans, bads alone, goods alone.

    Parameters
    ----------
    y, first, second : (n,) array-like
        Outcomes (1 bad) and the two probabilities or scores that rise with risk.
    cut : float
        Loans at or above it are refused [unit of the score].

    Returns
    -------
    tuple of McNemar
        The three tests.  A bad loan weighs more than a good one: the second and
        third say which error moved.

    Raises
    ------
    ModelError
        For bad outcomes or scores, or unequal lengths.
    """
    outcome, one, two = outcomes(y, both=False), numbers(first, "first"), numbers(second, "second")
    same_length(y=outcome, first=one, second=two)
    right = [(score >= cut) == (outcome == 1.0) for score in (one, two)]
    parts = (
        ("all", np.ones(outcome.size, bool)),
        ("bads", outcome == 1.0),
        ("goods", outcome == 0.0),
    )
    return tuple(_discordant(name, right[0][rows], right[1][rows]) for name, rows in parts)  # type: ignore[return-value]


def _discordant(rows: str, first: NDArray[np.bool_], second: NDArray[np.bool_]) -> McNemar:
    """Exact and mid-p McNemar test of paired right decisions."""
    only = int(np.count_nonzero(first & ~second)), int(np.count_nonzero(second & ~first))
    total, least = sum(only), min(only)
    if total == 0:
        return McNemar(rows, first.size, 0, 0, 1.0, 1.0)
    exact = min(1.0, 2.0 * float(stats.binom.cdf(least, total, 0.5)))
    middle = 2.0 * float(
        stats.binom.cdf(least, total, 0.5) - 0.5 * stats.binom.pmf(least, total, 0.5)
    )
    return McNemar(rows, first.size, *only, exact, min(1.0, middle))
