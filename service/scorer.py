"""Scoring with a record: a micro-batch in, answers out that are durable before they are sent."""

import hashlib
import uuid
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, insert, select

from riskengine.errors import RiskEngineError
from riskengine.scoring.application import application_of
from riskengine.scoring.record import record
from riskengine.scoring.score import Score, score_many
from riskengine.words import Text
from service.auth.caller import Caller
from service.auth.sealing import Secrets
from service.clock import now, stamp
from service.equipment import Equipped
from service.personal import commitment, split
from service.problems import Problem, of_engine
from service.store import ledger
from service.store.database import reading, writing
from service.store.tables import decisions, personal, replies, shadow_scores


@dataclass(frozen=True, slots=True)
class Work:
    """One application that waits to be scored.

    Parameters
    ----------
    caller : Caller
        Who asks.
    content : dict
        The application as plain data, its schema checked.
    trace_id : str
        Trace of the request.
    idempotency_key : str or None
        Under which the answer can be had again.
    """

    caller: Caller
    content: dict[str, Any]
    trace_id: str
    idempotency_key: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered.

    Parameters
    ----------
    body : bytes
        JSON of the decision.
    decision_id : str
        Its id.
    replayed : bool
        Whether it was answered before, under the same idempotency key.
    """

    body: bytes
    decision_id: str
    replayed: bool


Outcome = Reply | Problem


@dataclass(frozen=True, slots=True)
class Made:
    """One decision that is made and not yet durable."""

    work: Work
    place: int
    request_digest: str
    decision_id: str
    made_at: str
    answer: bytes
    summary: dict[str, Any]
    entry: ledger.Entry
    held: bytes
    shadow: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Scorer:
    """What scores and records.

    Parameters
    ----------
    engine : Engine
        The store.
    secrets : Secrets
        Keys for naming and sealing.
    names : frozenset of str
        Columns that are personal.
    """

    engine: Engine
    secrets: Secrets
    names: frozenset[str]

    def __call__(self, works: Sequence[Work], equipped: Equipped) -> list[Outcome]:
        """Score and record a micro-batch of one tenant.

        Parameters
        ----------
        works : sequence of Work
            Applications of one tenant.
        equipped : Equipped
            What they are scored by.

        Returns
        -------
        list of Reply or Problem
            In order; every reply is durable.
        """
        outcomes: list[Outcome | None] = [None] * len(works)
        digests = [_digest(work.content) for work in works]
        known = self._known(works)
        todo = []
        for place, work in enumerate(works):
            found = known.get(work.idempotency_key or "")
            if found is None:
                todo.append(place)
            else:
                outcomes[place] = _again(found, digests[place])
        made = self._made(works, todo, digests, equipped, outcomes)
        if made:
            self._record(made, outcomes)
        return [outcome if outcome is not None else _lost() for outcome in outcomes]

    def _known(self, works: Sequence[Work]) -> dict[str, Any]:
        """Replies that were given before under the keys of these works."""
        keys = [work.idempotency_key for work in works if work.idempotency_key]
        if not keys:
            return {}
        with reading(self.engine) as connection:
            return _replies(connection, works[0].caller.tenant, keys)

    def _made(
        self, works: Sequence[Work], todo: list[int], digests: list[str], equipped: Equipped,
        outcomes: list[Outcome | None],
    ) -> list[Made]:  # fmt: skip
        """Score what is new; faults become outcomes at once."""
        applications, places = [], []
        for place in todo:
            try:
                applications.append(application_of(works[place].content))
                places.append(place)
            except RiskEngineError as fault:
                outcomes[place] = of_engine(fault)
        made = []
        for place, score in zip(places, score_many(applications, equipped.equipment), strict=True):
            if isinstance(score, RiskEngineError):
                outcomes[place] = of_engine(score)
            else:
                made.append(self._one(works[place], place, digests[place], score, equipped, now()))
        return made

    def _one(
        self, work: Work, place: int, digest: str, score: Score, equipped: Equipped,
        moment: datetime,
    ) -> Made:  # fmt: skip
        """One decision as it will be stored."""
        told = record(score)
        decision_id, made_at = f"d-{uuid.uuid4().hex}", stamp(moment)
        head = {"decision_id": decision_id, "made_at": made_at, "trace_id": work.trace_id}
        answer = orjson.dumps({**head, **told})
        kept, held = split(work.content, self.names)
        body = {
            **head, "by": work.caller.key_id, "application": kept,
            "personal_commitment": commitment(held),
            "answer_sha256": hashlib.sha256(answer).hexdigest(), "recipe": equipped.recipe,
        }  # fmt: skip
        entry = ledger.Entry("decision", decision_id, made_at, body)
        return Made(
            work, place, digest, decision_id, made_at, answer, told, entry, held,
            equipped.shadow_of(score),
        )  # fmt: skip

    def _record(self, made: list[Made], outcomes: list[Outcome | None]) -> None:
        """Make decisions durable in one transaction."""
        tenant = made[0].work.caller.tenant
        with writing(self.engine) as connection:
            keys = [one.work.idempotency_key for one in made if one.work.idempotency_key]
            known = _replies(connection, tenant, keys) if keys else {}
            fresh: list[Made] = []
            for one in made:
                key = one.work.idempotency_key
                found = known.get(key) if key else None
                if found is None:
                    fresh.append(one)
                    outcomes[one.place] = Reply(one.answer, one.decision_id, False)
                    if key:
                        known[key] = _Known(one.request_digest, one.decision_id, one.answer)
                else:
                    outcomes[one.place] = _again(found, one.request_digest)
            positions = ledger.append(connection, tenant, [one.entry for one in fresh])
            self._insert(connection, tenant, fresh, positions)

    def _insert(
        self, connection: Connection, tenant: str, fresh: list[Made], positions: list[int]
    ) -> None:
        """Add what is listed, what is sealed and what is kept for idempotency."""
        if not fresh:
            return
        rows = [self._row(tenant, one, at) for one, at in zip(fresh, positions, strict=True)]
        connection.execute(insert(decisions), rows)
        connection.execute(insert(personal), [
            {
                "decision_id": one.decision_id, "tenant": tenant, "borrower": row["borrower"],
                "sealed": self.secrets.seal(one.held, one.decision_id), "keep_until": None,
                "erased_at": None,
            }
            for one, row in zip(fresh, rows, strict=True)
        ])  # fmt: skip
        keyed = [
            {
                "tenant": tenant, "idempotency_key": one.work.idempotency_key,
                "request_digest": one.request_digest, "status": 200,
                "decision_id": one.decision_id, "body": None, "made_at": one.made_at,
            }
            for one in fresh if one.work.idempotency_key
        ]  # fmt: skip
        if keyed:
            connection.execute(insert(replies), keyed)
        shadows = [
            {"decision_id": one.decision_id, "tenant": tenant, "made_at": one.made_at, **one.shadow}
            for one in fresh if one.shadow is not None
        ]  # fmt: skip
        if shadows:
            connection.execute(insert(shadow_scores), shadows)

    def _row(self, tenant: str, one: Made, position: int) -> dict[str, Any]:
        """What is listed of a decision."""
        told, content = one.summary, one.work.content
        code = _borrower_code(content)
        likelihood, model = told["default"], told["models"].get("default")
        return {
            "decision_id": one.decision_id, "tenant": tenant, "position": position,
            "made_at": one.made_at, "created_on": told["created_on"],
            "valued_on": told["valued_on"], "decision": told["decision"],
            "application_no": content.get("application_no"),
            "borrower": self.secrets.name_of(tenant, code) if code else None,
            "asked_yuan": told["asked_yuan"], "limit_yuan": told["limit_yuan"],
            "pd": likelihood["pd_12_months"] if likelihood else None,
            "model": f"{model['name']} {model['version']}" if model else None,
            "rules_digest": told["rules_digest"], "answer": zlib.compress(one.answer, 1),
            "case_state": None, "reasons": _reasons(told),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Known:
    """A reply that was given under a key."""

    request_digest: str
    decision_id: str
    answer: bytes


def _replies(connection: Connection, tenant: str, keys: list[str | None]) -> dict[str, _Known]:
    """Replies of a tenant under keys."""
    rows = connection.execute(
        select(
            replies.c.idempotency_key, replies.c.request_digest, replies.c.decision_id,
            decisions.c.answer,
        )
        .join(
            decisions,
            (decisions.c.decision_id == replies.c.decision_id) & (decisions.c.tenant == tenant),
            isouter=True,
        )
        .where(replies.c.tenant == tenant, replies.c.idempotency_key.in_(keys))
    )  # fmt: skip
    return {
        row.idempotency_key: _Known(
            row.request_digest, row.decision_id or "",
            zlib.decompress(row.answer) if row.answer else b"",
        )
        for row in rows
    }  # fmt: skip


def _again(found: _Known, digest: str) -> Outcome:
    """The reply that was given before, if the request is the same."""
    if found.request_digest == digest and found.answer:
        return Reply(found.answer, found.decision_id, True)
    return Problem(
        422, "idempotency-key-reused",
        Text("这个幂等键已用于另一请求", "this idempotency key stands for another request"),
        Text("请为新的申请使用新的键", "use a new key for a new application"),
    )  # fmt: skip


def _digest(content: dict[str, Any]) -> str:
    """SHA-256 of an application, however its keys were ordered."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _reasons(told: dict[str, Any]) -> str:
    """Codes of the reasons, each with a space before and after."""
    codes = dict.fromkeys(str(reason["code"]) for reason in told.get("reasons") or ())
    return f" {' '.join(codes)} " if codes else ""


def _borrower_code(content: dict[str, Any]) -> str | None:
    """The borrower's code, wherever it was given."""
    for part in ("borrower", "loan"):
        code = (content.get(part) or {}).get("borrower_code")
        if code:
            return str(code)
    return None


def _lost() -> Problem:
    return Problem(
        500, "lost", Text("没有形成答复", "no answer was made"), Text("请重试", "try again")
    )
