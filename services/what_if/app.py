"""Composes what-if. It runs beside screening, handles no event and stores nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime

from services.gateway.settings import Settings
from services.what_if.http import router
from services.what_if.open_orders import Running
from shared.access import Access, ApiKeys
from shared.bus import Bus, BusSettings
from shared.service import Service


def build(environment: Mapping[str, str], bus_settings: BusSettings) -> Service:
    """`bus_settings` are of the gateway's group, whose records are read."""

    def clock() -> datetime:
        return datetime.now(UTC)

    bus = Bus(bus_settings)
    access = Access(ApiKeys(bus.table(ApiKeys.TABLE)), clock)
    running = Running(environment, bus, clock)
    return Service(
        "what-if", bus.start, bus.stop, bus.health, routers=[router(running, Settings.from_environment(environment), access.require)]
    )
