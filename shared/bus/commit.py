"""The fenced commit: what handling did takes effect once, together with its acknowledgement, while the partition is still held."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.exceptions import ResponseError

from shared.bus import keys
from shared.bus.connection import Argument, Client, Line, refuses_writes, script
from shared.bus.effects import Outputs, encode
from shared.bus.types import BusUnavailable, Delivery, DueTimer, Effects

DONE = "done"
GONE = "gone"


class Fenced(Exception):
    """The partition has another holder: nothing was written."""


class Behind(Exception):
    """Older entries of the stream are pending: they go first, and nothing was written."""


class CommitFailed(Exception):
    """One delivery's effects cannot be written as they are; nothing of them was."""


@dataclass(slots=True, frozen=True)
class Committed:
    """`finished` of the deliveries, in order, `gone` of them because they had been committed before; then `problem` stopped the next."""

    finished: int
    gone: int
    problem: str | None


async def commit(
    client: Client | Line, group: str, token: str, partition: int, stream: str, deliveries: Sequence[Delivery], effects: Sequence[Effects]
) -> Committed:
    """Raises Fenced; Behind; BusUnavailable where Redis takes no writes; Redis' own errors where the outcome is unknown.

    The same call may be repeated: what was done is then gone.
    """
    outputs = Outputs(partition, first=6)
    entries: list[Argument] = []
    count, last_id = 0, ""
    problem: str | None = None
    for delivery, effect in zip(deliveries, effects, strict=True):
        end = len(entries)
        entries.append(delivery.entry_id)
        try:
            encode(effect, group, outputs, entries)
        except ValueError as error:
            del entries[end:]
            problem = str(error)
            break
        count, last_id = count + 1, delivery.entry_id
    if count == 0:
        return Committed(0, 0, problem)
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
        [token, group, stream, count, last_id, *entries],
    )
    _raise_refusal(reply)
    finished, stopped_by, *gone = reply
    return Committed(finished, len(gone), stopped_by.decode() or problem)


async def fire(client: Client, group: str, token: str, partition: int, timers: Sequence[DueTimer], effects: Sequence[Effects]) -> list[str]:
    """One status per timer: DONE, GONE (moved or fired before) or the text of an error. Raises like `commit`."""
    outputs = Outputs(partition, first=5)
    entries: list[Argument] = []
    unwritable: dict[int, str] = {}
    for index, (timer, effect) in enumerate(zip(timers, effects, strict=True)):
        end = len(entries)
        entries += (timer.name, timer.due_ms)
        try:
            encode(effect, group, outputs, entries)
        except ValueError as error:
            del entries[end:]
            unwritable[index] = str(error)
    reply = await script("fire", with_effects=True).run(
        client,
        [
            keys.timers_key(partition, group),
            keys.dead_letter_counts_key(partition),
            keys.epoch_key(partition, group),
            keys.positions_key(partition, group),
            *outputs.keys,
        ],
        [token, len(timers) - len(unwritable), *entries],
    )
    _raise_refusal(reply)
    statuses = iter(reply)
    return [unwritable[index] if index in unwritable else next(statuses).decode() for index in range(len(timers))]


def _raise_refusal(reply: Any) -> None:
    if reply == b"FENCED":
        raise Fenced
    if reply == b"BEHIND":
        raise Behind
    if reply and reply[0] == b"REFUSED":
        refusal = reply[1].decode()
        if refuses_writes(refusal):
            raise BusUnavailable(f"Redis takes no writes now: {refusal}")
        raise ResponseError(refusal)
