"""How likely the borrower is to default: PD, what it is made of, what would lower it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import isfinite, isnan, nan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.casefile.decide import Decision
from riskengine.casefile.repayment import number_of
from riskengine.errors import PortfolioError
from riskengine.learned.default import DefaultModel
from riskengine.learned.features import Feature
from riskengine.learned.reasons import Reason, reasons_many, shown
from riskengine.scoring.application import FEATURES, ApplicationError
from riskengine.words import Text

Coded = tuple[float, ...]
MOST_REASONS = 4
"""Most reasons of the model that are told."""
MOST_RATIO = 1e12
"""Highest sum over income that is told [1]; a model takes its own highest for it."""
NOT_OWN = ("foreign", "synthetic")
"""Origins of a model that knows nothing of the institution's borrowers."""


@dataclass(frozen=True, slots=True)
class ModelNote:
    """Which model spoke.

    Parameters
    ----------
    name, version, digest, origin : str
        As its release says; the digest is that of its manifest.
    not_for : Text or None
        What its card says that it must not be used for.
    """

    name: str
    version: str
    digest: str
    origin: str
    not_for: Text | None

    @property
    def may_decide(self) -> bool:
        """Whether a decision on credit may rest on it.

        A model of foreign or synthetic rows whose card forbids a use may not.
        """
        return self.origin not in NOT_OWN or self.not_for is None


class Part(NamedTuple):
    """What one feature adds to the log odds of default.

    Parameters
    ----------
    feature : str
        Its name.
    title, value : Text
        What it is, and what it was found to be.
    contribution : float
        Log odds [1].
    """

    feature: str
    title: Text
    value: Text
    contribution: float


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The PD of one borrower.

    Parameters
    ----------
    pd : float
        PD over 12 months [1], in (0, 1).
    base : float
        Log odds of default before any feature speaks [1].
    parts : tuple of Part
        Contributions; with the base they sum to the log odds of the PD.  None of a
        challenger, of which only the PD counts.
    reasons : tuple of Reason
        What raised it most, and what would lower it.
    inside : bool
        Whether the case lies within what the model has seen.
    model : ModelNote
        Which model.
    encoded : tuple of float
        What the model looked at, coded as it takes it; NaN where not known.
    """

    pd: float
    base: float
    parts: tuple[Part, ...]
    reasons: tuple[Reason, ...]
    inside: bool
    model: ModelNote
    encoded: Coded = field(compare=False, repr=False)

    @property
    def refer(self) -> bool:
        """Whether a person should look, the case lying outside what the model has seen."""
        return not self.inside


def note_of(model: DefaultModel) -> ModelNote:
    """Return which model speaks.

    Parameters
    ----------
    model : DefaultModel
        The model.

    Returns
    -------
    ModelNote
        Its release.
    """
    release = model.release
    said: Mapping[str, str] = release.manifest.get("not_for") or {}
    words = Text(said.get("zh", ""), said.get("en", ""))
    return ModelNote(
        release.name, release.version, release.digest, release.origin,
        words if words.zh or words.en else None,
    )  # fmt: skip


def known_of(borrower: Mapping[str, Any], decision: Decision) -> Mapping[str, Any]:
    """Return everything that a model could look at, for one application.

    Parameters
    ----------
    borrower : mapping of str to object
        Typed cells, and given features under ``features``.
    decision : Decision
        The answer to the case, its cells typed.

    Returns
    -------
    mapping of str to object
        By name.  What follows from the case is taken from it, whatever is given besides.
    """
    given: Mapping[str, Any] = borrower.get(FEATURES) or {}
    stated = {name: cell for name, cell in given.items() if cell is not None}
    return {**decision.case.loan, **borrower, **stated, **_derived(borrower, decision)}


def coded_many(
    model: DefaultModel, known: Sequence[Mapping[str, Any]]
) -> list[Coded | PortfolioError]:
    """Return what a model looks at, for some applications.

    Parameters
    ----------
    model : DefaultModel
        The model.
    known : sequence of mapping
        Of each application as `known_of` returns it.

    Returns
    -------
    list of (tuple of float) or PortfolioError
        Of each application one number a feature, as `riskengine.learned.features.encode` codes
        it, NaN where not known; the error where a given feature is no number.
    """
    features = model.features
    found: list[Coded | PortfolioError] = []
    for one in known:
        try:
            found.append(tuple([_coded(feature, one.get(feature.name)) for feature in features]))
        except PortfolioError as fault:
            found.append(fault)
    return found


def _coded(feature: Feature, cell: Any) -> float:
    """One feature as the model takes it."""
    if feature.kind == "category":
        if isinstance(cell, bool):
            cell = "yes" if cell else "no"
        return nan if cell is None else feature.places.get(str(cell), nan)
    if type(cell) is float and isfinite(cell):
        return min(max(cell, feature.low), feature.high)
    number = nan if cell is None or cell == "" else number_of(cell)
    if isinstance(cell, str | bool) or (cell is not None and not isfinite(number)):
        raise ApplicationError(
            f"borrower.{FEATURES}.{feature.name}",
            Text("应为有限的数", "must be a finite number"),
            Text("只填数字，单位见模型说明", "give a number in the unit of the model's card"),
        )
    return number if isnan(number) else min(max(number, feature.low), feature.high)


def _derived(borrower: Mapping[str, Any], decision: Decision) -> dict[str, Any]:
    """Features that follow from the case itself."""
    case = decision.case
    income = number_of(case.loan.get("net_income_yuan_per_year"))
    found: dict[str, Any] = {}
    if isfinite(income):
        for name, yuan in (
            ("amount_per_income", number_of(case.loan.get("balance_yuan"))),
            ("debt_per_income", number_of(borrower.get("debt_yuan"))),
        ):
            if isfinite(yuan):
                found[name] = _per_income(yuan, income)
    if (times := borrower.get("overdue_times_24_months")) is not None:
        found["overdue_in_24_months"] = times
    leading = max(
        decision.rights,
        key=lambda right: 0.0 if isnan(right.value_yuan) else right.value_yuan,
    )
    years = leading.remaining_years
    if not isnan(years):
        found["right_term_left_years"] = min(years, 1e6)
    areas = [number_of(right.right.get("area_mu")) for right in case.rights]
    if known := [area for area in areas if isfinite(area)]:
        found["area_mu"] = sum(known)
    if any(right.policies for right in decision.rights):
        found["insured"] = _insured(decision)
    return found


def _per_income(yuan: float, income: float) -> float:
    """A sum over yearly income [1]; without income the highest ratio there is, so no better.

    A year of loss is known, not unknown: it counts as the least income does.
    """
    if yuan <= 0.0:
        return 0.0
    return min(yuan / income, MOST_RATIO) if income > 0.0 else MOST_RATIO


def _insured(decision: Decision) -> str:
    """Whether one of the policies on rights is in force on the day of valuation.

    Without any policy in the papers nothing is known of insurance but what a client states.
    """
    day: date = decision.valued_on
    live = any(policy.ends_on >= day for right in decision.rights for policy in right.policies)
    return "yes" if live else "no"


def likelihoods(
    model: DefaultModel, coded: Sequence[Coded], most: int = MOST_REASONS
) -> list[Likelihood]:
    """Return the PDs of applications: one call of the model.

    Parameters
    ----------
    model : DefaultModel
        The model.
    coded : sequence of tuple of float
        Of each application as `coded_many` returns it.
    most : int
        Most reasons told of each; 0 for a challenger, which needs none.

    Returns
    -------
    list of Likelihood
        One an application.
    """
    if not coded:
        return []
    x = np.ascontiguousarray(np.array(coded).T)
    pd, outside = model.pd(x), model.outside(x)
    base, contributions = model.contributions(x)
    told: Sequence[tuple[Reason, ...]] = [()] * len(coded)
    parts: Sequence[tuple[Part, ...]] = [()] * len(coded)
    if most:
        told = reasons_many(model, x, contributions, pd, most)
        parts = _parts(model, coded, contributions)
    note = note_of(model)
    found = zip(pd.tolist(), base.tolist(), parts, told, outside.tolist(), coded, strict=True)
    return [
        Likelihood(chance, start, added, why, not beyond, note, looked)
        for chance, start, added, why, beyond, looked in found
    ]


def _parts(
    model: DefaultModel, coded: Sequence[Coded], parts: NDArray[np.float64]
) -> list[tuple[Part, ...]]:
    """Contributions in words, of every case."""
    features = [(feature, feature.name, feature.words) for feature in model.features]
    return [
        tuple([
            Part(name, words, shown(feature, value), part)
            for (feature, name, words), value, part in zip(features, looked, added, strict=True)
        ])
        for looked, added in zip(coded, parts.T.tolist(), strict=True)
    ]  # fmt: skip
