"""The ledger's handlers on a real book, driven as the bus drives them: batches in, effects out, commits that may be lost."""

import base64
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Engine

from services.ledger.book import Rules
from services.ledger.domain.assessment import PolicyInForce
from services.ledger.handlers import Behind, Ledger
from services.ledger.policy_file import load_policy
from shared.bus.types import Delivery, DueTimer, Effects, StreamName
from shared.contracts.canonical import sha256_hex
from shared.contracts.reference_change import ReferenceChange, ReferenceChangeEvent
from tests.support.orders import MOMENT

POLICY = load_policy()
NO_STATE: Any = None
"""The ledger reads no state of the bus."""
PARTIAL_AFTER_MS, FINAL_AFTER_MS = 2_000, 30_000


class Desk:
    """`behind` is how many seconds results have been lying unread, `orders_behind` orders; `now` is the wall clock."""

    def __init__(self, engine: Engine, awaited: tuple[str, ...] = ("screening",)) -> None:
        self.engine = engine
        self.behind = 0.0
        self.orders_behind = 0.0
        self.now = MOMENT.timestamp()
        self.announced = Effects()
        """What the last announcement did."""
        self._entries = 0
        rules = Rules(awaited, PARTIAL_AFTER_MS, FINAL_AFTER_MS, PolicyInForce(POLICY.policy, POLICY.version), "0.1.0")
        self.ledger = Ledger(engine, rules, ThreadPoolExecutor(1), self._behind, lambda: self.now)

    async def _behind(self) -> Behind:
        return Behind(self.behind, self.orders_behind)

    def delivery(self, stream: StreamName, event: Any, partition: int = 0) -> Delivery:
        self._entries += 1
        content = event if isinstance(event, bytes) else event.encode()
        return Delivery(stream, partition, f"{int(MOMENT.timestamp() * 1000)}-{self._entries}", content)

    async def take(self, deliveries: Sequence[Delivery]) -> list[Effects]:
        """The effects of a batch in which nothing fails."""
        results = await self.take_whatever(deliveries)
        for result in results:
            if isinstance(result, Exception):
                raise result
        return [result for result in results if isinstance(result, Effects)]

    async def take_whatever(self, deliveries: Sequence[Delivery]) -> Sequence[Effects | Exception]:
        return await self.ledger.on_events(deliveries, NO_STATE)

    async def order(self, event: Any, partition: int = 0) -> Effects:
        return (await self.take([self.delivery("orders", event, partition)]))[0]

    async def result(self, event: Any, stream: StreamName = "screenings", partition: int = 0) -> Effects:
        return (await self.take([self.delivery(stream, event, partition)]))[0]

    async def fire(self, name: str, due_ms: int, partition: int = 0) -> Effects:
        (result,) = await self.ledger.on_timers([DueTimer(partition, name, due_ms)], NO_STATE)
        if isinstance(result, Exception):
            raise result
        return result

    async def announce(
        self,
        kind: Any,
        content: bytes,
        previous: str | None = None,
        at: datetime = MOMENT,
        touched: Sequence[str] = ("*",),
        partition: int = 0,
    ) -> str:
        change = reference_change(kind, content, previous, at, touched)
        (result,) = await self.ledger.on_reference_changes([self.delivery("reference-changes", change, partition)], NO_STATE)
        assert isinstance(result, Effects), result
        self.announced = result
        return sha256_hex(content)


def reference_change(
    kind: Any, content: bytes, previous: str | None = None, at: datetime = MOMENT, touched: Sequence[str] = ("*",)
) -> ReferenceChangeEvent:
    data = ReferenceChange.model_validate(
        {
            "kind": kind,
            "version": sha256_hex(content),
            "previous_version": previous,
            "content_zlib": base64.b64encode(zlib.compress(content)),
            "touched": list(touched),
        }
    )
    return ReferenceChangeEvent(
        id=f"{kind} {data.version}"[:60], source="orestream/test", type="orestream.reference.changed.v1", subject=kind, time=at, data=data
    )


def emitted(effects: Effects, stream: StreamName = "assessments") -> list[dict[str, Any]]:
    """The data of the events that go to a stream."""
    return [orjson.loads(event)["data"] for to, event in effects.outputs if to == stream]


def timers(effects: Effects) -> dict[str, int | None]:
    return {timer.name: timer.due_ms for timer in effects.timers}
