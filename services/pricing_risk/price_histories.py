"""The prices that entered each series, day by day: read from the tick logs, and again only where a series has changed."""

import asyncio
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.pricing_risk import keys
from services.pricing_risk.domain.gate import Quote
from services.pricing_risk.domain.price_log import Tick, entered, tick_key
from shared.bus import Bus
from shared.contracts.price_series import SeriesView


@dataclass(slots=True, frozen=True)
class PriceHistory:
    """`days` are ordinals (`date.toordinal`), rising; numpy reads both arrays as they are."""

    days: "array[int]"
    prices: "array[float]"

    def at(self, on: date) -> float | None:
        """The last price up to a day."""
        index = bisect_right(self.days, on.toordinal())
        return self.prices[index - 1] if index else None


class PriceHistories:
    def __init__(self, bus: Bus) -> None:
        self._bus: Final = bus
        self._kept: dict[str, tuple[str, PriceHistory]] = {}

    async def of(self, views: Iterable[SeriesView]) -> Mapping[str, PriceHistory]:
        """By series id."""
        wanted = list(views)
        changed = [view for view in wanted if view.series not in self._kept or self._kept[view.series][0] != view.digest]
        for view, history in zip(changed, await asyncio.gather(*(self._read(view) for view in changed)), strict=True):
            self._kept[view.series] = (view.digest, history)
        return {view.series: self._kept[view.series][1] for view in wanted}

    async def _read(self, view: SeriesView) -> PriceHistory:
        log = await self._bus.state(self._bus.partition_of(view.material)).hash_get_all(keys.ticks_key(view.series))
        return await asyncio.to_thread(history_of, log)


def history_of(log: Mapping[bytes, bytes]) -> PriceHistory:
    """What a stored tick log let into the state; of two prices of a day the later one."""
    by_day = {on.toordinal(): price for on, price in entered(quotes_of(log))}
    return PriceHistory(array("q", by_day.keys()), array("d", by_day.values()))


def quotes_of(log: Mapping[bytes, bytes]) -> list[Quote]:
    """The quotes of a stored tick log in its order."""
    ticks = [Tick.decoded(tick_key(name.decode()), stored) for name, stored in log.items()]
    ticks.sort(key=lambda tick: tick.order)
    return [tick.quote for tick in ticks]
