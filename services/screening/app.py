"""Composes screening: law and lists, bus, handler, routes."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from services.screening.domain.basis import Basis
from services.screening.handlers import Screening
from services.screening.http import Require, router
from services.screening.http.lists import lists_router
from services.screening.installed import Installed
from services.screening.list_alerts import ListAlerts
from services.screening.list_status import show_ages
from services.screening.party_lists import PartyLists
from services.screening.references import References
from services.screening.regulation_files import load_law, load_parties
from services.screening.settings import Settings
from shared.access import Access, ApiKeys
from shared.bus import Bus, BusSettings
from shared.contracts.alert import AlertEvent
from shared.contracts.order import OrderEvent
from shared.contracts.reference_change import ReferenceChangeEvent
from shared.contracts.screening import ScreeningEvent
from shared.service import Service


def build(environment: Mapping[str, str], bus_settings: BusSettings) -> Service:
    """Raises FilesRefused, naming file and line, where law or lists cannot be used."""

    def clock() -> datetime:
        return datetime.now(UTC)

    bus = Bus(bus_settings)
    return compose(Settings.from_environment(environment), bus, Access(ApiKeys(bus.table(ApiKeys.TABLE)), clock).require, clock)


def compose(settings: Settings, bus: Bus, require: Require, clock: Callable[[], datetime]) -> Service:
    """Screening on a bus of group `screening`."""
    references = References(bus, Installed(bus, Basis(load_law(settings.regulations), load_parties(settings.parties))), clock)
    screening = Screening(references, settings.code_version)
    bus.on("orders", screening.on_orders, event=OrderEvent)
    bus.on_dead_letter("orders", screening.on_given_up)
    bus.emits("screenings", ScreeningEvent)
    bus.emits("reference-changes", ReferenceChangeEvent)
    lists = PartyLists(bus, references, clock)
    alerts = ListAlerts(bus, references, lists, clock)
    bus.on_timer(alerts.on_timers)
    bus.emits("alerts", AlertEvent)

    async def start() -> None:
        """Law and lists are announced before the first order is screened with them, so that the ledger can keep them."""
        await references.put_in_force()
        await bus.start()
        await alerts.watch()

    async def refresh_metrics() -> None:
        await show_ages(references, clock())

    return Service(
        "screening",
        start,
        bus.stop,
        bus.health,
        routers=[router(lambda: references.basis, require, clock), lists_router(lists, references, require, clock)],
        status=bus.status,
        refresh_metrics=refresh_metrics,
        described=bus.described,
    )
