"""Clearances in the running screening: over HTTP by two keys, from one process to another, voided by a delta of the list, alerted."""

import io
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from services.screening.clearance_alerts import ClearanceAlerts
from services.screening.clearing import Clearing
from services.screening.domain.basis import Basis
from services.screening.domain.clearances import NO_CLEARANCES, hit_key
from services.screening.domain.touching import everybody_on
from services.screening.hits import Hits
from services.screening.http.clearances import clearances_routes
from services.screening.installed import Installed
from services.screening.party_lists import PartyLists, Request
from services.screening.references import HITS_CHANGED, References
from shared.access import Access, ApiKeys
from shared.bus import Bus, BusSettings, by_beginning
from shared.contracts.alert import Alert, AlertEvent
from shared.contracts.order import Party
from shared.contracts.reference_change import ReferenceChangeEvent
from tests.support.waiting import wait_until_async
from tests.unit.screening.making import built_in_law, built_in_parties, order

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
REASON = "another registry number and another town"
UNTIL = "2027-05-01"
MET = ("Zhernovik Rotor Works Ltd", "Copper Loom Inc.", "Quiet Trading GmbH")


def entity(entity_id: str, name: str, **properties: list[str]) -> dict[str, Any]:
    return {
        "id": entity_id,
        "schema": "Company",
        "caption": name,
        "datasets": ["cn_sanctions"],
        "properties": {"name": [name], **properties},
    }


def sanction(of: str) -> dict[str, Any]:
    properties = {"entity": [of], "program": ["List of Export Controls"], "startDate": ["2026-04-24"]}
    return {"id": f"{of}-s", "schema": "Sanction", "caption": None, "datasets": ["cn_sanctions"], "properties": properties}


LISTED = (entity("NK-1", "Zhernovik Rotor Works"), sanction("NK-1"), entity("NK-2", "Copper Loom"), sanction("NK-2"))


def ndjson(*values: Any) -> bytes:
    return "".join(json.dumps(value) + "\n" for value in values).encode()


class Process:
    """One process that screens and serves, with a clock of its own."""

    def __init__(self, url: str) -> None:
        self.now = NOW
        self.bus = Bus(BusSettings(url=url, group="screening"), clock_ms=lambda: int(self.now.timestamp() * 1000))
        self.references = References(self.bus, Installed(self.bus, Basis(built_in_law(), built_in_parties())), lambda: self.now)
        self.lists = PartyLists(self.bus, self.references, lambda: self.now)
        self.clearing = Clearing(self.references, Hits(self.references, lambda: self.now), lambda: self.now)
        self.alerts = ClearanceAlerts(self.bus, self.clearing, lambda: self.now)
        self.keys = ApiKeys(self.bus.table(ApiKeys.TABLE))
        application = FastAPI()
        application.include_router(clearances_routes(self.clearing, Access(self.keys, lambda: self.now).require), prefix="/v1")
        self.http = AsyncClient(transport=ASGITransport(application), base_url="http://screening")

    async def start(self) -> None:
        self.bus.on_timer(by_beginning({HITS_CHANGED: self.alerts.on_timers}))
        await self.references.put_in_force()
        await self.lists.load(Request(name="cn"), io.BytesIO(ndjson(*LISTED)))
        for name in MET:
            await self.references.note(everybody_on(order(supplier=Party(name=name))))
        await self.bus.start()
        await self.alerts.watch()

    async def delta(self, *changes: tuple[str, dict[str, Any]]) -> None:
        rows = [{"op": operation, "entity": changed} for operation, changed in changes]
        await self.lists.load(Request(name="cn", delta=True), io.BytesIO(ndjson(*rows)))

    async def as_(self, name: str, *scopes: str) -> Callable[..., Any]:
        """Requests with a new key of this name."""
        secret, _ = await self.keys.create(name, scopes or ("orders:read", "clearances:write"), now=self.now)  # type: ignore[arg-type]

        async def ask(method: str, path: str, **how: Any) -> Response:
            return await self.http.request(method, f"/v1{path}", headers={"authorization": f"Bearer {secret}"}, **how)

        return ask

    async def raised(self) -> list[Alert]:
        entries = await self.bus.client.execute_command("XRANGE", "{p0}:alerts", "-", "+")
        return [AlertEvent.model_validate_json(fields[b"event"]).data for _, fields in entries]

    async def alerted(self, *states: str) -> list[Alert]:
        async def so() -> bool:
            return len(await self.raised()) >= len(states)

        await wait_until_async(so, f"{len(states)} alerts", seconds=10)
        found = await self.raised()
        assert [(alert.kind, alert.state) for alert in found] == [("clearance_void", state) for state in states]
        return found

    async def announced(self) -> list[ReferenceChangeEvent]:
        """Changes of clearances, in order."""
        entries = await self.bus.client.execute_command("XRANGE", "{p0}:reference-changes", "-", "+")
        events = [ReferenceChangeEvent.model_validate_json(fields[b"event"]) for _, fields in entries]
        return [event for event in events if event.data.kind == "clearances"]


@pytest.fixture
async def another(redis_url: str) -> AsyncIterator[Callable[[], Process]]:
    made: list[Process] = []

    def process() -> Process:
        made.append(Process(redis_url))
        return made[-1]

    yield process
    for one in made:
        await one.http.aclose()
        await one.bus.stop()


@pytest.fixture
async def process(another: Callable[[], Process]) -> Process:
    one = another()
    await one.start()
    return one


async def hit_on(process: Process, party: str) -> dict[str, Any]:
    ask = await process.as_("reader", "orders:read")
    (found,) = [hit for hit in (await ask("GET", "/hits")).json()["hits"] if hit["party"] == party]
    return found  # type: ignore[no-any-return]


def proposal(hit: dict[str, Any], **fields: Any) -> dict[str, Any]:
    pair = {name: hit[name] for name in ("party_fingerprint", "entry_fingerprint")}
    return {**pair, "reason": REASON, "valid_until": UNTIL, **fields}


async def cleared(process: Process, party: str) -> dict[str, Any]:
    anna, ben = await process.as_("Anna"), await process.as_("Ben")
    (waiting,) = (await anna("POST", "/clearances", json=proposal(await hit_on(process, party)))).json()["clearances"]
    done = await ben("POST", f"/clearances/{waiting['clearance_id']}/confirm")
    assert done.status_code == 200, done.text
    return done.json()  # type: ignore[no-any-return]


async def test_hits_are_shown_with_their_states_and_reasons(process: Process) -> None:
    hit = await hit_on(process, "Zhernovik Rotor Works Ltd")
    assert (hit["state"], hit["list_name"], hit["list_entry"], hit["score"]) == (
        "open",
        "export_control_list",
        "Zhernovik Rotor Works",
        "1",
    )
    assert "'Zhernovik Rotor Works Ltd' on the order is 'Zhernovik Rotor Works' on the list" in hit["explanation"]
    ask = await process.as_("reader", "orders:read")
    first = (await ask("GET", "/hits", params={"limit": 1})).json()
    second = (await ask("GET", "/hits", params={"limit": 1, "after": first["next"]})).json()
    assert {first["hits"][0]["party"], second["hits"][0]["party"]} == {"Zhernovik Rotor Works Ltd", "Copper Loom Inc."}
    assert (first["total"], second["next"]) == (2, None)
    await cleared(process, "Copper Loom Inc.")
    by_state = {state: (await ask("GET", "/hits", params={"state": state})).json()["total"] for state in ("open", "proposed", "cleared")}
    assert by_state == {"open": 1, "proposed": 0, "cleared": 1}
    assert (await ask("GET", "/hits", params={"list": "watch_list"})).json()["hits"] == []
    assert (await ask("POST", "/clearances", json=proposal(hit))).status_code == 403


async def test_one_key_proposes_and_another_of_another_name_confirms(process: Process, another: Callable[[], Process]) -> None:
    hit = await hit_on(process, "Zhernovik Rotor Works Ltd")
    anna, also_anna, ben = await process.as_("Anna"), await process.as_("anna "), await process.as_("Ben")
    made = await anna("POST", "/clearances", json=proposal(hit))
    (waiting,) = made.json()["clearances"]
    assert (made.status_code, waiting["proposed_by"]) == (201, "Anna")
    assert (await anna("POST", "/clearances", json=proposal(hit))).json()["clearances"] == [waiting]
    assert (await hit_on(process, "Zhernovik Rotor Works Ltd"))["state"] == "proposed"
    assert process.references.basis.clearances.version == NO_CLEARANCES.version
    for same in (anna, also_anna):
        refused = await same("POST", f"/clearances/{waiting['clearance_id']}/confirm")
        assert (refused.status_code, "somebody else with another key" in refused.json()["detail"]) == (409, True)
    done = (await ben("POST", "/clearances/confirm", json={"clearance_ids": [waiting["clearance_id"]]})).json()["clearances"]
    assert [each["confirmed_by"] for each in done] == ["Ben"]
    versions = await process.bus.reference_versions()
    assert (await another().references.in_force(versions)).clearances.version == versions["clearances"] != NO_CLEARANCES.version
    change = (await process.announced())[-1].data
    assert change.touched == [hit_key(hit["party_fingerprint"], hit["entry_fingerprint"])]
    revoked = await ben("POST", f"/clearances/{waiting['clearance_id']}/revoke")
    assert revoked.json()["revoked_by"] == "Ben"
    assert (await process.announced())[-1].data.touched == change.touched
    shown = (await ben("GET", "/clearances", params={"state": "revoked"})).json()
    assert [each["clearance_id"] for each in shown["clearances"]] == [waiting["clearance_id"]]


async def test_what_cannot_be_proposed_is_refused_with_its_reason_and_nothing_is_kept(process: Process) -> None:
    hit, other = await hit_on(process, "Zhernovik Rotor Works Ltd"), await hit_on(process, "Copper Loom Inc.")
    anna, ben = await process.as_("Anna"), await process.as_("Ben")
    for wrong, why in (
        (proposal(hit, reason="ok"), "Give a reason"),
        (proposal(hit, valid_until="2026-11-22"), "not after today"),
        (proposal(hit, entry_fingerprint="0" * 32), "stands: the party or the entry of the list has changed"),
    ):
        refused = await anna("POST", "/clearances", json={"clearances": [proposal(other), wrong]})
        assert refused.status_code == 422
        assert [why in reason for reason in refused.json()["refused"]] == [True]
    assert (await anna("GET", "/clearances")).json()["total"] == 0
    await anna("POST", "/clearances", json=proposal(hit))
    again = await ben("POST", "/clearances", json=proposal(hit))
    assert "Anna has proposed to clear Zhernovik Rotor Works Ltd of Zhernovik Rotor Works already" in again.json()["detail"]
    assert (await ben("POST", "/clearances/nothing/confirm")).status_code == 404


async def test_a_change_of_the_entry_voids_it_and_an_alert_says_so_until_it_is_settled(process: Process) -> None:
    clearance = await cleared(process, "Zhernovik Rotor Works Ltd")
    await process.delta(("MOD", entity("NK-1", "Zhernovik Rotor Works", registrationNumber=["12345678"])))
    ask = await process.as_("reader", "orders:read")
    (shown,) = (await ask("GET", "/clearances")).json()["clearances"]
    assert (shown["state"], (await hit_on(process, "Zhernovik Rotor Works Ltd"))["state"]) == ("void", "open")
    (alert,) = await process.alerted("firing")
    assert alert.evidence["clearance"] == clearance["clearance_id"]
    assert alert.summary.startswith("The clearance of Zhernovik Rotor Works Ltd of being Zhernovik Rotor Works on export_control_list")
    process.now += timedelta(hours=1)
    await cleared(process, "Zhernovik Rotor Works Ltd")
    assert [one.state for one in await process.alerted("firing", "resolved")] == ["firing", "resolved"]


async def test_a_party_that_changes_on_orders_is_a_hit_of_its_own_and_an_alert_says_so(process: Process) -> None:
    await cleared(process, "Zhernovik Rotor Works Ltd")
    changed = Party(name="Zhernovik Rotor Works Ltd", country="CN", identifiers={"REG": "87654321"})
    await process.references.note(everybody_on(order(supplier=changed)))
    process.now += timedelta(seconds=11)
    (alert,) = await process.alerted("firing")
    assert alert.cause.startswith("Orders say otherwise of Zhernovik Rotor Works Ltd than when it was cleared")
    ask = await process.as_("reader", "orders:read")
    assert sorted(hit["state"] for hit in (await ask("GET", "/hits")).json()["hits"] if "Zhernovik" in hit["party"]) == ["cleared", "open"]


async def test_an_entry_taken_off_the_list_leaves_nothing_to_alert(process: Process) -> None:
    await cleared(process, "Zhernovik Rotor Works Ltd")
    await process.delta(("MOD", entity("NK-1", "Zhernovik Rotor Works", registrationNumber=["12345678"])))
    await process.alerted("firing")
    process.now += timedelta(hours=1)
    await process.delta(("DEL", {"id": "NK-1"}), ("DEL", {"id": "NK-1-s"}))
    await process.alerted("firing", "resolved")


async def test_a_change_of_another_entry_leaves_it(process: Process) -> None:
    await cleared(process, "Zhernovik Rotor Works Ltd")
    await process.delta(("MOD", entity("NK-2", "Copper Loom", registrationNumber=["12345678"])))
    ask = await process.as_("reader", "orders:read")
    assert [each["state"] for each in (await ask("GET", "/clearances")).json()["clearances"]] == ["active"]
    process.now += timedelta(hours=1)
    await process.alerts.watch()

    async def looked() -> bool:
        return bool(await process.bus.client.execute_command("ZCARD", "{p0}:bus:timers:screening") == 0)

    await wait_until_async(looked, "the timer's turn", seconds=10)
    assert await process.raised() == []
