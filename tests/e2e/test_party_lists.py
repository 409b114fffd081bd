"""A party list in the running system: loaded, changed by a delta, refused; open orders that it concerns are judged anew, others not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import RunningSystem
from tests.support.waiting import wait_until

NAME = "e2e_list"


def order(number: int, supplier: str) -> dict[str, Any]:
    return {
        "order_key": {"system": "lists", "company": "1", "order_id": str(number)},
        "currency": "EUR",
        "supplier": {"name": supplier, "country": "CN"},
        "ship_to": {"country": "DE"},
        "end_user": {"name": "Example AG", "country": "DE", "user_class": "civil"},
        "lines": [
            {
                "line_id": "10",
                "description": "Office chair",
                "origin_country": "CN",
                "quantity": {"value": "1", "unit": "C62"},
                "net_amount": "90",
            }
        ],
    }


SUPPLIERS = {1: "Northern Rotor Works", 2: "Copper Loom Trading", 3: "Amber Quay Logistics", 4: "Nobody Special"}


def entity(entity_id: str, name: str, **more: Any) -> dict[str, Any]:
    properties = {"name": [name], "topics": ["sanction"], **more}
    return {"id": entity_id, "schema": "Company", "caption": name, "datasets": ["e2e"], "target": True, "properties": properties}


def ndjson(*values: Any) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


@pytest.fixture
def system(running_system: RunningSystem) -> Iterator[RunningSystem]:
    yield running_system
    running_system.client.delete(f"/v1/lists/{NAME}")


def assessed(system: RunningSystem, number: int) -> tuple[int, list[str]]:
    """The round of the last assessment and the line's flags."""
    shown = system.client.get(f"/v1/orders/lists/1/{number}", params={"wait": 30}).json()
    return shown["assessment"]["round"], sorted(shown["assessment"]["lines"][0]["flags"])


def test_a_delta_adds_changes_and_removes_a_party_and_its_orders_are_judged_anew(system: RunningSystem, tmp_path: Path) -> None:
    for number, supplier in SUPPLIERS.items():
        assert system.client.post("/v1/orders", json=order(number, supplier)).status_code == 202
    assert {number: assessed(system, number) for number in SUPPLIERS} == dict.fromkeys(SUPPLIERS, (1, []))

    described = {"title": "a list of these tests", "jurisdiction": "OWN", "authority": "nobody"}
    whole = ndjson(entity("p1", SUPPLIERS[1]), entity("p2", SUPPLIERS[2]))
    put = system.client.put(f"/v1/lists/{NAME}", content=whole, params=described)
    assert put.status_code == 200, put.text
    assert (put.json()["entries"], len(put.json()["judged_anew"])) == (2, 2)
    for number in (1, 2):
        wait_until(lambda number=number: assessed(system, number) == (2, ["listed_party"]), f"order {number} judged anew")

    delta = tmp_path / "delta.json"
    delta.write_text(
        ndjson(
            {"op": "ADD", "entity": entity("p3", SUPPLIERS[3])},
            {"op": "MOD", "entity": entity("p1", SUPPLIERS[1], alias=["NRW Rotor"])},
            {"op": "DEL", "entity": {"id": "p2"}},
        )
    )
    done = system.run("lists", "load", str(delta), "--list", NAME, "--delta", "--json")
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout)
    assert (loaded["added"], loaded["changed"], loaded["removed"]) == (1, 1, 1)
    wait_until(lambda: assessed(system, 3) == (2, ["listed_party"]), "the party that was added")
    wait_until(lambda: assessed(system, 2) == (3, []), "the party that was taken off")
    assert assessed(system, 4) == (1, [])


def test_a_file_cut_short_is_refused_and_the_last_good_list_stays(system: RunningSystem, tmp_path: Path) -> None:
    own = "name,aliases\n" + "".join(f"E2E Firm {number},\n" for number in range(40))
    described = ["--title", "a list of these tests", "--jurisdiction", "OWN", "--authority", "nobody"]
    file = tmp_path / "list.csv"
    file.write_text(own)
    done = system.run("lists", "load", str(file), "--list", NAME, *described)
    assert done.returncode == 0, done.stderr
    assert "40 entries on 1 lists; 40 added" in done.stdout
    for cut, reason in ((own[:200] + "\nE2E", "ends in the middle"), ("name\nE2E Firm 1\n", "40 entries to 1"), ("", "empty")):
        file.write_text(cut)
        done = system.run("lists", "load", str(file), "--list", NAME)
        assert (done.returncode, reason in done.stderr) == (2, True), done.stderr
        put = system.client.put(f"/v1/lists/{NAME}", content=cut.encode())
        assert (put.status_code, reason in put.json()["detail"]) == (422, True), put.text
    (shown,) = [one for one in system.client.get("/v1/lists").json() if one["name"] == NAME]
    assert (shown["entries"], shown["fresh"], shown["refused"]["code"]) == (40, True, "EMPTY")
    status = system.run("lists", "status", "--json")
    assert NAME in [one["name"] for one in json.loads(status.stdout)["lists"]]
    assert system.run("lists", "status").returncode == 0
    assert f'orestream_party_list_age_seconds{{list="{NAME}"}}' in system.client.get("/metrics").text


def test_ownership_facts_reach_what_a_listed_party_owns(system: RunningSystem, tmp_path: Path) -> None:
    assert system.client.post("/v1/orders", json=order(5, "Quiet Harbour Metals")).status_code == 202
    assert assessed(system, 5) == (1, [])
    file = tmp_path / "ownership.csv"
    file.write_text("owner,owned,share_percent,source\nTDK Corporation,Quiet Harbour Metals,60,a register\n")
    done = system.run("ownership", "load", str(file), "--name", NAME)
    assert done.returncode == 0, done.stderr
    wait_until(lambda: assessed(system, 5) == (2, ["listed_owner", "listed_party"]), "the owned firm's order is judged anew")


def test_who_may_not_write_lists_does_not(system: RunningSystem) -> None:
    made = system.run("keys", "create", "reader", "--scope", "orders:read", "--json")
    headers = {"authorization": f"Bearer {json.loads(made.stdout)['key']}"}
    assert system.client.put(f"/v1/lists/{NAME}", content=b"name\nA\n", headers=headers).status_code == 403
    assert system.client.get("/v1/lists", headers=headers).status_code == 200
