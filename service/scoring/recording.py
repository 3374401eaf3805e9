"""Decisions on their way into the store: everything that can be is made ready before the lock."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, select

from service.auth.sealing import Secrets
from service.scoring.people import borrower_of
from service.store import ledger
from service.store.database import add
from service.store.listing import listing
from service.store.packing import pack, unpack
from service.store.tables import decisions, personal, persons, replies, shadow_scores

TABLES = (decisions, personal, replies, shadow_scores)
KNOWN = (
    select(
        replies.c.idempotency_key, replies.c.request_digest, replies.c.decision_id,
        decisions.c.answer,
    )
    .join(
        decisions,
        (decisions.c.decision_id == replies.c.decision_id)
        & (decisions.c.tenant == bindparam("tenant")),
        isouter=True,  # a key may stand for another kind of request
    )
    .where(
        replies.c.tenant == bindparam("tenant"),
        replies.c.idempotency_key.in_(bindparam("keys", expanding=True)),
    )
)  # fmt: skip
"""Replies that were given under idempotency keys."""


@dataclass(frozen=True, slots=True)
class Made:
    """One decision that is made and not yet durable.

    Parameters
    ----------
    place : int
        Place of its work in the batch.
    idempotency_key : str or None
        Name of the key under which the answer can be had again (`key_name`).
    request_digest : str
        Digest by which the request is known again.
    decision_id : str
        Its id.
    answer : bytes
        What is answered.
    entry : ledger.Packed
        Its entry in the chain.
    rows : dict of str to dict
        Row of each table, but for the position.
    others : list of dict
        Rows of ``persons`` (`service.scoring.people.others_of`).
    """

    place: int
    idempotency_key: str | None
    request_digest: str
    decision_id: str
    answer: bytes
    entry: ledger.Packed
    rows: dict[str, dict[str, Any]]
    others: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Known:
    """A reply that was given under a key.

    Parameters
    ----------
    request_digest : str
        Of the request; empty once its borrower was erased.
    decision_id : str
        What was answered.
    answer : bytes
        Its bytes.
    """

    request_digest: str
    decision_id: str
    answer: bytes


def rows_of(
    secrets: Secrets, tenant: str, head: Mapping[str, Any], content: Mapping[str, Any],
    told: Mapping[str, Any], answer: bytes, held: bytes, keep_until: str,
) -> dict[str, dict[str, Any]]:  # fmt: skip
    """Return what the tables hold of a decision.

    Parameters
    ----------
    secrets : Secrets
        For the borrower's name and the seal.
    tenant : str
        Whose.
    head : mapping
        ``decision_id`` and ``made_at``.
    content : mapping
        The application as it was sent.
    told : mapping
        The answer as plain data.
    answer : bytes
        The answer as it is sent.
    held : bytes
        Personal cells.
    keep_until : str
        Last day on which they are kept.

    Returns
    -------
    dict of str to dict
        By table.
    """
    decision_id, code = head["decision_id"], borrower_of(content)
    borrower = secrets.name_of(tenant, code) if code else None
    listed = {
        "decision_id": decision_id, "tenant": tenant, "position": 0, "made_at": head["made_at"],
        "borrower": borrower, "answer": pack(answer), "case_state": None, **listing(told),
    }  # fmt: skip
    sealed = {
        "decision_id": decision_id, "tenant": tenant, "borrower": borrower,
        "sealed": secrets.seal(held, decision_id), "keep_until": keep_until, "erased_at": None,
        "held": False,
    }  # fmt: skip
    return {"decisions": listed, "personal": sealed}


def key_name(secrets: Secrets, tenant: str, key: str) -> str:
    """Return the name under which an idempotency key is stored.

    A key may hold what names a person, such as a telephone number; its name does not.

    Parameters
    ----------
    secrets : Secrets
        With the key of the hash.
    tenant : str
        Institution.
    key : str
        As it was sent.

    Returns
    -------
    str
        ``k-`` and 64 hexadecimal digits of an HMAC-SHA-256.
    """
    about = f"\0reply\n{tenant}\n{key}".encode()  # no tenant begins with NUL
    return "k-" + hmac.new(secrets.naming, about, hashlib.sha256).hexdigest()


def digest_of(secrets: Secrets, content: Mapping[str, Any]) -> str:
    """Return the digest by which a request is known again, however its keys were ordered.

    Keyed: a bare digest would let an identity number be found by trying them all.

    Parameters
    ----------
    secrets : Secrets
        With the key.
    content : mapping
        The application as it was sent.

    Returns
    -------
    str
        Keyed BLAKE2b (RFC 7693), 32 bytes in hexadecimal.
    """
    raw = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(raw, key=secrets.naming, digest_size=32).hexdigest()


def known(connection: Connection, tenant: str, keys: Sequence[str]) -> dict[str, Known]:
    """Return what was answered under idempotency keys.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    keys : sequence of str
        The keys, as they are stored.

    Returns
    -------
    dict of str to Known
        By key.
    """
    if not keys:
        return {}
    rows = connection.execute(KNOWN, {"tenant": tenant, "keys": list(keys)})
    return {
        row.idempotency_key: Known(
            row.request_digest, row.decision_id or "", unpack(row.answer) if row.answer else b""
        )
        for row in rows
    }  # fmt: skip


def store(connection: Connection, tenant: str, made: Sequence[Made]) -> None:
    """Add decisions to the chain and to every table.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes, in which the keys were found unused.
    tenant : str
        Whose.
    made : sequence of Made
        In order.
    """
    positions = ledger.append(connection, tenant, [one.entry for one in made])
    for one, position in zip(made, positions, strict=True):
        one.rows["decisions"]["position"] = position
    for table in TABLES:
        add(connection, table, [one.rows[table.name] for one in made if table.name in one.rows])
    add(connection, persons, [row for one in made for row in one.others])
