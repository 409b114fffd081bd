"""False positives in the running system: bulk clearing by two people releases open lines, and whatever ends a clearance reopens them."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import RunningSystem
from tests.e2e.test_party_lists import entity, ndjson, order
from tests.support.waiting import wait_until

NAME = "e2e_cleared"
CLEARED = "cleared by Anna and Ben until before 2027-06-01. another registry number and another town"


@pytest.fixture
def system(running_system: RunningSystem) -> Iterator[RunningSystem]:
    described = {"title": "a list of these tests", "jurisdiction": "OWN", "authority": "nobody"}
    put = running_system.client.put(f"/v1/lists/{NAME}", content=ndjson(entity("c1", "Zhernovik Rotor")), params=described)
    assert put.status_code == 200, put.text
    yield running_system
    running_system.client.delete(f"/v1/lists/{NAME}")


def line_of(system: RunningSystem, number: int) -> dict[str, Any]:
    shown = system.client.get(f"/v1/orders/lists/1/{number}", params={"wait": 30}).json()["assessment"]
    return {**shown["lines"][0], "round": shown["round"], "decision": shown["decision_id"]}


def is_in(system: RunningSystem, disposition: str, *numbers: int) -> None:
    wait_until(lambda: {line_of(system, number)["disposition"] for number in numbers} == {disposition}, f"{numbers} in {disposition}")


def ran(system: RunningSystem, *arguments: str) -> dict[str, Any]:
    done = system.run("clearances", *arguments, "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def clear_by_file(system: RunningSystem, file: Path) -> list[dict[str, Any]]:
    """What stands open on the list is exported, filled, imported by one person and confirmed by another."""
    ran(system, "hits", "--list", NAME, "--state", "open", "--csv", str(file))
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with file.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, list(rows[0]), delimiter=";")
        table.writeheader()
        table.writerows({**row, "reason": "another registry number and another town", "valid_until": "2027-06-01"} for row in rows)
    ran(system, "import", str(file), "--by", "Anna")
    confirmed: list[dict[str, Any]] = ran(system, "confirm", "--all", "--by", "Ben")["clearances"]
    return confirmed


def test_one_clearance_releases_every_line_and_what_ends_it_reopens_them(system: RunningSystem, tmp_path: Path) -> None:
    for number, supplier in ((81, "Zhernovik Rotor Ltd"), (82, "ZHERNOVIK ROTOR, Ltd."), (83, "Nobody Special")):
        assert system.client.post("/v1/orders", json=order(number, supplier)).status_code == 202
    is_in(system, "review", 81, 82)
    untouched = line_of(system, 83)["decision"]

    (clearance,) = clear_by_file(system, tmp_path / "hits.csv")
    is_in(system, "release", 81, 82)
    for number in (81, 82):
        released = line_of(system, number)
        assert "listed_party" not in released["flags"]
        assert released["reasons"][-1].endswith(CLEARED)
    replayed = system.run("replay", line_of(system, 81)["decision"])
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert "screening: the same bytes" in replayed.stdout
    assert system.client.post("/v1/orders", json=order(84, "Zhernovik Rotor Limited")).status_code == 202
    is_in(system, "release", 84)

    changed = ndjson({"op": "MOD", "entity": entity("c1", "Zhernovik Rotor", registrationNumber=["87654321"])})
    put = system.client.put(f"/v1/lists/{NAME}", content=changed, params={"mode": "delta"})
    assert put.status_code == 200, put.text
    is_in(system, "review", 81, 82, 84)
    (void,) = system.client.get("/v1/clearances", params={"state": "void"}).json()["clearances"]
    assert void["clearance_id"] == clearance["clearance_id"]

    (hit,) = system.client.get("/v1/hits", params={"list": NAME, "state": "open"}).json()["hits"]
    pair = {name: hit[name] for name in ("party_fingerprint", "entry_fingerprint")}
    proposal = {**pair, "reason": "looked at the entry as it is now", "valid_until": "2027-06-01"}
    (anew,) = system.client.post("/v1/clearances", json=proposal).json()["clearances"]
    ran(system, "confirm", anew["clearance_id"], "--by", "Ben")
    is_in(system, "release", 81, 82, 84)
    assert system.client.post(f"/v1/clearances/{anew['clearance_id']}/revoke").json()["revoked_by"] == "test"
    is_in(system, "review", 81, 82, 84)
    assert line_of(system, 83)["decision"] == untouched
