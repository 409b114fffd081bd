"""Ours beside FastStream as its documentation shows it: one message a turn, a model in, a model out, on the same Redis and payloads."""

import asyncio
import contextlib
import io
import time
from collections.abc import Sequence
from decimal import Decimal

import redis.asyncio as redis
import uvloop
from faststream.redis import RedisBroker, StreamSub
from pydantic import BaseModel

from shared.bus import Bus, BusSettings
from shared.bus.embedded import EmbeddedRedis
from shared.bus.types import Delivery, Effects, State
from tests.bench.figure import Figure

DOCUMENTED_ORDERS = 2_000
OUR_ORDERS = 20_000


class Line(BaseModel):
    line_id: str
    item: str
    description: str
    quantity: Decimal
    unit: str
    amount: Decimal


class Order(BaseModel):
    """Three lines, about 500 bytes."""

    order_id: str
    supplier_id: str
    currency: str
    lines: list[Line]


def order(number: int) -> Order:
    lines = [
        Line(
            line_id=f"{position}0",
            item=f"{number:08}",
            description="Sintered NdFeB magnet N42SH 20x10x5 mm",
            quantity=Decimal(number),
            unit="C62",
            amount=Decimal("12.5"),
        )
        for position in (1, 2, 3)
    ]
    return Order(order_id=f"45{number:08}", supplier_id="0000100101", currency="EUR", lines=lines)


def run() -> list[Figure]:
    server = EmbeddedRedis(None, appendfsync="no")
    url = server.start()
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            documented = uvloop.run(_documented(url, RedisBroker(url)))
        silent = uvloop.run(_documented(url, RedisBroker(url, logger=None)))
        ours = uvloop.run(_ours(url))
    finally:
        server.stop()
    return [
        {"name": "faststream_documented", "value": documented, "unit": "orders/s", "compared_with": None, "ratio": None},
        {"name": "faststream_without_its_log", "value": silent, "unit": "orders/s", "compared_with": None, "ratio": None},
        {
            "name": "vs_faststream_documented",
            "value": ours,
            "unit": "orders/s",
            "compared_with": "faststream_documented",
            "ratio": ours / documented,
        },
    ]


async def _documented(url: str, broker: RedisBroker) -> float:
    done = asyncio.Event()
    seen = 0

    @broker.subscriber(stream=StreamSub("bench-in", group="bench", consumer="one", last_id=">"))
    @broker.publisher(stream="bench-out")
    async def handle(order: Order) -> Order:
        nonlocal seen
        seen += 1
        if seen == DOCUMENTED_ORDERS:
            done.set()
        return order

    client = redis.Redis.from_url(url)
    await broker.connect()
    await client.delete("bench-in", "bench-out")
    await client.xgroup_create("bench-in", "bench", "0", mkstream=True)
    for number in range(DOCUMENTED_ORDERS):
        await broker.publish(order(number), stream="bench-in")
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
        pipeline.xadd("{p0}:orders", {"event": order(number).model_dump_json().encode()})
    await pipeline.execute()
    bus = Bus(BusSettings(url=url, group="bench", partitions=1))

    async def handle(deliveries: Sequence[Delivery], state: State) -> list[Effects | Exception]:
        return [
            Effects(outputs=[("assessments", Order.model_validate_json(delivery.event).model_dump_json().encode())])
            for delivery in deliveries
        ]

    bus.on("orders", handle)
    started = time.perf_counter()
    await bus.start()
    while await client.xlen("{p0}:assessments") < OUR_ORDERS:
        await asyncio.sleep(0.005)
    seconds = time.perf_counter() - started
    await bus.stop()
    await client.aclose()
    return OUR_ORDERS / seconds
