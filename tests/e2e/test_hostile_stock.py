"""Stock reports and questions that are meant to break something: each is answered, and what others report goes on being advised on."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from xml.dom.minidom import parseString

from tests.e2e.conftest import RunningSystem
from tests.e2e.test_hostile_prices import LARGEST, dead_letters
from tests.support.stock import stock_report
from tests.support.waiting import wait_until

NOW = datetime.now(UTC)
ANY: list[Any] = ["-1", "1E+999999", "NaN", "9" * 5000, LARGEST, "a\0b", "\ud800", "9999-12-31", 10**400, [], {}, None]
SMALLEST = "0.000000000000001"
STOCK: dict[str, Any] = stock_report("H", "HOSTILE", NOW, "90", 60.0, policy_days=60)
LISTS = ("bound", "lots", "consumption", "receipts", "ship_to_ids", "lead_times_seen_days", "sources", "uses", "substitutes", "contained")
FIELDS = (
    *STOCK,
    *LISTS,
    "minimum_order",
    "order_multiple",
    "budget",
    "shelf_life_days",
    "service_level",
    "withdrawn",
    "mass_kg_per_unit",
    "x",
)
NUMBERS = ("on_hand", "unit_price", "lead_time_days", "policy_days", "plant", "as_of")
NAMES = [
    "a/b",
    "../x?y#z",
    "%2F%00",
    "--><script>alert(1)</script>",
    "\x01\x1b\u202e",
    "$\\frac{",
    "铽'\"&",
    "{p0}:x",
    "cover.svg",
    "x" * 200,
]


def bodies() -> Iterator[bytes]:
    for field in FIELDS:
        for value in ANY[:: 1 if field in NUMBERS else 3]:
            yield json.dumps({**STOCK, field: value}).encode()
        yield json.dumps(STOCK).encode()[:-1] + f', "{field}": 1E+999999}}'.encode()
    for name in LISTS:
        for value in ANY[::2]:
            yield json.dumps({**STOCK, name: [value, {"quantity": value, "expected_on": value, "name": value}]}).encode()
    yield json.dumps({**STOCK, "receipts": [{"quantity": "1", "expected_on": "2027-01-01"}] * 10_000}).encode()
    yield json.dumps([STOCK, {**STOCK, "on_hand": "1"}] * 1_000).encode()


def extremes() -> Iterator[dict[str, Any]]:
    """Each valid by itself."""
    extreme = ("on_hand", "consigned", "in_transit", "unit_price", "minimum_order", "shortage_cost_per_unit", "holding_cost_per_unit_year")
    for field in extreme:
        for value, rate in ((LARGEST, SMALLEST), (LARGEST, LARGEST), (SMALLEST, LARGEST)):
            said = {**STOCK, "consumption": [], field: value, "consumption_per_day": rate}
            yield {**said, "item_id": f"X-{field}-{value}-{rate}"}
    yield {**STOCK, "item_id": "X-SUM", "on_hand": LARGEST, "consigned": LARGEST}
    for name in NAMES:
        yield {**STOCK, "plant": name, "item_id": name, "description": name}
        yield {**STOCK, "plant": name, "item_id": f"{name[:190]}-none", "consumption": []}


def test_no_stock_report_breaks_intake_or_the_advice(running_system: RunningSystem) -> None:
    system = running_system
    before = dead_letters(system)
    for body in bodies():
        answer = system.client.post("/v1/stock", content=body, headers={"content-type": "application/json"})
        assert answer.status_code in (200, 400, 413, 422), (answer.status_code, body[:500])
    reports = list(extremes())
    counts = system.client.post("/v1/stock", json=reports).json()["counts"]
    assert counts["stored"] > 0.8 * len(reports)
    good = {**STOCK, "item_id": "AFTER", "as_of": (NOW + timedelta(seconds=1)).isoformat()}
    assert system.client.post("/v1/stock", json=good).json()["counts"]["stored"] == 1
    wait_until(lambda: system.client.get("/v1/advice/H/AFTER").status_code == 200, "a good report is advised on")
    wait_until(
        lambda: sum(each["item_id"].startswith("X-") for each in all_advice(system)) > 20, "what is extreme is answered, too", seconds=60
    )
    assert dead_letters(system) == before
    shown = {each["item_id"]: each for each in all_advice(system)}
    assert "beyond what can be reckoned with" in shown["X-SUM"]["sentence"]
    for name in NAMES:
        at = f"/v1/advice/{quote(name, safe='')}/{quote(name, safe='')}"
        picture = system.client.get(f"{at}/cover.svg")
        assert picture.status_code in (200, 404), (name, picture.text)
        if picture.status_code == 200:
            assert not parseString(picture.content).getElementsByTagName("script")
    assert system.client.get("/metrics").status_code == 200


def all_advice(system: RunningSystem) -> list[dict[str, Any]]:
    answer = system.client.get("/v1/advice", params={"limit": 1_000})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["advice"]
    return found


def test_no_question_about_advice_breaks_its_answer(running_system: RunningSystem) -> None:
    system = running_system
    asked = {**STOCK, "item_id": "ASKED", "sources": [{"name": "Only", "country": "CN"}]}
    assert system.client.post("/v1/stock", json=asked).status_code == 200
    fields = ("delay_prior", "delay_days", "licence_needed", "embargo_from", "embargo_days", "demand_factor", "supplier_lost", "x", "plant")
    questions: list[dict[str, Any]] = [{field: value} for field in fields for value in ANY[::2]]
    questions += [{"demand_factor": 100, "delay_days": 3650, "embargo_from": NOW.date().isoformat()}, {"demand_factor": 5e-324}]
    questions += [{"embargo_from": day, "embargo_days": 3650} for day in ("2199-12-31", "1970-01-01")]
    for question in questions:
        answer = (
            system.client.post("/v1/advice/what-if", json={"plant": "H", "item_id": "ASKED", **question}) if _sendable(question) else None
        )
        assert answer is None or answer.status_code in (200, 404, 422, 429), (answer.text, question)


def _sendable(question: dict[str, Any]) -> bool:
    """The client itself writes no half characters."""
    try:
        json.dumps(question, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
