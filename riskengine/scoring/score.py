"""Applications scored: one engine call for Python, the command line and the service.

Gates first, score second: the law and the red lines decide who may be lent to at all, the
model and the loss say how dear it is.  An application is declined by a blocking rule alone;
whatever is not known, not covered or unlike what the model has seen goes to a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isnan
from typing import Any

import numpy as np

from riskengine import __version__
from riskengine.casefile.decide import Decision
from riskengine.casefile.findings import Finding, findings_of
from riskengine.casefile.shown import verdict
from riskengine.casefile.together import Answered, decide_many
from riskengine.dates import day_number
from riskengine.errors import PortfolioError, RiskEngineError, UnforeseenError
from riskengine.gates.judge import judge, stated
from riskengine.gates.plan import OUTCOMES, plan_of
from riskengine.learned.default import DefaultModel
from riskengine.rules import RuleBook
from riskengine.scoring.agreement import contradiction, settled
from riskengine.scoring.application import FEATURES, Application
from riskengine.scoring.cells import typed_cells
from riskengine.scoring.equipment import Equipment
from riskengine.scoring.facts import application_facts, guarantee_facts
from riskengine.scoring.likelihood import (
    MOST_REASONS,
    Coded,
    Likelihood,
    ModelNote,
    coded_many,
    known_of,
    likelihoods,
)
from riskengine.scoring.loss import Loss, losses
from riskengine.scoring.parts import PERSONS, borrower_contract, guarantee_contract
from riskengine.scoring.policy import Policy, policy_of
from riskengine.scoring.possible import impossible
from riskengine.scoring.price import Price, Terms, prices
from riskengine.scoring.reasons import Reason, reasons_of
from riskengine.scoring.room import Room, reason_of, room_of

REFER, BLOCK = OUTCOMES.index("refer"), OUTCOMES.index("block")
LEAST_YUAN = 0.01
"""Smallest sum that has a price: a fen [yuan]."""


@dataclass(frozen=True, slots=True)
class Score:
    """The whole answer to an application.

    Parameters
    ----------
    application : Application
        The application, its cells typed.
    decision : Decision
        Eligibility, values, lending values, longest term and cures of the case.
    outcome : {"accept", "refer", "decline"}
        The decision: declined by a blocking rule alone.
    default : Likelihood or None
        PD with its contributions; None without a model.
    indicative : bool
        Whether the PD is a hint only: its model may not be used for decisions.
    challenger : Likelihood or None
        What another model would have said; it decides nothing.
    grade : str
        Grade of the PD on the master scale of the rules; empty without a PD.
    loss : Loss or None
        Exposure, LGD and EL; None without a PD or a loan.
    price : Price or None
        Fee or risk premium; None without a loss.
    limit_yuan : float
        Most that may be lent: the least of lending value, sum asked for and room of the
        client; 0 of what is declined [yuan].
    longest_months : int or None
        Longest term: of the case, and of the age of a person [month]; 0 where the person is
        past the highest age, None where no term fits the security or there is no loan.
    reasons : tuple of Reason
        Those that decide first.
    models : mapping of str to ModelNote
        Name, version, digest and origin of every model used, by what it answers.
    engine, rules, market : str
        Version of the engine, digests of rules and market.
    """

    application: Application
    decision: Decision
    outcome: str
    default: Likelihood | None
    indicative: bool
    challenger: Likelihood | None
    grade: str
    loss: Loss | None
    price: Price | None
    limit_yuan: float
    longest_months: int | None
    reasons: tuple[Reason, ...]
    models: Mapping[str, ModelNote]
    engine: str
    rules: str
    market: str


@dataclass(slots=True)
class _Row:
    """One application on its way through a batch."""

    place: int
    application: Application
    answer: Answered
    decision: Decision
    borrower: Mapping[str, Any]
    guarantee: Mapping[str, Any]
    book: RuleBook
    policy: Policy
    agreement: Mapping[str, Any]
    room: Room
    likelihood: Likelihood | None = None
    challenger: Likelihood | None = None
    facts: Mapping[str, Any] | None = None
    findings: tuple[Finding, ...] = ()
    severest: int = 0
    loss: Loss | None = None
    price: Price | None = None


def score(application: Application, equipment: Equipment) -> Score:
    """Score one application.

    Parameters
    ----------
    application : Application
        The application.
    equipment : Equipment
        What it is scored by.

    Returns
    -------
    Score
        The whole answer; the same when asked again, alone or together with others.

    Raises
    ------
    RiskEngineError
        Naming every fault of a part of it.
    """
    (found,) = score_many([application], equipment)
    if isinstance(found, RiskEngineError):
        raise found
    return found


def score_many(
    applications: Sequence[Application], equipment: Equipment
) -> list[Score | RiskEngineError]:
    """Score applications, each as if it were alone.

    Parameters
    ----------
    applications : sequence of Application
        The applications.
    equipment : Equipment
        What they are scored by.

    Returns
    -------
    list of Score or RiskEngineError
        One an application, in order; one with faults has the error that tells them, one that
        the engine itself fails on an `UnforeseenError`.

    Notes
    -----
    Whatever stops a batch is looked for by halves until it stands alone: no application
    costs another its answer, nor one bit of it.
    """
    if not applications:
        return []
    try:
        return _scored_together(applications, equipment)
    except RiskEngineError as fault:
        alone = fault
    except Exception as fault:  # noqa: BLE001 - of one application: others are answered
        alone = UnforeseenError(fault)
    if len(applications) == 1:
        return [alone]
    half = len(applications) // 2
    return [
        *score_many(applications[:half], equipment), *score_many(applications[half:], equipment),
    ]  # fmt: skip


def _scored_together(
    applications: Sequence[Application], equipment: Equipment
) -> list[Score | RiskEngineError]:
    """Score applications in one go; whatever fails stops them all."""
    found: list[Score | RiskEngineError | None] = [None] * len(applications)
    rows = _admitted(applications, equipment, found)
    rows = _with_likelihood(rows, equipment, found)
    _judge(rows, "application", [_facts(row) for row in rows])
    guaranteed = [row for row in rows if row.guarantee]
    for row in guaranteed:
        row.facts = guarantee_facts(row.borrower, row.guarantee, row.decision, row.policy)
    _judge(guaranteed, "guarantee", [row.facts or {} for row in guaranteed])
    _price([row for row in rows if row.likelihood and row.decision.asked_yuan >= LEAST_YUAN])
    for row in rows:
        found[row.place] = _scored(row, equipment)
    return [one for one in found if one is not None]


def _admitted(
    applications: Sequence[Application], equipment: Equipment,
    found: list[Score | RiskEngineError | None],
) -> list[_Row]:  # fmt: skip
    """Applications whose cells pass the door, their cases answered."""
    answers = decide_many([one.case for one in applications], equipment.bench())
    day = max(one.case.valued_on for one in applications)
    given = [dict(one.borrower) for one in applications]
    for cells in given:
        cells.pop(FEATURES, None)
    borrowers = typed_cells(borrower_contract(), given, day)
    asked = [k for k, one in enumerate(applications) if one.guarantee]
    checked = typed_cells(guarantee_contract(), [applications[k].guarantee for k in asked], day)
    guarantees = dict(zip(asked, checked, strict=True))
    rows = []
    for k, (one, answer, borrower) in enumerate(zip(applications, answers, borrowers, strict=True)):
        guarantee = guarantees.get(k, {})
        faulty = [x for x in (answer, borrower, guarantee) if isinstance(x, RiskEngineError)]
        if faulty or isinstance(answer, RiskEngineError):
            found[k] = faulty[0]
            continue
        assert isinstance(borrower, Mapping)
        assert isinstance(guarantee, Mapping)
        decision = answer.decision
        wrong = impossible(one.created_on, decision.valued_on, decision.case.loan, borrower)
        wrong = wrong or contradiction(one, borrower, decision)
        if wrong is not None:
            found[k] = wrong
            continue
        held, agreement = settled(one, borrower, decision)
        book = equipment.law(decision.rights[0].region)
        policy = policy_of(book, decision.valued_on)
        room = room_of(held, guarantee, decision, policy)
        rows.append(_Row(k, one, answer, decision, held, guarantee, book, policy, agreement, room))
    return rows


def _with_likelihood(
    rows: list[_Row], equipment: Equipment, found: list[Score | RiskEngineError | None]
) -> list[_Row]:
    """Applications with their PDs; those whose features are none are answered with the error."""
    known = [known_of(row.borrower, row.decision) for row in rows]
    coded: list[Coded | PortfolioError] = []
    like: DefaultModel | None = None
    for model, challenges in ((equipment.default_model, False), (equipment.challenger, True)):
        if model is None:
            continue
        if like is None or model.features != like.features:
            coded, like = coded_many(model, known), model
        good = [one for one in coded if isinstance(one, tuple)]
        told = iter(likelihoods(model, good, 0 if challenges else MOST_REASONS))
        for row, one in zip(rows, coded, strict=True):
            if challenges:
                row.challenger = next(told) if isinstance(one, tuple) else None
            elif isinstance(one, tuple):
                row.likelihood = next(told)
            else:
                found[row.place] = one
    return [row for row in rows if found[row.place] is None]


def _facts(row: _Row) -> Mapping[str, Any]:
    """Facts of one application."""
    told = application_facts(
        row.borrower, row.decision, row.likelihood, row.application.created_on,
        bool(row.guarantee),
    )  # fmt: skip
    return {**told, **row.agreement}


def _judge(rows: Sequence[_Row], subject: str, facts: Sequence[Mapping[str, Any]]) -> None:
    """Hold the rules on one subject against applications, by their law and day."""
    groups: dict[tuple[RuleBook, date], list[int]] = {}
    for k, row in enumerate(rows):
        groups.setdefault((row.book, row.decision.valued_on), []).append(k)
    for (book, day), members in groups.items():
        plan = plan_of(book, subject, day)
        created = np.array([float(day_number(rows[k].application.created_on)) for k in members])
        judged = judge(plan, stated(plan, [facts[k] for k in members]), created, day)
        told = findings_of(judged, range(len(members)))
        for k, said, outcome in zip(members, told, judged.found.outcome.tolist(), strict=True):
            rows[k].findings += said
            rows[k].severest = max(rows[k].severest, outcome)


def _price(rows: Sequence[_Row]) -> None:
    """Losses and prices of applications with a PD and a sum asked for."""
    if not rows:
        return
    pd = np.array([row.likelihood.pd for row in rows if row.likelihood is not None])
    floor = np.array([row.policy.lgd_least for row in rows])
    found = losses([row.answer for row in rows], pd, floor)
    terms = [
        Terms(row.guarantee, row.facts or {}, rate, row.policy)
        for row, rate in zip(rows, found.rate_per_year.tolist(), strict=True)
    ]
    for row, loss, price in zip(rows, found.each, prices(found, terms), strict=True):
        row.loss, row.price = loss, price


def _scored(row: _Row, equipment: Equipment) -> Score:
    """The answer to one application, put together."""
    likelihood = row.likelihood
    application, outcome = row.application, _outcome(row)
    capped = reason_of(row.room, row.decision, row.book)
    return Score(
        Application(
            application.application_no, application.created_on, row.decision.case, row.borrower,
            row.guarantee,
        ),
        row.decision, outcome, likelihood,
        likelihood is not None and not likelihood.model.may_decide, row.challenger, _grade(row),
        row.loss, row.price, 0.0 if outcome == "decline" else _limit(row), _longest(row),
        reasons_of(row.decision, row.findings, likelihood, (capped,) if capped else ()),
        _models(row, equipment), __version__, row.decision.rules, row.decision.market,
    )  # fmt: skip


def _outcome(row: _Row) -> str:
    """Accept, refer or decline."""
    states = [right.outcome for right in row.decision.rights]
    if row.severest == BLOCK or all(state == "block" for state in states):
        return "decline"
    shown = verdict(row.decision)
    if row.severest == REFER or "block" in states or shown == "refer" or row.room.short:
        return "refer"
    return "accept"


def _grade(row: _Row) -> str:
    """Grade of the PD on the master scale."""
    if row.likelihood is None:
        return ""
    pd = row.likelihood.pd
    return next((grade for grade, most in row.policy.master_scale.items() if pd <= most), "")


def _limit(row: _Row) -> float:
    """Most that may be lent [yuan], whole fen."""
    amounts = [row.decision.limit_yuan]
    if not isnan(row.decision.asked_yuan):
        amounts.append(row.decision.asked_yuan)
    return round(min(*amounts, row.room.left_yuan), 2)


def _longest(row: _Row) -> int | None:
    """Longest term [month]."""
    longest, born = row.decision.longest_months, row.borrower.get("birth_year")
    if born is None or row.borrower["borrower_type"] not in PERSONS:
        return longest
    left = int(12 * (row.policy.age_plus_term_most - (row.application.created_on.year - born)))
    if left <= 0:  # no term at all, whatever the security says
        return 0
    return None if longest is None else min(longest, left)


def _models(row: _Row, equipment: Equipment) -> dict[str, ModelNote]:
    """Models that were used, by what they answer."""
    used: dict[str, ModelNote] = {}
    for name, one in (("default", row.likelihood), ("challenger", row.challenger)):
        if one is not None:
            used[name] = one.model
    for table in sorted({right.table for right in row.decision.rights}):
        if table in equipment.price_models:
            model = equipment.price_models[table]
            used[f"price.{table}"] = ModelNote(model.name, "", model.digest, model.origin, None)
    return used
