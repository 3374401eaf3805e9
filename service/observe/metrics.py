"""Metrics of Prometheus: how long, how many, what came out, what models are fed.

The number of series is bounded: routes are templates, reason codes and features those of
rules and releases, and what lies beyond a bound is counted as ``other``.  Nothing names a
tenant, a person or a decision.
"""

import collections
import threading
import time
from collections.abc import Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from service.observe.drift import Counted

REQUEST_SECONDS = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1, 2, 5)
STAGE_SECONDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
MOST_LABELS = 500
"""Most values of one label; others are counted as ``other``."""
FLUSH_SECONDS = 1.0
"""How often counts of features are handed over [s]."""
OTHER = "other"


class Metrics:
    """Everything that one process counts.

    Parameters
    ----------
    registry : CollectorRegistry
        Where it is registered; its own for each application.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._requests = Histogram(
            "riskengine_request_seconds", "Time to answer", ("method", "route", "status"),
            buckets=REQUEST_SECONDS, registry=registry,
        )  # fmt: skip
        self._depth = Gauge(
            "riskengine_lane_waiting", "Scores that wait", registry=registry,
            multiprocess_mode="livesum",
        )  # fmt: skip
        self._sizes = Histogram(
            "riskengine_lane_batch_size", "Scores made together", buckets=BATCH_SIZES,
            registry=registry,
        )  # fmt: skip
        self._waits = Histogram(
            "riskengine_lane_wait_seconds", "Longest wait in a batch", buckets=REQUEST_SECONDS,
            registry=registry,
        )  # fmt: skip
        self._refused = Counter(
            "riskengine_lane_refused", "Scores not made", ("why",), registry=registry
        )
        self._stages = Histogram(
            "riskengine_stage_seconds", "Time of a batch by stage", ("stage",),
            buckets=STAGE_SECONDS, registry=registry,
        )  # fmt: skip
        self._decisions = Counter(
            "riskengine_decisions", "Decisions", ("decision", "model"), registry=registry
        )
        self._reasons = Counter(
            "riskengine_reasons", "Reasons told", ("code", "severity"), registry=registry
        )
        self._features = Counter(
            "riskengine_feature", "What the model was fed, by frozen bin",
            ("model", "feature", "bin"), registry=registry,
        )  # fmt: skip
        self._store = Counter(
            "riskengine_store_errors", "Store away, full or locked", registry=registry
        )
        self._promotions = Counter(
            "riskengine_process_promotions", "Promotions and rules taken up, by each process",
            ("outcome",), registry=registry,
        )  # fmt: skip
        self._children: dict[tuple[Any, ...], Any] = {}
        self._labels: dict[str, set[str]] = {}
        self._counted: dict[str, Counted] = {}
        self._flushed: dict[str, Any] = {}
        self._next_flush = 0.0
        self._lock = threading.Lock()

    def _bounded(self, label: str, value: str) -> str:
        """A label's value, or `OTHER` beyond the bound."""
        known = self._labels.setdefault(label, set())
        if value not in known:
            if len(known) >= MOST_LABELS:
                return OTHER
            known.add(value)
        return value

    def _child(self, metric: Any, *values: str) -> Any:
        """A labelled series, looked up once."""
        key = (id(metric), *values)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = metric.labels(*values)
        return child

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request.

        Parameters
        ----------
        method, route : str
            Method, and template of the path.
        status : int
            HTTP status.
        seconds : float
            Time to answer [s].
        """
        method = self._bounded("method", method)
        route = self._bounded("route", route)
        self._child(self._requests, method, route, str(status)).observe(seconds)

    def took(self, size: int, longest_wait: float, left: int) -> None:
        """Count a batch; arguments as `service.scoring.lane.Watch` has them."""
        self._sizes.observe(size)
        self._waits.observe(longest_wait)
        self._depth.set(left)

    def refused(self, why: str, count: int) -> None:
        """Count scores that were not made."""
        self._child(self._refused, why).inc(count)

    def stage(self, name: str, seconds: float) -> None:
        """Count the time of a stage of a batch [s]."""
        self._child(self._stages, name).observe(seconds)

    def store_failed(self) -> None:
        """Count a failure of the store."""
        self._store.inc()

    def event(self, event: str, _details: dict[str, Any]) -> None:
        """Count a promotion that this process has taken up; other events are not counted."""
        if event in ("promoted", "promotion_failed", "look_failed"):
            self._child(self._promotions, event).inc()

    def decided(self, scores: Sequence[Any], kit: Any) -> None:
        """Count decisions that are durable.

        Parameters
        ----------
        scores : sequence of Score
            Made by one equipment.
        kit : Equipped
            By which.
        """
        model = kit.equipment.default_model
        version = f"{model.release.name}@{model.release.version}" if model else "none"
        named = self._bounded("model", version)
        for outcome, count in collections.Counter(one.outcome for one in scores).items():
            self._child(self._decisions, outcome, named).inc(count)
        told = ((why.code or why.rule, why.severity) for one in scores for why in one.reasons)
        for (code, severity), count in collections.Counter(told).items():
            self._child(self._reasons, self._bounded("code", code), severity).inc(count)
        if model is not None:
            self._count_features(version, model, scores)

    def _count_features(self, version: str, model: Any, scores: Sequence[Any]) -> None:
        with self._lock:
            counted = self._counted.get(version)
            if counted is None:
                if len(self._counted) >= MOST_LABELS:
                    return
                counted = self._counted[version] = Counted(model)
                self._flushed[version] = counted.counts.copy()
            counted.add(scores)
            if time.monotonic() >= self._next_flush:
                self._flush()

    def flush(self) -> None:
        """Hand over what was counted of features."""
        with self._lock:
            self._flush()

    def _flush(self) -> None:
        self._next_flush = time.monotonic() + FLUSH_SECONDS
        for version, counted in self._counted.items():
            start = 0
            fresh = counted.counts - self._flushed[version]
            for name, counts in counted.by_feature().items():
                bins = fresh[start : start + counts.size].tolist()
                start += counts.size
                for k, number in enumerate(bins):
                    if number:
                        at = "missing" if k == counts.size - 1 else str(k)
                        self._child(self._features, version, name, at).inc(number)
            self._flushed[version] = counted.counts.copy()
