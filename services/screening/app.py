"""Composes screening: law and lists, bus, handler, routes."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from services.screening import claims, party_lists, shipped_files
from services.screening.clearance_alerts import ClearanceAlerts
from services.screening.clearing import Clearing
from services.screening.domain.basis import Basis
from services.screening.drafts import Drafts
from services.screening.handlers import Screening
from services.screening.hits import Hits
from services.screening.http import router
from services.screening.http.parts import Parts
from services.screening.installed import Installed
from services.screening.licence_cases import LicenceCases
from services.screening.list_alerts import ListAlerts
from services.screening.list_status import show_ages
from services.screening.packs import Packs
from services.screening.party_lists import PartyLists
from services.screening.references import HITS_CHANGED, References
from services.screening.regulation_files import FilesRefused
from services.screening.settings import Settings
from services.screening.shipped_files import ShippedFiles, read_files
from shared.access import Access, ApiKeys, Require
from shared.bus import Bus, BusSettings, by_beginning
from shared.bus.types import Health
from shared.contracts.alert import AlertEvent
from shared.contracts.licence import LicenceEvent
from shared.contracts.order import OrderEvent
from shared.contracts.reference_change import ReferenceChangeEvent
from shared.contracts.screening import ScreeningEvent
from shared.service import Service


def build(environment: Mapping[str, str], bus_settings: BusSettings) -> Service:
    """Starting it raises FilesRefused, naming file and line, where law or lists cannot be used and the bus holds none that can."""

    def clock() -> datetime:
        return datetime.now(UTC)

    bus = Bus(bus_settings)
    return compose(Settings.from_environment(environment), bus, Access(ApiKeys(bus.table(ApiKeys.TABLE)), clock).require, clock)


def compose(settings: Settings, bus: Bus, require: Require, clock: Callable[[], datetime]) -> Service:
    """Screening on a bus of group `screening`."""
    files: Basis | FilesRefused
    try:
        files = read_files(settings)
    except FilesRefused as refused:
        files = refused
    # Where the files are refused, what comes with the product stands in until `start` has found the last good set on the bus.
    references = References(bus, Installed(bus, files if isinstance(files, Basis) else read_files(Settings())), clock)
    drafts = Drafts(references, clock)
    packs = Packs(references, clock, settings.pack_keys, settings.code_version)
    shipped = ShippedFiles(settings, bus, references, clock)
    licences = LicenceCases(bus)
    screening = Screening(references, licences, bus, settings.code_version)
    bus.on("orders", screening.on_orders, event=OrderEvent)
    bus.on_dead_letter("orders", screening.on_given_up)
    bus.on("licences", licences.on_licences, event=LicenceEvent)
    bus.emits("screenings", ScreeningEvent)
    bus.emits("reference-changes", ReferenceChangeEvent)
    lists = PartyLists(bus, references, clock)
    alerts = ListAlerts(bus, references, lists, clock)
    clearing = Clearing(references, Hits(references, clock), clock)
    void_clearances = ClearanceAlerts(bus, clearing, clock)
    bus.on_timer(
        by_beginning(
            {
                claims.TIMER: claims.Reallocating(bus, licences).on_timers,
                party_lists.TIMER: alerts.on_timers,
                HITS_CHANGED: void_clearances.on_timers,
                shipped_files.TIMER: shipped.on_timers,
            }
        )
    )
    bus.emits("alerts", AlertEvent)

    async def start() -> None:
        """Law and lists are announced before the first order is screened with them, so that the ledger can keep them."""
        await shipped.put_in_force(files)
        await bus.start()
        await alerts.watch()
        await void_clearances.watch()

    async def health() -> Health:
        state = await bus.health()
        return Health(state.ready, (*state.reasons, shipped.refusal)) if shipped.refusal else state

    async def refresh_metrics() -> None:
        await show_ages(references, clock())

    return Service(
        "screening",
        start,
        bus.stop,
        health,
        routers=[router(Parts(bus, references, drafts, packs, shipped, lists, clearing, licences, clock), require)],
        status=bus.status,
        refresh_metrics=refresh_metrics,
        described=bus.described,
    )
