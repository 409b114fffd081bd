"""From a stock report to what is advised, to what an order line means for stock, and to the webhook that tells of it and of its end."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.conftest import RunningSystem
from tests.support.stock import stock_report
from tests.support.waiting import wait_until

NOW = datetime.now(UTC)


def report(system: RunningSystem, *reports: dict[str, Any]) -> None:
    answer = system.client.post("/v1/stock", json=list(reports))
    assert answer.status_code == 200, answer.text
    assert answer.json()["counts"].get("rejected", 0) == 0, answer.text


def advice(system: RunningSystem, item_id: str, plant: str = "1000") -> dict[str, Any]:
    """Once there is one."""
    path = f"/v1/advice/{plant}/{item_id}"
    wait_until(lambda: system.client.get(path).status_code == 200, f"{item_id} in {plant} is advised on")
    found: dict[str, Any] = system.client.get(path).json()
    return found


def order(number: str, item_id: str, description: str, kilograms: int = 100, **fields: Any) -> dict[str, Any]:
    return {
        "order_key": {"system": "stock", "company": "1", "order_id": number},
        "currency": "EUR",
        "supplier": {"id": "ST-1", "name": "Example Rare Metals Co., Ltd.", "country": "CN"},
        "ship_from": {"country": "CN"},
        "ship_to": {"id": "1000", "country": "DE"},
        "end_user": {"name": "Example AG", "country": "DE", "user_class": "civil"},
        "lines": [
            {
                "line_id": "10",
                "item": {"buyer_id": item_id},
                "description": description,
                "origin_country": "CN",
                "quantity": {"value": str(kilograms), "unit": "KGM"},
                "expected_departure_on": (NOW.date() + timedelta(days=14)).isoformat(),
            }
        ],
        **fields,
    }


def assessed(system: RunningSystem, document: dict[str, Any]) -> dict[str, Any]:
    posted = system.client.post("/v1/orders", json=document)
    assert posted.status_code == 202, posted.text
    shown = system.client.get(f"/v1/orders/{posted.json()['orders'][0]['order_key']}", params={"wait": 30}).json()
    assessment: dict[str, Any] = shown["assessment"]
    assert (assessment["kind"], assessment["missing_results"]) == ("final", [])
    assert assessment["results"].keys() == {"screening", "pricing-risk", "stockpile-advisor"}
    return assessment


def test_an_order_line_says_when_it_arrives_and_whether_stock_lasts_until_then(running_system: RunningSystem) -> None:
    system = running_system
    report(system, stock_report("1000", "ST-DY", NOW, "90", 60.0, ship_to_ids=["1000"]))
    assert advice(system, "ST-DY")["decision"] in ("order_now", "cannot_fix")
    assessment = assessed(system, order("LINE", "ST-DY", "Dysprosium oxide 99.5 %"))
    (line,) = assessment["lines"]
    risk = line["supply_risk"]
    assert risk["status"] == "advised"
    assert 40 < risk["days_of_cover"] < 50
    # 14 days to the departure, 35 on the way, and a licence queue between them that ninety kilograms do not outlast
    assert NOW.date() + timedelta(days=14 + 35) < datetime.fromisoformat(risk["arrival_p50"]).date()
    assert risk["probability_short_before_arrival"] > 0.5
    assert risk["sentence"] in line["reasons"]
    assert f"supply_risk_{risk['decision']}" in line["flags"]
    assert line["blocks"] == ["payment"]  # as the licence asks for; stock blocks nothing
    replayed = system.run("replay", assessment["decision_id"])
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert "stockpile-advisor: the same bytes" in replayed.stdout


def test_goods_that_no_plant_keeps_are_not_spoken_of(running_system: RunningSystem) -> None:
    (chair,) = assessed(running_system, order("CHAIR", "ST-CHAIR", "Office chair, black"))["lines"]
    assert (chair["supply_risk"]["status"], chair["flags"]) == ("not_tracked", [])
    (holmium,) = assessed(running_system, order("HOLMIUM", "ST-HO", "Holmium oxide 99.9 %"))["lines"]
    assert holmium["supply_risk"]["status"] == "unknown"
    assert "supply_risk_unknown" not in holmium["flags"]


def test_without_the_licence_queue_less_is_ordered_later(running_system: RunningSystem) -> None:
    system = running_system
    report(system, stock_report("1000", "ST-TB", NOW, "420", 60.0, ship_to_ids=["1000"]))
    first = advice(system, "ST-TB")
    assessed(system, order("QUEUE", "ST-TB", "Terbium oxide 99.99 %", 150))
    wait_until(lambda: advice(system, "ST-TB")["digest"] != first["digest"], "the order is part of the advice")
    reckoned = advice(system, "ST-TB")
    assert (reckoned["licence_needed"], float(reckoned["inbound"])) == ("yes", 150)
    assert "general EU" in reckoned["delay_prior"]
    asked = system.client.post("/v1/advice/what-if", json={"plant": "1000", "item_id": "ST-TB", "licence_needed": False})
    assert asked.status_code == 200, asked.text
    before, after = asked.json()["before"], asked.json()["after"]
    assert (before["decision"], before["quantity"]) == (reckoned["decision"], reckoned["quantity"])
    assert (before["decision"], after["decision"]) == ("order_now", "wait")
    assert after["order_by"] > before["order_by"]
    assert float(after["quantity"]) < float(before["quantity"]) / 2
    assert after["time_to_recover_p50_days"] == 58 < before["time_to_recover_p50_days"]
    assert after["delay_prior"] is None
    stands = advice(system, "ST-TB")
    assert stands["digest"] == reckoned["digest"], "a question changes nothing"


def alerts_of(system: RunningSystem, kind: str, item_id: str) -> list[dict[str, Any]]:
    """What the receiver was told, in the order in which it was told; only webhooks whose signature is valid are among it."""
    events = list(system.alerts.events.values())
    return [event["data"] for event in events if event["data"]["kind"] == kind and event["data"]["alert_key"].endswith(f"1000/{item_id}")]


def test_cover_below_policy_becomes_a_webhook_and_another_when_stock_has_come(running_system: RunningSystem) -> None:
    system, kind = running_system, "stock_cover_below_policy"
    report(system, stock_report("1000", "ST-GA", NOW - timedelta(hours=2), "300", 60.0, policy_days=100))
    assert advice(system, "ST-GA")["days_of_cover"] > 100
    assert alerts_of(system, kind, "ST-GA") == []
    report(system, stock_report("1000", "ST-GA", NOW - timedelta(hours=1), "120", 60.0, policy_days=100))
    wait_until(lambda: alerts_of(system, kind, "ST-GA"), "too little cover is told")
    (raised,) = alerts_of(system, kind, "ST-GA")
    assert (raised["state"], raised["severity"], raised["evidence"]["policy_days"]) == ("firing", "warning", "100")
    assert 50 < float(raised["evidence"]["days_of_cover"]) < 70
    assert "the policy is 100" in raised["summary"]
    report(system, stock_report("1000", "ST-GA", NOW, "320", 60.0, policy_days=100))
    wait_until(lambda: len(alerts_of(system, kind, "ST-GA")) == 2, "its end is told")
    resolved = alerts_of(system, kind, "ST-GA")[1]
    assert (resolved["state"], resolved["alert_key"]) == ("resolved", raised["alert_key"])
    assert system.alerts.refused == []
