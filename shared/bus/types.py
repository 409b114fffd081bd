"""What a service sees of the bus. Nothing here knows Redis.

A service registers handlers on a `Bus`. A handler gets a bounded batch of deliveries of one partition, in order, and returns one `Effects`
(or the exception that stopped it) per delivery. The bus commits the batch in one fenced call: outputs, state writes and timers of a
delivery take effect together and once, however often the delivery is processed, and it is acknowledged last.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

StreamName = Literal[
    "orders",
    "prices",
    "stock",
    "licences",
    "shipments",
    "screenings",
    "price-risks",
    "supply-risks",
    "assessments",
    "alerts",
    "reference-changes",
    "dead-letters",
]

Command = Literal["SET", "DEL", "HSET", "HDEL", "SADD", "SREM", "ZADD", "ZREM", "PEXPIRE"]
"""State commands that a commit may carry: each one gives the same state when it is repeated."""


@dataclass(slots=True, frozen=True)
class Delivery:
    """One entry of a stream. `event` is the CloudEvent as it lies on the bus; `deliveries` counts from 1."""

    stream: StreamName
    partition: int
    entry_id: str
    event: bytes
    deliveries: int = 1


@dataclass(slots=True, frozen=True)
class Write:
    """A state command on a key of this group in the delivery's partition (the bus adds `{pN}:<group>:` in front of the key)."""

    command: Command
    key: str
    arguments: tuple[bytes | str | int | float, ...] = ()


@dataclass(slots=True, frozen=True)
class Timer:
    """A deadline of this group in the delivery's partition. `due_ms` is Unix time in ms; None cancels; the same name again moves it."""

    name: str
    due_ms: int | None


@dataclass(slots=True, frozen=True)
class DueTimer:
    """A timer whose time has come. `due_ms` is the handler's `now`."""

    partition: int
    name: str
    due_ms: int


SetTimers = Callable[[int, Sequence[Timer]], Awaitable[None]]
"""`Bus.set_timers(partition, timers)`: a timer of this group set from outside a handler (an operator's request, an HTTP answer that came).
It is not fenced and therefore changes no state; it only asks for a turn of the timer handler, which decides under the partition's lease."""


@dataclass(slots=True)
class Effects:
    """What handling one delivery (or one due timer) does. Outputs go to the delivery's own partition."""

    outputs: list[tuple[StreamName, bytes]] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)


class UndecodableEvent(Exception):
    """The entry cannot be read as what it should be: it goes to `dead-letters` at once."""


class TryAgain(Exception):
    """Something outside the message failed (a database, a network): the whole partition backs off; the message is not at fault."""


class BusUnavailable(TryAgain):
    """Redis is down, starting, or takes no more writes. What was asked for may or may not have happened: ask again."""


class State(Protocol):
    """Reads of this group's state in one partition, keys as in `Write`. Writes go through `Effects` only."""

    @property
    def references(self) -> Mapping[str, str]:
        """Current version of each kind of reference data (regulations, parties …), read once for the batch."""

    async def get(self, key: str) -> bytes | None: ...
    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]: ...
    async def hash_get_all(self, key: str) -> dict[bytes, bytes]: ...
    async def hash_get_many(self, key: str, fields: Sequence[str]) -> list[bytes | None]: ...
    async def set_members(self, key: str) -> set[bytes]: ...
    async def sorted_range(self, key: str, minimum: float, maximum: float, limit: int) -> list[tuple[bytes, float]]: ...


Handler = Callable[[Sequence[Delivery], State], Awaitable[Sequence[Effects | Exception]]]
TimerHandler = Callable[[Sequence[DueTimer], State], Awaitable[Sequence[Effects | Exception]]]


@dataclass(slots=True, frozen=True)
class Append:
    """A conditional write from outside the streams (the gateway's intake): one Lua call compares, writes the record and appends the event.

    `record_key` names a record of the group in the partition of `partition_key`; `expected_version` is the version the caller read (0: no
    record). Where the stored version differs nothing happens and the result is False: read again and decide again.
    """

    partition_key: str
    record_key: str
    expected_version: int
    new_version: int
    record: bytes
    outputs: tuple[tuple[StreamName, bytes], ...] = ()
    writes: tuple[Write, ...] = ()


@dataclass(slots=True, frozen=True)
class Record:
    """A record as `Append` stored it."""

    version: int
    content: bytes


@dataclass(slots=True, frozen=True)
class Pressure:
    """Whether intake may go on; `reason` is a sentence."""

    accepting: bool
    reason: str | None = None
    retry_after_seconds: int = 0


@dataclass(slots=True, frozen=True)
class Health:
    ready: bool
    reasons: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class GroupStatus:
    """Figures of one group on one stream, summed over partitions (ages and `deliveries`: the highest).

    A lag that the server does not tell (Redis 6.2, or after an XDEL) is counted up to 63 and estimated beyond. `deliveries` is how often
    the most often delivered pending entry was delivered. Timers that were given up count under the stream `timers`.
    """

    stream: str
    group: str
    lag: int | None
    pending: int
    oldest_pending_seconds: float
    oldest_undelivered_seconds: float
    deliveries: int
    dead_letters: int
    length: int
