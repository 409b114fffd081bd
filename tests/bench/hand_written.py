"""The floor: what somebody would write by hand with redis-py for speed, doing the same hops with the same handlers.

XREADGROUP of up to 128, the handler, then one MULTI with every XADD, state write and XACK. No lease, no fence, no timers, no retry, no dead
letters, no takeover, no trimming. It has the shape of a `Bus`, so that the services' own composition runs on it.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import redis.asyncio as redis

from shared.bus import Bus, BusSettings
from shared.bus.state import PartitionState
from shared.bus.types import Delivery, GroupStatus, Handler, Health

BATCH = 128
BLOCK_MS = 100


class HandWrittenBus(Bus):
    """Reads and commits by hand; tables and state are read as ever."""

    def __init__(self, url: str, group: str) -> None:
        super().__init__(BusSettings(url=url, group=group))
        self._by_hand = redis.Redis.from_url(url)
        self._group = group
        self._tasks: list[asyncio.Task[None]] = []
        self._one_at_a_time = asyncio.Lock()

    def on_timer(self, handler: Any) -> None:
        """A hand-written loop has no deadlines."""

    def on_dead_letter(self, stream: Any, function: Any) -> None:
        """Nor dead letters."""

    async def announce_reference(self, *_: Any) -> None:
        """Nor announcements."""

    async def health(self) -> Health:
        return Health(ready=True)

    async def status(self) -> list[GroupStatus]:
        return []

    async def start(self) -> None:
        for stream, handler in self._handlers.items():
            await self._by_hand.xgroup_create(f"{{p0}}:{stream}", self._group, "0", mkstream=True)
            self._tasks.append(asyncio.create_task(self._loop(stream, handler)))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for ended in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended
        await self._by_hand.aclose()
        await self.client.aclose()

    async def _loop(self, stream: Any, handler: Handler) -> None:
        key = f"{{p0}}:{stream}"
        while True:
            read = await self._by_hand.xreadgroup(self._group, "one", {key: ">"}, count=BATCH, block=BLOCK_MS)
            if read:
                entries = read[0][1] if isinstance(read, list) else next(iter(read.values()))[0]
                async with self._one_at_a_time:  # what comes of one stream is joined with what came of another
                    await self._handle(stream, key, handler, entries)

    async def _handle(self, stream: Any, key: str, handler: Handler, entries: Sequence[Any]) -> None:
        deliveries = [Delivery(stream, 0, identifier.decode(), fields[b"event"]) for identifier, fields in entries]
        results = await handler(deliveries, PartitionState(self.client, 0, self._group, {}))
        pipeline = self._by_hand.pipeline(transaction=True)
        for delivery, effects in zip(deliveries, results, strict=True):
            if isinstance(effects, Exception):
                raise effects
            for output, event in effects.outputs:
                pipeline.xadd(f"{{p0}}:{output}", {"event": event})
            for write in effects.writes:
                pipeline.execute_command(write.command, f"{{p0}}:{self._group}:{write.key}", *write.arguments)
            pipeline.xack(key, self._group, delivery.entry_id)
        await pipeline.execute()
