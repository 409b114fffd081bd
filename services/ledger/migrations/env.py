"""Run by Alembic; the connection comes from `migrate`."""

from alembic import context

from services.ledger.open_orders import open_orders

context.configure(connection=context.config.attributes["connection"], target_metadata=open_orders.metadata)
with context.begin_transaction():
    context.run_migrations()
