"""What a predecessor left: groups that must exist, entries that are still pending, consumers that are no more."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from redis.exceptions import ResponseError

from shared.bus import keys
from shared.bus.connection import Client, first_error, script, send_many
from shared.bus.identity import is_dead_here
from shared.bus.types import Delivery, StreamName

log = logging.getLogger(__name__)

SUSPECT_DELIVERIES = 2
"""An entry found unfinished for the second time may have killed its process: it is handled alone, so that only it is counted again."""

FORGET_AFTER_MS = 24 * 3600 * 1000
"""A consumer on another host that has nothing pending and was silent for so long is no more."""


async def ensure_groups(client: Client, group: str, streams: Sequence[str], partitions: Sequence[int]) -> None:
    """Groups begin at 0, or where the group had finished everything before it was lost."""
    places = [(partition, stream) for partition in partitions for stream in streams]
    finished = await send_many(client, [("HGET", keys.positions_key(partition, group), stream) for partition, stream in places])
    if error := first_error(finished):
        raise error
    replies = await send_many(
        client,
        [
            ("XGROUP", "CREATE", keys.stream_key(partition, stream), group, position or "0", "MKSTREAM")
            for (partition, stream), position in zip(places, finished, strict=True)
        ],
    )
    for (partition, stream), position, reply in zip(places, finished, replies, strict=True):
        if isinstance(reply, Exception):
            if not (isinstance(reply, ResponseError) and "BUSYGROUP" in str(reply)):
                raise reply
        elif position:
            log.warning("Group %s on %s was lost; it goes on behind %s.", group, keys.stream_key(partition, stream), position.decode())


async def take_over(
    client: Client, group: str, consumer: str, partition: int, stream: StreamName, count: int
) -> tuple[list[Delivery], int]:
    """The oldest pending entries, now this consumer's and counted once more, and how many had vanished.

    An entry found unfinished before comes alone. Both empty: nothing is pending.
    """
    key = keys.stream_key(partition, stream)
    pending: list[Any] = await client.xpending_range(key, group, "-", "+", count)
    if not pending:
        await _forget_dead_consumers(client, group, key)
        return [], 0
    calm = 0
    while calm < len(pending) and pending[calm]["times_delivered"] < SUSPECT_DELIVERIES:
        calm += 1
    chosen = pending[: max(calm, 1)]
    ids = [entry["message_id"] for entry in chosen]
    entries = await client.execute_command("XCLAIM", key, group, consumer, 0, *ids, parse_justid=False)
    found = {entry[0]: entry[1] for entry in entries if entry[0] is not None and entry[1] is not None}
    vanished = [entry_id for entry_id in ids if entry_id not in found]
    if vanished:
        # Redis 6.2 leaves entries that no longer exist pending for ever.
        await client.execute_command("XACK", key, group, *vanished)
        log.warning("%d entries of %s vanished before %s could finish them.", len(vanished), key, group)
    deliveries = [
        Delivery(stream, partition, entry["message_id"].decode(), event_of(found[entry["message_id"]]), entry["times_delivered"] + 1)
        for entry in chosen
        if entry["message_id"] in found
    ]
    return deliveries, len(vanished)


def event_of(fields: Mapping[bytes, bytes] | Sequence[bytes]) -> bytes:
    """The event; of an entry that somebody else wrote, its fields as JSON, which no handler takes for an event.

    `fields` as redis-py parses them, or names and values in turn as the server sends them.
    """
    if not isinstance(fields, Mapping):
        if len(fields) == 2 and fields[0] == b"event":
            return fields[1]
        fields = dict(zip(fields[::2], fields[1::2], strict=True))
    event = fields.get(b"event")
    if event is not None:
        return event
    return orjson.dumps({name.decode("latin-1"): value.decode("latin-1") for name, value in fields.items()})


async def acquit(client: Client, group: str, consumer: str, stream: str, deliveries: Sequence[Delivery]) -> None:
    """Sets the delivery counts back: the handler came to an end on these, so they did not kill their process."""
    suspects = [delivery for delivery in deliveries if delivery.deliveries > 1]
    if suspects:
        key = keys.stream_key(suspects[0].partition, stream)
        ids = [delivery.entry_id for delivery in suspects]
        await client.execute_command("XCLAIM", key, group, consumer, 0, *ids, "RETRYCOUNT", 1, "JUSTID", parse_justid=True)


async def forget_consumer(client: Client, group: str, consumer: str, partitions: Sequence[int], streams: Sequence[str]) -> None:
    await script("forget_consumer").run_many(
        client, [((keys.stream_key(partition, stream),), (group, consumer)) for partition in partitions for stream in streams]
    )


async def _forget_dead_consumers(client: Client, group: str, key: str) -> None:
    """Every process has a consumer name of its own; without this their names would pile up."""
    consumers: list[Any] = await client.execute_command("XINFO CONSUMERS", key, group)
    gone = [
        consumer["name"]
        for consumer in consumers
        if consumer["pending"] == 0 and (is_dead_here(consumer["name"].decode()) or consumer["idle"] > FORGET_AFTER_MS)
    ]
    await script("forget_consumer").run_many(client, [((key,), (group, name)) for name in gone])
