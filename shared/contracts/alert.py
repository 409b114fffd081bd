"""Something that needs attention beside the assessments; alerts are deduplicated by key and they resolve."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from shared.contracts.base import Contract, Identifier, Instant
from shared.contracts.canonical import derive_id, sha256_hex
from shared.contracts.envelope import Event, child_traceparent, dataschema_of


class Alert(Contract):
    alert_key: Identifier
    kind: Identifier
    severity: Literal["info", "warning", "critical"]
    state: Literal["firing", "resolved"]
    since: Instant
    summary: str
    """One sentence: what happened and what it means."""
    cause: str
    evidence: dict[str, str] = Field(default_factory=dict)
    orders: list[str] = Field(default_factory=list)
    """Order keys in text form."""
    materials: list[str] = Field(default_factory=list)


def fitting_key(key: str) -> str:
    """An alert key holds 200 characters; what it is made of (an order key, say) may hold more."""
    return key if len(key) <= 200 else f"{key[:135]}…{sha256_hex(key.encode())}"


AlertEvent = Event[Alert]
"""On stream `alerts`, type `orestream.alert.{raised,resolved}.v1`, subject the alert key."""


def alert_event(alert: Alert, source: str, time: datetime, traceparent: str | None = None) -> AlertEvent:
    """Raised while the alert fires, resolved after. One id for one key, state, words, beginning and `time`: doing it again says it once,
    and what fires twice at one time (of a price, in a file of many days) is said twice."""
    event_type = f"orestream.alert.{'raised' if alert.state == 'firing' else 'resolved'}.v1"
    words = (alert.summary, alert.cause)
    event_id = derive_id("alert", alert.alert_key, alert.state, *words, alert.since.isoformat(), time.isoformat())
    return AlertEvent(
        id=event_id,
        source=source,
        type=event_type,
        subject=alert.alert_key,
        time=time,
        dataschema=dataschema_of(event_type),
        traceparent=child_traceparent(traceparent, event_id),
        data=alert,
    )
