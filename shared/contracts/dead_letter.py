"""What could not be handled, kept with everything needed to understand it and to try again."""

from typing import Literal

from pydantic import Base64Bytes, Field

from shared.contracts.base import Contract, Identifier, Instant, Sha256
from shared.contracts.envelope import Event
from shared.contracts.order import Issue


class DeadLetter(Contract):
    """An entry of a stream that a group gave up on, or a document that the gateway refused (`stage` tells)."""

    stage: Literal["intake", "stream"]
    stream: Identifier
    partition: int = Field(ge=0)
    entry_id: str | None = None
    group: Identifier
    error_class: str
    error: str
    issues: list[Issue] = Field(default_factory=list)
    deliveries: int = Field(ge=0)
    first_seen: Instant
    last_seen: Instant
    original_sha256: Sha256
    original: Base64Bytes
    """The exact bytes, up to the intake's size limit."""
    media_type: str = "application/cloudevents+json"
    traceparent: str | None = None


DeadLetterEvent = Event[DeadLetter]
"""On stream `dead-letters`, type `orestream.event.dead_lettered.v1`, subject `<stream>/<group>`."""
