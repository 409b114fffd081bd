"""Screening as a service: one event in, one event out, the same bytes every time; and the law in force, served."""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from services.screening.domain.basis import Basis, basis_of
from services.screening.domain.clearances import NO_CLEARANCES
from services.screening.domain.party_content import ListedName, Notice, PartyContent
from services.screening.domain.result import screened
from services.screening.handlers import Screening
from services.screening.http.regulations import regulations_routes
from services.screening.installed import LISTS, Installed
from services.screening.licence_cases import LicenceCases
from services.screening.references import Kind, References
from shared.bus import Bus, BusSettings
from shared.bus.types import Delivery, UndecodableEvent
from shared.contracts.order import OrderEvent, Party
from shared.contracts.screening import Answer, ScreeningEvent
from tests.unit.screening.making import built_in_law, built_in_parties, line, order

ORDER = OrderEvent(
    id="order-event",
    source="orestream/gateway",
    type="orestream.order.created.v1",
    subject="erp/1000/4711",
    time=datetime(2026, 11, 22, 8, tzinfo=UTC),
    data=order(
        line(line_id="10", description="Dysprosium oxide 99.5%", origin_country="CN"),
        line(line_id="20", description="Office chair", origin_country="CN"),
        line(line_id="30", description="4711-0815", origin_country="CN"),
    ),
)


def delivery(event: bytes) -> Delivery:
    return Delivery(stream="orders", partition=0, entry_id="1-1", event=event)


def basis() -> Basis:
    return Basis(built_in_law(), built_in_parties())


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    bus = Bus(BusSettings(url=redis_url, group="screening"))
    yield bus
    await bus.stop()


@pytest.fixture
def service(bus: Bus) -> Screening:
    return Screening(References(bus, Installed(bus, basis()), lambda: ORDER.time), LicenceCases(bus), bus, "1.2.3")


async def screenings_of(service: Screening, bus: Bus, event: bytes) -> list[tuple[str, bytes]]:
    (effects,) = await service.on_orders([delivery(event)], bus.state(0))
    if isinstance(effects, Exception):
        raise effects
    return effects.outputs


async def test_an_order_becomes_one_screening_with_all_its_lines(service: Screening, bus: Bus) -> None:
    ((stream, event),) = await screenings_of(service, bus, ORDER.encode())
    result = ScreeningEvent.model_validate_json(event)
    assert stream == "screenings"
    assert [(one.line_id, one.answers["CN"].answer) for one in result.data.lines] == [
        ("10", Answer.LICENCE_REQUIRED),
        ("20", Answer.NOT_CONTROLLED),
        ("30", Answer.NEEDS_INFORMATION),
    ]
    assert result.data.known_on == date(2026, 11, 22)
    assert result.data.versions == {**basis().versions("1.2.3"), "clearances": NO_CLEARANCES.version}
    assert set(result.data.versions) == {"regulations", "parties", "clearances", "code"}


async def test_the_same_order_gives_the_same_bytes_from_the_recorded_law_as_well(service: Screening, bus: Bus) -> None:
    (first,) = await screenings_of(service, bus, ORDER.encode())
    (second,) = await screenings_of(service, bus, ORDER.encode())
    assert first == second
    assert screened(ORDER, basis_of(basis().contents()), "1.2.3").encode() == first[1]


async def test_bytes_that_are_no_order_are_undecodable_and_nobody_waits_for_the_rest(service: Screening, bus: Bus) -> None:
    with pytest.raises(UndecodableEvent, match="not an order event"):
        await screenings_of(service, bus, b'{"specversion": "1.0"}')
    assert service.on_given_up(delivery(b"nonsense"), UndecodableEvent("nonsense")).outputs == []
    ((_, event),) = service.on_given_up(delivery(ORDER.encode()), RuntimeError("boom")).outputs
    failed = ScreeningEvent.model_validate_json(event).data
    assert (failed.outcome, failed.lines) == ("failed", [])
    assert failed.failure is not None
    assert "RuntimeError" in failed.failure


async def test_an_order_of_thousands_of_lines_keeps_nobody_from_their_turn(service: Screening, bus: Bus) -> None:
    lines = [
        line(line_id=str(number), description=f"Dysprosium oxide 99.5 %, batch {number} of colour {number % 89}") for number in range(4_000)
    ]
    large = ORDER.model_copy(update={"data": order(*lines)}).encode()
    longest = 0.0

    async def others() -> None:
        nonlocal longest
        turned = time.monotonic()
        while True:
            await asyncio.sleep(0)
            longest, turned = max(longest, time.monotonic() - turned), time.monotonic()

    turning = asyncio.create_task(others())
    try:
        ((_, event),) = await screenings_of(service, bus, large)
    finally:
        turning.cancel()
    assert len(ScreeningEvent.model_validate_json(event).data.lines) == 4_000
    assert longest < 1.5, "leases last two seconds"


async def test_a_party_met_while_a_change_looks_over_those_met_before_is_judged_by_the_change(bus: Bus, redis_url: str) -> None:
    """The names met so far are looked over once; whoever comes later has to be judged by what is in force by then."""
    met: list[dict[str, str]] = []

    class LookingOver(References):
        async def _reach(self, kind: Kind, before: Basis | None, after: Basis) -> frozenset[str]:
            reached = await super()._reach(kind, before, after)
            newcomer = Party(name=f"Newcomer {len(met)} Ltd.", country="CN")
            order = ORDER.model_copy(update={"data": ORDER.data.model_copy(update={"supplier": newcomer})})
            ((_, event),) = await screenings_of(elsewhere, bus, order.encode())
            met.append(ScreeningEvent.model_validate_json(event).data.versions)
            return reached

    shipped = Installed(bus, basis())
    await References(bus, shipped, lambda: ORDER.time).put_in_force()
    elsewhere = Screening(References(bus, shipped, lambda: ORDER.time), LicenceCases(bus), bus, "1.2.3")
    notice = Notice(list_name="watch_list", notice="a test", listed_on=date(2026, 11, 1), parties=[ListedName(name="Somebody Else GmbH")])
    row = zlib.compress(PartyContent(lists={}, notices=[notice]).model_dump_json(by_alias=True).encode())
    after, _ = await LookingOver(bus, Installed(bus, basis()), lambda: ORDER.time).change({LISTS: {"test": row}})
    assert met[-1]["parties"] == after.parties.version != built_in_parties().version


async def served(**query: str) -> dict[str, Any]:
    """The instruments as `GET /v1/regulations` gives them, by id."""

    def require(scope: str) -> Callable[..., Awaitable[object]]:
        async def let_through() -> None:
            return None

        return let_through

    application = FastAPI()
    application.include_router(regulations_routes(basis, require, lambda: datetime(2026, 11, 22, 8, tzinfo=UTC)), prefix="/v1")
    async with AsyncClient(transport=ASGITransport(application), base_url="http://screening") as client:
        answer = await client.get("/v1/regulations", params=query)
    return {instrument["instrument"]: instrument for instrument in answer.json()["instruments"]}


@pytest.mark.parametrize(
    ("instrument", "limb", "query", "status"),
    [
        ("cn-mofcom-gacc-18-2025", "export", {}, "in_force"),
        ("cn-mofcom-gacc-18-2025", "export", {"valid_on": "2025-04-03"}, "not_issued"),
        ("cn-mofcom-61-2025", "art1_3", {"valid_on": "2025-10-20"}, "in_force"),
        ("cn-mofcom-61-2025", "art1_3", {}, "suspended_as_stated"),
        ("cn-mofcom-46-2024", "art2", {"valid_on": "2026-11-27"}, "unsettled"),
        ("cn-mofcom-gacc-57-2025", "export", {"valid_on": "2026-11-20", "known_on": "2026-09-01"}, "unsettled"),
    ],
)
async def test_the_law_in_force_is_served_per_instrument_and_day(instrument: str, limb: str, query: dict[str, str], status: str) -> None:
    limbs = (await served(**query))[instrument]["limbs"]
    assert {one["limb"]: one["status"] for one in limbs}[limb] == status


async def test_what_is_not_modelled_is_served_as_such() -> None:
    instruments = await served()
    assert instruments["cn-mofcom-gacc-18-2025"]["coverage"] == "modelled"
    assert instruments["cn-mofcom-gacc-89-2025"]["coverage"] == "flagged"
    assert instruments["cn-mofcom-51-2024"]["coverage"] == "absent"
