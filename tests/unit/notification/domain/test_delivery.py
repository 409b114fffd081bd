"""What becomes of a delivery, with the clock in the attempts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.domain.delivery import (
    KEPT_ATTEMPTS,
    SOURCE,
    Attempt,
    Delivery,
    Outcome,
    after_attempt,
    endpoint_alert,
    exhausted_alert,
    given_up_unsent,
    outcome_of_status,
    resent,
    webhook_id,
)
from shared.contracts.alert import AlertEvent

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def delivery(**changes: object) -> Delivery:
    return Delivery(
        webhook_id="msg_1",
        endpoint_id="erp",
        event_id="e1",
        event_type="orestream.assessment.completed.v1",
        event_source="orestream/ledger",
        event_time=NOW,
        subject="sap/1000/45",
        state_since=NOW,
        next_attempt_at=NOW,
    ).changed(**changes)


def attempt(number: int, outcome: Outcome, at: datetime = NOW, retry_after_seconds: float | None = None) -> Attempt:
    return Attempt(number=number, started_at=at, finished_at=at, outcome=outcome, status=500, retry_after_seconds=retry_after_seconds)


def fail_all(one: Delivery) -> Delivery:
    while one.state == "pending":
        assert one.next_attempt_at is not None
        one = after_attempt(one, attempt(one.attempts_made + 1, Outcome.SERVER_ERROR, one.next_attempt_at))
    return one


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        (range(200, 300), Outcome.DELIVERED),
        (range(300, 400), Outcome.REDIRECTED),
        ((410,), Outcome.GONE),
        ((429, 503), Outcome.THROTTLED),
        ((400, 401, 404, 409, 422, 499), Outcome.REJECTED),
        ((500, 502, 504, 599), Outcome.SERVER_ERROR),
    ],
)
def test_the_outcome_follows_from_the_status(statuses: range, outcome: Outcome) -> None:
    assert {outcome_of_status(status) for status in statuses} == {outcome}


def test_a_2xx_ends_it() -> None:
    after = after_attempt(delivery(), attempt(1, Outcome.DELIVERED))
    assert (after.state, after.failure, after.next_attempt_at, after.attempts_made) == ("delivered", None, None, 1)


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.DELIVERED, Outcome.GONE}))
def test_every_other_outcome_but_410_is_tried_again(outcome: Outcome) -> None:
    after = after_attempt(delivery(), attempt(1, outcome))
    assert after.state == "pending"
    assert after.next_attempt_at is not None
    assert timedelta(seconds=4) <= after.next_attempt_at - NOW <= timedelta(seconds=6)


def test_the_tenth_failure_is_the_last_about_76_hours_later() -> None:
    after = fail_all(delivery())
    assert (after.state, after.failure, after.attempts_made) == ("failed", "exhausted", 10)
    assert timedelta(hours=0.8 * 75.5) <= after.state_since - NOW <= timedelta(hours=1.2 * 75.6)
    alert = exhausted_alert(after).data
    assert after.alert_firing
    assert (alert.state, alert.kind, alert.orders) == ("firing", "webhook_exhausted", ["sap/1000/45"])
    assert "POST /v1/deliveries/msg_1/resend" in alert.summary


def test_a_resend_begins_a_new_schedule_and_its_success_resolves_the_alert() -> None:
    exhausted = fail_all(delivery())
    again = resent(exhausted, NOW)
    assert (again.state, again.failure, again.next_attempt_at) == ("pending", None, NOW)
    assert fail_all(again).attempts_made == 20
    done = after_attempt(again, attempt(11, Outcome.DELIVERED))
    assert not done.alert_firing
    resolved = exhausted_alert(done)
    assert (resolved.type, resolved.data.state) == ("orestream.alert.resolved.v1", "resolved")
    assert resolved.data.alert_key == exhausted_alert(exhausted).data.alert_key


def test_an_alert_of_this_service_raises_no_alert_about_itself() -> None:
    assert not fail_all(delivery(event_source=SOURCE)).alert_firing


def test_410_ends_it_and_retry_after_is_kept_to() -> None:
    assert after_attempt(delivery(), attempt(1, Outcome.GONE)).failure == "gone"
    after = after_attempt(delivery(), attempt(1, Outcome.THROTTLED, retry_after_seconds=90))
    assert after.next_attempt_at == NOW + timedelta(seconds=90)


def test_an_endpoint_disabled_by_another_delivery_fails_this_one_unsent() -> None:
    after = given_up_unsent(delivery(), NOW)
    assert (after.state, after.failure, after.attempts) == ("failed", "disabled", [])


@given(st.lists(st.sampled_from([Outcome.SERVER_ERROR, Outcome.TIMED_OUT, Outcome.DELIVERED]), max_size=80))
def test_however_often_it_is_resent_the_log_stays_bounded_and_counts_right(outcomes: list[Outcome]) -> None:
    one = delivery()
    for number, outcome in enumerate(outcomes, 1):
        one = after_attempt(one if one.state == "pending" else resent(one, NOW), attempt(number, outcome))
    assert one.attempts_made == len(outcomes)
    assert len(one.attempts) == min(len(outcomes), KEPT_ATTEMPTS)
    assert (one.next_attempt_at is None) == (one.state != "pending")
    assert Delivery.model_validate_json(one.model_dump_json()) == one


def test_ids_and_alerts_are_derived() -> None:
    assert webhook_id("e1", "erp") == webhook_id("e1", "erp") != webhook_id("e1", "erp2")
    alert = endpoint_alert("erp", "firing", NOW, "410")
    assert alert == endpoint_alert("erp", "firing", NOW, "410")
    assert AlertEvent.model_validate_json(alert.encode()) == alert
    assert endpoint_alert("erp", "resolved", NOW, "410").id != alert.id
