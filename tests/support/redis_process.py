"""A real Redis server that a test may kill and start again on the same directory and port."""

import signal
import subprocess
from pathlib import Path

import redis

from shared.bus.embedded import Server, find_server
from tests.support.waiting import wait_until


class RedisProcess:
    """`appendfsync always` unless told otherwise; `kill` is SIGKILL; `start` after it recovers what was acknowledged."""

    def __init__(
        self, directory: Path, port: int, *, append_fsync: str = "always", options: tuple[str, ...] = (), server: Server | None = None
    ) -> None:
        self.url = f"redis://127.0.0.1:{port}/0"
        self._arguments = [
            str((server or find_server()).path),
            *("--port", str(port), "--bind", "127.0.0.1", "--dir", str(directory), "--appendonly", "yes", "--appendfsync", append_fsync),
            *("--save", "", "--maxmemory-policy", "noeviction", *options),
        ]
        self._log = directory / "redis.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._arguments, stdout=log, stderr=log)
        client = redis.Redis.from_url(self.url)
        wait_until(lambda: _answers(client), "Redis answers", seconds=30)
        client.close()

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
