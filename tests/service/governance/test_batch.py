"""Batches: every application has its own outcome, and none spoils another."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from riskengine.cli import app
from tests.service.governance.conftest import House, Opener, application

HEAD = {"decision_id", "made_at", "trace_id"}


def send(house: House, items: Any, **more: Any) -> Any:
    return house.call("POST", "/v1/scores/batch", "lender", json=items, **more)


def numbers(decision: dict[str, Any]) -> dict[str, Any]:
    return {key: cell for key, cell in decision.items() if key not in HEAD}


def test_a_batch_says_what_each_application_would_be_told_alone(house: House) -> None:
    sent = [application(application_no=f"A-{k}", loan={"balance_yuan": 1e4 * (k + 1)})
            for k in range(40)]  # fmt: skip
    answer = send(house, sent)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["received"], told["decided"], told["failed"]) == (40, 40, 0)
    assert [one["index"] for one in told["results"]] == list(range(40))
    for k in (0, 17, 39):
        alone = house.call("POST", "/v1/scores", "lender", json=sent[k]).json()
        assert numbers(told["results"][k]["decision"]) == numbers(alone)
    decision_id = told["results"][5]["decision"]["decision_id"]
    kept = house.call("GET", f"/v1/decisions/{decision_id}")
    assert kept.json()["decision"] == told["results"][5]["decision"]


def test_the_command_line_gives_the_same(house: House, tmp_path: Path) -> None:
    sent = application(application_no="A-cli")
    path = tmp_path / "application.json"
    path.write_text(json.dumps(sent), encoding="utf-8")
    registry = house.settings.registry / "household-default"
    stages = house.call("GET", "/v1/models").json()["models"][0]
    done = CliRunner().invoke(app, [
        "score", str(path), "--json", "--default-model", str(registry / stages["champion"]),
        "--challenger", str(registry / stages["shadow"]),
    ])  # fmt: skip
    assert done.exit_code in (0, 1, 2), done.output
    told = json.loads(done.stdout)
    assert numbers(send(house, [sent]).json()["results"][0]["decision"]) == told


def test_faults_are_told_item_by_item(house: House) -> None:
    good = application(application_no="A-good")
    rights = [{**good["rights"][0], "area_mu": -1.0}]
    items = [
        {}, good, application(application_no="A-bad", rights=rights), good,
        application(application_no="A-nan", loan={"balance_yuan": "1e5"}),
    ]  # fmt: skip
    told = send(house, items).json()["results"]
    assert [one["status"] for one in told] == [422, 200, 422, 409, 422]
    paths = [fault["path"] for fault in told[2]["problem"]["errors"]]
    assert paths == ["/body/2/rights/0/area_mu"]
    assert told[3]["problem"]["errors"][0]["path"] == "/body/3/application_no"
    assert told[4]["problem"]["errors"][0]["path"] == "/body/4/loan/balance_yuan"
    assert [one["application_no"] for one in told] == [
        None, "A-good", "A-bad", "A-good", "A-nan",
    ]  # fmt: skip


def test_problems_speak_the_readers_language(house: House) -> None:
    for language in ("zh", "en"):
        answer = send(house, [{}], headers={"Accept-Language": language})
        problem = answer.json()["results"][0]["problem"]
        words = {"zh": "请求不合接口的格式", "en": "the request does not fit its schema"}
        assert problem["title"] == words[language]


def test_a_batch_sent_again_gets_the_same_decisions(house: House) -> None:
    items = [application(application_no=f"A-again-{k}") for k in range(3)]
    headers = {"Idempotency-Key": "north/batch/7"}
    first = send(house, items, headers=headers).json()["results"]
    more = [*reversed(items), application(application_no="A-again-new")]
    second = send(house, more, headers=headers).json()["results"]
    assert [one["replayed"] for one in second] == [True, True, True, False]
    assert [one["decision"] for one in second[:3]] == [one["decision"] for one in reversed(first)]
    changed = application(application_no="A-again-0", loan={"balance_yuan": 1.0})
    (other,) = send(house, [changed], headers=headers).json()["results"]
    assert other["status"] == 422
    assert other["problem"]["type"].endswith(":idempotency-key-reused")


@pytest.mark.parametrize("content", [b"[]", b"{}", b"[1]", b"[[]]", b'["a"]', b"null"])
def test_what_is_no_list_of_objects_is_refused(house: House, content: bytes) -> None:
    answer = house.call(
        "POST", "/v1/scores/batch", "lender", content=content,
        headers={"content-type": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 422


def test_not_a_number_is_no_number(house: House) -> None:
    sent = json.dumps([application(loan={"balance_yuan": 0.0})]).replace(
        '"balance_yuan": 0.0', '"balance_yuan": NaN'
    )
    answer = house.call(
        "POST", "/v1/scores/batch", "lender", content=sent.encode(),
        headers={"content-type": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 422 or answer.json()["results"][0]["status"] == 422


def test_a_batch_is_bounded_and_waits_its_turn_in_a_short_lane(opener: Opener) -> None:
    narrow = opener(max_batch=24, queue_length=4, batch_size=2)
    items = [application(application_no=f"A-{k}") for k in range(24)]
    assert send(narrow, items).json()["decided"] == 24
    answer = send(narrow, [*items, {}])
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(":too-many")
