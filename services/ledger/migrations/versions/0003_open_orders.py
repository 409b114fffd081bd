"""What the open orders depend on, what is asked about them, and what changes for them and when."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

WITH_CLIFF = sa.text("first_cliff_on IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "open_orders",
        sa.Column("order_key", sa.Text, primary_key=True),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("round", sa.BigInteger, nullable=False),
        sa.Column("decision_id", sa.Text, nullable=False),
        sa.Column("order_sha256", sa.Text, nullable=False),
        sa.Column("supplier_id", sa.Text),
        sa.Column("supplier_name", sa.Text),
        sa.Column("currency", sa.Text),
        sa.Column("touched", sa.Text, nullable=False),
        sa.Column("versions", sa.Text, nullable=False),
        sa.Column("recheck_on", sa.Text),
        sa.Column("decided_at", sa.Text, nullable=False),
    )
    op.create_index("open_orders_by_partition", "open_orders", ["partition", "order_key"])
    op.create_index("open_orders_by_supplier", "open_orders", ["supplier_id"])
    op.create_table(
        "open_lines",
        sa.Column("order_key", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("line_id", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("questions", sa.Text),
        sa.Column("cliffs", sa.Text),
        sa.Column("first_cliff_on", sa.Text),
        sa.Column("expected_departure_on", sa.Text),
        sa.Column("latest_departure_on", sa.Text),
    )
    op.create_index("open_lines_by_cliff", "open_lines", ["first_cliff_on"], sqlite_where=WITH_CLIFF, postgresql_where=WITH_CLIFF)
