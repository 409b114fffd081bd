"""Attempts: what goes over the wire, and how many may be under way at the same time.

Only the owner of a partition sends what is due in it, so what is under way is known from memory alone: a delivery stays due in Redis
until its outcome is committed there. Whatever dies between, the next owner finds it due and sends it again under the same webhook-id.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import httpcore

from services.notification.connection import AddressRefused
from services.notification.domain.delivery import Attempt, Delivery, Outcome, outcome_of_status
from services.notification.domain.schedule import retry_after
from services.notification.domain.signing import signature_header
from services.notification.endpoints import Endpoint
from services.notification.metrics import UNDER_WAY, count_attempt

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
KEPT_RESPONSE_BYTES = 2048

Clock = Callable[[], datetime]
Lane = tuple[int, str]
"""Partition and endpoint: what one timer watches over."""


async def attempt(pool: httpcore.AsyncConnectionPool, endpoint: Endpoint, delivery: Delivery, body: bytes, clock: Clock) -> Attempt:
    """One signed POST. Whatever happens is an outcome; nothing is raised but cancellation."""
    started_at = clock()
    status: int | None = None
    wait: float | None = None
    error: str | None = None
    response_body = bytearray()
    try:
        async with (
            asyncio.timeout(TOTAL_SECONDS),
            pool.stream(
                "POST",
                endpoint.url,
                headers=_headers(endpoint, delivery, body, started_at),
                content=body,
                extensions={"timeout": {"connect": CONNECT_SECONDS}},
            ) as response,
        ):
            status = response.status
            if outcome_of_status(status) is Outcome.THROTTLED:
                asked = retry_after(_header(response, b"retry-after"), clock())
                wait = None if asked is None else asked.total_seconds()
            async for part in response.aiter_stream():
                response_body += part[: KEPT_RESPONSE_BYTES - len(response_body)]
                if len(response_body) >= KEPT_RESPONSE_BYTES:
                    break
        outcome = outcome_of_status(status)
    except AddressRefused as refused:
        outcome, error = Outcome.ADDRESS_REFUSED, str(refused)
    except (TimeoutError, httpcore.TimeoutException) as timeout:
        outcome, error = Outcome.TIMED_OUT, str(timeout) or f"no complete answer within {TOTAL_SECONDS:g} s"
    except Exception as failure:
        if not isinstance(failure, httpcore.NetworkError | httpcore.ProtocolError):
            logger.exception("An attempt of %s failed in an unforeseen way; it counts as unreachable.", delivery.webhook_id)
        outcome, error = Outcome.UNREACHABLE, str(failure) or type(failure).__name__
    if status is not None:
        outcome = outcome_of_status(status)  # the receiver has answered, even if the rest of its answer never came
    return Attempt(
        number=delivery.attempts_made + 1,
        started_at=started_at,
        finished_at=clock(),
        outcome=outcome,
        status=status,
        retry_after_seconds=wait,
        error=error,
        response=response_body.decode("utf-8", "replace") if response_body else None,
    )


def _headers(endpoint: Endpoint, delivery: Delivery, body: bytes, now: datetime) -> list[tuple[str, str]]:
    timestamp = int(now.timestamp())
    headers = [
        ("user-agent", "orestream"),
        ("accept-encoding", "identity"),
        ("content-type", "application/cloudevents+json; charset=utf-8"),
        ("webhook-id", delivery.webhook_id),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", signature_header(endpoint.keys, delivery.webhook_id, timestamp, body)),
    ]
    return headers if delivery.traceparent is None else [*headers, ("traceparent", delivery.traceparent)]


def _header(response: httpcore.Response, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in response.headers if key.lower() == name), None)


@dataclass(slots=True, frozen=True)
class Ended:
    """An attempt has ended; `lane` is to have a turn: its own, or one that waited for the place."""

    lane: Lane
    webhook_id: str


class Sender:
    """Attempts under way and finished ones that are not yet recorded, by lane.

    An endpoint never has more than its `concurrency` under way, all of them together no more than `concurrency` of the process. An
    endpoint with nothing under way always gets a place: however many receivers hang, the others are served.
    """

    def __init__(
        self, pool: httpcore.AsyncConnectionPool, clock: Clock, concurrency: int, on_ended: Callable[[Ended], Awaitable[None]]
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._concurrency = concurrency
        self._on_ended = on_ended
        self._lanes: dict[Lane, dict[str, Attempt | None]] = {}
        self._under_way: dict[str, int] = {}
        self._waiting: dict[Lane, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._accepting = True

    def attempts(self, lane: Lane) -> dict[str, Attempt | None]:
        """By webhook-id: the outcome, or None while the receiver has not answered."""
        return dict(self._lanes.get(lane, {}))

    def forget(self, lane: Lane, webhook_id: str) -> None:
        """The outcome is committed."""
        attempts = self._lanes[lane]
        del attempts[webhook_id]
        if not attempts:
            del self._lanes[lane]

    def places(self, endpoint: Endpoint) -> int:
        """How many more deliveries may begin now."""
        under_way = self._under_way.get(endpoint.id, 0)
        free = min(endpoint.concurrency - under_way, self._concurrency - sum(self._under_way.values()))
        return 0 if not self._accepting else max(free, 1 if under_way == 0 else 0)

    def wait_for_place(self, lane: Lane) -> None:
        """The lane is called as soon as a place is free; lanes of one endpoint take turns."""
        self._waiting.setdefault(lane)

    def begin(self, lane: Lane, endpoint: Endpoint, delivery: Delivery, body: bytes) -> None:
        self._lanes.setdefault(lane, {})[delivery.webhook_id] = None
        self._count(endpoint.id, +1)
        task = asyncio.create_task(self._send(lane, endpoint, delivery, body), name=f"send {delivery.webhook_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, lane: Lane, endpoint: Endpoint, delivery: Delivery, body: bytes) -> None:
        try:
            finished = await attempt(self._pool, endpoint, delivery, body, self._clock)
        except asyncio.CancelledError:
            del self._lanes[lane][delivery.webhook_id]
            raise
        finally:
            self._count(endpoint.id, -1)
        self._lanes[lane][delivery.webhook_id] = finished
        count_attempt(delivery, finished)
        for called in self._called_after(lane):
            self._waiting.pop(called, None)
            await self._on_ended(Ended(called, delivery.webhook_id))

    def _called_after(self, lane: Lane) -> list[Lane]:
        """Who gets a turn: the lane whose attempt ended, the next lane that waits for this endpoint, the next that waits for any."""
        of_endpoint = next((waiting for waiting in self._waiting if waiting[1] == lane[1]), lane)
        of_any = next(iter(self._waiting), lane)
        return list(dict.fromkeys((lane, of_endpoint, of_any)))

    def _count(self, endpoint_id: str, change: int) -> None:
        self._under_way[endpoint_id] = self._under_way.get(endpoint_id, 0) + change
        UNDER_WAY.labels(endpoint_id).set(self._under_way[endpoint_id])

    async def finish(self) -> None:
        """Begins nothing more and returns when every attempt under way has ended (within the total timeout of an attempt)."""
        self._accepting = False
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=TOTAL_SECONDS + 1)

    def unrecorded_lanes(self) -> list[Lane]:
        return list(self._lanes)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._pool.aclose()
