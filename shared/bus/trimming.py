"""Keeps streams short: what every group has finished goes after the replay window."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from redis.exceptions import RedisError

from shared.bus import keys
from shared.bus.connection import Backoff, Client, first_error, script
from shared.bus.leases import Leases
from shared.bus.settings import BusSettings

log = logging.getLogger(__name__)


async def trim(client: Client, partitions: Sequence[int], streams: Sequence[str], keep_from_ms: int) -> int:
    """How many entries went; about one node of a stream (100 entries) more than asked for may stay."""
    replies = await script("trim").run_many(
        client, [((keys.stream_key(partition, stream),), (f"{max(0, keep_from_ms)}-0",)) for partition in partitions for stream in streams]
    )
    if error := first_error(replies):
        raise error
    return sum(replies)


async def keep_trimming(client: Client, settings: BusSettings, leases: Leases, streams: Sequence[str], clock_ms: Callable[[], int]) -> None:
    """For ever, in the partitions held; where memory is short the replay window is given up, unfinished entries never are."""
    backoff = Backoff()
    while True:
        try:
            window_ms = 0 if await memory_share(client) > settings.memory_limit_share else int(settings.replay_window_seconds * 1000)
            await trim(client, list(leases.held), streams, clock_ms() - window_ms)
        except (RedisError, OSError) as error:
            log.warning("Trimming for %s failed: %s", settings.group, error)
            await asyncio.sleep(backoff.delay())
        else:
            backoff.reset()
            await asyncio.sleep(settings.trim_interval_seconds)


async def memory_share(client: Client) -> float:
    """Share of `maxmemory` in use on the fullest server, 0 where it is unlimited."""
    reply = await client.info("memory")
    servers = [reply] if "used_memory" in reply else list(reply.values())
    return max((server["used_memory"] / server["maxmemory"] if server.get("maxmemory") else 0.0) for server in servers)
