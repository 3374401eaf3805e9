"""Decisions made for tests of the store, without scoring: what is stored is stored alike."""

import hashlib
from typing import Any

import orjson

from service.auth.sealing import Secrets
from service.scoring.people import others_of
from service.scoring.personal import commitment, split
from service.scoring.recording import Made, digest_of, rows_of
from service.store import ledger

SECRETS = Secrets(b"p" * 32, b"n" * 32, b"s" * 32, b"c" * 32)
CODE = "110105194912310029"
MOMENT = "2026-11-26T08:00:00.000000Z"


def told(number: str) -> dict[str, Any]:
    """An answer, as far as the store looks at it."""
    return {
        "application_no": number, "created_on": "2026-11-24", "valued_on": "2026-11-24",
        "decision": "refer", "asked_yuan": 60000.0, "limit_yuan": 12345.67, "default": None,
        "models": {}, "rules_digest": "0" * 64, "reasons": [{"code": "AGR-1"}, {"code": "AGR-1"}],
    }  # fmt: skip


def made(
    k: int, tenant: str = "t", code: str = CODE, key: str | None = None,
    until: str = "2036-11-24", moment: str = MOMENT, mortgagor: str = "",
) -> Made:  # fmt: skip
    """One decision, ready to be stored."""
    content: dict[str, Any] = {
        "application_no": f"A-{k}", "borrower": {"borrower_code": code, "age": k},
        "rights": [{"mortgagor_code": mortgagor}] if mortgagor else [],
    }  # fmt: skip
    head = {"decision_id": f"d-{k:032x}", "made_at": moment, "trace_id": f"trace-{k}"}
    answer = orjson.dumps({**head, **told(f"A-{k}")})
    kept, held = split(content, frozenset({"borrower_code", "mortgagor_code"}))
    body = {
        **head, "by": "key", "application": kept, "personal_commitment": commitment(held),
        "answer_sha256": hashlib.sha256(answer).hexdigest(), "recipe": {},
    }  # fmt: skip
    rows = rows_of(SECRETS, tenant, head, content, told(f"A-{k}"), answer, held, until)
    digest = digest_of(SECRETS, content)
    if key is not None:
        rows["replies"] = {
            "decision_id": head["decision_id"], "tenant": tenant, "made_at": moment,
            "idempotency_key": key, "request_digest": digest, "status": 200, "body": None,
        }  # fmt: skip
    entry = ledger.packed(ledger.Entry("decision", head["decision_id"], moment, body))
    others = others_of(SECRETS, tenant, head["decision_id"], content)
    return Made(0, key, digest, head["decision_id"], answer, entry, rows, others)
