"""What each missing paper is worth: the case mended in one place, and answered again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from riskengine.casefile.evaluate import Bench, evaluate
from riskengine.casefile.findings import Finding, findings
from riskengine.casefile.limits import months_after
from riskengine.casefile.read import Case, PledgedRight
from riskengine.gates.plan import LEVELS
from riskengine.gates.tables import pledges
from riskengine.pledging.assess import Assessed
from riskengine.rights import RIGHTS
from riskengine.rules.facts import Fact, declared_facts
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Cure:
    """One thing that would mend a case.

    Parameters
    ----------
    right_id : str
        The right that it mends.
    codes : tuple of str
        Marks of the rules that it settles.
    action : Text
        What to do.
    fact : str
        The fact that it changes.
    gain_yuan : float
        What it alone adds to the limit [yuan].
    needed_yuan : float
        What the limit of the wholly mended case loses without it [yuan].
    severity : str
        The severest outcome that it lifts.
    """

    right_id: str
    codes: tuple[str, ...]
    action: Text
    fact: str
    gain_yuan: float
    needed_yuan: float
    severity: str


Mend = Callable[[PledgedRight], PledgedRight]
"""A right with one thing mended."""
Mending = tuple[int, str, list[Finding], Mend]
"""Position of the right, the fact, what is said of it, and how it is mended."""


class Mended(NamedTuple):
    """What would mend a case.

    Parameters
    ----------
    cures : tuple of Cure
        The most money first.
    limit_yuan : float
        Most that may be lent once all are done [yuan].
    to_reach : int or None
        How many of them, from the first, reach the sum asked for; 0 where it is reached as
        the case stands, None where all together do not.
    """

    cures: tuple[Cure, ...]
    limit_yuan: float
    to_reach: int | None


def cures(case: Case, bench: Bench, found: list[Assessed]) -> Mended:
    """Find what would mend a case, and what each thing is worth.

    Parameters
    ----------
    case : Case
        The case.
    bench : Bench
        What it is judged by.
    found : list of Assessed
        The case as it stands.

    Returns
    -------
    Mended
        The cures, what all of them are worth, and which reach the sum asked for.
    """
    now = lent(found)
    mends = _mends(case, found)
    best = lent(evaluate(_mended(case, mends), bench)) if mends else now
    listed: list[tuple[Cure, Mending]] = []
    for j, mending in enumerate(mends):
        k, fact, told, _ = mending
        alone = lent(evaluate(_mended(case, [mending]), bench)) - now
        without = _mended(case, mends[:j] + mends[j + 1 :])
        needed = best - lent(evaluate(without, bench))
        listed.append((_cure(case.rights[k], fact, told, alone, needed), mending))
    listed.sort(key=lambda pair: _first(pair[0]))
    return Mended(
        tuple(cure for cure, _ in listed), best,
        _to_reach(case, bench, now, best, [mending for _, mending in listed]),
    )  # fmt: skip


def _first(cure: Cure) -> tuple[Any, ...]:
    """What goes before: the most money, then the severest."""
    return -cure.gain_yuan, -cure.needed_yuan, -LEVELS[cure.severity], cure.codes


def _to_reach(
    case: Case, bench: Bench, now: float, best: float, mends: list[Mending]
) -> int | None:
    """How many cures, from the first, reach the sum asked for."""
    asked = float(case.loan.get("balance_yuan", "nan")) if case.loan else float("nan")
    if not asked > now:
        return 0
    if asked > best:
        return None
    return next(
        count
        for count in range(1, len(mends) + 1)
        if lent(evaluate(_mended(case, mends[:count]), bench)) >= asked
    )


def _mends(case: Case, found: list[Assessed]) -> list[Mending]:
    """Everything that can be mended, each with the findings that it settles."""
    mends: list[Mending] = []
    for k, one in enumerate(found):
        by_fact: dict[str, list[Finding]] = {}
        for finding in findings(*one.judged(0)):
            if LEVELS[finding.severity] >= 1:
                for fact in finding.missing or (finding.fact,):
                    by_fact.setdefault(fact, []).append(finding)
        for fact, told in by_fact.items():
            ways = (_mend(case, one, fact, finding) for finding in told)
            mend = next((way for way in ways if way is not None), None)
            if mend is not None:
                mends.append((k, fact, told, mend))
    return mends


def lent(found: list[Assessed]) -> float:
    """Return what may be lent on all rights of a case.

    Parameters
    ----------
    found : list of Assessed
        The rights, in row 0 of each.

    Returns
    -------
    float
        Limit [yuan], whole fen.
    """
    return sum(int(one.steps[-1, 0]) for one in found) / 100.0


def _cure(right: PledgedRight, fact: str, told: list[Finding], alone: float, needed: float) -> Cure:
    """One cure with its worth."""
    worst = max(told, key=lambda finding: LEVELS[finding.severity])
    open_ = all(fact in finding.missing for finding in told)
    look = open_ and bool(declared_facts()[fact].inspection)
    action = worst.cure if worst.cure and fact == worst.fact and not look else _find_out(fact)
    return Cure(
        str(right.right["right_id"]), tuple(sorted({finding.code for finding in told})), action,
        fact, round(alone, 2), round(needed, 2), worst.severity,
    )  # fmt: skip


def _find_out(name: str) -> Text:
    """What to do about a fact that is not known."""
    title = declared_facts()[name].title
    return Text(f"查明：{title.zh}", f"find out: {title.en}")


def _mended(case: Case, mends: list[Mending]) -> Case:
    """The case with some things mended."""
    rights = list(case.rights)
    for k, _, _, mend in mends:
        rights[k] = mend(rights[k])
    return replace(case, rights=tuple(rights))


def _mend(case: Case, found: Assessed, name: str, finding: Finding) -> Mend | None:
    """How one fact of a right is mended; None where nobody can."""
    fact = declared_facts()[name]
    if name in BEYOND_MENDING or (name in OF_THE_LOAN and "matures_on" not in case.loan):
        return None
    if name in CHANGES:
        return lambda right: CHANGES[name](case, right)
    good = _good(found, fact, finding)
    if good is None:
        return None
    if fact.source == "right" and name in RIGHTS[found.of.table].by_name:
        return lambda right: replace(right, right={**right.right, name: good})
    if name in pledges().by_name:
        return lambda right: replace(right, pledge={**_forgotten(right.pledge, name), name: good})
    return None


def _forgotten(pledge: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A pledge without the days of one fact."""
    return {
        key: cell
        for key, cell in pledge.items()
        if not key.startswith((f"{name}_on", f"{name}_until"))
    }


def _good(found: Assessed, fact: Fact, finding: Finding) -> Any:
    """A word or number of a fact that keeps the rule; None where there is none to name."""
    judged, _ = found.judged(0)
    if fact.name != finding.fact:
        return None
    for gate in judged.plan.gates:
        if gate.rule.name == finding.name and gate.first_day == finding.first_day:
            amount = gate.value.amount
            match gate.rule.compare:
                case "==" | "<=" | ">=":
                    return amount
                case "in":
                    return amount[0]
                case "not in":
                    words = judged.plan.words[fact.name]
                    return next((word for word in words if word not in amount), None)
    return None


def _later(column: str, years: int) -> Callable[[Case, PledgedRight], PledgedRight]:
    """A right whose end moves out."""

    def moved(_case: Case, right: PledgedRight) -> PledgedRight:
        end: date | None = right.right.get(column)
        if end is None:
            return right
        return replace(right, right={**right.right, column: months_after(end, 12 * years)})

    return moved


EXTENSION_YEARS = 3
"""Years by which a lease is taken to be extended."""


def _extended(case: Case, right: PledgedRight) -> PledgedRight:
    """A right that runs on for some more years."""
    for column in ("lease_end", "term_end", "contract_end"):
        right = _later(column, EXTENSION_YEARS)(case, right) if column in right.right else right
        if column in right.right and column != "contract_end":
            break
    return right


def _rent_paid(case: Case, right: PledgedRight) -> PledgedRight:
    """Rent paid to the day on which the loan falls due."""
    due = case.loan.get("matures_on")
    return right if due is None else replace(
        right, right={**right.right, "rent_prepaid_through": due}
    )  # fmt: skip


def _no_arrears(_case: Case, right: PledgedRight) -> PledgedRight:
    """Arrears of rent paid."""
    return replace(right, right={**right.right, "rent_arrears_yuan": 0.0})


def _told(_case: Case, right: PledgedRight) -> PledgedRight:
    """Every insurer told of the pledge."""
    told = tuple({**policy, "insurer_notified": True} for policy in right.policies)
    return replace(right, policies=told)


def _housed(_case: Case, right: PledgedRight) -> PledgedRight:
    """The household has another dwelling."""
    return replace(right, right={**right.right, "other_dwelling": True, "sole_dwelling": False})


CHANGES: Mapping[str, Callable[[Case, PledgedRight], PledgedRight]] = {
    "tail_years": _extended, "transfer_term_years": _extended, "rent_paid_to_maturity": _rent_paid,
    "rent_arrears_yuan": _no_arrears, "rent_paid_as_agreed": _no_arrears,
    "insurer_notified": _told, "second_dwelling": _housed, "sole_dwelling": _housed,
}  # fmt: skip
"""Facts that are mended by changing what they follow from."""
OF_THE_LOAN = frozenset({"tail_years", "rent_paid_to_maturity"})
"""Facts that only a loan with its last day lets anybody tell."""
BEYOND_MENDING = frozenset({
    "kind", "land_use", "pledged_object", "mortgagor_type", "holder_type", "forest_type",
    "on_permanent_basic_farmland", "public_welfare", "in_national_park", "national_park_zone",
    "in_nature_reserve", "forest_use_category", "units_issued", "low_income_protected",
    "stand_class", "age_class", "bearing_stage", "buyer_pool", "black_soil", "prior_claims_yuan",
    "ecological_red_line_share", "expropriation_announced", "loan_to_value",
    "local_authority_valid", "local_rule_found",
})  # fmt: skip
"""Facts that no paper changes: they are what they are, or others decide."""
