"""Real servers, one of each version found, started once; each test begins with an empty one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import redis

from shared.bus import Bus, BusSettings
from shared.bus.embedded import EmbeddedRedis, Server
from shared.bus.types import Delivery, Effects, Handler, State
from tests.support.containers import REDIS_IMAGE, docker_has
from tests.support.servers import name_of, servers
from tests.support.waiting import wait_until_async

CONTAINER = "container"


@pytest.fixture(params=servers(), ids=name_of)
def server(request: pytest.FixtureRequest) -> Server:
    """A binary that the test may start, stop and kill."""
    return request.param


@pytest.fixture(scope="session", params=[*servers(), *([CONTAINER] if docker_has(REDIS_IMAGE) else [])], ids=name_of)
def running_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server of each version found, started once."""
    if request.param == CONTAINER:
        yield request.getfixturevalue("redis_server")
    else:
        server = EmbeddedRedis(server=request.param)
        yield server.start()
        server.stop()


@pytest.fixture
def url(running_server: str) -> Iterator[str]:
    """An empty server of each version found."""
    client = redis.Redis.from_url(running_server)
    client.flushall()
    yield running_server
    client.config_set("maxmemory", 0)
    client.close()


@pytest.fixture
def client(url: str) -> Iterator[redis.Redis]:
    """A view of the server beside the bus's own."""
    client = redis.Redis.from_url(url, protocol=2)
    yield client
    client.close()


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[redis.Redis]:
    """For what takes long and is the same on every version: a view of the run's one server."""
    client = redis.Redis.from_url(redis_url, protocol=2)
    yield client
    client.close()


@dataclass
class Seen:
    """What a handler got, in order, and what it does with each event."""

    events: list[bytes] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    do: Callable[[Delivery], Effects] = lambda delivery: Effects(outputs=[("screenings", delivery.event)])

    async def handle(self, deliveries: Sequence[Delivery], state: State) -> list[Effects | Exception]:
        results: list[Effects | Exception] = []
        for delivery in deliveries:
            self.deliveries.append(delivery)
            self.events.append(delivery.event)
            try:
                results.append(self.do(delivery))
            except Exception as error:
                results.append(error)
        return results


@asynccontextmanager
async def running(url: str, handler: Handler | None = None, *, group: str = "screening", **options: Any) -> AsyncIterator[Bus]:
    """A bus that consumes `orders` with the handler; `options` are those of BusSettings."""
    bus = Bus(BusSettings(url=url, group=group, **options))
    if handler is not None:
        bus.on("orders", handler)
    await bus.start()
    try:
        yield bus
    finally:
        await bus.stop()


def put(client: redis.Redis, *events: bytes | str, stream: str = "orders", partition: int = 0) -> list[bytes]:
    """Appends events; returns their ids."""
    with client.pipeline(transaction=False) as pipeline:
        for event in events:
            pipeline.xadd(f"{{p{partition}}}:{stream}", {"event": event})
        return pipeline.execute()


def events_of(client: redis.Redis, stream: str, partition: int = 0) -> list[bytes]:
    return [fields[b"event"] for _, fields in client.xrange(f"{{p{partition}}}:{stream}")]


def pending(client: redis.Redis, stream: str = "orders", group: str = "screening", partition: int = 0) -> int:
    return int(client.xpending(f"{{p{partition}}}:{stream}", group)["pending"])


async def until(condition: Callable[[], object], what: str, *, seconds: float = 10) -> None:
    """Lets the bus work until the condition holds."""

    async def holds() -> object:
        return condition()

    await wait_until_async(holds, what, seconds=seconds)


async def in_time(work: Awaitable[Any], *, seconds: float = 10) -> Any:
    async with asyncio.timeout(seconds):
        return await work
