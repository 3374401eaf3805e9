"""Readings of the rules that practice disputes, each named, with the reading taken.

What holds where nobody chooses is a dated rule; an institution that must report by another
reading names it here, and every ratio says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from riskengine.guarantee.contracts import refused
from riskengine.rules import Rule, Rules, RuleValue
from riskengine.words import Text

Choice = str | bool


@dataclass(frozen=True, slots=True)
class Switches:
    """Readings chosen; None leaves a reading to the rule of the day.

    Parameters
    ----------
    balance_counted : {"share_borne", "full_balance", "full_balance_within_limits"} or None
        Balance that the weight is put on where others share the risk (GI-W-08).
    threshold_balance : {"contract_balance", "share_borne"} or None
        Balance held against the limits of 5 and 2 million (GI-W-09).
    small_micro_limit_inclusive, farm_household_limit_inclusive : bool or None
        Whether a client exactly at the limit gets the lower weight (GI-W-01, GI-W-02).
    net_assets_counted : {"less_equity_in_guarantors", "as_stated"} or None
        Net assets of leverage and concentration (GI-LEV-01, GI-CON-01).
    small_agri_counted_by : {"flag", "kind"} or None
        What counts as small and agri in the test for 15 times (GI-LEV-02).
    band_amount : {"in_force_balance", "original_amount"} or None
        Amount by which the bands of policy business are told (AGR-BAND-01).
    mix_amount : {"in_force_balance", "original_amount", "year_amount"} or None
        Amount by which the mix of business is measured (GOV-MIX-01).
    small_ticket_base : {"small_agri", "all"} or None
        Denominator of the share of clients up to 5 million (GOV-MIX-01).
    means : {"simple_mean", "balance_weighted"} or None
        Mean of fees and loan rates (GI-R-04).
    compensation_denominator : {"released", "in_force"} or None
        What compensation is divided by (GI-R-01, GI-R-02).
    reserve_base : {"liability_balance", "in_force_balance"} or None
        Balance on which the compensation reserve is provided (GI-RES-03).
    reserve_differential : {"up_to_the_cap", "full_until_reached", "release_above_cap"} or None
        What is provided once the reserve nears 10 % (GI-RES-03).
    """

    balance_counted: str | None = None
    threshold_balance: str | None = None
    small_micro_limit_inclusive: bool | None = None
    farm_household_limit_inclusive: bool | None = None
    net_assets_counted: str | None = None
    small_agri_counted_by: str | None = None
    band_amount: str | None = None
    mix_amount: str | None = None
    small_ticket_base: str | None = None
    means: str | None = None
    compensation_denominator: str | None = None
    reserve_base: str | None = None
    reserve_differential: str | None = None

    def __post_init__(self) -> None:
        """Refuse a reading that there is not."""
        for column in fields(self):
            chosen = getattr(self, column.name)
            choices = DISPUTED[column.name].choices
            if chosen is not None and not any(chosen is x or chosen == x for x in choices):
                said = ", ".join(map(str, choices))
                raise refused(column.name, f"可选：{said}", f"must be one of {said}")


@dataclass(frozen=True, slots=True)
class Disputed:
    """One disputed reading.

    Parameters
    ----------
    rule : str
        Rule that holds the reading taken where nobody chooses.
    row : str
        Row of the notes on law and policy.
    choices : tuple
        Readings that there are.
    effect : Text
        What the choice moves.
    reads : callable or None
        How the reading follows from the rule; None: it is the rule's amount.
    """

    rule: str
    row: str
    choices: tuple[Choice, ...]
    effect: Text
    reads: Callable[[Rule, RuleValue], Choice] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A disputed reading as it stands on a day.

    Parameters
    ----------
    name : str
        Field of `Switches`.
    taken : str or bool
        The reading in use.
    default : str or bool or None
        The rule's reading; None on a day on which the rule does not speak.
    chosen : bool
        Whether the institution chose it.
    choices : tuple
        Readings that there are.
    effect : Text
        What the choice moves.
    row, citation, seen : str
        Row of the notes, source, and how it was seen.
    """

    name: str
    taken: Choice
    default: Choice | None
    chosen: bool
    choices: tuple[Choice, ...]
    effect: Text
    row: str
    citation: str
    seen: str


def _denominator(_: Rule, value: RuleValue) -> Choice:
    """Reading of a rule that names its denominator."""
    return "in_force" if "in_force" in str(value.amount["denominator"]) else "released"


def _mean(_: Rule, value: RuleValue) -> Choice:
    """Reading of the rule on means."""
    return str(value.amount["fee"])


def _inclusive(rule: Rule, _: RuleValue) -> Choice:
    """Reading of a rule whose comparison says whether its limit is allowed."""
    return rule.compare == "<="


YES_NO = (True, False)
DISPUTED: dict[str, Disputed] = {
    "balance_counted": Disputed(
        "guarantee_weights.balance_counted", "GI-W-08",
        ("share_borne", "full_balance", "full_balance_within_limits"),
        Text(
            "银行分担两成时，500万元小微企业的责任余额为300万元或375万元",
            "a small firm of 5 million of which the bank bears a fifth: 3.00 or 3.75 million",
        ),
    ),
    "threshold_balance": Disputed(
        "guarantee_weights.threshold_balance", "GI-W-09", ("contract_balance", "share_borne"),
        Text(
            "合同余额超限而自担部分未超限的客户权重为100%或75%",
            "clients whose balance passes the limit and whose share borne does not: 100 or 75 %",
        ),
    ),
    "small_micro_limit_inclusive": Disputed(
        "guarantee_weights.small_micro_limit", "GI-W-01", YES_NO,
        Text("恰为500万元的客户权重为75%或100%", "a client of exactly 5 million: 75 or 100 %"),
        _inclusive,
    ),
    "farm_household_limit_inclusive": Disputed(
        "guarantee_weights.farm_household_limit_inclusive", "GI-W-02", YES_NO,
        Text("恰为200万元的农户权重为75%或100%", "a household of exactly 2 million: 75 or 100 %"),
    ),
    "net_assets_counted": Disputed(
        "guarantee_company.net_assets_counted", "GI-LEV-01",
        ("less_equity_in_guarantors", "as_stated"),
        Text(
            "扣除对其他担保公司股权投资后，倍数和集中度升高",
            "with equity in other guarantee companies taken off, leverage and concentration rise",
        ),
    ),
    "small_agri_counted_by": Disputed(
        "guarantee_company.small_agri_counted_by", "GI-LEV-02", ("flag", "kind"),
        Text("决定上限为10倍或15倍", "decides between 10 and 15 times"),
    ),
    "band_amount": Disputed(
        "guarantee_policy.band_amount", "AGR-BAND-01", ("in_force_balance", "original_amount"),
        Text(
            "分期还款后余额低于10万元的客户是否仍属政策性业务",
            "whether a client paid down below 100,000 is still policy business",
        ),
    ),
    "mix_amount": Disputed(
        "guarantee_policy.mix_amount", "GOV-MIX-01",
        ("in_force_balance", "original_amount", "year_amount"),
        Text("占比按存量或按当年新增", "shares of what is in force or of the year's business"),
    ),
    "small_ticket_base": Disputed(
        "guarantee_policy.small_ticket_base", "GOV-MIX-01", ("small_agri", "all"),
        Text("小额占比的分母", "denominator of the share of small tickets"),
    ),
    "means": Disputed(
        "guarantee_ratios.mean_costs", "GI-R-04", ("simple_mean", "balance_weighted"),
        Text("大额低费率业务的权重", "how much large cheap contracts weigh in the mean"), _mean,
    ),
    "compensation_denominator": Disputed(
        "guarantee_ratios.year_compensation_rate", "GI-R-01", ("released", "in_force"),
        Text(
            "业务快速增长时按在保余额计算的代偿率偏低",
            "over the balance in force a growing book looks safer still",
        ), _denominator,
    ),
    "reserve_base": Disputed(
        "guarantee_company.reserve_base", "GI-RES-03", ("liability_balance", "in_force_balance"),
        Text("按加权余额计提少于按在保余额", "the weighted balance asks for less"),
    ),
    "reserve_differential": Disputed(
        "guarantee_company.reserve_differential", "GI-RES-03",
        ("up_to_the_cap", "full_until_reached", "release_above_cap"),
        Text("接近和超过10%时的提取额", "what is provided near and above 10 %"),
    ),
}  # fmt: skip
"""Every disputed reading by its name in `Switches`."""


def readings(rules: Rules, switches: Switches) -> tuple[Reading, ...]:
    """Return every disputed reading as it stands on a day.

    Parameters
    ----------
    rules : Rules
        The rules of the day.
    switches : Switches
        What the institution chose.

    Returns
    -------
    tuple of Reading
        One each, in the order of `Switches`.
    """
    return tuple(_reading(name, rules, switches) for name in DISPUTED)


def reading(name: str, rules: Rules, switches: Switches) -> Any:
    """Return the reading in use of one disputed matter.

    Parameters
    ----------
    name : str
        Field of `Switches`.
    rules : Rules
        The rules of the day.
    switches : Switches
        What the institution chose.

    Returns
    -------
    str or bool
        The reading; the first choice on a day on which the rule does not speak yet.

    Examples
    --------
    >>> from datetime import date
    >>> from riskengine.rules import statute
    >>> reading("balance_counted", statute().at(date(2026, 11, 24)), Switches())
    'share_borne'
    """
    return _reading(name, rules, switches).taken


def _reading(name: str, rules: Rules, switches: Switches) -> Reading:
    """One reading with what stands behind it."""
    disputed = DISPUTED[name]
    rule = rules.book.rule(disputed.rule).speaking(rules.day)
    value = rule.held(rules.day) if rule is not None else None
    default: Choice | None = None
    if rule is not None and value is not None:
        default = disputed.reads(rule, value) if disputed.reads else value.amount
    chosen: Choice | None = getattr(switches, name)
    taken = chosen if chosen is not None else default
    return Reading(
        name, taken if taken is not None else disputed.choices[0], default, chosen is not None,
        disputed.choices, disputed.effect, disputed.row, value.cite if value else "",
        value.seen if value else "",
    )  # fmt: skip
