"""An order and its screening in; the order's price risk out, and what it adds to the firm's exposure."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from services.pricing_risk import keys
from services.pricing_risk.domain.inputs import OrderReadEvent, ScreeningReadEvent
from services.pricing_risk.domain.matching import Market
from services.pricing_risk.domain.positions import OrderPosition
from services.pricing_risk.domain.pricing import LinePricing
from services.pricing_risk.domain.result import elements_of, failed, priced, versions_of
from services.pricing_risk.policy_file import LoadedPolicy
from shared.bus.types import Effects, State, Write
from shared.contracts.price_series import SeriesView
from shared.order_joining import Joining, OrderJoin

MOST_REMEMBERED: Final = 50_000
"""Answers of a market that are kept from batch to batch: lines that each name a day or an index of their own must not fill the memory."""


class Orders:
    """`series` gives the price series as they stand; `code` is the version of Orestream that results name."""

    def __init__(self, series: Callable[[], Awaitable[Mapping[str, SeriesView]]], policy: LoadedPolicy, code: str) -> None:
        self._series = series
        self._pricing = LinePricing(policy.policy)
        self._versions = versions_of(policy.version, code)
        self._views: Mapping[str, SeriesView] = {}
        self._market = self._pricing.market({})
        join = OrderJoin(OrderReadEvent, ScreeningReadEvent, self._prepare, "price-risks", self._given_up)
        self.on_orders = join.on_orders
        self.on_screenings = join.on_screenings
        self.on_order_given_up = join.on_order_given_up
        self.on_screening_given_up = join.on_screening_given_up

    async def _prepare(
        self, state: State, joining: Joining[OrderReadEvent, ScreeningReadEvent], _orders: Sequence[OrderReadEvent]
    ) -> "Pricing":
        market = await self._market_now()
        positions = await state.hash_get_many(keys.POSITIONS, joining.subjects)
        elements = {
            key: elements_of(OrderPosition.model_validate_json(stored)) if stored is not None else None
            for key, stored in zip(joining.subjects, positions, strict=True)
        }
        return Pricing(elements, market, self._pricing, self._versions)

    async def _market_now(self) -> Market:
        views = await self._series()
        if views != self._views or self._market.remembered > MOST_REMEMBERED:
            self._views, self._market = views, self._pricing.market(views)
        return self._market

    def _given_up(self, cause: OrderReadEvent | ScreeningReadEvent, screening_id: str, order_id: str, error: Exception) -> bytes:
        told = (
            f"The price risk could not be worked out ({type(error).__name__}); the dead letters hold what failed, and no answer is no pass."
        )
        return failed(cause, screening_id, order_id, told, self._versions).encode()


class Pricing:
    """What pricing does with the pairs of one batch; `elements`: by order, those that its position is exposed to."""

    def __init__(self, elements: dict[str, set[str] | None], market: Market, pricing: LinePricing, versions: Mapping[str, str]) -> None:
        self._elements = elements
        self._market = market
        self._pricing = pricing
        self._versions = versions

    def meet(self, order: OrderReadEvent, screening: ScreeningReadEvent, effects: Effects) -> bool:
        answer = priced(order, screening, self._market, self._pricing, self._versions)
        effects.outputs.append(("price-risks", answer.event.encode()))
        worked_out = answer.event.data.outcome == "priced"
        if worked_out and not order.data.ended:  # else what was known of the order stays its position
            self._place(screening.subject, answer.position, effects, screening.id)
        return worked_out

    def end(self, key: str, event_id: str, effects: Effects) -> None:
        self._place(key, None, effects, event_id)

    def _place(self, key: str, position: OrderPosition | None, effects: Effects, event_id: str) -> None:
        """The position of the order, and its name under each element that it is exposed to. `event_id`: the event that changes it."""
        placed = self._elements[key]
        if position is None and placed is None:
            return
        if position is not None:
            effects.writes.append(Write("HSET", keys.POSITIONS, (key, position.model_dump_json(exclude_defaults=True))))
        else:
            effects.writes.append(Write("HDEL", keys.POSITIONS, (key,)))
        effects.writes.append(Write("SET", keys.POSITIONS_CHANGED, (event_id,)))
        before, now = placed or set(), elements_of(position)
        effects.writes += [Write("SREM", keys.concerned_key(element), (key,)) for element in sorted(before - now)]
        effects.writes += [Write("SADD", keys.concerned_key(element), (key,)) for element in sorted(now - before)]
        self._elements[key] = now if position is not None else None
