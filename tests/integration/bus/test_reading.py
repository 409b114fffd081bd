"""One FastStream subscriber per stream, one read for all partitions: what is private in FastStream 0.7.8 is pinned here."""

import inspect
from importlib.metadata import version

import redis
from faststream._internal.endpoint.subscriber.usecase import SubscriberUsecase
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.subscriber.usecases import LogicSubscriber, StreamBatchSubscriber
from faststream.redis.subscriber.usecases.stream_subscriber import _StreamHandlerMixin

from shared.bus import Bus, BusSettings
from shared.bus.reading import PartitionedSubscriber
from shared.bus.types import Effects
from tests.integration.bus.conftest import Seen, events_of, put, running, until


def test_the_methods_that_are_replaced_or_called_are_those_of_the_pinned_version() -> None:
    assert version("faststream") == "0.7.8"
    assert list(inspect.signature(_StreamHandlerMixin._xreadgroup).parameters) == ["self", "count", "block", "noack"]
    assert list(inspect.signature(_StreamHandlerMixin._consume).parameters) == ["self", "args", "start_signal"]
    assert list(inspect.signature(StreamBatchSubscriber._get_msgs).parameters) == ["self", "read"]
    assert list(inspect.signature(LogicSubscriber.start).parameters) == ["self", "args"]
    assert list(inspect.signature(SubscriberUsecase.add_call).parameters) == ["self", "parser_", "decoder_", "dependencies_", "codec_"]
    assert "_make_connection_state" in vars(RedisBroker)
    built = RedisBroker(logger=None).subscriber(stream=StreamSub("orders", group="g", consumer="c", batch=True))
    assert type(built) is PartitionedSubscriber.__mro__[1]
    assert type(built.specification).__name__ == "StreamSubscriberSpecification"


async def test_faststream_runs_the_subscribers(url: str, client: redis.Redis) -> None:
    seen = Seen()
    async with running(url, seen.handle) as bus:
        assert bus.broker is not None
        (subscriber,) = bus.broker.subscribers
        assert isinstance(subscriber, PartitionedSubscriber)
        assert subscriber.running
        put(client, b"1")
        await until(lambda: seen.events == [b"1"], "it handles")
    assert not subscriber.running


async def test_many_streams_and_partitions_take_few_connections(url: str, client: redis.Redis) -> None:
    """A FastStream subscriber per stream and partition would take 14 × 8 of them."""
    streams = ("orders", "prices", "stock", "licences", "shipments", "screenings", "price-risks", "supply-risks", "assessments", "alerts")
    seen: set[tuple[str, int]] = set()

    async def handle(deliveries, state):
        seen.update((delivery.stream, delivery.partition) for delivery in deliveries)
        return [Effects() for _ in deliveries]

    bus = Bus(BusSettings(url=url, group="ledger", partitions=8))
    for stream in streams:
        bus.on(stream, handle)
    before = len(client.client_list())
    await bus.start()
    for stream in streams:
        for partition in range(8):
            put(client, b"x", stream=stream, partition=partition)
    await until(lambda: len(seen) == 80, "every partition of every stream is read")
    assert len(client.client_list()) - before < 4 * len(streams)
    await bus.stop()
    await until(lambda: len(client.client_list()) == before, "all are closed")


async def test_a_partition_that_rests_holds_up_no_other(url: str, client: redis.Redis) -> None:
    async def handle(deliveries, state):
        if deliveries[0].partition == 0:
            raise OSError("away")
        return [Effects(outputs=[("screenings", delivery.event)]) for delivery in deliveries]

    async with running(url, handle, partitions=2):
        put(client, b"0", partition=0)
        for number in range(50):
            put(client, b"%d" % number, partition=1)
        await until(lambda: len(events_of(client, "screenings", 1)) == 50, "the other one goes on", seconds=2)


async def test_of_very_large_events_fewer_are_read_at_once(redis_url: str, redis_client: redis.Redis) -> None:
    sizes: list[int] = []

    async def handle(deliveries, state):
        sizes.append(len(deliveries))
        return [Effects() for _ in deliveries]

    put(redis_client, b"x" * 4_000_000)
    async with running(redis_url, handle):
        await until(lambda: sizes, "the first one is read")
        for _ in range(20):
            put(redis_client, b"x" * 4_000_000)
        await until(lambda: sum(sizes) == 21, "all are read")
    assert max(sizes) <= 4
