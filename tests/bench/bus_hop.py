"""One hop: read a batch of `orders`, do nothing with it, emit one output per message, acknowledge. Ours beside a hand-written loop.

The floor is a redis-py loop as one would write it for speed: XREADGROUP of 100, then XADD and XACK of each message in one MULTI. It knows
no lease, no retry, no dead letter and no takeover. Both run on the same server with the same payloads, in turns; the median counts.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence

import redis
import redis.asyncio
import uvloop

from shared.bus import Bus, BusSettings
from shared.bus.embedded import EmbeddedRedis
from shared.bus.types import Delivery, Effects, State
from tests.bench.figure import Figure
from tests.support.orders import order_event

MESSAGES = 20_000
TURNS = 5
FLOOR_BATCH = 100


def run() -> list[Figure]:
    server = EmbeddedRedis(appendfsync="everysec")
    url = server.start()
    try:
        payloads = [order_event(number).encode() for number in range(MESSAGES)]
        rates: dict[str, list[float]] = {"bus_hop": [], "bus_hop_floor": [], "bus_hop_floor_asyncio": []}
        for _ in range(TURNS):
            rates["bus_hop_floor"].append(_turn(url, payloads, _floor))
            rates["bus_hop"].append(_turn(url, payloads, _ours))
            rates["bus_hop_floor_asyncio"].append(_turn(url, payloads, _floor_asyncio))
    finally:
        server.stop()
    median = {name: statistics.median(values) for name, values in rates.items()}
    floors = ("bus_hop_floor", "bus_hop_floor_asyncio")
    compared = (("bus_vs_floor", "bus_hop_floor"), ("bus_vs_floor_asyncio", "bus_hop_floor_asyncio"))
    return [
        *(Figure(name=name, value=median[name], unit="messages/s", compared_with=None, ratio=None) for name in floors),
        *(
            Figure(name=name, value=median["bus_hop"], unit="messages/s", compared_with=floor, ratio=median["bus_hop"] / median[floor])
            for name, floor in compared
        ),
    ]


def _turn(url: str, payloads: Sequence[bytes], hop: Callable[[str, int], Awaitable[float]]) -> float:
    client = redis.Redis.from_url(url)
    client.flushall()
    for at in range(0, len(payloads), 1000):
        pipeline = client.pipeline(transaction=False)
        for payload in payloads[at : at + 1000]:
            pipeline.xadd("{p0}:orders", {"event": payload})
        pipeline.execute()
    client.close()
    return len(payloads) / uvloop.run(hop(url, len(payloads)))


async def _ours(url: str, messages: int) -> float:
    bus = Bus(BusSettings(url=url, group="bench"))
    calls: list[tuple[float, int]] = []
    done = asyncio.Event()
    seen = 0

    async def pass_on(deliveries: Sequence[Delivery], state: State) -> list[Effects | Exception]:
        nonlocal seen
        calls.append((time.perf_counter(), seen))
        seen += len(deliveries)
        if seen >= messages:
            done.set()
        return [Effects(outputs=[("screenings", delivery.event)]) for delivery in deliveries]

    bus.on("orders", pass_on)
    await bus.start()
    await done.wait()
    await bus.stop()
    # From one call of the handler to another lie whole hops: commits and reads.
    (first, _), (last, hops) = calls[0], calls[-1]
    return (last - first) * messages / hops


async def _floor(url: str, messages: int) -> float:
    """Blocking redis-py, which is faster than its asyncio client."""
    client = redis.Redis.from_url(url)
    client.xgroup_create("{p0}:orders", "bench", "0")
    started = time.perf_counter()
    seen = 0
    while seen < messages:
        for _, entries in client.xreadgroup("bench", "one", {"{p0}:orders": ">"}, count=FLOOR_BATCH, block=100):
            pipeline = client.pipeline(transaction=True)
            for entry_id, fields in entries:
                pipeline.xadd("{p0}:screenings", {"event": fields[b"event"]})
                pipeline.xack("{p0}:orders", "bench", entry_id)
            pipeline.execute()
            seen += len(entries)
    client.close()
    return time.perf_counter() - started


async def _floor_asyncio(url: str, messages: int) -> float:
    client = redis.asyncio.Redis.from_url(url)
    await client.xgroup_create("{p0}:orders", "bench", "0")
    started = time.perf_counter()
    seen = 0
    while seen < messages:
        for _, entries in await client.xreadgroup("bench", "one", {"{p0}:orders": ">"}, count=FLOOR_BATCH, block=100):
            pipeline = client.pipeline(transaction=True)
            for entry_id, fields in entries:
                pipeline.xadd("{p0}:screenings", {"event": fields[b"event"]})
                pipeline.xack("{p0}:orders", "bench", entry_id)
            await pipeline.execute()
            seen += len(entries)
    await client.aclose()
    return time.perf_counter() - started
