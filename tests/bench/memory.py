"""Resident memory of every service, each its own process, and of Redis after ten thousand and after a hundred thousand orders."""

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import httpx
import redis

from shared.bus.embedded import EmbeddedRedis
from tests.bench.figure import Figure
from tests.chaos.workload import histories
from tests.support.prices import QUOTED, ndjson, price_history
from tests.support.stock import stock_report
from tests.support.system import SERVICES, ServiceProcess
from tests.support.waiting import wait_until

FIRST, LAST = 10_000, 100_000
BODY = 500
STOCKED = 10
"""Of the items that the orders draw on."""


def run() -> list[Figure]:
    server = EmbeddedRedis()
    url = server.start()
    with tempfile.TemporaryDirectory() as scratch:
        environment = {
            "ORESTREAM_REDIS_URL": url,
            "DATABASE_URL": f"sqlite:///{Path(scratch) / 'ledger.sqlite'}",
            "ORESTREAM_LOG_LEVEL": "WARNING",
        }
        processes = [ServiceProcess(name, environment, Path(scratch)) for name in SERVICES]
        try:
            for process in processes:
                process.start()
            for process in processes:
                process.wait_ready()
            return _figures(url, environment, processes)
        finally:
            for process in processes:
                process.stop()
            server.stop()


def _figures(url: str, environment: dict[str, str], processes: list[ServiceProcess]) -> list[Figure]:
    scopes = [part for scope in ("orders", "prices", "stock") for part in ("--scope", f"{scope}:write")]
    made = subprocess.run(
        [sys.executable, "-m", "services.cli", "keys", "create", "bench", *scopes, "--json"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    headers = {"authorization": f"Bearer {json.loads(made.stdout)['key']}", "content-type": "application/x-ndjson"}
    client = redis.Redis.from_url(url)
    megabytes: dict[int, dict[str, float]] = {}
    documents = (history[0].body for history in histories(2 * LAST, seed=1) if history[0].order_id is not None)
    with httpx.Client(base_url=processes[0].url, headers=headers, timeout=120) as sender:
        prices = [tick for quoted in QUOTED for tick in price_history(quoted, datetime.now(UTC).date())]
        sender.post("/v1/prices", content=ndjson(prices)).raise_for_status()
        stock = [stock_report("1000", f"CH-{number:04}", datetime.now(UTC), "400", 60.0) for number in range(STOCKED)]
        sender.post("/v1/stock", content=b"\n".join(json.dumps(report).encode() for report in stock)).raise_for_status()
        for sent in range(BODY, LAST + 1, BODY):
            sender.post("/v1/orders", content=b"\n".join(next(documents) for _ in range(BODY))).raise_for_status()
            if sent % 5_000 == 0 or sent == LAST:
                wait_until(lambda done=sent: client.xlen("{p0}:assessments") >= done, "the orders are assessed", seconds=600)
            if sent in (FIRST, LAST):
                megabytes[sent] = {process.name: _resident_megabytes(process.process_id) for process in processes}
                megabytes[sent]["redis"] = int(client.info("memory")["used_memory"]) / 2**20
    client.close()
    figures: list[Figure] = []
    for name in megabytes[FIRST]:
        first, last = megabytes[FIRST][name], megabytes[LAST][name]
        figures.append({"name": f"memory_{name}_at_{FIRST}", "value": first, "unit": "MB", "compared_with": None, "ratio": None})
        beside = f"memory_{name}_at_{FIRST}"
        figures.append({"name": f"memory_{name}_at_{LAST}", "value": last, "unit": "MB", "compared_with": beside, "ratio": last / first})
    return figures


def _resident_megabytes(process_id: int) -> float:
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
