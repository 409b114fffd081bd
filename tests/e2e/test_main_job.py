"""An ERP order goes in; a signed, explained, replayable answer comes out."""

import json
from typing import Any

import httpx

from tests.e2e.conftest import RunningSystem
from tests.support.waiting import wait_until

UBL = """<?xml version="1.0" encoding="UTF-8"?>
<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"
       xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
       xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:ID>E2E-UBL-1</cbc:ID><cbc:IssueDate>2026-11-20</cbc:IssueDate><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:SellerSupplierParty><cac:Party><cac:PartyIdentification><cbc:ID>S-7</cbc:ID></cac:PartyIdentification>
    <cac:PartyName><cbc:Name>Example Rare Metals Co., Ltd.</cbc:Name></cac:PartyName>
    <cac:PostalAddress><cac:Country><cbc:IdentificationCode>CN</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
  </cac:Party></cac:SellerSupplierParty>
  <cac:Delivery><cac:DeliveryLocation><cac:Address><cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country>
  </cac:Address></cac:DeliveryLocation></cac:Delivery>
  <cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID><cbc:Quantity unitCode="KGM">25</cbc:Quantity>
    <cac:Price><cbc:PriceAmount currencyID="EUR">980</cbc:PriceAmount></cac:Price>
    <cac:Item><cbc:Name>Terbium oxide 4N</cbc:Name>
      <cac:OriginCountry><cbc:IdentificationCode>CN</cbc:IdentificationCode></cac:OriginCountry></cac:Item>
  </cac:LineItem></cac:OrderLine>
</Order>"""


def order(number: str, description: str, **fields: Any) -> dict[str, Any]:
    return {
        "order_key": {"system": "e2e", "company": "1", "order_id": number},
        "supplier": {"id": "S-7", "name": "Example Rare Metals Co., Ltd.", "country": "CN"},
        "ship_from": {"country": "CN"},
        "ship_to": {"country": "DE"},
        "end_user": {"name": "Example AG", "country": "DE", "user_class": "civil"},
        "lines": [
            {"line_id": "10", "description": description, "origin_country": "CN", "quantity": {"value": "5", "unit": "KGM"}, **fields},
        ],
    }


def accepted(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 202, response.text
    receipt: dict[str, Any] = response.json()["orders"][0]
    assert receipt["outcome"] == "accepted", receipt
    return receipt


def answered(system: RunningSystem, order_key: str) -> dict[str, Any]:
    shown = system.client.get(f"/v1/orders/{order_key}", params={"wait": 30})
    assert shown.status_code == 200, shown.text
    assessment: dict[str, Any] = shown.json()["assessment"]
    assert assessment["kind"] == "final"
    return assessment


def test_a_ubl_order_becomes_a_webhook_whose_signature_the_reference_library_accepts(running_system: RunningSystem) -> None:
    response = running_system.client.post("/v1/orders", content=UBL, headers={"content-type": "application/xml"})
    assessment = answered(running_system, accepted(response)["order_key"])
    line = assessment["lines"][0]
    assert line["answers"]["CN"] == "licence_required"
    assert "1C904.b" in line["control_codes"][0]
    assert line["disposition"] == "release_with_conditions"
    wait_until(
        lambda: any(event["data"]["decision_id"] == assessment["decision_id"] for event in list(running_system.receiver.events.values())),
        "the assessment reaches the receiver",
    )
    assert running_system.receiver.refused == []


def test_a_decision_is_made_again_with_the_same_bytes_and_the_book_verifies(running_system: RunningSystem) -> None:
    receipt = accepted(running_system.client.post("/v1/orders", json=order("REPLAY", "Dysprosium oxide 99.5 %")))
    decision = answered(running_system, receipt["order_key"])["decision_id"]
    replayed = running_system.run("replay", decision, "--json")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    report = json.loads(replayed.stdout)
    assert report["same_bytes"] is True
    assert {comparison["what"] for comparison in report["comparisons"]} == {"assessment", "screening", "pricing-risk", "stockpile-advisor"}
    verified = running_system.run("ledger", "verify", "--json")
    assert verified.returncode == 0, verified.stdout
    assert json.loads(verified.stdout)["verified"] is True


def test_a_newer_state_of_an_order_is_answered_anew_and_a_repeated_one_is_not(running_system: RunningSystem) -> None:
    first = order("CHANGES", "Office chair, black")
    receipt = accepted(running_system.client.post("/v1/orders", json=first))
    assert answered(running_system, receipt["order_key"])["disposition"] == "release"
    again = running_system.client.post("/v1/orders", json=first).json()["orders"][0]
    assert (again["outcome"], again["received_seq"]) == ("duplicate", 1)
    changed = order("CHANGES", "Samarium metal 99.9 %")
    assert accepted(running_system.client.post("/v1/orders", json=changed))["received_seq"] == 2
    newest = answered(running_system, receipt["order_key"])
    assert (newest["revision"], newest["lines"][0]["answers"]["CN"]) == (2, "licence_required")


def test_master_data_that_comes_later_changes_the_answer_of_an_open_order(running_system: RunningSystem) -> None:
    document = order("ENRICHED", "Magnet M-77", item={"buyer_id": "M-77"}, classifications=[{"scheme": "HS", "code": "850511"}])
    receipt = accepted(running_system.client.post("/v1/orders", json=document))
    assert answered(running_system, receipt["order_key"])["lines"][0]["answers"]["CN"] == "needs_information"
    item = {
        "item_id": "M-77",
        "description": "Sintered NdFeB magnet",
        "composition": [{"substance": "Nd", "share": "29 wt%"}, {"substance": "Dy", "share": "2.4 wt%"}],
    }
    put = running_system.client.put("/v1/items", json=item)
    assert put.status_code == 200, put.text

    def licence_required() -> bool:
        assessment = running_system.client.get(f"/v1/orders/{receipt['order_key']}").json()["assessment"]
        return bool(assessment["lines"][0]["answers"].get("CN") == "licence_required")

    wait_until(licence_required, "the order is screened again with its composition")


def test_what_is_refused_is_answered_with_the_field_and_kept(running_system: RunningSystem) -> None:
    document = order("BAD", "Dysprosium metal", price={"amount": "many"})
    refusal = running_system.client.post("/v1/orders", json=document)
    assert refusal.status_code == 422
    assert refusal.headers["content-type"].startswith("application/problem+json")
    assert "/lines/0/price/amount" in refusal.text
    listed = json.loads(running_system.run("dead-letters", "list", "--json").stdout)["dead_letters"]
    letter = next(each for each in listed if "/lines/0/price/amount" in each["error"])
    shown = running_system.run("dead-letters", "show", letter["id"], "--original")
    assert json.loads(shown.stdout)["order_key"]["order_id"] == "BAD"
    assert running_system.run("dead-letters", "drop", letter["id"]).returncode == 0
    assert running_system.run("dead-letters", "show", letter["id"]).returncode == 2


def test_nobody_gets_in_without_a_key_or_past_its_scope(running_system: RunningSystem) -> None:
    assert httpx.post(f"{running_system.url}/v1/orders", json=order("NOKEY", "Chair")).status_code == 401
    made = json.loads(running_system.run("keys", "create", "reader", "--scope", "orders:read", "--json").stdout)
    refused = httpx.post(
        f"{running_system.url}/v1/orders", json=order("NOSCOPE", "Chair"), headers={"authorization": f"Bearer {made['key']}"}
    )
    assert refused.status_code == 403
    assert running_system.run("keys", "revoke", made["key_id"]).returncode == 0


def test_a_key_that_cannot_be_made_is_refused_in_a_sentence(running_system: RunningSystem) -> None:
    for name, days in (("", "1"), ("n" * 501, "1"), ("reader", "99999999")):
        refused = running_system.run("keys", "create", name, "--scope", "orders:read", "--days", days)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "it takes 1 to 500." in refused.stderr or "--days" in refused.stderr
        assert "Traceback" not in refused.stderr


def test_health_metrics_and_queries(running_system: RunningSystem) -> None:
    assert httpx.get(f"{running_system.url}/readyz").status_code == 200
    metrics = httpx.get(f"{running_system.url}/metrics").text
    for name in ("orestream_stream_pending", "orestream_stream_lag", "orestream_assessed_lines", "orestream_http_requests"):
        assert name in metrics
    page = running_system.client.get("/v1/assessments", params={"disposition": "release_with_conditions", "limit": 1}).json()
    assert len(page["assessments"]) == 1
    regulations = running_system.client.get("/v1/regulations").json()
    assert {"CN"} <= {instrument["jurisdiction"] for instrument in regulations["instruments"]}
