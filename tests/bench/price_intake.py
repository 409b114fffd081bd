"""Ticks/s from the stream to the stored state of their series: decoded, gated, folded, committed, with views and alerts.

Beside it a hand-written redis-py loop (batches, MULTI) that decodes the same events with the same model of the event and keeps the same
series state, without gate, tick log, views, premium, alerts or late ticks. Two cores: Redis has one of them.
"""

import asyncio
import random
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import redis

from services.pricing_risk import keys
from services.pricing_risk.domain.normalising import NormalPrice, normalise
from services.pricing_risk.domain.series import SeriesState
from services.pricing_risk.price_histories import PriceHistories
from services.pricing_risk.series_book import SeriesBook
from services.pricing_risk.ticks import TIMERS, Ticks
from shared.bus import Bus, BusSettings, by_beginning
from shared.bus.embedded import EmbeddedRedis
from shared.contracts.canonical import derive_id
from shared.contracts.price import PriceEvent, PriceTick, series_id
from tests.bench.figure import Figure

SERIES, DAYS = 100, 200
HISTORY_DAYS = 2_876
FIRST = date(2018, 1, 1)
BATCH = 128
MATERIALS = ("Nd", "Pr", "Dy", "Tb", "La", "Ce", "Sm", "Gd", "Y", "Ga")


def run() -> list[Figure]:
    by_day = [_event(number, day) for day in range(DAYS) for number in range(SERIES)]
    history = [_event(0, day) for day in range(HISTORY_DAYS)]
    floor = len(by_day) / _timed(by_day, _by_hand)
    ours = len(by_day) / _timed(by_day, _service)
    imported = len(history) / _timed(history, _service)
    backwards = len(history) / _timed(history[::-1], _service)
    return [
        _figure("price_ticks_by_hand_per_s", floor, None, None),
        _figure("price_ticks_service_per_s", ours, "price_ticks_by_hand_per_s", ours / floor),
        _figure("price_history_import_per_s", imported, "price_ticks_by_hand_per_s", imported / floor),
        _figure("price_history_newest_first_per_s", backwards, "price_history_import_per_s", backwards / imported),
    ]


def _figure(name: str, value: float, compared_with: str | None, ratio: float | None) -> Figure:
    return {"name": name, "value": value, "unit": "ticks/s", "compared_with": compared_with, "ratio": ratio}


def _event(number: int, day: int) -> bytes:
    rng = random.Random(number * 10_000 + day - day % 3)  # stands still for three days
    on = FIRST + timedelta(days=day)
    tick = PriceTick(
        material=MATERIALS[number % len(MATERIALS)],
        form="oxide",
        purity_percent=Decimal(90 + number // len(MATERIALS)),
        market="CN",
        basis="assessed",
        price=Decimal(400_000 + rng.randrange(8_000)),
        currency="CNY",
        unit="t",
        tax="included",
        as_of=on,
        source="bench",
    )
    return PriceEvent(
        id=derive_id("price", str(number), str(day)),
        source="orestream/gateway",
        type="orestream.price.recorded.v1",
        subject=tick.material,
        time=datetime(on.year, on.month, on.day, 12, tzinfo=UTC),
        data=tick,
    ).encode()


def _timed(events: list[bytes], consume) -> float:
    """Seconds that `consume` takes over the events, which lie in the stream when it begins."""
    server = EmbeddedRedis()
    url = server.start()
    try:
        client = redis.Redis.from_url(url)
        for at in range(0, len(events), 1_000):
            with client.pipeline(transaction=False) as pipeline:
                for event in events[at : at + 1_000]:
                    pipeline.xadd("{p0}:prices", {"event": event})
                pipeline.execute()
        return consume(url, client, len(events))
    finally:
        server.stop()


def _service(url: str, client: redis.Redis, count: int) -> float:
    async def work() -> float:
        bus = Bus(BusSettings(url=url, group="pricing-risk"))
        ticks = Ticks(bus, SeriesBook(bus), PriceHistories(bus))
        bus.on("prices", ticks.on_prices)
        bus.on_timer(by_beginning({TIMERS: ticks.on_timers}))
        started = time.perf_counter()
        await bus.start()
        last = client.xinfo_stream("{p0}:prices")["last-generated-id"]
        while (group := client.xinfo_groups("{p0}:prices")[0])["pending"] or group["last-delivered-id"] != last:
            await asyncio.sleep(0.02)
        seconds = time.perf_counter() - started
        entered = sum(view.ticks for view in (await SeriesBook(bus).current()).values())
        assert entered == count, f"{entered} of {count} prices have entered."
        await bus.stop()
        return seconds

    return asyncio.run(work())


def _by_hand(url: str, client: redis.Redis, count: int) -> float:
    client.xgroup_create("{p0}:prices", "by-hand", "0")
    states: dict[str, SeriesState] = {}
    done = 0
    started = time.perf_counter()
    while done < count:
        ((_, entries),) = client.xreadgroup("by-hand", "one", {"{p0}:prices": ">"}, BATCH)
        with client.pipeline(transaction=True) as pipeline:
            for entry_id, fields in entries:
                event = PriceEvent.model_validate_json(fields[b"event"])
                series = series_id(event.data)
                normal = normalise(event.data)
                assert isinstance(normal, NormalPrice)
                state = states.setdefault(series, SeriesState())
                state.advance(event.data.as_of, float(normal.price))
                pipeline.hset(keys.state_key(series), mapping=state.changed_fields())
                pipeline.xack("{p0}:prices", "by-hand", entry_id)
            pipeline.execute()
        done += len(entries)
    return time.perf_counter() - started
