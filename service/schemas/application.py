"""The application that is scored: borrower, loan, rights with their papers, guarantee."""

from typing import Annotated, Any, Literal, NotRequired, Union

from pydantic import Field

from riskengine.casefile.read import MOST_RIGHTS
from riskengine.gates.tables import LOANS, pledges, policies
from riskengine.rights import RIGHTS
from riskengine.scoring.application import BORROWER, GUARANTEE
from service.schemas.cells import Day, fields, record
from service.schemas.plain import Impersonal

LINKS = frozenset({"right_kind", "pledge_id", "loan_id", "policy_id"})
"""Columns by which tables of a book find each other: an application needs none."""

Policy = record("Policy", fields(policies(), without=LINKS | {"right_id"}))
Feature = (
    Annotated[float, Field(strict=True)]
    | Annotated[str, Field(strict=True, max_length=64), Impersonal]
)
Features = Annotated[
    dict[Annotated[str, Field(max_length=64), Impersonal], Feature | None],
    Field(max_length=200, description="模型特征 features of the model of default, by name"),
]
Borrower = record("Borrower", {**fields(BORROWER), "features": NotRequired[Features]})
Guarantee = record("Guarantee", fields(GUARANTEE))
Loan = record("Loan", fields(LOANS))


def _right(table: str) -> Any:
    """Schema of one kind of right: its own cells, the papers of its pledge, its insurance."""
    kind = Annotated[Literal[table], Field(description="权利种类 kind of right")]
    insured = Annotated[list[Policy], Field(max_length=20, description="保险 insurance on it")]
    held = {
        "table": kind, **fields(RIGHTS[table], pledges(), without=LINKS),
        "policies": NotRequired[insured],
    }  # fmt: skip
    return record(f"{table.capitalize()}Right", held)


Right = Annotated[
    Union[tuple(_right(table) for table in RIGHTS)],  # noqa: UP007 - made from the declarations
    Field(discriminator="table"),
]

Application = record("Application", {
    "application_no": Annotated[str, Field(
        strict=True, min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._/-]+$",
        description="机构的业务编号 the institution's own number; no ID number",
        examples=["A-2026-0001"],
    ), Impersonal],
    "created_on": Annotated[Day, Field(
        description="担保成立日：决定效力 day the security arises: decides if it is valid",
        examples=["2026-11-24"],
    )],
    "valued_on": Annotated[Day, Field(
        description="估值日：决定价值与比率 day of valuation: decides values, ratios",
        examples=["2026-11-24"],
    )],
    "borrower": Borrower,
    "loan": Loan,
    "rights": Annotated[list[Right], Field(min_length=1, max_length=MOST_RIGHTS)],
    "guarantee": NotRequired[Guarantee],
})  # fmt: skip
