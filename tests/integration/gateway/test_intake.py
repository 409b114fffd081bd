"""Orders in, events out, on a real Redis behind a real HTTP server."""

import asyncio
import json
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from services.gateway.domain.received import Limits
from services.gateway.settings import Settings
from shared.access import ApiKeys
from shared.bus import BusSettings
from shared.bus.embedded import EmbeddedRedis
from shared.contracts.dead_letter import DeadLetterEvent
from shared.contracts.order import OrderEvent
from tests.integration.gateway.conftest import MOMENT, Gateway, running
from tests.integration.gateway.orders import NDJSON, append_assessment, assessment, body, key, line, ndjson, order
from tests.unit.gateway.formats.test_ubl import document as ubl_document

BATCH = "application/cloudevents-batch+json"


def event(data: Any, number: int = 1) -> dict[str, Any]:
    return {"specversion": "1.0", "id": str(number), "source": "urn:erp", "type": "purchaseorder.snapshot.v1", "data": data}


BINARY = {"ce-specversion": "1.0", "ce-id": "7", "ce-source": "urn:erp", "ce-type": "purchaseorder.snapshot.v1"}
NUMBERED = {"columns": {"order_key.order_id": 1, "lines.lot": 2}}
FORMATS: list[tuple[bytes, str, dict[str, Any], str]] = [
    (body("1"), "application/json", {}, key("1")),
    (body("2") + b"\n\n", NDJSON, {}, key("2")),
    (json.dumps(event(order("3"))).encode(), "application/cloudevents+json", {}, key("3")),
    (json.dumps([event(order("4"))]).encode(), BATCH, {}, key("4")),
    (b"po,material,qty,uom\nP 1/2,M,5,KGM\n", "text/csv", {"params": {"system": "sap", "company": "1000"}}, "sap/1000/P%201%2F2"),
    (b"P1;M;5\n", "text/csv", {"params": {"mapping": json.dumps(NUMBERED)}}, "csv/default/P1"),
    (ubl_document(), "application/xml", {}, "ubl/7300010000001/PO-1"),
    (ubl_document(), "text/xml; charset=utf-8", {"params": {"system": "sap"}}, "sap/7300010000001/PO-1"),
    (body("7"), "application/json", {"headers": BINARY}, key("7")),
]


async def test_every_format_gets_into_the_stream(gateway: Gateway) -> None:
    for content, media_type, more, order_key in FORMATS:
        response = await gateway.post(content, media_type, **more)
        assert response.status_code == 202, response.text
        (entry,) = response.json()["orders"]
        assert (entry["order_key"], entry["outcome"], entry["received_seq"]) == (order_key, "accepted", 1)
        (sent,) = [each for each in gateway.events() if each["subject"] == order_key]
        snapshot = OrderEvent.model_validate(sent)
        assert (snapshot.id, snapshot.type, snapshot.data.received_at) == (entry["event_id"], "orestream.order.created.v1", MOMENT)
        shown = await gateway.client.get(f"/v1/orders/{order_key}")
        assert shown.status_code == 200
        assert OrderEvent.model_validate({**sent, "data": shown.json()["snapshot"]}) == snapshot
    assert snapshot.data.raw.transport_id == "urn:erp 7"


async def test_a_binary_event_that_lacks_an_attribute_is_refused(gateway: Gateway) -> None:
    for header in BINARY:
        headers = {name: value for name, value in BINARY.items() if name != header}
        response = await gateway.post(body("1"), headers=headers)
        assert (response.status_code, response.json()["issues"][0]["code"]) == (400, "NOT_A_CLOUDEVENT")
        assert f"lacks {header.removeprefix('ce-')};" in response.json()["detail"]
    assert gateway.events() == []


async def test_one_bad_order_does_not_refuse_the_others(gateway: Gateway) -> None:
    bad = order("B", lines=[line(quantity={"value": "ten"})])
    response = await gateway.post(ndjson(order("A"), bad, order("C")) + b'\n{"cut', NDJSON)
    assert response.status_code == 202
    answer = response.json()
    assert answer["counts"] == {"accepted": 2, "duplicate": 0, "older": 0, "conflict": 0, "rejected": 2}
    assert [(each["place"], each["outcome"]) for each in answer["orders"]] == [
        ("line 1", "accepted"),
        ("line 2", "rejected"),
        ("line 3", "accepted"),
        ("line 4", "rejected"),
    ]
    assert [issue["path"] for issue in answer["orders"][1]["issues"]] == ["/lines/0/quantity/value"]
    assert len(gateway.events()) == 2


async def test_a_refusal_says_why_and_is_kept_once(gateway: Gateway) -> None:
    kept = 0
    for content, media_type, status, code in (
        (b'{"order_key"', "application/json", 400, "TRUNCATED"),
        (b'{"a"\n{"b"', NDJSON, 400, "TRUNCATED"),
        (b'{"c"\n{}', NDJSON, 422, "TRUNCATED"),
        (b"{ }", "application/json", 422, "FIELD_MISSING"),
        (json.dumps(event(order())).encode()[:-9], "application/cloudevents+json", 400, "TRUNCATED"),
        (b"<Order>", "application/xml", 400, "TRUNCATED"),
        (b"a,b\n1,2\n", "text/csv", 400, "COLUMNS_UNKNOWN"),
        (b"UNA:+.? '", "application/edifact", 415, "MEDIA_TYPE_UNKNOWN"),
    ):
        for _ in range(2):
            response = await gateway.post(content, media_type)
            assert response.status_code == status, response.text
            assert response.headers["content-type"] == "application/problem+json"
            problem = response.json()
            assert (problem["status"], problem["issues"][0]["code"]) == (status, code)
            assert problem["detail"].endswith((".", ".)"))
            assert problem["counts"]["rejected"] == len(problem["orders"])
        letters = [DeadLetterEvent.model_validate(each) for each in gateway.events("dead-letters")][kept:]
        assert sorted(letter.data.error_class for letter in letters) == sorted(entry["issues"][0]["code"] for entry in problem["orders"])
        assert all(letter.data.original in content for letter in letters)
        assert {letter.data.stage for letter in letters} == {"intake"}
        kept += len(letters)
    assert gateway.events() == []


async def test_an_empty_body_holds_no_order(gateway: Gateway) -> None:
    for media_type in (NDJSON, "text/csv"):
        assert (await gateway.post(b"\n" if media_type == NDJSON else b"po,material\n", media_type)).status_code == 400


async def test_the_same_order_a_thousand_times_is_one_event(gateway: Gateway) -> None:
    response = await gateway.post(ndjson(*[order()] * 1000), NDJSON)
    assert response.json()["counts"]["accepted"] == 1
    assert response.json()["counts"]["duplicate"] == 999
    again = await asyncio.gather(*(gateway.post(body()) for _ in range(50)))
    assert {each.json()["orders"][0]["outcome"] for each in again} == {"duplicate"}
    assert {each.json()["orders"][0]["received_seq"] for each in again} == {1}
    assert len({each.json()["orders"][0]["event_id"] for each in again}) == 1
    assert len(gateway.events()) == 1


async def test_outcomes_follow_the_revisions(gateway: Gateway) -> None:
    def state(number: int, value: str) -> dict[str, Any]:
        return order(revision={"source_seq": number}, lines=[line(quantity={"value": value, "unit": "KGM"})])

    response = await gateway.post(ndjson(state(2, "5"), state(1, "4"), state(2, "6"), state(3, "7"), state(3, "7")), NDJSON)
    entries = response.json()["orders"]
    assert [(each["outcome"], each["received_seq"]) for each in entries] == [
        ("accepted", 1),
        ("older", None),
        ("conflict", 2),
        ("accepted", 3),
        ("duplicate", 3),
    ]
    assert [(each["data"]["revision"]["received_seq"], each["data"]["conflict"]) for each in gateway.events()] == [
        (1, False),
        (2, True),
        (3, False),
    ]
    shown = (await gateway.client.get(f"/v1/orders/{key()}")).json()
    assert [each["received_seq"] for each in shown["history"]] == [1, None, 2, 3]
    assert [(each["earlier"], each["later"]) for each in shown["conflicts"]] == [(1, 2)]


async def test_a_body_sent_again_is_answered_with_what_it_became_the_first_time(gateway: Gateway) -> None:
    content = ndjson(*(order(revision={"source_seq": number}, currency=code) for number, code in enumerate(("EUR", "USD", "CNY"), 1)))
    first = (await gateway.post(content, NDJSON)).json()["orders"]
    again = (await gateway.post(content, NDJSON)).json()["orders"]
    assert [(each["outcome"], each["received_seq"]) for each in first] == [("accepted", 1), ("accepted", 2), ("accepted", 3)]
    assert [(each["outcome"], each["received_seq"]) for each in again] == [("duplicate", 1), ("duplicate", 2), ("duplicate", 3)]
    assert [each["event_id"] for each in again] == [None, None, first[2]["event_id"]]
    assert len(gateway.events()) == 3


async def test_writers_racing_for_one_order_agree(redis_url: str) -> None:
    """Two gateways, every revision sent by both in any order: snapshots are numbered without gap and the newest stands."""
    draw = random.Random(4)
    async with running(redis_url) as one, running(redis_url) as other:
        states = [body(revision={"source_seq": number}, supplier={"id": str(number)}) for number in range(30)] * 2
        draw.shuffle(states)
        responses = await asyncio.gather(*((one, other)[index % 2].post(state) for index, state in enumerate(states)))
        assert {response.status_code for response in responses} == {202}
        accepted = [each.json()["orders"][0] for each in responses if each.json()["orders"][0]["outcome"] == "accepted"]
        events = [OrderEvent.model_validate(each) for each in one.events()]
        assert [each.data.revision.received_seq for each in events] == list(range(1, len(events) + 1))
        assert sorted(each["received_seq"] for each in accepted) == list(range(1, len(events) + 1))
        assert [each.data.revision.source_seq for each in events] == sorted(each.data.revision.source_seq for each in events)  # type: ignore[type-var]
        shown = (await other.client.get(f"/v1/orders/{key()}")).json()
        assert shown["snapshot"]["revision"]["source_seq"] == 29


async def test_a_cancelled_order_leaves_but_a_late_state_is_known_to_be_late(gateway: Gateway) -> None:
    await gateway.post_order(**order(revision={"source_seq": 1}))
    await gateway.post_order(**order(revision={"source_seq": 3}, status="cancelled", lines=[]))
    late = await gateway.post_order(**order(revision={"source_seq": 2}, currency="EUR"))
    assert (late["outcome"], late["received_seq"]) == ("older", None)
    shown = (await gateway.client.get(f"/v1/orders/{key()}")).json()
    assert (shown["status"], shown["snapshot"]) == ("cancelled", None)
    assert not [name for name in gateway.redis.keys("*") if b":item:" in name or b":supplier:" in name]
    (record,) = gateway.redis.keys("*:order:*")
    assert timedelta(milliseconds=gateway.redis.pttl(record)) > timedelta(days=1000)
    reopened = await gateway.post_order(**order(revision={"source_seq": 4}, currency="EUR"))
    assert (reopened["outcome"], reopened["received_seq"]) == ("accepted", 3)
    assert gateway.redis.pttl(record) == -1


async def test_a_request_to_cancel_marks_the_order(gateway: Gateway) -> None:
    head = "<cbc:ID>Cancellation-1</cbc:ID><cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>"
    await gateway.post(ubl_document(), "application/xml")
    response = await gateway.post(ubl_document("OrderCancellation", head, ""), "application/xml")
    assert [issue["code"] for issue in response.json()["orders"][0]["issues"]] == ["CANCELLATION_REQUESTED"]
    assert [(each["type"], each["data"]["status"]) for each in gateway.events()] == [
        ("orestream.order.created.v1", "open"),
        ("orestream.order.changed.v1", "open"),
    ]
    async with running(str(gateway.bus.settings.url), Settings(cancellation_policy="cancel")) as strict:
        second = head.replace("Cancellation-1", "Cancellation-2")
        await strict.post(ubl_document("OrderCancellation", second, ""), "application/xml")
        assert strict.events()[-1]["type"] == "orestream.order.cancelled.v1"


async def test_keys_and_scopes_are_asked_for(gateway: Gateway) -> None:
    keys = ApiKeys(gateway.bus.table(ApiKeys.TABLE))
    reader, _ = await keys.create("reader", ["orders:read"], now=MOMENT)
    expired, _ = await keys.create("old", ["orders:write"], now=MOMENT, expires_at=MOMENT)
    revoked, kept = await keys.create("gone", ["orders:write"], now=MOMENT)
    await keys.revoke(kept.key_id, now=MOMENT)
    async with httpx.AsyncClient(base_url=gateway.client.base_url) as client:
        answers = [
            await client.post("/v1/orders", content=body(), headers={"content-type": "application/json", **headers})
            for headers in ({}, *({"authorization": f"Bearer {secret}"} for secret in ("ore_wrong", expired, revoked, reader)))
        ]
        assert (await client.get("/v1/orders/a/b/c", headers={"authorization": f"bearer {reader}"})).status_code == 404
    assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 403]
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in answers)
    assert answers[0].headers["www-authenticate"].startswith("Bearer")
    assert "orders:write" in answers[4].json()["detail"]
    assert not [value for value in gateway.redis.hvals("table:api-keys") if b"ore_" in value]
    assert gateway.events() == []


async def test_a_request_goes_on_in_the_trace_it_came_with(gateway: Gateway) -> None:
    await gateway.post(body(), headers={"traceparent": "00-" + "c" * 32 + "-" + "d" * 16 + "-01"})
    assert gateway.events()[0]["traceparent"].startswith("00-" + "c" * 32)


async def test_intake_pauses_while_others_are_behind(redis_url: str) -> None:
    async with running(redis_url) as gateway:
        gateway.redis.xgroup_create("{p0}:orders", "screening", id="0", mkstream=True)
        gateway.redis.xgroup_create("{p1}:orders", "screening", id="0", mkstream=True)
    async with running(redis_url, bus=BusSettings(url=redis_url, group="gateway", partitions=2, backlog_limit=5)) as gateway:
        await gateway.post(ndjson(*(order(str(number)) for number in range(20))), NDJSON)
        response = await gateway.post(body())
        deadline = asyncio.get_running_loop().time() + 10
        while response.status_code == 202 and asyncio.get_running_loop().time() < deadline:
            response = await gateway.post(body())
        assert response.status_code == 429
        assert int(response.headers["retry-after"]) >= 1
        assert response.json()["detail"].endswith("later.")


async def test_without_redis_the_answer_is_to_try_again() -> None:
    server = EmbeddedRedis()
    async with running(server.start()) as gateway:
        server.stop()
        for response in (await gateway.post(body()), await gateway.client.get(f"/v1/orders/{key()}")):
            assert response.status_code == 503
            assert response.headers["retry-after"] == "1"
            assert response.headers["content-type"] == "application/problem+json"


async def test_too_many_orders_in_one_body_are_refused_with_what_was_taken(redis_url: str) -> None:
    async with running(redis_url, Settings(orders_per_body=200)) as gateway:
        response = await gateway.post(ndjson(*(order(str(number)) for number in range(1000))), NDJSON)
        assert response.status_code == 413
        assert response.json()["counts"]["accepted"] == len(response.json()["orders"]) == len(gateway.events()) == 256


async def test_limits_of_one_order_are_answered(redis_url: str) -> None:
    settings = Settings(limits=replace(Limits(), lines_per_order=5, order_bytes=20_000))
    async with running(redis_url, settings) as gateway:
        many = await gateway.post(body(lines=[line(str(number)) for number in range(6)]))
        large = await gateway.post(
            ndjson(order("A", end_use_text="x" * 7000), order("B", texts=[{"kind": "n", "text": "x" * 7000}] * 4)), NDJSON
        )
        assert (many.status_code, many.json()["issues"][0]["code"]) == (413, "TOO_MANY_LINES")
        assert [each["outcome"] for each in large.json()["orders"]] == ["accepted", "rejected"]
        assert large.json()["orders"][1]["issues"][0]["code"] == "ORDER_TOO_LARGE"


async def test_what_was_refused_and_what_was_taken_is_counted(gateway: Gateway) -> None:
    await gateway.post(ndjson(order("A"), order("A")) + b"\nx", NDJSON)
    metrics = (await gateway.client.get("/metrics")).text
    for outcome in ("accepted", "duplicate", "rejected"):
        assert f'orestream_gateway_orders_total{{format="ndjson",outcome="{outcome}"}}' in metrics
    assert 'orestream_gateway_bodies_total{answer="202",format="ndjson"}' in metrics


async def test_unknown_paths_and_keys_are_problems(gateway: Gateway) -> None:
    for path in (f"/v1/orders/{key('unknown')}", "/v1/orders/a/b", "/v1/orders/a/b/c/d", "/v1/nothing", "/v1/items/x", "/v1/suppliers/x"):
        response = await gateway.client.get(path)
        assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json"), path


async def test_records_take_little_room(gateway: Gateway) -> None:
    """At most 2 KB an open order and 1 KB a line, with index and assessment, the streams apart."""
    count, lines = 300, 4
    before = gateway.redis.info("memory")["used_memory"]
    orders = [
        order(
            f"{number:010}",
            supplier={"id": f"V{number % 40}", "name": "Ganzhou Nanling Magnet Co., Ltd.", "country": "CN"},
            ship_to={"name": "Nordwerk Antriebe AG, Plant 2", "city": "Kassel", "country": "DE"},
            lines=[
                line(
                    str(10 * position),
                    item={"buyer_id": f"MAG-{number * 7 + position}"},
                    description=f"Sintered NdFeB magnet N42SH {number}x{position}x5 mm NiCuNi",
                    price={"amount": f"{number}.{position}"},
                    requested_delivery=[{"date": "2027-01-15"}],
                )
                for position in range(1, lines + 1)
            ],
        )
        for number in range(count)
    ]
    assert (await gateway.post(ndjson(*orders), NDJSON)).status_code == 202
    await append_assessment(
        str(gateway.bus.settings.url), gateway.partitions, *(assessment(f"{number:010}", lines=lines) for number in range(count))
    )
    await gateway.until(lambda: len(gateway.redis.keys("*:assessment:*")) == count, "every assessment is kept")
    for partition in range(gateway.partitions):
        for stream in ("orders", "assessments"):
            gateway.redis.delete(f"{{p{partition}}}:{stream}")
    for name in gateway.redis.keys("*:sent:*"):
        gateway.redis.delete(name)
    used = gateway.redis.info("memory")["used_memory"] - before
    assert used / count <= 2048 + 1024 * lines
