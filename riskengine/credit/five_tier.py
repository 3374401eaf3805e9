"""Five-tier class of loans, straight from the rules of the valuation day.

Each rule of `riskengine/rules/cn/classification.toml` that judges a fact names in its first
words the class that failing it means at least: ``substandard_overdue`` holds ``overdue_days``
to 90 days, so more than 90 is at least substandard.  Nothing here knows those numbers.
What a row is not told a rule cannot judge; the rules that were not judged are named.
Collateral is no fact of any of them: it does not stop a downgrade.

Source: Measures for Risk Classification of Financial Assets of Commercial Banks (2023) 1.
"""

import operator
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.credit.rows import Column, CreditError, Index, table
from riskengine.rules import Rule, Rules
from riskengine.words import Text

TIERS = ("normal", "special_mention", "substandard", "doubtful", "loss")
"""Classes, best first."""
TIER_WORDS = (
    Text("正常", "normal"), Text("关注", "special mention"), Text("次级", "substandard"),
    Text("可疑", "doubtful"), Text("损失", "loss"),
)  # fmt: skip
SUBJECT = "classification."
COMPARED = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq,
}  # fmt: skip

Fact = NDArray[np.float64] | NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Classes:
    """Class of each loan and what put it there.

    Parameters
    ----------
    tier : (n,) int64
        Place in `TIERS`.
    own_tier : (n,) int64
        Class of the loan by itself, before its debtor's other loans and earlier classes.
    ground : (n,) int64
        What decides: place in ``grounds``, -1 where nothing speaks against normal.
    grounds : tuple of str
        Names of the rules judged, then ``debtor`` and ``not_yet_raised``.
    not_judged : tuple of str
        Names of the rules whose facts were not told.
    """

    tier: Index
    own_tier: Index
    ground: Index
    grounds: tuple[str, ...]
    not_judged: tuple[str, ...]

    @property
    def non_performing(self) -> NDArray[np.bool_]:
        """Whether each loan is non-performing: substandard or worse."""
        return np.asarray(self.tier >= TIERS.index("substandard"), dtype=np.bool_)


def five_tier(
    facts: Mapping[str, ArrayLike], rules: Rules, *, retail: ArrayLike = True,
    debtor: ArrayLike | None = None, earlier: ArrayLike | None = None,
    good_payment_months: ArrayLike = 0.0,
) -> Classes:  # fmt: skip
    """Class loans by the rules of a day.

    Parameters
    ----------
    facts : mapping of str to array-like
        Facts by the names of the rule file, such as ``overdue_days`` [day] (needed),
        ``operational_overdue``, ``credit_impaired``, ``ecl_share`` [1], ``restructured``,
        ``restructured_months`` [month].  NaN is not told.
    rules : Rules
        Rules of the valuation day.
    retail : array-like of bool
        Retail and household loans, classed one by one; others are classed by debtor, the
        worst of a debtor's loans for all of them.
    debtor : (n,) array-like or None
        Who owes each loan; needed where a loan is not retail.
    earlier : array-like of int or None
        Class at the last review: a better one comes only after months of good payment.
    good_payment_months : array-like
        Months of payment as agreed since then [month], >= 0.

    Returns
    -------
    Classes
        One row a loan.

    Raises
    ------
    CreditError
        If facts do not fit each other, days overdue are missing, or a debtor is.
    RuleNotFound
        Before the first day of the measures.
    """
    days = np.atleast_1d(np.asarray(facts.get("overdue_days", np.nan), dtype=np.float64))
    size = max([days.size, *(np.size(values) for values in facts.values())])
    told = {name: table(size, **{name: values})[0] for name, values in facts.items()}
    if not np.all(told.get("overdue_days", days) >= 0.0):
        raise _refused("逾期天数缺失或为负", "days overdue are missing or negative")
    kept = _flags(table(size, retail=np.asarray(retail, dtype=np.float64))[0])
    told.setdefault("operational_overdue", np.zeros(size))
    tier, ground = np.zeros(size, dtype=np.int64), np.full(size, -1, dtype=np.int64)
    judged: list[str] = []
    left_out: list[str] = []
    for rule in _judging(rules):
        outcome = _breach(rule, rules, told, kept)
        if outcome is None:
            left_out.append(rule.name)
            continue
        worse = outcome & (tier < _tier_of(rule, rules))
        tier[worse], ground[worse] = _tier_of(rule, rules), len(judged)
        judged.append(rule.name)
    own = tier.copy()
    _by_debtor(tier, ground, len(judged), kept, debtor, rules)
    if earlier is not None:
        last = table(size, earlier=earlier)[0]
        if not np.all(np.isin(last, range(len(TIERS)))):
            raise _refused("上次分类应为0到4", "an earlier class is a place in TIERS")
        months = table(size, good_payment_months=good_payment_months)[0]
        wanted = rules.number(f"{SUBJECT}upgrade_good_payment")
        # Only what was overdue or worse waits; NaN months have not been shown.
        waits = (last > tier) & ~(months >= wanted)
        tier[waits], ground[waits] = last[waits].astype(np.int64), len(judged) + 1
    names = (*judged, "debtor", "not_yet_raised")
    return Classes(tier, own, ground, names, tuple(left_out))


def _judging(rules: Rules) -> list[Rule]:
    """Rules that judge a fact on the day, worst class first."""
    rules.value(f"{SUBJECT}substandard_overdue")
    found = [
        rule
        for name, rule in rules.book.rules.items()
        if name.startswith(SUBJECT) and rule.judges.fact and rules.held(name) is not None
    ]
    return sorted(found, key=lambda rule: -_tier_of(rule, rules))


def _tier_of(rule: Rule, rules: Rules) -> int:
    """Class that failing a rule means at least."""
    words = rule.name.removeprefix(SUBJECT)
    if words.startswith("restructured"):
        return TIERS.index(rules.value(f"{SUBJECT}restructured_class"))
    return max((k for k, name in enumerate(TIERS) if words.startswith(name)), default=0)


def _breach(
    rule: Rule, rules: Rules, told: Mapping[str, Column], retail: NDArray[np.bool_]
) -> NDArray[np.bool_] | None:
    """Where a rule applies and is failed; None where its facts are not told at all."""
    fact = told.get(rule.judges.fact)
    if fact is None:
        return None
    applies = ~np.isnan(fact)
    for name, admitted in (rule.judges.when or {}).items():
        if name == "debtor_type":
            applies = applies & ~retail
        elif name in told:
            state = np.nan_to_num(told[name])  # not told is not so
            applies = applies & np.isin(state, [float(word) for word in admitted])
        elif admitted != (False,):
            return None
    holds = COMPARED[rule.compare](fact, float(rules.value(rule.name)))
    found: NDArray[np.bool_] = applies & ~np.asarray(holds, dtype=np.bool_)
    return found


def _by_debtor(
    tier: Index, ground: Index, place: int, retail: NDArray[np.bool_],
    debtor: ArrayLike | None, rules: Rules,
) -> None:  # fmt: skip
    """Give every loan of a debtor the worst class among them, where rules class by debtor."""
    units = {True: "unit_of_retail_class", False: "unit_of_non_retail_class"}
    whole = np.zeros(tier.size, dtype=np.bool_)
    for kind, name in units.items():
        if rules.value(f"{SUBJECT}{name}") == "debtor":
            whole |= retail == kind
    if not np.any(whole):
        return
    if debtor is None or np.shape(debtor) != tier.shape:
        raise _refused("非零售贷款须给出债务人", "loans classed by debtor need one each")
    _, member = np.unique(np.asarray(debtor)[whole], return_inverse=True)
    worst = np.zeros(member.max() + 1, dtype=np.int64)
    np.maximum.at(worst, member, tier[whole])
    at = np.flatnonzero(whole)
    raised = at[worst[member] > tier[at]]
    tier[at] = worst[member]
    ground[raised] = place


def _flags(values: Column) -> NDArray[np.bool_]:
    if not np.all(np.isin(values, (0.0, 1.0))):
        raise _refused("是否零售应为是或否", "retail is true or false")
    return np.asarray(values == 1.0, dtype=np.bool_)


def _refused(zh: str, en: str) -> CreditError:
    return CreditError(Text(zh, en), Text("请检查分类的输入", "check what the classes are told"))
