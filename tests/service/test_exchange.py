"""Mappings and exports over HTTP: same numbers as the engine, tenants apart, codes named."""

import copy
import csv
import io
import json
import threading
import tomllib
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import select

from riskengine.exchange.kinds import KINDS, Asked, export_portfolio, export_records
from riskengine.exchange.mapping import shipped_names
from riskengine.exchange.mapping_file import mapping_of
from riskengine.exchange.writing import MEDIA, file_bytes
from riskengine.law import law_for
from riskengine.sample.writer import write_sample
from service.app import create_app
from service.auth.caller import Role
from service.auth.keys import caller_of
from service.clock import now
from service.examples import ROOT, applications
from service.jobs.queue import make_queue
from service.jobs.runner import Runner
from service.scoring.replay import replay
from service.settings import Settings
from service.store.database import reading
from service.store.packing import unpack
from service.store.tables import ledger
from tests.service.exchanging import Served, served

CONTENT = tomllib.loads((ROOT / "mappings" / "county_guarantee.toml").read_text(encoding="utf-8"))
DAY = date(2026, 11, 24)
NAME = "county_guarantee"
PATH = f"/v1/mappings/{NAME}"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    data = tmp_path_factory.mktemp("service")
    settings = Settings(data=data, secret="s" * 32, default_model="")
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.fixture
def service(running: TestClient) -> Served:
    return served(running)


@pytest.fixture
def mapped(service: Served) -> Served:
    assert service.ask("PUT", PATH, json=CONTENT).status_code == 200
    return service


def coded() -> dict[str, Any]:
    """An application in the codes of the example's institution."""
    sent = copy.deepcopy(next(iter(applications().values())))
    words = {word: code for code, word in CONTENT["codes"]["right_kind"].items()}
    for right in sent["rights"]:
        right["table"] = words[right["table"]]
    client = {word: code for code, word in CONTENT["codes"]["client_type"].items()}
    sent["khlx"] = client[sent["borrower"].pop("borrower_type")]
    sent["loan"].pop("repayment", None)
    sent["loan"] |= {"hkfs": "A", "commodity": "77"}
    return sent


def test_a_mapping_is_put_read_and_changed_under_its_tag(service: Served) -> None:
    assert service.ask("GET", PATH).status_code == 404
    made = service.ask("PUT", PATH, json=CONTENT)
    assert made.status_code == 200
    tag = made.headers["etag"]
    assert tag == f'"{mapping_of(CONTENT).digest}"'
    read = service.ask("GET", PATH, Role.LENDER)
    assert read.json() == made.json()
    assert read.json()["mapping"] == CONTENT
    assert read.headers["etag"] == tag
    assert service.ask("GET", PATH, headers={"If-None-Match": tag}).status_code == 304
    other = {**CONTENT, "source": "changed"}
    assert service.ask("PUT", PATH, json=other).status_code == 428
    stale = service.ask("PUT", PATH, json=other, headers={"If-Match": '"' + "0" * 64 + '"'})
    assert stale.status_code == 412
    assert service.ask("GET", PATH).json()["mapping"] == CONTENT
    changed = service.ask("PUT", PATH, json=other, headers={"If-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_a_mapping_is_put_only_where_there_is_none(service: Served) -> None:
    only_new, other = {"If-None-Match": "*"}, {**CONTENT, "source": "changed"}
    made = service.ask("PUT", PATH, json=CONTENT, headers=only_new)
    assert (made.status_code, made.json()["mapping"]) == (200, CONTENT)
    again = service.ask("PUT", PATH, json=other, headers=only_new)
    assert (again.status_code, again.headers["etag"]) == (412, made.headers["etag"])
    assert service.ask("GET", PATH).json()["mapping"] == CONTENT
    both = {"If-Match": made.headers["etag"], "If-None-Match": "*"}
    assert service.ask("PUT", PATH, json=other, headers=both).status_code == 412


def scored(service: Served, content: Any, key: str) -> Any:
    path, headers = f"/v1/scores?mapping={NAME}", {"Idempotency-Key": key}
    return service.ask("POST", path, json=content, headers=headers)


def test_codes_that_mean_the_same_are_not_the_same_request(mapped: Served) -> None:
    key, other = uuid.uuid4().hex, coded()
    other["loan"]["commodity"] = "78"
    first = scored(mapped, coded(), key)
    assert first.status_code == 200
    assert scored(mapped, other, key).status_code == 422
    assert scored(mapped, dict(reversed(coded().items())), key).content == first.content
    words = copy.deepcopy(next(iter(applications().values())))
    plain = mapped.ask("POST", "/v1/scores", json=words, headers={"Idempotency-Key": key})
    assert plain.status_code == 422


def test_the_same_bytes_are_the_same_request_after_the_mapping_changed(mapped: Served) -> None:
    key = uuid.uuid4().hex
    first = scored(mapped, coded(), key)
    other = copy.deepcopy(CONTENT)
    other["codes"]["commodity"] = {"77": "grain"}
    tag = {"If-Match": mapped.ask("GET", PATH).headers["etag"]}
    assert mapped.ask("PUT", PATH, json=other, headers=tag).status_code == 200
    again = scored(mapped, coded(), key)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (200, "true")
    assert again.content == first.content
    news = scored(mapped, coded(), uuid.uuid4().hex)
    assert news.json()["mapping"]["unknown_codes"] == []
    batch = mapped.ask(
        "POST", f"/v1/scores/batch?mapping={NAME}", json=[coded()],
        headers={"Idempotency-Key": key},
    ).json()  # fmt: skip
    assert [one["status"] for one in batch["results"]] == [200]


def test_a_required_code_that_is_not_known_is_told_as_it_was_sent(mapped: Served) -> None:
    for change, path in (
        ({"khlx": "77"}, "/body/khlx"),
        ({"rights": [{**coded()["rights"][0], "table": "XX"}]}, "/body/rights/0/table"),
    ):
        sent = {**coded(), **change}
        answer = mapped.ask("POST", f"/v1/scores?mapping={NAME}", json=sent)
        assert answer.status_code == 422
        (fault,) = answer.json()["errors"]
        assert (fault["path"], fault["code"]) == (path, "unknown_code")
        code = "77" if "khlx" in change else "XX"
        assert code in fault["message"]["en"] and code in fault["message"]["zh"]
        batch = mapped.ask("POST", f"/v1/scores/batch?mapping={NAME}", json=[coded(), sent])
        (good, bad) = batch.json()["results"]
        assert (good["status"], bad["status"]) == (200, 422) or bad["status"] == 409


def test_faults_behind_a_mapping_name_the_institutions_fields(mapped: Served) -> None:
    sent = coded()
    sent["rights"][0]["region_code"] = "999999"
    answer = mapped.ask("POST", f"/v1/scores?mapping={NAME}", json=sent)
    assert [one["path"] for one in answer.json()["errors"]] == ["/body/rights/0/region_code"]
    sent = coded()
    sent["khlx"] = None
    answer = mapped.ask("POST", f"/v1/scores?mapping={NAME}", json=sent)
    assert [one["path"] for one in answer.json()["errors"]] == ["/body/khlx"]


def test_mappings_of_others_are_not_seen(mapped: Served) -> None:
    assert mapped.ask("GET", PATH, tenant="two").status_code == 404
    listed = mapped.ask("GET", "/v1/mappings", Role.AUDITOR).json()["items"]
    assert [(one["name"], one["shipped"]) for one in listed] == [
        (NAME, False), *((name, True) for name in shipped_names())
    ]  # fmt: skip
    others = mapped.ask("GET", "/v1/mappings", tenant="two").json()["items"]
    assert NAME not in [one["name"] for one in others]
    sent = mapped.ask("POST", f"/v1/scores?mapping={NAME}", tenant="two", json=coded())
    assert sent.status_code == 404


def test_only_an_administrator_puts_a_mapping(service: Served) -> None:
    for role in (Role.LENDER, Role.AUDITOR, Role.RISK):
        assert service.ask("PUT", PATH, role, json=CONTENT).status_code == 403


def test_every_fault_of_a_mapping_is_told_with_its_path(service: Served) -> None:
    content = copy.deepcopy(CONTENT)
    content["codes"]["client_type"] |= {"05": "peasant", "06": "lord"}
    refused = service.ask("PUT", PATH, json=content)
    assert refused.status_code == 422
    paths = [one["path"] for one in refused.json()["errors"]]
    assert paths == ["/body/codes/client_type/05", "/body/codes/client_type/06"]
    checked = service.ask("POST", "/v1/mappings/check", Role.LENDER, json=content).json()
    assert [one["path"] for one in checked["faults"]] == [
        "codes.client_type.05", "codes.client_type.06"
    ]  # fmt: skip
    good = service.ask("POST", "/v1/mappings/check", Role.LENDER, json=CONTENT).json()
    assert good["digest"] == mapping_of(CONTENT).digest
    assert good["uncovered"]["client_type"] == ["large_grower"]
    assert service.ask("PUT", "/v1/mappings/other", json=CONTENT).status_code == 422
    taken = {**CONTENT, "name": "national_entry"}
    assert service.ask("PUT", "/v1/mappings/national_entry", json=taken).status_code == 409
    assert service.ask("PUT", PATH, json={**CONTENT, "more": 1}).status_code == 422


def test_shipped_mappings_vocabulary_and_translation(service: Served) -> None:
    shown = service.ask("GET", "/v1/mappings/agri_guarantee_old")
    assert shown.json()["shipped"]
    words = service.ask("GET", "/v1/mappings/vocabulary").json()
    assert words["subjects"]["check_class"]["words"]["doubtful"]["zh"] == "可疑"
    assert "compensated" in words["moves"]["compensation_agreed"]
    for example in ("in", "ambiguous"):
        path = "/v1/mappings/agri_guarantee_new/translate"
        bodies = service.client.app.openapi()["paths"]["/v1/mappings/{name}/translate"]["post"]
        body = bodies["requestBody"]["content"]["application/json"]["examples"][example]["value"]
        assert not service.ask("POST", path, json=body).json()["unknown_codes"]
    body = {"record": {"client_type": "3", "state": "93"}}
    new = service.ask("POST", "/v1/mappings/agri_guarantee_new/translate", json=body).json()
    assert new["record"] == body["record"]
    assert [one["why"] for one in new["unknown_codes"]] == ["unknown", "ambiguous"]
    old = service.ask("POST", "/v1/mappings/agri_guarantee_old/translate", json=body).json()
    assert old == {
        "record": {"client_type": "cooperative", "state": "ended"}, "unknown_codes": []
    }  # fmt: skip
    back = {"direction": "out", "record": old["record"]}
    out = service.ask("POST", "/v1/mappings/agri_guarantee_old/translate", json=back).json()
    assert out["record"] == {"client_type": "3", "state": "90"}


def test_a_history_that_cannot_be_is_named(service: Served) -> None:
    body = {"history": [{"state": "60", "on": "2026-01-02"}, {"state": "90"}, {"state": "80"}]}
    found = service.ask("POST", "/v1/mappings/national_entry/history", json=body).json()
    assert not found["allowed"]
    assert [(one["before"], one["after"]) for one in found["faults"]] == [("ended", "compensated")]
    body["history"][2]["state"] = "81"
    found = service.ask("POST", "/v1/mappings/national_entry/history", json=body).json()
    assert found["allowed"]
    assert [one["code"] for one in found["unknown_codes"]] == ["81"]


def test_an_application_in_codes_is_scored_as_in_words(mapped: Served) -> None:
    content = copy.deepcopy(next(iter(applications().values())))
    content["loan"].pop("commodity", None)
    content["loan"]["repayment"] = "bullet"
    plain = mapped.ask("POST", "/v1/scores", json=content).json()
    answer = mapped.ask("POST", f"/v1/scores?mapping={NAME}", json=coded())
    assert answer.status_code == 200
    told = answer.json()
    used = told.pop("mapping")
    assert used["digest"] == mapping_of(CONTENT).digest
    assert [(one["path"], one["code"]) for one in used["unknown_codes"]] == [
        ("loan.commodity", "77")
    ]  # fmt: skip
    for name in ("decision_id", "made_at", "trace_id"):
        assert plain.pop(name) != told.pop(name)
    assert told == plain


def test_what_is_wrong_after_translation_is_told_as_ever(mapped: Served) -> None:
    sent = coded()
    sent["loan"]["balance_yuan"] = "much"
    refused = mapped.ask("POST", f"/v1/scores?mapping={NAME}", json=sent)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["path"] == "/body/loan/balance_yuan"
    twice = coded()
    twice["loan"]["repayment"] = "B"
    assert mapped.ask("POST", f"/v1/scores?mapping={NAME}", json=twice).status_code == 422
    big = b'{"loan": {"balance_yuan": ' + b"9" * 400 + b"}}"
    headers = {"content-type": "application/json"}
    for body in (big, b"[]", b"[" * 10_000, b'{"loan": NaN}', b"{"):
        found = mapped.ask("POST", f"/v1/scores?mapping={NAME}", content=body, headers=headers)
        assert found.status_code == 422, body[:20]


def test_unknown_codes_stand_in_the_record(mapped: Served) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first = mapped.ask("POST", f"/v1/scores?mapping={NAME}", json=coded(), headers=key)
    again = mapped.ask("POST", f"/v1/scores?mapping={NAME}", json=coded(), headers=key)
    assert first.content == again.content
    with reading(mapped.state.engine) as connection:
        body = connection.execute(
            select(ledger.c.body).where(ledger.c.subject == first.json()["decision_id"])
        ).scalar_one()
    assert orjson.loads(unpack(body))["remarks"]["mapping"] == first.json()["mapping"]


def test_an_unknown_code_is_kept_without_the_person_in_it(mapped: Served) -> None:
    sent, person = coded(), "11010519491231002X"
    field = next(name for name, code in sent["loan"].items() if code == "77")
    sent["loan"] = {**coded()["loan"], field: person}
    answer = mapped.ask("POST", f"/v1/scores?mapping={NAME}", json=sent)
    assert answer.status_code == 200
    (told,) = answer.json()["mapping"]["unknown_codes"]
    assert told["code"] == "[id]"
    assert person not in answer.text


def test_decisions_are_exported_as_the_engine_does(mapped: Served) -> None:
    answers = [
        mapped.ask(
            "POST", f"/v1/scores?mapping={NAME}", json={**coded(), "application_no": number}
        ).json()
        for number in ("A-1", "A-2")
    ]
    wanted = export_records("collateral", answers, mapping_of(CONTENT))
    path = f"/v1/exports/collateral?mapping={NAME}"
    for form in MEDIA:
        found = mapped.ask("GET", f"{path}&format={form}", Role.AUDITOR)
        assert found.status_code == 200
        assert found.headers["content-type"] == MEDIA[form]
        assert found.content == file_bytes(wanted, form)
        assert found.headers["x-rows-sha256"] == wanted.digest["rows_sha256"]
    assert json.loads(file_bytes(wanted, "json"))["digest"]["rows"] == "2"
    assert mapped.ask("GET", path, headers={"Accept": "text/csv"}).content == file_bytes(
        wanted, "csv"
    )
    sheet = mapped.ask("GET", path, headers={"Accept": MEDIA["xlsx"]}).content
    assert load_workbook(io.BytesIO(sheet)).worksheets[0]["A1"].value == "金融机构代码"
    empty = mapped.ask("GET", "/v1/exports/collateral", tenant="two").json()
    assert empty["rows"] == []  # decisions of others are not seen
    later = mapped.ask("GET", "/v1/exports/collateral?valued_from=2030-01-01").json()
    assert later["rows"] == []
    chosen = mapped.ask("GET", f"/v1/exports/collateral?decision={answers[0]['decision']}").json()
    assert len(chosen["rows"]) == 2


def test_the_newest_decision_on_an_application_is_filed(database_settings: Settings) -> None:
    settings = database_settings.model_copy(update={"default_model": ""})
    sent = copy.deepcopy(next(iter(applications().values())))
    blocked = {**sent, "borrower": {**sent["borrower"], "credit_query_consent": False}}
    other = {**sent, "application_no": "A-2", "rights": [{**sent["rights"][0], "area_mu": 30}]}
    with TestClient(create_app(settings)) as client:
        service = served(client)
        answers = [
            service.ask("POST", "/v1/scores", json=one).json()
            for one in (sent, other, {**blocked, "valued_on": "2026-11-24"})
        ]
        assert [one["decision"] for one in answers] == ["refer", "refer", "decline"]
        rights = [one["collateral"]["rights"][0] for one in answers]

        def filed(asked: str = "") -> list[tuple[str, float]]:
            told = service.ask("GET", f"/v1/exports/collateral{asked}").json()
            return [(row["guaranteed_contract_code"], row["value_yuan"]) for row in told["rows"]]

        first, second, last = (round(right["market_value_yuan"], 2) for right in rights)
        assert 0.0 < second < last
        number = sent["application_no"]
        assert filed() == [("A-2", second), (number, last)]
        assert filed("?decision=refer") == [("A-2", second)]  # the other was declined since
        assert filed("?decision=decline") == [(number, last)]
        assert filed("?valued_until=2026-11-23") == [(number, first), ("A-2", second)]
        assert filed("?valued_until=2026-11-23&decision=refer") == [
            (number, first), ("A-2", second),
        ]  # fmt: skip


def test_batches_are_read_by_a_mapping_item_by_item(mapped: Served) -> None:
    good, both = coded(), coded()
    both["application_no"], both["loan"]["repayment"] = "A-2", "B"
    bad = {"application_no": "A-3", "loan": {"hkfs": "Z"}}
    answer = mapped.ask("POST", f"/v1/scores/batch?mapping={NAME}", json=[good, both, bad])
    assert answer.status_code == 200
    first, second, third = answer.json()["results"]
    assert [one["status"] for one in (first, second, third)] == [200, 422, 422]
    assert first["decision"]["mapping"]["unknown_codes"][0]["code"] == "77"
    assert "hkfs" in second["problem"]["title"]
    missing = mapped.ask("POST", "/v1/scores/batch?mapping=nobody", json=[good])
    assert missing.status_code == 404


def test_a_decision_in_codes_is_replayed_to_the_same_bytes(mapped: Served) -> None:
    answer = mapped.ask("POST", f"/v1/scores?mapping={NAME}", json=coded()).json()
    with reading(mapped.state.engine) as connection:
        caller = caller_of(
            connection, mapped.state.secrets.pepper, mapped.keys["one", Role.ADMIN], now()
        )
    assert caller is not None
    found = replay(mapped.state, caller.tenant, answer["decision_id"])
    assert found.same, found.differences


def test_what_needs_a_portfolio_says_so(service: Served) -> None:
    refused = service.ask("GET", "/v1/exports/balances", headers={"Accept-Language": "en"})
    assert refused.status_code == 409
    assert "book" in refused.json()["title"]
    assert service.ask("GET", "/v1/exports/nothing").status_code == 422
    assert service.ask("GET", "/v1/exports/collateral?mapping=nobody").status_code == 404


def finished(service: Served, source: Path, run: bool = True) -> str:
    """A job on a book, as the runner leaves it; one that waits where it is not run."""
    book_id = service.ask("POST", "/v1/books", json={"title": "sample"}).json()["book_id"]
    for path in sorted(source.glob("*.parquet")):
        place = f"/v1/books/{book_id}/tables/{path.stem}"
        assert service.ask("PUT", place, content=path.read_bytes()).status_code == 201
    body = {"kind": "ratios", "valued_on": DAY.isoformat()}
    job_id = str(service.ask("POST", f"/v1/books/{book_id}/jobs", json=body).json()["job_id"])
    if run:
        settings = service.state.settings
        runner = Runner(service.state.engine, settings, threading.Event())
        while service.ask("GET", f"/v1/jobs/{job_id}").json()["state"] == "queued":
            runner(make_queue(settings))  # jobs of other tests may have their turn first
        assert service.ask("GET", f"/v1/jobs/{job_id}").json()["state"] == "done"
    return job_id


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample portfolio."""
    folder = tmp_path_factory.mktemp("source") / "sample"
    write_sample(folder, 60, 1, DAY)
    return folder


def test_books_are_exported_as_the_engine_does(service: Served, source: Path) -> None:
    job_id = finished(service, source)
    asked = Asked(DAY, service.state.shared.market, law_for(None), {})
    for kind in KINDS:
        found = service.ask("GET", f"/v1/exports/{kind}?job_id={job_id}&format=csv", Role.RISK)
        assert found.status_code == 200
        assert found.content == file_bytes(export_portfolio(kind, source, asked), "csv")
        assert "SAMPLE-IDENTITY" not in found.text
    path = f"/v1/exports/balances?job_id={job_id}"
    assert service.ask("GET", path, Role.LENDER).status_code == 403
    assert service.ask("GET", path, tenant="two").status_code == 404
    waiting = finished(service, source, run=False)
    assert service.ask("GET", f"/v1/exports/balances?job_id={waiting}").status_code == 409


def test_identifiers_are_shown_to_administrators_and_entered_in_the_chain(
    service: Served, source: Path
) -> None:
    job_id = finished(service, source)
    path = f"/v1/exports/balances?job_id={job_id}&format=csv&show_identifiers_because="
    assert service.ask("GET", path + "监管检查要求", Role.RISK).status_code == 403
    assert service.ask("GET", path + "xx").status_code == 422
    shown = service.ask("GET", path + "监管检查要求")
    assert "SAMPLE-IDENTITY" in shown.text
    digest = next(line for line in csv.reader(io.StringIO(shown.text)) if line[0] == "#digest")
    assert "shown_because=监管检查要求" in digest
    with reading(service.state.engine) as connection:
        bodies = connection.execute(
            select(ledger.c.body).where(ledger.c.kind == "export", ledger.c.subject == job_id)
        ).scalars().all()  # fmt: skip
    assert len(bodies) == 1
    told = orjson.loads(unpack(bodies[0]))
    assert told["shown_because"] == "监管检查要求"
    assert told["rows_sha256"] == shown.headers["x-rows-sha256"]
    assert "SAMPLE-IDENTITY" not in str(told)
