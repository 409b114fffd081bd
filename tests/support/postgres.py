"""A real PostgreSQL: the `postgres` on PATH, else a container where Docker answers.

It refuses to run as root, so root runs it as another user.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.support.ports import free_port
from tests.support.waiting import wait_until

SERVER_USERS = ("postgres", "nobody")


class NoPostgres(Exception):
    """Says what is missing."""


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a server's maintenance database. Raises NoPostgres."""
    if shutil.which("postgres") and shutil.which("initdb"):
        with _local_server() as url:
            yield url
    else:
        with _container() as url:
            yield url


@contextmanager
def _local_server() -> Iterator[str]:
    user = _server_user()
    directory = Path(tempfile.mkdtemp(prefix="orestream-postgres-"))  # one that the server's user can reach, unlike pytest's
    port = free_port()
    try:
        if user is not None:
            os.chown(directory, user.pw_uid, user.pw_gid)
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        initdb = [
            "initdb",
            "--pgdata",
            str(directory / "data"),
            "--username",
            "orestream",
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
        ]
        made = subprocess.run(initdb, capture_output=True, text=True, cwd=directory, **as_user)  # type: ignore[call-overload]
        if made.returncode:
            raise NoPostgres(f"initdb failed: {made.stderr}")
        arguments = ["postgres", "-D", str(directory / "data"), "-p", str(port), "-k", str(directory), "-c", "fsync=off"]
        with (directory / "log").open("wb") as log:
            server = subprocess.Popen(arguments, stdout=log, stderr=log, cwd=directory, **as_user)
        url = f"postgresql://orestream@127.0.0.1:{port}/postgres"
        try:
            wait_until(lambda: _answers(url), "PostgreSQL answers")
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # its fast shutdown: clients are not waited for
            server.wait(30)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _server_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in SERVER_USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NoPostgres(f"PostgreSQL does not run as root, and there is no user {' or '.join(SERVER_USERS)} to run it as")


@contextmanager
def _container() -> Iterator[str]:
    import docker
    from docker.errors import DockerException
    from testcontainers.community.postgres import PostgresContainer

    try:
        docker.from_env().ping()
    except DockerException as error:
        raise NoPostgres(f"there is no `postgres` on PATH and Docker does not answer: {error}") from error
    with PostgresContainer("postgres:17-alpine", username="orestream", password="orestream", dbname="postgres") as container:
        yield container.get_connection_url(driver=None)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
