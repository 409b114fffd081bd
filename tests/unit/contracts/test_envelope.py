from datetime import UTC, datetime, timedelta, timezone

from shared.contracts.alert import Alert, AlertEvent
from shared.contracts.envelope import child_traceparent


def event(time: datetime) -> AlertEvent:
    alert = Alert(alert_key="k", kind="stale_feed", severity="warning", state="firing", since=time, summary="s", cause="c")
    return AlertEvent(id="1", source="orestream/screening", type="orestream.alert.raised.v1", subject="k", time=time, data=alert)


def test_equal_moments_give_equal_bytes_whatever_their_offset() -> None:
    moment = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    elsewhere = moment.astimezone(timezone(timedelta(hours=8)))
    assert event(moment).encode() == event(elsewhere).encode()


def test_what_is_encoded_reads_back_and_encodes_to_the_same_bytes() -> None:
    data = event(datetime(2026, 11, 22, 12, 0, tzinfo=UTC)).encode()
    assert AlertEvent.model_validate_json(data).encode() == data


def test_a_caused_event_stays_in_the_trace_of_its_cause() -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    child = child_traceparent(parent, "event-1")
    assert child[3:35] == parent[3:35]
    assert child[36:52] != parent[36:52]
    assert child == child_traceparent(parent, "event-1")
    assert child_traceparent(None, "event-1") == child_traceparent(None, "event-1")
