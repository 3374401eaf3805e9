"""Plain twin of the waterfall: one pledge, one step after another, in yuan with all digits."""

from math import exp, inf, isnan, sqrt
from typing import NamedTuple


class Pledge(NamedTuple):
    """What is known of one pledge, its sale and the lender's policy; None is nothing stated."""

    value: float
    error: float = 0.0
    quartile: float = inf
    stressed: float = inf
    divergence: float = 1.0
    lower_method: float = inf
    last_price: float | None = None
    price_age: float | None = None
    prior: float | None = None
    arrears: float | None = None
    sitting: float | None = None
    insurance: float | None = None
    fund_share: float | None = None
    fund_limit: float | None = None
    term: float = 1.0
    counted: float = 1.0
    keeps: float = 1.0
    cap: float = inf
    agreed: bool = True
    blocked: bool = False
    variance: float = 0.0
    trend: float = 0.0
    buyers: float = 1.0
    auction: float = 1.0
    cost: float = 1.0
    waited: float = 1.0
    model: float = 1.0
    divergence_limit: float = 1.5
    oldest_price: float = 3.0
    quantile: float = 1.645
    prior_ratio: float = 0.5

    @property
    def market_fall(self) -> float:
        """What the market's swing alone may leave of the price."""
        return exp(self.trend - self.quantile * sqrt(self.variance))

    @property
    def whole_fall(self) -> float:
        """What swing and valuation error together may leave."""
        return exp(self.trend - self.quantile * sqrt(self.variance + self.error**2))

    @property
    def basis(self) -> float:
        """Lowest of value, quartile, stressed value, divergent method and fresh last price."""
        listed = [self.value, self.quartile, self.stressed]
        if self.divergence > self.divergence_limit:
            listed.append(self.lower_method)
        fresh = self.price_age is not None and 0.0 <= self.price_age <= self.oldest_price
        if fresh and self.last_price is not None:
            listed.append(self.last_price)
        return min(amount for amount in listed if not isnan(amount))


def after_claims(amount: float, pledge: Pledge) -> list[float]:
    """What is left after term, what counts, prior claims, rent and tenant."""
    left = [amount * pledge.term]
    left.append(left[-1] * pledge.counted)
    for owed in ((pledge.prior or 0.0) / pledge.prior_ratio, pledge.arrears, pledge.sitting):
        left.append(max(left[-1] - max(owed or 0.0, 0.0), 0.0))
    return left


def steps(pledge: Pledge) -> list[float]:
    """What is left of the value after each of the seventeen steps [yuan]."""
    if not pledge.value > 0.0:
        return [0.0] * 17
    prudent = after_claims(pledge.basis, pledge)[-1] * pledge.market_fall
    uncertain = after_claims(pledge.value, pledge)[-1] * pledge.whole_fall
    start, fall = pledge.value, pledge.whole_fall
    if prudent <= uncertain:
        start, fall = pledge.basis, pledge.market_fall
    left = [pledge.value, start, *after_claims(start, pledge)]
    way = pledge.buyers if pledge.agreed else pledge.auction
    for share in (fall, way, pledge.cost, pledge.waited, pledge.model, pledge.keeps):
        left.append(left[-1] * share)
    left.append(left[-1] + max(pledge.insurance or 0.0, 0.0))
    left.append(min(left[-1], pledge.cap * pledge.value))
    left.append(0.0 if pledge.blocked else left[-1])
    borne = min(max(pledge.fund_share or 0.0, 0.0), 0.99)
    helped = min(left[-1] / (1.0 - borne) - left[-1], max(pledge.fund_limit or 0.0, 0.0))
    left.append(left[-1] + helped)
    return left
