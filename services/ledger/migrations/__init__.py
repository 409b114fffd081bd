"""The book's tables, brought to the state that the code expects whenever the ledger starts."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, text

from services.ledger.store import writing

LOCK = 0x6F72657374726561
"""Two ledgers that start together on PostgreSQL migrate one after the other."""


class BookTooNew(Exception):
    """The database was migrated by a newer version of Orestream."""


def migrate(engine: Engine) -> None:
    """Raises BookTooNew."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise BookTooNew(f"{engine.url}: {error}. The database belongs to a newer version of Orestream: run that one.") from error
