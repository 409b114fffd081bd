"""`POST /v1/screen` and `orestream screen --open-orders` beside a running system."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import httpx

from tests.e2e.conftest import RunningSystem

ITEM = {"item_id": "WHATIF-HO", "description": "Holmium oxide 99.9 %", "origin_country": "CN"}


def order(order_id: str) -> dict[str, Any]:
    return {
        "order_key": {"system": "what-if", "company": "1", "order_id": order_id},
        "currency": "EUR",
        "ship_from": {"country": "CN"},
        "ship_to": {"country": "DE"},
        "end_user": {"name": "Example AG", "country": "DE", "user_class": "civil"},
        "lines": [
            {
                "line_id": "10",
                "item": {"buyer_id": "WHATIF-HO"},
                "quantity": {"value": "10", "unit": "KGM"},
                "net_amount": "700",
                "expected_departure_on": "2026-12-01",
            }
        ],
    }


def test_a_document_is_judged_with_master_data_and_nothing_is_stored(running_system: RunningSystem) -> None:
    assert running_system.client.put("/v1/items", json=[ITEM]).status_code == 200
    asked = {"valid_on": "2026-12-01", "in_force": "No.57 of 2025"}
    answer = running_system.client.post("/v1/screen", params=asked, json=order("never-sent"))
    assert answer.status_code == 200, answer.text
    (result,) = answer.json()["orders"]
    assert result["lines"][0]["answers"]["CN"]["answer"] == "licence_required"
    (change,) = answer.json()["difference"]["changes"]
    assert (change["before"], change["value"]) == ("suspended", {"EUR": "700"})
    assert running_system.client.get("/v1/orders/what-if/1/never-sent").status_code == 404


def test_all_open_orders_are_judged_as_supposed(running_system: RunningSystem) -> None:
    """Other tests have open orders here, too: what is told is what this one adds."""
    asked = {"open_orders": "true", "in_force": "No.57 of 2025"}

    def revived() -> tuple[int, Decimal]:
        """The orders, and their value in euros, whose suspended rule would bind: over HTTP and on the command line the same."""
        over_http = running_system.client.post("/v1/screen", params=asked).json()["difference"]
        done = running_system.run("screen", "--open-orders", "--in-force", "No.57 of 2025", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["difference"]["changes"] == over_http["changes"]
        of_rule = [each for each in over_http["changes"] if each["instrument"] == "cn-mofcom-gacc-57-2025"]
        changes = [each for each in of_rule if each["before"] == "suspended"]
        assert {each["after"] for each in of_rule} <= {"licence_required"}
        return sum(each["orders"] for each in changes), sum((Decimal(each["value"]["EUR"]) for each in changes), Decimal(0))

    assert running_system.client.put("/v1/items", json=[ITEM]).status_code == 200
    orders, value = revived()
    assert running_system.client.post("/v1/orders", json=order("open")).status_code == 202
    assert running_system.client.post("/v1/orders", json={**order("over"), "status": "closed"}).status_code == 202
    assert revived() == (orders + 1, value + 700)


def test_a_question_that_cannot_be_asked_is_refused_in_a_sentence(running_system: RunningSystem) -> None:
    unknown = running_system.client.post("/v1/screen", params={"lifted": "No.999 of 2031"}, json=order("x"))
    assert unknown.status_code == 422
    assert "No.999 of 2031" in unknown.json()["detail"]
    nothing = running_system.client.post("/v1/screen", params={"open_orders": "true"})
    assert nothing.status_code == 422
    assert "Say what to suppose" in nothing.json()["detail"]
    refused = running_system.client.post("/v1/screen", params={"valid_on": "2026-12-01"}, json={"lines": []})
    assert refused.status_code == 422
    assert refused.json()["rejected"][0]["reasons"]


def test_others_are_answered_while_a_large_order_is_judged(running_system: RunningSystem) -> None:
    large = order("large")
    (line,) = large["lines"]
    large["lines"] = [{**line, "line_id": str(number), "description": f"Dysprosium oxide powder, lot {number}"} for number in range(3_000)]
    with ThreadPoolExecutor(1) as judging:
        judged = judging.submit(running_system.client.post, "/v1/screen", params={"valid_on": "2027-02-01"}, json=large)
        waited = [httpx.get(f"{running_system.url}/healthz", timeout=60).elapsed.total_seconds()]
        while not judged.done():
            waited.append(httpx.get(f"{running_system.url}/healthz", timeout=60).elapsed.total_seconds())
    assert judged.result().status_code == 200
    # Before judging went into a thread, all waited for the whole of it, some seconds, while leases of two seconds ran out.
    assert max(waited) < 1.5


def test_more_questions_at_once_than_memory_is_meant_for_are_put_off(running_system: RunningSystem) -> None:
    large = order("large")
    (line,) = large["lines"]
    large["lines"] = [{**line, "line_id": str(number)} for number in range(500)]

    def ask(_: int) -> int:
        return httpx.post(f"{running_system.url}/v1/screen", json=large, headers=running_system.client.headers, timeout=60).status_code

    with ThreadPoolExecutor(12) as asking:
        answered = Counter(asking.map(ask, range(12)))
    assert set(answered) == {200, 429}
    assert answered[200] >= 4
