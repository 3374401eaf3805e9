"""A bare FastAPI echo with the schemas of the scoring endpoint: what the service is held against.

It takes an application, checks it, and answers a whole score by the framework's own means:
those that the service gives to the same applications, in turn.
"""

import itertools
import os
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI

from service.schemas.application import Application
from service.schemas.score import ScoreAnswer


def create_app(answers: Path) -> FastAPI:
    """Build the echo around real answers.

    Parameters
    ----------
    answers : pathlib.Path
        JSON list of answers of the service.
    """
    app, answered = FastAPI(), itertools.cycle(orjson.loads(answers.read_bytes()))

    @app.post("/v1/scores", response_model=ScoreAnswer)
    async def echo(application: Application) -> Any:  # type: ignore[valid-type]
        return next(answered)

    return app


def from_environment() -> FastAPI:
    """Build the echo in a process of several."""
    return create_app(Path(os.environ["ECHO_ANSWERS"]))


if __name__ == "__main__":
    import sys

    import uvicorn

    port, answers, processes = sys.argv[1:]
    os.environ["ECHO_ANSWERS"] = answers
    uvicorn.run(
        "tests.bench.echo:from_environment", factory=True, host="127.0.0.1", port=int(port),
        workers=int(processes), access_log=False, log_level="warning",
    )  # fmt: skip
