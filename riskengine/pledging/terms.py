"""How much of a right's value a lender may still count on: years, area, claims, caps."""

from collections.abc import Mapping

import numpy as np

from riskengine.gates.derive import depreciated_cost, mean_dividend
from riskengine.gates.judge import Facts
from riskengine.gates.plan import LIMITS
from riskengine.gates.secured import Column, Secured
from riskengine.gates.tapes import Tape
from riskengine.methods.inputs import Inputs
from riskengine.pledging.join import notices
from riskengine.rights import RIGHTS

RATES: Mapping[str, str] = {
    "land": "land_discount_rate", "homestead": "homestead_yield", "forest": "forest_rate",
    "construction": "construction_yield", "equity": "equity_discount_rate",
    "ecology": "compensation_discount_rate",
}  # fmt: skip
"""Market quantity at which the income of each kind of right is discounted."""
STANDING = frozenset({
    "forest_timber_young", "forest_timber_middle", "forest_timber_near_mature",
    "forest_timber_mature", "forest_timber_over_mature", "forest_timber_unknown",
    "ecology_issued",
})  # fmt: skip
"""Cases whose value does not waste with the term: it is there until the right ends."""
PREPAID_ONLY = ("lease_yearly", "lease_prepaid", "lease_mixed")
"""Leases of which only the years whose rent is paid count."""
PREPAID = np.array(
    [kind in PREPAID_ONLY for kind in RIGHTS["land"].by_name["kind"].codes] + [False]
)
"""Whether each kind of land management right is one; the last for a kind that is not known."""


def known(values: Column) -> Column:
    """Return numbers, nothing where they are not known.

    Parameters
    ----------
    values : (n,) float64
        Numbers; NaN where not known.

    Returns
    -------
    (n,) float64
        The same, 0 where not known.
    """
    return np.where(np.isnan(values), 0.0, values)


def rate_of(inputs: Inputs, table: str) -> Column:
    """Return the rate at which the income of every right is discounted.

    Parameters
    ----------
    inputs : Inputs
        The rights and the market.
    table : str
        Kind of right.

    Returns
    -------
    (n,) float64
        Rate [1/year].
    """
    name = RATES[table]
    if table in ("land", "forest"):
        kinds = RIGHTS[table].by_name["kind"].codes
        return inputs.quotes(name, kinds, inputs.code("kind")).column("value")
    return inputs.quotes(name).column("value")


def annuity(rate: Column, years: Column) -> Column:
    """Return the present value of one yuan a year.

    Parameters
    ----------
    rate : (n,) float64
        Rate [1/year].
    years : (n,) float64
        Term [year], >= 0; infinite for ever.

    Returns
    -------
    (n,) float64
        Years' purchase [year].
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = -np.expm1(-years * np.log1p(rate)) / rate
    return np.where(rate > 0.0, factor, years)


def tail(of: Secured) -> Column:
    """Return the years before the end of a right that no lender counts.

    Parameters
    ----------
    of : Secured
        The pledges.

    Returns
    -------
    (n,) float64
        Safety tail [year].
    """
    least = of.rules.held("law_land.tail_before_right_ends") if of.table == "land" else None
    return np.full(of.size, 0.0 if least is None else float(least))


def usable_years(of: Secured, spared: Column | None = None) -> Column:
    """Return the years whose income a lender may count.

    Parameters
    ----------
    of : Secured
        The pledges.
    spared : (n,) float64 or None
        Safety tail [year]; None takes the lender's.

    Returns
    -------
    (n,) float64
        ``min(end less safety tail, years whose rent is paid and the longest lease where land
        is leased)`` [year], >= 0; infinite where the right has no end.

    Notes
    -----
    Source: practice formula VAL-LMR; rows LMR-TERM-04, LMR-TERM-05, LMR-RENT-01.
    """
    safety = tail(of) if spared is None else spared
    if of.table != "land":
        return np.maximum(of.term_years - safety, 0.0)
    leased = np.take(PREPAID, of.rights.columns["kind"])
    longest = of.rules.held("law_land.lease_years_counted")
    begun = np.maximum(known(-of.years_to("pledge.transfer_starts_on")), 0.0)
    lease = np.where(leased & (longest is not None), float(longest or 0.0) - begun, np.inf)
    years = np.minimum(of.term_years, lease) - safety
    paid = known(of.years_to("right.rent_prepaid_through"))
    return np.maximum(np.where(leased, np.minimum(years, paid), years), 0.0)


def share_of_term(of: Secured, rate: Column, years: Column) -> Column:
    """Return the share of the value that some years of a right carry.

    Parameters
    ----------
    of : Secured
        The pledges.
    rate : (n,) float64
        Rate of each right [1/year].
    years : (n,) float64
        Years counted [year].

    Returns
    -------
    (n,) float64
        Share [1]; 0 where the term is not known.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        wasting = annuity(rate, years) / annuity(rate, of.term_years)
    standing = np.array([name in STANDING for name in of.cases])[of.case]
    share = np.where(standing, np.where(years > 0.0, 1.0, 0.0), wasting)
    endless = np.isinf(of.term_years)
    return np.where(endless, 1.0, np.clip(known(share), 0.0, 1.0))


def counted_share(of: Secured, facts: Facts, additions: Column) -> Column:
    """Return the share of a right that register, plot, red lines and expropriation let count.

    Parameters
    ----------
    of : Secured
        The pledges.
    facts : Facts
        Their facts, as the gates gathered them.
    additions : (n,) float64
        Value of what goes with the right [yuan].

    Returns
    -------
    (n,) float64
        Share [1].

    Notes
    -----
    Area beyond the certificate counts for nothing (SEC-REG-03), nor does plot beyond the
    standard (HOM-ONE-01), land inside the ecological red line (RED-ERL-01), facilities
    on leased land without the contractor's consent (LMR-IMPR-01).  Once expropriation is
    announced a right is worth no more than the mortgagor's compensation, and nothing to a
    lender who did not tell the payer (RED-EXPR-01, SEC-SUBR-01).
    """
    numbers = facts.numbers
    share = np.ones(of.size)
    pledged = numbers.get("registered_area_share")
    if pledged is not None:
        share = share / np.fmax(np.where(np.isnan(pledged), 1.0, pledged), 1.0)
    beyond = numbers.get("area_over_standard_m2")
    if beyond is not None:
        plot = of.right("plot_area_m2")
        with np.errstate(divide="ignore", invalid="ignore"):
            over = np.where(plot > 0.0, known(beyond) / plot, 0.0)
        share = share * np.clip(1.0 - over, 0.0, 1.0)
    red = numbers.get("ecological_red_line_share")
    if red is not None:
        share = share * (1.0 - known(red))
    refused = of.pledge("improvements_consented") == 0.0
    if refused.any():
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(of.value_yuan > 0.0, known(additions) / of.value_yuan, 0.0)
        share = np.where(refused, share * np.clip(1.0 - part, 0.0, 1.0), share)
    return share * _compensated_share(of, facts)


def _compensated_share(of: Secured, facts: Facts) -> Column:
    """Share of the value that the compensation for an expropriation lets count."""
    none = np.full(of.size, -1, dtype=np.int8)
    announced = facts.coded.get("expropriation_announced", none) == 1
    if not announced.any():
        return np.ones(of.size)
    told = facts.coded.get("expropriator_notified", none) == 1
    offered = of.pledge("expropriation_compensation_yuan")
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(of.value_yuan > 0.0, offered / of.value_yuan, 0.0)
    paid = np.where(np.isnan(part), 1.0, np.clip(part, 0.0, 1.0))
    return np.where(announced, np.where(told, paid, 0.0), 1.0)


def cap_share(of: Secured, limits: Column, base: Column) -> Column:
    """Return the largest lending value over market value.

    Parameters
    ----------
    of : Secured
        The pledges.
    limits : (l, n) float64
        Limits of the gates, in the order of `riskengine.gates.plan.LIMITS`.
    base : (n,) float64
        The engine's cap for the case [1], where no rule of practice sets one.

    Returns
    -------
    (n,) float64
        Cap [1].
    """
    row = {name: limits[k] for k, name in enumerate(LIMITS)}
    cap = np.where(np.isinf(row["loan_to_value"]), base, row["loan_to_value"])
    cap = np.fmin(cap, row["loan_to_mean_price_value"])
    yearly = {
        "loan_to_dividend_multiple": mean_dividend, "compensation_multiple": _compensation,
        "loan_to_depreciated_cost": depreciated_cost,
    }  # fmt: skip
    for name, income in yearly.items():
        limited = ~np.isinf(row[name])
        if limited.any():
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                over = row[name] * known(income(of)) / of.value_yuan
            cap = np.fmin(cap, np.where(limited, over, np.inf))
    least: Column = cap
    return least


def own_cap(of: Secured, cap: Column) -> Column:
    """Return the cap of each pledge among those on the same right.

    Parameters
    ----------
    of : Secured
        The pledges.
    cap : (n,) float64
        Cap of the right as a whole, over its value [1].

    Returns
    -------
    (n,) float64
        What earlier ranks and equal ones leave of it [1], >= 0: together the pledges on a
        right stay within its cap, and each within what it secures.

    Notes
    -----
    A pledge secures no more than contract and register say, whatever the right is worth
    (SEC-REG-03: the register beats the contract on the amount).
    """
    secured = np.fmin(of.pledge("secured_limit_yuan"), of.pledge("registered_limit_yuan"))
    with np.errstate(divide="ignore", invalid="ignore"):
        taken = np.where(of.value_yuan > 0.0, of.senior_yuan / of.value_yuan, 0.0)
        left = np.maximum(cap * of.own_share - taken, 0.0)
        own: Column = np.fmin(left, secured / of.value_yuan)
    return own


def _compensation(of: Secured) -> Column:
    """Last year's compensation [yuan]."""
    if of.table == "ecology":
        return of.right("income_yuan_per_year")
    return of.right("compensation_yuan_per_mu_year") * of.right("area_mu")


def tenant_claim(of: Secured, rate: Column) -> Column:
    """Return what a sitting tenant takes of the value: the rent gap to the end of the tenancy.

    Parameters
    ----------
    of : Secured
        The pledges.
    rate : (n,) float64
        Rate of each right [1/year].

    Returns
    -------
    (n,) float64
        Present value [yuan]; 0 where no tenancy is stated.
    """
    if "tenant_rent_gap_yuan_per_year" not in of.pledges.columns:
        return np.zeros(of.size)
    years = np.maximum(of.years_to("pledge.tenant_until"), 0.0)
    worth = of.pledge("tenant_rent_gap_yuan_per_year") * annuity(rate, years)
    return known(worth)


def insurance_money(of: Secured, policies: Tape | None) -> Column:
    """Return the insurance money that may be counted on each pledge.

    Parameters
    ----------
    of : Secured
        The pledges.
    policies : Tape or None
        The policies.

    Returns
    -------
    (n,) float64
        ``sum insured x share paid in a bad year``, less the inputs of the next season,
        from crop policies that run to the loan's maturity, name the insured and whose
        insurer was told [yuan], no more than the debt secured; 0 for every other.  Earlier
        ranks on a right take the money, equal ones share it.

    Notes
    -----
    Source: Civil Code, art. 390; SPC Security Interpretation, art. 42 (no notice, no claim
    on the payer); Agricultural Insurance Regulation, art. 10; rows INS-06 to INS-08.
    """
    money = np.zeros(of.size)
    if policies is None or of.covers is None:
        return money
    worth = _counted_money(of, policies)
    columns = policies.batch.columns
    policy, pledge = of.covers
    lasts = ~(columns["ends_on"][policy] < of.loan("matures_on")[pledge])
    share = np.where(of.senior_yuan > 0.0, 0.0, of.own_share)[pledge]
    np.add.at(money, pledge, np.where(lasts, worth[policy] * share, 0.0))
    counted: Column = np.fmin(money, of.secured_yuan)
    return counted


def _counted_money(of: Secured, policies: Tape) -> Column:
    """What each policy pays in a bad year, where the law lets the lender count it [yuan]."""
    columns, nothing = policies.batch.columns, np.full(policies.size, np.nan)
    good = (columns["right_kind"] == list(RIGHTS).index(of.table)) & (columns["kind"] <= CROP_KINDS)
    good &= (notices(policies, of.day) == 1.0) & (columns.get("named_insured", nothing) == 1.0)
    group = columns.get("group_policy", nothing) == 1.0
    for fact in ("insured_signed", "insured_list_posted", "insured_area_listed"):
        good &= ~group | (columns.get(fact, nothing) == 1.0)
    good &= (columns["ends_on"] >= of.day) & ~(columns.get("starts_on", nothing) > of.day)
    usual = of.rules.number("insurance_credit.bad_year_share")
    paid = columns.get("expected_loss_share", nothing)
    paid = np.where(np.isnan(paid), usual, np.fmin(paid, 1.0))
    inputs = known(columns.get("next_season_inputs_yuan", nothing))
    return np.where(good, np.maximum(columns["sum_insured_yuan"] * paid - inputs, 0.0), 0.0)


CROP_KINDS = 2
"""Last of the kinds of policies on crops."""


def fund_terms(of: Secured) -> tuple[Column, Column]:
    """Return what a compensation fund bears of each loan's loss.

    Parameters
    ----------
    of : Secured
        The pledges.

    Returns
    -------
    tuple of (n,) float64
        Share of the loss [1] and the most it pays [yuan], shared among the pledges of a loan
        as its debt is; none where the agreement ends before the loan falls due, or no limit
        is stated.  The share is no more than the rule ``insurance_credit.fund_share_most``.
    """
    if "compensation_fund_until" not in of.loans:
        return np.zeros(of.size), np.zeros(of.size)
    share, limit = of.loan("compensation_fund_share"), of.loan("compensation_fund_limit_yuan")
    runs = of.loan("compensation_fund_until") >= of.loan("matures_on")
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.clip(known(of.secured_yuan / of.loan("balance_yuan")), 0.0, 1.0)
    most = float(of.rules.number("insurance_credit.fund_share_most"))
    borne = np.where(runs, np.fmin(share, most), 0.0)
    return borne, np.where(runs, known(limit) * part, 0.0)
