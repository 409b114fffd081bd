"""Party lists in the running system: loaded, changed by deltas, refused, grown old; who is judged anew each time, and what is alerted."""

import io
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.screening.domain.basis import Basis
from services.screening.domain.parties import PartyOnOrder
from services.screening.domain.party_content import PartyListSource
from services.screening.domain.touching import everybody_on, party_key
from services.screening.installed import Installed
from services.screening.list_alerts import ListAlerts
from services.screening.list_formats.entries import ListRefused
from services.screening.list_status import status_of
from services.screening.party_lists import Loaded, PartyLists, Request
from services.screening.references import References
from shared.bus import Bus, BusSettings
from shared.contracts.alert import Alert, AlertEvent
from shared.contracts.order import Party
from shared.contracts.reference_change import EVERYTHING, ReferenceChangeEvent
from tests.support.waiting import wait_until_async
from tests.unit.screening.making import built_in_law, built_in_parties, order

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
OURS = PartyListSource(title="our own list", jurisdiction="OWN", authority="Compliance")
MET = ("Northern Rotor Works", "Rotor Sales Ltd", "Copper Loom Inc.", "Quiet Trading GmbH", "Hensoldt AG")


class Process:
    """One process that screens, with a clock of its own."""

    def __init__(self, url: str) -> None:
        self.now = NOW
        self.bus = Bus(BusSettings(url=url, group="screening"), clock_ms=lambda: int(self.now.timestamp() * 1000))
        self.references = References(self.bus, Installed(self.bus, Basis(built_in_law(), built_in_parties())), lambda: self.now)
        self.lists = PartyLists(self.bus, self.references, lambda: self.now)
        self.alerts = ListAlerts(self.bus, self.references, self.lists, lambda: self.now)

    async def start(self) -> None:
        self.bus.on_timer(self.alerts.on_timers)
        await self.references.put_in_force()
        for name in MET:
            await self.references.note(everybody_on(order(supplier=Party(name=name))))
        await self.bus.start()
        await self.alerts.watch()

    async def load(self, data: str | bytes, name: str = "ours", **fields: Any) -> Loaded:
        data = data.encode() if isinstance(data, str) else data
        return await self.lists.load(Request(name=name, **({"described": OURS} | fields)), io.BytesIO(data))

    async def raised(self) -> list[Alert]:
        entries = await self.bus.client.execute_command("XRANGE", "{p0}:alerts", "-", "+")
        return [AlertEvent.model_validate_json(fields[b"event"]).data for _, fields in entries]

    async def announced(self) -> list[ReferenceChangeEvent]:
        entries = await self.bus.client.execute_command("XRANGE", "{p0}:reference-changes", "-", "+")
        events = [ReferenceChangeEvent.model_validate_json(fields[b"event"]) for _, fields in entries]
        return [event for event in events if event.data.kind == "parties"]

    async def alerted(self, *expected: tuple[str, str]) -> list[Alert]:
        async def so() -> bool:
            return len(await self.raised()) >= len(expected)

        await wait_until_async(so, f"{len(expected)} alerts", seconds=10)
        found = await self.raised()
        assert [(alert.kind, alert.state) for alert in found] == list(expected)
        return found


@pytest.fixture
async def another(redis_url: str) -> AsyncIterator[Callable[[], Process]]:
    made: list[Process] = []

    def process() -> Process:
        made.append(Process(redis_url))
        return made[-1]

    yield process
    for one in made:
        await one.bus.stop()


@pytest.fixture
async def process(another: Callable[[], Process]) -> Process:
    one = another()
    await one.start()
    return one


def keys(*names: str) -> tuple[str, ...]:
    return tuple(sorted(party_key(PartyOnOrder("seller", (name,))) for name in names))


def entity(entity_id: str, schema: str, caption: str | None = None, **properties: list[str]) -> dict[str, Any]:
    return {
        "id": entity_id,
        "schema": schema,
        "caption": caption,
        "datasets": ["cn_sanctions"],
        "properties": {**({"name": [caption]} if caption else {}), **properties},
    }


def ndjson(*values: Any) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


LISTED = (
    entity("NK-1", "Company", "Northern Rotor Works", topics=["export.control"]),
    entity("NK-1-s", "Sanction", entity=["NK-1"], program=["List of Export Controls"], startDate=["2026-04-24"]),
    entity("NK-2", "Company", "Rotor Sales"),
    entity("own-1", "Ownership", owner=["NK-1"], asset=["NK-2"], percentage=["60"]),
)


async def test_a_loaded_list_is_in_force_everywhere_and_reaches_whom_it_names(process: Process, another: Callable[[], Process]) -> None:
    loaded = await process.load("name\nCopper Loom\nNobody We Know\n")
    assert (loaded.entries, loaded.added) == (2, 2)
    assert loaded.touched == keys("Copper Loom Inc.")
    elsewhere = another()
    assert (await elsewhere.references.current()).parties.version == loaded.version
    last = (await process.announced())[-1].data
    assert (last.version, tuple(last.touched)) == (loaded.version, loaded.touched)


async def test_a_party_is_reached_by_its_registry_number(process: Process) -> None:
    numbered = order(supplier=Party(name="Some Works", identifiers={"USCC": "91310000607202129J"}))
    await process.references.note(everybody_on(numbered))
    loaded = await process.load("name,identifiers\nWholly Different Holding,USCC:91310000607202129J\n")
    (seller,) = [party for party in everybody_on(numbered) if party.role == "seller"]
    assert loaded.touched == (party_key(seller),)


async def test_a_list_without_a_script_reaches_who_is_named_in_that_script_only(process: Process) -> None:
    await process.references.note(everybody_on(order(supplier=Party(name="北方转子厂"))))
    assert (await process.load("name\nNobody We Know\n")).touched == keys("北方转子厂")
    assert (await process.load("name\nNobody We Know\nNor Him\n")).touched == ()


async def test_the_same_list_again_reaches_nobody(process: Process) -> None:
    await process.load("name\nCopper Loom\n")
    assert (await process.load("name\nCopper Loom\n")).touched == ()


async def test_a_delta_adds_changes_and_removes_and_reaches_exactly_whom_it_concerns(process: Process) -> None:
    whole = await process.load(ndjson(*LISTED), "cn_sanctions", described=None)
    # The owned firm is reached with its owner.
    assert whole.touched == keys("Northern Rotor Works", "Rotor Sales Ltd")

    added = await process.load(
        ndjson(
            {"op": "ADD", "entity": entity("NK-3", "Company", "Copper Loom", topics=["export.control"])},
            {"op": "ADD", "entity": entity("NK-3-s", "Sanction", entity=["NK-3"], program=["Export Control Watch List"])},
        ),
        "cn_sanctions",
        described=None,
        delta=True,
    )
    assert (added.added, added.changed, added.removed, added.touched) == (1, 0, 0, keys("Copper Loom Inc."))

    changed = await process.load(
        ndjson(
            {
                "op": "MOD",
                "entity": entity(
                    "NK-1-s",
                    "Sanction",
                    entity=["NK-1"],
                    program=["List of Export Controls"],
                    startDate=["2026-04-24"],
                    endDate=["2026-12-01"],
                ),
            }
        ),
        "cn_sanctions",
        described=None,
        delta=True,
    )
    assert (changed.added, changed.changed, changed.removed) == (0, 1, 0)
    assert changed.touched == keys("Northern Rotor Works", "Rotor Sales Ltd")

    removed = await process.load(
        ndjson({"op": "DEL", "entity": {"id": "NK-3"}}, {"op": "DEL", "entity": {"id": "NK-3-s"}}),
        "cn_sanctions",
        described=None,
        delta=True,
    )
    assert (removed.removed, removed.touched) == (1, keys("Copper Loom Inc."))


async def test_ownership_facts_reach_the_owned(process: Process) -> None:
    facts = await process.load(
        "owner,owned,share_percent\nHensoldt,Quiet Trading,55\nA Stranger,Rotor Sales,90\n",
        "ownership",
        form="ownership-csv",
        described=None,
    )
    assert (facts.stakes, facts.touched) == (2, keys("Quiet Trading GmbH"))


async def test_a_refused_file_leaves_the_last_good_list_and_alerts_until_one_is_good(process: Process) -> None:
    rows = "".join(f"Firm {number}\n" for number in range(100))
    good = await process.load("name\n" + rows)
    for data in ("", "name\n" + "Firm 1\n" * 9, '{"results": [{"name": '):
        with pytest.raises(ListRefused):
            await process.load(data)
        assert (await process.references.current()).parties.version == good.version
    (shown,) = [one for one in await status_of(process.lists, process.references, NOW) if one.name == "ours"]
    assert (shown.entries, shown.refused is not None) == (100, True)
    (first, *_) = await process.alerted(("party_list_refused", "firing"))
    assert "last good one stays in force" in first.summary

    process.now += timedelta(minutes=5)
    await process.load("name\n" + "Firm 1\n" * 9, accept_shrunk=True)
    found = await process.alerted(("party_list_refused", "firing"), ("party_list_refused", "resolved"))
    assert found[1].since == first.since


async def test_a_list_grown_old_is_alerted_and_every_open_order_is_judged_anew(process: Process) -> None:
    await process.load("name\nCopper Loom\n")
    before = len(await process.announced())
    process.now += timedelta(days=8)
    await process.alerted(("party_list_stale", "firing"))
    (change,) = (await process.announced())[before:]
    assert change.data.touched == [EVERYTHING]
    (shown,) = [one for one in await status_of(process.lists, process.references, process.now) if one.name == "ours"]
    assert (shown.fresh, shown.age_days) == (False, 8)

    loaded = await process.load("name\nCopper Loom\n")
    assert loaded.touched == ("stale:ours",)
    await process.alerted(("party_list_stale", "firing"), ("party_list_stale", "resolved"))


async def test_a_removed_list_reaches_whom_it_named(process: Process) -> None:
    await process.load("name\nCopper Loom\n")
    assert await process.lists.remove("ours")
    assert tuple((await process.announced())[-1].data.touched) == tuple(sorted((*keys("Copper Loom Inc."), "stale:ours")))
    assert not await process.lists.remove("ours")


@pytest.mark.parametrize(
    ("data", "fields", "code"),
    [
        ("name\nA Firm\n", {"described": None}, "LIST_UNKNOWN"),
        ("name\nA Firm\n", {"name": "Our List"}, "NAME_UNUSABLE"),
        ("name\nA Firm\n", {"name": "built-in"}, "NAME_UNUSABLE"),
        ("name\nA Firm\n", {"delta": True}, "WRONG_MODE"),
        (ndjson({"op": "DEL", "entity": {"id": "NK-1"}}), {"delta": True}, "NOTHING_TO_CHANGE"),
        (ndjson({"op": "DEL", "entity": {"id": "NK-1"}}), {}, "WRONG_MODE"),
    ],
)
async def test_what_does_not_fit_is_refused(process: Process, data: str, fields: dict[str, Any], code: str) -> None:
    with pytest.raises(ListRefused) as refused:
        await process.load(data, **{"name": "ours", **fields})
    assert refused.value.code == code
