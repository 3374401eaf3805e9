"""From observations to one price for one place: fall-back with credibility.

The look-up walks down nation → province → city → county → township → village.
At each level the region may differ from its parent by a spread; observations
that share this level with the place but none finer (so that each counts once)
pull the estimate from the parent's towards their own mean
with the weight Z = P / (P + v) (P the variance of what is not known yet, v the
variance of the mean of the observations, with the drift of the level since, which
they share): the Bühlmann credibility formula with k = v n / P.  Where a level has no
observation the estimate stays and its error grows by the spread.  All of it happens on
logarithms.

Source: Bühlmann & Gisler, A Course in Credibility Theory (2005), ch. 4 and 6.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

LEVELS = ("none", "nation", "province", "city", "county", "township", "village", "parcel")
"""Levels of evidence, coarse to fine; ``none`` when the snapshot has no answer."""

PREFIX_LENGTHS = (0, 0, 2, 4, 6, 9, 12)
"""Digits of a region code that name a region of each level but the parcel's."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of one thing in one place on one day.

    Parameters
    ----------
    value : float
        Price, in the quantity's unit; NaN when there is no observation at all.
    log_error : float
        Standard error of the logarithm, for a parcel in that place.
    level : int
        Index in `LEVELS` of the finest level with observations.
    observations : int
        Observations behind that level.
    age_years : float
        Their mean age [year], weighted as they count.
    credibility : float
        Weight Z of that level against the levels above, in [0, 1].
    sources : tuple of str
        Where the observations of that level come from.
    """

    value: float
    log_error: float
    level: int
    observations: int
    age_years: float
    credibility: float
    sources: tuple[str, ...] = ()


NO_QUOTE = Quote(math.nan, math.nan, 0, 0, math.nan, math.nan)
"""The answer where a snapshot knows nothing."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How a quantity varies: standard deviations of its logarithm.

    Parameters
    ----------
    within : float
        One observation around the mean of its own place.
    drift : float
        Change of the level per square root of a year of age.
    between : tuple of float
        One region around its parent, by level index; 0 where a level has none.
    category : float
        One category around the wider category it belongs to.
    confidence : mapping of str to float
        Extra deviation by the confidence letter of the source.
    """

    within: float
    drift: float
    between: tuple[float, ...]
    category: float
    confidence: dict[str, float]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One observation as the look-up needs it.

    Parameters
    ----------
    log_value : float
        Logarithm of the price.
    level : int
        Level of the region it was made for.
    region : str
        Digits of that region, empty for the nation.
    count : int
        Deals or households behind it.
    age_years : float
        Age on the day asked for [year], >= 0.
    noise : float
        Variance from confidence of source and width of category.
    source : str
        Where it was published.
    """

    log_value: float
    level: int
    region: str
    count: int
    age_years: float
    noise: float
    source: str


def estimate(region: str, evidence: Sequence[Evidence], spread: Spread) -> Quote:
    """Walk down the levels and combine what is known.

    Parameters
    ----------
    region : str
        Region code of 2, 4, 6, 9 or 12 digits; empty for the nation.
    evidence : sequence of Evidence
        Observations of the quantity and category, no younger than the day.
    spread : Spread
        How the quantity varies.

    Returns
    -------
    Quote
        The price for a parcel in the region.
    """
    if not evidence:
        return NO_QUOTE
    mean = math.nan
    variance = math.inf
    finest = NO_QUOTE
    for level in range(1, len(PREFIX_LENGTHS)):
        if level > 1:
            variance += spread.between[level] ** 2
        length = PREFIX_LENGTHS[level]
        if len(region) < length:
            continue
        finer = next((n for n in PREFIX_LENGTHS[level + 1 :] if len(region) >= n), 0)
        inside = [
            e for e in evidence
            if e.level >= level and e.region.startswith(region[:length])
            and not (finer and e.region.startswith(region[:finer]))
        ]  # fmt: skip
        if not inside:
            continue
        noises = [_noise(e, level, spread) for e in inside]
        precisions = [
            1.0 / (v + spread.drift**2 * e.age_years) for v, e in zip(noises, inside, strict=True)
        ]
        total = math.fsum(precisions)
        shares = [p / total for p in precisions]
        own = math.fsum(w * e.log_value for w, e in zip(shares, inside, strict=True))
        age = math.fsum(w * e.age_years for w, e in zip(shares, inside, strict=True))
        found = math.fsum(w * w * v for w, v in zip(shares, noises, strict=True))
        found += drift_variance([e.age_years for e in inside], shares, spread.drift)
        weight = 1.0 if math.isinf(variance) else variance / (variance + found)
        mean = own if weight == 1.0 else mean + weight * (own - mean)
        variance = found if math.isinf(variance) else (1.0 - weight) * variance
        sources = tuple(dict.fromkeys(e.source for e in inside))
        finest = Quote(0.0, 0.0, level, sum(e.count for e in inside), age, weight, sources)
    variance += spread.between[len(PREFIX_LENGTHS)] ** 2
    return Quote(
        math.exp(mean), math.sqrt(variance), finest.level, finest.observations,
        finest.age_years, finest.credibility, finest.sources,
    )  # fmt: skip


def _noise(evidence: Evidence, level: int, spread: Spread) -> float:
    """Variance of one observation as evidence on the mean of a level on its own day."""
    finer = math.fsum(spread.between[k] ** 2 for k in range(level + 1, evidence.level + 1))
    sampled = spread.within**2 / evidence.count
    return sampled + finer + evidence.noise


def drift_variance(ages: Sequence[float], shares: Sequence[float], drift: float) -> float:
    """Variance that a drifting level adds to a weighted mean of its past.

    d^2 sum_i sum_j w_i w_j min(a_i, a_j): what moved since the later of two observations
    moved since both, so that old evidence stays old however much there is of it.

    Parameters
    ----------
    ages : sequence of float
        Ages of the observations [year], >= 0.
    shares : sequence of float
        Their weights [1], which sum to 1.
    drift : float
        Standard deviation of the level's change over a year [1].

    Returns
    -------
    float
        Variance [1].

    Examples
    --------
    >>> round(drift_variance([4.0, 4.0], [0.5, 0.5], 0.1), 12)
    0.04
    """
    left, since, total = math.fsum(shares), 0.0, 0.0
    for age, share in sorted(zip(ages, shares, strict=True)):
        total += (age - since) * left * left
        left, since = left - share, age
    return drift * drift * total


def with_parcel_evidence(quote: Quote, value: float, log_error: float) -> Quote:
    """Combine a quote with what is known of the parcel itself.

    Parameters
    ----------
    quote : Quote
        The price for a parcel in that place.
    value : float
        Price found for this parcel, > 0.
    log_error : float
        Standard error of its logarithm, > 0.

    Returns
    -------
    Quote
        The combined price at level ``parcel``.
    """
    prior = quote.log_error**2 if quote.level else math.inf
    weight = 1.0 if math.isinf(prior) else prior / (prior + log_error**2)
    base = math.log(quote.value) if quote.level else 0.0
    mean = base + weight * (math.log(value) - base)
    return Quote(math.exp(mean), math.sqrt(weight) * log_error, len(LEVELS) - 1, 1, 0.0, weight)


class Source(Protocol):
    """What `gather` needs of a snapshot."""

    def places(
        self, quantity: str, regions: tuple[str, ...]
    ) -> tuple[list[str], NDArray[np.int64]]:
        """Return the places that make a difference and the place of each region."""

    def quote(self, quantity: str, region: str, category: str) -> Quote:
        """Return one quote."""


@dataclass(frozen=True, slots=True)
class Quotes:
    """Quotes for the rows of a batch, kept as a small table and an index into it.

    Parameters
    ----------
    table : tuple of Quote
        Distinct quotes; the first is `NO_QUOTE`.
    index : (n,) int64
        Which quote each row takes.
    """

    table: tuple[Quote, ...]
    index: NDArray[np.int64]

    def fields(self, field: str) -> NDArray[np.float64]:
        """Return one field of the distinct quotes.

        Parameters
        ----------
        field : str
            Name of a numeric field of `Quote`.

        Returns
        -------
        (q,) float64
            The field.
        """
        return np.array([getattr(quote, field) for quote in self.table], dtype=np.float64)

    def column(self, field: str) -> NDArray[np.float64]:
        """Return one field of the quotes, row by row.

        Parameters
        ----------
        field : str
            Name of a numeric field of `Quote`.

        Returns
        -------
        (n,) float64
            The field.
        """
        column: NDArray[np.float64] = self.fields(field)[self.index]
        return column


def side_by_side(*quotes: Quotes) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the distinct sets of values that several quotes give the rows of a batch.

    Parameters
    ----------
    *quotes : Quotes
        Quotes of one batch.

    Returns
    -------
    (k, q) float64
        Values of the k quotes in every set.
    (n,) int64
        Which set each row takes.
    """
    sets = quotes[0].index
    for each in quotes[1:]:
        sets = sets * len(each.table) + each.index
    present = np.flatnonzero(np.bincount(sets, minlength=1))
    number = np.zeros(int(present.max(initial=0)) + 1, dtype=np.int64)
    number[present] = np.arange(present.size)
    values, rest = [], present
    for each in reversed(quotes):
        rest, index = np.divmod(rest, len(each.table))
        values.append(each.fields("value")[index])
    return np.stack(values[::-1]), number[sets]


def gather_parts(parts: Sequence[tuple[Quotes, NDArray[np.int64]]], size: int) -> Quotes:
    """Put the quotes of parts of a batch together.

    Parameters
    ----------
    parts : sequence of (Quotes, (k,) int64)
        Quotes of each part and its rows in the batch.
    size : int
        Rows of the batch.

    Returns
    -------
    Quotes
        One quote a row; `NO_QUOTE` for rows in no part.
    """
    table: list[Quote] = [NO_QUOTE]
    index = np.zeros(size, dtype=np.int64)
    for quotes, rows in parts:
        index[rows] = quotes.index + len(table)
        table.extend(quotes.table)
    return Quotes(tuple(table), index)


def gather(
    source: Source,
    quantity: str,
    regions: Sequence[str],
    region_index: NDArray[np.int64],
    categories: Sequence[str],
    category_index: NDArray[np.int64],
) -> Quotes:
    """Look up one quantity for every row, once per distinct place and category.

    Parameters
    ----------
    source : Source
        The snapshot on its day.
    quantity : str
        Name of the quantity.
    regions : sequence of str
        Distinct region codes.
    region_index : (n,) int64
        Region of each row.
    categories : sequence of str
        Distinct categories.
    category_index : (n,) int64
        Category of each row; -1 where missing gives no quote.

    Returns
    -------
    Quotes
        One quote a row.
    """
    places, number = source.places(quantity, tuple(regions))
    place_index = number[region_index]
    width = len(categories) + 1
    pairs = place_index * width + category_index + 1
    slot = np.zeros(len(places) * width, dtype=np.int64)
    slot[pairs] = 1
    table = [NO_QUOTE]
    for pair in np.flatnonzero(slot):
        category = int(pair) % width - 1
        slot[pair] = 0
        if category >= 0:
            slot[pair] = len(table)
            table.append(source.quote(quantity, places[int(pair) // width], categories[category]))
    return Quotes(tuple(table), slot[pairs])
