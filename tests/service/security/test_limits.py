"""Rate limits: exact under threads, told to the caller, and for those who guess."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from service.auth.caller import SCOPES, Caller, Role
from service.auth.limits import Limiter, Policy, policy_of
from service.problems import Problem
from tests.service.security.house import House, opened


def test_exact_under_threads() -> None:
    limiter, policy, granted = Limiter(), Policy(600, 100), []

    def ask() -> None:
        granted.extend(limiter.take("k", policy, 5.0).granted for _ in range(100))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(granted) == 100
    assert limiter.take("k", policy, 5.1).granted  # a tenth of a second: one token
    assert not limiter.take("k", policy, 5.1).granted


def reference(policy: Policy, asks: list[tuple[float, int]]) -> list[bool]:
    """A bucket as it is drawn: a level that rises."""
    level, last, found = float(policy.capacity), 0.0, []
    for at, tokens in asks:
        level = min(policy.capacity, level + (at - last) * policy.per_minute / 60.0)
        last = at
        found.append(level + 1e-6 >= tokens)
        if found[-1]:
            level -= tokens
    return found


@given(
    some.integers(1, 600), some.integers(1, 50),
    some.lists(some.tuples(some.integers(0, 200), some.integers(0, 20)), max_size=60),
)  # fmt: skip
def test_a_bucket_is_a_bucket(per_minute: int, capacity: int, steps: list[tuple[int, int]]) -> None:
    policy, limiter, at, asks = Policy(per_minute, capacity), Limiter(), 0.0, []
    for wait, tokens in steps:
        at += wait / 16.0
        asks.append((at, tokens))
    found = [limiter.take("k", policy, when, tokens) for when, tokens in asks]
    assert [one.granted for one in found] == reference(policy, asks)
    for one, (_, tokens) in zip(found, asks, strict=True):
        assert 0 <= one.remaining <= capacity
        if not one.granted and tokens <= capacity:
            assert one.wait_seconds > 0.0


def test_the_wait_that_is_told_is_enough() -> None:
    limiter, policy = Limiter(), Policy(60, 5)
    assert limiter.take("k", policy, 0.0, 5).granted
    refused = limiter.take("k", policy, 0.5, 3)
    assert not refused.granted
    assert limiter.take("k", policy, 0.5 + refused.wait_seconds, 3).granted


def test_shares_of_workers() -> None:
    assert policy_of(600, 2) == Policy(300, 50)
    assert policy_of(1, 4) == Policy(1, 1)
    assert policy_of(60, 1, 2000).capacity == 2000


def test_buckets_are_bounded() -> None:
    limiter, policy = Limiter(most=100), Policy(60, 1)
    for k in range(1000):
        limiter.take(f"k{k}", policy, k / 1000.0)
    assert len(limiter) <= 100
    for k in range(200):
        limiter.take(f"n{k}", policy, 1000.0)
    assert len(limiter) <= 100


def test_a_caller_is_told(house: House) -> None:
    key = {"X-API-Key": house.key("north", Role.ADMIN, requests_per_minute=12)}  # two at once
    first, second, third = (house.client.get("/v1/keys", headers=key) for _ in range(3))
    assert (first.status_code, second.status_code, third.status_code) == (200, 200, 429)
    assert first.headers["ratelimit-policy"] == '"requests";q=2;w=10'
    assert first.headers["ratelimit"] == '"requests";r=1;t=5'
    assert third.headers["ratelimit"].startswith('"requests";r=0;')
    assert int(third.headers["retry-after"]) == 5
    assert third.json()["type"] == "urn:riskengine:problem:too-many-requests"
    other = {"X-API-Key": house.key("north", Role.ADMIN, requests_per_minute=12)}
    assert house.client.get("/v1/keys", headers=other).headers["ratelimit"] == '"requests";r=1;t=5'


def test_items_of_batches(house: House) -> None:
    caller = Caller("north", "k-items", Role.LENDER, SCOPES[Role.LENDER], 60_000, 60)
    gate, most = house.state.gate, house.state.settings.max_batch
    gate.take_items(caller, most)  # the largest batch always fits an empty bucket
    with pytest.raises(Problem) as told:
        gate.take_items(caller, most)
    assert told.value.status == 429
    assert abs(int(told.value.headers["Retry-After"]) - most) <= 1
    gate.take_items(replace(caller, key_id="k-other"), most)


def test_who_guesses_is_slowed_and_who_is_known_is_not(tmp_path: Path) -> None:
    with opened(tmp_path, attempts_per_minute=5, key_cache_seconds=0.1) as house:
        known, unknown = (
            house.headers("north", Role.ADMIN),
            {"X-API-Key": "rk_" + "1" * 16 + "_" + "B" * 43},
        )
        assert house.client.get("/v1/keys", headers=known).status_code == 200
        found = [house.client.get("/v1/keys", headers=unknown) for _ in range(8)]
        assert [one.status_code for one in found] == [401] * 5 + [429] * 3
        assert 1 <= int(found[-1].headers["retry-after"]) <= 12
        assert house.client.get("/v1/keys", headers=known).status_code == 200
        time.sleep(0.12)  # no longer held, but it was good
        assert house.client.get("/v1/keys", headers=known).status_code == 200
        stranger = house.headers("south", Role.ADMIN)  # never seen from an address that guesses
        assert house.client.get("/v1/keys", headers=stranger).status_code == 429
