"""An order and its screening in, whichever comes first; the order's price risk out, and what it adds to the firm's exposure."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

import orjson
from pydantic import ValidationError

from services.pricing_risk import keys
from services.pricing_risk.domain.inputs import OrderReadEvent, ScreeningReadEvent
from services.pricing_risk.domain.matching import Market
from services.pricing_risk.domain.positions import OrderPosition
from services.pricing_risk.domain.pricing import LinePricing
from services.pricing_risk.domain.result import NOT_MET, PricedOrder, elements_of, failed, priced, versions_of
from services.pricing_risk.policy_file import LoadedPolicy
from shared.bus import in_a_thread, one_by_one
from shared.bus.types import Delivery, Effects, State, UndecodableEvent, Write
from shared.contracts.price_series import SeriesView

INLINE_LINES: Final = 1_000
"""A batch with more lines is priced in a thread: leases have to be renewed meanwhile."""

Read = TypeVar("Read", OrderReadEvent, ScreeningReadEvent)


class Orders:
    """`series` gives the price series as they stand; `code` is the version of Orestream that results name."""

    def __init__(self, series: Callable[[], Awaitable[Mapping[str, SeriesView]]], policy: LoadedPolicy, code: str) -> None:
        self._series = series
        self._pricing = LinePricing(policy.policy)
        self._versions = versions_of(policy.version, code)
        self._views: Mapping[str, SeriesView] = {}
        self._market = self._pricing.market({})

    async def on_orders(self, deliveries: Sequence[Delivery], state: State) -> Sequence[Effects | Exception]:
        return await self._handle(deliveries, state, OrderReadEvent, Joining.order)

    async def on_screenings(self, deliveries: Sequence[Delivery], state: State) -> Sequence[Effects | Exception]:
        return await self._handle(deliveries, state, ScreeningReadEvent, Joining.screening)

    async def _handle(
        self,
        deliveries: Sequence[Delivery],
        state: State,
        kind: type[Read],
        take: "Callable[[Joining, Read], Effects]",
    ) -> Sequence[Effects | Exception]:
        events: dict[str, Read] = {}

        def read(delivery: Delivery) -> Effects:
            events[delivery.entry_id] = _read(kind, delivery)
            return Effects()

        await one_by_one(read)(deliveries, state)
        subjects = list(dict.fromkeys(event.subject for event in events.values()))
        joining = await Joining.read(state, subjects, await self._market_now(), self._pricing, self._versions)

        def turn(delivery: Delivery) -> Effects:
            if delivery.entry_id not in events:
                read(delivery)
            return take(joining, events[delivery.entry_id])

        lines = sum(len(event.data.lines) for event in events.values())
        return await (in_a_thread if lines > INLINE_LINES else one_by_one)(turn)(deliveries, state)

    async def _market_now(self) -> Market:
        views = await self._series()
        if views != self._views:
            self._views, self._market = views, self._pricing.market(views)
        return self._market

    def on_order_given_up(self, delivery: Delivery, error: Exception) -> Effects:
        """A failed result and a mark that the order is answered; nothing of bytes that are no order event."""
        try:
            order = _read(OrderReadEvent, delivery)
        except UndecodableEvent:
            return Effects()
        event = failed(order, NOT_MET, order.id, _given_up(error), self._versions)
        return Effects(
            outputs=[("price-risks", event.encode())],
            writes=[Write("HSET", keys.ORDERS, (order.subject, Kept(order.data.number, answered=NOT_MET).encoded()))],
        )

    def on_screening_given_up(self, delivery: Delivery, error: Exception) -> Effects:
        try:
            screening = _read(ScreeningReadEvent, delivery)
        except UndecodableEvent:
            return Effects()
        event = failed(screening, screening.id, screening.data.order_event_id, _given_up(error), self._versions)
        return Effects(outputs=[("price-risks", event.encode())])


class Kept(NamedTuple):
    """What is kept of an open order: all that pricing reads of it until it is priced, then its number and the screening it was priced with.

    What failed may be replayed from the dead letters: an order stays whole behind a failed screening, and one that was given up itself is
    taken again.
    """

    number: tuple[int, int]
    """Revision and round."""
    event: OrderReadEvent | None = None
    answered: str | None = None
    """The screening that the last result names."""

    def encoded(self) -> bytes:
        event = self.event.model_dump_json(exclude_defaults=True) if self.event is not None else None
        return orjson.dumps({"number": self.number, "event": event, "answered": self.answered})

    @classmethod
    def decoded(cls, stored: bytes) -> "Kept":
        said = orjson.loads(stored)
        event = OrderReadEvent.model_validate_json(said["event"]) if said["event"] is not None else None
        revision, round_number = said["number"]
        return cls((revision, round_number), event, said["answered"])


class Joining:
    """The orders of one batch with what is known of each, kept up to date while the batch is worked off."""

    def __init__(
        self,
        orders: dict[str, Kept],
        waiting: dict[str, ScreeningReadEvent],
        elements: dict[str, set[str] | None],
        market: Market,
        pricing: LinePricing,
        versions: Mapping[str, str],
    ) -> None:
        self._orders = orders
        self._waiting = waiting
        self._elements = elements
        self._market = market
        self._pricing = pricing
        self._versions = versions

    @classmethod
    async def read(
        cls, state: State, subjects: Sequence[str], market: Market, pricing: LinePricing, versions: Mapping[str, str]
    ) -> "Joining":
        orders = await state.hash_get_many(keys.ORDERS, subjects)
        waiting = await state.hash_get_many(keys.WAITING, subjects)
        positions = await state.hash_get_many(keys.POSITIONS, subjects)
        return cls(
            {key: Kept.decoded(stored) for key, stored in zip(subjects, orders, strict=True) if stored is not None},
            {
                key: ScreeningReadEvent.model_validate_json(stored)
                for key, stored in zip(subjects, waiting, strict=True)
                if stored is not None
            },
            {
                key: elements_of(OrderPosition.model_validate_json(stored)) if stored is not None else None
                for key, stored in zip(subjects, positions, strict=True)
            },
            market,
            pricing,
            versions,
        )

    def order(self, order: OrderReadEvent) -> Effects:
        key = order.subject
        kept = self._orders.get(key)
        if kept is not None and (kept.number > order.data.number or (kept.number == order.data.number and kept.answered != NOT_MET)):
            return Effects()
        effects = Effects()
        waiting = self._waiting.get(key)
        if order.data.ended:
            self._place(key, None, effects, order.id)
        if waiting is not None and waiting.data.number <= order.data.number:
            del self._waiting[key]
            effects.writes.append(Write("HDEL", keys.WAITING, (key,)))
            if waiting.data.number == order.data.number:
                self._price(order, waiting, effects)
                return effects
        self._keep(key, Kept(order.data.number, order), effects)
        return effects

    def screening(self, screening: ScreeningReadEvent) -> Effects:
        key = screening.subject
        effects = Effects()
        kept = self._orders.get(key)
        if kept is None or kept.number < screening.data.number or (kept.number == screening.data.number and kept.answered == NOT_MET):
            waiting = self._waiting.get(key)
            if waiting is None or waiting.data.number <= screening.data.number:
                self._waiting[key] = screening
                content = screening.model_dump_json(exclude_defaults=True)
                effects.writes.append(Write("HSET", keys.WAITING, (key, content)))
        elif kept.number == screening.data.number and kept.event is not None and kept.answered != screening.id:
            self._price(kept.event, screening, effects)
        return effects

    def _price(self, order: OrderReadEvent, screening: ScreeningReadEvent, effects: Effects) -> None:
        answer: PricedOrder = priced(order, screening, self._market, self._pricing, self._versions)
        effects.outputs.append(("price-risks", answer.event.encode()))
        key, worked_out = screening.subject, answer.event.data.outcome == "priced"
        if order.data.ended:
            self._place(key, None, effects, screening.id)
            self._orders.pop(key, None)
            effects.writes.append(Write("HDEL", keys.ORDERS, (key,)))
            return
        if worked_out:  # else what was known of the order stays its position
            self._place(key, answer.position, effects, screening.id)
        self._keep(key, Kept(order.data.number, None if worked_out else order, screening.id), effects)

    def _keep(self, key: str, kept: Kept, effects: Effects) -> None:
        self._orders[key] = kept
        effects.writes.append(Write("HSET", keys.ORDERS, (key, kept.encoded())))

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


def _read(kind: type[Read], delivery: Delivery) -> Read:
    try:
        return kind.model_validate_json(delivery.event)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise UndecodableEvent(f"not of {delivery.stream}: {'/'.join(map(str, first['loc']))}: {first['msg']}") from error


def _given_up(error: Exception) -> str:
    return f"The price risk could not be worked out ({type(error).__name__}); the dead letters hold what failed, and no answer is no pass."
