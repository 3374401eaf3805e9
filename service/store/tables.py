"""The tables of the store; migrations in ``service/store/migrations`` bring a database to them.

Every table but ``tenants`` holds ``tenant``: each query names it, so that tenants never see
each other.  Moments are texts as `service.clock.stamp` writes them.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s",
})  # fmt: skip

DIGEST, ID, NAME, MOMENT = String(64), String(40), String(100), String(27)

tenants = Table(
    "tenants", metadata,
    Column("tenant", NAME, primary_key=True), Column("title", String(200), nullable=False),
    Column("made_at", MOMENT, nullable=False),
)  # fmt: skip

api_keys = Table(
    "api_keys", metadata,
    Column("key_id", ID, primary_key=True),
    Column("tenant", NAME, ForeignKey("tenants.tenant"), nullable=False),
    Column("role", String(20), nullable=False), Column("digest", DIGEST, nullable=False),
    Column("title", String(200), nullable=False), Column("made_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT, nullable=False), Column("revoked_at", MOMENT),
    Column("replaces", ID), Column("requests_per_minute", Integer, nullable=False),
    Column("items_per_minute", Integer), Column("scopes", String(200)),
    Column("last_used_at", MOMENT), Column("holder", String(40)), Index(None, "tenant"),
)  # fmt: skip

ledger = Table(
    "ledger", metadata,
    Column("tenant", NAME, primary_key=True), Column("position", BigInteger, primary_key=True),
    Column("kind", String(20), nullable=False), Column("subject", ID, nullable=False),
    Column("made_at", MOMENT, nullable=False), Column("body", LargeBinary, nullable=False),
    Column("previous", DIGEST, nullable=False), Column("digest", DIGEST, nullable=False),
    Index(None, "tenant", "subject"),
)  # fmt: skip
"""The chain of a tenant: append-only, by triggers too.  ``body`` is canonical JSON, packed
by `service.store.packing`; ``digest`` is keyed BLAKE2b over tenant, position, previous, kind,
subject, made_at and the unpacked body."""

decisions = Table(
    "decisions", metadata,
    Column("decision_id", ID, primary_key=True), Column("tenant", NAME, nullable=False),
    Column("position", BigInteger, nullable=False), Column("made_at", MOMENT, nullable=False),
    Column("created_on", String(10), nullable=False),
    Column("valued_on", String(10), nullable=False),
    Column("decision", String(10), nullable=False), Column("application_no", String(64)),
    Column("borrower", DIGEST), Column("asked_yuan", Float), Column("limit_yuan", Float),
    Column("pd", Float), Column("model", String(100)), Column("rules_digest", DIGEST),
    Column("answer", LargeBinary, nullable=False), Column("case_state", String(40)),
    Column("reasons", Text, nullable=False, server_default=""),
    UniqueConstraint("tenant", "position"), Index(None, "tenant", "made_at"),
    Index(None, "tenant", "borrower"), Index(None, "tenant", "application_no"),
)  # fmt: skip
"""What is listed of decisions, and the bytes that were answered, packed; the chain
holds their SHA-256.  ``borrower`` is a keyed hash of the borrower's code; ``reasons`` the
codes of the reasons with a space before and after each."""

personal = Table(
    "personal", metadata,
    Column("decision_id", ID, primary_key=True), Column("tenant", NAME, nullable=False),
    Column("borrower", DIGEST), Column("sealed", LargeBinary), Column("keep_until", String(10)),
    Column("erased_at", MOMENT), Column("held", Boolean, nullable=False, server_default=false()),
    Index(None, "tenant", "borrower"), Index(None, "keep_until"),
)  # fmt: skip
"""Personal cells of an application, sealed; the chain holds only a salted commitment to them,
so that they can be erased and the chain stays valid.  ``held`` while a legal hold keeps them."""

persons = Table(
    "persons", metadata,
    Column("tenant", NAME, primary_key=True), Column("name", DIGEST, primary_key=True),
    Column("decision_id", ID, primary_key=True), Index(None, "tenant", "decision_id"),
)  # fmt: skip
"""Whoever is named in an application beside its borrower, such as a mortgagor, by the keyed
hash of the code; deleted when the decision's personal cells are erased."""

replies = Table(
    "replies", metadata,
    Column("tenant", NAME, primary_key=True),
    Column("idempotency_key", String(128), primary_key=True),
    Column("request_digest", DIGEST, nullable=False), Column("status", Integer, nullable=False),
    Column("decision_id", ID), Column("body", LargeBinary),
    Column("made_at", MOMENT, nullable=False),
    Index(None, "made_at"),
)  # fmt: skip
"""What was answered under an idempotency key; the body of a decision stands in ``decisions``.
A key is stored by its keyed hash: it may hold what names a person."""

reviews = Table(
    "reviews", metadata,
    Column("review_id", ID, primary_key=True), Column("tenant", NAME, nullable=False),
    Column("decision_id", ID, nullable=False), Column("position", BigInteger, nullable=False),
    Column("made_at", MOMENT, nullable=False), Column("by", NAME, nullable=False),
    Column("verdict", String(20), nullable=False), Column("reason", Text, nullable=False),
    Column("state", String(20), nullable=False), Index(None, "tenant", "decision_id"),
)  # fmt: skip

shadow_scores = Table(
    "shadow_scores", metadata,
    Column("decision_id", ID, primary_key=True), Column("tenant", NAME, nullable=False),
    Column("model", NAME, nullable=False), Column("champion", String(40), nullable=False),
    Column("challenger", String(40), nullable=False), Column("champion_pd", Float),
    Column("challenger_pd", Float), Column("champion_refers", Boolean, nullable=False),
    Column("challenger_refers", Boolean, nullable=False), Column("made_at", MOMENT, nullable=False),
    Index(None, "tenant", "model", "made_at"),
)  # fmt: skip

artifacts = Table(
    "artifacts", metadata,
    Column("tenant", NAME, primary_key=True), Column("digest", DIGEST, primary_key=True),
    Column("kind", String(20), nullable=False), Column("name", NAME, nullable=False),
    Column("made_at", MOMENT, nullable=False), Column("content", LargeBinary, nullable=False),
)  # fmt: skip
"""Content by its digest, packed: rule overlays, mappings, statutes, markets, releases: what a
decision was made from is kept as long as the decision.  Tenant ``""`` holds what all share."""

pointers = Table(
    "pointers", metadata,
    Column("tenant", NAME, primary_key=True), Column("kind", String(20), primary_key=True),
    Column("name", NAME, primary_key=True), Column("digest", DIGEST, nullable=False),
    Column("changed_at", MOMENT, nullable=False), Column("by", NAME, nullable=False),
    Column("generation", BigInteger, nullable=False),
)  # fmt: skip
"""Which artifact of a kind is in force for a tenant; ``generation`` rises with every change."""

books = Table(
    "books", metadata,
    Column("book_id", ID, primary_key=True), Column("tenant", NAME, nullable=False),
    Column("title", String(200), nullable=False), Column("source", String(20), nullable=False),
    Column("folder", String(400), nullable=False), Column("made_at", MOMENT, nullable=False),
    Index(None, "tenant", "made_at"),
)  # fmt: skip

jobs = Table(
    "jobs", metadata,
    Column("job_id", ID, primary_key=True), Column("tenant", NAME, nullable=False),
    Column("book_id", ID, nullable=False), Column("kind", String(20), nullable=False),
    Column("arguments", Text, nullable=False), Column("state", String(20), nullable=False),
    Column("done", BigInteger, nullable=False), Column("total", BigInteger),
    Column("attempts", Integer, nullable=False), Column("losses", Integer, nullable=False),
    Column("worker", NAME),
    Column("lease_until", MOMENT), Column("cancel_asked", Boolean, nullable=False),
    Column("made_at", MOMENT, nullable=False), Column("started_at", MOMENT),
    Column("ended_at", MOMENT), Column("manifest", Text), Column("problem", Text),
    Index(None, "tenant", "made_at"), Index(None, "state", "lease_until"),
)  # fmt: skip
"""``attempts`` counts how often a worker took the job up, ``losses`` how often a worker went
away with it; ``manifest`` holds the engine's manifest and the results by name and digest."""
