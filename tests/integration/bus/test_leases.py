"""One writer per partition, whoever lives, wakes up late or dies."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
import redis

from shared.bus import Bus, BusSettings, keys
from shared.bus.types import Delivery, Effects, Write
from tests.integration.bus.conftest import Seen, events_of, pending, put, running, until
from tests.support.waiting import wait_until


def holder(client: redis.Redis, partition: int = 0, group: str = "screening") -> bytes | None:
    return client.get(keys.lease_key(partition, group))


async def test_two_consumers_fighting_for_a_partition_have_one_effect_per_message(url: str, client: redis.Redis) -> None:
    """Both are made to believe, again and again, that they hold it."""
    events = [b"%d" % number for number in range(200)]
    seen = (Seen(), Seen())
    async with (
        running(url, seen[0].handle, batch_size=5, lease_seconds=0.2) as one,
        running(url, seen[1].handle, batch_size=5, lease_seconds=0.2) as two,
    ):
        for at in range(0, len(events), 20):
            put(client, *events[at : at + 20])
            client.delete(keys.lease_key(0, "screening"), keys.members_key("screening"))
            await asyncio.gather(*(bus.leases.turn() for bus in (one, two) if bus.leases is not None))
        await until(lambda: len(events_of(client, "screenings")) >= len(events), "all took effect", seconds=20)
        await until(lambda: pending(client) == 0, "nothing is pending")
    assert events_of(client, "screenings") == events


async def test_a_stale_consumer_waking_up_has_no_effect(url: str, client: redis.Redis) -> None:
    asleep, wake = asyncio.Event(), asyncio.Event()

    async def slow(deliveries, state):
        asleep.set()
        await wake.wait()
        return [Effects(outputs=[("screenings", b"stale")], writes=[Write("SET", "by", ("stale",))]) for _ in deliveries]

    def do(delivery: Delivery) -> Effects:
        return Effects(outputs=[("screenings", b"fresh")], writes=[Write("SET", "by", ("fresh",))])

    put(client, b"one")
    # It renews its lease every 15 s: long enough to be overtaken.
    async with running(url, slow, lease_seconds=60) as stale:
        await asleep.wait()
        # What a process that was stopped for longer than its lease comes back to.
        client.delete(keys.lease_key(0, "screening"), keys.members_key("screening"))
        async with running(url, Seen(do=do).handle) as fresh:
            assert fresh.leases is not None
            assert 0 in fresh.leases.held
            await until(lambda: events_of(client, "screenings") == [b"fresh"], "the new holder took it over")
            wake.set()
            await until(lambda: stale.leases is not None and 0 not in stale.leases.held, "the stale one notices")
            put(client, b"two")
            await until(lambda: events_of(client, "screenings") == [b"fresh"] * 2, "work goes on")
    assert client.get("{p0}:screening:by") == b"fresh"
    assert pending(client) == 0


async def test_what_a_stale_consumer_read_too_late_goes_first_and_is_not_lost(url: str, client: redis.Redis) -> None:
    seen = Seen()
    async with running(url, seen.handle):
        put(client, b"1")
        await until(lambda: pending(client) == 0 and seen.events == [b"1"], "the group is at work")
        holds_it = client.get(keys.epoch_key(0, "screening"))
        assert holds_it is not None
        with client.pipeline(transaction=True) as pipeline:
            # In one step, so that only the stale consumer can read it.
            pipeline.xadd("{p0}:orders", {"event": b"2"})
            pipeline.execute_command("XREADGROUP", "GROUP", "screening", "stale", "STREAMS", "{p0}:orders", ">")
            pipeline.xadd("{p0}:orders", {"event": b"3"})
            pipeline.execute()
        await until(lambda: len(events_of(client, "screenings")) == 3, "both took effect")
    assert events_of(client, "screenings") == [b"1", b"2", b"3"]
    assert pending(client) == 0


async def test_what_a_stale_consumer_read_is_found_though_nothing_follows(redis_url: str, redis_client: redis.Redis) -> None:
    seen = Seen()
    async with running(redis_url, seen.handle):
        put(redis_client, b"1")
        await until(lambda: pending(redis_client) == 0 and seen.events == [b"1"], "the group is at work")
        with redis_client.pipeline(transaction=True) as pipeline:
            pipeline.xadd("{p0}:orders", {"event": b"2"})
            pipeline.execute_command("XREADGROUP", "GROUP", "screening", "stale", "STREAMS", "{p0}:orders", ">")
            pipeline.execute()
        await until(lambda: events_of(redis_client, "screenings") == [b"1", b"2"], "it took effect")


async def test_partitions_are_shared_and_a_newcomer_gets_its_part(url: str, client: redis.Redis) -> None:
    seen = (Seen(), Seen())
    async with running(url, seen[0].handle, partitions=8, lease_seconds=0.4) as one:
        assert one.leases is not None
        assert len(one.leases.held) == 8
        async with running(url, seen[1].handle, partitions=8, lease_seconds=0.4) as two:
            assert two.leases is not None
            await until(lambda: len(one.leases.held) == 4 and len(two.leases.held) == 4, "they share")
            assert not set(one.leases.held) & set(two.leases.held)
            for partition in range(8):
                put(client, b"%d" % partition, partition=partition)
            await until(lambda: len(seen[0].events) == 4 and len(seen[1].events) == 4, "each handles its part")
        await until(lambda: len(one.leases.held) == 8, "the one who stays takes all")


async def test_a_graceful_stop_hands_over_at_once_and_leaves_no_consumer_behind(url: str, client: redis.Redis) -> None:
    first, second = Seen(), Seen()
    async with running(url, first.handle):
        put(client, b"one")
        await until(lambda: pending(client) == 0 and first.events, "it works")
    assert holder(client) is None
    assert client.xinfo_consumers("{p0}:orders", "screening") == []
    async with running(url, second.handle) as bus:
        assert bus.leases is not None
        assert 0 in bus.leases.held


async def test_a_stop_finishes_the_batch_in_hand(url: str, client: redis.Redis) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(deliveries, state):
        begun.set()
        await go_on.wait()
        return [Effects(outputs=[("screenings", delivery.event)]) for delivery in deliveries]

    put(client, b"one", b"two")
    bus = Bus(BusSettings(url=url, group="screening"))
    bus.on("orders", slow)
    await bus.start()
    await begun.wait()
    stopping = asyncio.create_task(bus.stop())
    await asyncio.sleep(0)
    go_on.set()
    await stopping
    assert events_of(client, "screenings") == [b"one", b"two"]
    assert pending(client) == 0


@pytest.mark.parametrize("dies_at", ["middle of the batch", "behind the commit"])
async def test_killed_with_9_the_next_one_takes_over_at_once_and_every_effect_is_there_once(
    redis_url: str, redis_client: redis.Redis, dies_at: str
) -> None:
    events = [b"%d" % number for number in range(300)]
    put(redis_client, *events)
    at = 150 if dies_at == "middle of the batch" else 128
    with consumers(redis_url, str(at)) as start:
        assert start().wait(30) == -signal.SIGKILL
    committed = len(events_of(redis_client, "screenings"))
    assert committed == 128
    seen = Seen()
    async with running(redis_url, seen.handle, lease_seconds=60):
        await until(lambda: len(events_of(redis_client, "screenings")) == len(events), "the rest took effect", seconds=5)
    assert events_of(redis_client, "screenings") == events
    assert seen.events == events[128:]
    assert seen.deliveries[0].deliveries == 2


async def test_a_message_that_kills_its_process_is_given_up_in_the_end_and_alone(redis_url: str, redis_client: redis.Redis) -> None:
    events = [b"%d" % number for number in range(20)]
    put(redis_client, *events)
    with consumers(redis_url, "7", "--max-interruptions", "3") as start:
        for _ in range(4):
            consumer = start()
            wait_until(partial(ended_or, consumer, lambda: events_of(redis_client, "dead-letters")), "it dies, or gives the message up")
            if consumer.poll() is None:
                break
        await until(lambda: len(events_of(redis_client, "screenings")) == 19, "the others took effect")
    assert events_of(redis_client, "screenings") == [event for event in events if event != b"7"]
    assert len(events_of(redis_client, "dead-letters")) == 1
    assert b"Interrupted" in events_of(redis_client, "dead-letters")[0]


def ended_or(consumer: subprocess.Popen[bytes], condition: Callable[[], object]) -> object:
    return consumer.poll() is not None or condition()


@contextmanager
def consumers(*arguments: str) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts consumers in processes of their own; none is left."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-m", "tests.integration.bus.dying_consumer", *arguments]))
        return started[-1]

    try:
        yield start
    finally:
        for consumer in started:
            consumer.kill()
            consumer.wait()
