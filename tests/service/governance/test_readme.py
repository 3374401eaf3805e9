"""The README: every request that it shows is answered."""

import json
import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.service.governance.conftest import House, application

README = Path("README.md").read_text(encoding="utf-8")
HOST = "http://127.0.0.1:8000"


def requests() -> list[dict[str, Any]]:
    """Method, path, headers and body of every curl command."""
    found = []
    blocks = re.findall(r"^```\w*\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
    for block in (one for one in blocks if "curl" in one):
        words = shlex.split(block.replace("\\\n", " "), comments=True)
        starts = [k for k, word in enumerate(words) if word == "curl"] + [len(words)]
        for start, end in pairwise(starts):
            found.append(request(words[start + 1 : end]))
    return found


def request(words: list[str]) -> dict[str, Any]:
    """One command."""
    one: dict[str, Any] = {"method": "GET", "headers": {}, "content": None}
    place = iter(words)
    for word in place:
        if word == "-H":
            name, _, cell = next(place).partition(": ")
            one["headers"][name] = cell
        elif word == "-d":
            one["content"], one["method"] = next(place), "POST"
        elif word == "-X":
            one["method"] = next(place)
        elif word.startswith(HOST):
            one["path"] = word.removeprefix(HOST)
    return one


def test_every_request_shown_is_answered(house: House) -> None:
    shown = requests()
    assert len(shown) >= 7
    decision = ""
    for one in shown:
        assert one["headers"].pop("X-API-Key") == "$KEY"
        content = one["content"]
        if content == "@application.json":
            content = json.dumps(application())
        answer = house.call(
            one["method"], one["path"].replace("$DECISION", decision), content=content,
            headers=one["headers"],
        )  # fmt: skip
        assert answer.status_code == 200, (one["path"], answer.text)
        decision = decision or answer.json()["decision_id"]
    assert answer.json()["results"][0]["market_value_yuan"] > 0.0
