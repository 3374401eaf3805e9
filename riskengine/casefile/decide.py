"""The answer to a case: verdict, amount, cover, longest term, and what would change it."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from riskengine import __version__
from riskengine.casefile.claimed import claimed_twice
from riskengine.casefile.cures import Cure, cures
from riskengine.casefile.evaluate import Bench, evaluate
from riskengine.casefile.findings import Finding, findings, known
from riskengine.casefile.limits import longest_months
from riskengine.casefile.read import Case
from riskengine.casefile.typed import typed
from riskengine.dates import EPOCH
from riskengine.gates.papers import CODES, PaperRemark, paper_remarks
from riskengine.gates.plan import LIMITS, OUTCOMES
from riskengine.pledging.assess import REFER, Assessed
from riskengine.pledging.insurance import judge_policies
from riskengine.pledging.waterfall import STEPS, agreed_sale
from riskengine.valuation import STATUSES, Flag, statuses
from riskengine.words import Text

DOTS = {
    "consent": Text("同意", "consent"), "filing": Text("备案", "filing"),
    "registration": Text("登记", "registration"), "rent": Text("租金", "rent"),
    "insurance": Text("保险", "insurance"), "seal": Text("查封", "seal"),
}  # fmt: skip
"""What an officer looks at first of each right."""
DOT_FACTS = {
    "consent": (("contractor_consent", True), ("all_members_signed", True),
                ("co_owners_consent", True), ("collective_consent", True)),
    "filing": (("filed_with_collective", True), ("owner_notified", True)),
    "registration": (("registered", True), ("equity_registered", True),
                     ("movable_finance_registered", True)),
    "rent": (("rent_paid_to_maturity", True), ("rent_paid_as_agreed", True)),
    "insurance": (("house_insured", True), ("insurer_notified", True)),
    "seal": (("sealed_or_seized", False),),
}  # fmt: skip
"""Facts behind each dot, with the word that is good."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step from market value to lending value.

    Parameters
    ----------
    name : str
        One of `riskengine.pledging.waterfall.STEPS`.
    title : Text
        What it is.
    change_yuan, left_yuan : float
        What it takes or adds, and what is left after it [yuan], whole fen.
    """

    name: str
    title: Text
    change_yuan: float
    left_yuan: float


@dataclass(frozen=True, slots=True)
class PolicyAnswer:
    """What is said of one insurance policy on a right.

    Parameters
    ----------
    policy_id : str
        The policy.
    kind : Text
        What it insures.
    sum_insured_yuan : float
        Sum insured [yuan].
    ends_on : datetime.date
        Last day of cover.
    findings : tuple of Finding
        Rules on assigned claims that fail or cannot be told.
    """

    policy_id: str
    kind: Text
    sum_insured_yuan: float
    ends_on: date
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class RightAnswer:
    """What is said of one right of a case.

    Parameters
    ----------
    right_id, table, region : str
        The right.
    kind : Text
        Kind of right.
    area : Text
        Size with its unit; empty where there is none.
    outcome : str
        One of `riskengine.gates.plan.OUTCOMES`.
    status : str
        One of `riskengine.valuation.STATUSES`.
    flags : Flag
        What the reader of the value must know.
    value_yuan, p05_yuan, p95_yuan : float
        Market value and its interval [yuan]; NaN where no method answers.
    remaining_years, loan_years : float
        Years of the right and of the loan [year]; infinite without end, NaN if not known.
    steps : tuple of Step
        From market value to lending value.
    lending_value_yuan : float
        What may be lent on it [yuan].
    loss_credit_yuan : float
        What of it counts when the loan is lost [yuan]: nothing where the security binds no
        third party.
    findings : tuple of Finding
        Rules that fail or cannot be told.
    papers : tuple of PaperRemark
        What is wrong with codes on the papers, and which stand on another right too.
    policies : tuple of PolicyAnswer
        Insurance on the right.
    dots : mapping of str to str
        ``good``, ``bad``, ``unknown`` or ``none`` for each of `DOTS`.
    agreed : bool
        Whether a sale without a court is open.
    cap : float
        Loan-to-value limit found by the gates [1]; infinite where none.
    market_level, market_observations : int
        Where the market evidence stands (`riskengine.market.quotes.LEVELS`), and how many
        observations are behind it.
    """

    right_id: str
    table: str
    region: str
    kind: Text
    area: Text
    outcome: str
    status: str
    flags: Flag
    value_yuan: float
    p05_yuan: float
    p95_yuan: float
    remaining_years: float
    loan_years: float
    steps: tuple[Step, ...]
    lending_value_yuan: float
    loss_credit_yuan: float
    findings: tuple[Finding, ...]
    papers: tuple[PaperRemark, ...]
    policies: tuple[PolicyAnswer, ...]
    dots: dict[str, str]
    agreed: bool
    cap: float
    market_level: int
    market_observations: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a case.

    Parameters
    ----------
    case : Case
        The case, its cells typed.
    valued_on : datetime.date
        Day of valuation.
    outcome : str
        The worst over its rights: a right that is blocked lends nothing, the others stand.
    rights : tuple of RightAnswer
        What is said of each right.
    asked_yuan : float
        Sum asked for or owed [yuan]; NaN without a loan.
    limit_yuan : float
        Most that may be lent on all rights together [yuan].
    cover : float
        Limit over the sum asked for [1]; NaN without a loan.
    longest_months : int or None
        Longest term at which the sum asked for is still covered and no rule on terms
        fails [month]; None where there is none.
    cures : tuple of Cure
        What would mend the case, the most money first.
    to_reach : int or None
        How many cures, from the first, reach the sum asked for; 0 where it is reached as
        the case stands, None where all together do not.
    limit_when_mended_yuan : float
        Most that may be lent once everything that can be mended is [yuan].
    engine, rules, market : str
        Version of the engine, digests of rules and market.
    """

    case: Case
    valued_on: date
    outcome: str
    rights: tuple[RightAnswer, ...]
    asked_yuan: float
    limit_yuan: float
    cover: float
    longest_months: int | None
    cures: tuple[Cure, ...]
    to_reach: int | None
    limit_when_mended_yuan: float
    engine: str
    rules: str
    market: str


def decide(case: Case, bench: Bench) -> Decision:
    """Answer a case.

    Parameters
    ----------
    case : Case
        The case.
    bench : Bench
        What it is judged by.

    Returns
    -------
    Decision
        Verdict, amounts, reasons and cures; the same bytes when asked again.

    Raises
    ------
    PortfolioError
        Listing every fault of a table of the case.
    """
    case = typed(case)
    found = evaluate(case, bench)
    borrower = str(case.loan.get("borrower_code", "") or "")
    shared = claimed_twice(case)
    rights = tuple(
        _answer(one, (*_papers(one, borrower), *twice), bench)
        for one, twice in zip(found, shared, strict=True)
    )
    asked = float(case.loan.get("balance_yuan", "nan")) if case.loan else float("nan")
    limit = sum(right.steps[-1].left_yuan for right in rights)
    mended = cures(case, bench, found)
    outcome = max((right.outcome for right in rights), key=OUTCOMES.index)
    return Decision(
        case, case.valued_on, outcome, rights, asked, round(limit, 2),
        limit / asked if asked > 0.0 else float("nan"),
        longest_months(case, bench) if case.loan else None, mended.cures, mended.to_reach,
        mended.limit_yuan, __version__,
        bench.law("").digest, bench.market.digest,
    )  # fmt: skip


def steps_of(found: Assessed, row: int) -> tuple[Step, ...]:
    """Return the waterfall of one pledge, its changes adding up to the fen.

    Parameters
    ----------
    found : Assessed
        The pledges.
    row : int
        Position of the pledge.

    Returns
    -------
    tuple of Step
        From market value to lending value.
    """
    left = found.steps[:, row].tolist()
    before = [0, *left]
    return tuple(
        Step(name, title, (after - before[k]) / 100.0, after / 100.0)
        for k, ((name, title), after) in enumerate(zip(STEPS.items(), left, strict=True))
    )


def _answer(found: Assessed, papers: tuple[PaperRemark, ...], bench: Bench) -> RightAnswer:
    """What is said of the one right that was assessed."""
    valuation, of = found.valuation, found.of
    judged, row = found.judged(0)
    contract = valuation.batch.contract
    kind = int(valuation.batch.columns["kind"][0])
    steps = steps_of(found, 0)
    binding = known(judged, row, "registrar_designated_by_law")
    novel = of.table in ("equity", "ecology") and binding != "true"
    loan_years = float((of.years_to("loan.matures_on"))[0])
    told = REFER if any(paper.refers for paper in papers) else 0
    outcome = OUTCOMES[max(told, int(found.outcome[0]))]
    quotes = valuation.quotes
    return RightAnswer(
        str(valuation.batch.ids[0].as_py()), of.table, valuation.batch.regions[0],
        contract.by_name["kind"].choices[kind].title, _area(found), outcome,
        STATUSES[int(statuses(valuation.flags)[0])], Flag(int(valuation.flags[0])),
        float(valuation.reconciled[0, 0]), float(valuation.reconciled[2, 0]),
        float(valuation.reconciled[4, 0]), float(valuation.term[0]),
        loan_years, steps, steps[-1].left_yuan, 0.0 if novel else steps[-1].left_yuan,
        findings(judged, row), papers, _insured(found, bench),
        _dots(found),
        bool(agreed_sale(of, found.facts)[0]),
        float(found.limits[LIMITS.index("loan_to_value"), 0]),
        int(quotes.column("level")[0]), int(quotes.column("observations")[0]),
    )  # fmt: skip


def _papers(found: Assessed, borrower: str) -> tuple[PaperRemark, ...]:
    """What is wrong with codes on the papers."""
    cells = {name: found.pledges.text(name)[0].as_py() for name in CODES}
    of = found.of
    cells["borrower_code"] = borrower
    return paper_remarks(cells, of.table, of.rights.regions[0], of.valued_on)


def _insured(found: Assessed, bench: Bench) -> tuple[PolicyAnswer, ...]:
    """What is said of the policies on the right."""
    policies = found.policies
    if policies is None:
        return ()
    columns, kinds = policies.batch.columns, policies.batch.contract.by_name["kind"].choices
    book = bench.law(found.of.rights.regions[0])
    judged = judge_policies(policies, book, bench.law_day or found.of.valued_on)
    return tuple(
        PolicyAnswer(
            str(policies.batch.ids[row].as_py()), kinds[int(columns["kind"][row])].title,
            float(columns["sum_insured_yuan"][row]),
            EPOCH + timedelta(days=int(columns["ends_on"][row])), findings(judged, row),
        )
        for row in range(policies.size)
    )  # fmt: skip


def _area(found: Assessed) -> Text:
    """Size of the right."""
    columns = found.valuation.batch.columns
    for name, unit in SIZES.items():
        if name in columns and not np.isnan(columns[name][0]):
            return Text(f"{columns[name][0]:,.10g}{unit.zh}", f"{columns[name][0]:,.10g} {unit.en}")
    return Text("", "")


SIZES = {
    "area_mu": Text("亩", "mu"), "area_m2": Text("平方米", "m2"),
    "building_area_m2": Text("平方米", "m2"), "shares": Text("股", "shares"),
    "quantity_t": Text("吨", "t"),
}  # fmt: skip
"""Columns that tell the size of a right."""


def _dots(found: Assessed) -> dict[str, str]:
    """How each thing stands that an officer looks at first."""
    judged, row = found.judged(0)
    asked = {gate.fact for gate in (*judged.failed(row), *judged.unknown(row))}
    insured = bool(found.of.policies["live"][0] > 0.0)
    dots = {}
    for dot, facts in DOT_FACTS.items():
        states = []
        for name, good in facts:
            word = known(judged, row, name) if name in judged.plan.words else None
            if word is not None and (name != "insurer_notified" or insured):
                states.append("good" if word == str(good).lower() else "bad")
            elif name in asked:
                states.append("unknown")
        dots[dot] = next((s for s in ("bad", "unknown", "good") if s in states), "none")
    return dots
