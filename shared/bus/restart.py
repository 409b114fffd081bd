"""After a Redis restart nothing is written before the append-only file has been rewritten.

A crash can leave a torn last write in the file. Redis drops it on the first start, but after a second start acknowledged writes vanish or
double (seen on 6.2 and 7.0). A rewrite that completes after the first start prevents both. Every new connection therefore looks at the
server's `run_id` and, where it is new, sees the rewrite through before it is used.
"""

import asyncio
import logging
import re
import time
from typing import Any

from redis.asyncio.connection import Connection
from redis.exceptions import ConnectionError, NoPermissionError, RedisError, ResponseError

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 2.0
"""How long a caller waits for a rewrite before it is told to come back."""
PAUSE_SECONDS = 1.0
"""Between two attempts, where a rewrite fails."""


class RestartGuard:
    """Call it with each new connection. `reason` is a sentence while a rewrite is under way, else None."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._admitted: set[bytes] = set()
        self._lock = asyncio.Lock()
        self._begin_again_at = 0.0

    async def on_connect(self, connection: Connection) -> None:
        await connection.on_connect()
        run_id = _field(await _ask(connection, "INFO", "server"), "run_id")
        if run_id in self._admitted:
            return
        async with self._lock:
            if run_id not in self._admitted:
                await self._rewrite(connection)
                self._admitted.add(run_id)
                self.reason = None
                self._begin_again_at = 0.0

    async def _rewrite(self, connection: Connection) -> None:
        """Returns when the file is rewritten; raises ConnectionError where that takes long or fails."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while not _is_rewritten(persistence := await _ask(connection, "INFO", "persistence")):
            self.reason = "Redis has started anew and its append-only file is being rewritten; until then nothing is written."
            if not _is_rewriting(persistence):
                if time.monotonic() < self._begin_again_at:
                    self.reason = "Redis could not rewrite its append-only file after its start: see its log, and whether its disk is full."
                    raise ConnectionError(self.reason)
                self._begin_again_at = time.monotonic() + PAUSE_SECONDS
                try:
                    await _ask(connection, "BGREWRITEAOF")
                except ResponseError as error:
                    if isinstance(error, NoPermissionError) or "unknown command" in str(error):
                        log.warning("Redis does not rewrite its append-only file for us (%s): a torn last write stays possible.", error)
                        return
                    # One is in progress, or none can begin: the next look tells.
                    log.warning("Redis does not begin to rewrite its append-only file: %s", error)
            if time.monotonic() > give_up_at:
                raise ConnectionError(self.reason)
            await asyncio.sleep(0.01)


def _is_rewritten(persistence: bytes) -> bool:
    if _field(persistence, "loading") == b"1":
        raise ConnectionError("Redis is loading its data.")
    if _field(persistence, "aof_enabled") == b"0":
        return True
    return (
        not _is_rewriting(persistence)
        and _field(persistence, "aof_last_rewrite_time_sec") != b"-1"
        and _field(persistence, "aof_last_bgrewrite_status") == b"ok"
    )


def _is_rewriting(persistence: bytes) -> bool:
    return b"1" in (_field(persistence, "aof_rewrite_in_progress"), _field(persistence, "aof_rewrite_scheduled"))


async def _ask(connection: Connection, *command: str) -> Any:
    await connection.send_command(*command)
    return await connection.read_response()


def _field(info: bytes, name: str) -> bytes:
    found = re.search(rb"^" + name.encode() + rb":(.*?)\r?$", info, re.MULTILINE)
    if found is None:
        raise RedisError(f"Redis does not report {name}.")
    return found[1]
