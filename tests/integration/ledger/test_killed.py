"""Killed with -9 between the book and the bus: what was stored is emitted, once."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
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
from shared.contracts.canonical import sha256_hex
from shared.contracts.order import OrderEvent
from tests.integration.ledger import dying_ledger
from tests.integration.ledger.desk import reference_change
from tests.support.orders import order_event
from tests.support.ports import free_port
from tests.support.redis_process import RedisProcess
from tests.support.results import VERSIONS, screening_event
from tests.support.waiting import wait_until_async


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    server = RedisProcess(tmp_path, free_port(), append_fsync="everysec")
    server.start()
    yield server.url
    server.stop()


def now(order: OrderEvent) -> OrderEvent:
    return order.model_copy(update={"time": datetime.now(UTC)})


def run_until_it_dies(redis_url: str, database_url: str, dies_on: str, behind: int = 1) -> None:
    command = [sys.executable, "-m", dying_ledger.__name__, redis_url, database_url, dies_on, str(behind)]
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
    left = [name for name in client.zrange("{p0}:bus:timers:ledger", 0, -1) if b"@" in name]
    assert left == [], "closed rounds leave nothing behind"
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


async def test_deaths_in_the_middle_of_a_large_resubmission_lose_and_double_nothing(redis_url: str, database_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    orders = [now(order_event(number)) for number in range(120)]
    decide(client, orders, touched=["element:Dy"])
    old, new = VERSIONS["regulations"], reference_change("regulations", b"law 2", VERSIONS["regulations"], touched=["element:Dy"])
    async with running(redis_url, database_url, patient=True) as bus:
        await wait_until_async(lambda: is_so(len(assessments(client)) == len(orders)), "every order is decided")
        for change in (reference_change("regulations", b"{}"), new):
            await bus.announce_reference("regulations", change.data.version, change.encode())
    assert old == sha256_hex(b"{}")

    for behind in (1, 2, 1, 3):
        run_until_it_dies(redis_url, database_url, "steps", behind)
    assert 0 < len(requests(client)) < len(orders), "it died in the middle"
    async with running(redis_url, database_url, patient=True):
        await wait_until_async(lambda: is_so(len(requests(client)) >= len(orders)), "every order is asked for again")
        decide(client, requests(client), touched=["element:Dy"], versions={**VERSIONS, "regulations": new.data.version})
        await wait_until_async(lambda: is_so(len(assessments(client)) >= 2 * len(orders)), "every order is decided anew")
    assert Counter(request.subject for request in requests(client)) == Counter(order.subject for order in orders)
    decided = Counter(
        (data["order_key"]["order_id"], data["round"], data["kind"]) for data in assessments(client) if data["kind"] != "partial"
    )
    assert decided == Counter((order.data.order_key.order_id, round_, "final") for order in orders for round_ in (1, 2))
    engine = store.open_engine(database_url)
    assert verify(engine).verified
    engine.dispose()
    client.close()


def decide(client: "redis.Redis[Any]", orders: Sequence[OrderEvent], **result: Any) -> None:
    """Puts the orders on the bus, where they are not there yet, and a result for each."""
    standing = {request.id for request in requests(client)}
    for order in orders:
        if order.id not in standing:
            client.xadd("{p0}:orders", {"event": order.encode()})
        client.xadd("{p0}:screenings", {"event": screening_event(order, **result).encode()})


def requests(client: "redis.Redis[Any]") -> list[OrderEvent]:
    events = [OrderEvent.model_validate_json(fields[b"event"]) for _, fields in client.xrange("{p0}:orders")]
    return [event for event in events if event.data.round > 1]


async def is_so(condition: bool) -> bool:
    return condition


@asynccontextmanager
async def running(redis_url: str, database_url: str, *, patient: bool = False) -> AsyncIterator[Bus]:
    def open_to_all(_scope: str) -> Any:
        return lambda: None

    bus = Bus(BusSettings(redis_url, "ledger"))
    service = compose(dying_ledger.settings(database_url, patient=patient), bus, open_to_all)
    await service.start()
    try:
        yield bus
    finally:
        await service.stop()


def assessments(client: "redis.Redis[Any]") -> list[dict[str, Any]]:
    return [orjson.loads(fields[b"event"])["data"] for _, fields in client.xrange("{p0}:assessments")]


def emitted(client: "redis.Redis[Any]") -> Counter[tuple[str, str]]:
    return Counter(("/".join(data["order_key"].values()), data["kind"]) for data in assessments(client))
