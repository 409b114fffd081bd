"""The event that answers an order event: a pure function, so that a recorded answer can be made again byte for byte."""

from datetime import UTC

from services.screening.domain.basis import Basis
from services.screening.domain.licensing.allocation import Claims
from services.screening.domain.licensing.cover import NO_LICENCES, Licences
from services.screening.domain.screening import screen_order
from shared.contracts.canonical import derive_id
from shared.contracts.envelope import child_traceparent, dataschema_of
from shared.contracts.order import OrderEvent
from shared.contracts.screening import ScreeningEvent, ScreeningResult

SOURCE = "orestream/screening"
TYPE = "orestream.order.screened.v1"


def screened(order: OrderEvent, basis: Basis, code: str, licences: Licences = NO_LICENCES, claims: Claims | None = None) -> ScreeningEvent:
    """The answer on the day and the state of knowledge of the order event's own time."""
    known_on = order.time.astimezone(UTC).date()
    result = screen_order(order.data, basis, order_event_id=order.id, known_on=known_on, code=code, licences=licences, claims=claims)
    return _event(order, result)


def failed(order: OrderEvent, basis: Basis, code: str, reason: str) -> ScreeningEvent:
    """The answer where none could be made, so that nobody waits for it."""
    known_on = order.time.astimezone(UTC).date()
    result = ScreeningResult(
        order_key=order.data.order_key,
        revision=order.data.revision.received_seq,
        round=order.data.round,
        order_event_id=order.id,
        outcome="failed",
        failure=reason,
        valid_on=known_on,
        known_on=known_on,
        versions=basis.versions(code),
    )
    return _event(order, result)


def _event(order: OrderEvent, result: ScreeningResult) -> ScreeningEvent:
    event_id = derive_id("screening", order.id, result.outcome, *(f"{name}={version}" for name, version in sorted(result.versions.items())))
    return ScreeningEvent(
        id=event_id,
        source=SOURCE,
        type=TYPE,
        subject=order.subject,
        time=order.time,
        dataschema=dataschema_of(TYPE),
        traceparent=child_traceparent(order.traceparent, event_id),
        data=result,
    )
