"""An order and its screening, whichever comes first: each pair is answered once, by the service that needs both.

In the order's partition of the group: `orders`, order key → what is kept of it until its screening comes, then its revision and round as
long as it is open; `waiting`, order key → the screening that came before its order.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Final, Generic, NamedTuple, Protocol, Self, TypeVar

import orjson
from pydantic import ValidationError

from shared.bus import in_a_thread, one_by_one
from shared.bus.types import Delivery, Effects, State, StreamName, UndecodableEvent, Write
from shared.contracts.screening import NOT_MET

ORDERS: Final = "orders"
WAITING: Final = "waiting"
INLINE_LINES: Final = 1_000
"""A batch with more lines is answered in a thread: leases have to be renewed meanwhile."""


class _Screened(Protocol):
    """What is read of a screening. `number` is revision and round: the higher one is the newer."""

    @property
    def number(self) -> tuple[int, int]: ...
    @property
    def order_event_id(self) -> str: ...
    @property
    def lines(self) -> Sequence[object]: ...


class _Ordered(Protocol):
    """What is read of an order. `ended`: it brings nothing any more, and leaves the state once it is answered."""

    @property
    def number(self) -> tuple[int, int]: ...
    @property
    def ended(self) -> bool: ...
    @property
    def lines(self) -> Sequence[object]: ...


class _Event(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @classmethod
    def model_validate_json(cls, json_data: bytes) -> Self: ...
    def model_dump_json(self, *, exclude_defaults: bool = False) -> str: ...


class OrderIn(_Event, Protocol):
    @property
    def data(self) -> _Ordered: ...


class ScreeningIn(_Event, Protocol):
    @property
    def data(self) -> _Screened: ...


Order = TypeVar("Order", bound=OrderIn)
Screening = TypeVar("Screening", bound=ScreeningIn)
Read = TypeVar("Read", bound=_Event)
AnOrder = TypeVar("AnOrder", bound=OrderIn, contravariant=True)
AScreening = TypeVar("AScreening", bound=ScreeningIn, contravariant=True)


class Answering(Protocol[AnOrder, AScreening]):
    """What a service does with a pair, for the time of one batch: it adds outputs and writes to the effects."""

    def meet(self, order: AnOrder, screening: AScreening, effects: Effects) -> bool:
        """Answers the pair; False where the answer is that there is none, so that another screening may come."""

    def end(self, key: str, event_id: str, effects: Effects) -> None:
        """The order has ended: what it added to the service's state goes. `event_id` names what ended it. May be repeated."""


class Kept(NamedTuple, Generic[Order]):
    """What is kept of an open order: all that is read of it until it is answered, then its number and the screening it was answered with.

    What failed may be replayed from the dead letters: an order stays whole behind a failed screening, and one that was given up itself is
    taken again.
    """

    number: tuple[int, int]
    """Revision and round."""
    event: Order | None = None
    answered: str | None = None
    """The screening that the last result names."""

    def encoded(self) -> bytes:
        event = self.event.model_dump_json(exclude_defaults=True) if self.event is not None else None
        return orjson.dumps({"number": self.number, "event": event, "answered": self.answered})


class Joining(Generic[Order, Screening]):
    """The orders of one batch with what is known of each, kept up to date while the batch is worked off."""

    def __init__(self, subjects: Sequence[str], orders: dict[str, Kept[Order]], waiting: dict[str, Screening]) -> None:
        self.subjects = subjects
        self._orders = orders
        self._waiting = waiting

    @classmethod
    async def read(
        cls, state: State, subjects: Sequence[str], order_kind: type[Order], screening_kind: type[Screening]
    ) -> "Joining[Order, Screening]":
        orders = await state.hash_get_many(ORDERS, subjects)
        waiting = await state.hash_get_many(WAITING, subjects)
        return Joining(
            subjects,
            {key: _kept(stored, order_kind) for key, stored in zip(subjects, orders, strict=True) if stored is not None},
            {key: screening_kind.model_validate_json(stored) for key, stored in zip(subjects, waiting, strict=True) if stored is not None},
        )

    def orders(self) -> Iterator[Order]:
        """Those that are kept whole and may meet their screening."""
        return (kept.event for kept in self._orders.values() if kept.event is not None)

    def order(self, order: Order, answering: Answering[Order, Screening]) -> Effects:
        key = order.subject
        kept = self._orders.get(key)
        if kept is not None and (kept.number > order.data.number or (kept.number == order.data.number and kept.answered != NOT_MET)):
            return Effects()
        effects = Effects()
        waiting = self._waiting.get(key)
        if order.data.ended:
            answering.end(key, order.id, effects)
        if waiting is not None and waiting.data.number <= order.data.number:
            del self._waiting[key]
            effects.writes.append(Write("HDEL", WAITING, (key,)))
            if waiting.data.number == order.data.number:
                self._meet(order, waiting, answering, effects)
                return effects
        self._keep(key, Kept(order.data.number, order), effects)
        return effects

    def screening(self, screening: Screening, answering: Answering[Order, Screening]) -> Effects:
        key = screening.subject
        effects = Effects()
        kept = self._orders.get(key)
        if kept is None or kept.number < screening.data.number or (kept.number == screening.data.number and kept.answered == NOT_MET):
            waiting = self._waiting.get(key)
            if waiting is None or waiting.data.number <= screening.data.number:
                self._waiting[key] = screening
                effects.writes.append(Write("HSET", WAITING, (key, screening.model_dump_json(exclude_defaults=True))))
        elif kept.number == screening.data.number and kept.event is not None and kept.answered != screening.id:
            self._meet(kept.event, screening, answering, effects)
        return effects

    def _meet(self, order: Order, screening: Screening, answering: Answering[Order, Screening], effects: Effects) -> None:
        key = screening.subject
        answered = answering.meet(order, screening, effects)
        if order.data.ended:
            answering.end(key, screening.id, effects)
            self._orders.pop(key, None)
            effects.writes.append(Write("HDEL", ORDERS, (key,)))
        else:
            self._keep(key, Kept(order.data.number, None if answered else order, screening.id), effects)

    def _keep(self, key: str, kept: Kept[Order], effects: Effects) -> None:
        self._orders[key] = kept
        effects.writes.append(Write("HSET", ORDERS, (key, kept.encoded())))


class OrderJoin(Generic[Order, Screening]):
    """Handlers of `orders` and `screenings` for a service that answers each pair on a stream of its own.

    `prepare` is called once a batch, with what is kept of its orders and the orders in it. `failed` makes the event that tells that there
    is no answer: of its cause, the ids of screening and order, and why.
    """

    def __init__(
        self,
        order_kind: type[Order],
        screening_kind: type[Screening],
        prepare: Callable[[State, Joining[Order, Screening], Sequence[Order]], Awaitable[Answering[Order, Screening]]],
        stream: StreamName,
        failed: Callable[[Order | Screening, str, str, Exception], bytes],
    ) -> None:
        self._order_kind = order_kind
        self._screening_kind = screening_kind
        self._prepare = prepare
        self._stream = stream
        self._failed = failed

    async def on_orders(self, deliveries: Sequence[Delivery], state: State) -> Sequence[Effects | Exception]:
        events, joining = await self._read(deliveries, state, self._order_kind)
        answering = await self._prepare(state, joining, list(events.values()))
        return await _each(self._order_kind, deliveries, state, events, lambda order: joining.order(order, answering))

    async def on_screenings(self, deliveries: Sequence[Delivery], state: State) -> Sequence[Effects | Exception]:
        events, joining = await self._read(deliveries, state, self._screening_kind)
        answering = await self._prepare(state, joining, [])
        return await _each(self._screening_kind, deliveries, state, events, lambda screening: joining.screening(screening, answering))

    async def _read(
        self, deliveries: Sequence[Delivery], state: State, kind: type[Read]
    ) -> tuple[dict[str, Read], Joining[Order, Screening]]:
        """The events by entry, without those that are none, and what is known of their orders."""
        events: dict[str, Read] = {}

        def read(delivery: Delivery) -> Effects:
            events[delivery.entry_id] = _decoded(kind, delivery)
            return Effects()

        await one_by_one(read)(deliveries, state)
        subjects = list(dict.fromkeys(event.subject for event in events.values()))
        return events, await Joining.read(state, subjects, self._order_kind, self._screening_kind)

    def on_order_given_up(self, delivery: Delivery, error: Exception) -> Effects:
        """A failed result and a mark that the order is answered; nothing of bytes that are no order event."""
        try:
            order = _decoded(self._order_kind, delivery)
        except UndecodableEvent:
            return Effects()
        kept: Kept[Order] = Kept(order.data.number, answered=NOT_MET)
        return Effects(
            outputs=[(self._stream, self._failed(order, NOT_MET, order.id, error))],
            writes=[Write("HSET", ORDERS, (order.subject, kept.encoded()))],
        )

    def on_screening_given_up(self, delivery: Delivery, error: Exception) -> Effects:
        try:
            screening = _decoded(self._screening_kind, delivery)
        except UndecodableEvent:
            return Effects()
        return Effects(outputs=[(self._stream, self._failed(screening, screening.id, screening.data.order_event_id, error))])


async def _each(
    kind: type[Read], deliveries: Sequence[Delivery], state: State, events: dict[str, Read], take: Callable[[Read], Effects]
) -> Sequence[Effects | Exception]:
    def turn(delivery: Delivery) -> Effects:
        return take(events.get(delivery.entry_id) or _decoded(kind, delivery))

    lines = sum(len(_lines(event)) for event in events.values())
    return await (in_a_thread if lines > INLINE_LINES else one_by_one)(turn)(deliveries, state)


def _lines(event: Any) -> Sequence[object]:
    lines: Sequence[object] = event.data.lines
    return lines


def _kept(stored: bytes, kind: type[Order]) -> Kept[Order]:
    said = orjson.loads(stored)
    event = kind.model_validate_json(said["event"]) if said["event"] is not None else None
    revision, round_number = said["number"]
    return Kept((revision, round_number), event, said["answered"])


def _decoded(kind: type[Read], delivery: Delivery) -> Read:
    try:
        return kind.model_validate_json(delivery.event)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise UndecodableEvent(f"not of {delivery.stream}: {'/'.join(map(str, first['loc']))}: {first['msg']}") from error
