"""Orders and their screenings on a real Redis: joined in whichever order they come, answered once, kept as long as they are open."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import redis.asyncio

from services.pricing_risk import keys, orders
from services.pricing_risk.app import compose
from services.pricing_risk.domain.inputs import LineScreeningRead, OrderReadEvent, ScreeningReadEvent
from services.pricing_risk.domain.positions import OrderPosition
from services.pricing_risk.orders import Orders
from services.pricing_risk.settings import Settings
from shared.bus import Bus, BusSettings
from shared.bus.keys import state_key, stream_key
from shared.bus.types import Delivery, Effects, StreamName, UndecodableEvent
from shared.contracts.price import PriceIndex
from shared.contracts.price_risk import PriceRiskEvent, PriceRiskResult
from shared.contracts.price_series import SeriesView
from shared.order_joining import ORDERS, WAITING
from tests.unit.pricing_risk.domain.made_inputs import (
    AT_SHIPMENT,
    NOW,
    POLICY,
    line,
    material,
    order,
    order_event,
    screened,
    screening_event,
    series,
)

DYSPROSIUM, NEODYMIUM = series(), series("Nd", "Nd", price="90")
VIEWS = {view.series: view for view in (DYSPROSIUM, NEODYMIUM)}


class Desk:
    """Of one partition: events go in one after the other, and what comes back is committed."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.results: list[PriceRiskResult] = []
        self._client: Any = redis.asyncio.Redis.from_url(bus.settings.url)
        self.orders = Orders(self._views, POLICY, "1.2.3")

    async def _views(self) -> dict[str, SeriesView]:
        return VIEWS

    async def order(self, *events: OrderReadEvent) -> None:
        await self._handle("orders", [event.encode() for event in events])

    async def screening(self, *events: ScreeningReadEvent) -> None:
        await self._handle("screenings", [event.encode() for event in events])

    async def _handle(self, stream: StreamName, contents: list[bytes]) -> None:
        deliveries = [Delivery(stream, 0, f"1-{number}", content) for number, content in enumerate(contents)]
        handler = self.orders.on_orders if stream == "orders" else self.orders.on_screenings
        for effects in await handler(deliveries, self.bus.state(0)):
            if isinstance(effects, Exception):
                raise effects
            await self.commit(effects)

    async def commit(self, effects: Effects) -> None:
        for write in effects.writes:
            await self._client.execute_command(write.command, state_key(0, "pricing-risk", write.key), *write.arguments)
        self.results += [PriceRiskEvent.model_validate_json(content).data for _, content in effects.outputs]

    async def lies(self) -> dict[str, Any]:
        """What is kept of orders: names of keys, with their fields or members."""
        prefix = state_key(0, "pricing-risk", "")
        found: dict[str, Any] = {}
        async for key in self._client.scan_iter(match=f"{prefix}*"):
            name = key.decode().removeprefix(prefix)
            if name not in (ORDERS, WAITING, keys.POSITIONS) and not name.startswith("concerned:"):
                continue
            fields = await (self._client.smembers(key) if name.startswith("concerned:") else self._client.hkeys(key))
            found[name] = sorted(field.decode() for field in fields)
        return found

    async def position(self, key: str) -> OrderPosition:
        (stored,) = await self.bus.state(0).hash_get_many(keys.POSITIONS, [key])
        assert stored is not None
        return OrderPosition.model_validate_json(stored)

    async def close(self) -> None:
        await self._client.aclose()


@pytest.fixture
async def desk(redis_url: str) -> AsyncIterator[Desk]:
    bus = Bus(BusSettings(url=redis_url, group="pricing-risk"))
    desk = Desk(bus)
    yield desk
    await desk.close()
    await bus.stop()


def ordered(revision: int = 1, round_number: int = 1, **said: Any) -> OrderReadEvent:
    data = order(line(AT_SHIPMENT), revision=revision, round_number=round_number, **said)
    return order_event(data, f"order-{revision}-{round_number}")


def answered(event: OrderReadEvent, element: str = "Dy", **said: Any) -> ScreeningReadEvent:
    number = "-".join(map(str, event.data.number))
    recognised: LineScreeningRead = screened(material(element))
    return screening_event(event, recognised, event_id=f"screening-{number}", **said)


async def test_one_result_whichever_comes_first(desk: Desk) -> None:
    event = ordered()
    await desk.order(event)
    assert desk.results == []
    await desk.screening(answered(event))
    first = desk.results[0]
    await desk.bus.client.flushall()
    await desk.screening(answered(event))
    assert desk.results == [first]
    assert await desk.lies() == {"waiting": [event.subject]}
    await desk.order(event)
    assert desk.results == [first, first]
    assert (first.outcome, first.lines[0].status, first.screening_event_id) == ("priced", "priced", "screening-1-1")
    assert await desk.lies() == {"orders": [event.subject], "positions": [event.subject], "concerned:Dy": [event.subject]}
    assert (await desk.position(event.subject)).lines[0].materials[0].series == DYSPROSIUM.series


async def test_what_is_delivered_again_is_answered_once(desk: Desk) -> None:
    event = ordered()
    await desk.order(event, event)
    await desk.screening(answered(event), answered(event))
    await desk.order(event)
    await desk.screening(answered(event))
    assert len(desk.results) == 1


async def test_a_revision_overtakes_the_one_before(desk: Desk) -> None:
    older, newer = ordered(), ordered(2)
    await desk.order(older, newer)
    await desk.screening(answered(older), answered(newer, "Nd"))
    await desk.order(older)
    await desk.screening(answered(older))
    assert [(result.revision, result.lines[0].materials[0].elements) for result in desk.results] == [(2, ["Nd"])]
    assert (await desk.lies())["concerned:Nd"] == [newer.subject]


async def test_a_screening_of_a_coming_revision_waits_for_it(desk: Desk) -> None:
    older, newer = ordered(), ordered(2)
    await desk.screening(answered(newer))
    await desk.order(older)
    assert desk.results == []
    await desk.order(newer)
    assert [result.revision for result in desk.results] == [2]
    assert "waiting" not in await desk.lies()


async def test_each_round_is_answered_and_other_elements_take_the_place_of_the_first(desk: Desk) -> None:
    first, again = ordered(), ordered(1, 2)
    await desk.order(first)
    await desk.screening(answered(first))
    await desk.order(again)
    await desk.screening(answered(again, "Nd"))
    assert [(result.revision, result.round) for result in desk.results] == [(1, 1), (1, 2)]
    kept = await desk.lies()
    assert (kept.get("concerned:Dy"), kept["concerned:Nd"]) == (None, [first.subject])


@pytest.mark.parametrize("status", ["closed", "cancelled"])
async def test_an_order_that_ended_leaves_with_its_position_and_is_answered_all_the_same(desk: Desk, status: str) -> None:
    event = ordered()
    await desk.order(event)
    await desk.screening(answered(event))
    ended = ordered(2, status=status)
    await desk.order(ended)
    assert await desk.lies() == {"orders": [event.subject]}
    await desk.screening(answered(ended))
    assert [result.lines[0].status for result in desk.results] == ["priced", "not_exposed"]
    assert await desk.lies() == {}


async def test_a_failed_screening_is_a_failed_result(desk: Desk) -> None:
    event = ordered()
    await desk.order(event)
    await desk.screening(answered(event, outcome="failed", failure="It could not be read."))
    assert [(result.outcome, result.lines) for result in desk.results] == [("failed", [])]
    assert "It could not be read." in (desk.results[0].failure or "")


async def test_a_failed_screening_leaves_the_position_as_it_was(desk: Desk) -> None:
    event, again = ordered(), ordered(1, 2)
    await desk.order(event)
    await desk.screening(answered(event))
    before = await desk.position(event.subject)
    await desk.order(again)
    await desk.screening(answered(again, outcome="failed", failure="It could not be read."))
    assert await desk.position(event.subject) == before


async def test_an_order_that_was_given_up_is_not_waited_for(desk: Desk) -> None:
    event = ordered()
    await desk.screening(answered(event))
    await desk.commit(desk.orders.on_order_given_up(Delivery("orders", 0, "1-1", event.encode()), KeyError("x")))
    assert [(result.outcome, result.revision, result.round) for result in desk.results] == [("failed", 1, 1)]
    await desk.screening(answered(event))
    assert len(desk.results) == 1
    newer = ordered(2)
    await desk.order(newer)
    await desk.screening(answered(newer))
    assert [result.outcome for result in desk.results] == ["failed", "priced"]
    assert "waiting" not in await desk.lies()


async def test_what_comes_back_from_the_dead_letters_is_priced_after_all(desk: Desk) -> None:
    event = ordered()
    await desk.commit(desk.orders.on_order_given_up(Delivery("orders", 0, "1-1", event.encode()), KeyError("x")))
    await desk.screening(answered(event))
    await desk.order(event)
    assert [result.outcome for result in desk.results] == ["failed", "priced"]
    again = ordered(2)
    await desk.order(again)
    await desk.screening(answered(again, outcome="failed", failure="It could not be read."))
    recovered = answered(again)
    await desk.screening(recovered.model_copy(update={"id": "screening-replayed"}))
    assert [result.outcome for result in desk.results] == ["failed", "priced", "failed", "priced"]


async def test_a_screening_that_was_given_up_fails_and_names_it(desk: Desk) -> None:
    screening = answered(ordered())
    await desk.commit(desk.orders.on_screening_given_up(Delivery("screenings", 0, "1-1", screening.encode()), KeyError("x")))
    assert [(result.outcome, result.screening_event_id) for result in desk.results] == [("failed", screening.id)]
    assert desk.orders.on_screening_given_up(Delivery("screenings", 0, "1-2", b"{}"), KeyError("x")) == Effects()


async def test_what_is_no_event_is_undecodable_and_the_rest_of_the_batch_is_answered(desk: Desk) -> None:
    deliveries = [Delivery("orders", 0, "1-1", ordered().encode()), Delivery("orders", 0, "1-2", b"{}")]
    good, bad = await desk.orders.on_orders(deliveries, desk.bus.state(0))
    assert isinstance(good, Effects)
    assert isinstance(bad, UndecodableEvent)


def open_to_all(scope: str) -> Any:
    return lambda: None


async def test_the_service_prices_what_lies_on_its_streams(redis_url: str) -> None:
    bus = Bus(BusSettings(url=redis_url, group="pricing-risk"))
    client: Any = redis.asyncio.Redis.from_url(redis_url)
    event = ordered()
    for view in VIEWS.values():
        await client.hset(state_key(0, "pricing-risk", keys.HEADS), view.series, view.digest)
        await client.hset(state_key(0, "pricing-risk", keys.VIEWS), view.series, view.model_dump_json())
    await client.xadd(stream_key(0, "orders"), {"event": event.encode()})
    await client.xadd(stream_key(0, "screenings"), {"event": answered(event).encode()})
    service = compose(Settings(), bus, open_to_all, lambda: NOW)
    await service.start()
    try:
        for _ in range(300):
            if entries := await client.xrange(stream_key(0, "price-risks")):
                break
            await asyncio.sleep(0.05)
    finally:
        await service.stop()
    ((_, fields),) = entries
    result = PriceRiskEvent.model_validate_json(fields[b"event"]).data
    assert [each.status for each in result.lines] == ["priced"]
    assert result.versions["pricing_policy"] == POLICY.version
    announced = [orjson.loads(each[b"event"]) for _, each in await client.xrange(stream_key(0, "reference-changes"))]
    assert [(each["data"]["kind"], each["data"]["version"]) for each in announced] == [("pricing_policy", POLICY.version)]
    await client.aclose()


async def test_lines_that_each_name_an_index_of_their_own_do_not_fill_the_memory(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "MOST_REMEMBERED", 20)
    markets = set()
    for round_ in range(1, 31):
        market = await desk.orders._market_now()
        market.choose(("Dy",), "oxide", "CN", NOW.date(), PriceIndex(material=f"Dy {round_}"))
        markets.add(market)
        assert market.remembered <= 21
    assert len(markets) == 2
