"""Reserves: what the supervisor, the tax office and the accounts ask, kept apart.

The three measures answer three questions and are never netted into one another (ACC-05 of
the notes): a surplus in one fills no gap in another.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from riskengine.guarantee.contracts import fen, refused
from riskengine.guarantee.switches import Switches, reading
from riskengine.rules import Rules


@dataclass(frozen=True, slots=True)
class RegulatoryReserves:
    """Reserves that the supervisor asks for at the end of a year.

    Parameters
    ----------
    unearned_yuan : float
        Unearned liability reserve [yuan].
    least_provision_yuan : float
        Compensation reserve of the year before the cap is looked at [yuan].
    cap_yuan : float
        Cumulated reserve from which only the difference is provided [yuan].
    provision_yuan : float
        What is provided in the year [yuan]; < 0 releases.
    closing_compensation_yuan : float
        Compensation reserve at the end of the year [yuan].
    """

    unearned_yuan: float
    least_provision_yuan: float
    cap_yuan: float
    provision_yuan: float
    closing_compensation_yuan: float


@dataclass(frozen=True, slots=True)
class TaxReserves:
    """What tax law lets a company deduct.

    Parameters
    ----------
    unearned_yuan, compensation_yuan : float
        Deductible of the reserves provided in the year [yuan].
    """

    unearned_yuan: float
    compensation_yuan: float


@dataclass(frozen=True, slots=True)
class Measures:
    """The three measures side by side; there is no sum of them.

    Parameters
    ----------
    regulatory : RegulatoryReserves
        What the supervisor asks.
    tax : TaxReserves
        What can be deducted.
    accounting_expected_loss_yuan : float or None
        Liability by the accounting standard [yuan]; None where not measured.
    """

    regulatory: RegulatoryReserves
    tax: TaxReserves
    accounting_expected_loss_yuan: float | None


@dataclass(frozen=True, slots=True)
class Adequacy:
    """Reserves held against a need.

    Parameters
    ----------
    held_yuan, need_yuan : float
        What is held, and what is needed [yuan].
    cover : float
        Held over needed [1]; infinite where nothing is needed.
    shortfall_yuan : float
        What is missing [yuan], >= 0.
    """

    held_yuan: float
    need_yuan: float
    cover: float
    shortfall_yuan: float


def regulatory_reserves(
    fee_income_year_yuan: float, closing_liability_yuan: float,
    opening_compensation_reserve_yuan: float, rules: Rules, switches: Switches, *,
    used_yuan: float = 0.0,
) -> RegulatoryReserves:  # fmt: skip
    """Statutory reserves at the end of a year (GI-RES-02, GI-RES-03; oracle GU-RES-01).

    Parameters
    ----------
    fee_income_year_yuan : float
        Guarantee fees of the year [yuan], >= 0.
    closing_liability_yuan : float
        Balance at the end of the year on which the reserve is provided [yuan], >= 0.
    opening_compensation_reserve_yuan : float
        Compensation reserve at the start of the year [yuan], >= 0.
    rules : Rules
        The rules of the last day of the year.
    switches : Switches
        Readings chosen; ``reserve_differential`` says what happens at the cap.
    used_yuan : float
        What compensation took from the reserve in the year [yuan], in [0, opening].

    Returns
    -------
    RegulatoryReserves
        To the fen.

    Raises
    ------
    RatioError
        If an amount is negative or not finite, or more is used than there was.
    RuleNotFound
        On a day before the reserves.

    Notes
    -----
    The unearned reserve is half of the year's fees, not a difference to last year's.  The
    compensation reserve grows by 1 % of the balance, up to 10 % of it and no further.

    Examples
    --------
    >>> from datetime import date
    >>> from riskengine.rules import statute
    >>> rules = statute().at(date(2026, 12, 31))
    >>> regulatory_reserves(8.4e6, 5.2e8, 3.1e7, rules, Switches()).closing_compensation_yuan
    36200000.0
    """
    fees, liability, opening, used = _amounts(
        fee_income_year_yuan=fee_income_year_yuan, closing_liability_yuan=closing_liability_yuan,
        opening_compensation_reserve_yuan=opening_compensation_reserve_yuan, used_yuan=used_yuan,
    )  # fmt: skip
    if used > opening:
        raise refused("used_yuan", "超过年初准备金", "is more than the reserve at the start")
    unearned = _part(fees, rules.number("guarantee_company.unearned_reserve_share"))
    least = _part(liability, rules.number("guarantee_company.compensation_reserve_share"))
    cap = _part(liability, rules.number("guarantee_company.compensation_reserve_cumulated"))
    left = opening - used
    way = reading("reserve_differential", rules, switches)
    if way == "full_until_reached":
        provision = least if left < cap else 0
    elif way == "release_above_cap":
        provision = min(least, cap - left)
    else:
        provision = min(least, max(cap - left, 0))
    found = (unearned, least, cap, provision, left + provision)
    return RegulatoryReserves(*(amount / 100.0 for amount in found))


def tax_reserves(
    unearned_provided_yuan: float, compensation_provided_yuan: float,
    fee_income_year_yuan: float, closing_liability_yuan: float, rules: Rules,
) -> TaxReserves:  # fmt: skip
    """What of the year's reserves tax law lets deduct (GI-RES-04).

    Parameters
    ----------
    unearned_provided_yuan, compensation_provided_yuan : float
        Reserves provided in the year [yuan], >= 0.
    fee_income_year_yuan, closing_liability_yuan : float
        Fees of the year and balance at its end [yuan], >= 0.
    rules : Rules
        The rules of the last day of the year.

    Returns
    -------
    TaxReserves
        The provided, each up to its cap.

    Raises
    ------
    RatioError
        If an amount is negative or not finite.
    RuleNotFound
        On a day before the rule.
    """
    unearned, compensation, fees, liability = _amounts(
        unearned_provided_yuan=unearned_provided_yuan,
        compensation_provided_yuan=compensation_provided_yuan,
        fee_income_year_yuan=fee_income_year_yuan, closing_liability_yuan=closing_liability_yuan,
    )  # fmt: skip
    caps = rules.table("guarantee_company.tax_deductible_reserves")
    return TaxReserves(
        min(unearned, _part(fees, caps["unearned_of_year_fees"])) / 100.0,
        min(compensation, _part(liability, caps["compensation_of_year_end_balance"])) / 100.0,
    )


def general_reserve(balance_yuan: Mapping[str, float], rules: Rules) -> dict[str, float]:
    """Potential loss by five-tier class at the standard coefficients (GI-RISKCOEF).

    Parameters
    ----------
    balance_yuan : mapping of str to float
        Balance by class [yuan], >= 0: ``normal``, ``special_mention``, ``substandard``,
        ``doubtful``, ``loss``.
    rules : Rules
        The rules of the day.

    Returns
    -------
    dict of str to float
        Potential loss by class [yuan]; their sum is the general reserve aimed at.

    Raises
    ------
    RatioError
        If a class is unknown, or a balance negative or not finite.
    RuleNotFound
        On a day before the coefficients.
    """
    coefficients = rules.table("guarantee_company.general_reserve_coefficients")
    if unknown := sorted(balance_yuan.keys() - coefficients.keys()):
        raise refused(", ".join(unknown), "不是五级分类", "is no class of the five")
    names = list(balance_yuan)
    balances = _amounts(**balance_yuan)
    return {
        name: _part(balance, coefficients[name]) / 100.0
        for name, balance in zip(names, balances, strict=True)
    }


def reserve_adequacy(held_yuan: float, need_yuan: float) -> Adequacy:
    """Reserves held against a need, such as the ES of net claims over some years.

    Parameters
    ----------
    held_yuan : float
        Reserves held under one measure [yuan], >= 0.
    need_yuan : float
        What is needed [yuan], >= 0.

    Returns
    -------
    Adequacy
        Cover and shortfall.

    Raises
    ------
    RatioError
        If an amount is negative or not finite.
    """
    held, need = _amounts(held_yuan=held_yuan, need_yuan=need_yuan)
    cover = held / need if need else float("inf")
    return Adequacy(held / 100.0, need / 100.0, cover, max(need - held, 0) / 100.0)


def _part(amount: int, share: float) -> int:
    """A share of an amount, rounded once to the fen."""
    return round(amount * float(share))


def _amounts(**given: float) -> list[int]:
    """Amounts in whole fen, checked."""
    for name, amount in given.items():
        if not 0.0 <= amount < float("inf"):
            raise refused(name, "应为非负有限数", "must be finite and not negative")
    return [int(fen(amount)) for amount in given.values()]
