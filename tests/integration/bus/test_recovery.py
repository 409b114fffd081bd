"""What a predecessor, or an accident, left behind."""

import logging

import pytest
import redis

from shared.bus import keys
from shared.bus.types import Effects
from tests.integration.bus.conftest import Seen, events_of, pending, put, running, until


def commands(client: redis.Redis, name: str) -> int:
    return int(client.info("commandstats").get(f"cmdstat_{name}", {"calls": 0})["calls"])


def leave_pending(client: redis.Redis, *events: bytes) -> None:
    """What a consumer that is no more had read."""
    ids = put(client, *events)
    client.xgroup_create("{p0}:orders", "screening", "0")
    client.xreadgroup("screening", "elsewhere:gone", {"{p0}:orders": ">"}, count=len(ids))


async def test_what_was_left_pending_comes_first_and_in_order(url: str, client: redis.Redis) -> None:
    leave_pending(client, b"1", b"2", b"3")
    put(client, b"4")
    seen = Seen()
    async with running(url, seen.handle):
        await until(lambda: len(seen.events) == 4, "all are handled")
        await until(lambda: pending(client) == 0, "all are committed")
    assert seen.events == [b"1", b"2", b"3", b"4"]
    assert [delivery.deliveries for delivery in seen.deliveries] == [2, 2, 2, 1]


async def test_more_than_a_batch_left_pending_is_worked_off_before_anything_new(url: str, client: redis.Redis) -> None:
    leave_pending(client, *(b"%d" % number for number in range(50)))
    put(client, b"50")
    seen = Seen()
    async with running(url, seen.handle, batch_size=8):
        await until(lambda: len(seen.events) == 51, "all are handled")
    assert seen.events == [b"%d" % number for number in range(51)]


async def test_entries_that_vanished_are_acknowledged_and_said(url: str, client: redis.Redis, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    leave_pending(client, b"1", b"2", b"3")
    first = client.xrange("{p0}:orders")[0][0]
    client.xdel("{p0}:orders", first)
    seen = Seen()
    async with running(url, seen.handle):
        await until(lambda: len(seen.events) == 2 and pending(client) == 0, "the others are handled")
    assert seen.events == [b"2", b"3"]
    assert "1 entries of {p0}:orders vanished" in caplog.text


async def test_an_entry_found_unfinished_too_often_is_given_up(url: str, client: redis.Redis) -> None:
    leave_pending(client, b"killer", b"2")
    killer = client.xrange("{p0}:orders")[0][0]
    client.xclaim("{p0}:orders", "screening", "elsewhere:gone", 0, [killer], retrycount=10, justid=True)
    seen = Seen()
    async with running(url, seen.handle):
        await until(lambda: pending(client) == 0, "nothing is pending")
    assert seen.events == [b"2"]
    (letter,) = events_of(client, "dead-letters")
    assert b"seems to end the process" in letter


async def test_a_handler_that_backs_off_is_no_killer(url: str, client: redis.Redis) -> None:
    """An outage that lasts over many restarts must not end in dead letters."""
    leave_pending(client, b"1")
    entry = client.xrange("{p0}:orders")[0][0]
    client.xclaim("{p0}:orders", "screening", "elsewhere:gone", 0, [entry], retrycount=9, justid=True)

    async def away(deliveries, state):
        raise OSError("the database is away")

    async with running(url, away):
        await until(
            lambda: client.xpending_range("{p0}:orders", "screening", "-", "+", 1)[0]["times_delivered"] == 1, "the count starts anew"
        )
    assert events_of(client, "dead-letters") == []


async def test_consumers_of_dead_processes_are_forgotten_and_those_with_pending_entries_are_not(url: str, client: redis.Redis) -> None:
    seen = Seen()
    async with running(url, seen.handle) as bus:
        here = bus.consumer.rsplit(":", 3)[0]
    client.xgroup_createconsumer("{p0}:orders", "screening", f"{here}:999999999:1:abcd")
    client.xgroup_createconsumer("{p0}:orders", "screening", "other-host:1.2:3:4:abcd")
    async with running(url, seen.handle):
        await until(lambda: f"{here}:999999999:1:abcd" not in names(client), "the dead one is forgotten")
    assert names(client) == ["other-host:1.2:3:4:abcd"]


def names(client: redis.Redis) -> list[str]:
    return [consumer["name"].decode() for consumer in client.xinfo_consumers("{p0}:orders", "screening")]


async def test_a_destroyed_group_goes_on_behind_what_it_had_finished(
    url: str, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    seen = Seen()
    async with running(url, seen.handle):
        put(client, b"1", b"2")
        await until(lambda: pending(client) == 0 and len(seen.events) == 2, "both are done")
        client.xgroup_destroy("{p0}:orders", "screening")
        put(client, b"3")
        await until(lambda: len(events_of(client, "screenings")) == 3, "it goes on")
        assert pending(client) == 0
    assert events_of(client, "screenings") == [b"1", b"2", b"3"]
    assert "Group screening on {p0}:orders was lost; it goes on behind" in caplog.text


async def test_a_group_destroyed_while_a_batch_is_in_hand_loses_and_doubles_nothing(url: str, client: redis.Redis) -> None:
    destroyed = False

    async def handle(deliveries, state):
        nonlocal destroyed
        if not destroyed:
            destroyed = True
            client.xgroup_destroy("{p0}:orders", "screening")
        return [Effects(outputs=[("screenings", delivery.event)]) for delivery in deliveries]

    put(client, b"1", b"2", b"3")
    async with running(url, handle):
        await until(lambda: len(events_of(client, "screenings")) == 3, "all took effect")
        put(client, b"4")
        await until(lambda: len(events_of(client, "screenings")) == 4, "it goes on")
    assert events_of(client, "screenings") == [b"1", b"2", b"3", b"4"]


async def test_after_flushall_the_service_goes_on_without_a_hot_loop(url: str, client: redis.Redis) -> None:
    seen = Seen()
    async with running(url, seen.handle, lease_seconds=0.4) as bus:
        put(client, b"1")
        await until(lambda: len(seen.events) == 1, "it works")
        client.flushall()
        client.config_resetstat()
        put(client, b"2")
        await until(lambda: events_of(client, "screenings") == [b"2"], "it goes on")
        assert commands(client, "xreadgroup") < 60
        assert commands(client, "xgroup|create") + commands(client, "xgroup") < 20
        assert (await bus.health()).ready
    assert pending(client) == 0


async def test_a_key_of_the_wrong_type_in_a_streams_place_is_no_hot_loop(redis_url: str, redis_client: redis.Redis) -> None:
    seen = Seen()
    async with running(redis_url, seen.handle):
        put(redis_client, b"1")
        await until(lambda: len(seen.events) == 1, "it works")
        redis_client.delete("{p0}:orders")
        redis_client.set("{p0}:orders", "no stream")
        redis_client.config_resetstat()
        await until(lambda: commands(redis_client, "xreadgroup") + commands(redis_client, "xpending") >= 4, "it tries again")
        assert commands(redis_client, "xreadgroup") + commands(redis_client, "xpending") < 20
        redis_client.delete("{p0}:orders")
        put(redis_client, b"2")
        await until(lambda: seen.events[-1] == b"2", "it goes on by itself")


async def test_groups_begin_at_the_first_entry(url: str, client: redis.Redis) -> None:
    put(client, b"before anybody listened")
    seen = Seen()
    async with running(url, seen.handle):
        await until(lambda: seen.events == [b"before anybody listened"], "it is handled")
    assert client.exists(keys.positions_key(0, "screening"))
