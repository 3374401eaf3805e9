"""A book under a scenario: what the shocks do to each contract, what the factors do to all.

Shocks move what is known of a contract.  With receipts R, threshold c and the satellite of
`riskengine.portfolio.stress_file`:

    c + [ln(1 + r d) - ln(1 - w f) - ln(1 - q)] / deviation + shifts

f = 1 - (1 - price fall)(1 - yield fall), q falls of all receipts, w and d the share of the
commodity and the debt over receipts, r the rise of the rate.  Proceeds fall by shares, by the
part of land rights that ends with its contract, and by later sales at the higher rate; their
spread stays.  Then factors are held at the scenario's values and all others follow by their
conditional law (`riskengine.portfolio.factor_state`).  Last come defaults from a cause of
their own.  The result is an ordinary book again: every road to the loss runs on it.

Source: credit notes 6; Merton, J. Finance 29 (1974) 449 for the threshold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

from riskengine.portfolio.exposures import BookError, Column, Exposures, FactorModel
from riskengine.portfolio.factor_losses import expected_losses, state_losses
from riskengine.portfolio.factor_state import ConditionalFactors, conditional, given
from riskengine.portfolio.stress_file import (
    OTHER,
    PER_BORROWER,
    ZONES,
    Satellite,
    Scenario,
    Shock,
    TermCut,
)
from riskengine.words import Text

Words = NDArray[np.str_]
Mask = NDArray[np.bool_]

ROUNDING = 1e-9
"""How far a mean of shares may pass 1."""


class Described(Protocol):
    """What a scenario must know of contracts, such as `riskengine.book.contracts` holds."""

    @property
    def county(self) -> Words:
        """Code of the county, (n,)."""

    @property
    def commodity(self) -> Words:
        """What the borrower lives on, (n,); "" where not known."""

    @property
    def right_kind(self) -> Words:
        """Leading kind of right pledged, (n,); "" for none."""

    @property
    def without_extension(self) -> Column:
        """Share of proceeds left without a second-round extension [1], (n,)."""

    @property
    def months_left(self) -> Column:
        """Months to maturity [month], (n,)."""


@dataclass(frozen=True, slots=True)
class StressColumns:
    """The columns of `Described`, for a book that comes from elsewhere.

    Parameters
    ----------
    county, commodity, right_kind : (n,) str
        Six digits, or more; words; "" where not known.
    without_extension : (n,) float64
        Share of proceeds left without an extension [1], in [0, 1].
    months_left : (n,) float64
        Months to maturity [month].
    """

    county: Words
    commodity: Words
    right_kind: Words
    without_extension: Column
    months_left: Column


@dataclass(frozen=True, slots=True)
class Stressed:
    """A book under a scenario.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    zone : str
        Beginning of the region codes that it strikes; "" for everywhere.
    exposures : Exposures
        The book as it then stands.
    model : FactorModel
        Its factors: deviations from the conditional means.
    factors : ConditionalFactors
        Law of the original factors under the scenario.
    struck : (n,) bool
        Contracts that a shock strikes.
    unmatched : tuple of str
        Factors and shocks that meet nothing in this book.
    terms : tuple of TermCut
        Cuts of terms, for `riskengine.portfolio.stress_file.cut_rows`.
    """

    scenario: Scenario
    zone: str
    exposures: Exposures
    model: FactorModel
    factors: ConditionalFactors
    struck: Mask
    unmatched: tuple[str, ...]
    terms: tuple[TermCut, ...]


@dataclass(frozen=True, slots=True)
class StressLosses:
    """Expected loss of each contract under a scenario.

    Parameters
    ----------
    expected_yuan : (n,) float64
        Expected losses over all that stays uncertain [yuan].
    at_mean_yuan : (n,) float64
        Expected losses with every factor at its conditional mean [yuan]: often quoted, and
        too low, as the loss is convex where it is small.
    """

    expected_yuan: Column
    at_mean_yuan: Column


def stressed(
    exposures: Exposures, model: FactorModel, scenario: Scenario, columns: Described,
    satellite: Satellite, *, zone: str | None = None,
) -> Stressed:  # fmt: skip
    """Return a book as it stands under a scenario.

    Parameters
    ----------
    exposures : Exposures
        The book.
    model : FactorModel
        Its factors.
    scenario : Scenario
        What happens.
    columns : Described
        What its filters look at, one row an exposure.
    satellite : Satellite
        How shocks reach borrowers.
    zone : str or None
        Beginning of the region codes that are struck; None takes, where the scenario has a
        zone, the one of its size with the most debt, the lowest code of equals.

    Returns
    -------
    Stressed
        The book and the law of its factors.

    Raises
    ------
    BookError
        If columns do not fit the exposures, two patterns give one factor two values, or the
        values cannot occur together.
    """
    _check_columns(exposures, columns)
    county = columns.county.astype(str)
    struck_zone = _zone(scenario, exposures.debt_yuan, county) if zone is None else zone
    masks = [_struck(shock, columns, county, struck_zone) for shock in scenario.shocks]
    pairs = list(zip(scenario.shocks, masks, strict=True))
    shocked = _proceeds(_defaults(exposures, pairs, columns, satellite), pairs, columns)
    named, missed = _named(model, scenario, struck_zone)
    known = conditional(model, named)
    held, law = given(shocked, model, known) if named else (shocked, model)
    spared = _kept("hit", pairs, held.size)
    hit = held.default_chance + (1.0 - spared) * (1.0 - held.default_chance)
    found = replace(held, default_chance=np.minimum(hit, 1.0))
    missed += [f"{shock.kind} {at}" for at, (shock, mask) in enumerate(pairs, 1) if not mask.any()]
    struck = np.any(masks, axis=0) if masks else np.zeros(exposures.size, dtype=bool)
    return Stressed(
        scenario, struck_zone, found, law, known, struck, tuple(missed), scenario.terms
    )  # fmt: skip


def stress_losses(found: Stressed, threads: int = 1) -> StressLosses:
    """Expected losses under a scenario, in closed form or by one integral.

    Parameters
    ----------
    found : Stressed
        The book under the scenario; without one see
        `riskengine.portfolio.factor_losses.expected_losses`.
    threads : int
        Threads, >= 1.

    Returns
    -------
    StressLosses
        One row an exposure.
    """
    middle = state_losses(found.exposures, found.model, np.zeros(len(found.model.factors)))
    return StressLosses(expected_losses(found.exposures, found.model, threads), middle)


def _check_columns(exposures: Exposures, columns: Described) -> None:
    size = (exposures.size,)
    for name in ("county", "commodity", "right_kind", "without_extension", "months_left"):
        if getattr(columns, name).shape != size:
            raise BookError(
                Text(f"{name}：应每笔一行", f"{name} must have one row an exposure"),
                Text("请检查这一项", "check this argument"),
            )
    left = columns.without_extension
    if not np.all((left >= 0.0) & (left <= 1.0 + ROUNDING)):
        raise BookError(
            Text("without_extension：应在0到1之间", "without_extension must be in [0, 1]"),
            Text("没有承包期限的权利填1", "1 for rights that no contract ends"),
        )


def _zone(scenario: Scenario, debt: Column, county: Words) -> str:
    """The zone of a scenario's size with the most debt."""
    digits = ZONES[scenario.zone]
    if not digits or not county.size:
        return ""
    codes, place = np.unique(county.astype(f"U{digits}"), return_inverse=True)
    return str(codes[np.argmax(np.bincount(place.reshape(-1), debt, codes.size))])


def _struck(shock: Shock, columns: Described, county: Words, zone: str) -> Mask:
    """Contracts that a shock strikes."""
    found = np.char.startswith(county, zone) if county.size else np.zeros(0, dtype=bool)
    for words, wanted in (
        (columns.commodity, shock.commodities), (columns.right_kind, shock.rights),
    ):  # fmt: skip
        if wanted:
            found = found & np.isin(words, wanted)
    if shock.counties:
        found = found & np.any([np.char.startswith(county, c) for c in shock.counties], axis=0)
    if shock.due_within_months is not None:
        found = found & (columns.months_left <= shock.due_within_months)
    return np.asarray(found, dtype=bool)


def _kept(kind: str, pairs: list[tuple[Shock, Mask]], size: int) -> Column:
    """What shocks of one kind leave of each contract's one, one after the other [1]."""
    left = np.ones(size)
    for shock, mask in pairs:
        if shock.kind == kind:
            left[mask] *= 1.0 - shock.amount
    return left


def _added(kind: str, pairs: list[tuple[Shock, Mask]], size: int) -> Column:
    """Sum of the shocks of one kind."""
    total = np.zeros(size)
    for shock, mask in pairs:
        if shock.kind == kind:
            total[mask] += shock.amount
    return total


def _defaults(
    exposures: Exposures, pairs: list[tuple[Shock, Mask]], columns: Described,
    satellite: Satellite,
) -> Exposures:  # fmt: skip
    """PDs after shocks to receipts and rates."""
    size = exposures.size
    share, deviation, debt = _borrowers(columns.commodity, satellite)
    lost = 1.0 - _kept("price", pairs, size) * _kept("yield", pairs, size)
    receipts = np.log1p(-share * lost) + np.log(_kept("income", pairs, size))
    need = np.log1p(debt * _added("rate", pairs, size))
    shift = (need - receipts) / deviation + _added("latent", pairs, size)
    moved = special.ndtr(special.ndtri(exposures.default_chance) + shift)
    chance = np.where(shift == 0.0, exposures.default_chance, moved)
    return replace(exposures, default_chance=chance)


def _borrowers(commodity: Words, satellite: Satellite) -> tuple[Column, Column, Column]:
    """Share of income, deviation, and debt to income of each contract's borrower."""
    words, place = np.unique(commodity.astype(str), return_inverse=True)
    held = satellite.borrowers
    rows = [held.get(str(word), held[OTHER]) for word in words]
    table = np.array([[row[key] for row in rows] for key in PER_BORROWER], dtype=np.float64)
    found = table.reshape(len(PER_BORROWER), -1)[:, place.reshape(-1)]
    return found[0], found[1], found[2]


def _proceeds(
    exposures: Exposures, pairs: list[tuple[Shock, Mask]], columns: Described
) -> Exposures:
    """Debts, proceeds and times to sell after shocks."""
    size = exposures.size
    refused = 1.0 - _kept("extension", pairs, size)
    forward = exposures.forward * _kept("collateral", pairs, size)
    left = np.minimum(columns.without_extension, 1.0)
    forward = forward * (1.0 - refused * (1.0 - left))
    rate = np.expm1(exposures.holding) + _added("rate", pairs, size)
    holding = np.where(exposures.forward > 0.0, np.log1p(np.maximum(rate, 0.0)), exposures.holding)
    later = _added("delay", pairs, size) / 12.0
    waited = (holding - exposures.holding) * exposures.sale_years + holding * later
    grown = 1.0 + _added("exposure", pairs, size)
    return replace(
        exposures, debt_yuan=exposures.debt_yuan * grown, holding=holding,
        forward=forward * np.exp(-waited) / grown,
        sale_years=np.where(exposures.forward > 0.0, exposures.sale_years + later,
                            exposures.sale_years),
    )  # fmt: skip


def _named(
    model: FactorModel, scenario: Scenario, zone: str
) -> tuple[Mapping[str, float], list[str]]:
    """Values of the model's factors, and patterns that meet none; exact names come first."""
    named: dict[str, float] = {}
    exact: set[str] = set()
    missed = []
    patterns = [
        (pattern.replace("{zone}", zone).replace("{province}", zone[:2]), value)
        for pattern, value in (scenario.factors or {}).items()
    ]
    for pattern, value in sorted(patterns, key=lambda one: one[0] not in model.factors):
        met = [name for name in model.factors if name == pattern or fnmatchcase(name, pattern)]
        if not met:
            missed.append(pattern)
        for name in met:
            if name not in exact and named.get(name, value) != value:
                raise BookError(
                    Text(f"情景{scenario.name}给因子{name}两个值",
                         f"scenario {scenario.name} gives factor {name} two values"),
                    Text("请写明该因子的值", "name this factor with its own value"),
                )  # fmt: skip
            named.setdefault(name, value)
            if name == pattern:
                exact.add(name)
    return named, missed
