"""The join: whatever comes in whatever order, however often and interrupted wherever, a round is closed exactly once."""

from dataclasses import dataclass, field
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ledger.domain.rounds import (
    Arm,
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
    decided = result_seen(after(seen), AWAITED, result(FIRST))
    assert decisions(decided) == [(1, "final", ())]
    assert Disarm(FIRST) in decided.actions


def test_a_result_that_overtakes_its_order_waits_and_the_order_decides() -> None:
    early = result_seen({}, AWAITED, result(FIRST))
    assert early.actions == ()
    assert decisions(order_seen(after(early), 0, AWAITED, order(FIRST))) == [(1, "final", ())]


def test_the_first_deadline_gives_a_partial_the_second_a_final_that_names_what_is_missing() -> None:
    seen = order_seen({}, 0, ("screening", "pricing-risk"), order(FIRST))
    priced = result_seen(after(seen), AWAITED, result(FIRST, service="pricing-risk"))
    partial = deadline_passed(after(seen, priced), DeadlinePassed(FIRST, "partial", "timer"))
    assert decisions(partial) == [(1, "partial", ("screening",))]
    final = deadline_passed(after(seen, priced, partial), DeadlinePassed(FIRST, "final", "timer"))
    assert decisions(final) == [(1, "final", ("screening",))]


def test_what_a_round_waits_for_is_frozen_at_first_sight() -> None:
    seen = order_seen({}, 0, AWAITED, order(FIRST))
    decided = result_seen(after(seen), ("screening", "pricing-risk"), result(FIRST))
    assert decisions(decided) == [(1, "final", ())]
    late = result_seen(after(seen, decided), ("screening", "pricing-risk"), result(FIRST, "result-2", "pricing-risk"))
    assert [type(action) for action in late.actions] == [KeepAsEvidence]


def test_a_newer_revision_closes_the_older_one_before_it_opens_itself() -> None:
    seen = order_seen({}, 0, AWAITED, order(FIRST))
    newer = order_seen(after(seen), 1, AWAITED, order(SECOND, "order-2"))
    assert decisions(newer) == [(1, "superseded", ())]
    assert newer.actions[-1] == Arm(SECOND)
    assert [type(action) for action in result_seen(after(seen, newer), AWAITED, result(FIRST)).actions] == [KeepAsEvidence]


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
    decided = result_seen(after(seen), AWAITED, result(FIRST))
    book = after(seen, decided)
    assert result_seen(book, AWAITED, result(FIRST)).actions == (EmitAgain(FIRST, "final"), Disarm(FIRST))
    assert result_seen(book, AWAITED, result(FIRST, "the same event in another entry")).actions == ()
    assert order_seen(book, 1, AWAITED, order(FIRST)).actions == ()
    assert deadline_passed(book, DeadlinePassed(FIRST, "final", "timer")).actions == ()


# --- any interleaving

Fate = Literal["commits", "late", "dies"]


@dataclass
class World:
    """A bus that loses commits or makes them late, and a book that does not: what the state machine has to live with."""

    awaited: tuple[str, ...]
    queues: dict[str, list[OrderSeen | ResultSeen]]
    rounds: dict[RoundKey, Round] = field(default_factory=dict)
    stored: set[tuple[RoundKey, str]] = field(default_factory=set)
    timers: set[tuple[str, RoundKey]] = field(default_factory=set)
    emitted: list[tuple[RoundKey, str]] = field(default_factory=list)
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
        view = {
            key: each
            for key, each in self.rounds.items()
            if each.closed_as is None or key == happening.key or (again and each.closed_by == happening.trigger)
        }
        if isinstance(happening, OrderSeen):
            latest = max((key.revision for key, each in self.rounds.items() if each.order), default=0)
            step = order_seen(view, latest, self.awaited, happening)
        elif isinstance(happening, ResultSeen):
            step = result_seen(view, self.awaited, happening)
        else:
            step = deadline_passed(view, happening)
        self.rounds |= {each.key: each for each in step.rounds}
        for action in step.actions:
            if isinstance(action, Decide):
                assert (action.round.key, action.kind) not in self.stored, "the book takes one decision of a kind"
                self.stored.add((action.round.key, action.kind))
        return step

    def commit(self, step: Step) -> None:
        for action in step.actions:
            match action:
                case Decide():
                    self.emitted.append((action.round.key, action.kind))
                case EmitAgain():
                    assert (action.key, action.kind) in self.stored
                    self.emitted.append((action.key, action.kind))
                case Arm():
                    self.timers |= {("partial", action.key), ("final", action.key)}
                case Disarm():
                    self.timers -= {("partial", action.key), ("final", action.key)}


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
    return World(awaited, queues)


FATES: list[Fate] = ["commits", "late", "dies"]
MOVES = st.tuples(st.sampled_from(["orders", "screening", "pricing-risk"]) | st.integers(0, 20), st.sampled_from(FATES))


@settings(max_examples=400, deadline=None)
@given(worlds(), st.lists(MOVES, max_size=40))
def test_every_round_is_closed_once_and_only_once(world: World, moves: list[tuple[str | int, Fate]]) -> None:
    keys = {each.key for each in world.queues["orders"]}
    newest = max(key.revision for key in keys)
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

    for key in keys:
        emitted = [kind for emitted_key, kind in world.emitted if emitted_key == key]
        closing = [kind for kind in emitted if kind != "partial"]
        assert len(closing) == 1, f"{key} was closed by {closing}"
        assert emitted.count("partial") <= 1
        assert emitted[-1] == closing[0], "nothing follows what closes a round"
        assert closing[0] == "final" or key.revision < newest, "the newest revision gets a final"
    assert {key for key, _ in world.emitted} <= keys
