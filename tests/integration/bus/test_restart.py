"""Redis restarts, is away, or comes back with a torn file."""

import asyncio
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from shared.bus import Bus, BusSettings
from shared.bus.embedded import Server
from shared.bus.types import Append, BusUnavailable, Delivery, Effects, Write
from tests.integration.bus.conftest import Seen, events_of, pending, put, running, until
from tests.support.ports import free_port
from tests.support.redis_process import RedisProcess
from tests.support.waiting import wait_until_async


@pytest.fixture
def own_server(server: Server, tmp_path: Path) -> Iterator[RedisProcess]:
    """A server that the test may kill; it comes back on its data and under its address, as a real one does."""
    (tmp_path / "data").mkdir()
    own = RedisProcess(tmp_path / "data", free_port(), server=server)
    own.start()
    yield own
    own.stop()


async def test_the_client_is_back_within_two_seconds_and_nothing_is_lost_or_doubled(own_server: RedisProcess) -> None:
    url = own_server.url
    client = redis.Redis.from_url(url)
    events = [b"%d" % number for number in range(300)]
    seen = Seen()
    async with running(url, seen.handle, batch_size=7) as bus:
        for restart in range(3):
            put(client, *events[restart * 100 : restart * 100 + 50])
            await until(lambda: len(events_of(client, "screenings")) > restart * 100, "it is at work")  # noqa: B023
            own_server.kill()
            await asyncio.sleep(0.2)
            own_server.start()
            back = time.monotonic()
            put(client, *events[restart * 100 + 50 : restart * 100 + 100])
            await until(lambda: len(events_of(client, "screenings")) == (restart + 1) * 100, "it goes on")  # noqa: B023
            assert time.monotonic() - back < 2
        assert pending(client) == 0
        assert (await bus.health()).ready
    assert events_of(client, "screenings") == events
    client.close()


async def test_while_redis_is_away_nothing_hot_loops_and_health_says_so(own_server: RedisProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = 0
    connect = asyncio.get_running_loop().create_connection

    async def counted(*args, **kwargs):
        nonlocal attempts
        attempts += 1
        return await connect(*args, **kwargs)

    url = own_server.url
    seen = Seen()
    async with running(url, seen.handle, lease_seconds=0.4) as bus:
        client = redis.Redis.from_url(url)
        put(client, b"1")
        await until(lambda: seen.events == [b"1"], "it is at work")
        own_server.kill()
        monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", counted)
        await asyncio.sleep(1)
        # Reader, leases, timers and trimming, each from 50 ms up to once a second.
        assert 3 < attempts < 40
        health = await bus.health()
        assert not health.ready
        assert "Redis does not answer" in health.reasons[0]
        assert not (await bus.pressure()).accepting
        own_server.start()
        put(client, b"2")
        await until(lambda: seen.events[-1] == b"2", "it goes on by itself", seconds=3)
        client.close()


async def test_nothing_is_written_before_the_file_is_rewritten(own_server: RedisProcess) -> None:
    url = own_server.url
    client = redis.Redis.from_url(url)
    assert client.info("persistence")["aof_last_rewrite_time_sec"] == -1
    async with running(url, group="gateway") as bus:
        await bus.append([Append("k", "r", 0, 1, b"x", outputs=(("orders", b"1"),))])
        assert client.info("persistence")["aof_last_rewrite_time_sec"] >= 0
        own_server.kill()
        own_server.start()
        assert client.info("persistence")["aof_last_rewrite_time_sec"] == -1
        with pytest.raises(BusUnavailable):
            await bus.append([Append("k", "r", 1, 2, b"x", outputs=(("orders", b"lost with the connection"),))])
        await bus.append([Append("k", "r", 1, 2, b"x", outputs=(("orders", b"2"),))])
        assert client.info("persistence")["aof_last_rewrite_time_sec"] >= 0
    client.close()


async def test_without_an_append_only_file_there_is_nothing_to_wait_for(own_server: RedisProcess) -> None:
    url = own_server.url
    client = redis.Redis.from_url(url)
    client.config_set("appendonly", "no")
    async with running(url, group="gateway") as bus:
        assert await bus.append([Append("k", "r", 0, 1, b"x")]) == [True]
    assert client.info("persistence")["aof_last_rewrite_time_sec"] == -1
    client.close()


async def test_a_rewrite_that_fails_keeps_the_bus_closed_and_says_why(own_server: RedisProcess, tmp_path: Path) -> None:
    client = redis.Redis.from_url(own_server.url)
    shutil.rmtree(tmp_path / "data")
    bus = Bus(BusSettings(url=own_server.url, group="gateway"))

    async def told() -> bool:
        return any("could not rewrite its append-only file" in reason for reason in (await bus.health()).reasons)

    await wait_until_async(told, "health says so", seconds=5)
    assert not (await bus.pressure()).accepting
    with pytest.raises(BusUnavailable, match="could not rewrite"):
        await bus.append([Append("k", "r", 0, 1, b"x")])
    assert client.info("stats")["total_forks"] <= 2
    await bus.stop()
    client.close()


def append_only_file(directory: Path) -> Path:
    """The file that Redis writes to: from 7.0 on the last increment."""
    if (directory / "appendonly.aof").exists():
        return directory / "appendonly.aof"
    return max((directory / "appendonlydir").glob("*.incr.aof"), key=lambda path: int(path.name.split(".")[2]))


def do(delivery: Delivery) -> Effects:
    return Effects(outputs=[("screenings", delivery.event)], writes=[Write("SADD", "seen", (delivery.event,))])


async def worked_off(url: str, events: list[bytes]) -> None:
    """A service runs; whoever had no answer sends again."""
    client = redis.Redis.from_url(url)
    async with running(url, Seen(do=do).handle):
        kept = events_of(client, "orders")
        assert kept == events[: len(kept)]
        put(client, *events[len(kept) :])
        await until(lambda: len(events_of(client, "screenings")) >= len(events) and pending(client) == 0, "all took effect")
    client.close()


def balanced(url: str, events: list[bytes]) -> None:
    client = redis.Redis.from_url(url)
    assert events_of(client, "screenings") == events
    assert client.smembers("{p0}:screening:seen") == set(events)
    assert pending(client) == 0
    client.close()


async def test_a_file_cut_at_any_byte_of_its_tail_then_two_restarts_lose_and_double_nothing(server: Server, tmp_path: Path) -> None:
    """The last commit is torn; what is acknowledged after the first restart must still be there, once, after the second."""
    events = [b"1", b"2", b"3", b"4", b"5"]
    whole = tmp_path / "whole"
    whole.mkdir()
    own = RedisProcess(whole, free_port(), server=server)
    own.start()
    client = redis.Redis.from_url(own.url)
    async with running(own.url, Seen(do=do).handle):
        put(client, *events[:3])
        await until(lambda: len(events_of(client, "screenings")) == 3 and pending(client) == 0, "three are done")
        before = append_only_file(whole).stat().st_size
        put(client, events[3])
        await until(lambda: len(events_of(client, "screenings")) == 4 and pending(client) == 0, "the fourth is done")
        own.kill()
    client.close()
    tail = append_only_file(whole).stat().st_size - before
    assert tail > 400
    for cut in cuts(tail):
        torn = tmp_path / f"torn-{cut}"
        shutil.copytree(whole, torn)
        with append_only_file(torn).open("r+b") as file:
            file.truncate(before + cut)
        again = RedisProcess(torn, free_port(), server=server)
        try:
            again.start()
            await worked_off(again.url, events)
            balanced(again.url, events)
            again.kill()
            again.start()
            balanced(again.url, events)
            await worked_off(again.url, events)
            balanced(again.url, events)
        finally:
            again.stop()
        shutil.rmtree(torn)


def cuts(tail: int) -> list[int]:
    """Every byte would take minutes (`ORESTREAM_EVERY_CUT=1` does it): both ends and a prime step between them."""
    if os.environ.get("ORESTREAM_EVERY_CUT"):
        return list(range(tail))
    return sorted({*range(1, tail, 149), tail - 1})
