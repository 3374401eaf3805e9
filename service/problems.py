"""Errors as answers: problem+json (RFC 9457), in the reader's language, without what was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from riskengine.errors import ModelError, PortfolioError, RiskEngineError
from riskengine.words import Language, Text
from service.pointers import cell_at, pointer, steps_of

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:riskengine:problem:"
MOST_FAULTS = 100
"""Most faults that one problem lists."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request.

    Parameters
    ----------
    path : str
        JSON pointer to the field (RFC 6901); empty for the request as a whole.
    code : str
        Kind of fault.
    message : Text
        What is wrong.
    cure : Text or None
        What to do.
    """

    path: str
    code: str
    message: Text
    cure: Text | None = None


class Problem(Exception):
    """A request that is answered with a problem.

    Parameters
    ----------
    status : int
        HTTP status.
    code : str
        Kind of problem, in kebab-case.
    wrong, cure : Text
        What is wrong, and what the reader can do.
    faults : sequence of Fault
        Everything that is wrong, where there is more to say.
    headers : mapping of str to str
        Headers of the answer, such as Retry-After.
    """

    def __init__(
        self, status: int, code: str, wrong: Text, cure: Text,
        faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(code)
        self.status, self.code, self.wrong, self.cure = status, code, wrong, cure
        self.faults, self.headers = tuple(faults), dict(headers or {})


@dataclass(frozen=True, slots=True)
class Titles:
    """Words for statuses that the framework itself answers with."""

    words: Mapping[int, tuple[str, Text, Text]] = field(default_factory=lambda: {
        404: ("not-found", Text("没有这个资源", "there is no such resource"),
              Text("请核对路径", "check the path")),
        405: ("method-not-allowed", Text("不支持这种方法", "this method is not allowed here"),
              Text("请看接口文档 /docs", "see the documentation at /docs")),
        400: ("malformed", Text("请求不成格式", "the request is malformed"),
              Text("请核对请求的写法", "check how the request is written")),
    })  # fmt: skip


def language_of(request: Request) -> Language:
    """Return the language that a reader prefers, by Accept-Language (RFC 9110, 12.5.4).

    Parameters
    ----------
    request : Request
        The request.

    Returns
    -------
    {"zh", "en"}
        Chinese unless English weighs more.
    """
    best: tuple[float, Language] = (0.0, "zh")
    for part in request.headers.get("accept-language", "").split(",")[:20]:
        tag, _, rest = part.strip().lower().partition(";")
        language: Language | None = "en" if tag.startswith("en") else (
            "zh" if tag.startswith("zh") else None
        )  # fmt: skip
        try:
            weight = float(rest.strip().removeprefix("q=") or 1.0)
        except ValueError:
            weight = 0.0
        if language is not None and best[0] < weight <= 1.0:
            best = (weight, language)
    return best[1]


def content_of(problem: Problem, language: Language, trace_id: str) -> dict[str, Any]:
    """Return a problem as plain data.

    Parameters
    ----------
    problem : Problem
        The problem.
    language : {"zh", "en"}
        Language of ``title`` and ``detail``; the texts of ``errors`` are in both.
    trace_id : str
        Trace of the request.

    Returns
    -------
    dict
        Members of RFC 9457 with ``errors`` and ``trace_id``.
    """
    return {
        "type": TYPE + problem.code, "title": problem.wrong.say(language),
        "status": problem.status, "detail": problem.cure.say(language), "trace_id": trace_id,
        "errors": [
            {
                "path": fault.path, "code": fault.code,
                "message": {"zh": fault.message.zh, "en": fault.message.en},
                "cure": {"zh": fault.cure.zh, "en": fault.cure.en} if fault.cure else None,
            }
            for fault in problem.faults
        ],
    }  # fmt: skip


def answer(problem: Problem, request: Request) -> Response:
    """Return a problem as an HTTP answer.

    Parameters
    ----------
    problem : Problem
        The problem.
    request : Request
        What it answers.

    Returns
    -------
    Response
        problem+json.
    """
    language = language_of(request)
    trace_id = getattr(request.state, "trace_id", "")
    headers = {**problem.headers, "content-language": language, "vary": "Accept-Language"}
    body = orjson.dumps(content_of(problem, language, trace_id))
    return Response(body, problem.status, headers, MEDIA_TYPE)


def of_engine(fault: RiskEngineError, sent: Mapping[str, Any] | None = None) -> Problem:
    """Return the problem that an error of the engine is.

    Parameters
    ----------
    fault : RiskEngineError
        The error.
    sent : mapping or None
        The application that it is about, where it is about one.

    Returns
    -------
    Problem
        503 for a model that cannot be used, 422 for everything else; one fault a field
        where the engine names fields.
    """
    status = 503 if isinstance(fault, ModelError) else 422
    code = "model-unusable" if status == 503 else "unprocessable"
    if not isinstance(fault, PortfolioError) or sent is None:
        return Problem(
            status, code, fault.wrong, fault.cure, (Fault("", code, fault.wrong, fault.cure),)
        )
    faults = [_of_cell(one.record(), sent) for one in fault.faults[:MOST_FAULTS]]
    if len(faults) > 1:
        return Problem(
            status, code, Text("申请中有几处错误", "several cells of the application are wrong"),
            Text("请按 errors 逐项改正", "mend what errors lists"), faults,
        )  # fmt: skip
    if not faults:
        path = pointer(("body", *steps_of(fault.path))) if fault.path else ""
        faults = [Fault(path, code, fault.wrong, fault.cure)]
    return Problem(status, code, fault.wrong, fault.cure, faults)


def _of_cell(told: Mapping[str, Any], sent: Mapping[str, Any]) -> Fault:
    """One fault of a cell, as the engine tells it, with the place where it was sent."""
    steps = cell_at(told["table"], str(told["right_id"]), told["column"], sent)
    return Fault(
        pointer(("body", *steps)) if steps else "", str(told["rule"]),
        Text(f"{told['heading']} {told['value']}：{told['message_zh']}",
             f"{told['column']} {told['value']}: {told['message_en']}"),
        Text(str(told["cure_zh"]), str(told["cure_en"])),
    )  # fmt: skip


MESSAGES = {
    "missing": Text("缺少这一项", "is missing"),
    "extra_forbidden": Text("没有这一项", "is no field here"),
    "finite_number": Text("须为有限的数", "must be a finite number"),
    "day": Text("须为日期，写作 YYYY-MM-DD", "must be a day, written YYYY-MM-DD"),
    "moment": Text("须在公历之内", "must lie within the calendar"),
    "blank": Text("须写明理由，至少10个字", "must say why, in 10 characters or more"),
    "identity_number": Text("此处不得填写身份证号码", "must hold no identity number"),
    "union_tag_invalid": Text("不是已知的种类", "is no kind that is known"),
    "union_tag_not_found": Text("缺少种类", "says no kind"),
    "float_type": Text("须为数字，不加引号和单位", "must be a number, without quotes and unit"),
    "int_type": Text("须为整数，不加引号", "must be a whole number, without quotes"),
    "int_from_float": Text("须为整数", "must be a whole number"),
    "bool_type": Text("须为 true 或 false", "must be true or false"),
    "string_type": Text("须为文字，加引号", "must be text, in quotes"),
    "list_type": Text("须为数组", "must be an array"),
    "dict_type": Text("须为对象", "must be an object"),
    "greater_than": Text("须大于 {gt}", "must be above {gt}"),
    "greater_than_equal": Text("不得小于 {ge}", "must be at least {ge}"),
    "less_than": Text("须小于 {lt}", "must be below {lt}"),
    "less_than_equal": Text("不得大于 {le}", "must be at most {le}"),
    "literal_error": Text("应为其中之一：{expected}", "must be one of {expected}"),
    "string_too_long": Text("至多 {max_length} 个字符", "has at most {max_length} characters"),
    "string_too_short": Text("至少 {min_length} 个字符", "has at least {min_length} characters"),
    "string_pattern_mismatch": Text("写法须合 {pattern}", "must be written as {pattern}"),
    "too_long": Text("至多 {max_length} 项", "has at most {max_length} items"),
    "too_short": Text("至少 {min_length} 项", "has at least {min_length} items"),
}
"""Words for the commonest faults of a schema; others keep the validator's English."""


def of_schema(fault: RequestValidationError) -> Problem:
    """Return the problem that a request outside its schema is.

    Parameters
    ----------
    fault : RequestValidationError
        Everything that the validator found.

    Returns
    -------
    Problem
        422 with one fault a field, without what was sent.

    Notes
    -----
    An error may bring words of its own, ``said`` and ``cure``.
    """
    faults = [
        Fault(
            pointer(error["loc"]), error["type"],
            error.get("said") or _words(error), error.get("cure"),
        )
        for error in fault.errors()[:MOST_FAULTS]
    ]  # fmt: skip
    return Problem(
        422, "invalid-request",
        Text("请求不合接口的格式", "the request does not fit its schema"),
        Text("请按 errors 逐项改正", "mend what errors lists"), faults,
    )  # fmt: skip


def _words(error: Mapping[str, Any]) -> Text:
    """What is wrong, with the bounds of the schema."""
    plain = Text(f"不合格式：{error['msg']}", error["msg"])
    words = MESSAGES.get(error["type"])
    if words is None:  # a validator's own sentence is no template: it may quote what was sent
        return plain
    bounds = {
        name: f"{bound:g}" if isinstance(bound, float) and abs(bound) < 1e6 else str(bound)
        for name, bound in error.get("ctx", {}).items()
    }  # fmt: skip
    try:
        return Text(words.zh.format(**bounds), words.en.format(**bounds))
    except (KeyError, IndexError, ValueError):  # a bound that is not told
        return plain


def allowed(app: FastAPI, path: str) -> str:
    """Return the methods of a path, of all its routes together (RFC 9110, 10.2.1).

    Parameters
    ----------
    app : FastAPI
        The application.
    path : str
        Path of a request.

    Returns
    -------
    str
        As Allow takes it: of the first template that fits, as routes are matched.
    """
    fitting = [
        route for route in iter_route_contexts(app.routes)
        if route.methods and route.path and compile_path(route.path)[0].match(path)
    ]  # fmt: skip
    own = {m for route in fitting if route.path == fitting[0].path for m in route.methods or ()}
    return ", ".join(sorted(own))


def install(app: FastAPI) -> None:
    """Register how errors are answered.

    Parameters
    ----------
    app : FastAPI
        The application.
    """
    titles = Titles().words

    async def on_problem(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, Problem)
        return answer(fault, request)

    async def on_engine(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, RiskEngineError)
        return answer(of_engine(fault), request)

    async def on_schema(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, RequestValidationError)
        return answer(of_schema(fault), request)

    async def on_framework(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, HTTPException)
        code, wrong, cure = titles.get(fault.status_code, titles[400])
        headers = dict(fault.headers or {})
        if fault.status_code == 405:
            headers["Allow"] = allowed(app, request.scope["path"])
        return answer(Problem(fault.status_code, code, wrong, cure, (), headers), request)

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RiskEngineError, on_engine)
    app.add_exception_handler(RequestValidationError, on_schema)
    app.add_exception_handler(HTTPException, on_framework)
