"""The answer to an application, as `riskengine.scoring.record` gives it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from riskengine.pledging.waterfall import STEPS
from riskengine.rights import RIGHTS
from service import ids
from service.schemas.base import Said, Schema

Yuan = Annotated[float, Field(json_schema_extra={"x-unit": "yuan"})]
Share = Annotated[float, Field(json_schema_extra={"x-unit": "1"})]
Rate = Annotated[float, Field(json_schema_extra={"x-unit": "1/year"})]
Years = Annotated[float, Field(json_schema_extra={"x-unit": "year"})]
Months = Annotated[int, Field(json_schema_extra={"x-unit": "month"})]
LongestMonths = Annotated[
    int,
    Field(
        ge=0,
        description="最长期限；0为已超过年龄上限；没有可行期限或没有贷款的为空 longest term; "
        "0: the person is past the highest age; null: no term fits, or no loan is asked for",
        json_schema_extra={"x-unit": "month"},
    ),
]
Chance = Annotated[float, Field(ge=0.0, le=1.0, json_schema_extra={"x-unit": "1"})]
LogOdds = Annotated[float, Field(json_schema_extra={"x-unit": "log odds"})]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Outcome = Literal["pass", "haircut", "refer", "block"]
Dot = Literal["good", "bad", "unknown", "none"]
Severity = Literal["param", "monitor", "haircut", "refer", "block"]


class Contribution(Schema):
    """What one feature adds to the log odds of default 贡献."""

    feature: str
    title: Said
    value: Said
    log_odds: LogOdds


class DefaultAnswer(Schema):
    """Probability of default and what it is made of 违约概率."""

    pd_12_months: Annotated[Chance, Field(description="12个月违约概率 PD over 12 months")]
    pd_life: Annotated[Chance | None, Field(description="存续期违约概率 PD over the loan's life")]
    inside_model_support: Annotated[
        bool, Field(description="是否在模型见过的范围内 inside what the model has seen")
    ]
    indicative: Annotated[
        bool, Field(description="仅供参考 the model may not be used for decisions")
    ]
    base_log_odds: LogOdds
    contributions: list[Contribution]
    model_origin: Literal["institution", "foreign", "synthetic", "expert"]
    model_not_for: Said | None


class LossAnswer(Schema):
    """Exposure, loss given default and expected loss 风险敞口、违约损失率与预期损失."""

    months: Months
    chance_12_months: Chance
    chance_life: Chance
    ead_12_months_yuan: Yuan
    ead_life_yuan: Yuan
    lgd_12_months: Share | None
    lgd_life: Share | None
    lgd_life_modelled: Share | None
    lgd_independent: Annotated[
        Share | None,
        Field(description="违约与押品价格独立时 if default and price were independent"),
    ]
    el_12_months_yuan: Yuan | None
    el_life_yuan: Yuan | None
    el_life_lender_yuan: Yuan | None
    el_life_guarantor_yuan: Yuan | None
    el_life_re_guarantor_yuan: Yuan | None
    proceeds_yuan: Annotated[Yuan, Field(description="预期处置净收入 expected net sale proceeds")]
    proceeds_spread: Annotated[Share | None, Field(description="对数标准差 log standard deviation")]
    sale_years: Years | None


class PriceAnswer(Schema):
    """Fee of the guarantee or risk premium of the loan, a year of balance 费率."""

    of: str
    break_even_per_year: Rate
    operating_per_year: Rate
    capital_per_year: Rate
    full_per_year: Rate
    ceiling_per_year: Rate | None
    charged_per_year: Rate | None
    advised_per_year: Rate


class StepAnswer(Schema):
    """One step from market value to lending value; changes add up to the fen 瀑布图一步."""

    step: Literal[tuple(STEPS)]
    title: Said
    change_yuan: Yuan
    left_yuan: Yuan


class PolicyAnswer(Schema):
    """An insurance policy on a right 保单."""

    policy_id: str
    kind: Said
    sum_insured_yuan: Yuan
    ends_on: date


class Papers(Schema):
    """How the papers stand that an officer looks at first 手续."""

    consent: Dot
    filing: Dot
    registration: Dot
    rent: Dot
    insurance: Dot
    seal: Dot


class RightAnswer(Schema):
    """What is said of one right 一项权利."""

    right_id: str
    table: Literal[tuple(RIGHTS)]
    region_code: str
    kind: Said
    size: Said
    outcome: Outcome
    status: str
    flags: list[Said]
    market_value_yuan: Annotated[Yuan | None, Field(description="市场价值 market value")]
    p05_yuan: Yuan | None
    p95_yuan: Yuan | None
    remaining_years: Annotated[Years | None, Field(description="剩余年限；无期限为空 null: no end")]
    waterfall: list[StepAnswer]
    lending_value_yuan: Annotated[Yuan, Field(description="可贷价值 lending value")]
    loss_credit_yuan: Yuan
    agreed_sale: bool
    loan_to_value_limit: Share | None
    papers: Papers
    policies: list[PolicyAnswer]
    market_level: str
    market_observations: int


class CollateralAnswer(Schema):
    """The rights together 押品合计."""

    outcome: Outcome
    lending_value_yuan: Yuan
    cover: Share | None
    longest_months: Months | None
    limit_when_mended_yuan: Yuan | None
    rights: list[RightAnswer]


class ReasonAnswer(Schema):
    """One reason, those that decide first 理由."""

    code: str
    rule: str
    kind: str
    severity: Severity
    state: str
    right_id: str | None
    title: Said
    found: Said | None
    wanted: Said | None
    missing: list[str]
    cite: str
    since: date | None
    seen: str | None
    origin: str | None
    cure: Said | None
    gain_yuan: Yuan | None


class CureAnswer(Schema):
    """One thing that would mend the application, with what it is worth 补救."""

    right_id: str
    codes: list[str]
    action: Said
    fact: str
    gain_yuan: Yuan
    needed_yuan: Yuan
    severity: Severity


class ChallengerAnswer(Schema):
    """What the challenger would have said; it decides nothing 挑战模型."""

    pd_12_months: Chance
    inside_model_support: bool


class ModelAnswer(Schema):
    """A model that was used 所用模型."""

    name: str
    version: str
    digest: Digest
    origin: str


class UnknownCodeAnswer(Schema):
    """A code that the mapping did not know: kept, not guessed 未知代码."""

    path: str
    subject: str
    code: str
    why: Literal["unknown", "ambiguous", "unwritten", "choice"]
    asks: list[str]
    message: Said


class MappingUsed(Schema):
    """The mapping by which the application was read 所用代码对照表."""

    name: str
    digest: Digest
    unknown_codes: Annotated[
        list[UnknownCodeAnswer],
        Field(description="不认识的代码；这些项按未填处理 codes not known: taken as not given"),
    ]


class ScoreAnswer(Schema):
    """The whole answer to an application 评分结果."""

    decision_id: Annotated[str, Field(pattern=ids.pattern_of(ids.DECISION))]
    made_at: str
    trace_id: str
    application_no: str
    created_on: date
    valued_on: date
    decision: Literal["accept", "refer", "decline"]
    decision_text: Said
    asked_yuan: Yuan | None
    limit_yuan: Annotated[Yuan, Field(
        description="可贷（可担保）金额；不予受理的为0，押品可贷价值另见 collateral "
        "most that may be lent; 0 of what is declined: what the collateral lends is in collateral"
    )]  # fmt: skip
    longest_months: LongestMonths | None
    grade: str | None
    pd_12_months: Chance | None
    default: DefaultAnswer | None
    loss: LossAnswer | None
    price: PriceAnswer | None
    collateral: CollateralAnswer
    reasons: list[ReasonAnswer]
    cures: list[CureAnswer]
    cures_to_reach: int | None
    challenger: ChallengerAnswer | None
    basis: Said
    human_review: Said
    models: dict[str, ModelAnswer]
    engine_version: str
    rules_digest: Digest
    market_digest: Digest
    mapping: MappingUsed | None = None
    features_unused: Annotated[
        int | None,
        Field(description="未用到的特征个数 features that no model in force looks at, if any"),
    ] = None
