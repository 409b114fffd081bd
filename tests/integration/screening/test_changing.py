"""Law that changes while it runs: written and in force together or not at all, whoever else changes it at the same time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest

from services.screening.domain.basis import Basis
from services.screening.domain.instrument import Instrument
from services.screening.domain.law import LawError
from services.screening.installed import Installed, shipped_rows
from services.screening.references import References
from shared.bus import Bus, BusSettings
from shared.contracts.reference_change import ReferenceChangeEvent
from tests.unit.screening.making import built_in_law, built_in_parties

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def instrument(identifier: str, element: str = "Ga", **fields: object) -> Instrument:
    return Instrument.model_validate(
        {
            "id": identifier,
            "name": identifier,
            "title": "a test",
            "jurisdiction": "CN",
            "authority": "nobody",
            "issued": "2026-11-01",
            "citations": {"text": {"source": "S00", "checked_on": "2026-11-01", "confidence": "low"}},
            "items": [
                {
                    "code": "x",
                    "title": "a thing",
                    "group": "things",
                    "elements": [element],
                    "when": {"present": "listed"},
                    "citation": "text",
                }
            ],
            "limbs": [
                {
                    "id": "export",
                    "effect": "prohibited",
                    "items": "all",
                    "when": {"leaves": "CN"},
                    "valid_from": "2026-11-01",
                    "sentence": "{goods} may not leave China.",
                    "citation": "text",
                }
            ],
            **fields,
        }
    )


def row(one: Instrument) -> bytes:
    return one.model_dump_json(by_alias=True, exclude_defaults=True).encode()


@pytest.fixture
async def process(redis_url: str) -> AsyncIterator[Callable[[], References]]:
    """Each call is another process on the same Redis."""
    buses = []

    def another() -> References:
        buses.append(Bus(BusSettings(url=redis_url, group="screening", partitions=2)))
        return References(buses[-1], Installed(buses[-1], Basis(built_in_law(), built_in_parties())), lambda: NOW)

    yield another
    for bus in buses:
        await bus.stop()


async def announced(references: References) -> list[ReferenceChangeEvent]:
    """What one partition was told of the law, in order."""
    entries = await references._bus.client.execute_command("XRANGE", "{p0}:reference-changes", "-", "+")
    events = [ReferenceChangeEvent.model_validate_json(fields[b"event"]) for _, fields in entries]
    return [event for event in events if event.data.kind == "regulations"]


async def test_a_change_reaches_the_keys_of_its_elements_and_its_withdrawal_the_same(process: Callable[[], References]) -> None:
    references = process()
    await references.put_in_force()
    _, reached = await references.change({"instruments": {"test-1": row(instrument("test-1"))}})
    assert reached == {"regulations": {"element:Ga"}}
    assert "test-1" in references.basis.law.instruments
    assert (await references.change({"instruments": {"test-1": None}}))[1] == reached
    first, second, third = await announced(references)
    assert (first.data.version, second.data.previous_version) == (third.data.version, first.data.version)
    assert len({first.id, second.id, third.id}) == 3
    assert second.data.touched == third.data.touched == ["element:Ga"]


async def test_what_does_not_compile_leaves_nothing_behind(process: Callable[[], References]) -> None:
    references = process()
    await references.put_in_force()
    version = references.basis.law.version
    wrong = instrument(
        "test-1", suspends=[{"limbs": ["nothing"], "starts_on": "2026-11-01", "printed_end": None, "checked_on": "2026-11-01"}]
    )
    with pytest.raises(LawError, match="there is no instrument 'nothing' to suspend"):
        await references.change({"instruments": {"test-1": row(wrong), "test-2": row(instrument("test-2"))}})
    assert (await references.installed.rows())["instruments"] == {}
    assert (await references.would_reach({}))[0].law.version == version == references.basis.law.version


async def test_a_row_is_taken_back_where_another_one_came_in_between(process: Callable[[], References]) -> None:
    """The other process takes away what the row needs, after it was tried and before it is put in force."""
    references, other = process(), process()
    await references.change({"instruments": {"test-1": row(instrument("test-1"))}})
    act = {"limbs": ["test-1"], "starts_on": "2026-11-02", "printed_end": None, "checked_on": "2026-11-02"}
    suspension = instrument("test-2", items=[], limbs=[], suspends=[act])
    write = references.installed.write

    async def written_late(changes: dict[str, dict[str, bytes | None]]) -> None:
        references.installed.write = write  # type: ignore[method-assign]
        await other.change({"instruments": {"test-1": None}})
        await write(changes)

    references.installed.write = written_late  # type: ignore[assignment,method-assign]
    with pytest.raises(LawError, match="there is no instrument 'test-1'"):
        await references.change({"instruments": {"test-2": row(suspension)}})
    assert (await references.installed.rows())["instruments"] == {}
    assert references.basis.law.version == built_in_law().version == (await references._bus.reference_versions())["regulations"]


async def test_two_processes_that_change_at_once_lose_nothing(process: Callable[[], References]) -> None:
    one, two = process(), process()
    await one.put_in_force()
    await two.put_in_force()
    wanted = {f"test-{number}" for number in range(8)}
    reached = await asyncio.gather(
        *(
            references.change({"instruments": {f"test-{number}": row(instrument(f"test-{number}", element))}})
            for number, (references, element) in enumerate(
                zip([one, two] * 4, ["Ga", "Ge", "Sb", "W", "Te", "Bi", "Mo", "In"], strict=True)
            )
        )
    )
    versions = await one._bus.reference_versions()
    for references in (one, two):
        basis = await references.in_force(versions)
        assert wanted <= basis.law.instruments.keys()
        assert basis.law.version == versions["regulations"]
    told = {key for event in await announced(one) for key in event.data.touched}
    assert {f"element:{element}" for element in ("Ga", "Ge", "Sb", "W", "Te", "Bi", "Mo", "In")} <= told
    assert all(keys for _, keys in reached)


async def test_what_another_process_ships_is_what_all_build_upon(process: Callable[[], References]) -> None:
    """A command or an older replica that adds a rule does not bring its own files into force with it."""
    newer, other = process(), process()
    law = built_in_law()
    shipped = await newer.installed.compiled({**(await newer.installed.rows()), "instruments": {"new": row(instrument("new"))}})
    await newer.change(shipped_rows(shipped))
    await other.change({"instruments": {"test-1": row(instrument("test-1"))}})
    assert other.basis.law.instruments.keys() - law.instruments.keys() == {"new", "test-1"}
