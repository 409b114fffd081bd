"""The floor: what somebody would write by hand with redis-py for speed, doing the same hops with the same handlers.

XREADGROUP of up to 128, the handler, then one MULTI with every XADD, state write and XACK. Timers lie in memory and die with the process.
No lease, no fence, no retry, no dead letters, no takeover, no trimming. It has the shape of a `Bus`, so that the services' own composition
runs on it.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import redis.asyncio as redis

from shared.bus import Bus, BusSettings
from shared.bus.state import PartitionState
from shared.bus.types import Delivery, DueTimer, Effects, GroupStatus, Handler, Health, Timer

BATCH = 128
BLOCK_MS = 100
TICK_SECONDS = 0.05


class HandWrittenBus(Bus):
    """Reads and commits by hand; tables and state are read as ever."""

    def __init__(self, url: str, group: str) -> None:
        super().__init__(BusSettings(url=url, group=group))
        self._by_hand = redis.Redis.from_url(url)
        self._group = group
        self._tasks: list[asyncio.Task[None]] = []
        self._one_at_a_time = asyncio.Lock()
        self._due_ms: dict[str, int] = {}

    def on_dead_letter(self, stream: Any, function: Any) -> None:
        """A hand-written loop has no dead letters."""

    async def announce_reference(self, *_: Any) -> None:
        """Nor announcements."""

    async def set_timers(self, partition: int, wanted: Sequence[Timer]) -> None:
        self._arm(wanted)

    async def health(self) -> Health:
        return Health(ready=True)

    async def status(self) -> list[GroupStatus]:
        return []

    async def start(self) -> None:
        for stream, handler in self._handlers.items():
            await self._by_hand.xgroup_create(f"{{p0}}:{stream}", self._group, "0", mkstream=True)
            self._tasks.append(asyncio.create_task(self._loop(stream, handler)))
        if self._timer_handler is not None:
            self._tasks.append(asyncio.create_task(self._tick()))

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
            self._take(effects, pipeline)
            pipeline.xack(key, self._group, delivery.entry_id)
        await pipeline.execute()

    async def _tick(self) -> None:
        assert self._timer_handler is not None
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now_ms = int(time.time() * 1000)
            due = [DueTimer(0, name, due_ms) for name, due_ms in self._due_ms.items() if due_ms <= now_ms]
            if not due:
                continue
            for timer in due:
                del self._due_ms[timer.name]
            async with self._one_at_a_time:
                pipeline = self._by_hand.pipeline(transaction=True)
                for effects in await self._timer_handler(due, PartitionState(self.client, 0, self._group, {})):
                    self._take(effects, pipeline)
                await pipeline.execute()

    def _take(self, effects: Effects | Exception, pipeline: Any) -> None:
        if isinstance(effects, Exception):
            raise effects
        for output, event in effects.outputs:
            pipeline.xadd(f"{{p0}}:{output}", {"event": event})
        for write in effects.writes:
            pipeline.execute_command(write.command, f"{{p0}}:{self._group}:{write.key}", *write.arguments)
        self._arm(effects.timers)

    def _arm(self, timers: Sequence[Timer]) -> None:
        for timer in timers:
            if timer.due_ms is None:
                self._due_ms.pop(timer.name, None)
            else:
                self._due_ms[timer.name] = timer.due_ms
