"""Requests and answers about books and jobs."""

from typing import Annotated, Any, Literal

from pydantic import Field

from service.schemas.base import FaultAnswer, NextPage, Said, Schema
from service.schemas.cells import Day as PlainDay
from service.schemas.plain import Impersonal

GAUSSIAN = 1e9
"""Degrees of freedom from which a t copula is taken for the Gaussian."""
Title = Annotated[
    str,
    Field(min_length=1, max_length=200, description="名称；不写个人信息 nothing personal"),
    Impersonal,
]
Months = Annotated[int, Field(strict=True, ge=1, le=60, description="期限（月） horizon [month]")]
Seed = Annotated[int, Field(strict=True, ge=0, lt=2**63, description="随机种子 seed")]
Freedom = Annotated[
    float,
    Field(
        strict=True,
        ge=1.0,
        le=GAUSSIAN,
        description="t 联结自由度；1e9 为高斯 of a t copula; 1e9: Gaussian",
    ),
]
Day = Annotated[PlainDay, Field(description="估值日 day of valuation", examples=["2026-11-24"])]


class Pointed(Schema):
    """A folder that the operator keeps for the institution."""

    folder: Annotated[
        str,
        Field(min_length=1, max_length=100, pattern=r"^\w[\w.-]*$", examples=["book-2026-11"],
              description="机构组合目录下的文件夹名 name of a folder among the institution's own"),
    ]  # fmt: skip


class NewBook(Schema):
    """A book that is to be made: its tables are uploaded, or lie in a folder."""

    title: Title
    source: Literal["upload"] | Pointed = "upload"


class NoArguments(Schema):
    """Nothing to choose."""


class PledgeArguments(Schema):
    """How a book of pledges is judged."""

    within_days: Annotated[
        float,
        Field(
            strict=True,
            ge=0.0,
            le=36_600.0,
            description="列出多少天内到期 days ahead to list [day]",
        ),
    ] = 90.0


class BookArguments(Schema):
    """How a guarantee book is measured."""

    months: Months = 12
    level: Annotated[
        float, Field(strict=True, ge=0.5, le=0.99999, description="置信水平 level [1]")
    ] = 0.999
    scenarios: Annotated[
        Literal[64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384],
        Field(description="每批情景数 scenarios a block"),
    ] = 2048
    blocks: Annotated[int, Field(strict=True, ge=2, le=256, description="独立批数 blocks")] = 16
    degrees_of_freedom: Freedom = GAUSSIAN
    seed: Seed = 2026


class StressArguments(Schema):
    """How a guarantee book is stressed."""

    months: Months = 12
    target_yuan: Annotated[
        float,
        Field(
            strict=True,
            ge=0.0,
            le=1e15,
            description="反向压力目标，0为自有资金 loss to explain; 0: own funds [yuan]",
        ),
    ] = 0.0
    degrees_of_freedom: Freedom = GAUSSIAN
    seed: Seed = 2026


class RevalueJob(Schema):
    """Revalue every right of a book 重估."""

    kind: Literal["revalue"]
    valued_on: Day
    arguments: NoArguments = NoArguments()


class CheckJob(Schema):
    """List every fault of a book 检查."""

    kind: Literal["check"]
    valued_on: Day
    arguments: NoArguments = NoArguments()


class RatiosJob(Schema):
    """Count the supervisor's ratios of a guarantee book 监管比率."""

    kind: Literal["ratios"]
    valued_on: Day
    arguments: NoArguments = NoArguments()


class PledgesJob(Schema):
    """Judge every pledge of a book 判整本押品."""

    kind: Literal["pledges"]
    valued_on: Day
    arguments: PledgeArguments = PledgeArguments()


class BookJob(Schema):
    """Measure a guarantee book 计量整本担保."""

    kind: Literal["book"]
    valued_on: Day
    arguments: BookArguments = BookArguments()


class StressJob(Schema):
    """Stress a guarantee book 压力测试."""

    kind: Literal["stress"]
    valued_on: Day
    arguments: StressArguments = StressArguments()


NewJob = Annotated[
    RevalueJob | PledgesJob | BookJob | StressJob | RatiosJob | CheckJob,
    Field(discriminator="kind"),
]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
JobKind = Literal["revalue", "pledges", "book", "stress", "ratios", "check"]
Digest = Annotated[str, Field(description="SHA-256", pattern="^[0-9a-f]{64}$")]


class TableAnswer(Schema):
    """One table of a book."""

    table: str
    format: Literal["parquet", "csv", "xlsx"]
    bytes: Annotated[int, Field(ge=0, json_schema_extra={"x-unit": "byte"})]
    sha256: Digest


class BookLine(Schema):
    """One book."""

    book_id: str
    title: str
    source: Literal["upload", "folder"]
    folder: Annotated[str | None, Field(description="指向的文件夹 folder pointed to")]
    made_at: str


class BookAnswer(BookLine):
    """One book with its tables; those of a folder are read when a job begins."""

    tables: list[TableAnswer]


class BooksPage(Schema):
    """A page of books, newest first."""

    items: list[BookLine]
    next: NextPage


class JobProblem(Schema):
    """Why a job failed."""

    code: str
    wrong: Said
    cure: Said
    errors: list[FaultAnswer]


class JobLine(Schema):
    """One job."""

    job_id: str
    book_id: str
    kind: JobKind
    valued_on: str
    arguments: dict[str, Any]
    state: JobState
    done: Annotated[int, Field(ge=0, description="已完成，不回退 done so far; never falls")]
    total: Annotated[int | None, Field(description="总数，未知为空 in all, as soon as it is known")]
    attempts: Annotated[int, Field(ge=0, description="被领取的次数 times a worker took it up")]
    cancel_asked: bool
    made_at: str
    started_at: str | None
    ended_at: str | None
    problem: JobProblem | None


class JobAnswer(JobLine):
    """One job with what it came to."""

    manifest: Annotated[
        dict[str, Any] | None,
        Field(description="引擎的清单：完成后才有 the engine's manifest, once it is done"),
    ]


class JobsPage(Schema):
    """A page of jobs, newest first."""

    items: list[JobLine]
    next: NextPage


class ResultAnswer(Schema):
    """One file that a job left."""

    file: str
    bytes: int
    sha256: Digest
    media_type: str


class ResultsAnswer(Schema):
    """Everything that a job left."""

    items: list[ResultAnswer]


class RejectedRow(Schema):
    """One fault of one row; cells that identify a person are masked."""

    table: str | None
    row: int | None
    right_id: str | None
    column: str | None
    heading: str | None
    value: str | None
    rule: str | None
    message_zh: str | None
    message_en: str | None
    cure_zh: str | None
    cure_en: str | None


class RejectedPage(Schema):
    """A page of rejected rows, in the order of the tables."""

    items: list[RejectedRow]
    next: NextPage
