"""A clock that steps: the chain stays in order, keys and replies hold, jobs are not stuck."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert

from service import clock
from service.app import create_app
from service.clock import stamp
from service.settings import Settings
from service.store import jobs
from service.store.database import writing
from service.store.tables import jobs as table
from tests.service.faults.clients import EXAMPLES, Acknowledged
from tests.service.faults.proof import prove
from tests.service.faults.running import enter

DAY = timedelta(days=1)


class Stepping:
    """Stands in for the class that the clock of the service reads."""

    step = timedelta(0)

    @classmethod
    def now(cls, zone: tzinfo) -> datetime:
        """The moment as a clock shows it that was moved by hand."""
        return datetime.now(zone) + cls.step


@pytest.fixture
def stepping(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Stepping]]:
    monkeypatch.setattr(clock, "datetime", Stepping)
    Stepping.step = timedelta(0)
    yield Stepping
    Stepping.step = timedelta(0)


def test_a_clock_that_steps_a_day_each_way(tmp_path: Path, stepping: type[Stepping]) -> None:
    settings = Settings(data=tmp_path, secret="f" * 40, default_model="")
    key, held = enter(settings, ("bank",))["bank"], list[Acknowledged]()
    with TestClient(create_app(settings)) as client:

        def score(name: str) -> tuple[int, bytes]:
            headers = {"X-API-Key": key, "Idempotency-Key": name}
            answer = client.post("/v1/scores", json=EXAMPLES[0], headers=headers)
            return answer.status_code, answer.content

        for days in (0, 1, -1, 0, 1):
            stepping.step = days * DAY
            for number in range(2):
                name = f"{days}-{number}-{len(held)}"
                status, body = score(name)
                assert status == 200
                held.append(Acknowledged("bank", name, body))
        for one in held:
            assert score(one.key) == (200, one.body)
        listed = client.get("/v1/decisions", headers={"X-API-Key": key}, params={"limit": 4})
        seen = [one["decision_id"] for one in listed.json()["items"]]
        while listed.json()["next"]:
            query = {"limit": 4, "cursor": listed.json()["next"]}
            listed = client.get("/v1/decisions", headers={"X-API-Key": key}, params=query)
            seen += [one["decision_id"] for one in listed.json()["items"]]
        assert len(seen) == len(set(seen)) == len(held)
        assert client.get("/ready").status_code == 200
    assert prove(settings, held).wrong == ()


def test_a_lease_of_a_clock_that_stepped_back_holds_no_job(engine: Engine) -> None:
    moment = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
    row = {
        "job_id": "j-1", "tenant": "bank", "book_id": "b-1", "kind": "check", "arguments": "{}",
        "state": "queued", "done": 0, "attempts": 0, "losses": 0, "cancel_asked": False,
        "made_at": stamp(moment),
    }  # fmt: skip
    lease = timedelta(seconds=30)
    with writing(engine) as connection:
        connection.execute(insert(table).values(**row))
        taken = jobs.claim(
            connection, "bank", "j-1", "gone", stamp(moment), stamp(moment + lease)
        )  # fmt: skip
        assert taken is not None
        back = moment - DAY
        for at, lost in ((moment, False), (moment + lease, False), (moment + 2 * lease, True),
                         (back, True), (moment + DAY, True)):  # fmt: skip
            assert [one.job_id for one in jobs.to_wake(connection, stamp(at))] == ["j-1"] * lost
        found = jobs.claim(connection, "bank", "j-1", "next", stamp(back), stamp(back + lease))
        assert found is not None
        assert (found.attempts, found.losses) == (2, 1)
