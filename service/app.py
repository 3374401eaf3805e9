"""The application: one factory that composes settings, state, errors and routes."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from models.store import PriceModel, price_models
from riskengine import __version__
from riskengine.columns import json_schema
from riskengine.errors import PortfolioError
from riskengine.market.loader import demonstration, load
from riskengine.market.snapshot import Snapshot
from riskengine.rights import RIGHTS
from riskengine.rules import statute
from riskengine.single import contract_of, value_one, value_records
from riskengine.words import Text
from service import errors
from service.convert import fault_answers, result_rows
from service.schemas import ErrorAnswer, Health, Provenance, ValuationAnswer, ValuationRequest
from service.settings import Settings

router = APIRouter()


@dataclass(frozen=True)
class State:
    """What every request shares, loaded and warm before the first."""

    settings: Settings
    market: Snapshot
    learned: dict[str, PriceModel]


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application.

    Parameters
    ----------
    settings : Settings or None
        Settings; from the environment when None.

    Returns
    -------
    FastAPI
        Ready to serve.
    """
    chosen = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.ready = None
        app.state.ready = _load(chosen)
        yield
        app.state.ready = None

    app = FastAPI(
        title="Rural finance and collateral risk engine", version=__version__, lifespan=lifespan
    )
    errors.install(app)
    app.middleware("http")(_limit_body(chosen.max_body_bytes))
    app.include_router(router)
    return app


def _load(settings: Settings) -> State:
    """Load market and models, and compile the kernels of every kind of right."""
    market = load(settings.market) if settings.market else demonstration()
    learned = price_models(settings.price_models)
    for table in RIGHTS:
        value_one(table, [], date(2026, 1, 1), market, learned)
    return State(settings, market, learned)


def _limit_body(limit: int) -> Any:
    """Refuse bodies over a limit before they are read."""

    async def guard(request: Request, call_next: Any) -> Response:
        length = request.headers.get("content-length", "")
        if request.method == "POST" and not (length.isdigit() and int(length) <= limit):
            detail = [{"type": "too_large", "msg": f"send Content-Length of at most {limit}"}]
            return JSONResponse({"error": "TooLarge", "detail": detail}, 413)
        response: Response = await call_next(request)
        return response

    return guard


def ready_state(request: Request) -> State:
    """Return the loaded state."""
    state: State = request.app.state.ready
    return state


Ready = Annotated[State, Depends(ready_state)]


@router.get("/health")
def health() -> Health:
    """Whether the process is up."""
    return Health(status="up", engine_version=__version__)


@router.get("/ready", responses={503: {"model": ErrorAnswer}})
def ready(request: Request) -> Health:
    """Whether rules, market, models and kernels are loaded."""
    if request.app.state.ready is None:
        raise PortfolioError(
            Text("服务尚未就绪", "not ready"), Text("请稍后再试", "try again soon")
        )
    return Health(status="ready", engine_version=__version__)


@router.get("/v1/tables/{table}", responses={422: {"model": ErrorAnswer}})
def table_schema(table: str) -> dict[str, Any]:
    """JSON Schema of the facts of one kind of right."""
    return json_schema(contract_of(table))


@router.post("/v1/valuations", responses={413: {"model": ErrorAnswer}, 422: {"model": ErrorAnswer}})
def valuations(request: ValuationRequest, state: Ready) -> ValuationAnswer:
    """Value one right or many: the same numbers as the batch and the command line."""
    if len(request.rights) > state.settings.max_rights:
        most = state.settings.max_rights
        raise PortfolioError(
            Text(f"一次最多 {most} 项权利", f"at most {most} rights a request"),
            Text("请分批，或用 revalue 命令", "split the request, or use the revalue command"),
        )
    checked, valuation = value_records(
        request.table, request.rights, request.valued_on, state.market, state.learned
    )
    rows = result_rows(valuation)
    return ValuationAnswer(
        results=rows, faults=fault_answers(checked), rights_in=len(request.rights),
        rights_valued=len(rows), rights_rejected=checked.rejected,
        provenance=_provenance(request, state),
    )  # fmt: skip


def _provenance(request: ValuationRequest, state: State) -> Provenance:
    """What an answer was made from."""
    models = {
        f"{model.table}:{model.name} ({model.origin})": model.digest
        for model in state.learned.values()
    }
    return Provenance(
        engine_version=__version__, rules_digest=statute().digest, market=state.market.name,
        market_digest=state.market.digest, models=models, valued_on=request.valued_on,
        basis="market value, internal valuation, not a statutory appraisal",
        trace_id=uuid.uuid4().hex,
    )  # fmt: skip
