"""Answers about rules: in force, changed, one's own, tried."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from service.schemas.base import Schema
from service.schemas.score import Digest, Severity, Yuan

OverlayDigest = Annotated[str, Field(
    pattern=r"^([0-9a-f]{64})?$", description="机构规则摘要，空为只用法律 empty: the law alone"
)]  # fmt: skip
Amount = Annotated[Any, Field(description="数额，单位见 unit; amount: a number, words, a table")]


class RuleLine(Schema):
    """One rule in force on a day 现行规则."""

    name: str
    id: str
    title: str
    severity: Severity
    compare: str
    amount: Amount
    unit: str
    cite: str
    seen: str
    origin: str


class RulesAnswer(Schema):
    """Rules in force on a day in a place 现行规则."""

    day: date
    region: str
    rules_digest: Digest
    overlay_digest: OverlayDigest
    rules: list[RuleLine]


class RuleSide(Schema):
    """What a rule says on one of two days 一侧."""

    severity: Severity
    compare: str
    amount: Amount
    cite: str
    origin: str


class RuleChange(Schema):
    """What differs of one rule 规则变化."""

    name: str
    id: str
    title: str
    change: Literal["begins", "ends", "changes"]
    before: RuleSide | None
    after: RuleSide | None


class RuleChangesAnswer(Schema):
    """What differs between the rules of two days 规则变化."""

    from_day: Annotated[date, Field(alias="from")]
    to_day: Annotated[date, Field(alias="to")]
    rules_digest: Digest
    overlay_digest: OverlayDigest
    changes: list[RuleChange]


class RuleValueAnswer(Schema):
    """What a rule says from a day on 规则取值."""

    origin: str
    from_day: Annotated[date, Field(alias="from")]
    until: date | None
    amount: Amount
    cite: str
    seen: str


class RuleAnswer(Schema):
    """One rule with everything it ever said 规则沿革."""

    name: str
    id: str
    title: str
    unit: str
    compare: str
    severity: Severity
    decides: str
    rights: list[str]
    fact: str
    when: dict[str, list[Any]]
    cure: str
    note: str
    values: list[RuleValueAnswer]


class OverlayVersion(Schema):
    """The files of an overlay 机构规则."""

    digest: OverlayDigest
    files: Annotated[dict[str, str], Field(description="文件名 → TOML  by file name")]


class OverlayAnswer(OverlayVersion):
    """The institution's own rules that are in force 机构规则."""

    generation: Annotated[int, Field(ge=0, description="第几次更改 changes so far")]
    changed_at: str
    by: str


class TriedOutcome(Schema):
    """What of a decision is compared 比较项."""

    decision: Literal["accept", "refer", "decline"] | None
    limit_yuan: Yuan | None


class TriedDifference(Schema):
    """A decision that would come out otherwise 不同的决定."""

    decision_id: str
    before: TriedOutcome
    after: TriedOutcome


class TrialAnswer(Schema):
    """Which of the last decisions other rules would change 试算."""

    looked_at: Annotated[int, Field(ge=0)]
    scored: Annotated[int, Field(ge=0)]
    differ: list[TriedDifference]


class OverlayChange(Schema):
    """One change of the overlay 一次更改."""

    position: int
    changed_at: str
    by: str
    before: OverlayDigest
    digest: OverlayDigest
    generation: int


class OverlayHistory(Schema):
    """Every overlay that was put in force, the newest first 沿革."""

    changes: list[OverlayChange]
