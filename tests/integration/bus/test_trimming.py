"""Trimming drops what every group has finished, and nothing else."""

from collections.abc import Iterator

import pytest
import redis

from shared.bus.connection import connect
from shared.bus.restart import RestartGuard
from shared.bus.settings import BusSettings
from shared.bus.trimming import trim
from tests.integration.bus.conftest import Seen, events_of, put, running, until

FOR_EVER = 2**60
"""No replay window: everything finished may go."""


@pytest.fixture(autouse=True)
def exact(client: redis.Redis) -> Iterator[None]:
    """Streams are trimmed by whole nodes: with one entry each, the trimming is exact."""
    client.config_set("stream-node-max-entries", 1)
    yield
    client.config_set("stream-node-max-entries", 100)


async def trimmed(url: str, keep_from_ms: int = FOR_EVER) -> int:
    bus_client = connect(BusSettings(url=url, group="janitor"), RestartGuard().on_connect)
    try:
        return await trim(bus_client, [0], ["orders"], keep_from_ms)
    finally:
        await bus_client.aclose()


def read(client: redis.Redis, group: str, count: int) -> list[bytes]:
    ((_, entries),) = client.xreadgroup(group, "me", {"{p0}:orders": ">"}, count=count)
    return [entry_id for entry_id, _ in entries]


async def test_it_stops_before_the_oldest_unfinished_entry_of_any_group(url: str, client: redis.Redis) -> None:
    ids = put(client, *(b"%d" % number for number in range(20)))
    for group in ("fast", "slow", "not begun"):
        client.xgroup_create("{p0}:orders", group, "0")
    fast = read(client, "fast", 20)
    client.xack("{p0}:orders", "fast", *fast)
    slow = read(client, "slow", 15)
    client.xack("{p0}:orders", "slow", *(entry for entry in slow if entry not in (slow[7], slow[12])))
    assert await trimmed(url) == 0, "one group has not read anything"
    client.xgroup_destroy("{p0}:orders", "not begun")
    assert await trimmed(url) == 7
    assert client.xrange("{p0}:orders")[0][0] == ids[7] == slow[7]
    client.xack("{p0}:orders", "slow", slow[7], slow[12])
    await trimmed(url)
    assert client.xrange("{p0}:orders")[0][0] == ids[14], "the last one it read; the next ones it has yet to read"


async def test_what_lies_within_the_replay_window_stays(url: str, client: redis.Redis) -> None:
    for ms in (1_000, 2_000, 3_000, 4_000):
        client.xadd("{p0}:orders", {"event": str(ms)}, id=f"{ms}-1")
    client.xgroup_create("{p0}:orders", "screening", "$")
    assert await trimmed(url, keep_from_ms=2_500) == 2
    assert events_of(client, "orders") == [b"3000", b"4000"]


async def test_a_stream_that_no_group_reads_is_kept(url: str, client: redis.Redis) -> None:
    put(client, b"1", b"2")
    assert await trimmed(url) == 0
    client.delete("{p0}:orders")
    assert await trimmed(url) == 0


async def test_a_running_bus_trims_what_it_has_finished(url: str, client: redis.Redis) -> None:
    seen = Seen()
    async with running(url, seen.handle, replay_window_seconds=0, trim_interval_seconds=0.02):
        put(client, *(b"%d" % number for number in range(200)))
        await until(lambda: len(seen.events) == 200, "all are handled")
        await until(lambda: client.xlen("{p0}:orders") <= 1, "what is finished goes")
    assert len(events_of(client, "screenings")) == 200, "nobody reads these yet"


async def test_where_memory_is_short_the_replay_window_is_given_up(url: str, client: redis.Redis) -> None:
    seen = Seen()
    async with running(url, seen.handle, replay_window_seconds=3600, trim_interval_seconds=0.02):
        put(client, *(b"%d" % number for number in range(50)))
        await until(lambda: len(events_of(client, "screenings")) == 50, "all are handled")
        assert client.xlen("{p0}:orders") == 50
        client.config_set("maxmemory", int(client.info("memory")["used_memory"] * 1.1))
        await until(lambda: client.xlen("{p0}:orders") <= 1, "what is finished goes")
