"""Figures per stream and group, summed over the partitions."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from redis.exceptions import ResponseError

from shared.bus import keys
from shared.bus.connection import Client, send_many
from shared.bus.types import GroupStatus, StreamName

STREAMS: tuple[StreamName, ...] = get_args(StreamName)
SAMPLE = 64
"""Entries looked at, at either end of what is undelivered, to estimate a lag that the server does not tell."""


async def status(client: Client, partitions: int) -> list[GroupStatus]:
    """Every group of every stream, and every (stream, group) that has dead letters."""
    places = [(partition, stream) for partition in range(partitions) for stream in STREAMS]
    replies = await send_many(client, [("XINFO GROUPS", keys.stream_key(*place)) for place in places])
    sums: dict[tuple[str, str], _Sum] = {}
    for (partition, stream), groups in zip(places, replies, strict=True):
        if isinstance(groups, ResponseError) and "no such key" in str(groups):
            continue
        if isinstance(groups, Exception):
            raise groups
        length = await client.xlen(keys.stream_key(partition, stream))
        for group in groups:
            name = group["name"].decode()
            one = sums.setdefault((stream, name), _Sum())
            one.length += length
            await _add(client, keys.stream_key(partition, stream), name, group, one)
    for partition in range(partitions):
        counts: dict[bytes, bytes] = await client.execute_command("HGETALL", keys.dead_letter_counts_key(partition))
        for subject, count in counts.items():
            read_from, _, name = subject.decode().rpartition("/")
            sums.setdefault((read_from, name), _Sum()).dead_letters += int(count)
    return [
        GroupStatus(
            stream=stream,
            group=name,
            lag=one.lag,
            pending=one.pending,
            oldest_pending_seconds=one.oldest_pending_seconds,
            oldest_undelivered_seconds=one.oldest_undelivered_seconds,
            deliveries=one.deliveries,
            dead_letters=one.dead_letters,
            length=one.length,
        )
        for (stream, name), one in sorted(sums.items())
    ]


@dataclass(slots=True)
class _Sum:
    lag: int = 0
    pending: int = 0
    oldest_pending_seconds: float = 0.0
    oldest_undelivered_seconds: float = 0.0
    deliveries: int = 0
    dead_letters: int = 0
    length: int = 0


async def _add(client: Client, key: str, name: str, group: dict[str, Any], one: _Sum) -> None:
    now_ms = time.time() * 1000
    one.pending += group["pending"]
    if group["pending"]:
        oldest: list[Any] = await client.xpending_range(key, name, "-", "+", SAMPLE)
        if oldest:
            one.oldest_pending_seconds = max(one.oldest_pending_seconds, _age_seconds(oldest[0]["message_id"], now_ms))
            one.deliveries = max(one.deliveries, *(entry["times_delivered"] for entry in oldest))
    lag = group.get("lag")
    if lag == 0:
        return
    last_delivered = group["last-delivered-id"]
    first: Any = await client.xrange(key, b"(" + last_delivered, "+", SAMPLE if lag is None else 1)
    if first:
        one.oldest_undelivered_seconds = max(one.oldest_undelivered_seconds, _age_seconds(first[0][0], now_ms))
    one.lag += int(lag) if lag is not None else await _estimated_lag(client, key, first, group)


async def _estimated_lag(client: Client, key: str, first: Sequence[Any], group: dict[str, Any]) -> int:
    """Exact up to SAMPLE; beyond that from how densely entries follow each other at both ends, because counting would read them all."""
    if len(first) < SAMPLE:
        return len(first)
    last: Any = await client.xrevrange(key, "+", b"(" + first[-1][0], SAMPLE)
    length = int(await client.xlen(key))
    if len(last) < SAMPLE:
        return min(length, SAMPLE + len(last))
    span_ms = _ms(first[-1][0]) - _ms(first[0][0]) + _ms(last[0][0]) - _ms(last[-1][0])
    between_ms = max(0, _ms(last[-1][0]) - _ms(first[-1][0]))
    estimate = 2 * SAMPLE + between_ms * 2 * SAMPLE // max(1, span_ms)
    return min(length, estimate)


def _ms(entry_id: bytes) -> int:
    return int(entry_id.partition(b"-")[0])


def _age_seconds(entry_id: bytes, now_ms: float) -> float:
    return max(0.0, (now_ms - _ms(entry_id)) / 1000)
