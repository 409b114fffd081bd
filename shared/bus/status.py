"""Figures per stream and group, summed over the partitions."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from redis.exceptions import ResponseError

from shared.bus import keys
from shared.bus.connection import Argument, Client, first_error, send_many
from shared.bus.types import GroupStatus, StreamName

STREAMS: tuple[StreamName, ...] = get_args(StreamName)
SAMPLE = 32
"""Entries looked at, at either end of what is undelivered, to estimate a lag that the server does not tell."""


@dataclass(slots=True)
class _Group:
    """One group on one stream of one partition. Ids are those of Redis."""

    stream: StreamName
    key: str
    name: str
    pending: int
    last_delivered: bytes
    lag: int | None
    length: int
    undelivered: bool
    oldest_pending_ms: int | None = None
    oldest_undelivered_ms: int | None = None
    deliveries: int = 0


async def status(client: Client, partitions: int) -> list[GroupStatus]:
    """Every group of every stream, and every (stream, group) that has dead letters. Four round trips at most."""
    groups = await _groups(client, partitions)
    await _look_at_pending(client, [group for group in groups if group.pending])
    await _look_at_undelivered(client, [group for group in groups if group.undelivered])
    counts = await _send(client, [("HGETALL", keys.dead_letter_counts_key(partition)) for partition in range(partitions)])
    dead_letters: Counter[tuple[str, str]] = Counter()
    for count in counts:
        for subject, number in count.items():
            stream, _, name = subject.decode().rpartition("/")
            dead_letters[stream, name] += int(number)
    by_name: dict[tuple[str, str], list[_Group]] = {place: [] for place in dead_letters}
    for group in groups:
        by_name.setdefault((group.stream, group.name), []).append(group)
    now_ms = time.time() * 1000
    return [_summed(place, by_name[place], dead_letters[place], now_ms) for place in sorted(by_name)]


def _summed(place: tuple[str, str], groups: Sequence[_Group], dead_letters: int, now_ms: float) -> GroupStatus:
    pending_since = [group.oldest_pending_ms for group in groups if group.oldest_pending_ms is not None]
    undelivered_since = [group.oldest_undelivered_ms for group in groups if group.oldest_undelivered_ms is not None]
    return GroupStatus(
        stream=place[0],
        group=place[1],
        lag=sum(group.lag or 0 for group in groups),
        pending=sum(group.pending for group in groups),
        oldest_pending_seconds=max(0.0, now_ms - min(pending_since, default=now_ms)) / 1000,
        oldest_undelivered_seconds=max(0.0, now_ms - min(undelivered_since, default=now_ms)) / 1000,
        deliveries=max((group.deliveries for group in groups), default=0),
        dead_letters=dead_letters,
        length=sum(group.length for group in groups),
    )


async def _groups(client: Client, partitions: int) -> list[_Group]:
    places = [(stream, keys.stream_key(partition, stream)) for partition in range(partitions) for stream in STREAMS]
    replies = await send_many(client, [(command, key) for _, key in places for command in ("XINFO GROUPS", "XINFO STREAM")])
    groups: list[_Group] = []
    for (stream, key), found, about in zip(places, replies[::2], replies[1::2], strict=True):
        if isinstance(found, ResponseError) and "no such key" in str(found):
            continue
        if error := first_error((found, about)):
            raise error
        for group in found:
            undelivered = _order(group["last-delivered-id"]) < _order(about["last-generated-id"]) and about["length"] > 0
            groups.append(
                _Group(
                    stream=stream,
                    key=key,
                    name=group["name"].decode(),
                    pending=group["pending"],
                    last_delivered=group["last-delivered-id"],
                    lag=group.get("lag") if undelivered else 0,
                    length=about["length"],
                    undelivered=undelivered,
                )
            )
    return groups


async def _look_at_pending(client: Client, groups: Sequence[_Group]) -> None:
    replies = await _send(client, [("XPENDING", group.key, group.name, "-", "+", SAMPLE) for group in groups], parse_detail=True)
    for group, entries in zip(groups, replies, strict=True):
        if entries:
            group.oldest_pending_ms = _ms(entries[0]["message_id"])
            group.deliveries = max(entry["times_delivered"] for entry in entries)


async def _look_at_undelivered(client: Client, groups: Sequence[_Group]) -> None:
    """The age of the first; and, where the server does not tell it, the lag: exact below twice SAMPLE, from there an estimate from how
    densely entries follow each other at both ends, because counting would read them all."""
    first = await _send(
        client,
        [("XRANGE", group.key, b"(" + group.last_delivered, "+", "COUNT", SAMPLE if group.lag is None else 1) for group in groups],
    )
    for group, entries in zip(groups, first, strict=True):
        if entries:
            group.oldest_undelivered_ms = _ms(entries[0][0])
        if group.lag is None and len(entries) < SAMPLE:
            group.lag = len(entries)
    unknown = [(group, entries) for group, entries in zip(groups, first, strict=True) if group.lag is None]
    last = await _send(client, [("XREVRANGE", group.key, "+", b"(" + entries[-1][0], "COUNT", SAMPLE) for group, entries in unknown])
    for (group, entries), newest in zip(unknown, last, strict=True):
        if len(newest) < SAMPLE:
            group.lag = SAMPLE + len(newest)
        else:
            sampled_ms = _ms(entries[-1][0]) - _ms(entries[0][0]) + _ms(newest[0][0]) - _ms(newest[-1][0])
            between_ms = max(0, _ms(newest[-1][0]) - _ms(entries[-1][0]))
            group.lag = min(group.length, 2 * SAMPLE + between_ms * 2 * SAMPLE // max(1, sampled_ms))


async def _send(client: Client, commands: Sequence[tuple[Argument, ...]], **options: Any) -> list[Any]:
    replies = await send_many(client, commands, **options)
    if error := first_error(replies):
        raise error
    return replies


def _order(entry_id: bytes) -> tuple[int, int]:
    ms, _, sequence = entry_id.partition(b"-")
    return int(ms), int(sequence)


def _ms(entry_id: bytes) -> int:
    return _order(entry_id)[0]
