"""Resident memory of screening and ledger in one process after ten thousand and after a hundred thousand orders."""

from pathlib import Path

from tests.bench.figure import Figure
from tests.bench.measuring import burst, pipeline, wait
from tests.support.orders import order_event

FIRST, LAST = 10_000, 100_000
STEP = 2_000


def run() -> list[Figure]:
    with pipeline("ours") as running:
        sent = 0
        megabytes = {}
        for target in (FIRST, LAST):
            while sent < target:
                burst(running.client, [order_event(number).encode() for number in range(sent, sent + STEP)])
                sent += STEP
                wait(running.client, sent)
            megabytes[target] = _resident_megabytes(running.process_id)
    return [
        {"name": "memory_mb_after_10000", "value": megabytes[FIRST], "unit": "MB", "compared_with": None, "ratio": None},
        {
            "name": "memory_mb_after_100000",
            "value": megabytes[LAST],
            "unit": "MB",
            "compared_with": "memory_mb_after_10000",
            "ratio": megabytes[LAST] / megabytes[FIRST],
        },
    ]


def _resident_megabytes(process_id: int) -> float:
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
