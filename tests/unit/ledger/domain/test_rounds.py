"""The join: whatever comes in whatever order, however often and interrupted wherever, a round is closed exactly once."""

from dataclasses import dataclass, field, replace
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ledger.domain.rounds import (
    MOST_ROUNDS_FOR_LATE_RESULTS,
    Arm,
    AskAgain,
    ConflictingOrder,
    DeadlinePassed,
    Decide,
    Disarm,
    EmitAgain,
    Input,
    KeepAsEvidence,
    OrderSeen,
    ResultSeen,
    Round,
    RoundKey,
    Step,
    came_too_late,
    deadline_passed,
    order_seen,
    result_seen,
)

AWAITED = ("screening",)
FIRST = RoundKey("sap/1000/4711", 1, 1)
SECOND = RoundKey("sap/1000/4711", 2, 1)


def order(key: RoundKey, trigger: str = "order-1", ended: bool = False, event_id: str | None = None) -> OrderSeen:
    return OrderSeen(key, Input(event_id or f"order {key.text}", "0" * 64), trigger, ended)


def result(key: RoundKey, trigger: str = "result-1", service: str = "screening", event_id: str = "r") -> ResultSeen:
    return ResultSeen(key, service, Input(event_id, "1" * 64), trigger)


def decisions(step: Step) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(action.round.key.revision, action.kind, action.missing) for action in step.actions if isinstance(action, Decide)]


def after(*steps: Step) -> dict[RoundKey, Round]:
    return {each.key: each for step in steps for each in step.rounds}


def test_an_order_waits_for_its_result_and_the_result_decides() -> None:
    seen = order_seen({}, 0, AWAITED, order(FIRST))
    assert seen.actions == (Arm(FIRST),)
    decided = result_seen(after(seen), 1, AWAITED, result(FIRST))
    assert decisions(decided) == [(1, "final", ())]
    assert Disarm(FIRST) in decided.actions


def test_a_result_that_overtakes_its_order_waits_and_the_order_decides() -> None:
    early = result_seen({}, 1, AWAITED, result(FIRST))
    assert early.actions == ()
    assert decisions(order_seen(after(early), 0, AWAITED, order(FIRST))) == [(1, "final", ())]


def test_the_first_deadline_gives_a_partial_the_second_a_final_that_names_what_is_missing() -> None:
    seen = order_seen({}, 0, ("screening", "pricing-risk"), order(FIRST))
    priced = result_seen(after(seen), 1, AWAITED, result(FIRST, service="pricing-risk"))
    partial = deadline_passed(after(seen, priced), DeadlinePassed(FIRST, "partial", "timer"))
    assert decisions(partial) == [(1, "partial", ("screening",))]
    final = deadline_passed(after(seen, priced, partial), DeadlinePassed(FIRST, "final", "timer"))
    assert decisions(final) == [(1, "final", ("screening",))]


def test_what_a_round_waits_for_is_frozen_at_first_sight() -> None:
    seen = order_seen({}, 0, AWAITED, order(FIRST))
    decided = result_seen(after(seen), 1, ("screening", "pricing-risk"), result(FIRST))
    assert decisions(decided) == [(1, "final", ())]
    late = result_seen(after(seen, decided), 1, ("screening", "pricing-risk"), result(FIRST, "result-2", "pricing-risk"))
    assert [type(action) for action in late.actions] == [KeepAsEvidence]


def test_a_newer_revision_closes_the_older_one_before_it_opens_itself() -> None:
    seen = order_seen({}, 0, AWAITED, order(FIRST))
    newer = order_seen(after(seen), 1, AWAITED, order(SECOND, "order-2"))
    assert decisions(newer) == [(1, "superseded", ())]
    assert newer.actions[-1] == Arm(SECOND)
    assert [type(action) for action in result_seen(after(seen, newer), 1, AWAITED, result(FIRST)).actions] == [KeepAsEvidence]


def test_an_older_revision_that_comes_behind_a_newer_one_is_superseded_at_once() -> None:
    again = RoundKey(FIRST.order_key, 1, 2)
    assert decisions(order_seen({}, 2, AWAITED, order(again))) == [(1, "superseded", ())]


def test_a_cancelled_order_waits_for_nothing() -> None:
    assert decisions(order_seen({}, 0, AWAITED, order(FIRST, ended=True))) == [(1, "final", ())]


def test_two_orders_under_one_number_are_a_conflict() -> None:
    seen = order_seen({}, 0, AWAITED, order(FIRST))
    with pytest.raises(ConflictingOrder, match="start both anew"):
        order_seen(after(seen), 1, AWAITED, order(FIRST, "order-2", event_id="another"))


def test_only_the_trigger_that_decided_emits_again() -> None:
    seen = order_seen({}, 0, AWAITED, order(FIRST))
    decided = result_seen(after(seen), 1, AWAITED, result(FIRST))
    book = after(seen, decided)
    assert result_seen(book, 1, AWAITED, result(FIRST)).actions == (EmitAgain(FIRST, "final"), Disarm(FIRST))
    assert result_seen(book, 1, AWAITED, result(FIRST, "the same event in another entry")).actions == ()
    assert order_seen(book, 1, AWAITED, order(FIRST)).actions == ()
    assert deadline_passed(book, DeadlinePassed(FIRST, "final", "timer")).actions == ()


# --- late results


def closed_without(key: RoundKey, *services: str, before: dict[RoundKey, Round] | None = None) -> dict[RoundKey, Round]:
    """The book when a round that waited for these services was closed by its deadline."""
    book = before or {}
    seen = order_seen(book, 1, services, order(key, f"order {key.text}"))
    return book | after(seen, deadline_passed(book | after(seen), DeadlinePassed(key, "final", f"timer {key.text}")))


def asked(step: Step) -> list[tuple[int, str]]:
    return [(action.round.key.round, action.because["late"]) for action in step.actions if isinstance(action, AskAgain)]


def test_a_result_that_comes_too_late_is_kept_and_asks_for_a_new_round_once() -> None:
    book = closed_without(FIRST, "screening", "pricing-risk")
    late = result_seen(book, 1, AWAITED, result(FIRST))
    assert [type(action) for action in late.actions] == [KeepAsEvidence, AskAgain]
    book |= after(late)
    assert result_seen(book, 1, AWAITED, result(FIRST)).actions == (EmitAgain(FIRST, "request"),)
    for other in (result(FIRST, "result-2"), result(FIRST, "result-3", "pricing-risk")):
        assert [type(action) for action in result_seen(book, 1, AWAITED, other).actions] == [KeepAsEvidence]
    closing_again = deadline_passed(book, DeadlinePassed(FIRST, "final", f"timer {FIRST.text}"))
    assert closing_again.actions == (EmitAgain(FIRST, "final"), Disarm(FIRST)), "the deadline asked for nothing"


def test_a_late_result_of_a_replaced_revision_asks_for_nothing() -> None:
    late = result_seen(closed_without(FIRST, *AWAITED), 2, AWAITED, result(FIRST))
    assert [type(action) for action in late.actions] == [KeepAsEvidence]


def test_a_late_result_of_a_round_that_a_newer_one_follows_asks_for_nothing() -> None:
    again = RoundKey(FIRST.order_key, 1, 2)
    book = closed_without(again, *AWAITED, before=closed_without(FIRST, *AWAITED))
    assert asked(result_seen(book, 1, AWAITED, result(FIRST))) == []
    assert asked(result_seen(book, 1, AWAITED, result(again))) == [(2, "screening")]


def test_a_round_that_newer_data_follows_is_not_asked_for_twice() -> None:
    book = closed_without(FIRST, "screening", "pricing-risk")
    book[FIRST] = replace(book[FIRST], asked_by=book[FIRST].closed_by)
    assert asked(result_seen(book, 1, AWAITED, result(FIRST))) == []


def test_a_service_that_is_always_late_is_given_up_on() -> None:
    book: dict[RoundKey, Round] = {}
    requests = 0
    for number in range(1, MOST_ROUNDS_FOR_LATE_RESULTS + 2):
        key = RoundKey(FIRST.order_key, 1, number)
        book = closed_without(key, *AWAITED, before=book)
        late = result_seen(book, 1, AWAITED, result(key, f"result {number}"))
        book |= after(late)
        requests += len(asked(late))
    assert requests == MOST_ROUNDS_FOR_LATE_RESULTS
    assert book[key].asked_by is None, "the last round stays on hold for a person to see to"


# --- any interleaving

Fate = Literal["commits", "late", "dies"]


@dataclass
class World:
    """A bus that loses commits or makes them late, and a book that does not: what the state machine has to live with."""

    awaited: tuple[str, ...]
    queues: dict[str, list[OrderSeen | ResultSeen]]
    rounds: dict[RoundKey, Round] = field(default_factory=dict)
    stored: set[tuple[RoundKey, str]] = field(default_factory=set)
    """Decisions, and requests for a new round after one that a result missed."""
    timers: set[tuple[str, RoundKey]] = field(default_factory=set)
    emitted: list[tuple[RoundKey, str]] = field(default_factory=list)
    requests: dict[RoundKey, OrderSeen] = field(default_factory=dict)
    """By the round after which the order was asked for."""
    requested: list[RoundKey] = field(default_factory=list)
    evidence: set[tuple[RoundKey, str]] = field(default_factory=set)
    keys: set[RoundKey] = field(default_factory=set)
    computed: dict[str, Step] = field(default_factory=dict)
    """Per stream, what its first entry does, not committed yet."""

    def deliver(self, stream: str, fate: Fate) -> None:
        """`late`: other streams have their turns before the commit; `dies`: the process forgets what it computed."""
        if not self.queues[stream]:
            return
        if stream not in self.computed:
            self.computed[stream] = self.enter(self.queues[stream][0])
        if fate == "dies":
            self.computed.clear()
        elif fate == "commits":
            self.commit(self.computed.pop(stream))
            del self.queues[stream][0]

    def fire(self, position: int, fate: Fate) -> None:
        """Timers never run beside the handlers of their partition: what those have computed is committed first."""
        for stream in list(self.computed):
            self.commit(self.computed.pop(stream))
            del self.queues[stream][0]
        if self.timers:
            deadline, key = sorted(self.timers)[position % len(self.timers)]
            assert deadline in ("partial", "final")
            passed = DeadlinePassed(key, "partial" if deadline == "partial" else "final", f"timer {deadline} {key.text}")
            step = self.enter(passed)
            if fate == "dies":
                self.computed.clear()
            else:
                self.timers.discard((deadline, key))
                self.commit(step)

    def enter(self, happening: OrderSeen | ResultSeen | DeadlinePassed) -> Step:
        known = self.rounds.get(happening.key)
        again = isinstance(happening, OrderSeen) and known is not None and known.order is not None
        late = isinstance(happening, ResultSeen) and known is not None and came_too_late(known, happening.service)
        view = {
            key: each
            for key, each in self.rounds.items()
            if each.closed_as is None
            or key == happening.key
            or (again and happening.trigger in (each.closed_by, each.asked_by))
            or (late and key.revision == happening.key.revision)
        }
        latest = max((key.revision for key, each in self.rounds.items() if each.order), default=0)
        if isinstance(happening, OrderSeen):
            step = order_seen(view, latest, self.awaited, happening)
        elif isinstance(happening, ResultSeen):
            step = result_seen(view, latest if late else 0, self.awaited, happening)
        else:
            step = deadline_passed(view, happening)
        self.rounds |= {each.key: each for each in step.rounds}
        for action in step.actions:
            if isinstance(action, Decide):
                assert (action.round.key, action.kind) not in self.stored, "the book takes one decision of a kind"
                self.stored.add((action.round.key, action.kind))
            if isinstance(action, AskAgain):
                assert (action.round.key, "request") not in self.stored, "the book takes one request after a round"
                assert latest == action.round.key.revision, "an order that was replaced is not asked for"
                self.stored.add((action.round.key, "request"))
                self.requests[action.round.key] = self.next_order(action.round.key)
            if isinstance(action, KeepAsEvidence):
                self.evidence.add((action.seen.key, action.seen.service))
        return step

    def next_order(self, key: RoundKey) -> OrderSeen:
        last = max(other.round for other in self.keys if other.revision == key.revision)
        next_key = RoundKey(key.order_key, key.revision, last + 1)
        self.keys.add(next_key)
        return order(next_key, f"orders/{next_key.text}")

    def commit(self, step: Step) -> None:
        for action in step.actions:
            match action:
                case Decide():
                    self.emitted.append((action.round.key, action.kind))
                case AskAgain():
                    self.request(action.round.key)
                case EmitAgain(key, "request"):
                    assert (key, "request") in self.stored
                    self.request(key)
                case EmitAgain():
                    assert (action.key, action.what) in self.stored
                    self.emitted.append((action.key, action.what))
                case Arm():
                    self.timers |= {("final", action.key)} | ({("partial", action.key)} if action.partial else set())
                case Disarm():
                    self.timers -= {("partial", action.key), ("final", action.key)}

    def request(self, key: RoundKey) -> None:
        """The order comes onto the stream once more, and every service has its say on it, in time or not."""
        again = self.requests[key]
        self.requested.append(key)
        self.queues["orders"].append(again)
        for service in self.awaited:
            self.queues[service].append(result(again.key, f"{service}/{again.key.text}", service, f"{service} {again.key.text}"))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    awaited = draw(st.sampled_from([("screening",), ("screening", "pricing-risk")]))
    keys = [RoundKey("o", revision, 1) for revision in range(1, draw(st.integers(1, 3)) + 1)]
    orders = [order(key, f"orders/{key.text}", ended=draw(st.booleans()) and draw(st.booleans())) for key in keys]
    for key in draw(st.lists(st.sampled_from(keys), unique=True)):
        again = RoundKey(key.order_key, key.revision, 2)
        first = next(index for index, seen in enumerate(orders) if seen.key == key)
        orders.insert(draw(st.integers(first + 1, len(orders))), order(again, f"orders/{again.text}"))
    duplicates = draw(st.lists(st.sampled_from(orders), max_size=2))
    entries = [*orders, *(OrderSeen(each.key, each.event, f"{each.trigger} again", each.ended) for each in duplicates)]
    queues: dict[str, list[OrderSeen | ResultSeen]] = {"orders": list(entries)}
    for service in ("screening", "pricing-risk"):
        results = draw(st.lists(st.tuples(st.sampled_from(orders), st.integers(1, 2)), max_size=8))
        queues[service] = [
            result(seen.key, f"{service}/{index}", service, f"{service} {seen.key.text} {variant}")
            for index, (seen, variant) in enumerate(results)
        ]
    return World(awaited, queues, keys={each.key for each in orders})


FATES: list[Fate] = ["commits", "late", "dies"]
MOVES = st.tuples(st.sampled_from(["orders", "screening", "pricing-risk"]) | st.integers(0, 20), st.sampled_from(FATES))


@settings(max_examples=400, deadline=None)
@given(worlds(), st.lists(MOVES, max_size=40))
def test_every_round_is_closed_once_and_only_once(world: World, moves: list[tuple[str | int, Fate]]) -> None:
    newest = max(key.revision for key in world.keys)
    for move, fate in moves:
        if isinstance(move, int):
            world.fire(move, fate)
        else:
            world.deliver(move, fate)
    while any(world.queues.values()):
        for stream in world.queues:
            world.deliver(stream, "commits")
    while world.timers:
        world.fire(0, "commits")

    for key in world.keys:
        emitted = [kind for emitted_key, kind in world.emitted if emitted_key == key]
        closing = [kind for kind in emitted if kind != "partial"]
        assert len(closing) == 1, f"{key} was closed by {closing}"
        assert emitted.count("partial") <= 1
        assert emitted[-1] == closing[0], "nothing follows what closes a round"
        assert closing[0] == "final" or key.revision < newest, "the newest revision gets a final"
    assert {key for key, _ in world.emitted} <= world.keys
    assert len(world.requested) == len(set(world.requested)), "a round is followed by one request"
    assert set(world.requested) == world.requests.keys(), "what the book asked for is on the stream"
    for revision in range(1, newest + 1):
        assert sum(key.revision == revision for key in world.requested) <= MOST_ROUNDS_FOR_LATE_RESULTS
    last = world.rounds[max(world.keys)]
    if any((last.key, service) in world.evidence for service in last.missing):
        requests = sum(key.revision == newest for key in world.requested)
        assert requests == MOST_ROUNDS_FOR_LATE_RESULTS, "what came too late for the newest round asked for another"
