"""The life of a key: made, seen, replaced, ended; each event in the institution's chain."""

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from service import cli_keys
from service.auth.caller import Role, Scope
from service.auth.keybook import OPERATORS, Order, issue, rotate
from service.auth.keys import caller_of, parts_of
from service.auth.ring import KeyRing
from service.clock import now
from service.problems import Problem
from service.store.database import reading, writing
from service.store.packing import unpack
from service.store.tables import api_keys, ledger
from tests.service.security.house import House


def events(house: House, tenant: str, key_id: str) -> list[dict[str, Any]]:
    """What the chain says of a key."""
    wanted = select(ledger).where(ledger.c.tenant == tenant, ledger.c.subject == key_id)
    with reading(house.state.engine) as connection:
        rows = connection.execute(wanted.order_by(ledger.c.position)).all()
    return [json.loads(unpack(row.body)) for row in rows]


def status_of(house: House, key: str) -> int:
    return house.client.get("/v1/keys", headers={"X-API-Key": key}).status_code


def test_a_key_is_shown_once_and_never_its_digest(house: House) -> None:
    admin = house.headers("north", Role.ADMIN)
    wanted = {"title": "核心系统", "role": "lender", "scopes": ["score"], "days": 30}
    answer = house.client.post("/v1/keys", json=wanted, headers=admin)
    made = answer.json()
    assert answer.status_code == 201
    assert made["about"]["scopes"] == ["score"]
    key_id, secret = parts_of(made["key"])
    for path in ("/v1/keys?limit=200", f"/v1/keys/{key_id}"):
        shown = house.client.get(path, headers=admin).text
        assert key_id in shown
        assert secret not in shown
        assert "digest" not in shown
    with reading(house.state.engine) as connection:
        row = connection.execute(select(api_keys).where(api_keys.c.key_id == key_id)).one()
    assert secret not in str(row)
    assert [one["event"] for one in events(house, "north", key_id)] == ["made"]
    assert events(house, "north", key_id)[0]["by"] == parts_of(admin["X-API-Key"])[0]
    assert "title" not in events(house, "north", key_id)[0]


def test_scopes_of_a_key_are_its_roles_or_fewer(house: House) -> None:
    admin = house.headers("north", Role.ADMIN)
    beyond = {"title": "t", "role": "auditor", "scopes": ["score"]}
    answer = house.client.post("/v1/keys", json=beyond, headers=admin)
    assert (answer.status_code, answer.json()["type"][-18:]) == (422, "scopes-beyond-role")
    operator = {"title": "t", "role": "operator"}
    assert house.client.post("/v1/keys", json=operator, headers=admin).status_code == 422


def test_nobody_grants_more_than_they_have(house: House) -> None:
    order = {"scopes": frozenset({Scope.ADMIN, Scope.READ}), "requests_per_minute": 600}
    narrow = {"X-API-Key": house.key("north", Role.ADMIN, **order)}

    def ask(path: str = "/v1/keys", **wanted: Any) -> Any:
        return house.client.post(path, json=wanted, headers=narrow)

    beyond = ask(title="more", role="admin")
    assert beyond.status_code == 403
    assert beyond.json()["type"].endswith(":beyond-own")
    assert {one["code"] for one in beyond.json()["errors"]} == {
        "score",
        "review",
        "books",
        "models",
    }
    assert ask(title="more", role="lender").status_code == 403
    wide = ask(title="more", role="auditor", requests_per_minute=601)
    assert [one["path"] for one in wide.json()["errors"]] == ["/body/requests_per_minute"]
    made = ask(title="same", role="auditor")
    assert made.status_code == 201
    assert made.json()["about"]["requests_per_minute"] == 600
    full = parts_of(house.key("north", Role.ADMIN))[0]
    rotated = ask(f"/v1/keys/{full}/rotate", overlap_hours=1.0)
    assert rotated.status_code == 403
    assert house.client.get("/v1/keys", headers=narrow).status_code == 200


def test_a_replaced_key_holds_for_the_overlap_alone(house: House) -> None:
    old = house.key("north", Role.ADMIN)
    admin, key_id = {"X-API-Key": old}, parts_of(old)[0]
    answer = house.client.post(
        f"/v1/keys/{key_id}/rotate", json={"overlap_hours": 1.0, "days": 7}, headers=admin
    )
    made = answer.json()
    assert answer.status_code == 201
    assert made["about"]["replaces"] == key_id
    assert status_of(house, old) == status_of(house, made["key"]) == 200
    pepper = house.state.secrets.pepper
    with reading(house.state.engine) as connection:
        before, after = now() + timedelta(minutes=59), now() + timedelta(minutes=61)
        assert caller_of(connection, pepper, old, before) is not None
        assert caller_of(connection, pepper, old, after) is None
        assert caller_of(connection, pepper, made["key"], after) is not None
    assert [one["event"] for one in events(house, "north", key_id)] == ["made", "replaced"]


def test_without_overlap_the_old_key_ends_within_the_cache(house: House) -> None:
    old, admin = house.key("north", Role.ADMIN), house.headers("north", Role.ADMIN)
    assert status_of(house, old) == 200
    path = f"/v1/keys/{parts_of(old)[0]}/rotate"
    assert house.client.post(path, json={"overlap_hours": 0.0}, headers=admin).status_code == 201
    time.sleep(house.state.settings.key_cache_seconds + 0.05)
    assert status_of(house, old) == 401
    again = house.client.post(path, json={}, headers=admin)
    assert again.status_code == 409


def test_revocation_holds_in_every_worker_within_the_stated_seconds(house: House) -> None:
    key, admin = house.key("north", Role.ADMIN), house.headers("north", Role.ADMIN)
    seconds = house.state.settings.key_cache_seconds
    other = KeyRing(house.state.engine, house.state.secrets.pepper, seconds)  # another process's
    assert other.look_up(key) is not None
    assert status_of(house, key) == 200
    path = f"/v1/keys/{parts_of(key)[0]}/revoke"
    first, second = (house.client.post(path, headers=admin) for _ in range(2))
    assert first.json()["state"] == "revoked"
    assert second.json()["revoked_at"] == first.json()["revoked_at"]
    assert [one["event"] for one in events(house, "north", parts_of(key)[0])] == ["made", "revoked"]
    time.sleep(seconds + 0.05)
    assert status_of(house, key) == 401
    assert other.known(key, time.monotonic()) is None
    assert other.look_up(key) is None


def test_the_last_use_is_noted(house: House) -> None:
    key = house.key("north", Role.ADMIN)
    admin, path = house.headers("north", Role.ADMIN), f"/v1/keys/{parts_of(key)[0]}"
    assert house.client.get(path, headers=admin).json()["last_used_at"] is None
    assert status_of(house, key) == 200
    assert house.client.get(path, headers=admin).json()["last_used_at"] is not None


def test_a_lapsed_key_ends_in_the_middle_of_the_cache(house: House) -> None:
    ring = KeyRing(house.state.engine, house.state.secrets.pepper, 60.0)
    key = house.key("north", Role.AUDITOR)
    with writing(house.state.engine) as connection:
        rotate(
            connection, house.state.secrets.pepper, "north", parts_of(key)[0],
            timedelta(seconds=0.3), 7, "tests", now(),
        )  # fmt: skip
    assert ring.look_up(key) is not None
    assert ring.known(key, time.monotonic()) is not None
    assert ring.known(key, time.monotonic() + 0.31) is None


def test_a_held_key_lets_no_other_secret_in(house: House) -> None:
    ring = KeyRing(house.state.engine, house.state.secrets.pepper, 60.0)
    key = house.key("north", Role.AUDITOR)
    wrong = key[:-4] + ("AAAA" if key[-4:] != "AAAA" else "BBBB")
    assert ring.look_up(key) is not None
    assert ring.known(key, time.monotonic()) is not None
    assert ring.known(wrong, time.monotonic()) is None
    assert not ring.was_known(wrong)


@pytest.mark.parametrize(
    "key", ["", "rk", "rk_", "rk__", "rk_1_2", "rk_" + "é" * 60, "x" * 10_000, "rk_" + "0" * 16 + "_"]
)  # fmt: skip
def test_what_is_no_key_is_no_key(house: House, key: str) -> None:
    ring = KeyRing(house.state.engine, house.state.secrets.pepper, 60.0)
    assert ring.known(key, 0.0) is None
    assert ring.look_up(key) is None
    assert not ring.was_known(key)


def test_pages_of_keys(house: House) -> None:
    admin, seen, after = house.headers("south", Role.ADMIN), [], ""
    while after is not None:
        page = house.client.get(f"/v1/keys?limit=3&cursor={after}", headers=admin).json()
        seen += [key["key_id"] for key in page["items"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) > 6


def test_one_name_one_institution(house: House) -> None:
    operator = house.headers("north", Role.OPERATOR)
    body = {"tenant": "east", "title": "东县农商行"}
    first = house.client.post("/v1/tenants", json=body, headers=operator)
    assert first.status_code == 201
    assert status_of(house, first.json()["key"]) == 200
    second = house.client.post("/v1/tenants", json=body, headers=operator)
    assert (second.status_code, second.json()["type"][-13:]) == (409, "tenant-exists")
    listed = house.client.get("/v1/tenants", headers=operator).json()["items"]
    assert "" not in [one["tenant"] for one in listed]
    assert {"east", "north", "south"} <= {one["tenant"] for one in listed}


def test_too_many_keys(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.auth.keybook.MOST_KEYS", 1)
    with pytest.raises(Problem) as told, writing(house.state.engine) as connection:
        issue(connection, b"", "north", Order("t", Role.LENDER), "tests", now())
    assert told.value.status == 409


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line on an empty store."""
    monkeypatch.setenv("RISKENGINE_DATA", str(tmp_path))
    return CliRunner()


def run(shell: CliRunner, *arguments: str, code: int = 0) -> Any:
    result = shell.invoke(cli_keys.app, [*arguments])
    assert result.exit_code == code, result.output
    return result


def test_the_command_line(shell: CliRunner) -> None:
    made = json.loads(run(shell, "tenants", "make", "county-bank", "县行", "--json").stdout)
    assert made["about"]["role"] == "admin"
    run(shell, "tenants", "make", "county-bank", "县行", code=1)
    operator = run(shell, "keys", "make", "operator").stdout.strip()
    assert parts_of(operator)[0]
    lender = json.loads(run(
        shell, "keys", "make", "lender", "--tenant", "county-bank", "--scope", "score", "--json"
    ).stdout)  # fmt: skip
    assert lender["about"]["scopes"] == [Scope.SCORE]
    key_id = lender["about"]["key_id"]
    run(shell, "keys", "rotate", key_id, "--tenant", "county-bank", "--overlap-hours", "0")
    run(shell, "keys", "revoke", made["about"]["key_id"], "--tenant", "county-bank")
    listed = json.loads(run(shell, "keys", "list", "--tenant", "county-bank", "--json").stdout)
    assert sorted(key["state"] for key in listed) == ["active", "lapsed", "revoked"]
    assert "county-bank" in run(shell, "tenants", "list").stdout
    told = run(shell, "keys", "revoke", "0" * 16, "--tenant", "county-bank", code=1)
    assert "没有这个密钥" in told.stderr
    assert "no such key" in told.stderr
    run(shell, "keys", "make", "lender", "--tenant", OPERATORS, code=1)
    held = ("keys", "make", "reviewer", "--tenant", "county-bank", "--json", "--holder")
    assert json.loads(run(shell, *held, "S-0042").stdout)["about"]["holder"] == "S-0042"
    for wrong in ("110101199003078515", "x" * 41, "Zhang San", ""):
        run(shell, *held, wrong, code=2)
