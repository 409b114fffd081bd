"""Deliveries and deadlines in, effects out: decode, enter the batch into the book, hand back what the bus commits.

The row and the exact bytes of an event are in the book before the bus commits them; a delivery that comes back finds them there.
"""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, SQLAlchemyError

from services.ledger import announcements, metrics, store
from services.ledger.book import Arrived, Entered, Rules, Uses, enter, stored_for
from services.ledger.domain.assessment import ReceivedOrder, ReceivedResult
from services.ledger.domain.resubmission import RESCREENED_FOR
from services.ledger.domain.results import ReadEvent, read_result
from services.ledger.domain.rounds import ConflictingOrder, Deadline, DeadlinePassed, Input, OrderSeen, ResultSeen, RoundKey, timer_trigger
from services.ledger.rescreening import StepTimer, look_again, take_step
from services.ledger.settings import RESULT_STREAMS
from shared.bus.types import Delivery, DueTimer, Effects, State, Timer, TryAgain, UndecodableEvent
from shared.contracts.base import instant_of, instant_text, unix_ms
from shared.contracts.canonical import sha256_hex
from shared.contracts.order import OrderKey
from shared.contracts.reference_change import ReferenceChangeEvent

SERVICE_OF_STREAM: Final = {stream: service for service, stream in RESULT_STREAMS.items()}
BEHIND_SECONDS: Final = 1.0
"""Deadlines wait while results older than this lie unread: a result that has come is not missing."""
LONGEST_POSTPONEMENT_SECONDS: Final = 10.0
LARGEST_NUMBER: Final = 2**53
LARGEST_REFERENCE_BYTES: Final = 512 * 1024 * 1024

TIMERS: Final = ("partial:", "final:", "recheck:", "rescreen:")
"""What the names of the ledger's own timers begin with."""

Item = TypeVar("Item")


@dataclass(slots=True, frozen=True)
class Behind:
    """For how many seconds results have been lying unread by the ledger, and orders and screenings by it or a service that it waits for."""

    results_seconds: float = 0.0
    orders_seconds: float = 0.0


class Ledger:
    """The handlers. `clock` is Unix time, used at the edge only."""

    def __init__(
        self, engine: Engine, rules: Rules, executor: Executor, behind: Callable[[], Awaitable[Behind]], clock: Callable[[], float]
    ) -> None:
        self._engine = engine
        self._rules = rules
        self._executor = executor
        self._behind = behind
        self._clock = clock
        self._noted: Uses = {}

    async def on_events(self, deliveries: Sequence[Delivery], _state: State) -> Sequence[Effects | Exception]:
        """Orders and results."""
        return await self._in_thread(self._enter_events, deliveries)

    async def on_reference_changes(self, deliveries: Sequence[Delivery], _state: State) -> Sequence[Effects | Exception]:
        return await self._in_thread(self._keep_references, deliveries)

    async def on_timers(self, timers: Sequence[DueTimer], _state: State) -> Sequence[Effects | Exception]:
        """Deadlines wait for results that have come; requests for orders, until those that lie there are read."""
        behind = await self._behind()
        effects: dict[DueTimer, Effects | Exception] = {}
        for handle, waits_seconds, of_sort in self._sorted(timers, behind):
            if waits_seconds > BEHIND_SECONDS:
                later_ms = int((self._clock() + min(waits_seconds, LONGEST_POSTPONEMENT_SECONDS)) * 1000)
                metrics.POSTPONED.inc(len(of_sort))
                effects |= {timer: Effects(timers=[Timer(timer.name, later_ms)]) for timer in of_sort}
            elif of_sort:
                effects |= zip(of_sort, await self._in_thread(handle, of_sort), strict=True)
        return [effects[timer] for timer in timers]

    def _sorted(
        self, timers: Sequence[DueTimer], behind: Behind
    ) -> list[tuple[Callable[[Sequence[DueTimer]], list[Effects | Exception]], float, list[DueTimer]]]:
        sorts: dict[str, list[DueTimer]] = {"rescreen": [], "recheck": [], "deadline": []}
        for timer in timers:
            sort = timer.name.partition(":")[0]
            sorts[sort if sort in sorts else "deadline"].append(timer)
        to_read_seconds = max(behind.results_seconds, behind.orders_seconds)
        return [
            (self._enter_deadlines, behind.results_seconds, sorts["deadline"]),
            (self._look_again, to_read_seconds, sorts["recheck"]),
            (self._take_steps, to_read_seconds, sorts["rescreen"]),
        ]

    def on_given_up(self, delivery: Delivery, _error: Exception) -> Effects:
        """A delivery that ended its process too often may have left decisions in the book that were never emitted: they go out now."""
        try:
            arrived = _decode(delivery)
        except UndecodableEvent:
            return Effects()
        return stored_for(self._engine, arrived.happening.key, arrived.happening.trigger)

    async def _in_thread(
        self, enter_batch: Callable[[Sequence[Item]], list[Effects | Exception]], batch: Sequence[Item]
    ) -> list[Effects | Exception]:
        """SQL that fails stops the partition, not the message; a value that the database refuses stops the message that carries it."""

        return await asyncio.get_running_loop().run_in_executor(self._executor, _guarded, enter_batch, batch)

    def _enter_events(self, deliveries: Sequence[Delivery]) -> list[Effects | Exception]:
        effects: list[Effects | Exception] = []
        arrived: list[Arrived] = []
        readable: list[int] = []
        for index, delivery in enumerate(deliveries):
            effects.append(Effects())
            try:
                arrived.append(_decode(delivery))
                readable.append(index)
            except UndecodableEvent as error:
                effects[index] = error
        for index, result in zip(readable, self._enter(deliveries[0].partition, arrived), strict=True):
            effects[index] = result
        return effects

    def _enter_deadlines(self, timers: Sequence[DueTimer]) -> list[Effects | Exception]:
        return self._enter(timers[0].partition, [_deadline(timer) for timer in timers])

    def _look_again(self, timers: Sequence[DueTimer]) -> list[Effects | Exception]:
        effects, asked = look_again(self._engine, timers[0].partition, timers, self._rules, self._noted)
        metrics.RESUBMITTED.inc(asked)
        return list(effects)

    def _take_steps(self, timers: Sequence[DueTimer]) -> list[Effects | Exception]:
        """Of several walks the first one goes on: one step's requests are enough for one commit."""
        first, *others = timers
        effects, asked = take_step(self._engine, first.partition, StepTimer.parse(first.name), first.due_ms, self._rules, self._noted)
        metrics.RESUBMITTED.inc(asked)
        return [effects, *(Effects(timers=[Timer(other.name, other.due_ms)]) for other in others)]

    def _enter(self, partition: int, arrived: Sequence[Arrived]) -> list[Effects | Exception]:
        if not arrived:
            return []
        entered = enter(self._engine, partition, arrived, self._rules, self._noted)
        self._count(entered)
        return [UndecodableEvent(str(result)) if isinstance(result, ConflictingOrder) else result for result in entered.effects]

    def _count(self, entered: Entered) -> None:
        metrics.count_decisions((event.data for event in entered.assessments), self._clock())
        for service in entered.evidence:
            metrics.EVIDENCE.labels(service).inc()
        metrics.RESUBMITTED.inc(entered.resubmitted)

    def _keep_references(self, deliveries: Sequence[Delivery]) -> list[Effects | Exception]:
        effects: list[Effects | Exception] = []
        with store.writing(self._engine) as connection:
            for delivery in deliveries:
                try:
                    event = ReferenceChangeEvent.model_validate_json(delivery.event)
                    _check_content(event)
                except (ValidationError, UndecodableEvent) as error:
                    effects.append(UndecodableEvent(str(error)))
                    continue
                effects.append(_keep_reference(connection, delivery.partition, event))
        return effects


def _keep_reference(connection: Connection, partition: int, event: ReferenceChangeEvent) -> Effects:
    change, at = event.data, instant_text(event.time)
    store.announce_reference(connection, change.kind, change.version, change.previous_version, change.content_zlib, at)
    if change.kind not in RESCREENED_FOR:
        return Effects()
    number = announcements.announce(connection, partition, change.kind, change.version, change.previous_version, change.touched, at)
    if number is None:
        return Effects()
    return Effects(timers=[Timer(StepTimer(number, 0).name, unix_ms(event.time))])


def _guarded(enter_batch: Callable[[Sequence[Item]], list[Effects | Exception]], batch: Sequence[Item]) -> list[Effects | Exception]:
    """SQL that fails stops the partition, not the message; a value that the database cannot take stops the message that carries it."""
    try:
        return enter_batch(batch)
    except (DataError, OverflowError, UnicodeError) as error:
        if len(batch) == 1:
            return [error]
        return [effects for item in batch for effects in _guarded(enter_batch, [item])]
    except SQLAlchemyError as error:
        return [TryAgain(f"The book cannot be written: {error}")] * len(batch)


def _decode(delivery: Delivery) -> Arrived:
    """Raises UndecodableEvent."""
    sha256 = sha256_hex(delivery.event)
    trigger = f"{delivery.partition}/{delivery.stream}/{delivery.entry_id}"
    appended_ms = int(delivery.entry_id.partition("-")[0])
    try:
        if delivery.stream == "orders":
            return _order(ReceivedOrder.read(delivery.event, sha256), trigger, appended_ms)
        service = SERVICE_OF_STREAM[delivery.stream]
        return _result(service, read_result(service, delivery.event), sha256, trigger, delivery.event)
    except ValidationError as error:
        raise UndecodableEvent(f"This is no event for stream {delivery.stream}: {error}") from error


def _order(received: ReceivedOrder, trigger: str, appended_ms: int) -> Arrived:
    event, order = received.event, received.event.data
    key = _round_key(event.subject, order.order_key, order.revision.received_seq, order.round)
    return Arrived(
        OrderSeen(key, Input(event.id, received.sha256), trigger, ended=order.status in ("cancelled", "closed")),
        event.time,
        order=received,
        content=received.content,
        deadlines_from_ms=max(appended_ms, unix_ms(event.time)),
    )


def _result(service: str, event: ReadEvent, sha256: str, trigger: str, content: bytes) -> Arrived:
    key = _round_key(event.subject, event.data.order_key, event.data.revision, event.data.round)
    return Arrived(
        ResultSeen(key, service, Input(event.id, sha256), trigger),
        event.time,
        result=ReceivedResult(event.id, event.data, sha256),
        content=content,
    )


def _round_key(subject: str, order_key: OrderKey, revision: int, round_number: int) -> RoundKey:
    key = RoundKey(str(order_key), revision, round_number)
    if subject != key.order_key:
        raise UndecodableEvent(f"The event is about {subject!r} and carries {key.order_key!r}; its subject has to be the order key.")
    if max(revision, round_number) > LARGEST_NUMBER:
        raise UndecodableEvent(f"Revision {revision} or round {round_number} of {subject} is beyond what can be counted.")
    return key


def _deadline(timer: DueTimer) -> Arrived:
    deadline, _, key = timer.name.partition(":")
    which: Deadline = "partial" if deadline == "partial" else "final"
    at = instant_of(timer.due_ms)
    return Arrived(DeadlinePassed(RoundKey.parse(key), which, timer_trigger(timer.name)), at)


def _check_content(event: ReferenceChangeEvent) -> None:
    """Raises UndecodableEvent where the content is not what its version names."""
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(event.data.content_zlib, LARGEST_REFERENCE_BYTES)
    except zlib.error as error:
        raise UndecodableEvent(f"The content of {event.data.kind} {event.data.version} cannot be decompressed: {error}") from error
    if not stream.eof or sha256_hex(content) != event.data.version:
        raise UndecodableEvent(f"The content announced as {event.data.kind} {event.data.version} has another hash.")
