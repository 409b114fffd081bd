"""Killed with -9 between the book and the bus: what was stored is emitted, once."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import redis

from services.ledger import store
from services.ledger.app import compose
from services.ledger.audit import verify
from shared.bus import Bus, BusSettings
from shared.contracts.order import OrderEvent
from tests.integration.ledger import dying_ledger
from tests.support.orders import order_event
from tests.support.ports import free_port
from tests.support.redis_process import RedisProcess
from tests.support.results import screening_event
from tests.support.waiting import wait_until_async


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    server = RedisProcess(tmp_path, free_port(), append_fsync="everysec")
    server.start()
    yield server.url
    server.stop()


def now(order: OrderEvent) -> OrderEvent:
    return order.model_copy(update={"time": datetime.now(UTC)})


def run_until_it_dies(redis_url: str, database_url: str, dies_on: str) -> None:
    command = [sys.executable, "-m", dying_ledger.__name__, redis_url, database_url, dies_on]
    process = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert process.returncode == -signal.SIGKILL, process.stderr


async def test_a_death_between_book_and_bus_leaves_one_of_each(redis_url: str, database_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    answered, unanswered = now(order_event(1)), now(order_event(2))
    for stream, event in (("orders", answered), ("orders", unanswered), ("screenings", screening_event(answered))):
        client.xadd(f"{{p0}}:{stream}", {"event": event.encode()})

    run_until_it_dies(redis_url, database_url, "events")
    assert emitted(client) == Counter()
    engine = store.open_engine(database_url)
    with engine.connect() as connection:
        assert [decision.kind for decision, _ in store.walk_decisions(connection, 0)] == ["final"]
    run_until_it_dies(redis_url, database_url, "timers")

    wanted = Counter({(answered.subject, "final"): 1, (unanswered.subject, "partial"): 1, (unanswered.subject, "final"): 1})

    async def settled() -> bool:
        pending = [client.xpending(f"{{p0}}:{stream}", "ledger")["pending"] for stream in ("orders", "screenings")]
        return emitted(client) == wanted and not any(pending)

    async with running(redis_url, database_url):
        await wait_until_async(settled, "every decision is emitted once")
    assert client.zcard("{p0}:bus:timers:ledger") == 0, "closed rounds leave nothing behind"
    report = verify(engine)
    assert report.verified, report.render()
    assert report.decisions == 3
    with engine.connect() as connection:
        stored = {decision.decision_id for decision, _ in store.walk_decisions(connection, 0)}
    assert {data["decision_id"] for data in assessments(client)} == stored
    engine.dispose()
    client.close()


async def test_a_death_behind_a_late_result_leaves_one_request(redis_url: str, database_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    order = now(order_event(1))
    client.xadd("{p0}:orders", {"event": order.encode()})
    async with running(redis_url, database_url):
        await wait_until_async(lambda: is_so(emitted(client)[order.subject, "final"] == 1), "the deadline decides the order")
    client.xadd("{p0}:screenings", {"event": screening_event(order).encode()})
    run_until_it_dies(redis_url, database_url, "events")
    assert client.xlen("{p0}:orders") == 1
    async with running(redis_url, database_url):
        await wait_until_async(lambda: is_so(client.xlen("{p0}:orders") == 2), "the order is asked for again")
        request = OrderEvent.model_validate_json(client.xrange("{p0}:orders")[1][1][b"event"])
        client.xadd("{p0}:screenings", {"event": screening_event(request).encode()})
        await wait_until_async(lambda: is_so(emitted(client)[order.subject, "final"] == 2), "the new round is decided")
    assert client.xlen("{p0}:orders") == 2
    assert assessments(client)[-1]["missing_results"] == []
    client.close()


async def is_so(condition: bool) -> bool:
    return condition


@asynccontextmanager
async def running(redis_url: str, database_url: str) -> AsyncIterator[None]:
    def open_to_all(_scope: str) -> Any:
        return lambda: None

    service = compose(dying_ledger.settings(database_url), Bus(BusSettings(redis_url, "ledger")), open_to_all)
    await service.start()
    try:
        yield
    finally:
        await service.stop()


def assessments(client: "redis.Redis[Any]") -> list[dict[str, Any]]:
    return [orjson.loads(fields[b"event"])["data"] for _, fields in client.xrange("{p0}:assessments")]


def emitted(client: "redis.Redis[Any]") -> Counter[tuple[str, str]]:
    return Counter(("/".join(data["order_key"].values()), data["kind"]) for data in assessments(client))
