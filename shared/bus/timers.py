"""Deadlines, passing dates, stale feeds: members of a sorted set in their partition, handled under its lease when they are due."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from shared.bus import keys, metrics
from shared.bus.commit import DONE, GONE, CommitFailed, Fenced, fire
from shared.bus.connection import Backoff, Client, is_outside, refuses_writes, send_many
from shared.bus.giving_up import TIMERS, dead_letter
from shared.bus.leases import Held, Leases
from shared.bus.settings import BusSettings
from shared.bus.state import PartitionState
from shared.bus.types import DueTimer, Effects, Timer, TimerHandler

log = logging.getLogger(__name__)

LONGEST_SLEEP_SECONDS = 0.25
"""A timer that another process set is noticed after that at the latest."""


@dataclass(slots=True)
class _Failing:
    attempts: int = 0
    not_before: float = 0.0
    backoff: Backoff = field(default_factory=Backoff)


class Timers:
    """One loop for all held partitions."""

    def __init__(
        self,
        handler: TimerHandler,
        *,
        client: Client,
        settings: BusSettings,
        leases: Leases,
        references: Callable[[], Awaitable[Mapping[str, str]]],
        clock_ms: Callable[[], int],
    ) -> None:
        self.last_turn = time.monotonic()
        self._handler = handler
        self._client = client
        self._settings = settings
        self._leases = leases
        self._references = references
        self._clock_ms = clock_ms
        self._nearer = asyncio.Event()
        self._failing: dict[tuple[int, str], _Failing] = {}
        self._stopping = False
        labels = (settings.group, TIMERS, settings.group)
        self._handled = {status: metrics.HANDLED.labels(*labels, status) for status in (DONE, GONE, "retried", "dead_lettered")}

    def wake(self) -> None:
        """A timer was set in this process: it may be nearer than the one slept for."""
        self._nearer.set()

    async def run(self) -> None:
        """Until `stop`; a Redis error is a pause."""
        backoff = Backoff()
        while not self._stopping:
            self.last_turn = time.monotonic()
            self._nearer.clear()
            try:
                pause = await self._turn()
            except Exception as error:
                if is_outside(error):
                    log.warning("Timers of %s rest: %s", self._settings.group, error)
                else:
                    log.exception("The bus itself failed on the timers of %s.", self._settings.group)
                await asyncio.sleep(backoff.delay())
                continue
            backoff.reset()
            if pause > 0:
                try:
                    async with asyncio.timeout(pause):
                        await self._nearer.wait()
                except TimeoutError:
                    pass

    def stop(self) -> None:
        """`run` ends after the timers in hand."""
        self._stopping = True
        self._nearer.set()

    async def _turn(self) -> float:
        """Handles what is due; returns seconds until the next look."""
        held = list(self._leases.held.values())
        limit = self._settings.batch_size + len(self._failing)
        now_ms = self._clock_ms()
        replies = await send_many(
            self._client,
            [("ZRANGE", keys.timers_key(one.partition, self._settings.group), 0, limit - 1, "WITHSCORES") for one in held],
        )
        pause = LONGEST_SLEEP_SECONDS
        for one, reply in zip(held, replies, strict=True):
            if isinstance(reply, Exception):
                raise reply
            timers = [DueTimer(one.partition, name.decode(), int(float(due))) for name, due in _pairs(reply)]
            due = [timer for timer in timers if timer.due_ms <= now_ms]
            standing = {timer.name for timer in due}
            for place in [place for place in self._failing if place[0] == one.partition and place[1] not in standing]:
                del self._failing[place]  # moved or cancelled by a message
            if len(due) < len(timers):
                pause = min(pause, max(0.001, (timers[len(due)].due_ms - now_ms) / 1000))
            now = time.monotonic()
            ready = [timer for timer in due if self._not_before(timer) <= now]
            if ready:
                await self._handle(one, ready)
                pause = 0 if len(timers) == limit else min(pause, 0.05)
        return pause

    def _not_before(self, timer: DueTimer) -> float:
        failing = self._failing.get((timer.partition, timer.name))
        return failing.not_before if failing else 0.0

    async def _handle(self, held: Held, timers: Sequence[DueTimer]) -> None:
        async with held.lock:
            if held.lost:
                return
            state = PartitionState(self._client, held.partition, self._settings.group, await self._references())
            results = await self._results(timers, state)
            committed: list[DueTimer] = []
            effects: list[Effects] = []
            for timer, result in zip(timers, results, strict=True):
                if isinstance(result, Exception) and is_outside(result):
                    self._postpone(timer)
                    continue
                effect = self._failed(timer, result) if isinstance(result, Exception) else result
                if effect is not None:
                    committed.append(timer)
                    effects.append(effect)
            await self._commit(held, committed, effects)
            if any(effect.timers for effect in effects):
                self.wake()

    async def _results(self, timers: Sequence[DueTimer], state: PartitionState) -> Sequence[Effects | Exception]:
        try:
            results = await self._handler(timers, state)
            if len(results) != len(timers):
                raise RuntimeError(f"The timer handler returned {len(results)} results for {len(timers)} timers.")
            return results
        except Exception as error:
            if len(timers) == 1 or is_outside(error):
                return [error] * len(timers)
            return [result for timer in timers for result in await self._results([timer], state)]

    async def _commit(self, held: Held, timers: Sequence[DueTimer], effects: Sequence[Effects]) -> None:
        """A timer whose effects cannot be written is tried again, and given up in a second call."""
        given_up: dict[DueTimer, Effects] = {}
        for timer, status in await self._fire(held, timers, effects):
            if refuses_writes(status):
                self._postpone(timer)
            elif (letter := self._failed(timer, CommitFailed(status))) is not None:
                given_up[timer] = letter
        for timer, status in await self._fire(held, list(given_up), list(given_up.values())):
            log.error("The dead letter of timer %s cannot be written: %s", timer.name, status)
            self._postpone(timer)

    async def _fire(self, held: Held, timers: Sequence[DueTimer], effects: Sequence[Effects]) -> list[tuple[DueTimer, str]]:
        """Returns those that failed, each with the error."""
        if not timers:
            return []
        try:
            statuses = await fire(self._client, self._settings.group, held.token, held.partition, timers, effects)
        except Fenced:
            self._leases.lose(held)
            return []
        failed: list[tuple[DueTimer, str]] = []
        for timer, status in zip(timers, statuses, strict=True):
            if status in (DONE, GONE):
                self._failing.pop((timer.partition, timer.name), None)
                self._handled[status].inc()
            else:
                failed.append((timer, status))
        return failed

    def _postpone(self, timer: DueTimer) -> _Failing:
        failing = self._failing.setdefault((timer.partition, timer.name), _Failing())
        failing.not_before = time.monotonic() + failing.backoff.delay()
        return failing

    def _failed(self, timer: DueTimer, error: Exception) -> Effects | None:
        """None where the timer is tried again, else its dead letter."""
        failing = self._postpone(timer)
        failing.attempts += 1
        if failing.attempts < self._settings.max_deliveries:
            log.warning("Timer %s: %s: %s; it is tried again.", timer.name, type(error).__name__, error)
            self._handled["retried"].inc()
            return None
        log.error("Timer %s goes to the dead letters: %s: %s", timer.name, type(error).__name__, error)
        self._handled["dead_lettered"].inc()
        original = orjson.dumps({"name": timer.name, "due_ms": timer.due_ms})
        letter = dead_letter(
            self._settings.group, TIMERS, timer.partition, f"{timer.due_ms}-0", original, error, failing.attempts, self._clock_ms()
        )
        return Effects(outputs=[("dead-letters", letter)])


async def set_timers(client: Client, group: str, partition: int, timers: Sequence[Timer]) -> None:
    """Asks for turns of the timer handler; not fenced."""
    key = keys.timers_key(partition, group)
    replies = await send_many(
        client,
        [("ZREM", key, timer.name) if timer.due_ms is None else ("ZADD", key, timer.due_ms, timer.name) for timer in timers],
    )
    for reply in replies:
        if isinstance(reply, Exception):
            raise reply


def _pairs(reply: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    return list(zip(reply[::2], reply[1::2], strict=True))
