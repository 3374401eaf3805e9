"""The first layout: tenants, keys, chain, decisions, personal cells, reviews, artifacts, jobs."""

from alembic import op
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
)

revision, down_revision, branch_labels, depends_on = "0001", None, None, None

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
    Column("last_used_at", MOMENT), Index(None, "tenant"),
)  # fmt: skip

ledger = Table(
    "ledger", metadata,
    Column("tenant", NAME, primary_key=True), Column("position", BigInteger, primary_key=True),
    Column("kind", String(20), nullable=False), Column("subject", ID, nullable=False),
    Column("made_at", MOMENT, nullable=False), Column("body", LargeBinary, nullable=False),
    Column("previous", DIGEST, nullable=False), Column("digest", DIGEST, nullable=False),
    Index(None, "tenant", "subject"),
)  # fmt: skip

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
    UniqueConstraint("tenant", "position"), Index(None, "tenant", "made_at"),
    Index(None, "tenant", "borrower"), Index(None, "tenant", "application_no"),
)  # fmt: skip

personal = Table(
    "personal", metadata,
    Column("decision_id", ID, primary_key=True), Column("tenant", NAME, nullable=False),
    Column("borrower", DIGEST), Column("sealed", LargeBinary), Column("keep_until", String(10)),
    Column("erased_at", MOMENT), Index(None, "tenant", "borrower"), Index(None, "keep_until"),
)  # fmt: skip

replies = Table(
    "replies", metadata,
    Column("tenant", NAME, primary_key=True),
    Column("idempotency_key", String(128), primary_key=True),
    Column("request_digest", DIGEST, nullable=False), Column("status", Integer, nullable=False),
    Column("decision_id", ID), Column("body", LargeBinary),
    Column("made_at", MOMENT, nullable=False),
    Index(None, "made_at"),
)  # fmt: skip

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

pointers = Table(
    "pointers", metadata,
    Column("tenant", NAME, primary_key=True), Column("kind", String(20), primary_key=True),
    Column("name", NAME, primary_key=True), Column("digest", DIGEST, nullable=False),
    Column("changed_at", MOMENT, nullable=False), Column("by", NAME, nullable=False),
    Column("generation", BigInteger, nullable=False),
)  # fmt: skip

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


def upgrade() -> None:
    """Make the tables."""
    metadata.create_all(op.get_bind(), checkfirst=False)
