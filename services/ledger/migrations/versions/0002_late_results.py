"""Late results ask for a new round: a round remembers which trigger asked, a request why."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("rounds", sa.Column("asked_by", sa.Text))
    op.execute("UPDATE rounds SET asked_by = closed_by WHERE round_key IN (SELECT round_key FROM resubmissions)")
    op.execute("ALTER TABLE resubmissions RENAME COLUMN versions TO because")
