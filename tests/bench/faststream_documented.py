"""Ours beside FastStream as its documentation shows it: one message a turn, a model in, a model out, on the same Redis and payloads."""

import asyncio
import time
from collections.abc import Sequence

import redis.asyncio as redis
from faststream.redis import RedisBroker, StreamSub

from shared.bus import Bus, BusSettings
from shared.bus.embedded import EmbeddedRedis
from shared.bus.types import Delivery, Effects, State
from shared.contracts.order import OrderEvent
from tests.bench.figure import Figure
from tests.support.orders import order_event

DOCUMENTED_ORDERS = 2_000
OUR_ORDERS = 20_000


def run() -> list[Figure]:
    server = EmbeddedRedis(None, appendfsync="no")
    url = server.start()
    try:
        documented = asyncio.run(_documented(url))
        ours = asyncio.run(_ours(url))
    finally:
        server.stop()
    return [
        {"name": "faststream_documented", "value": documented, "unit": "orders/s", "compared_with": None, "ratio": None},
        {
            "name": "vs_faststream_documented",
            "value": ours,
            "unit": "orders/s",
            "compared_with": "faststream_documented",
            "ratio": ours / documented,
        },
    ]


async def _documented(url: str) -> float:
    broker = RedisBroker(url, logger=None)
    done = asyncio.Event()
    seen = 0

    @broker.subscriber(stream=StreamSub("bench-in", group="bench", consumer="one", last_id=">"))
    @broker.publisher(stream="bench-out")
    async def handle(event: OrderEvent) -> OrderEvent:
        nonlocal seen
        seen += 1
        if seen == DOCUMENTED_ORDERS:
            done.set()
        return event

    events = [order_event(number) for number in range(DOCUMENTED_ORDERS)]
    await broker.connect()
    client = redis.Redis.from_url(url)
    await client.xgroup_create("bench-in", "bench", "0", mkstream=True)
    for event in events:
        await broker.publish(event, stream="bench-in")
    started = time.perf_counter()
    await broker.start()
    await done.wait()
    seconds = time.perf_counter() - started
    await broker.stop()
    await client.aclose()
    return DOCUMENTED_ORDERS / seconds


async def _ours(url: str) -> float:
    client = redis.Redis.from_url(url)
    pipeline = client.pipeline(transaction=False)
    for number in range(OUR_ORDERS):
        pipeline.xadd("{p0}:orders", {"event": order_event(number).encode()})
    await pipeline.execute()
    bus = Bus(BusSettings(url=url, group="bench", partitions=1))

    async def handle(deliveries: Sequence[Delivery], state: State) -> list[Effects | Exception]:
        return [Effects(outputs=[("assessments", OrderEvent.model_validate_json(delivery.event).encode())]) for delivery in deliveries]

    bus.on("orders", handle)
    started = time.perf_counter()
    await bus.start()
    while await client.xlen("{p0}:assessments") < OUR_ORDERS:
        await asyncio.sleep(0.005)
    seconds = time.perf_counter() - started
    await bus.stop()
    await client.aclose()
    return OUR_ORDERS / seconds
