"""What the bus knows of its streams and groups, as gauges."""

from collections.abc import Iterable, Iterator, Sequence

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from shared.bus.types import GroupStatus


class BusMetrics(Collector):
    """Exposes the figures that were last shown to it. An unknown lag is absent (never 0), and `lag_known` says so."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], GroupStatus] = {}

    def show(self, statuses: Iterable[Sequence[GroupStatus]]) -> None:
        """`statuses` of every bus of the process; buses of one Redis may name the same group."""
        self._groups = {(group.stream, group.group): group for status in statuses for group in status}

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        labels = ["stream", "group"]
        lag = GaugeMetricFamily("orestream_stream_lag", "Entries that a group has not read yet.", labels=labels)
        lag_known = GaugeMetricFamily("orestream_stream_lag_known", "0 where the server cannot tell the lag.", labels=labels)
        pending = GaugeMetricFamily("orestream_stream_pending", "Entries read and not yet finished.", labels=labels)
        oldest_pending = GaugeMetricFamily(
            "orestream_stream_oldest_pending_age_seconds", "Age of the oldest entry read and not finished.", labels=labels
        )
        oldest_undelivered = GaugeMetricFamily(
            "orestream_stream_oldest_undelivered_age_seconds", "Age of the oldest entry not read yet.", labels=labels
        )
        deliveries = GaugeMetricFamily(
            "orestream_stream_deliveries_max", "Deliveries of the pending entry tried most often.", labels=labels
        )
        dead_letters = GaugeMetricFamily("orestream_dead_letters", "Entries that a group gave up on, kept for a person.", labels=labels)
        length = GaugeMetricFamily("orestream_stream_length", "Entries in a stream.", labels=["stream"])
        lengths: dict[str, int] = {}
        for (stream, group), status in sorted(self._groups.items()):
            key = [stream, group]
            if status.lag is not None:
                lag.add_metric(key, status.lag)
            lag_known.add_metric(key, status.lag is not None)
            pending.add_metric(key, status.pending)
            oldest_pending.add_metric(key, status.oldest_pending_seconds)
            oldest_undelivered.add_metric(key, status.oldest_undelivered_seconds)
            deliveries.add_metric(key, status.deliveries)
            dead_letters.add_metric(key, status.dead_letters)
            lengths[stream] = status.length
        for stream, entries in lengths.items():
            length.add_metric([stream], entries)
        yield from (lag, lag_known, pending, oldest_pending, oldest_undelivered, deliveries, dead_letters, length)
