"""Seconds from a freeze rule to the last new final assessment: 10,000 of 100,000 open lines are touched, every hop included.

Beside it the hand-written loops of `end_to_end`, given the touched orders by somebody who knows which they are and sends them once more.
"""

import asyncio
import time
from datetime import UTC, datetime

import orjson
import redis

from services.screening.domain.freeze import read_freeze_rule
from services.screening.domain.instrument import Signed
from services.screening.drafts import Drafts
from services.screening.references import references_on
from shared.bus import Bus, BusSettings
from shared.contracts.order import OrderEvent
from tests.bench.figure import Figure
from tests.bench.measuring import burst, pipeline, wait
from tests.support.orders import order_event

ORDERS, LINES = 25_000, 4
TOUCHED_LINES, TOUCHED_PER_ORDER = 10_000, 2
TOUCHED_ORDERS = TOUCHED_LINES // TOUCHED_PER_ORDER
RULE = {
    "elements": ["scandium"],
    "effect": "prohibited",
    "valid_from": "2026-11-22",
    "reason": "All exports of scandium are said to be stopped",
    "source": "bench",
}
GOODS = "Scandium oxide 99.99 %, powder"


def run() -> list[Figure]:
    floor, ours, asked = _floor_seconds(), *_ours_seconds()
    return [
        {"name": "resending_touched_floor_s", "value": floor, "unit": "s", "compared_with": None, "ratio": None},
        {
            "name": "rescreening_10000_of_100000_lines_s",
            "value": ours,
            "unit": "s, bar 20",
            "compared_with": "resending_touched_floor_s",
            "ratio": ours / floor,
        },
        {
            "name": "rescreening_orders_asked_again",
            "value": asked,
            "unit": f"orders, {TOUCHED_ORDERS} touched",
            "compared_with": None,
            "ratio": None,
        },
    ]


def _ours_seconds() -> tuple[float, int]:
    with pipeline("ours") as running:
        client = running.client
        for first in range(0, ORDERS, 5_000):
            burst(client, [_order(number).encode() for number in range(first, first + 5_000)])
            wait(client, first + 5_000)
        before = client.xinfo_stream("{p0}:orders")["last-generated-id"]
        started = time.perf_counter()
        asyncio.run(_freeze(running.url))
        wait(client, ORDERS + TOUCHED_ORDERS)
        seconds = time.perf_counter() - started
        _check_answers(client)
        return seconds, len(client.xrange("{p0}:orders", b"(" + before))


async def _freeze(url: str) -> None:
    bus = Bus(BusSettings(url=url, group="bench"))
    by = Signed(name="bench", at=datetime.now(UTC))
    await Drafts(await references_on(bus, lambda: datetime.now(UTC)), lambda: datetime.now(UTC)).freeze(read_freeze_rule(RULE), by)
    await bus.stop()


def _floor_seconds() -> float:
    with pipeline("floor") as running:
        warm_up = [_order(number).encode() for number in range(TOUCHED_ORDERS, TOUCHED_ORDERS + 500)]
        burst(running.client, warm_up)
        wait(running.client, len(warm_up))
        events = [_order(number).encode() for number in range(TOUCHED_ORDERS)]
        started = time.perf_counter()
        burst(running.client, events)
        wait(running.client, len(warm_up) + TOUCHED_ORDERS)
        return time.perf_counter() - started


def _order(number: int) -> OrderEvent:
    """The first ones have goods that the rule reaches on their last lines; no other order has."""
    order = order_event(number, lines=LINES)
    if number >= TOUCHED_ORDERS:
        return order
    untouched = LINES - TOUCHED_PER_ORDER
    lines = [
        *order.data.lines[:untouched],
        *(line.model_copy(update={"description": GOODS, "origin_country": "CN"}) for line in order.data.lines[untouched:]),
    ]
    return order.model_copy(update={"data": order.data.model_copy(update={"lines": lines})})


def _check_answers(client: "redis.Redis") -> None:
    """Every touched line, and no other, is prohibited now."""
    judged = [orjson.loads(fields[b"event"])["data"] for _, fields in client.xrevrange("{p0}:assessments", count=TOUCHED_ORDERS)]
    prohibited = sum(line["answers"]["CN"] == "prohibited" for order in judged for line in order["lines"])
    again = {order["order_key"]["order_id"] for order in judged if order["round"] == 2}
    if (prohibited, len(again)) != (TOUCHED_LINES, TOUCHED_ORDERS):
        raise RuntimeError(f"{prohibited} lines are prohibited, in {len(again)} orders; it should be {TOUCHED_LINES} in {TOUCHED_ORDERS}")
