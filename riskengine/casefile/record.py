"""A decision as plain data: one schema for the command line, Python and the service."""

import math
from dataclasses import asdict
from typing import Any

from riskengine.casefile.cures import Cure
from riskengine.casefile.decide import Decision, RightAnswer
from riskengine.casefile.findings import Finding
from riskengine.casefile.shown import veiled
from riskengine.market.quotes import LEVELS
from riskengine.valuation import FLAG_WORDS
from riskengine.words import Language


def record(decision: Decision, language: Language) -> dict[str, Any]:
    """Return a decision as plain data.

    Parameters
    ----------
    decision : Decision
        The decision.
    language : {"zh", "en"}
        Language of words.

    Returns
    -------
    dict
        Amounts in yuan with two decimals, terms in months and years, None for what is not
        known or has no end.
    """
    return {
        "title": veiled(decision.case.title), "valued_on": decision.valued_on.isoformat(),
        "outcome": decision.outcome, "asked_yuan": plain(decision.asked_yuan),
        "limit_yuan": plain(decision.limit_yuan), "cover": plain(decision.cover),
        "longest_months": decision.longest_months,
        "limit_when_mended_yuan": plain(decision.limit_when_mended_yuan),
        "rights": [_right(right, language) for right in decision.rights],
        "cures_to_reach": decision.to_reach,
        "cures": [_cure(cure, language) for cure in decision.cures],
        "engine_version": decision.engine, "rules_digest": decision.rules,
        "market_digest": decision.market,
    }  # fmt: skip


def plain(number: float) -> float | None:
    """Return a number as JSON can hold it.

    Parameters
    ----------
    number : float
        Any number.

    Returns
    -------
    float or None
        The number; None where it is not finite.
    """
    return number if math.isfinite(number) else None


def _right(right: RightAnswer, language: Language) -> dict[str, Any]:
    """One right."""
    return {
        "right_id": right.right_id, "table": right.table, "region_code": right.region,
        "kind": right.kind.say(language), "size": right.area.say(language),
        "outcome": right.outcome, "status": right.status,
        "flags": [words.say(language) for flag, words in FLAG_WORDS.items() if right.flags & flag],
        "market_value_yuan": plain(right.value_yuan), "p05_yuan": plain(right.p05_yuan),
        "p95_yuan": plain(right.p95_yuan), "remaining_years": plain(right.remaining_years),
        "waterfall": [
            {"step": step.name, "title": step.title.say(language),
             "change_yuan": step.change_yuan, "left_yuan": step.left_yuan}
            for step in right.steps
        ],
        "lending_value_yuan": right.lending_value_yuan,
        "loss_credit_yuan": right.loss_credit_yuan, "agreed_sale": right.agreed,
        "loan_to_value_limit": plain(right.cap), "papers": dict(right.dots),
        "paper_remarks": [
            {"column": paper.column, "title": paper.title.say(language),
             "level": paper.remark.level.value, "position": paper.remark.position,
             "text": paper.remark.text.say(language), "refers": paper.refers}
            for paper in right.papers
        ],
        "policies": [
            {"policy_id": policy.policy_id, "kind": policy.kind.say(language),
             "sum_insured_yuan": policy.sum_insured_yuan, "ends_on": policy.ends_on.isoformat(),
             "findings": [_finding(finding, language) for finding in policy.findings]}
            for policy in right.policies
        ],
        "findings": [_finding(finding, language) for finding in right.findings],
        "market_level": LEVELS[right.market_level],
        "market_observations": right.market_observations,
    }  # fmt: skip


def _finding(finding: Finding, language: Language) -> dict[str, Any]:
    """One rule that fails or cannot be told."""
    return {
        "id": finding.code, "rule": finding.name, "title": finding.title.say(language),
        "state": finding.state, "severity": finding.severity, "fact": finding.fact,
        "fact_title": finding.fact_title.say(language), "found": finding.found.say(language),
        "wanted": finding.wanted.say(language), "missing": list(finding.missing),
        "cite": finding.cite, "since": finding.first_day.isoformat(), "seen": finding.seen,
        "origin": finding.origin,
        "cure": finding.cure.say(language) if finding.cure else "",
        "note": finding.note.say(language) if finding.note else "",
    }  # fmt: skip


def _cure(cure: Cure, language: Language) -> dict[str, Any]:
    """One thing that would mend the case."""
    return {**asdict(cure), "codes": list(cure.codes), "action": cure.action.say(language)}
