"""Codes of reasons, legal hold, and triggers that refuse to alter what only grows."""

from alembic import op
from sqlalchemy import Boolean, Column, Text, false

revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None

KEPT = (
    "decision_id", "tenant", "position", "made_at", "created_on", "valued_on", "decision",
    "application_no", "asked_yuan", "limit_yuan", "pd", "model", "rules_digest", "answer",
    "reasons",
)  # fmt: skip
"""Columns of ``decisions`` that never change; the state of the case may, and the name of the
borrower may be taken out."""
FIXED = ("decision_id", "tenant")
"""Columns of ``personal`` that never change."""
RENAMED = "NEW.borrower IS NOT NULL AND NEW.borrower <> OLD.borrower"
GUARDS = (
    ("ledger", "UPDATE", (), ""), ("ledger", "DELETE", (), ""),
    ("decisions", "UPDATE", KEPT, ""), ("decisions", "DELETE", (), ""),
    ("decisions", "UPDATE", ("borrower",), RENAMED),
    ("personal", "UPDATE", FIXED, ""), ("personal", "DELETE", (), ""),
    ("personal", "UPDATE", ("borrower",), RENAMED),
    ("artifacts", "UPDATE", (), ""),
)  # fmt: skip
"""Table, what is refused, of which columns, on which condition."""


def upgrade() -> None:
    """Add the columns and the triggers."""
    op.add_column("decisions", Column("reasons", Text, nullable=False, server_default=""))
    op.add_column("personal", Column("held", Boolean, nullable=False, server_default=false()))
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'append-only'; END $$"
        )
    for k, (table, change, columns, condition) in enumerate(GUARDS):
        of = f" OF {', '.join(columns)}" if columns else ""
        when = f" WHEN ({condition})" if condition else ""
        head = f"CREATE TRIGGER keep_{table}_{k} BEFORE {change}{of} ON {table} FOR EACH ROW{when}"
        refuse = (
            "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
            if sqlite else "EXECUTE FUNCTION refuse_change()"
        )  # fmt: skip
        op.execute(f"{head} {refuse}")
    if not sqlite:
        for table in ("ledger", "decisions", "personal"):
            op.execute(
                f"CREATE TRIGGER keep_{table} BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
