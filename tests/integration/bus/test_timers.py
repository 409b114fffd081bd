"""Timers fire once, in their partition, at their time."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
import redis

from shared.bus import Bus, BusSettings, keys
from shared.bus.types import DueTimer, Effects, State, Timer, TryAgain, Write
from shared.contracts.dead_letter import DeadLetterEvent
from tests.integration.bus.conftest import Seen, events_of, put, until


def now_ms() -> int:
    return int(time.time() * 1000)


class Fired:
    """What fired, and what it does."""

    def __init__(self, do: Callable[[DueTimer], Effects] | None = None) -> None:
        self.timers: list[DueTimer] = []
        self._do = do or (lambda timer: Effects(outputs=[("alerts", timer.name.encode())]))

    async def handle(self, timers: Sequence[DueTimer], state: State) -> list[Effects | Exception]:
        results: list[Effects | Exception] = []
        for timer in timers:
            self.timers.append(timer)
            try:
                results.append(self._do(timer))
            except Exception as error:
                results.append(error)
        return results


@asynccontextmanager
async def timing(url: str, fired: Fired, seen: Seen | None = None, **options) -> AsyncIterator[Bus]:
    bus = Bus(BusSettings(url=url, group="ledger", **options))
    if seen is not None:
        bus.on("orders", seen.handle)
    bus.on_timer(fired.handle)
    await bus.start()
    try:
        yield bus
    finally:
        await bus.stop()


async def test_a_timer_set_by_a_message_fires_once_and_soon(url: str, client: redis.Redis) -> None:
    due = now_ms() + 60
    seen = Seen(do=lambda delivery: Effects(timers=[Timer("deadline", due)]))
    fired = Fired()
    async with timing(url, fired, seen):
        put(client, b"one")
        await until(lambda: events_of(client, "alerts"), "it fires")
        late_ms = now_ms() - due
    assert fired.timers == [DueTimer(0, "deadline", due)]
    assert events_of(client, "alerts") == [b"deadline"]
    assert client.zcard(keys.timers_key(0, "ledger")) == 0
    assert late_ms < 200


async def test_a_nearer_timer_wakes_the_loop(url: str, client: redis.Redis) -> None:
    fired = Fired()
    async with timing(url, fired) as bus:
        await bus.set_timers(0, [Timer("far", now_ms() + 3_600_000)])
        await bus.set_timers(0, [Timer("near", now_ms() + 20)])
        await until(lambda: fired.timers, "the near one fires")
        late_ms = now_ms() - fired.timers[0].due_ms
    assert fired.timers[0].name == "near"
    assert late_ms < 150


async def test_moved_and_cancelled_timers_do_as_they_are_told_last(url: str, client: redis.Redis) -> None:
    fired = Fired()
    soon = now_ms() + 30
    async with timing(url, fired) as bus:
        await bus.set_timers(0, [Timer("moved", soon), Timer("cancelled", soon), Timer("stays", soon)])
        await bus.set_timers(0, [Timer("moved", soon + 100), Timer("cancelled", None)])
        await until(lambda: len(fired.timers) == 2, "two fire")
    assert fired.timers == [DueTimer(0, "stays", soon), DueTimer(0, "moved", soon + 100)]


async def test_a_timer_may_arm_itself_again(url: str, client: redis.Redis) -> None:
    def again(timer: DueTimer) -> Effects:
        timers = [Timer(timer.name, timer.due_ms + 10)] if timer.due_ms < first + 50 else []
        return Effects(outputs=[("alerts", b"tick")], timers=timers)

    first = now_ms()
    async with timing(url, Fired(again)) as bus:
        await bus.set_timers(0, [Timer("clock", first)])
        await until(lambda: len(events_of(client, "alerts")) == 6, "it ticks")
        await until(lambda: client.zcard(keys.timers_key(0, "ledger")) == 0, "and ends")
    assert len(events_of(client, "alerts")) == 6


async def test_a_timer_fires_once_though_two_consumers_fight_for_it(url: str, client: redis.Redis) -> None:
    one, two = Fired(), Fired()
    async with timing(url, one, lease_seconds=0.2) as first, timing(url, two, lease_seconds=0.2) as second:
        for turn in range(10):
            await first.set_timers(0, [Timer(f"{turn}-{number}", now_ms()) for number in range(5)])
            client.delete(keys.lease_key(0, "ledger"), keys.members_key("ledger"))
            await asyncio.gather(*(bus.leases.turn() for bus in (first, second) if bus.leases is not None))
        await until(lambda: client.zcard(keys.timers_key(0, "ledger")) == 0, "all fired")
    assert sorted(events_of(client, "alerts")) == sorted(f"{turn}-{number}".encode() for turn in range(10) for number in range(5))


async def test_handlers_and_timers_of_a_partition_never_run_at_the_same_time(url: str, client: redis.Redis) -> None:
    inside = 0
    most = 0

    async def busy() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.002)
        inside -= 1

    async def handle(deliveries, state):
        await busy()
        return [Effects(timers=[Timer(delivery.event.decode(), now_ms())]) for delivery in deliveries]

    async def on_timer(timers, state):
        await busy()
        return [Effects(outputs=[("alerts", timer.name.encode())]) for timer in timers]

    bus = Bus(BusSettings(url=url, group="ledger"))
    bus.on("orders", handle)
    bus.on("prices", handle)
    bus.on_timer(on_timer)
    await bus.start()
    for number in range(60):
        put(client, b"order %d" % number)
        put(client, b"price %d" % number, stream="prices")
        await asyncio.sleep(0)
    await until(lambda: len(events_of(client, "alerts")) == 120, "all fired")
    await bus.stop()
    assert most == 1


async def test_a_failing_timer_is_tried_again_then_given_up_and_holds_up_no_other(url: str, client: redis.Redis) -> None:
    def do(timer: DueTimer) -> Effects:
        if timer.name == "bad":
            raise RuntimeError("no")
        return Effects(outputs=[("alerts", timer.name.encode())])

    fired = Fired(do)
    due = now_ms()
    async with timing(url, fired) as bus:
        await bus.set_timers(0, [Timer("bad", due), Timer("good", due)])
        await until(lambda: events_of(client, "dead-letters"), "it is given up")
    assert events_of(client, "alerts") == [b"good"]
    assert [timer.name for timer in fired.timers].count("bad") == 3
    letter = DeadLetterEvent.model_validate_json(events_of(client, "dead-letters")[0]).data
    assert (letter.stream, letter.group, letter.deliveries, letter.error) == ("timers", "ledger", 3, "no")
    assert letter.original == b'{"name":"bad","due_ms":%d}' % due
    assert client.zcard(keys.timers_key(0, "ledger")) == 0


async def test_a_timer_waits_while_something_outside_is_away(redis_url: str, redis_client: redis.Redis) -> None:
    attempts = 0

    def do(timer: DueTimer) -> Effects:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise TryAgain("the database is away")
        return Effects(outputs=[("alerts", b"done")])

    async with timing(redis_url, Fired(do)) as bus:
        await bus.set_timers(0, [Timer("one", now_ms())])
        await until(lambda: events_of(redis_client, "alerts") == [b"done"], "it is done in the end")
    assert events_of(redis_client, "dead-letters") == []


@pytest.mark.parametrize("effects", [Effects(writes=[Write("HSET", "h", ())]), Effects(writes=[Write("SADD", "text", ("x",))])])
async def test_effects_of_a_timer_that_cannot_be_written_are_its_failure(
    redis_url: str, redis_client: redis.Redis, effects: Effects
) -> None:
    redis_client.set("{p0}:ledger:text", "x")
    async with timing(redis_url, Fired(lambda timer: effects)) as bus:
        await bus.set_timers(0, [Timer("one", now_ms())])
        await until(lambda: redis_client.zcard(keys.timers_key(0, "ledger")) == 0, "it is given up")
    assert len(events_of(redis_client, "dead-letters")) == 1
