"""What the sale of a pledge is expected to bring when its borrower defaults, and how surely.

The lending value of `riskengine.pledging.waterfall` is prudent: quartiles, buffers, caps.
A loss needs the mean and the spread instead.  The same facts are asked: years that are
left by the time of the sale, what counts, what ranks before, the way of sale, the law.
"""

from dataclasses import dataclass

import numpy as np

from riskengine.gates.derive import EXTENDED
from riskengine.gates.secured import Column, Secured
from riskengine.pledging import terms
from riskengine.pledging.assess import Assessed
from riskengine.pledging.waterfall import agreed_sale, sales_of

BLOCKED = 3
"""Position of "block" among the outcomes: such a pledge secures nothing."""


@dataclass(frozen=True, slots=True)
class Proceeds:
    """Net proceeds of pledges, sold after a default.

    Parameters
    ----------
    mean_yuan : (n,) float64
        Expected net of claims before, way and cost of sale, weaknesses of the law [yuan],
        no more than the pledge secures; interest while the sale waits is not taken off.
    spread : (n,) float64
        Log standard deviation: error of the value, and swing of its market until the
        sale [1].
    sale_years : (n,) float64
        Mean time from default to the money [year].
    without_extension : (n,) float64
        Share of ``mean_yuan`` left if no second-round extension were granted [1].
    """

    mean_yuan: Column
    spread: Column
    sale_years: Column
    without_extension: Column


def expected_proceeds(found: Assessed, years_to_default: float) -> Proceeds:
    """Return what pledges are expected to bring.

    Parameters
    ----------
    found : Assessed
        Pledges as the law judged them.
    years_to_default : float
        Years from the day of valuation to the default [year], >= 0.

    Returns
    -------
    Proceeds
        One row a pledge; 0 yuan for a right without a value and for a pledge that the law
        blocks.

    Notes
    -----
    A sum owed before the pledge is paid in full before it, so that the error of the value,
    which stays what it is in yuan, weighs more on what is left.
    """
    of, rights = found.of, found.rights
    sold = sales_of(found.valuation, of)
    sets, at = sold.sets, sold.set_of[rights]
    buyers, auction, cost = (
        np.array([getattr(kind, name) for kind in sold.shares])[at]
        for name in ("buyers", "auction", "cost")
    )
    volatility, sale_years = sets[0][at], sets[1][at]
    wait = years_to_default + sale_years
    rate = sold.rate[rights]
    left = terms.share_of_term(of, rate, _years_left(of, wait))
    additions = found.valuation.reconciled[5][rights]
    value = np.nan_to_num(found.valuation.reconciled[0][rights])
    counted = value * terms.counted_share(of, found.facts, additions) * of.own_share
    gross = counted * left
    net = np.maximum(gross - _owed(of, rate), 0.0)
    way = np.where(agreed_sale(of, found.facts) == 1.0, buyers, auction) * cost
    mean = np.where(found.outcome == BLOCKED, 0.0, net * way * found.keeps)
    limit = np.fmin(of.pledge("secured_limit_yuan"), of.pledge("registered_limit_yuan"))
    return Proceeds(
        np.fmin(mean, limit), _spread(found, gross, net, volatility * volatility * wait),
        sale_years, _without_extension(of, rate, wait, left),
    )  # fmt: skip


WIDEST = 10.0
"""Widest spread of a sale that is told [1]: at a mean so uncertain a loan is as good as bare."""
LEAST_LEFT = 1e-100
"""Share of the whole up to which nothing is left [1]: its square has no number."""


def _spread(found: Assessed, gross: Column, net: Column, swing: Column) -> Column:
    """Error of the value, as large in yuan after what is owed, with the swing of the market.

    The lognormal of what is left has the variance of the whole in yuan: near nothing left it
    widens with the logarithm of gross over net, up to `WIDEST`.
    """
    error = np.minimum(np.nan_to_num(found.valuation.reconciled[1][found.rights]), WIDEST)
    wider = np.divide(gross, net, out=np.ones_like(gross), where=net > gross * LEAST_LEFT)
    spread: Column = np.sqrt(np.log1p(np.expm1(error * error) * wider * wider) + swing)
    return np.minimum(spread, WIDEST)


def _owed(of: Secured, rate: Column) -> Column:
    """What is paid before the pledge [yuan]."""
    before = np.fmax(of.right("prior_claims_yuan"), 0.0) + np.nan_to_num(of.senior_yuan)
    arrears = np.fmax(of.right("rent_arrears_yuan"), 0.0)
    owed: Column = before + arrears + terms.tenant_claim(of, rate)
    return owed


def _years_left(of: Secured, wait: Column) -> Column:
    """Years that a buyer still has at the sale: no safety tail, nothing prudent in it."""
    usable = terms.usable_years(of, np.zeros(of.size))
    return np.maximum(np.minimum(usable, of.term_years) - wait, 0.0)


def _without_extension(of: Secured, rate: Column, wait: Column, left: Column) -> Column:
    """Share of what is left that rests on the contract's own term."""
    if of.table != "land":
        return np.ones(of.size)
    signed = of.rights.columns.get("second_round_extension", np.zeros(of.size))
    own = np.maximum(of.years_to("right.contract_end"), 0.0)
    shorter = np.minimum(_years_left(of, wait), np.maximum(own - wait, 0.0))
    share = terms.share_of_term(of, rate, np.nan_to_num(shorter))
    kept = np.divide(share, left, out=np.ones_like(left), where=left > 0.0)
    counts = (signed == EXTENDED) & ~np.isnan(own)
    return np.where(counts, np.clip(kept, 0.0, 1.0), 1.0)
