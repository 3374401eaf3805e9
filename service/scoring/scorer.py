"""Scoring with a record: a micro-batch in, answers out that are durable before they are sent."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Engine

from riskengine.errors import RiskEngineError, UnforeseenError
from riskengine.scoring.application import FEATURES, application_of
from riskengine.scoring.record import record
from riskengine.scoring.score import Score, score_many
from riskengine.words import Text
from service import ids
from service.auth.caller import Caller
from service.auth.sealing import Secrets
from service.clock import day_of, now, stamp
from service.observe.watch import Nobody, Watching
from service.problems import Problem, of_engine
from service.refusals import key_reused
from service.scoring.equipment import Equipped
from service.scoring.people import others_of
from service.scoring.personal import commitment, split
from service.scoring.recording import (
    Known,
    Made,
    digest_of,
    key_name,
    known,
    rows_of,
    store,
)
from service.scoring.retention import keep_until
from service.store import ledger
from service.store.database import reading, writing


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
    remarks : dict
        What the answer tells beside the score, such as codes that a mapping did not know.
    asked : dict or None
        What a repeated request is known by, where that is not the content: what was sent,
        and by which mapping it was read.
    """

    caller: Caller
    content: dict[str, Any]
    trace_id: str
    idempotency_key: str | None
    remarks: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Any] | None = None


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


Outcome = Reply | Exception


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
    watch : Watching
        Who is told how long each stage took and what was decided.
    """

    engine: Engine
    secrets: Secrets
    names: frozenset[str]
    watch: Watching = field(default_factory=Nobody)

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
        list of Reply or Exception
            In order; every reply is durable.  A `Problem` tells a fault of the application;
            any other is the engine's own, for that one alone.
        """
        outcomes: list[Outcome | None] = [None] * len(works)
        digests = [digest_of(self.secrets, work.asked or work.content) for work in works]
        found = self._known(works)
        todo = []
        for place, work in enumerate(works):
            before = found.get(work.idempotency_key or "")
            if before is None:
                todo.append(place)
            else:
                outcomes[place] = _again(before, digests[place])
        made, scores = self._made(works, todo, digests, equipped, outcomes)
        if made:
            began = time.monotonic()
            self._record(works[0].caller.tenant, made, outcomes)
            self.watch.stage("commit", began, time.monotonic())
            new = [one.place for one in made if _is_new(outcomes[one.place])]
            self.watch.decided([scores[place] for place in new], equipped)
        return [outcome if outcome is not None else _lost() for outcome in outcomes]

    def _known(self, works: Sequence[Work]) -> dict[str, Known]:
        """Replies that were given before under the keys of these works, by the keys as sent."""
        tenant = works[0].caller.tenant
        keys = [work.idempotency_key for work in works if work.idempotency_key]
        named = {key: key_name(self.secrets, tenant, key) for key in keys}
        if not named:
            return {}
        stored = [*named.values(), *named]  # as they are, too: so they were stored once
        with reading(self.engine) as connection:
            found = known(connection, tenant, stored)
        return {
            key: found[one] for key, name in named.items() for one in (key, name) if one in found
        }  # fmt: skip

    def _made(
        self, works: Sequence[Work], todo: list[int], digests: list[str], equipped: Equipped,
        outcomes: list[Outcome | None],
    ) -> tuple[list[Made], dict[int, Score]]:  # fmt: skip
        """Score what is new; faults become outcomes at once."""
        applications, places, began = [], [], time.monotonic()
        for place in todo:
            try:
                applications.append(application_of(works[place].content))
                places.append(place)
            except RiskEngineError as fault:
                outcomes[place] = of_engine(fault, works[place].content)
        made, parsed = [], time.monotonic()
        found = score_many(applications, equipped.equipment)
        scored = time.monotonic()
        batch, scores = _Batch(equipped, now()), {}
        for place, score in zip(places, found, strict=True):
            if isinstance(score, UnforeseenError):
                outcomes[place] = score.fault
            elif isinstance(score, RiskEngineError):
                outcomes[place] = of_engine(score, works[place].content)
            else:
                scores[place] = score
                made.append(self._one(works[place], place, digests[place], score, batch))
        self.watch.stage("parse", began, parsed)
        self.watch.stage("score", parsed, scored)
        self.watch.stage("record", scored, time.monotonic())
        return made, scores

    def _one(self, work: Work, place: int, digest: str, score: Score, batch: "_Batch") -> Made:
        """One decision as it will be stored."""
        told, tenant, content = record(score), work.caller.tenant, work.content
        head = {
            "decision_id": ids.new_id(ids.DECISION), "made_at": batch.made_at,
            "trace_id": work.trace_id,
        }  # fmt: skip
        remarks = {**work.remarks, **batch.unused(content)}
        remarks = orjson.loads(ledger.canonical(remarks)) if remarks else {}
        answer = orjson.dumps({**head, **told, **remarks})
        kept, held = split(content, self.names)
        body = {
            **head, "by": work.caller.key_id, "application": kept,
            "personal_commitment": commitment(held),
            "answer_sha256": hashlib.sha256(answer).hexdigest(), "recipe": batch.recipe,
            **({"remarks": remarks} if remarks else {}),
        }  # fmt: skip
        loan = content.get("loan") or {}
        until = keep_until(told["decision"], loan, batch.day, batch.rules).isoformat()
        rows = rows_of(self.secrets, tenant, head, content, told, answer, held, until)
        about = {"decision_id": head["decision_id"], "tenant": tenant, "made_at": batch.made_at}
        sent = work.idempotency_key
        key = key_name(self.secrets, tenant, sent) if sent else None
        if key:
            rows["replies"] = {
                **about, "idempotency_key": key, "request_digest": digest,
                "status": 200, "body": None,
            }  # fmt: skip
        shadow = batch.equipped.shadow_of(score)
        if shadow is not None:
            rows["shadow_scores"] = {**about, **shadow}
        entry = ledger.packed(ledger.Entry("decision", head["decision_id"], batch.made_at, body))
        others = others_of(self.secrets, tenant, head["decision_id"], content)
        return Made(place, key, digest, head["decision_id"], answer, entry, rows, others)

    def _record(self, tenant: str, made: list[Made], outcomes: list[Outcome | None]) -> None:
        """Make decisions durable in one transaction."""
        with writing(self.engine) as connection:
            ledger.alone(connection, tenant)  # or two processes find the same key unused
            keys = [one.idempotency_key for one in made if one.idempotency_key]
            found = known(connection, tenant, keys)
            fresh: list[Made] = []
            for one in made:
                before = found.get(one.idempotency_key or "")
                if before is not None:
                    outcomes[one.place] = _again(before, one.request_digest)
                    continue
                fresh.append(one)
                outcomes[one.place] = Reply(one.answer, one.decision_id, False)
                if one.idempotency_key:
                    found[one.idempotency_key] = Known(
                        one.request_digest, one.decision_id, one.answer
                    )
            store(connection, tenant, fresh)


class _Batch:
    """What the decisions of one batch share."""

    def __init__(self, equipped: Equipped, moment: datetime) -> None:
        self.equipped, self.day, self.made_at = equipped, day_of(moment), stamp(moment)
        self.recipe = orjson.Fragment(ledger.canonical(equipped.recipe))
        self.rules = equipped.equipment.law("").at(self.day)
        kit = equipped.equipment
        models = [one for one in (kit.default_model, kit.challenger) if one is not None]
        self.looked_at = {feature.name for model in models for feature in model.features}

    def unused(self, content: Mapping[str, Any]) -> dict[str, int]:
        """How many features no model in force looks at: a number, as a name may name a person."""
        given = (content.get("borrower") or {}).get(FEATURES) or {}
        count = sum(cell is not None and name not in self.looked_at for name, cell in given.items())
        return {"features_unused": count} if count else {}


def _again(found: Known, digest: str) -> Outcome:
    """The reply that was given before, if the request is the same."""
    if found.request_digest == digest and found.answer:
        return Reply(found.answer, found.decision_id, True)
    return key_reused()


def _is_new(outcome: Outcome | None) -> bool:
    """Whether a decision was made now."""
    return isinstance(outcome, Reply) and not outcome.replayed


def _lost() -> Problem:
    return Problem(
        500, "lost", Text("没有形成答复", "no answer was made"), Text("请重试", "try again")
    )
