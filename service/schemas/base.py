"""What all schemas share: strict, frozen, no NaN; texts in both languages."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

NextPage = Annotated[str | None, Field(description="下一页的游标 cursor of the next page")]


class Schema(BaseModel):
    """Strict, frozen, no NaN."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Said(Schema):
    """One text in both languages."""

    zh: str
    en: str


class FaultAnswer(Schema):
    """One thing that is wrong with a request."""

    path: Annotated[
        str,
        Field(
            description="JSON pointer to the field 字段路径", examples=["/body/loan/balance_yuan"]
        ),
    ]
    code: Annotated[str, Field(examples=["missing"])]
    message: Said
    cure: Said | None


class ProblemAnswer(Schema):
    """A problem (RFC 9457)."""

    type: Annotated[str, Field(examples=["urn:riskengine:problem:invalid-request"])]
    title: Annotated[
        str, Field(description="What is wrong, in the language of Accept-Language 问题")
    ]
    status: Annotated[int, Field(ge=400, le=599, examples=[422])]
    detail: Annotated[str, Field(description="What to do 处理办法")]
    trace_id: Annotated[str, Field(description="Named in every log line of the request 跟踪号")]
    errors: list[FaultAnswer]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documented problems of an endpoint.

    Parameters
    ----------
    *statuses : int
        HTTP statuses.

    Returns
    -------
    dict
        As FastAPI's ``responses`` take them.
    """
    content = {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}}
    }
    return {
        status: {"description": DESCRIPTIONS[status], "content": content} for status in statuses
    }


DESCRIPTIONS = {
    400: "Malformed 请求不成格式", 401: "No valid key or token 未认证", 403: "Not allowed 无权限",
    404: "Not there, or not yours 不存在", 405: "Method not allowed 不支持的方法",
    408: "The body came too slowly 正文迟迟未到",
    409: "In conflict with its state 状态冲突", 412: "Changed since it was read 已被更改",
    413: "Too large 过大", 415: "Media type not taken 不支持的类型",
    416: "Range behind the end 范围无效",
    422: "Does not fit its schema, or cannot be judged 无法受理",
    428: "If-Match is needed 需要 If-Match", 429: "Too many requests 请求过多",
    503: "Busy or not ready 服务繁忙",
}  # fmt: skip
COMMON = (400, 401, 403, 413, 422, 429, 503)
"""Statuses that every authenticated endpoint may answer with."""
