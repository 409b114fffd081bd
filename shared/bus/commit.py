"""The fenced commit: what handling did takes effect once, together with its acknowledgement, while the partition is still held."""

from collections.abc import Sequence
from typing import Any

from redis.exceptions import ResponseError

from shared.bus import keys
from shared.bus.connection import Argument, Client, refuses_writes, script
from shared.bus.effects import Outputs, encode
from shared.bus.types import BusUnavailable, Delivery, DueTimer, Effects

DONE = "done"
GONE = "gone"
SKIPPED = "skipped"


class Fenced(Exception):
    """The partition has another holder: nothing was written."""


class CommitFailed(Exception):
    """One delivery's effects cannot be written as they are; nothing of them was."""


async def commit(
    client: Client, group: str, token: str, partition: int, stream: str, deliveries: Sequence[Delivery], effects: Sequence[Effects]
) -> list[str]:
    """One status per delivery: DONE, GONE, SKIPPED or the text of an error.

    Raises Fenced; BusUnavailable where Redis takes no writes; Redis' own errors where the outcome is unknown (the same call may be
    repeated: what was done is then GONE).
    """
    outputs = Outputs(partition, first=6)
    arguments: list[Argument] = [token, group, stream, len(deliveries)]
    unwritable: str | None = None
    for count, (delivery, effect) in enumerate(zip(deliveries, effects, strict=True)):
        end = len(arguments)
        arguments.append(delivery.entry_id)
        try:
            encode(effect, group, outputs, arguments)
        except ValueError as error:
            del arguments[end:]
            arguments[3] = count
            unwritable = str(error)
            break
    behind = [] if unwritable is None else [unwritable] + [SKIPPED] * (len(deliveries) - count - 1)
    if arguments[3] == 0:
        return behind
    reply = await script("commit", with_effects=True).run(
        client,
        [
            keys.timers_key(partition, group),
            keys.dead_letter_counts_key(partition),
            keys.epoch_key(partition, group),
            keys.positions_key(partition, group),
            keys.stream_key(partition, stream),
            *outputs.keys,
        ],
        arguments,
    )
    return _statuses(reply) + behind


async def fire(client: Client, group: str, token: str, partition: int, timers: Sequence[DueTimer], effects: Sequence[Effects]) -> list[str]:
    """Like `commit`, for due timers."""
    outputs = Outputs(partition, first=5)
    arguments: list[Argument] = [token, len(timers)]
    for timer, effect in zip(timers, effects, strict=True):
        arguments.append(timer.name)
        arguments.append(timer.due_ms)
        encode(effect, group, outputs, arguments)
    reply = await script("fire", with_effects=True).run(
        client,
        [
            keys.timers_key(partition, group),
            keys.dead_letter_counts_key(partition),
            keys.epoch_key(partition, group),
            keys.positions_key(partition, group),
            *outputs.keys,
        ],
        arguments,
    )
    return _statuses(reply)


def _statuses(reply: Any) -> list[str]:
    if reply == b"FENCED":
        raise Fenced
    if reply[0] == b"REFUSED":
        refusal = reply[1].decode()
        if refuses_writes(refusal):
            raise BusUnavailable(f"Redis takes no writes now: {refusal}")
        raise ResponseError(refusal)
    return [status.decode() for status in reply]
