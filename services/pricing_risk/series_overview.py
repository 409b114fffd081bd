"""What stands of the price series: how each is today, what was held back and why, what was said of each day; and gauges of it."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime
from urllib.parse import unquote

import orjson
from pydantic import BaseModel, ConfigDict

from services.pricing_risk import keys, metrics
from services.pricing_risk.domain.price_alerts import Kind, Raised
from services.pricing_risk.domain.price_log import Tick, tick_field, tick_key
from services.pricing_risk.domain.regime import REGIMES
from services.pricing_risk.kept_series import ABOUT_FIELD, firing
from services.pricing_risk.series_book import SeriesBook
from services.pricing_risk.ticks import REFUSED
from shared.bus import Bus
from shared.bus.types import State
from shared.contracts.base import beginning_of
from shared.contracts.price_series import SeriesView


class SeriesToday(SeriesView):
    stale_days: int
    """Calendar days since the day of the last price."""


class HeldPrice(BaseModel):
    """`outcome` waiting: the next quote, or another source, decides; held: it stays out unless it is corrected."""

    model_config = ConfigDict(frozen=True)

    series: str
    as_of: date
    source: str
    outcome: str
    reason: str
    sentence: str
    quoted: str
    """In the words of the source."""
    price_per_kg: float | None
    """Of contained element, without tax, in the series' currency; None where it could not be told."""


class LoggedTick(BaseModel):
    model_config = ConfigDict(frozen=True)

    as_of: date
    source: str
    quoted: str
    price_per_kg: float
    event_id: str
    published_at: datetime | None
    held: str | None
    """Why it waits or stays out; None where it entered, or stood beside one that did."""


class SeriesOverview:
    def __init__(self, bus: Bus, book: SeriesBook) -> None:
        self._bus = bus
        self._book = book

    async def today(self, on: date, material: str | None = None) -> list[SeriesToday]:
        """Every series, or those of a material, by id."""
        views = (await self._book.current()).values()
        return [SeriesToday(**dict(view), stale_days=max(0, (on - view.as_of).days)) for view in views if material in (None, view.material)]

    async def held(self, material: str | None = None) -> list[HeldPrice]:
        """What waits or was kept out, the latest days first."""
        partitions = range(self._bus.settings.partitions) if material is None else [self._bus.partition_of(material)]
        found: list[HeldPrice] = []
        for state in [self._bus.state(partition) for partition in partitions]:
            names = sorted(name.decode() for name in await state.hash_get_all(keys.VERSIONS))
            wanted = [name for name in names if material in (None, _material(name))]
            for part in await asyncio.gather(*(_held_of(state, series) for series in wanted)):
                found += part
        return sorted(found, key=lambda each: (-each.as_of.toordinal(), each.series, each.source))

    async def ticks(self, series: str) -> list[LoggedTick]:
        """What was said of a series, by day; empty where there is none of that id."""
        state = self._bus.state(self._bus.partition_of(_material(series)))
        log = await state.hash_get_all(keys.ticks_key(series))
        held = await state.hash_get_all(keys.held_key(series))
        ticks = [Tick.decoded(tick_key(name.decode()), stored) for name, stored in log.items()]
        return [_logged(tick, held) for tick in sorted(ticks, key=lambda tick: tick.order)]

    async def show(self, now: datetime) -> None:
        """Brings the gauges up to date."""
        views = await self._book.current()
        raised = [alert for part in await asyncio.gather(*(self._firing(series) for series in views)) for alert in part.items()]
        for gauge in (metrics.PRICE, metrics.TICK_AGE, metrics.REGIME, metrics.PREMIUM, metrics.HELD, metrics.FIRING):
            gauge.clear()
        for kind, alert in raised:
            metrics.FIRING.labels(kind, alert.severity).inc()
        for view in views.values():
            metrics.PRICE.labels(view.series, view.currency).set(float(view.price))
            metrics.TICK_AGE.labels(view.series).set(max(0.0, (now - beginning_of(view.as_of)).total_seconds()))
            metrics.HELD.labels(view.series).set(view.held)
            for regime in REGIMES:
                metrics.REGIME.labels(view.series, regime).set(regime == view.regime)
            if view.premium is not None:
                metrics.PREMIUM.labels(view.series).set(view.premium.percent)

    async def _firing(self, series: str) -> Mapping[Kind, Raised]:
        state = self._bus.state(self._bus.partition_of(_material(series)))
        (about,) = await state.hash_get_many(keys.state_key(series), [ABOUT_FIELD])
        return firing(about) if about is not None else {}


def _material(series: str) -> str:
    return unquote(series.partition("/")[0])


async def _held_of(state: State, series: str) -> list[HeldPrice]:
    held = {name.decode(): orjson.loads(stored) for name, stored in (await state.hash_get_all(keys.held_key(series))).items()}
    waiting = [name for name in held if not name.startswith(REFUSED)]
    logged = dict(zip(waiting, await state.hash_get_many(keys.ticks_key(series), waiting), strict=True))
    found: list[HeldPrice] = []
    for name, (outcome, reason, sentence, *refused) in held.items():
        key = tick_key(name.removeprefix(REFUSED))
        stored = logged.get(name)
        tick = Tick.decoded(key, stored) if stored is not None else None
        found.append(
            HeldPrice(
                series=series,
                as_of=key[0],
                source=key[1],
                outcome=outcome,
                reason=reason,
                sentence=sentence,
                quoted=tick.quoted if tick is not None else (refused[0] if refused else ""),
                price_per_kg=tick.quote.price if tick is not None else None,
            )
        )
    return found


def _logged(tick: Tick, held: Mapping[bytes, bytes]) -> LoggedTick:
    ruling = held.get(tick_field(tick.quote.key).encode())
    return LoggedTick(
        as_of=tick.quote.on,
        source=tick.quote.source,
        quoted=tick.quoted,
        price_per_kg=tick.quote.price,
        event_id=tick.event_id,
        published_at=datetime.fromisoformat(tick.published_at).astimezone(UTC) if tick.published_at is not None else None,
        held=orjson.loads(ruling)[2] if ruling is not None else None,
    )
