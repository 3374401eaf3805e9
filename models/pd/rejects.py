"""What to do about cases that were refused and whose outcome nobody knows.

The default is nothing.  Inference adds no information: it adds an assumption, and
pays only where refusals depended on what the features do not show.  Whether it
would pay is measured by `masked_benchmark`, which hides known outcomes.

``none``
    The accepted as they are.  Right when outcomes are missing at random given the
    features.
``parcelling``
    By bands of score, refused cases have the odds of bad of the band's accepted,
    times a prudence factor; who is bad is drawn with a seed.
``fuzzy``
    Each refused case enters twice, bad with weight p and good with weight 1 - p,
    p from the accepted's model times prudence in odds.
``reweighting``
    No refused case enters; accepted ones count 1 / P(accepted | score band), so that
    they stand for the refused of their band (Hsia 1978).

Source: Siddiqi (2006), chapter 6; Crook & Banasik (2004), Does reject inference
really improve the performance of application scoring models?
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, log_expit
from scipy.stats import norm

from models.pd.checks import Floats, finite, matrix, outcomes, refused, weights_of
from riskengine.words import Text

METHODS = ("none", "parcelling", "fuzzy", "reweighting")

Fit = Callable[[Floats, Floats, Floats], Callable[[Floats], Floats]]
"""Takes features (features, n), outcomes and weights; gives raw log odds of bad of features."""


@dataclass(frozen=True)
class RejectSettings:
    """How refused cases are inferred.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    bands : int
        Bands of score, >= 2.
    prudence : float
        Factor on the odds of bad of refused cases against accepted ones of the same
        score, >= 1.
    seed : int
        Random seed of the draws.
    """

    method: str = "none"
    bands: int = 10
    prudence: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.method not in METHODS or self.bands < 2 or not 1.0 <= self.prudence < np.inf:
            raise refused(
                Text("拒绝推断设置不成立", "these settings of reject inference do not hold"),
                Text("见 RejectSettings", "see RejectSettings"),
            )


@dataclass(frozen=True)
class Sample:
    """Rows to fit on.

    Parameters
    ----------
    x : (features, n) float64
        Features.
    y : (n,) float64
        1 bad, 0 good.
    weight : (n,) float64
        Weights.
    inferred : (n,) bool
        Rows whose outcome was inferred; they never enter a test.
    """

    x: Floats
    y: Floats
    weight: Floats
    inferred: np.ndarray


def with_rejects(
    x: ArrayLike,
    y: ArrayLike,
    weight: ArrayLike | None,
    refused_x: ArrayLike,
    raw: ArrayLike,
    refused_raw: ArrayLike,
    settings: RejectSettings | None = None,
) -> Sample:
    """Accepted rows together with what is inferred of the refused ones.

    Parameters
    ----------
    x : (features, n) array
        Features of the accepted.
    y : (n,) array
        Their outcomes.
    weight : (n,) array or None
        Their weights; refused cases weigh the mean.
    refused_x : (features, m) array
        Features of the refused.
    raw, refused_raw : (n,) and (m,) array
        Raw log odds of bad under a model fitted on the accepted.
    settings : RejectSettings or None
        How; nothing is inferred when None.

    Returns
    -------
    Sample
        What to fit on.

    Raises
    ------
    ModelError
        If one class is missing, or a matrix or score does not fit.
    """
    how = settings or RejectSettings()
    bad, weights = outcomes(y, weight)
    known = np.atleast_2d(np.asarray(x, dtype=np.float64))
    known = matrix(known, bad.size, known.shape[0])
    scores = finite(raw, "raw", bad.size)
    other_scores = finite(refused_raw, "refused_raw")
    others = matrix(refused_x, other_scores.size, known.shape[0])
    if how.method == "none" or other_scores.size == 0:
        return Sample(known, bad, weights, np.zeros(bad.size, dtype=np.bool_))
    if how.method == "reweighting":
        band, other_band = _bands(scores, other_scores, how.bands)
        accepted = np.bincount(band, weights=weights, minlength=how.bands)
        turned = np.bincount(other_band, minlength=how.bands) * weights.mean()
        stands_for = 1.0 + turned / np.maximum(accepted, np.finfo(float).tiny)
        return Sample(known, bad, weights * stands_for[band], np.zeros(bad.size, dtype=np.bool_))
    new_x, new_y, new_weight = _inferred(bad, weights, scores, others, other_scores, how)
    return Sample(
        np.concatenate([known, new_x], axis=1), np.concatenate([bad, new_y]),
        np.concatenate([weights, new_weight * weights.mean()]),
        np.arange(bad.size + new_y.size) >= bad.size,
    )  # fmt: skip


def _inferred(
    bad: Floats, weights: Floats, scores: Floats, others: Floats, other_scores: Floats,
    how: RejectSettings,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    if how.method == "fuzzy":
        odds = other_scores + np.log(how.prudence)
        twice = np.concatenate([others, others], axis=1)
        sides = np.repeat([1.0, 0.0], other_scores.size)
        # A weight of exactly 0 is no row at all.
        shares = np.concatenate([expit(odds), expit(-odds)])
        there = shares > 0.0
        return twice[:, there], sides[there], shares[there]
    band, other_band = _bands(scores, other_scores, how.bands)
    bads = np.bincount(band, weights=weights * bad, minlength=how.bands) + 0.5
    goods = np.bincount(band, weights=weights * (1.0 - bad), minlength=how.bands) + 0.5
    rate = bads * how.prudence / (bads * how.prudence + goods)
    drawn = np.random.default_rng(how.seed).random(other_scores.size)
    sides = (drawn < rate[other_band]).astype(np.float64)
    return others, sides, np.ones(other_scores.size)


def _bands(scores: Floats, others: Floats, bands: int) -> tuple[np.ndarray, np.ndarray]:
    """Bands of equal numbers of accepted cases; the refused beyond them join the outer ones."""
    cuts = np.unique(np.quantile(scores, np.arange(1, bands) / bands))
    return (
        np.searchsorted(cuts, scores, side="right"),
        np.searchsorted(cuts, others, side="right"),
    )


@dataclass(frozen=True)
class Benchmark:
    """What inference did on rows whose outcome was hidden.

    Parameters
    ----------
    method : str
        Method tried.
    loss, loss_none : float
        Mean log loss on the test rows, with the method and with nothing inferred.
    gain, error : float
        Mean fall of the loss a row, and its standard error; gain > 0 helps.
    gain_hidden : float
        The same on test rows of the region that was hidden.
    p_value : float
        One-sided, of no gain.
    helped : bool
        Whether the gain is there at the level asked for, and of a size that counts.
    """

    method: str
    loss: float
    loss_none: float
    gain: float
    error: float
    gain_hidden: float
    p_value: float
    helped: bool


def masked_benchmark(
    x: ArrayLike,
    y: ArrayLike,
    weight: ArrayLike | None,
    score: ArrayLike,
    fit: Fit,
    share: float = 0.3,
    level: float = 0.05,
    least: float = 1e-4,
    settings: tuple[RejectSettings, ...] | None = None,
    seed: int = 0,
) -> list[Benchmark]:
    """Whether reject inference would help: hide known outcomes and see.

    Parameters
    ----------
    x : (features, n) array
        Features of cases with known outcomes.
    y : (n,) array
        Outcomes.
    weight : (n,) array or None
        Weights, > 0.
    score : (n,) array
        What decided, or would have decided, on acceptance; higher is better.
    fit : callable
        Fits a model and gives its scorer, as `Fit`.
    share : float
        Lowest share of the scores to be hidden as if refused, in (0, 1).
    level : float
        Significance of a gain, in (0, 1); shared among the methods (Bonferroni).
    least : float
        Smallest fall of the loss that counts, as a share of it, >= 0: a gain of the
        size of a fit's tolerance can be significant and is still nothing.
    settings : tuple of RejectSettings or None
        Methods to try; each of `METHODS` but none with its defaults when None.
    seed : int
        Seed of the split into halves.

    Returns
    -------
    list of Benchmark
        One a method.  Half of the cases are fitted on with the lowest scores masked;
        the other half, all of its outcomes known, judges.

    Raises
    ------
    ModelError
        If one class is missing, also among what is left to fit on.
    """
    bad, weights = outcomes(y, weight)
    cells = np.atleast_2d(np.asarray(x, dtype=np.float64))
    cells = matrix(cells, bad.size, cells.shape[0])
    decided = finite(score, "score", bad.size)
    _check_shares(share, level)
    tried = settings or tuple(RejectSettings(method) for method in METHODS[1:])
    train = np.random.default_rng(seed).permutation(bad.size) % 2 == 0
    hidden = decided < np.quantile(decided, share)
    seen, masked, test = train & ~hidden, train & hidden, ~train
    outcomes(bad[seen], weights[seen])
    plain = fit(cells[:, seen], bad[seen], weights[seen])
    raw, masked_raw = plain(cells[:, seen]), plain(cells[:, masked])
    before = _losses(plain(cells[:, test]), bad[test])
    results = []
    for how in tried:
        sample = with_rejects(
            cells[:, seen], bad[seen], weights[seen], cells[:, masked], raw, masked_raw, how
        )
        after = _losses(fit(sample.x, sample.y, sample.weight)(cells[:, test]), bad[test])
        results.append(
            _benchmark(
                how.method, before, after, weights[test], hidden[test], level / len(tried), least
            )
        )
    return results


def _check_shares(share: float, level: float) -> None:
    if not (0.0 < share < 1.0 and 0.0 < level < 1.0):
        raise refused(
            Text("比例与显著性须在 (0,1)", "share and level must lie in (0, 1)"),
            Text("例如 0.3 与 0.05", "for example 0.3 and 0.05"),
        )


def _losses(raw: Floats, bad: Floats) -> Floats:
    return np.asarray(-log_expit(np.where(bad > 0.0, raw, -raw)), dtype=np.float64)


def _benchmark(
    method: str, before: Floats, after: Floats, weight: Floats, hidden: np.ndarray,
    level: float, least: float,
) -> Benchmark:  # fmt: skip
    share = weights_of(weight, before.size) / weight.sum()
    gains = before - after
    gain = float(share @ gains)
    error = float(np.sqrt((share**2) @ (gains - gain) ** 2))
    inside = share * hidden
    p_value = float(norm.sf(gain / error)) if error > 0.0 else 1.0
    loss = float(share @ before)
    return Benchmark(
        method, float(share @ after), loss, gain, error,
        float(inside @ gains / inside.sum()) if hidden.any() else np.nan, p_value,
        p_value < level and gain > least * loss,
    )  # fmt: skip
