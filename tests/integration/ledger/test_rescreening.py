"""Open orders are asked for again where a change reaches them, or when their day comes: exactly those, once, whatever is lost."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from services.ledger import announcements, rescreening
from services.ledger.audit import verify
from shared.bus.types import Effects, Timer
from shared.contracts.canonical import sha256_hex
from shared.contracts.order import OrderEvent
from tests.integration.ledger.desk import Desk, timers
from tests.support.orders import MOMENT, order_event
from tests.support.results import VERSIONS, screening_event

LATER = MOMENT + timedelta(hours=1)
DAY = date(2027, 5, 1)
DAY_MS = int(datetime(2027, 5, 1, tzinfo=UTC).timestamp() * 1000)
ELEMENTS = ("Dy", "Tb", "Ga")
OLD = sha256_hex(b"law 1")


@pytest.fixture
async def desk(engine: Engine) -> Desk:
    desk = Desk(engine)
    await desk.announce("regulations", b"law 1")
    await walk(desk, desk.announced)
    return desk


async def decided(desk: Desk, number: int, partition: int = 0, regulations: str = OLD, **changes: Any) -> OrderEvent:
    """An order of one element in turn."""
    order = order_event(number)
    fields = {"touched": [f"element:{ELEMENTS[number % 3]}", "party:somebody"], "versions": {**VERSIONS, "regulations": regulations}}
    await desk.order(order, partition)
    effects = await desk.result(screening_event(order, **{**fields, **changes}), partition=partition)
    assert requests(effects) == []
    return order


def requests(*effects: Effects) -> list[OrderEvent]:
    return [OrderEvent.model_validate_json(event) for each in effects for stream, event in each.outputs if stream == "orders"]


async def walk(desk: Desk, first: Effects, partition: int = 0) -> list[Effects]:
    """Every step until none is left."""
    steps, todo = [], [timer for timer in first.timers if timer.due_ms is not None]
    while todo:
        (timer,) = todo
        steps.append(await desk.fire(timer.name, timer.due_ms or 0, partition))
        todo = steps[-1].timers
    return steps


async def changed(desk: Desk, content: bytes, touched: Sequence[str], previous: bytes = b"law 1", at: datetime = LATER) -> list[OrderEvent]:
    await desk.announce("regulations", content, previous=sha256_hex(previous), at=at, touched=touched)
    return requests(*await walk(desk, desk.announced))


# --- changes


@pytest.mark.parametrize(
    ("touched", "elements"),
    [
        (["element:Dy"], {"Dy"}),
        (["element:Dy", "element:Ga", "tariff:8505"], {"Dy", "Ga"}),
        (["party:somebody"], {"Dy", "Tb", "Ga"}),
        (["*"], {"Dy", "Tb", "Ga"}),
        (["element:Sc"], set()),
        ([], set()),
    ],
)
async def test_exactly_the_open_orders_that_a_change_reaches_are_asked_for(desk: Desk, touched: list[str], elements: set[str]) -> None:
    orders = [await decided(desk, number) for number in range(9)]
    asked = await changed(desk, b"law 2", touched)
    assert sorted(request.subject for request in asked) == sorted(
        order.subject for number, order in enumerate(orders) if ELEMENTS[number % 3] in elements
    )
    assert {(request.type, request.data.round) for request in asked} <= {("orestream.order.resubmitted.v1", 2)}
    assert {request.time for request in asked} <= {LATER}, "they are judged by what is known when the change is announced"
    assert all(request.data.model_copy(update={"round": 1}) == orders[0].data for request in asked if request.subject == orders[0].subject)


async def test_an_order_that_was_judged_by_the_change_or_has_ended_is_left_alone(desk: Desk) -> None:
    await decided(desk, 0)
    await decided(desk, 3, regulations=sha256_hex(b"law 2"))
    await decided(desk, 6)
    ended = order_event(6, revision=2)
    await desk.order(ended.model_copy(update={"data": ended.data.model_copy(update={"status": "closed"})}))
    assert [request.subject for request in await changed(desk, b"law 2", ["element:Dy"])] == [order_event(0).subject]


async def test_an_order_that_is_being_judged_is_asked_for_by_its_own_result(desk: Desk) -> None:
    await decided(desk, 0)
    newer = order_event(0, revision=2)
    await desk.order(newer)
    assert await changed(desk, b"law 2", ["element:Dy"]) == []
    fields = {"touched": ["element:Dy"], "versions": {**VERSIONS, "regulations": OLD}}
    (request,) = requests(await desk.result(screening_event(newer, **fields)))
    assert (request.data.revision.received_seq, request.data.round) == (2, 2)
    assert requests(await desk.result(screening_event(request, **fields))) == []


async def test_a_result_under_older_data_that_the_change_does_not_reach_asks_for_nothing(desk: Desk) -> None:
    order = order_event(0)
    await desk.order(order)
    assert await changed(desk, b"law 2", ["element:Ga"]) == []
    decision = await desk.result(screening_event(order, touched=["element:Dy"], versions={**VERSIONS, "regulations": OLD}))
    assert [stream for stream, _ in decision.outputs] == ["assessments"]


async def test_changes_between_the_used_version_and_the_newest_count_together(desk: Desk) -> None:
    order = order_event(0)
    await desk.order(order)
    await changed(desk, b"law 2", ["element:Dy"])
    await changed(desk, b"law 3", ["element:Ga"], previous=b"law 2", at=LATER + timedelta(hours=1))
    fields = {"touched": ["element:Dy"], "versions": {**VERSIONS, "regulations": OLD}}
    assert len(requests(await desk.result(screening_event(order, **fields)))) == 1


async def test_a_rule_that_comes_goes_and_comes_again_asks_each_time(desk: Desk) -> None:
    order, law = await decided(desk, 0), b"law 1"
    for turn, content in enumerate((b"law 2", b"law 1", b"law 2", b"law 1"), start=1):
        (request,) = await changed(desk, content, ["element:Dy"], previous=law, at=LATER + timedelta(minutes=turn))
        assert request.data.round == turn + 1
        await desk.order(request)
        fields = {"touched": ["element:Dy"], "versions": {**VERSIONS, "regulations": sha256_hex(content)}}
        assert requests(await desk.result(screening_event(request, **fields))) == []
        law = content
    assert order.data.round == 1
    assert verify(desk.engine).verified


async def test_of_an_order_that_could_not_be_screened_any_change_asks(desk: Desk) -> None:
    await decided(desk, 0, outcome="failed", failure="It broke.", lines=[])
    assert len(await changed(desk, b"law 2", ["element:Sc"])) == 1


# --- steps


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("MOST_ASKED", 3), ("ROWS_AT_ONCE", 2), ("MOST_COMPARED", 6)):
        monkeypatch.setattr(rescreening, name, value)


@pytest.mark.usefixtures("small_steps")
async def test_a_step_that_comes_back_emits_the_same_bytes_and_goes_on_behind_them(desk: Desk) -> None:
    orders = [await decided(desk, number) for number in range(0, 30, 3)]
    await decided(desk, 1)
    await desk.announce("regulations", b"law 2", previous=OLD, at=LATER, touched=["element:Dy"])
    todo, asked = desk.announced.timers, []
    while todo:
        (timer,) = todo
        first = await desk.fire(timer.name, timer.due_ms or 0)
        again = await desk.fire(timer.name, timer.due_ms or 0)
        assert (again.outputs, again.timers) == (first.outputs, first.timers)
        asked += requests(first)
        todo = first.timers
    assert sorted(request.subject for request in asked) == sorted(order.subject for order in orders)


@pytest.mark.usefixtures("small_steps")
async def test_an_order_decided_while_the_walk_goes_is_asked_for_once(desk: Desk) -> None:
    for number in range(0, 12, 3):
        await decided(desk, number)
    between = [order_event(0, revision=2), order_event(30)]
    for order in between:
        await desk.order(order)
    await desk.announce("regulations", b"law 2", previous=OLD, at=LATER, touched=["element:Dy"])
    (timer,) = desk.announced.timers
    steps = [await desk.fire(timer.name, timer.due_ms or 0)]
    fields = {"touched": ["element:Dy"], "versions": {**VERSIONS, "regulations": OLD}}
    results = [await desk.result(screening_event(order, **fields)) for order in between]
    steps += await walk(desk, steps[0])
    asked = [request.subject for request in requests(*steps, *results)]
    assert sorted(asked) == sorted({*(order_event(number).subject for number in range(0, 12, 3)), between[1].subject})


@pytest.mark.usefixtures("small_steps")
async def test_each_partition_walks_its_own_orders(desk: Desk) -> None:
    for number in range(0, 12, 3):
        await decided(desk, number, partition=number % 2)
    change_of: list[Effects] = []
    for partition in (0, 1):
        await desk.announce("regulations", b"law 2", previous=OLD, at=LATER, touched=["element:Dy"], partition=partition)
        change_of.append(desk.announced)
    assert change_of[0] == change_of[1], "one change, whichever partition tells of it first"
    for partition in (0, 1):
        asked = requests(*await walk(desk, change_of[partition], partition))
        assert {request.subject for request in asked} == {
            order_event(number).subject for number in range(0, 12, 3) if number % 2 == partition
        }


@pytest.mark.usefixtures("small_steps")
async def test_what_lies_before_the_walks_is_told(desk: Desk) -> None:
    for number in range(0, 12, 3):
        await decided(desk, number)
    await desk.announce("regulations", b"law 2", previous=OLD, at=LATER, touched=["element:Dy"])
    (timer,) = desk.announced.timers
    told = []
    while timer is not None:
        with desk.engine.connect() as connection:
            told.append(announcements.orders_to_compare(connection))
        timer = next(iter((await desk.fire(timer.name, timer.due_ms or 0)).timers), None)
    with desk.engine.connect() as connection:
        assert (told, announcements.orders_to_compare(connection)) == ([4, 1], 0)


async def test_requests_wait_while_orders_lie_unread_and_deadlines_do_not(desk: Desk) -> None:
    await decided(desk, 0)
    await desk.announce("regulations", b"law 2", previous=OLD, at=LATER, touched=["element:Dy"])
    (timer,) = desk.announced.timers
    desk.orders_behind, desk.now = 3.0, LATER.timestamp()
    assert await desk.fire(timer.name, timer.due_ms or 0) == Effects(timers=[Timer(timer.name, (timer.due_ms or 0) + 3_000)])
    desk.orders_behind = 0.0
    assert len(requests(await desk.fire(timer.name, (timer.due_ms or 0) + 3_000))) == 1


# --- days


async def test_the_day_of_an_order_moves_with_its_decisions_and_goes_when_it_ends(desk: Desk) -> None:
    order = order_event(0)
    name = f"recheck:{order.subject}"
    await desk.order(order)
    assert timers(await desk.result(screening_event(order, recheck_on=DAY)))[name] == DAY_MS
    newer = order_event(0, revision=2)
    await desk.order(newer)
    assert timers(await desk.result(screening_event(newer, recheck_on=DAY + timedelta(days=1))))[name] == DAY_MS + 86_400_000
    ended = order_event(0, revision=3)
    cancelled = ended.model_copy(update={"data": ended.data.model_copy(update={"status": "cancelled"})})
    assert timers(await desk.order(cancelled))[name] is None
    assert requests(await desk.fire(name, DAY_MS + 86_400_000)) == []


async def test_a_decision_that_comes_back_sets_its_day_again(desk: Desk) -> None:
    order = order_event(0)
    await desk.order(order)
    delivery = desk.delivery("screenings", screening_event(order, recheck_on=DAY))
    (first,) = await desk.take([delivery])
    (again,) = await desk.take([delivery])
    assert timers(again)[f"recheck:{order.subject}"] == DAY_MS
    assert sorted(again.timers, key=str) == sorted(first.timers, key=str)
    assert timers(desk.ledger.on_given_up(delivery, RuntimeError())) == timers(first)


async def test_when_its_day_comes_an_order_is_asked_for_as_of_that_day_once(desk: Desk) -> None:
    order = await decided(desk, 0, recheck_on=DAY)
    name = f"recheck:{order.subject}"
    assert requests(await desk.fire(name, DAY_MS - 1)) == [], "not before"
    first = await desk.fire(name, DAY_MS)
    (request,) = requests(first)
    assert (request.time.date(), request.data.round) == (DAY, 2)
    assert (await desk.fire(name, DAY_MS)).outputs == first.outputs, "a commit that was lost"
    await desk.order(request)
    fields = {"touched": ["element:Dy"], "versions": {**VERSIONS, "regulations": OLD}}
    assert timers(await desk.result(screening_event(request, **fields)))[name] is None
    assert requests(await desk.fire(name, DAY_MS)) == []
    assert verify(desk.engine).verified


async def test_an_order_asked_for_by_a_change_is_not_asked_for_by_its_day_too(desk: Desk) -> None:
    order = await decided(desk, 0, recheck_on=DAY)
    assert len(await changed(desk, b"law 2", ["element:Dy"])) == 1
    assert requests(await desk.fire(f"recheck:{order.subject}", DAY_MS)) == []
