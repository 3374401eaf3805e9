"""What is expected to be lost: exposure, LGD of the security, EL over 12 months and life.

The machinery is the book's: proceeds of `riskengine.pledging.proceeds`, loadings of
`riskengine.book.factors`, defaults spread as `riskengine.book.exposures` says.  LGD takes the
joint law of value and default: what a sale brings is low when borrowers default together.

Source: LGD-WWR, EL-12 and EL-LIFE of the credit notes; CAS 22 (IFRS 9) 5.5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from riskengine.book.exposures import spread_forces
from riskengine.book.factors import OTHER, Loadings, load_loadings
from riskengine.book.load import HALF_YEAR
from riskengine.book.security import Security, security_by_loan
from riskengine.casefile.decide import Decision
from riskengine.casefile.repayment import number_of
from riskengine.casefile.together import Answered
from riskengine.credit.exposure_path import exposure_path
from riskengine.credit.wrong_way import wrong_way_shortfall
from riskengine.dates import day_number, years_from
from riskengine.pledging.assess import Assessed
from riskengine.pledging.proceeds import expected_proceeds
from riskengine.rights import RIGHTS

Column = NDArray[np.float64]
PLANS: Mapping[str | None, str] = {
    None: "bullet", "bullet": "interest_at_end", "interest_only": "bullet",
    "equal_principal": "equal_principal", "annuity": "annuity",
}  # fmt: skip
"""Ways of repayment as plans of `riskengine.credit.exposure_path`."""
ONE_SUM = (None, "bullet", "interest_only")
"""Ways of repayment whose principal comes in one sum."""
MOST_MONTHS = 600.0
"""Longest term that is looked at [month]."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Expected loss of one loan.

    Parameters
    ----------
    chance_12_months, chance_life : float
        PD of this loan within 12 months and until it falls due [1].
    ead_12_months_yuan, ead_life_yuan : float
        Mean exposure at a default within 12 months, and until it falls due [yuan].
    lgd_12_months, lgd_life : float
        Loss given default, given a default within 12 months or until the loan falls due [1].
    lgd_modelled, lgd_independent : float
        LGD until it falls due before its floor, and if default said nothing about sale
        prices [1].
    el_12_months_yuan, el_life_yuan : float
        PD x LGD x EAD [yuan].
    proceeds_yuan, proceeds_spread, sale_years : float
        Mean of what the security brings after a default [yuan], log deviation [1], years
        from default to the money [year].
    months : float
        Months until it falls due [month].
    """

    chance_12_months: float
    chance_life: float
    ead_12_months_yuan: float
    ead_life_yuan: float
    lgd_12_months: float
    lgd_life: float
    lgd_modelled: float
    lgd_independent: float
    el_12_months_yuan: float
    el_life_yuan: float
    proceeds_yuan: float
    proceeds_spread: float
    sale_years: float
    months: float


@dataclass(frozen=True, slots=True)
class Losses:
    """Expected losses of loans, and the months behind them.

    Parameters
    ----------
    each : tuple of Loss
        One a loan.
    exposure_yuan : (t, n) float64
        Exposure in each month [yuan]; 0 after the last.
    hazard : (t, n) float64
        Chance of a default in each month, given none before [1].
    rate_per_year : (n,) float64
        Rate of each loan [1/year]; 0 where none is stated.
    """

    each: tuple[Loss, ...]
    exposure_yuan: Column
    hazard: Column
    rate_per_year: Column


@cache
def shipped_loadings() -> Loadings:
    """Return the loadings that come with the engine.

    Returns
    -------
    Loadings
        As ``riskengine/book/factors.toml`` holds them.
    """
    return load_loadings()


def months_left(decisions: Sequence[Decision]) -> Column:
    """Return the months until the loans of cases fall due.

    Parameters
    ----------
    decisions : sequence of Decision
        The answers to the cases, their cells typed.

    Returns
    -------
    (n,) float64
        Whole months from the day of valuation, the running one included, in [1, 600] [month].
    """
    due = np.array([float(day_number(one.case.loan["matures_on"])) for one in decisions])
    years = np.empty(due.size)
    days = [one.valued_on for one in decisions]
    for day in set(days):
        rows = np.array([one == day for one in days])
        years[rows] = years_from(day, due[rows])
    return np.clip(np.ceil(np.round(12.0 * years, 9)), 1.0, MOST_MONTHS)


def losses(answers: Sequence[Answered], pd: Column, floor: Column) -> Losses:
    """Return the expected losses of cases with a loan.

    Parameters
    ----------
    answers : sequence of Answered
        The answers, each with a loan of a sum above 0.
    pd : (n,) float64
        PD of 12 months [1], in (0, 1).
    floor : (n,) float64
        Lowest LGD that the rules believe [1]; an LGD of the institution's own stands.

    Returns
    -------
    Losses
        One a case; each the same whatever else is in the batch.
    """
    loans = [one.decision.case.loan for one in answers]
    loadings = shipped_loadings()
    debt = np.array([float(loan["balance_yuan"]) for loan in loans])
    months = months_left([one.decision for one in answers])
    rate = np.nan_to_num(np.array([number_of(loan.get("rate_per_year")) for loan in loans]))
    ways = [loan.get("repayment") for loan in loans]
    exposure = exposure_path(
        debt, months, [PLANS[way] for way in ways], rate_per_year=rate
    ).exposures()  # fmt: skip
    flat, mass = spread_forces(
        pd, months, np.array([way in ONE_SUM for way in ways]), loadings.assumed["maturity_share"]
    )
    at = np.arange(exposure.shape[0] + 1)[:, None]
    alive = np.exp(-(flat * np.minimum(at, months) / 12.0 + mass * (at >= months)))
    dies = alive[:-1] - alive[1:]
    security = security_of_cases(answers, loadings)
    forward = security.mean_yuan / debt * np.exp(-np.log1p(rate) * security.sale_years)
    chance = 1.0 - alive[-1], 1.0 - alive[min(12, exposure.shape[0])]
    life, year = (_last(dies * exposure), dies[:12] * exposure[:12])
    ead = life / chance[0], _last(year) / chance[1]
    together = _together(answers, security, loadings)
    own = np.array([number_of(loan.get("loss_share")) for loan in loans])
    year_lgd, independent = _lgd(forward, security.spread, chance[1], together, loadings)
    life_lgd, later = year_lgd.copy(), np.flatnonzero(chance[0] != chance[1])
    life_lgd[later] = _lgd(
        forward[later], security.spread[later], chance[0][later], together[later], loadings
    )[0]
    lgd = [np.where(np.isnan(own), np.maximum(one, floor), own) for one in (year_lgd, life_lgd)]
    rows = np.stack([
        chance[1], chance[0], ead[1], ead[0], lgd[1], lgd[0], life_lgd, independent,
        chance[1] * lgd[1] * ead[1], chance[0] * lgd[0] * ead[0],
        security.mean_yuan, security.spread, security.sale_years, months,
    ])  # fmt: skip
    each = tuple(Loss(*row) for row in rows.T.tolist())
    with np.errstate(invalid="ignore"):
        hazard = np.where(alive[:-1] > 0.0, dies / alive[:-1], 0.0)
    return Losses(each, exposure, hazard, rate)


def _last(rows: Column) -> Column:
    """Sums over months, one month after another: the same whatever comes behind."""
    return np.asarray(np.cumsum(rows, axis=0)[-1])


def security_of_cases(answers: Sequence[Answered], loadings: Loadings) -> Security:
    """Return what secures the loans of cases.

    Parameters
    ----------
    answers : sequence of Answered
        The answers.
    loadings : Loadings
        What is assumed of pledges that stand together.

    Returns
    -------
    Security
        One row a case; a right that binds no third party brings nothing.
    """
    sold: dict[int, list[list[float]]] = {}
    found, loan = [], []
    for k, answer in enumerate(answers):
        for (assessed, row), right in zip(answer.rows, answer.decision.rights, strict=True):
            if id(assessed) not in sold:
                sold[id(assessed)] = _sold(assessed)
            mean, *others = sold[id(assessed)][row]
            binds = right.loss_credit_yuan > 0.0 or right.lending_value_yuan == 0.0
            found.append((mean if binds else 0.0, *others, float(KINDS[right.table])))
            loan.append(k)
    return security_by_loan(
        np.array(found).T, np.array(loan, dtype=np.int64), len(answers),
        loadings.assumed["pledges_together"],
    )  # fmt: skip


def _sold(assessed: Assessed) -> list[list[float]]:
    """Of each pledge mean proceeds, spread, time to the money, value, share left unextended."""
    one = expected_proceeds(assessed, HALF_YEAR)
    value = np.nan_to_num(assessed.of.value_yuan)
    rows = np.stack([one.mean_yuan, one.spread, one.sale_years, value, one.without_extension])
    return rows.T.tolist()  # type: ignore[no-any-return]


KINDS = {table: k for k, table in enumerate(RIGHTS)}


def _together(answers: Sequence[Answered], security: Security, loadings: Loadings) -> Column:
    """Correlation of each borrower's standing with the sale of its security [1]."""
    kinds = [*RIGHTS, ""]
    return np.array([
        _correlation(
            loadings, str(one.decision.case.loan.get("commodity") or OTHER), kinds[int(kind)]
        )
        for one, kind in zip(answers, security.kind.tolist(), strict=True)
    ])  # fmt: skip


def _correlation(loadings: Loadings, commodity: str, kind: str) -> float:
    """Products of loadings on the causes that both share, added up."""
    default = loadings.default.get(commodity, loadings.default[OTHER])
    sale = loadings.sale.get(kind, {})
    return sum(part * sale.get(family, 0.0) for family, part in default.items())


def _lgd(
    forward: Column, spread: Column, chance: Column, together: Column, loadings: Loadings
) -> tuple[Column, Column]:
    """Loss given default, and what it would be if default said nothing of the sale."""
    bare = forward <= 0.0
    found = wrong_way_shortfall(
        np.ones(forward.size), np.where(bare, 1.0, forward), spread, chance, together
    )
    severity: float = loadings.assumed["severity"]
    share, independent = (
        severity * np.where(bare, 1.0, one)
        for one in (found.loss_share, found.independent_loss_share)
    )
    return share, independent
