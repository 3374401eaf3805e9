"""Numbers of the rules on scores, taken out of a book once a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from riskengine.rules import RuleBook


@dataclass(frozen=True, slots=True)
class Policy:
    """Numbers by which scores are made on a day.

    Parameters
    ----------
    master_scale : mapping of str to float
        Highest PD of each grade [1], rising.
    amount_most : mapping of str to float
        Most that a client of each class may owe [yuan]; infinite for no limit.
    lgd_least : float
        Floor of the LGD [1].
    operating_cost, capital_share, cost_of_capital : float
        Operating cost over balance [1/year], capital over balance [1], what it earns [1/year].
    age_plus_term_most : float
        Highest age of a person at the end of the loan [year].
    fees_most : mapping of str to float
        Highest fees of agricultural guarantees by rule [1/year]; a rule that is silent on the
        day is left out.
    bands : mapping of str to float
        Bounds of the bands of amount by rule [yuan], likewise.
    """

    master_scale: Mapping[str, float]
    amount_most: Mapping[str, float]
    lgd_least: float
    operating_cost: float
    capital_share: float
    cost_of_capital: float
    age_plus_term_most: float
    fees_most: Mapping[str, float]
    bands: Mapping[str, float]


FEES = ("policy_fee_most", "poverty_fee_most", "other_fee_most")
BANDS = (
    "policy_amount_least", "policy_amount_most", "policy_amount_most_pigs",
    "dual_control_amount_most",
)  # fmt: skip


@lru_cache(maxsize=256)
def policy_of(book: RuleBook, day: date) -> Policy:
    """Return the numbers of a book on a day.

    Parameters
    ----------
    book : RuleBook
        The law of a place, or an institution's rules over it.
    day : datetime.date
        Day of valuation.

    Returns
    -------
    Policy
        The numbers.

    Raises
    ------
    RuleNotFound
        On a day before the rules on scores, 2000-01-01.
    """
    rules = book.at(day)

    def spoken(names: tuple[str, ...]) -> dict[str, float]:
        held = {name: rules.held(f"guarantee_policy.{name}") for name in names}
        return {name: float(amount) for name, amount in held.items() if amount is not None}

    return Policy(
        rules.table("scoring.master_scale"), rules.table("scoring.amount_most"),
        rules.number("scoring.lgd_least"), rules.number("scoring.operating_cost"),
        rules.number("scoring.capital_share"), rules.number("scoring.cost_of_capital"),
        rules.number("scoring.age_plus_term_most"), spoken(FEES), spoken(BANDS),
    )  # fmt: skip
