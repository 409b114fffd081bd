"""The portfolio of all open orders as it stands: read over all partitions, and again only where something has changed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from services.pricing_risk import keys
from services.pricing_risk.domain.joint_history import History
from services.pricing_risk.domain.open_order import OpenOrder, open_order, symbols_of
from services.pricing_risk.domain.policy import PricingPolicy
from services.pricing_risk.domain.portfolio import Portfolio
from services.pricing_risk.domain.positions import OrderPosition
from services.pricing_risk.domain.price_scenarios import PriceScenario, Supposed, suppose
from services.pricing_risk.domain.valuation import MarketPrices
from services.pricing_risk.price_histories import PriceHistories
from services.pricing_risk.series_book import SeriesBook
from shared.bus import Bus
from shared.contracts.price_series import SeriesView


@dataclass(slots=True, frozen=True)
class WhatIf:
    supposed: Supposed
    before: Portfolio
    after: Portfolio


@dataclass(slots=True)
class _Partition:
    """What was read of one partition. `read`: by order the hash of what is stored, and the order."""

    changed: bytes | None = None
    read: dict[bytes, tuple[int, OpenOrder]] | None = None


class Exposures:
    """Works off the event loop; who asks while it works gets the same answer."""

    def __init__(self, bus: Bus, series: SeriesBook, histories: PriceHistories, policy: PricingPolicy) -> None:
        self._states: Final = [bus.state(partition) for partition in range(bus.settings.partitions)]
        self._partitions = [_Partition() for _ in self._states]
        self._series = series
        self._histories = histories
        self._policy = policy
        self._reading = asyncio.Lock()
        self._standing: tuple[object, Portfolio] | None = None

    async def portfolio(self, today: date) -> Portfolio:
        async with self._reading:
            return (await self._current(today))[0]

    async def have_budgets(self) -> bool:
        async with self._reading:
            return any(order.has_budget for order in await self._orders())

    async def what_if(self, asked: PriceScenario, today: date) -> WhatIf:
        """Raises ValueError as `suppose` does."""
        async with self._reading:
            before, orders = await self._current(today)
            supposed = suppose(asked, before.market.views, self._policy.stress)
            histories = await self._past(orders, supposed.views)
            after = await asyncio.to_thread(self._made, orders, supposed.views, histories, today)
        return WhatIf(supposed, before, after)

    async def _current(self, today: date) -> tuple[Portfolio, Sequence[OpenOrder]]:
        views = await self._series.with_references()
        orders = await self._orders()
        made_of = (today, [partition.changed for partition in self._partitions], {name: view.digest for name, view in views.items()})
        if self._standing is None or self._standing[0] != made_of:
            histories = await self._past(orders, views)
            self._standing = made_of, await asyncio.to_thread(self._made, orders, views, histories, today)
        return self._standing[1], orders

    async def _orders(self) -> list[OpenOrder]:
        await asyncio.gather(*(self._read(number) for number in range(len(self._states))))
        return [order for partition in self._partitions for _, order in (partition.read or {}).values()]

    async def _read(self, number: int) -> None:
        state, partition = self._states[number], self._partitions[number]
        # Read before the positions: a change that comes between the two reads is read again the next time.
        changed = await state.get(keys.POSITIONS_CHANGED)
        if partition.read is None or changed != partition.changed:
            stored = await state.hash_get_all(keys.POSITIONS)
            partition.read = await asyncio.to_thread(_decoded, stored, partition.read or {})
            partition.changed = changed

    async def _past(self, orders: Sequence[OpenOrder], views: Mapping[str, SeriesView]) -> Mapping[str, History]:
        """Of the series of what is on order, and of all exchange rates."""
        held = {symbol for order in orders for line in order.lines for material in line.materials for symbol in material.symbols}
        daily = [
            view
            for view in views.values()
            if view.kind == "daily" and (view.market == "FX" or not held.isdisjoint(view.elements or [view.material]))
        ]
        read = await self._histories.of(daily)
        return {
            series: History(np.frombuffer(past.days, dtype=np.int64), np.frombuffer(past.prices, dtype=np.float64))
            for series, past in read.items()
            if past.days
        }

    def _made(
        self, orders: Sequence[OpenOrder], views: Mapping[str, SeriesView], histories: Mapping[str, History], today: date
    ) -> Portfolio:
        prices = MarketPrices(views, self._policy.reporting_currency, today, self._policy.confidence.low_stale_days)
        return Portfolio(orders, prices, histories, self._hedgeable)

    def _hedgeable(self, elements: str) -> float:
        return float(self._policy.hedgeable_share(*symbols_of(elements)))


def _decoded(stored: Mapping[bytes, bytes], before: Mapping[bytes, tuple[int, OpenOrder]]) -> dict[bytes, tuple[int, OpenOrder]]:
    found = {}
    for order, content in stored.items():
        known, digest = before.get(order), hash(content)
        found[order] = (
            known if known is not None and known[0] == digest else (digest, open_order(OrderPosition.model_validate_json(content)))
        )
    return found
