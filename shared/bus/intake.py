"""What comes from outside the streams: conditional writes, each one Lua call, and reading their records back."""

from collections.abc import Sequence
from typing import Any

from shared.bus import keys
from shared.bus.connection import Argument, Client, script, send_many, unavailable_when_redis_fails
from shared.bus.effects import Outputs, encode
from shared.bus.types import Append, Effects, Record


async def append(client: Client, group: str, partitions: int, appends: Sequence[Append]) -> list[bool]:
    """Per append whether it was done; False where the stored version is another one.

    Raises BusUnavailable where Redis is down or takes no writes; some may be done then, and asking again finds out which.
    """
    calls = [_call(group, partitions, one) for one in appends]
    async with unavailable_when_redis_fails("Taking in"):
        replies = await script("append", with_effects=True).run_many(client, calls)
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
    return [reply == 1 for reply in replies]


def _call(group: str, partitions: int, one: Append) -> tuple[list[str], list[Argument]]:
    partition = keys.partition_of(one.partition_key, partitions)
    outputs = Outputs(partition, first=4)
    arguments: list[Argument] = [one.expected_version, one.new_version, one.record]
    encode(Effects(outputs=list(one.outputs), writes=list(one.writes)), group, outputs, arguments)
    fixed = [
        keys.timers_key(partition, group),
        keys.dead_letter_counts_key(partition),
        keys.state_key(partition, group, one.record_key),
    ]
    return fixed + outputs.keys, arguments


async def records(client: Client, group: str, partitions: int, wanted: Sequence[tuple[str, str]]) -> list[Record | None]:
    """The records under (partition key, record key)."""
    async with unavailable_when_redis_fails("Reading records"):
        replies = await send_many(
            client,
            [("GET", keys.state_key(keys.partition_of(partition_key, partitions), group, key)) for partition_key, key in wanted],
        )
        return [_record(reply) for reply in replies]


def _record(reply: Any) -> Record | None:
    if isinstance(reply, Exception):
        raise reply
    if reply is None:
        return None
    version, _, content = reply.partition(b":")
    return Record(int(version), content)
