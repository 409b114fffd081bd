"""Figures per stream and group, where the server reports them and where it does not; and what intake makes of them."""

import asyncio

import pytest
import redis

from shared.bus.types import GroupStatus
from tests.integration.bus.conftest import Seen, put, running, until
from tests.support.waiting import wait_until_async


async def row(bus, stream: str = "orders", group: str = "screening") -> GroupStatus:
    (found,) = [one for one in await bus.status() if (one.stream, one.group) == (stream, group)]
    return found


async def test_lag_and_pending_are_told_on_every_server(url: str, client: redis.Redis) -> None:
    for partition in range(2):
        client.xgroup_create(f"{{p{partition}}}:orders", "screening", "0", mkstream=True)
    async with running(url, group="gateway", partitions=2) as bus:
        assert await row(bus) == GroupStatus("orders", "screening", 0, 0, 0.0, 0.0, 0, 0, 0)
        put(client, *(b"%d" % number for number in range(25)), partition=0)
        put(client, *(b"%d" % number for number in range(5)), partition=1)
        client.xreadgroup("screening", "me", {"{p0}:orders": ">"}, count=10)
        client.xreadgroup("screening", "me", {"{p0}:orders": "0"}, count=3)
        one = await row(bus)
    assert (one.lag, one.pending, one.length, one.deliveries) == (20, 10, 30, 2)
    assert 0 < one.oldest_pending_seconds < 5
    assert 0 < one.oldest_undelivered_seconds < 5


@pytest.mark.parametrize("undelivered", [31, 32, 33, 63, 65, 5_000])
async def test_a_lag_that_is_not_told_is_counted_where_short_and_estimated_where_long(
    url: str, client: redis.Redis, undelivered: int
) -> None:
    """An XDEL makes Redis 7 forget the lag; 6.2 never tells it."""
    client.xgroup_create("{p0}:orders", "screening", "0", mkstream=True)
    with client.pipeline(transaction=False) as pipeline:
        for number in range(undelivered + 2):
            pipeline.xadd("{p0}:orders", {"event": b"x"}, id=f"{1_700_000_000_000 + 3 * number}-0")
        pipeline.execute()
    client.xreadgroup("screening", "me", {"{p0}:orders": ">"}, count=1)
    client.xdel("{p0}:orders", f"{1_700_000_000_003}-0")
    async with running(url, group="gateway") as bus:
        lag = (await row(bus)).lag
    assert lag is not None
    assert lag == undelivered if undelivered < 64 else abs(lag - undelivered) < 0.1 * undelivered


async def test_intake_is_refused_while_a_group_is_far_behind(url: str, client: redis.Redis) -> None:
    seen = Seen()
    client.xgroup_create("{p0}:orders", "screening", "0", mkstream=True)
    async with running(url, group="gateway", backlog_limit=10) as bus:
        assert (await bus.pressure()).accepting
        put(client, *(b"%d" % number for number in range(12)))

        async def accepting() -> bool:
            return (await bus.pressure()).accepting

        async def refusing() -> bool:
            return not await accepting()

        await wait_until_async(refusing, "the next look notices")
        pressure = await bus.pressure()
        assert pressure.reason == "screening has 12 messages of orders to finish first; intake goes on below 10."
        assert pressure.retry_after_seconds > 0
        async with running(url, seen.handle):
            await until(lambda: len(seen.events) == 12, "it catches up")
        await wait_until_async(accepting, "intake goes on")


async def test_many_who_ask_at_once_cost_one_look(url: str, client: redis.Redis) -> None:
    async with running(url, group="gateway") as bus:
        client.config_resetstat()
        await asyncio.gather(*(bus.pressure() for _ in range(200)))
        assert client.info("commandstats")["cmdstat_info"]["calls"] <= 2
