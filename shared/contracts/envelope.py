"""The CloudEvents 1.0 envelope around every event on the bus (CloudEvents specification 1.0.2, structured JSON mode).

The trace travels inside the envelope (extension `traceparent`, W3C Trace Context), because the bus stores one field per entry.
"""

from typing import Generic, Literal, TypeVar

from pydantic import Field

from shared.contracts.base import Contract, Identifier, Instant
from shared.contracts.canonical import derive_id

Data = TypeVar("Data", bound=Contract)

_SCHEMAS = "https://orestream.invalid/schemas"

TYPE_PATTERN = r"^orestream(\.[a-z0-9_]+){2}\.v[0-9]+$"


class Event(Contract, Generic[Data]):
    """One event. `id` is derived from what the event says, `subject` is the order key or the material it is about."""

    specversion: Literal["1.0"] = "1.0"
    id: Identifier
    source: Identifier
    type: str = Field(pattern=TYPE_PATTERN)
    subject: str = Field(min_length=1, max_length=700)
    time: Instant
    dataschema: str | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    traceparent: str | None = Field(default=None, pattern=r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
    data: Data

    def encode(self) -> bytes:
        """The exact bytes that go on the bus."""
        return self.model_dump_json().encode()


def dataschema_of(event_type: str) -> str:
    """Where the JSON Schema of an event type is said to be."""
    return f"{_SCHEMAS}/{event_type}.json"


def child_traceparent(traceparent: str | None, event_id: str) -> str:
    """The traceparent of an event caused by another: same trace, span id taken from the derived event id.

    Without a parent the trace id, too, comes from the event id: a trace must not make a result differ between two runs.
    """
    trace_id = traceparent[3:35] if traceparent else derive_id("trace", event_id)
    return f"00-{trace_id}-{derive_id('span', event_id)[:16]}-01"
