"""A control heard of this minute acts within seconds on the open orders that it concerns, and on no others."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import RunningSystem
from tests.e2e.test_main_job import answered, order
from tests.integration.screening.test_packs import written
from tests.support.waiting import wait_until

FREEZE = (
    "regulations",
    "freeze",
    "--element",
    "praseodymium",
    "--effect",
    "prohibited",
    "--reason",
    "All praseodymium is said to be stopped",
)
"""An element that no other test here orders, so that what is frozen here concerns nobody else."""


@pytest.fixture
def frozen(running_system: RunningSystem) -> Iterator[dict[str, Any]]:
    """Orders that are judged already, then the rule as the command tells it; gone afterwards."""
    for number, description in (("FREEZE-PR", "Praseodymium oxide 99.5%"), ("FREEZE-NOT", "Lanthanum oxide 99.9%")):
        running_system.client.post("/v1/orders", json=order(number, description))
        answered(running_system, f"e2e/1/{number}")
    told = running_system.run(*FREEZE, "--source", "telephone", "--by", "Anna", "--json")
    assert told.returncode == 0, told.stderr
    rule: dict[str, Any] = json.loads(told.stdout)
    yield rule
    if not running_system.client.delete(f"/v1/regulations/drafts/{rule['id']}").json()["withdrawn"]:
        running_system.run("regulations", "withdraw", rule["id"], "--by", "Ben")


def shown(system: RunningSystem, number: str) -> dict[str, Any]:
    assessment: dict[str, Any] = system.client.get(f"/v1/orders/e2e/1/{number}").json()["assessment"]
    return assessment


def answer(system: RunningSystem, number: str) -> str:
    return str(shown(system, number)["lines"][0]["answers"]["CN"])


def test_a_freeze_re_judges_exactly_the_open_orders_with_the_element(running_system: RunningSystem, frozen: dict[str, Any]) -> None:
    assert frozen["reached"] == ["element:Pr"]
    assert frozen["sentences"][0].startswith("Goods containing praseodymium leaving China may not be exported: All praseodymium is said")
    untouched = shown(running_system, "FREEZE-NOT")["decision_id"]
    wait_until(lambda: answer(running_system, "FREEZE-PR") == "prohibited", "the order with the element is judged anew", seconds=10)
    held = shown(running_system, "FREEZE-PR")
    assert held["round"] == 2
    assert "nobody has confirmed" in json.dumps(held["lines"][0])
    assert "Unconfirmed: " in json.dumps(held["lines"][0])
    wait_until(
        lambda: any(event["data"].get("decision_id") == held["decision_id"] for event in list(running_system.receiver.events.values())),
        "the webhook says so",
    )
    event = next(one for one in running_system.receiver.events.values() if one["data"].get("decision_id") == held["decision_id"])
    assert "nconfirmed" in json.dumps(event)
    assert shown(running_system, "FREEZE-NOT")["decision_id"] == untouched
    replayed = running_system.run("replay", held["decision_id"], "--json")
    assert json.loads(replayed.stdout)["same_bytes"] is True, replayed.stdout + replayed.stderr


def test_one_person_enters_a_rule_and_another_confirms_it(running_system: RunningSystem, frozen: dict[str, Any]) -> None:
    refused = running_system.run("regulations", "confirm", frozen["id"], "--by", "anna")
    assert (refused.returncode, "somebody else has to confirm it" in refused.stderr) == (2, True)
    done = running_system.run("regulations", "confirm", frozen["id"], "--by", "Ben", "--json")
    assert json.loads(done.stdout)["state"] == "confirmed"
    wait_until(
        lambda: (
            answer(running_system, "FREEZE-PR") == "prohibited"
            and "nconfirmed" not in json.dumps(shown(running_system, "FREEZE-PR")["lines"])
        ),
        "the answer is confirmed",
    )
    listed = running_system.client.get("/v1/regulations/drafts").json()
    assert [(one["id"], one["status"], one["entered"]["name"], one["confirmed"]["name"]) for one in listed] == [
        (frozen["id"], "confirmed", "Anna", "Ben")
    ]


def test_over_http_the_key_is_the_person(running_system: RunningSystem) -> None:
    def client(name: str, scope: str) -> httpx.Client:
        made = running_system.run("keys", "create", name, "--scope", scope, "--json")
        return httpx.Client(base_url=running_system.url, headers={"authorization": f"Bearer {json.loads(made.stdout)['key']}"}, timeout=30)

    rule = {
        "tariff": ["9999.99"],
        "valid_from": "2026-11-22",
        "reason": "A tariff line that no order has",
        "source": "nowhere in particular",
    }
    with client("carla", "regulations:write") as carla, client("dora", "regulations:write") as dora, client("eve", "orders:read") as eve:
        assert eve.post("/v1/regulations/drafts", json=rule).status_code == 403
        tried = carla.post("/v1/regulations/drafts?dry_run=true", json=rule)
        assert (tried.status_code, tried.json()["dry_run"]) == (201, True)
        assert eve.get("/v1/regulations/drafts").json() == []
        wrong = carla.post("/v1/regulations/drafts", json={**rule, "tariff": [], "elements": ["lithium"]})
        assert (wrong.status_code, "tariff lines instead" in wrong.json()["detail"]) == (422, True)
        entered = carla.post("/v1/regulations/drafts", json=rule).json()["draft"]["id"]
        own = carla.post(f"/v1/regulations/drafts/{entered}/confirmation")
        assert (own.status_code, own.json()["title"]) == (409, "Not possible with this rule")
        assert dora.post(f"/v1/regulations/drafts/{entered}/confirmation").json()["draft"]["confirmed"]["name"] == "dora"
        assert carla.delete(f"/v1/regulations/drafts/{entered}").json()["withdrawn"] is False
        assert dora.delete(f"/v1/regulations/drafts/{entered}").json()["withdrawn"] is True
        assert carla.delete(f"/v1/regulations/drafts/{entered}").status_code == 404
        assert carla.post("/v1/regulations/packs", content=b"PK").json()["title"] == "Refused"
        assert carla.post("/v1/regulations/reload").json() == {"reached": []}


def test_on_a_terminal_what_is_not_given_is_asked(running_system: RunningSystem) -> None:
    terminal, end = pty.openpty()
    answers = ["Pr", "prohibited", "", "All praseodymium is said to be stopped", "telephone", "Anna"]
    os.write(terminal, "".join(f"{given}\n" for given in answers).encode())
    done = subprocess.run(
        [sys.executable, "-m", "services.cli", "regulations", "freeze", "--dry-run"],
        env=running_system.environment,
        stdin=end,
        capture_output=True,
        text=True,
        timeout=60,
    )
    os.close(end)
    os.close(terminal)
    assert done.returncode == 0, done.stderr
    assert "would act" in done.stdout
    assert "A buyer reads: Goods containing praseodymium leaving China may not be exported" in done.stdout
    assert "Open orders with the key element:Pr are judged anew." in done.stdout


def test_without_a_terminal_the_missing_option_is_told(running_system: RunningSystem) -> None:
    refused = running_system.run("regulations", "freeze", "--element", "Pr")
    assert refused.returncode == 2
    assert "give it as an option" in refused.stderr


def test_a_data_pack_is_made_installed_and_removed(running_system: RunningSystem, tmp_path: Path) -> None:
    public = running_system.run("regulations", "keygen", str(tmp_path / "key.pem")).stdout.strip()
    assert "never overwritten" in running_system.run("regulations", "keygen", str(tmp_path / "key.pem")).stderr
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600
    pack = str(tmp_path / "autumn.orestream-pack")
    made = running_system.run("regulations", "pack", str(written(tmp_path / "pack")), "--key", str(tmp_path / "key.pem"), "-o", pack)
    assert made.returncode == 0, made.stderr
    untrusted = running_system.run("regulations", "install", pack)
    assert (untrusted.returncode, "ORESTREAM_PACK_KEYS does not name" in untrusted.stderr) == (2, True)
    trusting = replace(running_system, environment={**running_system.environment, "ORESTREAM_PACK_KEYS": public})
    installed = trusting.run("regulations", "install", pack, "--by", "Anna", "--json")
    assert (installed.returncode, json.loads(installed.stdout or "{}").get("reached")) == (0, ["element:Ga"]), installed.stderr
    served = running_system.client.get("/v1/regulations").json()["instruments"]
    assert any(one["instrument"] == "cn-mofcom-99-2026" for one in served)
    assert [one["name"] for one in running_system.client.get("/v1/regulations/packs").json()] == ["autumn"]
    removed = trusting.run("regulations", "packs", "remove", "autumn")
    assert (removed.returncode, "is removed" in removed.stdout) == (0, True), removed.stderr
    assert json.loads(trusting.run("regulations", "packs", "--json").stdout) == {"packs": []}
