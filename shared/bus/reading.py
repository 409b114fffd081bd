"""Reading a stream: one FastStream subscriber per stream, one XREADGROUP for all the partitions that this consumer holds.

FastStream 0.7.8 runs the loop, the middlewares and the life cycle; its way of reading is replaced (private methods, pinned and tested),
because its own reads one stream per connection, pauses 5 s after an error, ends the process when a group is lost and hot-loops on others.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import anyio
from faststream._internal.broker.registrator import Registrator
from faststream._internal.endpoint.subscriber.call_item import CallsCollection
from faststream.middlewares import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.configs import ConnectionState
from faststream.redis.message import FAKE_CONSUMER, BatchStreamMessage, RedisBatchStreamMessage
from faststream.redis.subscriber.config import RedisSubscriberConfig, RedisSubscriberSpecificationConfig
from faststream.redis.subscriber.specification import StreamSubscriberSpecification
from faststream.redis.subscriber.usecases import LogicSubscriber, StreamBatchSubscriber
from redis.asyncio.cluster import RedisCluster
from redis.exceptions import RedisError

from shared.bus import keys, metrics, references
from shared.bus.connection import Argument, Backoff, Client, Line, first_error, is_group_lost, is_outside, send_many
from shared.bus.handling import Handling
from shared.bus.leases import Held, Leases
from shared.bus.recovery import ensure_groups, event_of, take_over
from shared.bus.settings import BusSettings
from shared.bus.types import Delivery, StreamName

log = logging.getLogger(__name__)

BLOCK_SECONDS = 0.25
"""A read waits so long for something new; a partition gained meanwhile is read after that at the latest."""
IDLE_SECONDS = 0.05
LOOK_BACK_SECONDS = 1.0
READ_BYTES = 16 * 1024 * 1024
"""Events read at once, about: a stream of very large orders must not fill the memory."""
GRACEFUL_SECONDS = 15.0
"""How long a stop waits for the batch in hand."""

Batch = tuple[bytes, list[tuple[bytes, Delivery]]]
"""Key of a stream and its entries, in the shape that FastStream takes a read's answer."""


class Reader:
    """Reads one stream in every held partition: first what waits in hand, then what a predecessor left pending, then what is new."""

    def __init__(
        self, stream: StreamName, handling: Handling, *, client: Client, settings: BusSettings, consumer: str, leases: Leases
    ) -> None:
        self.last_turn = time.monotonic()
        self._stream = stream
        self._handling = handling
        self._client = client
        self._settings = settings
        self._consumer = consumer
        self._leases = leases
        self._backoff = Backoff()
        self._look_back_at = 0.0
        self._event_bytes = 1.0
        self._partitions = {keys.stream_key(partition, stream).encode(): partition for partition in range(settings.partitions)}
        self._line = None if isinstance(client, RedisCluster) else Line(client)
        self._cluster_reads: dict[bytes, asyncio.Task[Any]] = {}
        self._vanished = metrics.HANDLED.labels(settings.group, stream, settings.group, "vanished")

    async def read(self) -> list[Batch]:
        """Never raises: an error is a pause, and what it may have hidden is read again."""
        self.last_turn = time.monotonic()
        try:
            batches = await self._read()
        except Exception as error:
            if is_outside(error) or is_group_lost(error):
                log.warning("Reading %s for %s failed: %s", self._stream, self._settings.group, error)
            else:
                log.exception("The bus itself failed on reading %s.", self._stream)
            for held in self._leases.held.values():
                # The answer may have been lost on its way: what it held lies pending on this consumer.
                held.streams[self._stream].recovering = True
            await asyncio.sleep(self._backoff.delay())
            if is_group_lost(error):
                await self._make_groups()
            return []
        self._backoff.reset()
        return batches

    async def stop(self) -> None:
        for read in self._cluster_reads.values():
            read.cancel()
        await asyncio.gather(*self._cluster_reads.values(), return_exceptions=True)
        if self._line is not None:
            await self._line.close()

    async def _read(self) -> list[Batch]:
        now = time.monotonic()
        wake = now + BLOCK_SECONDS
        batches: list[Batch] = []
        fresh: dict[bytes, Held] = {}
        if not self._handling.stopped:
            for key, partition in self._partitions.items():
                held = self._leases.held.get(partition)
                if held is None or held.closing:
                    continue
                work = held.streams[self._stream]
                if work.not_before > now:
                    wake = min(wake, work.not_before)
                    continue
                if work.recovering and not work.todo:
                    work.todo, vanished = await take_over(
                        self._client, self._settings.group, self._consumer, partition, self._stream, self._count()
                    )
                    self._vanished.inc(vanished)
                    work.recovering = bool(work.todo or vanished)
                if work.todo:
                    batches.append((key, [(delivery.entry_id.encode(), delivery) for delivery in work.todo]))
                elif not work.recovering:
                    fresh[key] = held
        if not fresh and not batches:
            await asyncio.sleep(min(wake - now, IDLE_SECONDS))
            return []
        if fresh and now > self._look_back_at:
            self._look_back_at = now + LOOK_BACK_SECONDS
            await self._look_back(fresh)
        answer = await self._ask(fresh, None if batches else max(1, int((wake - now) * 1000)))
        for key, entries in answer:
            partition = self._partitions[key]
            deliveries = [Delivery(self._stream, partition, entry_id.decode(), event_of(fields)) for entry_id, fields in entries]
            batches.append((key, [(entry[0], delivery) for entry, delivery in zip(entries, deliveries, strict=True)]))
            average = sum(len(delivery.event) for delivery in deliveries) / len(deliveries)
            self._event_bytes = max(average, 0.9 * self._event_bytes)
        return batches

    def _count(self) -> int:
        """Entries to read at once: as many as set, fewer where they are large."""
        return max(1, min(self._settings.batch_size, int(READ_BYTES / self._event_bytes)))

    async def _look_back(self, fresh: Mapping[bytes, Held]) -> None:
        """Nothing is in hand here, so nothing should be pending. What is was read by a former holder too late, or its answer was lost."""
        commands: list[tuple[Argument, ...]] = [("XPENDING", key, self._settings.group, "-", "+", 1) for key in fresh]
        replies = await (send_many(self._client, commands, parse_detail=True) if self._line is None else self._line.ask(commands))
        if error := first_error(replies):
            raise error
        for held, pending in zip(fresh.values(), replies, strict=True):
            if pending:
                held.streams[self._stream].recovering = True

    async def _ask(self, fresh: Mapping[bytes, Held], block_ms: int | None) -> Any:
        """What is new; and, read behind it, the versions of reference data for the handler."""
        if self._line is None:
            answer = await self._read_per_slot(fresh, block_ms)
            versions = await self._client.execute_command("HGETALL", keys.REFERENCE_VERSIONS)
        else:
            commands: list[tuple[Argument, ...]] = [("HGETALL", keys.REFERENCE_VERSIONS)]
            if fresh:
                commands.insert(0, self._read_command(fresh, block_ms))
            with _reading(fresh.values()):
                replies = await self._line.ask(commands)
            if error := first_error(replies):
                raise error
            versions = replies.pop()
            answer = replies[0] if fresh else ()
        self._handling.references = references.versions_of(versions)
        return answer or ()

    def _read_command(self, stream_keys: Iterable[bytes], block_ms: int | None) -> tuple[Argument, ...]:
        stream_keys = tuple(stream_keys)
        block = () if block_ms is None else ("BLOCK", block_ms)
        group = ("GROUP", self._settings.group, self._consumer)
        return ("XREADGROUP", *group, "COUNT", self._count(), *block, "STREAMS", *stream_keys, *(">",) * len(stream_keys))

    async def _read_per_slot(self, fresh: Mapping[bytes, Held], block_ms: int | None) -> Any:
        """A cluster refuses a read over several slots: one read each, left waiting while others answer."""

        async def read(key: bytes, held: Held) -> Any:
            with held.reading():
                return await self._client.execute_command(*self._read_command([key], int(BLOCK_SECONDS * 1000)))

        for key, held in fresh.items():
            if key not in self._cluster_reads:
                self._cluster_reads[key] = asyncio.create_task(read(key, held))
        if not self._cluster_reads:
            return ()
        done, _ = await asyncio.wait(
            self._cluster_reads.values(), timeout=0 if block_ms is None else block_ms / 1000, return_when=asyncio.FIRST_COMPLETED
        )
        finished = [key for key, read in self._cluster_reads.items() if read in done]
        answers = [self._cluster_reads.pop(key) for key in finished]
        return [stream for answer in answers for stream in answer.result()]

    async def _make_groups(self) -> None:
        try:
            await ensure_groups(self._client, self._settings.group, [self._stream], list(self._leases.held))
        except (RedisError, OSError) as error:
            log.warning("The group %s on %s cannot be made: %s", self._settings.group, self._stream, error)


@contextmanager
def _reading(partitions: Iterable[Held]) -> Iterator[None]:
    with ExitStack() as reads:
        for held in partitions:
            reads.enter_context(held.reading())
        yield


class PartitionedSubscriber(StreamBatchSubscriber):
    """FastStream's batch subscriber with our way of reading."""

    __slots__ = ("_reader",)

    def __init__(self, reader: Reader, config: RedisSubscriberConfig, specification: Any, calls: CallsCollection[Any]) -> None:
        super().__init__(config, specification, calls)
        self._reader = reader

    async def start(self) -> None:
        """The groups exist already (at 0, not at FastStream's `$`)."""
        await LogicSubscriber.start(self, self._next)

    async def stop(self) -> None:
        await super().stop()
        await self._reader.stop()

    def get_log_context(self, message: Any) -> dict[str, str]:
        """FastStream's own copies the whole declaration for every batch."""
        return {"channel": self._stream_sub.name}

    async def _consume(self, *args: Any, start_signal: anyio.Event) -> None:
        start_signal.set()
        while self.running:
            await self._get_msgs(*args)

    async def _next(self, _last_id: str) -> Any:
        return await self._xreadgroup(count=None, block=None)

    async def _xreadgroup(self, *, count: int | None, block: int | None, noack: bool = False) -> Any:
        return await self._reader.read()


class _OurConnection(ConnectionState[Any]):
    """FastStream works on the bus's own client, which outlives the broker."""

    __slots__ = ()

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client = client

    async def connect(self) -> Any:
        self._connected = True
        return self._client

    async def disconnect(self) -> None:
        self._connected = False


class BusBroker(RedisBroker):
    """FastStream's broker on a client that is there already."""

    def __init__(self, client: Client, group: str) -> None:
        self._shared_client = client
        silent: Any = None  # FastStream would log every batch
        super().__init__(logger=silent, apply_types=False, graceful_timeout=GRACEFUL_SECONDS, middlewares=[metrics.batch_timer(group)])

    def _make_connection_state(self, connection_options: dict[str, Any], kwargs: dict[str, Any]) -> ConnectionState[Any]:
        return _OurConnection(self._shared_client)

    def subscribe(self, reader: Reader, process: Callable[[Sequence[Delivery]], Awaitable[None]], sub: StreamSub) -> None:
        """Like `RedisBroker.subscriber`, which leaves no choice of the subscriber's class."""
        config = RedisSubscriberConfig(stream_sub=sub, no_reply=True, _outer_config=self.config.broker_config, _ack_policy=AckPolicy.MANUAL)
        calls = CallsCollection[Any]()
        specification = StreamSubscriberSpecification(
            self.config.broker_config, RedisSubscriberSpecificationConfig(title_=None, description_=None), calls, stream_sub=sub
        )
        subscriber = PartitionedSubscriber(reader, config, specification, calls)
        Registrator.subscriber(self, subscriber)
        subscriber.add_call(parser_=_parse, decoder_=_decode, dependencies_=())
        subscriber(process)


async def _parse(message: BatchStreamMessage) -> RedisBatchStreamMessage:
    """Hands the deliveries on as they are: FastStream's parser would decode each entry several times."""
    return RedisBatchStreamMessage(raw_message=message, body=message["data"], consumer=FAKE_CONSUMER, group=None, correlation_id="")


async def _decode(message: RedisBatchStreamMessage) -> Any:
    return message.body
