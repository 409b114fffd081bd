"""Notification from the stream to the receiver and back into the log, on a real Redis with real receivers."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from standardwebhooks import Webhook

from services.notification.domain.delivery import webhook_id
from services.notification.domain.schedule import WAITS
from shared.bus.keys import stream_key
from tests.integration.notification.conftest import SECRET, Running, alert, assessment
from tests.integration.notification.receiver import Answer, Received, Receiver
from tests.support.waiting import wait_until_async

MakeReceiver = Callable[..., Receiver]


async def test_one_signed_delivery_per_assessment_and_endpoint_with_the_bytes_of_the_bus(running: Running, receiver: MakeReceiver) -> None:
    erp, desk = receiver(), receiver()
    running.endpoint("erp", erp)
    running.endpoint("desk", desk)
    await running.start()
    event = assessment(1, running.clock())
    body = running.write(event)
    log = await running.wait_for(2, state="delivered")
    for one, endpoint_id in ((erp, "erp"), (desk, "desk")):
        (received,) = one.received
        assert received.body == body
        assert Webhook(SECRET).verify(received.body, received.headers)["id"] == event.id
        assert received.headers["webhook-id"] == webhook_id(event.id, endpoint_id)
        assert received.headers["traceparent"] == event.traceparent
    assert {entry["endpoint_id"] for entry in log} == {"erp", "desk"}
    assert all(entry["attempts"][0]["status"] == 204 and entry["attempts_made"] == 1 for entry in log)


async def test_an_endpoint_gets_the_types_it_asks_for_and_only_completed_ones_by_default(running: Running, receiver: MakeReceiver) -> None:
    plain, curious = receiver(), receiver()
    running.endpoint("plain", plain)
    wanted = ["orestream.assessment.partially_completed.v1", "orestream.assessment.superseded.v1", "orestream.alert.raised.v1"]
    running.endpoint("curious", curious, events=wanted)
    await running.start()
    for verb in ("completed", "partially_completed", "superseded"):
        running.write(assessment(1, running.clock(), verb))
    running.write(alert(running.clock()))
    log = await running.wait_for(4, state="delivered")
    by_endpoint = {(entry["endpoint_id"], entry["event_type"]) for entry in log}
    assert by_endpoint == {("plain", "orestream.assessment.completed.v1"), *(("curious", event_type) for event_type in wanted)}
    assert (len(plain.received), len(curious.received)) == (1, 3)


async def test_an_event_that_comes_again_is_not_delivered_again(running: Running, receiver: MakeReceiver) -> None:
    erp = receiver()
    running.endpoint("erp", erp)
    await running.start()
    event = assessment(1, running.clock())
    running.write(event)
    running.write(event)
    await running.wait_for(1, state="delivered")
    running.write(event)
    running.write(assessment(2, running.clock()))
    await running.wait_for(2, state="delivered")
    assert len(erp.received) == 2


async def test_what_is_no_event_goes_to_the_dead_letters_and_holds_nobody_up(running: Running, receiver: MakeReceiver) -> None:
    erp = receiver()
    running.endpoint("erp", erp)
    await running.start()
    running.client.xadd(stream_key(0, "assessments"), {"event": b'{"id":"x","type":"orestream.assessment.completed.v1"}'})
    running.write(assessment(1, running.clock()))
    await running.wait_for(1, state="delivered")
    assert running.client.xlen(stream_key(0, "dead-letters")) == 1


async def test_the_whole_schedule_with_a_passed_clock_then_one_alert_then_a_resend(running: Running, receiver: MakeReceiver) -> None:
    erp = receiver(lambda _: Answer(500, body=b"out of order"))
    running.endpoint("erp", erp)
    await running.start()
    event = assessment(1, running.clock())
    running.write(event)
    for made in range(1, 10):

        async def tried(made: int = made) -> bool:
            return any(entry["attempts_made"] == made for entry in await running.deliveries())

        await wait_until_async(tried, f"attempt {made}")
        running.clock.ahead += WAITS[made - 1] * 1.2
    (entry,) = await running.wait_for(1, state="failed")
    assert (entry["failure"], entry["attempts_made"], entry["attempts"][9]["response"]) == ("exhausted", 10, "out of order")
    assert Counter(request.headers["webhook-id"] for request in erp.received) == {webhook_id(event.id, "erp"): 10}
    timestamps = [int(request.headers["webhook-timestamp"]) for request in erp.received]
    for wait, (earlier, later) in zip(WAITS, pairwise(timestamps), strict=True):
        assert later - earlier >= int(0.8 * wait.total_seconds()), "never earlier than the jitter allows"
    (raised,) = running.alerts()
    assert (raised["type"], raised["data"]["orders"]) == ("orestream.alert.raised.v1", [event.subject])

    erp.answering = lambda _: Answer(200)
    assert (await running.http.post(f"/v1/deliveries/{entry['webhook_id']}/resend")).status_code == 202
    (entry,) = await running.wait_for(1, state="delivered")
    assert entry["attempts_made"] == 11
    assert [one["type"] for one in running.alerts()] == ["orestream.alert.raised.v1", "orestream.alert.resolved.v1"]


async def test_retry_after_is_kept_to(running: Running, receiver: MakeReceiver) -> None:
    running.endpoint("erp", receiver(lambda _: Answer(429, {"retry-after": "3600"})))
    await running.start()
    running.write(assessment(1, running.clock()))

    async def refused() -> bool:
        return any(entry["attempts_made"] == 1 for entry in await running.deliveries())

    await wait_until_async(refused, "an attempt")
    due = running.client.zrange(running.key("due:erp"), 0, -1, withscores=True)[0][1] / 1000
    assert 3590 < due - running.clock().timestamp() <= 3600


async def test_a_restart_changes_no_date_and_goes_on(running: Running, receiver: MakeReceiver) -> None:
    erp = receiver(lambda _: Answer(503))
    running.endpoint("erp", erp)
    await running.start()
    event = assessment(1, running.clock())
    running.write(event)

    async def refused() -> bool:
        return any(entry["attempts_made"] == 1 for entry in await running.deliveries())

    await wait_until_async(refused, "an attempt")
    (before,) = await running.deliveries()
    await running.stack.aclose()
    erp.answering = lambda _: Answer(200)
    await running.start()
    (after,) = await running.deliveries()
    assert after == before
    running.clock.ahead += timedelta(seconds=6)
    await running.wait_for(1, state="delivered")
    assert Counter(request.headers["webhook-id"] for request in erp.received) == {webhook_id(event.id, "erp"): 2}


async def test_a_graceful_stop_waits_for_the_answer_and_records_it(running: Running, receiver: MakeReceiver) -> None:
    arrived, release = threading.Event(), threading.Event()

    def slow(_: Received) -> Answer:
        arrived.set()
        release.wait(10)
        return Answer(200)

    erp = receiver(slow)
    running.endpoint("erp", erp)
    await running.start()
    running.write(assessment(1, running.clock()))

    async def has_arrived() -> bool:
        return arrived.is_set()

    await wait_until_async(has_arrived, "a request under way")
    threading.Timer(0.2, release.set).start()
    await running.stack.aclose()
    await running.start()
    await running.wait_for(1, state="delivered")
    assert len(erp.received) == 1


async def test_receivers_that_hang_delay_nobody_else(running: Running, receiver: MakeReceiver) -> None:
    release = threading.Event()

    def hang(_: Received) -> Answer:
        release.wait(20)
        return Answer(200)

    for number in range(3):
        running.endpoint(f"hanging-{number}", receiver(hang), concurrency=4)
    brisk = receiver()
    running.endpoint("brisk", brisk)
    await running.start(concurrency=12)  # all of it can be taken by the three
    for number in range(40):
        running.write(assessment(number, running.clock()))
    await running.wait_for(40, endpoint="brisk", state="delivered", seconds=10)
    assert await running.deliveries(endpoint="hanging-0", state="delivered") == []
    release.set()
    await running.wait_for(160, state="delivered", seconds=20)


async def test_lanes_of_one_endpoint_share_its_places(running: Running, receiver: MakeReceiver) -> None:
    running.partitions = 3
    busy, most = 0, 0
    lock = threading.Lock()

    def counting(_: Received) -> Answer:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        with lock:
            busy -= 1
        return Answer(200)

    erp = receiver(counting)
    running.endpoint("erp", erp, concurrency=1)
    await running.start()
    for number in range(30):
        running.write(assessment(number, running.clock()))
    log = await running.wait_for(30, state="delivered")
    assert most == 1
    assert len(erp.received) == 30
    assert len({entry["webhook_id"] for entry in log}) == 30


async def test_410_disables_the_endpoint_until_it_is_enabled(running: Running, receiver: MakeReceiver) -> None:
    running.partitions = 2
    erp = receiver(lambda _: Answer(410))
    running.endpoint("erp", erp, concurrency=1)
    await running.start()
    running.write(assessment(1, running.clock()))
    (gone,) = await running.wait_for(1, state="failed")
    assert gone["failure"] == "gone"
    (endpoint,) = (await running.http.get("/v1/endpoints")).json()["endpoints"]
    assert endpoint["disabled_cause"] == "its receiver answered 410 Gone"
    assert "secrets" in endpoint
    assert endpoint["secrets"] == 1
    running.clock.ahead += timedelta(seconds=2)
    for number in range(2, 8):
        running.write(assessment(number, running.clock()))
    log = await running.wait_for(7, state="failed")
    assert Counter(entry["failure"] for entry in log) == {"gone": 1, "disabled": 6}
    assert len(erp.received) == 1
    refused = await running.http.post(f"/v1/deliveries/{gone['webhook_id']}/resend")
    assert refused.status_code == 409
    assert "enable" in refused.json()["detail"]

    erp.answering = lambda _: Answer(200)
    assert (await running.http.post("/v1/endpoints/erp/enable")).status_code == 202

    async def enabled() -> bool:
        return (await running.http.get("/v1/endpoints")).json()["endpoints"][0]["disabled_since"] is None

    await wait_until_async(enabled, "the endpoint is enabled")
    running.clock.ahead += timedelta(seconds=2)
    for entry in log:
        assert (await running.http.post(f"/v1/deliveries/{entry['webhook_id']}/resend")).status_code == 202
    await running.wait_for(7, state="delivered")
    assert [one["data"]["state"] for one in running.alerts()] == ["firing", "resolved"]


async def test_an_endpoint_taken_out_of_the_file_gets_its_deliveries_when_it_is_back(running: Running, receiver: MakeReceiver) -> None:
    erp, desk = receiver(lambda _: Answer(500)), receiver()
    running.endpoint("erp", erp)
    running.endpoint("desk", desk)
    await running.start()
    running.write(assessment(1, running.clock()))
    await running.wait_for(1, endpoint="desk", state="delivered")
    await running.stack.aclose()
    entries, running.entries = running.entries, running.entries[1:]
    await running.start()
    running.clock.ahead += timedelta(seconds=10)
    running.write(assessment(2, running.clock()))
    await running.wait_for(2, endpoint="desk", state="delivered")
    (waiting,) = await running.deliveries(endpoint="erp")
    assert waiting["state"] == "pending"
    await running.stack.aclose()
    running.entries = entries
    erp.answering = lambda _: Answer(200)
    await running.start()
    await running.wait_for(1, endpoint="erp", state="delivered")


async def test_the_log_by_order_endpoint_and_state_in_pages(running: Running, receiver: MakeReceiver) -> None:
    running.partitions = 2
    running.endpoint("erp", receiver())
    running.endpoint("desk", receiver(lambda _: Answer(400)))
    await running.start()
    now = running.clock()
    events = [assessment(number, now) for number in range(25)]  # one moment: pages must tell them apart all the same
    for event in events:
        running.write(event)
    await running.wait_for(25, endpoint="erp", state="delivered")

    async def tried() -> bool:
        return all(entry["attempts_made"] == 1 for entry in await running.deliveries(endpoint="desk"))

    await wait_until_async(tried, "every delivery is tried")
    of_order = await running.deliveries(order=events[7].subject)
    assert {entry["endpoint_id"] for entry in of_order} == {"erp", "desk"}
    assert {entry["subject"] for entry in of_order} == {events[7].subject}
    for filters in ({}, {"endpoint": "erp"}, {"state": "pending"}, {"endpoint": "desk", "state": "pending"}):
        every = await running.deliveries(**filters, limit=200)
        paged = await running.deliveries(**filters, limit=7)
        assert [entry["webhook_id"] for entry in paged] == [entry["webhook_id"] for entry in every]
        assert len({entry["webhook_id"] for entry in every}) == len(every) == (50 if not filters else 25)
    assert (await running.http.get("/v1/deliveries", params={"after": "nonsense"})).status_code == 422
    assert (await running.http.get("/v1/deliveries", params={"state": "lost"})).status_code == 422


async def test_who_may_see_and_who_may_act(running: Running, receiver: MakeReceiver) -> None:
    running.endpoint("erp", receiver())
    await running.start()
    reads = [("GET", "/v1/deliveries"), ("GET", "/v1/endpoints")]
    acts = [("POST", "/v1/deliveries/msg_1/resend"), ("POST", "/v1/endpoints/erp/enable")]
    for method, path in reads + acts:
        assert (await running.http.request(method, path, headers={"authorization": ""})).status_code == 401
    assert (await running.http.post("/v1/deliveries/msg_1/resend")).status_code == 404
    assert (await running.http.post("/v1/endpoints/nobody/enable")).status_code == 404
    shown = (await running.http.get("/v1/endpoints")).text
    assert "MfKQ9r8G" not in shown


async def test_a_finished_delivery_expires_and_a_pending_one_never(running: Running, receiver: MakeReceiver) -> None:
    running.retention = timedelta(hours=5)
    answers = {"200": Answer(200), "500": Answer(500)}
    good, bad = receiver(lambda _: answers["200"]), receiver(lambda _: answers["500"])
    running.endpoint("good", good)
    running.endpoint("bad", bad)
    await running.start()
    event = assessment(1, running.clock())
    running.write(event)
    await running.wait_for(1, endpoint="good", state="delivered")
    done, waiting = webhook_id(event.id, "good"), webhook_id(event.id, "bad")
    for name in ("delivery", "body"):
        assert 0 < running.client.pttl(running.key(f"{name}:{done}")) <= 5 * 3600 * 1000
        assert running.client.pttl(running.key(f"{name}:{waiting}")) == -1
    await running.http.post(f"/v1/deliveries/{done}/resend")

    async def sent_twice() -> bool:
        return len(good.received) == 2

    await wait_until_async(sent_twice, "the resend")
    await running.wait_for(1, endpoint="good", state="delivered")
    running.client.delete(running.key(f"delivery:{done}"), running.key(f"body:{done}"))  # as Redis does when the time is up
    running.clock.ahead += timedelta(hours=6, minutes=11)

    async def swept() -> bool:
        return running.client.zcard(running.key("log:delivered")) == 0

    await wait_until_async(swept, "the log is swept")
    assert [entry["webhook_id"] for entry in await running.deliveries()] == [waiting]


async def test_metrics_tell_attempts_backlog_and_latency(running: Running, receiver: MakeReceiver) -> None:
    release = threading.Event()

    def hang(_: Received) -> Answer:
        release.wait(20)
        return Answer(200)

    running.endpoint("metered", receiver(hang), concurrency=1)
    await running.start()
    now = running.clock()
    for number in range(3):
        running.write(assessment(number, now - timedelta(seconds=30)))
    await running.wait_for(3, state="pending")
    text = (await running.http.get("/metrics")).text
    assert 'orestream_webhook_due{endpoint="metered"} 3.0' in text
    age = next(
        float(line.split()[-1])
        for line in text.splitlines()
        if line.startswith('orestream_webhook_oldest_due_age_seconds{endpoint="metered"}')
    )
    assert 30 <= age < 60
    release.set()
    await running.wait_for(3, state="delivered")
    text = (await running.http.get("/metrics")).text
    assert 'orestream_webhook_attempts_total{endpoint="metered",outcome="delivered"} 3.0' in text
    assert 'orestream_webhook_latency_seconds_count{endpoint="metered"} 3.0' in text
    assert 'orestream_webhook_due{endpoint="metered"} 0.0' in text
    assert 'orestream_stream_pending{group="notification",stream="assessments"} 0.0' in text


@pytest.mark.parametrize("status", [301, 302, 307])
async def test_a_redirect_is_tried_again_where_it_was_and_never_followed(running: Running, receiver: MakeReceiver, status: int) -> None:
    elsewhere = receiver()
    erp = receiver(lambda _: Answer(status, {"location": elsewhere.url}))
    running.endpoint("erp", erp)
    await running.start()
    running.write(assessment(1, running.clock()))

    async def tried() -> bool:
        return any(entry["attempts_made"] == 1 for entry in await running.deliveries())

    await wait_until_async(tried, "an attempt")
    assert [entry["attempts"][0]["outcome"] for entry in await running.deliveries(state="pending")] == ["redirected"]
    assert elsewhere.received == []
