"""The book on SQLite and on PostgreSQL: every test that takes `database_url` or `engine` runs on both."""

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from services.ledger import store
from services.ledger.migrations import migrate
from tests.support.postgres import NoPostgres, postgres_server

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    server = postgres_server()
    try:
        url = server.__enter__()
    except NoPostgres as reason:
        pytest.skip(str(reason))
    yield url
    server.__exit__(None, None, None)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database (of PostgreSQL, a schema of its own: quicker made than a database)."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    server = request.getfixturevalue("postgres_url")
    name = f"ledger_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")  # type: ignore[arg-type]
    return f"{server}?options=-csearch_path%3D{name}"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: quicker than migrating each time."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    engine = store.open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def engine(database_url: str, migrated_file: Path) -> Iterator[Engine]:
    engine = store.open_engine(database_url)
    if engine.dialect.name == "sqlite":
        shutil.copy(migrated_file, str(engine.url.database))
    else:
        migrate(engine)
    yield engine
    engine.dispose()
