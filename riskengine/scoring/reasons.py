"""Why an application is answered as it is: law, papers, policy, model and data in one list."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from riskengine.casefile.cures import Cure
from riskengine.casefile.decide import Decision, RightAnswer
from riskengine.casefile.findings import Finding
from riskengine.scoring.likelihood import Likelihood
from riskengine.valuation import FLAG_WORDS
from riskengine.words import Text

NOTHING = Text("", "")
ORDER = {"block": 0, "refer": 1, "haircut": 2, "monitor": 3}
"""Severities, the severest first."""
OF_MODEL = ("scoring.model_", "scoring.default_chance")
"""How the names of rules on the model begin."""
OF_DATA = "SCO-DAT-"
"""How the codes of rules on what does not agree begin."""


class Reason(NamedTuple):
    """One reason.

    Parameters
    ----------
    code, rule : str
        Mark and name of the rule; the feature of a reason of the model.
    kind : {"law", "paper", "policy", "model", "data"}
        Where it comes from.
    severity : {"block", "refer", "haircut", "monitor"}
        What it does to the decision.
    state : {"failed", "unknown", "told"}
        Whether a rule fails or cannot be told, or a model or a value tells of itself.
    right_id : str
        The right; empty for the application as a whole.
    title, found, wanted : Text
        What the rule says, what was found, what it wants.
    missing : tuple of str
        Facts that are not known and would settle it.
    cite, since, seen, origin : str
        Source, first day, how it was seen, body of rules.
    cure : Text or None
        What mends it; where the state is unknown, how it is found out.
    gain_yuan : float
        What the cure alone adds to the limit [yuan].
    finding : Finding or None
        What it was made of, where it follows from that alone.
    """

    code: str
    rule: str
    kind: str
    severity: str
    state: str
    right_id: str
    title: Text
    found: Text = NOTHING
    wanted: Text = NOTHING
    missing: tuple[str, ...] = ()
    cite: str = ""
    since: str = ""
    seen: str = ""
    origin: str = ""
    cure: Text | None = None
    gain_yuan: float = 0.0
    finding: Finding | None = None


def reasons_of(
    decision: Decision, findings: Sequence[Finding], likelihood: Likelihood | None,
    more: Sequence[Reason] = (),
) -> tuple[Reason, ...]:  # fmt: skip
    """Return the reasons of an answer, those that decide first.

    Parameters
    ----------
    decision : Decision
        The answer to the case.
    findings : sequence of Finding
        What the rules on the application and its guarantee say.
    likelihood : Likelihood or None
        The PD.
    more : sequence of Reason
        Those that follow from no finding.

    Returns
    -------
    tuple of Reason
        By severity, what fails before what is not known, the most money first.
    """
    found = [
        *(reason for right in decision.rights for reason in _of_right(right, decision.cures)),
        *(_of_rule(one) for one in findings if _counts(one)),
        *(_of_model(likelihood) if likelihood is not None else ()), *more,
    ]  # fmt: skip
    order = {"failed": 0, "told": 1, "unknown": 2}
    return tuple(sorted(found, key=lambda one: (
        ORDER[one.severity], order[one.state], -one.gain_yuan, one.code, one.right_id,
    )))  # fmt: skip


def _counts(finding: Finding) -> bool:
    """Whether a finding is worth a line: numbers of formulas are not, nor open watches."""
    return finding.severity in ORDER and (
        finding.severity != "monitor" or finding.state == "failed"
    )


def _of_right(right: RightAnswer, cures: Sequence[Cure]) -> Iterator[Reason]:
    """Reasons of one right: rules, papers, and a value that a person must look at."""
    mends = {
        code: cure for cure in reversed(cures) if cure.right_id == right.right_id
        for code in cure.codes
    }  # fmt: skip
    for finding in right.findings:
        if _counts(finding):
            cure = mends.get(finding.code)
            told = "paper" if finding.state == "unknown" else "law"
            yield _reason(finding, told, right.right_id, cure)
    for paper in right.papers:
        if paper.refers:
            yield Reason(
                f"PAPER-{paper.column}", "", "paper", "refer", "failed", right.right_id,
                paper.title, paper.remark.text,
            )  # fmt: skip
    if right.status != "valued":
        words = [text for flag, text in FLAG_WORDS.items() if right.flags & flag]
        yield Reason(
            "VALUE", "", "data", "refer", "told", right.right_id,
            Text("估值须请专人核看", "a person must look at the value"),
            Text("、".join(one.zh for one in words), ", ".join(one.en for one in words)),
        )  # fmt: skip


def _of_rule(finding: Finding) -> Reason:
    """A rule on the application or its guarantee, kept with its finding."""
    kept: Reason | None = finding.memory.get("reason")
    if kept is None:
        kept = _reason(finding, _kind(finding), "", None)._replace(finding=finding)
        finding.memory["reason"] = kept
    return kept


def _kind(finding: Finding) -> str:
    """Where a rule on the application or its guarantee comes from."""
    if finding.name.startswith(OF_MODEL):
        return "model"
    if finding.state == "unknown" or finding.code.startswith(OF_DATA):
        return "data"
    own = finding.origin == "cn" or finding.origin.isdigit()
    return "law" if own and not finding.code.startswith("SCO-") else "policy"


def _reason(finding: Finding, kind: str, right_id: str, cure: Cure | None) -> Reason:
    """A rule that fails or cannot be told, with what mends it."""
    return Reason(
        finding.code or finding.name, finding.name, kind, finding.severity, finding.state,
        right_id, finding.title, finding.found, finding.wanted, finding.missing, finding.cite,
        finding.first_day.isoformat(), finding.seen, finding.origin,
        cure.action if cure is not None and finding.state == "failed" else finding.cure,
        cure.gain_yuan if cure is not None else 0.0,
    )  # fmt: skip


def _of_model(likelihood: Likelihood) -> Iterator[Reason]:
    """What raised the PD, and what would lower it."""
    for one in likelihood.reasons:
        yield Reason(
            f"PD-{one.feature}", one.feature, "model", "monitor", "told", "", one.told,
            cite=f"{likelihood.model.name} {likelihood.model.version}", cure=one.cure,
        )  # fmt: skip
