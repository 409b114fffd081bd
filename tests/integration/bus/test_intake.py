"""Conditional writes from outside the streams."""

import asyncio

import pytest
import redis

from shared.bus import Bus, BusSettings, keys
from shared.bus.types import Append, BusUnavailable, Record, Write
from tests.integration.bus.conftest import events_of, running


def append(version: int, content: bytes = b"content", **more) -> Append:
    return Append("SAP/1000/4500001", "order:4500001", version, version + 1, content, outputs=(("orders", content),), **more)


async def test_it_writes_the_record_and_appends_the_event_or_does_neither(url: str, client: redis.Redis) -> None:
    async with running(url, group="gateway") as bus:
        assert await bus.append([append(0, b"first")]) == [True]
        assert await bus.append([append(0, b"again"), append(1, b"second"), append(5, b"from the future")]) == [False, True, False]
        assert await bus.records([("SAP/1000/4500001", "order:4500001"), ("SAP/1000/4500001", "order:none")]) == [
            Record(2, b"second"),
            None,
        ]
    assert events_of(client, "orders") == [b"first", b"second"]


async def test_under_contention_each_version_is_written_once(url: str, client: redis.Redis) -> None:
    done: list[int] = []

    async def contender(bus: Bus, name: int) -> None:
        for _ in range(20):
            while True:
                (record,) = await bus.records([("SAP/1000/4500001", "order:4500001")])
                version = record.version if record else 0
                (taken,) = await bus.append([append(version, b"%d by %d" % (version, name))])
                if taken:
                    done.append(version)
                    break

    async with running(url, group="gateway") as one, running(url, group="gateway") as two:
        await asyncio.gather(*(contender(bus, name) for name, bus in enumerate((one, two, one, two))))
    assert done == sorted(done) or sorted(done) == list(range(80))
    events = events_of(client, "orders")
    assert [int(event.split()[0]) for event in events] == list(range(80))


async def test_writes_travel_with_it_and_a_record_can_expire(url: str, client: redis.Redis) -> None:
    writes = (Write("SADD", "open", ("4500001",)), Write("PEXPIRE", "order:4500001", (60_000,)))
    async with running(url, group="gateway") as bus:
        assert await bus.append([append(0, writes=writes)]) == [True]
        assert client.smembers("{p0}:gateway:open") == {b"4500001"}
        assert 0 < client.pttl("{p0}:gateway:order:4500001") <= 60_000
        assert await bus.append([append(1)]) == [True]
        assert client.pttl("{p0}:gateway:order:4500001") == -1, "a new snapshot is open again"
        assert await bus.append([append(2, writes=(Write("DEL", "order:4500001"),))]) == [True]
        assert await bus.records([("SAP/1000/4500001", "order:4500001")]) == [None]
        assert await bus.append([append(0)]) == [True]


async def test_content_may_be_anything(url: str) -> None:
    async with running(url, group="gateway") as bus:
        for version, content in enumerate([b"", b"0:0", b"\x00\xff:\r\n", b"7" * 100]):
            assert await bus.append([append(version, content)]) == [True]
            assert await bus.records([("SAP/1000/4500001", "order:4500001")]) == [Record(version + 1, content)]


async def test_everything_lands_in_the_partition_of_its_key(url: str, client: redis.Redis) -> None:
    async with running(url, group="gateway", partitions=4) as bus:
        names = [f"SAP/1000/{number}" for number in range(40)]
        appends = [Append(name, name, 0, 1, b"", outputs=(("orders", name.encode()),)) for name in names]
        assert await bus.append(appends) == [True] * 40
        for partition in range(4):
            assert events_of(client, "orders", partition) == [n.encode() for n in names if bus.partition_of(n) == partition] != []


async def test_at_maxmemory_it_refuses_with_a_sentence_and_does_nothing(url: str, client: redis.Redis) -> None:
    async with running(url, group="gateway") as bus:
        await bus.append([append(0)])
        client.config_set("maxmemory", client.info("memory")["used_memory"] // 2)
        with pytest.raises(BusUnavailable, match=r"Taking in is not possible now.*maxmemory"):
            await bus.append([append(1)])
        with pytest.raises(BusUnavailable):
            await bus.append([Append("k", "r", 0, 1, b"")])
        pressure = await bus.pressure()
        assert not pressure.accepting
        client.config_set("maxmemory", 0)
        assert await bus.append([append(1)]) == [True]
    assert len(events_of(client, "orders")) == 2


@pytest.mark.parametrize("key", ["{p0}:alerts", "{p0}:gateway:order:4500001", "{p0}:gateway:open"])
async def test_a_key_of_the_wrong_type_stops_it_whole(url: str, client: redis.Redis, key: str) -> None:
    client.execute_command("HSET", key, "a", "hash")
    one = Append(
        "SAP/1000/4500001",
        "order:4500001",
        0,
        1,
        b"x",
        outputs=(("orders", b"x"), ("alerts", b"x")),
        writes=(Write("SADD", "open", ("x",)),),
    )
    async with running(url, group="gateway") as bus:
        with pytest.raises(redis.ResponseError, match="is a hash, not a"):
            await bus.append([one])
    assert events_of(client, "orders") == []


async def test_without_redis_it_says_so() -> None:
    bus = Bus(BusSettings(url="redis://127.0.0.1:1/0", group="gateway"))
    with pytest.raises(BusUnavailable, match="Taking in is not possible now"):
        await bus.append([append(0)])
    assert not (await bus.pressure()).accepting
    assert not (await bus.health()).ready
    await bus.stop()


async def test_a_reject_is_counted_among_the_dead_letters_of_who_refused_it(url: str, client: redis.Redis) -> None:
    letter = b'{"subject":"orders/gateway"}'
    async with running(url, group="gateway") as bus:
        await bus.append([Append("sha", "rejected:sha", 0, 1, b"", outputs=(("dead-letters", letter),))])
        (row,) = [row for row in await bus.status() if row.group == "gateway"]
    assert (row.stream, row.dead_letters, row.pending) == ("orders", 1, 0)
    assert client.hgetall(keys.dead_letter_counts_key(0)) == {b"orders/gateway": b"1"}
