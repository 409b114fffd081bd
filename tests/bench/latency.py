"""Milliseconds from order event in to assessment out at a steady rate, ours beside hand-written loops doing the same domain work."""

from tests.bench.figure import Figure
from tests.bench.measuring import APPEND_FSYNC, latencies_ms, percentile

RATES = (50, 100, 200)
SECONDS = 10


def run() -> list[Figure]:
    figures: list[Figure] = []
    for rate in RATES:
        floor = latencies_ms("floor", rate, SECONDS)
        ours = latencies_ms("ours", rate, SECONDS)
        for share, label in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99")):
            beside, value = percentile(floor, share), percentile(ours, share)
            name = f"latency_{label}_ms_at_{rate}"
            unit = f"ms, appendfsync {APPEND_FSYNC}"
            figures.append({"name": f"{name}_floor", "value": beside, "unit": unit, "compared_with": None, "ratio": None})
            figures.append({"name": name, "value": value, "unit": unit, "compared_with": f"{name}_floor", "ratio": value / beside})
    return figures
