"""Guards: shapes, sizes, hosts, headers, traces."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.auth.caller import Role
from service.serving.guards import limit_of, trace_of
from service.settings import Settings
from tests.house.leaks import PLANTED
from tests.service.security.house import House

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize("path", ["/health", "/v1/keys", "/nowhere", "/docs", "/openapi.json"])
def test_headers_of_every_answer(house: House, path: str) -> None:
    headers = house.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert ("script-src" in headers["content-security-policy"]) == (path == "/docs")
    assert headers.get("cache-control") == (None if path == "/docs" else "no-store")
    assert "strict-transport-security" not in headers
    assert "access-control-allow-origin" not in headers
    assert len(headers["x-trace-id"]) == 32


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_pages_of_documentation_need_nothing_from_outside(house: House, page: str) -> None:
    answer = house.client.get(page)
    named = re.findall(r'(?:src|href|spec-url)="([^"]+)"', answer.text)
    assert len(named) >= 3
    for address in named:
        assert address.startswith("/")
        assert house.client.get(address).status_code == 200
    assert "//" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["../../../../etc/passwd", "%2e%2e/core.py", "..%2fcore.py", ""])
def test_pages_of_documentation_give_away_nothing_else(house: House, path: str) -> None:
    assert house.client.get(f"/docs/static/{path}").status_code in (400, 404, 405)


def test_traces_are_taken_over(house: House) -> None:
    sent = {"traceparent": f"00-{TRACE}-{SPAN}-01", "X-Request-Id": "loan-7.b_2"}
    answer = house.client.get("/v1/keys", headers=sent)
    assert answer.headers["x-trace-id"] == answer.json()["trace_id"] == TRACE
    assert answer.headers["x-request-id"] == "loan-7.b_2"


@pytest.mark.parametrize(
    "given",
    [
        b"", b"00", f"ff-{TRACE}-{SPAN}-01".encode(), f"00-{'0' * 32}-{SPAN}-01".encode(),
        f"00-{TRACE}-{'0' * 16}-01".encode(), f"00-{TRACE.upper()}-{SPAN}-01".encode(),
        b"\xff" * 55, f"00-{TRACE}-{SPAN}-01\n".encode(),
    ],
)  # fmt: skip
def test_traces_that_are_not_taken_over(given: bytes) -> None:
    found = trace_of(given)
    assert len(found) == 32
    assert found != TRACE


def test_a_request_id_that_is_not_plain_is_replaced(house: House) -> None:
    for given in ("a b", "x" * 65, "<script>", "é"):
        answer = house.client.get("/health", headers={"X-Request-Id": given.encode()})
        assert answer.headers["x-request-id"] == answer.headers["x-trace-id"]


@pytest.mark.parametrize(
    "given", ["11010519491231002X", "13800138000", f"rk_{'0' * 16}_{'k' * 43}", "eyJhbGciOi.eyJzd"]
)
def test_a_request_id_that_logs_would_mask_is_replaced(house: House, given: str) -> None:
    answer = house.client.get("/health", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] == answer.headers["x-trace-id"]


def test_odd_requests_are_refused(house: House) -> None:
    client, admin = house.client, house.headers("north", Role.ADMIN)
    odd = client.request("TRACE", "/health")
    assert (odd.status_code, odd.headers["allow"].count(",")) == (405, 6)
    assert client.request("BREW", "/health").status_code == 405
    assert (
        client.get("/v1/keys", headers=[("X-API-Key", "a"), ("X-API-Key", "b")]).status_code == 400
    )
    assert client.get("/" + "a" * 9000).status_code == 400
    assert client.get("/v1/keys/%00").status_code == 400
    assert client.get("/v1/keys?cursor=%00", headers=admin).status_code == 400
    assert client.get("/health", headers={"X-Big": "a" * 40_000}).status_code == 400
    assert client.get("/health", headers={f"X-{k}": "a" for k in range(101)}).status_code == 400
    both = {**admin, "Authorization": "Bearer x.y.z"}
    assert client.get("/v1/keys", headers=both).status_code == 401


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "gzip, gzip", "zstd"])
def test_no_compressed_body(house: House, coding: str) -> None:
    headers = {**house.headers("north", Role.ADMIN), "Content-Encoding": coding}
    answer = house.client.post("/v1/keys", content=b"\x1f\x8b" + b"0" * 100, headers=headers)
    assert answer.status_code == 415


def test_limits_of_routes() -> None:
    settings = Settings(max_body_bytes=2000, max_batch_bytes=3000, max_upload_bytes=4000)
    assert limit_of("POST", "/v1/scores", settings) == 2000
    assert limit_of("POST", "/v1/scores/batch", settings) == 3000
    assert limit_of("PUT", "/v1/books/b-1/tables/land", settings) == 4000
    assert limit_of("POST", "/v1/books/b-1/tables/land", settings) == 2000
    assert limit_of("PUT", "/v1/books/b-1/tables/../../land", settings) == 2000


def test_hosts_hsts_cors_and_no_pages(tmp_path: Path) -> None:
    app = create_app(Settings(
        data=tmp_path, hosts=("risk.example",), hsts_seconds=3600, docs=False,
        cors_origins=("https://desk.example",),
    ))  # fmt: skip
    client = TestClient(app)  # not started: the guards stand before
    named = {"Host": "RISK.example:8443"}
    assert client.get("/health", headers=named).status_code == 200
    assert client.get("/health", headers={"Host": "evil.example"}).status_code == 400
    answer = client.get("/health", headers={**named, "Origin": "https://desk.example"})
    assert answer.headers["strict-transport-security"] == "max-age=3600; includeSubDomains"
    assert answer.headers["access-control-allow-origin"] == "https://desk.example"
    other = client.get("/health", headers={**named, "Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers
    for path in ("/docs", "/redoc", "/openapi.json", "/docs/static/swagger-ui.css"):
        assert client.get(path, headers=named).status_code == 404


def test_an_error_nobody_foresaw_says_its_trace_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(Settings(data=tmp_path))

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError(PLANTED[1])

    answer = TestClient(app).get("/broken", headers={"Accept-Language": "en"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-trace-id"] == answer.json()["trace_id"]
    assert PLANTED[1] not in answer.text + caplog.text
    assert f"unhandled RuntimeError, trace {answer.json()['trace_id']}" in caplog.text
    assert "in broken" in caplog.text
