"""What the gateway keeps in Redis: a record per order, the index from master data to open orders, and the latest assessment of each order.

A record is one byte (open or ended) and compressed JSON. An ended order keeps only what recognises late documents, and expires.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import orjson

from services.gateway.domain.revision import Seen, Standing
from services.gateway.domain.taking_in import Conflict, OrderState, references_of
from shared.bus import Bus
from shared.bus.types import Append, State, Write
from shared.contracts.base import instant_text
from shared.contracts.order import Issue, SourceRevision

OPEN, ENDED = b"o", b"x"
ENDED_HISTORY = 8
"""States of an ended order that are still recognised one by one."""
ASSESSMENT_OF_ENDED_ORDER = timedelta(days=30)
REFUSAL_REMEMBERED = timedelta(minutes=10)
"""A document refused again within this time (because its sender never saw the answer, say) is not kept a second time."""

_LEVEL = 3
"""Level 6 takes 5 % less room and twice the time."""


@dataclass(slots=True, frozen=True)
class StoredOrder:
    """`version` is that of the record on the bus; 0 where there is none."""

    version: int
    state: OrderState


@dataclass(slots=True, frozen=True)
class StoredAssessment:
    revision: int
    round: int
    kind: str
    content: dict[str, Any]


def record_key(order_key: str) -> str:
    return f"order:{order_key}"


def assessment_key(order_key: str) -> str:
    return f"assessment:{order_key}"


def item_index(number: str) -> str:
    return f"item:{number}"


OPEN_ORDERS = "open"
"""Key of the set of the open orders of a partition."""


def supplier_index(supplier_id: str) -> str:
    return f"supplier:{supplier_id}"


class OrderStore:
    def __init__(self, bus: Bus, closed_order_retention: timedelta) -> None:
        self._bus = bus
        self._retention_ms = _milliseconds(closed_order_retention)

    async def read(self, order_keys: Sequence[str]) -> list[StoredOrder]:
        records = await self._bus.records([(key, record_key(key)) for key in order_keys])
        return [
            StoredOrder(0, OrderState()) if record is None else StoredOrder(record.version, _decoded(record.content)) for record in records
        ]

    def append(
        self, order_key: str, before: StoredOrder, after: OrderState, events: Iterable[bytes], shipments: Iterable[bytes] = ()
    ) -> Append:
        """The write that makes `after` of `before` and sends the events, in one piece."""
        writes = _index_writes(order_key, before.state, after)
        if not after.open:
            writes.append(Write("PEXPIRE", record_key(order_key), (self._retention_ms,)))
            writes.append(Write("PEXPIRE", assessment_key(order_key), (_milliseconds(ASSESSMENT_OF_ENDED_ORDER),)))
        return Append(
            partition_key=order_key,
            record_key=record_key(order_key),
            expected_version=before.version,
            new_version=before.version + 1,
            record=_encoded(after),
            outputs=(
                *(("orders", event) for event in events),
                *(("shipments", event) for event in shipments),
            ),
            writes=tuple(writes),
        )

    async def assessment(self, order_key: str) -> StoredAssessment | None:
        stored = await self._bus.state(self._bus.partition_of(order_key)).get(assessment_key(order_key))
        return None if stored is None else decoded_assessment(stored)

    async def open_orders(self, partition: int) -> set[str]:
        return await self.orders_with(partition, OPEN_ORDERS)

    async def orders_with(self, partition: int, index_key: str) -> set[str]:
        """The open orders of a partition that name an item or a supplier."""
        return {member.decode() for member in await self._bus.state(partition).set_members(index_key)}


def _index_writes(order_key: str, before: OrderState, after: OrderState) -> list[Write]:
    old_items, old_suppliers = references_of(before)
    new_items, new_suppliers = references_of(after)
    opening = [] if before.open == after.open else [Write("SADD" if after.open else "SREM", OPEN_ORDERS, (order_key,))]
    return [
        *opening,
        *(Write("SADD", item_index(number), (order_key,)) for number in sorted(new_items - old_items)),
        *(Write("SADD", supplier_index(each), (order_key,)) for each in sorted(new_suppliers - old_suppliers)),
        *(Write("SREM", item_index(number), (order_key,)) for number in sorted(old_items - new_items)),
        *(Write("SREM", supplier_index(each), (order_key,)) for each in sorted(old_suppliers - new_suppliers)),
    ]


def _milliseconds(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)


# Records


def is_open(content: bytes) -> bool:
    return content[:1] == OPEN


def _encoded(state: OrderState) -> bytes:
    kept = state if state.open else _ended(state)
    said = {
        "standing": _standing_json(kept.standing) if kept.standing is not None else None,
        "document": kept.document,
        "snapshot": kept.snapshot,
        "event_id": kept.event_id,
        "reading_issues": [issue.model_dump() for issue in kept.reading_issues],
        "unscreenable": {str(position): reason for position, reason in kept.unscreenable.items()},
        "cancellation_requests": kept.cancellation_requests,
        "conflicts": [asdict(conflict) for conflict in kept.conflicts],
        "shipments": kept.shipments,
        "answers": kept.answers,
    }
    return (OPEN if state.open else ENDED) + zlib.compress(orjson.dumps({name: value for name, value in said.items() if value}), _LEVEL)


def _ended(state: OrderState) -> OrderState:
    standing = state.standing
    if standing is None:
        return state
    return OrderState(
        standing=Standing(
            revision=standing.revision,
            content=standing.content,
            status=standing.status,
            received_seq=standing.received_seq,
            conflict=standing.conflict,
            tombstone=standing.tombstone,
            history=standing.history[-ENDED_HISTORY:],
        ),
        event_id=state.event_id,
        cancellation_requests=state.cancellation_requests,
        shipments=state.shipments,
    )


def _decoded(content: bytes) -> OrderState:
    said = orjson.loads(zlib.decompress(content[1:]))
    return OrderState(
        standing=_standing(said["standing"]) if "standing" in said else None,
        document=said.get("document"),
        snapshot=said.get("snapshot"),
        event_id=said.get("event_id"),
        reading_issues=tuple(Issue.model_validate(issue) for issue in said.get("reading_issues", ())),
        unscreenable={int(position): reason for position, reason in said.get("unscreenable", {}).items()},
        cancellation_requests=tuple(said.get("cancellation_requests", ())),
        conflicts=tuple(Conflict(**conflict) for conflict in said.get("conflicts", ())),
        shipments=tuple(said.get("shipments", ())),
        answers=tuple(said.get("answers", ())),
    )


def _standing_json(standing: Standing) -> dict[str, Any]:
    return {
        "revision": _revision_json(standing.revision),
        "content": standing.content,
        "status": standing.status,
        "received_seq": standing.received_seq,
        "conflict": standing.conflict,
        "tombstone": standing.tombstone,
        "history": [[_revision_json(seen.revision), seen.content, seen.received_seq] for seen in standing.history],
    }


def _standing(said: dict[str, Any]) -> Standing:
    return Standing(
        revision=SourceRevision.model_validate(said["revision"]),
        content=said["content"],
        status=said["status"],
        received_seq=said["received_seq"],
        conflict=said["conflict"],
        tombstone=said["tombstone"],
        history=tuple(Seen(SourceRevision.model_validate(revision), content, seq) for revision, content, seq in said["history"]),
    )


def _revision_json(revision: SourceRevision) -> dict[str, Any]:
    changed_at = revision.source_changed_at
    said = {
        "source_value": revision.source_value,
        "source_seq": revision.source_seq,
        "source_changed_at": instant_text(changed_at) if changed_at is not None else None,
    }
    return {name: value for name, value in said.items() if value is not None}


# Assessments


def encoded_assessment(assessment: dict[str, Any]) -> bytes:
    """`<revision> <round> <kind>` in front, so that an older one is recognised without reading it."""
    head = f"{assessment['revision']} {assessment['round']} {assessment['kind']}\n"
    return head.encode() + zlib.compress(orjson.dumps(assessment), _LEVEL)


def decoded_assessment(stored: bytes) -> StoredAssessment:
    head, _, body = stored.partition(b"\n")
    revision, round_, kind = head.decode().split(" ")
    return StoredAssessment(int(revision), int(round_), kind, orjson.loads(zlib.decompress(body)))


def assessment_head(stored: bytes) -> tuple[int, int, str]:
    revision, round_, kind = stored.partition(b"\n")[0].decode().split(" ")
    return int(revision), int(round_), kind


async def assessments_and_openness(bus: Bus, state: State, order_keys: Sequence[str]) -> tuple[list[bytes | None], list[bool]]:
    """Of each order the assessment that is kept, and whether the order is open."""
    kept = await state.get_many([assessment_key(key) for key in order_keys])
    records = await bus.records([(key, record_key(key)) for key in order_keys])
    return kept, [record is not None and is_open(record.content) for record in records]
