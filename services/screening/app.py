"""Composes screening: law and lists, bus, handler, routes."""

import base64
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Literal

from services.screening.handlers import Screening
from services.screening.http import Require, router
from services.screening.regulation_files import load_law, load_parties
from services.screening.settings import Settings
from shared.access import Access, ApiKeys
from shared.bus import Bus, BusSettings, one_by_one
from shared.contracts.canonical import derive_id
from shared.contracts.envelope import child_traceparent
from shared.contracts.order import OrderEvent
from shared.contracts.reference_change import ReferenceChange, ReferenceChangeEvent
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
    law = load_law(settings.regulations)
    parties = load_parties(settings.parties)
    screening = Screening(law, parties, settings.code_version)
    bus.on("orders", one_by_one(screening.on_order), event=OrderEvent)
    bus.on_dead_letter("orders", screening.on_given_up)
    bus.emits("screenings", ScreeningEvent)
    bus.emits("reference-changes", ReferenceChangeEvent)

    async def start() -> None:
        """Law and lists are announced before the first order is screened with them, so that the ledger can keep them."""
        await bus.announce_reference("regulations", law.version, _announced("regulations", law.version, law.content, clock()))
        await bus.announce_reference("parties", parties.version, _announced("parties", parties.version, parties.content, clock()))
        await bus.start()

    return Service(
        "screening",
        start,
        bus.stop,
        bus.health,
        routers=[router(law, parties, require, clock)],
        status=bus.status,
        described=bus.described,
    )


def _announced(kind: Literal["regulations", "parties"], version: str, content: bytes, now: datetime) -> bytes:
    event_id = derive_id("reference-change", kind, version)
    return ReferenceChangeEvent(
        id=event_id,
        source="orestream/screening",
        type="orestream.reference.changed.v1",
        subject=kind,
        time=now,
        dataschema="https://orestream.invalid/schemas/orestream.reference.changed.v1.json",
        traceparent=child_traceparent(None, event_id),
        data=ReferenceChange(kind=kind, version=version, content_zlib=base64.b64encode(zlib.compress(content))),
    ).encode()
