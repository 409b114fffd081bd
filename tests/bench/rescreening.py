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
AT_ONCE = 1_000
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
        finals = _Finals(client)
        for first in range(0, ORDERS, AT_ONCE):
            burst(client, [_order(number).encode() for number in range(first, first + AT_ONCE)])
            finals.wait(first + AT_ONCE)
        before = client.xinfo_stream("{p0}:orders")["last-generated-id"]
        started = time.perf_counter()
        asyncio.run(_freeze(running.url))
        judged_anew = finals.wait(ORDERS + TOUCHED_ORDERS)
        seconds = time.perf_counter() - started
        _check_answers(judged_anew)
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


class _Finals:
    """Counts final assessments as they come: an order that waited long has a partial one as well."""

    def __init__(self, client: "redis.Redis") -> None:
        self._client = client
        self._count = 0
        self._last = b"-"

    def wait(self, count: int) -> list[bytes]:
        """The finals since the last call. Raises RuntimeError where nothing comes for a minute."""
        found: list[bytes] = []
        progress_at = time.monotonic()
        while self._count + len(found) < count:
            entries = self._client.xrange("{p0}:assessments", self._last, count=1_000)
            if entries:
                self._last, progress_at = b"(" + entries[-1][0], time.monotonic()
                found += [fields[b"event"] for _, fields in entries if b'"kind":"final"' in fields[b"event"]]
            elif time.monotonic() > progress_at + 60:
                raise RuntimeError(f"{self._count + len(found)} of {count} final assessments came, and then none for a minute")
            else:
                time.sleep(0.005)
        self._count += len(found)
        return found


def _check_answers(finals: list[bytes]) -> None:
    """Every touched line, and no other, is prohibited now."""
    judged = [orjson.loads(event)["data"] for event in finals]
    prohibited = sum(line["answers"]["CN"] == "prohibited" for order in judged for line in order["lines"])
    again = {order["order_key"]["order_id"] for order in judged if order["round"] == 2}
    if (prohibited, len(again)) != (TOUCHED_LINES, TOUCHED_ORDERS):
        raise RuntimeError(f"{prohibited} lines are prohibited, in {len(again)} orders; it should be {TOUCHED_LINES} in {TOUCHED_ORDERS}")
