"""The whole gateway on a real Redis behind a real HTTP server."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import redis
import uvicorn

from services.gateway.app import compose
from services.gateway.settings import Settings
from shared.access import ApiKeys
from shared.bus import Bus, BusSettings
from shared.bus.keys import stream_key
from shared.observability import application
from tests.support.waiting import wait_until_async

MOMENT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@dataclass
class Gateway:
    """A running gateway and what a test asks it and its Redis."""

    client: httpx.AsyncClient
    redis: redis.Redis
    bus: Bus
    port: int
    key: str
    partitions: int
    now: list[datetime] = field(default_factory=lambda: [MOMENT])

    async def post(self, content: bytes | str, media_type: str = "application/json", **kwargs: Any) -> httpx.Response:
        headers = {"content-type": media_type, **kwargs.pop("headers", {})}
        return await self.client.post("/v1/orders", content=content, headers=headers, **kwargs)

    async def post_order(self, **order: Any) -> dict[str, Any]:
        response = await self.post(json.dumps(order))
        assert response.status_code == 202, response.text
        entry: dict[str, Any] = response.json()["orders"][0]
        return entry

    def events(self, stream: str = "orders") -> list[dict[str, Any]]:
        found = []
        for partition in range(self.partitions):
            for entry_id, fields in self.redis.xrange(stream_key(partition, stream)):  # type: ignore[arg-type, union-attr, misc]
                found.append((entry_id, json.loads(fields[b"event"])))
        return [event for _, event in sorted(found, key=lambda each: tuple(map(int, each[0].split(b"-"))))]

    async def until(self, condition: Callable[[], object], what: str) -> None:
        async def holds() -> object:
            return condition()

        await wait_until_async(holds, what)


@asynccontextmanager
async def running(redis_url: str, settings: Settings | None = None, *, bus: BusSettings | None = None) -> AsyncIterator[Gateway]:
    now = [MOMENT]
    bus_settings = bus or BusSettings(url=redis_url, group="gateway", partitions=2)
    connected = Bus(bus_settings)
    service = compose(settings or Settings(), connected, lambda: now[0])
    config = uvicorn.Config(application([service]), host="127.0.0.1", port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    async with AsyncExitStack() as stack:
        await service.start()
        stack.push_async_callback(service.stop)
        serving = asyncio.create_task(server.serve())

        async def stop_serving() -> None:
            server.should_exit = True
            await serving

        stack.push_async_callback(stop_serving)

        async def listening() -> bool:
            return server.started

        await wait_until_async(listening, "the server listens")
        port = server.servers[0].sockets[0].getsockname()[1]
        key, _ = await ApiKeys(connected.table(ApiKeys.TABLE)).create("test", ["admin"], now=MOMENT)
        headers = {"authorization": f"Bearer {key}"}
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60))
        yield Gateway(client, redis.Redis.from_url(redis_url), connected, port, key, bus_settings.partitions, now)


@pytest.fixture
async def gateway(redis_url: str) -> AsyncIterator[Gateway]:
    async with running(redis_url) as gateway:
        yield gateway
