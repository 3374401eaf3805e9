"""Request bodies: read once, checked by their schema as JSON, and shown in the OpenAPI document.

The framework's own way parses JSON first and checks Python objects after: there NaN passes
the parser, an integer passes for a date, and deep nesting breaks the parser.  Here one
parser does both, and refuses all three.
"""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter, ValidationError
from pydantic.json_schema import models_json_schema  # noqa: F401
from pydantic_core import from_json

from riskengine.words import Text
from service.contract.document import complete
from service.deps import document_tokens
from service.doubled import members, refuse_doubled
from service.pointers import sent_at
from service.problems import Problem
from service.schemas.base import ProblemAnswer

REFERENCE = "#/components/schemas/{model}"
MOST_MEMBERS = 50_000
"""Members and items of a body: what is refused costs as much as what is taken."""
MOST_FAULTS = 1000
MOST_TOLD = 200
"""Faults that are placed: fewer are told."""
TYPES = "_type"
"""How the validator's faults end that say that a cell is of another type."""
BOUNDS = frozenset({
    "gt", "ge", "lt", "le", "expected", "max_length", "min_length", "pattern"
})  # fmt: skip
"""What a schema says of a bound; all else of an error's context may be what was sent."""
LONGEST_STEP, LONGEST_MESSAGE = 64, 200
"""Characters of a sender's own member names, and of a fault, that are sent back."""


class JsonBody:
    """A dependency that reads a JSON body of a schema.

    Parameters
    ----------
    schema : type
        What the body must be.
    name : str
        Its name in the OpenAPI document.
    examples : dict of str to object
        Examples that run, by title.
    most_members : int
        Most members and items, by their commas.
    """

    def __init__(
        self, schema: Any, name: str, examples: dict[str, Any] | None = None,
        most_members: int = MOST_MEMBERS,
    ) -> None:  # fmt: skip
        self.adapter: TypeAdapter[Any] = TypeAdapter(schema)
        self.most_members = most_members
        self.name, self.examples = name, examples or {}

    async def __call__(self, request: Request) -> Any:
        """Return the body, checked.

        Raises
        ------
        Problem
            415 if it does not say that it is JSON; 413 if it has too many members; 422 if a
            text has a null character, if a name stands twice in one object, or if more is
            wrong than could be listed.
        RequestValidationError
            If it does not fit its schema.
        """
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != "application/json":
            raise Problem(
                415, "media-type", Text("请求正文须为 JSON", "the body must be JSON"),
                Text("请设 Content-Type: application/json", "set Content-Type: application/json"),
            )  # fmt: skip
        return self.checked(await request.body())

    def checked(self, body: bytes) -> Any:
        """Return a body, checked.

        Raises
        ------
        RequestValidationError
            If it does not fit its schema.
        Problem
            413 and 422, as of `__call__`.
        """
        _check(body, self.most_members)
        try:
            content = self.adapter.validate_json(body)
        except ValidationError as fault:
            if fault.error_count() > MOST_FAULTS:
                raise _refused(
                    422, "too-many-faults", "错处过多", "too many faults to list",
                ) from None  # fmt: skip
            raise RequestValidationError(placed(fault, _read(body))) from None
        if body.count(b":") != members(content):
            refuse_doubled(body)
        return content

    @property
    def openapi(self) -> dict[str, Any]:
        """What ``openapi_extra`` of an endpoint takes."""
        media: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{self.name}"}}
        if self.examples:
            media["examples"] = {name: {"value": value} for name, value in self.examples.items()}
        return {
            "requestBody": {"required": True, "content": {"application/json": media}},
            "x-body": self.name,
        }

    def schemas(self) -> dict[str, Any]:
        """Return the component schemas of the body."""
        schema = self.adapter.json_schema(ref_template=REFERENCE)
        defined: dict[str, Any] = schema.pop("$defs", {})
        reference = schema.get("$ref", "").rpartition("/")[2]
        return defined if reference == self.name else {**defined, self.name: schema}


def _check(body: bytes, most_members: int) -> None:
    """Refuse what would be costly to check, or what no database holds."""
    if body.count(b",") > most_members:
        raise _refused(413, "too-many-members", "成员过多", "too many members")
    if b"\\u0000" in body:
        raise _refused(422, "null-character", "文本含空字符", "a text has a null character")


def _read(body: bytes) -> Any:
    """The body as plain data; None where it is no JSON."""
    try:
        return from_json(body)
    except ValueError:
        return None


def placed(
    fault: ValidationError, sent: Any, base: tuple[str | int, ...] = ("body",)
) -> list[dict[str, Any]]:  # fmt: skip
    """Return faults, each with its place in what was sent; what two ways say of it is one.

    Parameters
    ----------
    fault : ValidationError
        Everything that the validator found.
    sent : object
        What was sent, as plain data.
    base : tuple of str or int
        Where that stands in the request.

    Returns
    -------
    list of dict
        As `service.problems.of_schema` takes them; names that the sender made up are cut.
    """
    found = fault.errors(include_url=False, include_input=False)
    told: dict[tuple[str | int, ...], dict[str, Any]] = {}
    for error in found[:MOST_TOLD]:
        steps = sent_at(error["loc"], sent, error["type"] == "missing")
        cut = (step[:LONGEST_STEP] if isinstance(step, str) else step for step in steps)
        place = (*base, *cut)
        bounds = {name: of for name, of in error.get("ctx", {}).items() if name in BOUNDS}
        new = {
            "type": error["type"], "msg": error["msg"][:LONGEST_MESSAGE], "loc": place,
            "ctx": bounds,
        }  # fmt: skip
        told[place] = _nearer(told[place], new) if place in told else new
    return list(told.values())


def _nearer(before: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """What two alternatives say of one place: the one whose type it is, else both."""
    (first, second), ends = (before, new), TYPES
    if first["type"].endswith(ends) != second["type"].endswith(ends):
        return second if first["type"].endswith(ends) else first
    if second["msg"] in first["msg"]:
        return first
    return {**first, "msg": f"{first['msg']}; {second['msg']}"[:LONGEST_MESSAGE]}


def _refused(status: int, code: str, zh: str, en: str) -> Problem:
    cure = Text("请按接口文档改正请求正文", "mend the body as the documentation says")
    return Problem(status, code, Text(zh, en), cure)


def document(app: FastAPI, bodies: tuple[JsonBody, ...]) -> None:
    """Put the bodies and the problem into the OpenAPI document of an application.

    Parameters
    ----------
    app : FastAPI
        The application, its routes included.
    bodies : tuple of JsonBody
        Every body that a route reads.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(
                title=app.title, version=app.version, description=app.description,
                routes=app.routes, tags=app.openapi_tags,
            )  # fmt: skip
            schemas = found.setdefault("components", {}).setdefault("schemas", {})
            problem = ProblemAnswer.model_json_schema(ref_template=REFERENCE)
            schemas |= {**problem.pop("$defs"), "ProblemAnswer": problem}
            for body in bodies:
                schemas |= body.schemas()
            for path in found["paths"].values():
                for operation in path.values():
                    operation.pop("x-body", None)
            document_tokens(found)
            complete(found)
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
