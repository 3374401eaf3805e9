"""Bearer tokens: a real issuer on loopback, its keys turning over, its absences."""

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from service.auth.caller import Role, Scope
from service.auth.issuer import KeySet, fetch_from, keys_in
from service.auth.tokens import Tokens
from service.clock import now, ticks
from service.examples import applications
from service.problems import Problem
from service.settings import Settings
from tests.service.security.house import AUDIENCE, ISSUER, House, opened


class Login:
    """An issuer on loopback whose keys and absences a test decides."""

    def __init__(self) -> None:
        self.keys: dict[str, tuple[Any, str]] = {}
        self.status, self.asked, self.body = 200, 0, b""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                content = outer.body or outer.key_set()
                self.send_response(outer.status)
                if outer.status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/keys"

    def add(self, kid: str, key: Any, algorithm: str) -> None:
        self.keys[kid] = (key, algorithm)

    def key_set(self) -> bytes:
        listed = []
        for kid, (key, algorithm) in self.keys.items():
            made = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
            listed.append({**made, "kid": kid})
        return json.dumps({"keys": listed}).encode()

    def sign(self, kid: str, head: dict[str, Any] | None = None, **claims: Any) -> str:
        key, algorithm = self.keys[kid]
        said = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": "officer@bank.example", "tenant": "north",
            "role": "lender", "exp": now() + timedelta(minutes=5), **claims,
        }  # fmt: skip
        kept = {name: claim for name, claim in said.items() if claim is not None}
        return jwt.encode(kept, key, algorithm, {"kid": kid, **(head or {})})

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def login() -> Iterator[Login]:
    one = Login()
    one.add("e1", EC, "ES256")
    yield one
    one.close()


def tokens(house: House, login: Login, clock: Any = ticks, **more: Any) -> Tokens:
    settings = Settings(
        jwt_issuer=ISSUER, jwt_audience=AUDIENCE, jwt_jwks=login.address,
        **{"jwt_refresh_seconds": 0.0, **more},
    )  # fmt: skip
    keys = KeySet(
        fetch_from(login.address), settings.jwt_keep_seconds, settings.jwt_lapse_seconds,
        settings.jwt_refresh_seconds, clock,
    )  # fmt: skip
    return Tokens(settings, keys, house.state.engine, house.state.secrets)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(RSA, "RS256"), (RSA, "PS256"), (EC, "ES256"), (ed25519.Ed25519PrivateKey.generate(), "EdDSA")],
)  # fmt: skip
def test_asymmetric_tokens_are_taken(house: House, login: Login, key: Any, algorithm: str) -> None:
    login.add("k", key, algorithm)
    some = tokens(house, login)
    token = login.sign("k")
    found = some.look_up(token)
    assert found is not None
    assert (found.tenant, found.role) == ("north", Role.LENDER)
    assert found.key_id.startswith("t-")
    assert "officer" not in found.key_id
    assert some.known(token, ticks()) == found
    assert some.known(token, ticks() + 10.0) is None


def test_what_a_token_must_say(house: House, login: Login) -> None:
    some, moment = tokens(house, login), now()
    wrong = {
        "expired": {"exp": moment - timedelta(seconds=31)},
        "no end": {"exp": None},
        "not yet": {"nbf": moment + timedelta(seconds=40)},
        "issuer": {"iss": "https://other.example"}, "no issuer": {"iss": None},
        "audience": {"aud": "other"}, "no audience": {"aud": None},
        "no subject": {"sub": None},
        "operator": {"role": "operator"}, "role": {"role": "root"}, "no role": {"role": None},
        "roles": {"role": ["admin"]},
        "tenant": {"tenant": "nowhere"}, "operators": {"tenant": ""}, "no tenant": {"tenant": None},
        "number": {"tenant": 7},
    }  # fmt: skip
    taken = [name for name, claims in wrong.items() if some.look_up(login.sign("e1", **claims))]
    assert taken == []
    assert some.look_up(login.sign("e1", exp=moment - timedelta(seconds=20))) is not None  # leeway


def test_a_shared_secret_or_none_is_never_a_signature(house: House, login: Login) -> None:
    login.add("r1", RSA, "RS256")
    some = tokens(house, login)
    assert some.look_up(login.sign("r1")) is not None
    public = RSA.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    def part(said: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()

    payload = jwt.decode(login.sign("r1"), options={"verify_signature": False})
    for algorithm in ("HS256", "none", "None", "NONE"):
        begun = f"{part({'alg': algorithm, 'kid': 'r1'})}.{part(payload)}"
        mac = base64.urlsafe_b64encode(hmac.digest(public, begun.encode(), "sha256")).decode()
        assert some.look_up(f"{begun}.{mac.rstrip('=')}") is None
        assert some.look_up(f"{begun}.") is None


def test_heads_that_are_refused(house: House, login: Login) -> None:
    login.add("r1", RSA, "RS256")
    login.add("weak", rsa.generate_private_key(65537, 1024), "RS256")
    some = tokens(house, login)
    assert some.look_up(login.sign("e1")[:-6] + "AAAAAA") is None
    assert some.look_up(login.sign("e1", {"kid": "r1"})) is None  # the key of another algorithm
    without = jwt.encode({"iss": ISSUER, "sub": "x"}, EC, "ES256")
    assert some.look_up(without) is None
    head, rest = login.sign("e1").split(".", 1)
    said = json.loads(base64.urlsafe_b64decode(head + "=="))
    for more in ({"crit": ["exp"]}, {"crit": []}, {"kid": 7}, {"b64": False}, {"alg": ["ES256"]}):
        changed = base64.urlsafe_b64encode(json.dumps({**said, **more}).encode()).decode()
        assert some.look_up(f"{changed.rstrip('=')}.{rest}") is None
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        weak = login.sign("weak")
    assert some.look_up(weak) is None
    assert some.look_up("a.b.c") is None
    assert some.look_up("x" * 10_000) is None
    inside = {**json.loads(login.key_set())["keys"][0], "kid": "mine"}
    assert some.look_up(login.sign("e1", {"jwk": inside, "kid": "mine"})) is None


def test_narrower_scopes(house: House, login: Login) -> None:
    some = tokens(house, login, jwt_scope_claim="scope")
    found = some.look_up(login.sign("e1", scope="openid score admin"))
    assert found is not None
    assert found.scopes == {Scope.SCORE}
    none = some.look_up(login.sign("e1", sub="x"))
    assert none is not None
    assert none.scopes == frozenset()


def test_a_token_names_its_holder_as_keys_do(house: House, login: Login) -> None:
    some, secrets = tokens(house, login, jwt_holder_claim="employee"), house.state.secrets

    def name(**claims: Any) -> str | None:
        found = some.look_up(login.sign("e1", **claims))
        return found.key_id if found is not None else None

    assert name(employee="S-0042") == secrets.holder_name("north", "S-0042")
    assert name(employee="s-0042", sub="other@bank.example") == name(employee="S-0042")
    assert name(employee="S-0043") != name(employee="S-0042")
    assert name(employee="S-0042", tenant="south") != name(employee="S-0042")
    assert not any(name(employee=wrong) for wrong in (None, "", 42, ["S-0042"]))


def test_nobody_reviews_by_a_key_what_they_decided_by_a_token(tmp_path: Path) -> None:
    with opened(tmp_path, jwt_holder_claim="employee") as house:
        token = house.issuer.token("north", "admin", employee="S-0042")
        body, headers = next(iter(applications().values())), {"Authorization": f"Bearer {token}"}
        made = house.client.post("/v1/scores", json=body, headers=headers)
        assert made.status_code == 200
        path = f"/v1/decisions/{made.json()['decision_id']}/reviews"
        review = {"verdict": "uphold", "reason": "Looked at the land and the contract."}
        told = {}
        for holder in ("s-0042", "S-0043"):
            key = {"X-API-Key": house.key("north", Role.REVIEWER, holder=holder)}
            told[holder] = house.client.post(path, json=review, headers=key)
        assert told["s-0042"].status_code == 409
        assert told["s-0042"].json()["type"].endswith(":own-decision")
        assert told["S-0043"].status_code == 201


def test_keys_turn_over_within_bounds(house: House, login: Login) -> None:
    at = [0.0]
    some = tokens(house, login, lambda: at[0], jwt_refresh_seconds=10.0, jwt_keep_seconds=300.0)
    assert some.look_up(login.sign("e1")) is not None
    login.add("e2", ec.generate_private_key(ec.SECP256R1()), "ES256")
    new = login.sign("e2")
    assert some.look_up(new) is None  # too soon after the last fetch
    assert login.asked == 1
    at[0] = 10.0
    assert some.look_up(new) is not None
    assert login.asked == 2
    for k in range(50):
        assert some.look_up(login.sign("e1", {"kid": f"made-up-{k}"})) is None
    assert login.asked == 2
    del login.keys["e1"]
    assert some.look_up(login.sign("e2", sub="y")) is not None
    at[0] = 311.0
    login.add("e1", EC, "ES256")
    old = login.sign("e1", sub="z")
    del login.keys["e1"]
    assert some.look_up(old) is None  # withdrawn by the issuer
    assert login.asked == 3


@pytest.mark.parametrize("absence", ["500", "302", "rubbish", "large", "list"])
def test_an_issuer_that_is_away(house: House, login: Login, absence: str) -> None:
    at = [0.0]
    some = tokens(house, login, lambda: at[0], jwt_keep_seconds=300.0, jwt_lapse_seconds=3600.0)
    assert some.look_up(login.sign("e1")) is not None
    login.status = int(absence) if absence.isdigit() else 200
    login.body = {"rubbish": b"<html>", "large": b" " * (300 << 10), "list": b"[]"}.get(
        absence, b""
    )
    at[0] = 3000.0
    assert some.look_up(login.sign("e1", sub="a")) is not None
    at[0] = 3700.0
    with pytest.raises(Problem) as told:
        some.look_up(login.sign("e1", sub="b"))
    assert told.value.status == 503
    assert int(told.value.headers["Retry-After"]) >= 1
    login.status, login.body = 200, b""
    assert some.look_up(login.sign("e1", sub="b")) is not None


def test_a_lapsed_token_ends_in_the_middle_of_the_cache(house: House, login: Login) -> None:
    some = tokens(house, login, key_cache_seconds=60.0)
    token = login.sign("e1", exp=now() + timedelta(seconds=10))
    assert some.look_up(token) is not None
    assert some.known(token, ticks()) is not None
    assert some.known(token, ticks() + 10.0) is None


def test_keys_that_are_left_out() -> None:
    secret = {"kty": "oct", "k": "AAAA", "kid": "s"}
    kept = {"kty": "EC", "kid": "e", "crv": "P-256"}
    listed = [
        secret,
        kept,
        {**kept, "kid": 7},
        {**kept, "kid": "x", "use": "enc"},
        {**kept, "kid": "p", "d": "1"},
        5,
    ]
    assert list(keys_in(json.dumps({"keys": listed}).encode())) == ["e"]
    with pytest.raises(ValueError, match="no key set"):
        keys_in(b"{}")


def test_where_keys_may_come_from(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="https"):
        fetch_from("http://login.example/keys")
    path = tmp_path / "keys.json"
    path.write_bytes(b"{}")
    assert fetch_from(str(path))() == b"{}"
