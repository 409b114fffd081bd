"""Effects as the scripts read them (lua/effects.lua), checked before they travel."""

import math
from collections.abc import Sequence

import orjson

from shared.bus.connection import Argument
from shared.bus.keys import state_key, stream_key
from shared.bus.types import Effects, Write

_WRITABLE = (bytes, str, int, float)
_MOST_ARGUMENTS = 2_000
"""Lua unpacks about 8,000 values at once."""


class Outputs:
    """The output streams of a call. Their keys come behind `first - 1` others, so that a cluster can check them."""

    __slots__ = ("_first", "_index", "keys", "partition")

    def __init__(self, partition: int, first: int) -> None:
        self.partition = partition
        self.keys: list[str] = []
        self._first = first
        self._index: dict[str, int] = {}

    def index(self, stream: str) -> int:
        index = self._index.get(stream)
        if index is None:
            index = self._index[stream] = self._first + len(self.keys)
            self.keys.append(stream_key(self.partition, stream))
        return index


def encode(effects: Effects, group: str, outputs: Outputs, arguments: list[Argument]) -> None:
    """Appends the effects to a script's arguments. Raises ValueError with a sentence on what cannot be written."""
    dead_letter = ""
    arguments.append(len(effects.outputs))
    for stream, event in effects.outputs:
        if type(event) is not bytes:
            raise ValueError(f"An output for {stream} is a {type(event).__name__}; it must be the event's bytes.")
        arguments.append(outputs.index(stream))
        arguments.append(event)
        if stream == "dead-letters":
            dead_letter = orjson.loads(event)["subject"]
    if effects.writes:
        writes = [part for write in effects.writes for part in _parts(write)]
        arguments.append(len(writes))
        for write in writes:
            arguments.append(write.command)
            arguments.append(state_key(outputs.partition, group, write.key))
            arguments.append(len(write.arguments))
            arguments.extend(write.arguments)
    else:
        arguments.append(0)
    arguments.append(len(effects.timers))
    for timer in effects.timers:
        if type(timer.name) is not str or not isinstance(timer.due_ms, int | None):
            raise ValueError(f"{timer!r} is no timer: its name is a text, and it is due at a whole number of ms, or None.")
        arguments.append(timer.name)
        arguments.append("" if timer.due_ms is None else timer.due_ms)
    arguments.append(dead_letter)


def _parts(write: Write) -> Sequence[Write]:
    """The write, checked, and cut where it has more arguments than a script can pass on."""
    command, arguments = write.command, write.arguments
    count = len(arguments)
    if command in ("HSET", "ZADD"):
        fits = count > 0 and count % 2 == 0
    elif command in ("HDEL", "SADD", "SREM", "ZREM"):
        fits = count > 0
    elif command == "SET":
        fits = count == 1
    elif command == "PEXPIRE":
        fits = count == 1 and isinstance(arguments[0], int) and arguments[0] > 0
    else:
        fits = command == "DEL" and count == 0
    if command == "ZADD" and fits:
        fits = all(isinstance(score, int | float) and math.isfinite(score) for score in arguments[::2])
    if not fits or not all(type(argument) in _WRITABLE for argument in arguments):
        raise ValueError(f"{command} on {write.key} cannot take the arguments {arguments!r:.200}.")
    if count <= _MOST_ARGUMENTS:
        return (write,)
    return [Write(command, write.key, arguments[at : at + _MOST_ARGUMENTS]) for at in range(0, count, _MOST_ARGUMENTS)]
