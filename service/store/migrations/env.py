"""What Alembic runs to migrate; the connection comes from `service.store.migrate`."""

from alembic import context

from service.store.tables import metadata


def run() -> None:
    """Run the steps on the connection of the configuration, inside its transaction."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True
    )
    context.run_migrations()


if getattr(context, "config", None) is not None:  # not when it is only imported
    run()
