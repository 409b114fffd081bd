"""Asking for an order again: when a decision rests on older data than what has been announced since, or lacks a result that came late."""

from collections.abc import Mapping
from datetime import datetime

from services.ledger.domain.assessment import SOURCE
from shared.contracts.canonical import derive_id
from shared.contracts.envelope import child_traceparent
from shared.contracts.order import OrderEvent

TYPE = "orestream.order.resubmitted.v1"
RESCREENED_FOR = ("regulations", "parties", "clearances", "licences")


def other_versions(used: Mapping[str, str], announced: Mapping[str, str]) -> dict[str, str]:
    """The announced version of each kind of data that the result used in another version. Whether it is newer is the book's to say."""
    return {kind: announced[kind] for kind in RESCREENED_FOR if kind in used and kind in announced and used[kind] != announced[kind]}


def late_result(service: str, round_number: int) -> dict[str, str]:
    """Why an order is asked for again whose round was decided without this service's result."""
    return {"late": service, "round": str(round_number)}


def resubmitted(order: OrderEvent, round_number: int, because: Mapping[str, str], at: datetime) -> OrderEvent:
    """The same snapshot, to be judged once more in round `round_number`. `because`: newer versions by kind, or the late result."""
    event_id = derive_id("resubmitted", order.id, str(round_number), *(f"{name}={because[name]}" for name in sorted(because)))
    return OrderEvent(
        id=event_id,
        source=SOURCE,
        type=TYPE,
        subject=order.subject,
        time=at,
        dataschema=f"https://orestream.invalid/schemas/{TYPE}.json",
        traceparent=child_traceparent(order.traceparent, event_id),
        data=order.data.model_copy(update={"round": round_number}),
    )
