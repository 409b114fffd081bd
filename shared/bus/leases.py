"""One writer per partition: which partitions of the group this consumer holds.

A lease runs out when its holder stops renewing it; the epoch, which every commit compares, is what keeps a stale holder from writing. The
partitions are shared evenly among the living consumers of the group: who holds too many gives some back, who holds too few takes free ones.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import RedisError

from shared.bus import keys, metrics
from shared.bus.connection import Backoff, Client, script
from shared.bus.identity import is_dead_here
from shared.bus.settings import BusSettings
from shared.bus.work import Work

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Held:
    """A partition that this consumer holds. Its handlers and timers take `lock`: they never run at the same time."""

    partition: int
    token: str
    streams: dict[str, Work]
    lock: asyncio.Lock
    """Of the partition, not of the lease: what was begun under an earlier lease ends first."""
    lost: bool = False
    closing: bool = False
    """About to be given back: nothing new is read."""
    _reads: int = 0
    _quiet: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Around a read that may bring entries of this partition."""
        self._reads += 1
        self._quiet.clear()
        try:
            yield
        finally:
            self._reads -= 1
            if self._reads == 0:
                self._quiet.set()

    async def quiet(self) -> None:
        """Returns when no read is under way."""
        if self._reads:
            await self._quiet.wait()


class Leases:
    """`held` is what this consumer may work on right now, by partition."""

    def __init__(self, client: Client, settings: BusSettings, consumer: str, streams: Sequence[str]) -> None:
        self.held: dict[int, Held] = {}
        self.last_turn = time.monotonic()
        self._client = client
        self._settings = settings
        self._consumer = consumer
        self._streams = streams
        self._lease_ms = int(settings.lease_seconds * 1000)
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._dead: list[str] = []
        self._giving_back: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Turns for ever, the first one a pause after the start; a Redis error only postpones the next turn."""
        backoff = Backoff()
        pause = self._settings.lease_seconds / 4
        while True:
            await asyncio.sleep(pause)
            try:
                await self.turn()
            except (RedisError, OSError) as error:
                log.warning("Leases of %s cannot be renewed: %s", self._settings.group, error)
                pause = backoff.delay()
            else:
                backoff.reset()
                pause = self._settings.lease_seconds / 4

    async def turn(self) -> None:
        """Renews what is held, gives back what is too much, takes what is missing."""
        members: list[bytes] = await script("heartbeat").run(
            self._client, [keys.members_key(self._settings.group)], [self._consumer, self._lease_ms, *self._dead]
        )
        names = [member.decode() for member in members]
        self._dead = [name for name in names if is_dead_here(name)]
        share = fair_share(self._settings.partitions, [name for name in names if name not in self._dead], self._consumer)
        await self._renew()
        for held in self._kept()[share:]:
            held.closing = True
            self._in_background(self._give_back(held))
        await self._take_up_to(share)
        metrics.HELD_PARTITIONS.labels(self._settings.group).set(len(self.held))
        self.last_turn = time.monotonic()

    def lose(self, held: Held) -> None:
        """The partition has another holder: what was read of it is theirs to finish."""
        held.lost = True
        if self.held.get(held.partition) is held:
            del self.held[held.partition]
            log.info("Partition %d of %s has another holder now.", held.partition, self._settings.group)

    async def release_all(self) -> None:
        held = list(self.held.values())
        for one in held:
            one.closing = True
        await asyncio.gather(*(self._give_back(one) for one in held), *self._giving_back)
        await self._client.execute_command("ZREM", keys.members_key(self._settings.group), self._consumer)

    def _kept(self) -> list[Held]:
        return [held for held in self.held.values() if not held.closing]

    def _in_background(self, giving_back: Coroutine[Any, Any, None]) -> None:
        """A handler may take its time to end; the other leases must be renewed meanwhile."""
        task = asyncio.create_task(giving_back)
        self._giving_back.add(task)
        task.add_done_callback(self._given_back)

    def _given_back(self, task: asyncio.Task[None]) -> None:
        self._giving_back.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("A partition of %s could not be given back and runs out by itself: %s", self._settings.group, error)

    async def _renew(self) -> None:
        held = list(self.held.values())
        replies = await script("renew").run_many(
            self._client, [(self._keys(one.partition), (one.token, self._consumer, self._lease_ms)) for one in held]
        )
        for one, reply in zip(held, replies, strict=True):
            if isinstance(reply, Exception):
                raise reply
            if reply == 0:
                self.lose(one)

    async def _give_back(self, held: Held) -> None:
        """Waits for the read and the work in hand: the next holder must not find entries that came after it had looked."""
        await held.quiet()
        async with held.lock:
            held.lost = True
            if self.held.get(held.partition) is held:
                del self.held[held.partition]
            await script("renew").run(self._client, self._keys(held.partition), (held.token, self._consumer, 0))

    async def _take_up_to(self, share: int) -> None:
        for partition in range(self._settings.partitions):
            if len(self._kept()) >= share:
                return
            if partition in self.held:
                continue
            token = await self._acquire(partition)
            if token is not None:
                self.held[partition] = Held(partition, token, {stream: Work() for stream in self._streams}, self._locks[partition])

    async def _acquire(self, partition: int) -> str | None:
        reply = await script("acquire").run(self._client, self._keys(partition), (self._consumer, self._lease_ms, ""))
        if reply[0] is None and is_dead_here(reply[1].decode()):
            reply = await script("acquire").run(self._client, self._keys(partition), (self._consumer, self._lease_ms, reply[1]))
        return reply[0].decode() if reply[0] is not None else None

    def _keys(self, partition: int) -> tuple[str, str]:
        return keys.lease_key(partition, self._settings.group), keys.epoch_key(partition, self._settings.group)


def fair_share(partitions: int, living: Sequence[str], consumer: str) -> int:
    """How many partitions a consumer may hold: as many as any other, the first in order of name one more where it does not divide."""
    rank = living.index(consumer)
    return partitions // len(living) + (1 if rank < partitions % len(living) else 0)
