"""What Alembic runs: the steps, on the connection and in the transaction that the caller has open."""

from alembic import context

from mrdkit.store import schema
from mrdkit.store.migrate import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
