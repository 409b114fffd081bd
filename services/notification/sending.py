"""Attempts: what goes over the wire, and how many may be under way at the same time.

Only the owner of a partition sends what is due in it, so what is under way is known from memory alone: a delivery stays due in Redis
until its outcome is committed there. Whatever dies between, the next owner finds it due and sends it again under the same webhook-id.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import httpcore

from services.notification.connection import AddressRefused
from services.notification.domain.delivery import Attempt, Delivery, Outcome, outcome_of_status
from services.notification.domain.schedule import retry_after
from services.notification.domain.signing import signature_header
from services.notification.endpoints import Endpoint
from services.notification.metrics import UNDER_WAY, count_attempt

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
KEPT_RESPONSE_BYTES = 2048
PROMISE = timedelta(seconds=2)
"""How long a place is kept for a lane that was called: its partition may have gone to another process meanwhile."""

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
            log.exception("An attempt of %s failed in an unforeseen way; it counts as unreachable.", delivery.webhook_id)
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


class Sender:
    """Attempts under way and finished ones that are not yet recorded, by lane.

    An endpoint never has more than its `concurrency` under way, all of them together no more than `concurrency` of the process. An
    endpoint with nothing under way always gets a place: however many receivers hang, the others are served. A lane that found no place
    waits; the next place of its endpoint is promised to it, so that lanes take turns.
    """

    def __init__(self, pool: httpcore.AsyncConnectionPool, clock: Clock, concurrency: int, call: Callable[[Lane], Awaitable[None]]) -> None:
        """`call` asks for a turn of a lane."""
        self._pool = pool
        self._clock = clock
        self._concurrency = concurrency
        self._call = call
        self._lanes: dict[Lane, dict[str, Attempt | None]] = {}
        self._under_way: Counter[str] = Counter()
        self._waiting: dict[Lane, Endpoint] = {}
        self._promised: dict[Lane, datetime] = {}
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

    def places(self, lane: Lane, endpoint: Endpoint) -> int:
        """How many more deliveries the lane may begin now."""
        if not self._accepting:
            return 0
        now = self._clock()
        promised = Counter(other[1] for other, until in self._promised.items() if other != lane and now < until)
        taken = self._under_way[endpoint.id] + promised[endpoint.id]
        free = min(endpoint.concurrency - taken, self._concurrency - self._under_way.total() - promised.total())
        return max(free, 0 if taken else 1)

    def begin(self, lane: Lane, endpoint: Endpoint, delivery: Delivery, body: bytes) -> None:
        self._promised.pop(lane, None)
        self._lanes.setdefault(lane, {})[delivery.webhook_id] = None
        self._count(endpoint.id, +1)
        task = asyncio.create_task(self._send(lane, endpoint, delivery, body), name=f"send {delivery.webhook_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end_turn(self, lane: Lane, endpoint: Endpoint, unserved: bool) -> None:
        """The lane has begun what it could; `unserved` says that more is due. A place it leaves free goes to the next that waits."""
        self._promised.pop(lane, None)
        if unserved:
            self._waiting.setdefault(lane, endpoint)
        await self._call_waiting()

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
        await self._call_waiting()
        if lane in self._lanes:
            await self._call(lane)

    async def _call_waiting(self) -> None:
        """Calls every waiting lane for which there is a place now, whoever waits longest first."""
        called = []
        for lane, endpoint in self._waiting.items():
            if self.places(lane, endpoint):
                self._promised[lane] = self._clock() + PROMISE
                called.append(lane)
        for lane in called:
            del self._waiting[lane]
        for lane in called:
            await self._call(lane)

    def _count(self, endpoint_id: str, change: int) -> None:
        self._under_way[endpoint_id] += change
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
