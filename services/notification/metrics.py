"""What an operator watches: attempts by outcome, what is due and since when, and how long an event takes to its receiver."""

from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram

from services.notification.domain.delivery import Attempt, Delivery, Outcome

ATTEMPTS = Counter("orestream_webhook_attempts", "Attempts to deliver an event, by outcome.", ["endpoint", "outcome"])
GIVEN_UP = Counter("orestream_webhook_given_up", "Deliveries given up, by reason.", ["endpoint", "reason"])
LATENCY = Histogram(
    "orestream_webhook_latency_seconds",
    "From the time of an event to the 2xx answer of its receiver.",
    ["endpoint"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 36000, 86400, 259200),
)
DUE = Gauge("orestream_webhook_due", "Deliveries that are due and not yet answered (counted up to 10,000 a partition).", ["endpoint"])
OLDEST_DUE = Gauge("orestream_webhook_oldest_due_age_seconds", "How long the oldest due delivery has been waiting.", ["endpoint"])
UNDER_WAY = Gauge("orestream_webhook_under_way", "Deliveries whose receiver has not answered yet.", ["endpoint"])
DISABLED = Gauge("orestream_webhook_endpoint_disabled", "1 where the receiver answered 410 and nothing is sent any more.", ["endpoint"])


def count_attempt(delivery: Delivery, attempt: Attempt) -> None:
    ATTEMPTS.labels(delivery.endpoint_id, attempt.outcome).inc()
    if attempt.outcome is Outcome.DELIVERED:
        seconds = max(0.0, (attempt.finished_at - delivery.event_time).total_seconds())
        exemplar = {"trace_id": delivery.traceparent[3:35]} if delivery.traceparent else None
        LATENCY.labels(delivery.endpoint_id).observe(seconds, exemplar)


def show_backlog(endpoint_id: str, due: int, oldest_due: datetime | None, now: datetime) -> None:
    DUE.labels(endpoint_id).set(due)
    OLDEST_DUE.labels(endpoint_id).set(0 if oldest_due is None else max(0.0, (now - oldest_due).total_seconds()))
