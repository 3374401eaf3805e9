"""Answers about decisions: listed, shown, explained, made again, reviewed, counted."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from service import ids
from service.schemas.base import NextPage, Said, Schema
from service.schemas.score import (
    CollateralAnswer,
    CureAnswer,
    DefaultAnswer,
    Digest,
    LongestMonths,
    LossAnswer,
    ModelAnswer,
    PriceAnswer,
    ReasonAnswer,
    ScoreAnswer,
    Yuan,
)

Outcome = Literal["accept", "refer", "decline"]
Became = Literal["not_lent", "running", "repaid", "defaulted", "compensated", "recovered"]
Verdict = Literal["uphold", "override_accept", "override_decline", "refer", "requested"]
DecisionId = Annotated[
    str, Field(pattern=ids.pattern_of(ids.DECISION), description="决定编号 its id")
]
ReviewId = Annotated[str, Field(pattern=ids.pattern_of(ids.REVIEW), description="复核编号 its id")]
Position = Annotated[int, Field(ge=1, description="链中位置 place in the chain")]
Moment = Annotated[str, Field(
    description="时刻，UTC moment", examples=["2026-11-26T08:00:00.000000Z"]
)]  # fmt: skip
Count = Annotated[int, Field(ge=0)]


class EffectiveAnswer(Schema):
    """What holds of a decision after its reviews 复核后的效力."""

    decision: Outcome
    limit_yuan: Yuan | None
    review_id: str | None
    expires_on: date | None
    waiting: Annotated[int, Field(ge=0, description="未了的复核 reviews that wait for a person")]


class DecisionLine(Schema):
    """One decision of a list 一项决定."""

    decision_id: DecisionId
    position: Position
    made_at: Moment
    created_on: date
    valued_on: date
    decision: Outcome
    application_no: str | None
    asked_yuan: Yuan | None
    limit_yuan: Yuan | None
    pd: Annotated[
        float | None, Field(description="12个月违约概率 PD", json_schema_extra={"x-unit": "1"})
    ]
    model: str | None
    rules_digest: str | None
    case_state: str | None
    reviews: Count
    effective: EffectiveAnswer


class DecisionsPage(Schema):
    """A page of decisions, the newest first 决定清单."""

    items: list[DecisionLine]
    next: NextPage


class SecondAnswer(Schema):
    """The second person 第二人."""

    by: str
    at: Moment


class ReviewAnswer(Schema):
    """One review, or a request for one 复核."""

    review_id: ReviewId
    made_at: Moment
    by: str
    verdict: Verdict
    reason: str
    state: Literal["final", "waits", "refused", "open", "answered"]
    limit_yuan: Yuan | None
    expires_on: date | None
    evidence: list[str] | None
    second: SecondAnswer | None
    position: Position
    entry_digest: Digest


class ReviewsAnswer(Schema):
    """Reviews of a decision, the earliest first 复核记录."""

    reviews: list[ReviewAnswer]


class ChainPlace(Schema):
    """Where a decision stands in the chain 链中位置."""

    position: Position
    entry_digest: Digest
    answer_sha256: Digest


class OutcomeLine(Schema):
    """One word of what became of the loan 后续结果."""

    outcome: Became
    on: date
    lost_yuan: Yuan | None
    made_at: Moment
    position: Position


class DecisionAnswer(Schema):
    """One decision with its place in the chain and what followed 决定."""

    decision: ScoreAnswer
    chain: ChainPlace
    by: str
    recipe: Annotated[dict[str, Any], Field(description="由何得出 what it was made from")]
    case_state: str | None
    effective: EffectiveAnswer
    reviews: list[ReviewAnswer]
    outcomes: list[OutcomeLine]


class OutcomeAnswer(Schema):
    """What was told of a loan, as it stands in the chain 后续结果."""

    decision_id: DecisionId
    outcome: Became
    on: date
    lost_yuan: Yuan | None = None
    by: str
    made_at: Moment
    position: Position


class CaseStateAnswer(Schema):
    """State of a case, and which may follow 业务状态."""

    decision_id: DecisionId
    before: str | None
    state: str
    changed_at: Moment
    next: list[str]


class PlainReason(Schema):
    """A reason as an applicant is told it 理由."""

    title: Said
    found: Said | None
    wanted: Said | None
    cure: Said | None
    gain_yuan: Yuan | None


class HumanReview(Schema):
    """How a person is asked for (PIPL art. 24) 人工复核."""

    right: Said
    how: Said
    request: str


class _Explanation(Schema):
    decision_id: DecisionId
    valued_on: date
    decision: Outcome
    decision_text: Said
    limit_yuan: Yuan
    longest_months: LongestMonths | None
    effective: EffectiveAnswer
    cures: list[CureAnswer]
    automated: bool
    human_review: HumanReview
    basis: Said


class BorrowerExplanation(_Explanation):
    """What an applicant is told 对申请人的说明."""

    audience: Literal["borrower"]
    reasons: list[PlainReason]


class OfficerExplanation(_Explanation):
    """What a loan officer is told 对信贷员的说明."""

    audience: Literal["officer"]
    reasons: list[ReasonAnswer]
    grade: str | None
    default: DefaultAnswer | None
    loss: LossAnswer | None
    price: PriceAnswer | None
    collateral: CollateralAnswer
    models: dict[str, ModelAnswer]
    engine_version: str
    rules_digest: Digest
    market_digest: Digest


Explanation = Annotated[BorrowerExplanation | OfficerExplanation, Field(discriminator="audience")]


class DifferenceAnswer(Schema):
    """Something that came out otherwise 不同之处."""

    path: str
    answered: Any
    replayed: Any


class ReplayAnswer(Schema):
    """A decision made again from its record 重放."""

    decision_id: DecisionId
    same: Annotated[bool, Field(description="逐字节相同 the same bytes")]
    proven: Annotated[bool, Field(description="存档与链相符 the kept answer is the chain's")]
    erased: Annotated[
        bool, Field(description="个人信息与特征已删除 personal cells and features were erased")
    ]
    answer_sha256: Digest
    replayed_sha256: Digest | None
    differences: list[DifferenceAnswer]
    recipe: dict[str, Any]
    failed: Annotated[
        Said | None,
        Field(
            description="为何不能照原样重现 why it cannot be made again as it was",
        ),
    ]


class VerdictCount(Schema):
    """How often reviewers said something of what the engine said 改判计数."""

    decision: Outcome
    verdict: Verdict
    n: Count


class OverrideOutcomes(Schema):
    """What became of overrides to accept 改判同意的后续."""

    known: Count
    defaulted: Count


class StatisticsAnswer(Schema):
    """How often people upheld or overrode decisions 改判统计."""

    decisions: Count
    reviewed: Count
    overridden: Count
    waiting: Count
    by_verdict: list[VerdictCount]
    overrides_to_accept: OverrideOutcomes
