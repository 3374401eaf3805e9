"""Traces of OpenTelemetry, where the extra ``tracing`` is installed and an endpoint is set.

A request's span takes over the caller's ``traceparent`` (W3C Trace Context); under it stand
its wait in the lane and the stages of the batch that it was scored in.
"""

import time
from typing import Any

from starlette.types import Scope

from riskengine.errors import RiskEngineError
from riskengine.words import Text
from service.settings import Settings

NANOSECONDS = 1_000_000_000


class Tracing:
    """Where spans go.

    Parameters
    ----------
    tracer : opentelemetry.trace.Tracer
        Makes spans.
    provider : opentelemetry.sdk.trace.TracerProvider
        Sends them.
    """

    def __init__(self, tracer: Any, provider: Any) -> None:
        from opentelemetry import context, trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._tracer, self._provider = tracer, provider
        self._context, self._trace = context, trace
        self._propagator = TraceContextTextMapPropagator()

    def begin(self, scope: Scope) -> "RequestSpan":
        """Begin the span of a request.

        Parameters
        ----------
        scope : ASGI scope
            Of the request; where it has no ``traceparent`` it is given this span's.

        Returns
        -------
        RequestSpan
            To be ended.
        """
        names = (b"traceparent", b"tracestate")
        carrier = {k.decode(): v.decode("latin-1") for k, v in scope["headers"] if k in names}
        span = self._tracer.start_span(
            scope["method"], self._propagator.extract(carrier), self._trace.SpanKind.SERVER
        )
        if b"traceparent" not in dict(scope["headers"]):  # inside, all take over this one
            here = span.get_span_context()
            parent = f"00-{here.trace_id:032x}-{here.span_id:016x}-01".encode()
            scope["headers"] = [*scope["headers"], (b"traceparent", parent)]
        token = self._context.attach(self._trace.set_span_in_context(span))
        return RequestSpan(span, token, self._context)

    def mark(self) -> Any:
        """Return the context of the request that is being served, for its spans in the lane."""
        return self._context.get_current()

    def answered(
        self, marks: list[tuple[Any, float]], began: float, stages: list[tuple[str, float, float]]
    ) -> None:
        """Make the spans of a batch under each of its requests.

        Parameters
        ----------
        marks : list of (context, float)
            Contexts by `mark`, and since when each waited, monotonic [s].
        began : float
            When the batch was taken, monotonic [s].
        stages : list of (str, float, float)
            Names of stages with begin and end, monotonic [s].
        """
        epoch = time.time_ns() - int(time.monotonic() * NANOSECONDS)
        for parent, since in marks:
            for name, start, end in (("lane wait", since, began), *stages):
                span = self._tracer.start_span(
                    name, parent, start_time=epoch + int(start * NANOSECONDS)
                )
                span.end(epoch + int(end * NANOSECONDS))

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


class RequestSpan:
    """The span of one request.

    Parameters
    ----------
    span, token, context : object
        Of OpenTelemetry.
    """

    def __init__(self, span: Any, token: Any, context: Any) -> None:
        self._span, self._token, self._context = span, token, context

    def end(self, scope: Scope, route: str, status: int) -> None:
        """End the span.

        Parameters
        ----------
        scope : ASGI scope
            Of the request.
        route : str
            Template of its path.
        status : int
            HTTP status; 0 where none was sent.
        """
        self._span.update_name(f"{scope['method']} {route}")
        self._span.set_attributes({
            "http.request.method": scope["method"], "http.route": route,
            "http.response.status_code": status,
        })  # fmt: skip
        self._span.end()
        self._context.detach(self._token)


def tracing_of(settings: Settings, processor: Any = None) -> Tracing | None:
    """Return where spans go, by the settings.

    Parameters
    ----------
    settings : Settings
        With the OTLP endpoint, or without.
    processor : opentelemetry.sdk.trace.SpanProcessor or None
        Takes the spans in place of the endpoint.

    Returns
    -------
    Tracing or None
        None where nothing is traced.

    Raises
    ------
    RiskEngineError
        If an endpoint is set and the extra is not installed.
    """
    if settings.tracing is None and processor is None:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as fault:
        raise RiskEngineError(
            Text("设了 RISKENGINE_TRACING，但未安装 tracing 组件",
                 "RISKENGINE_TRACING is set, but the extra tracing is not installed"),
            Text("安装 riskengine[tracing]，或去掉该设置",
                 "install riskengine[tracing], or unset it"),
        ) from fault  # fmt: skip
    provider = TracerProvider(resource=Resource.create({"service.name": "riskengine"}))
    if processor is None:
        processor = BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.tracing))
    provider.add_span_processor(processor)
    return Tracing(provider.get_tracer("riskengine"), provider)
