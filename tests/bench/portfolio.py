"""Seconds for the portfolio of 20,000 open orders, beside merely reading and decoding them: at first, after one order and after a price
changed, and where nothing did; and how long the event loop stands still meanwhile."""

import asyncio
import time
from datetime import date, timedelta
from typing import Any

import orjson
import redis

from services.pricing_risk import keys
from services.pricing_risk.domain.positions import LinePosition, MaterialPosition, OrderPosition
from services.pricing_risk.exposure_view import exposure_view
from services.pricing_risk.exposures import Exposures
from services.pricing_risk.policy_file import load_policy
from services.pricing_risk.price_histories import PriceHistories
from services.pricing_risk.series_book import SeriesBook
from services.pricing_risk.ticks import Ticks
from services.process import settle_memory
from shared.bus import Bus, BusSettings
from shared.bus.embedded import EmbeddedRedis
from shared.bus.keys import state_key
from shared.bus.types import Delivery, Effects
from shared.contracts.order import OrderKey
from shared.contracts.price import PriceTick, series_id
from tests.bench.figure import Figure
from tests.support.prices import price_event, price_history, price_tick

ORDERS = 20_000
LINES = 3
TODAY = date(2026, 11, 20)
GROUP = "pricing-risk"
MATERIALS = ("Dy", "Nd", "W", "Ge")


def run() -> list[Figure]:
    server = EmbeddedRedis()
    try:
        return asyncio.run(_measure(server.start()))
    finally:
        server.stop()


async def _measure(url: str) -> list[Figure]:
    bus, client = Bus(BusSettings(url=url, group=GROUP)), redis.Redis.from_url(url)
    await _feed(bus, client, [tick for material in (*MATERIALS, "CNY") for tick in _past(material)])
    pipeline = client.pipeline(transaction=False)
    for number in range(ORDERS):
        pipeline.hset(state_key(0, GROUP, keys.POSITIONS), f"erp/1000/{number}", _position(number).model_dump_json(exclude_defaults=True))
    pipeline.execute()
    settle_memory()
    started = time.perf_counter()
    for content in (await bus.state(0).hash_get_all(keys.POSITIONS)).values():
        orjson.loads(content)
    floor = time.perf_counter() - started
    figures: list[Figure] = [{"name": "portfolio_reading_orders_s", "value": floor, "unit": "s", "compared_with": None, "ratio": None}]
    exposures = Exposures(bus, SeriesBook(bus), PriceHistories(bus), load_policy().policy)

    async def timed(name: str) -> None:
        stalls = asyncio.create_task(_longest_stall())
        await asyncio.sleep(0)
        began = time.perf_counter()
        portfolio = await exposures.portfolio(TODAY)
        await asyncio.to_thread(exposure_view, portfolio, "supplier", 10)
        seconds = time.perf_counter() - began
        stalls.cancel()
        stalled = 1000 * await stalls
        figures.append(
            {"name": name, "value": seconds, "unit": "s", "compared_with": "portfolio_reading_orders_s", "ratio": seconds / floor}
        )
        figures.append({"name": f"{name[:-2]}_longest_stall_ms", "value": stalled, "unit": "ms", "compared_with": None, "ratio": None})

    await timed("portfolio_first_s")
    client.hset(state_key(0, GROUP, keys.POSITIONS), "erp/1000/1", _position(ORDERS).model_dump_json(exclude_defaults=True))
    client.set(state_key(0, GROUP, keys.POSITIONS_CHANGED), "one order")
    await timed("portfolio_after_an_order_s")
    await _feed(bus, client, [price_tick("Dy", TODAY, 1.01)])
    await timed("portfolio_after_a_price_s")
    await timed("portfolio_unchanged_s")
    await bus.stop()
    client.close()
    return figures


async def _longest_stall() -> float:
    """Seconds by which a turn of the loop came late, at most."""
    longest = 0.0
    try:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - began - 0.001)
    except asyncio.CancelledError:
        return longest


def _past(material: str) -> list[PriceTick]:
    ticks = price_history(material, TODAY - timedelta(days=1), 1_000)
    return [tick.model_copy(update={"currency": "USD"}) for tick in ticks] if material == "CNY" else ticks


async def _feed(bus: Bus, client: Any, ticks: list[PriceTick]) -> None:
    """Into the state, as the bus would commit it."""
    handler = Ticks(bus, SeriesBook(bus), PriceHistories(bus))
    for at in range(0, len(ticks), 1_000):
        deliveries = [
            Delivery("prices", 0, f"{1_700_000_000_000 + at + number}-0", price_event(tick).encode())
            for number, tick in enumerate(ticks[at : at + 1_000])
        ]
        for effects in await handler.on_prices(deliveries, bus.state(0)):
            assert isinstance(effects, Effects), effects
            for write in effects.writes:
                client.execute_command(write.command, state_key(0, GROUP, write.key), *write.arguments)


def _position(number: int) -> OrderPosition:
    """Three lines of four metals, priced on a day of their own within a year, every fifth fixed."""
    lines = [_line(number, line) for line in range(LINES)]
    return OrderPosition(
        order_key=OrderKey(system="erp", company="1000", order_id=str(number)),
        revision=1,
        round=1,
        supplier=f"Supplier {number % 300}",
        country=("CN", "DE", "JP", "US")[number % 4],
        currency="USD",
        lines=lines,
    )


def _line(number: int, line: int) -> LinePosition:
    material = MATERIALS[(number + line) % len(MATERIALS)]
    terms = (
        {"pricing": "fixed", "open_value": "10000"}
        if (number + line) % 5 == 0
        else {"pricing": "index", "fixed_value": "0", "pricing_on": TODAY + timedelta(days=1 + (7 * number + line) % 365)}
    )
    of = MaterialPosition.model_validate(
        {"elements": [material], "series": series_id(price_tick(material, TODAY)), "contained_kg": str(1 + number % 50)}
    )
    return LinePosition.model_validate({"line_id": str(10 * (line + 1)), "description": f"{material} goods", "materials": [of], **terms})
