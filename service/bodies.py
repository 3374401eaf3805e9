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

from riskengine.words import Text
from service.contract.document import complete
from service.deps import document_tokens
from service.problems import Problem
from service.schemas.base import ProblemAnswer

REFERENCE = "#/components/schemas/{model}"
MOST_MEMBERS = 50_000
"""Members and items of a body: what is refused costs as much as what is taken."""
MOST_FAULTS = 1000
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
            text has a null character, or if more is wrong than could be listed.
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
        """
        _check(body, self.most_members)
        try:
            return self.adapter.validate_json(body)
        except ValidationError as fault:
            if fault.error_count() > MOST_FAULTS:
                raise _refused(
                    422, "too-many-faults", "错处过多", "too many faults to list",
                ) from None  # fmt: skip
            raise RequestValidationError(_placed(fault)) from None

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


def _placed(fault: ValidationError) -> list[dict[str, Any]]:
    """Faults below ``body``; names that the sender made up are cut."""
    found = fault.errors(include_url=False, include_context=False, include_input=False)
    return [
        {
            **error, "msg": error["msg"][:LONGEST_MESSAGE],
            "loc": ("body", *(
                step[:LONGEST_STEP] if isinstance(step, str) else step for step in error["loc"]
            )),
        }
        for error in found
    ]  # fmt: skip


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
