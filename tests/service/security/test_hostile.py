"""Hostile bodies against every endpoint that reads one: refused, cheaply, never a 5xx."""

import gzip
import json
import resource
import time
from collections.abc import Iterator
from typing import Any

import pytest

from service.auth.caller import SCOPES, Role
from service.examples import applications
from service.scoring.lane import Lane
from service.scoring.lane_problems import busy
from tests.service.security.house import House
from tests.service.security.matrix import ROWS
from tests.service.security.test_matrix import ENDPOINTS, filled

MARKER = "zz-sent-by-nobody-zz"
WRITES = [one for one in ENDPOINTS if one.split()[0] in {"POST", "PUT", "PATCH"}]
LONGEST_ANSWER = 200_000
TOLD = {400, 404, 409, 412, 413, 415, 422, 428}
"""What a hostile body may be answered with; a body that happens to fit may also be taken."""


def bodies() -> dict[str, bytes]:
    """Bodies that break readers."""
    application = next(iter(applications().values()))
    loan = json.dumps({**application, "loan": {**application["loan"], "balance_yuan": 7.75}})
    wide = b",".join(b'"%s%d":1' % (MARKER.encode(), k) for k in range(200_000))
    return {
        "empty": b"", "blank": b" \n", "truncated": b'{"title": "' + MARKER.encode(),
        "no JSON": b"<xml/>", "null": b"null", "number": b"7", "text": b'"a"', "list": b"[]",
        "deep lists": b"[" * 100_000, "deep closed": b"[" * 100_000 + b"]" * 100_000,
        "deep objects": b'{"borrower":' * 100_000,
        "1e400": loan.replace("7.75", "1e400").encode(),
        "many digits": loan.replace("7.75", "9" * 10_000).encode(),
        "many decimals": loan.replace("7.75", "0." + "9" * 100_000).encode(),
        "NaN": loan.replace("7.75", "NaN").encode(),
        "Infinity": loan.replace("7.75", "-Infinity").encode(),
        "text for number": loan.replace("7.75", '"7.75"').encode(),
        "true for number": loan.replace("7.75", "true").encode(),
        "list for number": loan.replace("7.75", "[7.75]").encode(),
        "duplicate keys": b'{"title":"a","title":1,"role":"lender","role":"admin"}',
        "lone surrogate": b'{"title":"\\ud800","role":"lender"}',
        "lone surrogate key": b'{"\\udfff":1}',
        "null character": b'{"title":"a\\u0000b","role":"lender","tenant":"a\\u0000"}',
        "raw null": b'{"title":"a\x00b"}', "utf-16": '{"title":"a"}'.encode("utf-16"),
        "gb18030": '{"title":"农商行"}'.encode("gb18030"), "bad utf-8": b'{"title":"\xff\xfe"}',
        "overlong utf-8": b'{"title":"\xc0\x80"}', "bom": b"\xef\xbb\xbf{}",
        "a million items": b"[" + b"1," * 999_999 + b"1]",
        "a million rights": b'{"rights":[' + b"1," * 999_999 + b"1]}",
        "many members": b"{" + wide + b"}", "long key": b'{"' + b"k" * 1_000_000 + b'":1}',
        "long text": b'{"title":"' + b"t" * 3_000_000 + b'","role":"lender","tenant":"west-2"}',
        "many faults": b'{"rights":[' + b"{}," * 40_000 + b"{}]}",
        "odd tag": b'{"rights":[{"table":"' + MARKER.encode() * 1000 + b'"}]}',
        "prototype": b'{"__proto__":{"a":1},"constructor":{"prototype":{}}}',
    }  # fmt: skip


BODIES = bodies()


def place(house: House, endpoint: str) -> tuple[str, str, dict[str, str]]:
    """Method, address and headers of a caller who may."""
    method, path = endpoint.split(" ")
    line, path = ROWS[endpoint], filled(house, path, "north")
    role = next(role for role in Role if line.scope is None or line.scope in SCOPES[role])
    return method, path + line.query, house.headers("north", role)


@pytest.mark.parametrize("endpoint", WRITES)
def test_hostile_bodies(house: House, endpoint: str) -> None:
    method, path, headers = place(house, endpoint)
    own, wrong = ROWS[endpoint].own, {}
    for name, body in BODIES.items():
        started = time.monotonic()
        sent = house.client.request(
            method, path, content=body, headers={**headers, "Content-Type": "application/json"}
        )
        seconds = time.monotonic() - started
        if (
            sent.status_code not in TOLD | own
            or len(sent.content) > LONGEST_ANSWER
            or seconds > 3.0
        ):
            wrong[name] = (sent.status_code, len(sent.content), seconds)
        elif sent.status_code in TOLD and MARKER * 4 in sent.text:
            wrong[name] = "sent back"
    assert wrong == {}


@pytest.mark.parametrize("endpoint", WRITES)
def test_media_types(house: House, endpoint: str) -> None:
    method, path, headers = place(house, endpoint)
    for media in (
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/xml",
        "application/json, text/plain",
    ):
        sent = house.client.request(
            method, path, content=b"{}", headers={**headers, "Content-Type": media}
        )
        assert sent.status_code in TOLD | ROWS[endpoint].own
        assert sent.status_code < 500


def test_what_is_wrong_is_told_where(house: House) -> None:
    application = next(iter(applications().values()))
    loan = {**application["loan"], "balance_yuan": "7"}
    sent = house.client.post(
        "/v1/scores",
        json={**application, "loan": loan},
        headers=house.headers("north", Role.LENDER),
    )
    assert sent.status_code == 422
    assert [fault["path"] for fault in sent.json()["errors"]] == ["/body/loan/balance_yuan"]


def test_declared_and_streamed_sizes(house: House) -> None:
    headers = {**house.headers("north", Role.ADMIN), "Content-Type": "application/json"}
    limit = house.state.settings.max_body_bytes
    declared = house.client.post(
        "/v1/keys", content=b"{}", headers={**headers, "Content-Length": str(100 << 20)}
    )
    assert declared.status_code == 413
    sent_bytes = 0

    def stream() -> Iterator[bytes]:
        nonlocal sent_bytes
        for _ in range(100 << 4):
            sent_bytes += 1 << 16
            yield b" " * (1 << 16)

    streamed = house.client.post("/v1/keys", content=stream(), headers=headers)
    assert streamed.status_code == 413
    assert streamed.headers["connection"] == "close"
    exact = house.client.post("/v1/keys", content=b" " * limit, headers=headers)
    assert exact.status_code == 422
    over = house.client.post("/v1/keys", content=b" " * (limit + 1), headers=headers)
    assert over.status_code == 413


def test_load_is_shed_before_a_body_is_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    def full(*_: Any) -> None:
        raise busy(3)

    monkeypatch.setattr(Lane, "room", full)
    headers = {**house.headers("north", Role.LENDER), "Content-Type": "application/json"}
    for path in ("/v1/scores", "/v1/scores?mapping=agri_guarantee_new"):
        shed = house.client.post(path, content=b"{", headers=headers)
        assert (shed.status_code, shed.headers["retry-after"]) == (503, "3")


def test_a_bomb_is_not_unpacked(house: House) -> None:
    bomb = gzip.compress(b" " * (50 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    headers = {
        **house.headers("north", Role.ADMIN),
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
    }
    assert house.client.post("/v1/keys", content=bomb, headers=headers).status_code == 415
    plain: Any = {key: headers[key] for key in headers if key != "Content-Encoding"}
    assert house.client.post("/v1/keys", content=bomb, headers=plain).status_code == 422
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000
