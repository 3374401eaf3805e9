"""From a valued right to its prospect, and to the loss that it leaves to a lender.

Carbon follows its own price; every other right is what a buyer will pay for it: its
value today within the error of its valuation, swung by the market of its kind until
it is sold.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from riskengine.credit.collateral_recovery import CollateralLoss, lgd_with_collateral
from riskengine.credit.shortfall import gamma_times
from riskengine.market.snapshot import ANY
from riskengine.methods import ecology
from riskengine.prospect import Borrower, Delay, Price, Prospect, Share
from riskengine.valuation import Valuation


def prospect_of(
    valuation: Valuation, row: int, borrower: Borrower | None = None
) -> Prospect | None:
    """Return the prospect of one valued right, ready for `riskengine.simulation.simulate`.

    Parameters
    ----------
    valuation : Valuation
        Values of its batch.
    row : int
        Position in the batch.
    borrower : Borrower or None
        Whose default it secures, with the correlations of wrong-way risk.

    Returns
    -------
    Prospect or None
        The prospect; None for a right without a value.
    """
    if not valuation.reconciled[0, row] > 0.0:
        return None
    if valuation.batch.contract.table == "ecology":
        kind = ecology.KINDS[int(valuation.batch.columns["kind"][row])]
        if kind == "carbon_issued":
            return _units(valuation, row, borrower)
        if kind == "carbon_contracted":
            return _issuance(valuation, row, borrower)
    return _sale(valuation, row, borrower)


def loss_of(
    valuation: Valuation, debt_yuan: ArrayLike, yearly_rate: float, *,
    enforceable: ArrayLike = 1.0,
) -> CollateralLoss:  # fmt: skip
    """Loss given default of loans, each secured by one right: the error of its value counts.

    Parameters
    ----------
    valuation : Valuation
        Values of the rights with the standard error of their logarithm, in which a
        released price model has its say.
    debt_yuan : (n,) array-like
        Debt that each right secures [yuan], > 0.
    yearly_rate : float
        Effective rate at which recoveries are discounted [1/year], >= 0.
    enforceable : array-like
        Probability that the right can be enforced and transferred [1], in [0, 1].

    Returns
    -------
    CollateralLoss
        One column a right; NaN for a right without a value.

    Notes
    -----
    An agreed sale under the market's terms for the kind of right, after a time drawn from
    the exponential distribution.  Prior claims and rent in arrears are paid first: they are
    taken from the value, whose error in yuan stays what it is.

    Source: LGD-PUT of the credit notes, with e of the reconciled value.
    """
    value, error = valuation.reconciled[0], valuation.reconciled[1]
    owed = sum(
        np.fmax(valuation.batch.columns[name], 0.0)
        for name in ("prior_claims_yuan", "rent_arrears_yuan")
        if name in valuation.batch.contract.by_name
    )
    left = np.maximum(value - owed, 0.0)
    wider = np.divide(value, left, out=np.ones_like(value), where=left > 0.0)
    years = _quote(valuation, "years_to_sell")
    times, weights = gamma_times(years, years)
    return lgd_with_collateral(
        debt_yuan, left, error * wider, _quote(valuation, "liquidity_haircut"),
        _quote(valuation, "sale_cost"), math.log1p(yearly_rate), times, weights,
        drift=valuation.inputs.rule("lending.drift"),
        volatility=_quote(valuation, "volatility"), enforceable=enforceable,
    )  # fmt: skip


def _quote(valuation: Valuation, quantity: str) -> float:
    """A quantity of sale for this kind of right."""
    table = valuation.batch.contract.table
    return valuation.inputs.market.quote(quantity, "", table).value


def _sale(valuation: Valuation, row: int, borrower: Borrower | None) -> Prospect:
    """One sale at the market value, with its error, after a time on the market."""
    value, error = valuation.reconciled[0, row], valuation.reconciled[1, row]
    return Prospect(
        (0.0,), (1.0,), (0.0,), Price(float(value), _quote(valuation, "volatility")),
        valuation.inputs.market.quote("risk_free_rate", "", ANY).value,
        share=Share("lognormal", 1.0, float(np.sqrt(np.expm1(error**2)))),
        delay=Delay(_quote(valuation, "years_to_sell")),
        sale_cost_share=_quote(valuation, "sale_cost"), borrower=borrower,
    )  # fmt: skip


def _units(valuation: Valuation, row: int, borrower: Borrower | None) -> Prospect:
    """Issued units, sold when the market takes them up."""
    inputs = valuation.inputs
    spot, error, mean, _, reversion, volatility = (
        float(column[row]) for column in ecology.carbon_prices(inputs)
    )
    names = [method.name for method in valuation.approach.methods]
    years = float(valuation.methods[names.index("spot")][4, row])
    return Prospect(
        (0.0,), (float(inputs.number("quantity_t")[row]),), (0.0,),
        Price(spot, volatility, reversion, mean),
        float(inputs.quotes("carbon_discount_rate").column("value")[row]),
        share=Share("lognormal", 1.0, float(np.sqrt(np.expm1(error**2)))), delay=Delay(years),
        sale_cost_share=_quote(valuation, "sale_cost"), borrower=borrower,
    )  # fmt: skip


def _issuance(valuation: Valuation, row: int, borrower: Borrower | None) -> Prospect:
    """Batches still to be issued, at the market's price; chances of issue as expected."""
    x = ecology.issuance_block(valuation.inputs)[:, row].tolist()
    tonnes, error, begin, end, interval, lag = x[:6]
    kept = (1.0 - x[6]) * (1.0 - x[7]) * x[15] * x[16]
    years, quantities, costs = [], [], []
    finish = min(max(begin + interval, 0.0), end)
    while finish > begin:
        years.append(max(finish, 0.0) + lag)
        quantities.append(tonnes * (finish - begin) * kept)
        costs.append(x[18] * x[15])
        begin, finish = finish, min(finish + interval, end)
    costs[0] += x[19]
    return Prospect(
        tuple(years), tuple(quantities), tuple(costs), Price(x[8], x[13], x[12], x[10]), x[14],
        share=Share("lognormal", 1.0, float(np.sqrt(np.expm1(error**2 + x[9] ** 2)))),
        loss_per_year=x[17], borrower=borrower,
    )  # fmt: skip
