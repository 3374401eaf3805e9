"""Persons beside the borrower, so that a mortgagor is found and erased by their code too."""

from alembic import op
from sqlalchemy import Column, Index, MetaData, String, Table

revision, down_revision, branch_labels, depends_on = "0004", "0003", None, None

metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s",
})  # fmt: skip

persons = Table(
    "persons", metadata,
    Column("tenant", String(100), primary_key=True), Column("name", String(64), primary_key=True),
    Column("decision_id", String(40), primary_key=True), Index(None, "tenant", "decision_id"),
)  # fmt: skip


def upgrade() -> None:
    """Make the table and the trigger: a row goes with an erasure, and is never changed."""
    bind = op.get_bind()
    metadata.create_all(bind, checkfirst=False)
    refuse = (
        "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
        if bind.dialect.name == "sqlite" else "EXECUTE FUNCTION refuse_change()"
    )  # fmt: skip
    op.execute(f"CREATE TRIGGER keep_persons BEFORE UPDATE ON persons FOR EACH ROW {refuse}")
