"""The bus of one service: composes what the other modules of this package do."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from faststream.redis import StreamSub
from pydantic import BaseModel
from redis.exceptions import RedisError

from shared.bus import intake, keys, references, timers
from shared.bus.asyncapi import Described, document
from shared.bus.connection import Backoff, connect, unavailable_when_redis_fails
from shared.bus.giving_up import DeadLetterHook
from shared.bus.handling import Handling
from shared.bus.identity import new_consumer_name
from shared.bus.leases import Leases
from shared.bus.pressure import PressureGauge
from shared.bus.reading import GRACEFUL_SECONDS, BusBroker, Reader
from shared.bus.recovery import ensure_groups, forget_consumer
from shared.bus.restart import RestartGuard
from shared.bus.settings import BusSettings
from shared.bus.state import PartitionState
from shared.bus.status import status
from shared.bus.tables import Table
from shared.bus.timers import Timers
from shared.bus.trimming import keep_trimming
from shared.bus.types import Append, GroupStatus, Handler, Health, Pressure, Record, State, StreamName, Timer, TimerHandler

log = logging.getLogger(__name__)

STALE_SECONDS = 10.0
"""A loop that has not turned for so long is stuck."""


def unix_ms() -> int:
    return time.time_ns() // 1_000_000


class Bus:
    """Register handlers, then `start`. Without handlers only `start` for the restart guard, or nothing at all, is needed before use."""

    def __init__(self, settings: BusSettings, *, clock_ms: Callable[[], int] = unix_ms) -> None:
        self.settings = settings
        self._clock_ms = clock_ms
        self._guard = RestartGuard()
        self.client = connect(settings, self._guard.on_connect)
        self.consumer = new_consumer_name()
        self._handlers: dict[StreamName, Handler] = {}
        self.described = Described(settings.group)
        self._dead_letter_hooks: dict[StreamName, DeadLetterHook] = {}
        self._timer_handler: TimerHandler | None = None
        self._pressure = PressureGauge(self.client, settings, self._guard)
        self.leases: Leases | None = None
        self._readers: list[Reader] = []
        self._handlings: list[Handling] = []
        self._timers: Timers | None = None
        self.broker: BusBroker | None = None
        self._background: list[asyncio.Task[None]] = []
        self._timer_loop: asyncio.Task[None] | None = None

    def on(self, stream: StreamName, handler: Handler, *, event: type[BaseModel] | None = None) -> None:
        """`event` is the pydantic model of what the stream carries, for the AsyncAPI document."""
        self._handlers[stream] = handler
        if event is not None:
            self.described.receives[stream] = event

    def emits(self, stream: StreamName, event: type[BaseModel]) -> None:
        """Says what the service puts on the bus, for the AsyncAPI document."""
        self.described.sends[stream] = event

    def asyncapi(self) -> dict[str, Any]:
        """The AsyncAPI document of this service."""
        return document([self.described], title=f"Orestream {self.settings.group}", version="1")

    def on_timer(self, handler: TimerHandler) -> None:
        self._timer_handler = handler

    def on_dead_letter(self, stream: StreamName, function: DeadLetterHook) -> None:
        """What the service says when it gives a message of the stream up, committed together with the dead letter."""
        self._dead_letter_hooks[stream] = function

    async def start(self) -> None:
        """Returns when Redis answers, the groups exist and the subscribers run; waits for Redis as long as it takes. May be repeated."""
        if self.broker is not None:
            return
        await self._until_redis_answers()
        if not self._handlers and self._timer_handler is None:
            return
        streams = list(self._handlers)
        self.leases = Leases(self.client, self.settings, self.consumer, streams)
        common: dict[str, Any] = {"client": self.client, "settings": self.settings, "leases": self.leases}
        broker = self.broker = BusBroker(self.client, self.settings.group)
        if self._timer_handler is not None:
            self._timers = Timers(self._timer_handler, references=self.reference_versions, clock_ms=self._clock_ms, **common)
        for stream, handler in self._handlers.items():
            handling = Handling(
                stream,
                handler,
                consumer=self.consumer,
                clock_ms=self._clock_ms,
                timers_set=self._timers.wake if self._timers is not None else _nothing,
                dead_letter_hook=self._dead_letter_hooks.get(stream),
                **common,
            )
            reader = Reader(stream, handling, consumer=self.consumer, **common)
            self._handlings.append(handling)
            self._readers.append(reader)
            broker.subscribe(reader, handling.process, StreamSub(stream, group=self.settings.group, consumer=self.consumer, batch=True))
        with contextlib.suppress(RedisError, OSError):
            await self.leases.turn()
        await broker.start()
        self._in_background(self.leases.run())
        self._in_background(keep_trimming(self.client, self.settings, self.leases, streams, self._clock_ms))
        if self._timers is not None:
            self._timer_loop = asyncio.create_task(self._timers.run())

    async def stop(self) -> None:
        """Finishes what is in hand, gives the partitions back and leaves nothing running."""
        if self._timers is not None:
            self._timers.stop()
        if self.broker is not None:
            await self.broker.stop()
        if self._timer_loop is not None:
            await asyncio.wait([self._timer_loop], timeout=GRACEFUL_SECONDS)
            await _end([self._timer_loop])
        await _end(self._background)
        if self.leases is not None:
            with contextlib.suppress(RedisError, OSError):
                await self.leases.release_all()
                partitions = range(self.settings.partitions)
                await forget_consumer(self.client, self.settings.group, self.consumer, partitions, list(self._handlers))
        for handling in self._handlings:
            await handling.close()
        await self.client.aclose()

    def partition_of(self, key: str) -> int:
        """The partition of an order key's text form (of the material for prices and stock)."""
        return keys.partition_of(key, self.settings.partitions)

    async def append(self, appends: Sequence[Append]) -> list[bool]:
        """See `intake.append`."""
        return await intake.append(self.client, self.settings.group, self.settings.partitions, appends)

    async def records(self, wanted: Sequence[tuple[str, str]]) -> list[Record | None]:
        """The records under (partition key, record key)."""
        return await intake.records(self.client, self.settings.group, self.settings.partitions, wanted)

    async def set_timers(self, partition: int, wanted: Sequence[Timer]) -> None:
        """See `types.SetTimers`."""
        async with unavailable_when_redis_fails("Setting timers"):
            await timers.set_timers(self.client, self.settings.group, partition, wanted)
        if self._timers is not None:
            self._timers.wake()

    def state(self, partition: int, group: str | None = None) -> State:
        """Reads of any partition and group; `references` is empty outside a handler."""
        return PartitionState(self.client, partition, group or self.settings.group, {})

    def table(self, name: str) -> Table:
        return Table(self.client, name)

    async def reference_versions(self) -> Mapping[str, str]:
        return await references.reference_versions(self.client)

    async def set_reference_version(self, kind: str, version: str) -> None:
        """For who has to let it be used before he can say what it reaches; `announce_reference` follows."""
        await references.set_reference_version(self.client, kind, version)

    async def announce_reference(self, kind: str, version: str, event: bytes) -> None:
        """See `references.announce_reference`."""
        await references.announce_reference(self.client, self.settings.partitions, kind, version, event)

    async def pressure(self) -> Pressure:
        return await self._pressure.read()

    async def status(self) -> list[GroupStatus]:
        async with unavailable_when_redis_fails("Reading the status"):
            return await status(self.client, self.settings.partitions)

    async def health(self) -> Health:
        """Ready: Redis answers, its append-only file is rewritten after a restart, every loop has turned, and nothing has stopped."""
        reasons: list[str] = []
        try:
            async with asyncio.timeout(2):
                await self.client.execute_command("PING")
        except (RedisError, OSError) as error:
            reasons.append(self._guard.reason or f"Redis does not answer: {error or 'no answer within 2 s'}.")
        if self.broker is not None and self.leases is not None:
            late = time.monotonic() - STALE_SECONDS
            reasons += [
                f"The loop reading {stream} does not turn."
                for stream, reader in zip(self._handlers, self._readers, strict=True)
                if reader.last_turn < late
            ]
            if self.leases.last_turn < late:
                reasons.append("The leases are not renewed.")
            if self._timers is not None and self._timers.last_turn < late:
                reasons.append("The loop of the timers does not turn.")
            reasons += [handling.stopped for handling in self._handlings if handling.stopped]
        return Health(ready=not reasons, reasons=tuple(reasons))

    async def _until_redis_answers(self) -> None:
        backoff = Backoff()
        while True:
            try:
                await ensure_groups(self.client, self.settings.group, list(self._handlers), range(self.settings.partitions))
                await self.client.execute_command("PING")
                return
            except (RedisError, OSError) as error:
                log.warning("%s waits for Redis: %s", self.settings.group, error)
                await asyncio.sleep(backoff.delay())

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        self._background.append(asyncio.create_task(work))


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancels until every task has ended: before Python 3.12 `asyncio.wait_for`, which libraries use, can swallow a cancellation."""
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=0.1)


def _nothing() -> None:
    """Timers without a handler wait for a release of the service that has one."""
