"""Facts of the institution that rules judge, computed from contracts and statement."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from riskengine.errors import RuleNotFound
from riskengine.guarantee.assets import asset_facts
from riskengine.guarantee.compensation import compensation_rate, mean_rate
from riskengine.guarantee.concentration import Concentration, concentration
from riskengine.guarantee.contracts import Contracts, Statement, money
from riskengine.guarantee.figures import Figure
from riskengine.guarantee.policy_business import mix, policy_share
from riskengine.guarantee.switches import Switches
from riskengine.guarantee.weights import (
    Liability,
    liability_balance,
    net_assets_fen,
    small_agri_test,
)
from riskengine.rules import Rules
from riskengine.words import Text

Value = float | bool | str
STATED = (
    "licence", "takes_deposits", "lends_own_or_entrusted_money", "invests_for_others",
    "reserves_provided", "supervisory_rating_held", "policy_business_is_main",
    "government_backed", "agri_policy_guarantor",
)  # fmt: skip
"""Facts that only the statement tells."""
STATED_HOW = Text("报表填报", "as the statement says")
NOT_STATED = Text("报表未填", "the statement does not say")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one fact.

    Parameters
    ----------
    value : float, bool, str or None
        The fact; None where not known.
    how : Text
        Where it comes from: numerator and denominator.
    missing : int
        Contracts that lack what it needs: the value is then one of the others, and settles
        nothing.
    room : callable or None
        New guarantees that a limit still allows [yuan], by the limit.
    """

    value: Value | None
    how: Text
    missing: int = 0
    room: Callable[[float], float] | None = None

    @property
    def settled(self) -> bool:
        """Whether a rule can be held against it."""
        return self.value is not None and self.missing == 0


@dataclass(frozen=True, slots=True)
class Institution:
    """An institution on a day: contracts, statement, rules and readings.

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    statement : mapping
        Facts by name.
    rules : Rules
        The rules of the day.
    switches : Switches
        Readings chosen.
    liability : Liability or None
        Liability balance; None on a day before the weights.
    """

    contracts: Contracts
    statement: Statement
    rules: Rules
    switches: Switches
    liability: Liability | None

    @property
    def assets(self) -> int | None:
        """Net assets that leverage and concentration are measured against [fen]."""
        return net_assets_fen(self.statement, self.rules, self.switches)


def institution_of(
    contracts: Contracts, statement: Statement, rules: Rules, switches: Switches
) -> Institution:
    """Put an institution together, its liability balance measured once.

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    statement : mapping
        Facts by name.
    rules : Rules
        The rules of the day.
    switches : Switches
        Readings chosen.

    Returns
    -------
    Institution
        The institution.
    """
    try:
        liability = liability_balance(contracts, rules, switches)
    except RuleNotFound:
        liability = None
    return Institution(contracts, statement, rules, switches, liability)


def facts_of_institution(of: Institution) -> dict[str, Known]:
    """Compute every fact that rules judge of an institution.

    Parameters
    ----------
    of : Institution
        The institution.

    Returns
    -------
    dict of str to Known
        By name of the fact.
    """
    found: dict[str, Known] = {}
    for name in STATED:
        said = of.statement.get(name)
        found[name] = Known(said, NOT_STATED if said is None else STATED_HOW)
    capital = money(of.statement, "paid_in_capital_yuan")
    found["paid_in_capital_yuan"] = Known(
        None if capital is None else capital / 100.0, NOT_STATED if capital is None else STATED_HOW
    )
    for names, part in PARTS:
        try:
            found.update(part(of))
        except RuleNotFound as absent:
            found.update({name: Known(None, absent.wrong) for name in names})
    return found


def _leverage(of: Institution) -> Iterator[tuple[str, Known]]:
    """Liability over net assets, and whether 15 times may be used."""
    found = of.liability or liability_balance(of.contracts, of.rules, of.switches)
    upper = Text("担保责任余额", "liability balance")
    known = _over_assets(found.total_fen, of.assets, upper, found.shares_missing)
    yield "leverage_ratio", known
    said = of.statement.get("serves_mainly_small_agri")
    if said is not None:
        yield "serves_mainly_small_agri", Known(said, STATED_HOW)
        return
    test = small_agri_test(of.contracts, of.rules, of.switches)
    serves = test.serves
    if serves is None and isinstance(known.value, float):
        # Below the lower limit, or above the higher one, the answer is the same either way.
        low, high = (
            of.rules.held(f"guarantee_company.leverage_limit{name}") for name in ("", "_small_agri")
        )
        if low is not None and high is not None:
            serves = False if known.value <= low else True if known.value > high else None
    told = ", ".join(
        f"{share[0]:.4f}" if share[0] == share[1] else f"{share[0]:.4f}-{share[1]:.4f}"
        for share in (test.balance_share, test.client_share)
    )
    yield "serves_mainly_small_agri", Known(serves, Text(
        f"小微三农在保余额占比、户数占比：{told}",
        f"small firms and farming, shares of balance and of clients: {told}",
    ))  # fmt: skip


def _concentration(of: Institution) -> Iterator[tuple[str, Known]]:
    """Largest client and largest group over net assets."""
    found: Concentration = concentration(of.contracts, of.statement, of.rules, of.switches)
    missing = of.liability.shares_missing if of.liability else 0
    for name, amounts, upper in (
        ("single_client_share", found.client_fen, Text("最大单户责任余额", "largest client")),
        ("group_share", found.group_fen, Text("最大关联方责任余额", "largest group of parties")),
    ):
        most = int(amounts.max(initial=0))
        yield name, _over_assets(most, found.net_assets_fen, upper, missing)


def _over_assets(liability: int, assets: int | None, upper: Text, missing: int) -> Known:
    """An amount of liability over net assets; infinite where there are none left."""
    if assets is None:
        return Known(None, Text("净资产未知", "net assets are not known"))
    lower = Text("净资产", "net assets")
    told = f"{liability / 100:,.2f} / {assets / 100:,.2f}"
    how = Text(f"{upper.zh}/{lower.zh} = {told}", f"{upper.en} / {lower.en} = {told}")
    value = liability / assets if assets > 0 else float("inf")
    return Known(value, how, missing, lambda limit: (limit * assets - liability) / 100.0)


def _policy(of: Institution) -> Iterator[tuple[str, Known]]:
    """Policy business over the balance in force."""
    figure = policy_share(of.contracts, of.rules, of.switches)
    yield "policy_share", _known(figure, _other_business(figure))


def _mix(of: Institution) -> Iterator[tuple[str, Known]]:
    """Mix of business."""
    figures = mix(of.contracts, of.rules, of.switches)
    for name, figure in zip(("small_agri_share", "small_ticket_share"), figures, strict=True):
        yield name, _known(figure, _other_business(figure))


def _other_business(figure: Figure) -> Callable[[float], float] | None:
    """How much other business a floor on a share still allows [yuan]."""
    over, below = figure.over_yuan, figure.below_yuan
    if over is None or below is None:
        return None
    return lambda limit: over / limit - below


def _rates(of: Institution) -> Iterator[tuple[str, Known]]:
    """Mean fee and compensation rate of the year."""
    asked = (of.rules, of.switches)
    fee = mean_rate(of.contracts, "fee_rate_per_year", *asked)
    yield "mean_guarantee_fee_share", _known(fee, None)
    yield "compensation_rate", _known(compensation_rate(of.contracts, *asked), None)


def _assets(of: Institution) -> Iterator[tuple[str, Known]]:
    """Shares of assets."""
    for name, fact in asset_facts(of.statement, of.rules).items():
        yield name, Known(fact.value, fact.how)


def _fund(of: Institution) -> Iterator[tuple[str, Known]]:
    """Compensation fund over the balance in force."""
    fund, whole = money(of.statement, "fund_yuan"), int(of.contracts.balance_fen.sum())
    if fund is None or whole == 0:
        yield "fund_to_in_force_share", Known(None, Text("基金未知", "no fund is known"))
        return
    told = f"{fund / 100:,.2f} / {whole / 100:,.2f}"
    how = Text(f"补偿基金/在保余额 = {told}", f"compensation fund / balance in force = {told}")
    yield (
        "fund_to_in_force_share",
        Known(fund / whole, how, 0, lambda limit: (fund / limit - whole) / 100.0),
    )


def _known(figure: Figure, room: Callable[[float], float] | None) -> Known:
    """A figure as a fact."""
    return Known(figure.value, figure.how, figure.missing, room)


PARTS: tuple[tuple[tuple[str, ...], Callable[[Institution], Iterator[tuple[str, Known]]]], ...] = (
    (("leverage_ratio", "serves_mainly_small_agri"), _leverage),
    (("single_client_share", "group_share"), _concentration),
    (("policy_share",), _policy),
    (("small_agri_share", "small_ticket_share"), _mix),
    (("mean_guarantee_fee_share", "compensation_rate"), _rates),
    (("own_funds_share", "tier_one_two_share", "tier_one_share", "tier_three_share"), _assets),
    (("fund_to_in_force_share",), _fund),
)
"""Facts with what computes them; on a day without its rules a fact is not known."""
