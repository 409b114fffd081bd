"""Master data over HTTP, and the open orders that a change of it concerns."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from services.gateway.intake import Intake
from tests.integration.gateway.conftest import Gateway, running
from tests.integration.gateway.orders import NDJSON, body, key, line, ndjson, order

CSV = "text/csv"


async def put(gateway: Gateway, table: str, content: bytes | str, media_type: str = "application/json") -> httpx.Response:
    return await gateway.client.put(f"/v1/{table}", content=content, headers={"content-type": media_type})


async def put_item(gateway: Gateway, **fields: Any) -> dict[str, Any]:
    response = await put(gateway, "items", json.dumps({"item_id": "MAG-1", **fields}))
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def finished(gateway: Gateway, answer: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}

    async def done() -> bool:
        shown.update((await gateway.client.get(f"/v1/refreshes/{answer['refresh']['refresh_id']}")).json())
        return bool(shown["finished"])

    async with asyncio.timeout(20):
        while not await done():
            await asyncio.sleep(0.01)
    return shown


def sent(gateway: Gateway) -> list[tuple[str, int, str | None]]:
    """Per event the order, the number of its snapshot and the first line's origin."""
    return [
        (each["data"]["order_key"]["order_id"], each["data"]["revision"]["received_seq"], each["data"]["lines"][0].get("origin_country"))
        for each in gateway.events()
    ]


async def test_rows_are_answered_and_can_be_read_back(gateway: Gateway) -> None:
    table = "item_id,supplier_id,origin_country,hs_code,colour\nMAG-1,,CN,850511,red\nMAG-1,V1,Malaysia,,\n,V1,CN,,\nMAG-2,,Chna,,\n"
    response = await put(gateway, "items", table, CSV)
    assert response.status_code == 200
    answer = response.json()
    assert answer["counts"] == {"stored": 2, "unchanged": 0, "rejected": 2}
    assert [(row["place"], row["id"], row["outcome"]) for row in answer["rows"]] == [
        ("row 2", "MAG-1", "stored"),
        ("row 3", "MAG-1", "stored"),
        ("row 4", None, "rejected"),
        ("row 5", "MAG-2", "rejected"),
    ]
    assert answer["rows"][0]["messages"] == ["colour means nothing here and was left out."]
    assert (await gateway.client.get("/v1/items/MAG-1")).json()["origin_country"] == "CN"
    assert (await gateway.client.get("/v1/items/MAG-1", params={"supplier_id": "V1"})).json()["origin_country"] == "MY"
    again = (await put(gateway, "items", table, CSV)).json()
    assert (again["counts"]["unchanged"], again["refresh"]) == (2, None)
    suppliers = await put(gateway, "suppliers", '[{"supplier_id": "V1", "name": "包头"}]')
    assert suppliers.json()["counts"]["stored"] == 1
    assert (await gateway.client.get("/v1/suppliers/V1")).json()["name"] == "包头"


async def test_a_body_without_a_usable_row_is_refused(gateway: Gateway) -> None:
    for content, media_type, status in (
        (b"", "application/json", 422),
        (b"{", "application/json", 422),
        (b'[{"item_id": 5}]', "application/json", 422),
        (b"", NDJSON, 400),
        (b"x", "text/plain", 415),
    ):
        response = await put(gateway, "items", content, media_type)
        assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
        assert response.json()["detail"].endswith(".")


async def test_orders_are_enriched_as_they_come_in(gateway: Gateway) -> None:
    await put_item(
        gateway, origin_country="CN", composition=[{"substance": "Dy", "share": "0.8 wt%"}], unit="C62", net_weight_kg_per_unit="0.02"
    )
    await put(gateway, "suppliers", "supplier_id,name,country\nV1,Ningbo Donghai,CN\n", CSV)
    await gateway.post(body(supplier={"id": "V1"}, lines=[line(quantity={"value": "6000", "unit": "C62", "unit_system": "UNECE"})]))
    (event,) = gateway.events()
    (sent_line,) = event["data"]["lines"]
    assert (sent_line["origin_country"], sent_line["mass_kg"], sent_line["composition"]) == (
        "CN",
        "120",
        [{"substance": "Dy", "share": "0.8 wt%"}],
    )
    assert {sent_line["provenance"][name] for name in ("origin_country", "composition", "mass_kg")} == {"item_master"}
    assert event["data"]["supplier"] == {"id": "V1", "name": "Ningbo Donghai", "country": "CN"}
    assert event["data"]["provenance"] == {"supplier.name": "supplier_master", "supplier.country": "supplier_master"}


async def test_a_change_sends_exactly_the_open_orders_it_concerns(gateway: Gateway) -> None:
    other = [line("1", item={"buyer_id": "OTHER"})]
    stated = [line("1", origin_country="JP")]
    orders = [order("A"), order("B", lines=other), order("C", lines=stated), order("D"), order("E", supplier={"id": "V1"}, lines=other)]
    await gateway.post(ndjson(*orders, order("D", status="closed", lines=[])), NDJSON)
    before = len(gateway.events())
    shown = await finished(gateway, await put_item(gateway, origin_country="CN"))
    assert sent(gateway)[before:] == [("A", 2, "CN")]
    assert (shown["orders_examined"], shown["orders_re_emitted"]) == (2, 1)
    assert gateway.events()[-1]["data"]["changed_paths"] == ["/lines/10/origin_country"]
    answer = (await put(gateway, "suppliers", '{"supplier_id": "V1", "country": "CN"}')).json()
    await finished(gateway, answer)
    assert sent(gateway)[before + 1 :] == [("E", 2, None)]
    await finished(gateway, await put_item(gateway, origin_country="CN", description="NdFeB"))
    assert sent(gateway)[before + 2 :] in ([("A", 3, "CN"), ("C", 2, "JP")], [("C", 2, "JP"), ("A", 3, "CN")])
    assert (await gateway.post(body("A"))).json()["orders"][0]["outcome"] == "duplicate"


async def test_an_order_follows_the_item_it_names_now(gateway: Gateway) -> None:
    await gateway.post_order(**order(revision={"source_seq": 1}))
    await gateway.post_order(**order(revision={"source_seq": 2}, lines=[line(item={"buyer_id": "NEW"})]))
    shown = await finished(gateway, await put_item(gateway, origin_country="CN"))
    assert shown["orders_examined"] == 0
    shown = await finished(gateway, (await put(gateway, "items", '{"item_id": "NEW", "origin_country": "MY"}')).json())
    assert shown["orders_re_emitted"] == 1


async def test_an_item_is_found_by_its_manufacturers_part(gateway: Gateway) -> None:
    await gateway.post_order(**order(lines=[line(item={"manufacturer_id": "N42-20"})]))
    await finished(gateway, await put_item(gateway, manufacturer_part="N42-20", origin_country="CN"))
    assert sent(gateway)[-1] == ("4500000001", 2, "CN")
    await finished(gateway, await put_item(gateway, manufacturer_part="N42-21", origin_country="CN"))
    assert sent(gateway)[-1] == ("4500000001", 3, None)


async def test_an_order_on_its_way_in_gets_what_is_written_meanwhile(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order is decided under the old master data and appended after the search for open orders: it must not stay behind."""
    async with running(redis_url) as gateway, running(redis_url) as other:
        await put_item(other, origin_country="JP")
        await gateway.post(body("first"))
        written = asyncio.Event()

        async def write_in_between(self: Intake, appends: Any, version: str, now: Any) -> set[str]:
            if not written.is_set():
                await finished(other, await put_item(other, origin_country="CN"))
                written.set()
            return await append(self, appends, version, now)

        append = Intake._append
        monkeypatch.setattr(Intake, "_append", write_in_between)
        await gateway.post(body("racing"))
        assert [each for each in sent(gateway) if each[0] == "racing"] == [("racing", 1, "JP"), ("racing", 2, "CN")]
        shown = (await gateway.client.get(f"/v1/orders/{key('racing')}")).json()
        assert shown["snapshot"]["lines"][0]["origin_country"] == "CN"


async def test_another_process_sees_what_was_written(redis_url: str) -> None:
    async with running(redis_url) as one, running(redis_url) as other:
        await one.post(body("A"))
        await finished(other, await put_item(other, origin_country="CN"))
        await one.post(body("B"))
        assert {order_id: origin for order_id, _, origin in sent(one)} == {"A": "CN", "B": "CN"}


async def test_a_refresh_that_a_process_died_over_is_taken_up_again(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any) -> int:
        await asyncio.Event().wait()
        return 0

    with monkeypatch.context() as patched:
        patched.setattr(Intake, "enrich_again", never)
        async with running(redis_url) as gateway:
            await gateway.post(ndjson(*(order(str(number)) for number in range(300))), NDJSON)
            answer = await put_item(gateway, origin_country="CN")
    assert len(gateway.events()) == 300
    async with running(redis_url) as again:
        shown = await finished(again, answer)
        assert (shown["orders_examined"], shown["orders_re_emitted"]) == (300, 300)
        assert len(again.events()) == 600


async def test_a_change_of_a_components_item_reaches_the_orders_of_the_whole(gateway: Gateway) -> None:
    await put_item(gateway, components=[{"item_id": "ROTOR-7"}])
    await gateway.post(body())
    answer = (await put(gateway, "items", json.dumps({"item_id": "ROTOR-7", "components": [{"item_id": "SHAFT"}]}))).json()
    assert (await finished(gateway, answer))["orders_re_emitted"] == 1
    answer = (await put(gateway, "items", json.dumps({"item_id": "SHAFT", "origin_country": "CN"}))).json()
    assert (await finished(gateway, answer))["orders_re_emitted"] == 1
    component = gateway.events()[-1]["data"]["lines"][0]["components"][0]
    assert component["components"][0]["origin_country"] == "CN"
