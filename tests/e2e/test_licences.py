"""A licence from its file to the orders it covers, and back again, beside a running system."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.e2e.conftest import RunningSystem
from tests.support.waiting import wait_until

UNTIL = datetime.now(UTC).date() + timedelta(days=60)
EXPORTER = "Ganzhou Licence Test Rare Earth Co., Ltd."


def order(order_id: str, kilograms: int, **fields: Any) -> dict[str, Any]:
    return {
        "order_key": {"system": "licences", "company": "1", "order_id": order_id},
        "currency": "EUR",
        "supplier": {"id": "LIC-V1", "name": EXPORTER, "country": "CN"},
        "ship_from": {"country": "CN"},
        "ship_to": {"country": "DE"},
        "end_user": {"name": "Example AG", "country": "DE", "user_class": "civil"},
        "lines": [
            {
                "line_id": "10",
                "item": {"buyer_id": "LIC-DY"},
                "description": "Dysprosium oxide 99.5 %",
                "origin_country": "CN",
                "quantity": {"value": str(kilograms), "unit": "KGM"},
            }
        ],
        **fields,
    }


def post(system: RunningSystem, *orders: dict[str, Any]) -> None:
    for each in orders:
        assert system.client.post("/v1/orders", json=each).status_code == 202


def line_of(system: RunningSystem, order_id: str) -> dict[str, Any]:
    shown = system.client.get(f"/v1/orders/licences/1/{order_id}", params={"wait": "10"}).json()
    lines: list[dict[str, Any]] = shown["assessment"]["lines"]
    return {**lines[0], "round": shown["assessment"]["round"], "assessment_disposition": shown["assessment"]["disposition"]}


def told(system: RunningSystem, order_id: str, sentence: str) -> dict[str, Any]:
    """The order's line once its assessment says so."""
    wait_until(lambda: sentence in " ".join(line_of(system, order_id)["reasons"]), f"{order_id} is told {sentence!r}", seconds=30)
    return line_of(system, order_id)


def standing(system: RunningSystem) -> dict[str, Any]:
    found: dict[str, Any] = system.client.get("/v1/licences/LT-1").json()
    return found


def test_a_licence_is_drawn_by_the_first_given_back_and_used_up_by_the_next(running_system: RunningSystem, tmp_path: Path) -> None:
    system = running_system
    post(system, order("first", 500))
    assert "end_user_certificate_sent" in told(system, "first", "No licence that covers the line is known.")["conditions"]

    table = tmp_path / "licences.csv"
    table.write_text(
        "licence;exporter;items;codes;quantity;unit;filed;approved;valid_from;valid_until\n"
        f'LT-1;"{EXPORTER}";;1C905;800;kg;01.06.2026;12.10.2026;12.10.2026;{UNTIL}\n'
    )
    imported = system.run("licences", "import", str(table), "--json")
    assert imported.returncode == 0, imported.stderr + imported.stdout
    assert json.loads(imported.stdout)["counts"] == {"stored": 1, "unchanged": 0, "rejected": 0}
    covered = told(system, "first", f"All 500 kg are covered by licence LT-1 until {UNTIL}.")
    assert "keep_within_licence" in covered["conditions"]
    assert "no_prepayment_before_licence" not in covered["conditions"]
    assert covered["answers"]["CN"] == "licence_required"

    post(system, order("second", 500))
    partly = told(system, "second", f"300 of 500 kg are covered by licence LT-1 until {UNTIL}; 200 kg are not.")
    assert "no_prepayment_before_licence" in partly["conditions"]
    cliffs = system.client.get("/v1/cliffs").json()["cliffs"]
    (ends,) = [each for each in cliffs if each["limb"] == "licence:LT-1"]
    assert (ends["on"], len(ends["lines"])) == (str(UNTIL + timedelta(days=1)), 2)
    found = standing(system)
    assert (found["drawn"], found["promised"], found["left"], found["waiting"]) == ("0", "800", "0", "200")

    began = time.monotonic()
    post(system, {**order("first", 500), "status": "cancelled"})
    told(system, "second", "All 500 kg are covered by licence LT-1")
    assert time.monotonic() - began < 20
    assert standing(system)["left"] == "300"

    deliveries = tmp_path / "shipments.ndjson"
    delivery = {"system": "licences", "company": "1", "order_id": "second", "line_id": "10", "shipment_id": "S1"}
    deliveries.write_text(json.dumps({**delivery, "quantity": "500", "departed_on": "2026-11-02"}))
    shipped = system.run("shipments", "import", str(deliveries), "--json")
    assert shipped.returncode == 0, shipped.stderr + shipped.stdout
    wait_until(lambda: standing(system)["drawn"] == "500", "what has left is drawn", seconds=30)
    deliveries.write_text(
        json.dumps({**delivery, "quantity": "500", "departed_on": "2026-11-02", "received_on": "2026-11-20", "received_quantity": "450"})
    )
    assert system.run("shipments", "import", str(deliveries)).returncode == 0
    wait_until(lambda: standing(system)["drawn"] == "450", "short delivery gives back", seconds=30)

    listed = system.run("licences", "list", "--json")
    assert [each["left"] for each in json.loads(listed.stdout)["licences"] if each["licence_id"] == "LT-1"] == ["350"]

    decision = system.client.get("/v1/orders/licences/1/second", params={"wait": "10"}).json()["assessment"]["decision_id"]
    replayed = system.run("replay", decision)
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert "screening: the same bytes" in replayed.stdout


def test_a_refusal_holds_and_a_return_is_looked_at(running_system: RunningSystem) -> None:
    system = running_system
    case = {
        "licence_id": "LT-2",
        "exporter": "Baotou Licence Test Co., Ltd.",
        "item_ids": ["LIC-DY"],
        "quantity": "100",
        "unit": "KGM",
        "returned_on": "2026-11-01",
    }
    supplier = {"id": "LIC-V2", "name": "Baotou Licence Test Co., Ltd.", "country": "CN"}
    post(system, order("case", 100, supplier=supplier))
    told(system, "case", "No licence that covers the line is known.")
    assert system.client.put("/v1/licences", json=case).json()["counts"]["stored"] == 1
    assert told(system, "case", "returned for supplement on 2026-11-01")["disposition"] == "review"
    assert system.client.put("/v1/licences", json={**case, "refused_on": "2026-11-10"}).json()["counts"]["stored"] == 1
    assert told(system, "case", "was refused on 2026-11-10")["disposition"] == "hold"
    assert system.client.put("/v1/licences", json={**case, "refused_on": "2026-11-10"}).json()["counts"]["unchanged"] == 1
    assert system.client.get("/v1/licences/none").status_code == 404
