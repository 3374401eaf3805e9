"""The lane: bounded, fair, prompt, and nobody waits for ever."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from service.problems import Problem
from service.scoring.lane import Lane
from service.scoring.lane_watch import Unwatched
from service.scoring.pace import FEWEST, Company, Pace


class Told(Unwatched):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.refusals: dict[str, int] = {}

    def took(self, size: int, longest_wait: float, left: int) -> None:
        self.sizes.append(size)

    def refused(self, why: str, count: int) -> None:
        self.refusals[why] = self.refusals.get(why, 0) + count


class Gate:
    """A run that waits until it is opened, and remembers batches."""

    def __init__(self) -> None:
        self.open, self.begun = threading.Event(), threading.Event()
        self.batches: list[list[Any]] = []

    def __call__(self, works: Sequence[Any]) -> Sequence[Any]:
        self.batches.append(list(works))
        self.begun.set()
        assert self.open.wait(10)
        return works


def tenant(work: str) -> str:
    """Works of these tests are named for their tenant: ``a1``."""
    return work[0]


def played(lane: Lane, play: Callable[[], Awaitable[Any]]) -> Any:
    """Run a coroutine with a started lane."""

    async def whole() -> Any:
        lane.start()
        try:
            return await asyncio.wait_for(play(), 20)
        finally:
            await lane.close(5)

    return asyncio.run(whole())


async def entered(lane: Lane, *works: str, bulk: bool = False) -> list[asyncio.Task[Any]]:
    """Submit works in order without waiting for them."""
    tasks = []
    for work in works:
        tasks.append(asyncio.create_task(lane.submit(work, bulk)))
        await asyncio.sleep(0)
    return tasks


def codes(outcomes: list[Any]) -> list[str]:
    """What came of works: ``ok`` or the problem's code."""
    return [one.code if isinstance(one, Problem) else "ok" for one in outcomes]


async def begun(gate: Gate) -> None:
    """Wait until the lane's thread is inside the gate."""
    assert await asyncio.to_thread(gate.begun.wait, 10)


def test_works_that_wait_together_are_taken_together_and_answered_in_order() -> None:
    gate, told = Gate(), Told()
    lane = Lane(gate, 100, 8, watch=told)

    async def play() -> list[Any]:
        first = await entered(lane, "a")
        await begun(gate)
        rest = await entered(lane, *(f"a{k}" for k in range(20)))
        gate.open.set()
        return await asyncio.gather(*first, *rest)

    assert played(lane, play) == ["a", *(f"a{k}" for k in range(20))]
    assert told.sizes == [1, 8, 8, 4]


def test_a_batch_waits_for_those_who_usually_come_with_it() -> None:
    told = Told()
    lane = Lane(list, 100, 64, watch=told)

    async def client(waits: float) -> None:
        for _ in range(6):
            await asyncio.sleep(waits)
            await lane.submit("a")

    async def play() -> None:
        await asyncio.gather(*(client(0.0) for _ in range(8)))
        told.sizes.clear()
        await asyncio.gather(*(client(0.0002 * k) for k in range(8)))

    played(lane, play)
    assert max(told.sizes) == 8
    assert sum(told.sizes) == 48
    assert len(told.sizes) < 24  # one by one, as they come, they were up to 48


def test_who_waited_meanwhile_and_who_was_answered_are_taken_together() -> None:
    told = Told()

    def slow(works: Sequence[Any]) -> Sequence[Any]:
        time.sleep(0.01)
        return works

    lane = Lane(slow, 100, 64, watch=told)

    async def client(waits: float) -> None:
        await asyncio.sleep(waits)
        for _ in range(8):
            await lane.submit("a")

    async def play() -> None:  # the second half comes while the first is under way
        await asyncio.gather(*(client(0.0) for _ in range(6)), *(client(0.005) for _ in range(6)))

    played(lane, play)
    assert sum(told.sizes) == 96
    assert told.sizes.count(12) >= 5  # not two halves that wait for each other by turns


def test_answers_that_are_still_being_written_are_waited_for() -> None:
    told = Told()

    def slow(works: Sequence[Any]) -> Sequence[Any]:
        time.sleep(0.02)
        return works

    lane = Lane(slow, 100, 64, watch=told)

    async def client(waits: float) -> None:
        await asyncio.sleep(waits)
        for _ in range(8):
            await lane.submit("a")
            time.sleep(0.001)  # as writing an answer takes
            await asyncio.sleep(0)  # the next request is read when all answers are written

    async def play() -> None:
        await asyncio.gather(*(client(0.0) for _ in range(8)), *(client(0.01) for _ in range(8)))

    played(lane, play)
    assert sum(told.sizes) == 128
    assert told.sizes.count(16) >= 5


def test_who_asks_alone_waits_for_nobody() -> None:
    lane, waits = Lane(list, 100, 64), list[float]()
    lane._gather = waits.append  # type: ignore[method-assign,assignment]

    async def play() -> None:
        for _ in range(5):
            await lane.submit("a")

    played(lane, play)
    assert waits == [1] * 5


def test_a_company_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.scoring.lane.LONGEST_SECONDS", 5.0)
    lane = Lane(list, 100, 64)
    lane._company.observe(40)

    async def play() -> float:
        began = time.monotonic()
        assert await lane.submit("a") == "a"
        return time.monotonic() - began

    assert played(lane, play) < 1.0


def test_who_came_first_does_not_wait_for_all_who_trickle_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("service.scoring.lane.GAP_SECONDS", 0.05)
    told = Told()
    lane = Lane(list, 200, 200, watch=told)
    lane._company.observe(200)

    async def play() -> None:
        tasks = []
        for _ in range(100):
            tasks += await entered(lane, "a")
            await asyncio.sleep(0.005)
        await asyncio.gather(*tasks)

    played(lane, play)
    assert sum(told.sizes) == 100
    assert len(told.sizes) > 1


def test_a_company_that_dwindles_is_expected_less_and_less() -> None:
    company = Company()
    company.observe(40)
    seen = []
    for _ in range(30):
        seen.append(company.usual)
        company.observe(1)
    assert seen[:3] == [40, 32, 25]
    assert company.usual == 1
    company.observe(7)
    assert company.usual == 7


def test_a_full_lane_refuses_at_once_with_retry_after() -> None:
    gate, told = Gate(), Told()
    lane = Lane(gate, 3, 8, tenant, watch=told)

    async def play() -> tuple[list[Any], str]:
        tasks = await entered(lane, "a")
        await begun(gate)
        tasks += await entered(lane, "a1", "a2", "a3")
        with pytest.raises(Problem) as refused:
            await lane.submit("a4")
        with pytest.raises(Problem):
            lane.room("a")
        gate.open.set()
        return await asyncio.gather(*tasks), refused.value.headers["Retry-After"]

    outcomes, after = played(lane, play)
    assert outcomes == ["a", "a1", "a2", "a3"]
    assert 1 <= int(after) <= 30
    assert told.refusals == {"full": 2}


def test_a_flood_of_one_tenant_gives_way_to_another() -> None:
    gate = Gate()
    lane = Lane(gate, 4, 2, tenant)

    async def play() -> list[Any]:
        tasks = await entered(lane, "a0")
        await begun(gate)
        tasks += await entered(lane, "a1", "a2", "a3", "a4")
        lane.room("b")
        tasks += await entered(lane, "b1", "b2", "b3")
        gate.open.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    # a4 and a3 make room for b1 and b2; b3 would hold more than its share
    assert codes(played(lane, play)) == ["ok", "ok", "ok", "busy", "busy", "ok", "ok", "busy"]
    assert gate.batches == [["a0"], ["a1", "b1"], ["a2", "b2"]]


def test_many_of_one_request_take_turns_with_single_ones() -> None:
    gate = Gate()
    lane = Lane(gate, 100, 2, tenant)

    async def play() -> None:
        tasks = await entered(lane, "a0")
        await begun(gate)
        tasks += await entered(lane, "a1", "a2", "a3", bulk=True)
        tasks += await entered(lane, "a9")
        gate.open.set()
        await asyncio.gather(*tasks)

    played(lane, play)
    assert gate.batches == [["a0"], ["a1", "a9"], ["a2", "a3"]]


def test_what_waited_too_long_is_refused_and_not_scored() -> None:
    gate, told = Gate(), Told()
    lane = Lane(gate, 100, 8, seconds=0.05, watch=told)

    async def play() -> list[Any]:
        tasks = await entered(lane, "a")
        await begun(gate)
        tasks += await entered(lane, "b")
        await asyncio.sleep(0.08)
        tasks += await entered(lane, "c")
        gate.open.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    assert codes(played(lane, play)) == ["ok", "too-late", "ok"]
    assert gate.batches == [["a"], ["c"]]
    assert told.refusals == {"late": 1}


def test_a_client_that_went_away_is_not_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.scoring.lane.PATIENCE", 0.05)
    gate, told = Gate(), Told()
    lane = Lane(gate, 100, 8, watch=told)

    async def gone() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def play() -> list[Any]:
        tasks = await entered(lane, "a")
        await begun(gate)
        left = asyncio.create_task(lane.submit("b", receive=gone))
        cancelled = (await entered(lane, "c"))[0]
        tasks += [left, cancelled, *await entered(lane, "d")]
        cancelled.cancel()
        await asyncio.sleep(0.2)
        gate.open.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    ok, left, cancelled, last = played(lane, play)
    assert (ok, last) == ("a", "d")
    assert left.code == "client-gone"
    assert isinstance(cancelled, asyncio.CancelledError)
    assert gate.batches == [["a"], ["d"]]
    assert told.refusals == {"gone": 2}


def test_stopping_finishes_what_waits_and_takes_nothing_more() -> None:
    gate = Gate()
    lane = Lane(gate, 100, 2)

    async def play() -> tuple[list[Any], str]:
        tasks = await entered(lane, "a", "b", "c", "d")
        await begun(gate)
        closing = asyncio.create_task(lane.close(5))
        await asyncio.sleep(0.05)
        gate.open.set()
        with pytest.raises(Problem) as refused:
            await lane.submit("e")
        with pytest.raises(Problem) as shut:
            lane.room("")
        assert shut.value.code == "closing"
        await closing
        return await asyncio.gather(*tasks), refused.value.code

    assert played(lane, play) == (["a", "b", "c", "d"], "closing")
    assert not lane.alive


def test_stopping_in_time_loses_no_future() -> None:
    gate = Gate()
    lane = Lane(gate, 100, 1)

    async def play() -> list[Any]:
        tasks = await entered(lane, "a", "b", "c")
        await begun(gate)
        await lane.close(0.05)
        gate.open.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    assert codes(played(lane, play)) == ["ok", "closing", "closing"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_answers_everybody() -> None:
    begin = threading.Event()

    def dying(works: Sequence[Any]) -> Sequence[Any]:
        begin.wait(10)
        raise KeyboardInterrupt

    lane = Lane(dying, 100, 1)

    async def play() -> list[Any]:
        tasks = await entered(lane, "a", "b", "c")
        begin.set()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(lane._thread.join, 5)
        assert not lane.alive
        with pytest.raises(Problem):
            await lane.submit("d")
        return found

    assert codes(played(lane, play)) == ["closing", "closing", "closing"]


def test_nobody_waits_with_a_batch_that_hangs() -> None:
    begin = threading.Event()

    def hanging(works: Sequence[Any]) -> Sequence[Any]:
        begin.wait(10)
        return works

    lane = Lane(hanging, 100, 1)

    async def play() -> list[Any]:
        tasks = await entered(lane, "a", "b")
        lane.rescue(30.0)
        assert not any(task.done() for task in tasks)
        await asyncio.sleep(0.05)
        lane.rescue(0.01)
        found = await asyncio.gather(*tasks, return_exceptions=True)
        begin.set()
        lane.rescue(0.01)
        assert await lane.submit("c") == "c"
        assert lane.depth == 0
        return found

    assert codes(played(lane, play)) == ["stalled", "stalled"]


def test_a_fault_is_the_outcome_of_its_batch_alone() -> None:
    def run(works: Sequence[Any]) -> Sequence[Any]:
        if "b" in works:
            raise ValueError("b")
        return works

    lane = Lane(run, 100, 1)

    async def play() -> list[Any]:
        return [await lane.submit(work) for work in ("a", "b", "c")]

    a, b, c = played(lane, play)
    assert (a, c) == ("a", "c")
    assert isinstance(b, ValueError)


def test_pace_follows_what_a_work_costs() -> None:
    cheap, dear, fixed = (Pace(64, 0.1) for _ in range(3))
    for size in (4, 16, 32, 8, 24) * 4:
        cheap.observe(size, 0.002 + 0.0005 * size)
        dear.observe(size, 0.010 + 0.0060 * size)
        fixed.observe(size, 0.200 + 0.0001 * size)
    assert cheap.size() == 64
    assert dear.size() in (14, 15)  # (0.1 - 0.01) / 0.006, rounded down
    assert fixed.size() == 64  # a slow disk: only sharing its cost helps
    slow = Pace(64, 0.1)
    for _ in range(5):
        slow.observe(8, 8.0)
    assert slow.size() == FEWEST


def test_the_lane_costs_little() -> None:
    lane = Lane(lambda works: works, 100_000, 64, tenant)

    async def play() -> float:
        async def client(name: str) -> None:
            for _ in range(100):
                await lane.submit(name)

        await asyncio.gather(*(client(f"a{k}") for k in range(32)))
        began = time.process_time()
        await asyncio.gather(*(client(f"a{k}") for k in range(32)))
        return (time.process_time() - began) / 3200

    # the aim is 10 microseconds, measured alone; a shared machine is given more
    assert played(lane, play) < 60e-6
