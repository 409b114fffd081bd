"""Orders, results, deadlines and lost commits in random order on a real book: every round is closed once on the stream and in the book."""

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine

from services.ledger import store
from services.ledger.audit import verify
from shared.bus.types import Delivery, Effects, StreamName
from shared.contracts.canonical import sha256_hex
from tests.integration.ledger.desk import Desk, emitted
from tests.support.orders import MOMENT, order_event
from tests.support.results import VERSIONS, screening_event

MOMENT_MS = int(MOMENT.timestamp() * 1000)
ORDERS = 25


@dataclass
class UnreliableBus:
    """Hands out batches in the order of their stream, and forgets what they did as often as not."""

    desk: Desk
    draw: random.Random
    queues: dict[StreamName, list[Delivery]]
    timers: dict[str, int] = field(default_factory=dict)
    closed: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    partial: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    rounds: set[tuple[str, int, int]] = field(default_factory=set)

    async def turn(self, *, reliable: bool) -> None:
        commits = reliable or self.draw.random() < 0.6
        if self.timers and self.draw.random() < 0.2:
            name = self.draw.choice(sorted(self.timers))
            effects = await self.desk.fire(name, self.timers[name])
            if commits:
                del self.timers[name]
                await self.commit(effects)
            return
        stream = self.draw.choice(list(self.queues))
        batch = self.queues[stream][: self.draw.randint(1, 16)]
        if not batch:
            return
        done = await self.desk.take(batch)
        for effects in done[: len(done) if commits else self.draw.randint(0, len(done) - 1)]:
            del self.queues[stream][0]
            await self.commit(effects)

    async def commit(self, effects: Effects) -> None:
        for data in emitted(effects):
            key = ("/".join(data["order_key"].values()), data["revision"], data["round"])
            (self.partial if data["kind"] == "partial" else self.closed)[key] += 1
        for stream, event in effects.outputs:
            if stream == "orders":
                self.queues["orders"].append(self.desk.delivery("orders", event))
        for timer in effects.timers:
            if timer.due_ms is None:
                self.timers.pop(timer.name, None)
            else:
                self.timers[timer.name] = timer.due_ms

    @property
    def at_rest(self) -> bool:
        return not any(self.queues.values()) and not self.timers


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_round_is_closed_once(engine: Engine, seed: int) -> None:
    draw = random.Random(seed)
    desk = Desk(engine)
    old = await desk.announce("regulations", b"1")
    await desk.announce("regulations", b"2", previous=old)
    orders = [
        order_event(number, revision=revision) for revision in (1, 2, 3) for number in range(ORDERS) if draw.random() < 1.3 - 0.3 * revision
    ]
    results = [
        screening_event(order, versions={**VERSIONS, "regulations": draw.choice([old, sha256_hex(b"2")])})
        for order in draw.choices(orders, k=len(orders))
    ]
    bus = UnreliableBus(
        desk,
        draw,
        {
            "orders": [desk.delivery("orders", order) for order in orders],
            "screenings": [desk.delivery("screenings", result) for result in results],
        },
    )
    for turn in range(5000):
        await bus.turn(reliable=turn > 200)
        if bus.at_rest:
            break
    assert bus.at_rest

    assert set(bus.closed.values()) == {1}
    assert set(bus.partial.values()) <= {1}
    assert {(key, revision) for key, revision, _ in bus.closed} == {(order.subject, order.data.revision.received_seq) for order in orders}
    assert any(round_number == 2 for _, _, round_number in bus.closed), "some orders were asked for again"
    with engine.connect() as connection:
        booked = Counter(
            (decision.order_key, decision.revision, decision.round)
            for decision, _ in store.walk_decisions(connection, 0)
            if decision.kind != "partial"
        )
        assert store.open_rounds(connection) == 0
    assert booked == bus.closed
    assert verify(engine).verified
