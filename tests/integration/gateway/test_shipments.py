"""Shipments over HTTP: kept with the order, part of its snapshot, and on a stream of their own."""

import json
from typing import Any

import httpx

from services.gateway.store import record_key
from tests.integration.gateway.conftest import Gateway
from tests.integration.gateway.orders import NDJSON, body, key, line, order


def shipment(shipment_id: str = "S1", order_id: str = "4500000001", line_id: str = "10", **fields: Any) -> dict[str, Any]:
    return {"system": "sap", "company": "1000", "order_id": order_id, "line_id": line_id, "shipment_id": shipment_id, **fields}


async def put(gateway: Gateway, *rows: dict[str, Any]) -> dict[str, Any]:
    content = b"\n".join(json.dumps(row).encode() for row in rows)
    response = await gateway.client.put("/v1/shipments", content=content, headers={"content-type": NDJSON})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def snapshots(gateway: Gateway) -> list[dict[str, Any]]:
    return [event["data"] for event in gateway.events()]


async def test_a_shipment_makes_a_new_snapshot_and_fixes_the_day_once_the_whole_line_has_left(gateway: Gateway) -> None:
    await gateway.post(body())
    await put(gateway, shipment("S1", quantity="8", departed_on="2026-11-10"))
    first, part = snapshots(gateway)
    assert part["revision"]["received_seq"] == first["revision"]["received_seq"] + 1
    assert part["enrichment_sha256"] != first["enrichment_sha256"]
    assert part["content_sha256"] == first["content_sha256"]
    assert part["lines"][0]["shipments"] == [{"shipment_id": "S1", "quantity": "8", "departed_on": "2026-11-10"}]
    assert "departed_on" not in part["lines"][0]
    await put(gateway, shipment("S2", quantity="12", departed_on="2026-11-15"))
    whole = snapshots(gateway)[-1]["lines"][0]
    assert whole["departed_on"] == "2026-11-15"
    assert whole["provenance"]["departed_on"] == "inferred"


async def test_the_same_report_again_changes_nothing_and_a_later_one_replaces_it(gateway: Gateway) -> None:
    await gateway.post(body())
    assert (await put(gateway, shipment(declared_on="2026-11-18")))["counts"]["stored"] == 1
    assert (await put(gateway, shipment(declared_on="2026-11-18")))["counts"]["unchanged"] == 1
    await put(gateway, shipment(declared_on="2026-11-18", held_since="2026-11-20"))
    assert len(gateway.events()) == 3
    assert snapshots(gateway)[-1]["lines"][0]["shipments"][0]["held_since"] == "2026-11-20"
    sent = gateway.events("shipments")
    assert [event["data"]["held_since"] for event in sent] == [None, "2026-11-20"]
    assert {event["subject"] for event in sent} == {key()}
    assert len({event["id"] for event in sent}) == 2


async def test_a_shipment_that_comes_before_its_order_is_applied_when_that_comes(gateway: Gateway) -> None:
    answer = await put(gateway, shipment(departed_on="2026-11-12"))
    assert "not known here yet" in answer["rows"][0]["messages"][0]
    assert gateway.events() == []
    assert len(gateway.events("shipments")) == 1
    await gateway.post(body())
    assert snapshots(gateway)[0]["lines"][0]["departed_on"] == "2026-11-12"
    await gateway.post(body(lines=[line(), line("20")]))
    assert snapshots(gateway)[1]["lines"][0]["departed_on"] == "2026-11-12"


async def test_contradictory_and_coming_days_are_refused_row_by_row(gateway: Gateway) -> None:
    answer = await put(
        gateway,
        shipment("S1", departed_on="2026-11-10", arrived_on="2026-11-01"),
        shipment("S2", departed_on="2027-01-01"),
        shipment("S3", held_since="2026-11-01", departed_on="2026-11-02"),
        shipment("S4", quantity="-1"),
        shipment("S5", departed_on="2026-11-03"),
    )
    assert answer["counts"] == {"stored": 1, "unchanged": 0, "rejected": 4}
    told = [" ".join(row["messages"]) for row in answer["rows"]]
    assert told[0] == "The goods cannot be arrived on 2026-11-01 and departed only on 2026-11-10; correct one of the two days."
    assert "lies ahead" in told[1]
    assert "released" in told[2]


async def test_a_table_is_read_as_spreadsheets_write_it(gateway: Gateway) -> None:
    await gateway.post(body())
    table = "delivery;system;company;po;line;quantity;departed;colour\nS1;sap;1000;4500000001;10;20,0;12.11.2026;red\n"
    response = await gateway.client.put("/v1/shipments", content=table, headers={"content-type": "text/csv"})
    assert response.json()["rows"][0]["outcome"] == "stored", response.text
    assert snapshots(gateway)[-1]["lines"][0]["departed_on"] == "2026-11-12"


async def test_a_closed_order_keeps_late_shipments_and_is_not_sent_again(gateway: Gateway) -> None:
    await gateway.post(body())
    await gateway.post(json.dumps({**order(), "status": "closed", "lines": []}))
    before = len(gateway.events())
    answer = await put(gateway, shipment(departed_on="2026-11-12", received_on="2026-11-20"))
    assert "cancelled or closed" in answer["rows"][0]["messages"][0]
    assert (await put(gateway, shipment(departed_on="2026-11-12", received_on="2026-11-20")))["counts"]["unchanged"] == 1
    assert len(gateway.events()) == before
    assert len(gateway.events("shipments")) == 1
    assert (await gateway.bus.records([(key(), record_key(key()))]))[0] is not None


async def test_a_body_without_a_usable_row_is_refused(gateway: Gateway) -> None:
    response: httpx.Response = await gateway.client.put("/v1/shipments", json={"shipment_id": "S1"})
    assert response.status_code == 422
    assert "order_key" in response.text
