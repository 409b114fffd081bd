"""One event on its way to one endpoint: what is known of it, and what each attempt makes of it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import Field

from services.notification.domain.schedule import wait_after
from shared.contracts.alert import Alert, AlertEvent, alert_event
from shared.contracts.assessment import AssessmentEvent
from shared.contracts.base import Contract, Identifier, Instant
from shared.contracts.canonical import derive_id

SOURCE = "orestream/notification"
KEPT_ATTEMPTS = 30
"""Three full schedules; of a delivery that is resent more often only the latest attempts are kept."""


DeliveryState = Literal["pending", "delivered", "failed"]


class Outcome(StrEnum):
    """What an attempt came to; the label of the attempts metric."""

    DELIVERED = "delivered"
    REDIRECTED = "redirected"
    GONE = "gone"
    THROTTLED = "throttled"
    REJECTED = "rejected"
    SERVER_ERROR = "server_error"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    ADDRESS_REFUSED = "address_refused"


def outcome_of_status(status: int) -> Outcome:
    """A redirect is a failure: the address behind it is not the one that was configured."""
    if 200 <= status < 300:
        return Outcome.DELIVERED
    if 300 <= status < 400:
        return Outcome.REDIRECTED
    if status == 410:
        return Outcome.GONE
    if status in (429, 503):
        return Outcome.THROTTLED
    return Outcome.REJECTED if status < 500 else Outcome.SERVER_ERROR


class Attempt(Contract):
    number: int = Field(ge=1)
    started_at: Instant
    finished_at: Instant
    outcome: Outcome
    status: int | None = None
    retry_after_seconds: float | None = None
    """What the receiver asked for; of a 429 or 503 only."""
    error: str | None = None
    """A sentence where there was no answer."""
    response: str | None = None
    """The first 2 KiB of the answer's body."""


class Delivery(Contract):
    """`attempts` are the latest ones; `attempts_made` counts all, `attempts_before` those before the last resend.

    `failure` says why a delivery was given up: `exhausted` (every attempt failed), `gone` (the receiver answered 410), `disabled` (the
    endpoint had been disabled by a 410 before).
    """

    webhook_id: Identifier
    endpoint_id: Identifier
    event_id: Identifier
    event_type: str
    event_source: str
    event_time: Instant
    subject: str
    traceparent: str | None = None
    state: DeliveryState = "pending"
    state_since: Instant
    failure: Literal["exhausted", "gone", "disabled"] | None = None
    next_attempt_at: Instant | None = None
    alert_firing: bool = False
    """It was exhausted, an alert says so, and no resend has come through since."""
    attempts_made: int = 0
    attempts_before: int = 0
    attempts: list[Attempt] = []

    def changed(self, **changes: object) -> "Delivery":
        return self.model_copy(update=changes)


def webhook_id(event_id: str, endpoint_id: str) -> str:
    """The same for every attempt, every redelivery of the event and every restart: receivers recognise a repetition by it."""
    return f"msg_{derive_id('webhook', event_id, endpoint_id)}"


def first_delivery(event: AssessmentEvent | AlertEvent, endpoint_id: str) -> Delivery:
    return Delivery(
        webhook_id=webhook_id(event.id, endpoint_id),
        endpoint_id=endpoint_id,
        event_id=event.id,
        event_type=event.type,
        event_source=event.source,
        event_time=event.time,
        subject=event.subject,
        traceparent=event.traceparent,
        state_since=event.time,
        next_attempt_at=event.time,
    )


def after_attempt(delivery: Delivery, attempt: Attempt) -> Delivery:
    """The delivery with one more attempt: done, given up, or waiting for the next one."""
    tried = delivery.changed(
        attempts_made=attempt.number,
        attempts=[*delivery.attempts, attempt][-KEPT_ATTEMPTS:],
        next_attempt_at=None,
    )
    if attempt.outcome is Outcome.DELIVERED:
        return tried.changed(state="delivered", failure=None, alert_firing=False, state_since=attempt.finished_at)
    if attempt.outcome is Outcome.GONE:
        return tried.changed(state="failed", failure="gone", state_since=attempt.finished_at)
    asked = None if attempt.retry_after_seconds is None else timedelta(seconds=attempt.retry_after_seconds)
    wait = wait_after(delivery.webhook_id, attempt.number - delivery.attempts_before, asked)
    if wait is None:
        alerts = delivery.event_source != SOURCE  # an endpoint that is down would breed alerts about its alerts for ever
        return tried.changed(state="failed", failure="exhausted", alert_firing=alerts, state_since=attempt.finished_at)
    return tried.changed(next_attempt_at=attempt.finished_at + wait)


def given_up_unsent(delivery: Delivery, now: datetime) -> Delivery:
    """What becomes of a delivery whose endpoint is disabled: kept, so that it can be resent."""
    return delivery.changed(state="failed", failure="disabled", state_since=now, next_attempt_at=None)


def resent(delivery: Delivery, now: datetime) -> Delivery:
    """Due at once, with a full schedule before it."""
    return delivery.changed(state="pending", failure=None, state_since=now, next_attempt_at=now, attempts_before=delivery.attempts_made)


def exhausted_alert(delivery: Delivery) -> AlertEvent:
    """Firing when the last attempt failed, resolved when a resend came through."""
    last = delivery.attempts[-1]
    attempts = f"{delivery.attempts_made - delivery.attempts_before} attempts"
    if delivery.alert_firing:
        summary = (
            f"{delivery.event_type} about {delivery.subject} did not reach endpoint {delivery.endpoint_id} in {attempts}; its receiver "
            f"does not know of it. It is kept: POST /v1/deliveries/{delivery.webhook_id}/resend sends it again."
        )
    else:
        summary = f"{delivery.event_type} about {delivery.subject} has reached endpoint {delivery.endpoint_id} after all."
    alert = Alert(
        alert_key=f"webhook_exhausted/{delivery.webhook_id}",
        kind="webhook_exhausted",
        severity="critical",
        state="firing" if delivery.alert_firing else "resolved",
        since=last.finished_at,
        summary=summary,
        cause=f"last attempt: {last.error or f'HTTP {last.status}'} ({last.outcome})",
        evidence={"endpoint": delivery.endpoint_id, "webhook_id": delivery.webhook_id, "attempts": str(delivery.attempts_made)},
        orders=[delivery.subject] if delivery.event_type.startswith("orestream.assessment.") else [],
    )
    return alert_event(alert, SOURCE, last.finished_at, delivery.traceparent)


def endpoint_alert(endpoint_id: str, state: Literal["firing", "resolved"], at: datetime, cause: str) -> AlertEvent:
    """Firing when a receiver answered 410 and is sent nothing any more, resolved when an operator enables it again."""
    if state == "firing":
        summary = (
            f"Endpoint {endpoint_id} answered 410 Gone and is disabled: nothing is sent to it any more. Deliveries are kept; "
            f"POST /v1/endpoints/{endpoint_id}/enable turns it on again."
        )
    else:
        summary = f"Endpoint {endpoint_id} is enabled again."
    alert = Alert(
        alert_key=f"webhook_endpoint_disabled/{endpoint_id}",
        kind="webhook_endpoint_disabled",
        severity="critical",
        state=state,
        since=at,
        summary=summary,
        cause=cause,
        evidence={"endpoint": endpoint_id},
    )
    return alert_event(alert, SOURCE, at)
