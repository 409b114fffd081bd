"""The book: contents, reference versions, rounds, evidence, chains, decisions with lines and marks, resubmissions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

STILL_OPEN = sa.text("closed_as IS NULL")
CLOSING = sa.text("kind <> 'partial'")
APPEND_ONLY = ("decisions", "decision_lines", "decision_marks")


def upgrade() -> None:
    op.create_table(
        "contents",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("stored_at", sa.Text, nullable=False),
    )
    op.create_index("contents_by_age", "contents", ["kind", "stored_at"])
    op.create_table(
        "reference_versions",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("previous_version", sa.Text),
        sa.Column("announced_at", sa.Text, nullable=False),
        sa.Column("last_used_at", sa.Text, nullable=False),
    )
    op.create_table(
        "rounds",
        sa.Column("round_key", sa.Text, primary_key=True),
        sa.Column("order_key", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("round", sa.BigInteger, nullable=False),
        sa.Column("awaited", sa.Text, nullable=False),
        sa.Column("order_event_id", sa.Text),
        sa.Column("order_sha256", sa.Text),
        sa.Column("results", sa.Text, nullable=False),
        sa.Column("partial_by", sa.Text),
        sa.Column("closed_as", sa.Text),
        sa.Column("closed_by", sa.Text),
    )
    op.create_index("rounds_by_order", "rounds", ["order_key", "revision"])
    op.create_index("rounds_open", "rounds", ["order_key"], sqlite_where=STILL_OPEN, postgresql_where=STILL_OPEN)
    op.create_table(
        "evidence",
        sa.Column("round_key", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("arrived_at", sa.Text, nullable=False),
    )
    op.create_table(
        "chains",
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_table(
        "decisions",
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("decision_id", sa.Text, nullable=False, unique=True),
        sa.Column("round_key", sa.Text, nullable=False),
        sa.Column("order_key", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("round", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("disposition", sa.Text, nullable=False),
        sa.Column("supplier_id", sa.Text),
        sa.Column("supplier_name", sa.Text),
        sa.Column("currency", sa.Text),
        sa.Column("ordered_at", sa.Text, nullable=False),
        sa.Column("decided_at", sa.Text, nullable=False),
        sa.Column("superseded_by_revision", sa.BigInteger),
        sa.Column("inputs", sa.Text, nullable=False),
        sa.Column("versions", sa.Text, nullable=False),
        sa.Column("event_sha256", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.UniqueConstraint("round_key", "kind", name="decisions_one_of_a_kind"),
    )
    op.create_index("decisions_by_time", "decisions", ["decided_at", "decision_id"])
    op.create_index("decisions_by_order", "decisions", ["order_key", "decided_at", "decision_id"])
    op.create_index("decisions_by_disposition", "decisions", ["disposition", "decided_at", "decision_id"])
    op.create_index("decisions_one_closing", "decisions", ["round_key"], unique=True, sqlite_where=CLOSING, postgresql_where=CLOSING)
    op.create_table(
        "decision_lines",
        sa.Column("decision_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("line_id", sa.Text, nullable=False),
        sa.Column("item_id", sa.Text),
        sa.Column("description", sa.Text),
        sa.Column("value", sa.Text),
        sa.Column("disposition", sa.Text, nullable=False),
        sa.Column("answers", sa.Text, nullable=False),
        sa.Column("control_codes", sa.Text, nullable=False),
        sa.Column("materials", sa.Text, nullable=False),
        sa.Column("flags", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
    )
    op.create_table(
        "decision_marks",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("mark", sa.Text, primary_key=True),
        sa.Column("decided_at", sa.Text, primary_key=True),
        sa.Column("decision_id", sa.Text, primary_key=True),
    )
    op.create_table(
        "resubmissions",
        sa.Column("order_key", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, primary_key=True),
        sa.Column("versions", sa.Text, primary_key=True),
        sa.Column("round_key", sa.Text, nullable=False, unique=True),
        sa.Column("next_round", sa.BigInteger, nullable=False),
        sa.Column("event_sha256", sa.Text, nullable=False),
    )
    for table in APPEND_ONLY:
        _only_insert(table)


def _only_insert(table: str) -> None:
    """The database itself refuses to change or remove rows, whoever asks."""
    sentence = f"{table} is append-only"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
        )
    else:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            )
