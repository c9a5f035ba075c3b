"""Runs migrations on the connection that ``store.schema`` gives; Alembic executes this file."""

from alembic import context

from pinnace.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
