"""What was given up: look at it, put it back, or drop it. Every function may be repeated."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from shared.bus import keys
from shared.bus.bus import Bus
from shared.bus.connection import script, unavailable_when_redis_fails
from shared.bus.giving_up import TIMERS
from shared.contracts.dead_letter import DeadLetter, DeadLetterEvent

Resubmit = Callable[[DeadLetter], Awaitable[None]]
"""Takes a refused document in again; raises with a sentence where it is refused again."""

_PAGE = 20
"""Originals may be large."""


class NotReplayable(Exception):
    """The dead letter cannot be put back by itself; the text says what can be done."""


@dataclass(slots=True, frozen=True)
class Kept:
    """A dead letter under its id, `<partition>/<entry id>`."""

    id: str
    subject: str
    letter: DeadLetter


async def list(
    bus: Bus, *, stream: str | None = None, group: str | None = None, after: str | None = None, limit: int = 50
) -> Sequence[Kept]:
    """The oldest first, partition by partition; `after` is the id that the page before ended with."""
    return [kept async for kept in _matching(bus, stream, group, after, limit)]


async def _matching(bus: Bus, stream: str | None, group: str | None, after: str | None, limit: int) -> AsyncIterator[Kept]:
    count = 0
    async for kept in _scan(bus, after):
        if (stream is None or kept.letter.stream == stream) and (group is None or kept.letter.group == group):
            yield kept
            count += 1
            if count == limit:
                return


async def show(bus: Bus, id: str) -> Kept | None:
    """None where it was replayed or dropped, or never was."""
    partition, entry_id = _parts(id)
    async with unavailable_when_redis_fails("Reading dead letters"):
        entries: Any = await bus.client.xrange(keys.stream_key(partition, "dead-letters"), entry_id, entry_id)
    return _kept(partition, *entries[0]) if entries else None


async def replay(bus: Bus, id: str, resubmit: Resubmit | None = None) -> bool:
    """Puts the original back at the end of its stream (every group of it sees it again); False where the letter is gone.

    A refused document goes through `resubmit`, without which it raises NotReplayable.
    """
    kept = await show(bus, id)
    if kept is None:
        return False
    letter = kept.letter
    if letter.stage == "intake":
        if resubmit is None:
            raise NotReplayable(f"{id} is a document that was refused at intake: it can be shown, dropped, or sent in again.")
        await resubmit(letter)
        return await drop(bus, id)
    if letter.stream == TIMERS:
        timer = orjson.loads(letter.original)
        return await _resolve(bus, kept, "arm", keys.timers_key(letter.partition, letter.group), timer["name"], timer["due_ms"])
    return await _resolve(bus, kept, "append", keys.stream_key(letter.partition, letter.stream), letter.original)


async def drop(bus: Bus, id: str) -> bool:
    """False where the letter is gone already."""
    kept = await show(bus, id)
    return kept is not None and await _resolve(bus, kept, "drop", keys.stream_key(_parts(id)[0], "dead-letters"))


async def _resolve(bus: Bus, kept: Kept, action: str, target: str, *content: str | bytes | int) -> bool:
    partition, entry_id = _parts(kept.id)
    async with unavailable_when_redis_fails("Changing dead letters"):
        reply = await script("resolve_dead_letter").run(
            bus.client,
            (keys.stream_key(partition, "dead-letters"), keys.dead_letter_counts_key(partition), target),
            (entry_id, kept.subject, action, *content),
        )
    return bool(reply)


async def _scan(bus: Bus, after: str | None) -> AsyncIterator[Kept]:
    first, last_seen = _parts(after) if after else (0, "-")
    for partition in range(first, bus.settings.partitions):
        start = f"({last_seen}" if last_seen != "-" else "-"
        while True:
            async with unavailable_when_redis_fails("Reading dead letters"):
                entries: Any = await bus.client.xrange(keys.stream_key(partition, "dead-letters"), start, "+", _PAGE)
            for entry_id, fields in entries:
                yield _kept(partition, entry_id, fields)
            if len(entries) < _PAGE:
                break
            start = f"({entries[-1][0].decode()}"
        last_seen = "-"


def _kept(partition: int, entry_id: bytes, fields: dict[bytes, bytes]) -> Kept:
    event = DeadLetterEvent.model_validate_json(fields[b"event"])
    return Kept(f"{partition}/{entry_id.decode()}", event.subject, event.data)


def _parts(id: str) -> tuple[int, str]:
    found = re.fullmatch(r"(\d+)/(\d+-\d+)", id)
    if found is None:
        raise ValueError(f"{id!r} is not the id of a dead letter: it looks like 0/1700000000000-0, as `dead-letters list` prints it.")
    return int(found[1]), found[2]
