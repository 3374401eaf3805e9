"""Errors as answers: one shape, no echo of what was sent."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from riskengine.errors import ModelError, PortfolioError, RiskEngineError

STATUS = {PortfolioError: 422, ModelError: 503}
"""Status code by kind of error; any other engine error is 422."""


def _answer(status: int, error: str, detail: list[dict[str, Any]]) -> JSONResponse:
    return JSONResponse({"error": error, "detail": detail}, status)


async def on_engine_error(_: Request, fault: Exception) -> JSONResponse:
    """Tell an engine error in both languages."""
    assert isinstance(fault, RiskEngineError)
    status = STATUS.get(type(fault), 422)
    said = {"type": type(fault).__name__, "msg": fault.say("en"), "msg_zh": fault.say("zh")}
    return _answer(status, type(fault).__name__, [said])


async def on_invalid_request(_: Request, fault: Exception) -> JSONResponse:
    """Tell where a request breaks its schema, without repeating its content."""
    assert isinstance(fault, RequestValidationError)
    detail = [{"loc": list(e["loc"]), "type": e["type"], "msg": e["msg"]} for e in fault.errors()]
    return _answer(422, "InvalidRequest", detail)


def install(app: FastAPI) -> None:
    """Register the handlers.

    Parameters
    ----------
    app : FastAPI
        The application.
    """
    app.add_exception_handler(RiskEngineError, on_engine_error)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
