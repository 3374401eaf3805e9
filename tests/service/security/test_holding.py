"""Keys that lapse under load: one look-up for all who wait, and none waits for a renewal."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from riskengine.words import Text
from service.auth.caller import Role, Scope
from service.auth.holding import PAUSE_SECONDS, Flights, Holding
from service.problems import Problem
from tests.service.security.house import House, opened


def test_held_as_long_as_said_and_renewed_at_half() -> None:
    held: Holding[str] = Holding(10)
    held.hold("key", "lender", 100.0, 8.0)
    assert (held.good("key", 107.9), held.good("key", 108.0)) == ("lender", None)
    assert held.latest("key") == "lender"
    assert not held.renewal("key", 103.9)
    assert held.renewal("key", 104.0)
    assert not held.renewal("key", 104.0)  # one was told
    assert held.renewal("key", 104.0 + PAUSE_SECONDS)  # and came to nothing
    held.hold("key", "auditor", 104.1, 8.0)
    assert held.good("key", 112.0) == "auditor"
    held.drop("key")
    assert held.latest("key") is None
    assert not held.renewal("key", 200.0)


def test_the_oldest_go_first() -> None:
    held: Holding[int] = Holding(20)
    for k in range(21):
        held.hold(k, k, 0.0, 1.0)
    assert [k for k in range(21) if held.latest(k) is None] == [0, 1]


def test_who_asks_meanwhile_waits_for_the_same_look_up() -> None:
    begun = []

    async def look_up() -> int:
        begun.append(None)
        await asyncio.sleep(0.05)
        return len(begun)

    async def all_of_them() -> list[int]:
        flights: Flights[int] = Flights(5.0)
        waiting = [asyncio.create_task(flights.join("key", look_up)) for _ in range(100)]
        await asyncio.sleep(0.01)
        waiting[0].cancel()  # who began it goes away
        found = await asyncio.gather(*waiting[1:], flights.join("other", look_up))
        return [*found, await flights.join("key", look_up)]

    assert asyncio.run(all_of_them()) == [*[2] * 99, 2, 3]


def test_an_old_look_up_is_not_joined() -> None:
    async def look_up() -> float:
        await asyncio.sleep(0.05)
        return time.monotonic()

    async def found(seconds: float) -> list[float]:
        flights: Flights[float] = Flights(seconds)
        first = flights.begin("key", look_up)
        await asyncio.sleep(0.02)
        return [await flights.join("key", look_up), await first]

    later, first = asyncio.run(found(0.01))
    assert later > first
    later, first = asyncio.run(found(5.0))
    assert later == first


def test_what_a_look_up_raises_reaches_all_and_is_forgotten() -> None:
    tries = []

    async def look_up() -> int:
        tries.append(None)
        await asyncio.sleep(0)
        if len(tries) == 1:
            raise OSError("away")
        return len(tries)

    async def asked() -> tuple[list[Any], int]:
        flights: Flights[int] = Flights(5.0)
        both = (flights.join("key", look_up) for _ in range(2))
        return await asyncio.gather(*both, return_exceptions=True), await flights.join(
            "key", look_up
        )

    faults, then = asyncio.run(asked())
    assert [type(fault) for fault in faults] == [OSError, OSError]
    assert then == 2


def shown(key: str) -> Any:
    """A request that shows a key, as far as the gate looks at it."""
    scope = {"headers": [(b"x-api-key", key.encode())], "state": {}}
    return SimpleNamespace(scope=scope, client=SimpleNamespace(host="192.0.2.1"))


def counted(house: House, monkeypatch: pytest.MonkeyPatch, before: Callable[[], None]) -> list[str]:
    """The threads that look keys up from now on; something is done before each."""
    ring, threads = house.state.gate.ring, []
    look_up = ring.look_up

    def counting(key: str) -> Any:
        threads.append(threading.current_thread().name)
        before()
        return look_up(key)

    monkeypatch.setattr(ring, "look_up", counting)
    return threads


def test_a_thousand_requests_at_a_lapsed_key_look_it_up_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, key_cache_seconds=2.0) as house:
        key, gate = house.key("north", Role.LENDER), house.state.gate
        gate.ring.look_up(key)
        time.sleep(2.01)
        threads = counted(house, monkeypatch, lambda: time.sleep(0.02))

        async def crowd() -> list[Any]:
            asking = (gate.admit(shown(key), Scope.SCORE) for _ in range(1000))
            return await asyncio.gather(*asking)

        found = asyncio.run(crowd())
        assert {caller.tenant for caller in found} == {"north"}
        assert len(threads) == 1


def test_nobody_waits_for_a_renewal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path, key_cache_seconds=4.0) as house:
        key, gate = house.key("north", Role.LENDER), house.state.gate
        gate.ring.look_up(key)
        slow = threading.Event()
        threads = counted(house, monkeypatch, lambda: bool(slow.wait(5.0)))

        async def over_time() -> list[float]:
            waits = []
            for _ in range(13):
                began = time.monotonic()
                await gate.admit(shown(key), Scope.SCORE)
                waits.append(time.monotonic() - began)
                await asyncio.sleep(0.2)
            slow.set()
            await asyncio.sleep(1.6)
            await gate.admit(shown(key), Scope.SCORE)  # renewed: beyond the first four seconds
            return waits

        assert max(asyncio.run(over_time())) < 1.0
        assert len(threads) == 1


def test_a_store_that_is_away_ends_no_key_before_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, key_cache_seconds=3.0) as house:
        key, gate = house.key("north", Role.LENDER), house.state.gate
        gate.ring.look_up(key)

        def away(_: str) -> Any:
            raise Problem(503, "store-away", Text("存储不在", "away"), Text("稍候", "wait"))

        monkeypatch.setattr(gate.ring, "look_up", away)

        async def over_time() -> None:
            for _ in range(5):
                await gate.admit(shown(key), Scope.SCORE)
                await asyncio.sleep(0.4)
            await asyncio.sleep(1.1)
            with pytest.raises(Problem) as told:
                await gate.admit(shown(key), Scope.SCORE)
            assert told.value.code == "store-away"

        asyncio.run(over_time())
