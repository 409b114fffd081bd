"""The delivery log as it lies in the state of this group, in the partition of the event.

    delivery:<webhook-id>   the delivery with its attempts, compressed JSON
    body:<webhook-id>       the event's exact bytes, compressed
    due:<endpoint>          sorted set: webhook-id by the Unix time (ms) of its next attempt
    log:<state>             sorted set: webhook-id by the negative time (µs) of its last change of state, so that the newest comes first
    order:<subject>         sorted set: webhook-id by the negative event time (µs)
    disabled:<endpoint>     since when nothing is sent to this endpoint any more, and why

Pending deliveries never expire. Finished ones do after the retention; their traces in `log:` are swept (`expired_from_log`).
"""

import asyncio
import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from typing import get_args

from services.notification.domain.delivery import Delivery, DeliveryState
from shared.bus.types import State, Write
from shared.contracts.base import Contract, Instant, instant_of, unix_ms

_STATES: tuple[DeliveryState, ...] = get_args(DeliveryState)
_ORDER_INDEX_SLACK = timedelta(days=4)
"""A delivery may take more than three days until it is finished; only then its retention begins."""


class Disabled(Contract):
    """Why an endpoint gets nothing any more."""

    since: Instant
    cause: str


def _newest_first(instant: datetime) -> int:
    return -int(instant.timestamp() * 1_000_000)


def created(delivery: Delivery, body: bytes, retention: timedelta) -> list[Write]:
    index = f"order:{delivery.subject}"
    return [
        Write("SET", f"body:{delivery.webhook_id}", (zlib.compress(body),)),
        *_stored(delivery),
        Write("ZADD", index, (_newest_first(delivery.event_time), delivery.webhook_id)),
        Write("PEXPIRE", index, (_whole_ms(retention + _ORDER_INDEX_SLACK),)),
    ]


def replaced(before: Delivery, after: Delivery, retention: timedelta) -> list[Write]:
    """The same delivery after an attempt, or given up."""
    writes = [Write("ZREM", f"log:{before.state}", (before.webhook_id,)), *_stored(after)]
    if after.state != "pending":
        writes += [
            Write("ZREM", f"due:{after.endpoint_id}", (after.webhook_id,)),
            Write("PEXPIRE", f"delivery:{after.webhook_id}", (_whole_ms(retention),)),
            Write("PEXPIRE", f"body:{after.webhook_id}", (_whole_ms(retention),)),
        ]
    return writes


def reopened(before: Delivery, after: Delivery, body: bytes) -> list[Write]:
    """A finished delivery that is pending again: writing both values anew takes their expiry away."""
    return [
        Write("ZREM", f"log:{before.state}", (before.webhook_id,)),
        Write("SET", f"body:{after.webhook_id}", (zlib.compress(body),)),
        *_stored(after),
    ]


def _stored(delivery: Delivery) -> list[Write]:
    writes = [
        Write("SET", f"delivery:{delivery.webhook_id}", (zlib.compress(delivery.model_dump_json().encode()),)),
        Write("ZADD", f"log:{delivery.state}", (_newest_first(delivery.state_since), delivery.webhook_id)),
    ]
    if delivery.next_attempt_at is not None:
        writes.append(Write("ZADD", f"due:{delivery.endpoint_id}", (unix_ms(delivery.next_attempt_at), delivery.webhook_id)))
    return writes


def vanished(webhook_id: str, endpoint_id: str) -> list[Write]:
    """Removes what points at a delivery that is not there (somebody deleted keys by hand)."""
    return [Write("ZREM", f"due:{endpoint_id}", (webhook_id,)), Write("ZREM", "log:pending", (webhook_id,))]


def disabled(endpoint_id: str, since: datetime, cause: str) -> Write:
    return Write("SET", f"disabled:{endpoint_id}", (Disabled(since=since, cause=cause).model_dump_json().encode(),))


def enabled(endpoint_id: str) -> Write:
    return Write("DEL", f"disabled:{endpoint_id}")


async def deliveries(state: State, webhook_ids: Sequence[str]) -> list[Delivery | None]:
    found = await state.get_many([f"delivery:{webhook_id}" for webhook_id in webhook_ids]) if webhook_ids else []
    return [None if value is None else Delivery.model_validate_json(zlib.decompress(value)) for value in found]


async def bodies(state: State, webhook_ids: Sequence[str]) -> list[bytes | None]:
    found = await state.get_many([f"body:{webhook_id}" for webhook_id in webhook_ids]) if webhook_ids else []
    return [None if value is None else zlib.decompress(value) for value in found]


async def due(state: State, endpoint_id: str, until_ms: int, limit: int) -> list[tuple[str, datetime]]:
    """Webhook-ids due by then with their times, the longest waiting first."""
    return [(member.decode(), instant_of(score)) for member, score in await state.sorted_range(f"due:{endpoint_id}", 0, until_ms, limit)]


async def next_due(state: State, endpoint_id: str, after_ms: int) -> datetime | None:
    following = await state.sorted_range(f"due:{endpoint_id}", after_ms + 1, float("inf"), 1)
    return instant_of(following[0][1]) if following else None


async def disabled_since(state: State, endpoint_ids: Sequence[str]) -> dict[str, Disabled]:
    found = await state.get_many([f"disabled:{endpoint_id}" for endpoint_id in endpoint_ids]) if endpoint_ids else []
    return {
        endpoint_id: Disabled.model_validate_json(value)
        for endpoint_id, value in zip(endpoint_ids, found, strict=True)
        if value is not None
    }


async def expired_from_log(state: State, now: datetime, retention: timedelta, limit: int) -> list[Write]:
    """Removes from the log what has expired; an hour's grace leaves the two clocks (ours, Redis's) room to differ."""
    oldest_kept = _newest_first(now - retention - timedelta(hours=1))
    writes = []
    for finished in ("delivered", "failed"):
        expired = await state.sorted_range(f"log:{finished}", oldest_kept, float("inf"), limit)
        writes += [Write("ZREM", f"log:{finished}", tuple(member for member, _ in expired))] if expired else []
    return writes


def _whole_ms(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)


@dataclass(slots=True, frozen=True)
class Position:
    """A place in the log: everything up to and including it has been seen."""

    score: float
    webhook_id: str

    def encode(self) -> str:
        return base64.urlsafe_b64encode(f"{self.score:.0f}/{self.webhook_id}".encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Position":
        """Raises ValueError."""
        score, _, webhook_id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition("/")
        return cls(float(score), webhook_id)


@dataclass(slots=True, frozen=True)
class Page:
    deliveries: list[Delivery]
    next: Position | None


_SCANNED_PER_PAGE = 1000


async def page(
    states: Mapping[int, State], *, order: str | None, endpoint: str | None, state: DeliveryState | None, after: Position | None, limit: int
) -> Page:
    """Deliveries, newest first, over all partitions. A page looks at 1,000 entries at most, so it may be shorter than `limit` and still
    have a next one."""
    indexes = [f"order:{order}"] if order is not None else [f"log:{one}" for one in ([state] if state else _STATES)]
    runs = await asyncio.gather(
        *(_run(partition, states[partition], index, after, _SCANNED_PER_PAGE) for partition in states for index in indexes)
    )
    entries = list(merge(*runs))[:_SCANNED_PER_PAGE]
    found: list[Delivery] = []
    for start in range(0, len(entries), 100):
        chunk = entries[start : start + 100]
        by_id = await _by_id(states, chunk)
        for score, webhook_id, _ in chunk:
            delivery = by_id.get(webhook_id)
            if delivery is not None and endpoint in (None, delivery.endpoint_id) and state in (None, delivery.state):
                found.append(delivery)
                if len(found) == limit:
                    return Page(found, Position(score, webhook_id))
    return Page(found, Position(*entries[-1][:2]) if len(entries) == _SCANNED_PER_PAGE else None)


async def _run(partition: int, state: State, index: str, after: Position | None, limit: int) -> list[tuple[float, str, int]]:
    """The next entries of one index; asks again with room for more where many share the score of the last position."""
    wanted = limit
    while True:
        rows = await state.sorted_range(index, after.score if after else float("-inf"), float("inf"), wanted)
        entries = [(score, member.decode(), partition) for member, score in rows]
        new = [entry for entry in entries if after is None or entry[:2] > (after.score, after.webhook_id)]
        if len(new) >= limit or len(rows) < wanted:
            return new[:limit]
        wanted *= 2


async def _by_id(states: Mapping[int, State], entries: Sequence[tuple[float, str, int]]) -> dict[str, Delivery]:
    found: dict[str, Delivery] = {}
    for partition in {entry[2] for entry in entries}:
        webhook_ids = [webhook_id for _, webhook_id, at in entries if at == partition]
        records = await deliveries(states[partition], webhook_ids)
        found |= {webhook_id: record for webhook_id, record in zip(webhook_ids, records, strict=True) if record is not None}
    return found
