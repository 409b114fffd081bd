"""Whether intake may go on: well before memory or patience runs out, it is told to come back later."""

import asyncio
import time

from redis.exceptions import RedisError

from shared.bus.connection import Client
from shared.bus.restart import RestartGuard
from shared.bus.settings import BusSettings
from shared.bus.status import status
from shared.bus.trimming import memory_share
from shared.bus.types import Pressure

FRESH_SECONDS = 0.1


class PressureGauge:
    """Looks at most every 100 ms, and never spends more than a twentieth of its time on looking."""

    def __init__(self, client: Client, settings: BusSettings, guard: RestartGuard) -> None:
        self._client = client
        self._settings = settings
        self._guard = guard
        self._pressure = Pressure(accepting=True)
        self._fresh_until = 0.0
        self._lock = asyncio.Lock()

    async def read(self) -> Pressure:
        if time.monotonic() >= self._fresh_until:
            async with self._lock:
                if time.monotonic() >= self._fresh_until:
                    started = time.monotonic()
                    self._pressure = await self._look()
                    ended = time.monotonic()
                    self._fresh_until = ended + max(FRESH_SECONDS, 20 * (ended - started))
        return self._pressure

    async def _look(self) -> Pressure:
        if self._guard.reason:
            return Pressure(False, self._guard.reason, 1)
        try:
            share = await memory_share(self._client)
            groups = await status(self._client, self._settings.partitions)
        except (RedisError, OSError) as error:
            return Pressure(False, f"Redis does not answer: {error}", 2)
        if share > self._settings.memory_limit_share:
            return Pressure(
                False, f"Redis uses {share:.0%} of its memory; intake goes on below {self._settings.memory_limit_share:.0%}.", 30
            )
        worst = max(groups, key=lambda group: (group.lag or 0) + group.pending, default=None)
        if worst is not None and (worst.lag or 0) + worst.pending > self._settings.backlog_limit:
            return Pressure(
                False,
                f"{worst.group} has {(worst.lag or 0) + worst.pending:,} messages of {worst.stream} to finish first; "
                f"intake goes on below {self._settings.backlog_limit:,}.",
                5,
            )
        return Pressure(True)
