"""A running pricing-risk on a real Redis: positions put where it keeps them, prices sent on its stream."""

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import redis.asyncio

from services.pricing_risk import keys
from services.pricing_risk.domain.positions import LinePosition, MaterialPosition, OrderPosition
from shared.bus import Bus
from shared.bus.keys import state_key
from shared.contracts.order import OrderKey
from shared.contracts.price import PriceTick, series_id
from tests.support.prices import price_event, price_history, price_tick

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_BEGAN = time.monotonic()


def clock() -> datetime:
    """Goes on from NOW."""
    return NOW + timedelta(seconds=time.monotonic() - _BEGAN)


TODAY = NOW.date()
DYSPROSIUM, TUNGSTEN = series_id(price_tick("Dy", TODAY)), series_id(price_tick("W", TODAY))


def position(
    number: int, series: str | None = DYSPROSIUM, kg: str = "10", elements: Sequence[str] = ("Dy",), **terms: Any
) -> OrderPosition:
    """One line; without terms by the index of 18 January."""
    material = MaterialPosition.model_validate({"elements": list(elements), "series": series, "contained_kg": kg})
    said = {"pricing": "index", "pricing_on": date(2027, 1, 18), "fixed_value": "0", **terms}
    return OrderPosition(
        order_key=OrderKey(system="erp", company="1000", order_id=str(number)),
        revision=1,
        round=1,
        supplier=f"Supplier {number % 2}",
        country="CN",
        currency="EUR",
        lines=[LinePosition.model_validate({"line_id": "10", "materials": [material], **said})],
    )


class Store:
    """Redis as the handlers leave it."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.client: Any = redis.asyncio.Redis.from_url(bus.settings.url)
        self._changes = 0

    async def put(self, *positions: OrderPosition) -> None:
        for each in positions:
            key, partition = str(each.order_key), self.bus.partition_of(str(each.order_key))
            await self._send("HSET", partition, keys.POSITIONS, key, each.model_dump_json(exclude_defaults=True))
            await self._changed(partition)

    async def remove(self, *positions: OrderPosition) -> None:
        for each in positions:
            key, partition = str(each.order_key), self.bus.partition_of(str(each.order_key))
            await self._send("HDEL", partition, keys.POSITIONS, key)
            await self._changed(partition)

    async def send(self, *ticks: PriceTick) -> None:
        async with self.client.pipeline(transaction=False) as pipeline:
            for tick in ticks:
                pipeline.xadd(f"{{p{self.bus.partition_of(tick.material)}}}:prices", {"event": price_event(tick).encode()})
            await pipeline.execute()

    async def alerts(self) -> list[dict[str, Any]]:
        found = []
        for partition in range(self.bus.settings.partitions):
            found += [orjson.loads(fields[b"event"])["data"] for _, fields in await self.client.xrange(f"{{p{partition}}}:alerts")]
        return found

    async def prices_taken(self, count: int) -> bool:
        """Whether all of the prices sent have entered a series."""
        views: list[bytes] = []
        for partition in range(self.bus.settings.partitions):
            views += (await self.bus.state(partition).hash_get_all(keys.VIEWS)).values()
        entered: int = sum(orjson.loads(view)["ticks"] for view in views)
        return entered >= count

    async def close(self) -> None:
        await self.client.aclose()

    async def _changed(self, partition: int) -> None:
        self._changes += 1
        await self._send("SET", partition, keys.POSITIONS_CHANGED, f"change {self._changes}")

    async def _send(self, command: str, partition: int, key: str, *arguments: str) -> None:
        await self.client.execute_command(command, state_key(partition, self.bus.settings.group, key), *arguments)


def feed(days: int = 420) -> list[PriceTick]:
    """Two metals, and the yuan in two currencies."""
    ticks = [tick for material in ("Dy", "W", "CNY") for tick in price_history(material, TODAY, days)]
    return [*ticks, *(tick.model_copy(update={"currency": "USD"}) for tick in ticks if tick.material == "CNY")]
