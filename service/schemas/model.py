"""Answers about models: listed, their cards, compared in the shadow, drifting."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from service.schemas.base import Said, Schema
from service.schemas.score import Chance, Share

Stage = Literal["candidate", "shadow", "champion", "retired"]
Count = Annotated[int, Field(ge=0)]


class UsedModel(Schema):
    """A release that this process uses 正在使用."""

    role: Annotated[Literal["champion", "shadow"], Field(alias="as")]
    version: str
    digest: str


class ModelVersion(Schema):
    """One release 一个版本."""

    version: str
    stage: Stage
    kind: str | None
    form: str | None
    origin: str | None
    not_for: Said | None
    digest: str | None
    since: date


class ModelMove(Schema):
    """One move of a release between stages 一次变动."""

    version: str
    before: str
    after: str
    on: date
    by: str
    reason: str


class ModelLine(Schema):
    """One model with its versions 模型."""

    name: str
    champion: str | None
    shadow: str | None
    in_use: list[UsedModel]
    versions: list[ModelVersion]
    history: list[ModelMove]


class PriceModelLine(Schema):
    """A released price model 价格模型."""

    table: str
    name: str
    origin: str
    digest: str


class ModelsAnswer(Schema):
    """Models, and what this process uses now 模型一览."""

    models: list[ModelLine]
    price_models: list[PriceModelLine]
    failed: list[Said]


class MovedModel(Schema):
    """A model once every process decides by it 变动后的模型."""

    name: str
    champion: str | None
    shadow: str | None
    in_use: list[UsedModel]
    failed: list[Said]
    versions: list[ModelVersion]
    history: list[ModelMove]


class CardAnswer(Schema):
    """What a release says of itself 模型卡."""

    name: str
    version: str
    kind: str
    form: str | None
    origin: str
    use: Said | None
    not_for: Said | None
    target: dict[str, Any] | None
    population: Any
    window: dict[str, Any] | None
    split: dict[str, Any] | None
    counts: dict[str, Any] | None
    features: list[dict[str, Any]] | None
    calibration: Any
    metrics: dict[str, Any] | None
    bar: list[Any] | None
    triggers: list[Said] | None
    retrain: str | None
    lineage: dict[str, Any] | None


class DriftLine(Schema):
    """How far one feature has moved from training 漂移."""

    feature: str
    psi: float
    expected_by_chance: float
    excess: float
    p_holm: Chance | None
    n_training: Count
    n_now: Count
    missing_before: Share
    missing_now: Share
    alarm: bool
    missing_alarm: bool


class DriftAnswer(Schema):
    """How far the last applications are from training 特征与评分漂移."""

    model: str
    version: str
    n: Count
    outside_share: Share | None
    score: DriftLine | None
    features: list[DriftLine]


class QuantileLine(Schema):
    """Decisions of one tenth by the champion's PD 分位组."""

    n: Count
    champion_most_pd: Chance
    champion_mean_pd: Chance
    challenger_mean_pd: Chance


class Quality(Schema):
    """A model against what happened 效果."""

    mean_pd: Chance
    brier: float
    auc: float | None


class OutcomesCompared(Schema):
    """Both models against what happened 与结果比较."""

    n: Count
    defaults: Count
    champion: Quality | None = None
    challenger: Quality | None = None


class ScoreDrifts(Schema):
    """How far both scores have moved from training 评分漂移."""

    champion: DriftLine | None
    challenger: DriftLine | None


class ShadowAnswer(Schema):
    """The challenger beside the champion 影子评分报告."""

    model: str
    champion: str
    challenger: str
    n: Count
    most: Annotated[int, Field(ge=1, description="至多比较 decisions compared at most")]
    since: str | None
    until: str | None
    champion_mean_pd: Chance | None = None
    challenger_mean_pd: Chance | None = None
    rank_correlation: Annotated[float | None, Field(ge=-1.0, le=1.0)] = None
    quantiles: list[QuantileLine] | None = None
    grades_changed_share: Share | None = None
    champion_refer_share: Share | None = None
    challenger_refer_share: Share | None = None
    refer_changed_share: Share | None = None
    score: ScoreDrifts
    outcomes: OutcomesCompared
