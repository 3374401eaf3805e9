"""What is told: metrics that count, logs that are cheap, traces that hang together."""

import asyncio
import io
import json
import logging
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from numba.core import event
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry

from riskengine.errors import RiskEngineError
from service import app as application
from service.app import create_app
from service.auth.caller import Role
from service.auth.keys import make_key, make_tenant
from service.auth.sealing import secrets_of
from service.clock import now
from service.examples import applications
from service.observe import tracing
from service.observe.access import Access
from service.observe.drift import stability
from service.observe.logs import configure, log, log_fault
from service.observe.metrics import MOST_LABELS, OTHER, Metrics
from service.settings import Settings
from service.store.database import open_database, writing
from service.store.migrate import migrate

ROOT = Path(__file__).parents[3]
BODY = next(iter(applications().values()))
SPANS = InMemorySpanExporter()


class House:
    """One application with keys."""

    def __init__(self, app: FastAPI, client: TestClient, keys: dict[Role, str]) -> None:
        self.app, self.client, self.keys = app, client, keys

    def score(self, **headers: str) -> Any:
        """Score the example."""
        return self.client.post(
            "/v1/scores", json=BODY, headers={"X-API-Key": self.keys[Role.LENDER], **headers}
        )

    def metrics(self) -> dict[str, float]:
        """Samples of /metrics by name and labels."""
        answer = self.client.get("/metrics", headers={"X-API-Key": self.keys[Role.OPERATOR]})
        assert answer.status_code == 200
        lines = [one for one in answer.text.splitlines() if not one.startswith("#")]
        return {name: float(value) for name, _, value in (one.rpartition(" ") for one in lines)}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("observe")
    shutil.copytree(ROOT / "models/registry", folder / "registry")
    settings = Settings(data=folder / "data", registry=folder / "registry", secret="s" * 40)
    engine = open_database(settings)
    migrate(engine)
    with writing(engine) as connection:
        make_tenant(connection, "north", "north", now())
        keys = {
            role: make_key(connection, secrets_of(settings).pepper, "north", role, "t", now())
            for role in (Role.LENDER, Role.OPERATOR)
        }
    engine.dispose()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            application, "tracing_of",
            lambda given: tracing.tracing_of(given, SimpleSpanProcessor(SPANS)),
        )  # fmt: skip
        app = create_app(settings)
    with TestClient(app) as client:
        yield House(app, client, keys)


def test_nothing_is_compiled_once_it_is_ready(house: House) -> None:
    with event.install_recorder("numba:compile") as recorder:
        assert house.score().status_code == 200
        assert house.score().status_code == 200
    assert recorder.buffer == []


def test_metrics_count_requests_decisions_reasons_stages_and_batches(house: House) -> None:
    before = house.metrics()
    answer = house.score().json()
    house.client.post("/v1/scores", json={}, headers={"X-API-Key": house.keys[Role.LENDER]})
    house.client.get("/nowhere/11010519491231002X")
    after = house.metrics()

    def more(name: str) -> float:
        return after.get(name, 0.0) - before.get(name, 0.0)

    request = 'riskengine_request_seconds_count{{method="{}",route="{}",status="{}"}}'
    assert more(request.format("POST", "/v1/scores", 200)) == 1
    assert more(request.format("POST", "/v1/scores", 422)) == 1
    assert more(request.format("GET", "unmatched", 404)) == 1
    model = answer["models"]["default"]
    version = f"{model['name']}@{model['version']}"
    decided = f'riskengine_decisions_total{{decision="{answer["decision"]}",model="{version}"}}'
    assert more(decided) == 1
    code = answer["reasons"][0]
    told = 'riskengine_reasons_total{{code="{}",severity="{}"}}'
    assert more(told.format(code["code"], code["severity"])) >= 1
    for stage in ("parse", "score", "record", "commit"):
        assert more(f'riskengine_stage_seconds_count{{stage="{stage}"}}') == 1
    assert more("riskengine_lane_batch_size_count") == 1
    assert not any("11010519491231002X" in name for name in after)


def test_every_decision_is_counted_in_the_bins_that_its_model_froze(house: House) -> None:
    before = house.metrics()
    for _ in range(3):
        house.score()
    after = house.metrics()
    model = house.app.state.ready.shared.default_model
    for feature in model.features:
        mine = [
            value - before.get(name, 0.0) for name, value in after.items()
            if name.startswith("riskengine_feature_total") and f'feature="{feature.name}"' in name
        ]  # fmt: skip
        assert sum(mine) == 3  # one application, one bin
        assert max(mine) == 3


def test_metrics_are_for_operators(house: House) -> None:
    assert house.client.get("/metrics").status_code == 401
    key = {"X-API-Key": house.keys[Role.LENDER]}
    assert house.client.get("/metrics", headers=key).status_code == 403


def test_labels_are_bounded() -> None:
    metrics = Metrics(CollectorRegistry())
    for k in range(MOST_LABELS + 50):
        metrics.request("GET", f"/{k}", 200, 0.001)
    routes = {
        sample.labels["route"] for family in metrics.registry.collect() for sample in family.samples
        if "route" in sample.labels
    }  # fmt: skip
    assert len(routes) == MOST_LABELS + 1
    assert OTHER in routes


def test_stability_is_what_its_formula_says() -> None:
    reference, found = np.array([50, 30, 20]), np.array([20, 30, 50])
    p, q = (found + 0.5) / 101.5, (reference + 0.5) / 101.5
    assert stability(reference, found) == pytest.approx(sum((p - q) * np.log(p / q)))
    assert np.isnan(stability(reference, np.zeros(3)))


def test_a_trace_holds_request_wait_and_stages_under_the_callers_span(house: House) -> None:
    SPANS.clear()
    trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    answer = house.score(traceparent=f"00-{trace}-{parent}-01")
    assert answer.headers["x-trace-id"] == trace
    assert answer.json()["trace_id"] == trace
    until = time.monotonic() + 5
    while len(SPANS.get_finished_spans()) < 6 and time.monotonic() < until:
        time.sleep(0.01)
    spans = {one.name: one for one in SPANS.get_finished_spans()}
    assert set(spans) == {"POST /v1/scores", "lane wait", "parse", "score", "record", "commit"}
    assert {f"{one.context.trace_id:032x}" for one in spans.values()} == {trace}
    request = spans.pop("POST /v1/scores")
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == parent
    assert {one.parent and one.parent.span_id for one in spans.values()} == {
        request.context.span_id
    }
    for one in spans.values():
        assert request.start_time <= one.start_time <= one.end_time  # type: ignore[operator]


def test_a_trace_without_a_caller_has_the_id_that_is_answered(house: House) -> None:
    SPANS.clear()
    answer = house.client.get("/health")
    (span,) = SPANS.get_finished_spans()
    assert f"{span.context.trace_id:032x}" == answer.headers["x-trace-id"]


def test_the_framework_tells_nothing_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    found, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(found))
    monkeypatch.setattr("opentelemetry.trace._TRACER_PROVIDER", provider)
    for app, spans in ((FastAPI(), 1), (create_app(Settings()), 0)):
        found.clear()
        TestClient(app).get("/openapi.json?name=somebody")
        assert len(found.get_finished_spans()) == spans


def test_tracing_without_its_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(RiskEngineError, match="tracing"):
        tracing.tracing_of(Settings(tracing="http://127.0.0.1:4318/v1/traces"))
    assert tracing.tracing_of(Settings()) is None


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[str]]]:
    """Log lines of this process since they were last asked for."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configure(Settings())

    def since() -> list[str]:
        return capsys.readouterr().out.splitlines()

    yield since
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level


def test_faults_are_told_without_what_was_sent(lines: Callable[[], list[str]]) -> None:
    try:
        raise ValueError("what the client sent")
    except ValueError as fault:
        log_fault("failed", fault, trace_id="t")
        logging.getLogger("uvicorn.error").exception("bad %s", "what the client sent")
    log("said", phone="13800138000")
    found = lines()
    told = [json.loads(line) for line in found]
    assert [one["event"] for one in told] == ["failed", "library", "said"]
    assert told[0]["kind"] == "ValueError"
    assert told[0]["trace"][-1].endswith("without_what_was_sent")
    assert not any("client sent" in line or "13800138000" in line for line in found)


def test_a_line_of_a_request_is_cheap_and_successes_may_be_sampled(
    lines: Callable[[], list[str]],
) -> None:
    app = FastAPI()
    app.state.draining = False
    metrics = Metrics(CollectorRegistry())
    access = Access(app, app, Settings(log_share=0.25), metrics, None)
    scope: dict[str, Any] = {"method": "POST", "state": {"trace_id": "t"}, "headers": []}

    async def ended(access: Access, status: int, count: int) -> None:
        for _ in range(count):
            access._end(scope, status, 10, 0.001)
        await asyncio.sleep(0)  # lines leave once a turn of the loop

    asyncio.run(ended(access, 200, 1000))
    assert len(lines()) == 250
    asyncio.run(ended(access, 500, 1))
    assert len(lines()) == 1
    access = Access(app, app, Settings(), metrics, None)
    began = time.process_time()
    asyncio.run(ended(access, 200, 2000))
    # the aim is 15 microseconds, measured alone; a shared machine is given more
    assert (time.process_time() - began) / 2000 < 60e-6


def test_lines_of_requests_answered_together_leave_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Counting(io.StringIO):
        flushed: list[int] = []  # noqa: RUF012 - of one test

        def flush(self) -> None:
            self.flushed.append(self.getvalue().count("\n"))

    app = FastAPI()
    access = Access(app, app, Settings(), Metrics(CollectorRegistry()), None)
    scope: dict[str, Any] = {"method": "POST", "state": {"trace_id": "t"}, "headers": []}

    async def play() -> None:
        for count in (3, 2):
            for _ in range(count):
                access._end(scope, 200, 10, 0.001)
            await asyncio.sleep(0)

    monkeypatch.setattr("sys.stdout", stream := Counting())
    asyncio.run(play())
    assert stream.flushed == [3, 5]
