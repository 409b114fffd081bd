"""Sends order events to a pipeline process and times the assessments that come back."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from shared.bus.embedded import EmbeddedRedis
from tests.bench.pipeline import Kind
from tests.support.orders import order_event

APPEND_FSYNC = "everysec"
"""Printed with the figures."""


@dataclass(frozen=True, slots=True)
class Running:
    client: redis.Redis
    process_id: int


@contextmanager
def pipeline(kind: Kind) -> Iterator[Running]:
    """A pipeline process that is ready, on a fresh Redis and SQLite."""
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
            yield Running(client, process.pid)
            client.close()
        finally:
            process.stdin.close()
            process.wait(60)
            server.stop()


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


def burst(client: redis.Redis, events: list[bytes]) -> None:
    for at in range(0, len(events), 500):
        sending = client.pipeline(transaction=False)
        for event in events[at : at + 500]:
            sending.xadd("{p0}:orders", {"event": event})
        sending.execute()


def wait(client: redis.Redis, finals: int) -> None:
    while client.xlen("{p0}:assessments") < finals:
        time.sleep(0.005)


def latencies_ms(kind: Kind, rate: int, seconds: float) -> list[float]:
    """From the moment an order was due to be sent until its assessment was read, sorted; the first second is not counted."""
    total = int(rate * (seconds + 1))
    events = [order_event(number).encode() for number in range(total)]
    due: dict[str, float] = {}
    found: list[tuple[int, float]] = []
    with pipeline(kind) as running:
        client = running.client
        burst(client, [order_event(total + number).encode() for number in range(200)])
        wait(client, 200)
        last = client.xinfo_stream("{p0}:assessments")["last-generated-id"]
        started = time.perf_counter()
        sent = 0
        deadline = started + seconds + 60
        while len(found) < total and time.perf_counter() < deadline:
            now = time.perf_counter()
            while sent < total and started + sent / rate <= now:
                due[order_event(sent).subject] = started + sent / rate
                client.xadd("{p0}:orders", {"event": events[sent]})
                sent += 1
            wait_ms = max(1, int(1000 * (started + sent / rate - time.perf_counter()))) if sent < total else 100
            read = client.xread({"{p0}:assessments": last}, block=wait_ms)
            now = time.perf_counter()
            for identifier, fields in read[0][1] if isinstance(read, list) and read else next(iter(read.values()), [[]])[0] if read else []:
                last = identifier
                subject = json.loads(fields[b"event"])["subject"]
                found.append((len(found), 1000 * (now - due[subject])))
    if len(found) < total:
        raise RuntimeError(f"{total - len(found)} of {total} orders got no assessment")
    return sorted(milliseconds for position, milliseconds in found if position >= rate)


def percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
