"""The trace that the work at hand belongs to (W3C Trace Context): set by who receives it, read by the log."""

import re
from contextvars import ContextVar

TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

current_traceparent: ContextVar[str | None] = ContextVar("current_traceparent", default=None)


def trace_id(traceparent: str) -> str:
    return traceparent[3:35]
