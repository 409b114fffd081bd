"""Answers over HTTP: into the item master, the supplier master and what is known of an order, whose snapshots follow."""

import json
from typing import Any

from services.screening.domain.recognition import recognise
from services.screening.regulation_files import load_law
from shared.contracts.master_data import Item
from shared.contracts.order import SnapshotLine
from tests.integration.gateway.conftest import Gateway
from tests.integration.gateway.orders import NDJSON, body
from tests.support.waiting import wait_until_async

REPORT = {"document": "test report 4711", "issuer": "Example Laboratory", "issued_on": "2026-11-02"}


async def post(gateway: Gateway, *answers: dict[str, Any], status: int = 200) -> dict[str, Any]:
    content = b"\n".join(json.dumps({**REPORT, **answer}).encode() for answer in answers)
    response = await gateway.client.post("/v1/answers", content=content, headers={"content-type": NDJSON})
    assert response.status_code == status, response.text
    said: dict[str, Any] = response.json()
    return said


async def last_snapshot(gateway: Gateway, number: int) -> dict[str, Any]:
    async def there() -> bool:
        return len(gateway.events()) >= number

    await wait_until_async(there, f"{number} order events")
    snapshot: dict[str, Any] = gateway.events()[-1]["data"]
    return snapshot


async def test_a_composition_reaches_the_item_and_the_open_orders_with_it(gateway: Gateway) -> None:
    await gateway.post(body())
    item_id = gateway.events()[0]["data"]["lines"][0]["item"]["buyer_id"]
    await post(gateway, {"fact": "composition", "value": "Dy 0.3 wt%; Tb <0.01 wt%", "item_id": item_id})
    line = (await last_snapshot(gateway, 2))["lines"][0]
    assert [(part["substance"], part["share"], part["document"]) for part in line["composition"]] == [
        ("Dy", "0.3 wt%", "test report 4711"),
        ("Tb", "<0.01 wt%", "test report 4711"),
    ]
    await post(gateway, {"fact": "composition", "value": "Dy 0.2 wt%", "item_id": item_id})
    corrected = (await last_snapshot(gateway, 3))["lines"][0]["composition"]
    assert sorted((part["substance"], part["share"]) for part in corrected) == [("Dy", "0.2 wt%"), ("Tb", "<0.01 wt%")]


async def test_a_supplier_says_once_where_his_deliveries_leave_from(gateway: Gateway) -> None:
    await gateway.post(body(supplier={"id": "V-77", "name": "Example Trading"}, ship_from=None))
    await post(gateway, {"fact": "ship_from", "value": "Japan", "supplier_id": "V-77"})
    snapshot = await last_snapshot(gateway, 2)
    assert snapshot["ship_from"]["country"] == "JP"
    assert snapshot["provenance"]["ship_from.country"] == "supplier_master"


async def test_an_answer_about_an_order_fills_what_the_order_leaves_open_and_never_its_own_word(gateway: Gateway) -> None:
    await gateway.post(body(end_user=None, end_use_text=None))
    key = gateway.events()[0]["data"]["order_key"]
    said = await post(gateway, {"fact": "end_use", "value": "civil: traction motors for trams", "order_key": key})
    assert said["counts"]["stored"] == 1
    snapshot = await last_snapshot(gateway, 2)
    assert (snapshot["end_user"]["user_class"], snapshot["end_use_text"]) == ("civil", "traction motors for trams")
    assert snapshot["content_sha256"] == gateway.events()[0]["data"]["content_sha256"]
    assert (await post(gateway, {"fact": "end_use", "value": "civil: traction motors for trams", "order_key": key}))["counts"][
        "unchanged"
    ] == 1
    await gateway.post(body(seq=2, end_user={"name": "Somebody", "user_class": "military"}, end_use_text=None))
    assert (await last_snapshot(gateway, 3))["end_user"]["user_class"] == "military"


async def test_what_cannot_be_used_is_refused_in_sentences(gateway: Gateway) -> None:
    key = {"system": "sap", "company": "1000", "order_id": "never"}
    said = await post(
        gateway,
        {"fact": "origin", "value": "Chinaland", "item_id": "M-1"},
        {"fact": "composition", "value": "a little dysprosium", "item_id": "M-1"},
        {"fact": "end_use", "value": "trams", "order_key": key},
        {"fact": "destination", "value": "DE", "order_key": key},
        {"fact": "destination", "value": "DE", "item_id": "M-1"},
        {"fact": "purity_percent", "value": "99.999", "item_id": "M-1"},
        {"fact": ["origin"], "value": "CN", "item_id": "M-1"},
    )
    told = [" ".join(row["messages"]) for row in said["rows"]]
    assert [row["outcome"] for row in said["rows"]] == [*["rejected"] * 5, "stored", "rejected"]
    assert "no country" in told[0]
    assert "Dy 0.3 wt%" in told[1]
    assert "civil" in told[2]
    assert "No order sap/1000/never" in told[3]
    assert "order_key" in told[4]


async def test_every_parameter_that_the_law_asks_for_is_read_back_from_its_answer(gateway: Gateway) -> None:
    asked = sorted(
        {
            mention
            for item in load_law().items
            for mention in item.mentions
            if mention.endswith(("_percent", "_mm", "_um", "_mpa", "_gpa", "_kw", "_g_cm3", "_mhz", "_wh_kg", "_mah_g", "_t", "_per_cm2"))
        }
    )
    assert len(asked) > 15
    await post(gateway, *({"fact": name, "value": "12.5", "item_id": f"M-{name}"} for name in asked))
    unread = []
    for name in asked:
        item = Item.model_validate((await gateway.client.get(f"/v1/items/M-{name}")).json())
        goods = recognise(SnapshotLine(line_id="1", description="Graphite powder", attributes=item.attributes))
        if name not in {parameter.name for parameter in goods.parameters}:
            unread.append(name)
    # A grit is told from a particle size by the tool that stands in the same words.
    assert unread == ["grit_um"]


async def test_facts_about_a_component_reach_its_row_or_its_place_in_the_whole(gateway: Gateway) -> None:
    await gateway.post(body())
    item_id = gateway.events()[0]["data"]["lines"][0]["item"]["buyer_id"]
    listed = {"item_id": item_id, "components": [{"item_id": "ROTOR-7"}, {"description": "cable", "components": [{"description": "wire"}]}]}
    await gateway.client.put("/v1/items", content=json.dumps(listed), headers={"content-type": "application/json"})
    await last_snapshot(gateway, 2)
    answers = {
        "composition/ROTOR-7": "Dy 2 wt%",
        "value_share/ROTOR-7": "Dy 1.2% of value",
        "mass/ROTOR-7": "0.25",
        "us_controlled_content/ROTOR-7": "no",
        "composition/wire": "Cu 100 wt%",
    }
    said = await post(gateway, *({"fact": fact, "value": value, "item_id": item_id} for fact, value in answers.items()))
    assert said["counts"]["stored"] == len(answers)

    def components() -> Any:
        return gateway.events()[-1]["data"]["lines"][0]["components"]

    async def all_in() -> bool:
        rotor, cable = components()
        return (
            "mass_kg" in rotor and "control" in rotor and len(rotor.get("composition", ())) == 2 and "composition" in cable["components"][0]
        )

    await wait_until_async(all_in, "the answers in the order")
    rotor, cable = components()
    assert [constituent["share"] for constituent in rotor["composition"]] == ["2 wt%", "1.2% of value"]
    assert (rotor["mass_kg"], rotor["control"]) == ("0.25", {"us_controlled_content": False})
    assert cable["components"][0]["composition"][0]["substance"] == "Cu"
    row = (await gateway.client.get("/v1/items/ROTOR-7")).json()
    assert [constituent["share"] for constituent in row["composition"]] == ["2 wt%", "1.2% of value"]


async def test_an_answer_about_a_component_that_cannot_be_placed_is_refused(gateway: Gateway) -> None:
    said = await post(
        gateway,
        {"fact": "mass/ROTOR-7", "value": "0.25", "item_id": "MOTOR-1"},
        {"fact": "components", "value": "all of them", "item_id": "MOTOR-1"},
    )
    assert said["counts"]["rejected"] == 2
    assert "lists no component ROTOR-7" in said["rows"][0]["messages"][0]
