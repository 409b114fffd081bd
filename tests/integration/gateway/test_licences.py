"""Licence cases over HTTP: read, checked, and put on their stream once per content."""

import json
from typing import Any

import httpx

from tests.integration.gateway.conftest import Gateway
from tests.integration.gateway.orders import NDJSON

CASE = {
    "licence_id": "2026-CN-1",
    "exporter": {"name": "Ganzhou Example Rare Earth Co., Ltd."},
    "control_codes": ["1C905"],
    "quantity": "300",
    "unit": "KGM",
    "state": "approved",
    "history": [{"state": "filed", "on": "2026-06-01"}, {"state": "approved", "on": "2026-10-12"}],
    "valid_until": "2027-03-01",
}


async def put(gateway: Gateway, content: bytes | str, media_type: str) -> httpx.Response:
    return await gateway.client.put("/v1/licences", content=content, headers={"content-type": media_type})


async def put_rows(gateway: Gateway, *rows: dict[str, Any]) -> dict[str, Any]:
    response = await put(gateway, b"\n".join(json.dumps(row).encode() for row in rows), NDJSON)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def test_a_case_goes_out_once_and_again_when_it_has_changed(gateway: Gateway) -> None:
    assert (await put_rows(gateway, CASE))["counts"] == {"stored": 1, "unchanged": 0, "rejected": 0}
    assert (await put_rows(gateway, CASE))["counts"]["unchanged"] == 1
    assert (await put_rows(gateway, {**CASE, "quantity": "400"}))["counts"]["stored"] == 1
    assert (await put_rows(gateway, CASE))["counts"]["stored"] == 1
    events = gateway.events("licences")
    assert [event["data"]["quantity"] for event in events] == ["300", "400", "300"]
    assert len({event["id"] for event in events}) == 3
    assert {event["subject"] for event in events} == {"2026-CN-1"}
    assert gateway.events() == []


async def test_rows_that_contradict_themselves_are_refused_one_by_one(gateway: Gateway) -> None:
    answer = await put_rows(
        gateway,
        {**CASE, "licence_id": "1", "kind": "general"},
        {**CASE, "licence_id": "2", "valid_from": "2028-01-01"},
        {**CASE, "licence_id": "3", "control_codes": []},
        {**CASE, "licence_id": "4", "history": [{"state": "approved", "on": "2027-01-01"}]},
        {**CASE, "licence_id": "5", "state": "granted"},
        {**CASE, "licence_id": "6", "valid_until": None},
    )
    assert answer["counts"] == {"stored": 1, "unchanged": 0, "rejected": 5}
    told = [" ".join(row["messages"]) for row in answer["rows"]]
    assert told[0] == "A general licence has no quantity; leave it out, or make the licence individual."
    assert told[1] == "The licence is valid until 2027-03-01 and from 2028-01-01 only; correct one of the two days."
    assert told[2].startswith("The licence names no goods")
    assert "lies ahead" in told[3]
    assert told[4].startswith('/state is "granted"; it takes')
    assert "The end of its validity is not said" in told[5]


async def test_a_table_gives_one_row_per_case_with_a_day_per_state(gateway: Gateway) -> None:
    table = (
        "Licence;Exporter;Exporter ID;USCC;End user;Codes;Elements;Quantity;Unit;Filed;Returned;Approved;Valid until;Orders;"
        "Promised end use;Undertaking on\n"
        "L-7;Ganzhou Example;V1;91360700MA35EXAMPL;Example AG;1C904, 1C905.a;Dy;1.250,5;kg;01.06.2026;20.06.2026;12.10.2026;2027-03-01;"
        "sap/1000/45%2F1 sap/1000/46;traction motors;20.05.2026\n"
    )
    response = await put(gateway, table, "text/csv")
    assert response.json()["counts"]["stored"] == 1, response.text
    data = gateway.events("licences")[0]["data"]
    assert data["state"] == "approved"
    assert [step["state"] for step in data["history"]] == ["filed", "returned", "approved"]
    assert data["exporter"]["identifiers"] == {"USCC": "91360700MA35EXAMPL"}
    assert (data["exporter"]["id"], data["end_user"]["name"]) == ("V1", "Example AG")
    assert (data["control_codes"], data["elements"], data["quantity"]) == (["1C904", "1C905.a"], ["Dy"], "1250.5")
    assert [key["order_id"] for key in data["orders"]] == ["45/1", "46"]
    assert (data["undertakings"][0]["end_use"], data["undertakings"][0]["given_on"]) == ("traction motors", "2026-05-20")


async def test_a_body_that_is_no_case_is_refused(gateway: Gateway) -> None:
    assert (await put(gateway, "a,b\n1,2\n", "text/csv")).status_code == 422
    assert (await put(gateway, b'{"licence_id": "X"}', "application/json")).status_code == 422
    assert (await put(gateway, b"<x/>", "application/xml")).status_code == 415
