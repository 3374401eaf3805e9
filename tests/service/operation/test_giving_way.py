"""Refusals give way: half of a thread's time at most, and nothing is owed for a few."""

import asyncio
import threading
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import httpx2 as httpx
import pytest
from fastapi import FastAPI, Response

from service.scoring.lane import Lane
from service.serving.giving_way import AT_ONCE_SECONDS, MOST_EACH_SECONDS, GivingWay
from service.serving.guards import Guards
from service.settings import Settings


class Thread:
    """A thread's own clock, and its rests."""

    def __init__(self) -> None:
        self.spent, self.rests = 100.0, list[float]()

    def run(self, seconds: float) -> None:
        """Let it run."""
        self.spent += seconds


@pytest.fixture
def thread() -> Thread:
    """A thread that has run for a while."""
    return Thread()


@pytest.fixture
def giving_way(thread: Thread) -> GivingWay:
    """Its manners."""
    return GivingWay(lambda: thread.spent, thread.rests.append)


@pytest.mark.parametrize("each", [0.00002, 0.00019, 0.0005])
def test_a_flood_has_half_of_the_time(thread: Thread, giving_way: GivingWay, each: float) -> None:
    giving_way.refused()
    before = thread.spent
    for _ in range(10_000):
        thread.run(each)
        giving_way.refused()
    assert sum(thread.rests) == pytest.approx(thread.spent - before, abs=2 * AT_ONCE_SECONDS)
    assert max(thread.rests) < AT_ONCE_SECONDS + MOST_EACH_SECONDS


def test_what_was_done_between_two_refusals_is_not_owed(
    thread: Thread, giving_way: GivingWay
) -> None:
    for _ in range(100):
        thread.run(0.05)  # a hundred good answers
        giving_way.refused()
    assert sum(thread.rests) < 101 * MOST_EACH_SECONDS


def test_a_few_refusals_cost_nothing(thread: Thread, giving_way: GivingWay) -> None:
    for _ in range(5):
        thread.run(0.0002)
        giving_way.refused()
    assert thread.rests == []


def test_a_real_thread_runs_for_half_of_a_flood() -> None:
    giving_way = GivingWay()
    began, before = time.monotonic(), time.thread_time()
    while time.monotonic() - began < 0.5:
        end = time.thread_time() + 0.0002
        while time.thread_time() < end:
            pass
        giving_way.refused()
    assert time.thread_time() - before < 0.6 * (time.monotonic() - began)


class Counted:
    """Counts what gives way."""

    count = 0

    def refused(self) -> None:
        """Count one."""
        Counted.count += 1


@pytest.mark.parametrize(("status", "gives_way"), [(200, 0), (404, 1), (429, 1), (503, 1)])
def test_what_is_refused_gives_way_while_the_lane_is_at_work(
    monkeypatch: pytest.MonkeyPatch, status: int, gives_way: int
) -> None:
    monkeypatch.setattr("service.serving.guards.GivingWay", Counted)
    monkeypatch.setattr(Counted, "count", 0)
    opened, begun = threading.Event(), threading.Event()

    def run(works: Sequence[Any]) -> Sequence[Any]:
        begun.set()
        assert opened.wait(10)
        return works

    lane = Lane(run, 8, 8)
    app = FastAPI()
    app.state.ready = SimpleNamespace(lane=lane)
    app.add_middleware(Guards, settings=Settings())
    app.add_api_route("/told", lambda: Response(status_code=status))

    async def play() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://house") as client:
            assert (await client.get("/told")).status_code == status
            assert Counted.count == 0  # nobody is being served
            served = asyncio.create_task(lane.submit("a"))
            assert await asyncio.to_thread(begun.wait, 10)
            assert (await client.get("/told")).status_code == status
            opened.set()
            assert await served == "a"

    lane.start()
    try:
        asyncio.run(play())
    finally:
        lane.stop(5)
    assert Counted.count == gives_way
