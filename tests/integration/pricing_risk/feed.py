"""A feed of prices for tests: events into the handler on a real Redis, and what it gives back committed, message by message."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import redis.asyncio

from services.pricing_risk.price_histories import PriceHistories
from services.pricing_risk.series_book import SeriesBook
from services.pricing_risk.ticks import Ticks
from shared.bus import Bus
from shared.bus.keys import state_key
from shared.bus.types import Delivery, DueTimer, Effects, UndecodableEvent
from shared.contracts.alert import Alert, AlertEvent
from shared.contracts.base import unix_ms
from shared.contracts.canonical import derive_id
from shared.contracts.price import PriceEvent, PriceTick
from shared.contracts.price_series import SeriesView

FIRST = date(2026, 1, 5)
CHINESE: dict[str, Any] = {"material": "Nd", "form": "oxide", "market": "CN", "basis": "assessed", "currency": "CNY"} | {
    "unit": "t",
    "tax": "included",
    "source": "smm",
}
OUTSIDE: dict[str, Any] = {"material": "Nd", "form": "oxide", "market": "EX_CN", "basis": "assessed", "currency": "USD"} | {
    "unit": "kg",
    "source": "argus",
}
YUAN: dict[str, Any] = {"material": "CNY", "form": "currency", "market": "FX", "basis": "assessed", "currency": "USD", "source": "ecb"}


class Feed:
    """Of one partition."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.book = SeriesBook(bus)
        self.histories = PriceHistories(bus)
        self.ticks = Ticks(bus, self.book, self.histories)
        self.done: set[str] = set()
        """Entry ids of what was committed."""
        self.alerts: list[Alert] = []
        self.timers: dict[str, int] = {}
        self._client: Any = redis.asyncio.Redis.from_url(bus.settings.url)
        self._numbers = count(1)

    async def close(self) -> None:
        await self._client.aclose()

    async def send(self, *said: Mapping[str, Any], at: datetime | None = None) -> list[Effects | Exception]:
        """One batch. What says neither is of its own day, at noon."""
        deliveries = [self.delivery(event(each, at)) for each in said]
        return await self.deliver(deliveries)

    def delivery(self, content: bytes) -> Delivery:
        return Delivery("prices", 0, f"{1_767_000_000_000 + next(self._numbers)}-0", content)

    async def deliver(self, deliveries: Sequence[Delivery], committed: int | None = None) -> list[Effects | Exception]:
        results = list(await self.ticks.on_prices(deliveries, self.bus.state(0)))
        for delivery, result in list(zip(deliveries, results, strict=True))[:committed]:
            self.done.add(delivery.entry_id)
            if isinstance(result, Effects):
                await self._commit(result)
            elif not isinstance(result, UndecodableEvent):
                raise result
        return results

    async def fire(self, now: datetime) -> None:
        """The timers that are due by then."""
        due = [DueTimer(0, name, at) for name, at in sorted(self.timers.items()) if at <= unix_ms(now)]
        for timer in due:
            del self.timers[timer.name]
        for effects in await self.ticks.on_timers(due, self.bus.state(0)):
            assert isinstance(effects, Effects)
            await self._commit(effects)

    async def _commit(self, effects: Effects) -> None:
        for write in effects.writes:
            await self.write(write.command, write.key, *write.arguments)
        for timer in effects.timers:
            if timer.due_ms is None:
                self.timers.pop(timer.name, None)
            else:
                self.timers[timer.name] = timer.due_ms
        self.alerts += [AlertEvent.model_validate_json(content).data for _, content in effects.outputs]

    async def write(self, command: str, key: str, *arguments: Any) -> None:
        await self._client.execute_command(command, state_key(0, self.bus.settings.group, key), *arguments)

    async def empty(self) -> None:
        """As if nothing had ever come."""
        await self._client.flushall()
        self.ticks = Ticks(self.bus, self.book, self.histories)
        self.timers.clear()
        self.alerts.clear()

    async def view(self, beginning: str = "Nd/oxide/-/CN") -> SeriesView:
        return next(view for series, view in (await self.book.current()).items() if series.startswith(beginning))

    async def state(self) -> dict[str, dict[bytes, bytes]]:
        """What lies in Redis of the series but for what names messages and moments: versions, ticks, what is firing since when."""
        prefix = state_key(0, self.bus.settings.group, "")
        found: dict[str, dict[bytes, bytes]] = {}
        async for key in self._client.scan_iter(match=f"{prefix}*"):
            name = key.decode().removeprefix(prefix)
            if name.split(":")[0] in ("heads", "views", "state", "held"):
                found[name] = {field: value for field, value in (await self._client.hgetall(key)).items() if field != b"about"}
        return found

    def told(self) -> list[tuple[str, str]]:
        """Kind and state of the alerts so far, in order."""
        return [(alert.kind, alert.state) for alert in self.alerts]


def event(said: Mapping[str, Any], at: datetime | None = None) -> bytes:
    tick = PriceTick.model_validate(said)
    moment = at or datetime(tick.as_of.year, tick.as_of.month, tick.as_of.day, 12, tzinfo=UTC)
    return PriceEvent(
        id=derive_id("price", repr(sorted(said.items(), key=str))),
        source="orestream/gateway",
        type="orestream.price.withdrawn.v1" if tick.withdrawn else "orestream.price.recorded.v1",
        subject=tick.material,
        time=moment,
        data=tick,
    ).encode()


def noon(day: int) -> datetime:
    return datetime(2026, 1, 5, 12, tzinfo=UTC) + timedelta(days=day)


def chinese(day: int, price: float, **changes: Any) -> dict[str, Any]:
    return {**CHINESE, "price": f"{price}", "as_of": FIRST + timedelta(days=day), **changes}


def outside(day: int, price: float, **changes: Any) -> dict[str, Any]:
    return {**OUTSIDE, "price": f"{price}", "as_of": FIRST + timedelta(days=day), **changes}


def yuan(day: int, price: float) -> dict[str, Any]:
    return {**YUAN, "price": f"{price}", "as_of": FIRST + timedelta(days=day)}
