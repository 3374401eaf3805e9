"""Tenants in one micro-batch: what breaks for one breaks for no other."""

from typing import Any

import pytest

from service.auth.caller import SCOPES, Caller, Role
from service.problems import Problem
from service.scoring.scorer import Reply, Scorer, Work
from tests.service.governance.conftest import House, application


def work(house: House, tenant: str, key: str | None = None, **change: Any) -> Work:
    caller = Caller(tenant, "k", Role.LENDER, SCOPES[Role.LENDER], 1000)
    content = application(**change)
    return Work(caller, content, "0" * 32, key)


def test_an_error_of_one_tenant_is_no_others(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Scorer._made

    def broken(self: Scorer, works: Any, *more: Any) -> Any:
        if works[0].caller.tenant == "south":
            raise RuntimeError("nobody foresaw this")
        return whole(self, works, *more)

    monkeypatch.setattr(Scorer, "_made", broken)
    run = house.app.state.ready.lane._run
    works = [work(house, tenant) for tenant in ("south", "north", "south", "north")]
    outcomes = run(works)
    assert [type(one) for one in outcomes] == [RuntimeError, Reply, RuntimeError, Reply]
    for one in (outcomes[1], outcomes[3]):
        assert house.call("GET", f"/v1/decisions/{one.decision_id}/answer").content == one.body


def test_one_key_means_one_thing_a_tenant(house: House) -> None:
    run = house.app.state.ready.lane._run
    first, other, again, changed = run([
        work(house, "north", "same"), work(house, "south", "same"), work(house, "north", "same"),
        work(house, "north", "same", application_no="A-other"),
    ])  # fmt: skip
    assert first.decision_id == again.decision_id != other.decision_id
    assert (first.replayed, again.replayed, other.replayed) == (False, True, False)
    assert first.body == again.body
    assert isinstance(changed, Problem)
    assert changed.code == "idempotency-key-reused"
    later = run([work(house, "south", "same"), work(house, "north", "same")])
    assert [one.decision_id for one in later] == [other.decision_id, first.decision_id]
