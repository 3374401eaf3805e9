"""Steps that bring a database from one layout to the next, run by Alembic."""
