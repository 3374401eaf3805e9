"""Facts that the rules on applications and guarantees ask for: stated, or following from them."""

from collections.abc import Mapping
from datetime import date
from math import isfinite, isnan
from typing import Any

from riskengine.casefile.decide import Decision
from riskengine.casefile.repayment import day_of, number_of, repayment
from riskengine.scoring.likelihood import Likelihood
from riskengine.scoring.parts import OF_BORROWER, OF_GUARANTEE, PERSONS
from riskengine.scoring.policy import BANDS, Policy

Facts = dict[str, Any]


def application_facts(
    borrower: Mapping[str, Any], decision: Decision, likelihood: Likelihood | None,
    created_on: date, guaranteed: bool,
) -> Facts:  # fmt: skip
    """Return the facts by which the rules judge an application.

    Parameters
    ----------
    borrower : mapping of str to object
        Typed cells.
    decision : Decision
        The answer to the case.
    likelihood : Likelihood or None
        The PD; None without a model.
    created_on : datetime.date
        Day that decides.
    guaranteed : bool
        Whether a guarantor sees the application too.

    Returns
    -------
    dict of str to object
        Facts by name; what is not known is left out, and sends the application to a person.
    """
    facts: Facts = {name: borrower[name] for name in OF_BORROWER if name in borrower}
    facts["borrower_type"] = borrower["borrower_type"]
    facts.setdefault("automated_decision_refused", False)
    if guaranteed:
        facts["shared_with_others"] = True
    paid = repayment(decision.case)
    born = borrower.get("birth_year") if facts["borrower_type"] in PERSONS else None
    if born is not None:
        facts["sure_age_years"] = sure_age(born, created_on)
    if paid is not None:
        if born is not None:
            facts["age_plus_term_years"] = created_on.year - born + paid.years
        if isfinite(paid.income_yuan) and paid.yearly_yuan > 0.0:
            facts["debt_service_cover"] = paid.income_yuan / paid.yearly_yuan
    facts |= _ratios(borrower, decision)
    facts["model_present"] = likelihood is not None
    if likelihood is not None:
        facts |= {
            "default_chance": likelihood.pd, "model_inside_support": likelihood.inside,
            "model_may_decide": likelihood.model.may_decide,
            "model_origin": likelihood.model.origin,
        }  # fmt: skip
    return facts


def sure_age(born: float, day: date) -> float:
    """Return the age that a person has surely reached, the year of birth alone being known.

    Parameters
    ----------
    born : float
        Year of birth.
    day : datetime.date
        The day.

    Returns
    -------
    float
        Whole years, as of one born on the last day of that year [year], >= 0.

    Examples
    --------
    >>> sure_age(2008.0, date(2026, 11, 23)), sure_age(2008.0, date(2026, 12, 31))
    (17.0, 18.0)
    """
    last_day = (day.month, day.day) == (12, 31)
    return max(day.year - born - (0.0 if last_day else 1.0), 0.0)


def _ratios(borrower: Mapping[str, Any], decision: Decision) -> Facts:
    """Debt over assets before and after the loan, and what may be lent over what is asked."""
    facts: Facts = {}
    debt, assets = (number_of(borrower.get(f"{name}_yuan")) for name in ("debt", "assets"))
    asked = decision.asked_yuan
    if isfinite(debt) and assets > 0.0:
        facts["debt_ratio_before"] = debt / assets
        if isfinite(asked):
            facts["debt_ratio_after"] = (debt + asked) / (assets + asked)
    if isfinite(decision.cover):
        facts["collateral_cover"] = decision.cover
    return facts


def client_amount(
    borrower: Mapping[str, Any], guarantee: Mapping[str, Any], decision: Decision
) -> float:
    """Return what the institution would bear for the client with this contract.

    Parameters
    ----------
    borrower, guarantee : mapping of str to object
        Typed cells; an empty guarantee for a loan that nobody guarantees.
    decision : Decision
        The answer to the case.

    Returns
    -------
    float
        Balance so far and the sum asked for, its guaranteed part where there is a
        guarantee [yuan]; NaN without a loan.
    """
    share = float(guarantee.get("guaranteed_share", 1.0))
    before = number_of(borrower.get("existing_exposure_yuan", 0.0))
    return before + share * decision.asked_yuan


def guarantee_facts(
    borrower: Mapping[str, Any], guarantee: Mapping[str, Any], decision: Decision, policy: Policy
) -> Facts:
    """Return the facts by which the rules judge a guarantee.

    Parameters
    ----------
    borrower, guarantee : mapping of str to object
        Typed cells.
    decision : Decision
        The answer to the case.
    policy : Policy
        Numbers of the day.

    Returns
    -------
    dict of str to object
        Facts by name; what is not known is left out.
    """
    facts: Facts = {name: guarantee[name] for name in OF_GUARANTEE if name in guarantee}
    for name in ("hidden_government_debt", "farm_production_purpose"):
        if name in borrower:
            facts[name] = borrower[name]
    kind = guarantee["guarantor_type"]
    facts |= {
        "agri_policy_guarantor": kind == "agri_policy", "government_backed": kind != "commercial",
        "mortgagor_type": "company", "debtor_collateral_released": False,
        "bank_share": round(1.0 - guarantee["guaranteed_share"], 12),
    }  # fmt: skip
    if "fee_rate_per_year" in guarantee:
        facts["guarantee_fee_share"] = guarantee["fee_rate_per_year"]
    amount = client_amount(borrower, guarantee, decision)
    if not isnan(amount):
        facts["client_amount_yuan"] = amount
        band = amount_band(amount, guarantee.get("pig_farming"), policy)
        if band is not None:
            facts["amount_band"] = band
    if (until := day_of(decision.case.loan.get("guarantee_until"))) is not None:
        facts["days_to_guarantee_expiry"] = float((until - decision.valued_on).days)
    return facts


def amount_band(amount_yuan: float, pigs: bool | None, policy: Policy) -> str | None:
    """Return the band of amount of an agricultural guarantee (AGR-BAND-01, AGR-BAND-02).

    Parameters
    ----------
    amount_yuan : float
        Amount of the client [yuan].
    pigs : bool or None
        Whether it is for pigs; None where not known.
    policy : Policy
        Numbers of the day.

    Returns
    -------
    str or None
        A word of the fact ``amount_band``; None where the day has no bands, or where
        whether it is for pigs decides and is not known.
    """
    if any(name not in policy.bands for name in BANDS):
        return None
    least, most, most_pigs, control = (policy.bands[name] for name in BANDS)
    amount = round(amount_yuan, 2)
    if least <= amount <= most:
        return "policy"
    if most < amount <= most_pigs and pigs is not False:
        return "policy_pig" if pigs else None
    return "outside_control" if amount > control else "outside_policy_inside_control"
