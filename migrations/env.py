"""Runs the migrations on the connection it is given, inside the transaction it finds. Refuses to open a database by itself."""

from __future__ import annotations

from alembic import context

from contest_server.ledger.schema import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("give alembic a connection: contest_server.ledger.migrating.alembic_config(connection)")

context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
