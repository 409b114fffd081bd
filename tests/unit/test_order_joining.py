"""An order and its screening are joined once, however they come, and whatever comes twice."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.bus.types import Delivery, Effects, State
from shared.contracts.base import Contract
from shared.contracts.envelope import Event
from shared.contracts.screening import NOT_MET
from shared.order_joining import ORDERS, WAITING, Joining, OrderJoin

KEY = "erp/1000/1"
TYPE = "orestream.order.made.v1"
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)


class Ordered(Contract):
    number: tuple[int, int]
    ended: bool = False
    lines: list[str] = []


class Screened(Contract):
    number: tuple[int, int]
    order_event_id: str
    works_out: bool = True
    lines: list[str] = []


OrderedEvent = Event[Ordered]
ScreenedEvent = Event[Screened]


def order(revision: int, ended: bool = False) -> OrderedEvent:
    data = Ordered(number=(revision, 1), ended=ended)
    return OrderedEvent(id=f"order-{revision}", source="test", type=TYPE, subject=KEY, time=MOMENT, data=data)


def screening(revision: int, name: str = "", works_out: bool = True) -> ScreenedEvent:
    data = Screened(number=(revision, 1), order_event_id=f"order-{revision}", works_out=works_out)
    return ScreenedEvent(id=f"screening-{revision}{name}", source="test", type=TYPE, subject=KEY, time=MOMENT, data=data)


class Hashes:
    """What is stored of one partition, in memory: the part of a state that joining reads."""

    def __init__(self) -> None:
        self.stored: dict[str, dict[str, bytes]] = {}

    async def hash_get_many(self, key: str, fields: Sequence[str]) -> list[bytes | None]:
        return [self.stored.get(key, {}).get(field) for field in fields]

    def commit(self, effects: Effects) -> None:
        for write in effects.writes:
            field, *content = write.arguments
            if write.command == "HSET":
                value = content[0]
                self.stored.setdefault(write.key, {})[str(field)] = value.encode() if isinstance(value, str) else bytes(value)  # type: ignore[arg-type]
            else:
                self.stored.get(write.key, {}).pop(str(field), None)


class Answers:
    """Notes what is asked of it."""

    def __init__(self, met: list[tuple[str, str]], ended: list[str]) -> None:
        self._met = met
        self._ended = ended

    def meet(self, order: OrderedEvent, screening: ScreenedEvent, effects: Effects) -> bool:
        self._met.append((order.id, screening.id))
        effects.outputs.append(("supply-risks", screening.id.encode()))
        return screening.data.works_out

    def end(self, key: str, event_id: str, effects: Effects) -> None:
        self._ended.append(event_id)


class Desk:
    def __init__(self) -> None:
        self.state = Hashes()
        self.met: list[tuple[str, str]] = []
        self.ended: list[str] = []
        self.failures: list[tuple[str, str]] = []
        self.join: OrderJoin[OrderedEvent, ScreenedEvent] = OrderJoin(
            OrderedEvent, ScreenedEvent, self._prepare, "supply-risks", self._failed
        )

    async def _prepare(self, _state: State, _joining: Joining[OrderedEvent, ScreenedEvent], _orders: Sequence[OrderedEvent]) -> Answers:
        return Answers(self.met, self.ended)

    def _failed(self, cause: OrderedEvent | ScreenedEvent, screening_id: str, order_id: str, error: Exception) -> bytes:
        self.failures.append((order_id, screening_id))
        return cause.id.encode()

    async def take(self, *events: Any) -> None:
        """Batches as they may be cut: neighbours of one stream together."""
        for at, event in enumerate(events):
            kind = "orders" if isinstance(event.data, Ordered) else "screenings"
            handler = self.join.on_orders if kind == "orders" else self.join.on_screenings
            for effects in await handler([Delivery(kind, 0, f"1-{at}", event.encode())], cast(State, self.state)):  # type: ignore[arg-type]
                assert isinstance(effects, Effects), effects
                self.state.commit(effects)


async def test_either_may_come_first() -> None:
    for events in ((order(1), screening(1)), (screening(1), order(1))):
        desk = Desk()
        await desk.take(*events)
        assert desk.met == [("order-1", "screening-1")]
        assert not desk.state.stored.get(WAITING)


async def test_what_ended_is_answered_and_leaves_nothing() -> None:
    desk = Desk()
    await desk.take(order(1), screening(1), order(2, ended=True), screening(2))
    assert desk.met == [("order-1", "screening-1"), ("order-2", "screening-2")]
    assert desk.ended == ["order-2", "screening-2"]
    assert not any(desk.state.stored.values())


async def test_what_could_not_be_answered_may_be_screened_again() -> None:
    desk = Desk()
    await desk.take(order(1), screening(1, works_out=False), screening(1, works_out=False), screening(1, "-again"), screening(1, "-third"))
    assert [met[1] for met in desk.met] == ["screening-1", "screening-1-again"]


async def test_an_order_given_up_is_not_waited_for_and_may_come_back() -> None:
    desk = Desk()
    desk.state.commit(desk.join.on_order_given_up(Delivery("orders", 0, "1-1", order(1).encode()), KeyError()))
    await desk.take(screening(1))
    assert (desk.failures, desk.met) == ([("order-1", NOT_MET)], [])
    await desk.take(order(1))
    assert desk.met == [("order-1", "screening-1")]
    assert desk.join.on_screening_given_up(Delivery("screenings", 0, "1-2", b"{}"), KeyError()) == Effects()


REVISIONS = st.integers(1, 4)
EVENTS = st.lists(st.one_of(REVISIONS.map(order), REVISIONS.map(screening)), max_size=14)


@given(EVENTS)
@settings(max_examples=200, deadline=None)
async def test_each_pair_is_answered_at_most_once_and_the_newest_always(events: list[Any]) -> None:
    desk = Desk()
    await desk.take(*events)
    assert len(set(desk.met)) == len(desk.met)
    assert all(met[0].removeprefix("order-") == met[1].removeprefix("screening-") for met in desk.met)
    answered = [int(met[0].removeprefix("order-")) for met in desk.met]
    assert answered == sorted(answered)
    orders = [event.data.number[0] for event in events if isinstance(event.data, Ordered)]
    screenings = [event.data.number[0] for event in events if isinstance(event.data, Screened)]
    newest = max(orders, default=0)
    if newest and newest in screenings and newest >= max(screenings):
        assert answered[-1] == newest
    kept = desk.state.stored.get(ORDERS, {})
    assert len(kept) == (1 if orders else 0)
