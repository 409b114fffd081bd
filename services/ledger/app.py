"""Composes the ledger: settings, book, bus, handlers, routes, metrics."""

import asyncio
import time
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final

from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from services.ledger import announcements, cliff_alerts, metrics, store
from services.ledger.book import Rules
from services.ledger.cliff_alerts import CliffAlerts
from services.ledger.domain.assessment import PolicyInForce
from services.ledger.handlers import TIMERS, Behind, Ledger
from services.ledger.http import router
from services.ledger.migrations import migrate
from services.ledger.policy_file import load_policy, policy_announced
from services.ledger.settings import RESULT_STREAMS, LedgerSettings
from shared.access import Access, ApiKeys, Require
from shared.bus import Bus, BusSettings, by_beginning
from shared.bus.types import Health, StreamName
from shared.contracts.alert import AlertEvent
from shared.contracts.assessment import AssessmentEvent
from shared.contracts.base import instant_text
from shared.contracts.order import OrderEvent
from shared.contracts.price_risk import PriceRiskEvent
from shared.contracts.reference_change import ReferenceChangeEvent
from shared.contracts.screening import ScreeningEvent
from shared.contracts.supply_risk import SupplyRiskEvent
from shared.service import Service

WRITERS_ON_POSTGRESQL = 4
RESULT_EVENTS: Final[Mapping[str, type[BaseModel]]] = {
    "screening": ScreeningEvent,
    "pricing-risk": PriceRiskEvent,
    "stockpile-advisor": SupplyRiskEvent,
}
"""What each service emits, for the AsyncAPI document."""


def build(environment: Mapping[str, str], bus_settings: BusSettings) -> Service:
    """Raises SettingsError, DocumentRefused."""
    bus = Bus(bus_settings)
    access = Access(ApiKeys(bus.table(ApiKeys.TABLE)), lambda: datetime.now(UTC))
    return compose(LedgerSettings.from_environment(environment), bus, access.require)


def compose(settings: LedgerSettings, bus: Bus, require: Require) -> Service:
    """The ledger on a bus of group `ledger`. Raises DocumentRefused."""
    policy = load_policy(settings.policy_file)
    engine = store.open_engine(settings.database_url)
    executor = ThreadPoolExecutor(WRITERS_ON_POSTGRESQL if engine.dialect.name == "postgresql" else 1, thread_name_prefix="ledger")
    rules = Rules(
        awaited=settings.awaited,
        partial_after_ms=int(settings.partial_after_seconds * 1000),
        final_after_ms=int(settings.final_after_seconds * 1000),
        in_force=PolicyInForce(policy.policy, policy.version),
        code=settings.code_version,
    )
    streams: list[StreamName] = [RESULT_STREAMS[service] for service in settings.awaited]

    groups = {"ledger", *settings.awaited}

    async def behind() -> Behind:
        status = await bus.status()
        results = [each.oldest_undelivered_seconds for each in status if each.group == "ledger" and each.stream in streams]
        orders = [each.oldest_undelivered_seconds for each in status if each.group in groups and each.stream in ("orders", "screenings")]
        return Behind(max(results, default=0.0), max(orders, default=0.0))

    ledger = Ledger(engine, rules, executor, behind, time.time)
    bus.on("orders", ledger.on_events, event=OrderEvent)
    for service, stream in zip(settings.awaited, streams, strict=True):
        bus.on(stream, ledger.on_events, event=RESULT_EVENTS[service])
    for stream in ("orders", *streams):
        bus.on_dead_letter(stream, ledger.on_given_up)
    bus.on("reference-changes", ledger.on_reference_changes, event=ReferenceChangeEvent)
    cliffs = CliffAlerts(engine, bus, settings.cliff_alert_days, lambda: datetime.now(UTC))
    bus.on_timer(by_beginning({cliff_alerts.TIMER: cliffs.on_timers, **dict.fromkeys(TIMERS, ledger.on_timers)}))
    bus.emits("assessments", AssessmentEvent)
    bus.emits("orders", OrderEvent)
    bus.emits("reference-changes", ReferenceChangeEvent)
    bus.emits("alerts", AlertEvent)

    def open_book() -> None:
        migrate(engine)
        with store.writing(engine) as connection:
            store.announce_reference(
                connection, "policy", policy.version, None, zlib.compress(policy.content), instant_text(datetime.now(UTC))
            )

    async def start() -> None:
        await asyncio.to_thread(open_book)
        await bus.start()
        await cliffs.watch()
        await bus.announce_reference("policy", policy.version, policy_announced(policy, datetime.now(UTC)))

    async def stop() -> None:
        await bus.stop()
        executor.shutdown()
        engine.dispose()

    async def health() -> Health:
        of_bus = await bus.health()
        try:
            await asyncio.to_thread(open_rounds)
        except SQLAlchemyError as error:
            return Health(False, (*of_bus.reasons, f"The book does not answer: {error}"))
        return of_bus

    async def refresh_metrics() -> None:
        metrics.OPEN_ROUNDS.set(await asyncio.to_thread(open_rounds))
        metrics.RESUBMISSIONS_WAITING.set(await asyncio.to_thread(orders_to_compare))

    def open_rounds() -> int:
        with engine.connect() as connection:
            return store.open_rounds(connection)

    def orders_to_compare() -> int:
        with engine.connect() as connection:
            return announcements.orders_to_compare(connection)

    return Service(
        "ledger",
        start,
        stop,
        health,
        routers=[router(engine, require, lambda: datetime.now(UTC))],
        status=bus.status,
        described=bus.described,
        refresh_metrics=refresh_metrics,
    )
