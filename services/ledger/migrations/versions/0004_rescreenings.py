"""Changes of reference data in their order, and how far the open orders have been compared with each."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "reference_changes",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("previous_version", sa.Text),
        sa.Column("touched", sa.Text, nullable=False),
        sa.Column("announced_at", sa.Text, nullable=False),
        sa.UniqueConstraint("kind", "version", "announced_at", name="reference_changes_once"),
    )
    op.create_index("reference_changes_by_kind", "reference_changes", ["kind", "number"])
    # What the changes before this one reached is not known any more.
    op.execute(
        "INSERT INTO reference_changes (kind, version, previous_version, touched, announced_at)"
        " SELECT kind, version, previous_version, '[\"*\"]', announced_at FROM reference_versions"
        " WHERE kind IN ('regulations', 'parties') ORDER BY announced_at"
    )
    op.create_table(
        "rescreenings",
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("change", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.Column("after", sa.Text),
        sa.Column("asked", sa.Text, nullable=False),
    )
