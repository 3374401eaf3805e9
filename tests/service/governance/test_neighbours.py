"""Tenants in one micro-batch: what breaks for one breaks for no other."""

from typing import Any

import pytest

from riskengine.scoring import score as scoring
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


def test_an_error_of_one_application_is_no_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Scorer._one

    def broken(self: Scorer, told: Work, *more: Any) -> Any:
        if told.content["application_no"] == "A-broken":
            raise RuntimeError("nobody foresaw this")
        return whole(self, told, *more)

    monkeypatch.setattr(Scorer, "_one", broken)
    run = house.app.state.ready.lane._run
    numbers = ["A-1", "A-broken", "A-2", "A-3"]
    outcomes = run([work(house, "north", application_no=number) for number in numbers])
    assert [type(one) for one in outcomes] == [Reply, RuntimeError, Reply, Reply]
    assert len({outcomes[k].decision_id for k in (0, 2, 3)}) == 3
    for k in (0, 2, 3):
        path = f"/v1/decisions/{outcomes[k].decision_id}/answer"
        assert house.call("GET", path).content == outcomes[k].body
    listed = house.call("GET", "/v1/decisions").json()
    assert "A-broken" not in str(listed)


def test_what_the_engine_fails_on_is_of_one_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = scoring._judge

    def broken(rows: Any, *more: Any) -> None:
        if any(row.application.application_no == "A-broken" for row in rows):
            raise ZeroDivisionError("nobody foresaw this")
        whole(rows, *more)

    monkeypatch.setattr(scoring, "_judge", broken)
    run = house.app.state.ready.lane._run
    early = work(house, "north", created_on="9999-12-31", valued_on="9999-12-31")
    outcomes = run([
        work(house, "north"), work(house, "north", application_no="A-broken"), early,
        work(house, "south"),
    ])  # fmt: skip
    assert [type(one) for one in outcomes] == [Reply, ZeroDivisionError, Problem, Reply]
    assert outcomes[2].status == 422


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
