"""Licences and claims on a real bus: what is promised at once in several partitions comes out right in the end, and is given back."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import redis

from services.replaying import recompute_screening
from services.screening.claims import TIMER, Reallocating, rows_of
from services.screening.domain.basis import Basis
from services.screening.handlers import Screening
from services.screening.installed import Installed
from services.screening.licence_cases import LicenceCases
from services.screening.licence_overview import standing, standings
from services.screening.references import References
from shared.bus import Bus, BusSettings, by_beginning
from shared.bus.keys import stream_key
from shared.bus.types import Append
from shared.contracts.canonical import derive_id
from shared.contracts.licence import LicenceEvent
from shared.contracts.order import LineShipment, OrderEvent, OrderSnapshot
from tests.support.waiting import wait_until_async
from tests.unit.screening.domain.licensing.covering import licence, ordered, oxide
from tests.unit.screening.making import built_in_law, built_in_parties

PARTITIONS = 4
MOMENT = datetime(2026, 11, 22, 8, tzinfo=UTC)
BASIS = Basis(built_in_law(), built_in_parties())


@dataclass
class Screenings:
    """Screening on four partitions, and a ledger's part in it: orders that a change reaches are sent again."""

    bus: Bus
    gateway: Bus
    cases: LicenceCases
    redis: redis.Redis
    orders: dict[str, OrderEvent] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    async def send(self, *orders: OrderEvent) -> None:
        appends = []
        for order in orders:
            self.orders[order.subject] = order
            appends.append(Append(order.subject, f"sent:{order.id}", 0, 1, b"", outputs=(("orders", order.encode()),)))
        assert all(await self.gateway.append(appends))

    async def report(self, **fields: Any) -> None:
        data = licence(**{"unit": "KGM", **fields})
        event = LicenceEvent(
            id=derive_id("licence", data.model_dump_json()),
            source="orestream/gateway",
            type="orestream.licence.recorded.v1",
            subject=data.licence_id,
            time=MOMENT,
            data=data,
        )
        append = Append(data.licence_id, f"sent:{event.id}", 0, 1, b"", outputs=(("licences", event.encode()),))
        assert await self.gateway.append([append]) == [True]

    def events(self, stream: str) -> list[dict[str, Any]]:
        found = []
        for partition in range(PARTITIONS):
            for _, fields in self.redis.xrange(stream_key(partition, stream)):  # type: ignore[arg-type, union-attr, misc]
                found.append(json.loads(fields[b"event"]))
        return found

    def latest(self) -> dict[str, dict[str, Any]]:
        """By order the last screening."""
        found: dict[str, dict[str, Any]] = {}
        for event in self.events("screenings"):
            known = found.get(event["subject"])
            if known is None or event["data"]["round"] > known["data"]["round"]:
                found[event["subject"]] = event
        return found

    def granted(self) -> dict[str, str | None]:
        return {
            key: line["cover"]["granted"] if line["cover"] else None
            for key, event in self.latest().items()
            for line in event["data"]["lines"]
        }

    async def ask_again(self) -> int:
        """Sends every order again whose last screening a change touches that it was not asked again for yet."""
        changes = {event["id"]: set(event["data"]["touched"]) for event in self.events("reference-changes")}
        again = []
        for key, event in self.latest().items():
            for change, touched in changes.items():
                if f"{change}/{key}" not in self.asked and touched & set(event["data"]["touched"]):
                    self.asked.add(f"{change}/{key}")
                    again.append(key)
        for key in dict.fromkeys(again):
            order = self.orders[key]
            round_ = order.data.round + 1
            data = order.data.model_copy(update={"round": round_})
            await self.send(order.model_copy(update={"id": derive_id(key, str(round_)), "data": data}))
        return len(again)

    async def until(self, expected: dict[str, str | None]) -> None:
        async def holds() -> bool:
            await self.ask_again()
            return self.granted() == expected

        await wait_until_async(holds, f"shares are {expected}", seconds=30)


@asynccontextmanager
async def screening(url: str) -> AsyncIterator[Screenings]:
    bus = Bus(BusSettings(url=url, group="screening", partitions=PARTITIONS))
    gateway = Bus(BusSettings(url=url, group="gateway", partitions=PARTITIONS))
    cases = LicenceCases(bus)
    service = Screening(References(bus, Installed(bus, BASIS), lambda: MOMENT), cases, bus, "test")
    bus.on("orders", service.on_orders)
    bus.on("licences", cases.on_licences)
    bus.on_timer(by_beginning({TIMER: Reallocating(bus, cases).on_timers}))
    await bus.start()
    try:
        yield Screenings(bus, gateway, cases, redis.Redis.from_url(url))
    finally:
        await bus.stop()
        await gateway.stop()


@pytest.fixture
async def running(redis_url: str) -> AsyncIterator[Screenings]:
    async with screening(redis_url) as found:
        yield found


def order(order_id: str, kilograms: int = 100, *, minutes: int = 0, snapshot: OrderSnapshot | None = None) -> OrderEvent:
    data = snapshot or ordered(oxide(kilograms=kilograms), order_id=order_id)
    return OrderEvent(
        id=derive_id("order", order_id, str(data.revision.received_seq)),
        source="orestream/gateway",
        type="orestream.order.created.v1",
        subject=str(data.order_key),
        time=MOMENT + timedelta(minutes=minutes),
        data=data,
    )


def key(order_id: str) -> str:
    return f"erp/1000/{order_id}"


async def test_orders_in_all_partitions_share_a_licence_in_the_order_in_which_they_came(running: Screenings) -> None:
    await running.report(quantity="250")
    names = [f"A{number}" for number in range(5)]
    assert len({running.bus.partition_of(key(name)) for name in names}) > 1
    await asyncio.gather(*(running.send(order(name, minutes=number)) for number, name in enumerate(names)))
    await running.until({key("A0"): "100", key("A1"): "100", key("A2"): "50", key("A3"): "0", key("A4"): "0"})
    (found,) = await standings(running.bus, running.cases, MOMENT.date())
    assert (found.promised, found.left, found.waiting) == (250, 0, 250)


async def test_a_cancelled_order_gives_back_and_those_who_wait_are_asked_again(running: Screenings) -> None:
    await running.report(quantity="250")
    for number, name in enumerate(["B0", "B1", "B2"]):
        await running.send(order(name, minutes=number))
    await running.until({key("B0"): "100", key("B1"): "100", key("B2"): "50"})
    await running.send(order("B0", minutes=10, snapshot=ended(running.orders[key("B0")].data, "cancelled")))
    await running.until({key("B1"): "100", key("B2"): "100"})
    assert set(await rows_of(running.bus, "X")) == {key("B1"), key("B2")}


def ended(first: OrderSnapshot, status: str, **line_fields: Any) -> OrderSnapshot:
    """The order's next state, in a round behind all others."""
    lines = [line.model_copy(update={"line_status": status, **line_fields}) for line in first.lines]
    revision = first.revision.model_copy(update={"received_seq": first.revision.received_seq + 1})
    return first.model_copy(update={"status": status, "lines": lines, "revision": revision, "round": 9})


async def test_a_closed_order_has_used_what_it_was_delivered_and_all_of_it_where_nobody_says(running: Screenings) -> None:
    await running.report(quantity="250")
    for number, name in enumerate(["F0", "F1", "F2"]):
        await running.send(order(name, minutes=number))
    await running.until({key("F0"): "100", key("F1"): "100", key("F2"): "50"})
    await running.send(order("F0", minutes=9, snapshot=ended(running.orders[key("F0")].data, "closed")))
    short = LineShipment(shipment_id="S1", quantity=60, departed_on=MOMENT.date())
    await running.send(order("F1", minutes=9, snapshot=ended(running.orders[key("F1")].data, "closed", shipments=[short])))
    await running.until({key("F0"): None, key("F1"): "60", key("F2"): "90"})
    (found,) = await standings(running.bus, running.cases, MOMENT.date())
    assert (found.drawn, found.promised, found.left) == (160, 90, 0)


async def test_a_licence_that_comes_later_reaches_only_lines_that_it_may_cover(running: Screenings) -> None:
    others = oxide(description="Office chair", item=oxide().item)
    await running.send(order("C0"), order("C1", snapshot=ordered(others, order_id="C1")))
    await running.until({key("C0"): None, key("C1"): None})
    await running.report(quantity="80", control_codes=["1C905"])
    await running.until({key("C0"): "80", key("C1"): None})
    rounds = {subject: event["data"]["round"] for subject, event in running.latest().items()}
    assert rounds == {key("C0"): 2, key("C1"): 1}
    versions = running.latest()[key("C0")]["data"]["versions"]
    assert versions["licences"] == (await running.bus.reference_versions())["licences"]


async def test_a_recorded_screening_is_made_again_byte_for_byte_whatever_was_claimed_since(running: Screenings) -> None:
    await running.report(quantity="150")
    await running.send(order("D0"))
    await running.until({key("D0"): "100"})
    await running.send(order("D1", minutes=1))
    await running.until({key("D0"): "100", key("D1"): "50"})
    await running.report(quantity="400")
    await running.until({key("D0"): "100", key("D1"): "100"})
    contents = BASIS.contents()
    compared = 0
    sent = {event["id"]: event for event in running.events("orders")}
    for partition in range(PARTITIONS):
        for _, fields in running.redis.xrange(stream_key(partition, "screenings")):  # type: ignore[arg-type, union-attr, misc]
            recorded: bytes = fields[b"event"]
            event = json.loads(recorded)
            again = recompute_screening(json.dumps(sent[event["data"]["order_event_id"]]).encode(), contents, recorded)
            version = json.loads(again)["data"]["versions"]["code"]
            assert _without_code(again, version) == _without_code(recorded, "test")
            compared += 1
    assert compared >= 4


def _without_code(event: bytes, version: str) -> dict[str, Any]:
    """The event but for what follows from the version of Orestream that made it."""
    said: dict[str, Any] = json.loads(event)
    assert said["data"]["versions"].pop("code") == version
    return {name: value for name, value in said.items() if name not in ("id", "traceparent")}


async def test_after_its_last_day_a_licence_covers_nothing_any_more(running: Screenings) -> None:
    await running.report(quantity="150")
    await running.send(order("E0"))
    await running.until({key("E0"): "100"})
    assert running.latest()[key("E0")]["data"]["recheck_on"] == "2027-03-02"
    first = running.orders[key("E0")]
    data = first.data.model_copy(update={"round": 7})
    await running.send(first.model_copy(update={"id": "later", "data": data, "time": datetime(2027, 3, 2, 0, 0, 1, tzinfo=UTC)}))
    await running.until({key("E0"): None})
    assert await rows_of(running.bus, "X") == {}


async def test_bytes_that_are_no_licence_are_undecodable(running: Screenings) -> None:
    append = Append("Z", "sent:z", 0, 1, b"", outputs=(("licences", b'{"specversion": "1.0"}'),))
    assert await running.gateway.append([append]) == [True]

    async def given_up() -> bool:
        return len(running.events("dead-letters")) == 1

    await wait_until_async(given_up, "the bytes are dead letters")


def test_a_licence_without_quantity_has_nothing_to_count() -> None:
    found = standing(licence(kind="general", quantity=None, unit=None), {}, MOMENT.date())
    assert (found.drawn, found.left, found.valid) == (None, None, True)
    assert standing(licence(), {}, MOMENT.date()).left == Decimal(300)
