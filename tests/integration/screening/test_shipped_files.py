"""A directory with a mistake is refused whole, with file, line and reason; the last good set stays in force, and everybody is told."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.screening.app import compose
from services.screening.regulation_files import REGULATIONS, FilesRefused
from services.screening.settings import Settings
from services.screening.shipped_files import ShippedFiles
from shared.bus import Bus, BusSettings
from shared.contracts.alert import AlertEvent
from shared.service import Service

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def require(_scope: str) -> Callable[..., Awaitable[Any]]:
    async def let_through() -> None:
        return None

    return let_through


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Two instruments are law enough."""
    directory = tmp_path / "law"
    directory.mkdir()
    for name in ("common.yaml", "cn/18-2025.yaml", "cn/23-2023.yaml"):
        shutil.copy(REGULATIONS / name, directory)
    return directory


@asynccontextmanager
async def service(redis_url: str, directory: Path) -> AsyncIterator[tuple[Service, Bus]]:
    bus = Bus(BusSettings(url=redis_url, group="screening"))
    composed = compose(Settings(regulations=directory), bus, require, lambda: datetime.now(UTC))
    try:
        await composed.start()
        yield composed, bus
    finally:
        await bus.stop()


def broken(directory: Path) -> None:
    file = directory / "18-2025.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("effect: licence_required", "effect: licence_requird"), encoding="utf-8")


def mended(directory: Path) -> None:
    shutil.copy(REGULATIONS / "cn/18-2025.yaml", directory)


async def alerts(bus: Bus, count: int) -> list[AlertEvent]:
    for _ in range(200):
        entries = await bus.client.execute_command("XRANGE", "{p0}:alerts", "-", "+")
        events = [AlertEvent.model_validate_json(fields[b"event"]) for _, fields in entries]
        if len(events) >= count:
            return events
        await asyncio.sleep(0.02)
    raise AssertionError(f"{len(events)} alerts instead of {count}")


def behind() -> float | None:
    return REGISTRY.get_sample_value("orestream_references_behind")


async def test_with_nothing_on_the_bus_a_broken_directory_starts_nothing(redis_url: str, directory: Path) -> None:
    broken(directory)
    with pytest.raises(FilesRefused, match=r"18-2025.yaml:\d+: .*effect"):
        async with service(redis_url, directory):
            pass


async def test_after_a_restart_the_last_good_set_stays_in_force_and_everybody_is_told(redis_url: str, directory: Path) -> None:
    async with service(redis_url, directory) as (_, bus):
        good = await bus.reference_versions()
    broken(directory)
    async with service(redis_url, directory) as (restarted, bus):
        health = await restarted.health()
        assert health.ready
        (reason,) = health.reasons
        assert "18-2025.yaml:" in reason
        assert "last good set stays in force" in reason
        assert behind() == 1
        assert await bus.reference_versions() == good
        (raised,) = await alerts(bus, 1)
        assert (raised.data.state, raised.data.severity) == ("firing", "critical")
        assert "18-2025.yaml:" in raised.data.cause
    mended(directory)
    async with service(redis_url, directory) as (restarted, bus):
        assert (await restarted.health()).reasons == ()
        assert behind() == 0
        assert [event.data.state for event in await alerts(bus, 2)] == ["firing", "resolved"]
        assert await bus.reference_versions() == good


async def test_files_are_read_again_while_running(redis_url: str, directory: Path) -> None:
    async with service(redis_url, directory) as (_, bus):
        from services.screening.references import references_on

        references = await references_on(bus, lambda: NOW)
        shipped = ShippedFiles(Settings(regulations=directory), bus, references, lambda: NOW)
        first = await bus.reference_versions()
        (directory / "23-2023.yaml").unlink()
        reached = await shipped.reload()
        assert "element:Ga" in reached
        assert "element:Dy" not in reached
        without = await bus.reference_versions()
        assert without["regulations"] != first["regulations"]
        broken(directory)
        with pytest.raises(FilesRefused, match=r"18-2025.yaml:\d+"):
            await shipped.reload()
        assert await bus.reference_versions() == without
        mended(directory)
        shutil.copy(REGULATIONS / "cn/23-2023.yaml", directory)
        assert await shipped.reload() == reached
        assert await bus.reference_versions() == first


async def test_what_was_entered_does_not_fit_new_files_and_stays_in_force_with_the_old_ones(redis_url: str, directory: Path) -> None:
    """A rule that suspends an instrument which the new files no longer hold."""
    from services.screening.references import references_on
    from tests.integration.screening.test_changing import instrument, row

    async with service(redis_url, directory) as (_, bus):
        references = await references_on(bus, lambda: NOW)
        act = {"limbs": ["cn-mofcom-gacc-23-2023"], "starts_on": "2026-11-20", "printed_end": None, "checked_on": "2026-11-20"}
        await references.change({"instruments": {"test": row(instrument("test", items=[], limbs=[], suspends=[act]))}})
        good = await bus.reference_versions()
    (directory / "23-2023.yaml").unlink()
    async with service(redis_url, directory) as (restarted, bus):
        assert "there is no instrument 'cn-mofcom-gacc-23-2023' to suspend" in (await restarted.health()).reasons[0]
        assert await bus.reference_versions() == good
