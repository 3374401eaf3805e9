"""The same model, group by group: order, level, errors, and who is granted.

Groups are columns: county, age band, household or firm, product; sex for audit only,
never as a feature.  Small groups get wide intervals and no curve (fewer than thirty
bads or goods).

Source: EEOC Uniform Guidelines (1978), 29 CFR 1607.4 D (four fifths); Hardt, Price
and Srebro (2016), Equality of Opportunity; Katz et al. (1978), Biometrics 34 (ratio);
Newcombe (1998), Statistics in Medicine 17, 873-890, method 10 (difference).
"""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.checks import Floats, outcomes, probabilities, same_length
from models.evaluate.answers import normal_quantile, share_interval
from models.evaluate.backtest import backtest
from models.evaluate.discrimination import Auc, auc
from riskengine.appraisal.intervals import Interval
from riskengine.drift import holm_adjusted, share_change
from riskengine.errors import ModelError
from riskengine.words import Text

FEWEST = 30
"""Bads and goods below which a group gets no area."""

Verdict: TypeAlias = Literal["above", "uncertain", "below"]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its interval.

    Parameters
    ----------
    count, n : int
        Rows that have the property, all rows.
    share : float
        Their share [1]; NaN without rows.
    interval : Interval
        Clopper-Pearson.
    """

    count: int
    n: int
    share: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Subgroup:
    """One group of a book.

    Parameters
    ----------
    group : str
        Its name; ``all`` for the whole.
    n, bads : int
        Loans, bad ones.
    auc : Auc or None
        Order inside the group; None with fewer than thirty bads or goods.
    expected : float
        Sum of probabilities [loans].
    observed_over_expected : float
        Bads over that sum [1].
    ratio_interval : Interval
        Of that ratio, by the Clopper-Pearson interval of the rate.
    level_p, level_holm : float
        Jeffreys' two-sided p-value of the mean probability, and adjusted for the
        number of groups.
    granted : Rate
        Loans below the cut-off.
    good_refused, bad_granted : Rate
        False rates: goods at or above the cut-off, bads below it.
    """

    group: str
    n: int
    bads: int
    auc: Auc | None
    expected: float
    observed_over_expected: float
    ratio_interval: Interval
    level_p: float
    level_holm: float
    granted: Rate
    good_refused: Rate
    bad_granted: Rate


@dataclass(frozen=True, slots=True)
class Fairness:
    """A group against the reference group.

    Parameters
    ----------
    group, reference : str
        Their names.
    grant_ratio : float
        Grant rate of the group over that of the reference [1].
    ratio_interval : Interval
        Of the ratio.
    four_fifths : {"above", "uncertain", "below"}
        Below or above 4/5 with the whole interval, or uncertain.
    under_four_fifths : bool
        The bare rule: the ratio is below 4/5.
    grant_p : float
        p-value of equal grant rates.
    opportunity_difference : float
        Grant rate among goods of the group less that of the reference [1]; NaN
        without goods.
    opportunity_interval : Interval
        Of the difference.
    opportunity_p : float
        p-value of equal grant rates among goods.
    """

    group: str
    reference: str
    grant_ratio: float
    ratio_interval: Interval
    four_fifths: Verdict
    under_four_fifths: bool
    grant_p: float
    opportunity_difference: float
    opportunity_interval: Interval
    opportunity_p: float


def _rate(flag: NDArray[np.bool_], confidence: float) -> Rate:
    """Share of a property."""
    count, n = int(flag.sum()), flag.size
    share = count / n if n else math.nan
    return Rate(count, n, share, share_interval(count, n, confidence))


def _checked(
    y: ArrayLike, p: ArrayLike, groups: ArrayLike
) -> tuple[Floats, Floats, NDArray[np.str_]]:
    """Outcomes, probabilities and names of groups of equal length."""
    outcome, forecast = outcomes(y, both=False), probabilities(p, "p")
    names = np.asarray([str(name) for name in np.asarray(groups).tolist()])
    same_length(y=outcome, p=forecast, groups=names)
    return outcome, forecast, names


def subgroup_table(
    y: ArrayLike, p: ArrayLike, groups: ArrayLike, cut: float, confidence: float = 0.95
) -> tuple[Subgroup, ...]:
    """Order, level and errors of a model of default in each group.

    Parameters
    ----------
    y, p : (n,) array-like
        Outcomes (1 bad) and probabilities of bad [1].
    groups : (n,) array-like
        Group of each loan.
    cut : float
        Loans at or above this probability are refused [1].
    confidence : float
        Confidence of the intervals, in (0, 1).

    Returns
    -------
    tuple of Subgroup
        ``all`` first, then the groups in rising order of their names.

    Raises
    ------
    ModelError
        For outcomes or probabilities that are none, or unequal lengths.
    """
    outcome, forecast, names = _checked(y, p, groups)
    parts = [("all", np.ones(outcome.size, dtype=bool))]
    parts += [(str(name), names == name) for name in np.unique(names)]
    found = [
        _subgroup(name, outcome[rows], forecast[rows], cut, confidence) for name, rows in parts
    ]
    adjusted = holm_adjusted([one.level_p for one in found[1:]])
    holm = [found[0].level_p, *adjusted.tolist()]
    return tuple(
        Subgroup(
            one.group, one.n, one.bads, one.auc, one.expected, one.observed_over_expected,
            one.ratio_interval, one.level_p, p_value, one.granted, one.good_refused,
            one.bad_granted,
        )
        for one, p_value in zip(found, holm, strict=True)
    )  # fmt: skip


def _subgroup(name: str, y: Floats, p: Floats, cut: float, confidence: float) -> Subgroup:
    """One group; its adjusted p-value is filled in by the table."""
    n, bads, expected = y.size, int(y.sum()), float(p.sum())
    mean = expected / n
    measured = auc(y, p, confidence=confidence) if min(bads, n - bads) >= FEWEST else None
    level = backtest(n, bads, mean).jeffreys.both if 0.0 < mean < 1.0 else math.nan
    ends = share_interval(bads, n, confidence)
    ratio = bads / expected if expected > 0.0 else math.nan
    scale = 1.0 / mean if mean > 0.0 else math.nan
    refused = p >= cut
    return Subgroup(
        name, n, bads, measured, expected, ratio,
        Interval(ends.low * scale, ends.high * scale, confidence, "Clopper-Pearson over mean p"),
        level, level, _rate(~refused, confidence), _rate(refused[y == 0.0], confidence),
        _rate(~refused[y == 1.0], confidence),
    )  # fmt: skip


def fairness_table(
    y: ArrayLike,
    p: ArrayLike,
    groups: ArrayLike,
    cut: float,
    reference: str | None = None,
    confidence: float = 0.95,
) -> tuple[Fairness, ...]:
    """Grant rates of groups against a reference group.

    Parameters
    ----------
    y, p, groups, cut : array-like and float
        As `subgroup_table`.
    reference : str, optional
        Reference group; the largest when left out (first by name among equals).
    confidence : float
        Confidence of the intervals, in (0, 1).

    Returns
    -------
    tuple of Fairness
        One for each other group, in rising order of their names.

    Raises
    ------
    ModelError
        As `subgroup_table`; or when the reference has no loan.
    """
    outcome, forecast, names = _checked(y, p, groups)
    granted = forecast < cut
    every, counts = np.unique(names, return_counts=True)
    if reference is None:
        reference = str(every[np.argmax(counts)])
    base = names == reference
    if not base.any():
        raise ModelError(
            Text(f"参照组 {reference} 没有贷款", f"the reference group {reference} has no loan"),
            Text("请换一个参照组", "name another reference group"),
        )
    return tuple(
        _against(str(name), reference, granted, outcome, names == name, base, confidence)
        for name in every
        if name != reference
    )


def _against(
    name: str, reference: str, granted: NDArray[np.bool_], y: Floats, own: NDArray[np.bool_],
    base: NDArray[np.bool_], confidence: float,
) -> Fairness:  # fmt: skip
    """One group against the reference."""
    ours, theirs = granted[own], granted[base]
    ratio, ends = grant_ratio(ours.sum(), ours.size, theirs.sum(), theirs.size, confidence)
    verdict: Verdict = "uncertain"
    if ends.high < 0.8:
        verdict = "below"
    elif ends.low >= 0.8:
        verdict = "above"
    good_ours, good_theirs = granted[own & (y == 0.0)], granted[base & (y == 0.0)]
    cells = int(good_ours.sum()), good_ours.size, int(good_theirs.sum()), good_theirs.size
    known = min(good_ours.size, good_theirs.size) > 0
    return Fairness(
        name, reference, ratio, ends, verdict, ratio < 0.8,
        share_change(int(ours.sum()), ours.size, int(theirs.sum()), theirs.size),
        cells[0] / cells[1] - cells[2] / cells[3] if known else math.nan,
        share_difference(*cells, confidence=confidence),
        share_change(*cells) if known else math.nan,
    )  # fmt: skip


def grant_ratio(
    count: int, n: int, reference_count: int, reference_n: int, confidence: float = 0.95
) -> tuple[float, Interval]:
    """Ratio of two grant rates with Katz's log interval.

    Parameters
    ----------
    count, n, reference_count, reference_n : int
        Granted and all of the group, then of the reference; n >= 1.
    confidence : float
        Confidence, in (0, 1).

    Returns
    -------
    tuple of float and Interval
        Ratio [1] (NaN when nobody of the reference is granted) and interval, made
        with half a loan added to each count where a count is 0.

    Examples
    --------
    >>> round(grant_ratio(40, 100, 60, 100)[0], 4)
    0.6667
    """
    ratio = (count / n) / (reference_count / reference_n) if reference_count else math.nan
    more = 0.5 if min(count, reference_count) == 0 else 0.0
    a, m, b, k = count + more, n + more, reference_count + more, reference_n + more
    error = math.sqrt(max(1.0 / a - 1.0 / m + 1.0 / b - 1.0 / k, 0.0))
    middle, half = math.log(a / m) - math.log(b / k), normal_quantile(confidence) * error
    ends = Interval(math.exp(middle - half), math.exp(middle + half), confidence, "Katz, log")
    return ratio, ends


def share_difference(
    count: int, n: int, reference_count: int, reference_n: int, confidence: float = 0.95
) -> Interval:
    """Newcombe's hybrid score interval of a difference of two shares.

    Parameters
    ----------
    count, n, reference_count, reference_n : int
        Successes and trials of the group, then of the reference.
    confidence : float
        Confidence, in (0, 1).

    Returns
    -------
    Interval
        Of the first share less the second, in [-1, 1]; NaN without trials.

    Examples
    --------
    >>> found = share_difference(56, 70, 48, 80)
    >>> round(found.low, 4), round(found.high, 4)
    (0.0524, 0.3339)
    """
    if min(n, reference_n) == 0:
        return Interval(math.nan, math.nan, confidence, "Newcombe")
    z = normal_quantile(confidence)
    shares, lows, highs = [], [], []
    for successes, trials in ((count, n), (reference_count, reference_n)):
        share = successes / trials
        middle = (share + z * z / (2.0 * trials)) / (1.0 + z * z / trials)
        spread = share * (1.0 - share) / trials + z * z / (4.0 * trials * trials)
        half = z * math.sqrt(spread) / (1.0 + z * z / trials)
        shares.append(share)
        lows.append(middle - half)
        highs.append(middle + half)
    difference = shares[0] - shares[1]
    down = math.hypot(shares[0] - lows[0], highs[1] - shares[1])
    up = math.hypot(highs[0] - shares[0], shares[1] - lows[1])
    return Interval(difference - down, difference + up, confidence, "Newcombe")
