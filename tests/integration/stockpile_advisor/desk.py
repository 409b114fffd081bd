"""A running stockpile advisor on a real Redis of several partitions, with a clock that tests move, and the events that it gets."""

import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import redis
from prometheus_client import REGISTRY

from services.stockpile_advisor import keys
from services.stockpile_advisor.app import compose
from services.stockpile_advisor.domain.inputs import OrderReadEvent, ScreeningReadEvent
from services.stockpile_advisor.settings import Settings
from shared.bus import Bus, BusSettings
from shared.bus.keys import state_key, stream_key, timers_key
from shared.bus.types import StreamName
from shared.contracts.base import unix_ms
from shared.contracts.canonical import derive_id
from shared.contracts.licence import LicenceEvent
from shared.contracts.price_series import SeriesView
from shared.contracts.stock import StockEvent
from shared.contracts.supply_risk import MaterialAdvice
from shared.observability import application
from tests.support.waiting import wait_until_async

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
GROUP = "stockpile-advisor"
PARTITIONS = 3


def open_to_all(scope: str) -> Any:
    return lambda: None


class Desk:
    """`start` and `kill` as often as a test likes: what is stored stays."""

    def __init__(self, redis_url: str) -> None:
        self.url = redis_url
        self.redis: Any = redis.Redis.from_url(redis_url)
        self.now = NOON
        self.bus = Bus(BusSettings(url=redis_url, group=GROUP, partitions=PARTITIONS), clock_ms=lambda: unix_ms(self.now))
        self.client: httpx.AsyncClient | None = None
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        service = compose(Settings(settling_ms=50), self.bus, open_to_all, lambda: self.now)
        await service.start()
        self._stack.push_async_callback(service.stop)
        transport = httpx.ASGITransport(app=application([service]))
        self.client = await self._stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://desk"))

    async def stop(self) -> None:
        await self._stack.aclose()

    # What comes in ---------------------------------------------------------------------------------------------------------------------

    def put(self, stream: StreamName, event: Any) -> None:
        partition = self.bus.partition_of(event.subject)
        self.redis.xadd(stream_key(partition, stream), {"event": event.encode()})

    def report(self, plant: str = "P1", item: str = "DYOX", **said: Any) -> None:
        self.put("stock", stock_event(plant, item, self.now, **said))

    def order(self, number: int = 1, **said: Any) -> tuple[OrderReadEvent, ScreeningReadEvent]:
        """An order and its screening, both on their streams."""
        order, screening = order_event(number, self.now, **said), screening_event(number, self.now, **said)
        self.put("orders", order)
        self.put("screenings", screening)
        return order, screening

    def regime(self, regime: str) -> None:
        """Of the dysprosium series that pricing-risk keeps."""
        view = SeriesView.model_validate(
            {
                "series": "Dy/oxide/-/EX_CN/assessed/USD/-",
                "material": "Dy",
                "elements": ["Dy"],
                "form": "oxide",
                "market": "EX_CN",
                "basis": "assessed",
                "currency": "USD",
                "price": "850",
                "as_of": self.now.date(),
                "source": "desk",
                "first_on": self.now.date(),
                "ticks": 30,
                "regime": regime,
                "regime_since": self.now.date(),
                "digest": derive_id("view", regime),
            }
        )
        partition = self.bus.partition_of("Dy")
        self.redis.hset(state_key(partition, "pricing-risk", "views"), view.series, view.model_dump_json())
        self.redis.hset(state_key(partition, "pricing-risk", "heads"), view.series, view.digest)

    # What comes of it ------------------------------------------------------------------------------------------------------------------

    def advice(self, plant: str = "P1", item: str = "DYOX") -> MaterialAdvice | None:
        stored = self.redis.hget(state_key(self.bus.partition_of(item), GROUP, keys.ADVICE), keys.place(plant, item))
        return MaterialAdvice.model_validate_json(stored) if stored is not None else None

    def sent(self, stream: str) -> list[dict[str, Any]]:
        found = []
        for partition in range(PARTITIONS):
            for entry_id, fields in self.redis.xrange(stream_key(partition, stream)):
                found.append((tuple(map(int, entry_id.split(b"-"))), json.loads(fields[b"event"])))
        return [event for _, event in sorted(found, key=lambda each: each[0])]

    def alerts(self) -> list[tuple[str, str]]:
        """Kind and state of every alert sent."""
        return [(event["data"]["kind"], event["data"]["state"]) for event in self.sent("alerts")]

    async def until(self, condition: Callable[[], Any], what: str) -> Any:
        """The clock goes on meanwhile, a tenth of a second a look."""

        async def holds() -> Any:
            self.now += timedelta(milliseconds=100)
            return condition()

        await wait_until_async(holds, what)
        return condition()

    async def until_advised(self, plant: str = "P1", item: str = "DYOX", **said: Any) -> MaterialAdvice:
        def stands() -> MaterialAdvice | None:
            advice = self.advice(plant, item)
            return advice if advice is not None and all(getattr(advice, name) == value for name, value in said.items()) else None

        found: MaterialAdvice = await self.until(stands, f"advice on {item} in {plant} with {said}")
        return found

    async def settled(self) -> None:
        """Nothing is due or under way any more."""

        def is_done() -> bool:
            now = unix_ms(self.now)
            waits = [
                (name, due)
                for partition in range(PARTITIONS)
                for name, due in self.redis.zrangebyscore(timers_key(partition, GROUP), 0, now + 15_001, withscores=True)
            ]
            busy = [name for name, due in waits if due <= now or not name.startswith((b"watch:", b"day:"))]
            pending = sum(
                group["pending"] + (group.get("lag") or 0)
                for partition in range(PARTITIONS)
                for stream in ("orders", "screenings", "stock", "licences")
                for group in self.redis.xinfo_groups(stream_key(partition, stream))
                if group["name"] == GROUP.encode()
            )
            return not busy and not pending

        await self.until(is_done, "the desk is done")


def made(reason: str) -> float:
    """How much advice has been made for a reason, by the counter."""
    return REGISTRY.get_sample_value("orestream_supply_advice_made_total", {"reason": reason}) or 0.0


def stock_event(plant: str, item: str, now: datetime, **said: Any) -> StockEvent:
    report = {
        "plant": plant,
        "item_id": item,
        "unit": "kg",
        "mass_kg_per_unit": "1",
        "contained": [{"element": "Dy", "percent": "86.7"}],
        "as_of": now,
        "on_hand": "2000",
        "consumption_per_day": "10",
        "lead_time_days": 45,
        "shipping_days": 20,
        "sources": [{"name": "Home Oxides", "country": "AU", "licence_needed": False}],
        **said,
    }
    kind = "withdrawn" if report.get("withdrawn") else "reported"
    return StockEvent.model_validate(
        {
            "id": derive_id("stock", json.dumps(report, default=str, sort_keys=True)),
            "source": "orestream/gateway",
            "type": f"orestream.stock.{kind}.v1",
            "subject": item,
            "time": now,
            "data": report,
        }
    )


def order_event(number: int, now: datetime, **said: Any) -> OrderReadEvent:
    """One line of an item."""
    order_key = {"system": "erp", "company": "1000", "order_id": str(number)}
    revision = said.get("revision", 1)
    return OrderReadEvent.model_validate(
        {
            "id": f"order-{number}-{revision}",
            "source": "orestream/gateway",
            "type": "orestream.order.created.v1",
            "subject": f"erp/1000/{number}",
            "time": now,
            "data": {
                "order_key": order_key,
                "revision": {"received_seq": revision},
                "status": said.get("status", "open"),
                "supplier": {"name": "Example Oxides", "country": "CN"},
                "ship_to": {"id": said["ship_to"]} if "ship_to" in said else None,
                "lines": [
                    {
                        "line_id": "10",
                        "item": {"buyer_id": said.get("item", "DYOX")},
                        "quantity": {"value": Decimal(said.get("quantity", 500)), "unit": "KGM", "unit_system": "UNECE"},
                        "mass_kg": said.get("quantity", 500),
                        "expected_departure_on": now.date() + timedelta(days=10),
                    }
                ],
            },
        }
    )


def screening_event(number: int, now: datetime, **said: Any) -> ScreeningReadEvent:
    revision, need = said.get("revision", 1), said.get("licence", "no")
    answer = "licence_required" if need == "yes" else "not_controlled"
    cliffs: list[date] = said.get("cliffs", [])
    return ScreeningReadEvent.model_validate(
        {
            "id": f"screening-{number}-{revision}",
            "source": "orestream/screening",
            "type": "orestream.order.screened.v1",
            "subject": f"erp/1000/{number}",
            "time": now,
            "data": {
                "order_key": {"system": "erp", "company": "1000", "order_id": str(number)},
                "revision": revision,
                "round": 1,
                "order_event_id": f"order-{number}-{revision}",
                "outcome": said.get("outcome", "screened"),
                "failure": "It could not be read." if said.get("outcome") == "failed" else None,
                "lines": [
                    {
                        "line_id": "10",
                        "answers": {"CN": {"answer": answer, "dual_use_licence": need}},
                        "recognition": {"materials": [{"element": "Dy"}]},
                        "findings": [{"answer": answer, "licence_delay": {"p50_days": 144, "p95_days": 500}}] if need == "yes" else [],
                        "cliffs": [
                            {
                                "on": on,
                                "before": "suspended",
                                "after": "licence_required",
                                "limb": "dysprosium",
                                "sentence": f"The suspension ends on {on}.",
                            }
                            for on in cliffs
                        ],
                    }
                ],
            },
        }
    )


def licence_event(licence_id: str, now: datetime, state: str, filed_on: date, decided_on: date | None = None) -> LicenceEvent:
    history = [{"state": "filed", "on": filed_on}] + ([{"state": state, "on": decided_on}] if decided_on is not None else [])
    return LicenceEvent.model_validate(
        {
            "id": derive_id("licence", licence_id, state),
            "source": "orestream/gateway",
            "type": "orestream.licence.recorded.v1",
            "subject": licence_id,
            "time": now,
            "data": {
                "licence_id": licence_id,
                "exporter": {"name": "Example Oxides"},
                "elements": ["Dy"],
                "state": state,
                "history": history,
            },
        }
    )
