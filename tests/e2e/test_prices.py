"""From a quoted price to what an order line can lose, and from a jump of the quote to the webhook that tells of it and of its end."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.contracts.price import PriceTick
from tests.e2e.conftest import RunningSystem
from tests.support.prices import exposed_order, ndjson, price_history, price_tick
from tests.support.waiting import wait_until

TODAY = datetime.now(UTC).date()
TERBIUM: dict[str, Any] = {"material": "Tb", "purity_percent": "99.99"}
"""Quoted here as dysprosium is elsewhere, so that no other test has a say in it."""


def report(system: RunningSystem, ticks: Iterable[PriceTick]) -> None:
    answer = system.client.post("/v1/prices", content=ndjson(ticks), headers={"content-type": "application/x-ndjson"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["counts"].get("rejected", 0) == 0, answer.text


def terbium(day: date, level: float = 1.0) -> PriceTick:
    return price_tick("Dy", day, level, **TERBIUM)


def assessed_line(system: RunningSystem, document: dict[str, Any]) -> dict[str, Any]:
    posted = system.client.post("/v1/orders", json=document)
    assert posted.status_code == 202, posted.text
    shown = system.client.get(f"/v1/orders/{posted.json()['orders'][0]['order_key']}", params={"wait": 30}).json()
    assert shown["assessment"]["kind"] == "final"
    assert shown["assessment"]["results"].keys() == {"screening", "pricing-risk", "stockpile-advisor"}
    line: dict[str, Any] = shown["assessment"]["lines"][0]
    return line


def series_known(system: RunningSystem, material: str, ticks: int) -> bool:
    series = system.client.get("/v1/prices", params={"material": material}).json()["series"]
    return any(each["ticks"] >= ticks for each in series)


def test_a_line_says_what_it_is_exposed_to_and_what_it_can_lose_before_its_price_is_set(running_system: RunningSystem) -> None:
    for material in ("Dy", "CNY"):
        report(running_system, price_history(material, TODAY))
        wait_until(lambda material=material: series_known(running_system, material, 300), f"the prices of {material} are taken in")
    line = assessed_line(running_system, exposed_order("EXPOSED", "Dysprosium oxide 99.5 %"))
    risk = line["price_risk"]
    assert (risk["status"], risk["currency"]) == ("priced", "EUR")
    exposure, at_risk, shortfall = (
        Decimal(risk[name]) for name in ("exposure_money", "price_at_risk_95_money", "expected_shortfall_975_money")
    )
    # 25 kg of 99.5 % oxide hold 21.7 kg of dysprosium at about 1,600 CNY/kg of it, 0.128 EUR each
    assert 3_500 < exposure < 6_000
    assert 0 < at_risk < shortfall
    assert risk["horizon_days"] >= 60
    assert f"EUR {shortfall:,.0f}" in risk["sentence"]


def test_a_line_whose_material_nobody_quotes_is_unknown_and_says_which_price_is_missing(running_system: RunningSystem) -> None:
    line = assessed_line(running_system, exposed_order("UNQUOTED", "Thulium oxide 99.9 %"))
    assert (line["price_risk"]["status"], line["price_risk"]["grade"]) == ("unknown", "unknown")
    assert line["price_risk"]["expected_shortfall_975_money"] is None
    assert "Tm" in line["price_risk"]["sentence"]
    assert line["price_risk"]["sentence"] in line["reasons"]
    assert "price_risk_unknown" in line["flags"]


def test_a_line_without_anything_that_has_a_price_says_nothing_of_prices(running_system: RunningSystem) -> None:
    line = assessed_line(running_system, exposed_order("CHAIR", "Office chair, black", pricing=None))
    assert (line["price_risk"]["status"], line["price_risk"]["grade"], line["flags"]) == ("not_exposed", None, [])
    assert (line["disposition"], len(line["reasons"])) == ("release", 2)


def alerts_of(system: RunningSystem, kind: str, material: str) -> list[dict[str, Any]]:
    """What the receiver was told, in the order in which it was told."""
    events = list(system.alerts.events.values())
    return [event["data"] for event in events if event["data"]["kind"] == kind and material in event["data"]["materials"]]


def test_a_jump_of_a_price_becomes_a_webhook_that_names_the_open_order_and_another_when_it_is_over(running_system: RunningSystem) -> None:
    report(running_system, price_history("Dy", TODAY - timedelta(days=2), **TERBIUM))
    wait_until(lambda: series_known(running_system, "Tb", 300), "the prices of terbium are taken in")
    assert assessed_line(running_system, exposed_order("JUMPED", "Terbium oxide 4N"))["price_risk"]["grade"] is not None
    report(running_system, [terbium(TODAY - timedelta(days=1), 1.4)])
    wait_until(lambda: alerts_of(running_system, "price_jump", "Tb"), "the jump is told")
    (raised,) = alerts_of(running_system, "price_jump", "Tb")
    assert raised["state"] == "firing"
    assert "prices/1/JUMPED" in raised["orders"]
    assert raised["cause"]
    assert raised["evidence"]["change"].startswith("+")
    report(running_system, [terbium(TODAY, 1.4)])
    wait_until(lambda: len(alerts_of(running_system, "price_jump", "Tb")) == 2, "its end is told")
    resolved = alerts_of(running_system, "price_jump", "Tb")[1]
    assert (resolved["state"], resolved["alert_key"]) == ("resolved", raised["alert_key"])
    assert running_system.alerts.refused == []
