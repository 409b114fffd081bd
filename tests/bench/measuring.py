"""Sends order events to a pipeline process that knows some prices and some stock, and times the assessments that come back."""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import redis

from shared.bus.embedded import EmbeddedRedis
from tests.bench.pipeline import Kind
from tests.support.orders import MOMENT, order_event
from tests.support.prices import QUOTED, price_event, price_history
from tests.support.stock import stock_event, stock_report
from tests.support.waiting import wait_until

APPEND_FSYNC = "everysec"
"""Printed with the figures."""
STOCKED = tuple(f"{number:05}-0" for number in (0, 3, 8, 11, 16, 19))
"""Items of the orders (see `order_event`) that a plant keeps. As orders of them come in, their advice is made again once a second."""


@dataclass(frozen=True, slots=True)
class Running:
    client: redis.Redis
    url: str
    process_id: int


@contextmanager
def pipeline(kind: Kind) -> Iterator[Running]:
    """A pipeline process that is ready and has its prices and its stock, on a fresh Redis and SQLite."""
    server = EmbeddedRedis(appendfsync=APPEND_FSYNC)
    url = server.start()
    with tempfile.TemporaryDirectory() as scratch:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.pipeline", kind, url, f"sqlite:///{Path(scratch) / 'ledger.sqlite'}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if process.stdout.readline().strip() != "ready":
                raise RuntimeError(f"the {kind} pipeline did not start; what it said stands above")
            client = redis.Redis.from_url(url)
            if kind != "floor_without_domain":
                _quote(client)
                _keep_stock(client)
            yield Running(client, url, process.pid)
            client.close()
        finally:
            process.stdin.close()
            process.wait(60)
            server.stop()


def _quote(client: redis.Redis) -> None:
    until = MOMENT.date() - timedelta(days=1)
    burst(client, [price_event(tick).encode() for material in QUOTED for tick in price_history(material, until)], "prices")
    last = client.xinfo_stream("{p0}:prices")["last-generated-id"]

    def priced() -> bool:
        (group,) = client.xinfo_groups("{p0}:prices")
        return bool(group["last-delivered-id"] == last and not group["pending"])

    wait_until(priced, "the prices are taken in", seconds=60)


def _keep_stock(client: redis.Redis) -> None:
    reports = [stock_report("1000", item, MOMENT, "400", 60.0) for item in STOCKED]
    burst(client, [stock_event(report).encode() for report in reports], "stock")
    wait_until(lambda: client.hlen("{p0}:stockpile-advisor:advice") == len(STOCKED), "the stock is advised on", seconds=60)


def orders_per_second(kind: Kind, orders: int) -> float:
    """All orders at once; the clock stops at the last assessment. The first thousand warm up and are not counted."""
    warm_up = 1000
    events = [order_event(number).encode() for number in range(orders + warm_up)]
    with pipeline(kind) as running:
        client = running.client
        burst(client, events[:warm_up])
        wait(client, warm_up)
        started = time.perf_counter()
        burst(client, events[warm_up:])
        wait(client, orders + warm_up)
        return orders / (time.perf_counter() - started)


def burst(client: redis.Redis, events: list[bytes], stream: str = "orders") -> None:
    for at in range(0, len(events), 500):
        sending = client.pipeline(transaction=False)
        for event in events[at : at + 500]:
            sending.xadd(f"{{p0}}:{stream}", {"event": event})
        sending.execute()


def wait(client: redis.Redis, finals: int) -> None:
    """Raises RuntimeError where nothing comes for a minute."""
    come, progress_at = 0, time.monotonic()
    while (now := client.xlen("{p0}:assessments")) < finals:
        if now > come:
            come, progress_at = now, time.monotonic()
        elif time.monotonic() > progress_at + 60:
            raise RuntimeError(f"{come} of {finals} assessments came, and then none for a minute")
        time.sleep(0.005)


def latencies_ms(kind: Kind, rate: int, seconds: float) -> list[float]:
    """From the moment an order was due to be sent until its assessment was read, sorted; the first second is not counted.

    Sender and reader have a connection each: a blocking read that times out may come back a tenth of a second late.
    """
    total = int(rate * (seconds + 1))
    events = [order_event(number) for number in range(total)]
    found: dict[str, float] = {}
    with pipeline(kind) as running:
        client = running.client
        burst(client, [order_event(total + number).encode() for number in range(200)])
        wait(client, 200)
        last = client.xinfo_stream("{p0}:assessments")["last-generated-id"]
        reader = threading.Thread(target=_read, args=(client, last, total, found), daemon=True)
        reader.start()
        started = time.perf_counter()
        sending = redis.Redis(connection_pool=client.connection_pool)
        for number, event in enumerate(events):
            time.sleep(max(0.0, started + number / rate - time.perf_counter()))
            sending.xadd("{p0}:orders", {"event": event.encode()})
        reader.join(60)
    if len(found) < total:
        raise RuntimeError(f"{total - len(found)} of {total} orders got no assessment")
    return sorted(1000 * (found[event.subject] - started - number / rate) for number, event in enumerate(events) if number >= rate)


def _read(client: redis.Redis, last: bytes, total: int, found: dict[str, float]) -> None:
    while len(found) < total:
        read = client.xread({"{p0}:assessments": last}, block=1000)
        now = time.perf_counter()
        for _, entries in read.items() if isinstance(read, dict) else read:
            for identifier, fields in entries[0] if isinstance(read, dict) else entries:
                last = identifier
                found[json.loads(fields[b"event"])["subject"]] = now


def percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
