"""Orders, results, deadlines and lost commits in random order on a real book: every round is closed once on the stream and in the book."""

import random
from collections import Counter
from dataclasses import dataclass, field

import orjson
import pytest
from sqlalchemy import Engine, select

from services.ledger import store
from services.ledger.audit import verify
from shared.bus.types import Delivery, Effects, StreamName
from shared.contracts.canonical import sha256_hex
from shared.contracts.order import OrderEvent
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
    requested: Counter[tuple[str, int, int]] = field(default_factory=Counter)

    async def come_to_rest(self) -> None:
        for turn in range(5000):
            await self.turn(reliable=turn > 200)
            if not any(self.queues.values()) and not self.timers:
                return
        raise AssertionError("the ledger never comes to rest")

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
                request = OrderEvent.model_validate_json(event)
                self.requested[request.subject, request.data.revision.received_seq, request.data.round] += 1
                self.queues["orders"].append(self.desk.delivery("orders", event))
                self.queues["screenings"].append(self.desk.delivery("screenings", screening_event(request)))
        for timer in effects.timers:
            if timer.due_ms is None:
                self.timers.pop(timer.name, None)
            else:
                self.timers[timer.name] = timer.due_ms


def reasons(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        asked = connection.execute(select(store.resubmissions.c.because)).scalars()
        return {"late result" if "late" in orjson.loads(because) else "newer data" for because in asked}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_round_is_closed_once(engine: Engine, seed: int) -> None:
    draw = random.Random(seed)
    desk = Desk(engine)
    old = await desk.announce("regulations", b"1")
    walks = desk.announced.timers
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
    await bus.commit(Effects(timers=[*walks, *desk.announced.timers]))
    await bus.come_to_rest()
    bus.queues["screenings"] += [desk.delivery("screenings", screening_event(order)) for order in orders]
    await bus.come_to_rest()

    assert set(bus.closed.values()) == {1}
    assert set(bus.partial.values()) <= {1}
    assert {(key, revision) for key, revision, _ in bus.closed} == {(order.subject, order.data.revision.received_seq) for order in orders}
    assert set(bus.requested.values()) == {1}, "a round is asked for once"
    assert set(bus.requested) == {key for key in bus.closed if key[2] > 1}
    assert reasons(engine) == {"late result", "newer data"}
    with engine.connect() as connection:
        booked = Counter(
            (decision.order_key, decision.revision, decision.round)
            for decision, _ in store.walk_decisions(connection, 0)
            if decision.kind != "partial"
        )
        assert store.open_rounds(connection) == 0
    assert booked == bus.closed
    assert verify(engine).verified
