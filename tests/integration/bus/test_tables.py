"""Tables and reference versions."""

import asyncio

import redis

from shared.bus import Bus, BusSettings
from shared.bus.types import Effects
from tests.integration.bus.conftest import Seen, events_of, put, running, until


async def test_a_table_keeps_rows(url: str) -> None:
    async with running(url, group="gateway") as bus:
        table = bus.table("items")
        assert (await table.count(), await table.get_many([]), [row async for row in table.scan()]) == (0, [], [])
        await table.put_many({"a": b"1", "b": b"\x00", "c": b""})
        assert await table.get_many(["c", "none", "a"]) == [b"", None, b"1"]
        await table.delete_many(["b", "none"])
        await table.delete_many([])
        await table.put_many({})
        assert sorted([row async for row in table.scan()]) == [("a", b"1"), ("c", b"")]
        assert await bus.table("suppliers").count() == 0


async def test_a_table_of_many_rows_is_written_read_and_scanned_in_pieces(url: str) -> None:
    rows = {f"item {number}": b"%d" % number for number in range(100_000)}
    async with running(url, group="gateway") as bus:
        table = bus.table("items")
        await table.put_many(rows)
        assert await table.count() == len(rows)
        assert await table.get_many(list(rows)[::7]) == list(rows.values())[::7]
        assert {name: value async for name, value in table.scan()} == rows


async def test_a_change_of_reference_data_is_announced_once_in_every_partition_and_every_batch_reads_the_version(
    url: str, client: redis.Redis
) -> None:
    versions = []

    async def handle(deliveries, state):
        versions.append(state.references.get("regulations"))
        return [Effects() for _ in deliveries]

    async with running(url, handle, partitions=3) as bus:
        await asyncio.gather(*(bus.announce_reference("regulations", "v1", b"changed to v1") for _ in range(5)))
        put(client, b"1")
        await until(lambda: versions == ["v1"], "the batch reads it")
        await bus.announce_reference("regulations", "v2", b"changed to v2")
        put(client, b"2")
        await until(lambda: versions == ["v1", "v2"], "the next batch reads the next one")
        await bus.announce_reference("parties", "p1", b"changed to p1")
        assert await bus.reference_versions() == {"regulations": "v2", "parties": "p1"}
    for partition in range(3):
        assert events_of(client, "reference-changes", partition) == [b"changed to v1", b"changed to v2", b"changed to p1"]


async def test_an_announcement_cut_off_is_completed_by_the_next_one(url: str, client: redis.Redis) -> None:
    bus = Bus(BusSettings(url=url, group="screening", partitions=3))
    await bus.announce_reference("regulations", "v1", b"v1")
    client.delete("{p1}:bus:announced", "{p1}:reference-changes")
    await bus.announce_reference("regulations", "v1", b"v1")
    await bus.stop()
    assert [events_of(client, "reference-changes", partition) for partition in range(3)] == [[b"v1"]] * 3


async def test_state_can_be_read_across_partitions_and_groups(url: str, client: redis.Redis) -> None:
    client.set("{p1}:ledger:name", "value")
    client.hset("{p1}:ledger:hash", mapping={"a": "1", "b": "2"})
    client.sadd("{p1}:ledger:set", "x", "y")
    client.zadd("{p1}:ledger:ranking", {"low": 1, "high": 2.5})
    async with running(url, Seen().handle, partitions=2) as bus:
        state = bus.state(1, "ledger")
        assert await state.get("name") == b"value"
        assert await state.get_many(["name", "none"]) == [b"value", None]
        assert await state.get_many([]) == []
        assert await state.hash_get_all("hash") == {b"a": b"1", b"b": b"2"}
        assert await state.hash_get_many("hash", ["b", "none"]) == [b"2", None]
        assert await state.set_members("set") == {b"x", b"y"}
        assert await state.sorted_range("ranking", 1.5, float("inf"), 10) == [(b"high", 2.5)]
        assert await bus.state(0).get("name") is None
