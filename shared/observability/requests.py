"""Rate, errors and duration of HTTP requests by route template, and the trace each request belongs to."""

import time

from prometheus_client import Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.observability.tracing import TRACEPARENT, current_traceparent

REQUESTS = Counter("orestream_http_requests", "HTTP requests answered.", ["method", "route", "status"])
DURATION = Histogram(
    "orestream_http_request_duration_seconds",
    "From the request's head to the end of the answer.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
IN_PROGRESS = Gauge("orestream_http_requests_in_progress", "HTTP requests under way.")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMetrics:
    """ASGI middleware. A path that no route matches counts as route "unmatched", whatever was asked for: labels stay few."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500  # what the server answers when the application raises

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        token = current_traceparent.set(_traceparent(scope))
        started = time.perf_counter()
        IN_PROGRESS.inc()
        try:
            await self._app(scope, receive, watched)
        finally:
            IN_PROGRESS.dec()
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = getattr(scope.get("route"), "path", "unmatched")
            REQUESTS.labels(method, route, str(status)).inc()
            DURATION.labels(method, route).observe(time.perf_counter() - started)
            current_traceparent.reset(token)


def _traceparent(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            text = value.decode("latin-1")
            return text if TRACEPARENT.fullmatch(text) else None
    return None
