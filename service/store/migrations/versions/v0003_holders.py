"""Who holds a key, so that two keys of one person do not count as two people."""

from alembic import op
from sqlalchemy import Column, String

revision, down_revision, branch_labels, depends_on = "0003", "0002", None, None


def upgrade() -> None:
    """Add the column; of keys that were made before nobody is known to hold two."""
    op.add_column("api_keys", Column("holder", String(40)))
