"""The fenced commit: what handling did takes effect once, together with its acknowledgement, while the partition is still held."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from redis.exceptions import NoScriptError, ResponseError

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

    The same call may be repeated: what was done is then gone. A batch goes in pieces, so that Redis begins with the first one while the
    last one is still being made, and serves others in between; a piece behind one that failed finds itself behind, and does nothing.
    """
    pieces = _Pieces(group, token, partition, stream, deliveries, effects)
    lua = script("commit", with_effects=True)
    replies = await lua.run_pieces(client, pieces) if isinstance(client, Line) else []
    if not replies or isinstance(replies[0], NoScriptError):
        replies = [await lua.run(client, keys_, arguments) for keys_, arguments in pieces]
    finished, gone = 0, 0
    for index, reply in enumerate(replies):
        try:
            done, stopped_by, *gone_ids = _answer(reply)
        except Exception:
            if index == 0:
                raise
            # What stands before is done; the rest is tried again and meets the same.
            return Committed(finished, gone, None)
        finished, gone = finished + done, gone + len(gone_ids)
        if stopped_by:
            return Committed(finished, gone, stopped_by.decode())
    return Committed(finished, gone, pieces.problem)


PIECE = 32
"""Deliveries per call: large enough to spread the cost of a call, small enough to keep Redis and this process at work together."""


class _Pieces:
    """The calls of a commit. `problem` names the effects that cannot be written, where there are such: the calls end before them."""

    def __init__(
        self, group: str, token: str, partition: int, stream: str, deliveries: Sequence[Delivery], effects: Sequence[Effects]
    ) -> None:
        self.problem: str | None = None
        self._group = group
        self._token = token
        self._partition = partition
        self._stream = stream
        self._deliveries = deliveries
        self._effects = effects

    def __iter__(self) -> Iterator[tuple[list[str], list[Argument]]]:
        self.problem = None
        total = len(self._effects)
        for at in range(0, total, PIECE):
            outputs = Outputs(self._partition, first=6)
            entries: list[Argument] = []
            count = 0
            for delivery, effect in zip(self._deliveries[at : at + PIECE], self._effects[at : at + PIECE], strict=True):
                end = len(entries)
                entries.append(delivery.entry_id)
                try:
                    encode(effect, self._group, outputs, entries)
                except ValueError as error:
                    del entries[end:]
                    self.problem = str(error)
                    break
                count += 1
            if count:
                last, last_to_come = self._deliveries[at + count - 1].entry_id, self._deliveries[total - 1].entry_id
                yield (
                    [*_fixed_keys(self._partition, self._group), keys.stream_key(self._partition, self._stream), *outputs.keys],
                    [self._token, self._group, self._stream, count, last, total - at, last_to_come, *entries],
                )
            if self.problem is not None:
                return


def _fixed_keys(partition: int, group: str) -> tuple[str, ...]:
    return (
        keys.timers_key(partition, group),
        keys.dead_letter_counts_key(partition),
        keys.epoch_key(partition, group),
        keys.positions_key(partition, group),
    )


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
        client, [*_fixed_keys(partition, group), *outputs.keys], [token, len(timers) - len(unwritable), *entries]
    )
    statuses = iter(_answer(reply))
    return [unwritable[index] if index in unwritable else next(statuses).decode() for index in range(len(timers))]


def _answer(reply: Any) -> Any:
    """The reply, where it is an answer; raises what it is otherwise."""
    if isinstance(reply, Exception):
        raise reply
    if reply == b"FENCED":
        raise Fenced
    if reply == b"BEHIND":
        raise Behind
    if reply and reply[0] == b"REFUSED":
        refusal = reply[1].decode()
        if refuses_writes(refusal):
            raise BusUnavailable(f"Redis takes no writes now: {refusal}")
        raise ResponseError(refusal)
    return reply
