"""Something that needs attention beside the assessments; alerts are deduplicated by key and they resolve."""

from typing import Literal

from pydantic import Field

from shared.contracts.base import Contract, Identifier, Instant
from shared.contracts.envelope import Event


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


AlertEvent = Event[Alert]
"""On stream `alerts`, type `orestream.alert.{raised,resolved}.v1`, subject the alert key."""
