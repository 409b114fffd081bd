"""What the bus tells Prometheus about handling; lag, pending and dead letters come from `status`."""

import time
from typing import Any

from faststream import BaseMiddleware
from faststream.redis.message import RedisBatchStreamMessage
from prometheus_client import Counter, Gauge, Histogram

_LABELS = ("service", "stream", "group")

HANDLED = Counter(
    "orestream_bus_messages_total",
    "Messages by outcome: done, gone (committed before), retried, dead_lettered, undecodable, vanished.",
    (*_LABELS, "status"),
)
SECONDS = Histogram(
    "orestream_bus_batch_seconds",
    "Time from a batch read to its commit.",
    _LABELS,
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
BATCH = Histogram("orestream_bus_batch_messages", "Messages per batch.", _LABELS, buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500))
BACKING_OFF = Counter("orestream_bus_backoffs_total", "How often a stream of a partition had to wait, by cause.", (*_LABELS, "cause"))
HELD_PARTITIONS = Gauge("orestream_bus_held_partitions", "Partitions that this process holds.", ("service",))


def batch_timer(group: str) -> Any:
    """A FastStream middleware that times and counts the batches of a group."""

    class BatchTimer(BaseMiddleware[Any, Any]):
        async def consume_scope(self, call_next: Any, msg: RedisBatchStreamMessage) -> Any:  # type: ignore[override]
            labels = (group, msg.raw_message["channel"].partition(":")[2], group)
            started = time.perf_counter()
            try:
                return await call_next(msg)
            finally:
                SECONDS.labels(*labels).observe(time.perf_counter() - started)
                BATCH.labels(*labels).observe(len(msg.raw_message["message_ids"]))

    return BatchTimer
