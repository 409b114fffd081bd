"""The notification service, composed."""

import asyncio
import itertools
import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from services.notification import store
from services.notification.connection import SystemResolver, connection_pool
from services.notification.endpoints import Endpoint, load_endpoints
from services.notification.handlers import NEXT_LOOK, Handlers, call_timer
from services.notification.http import router
from services.notification.metrics import show_backlog
from services.notification.sending import Clock, Lane, Sender
from services.notification.settings import Settings
from shared.access import Access, ApiKeys
from shared.bus import Bus, BusSettings
from shared.bus.types import TryAgain
from shared.contracts.alert import AlertEvent
from shared.contracts.assessment import AssessmentEvent
from shared.contracts.base import unix_ms
from shared.service import Service

log = logging.getLogger(__name__)

RECORDING_SECONDS = 5.0
BACKLOG_COUNTED = 10_000


def build(environment: Mapping[str, str], bus_settings: BusSettings) -> Service:
    """Raises ValueError, in a sentence, where a setting or the endpoints file cannot be used."""
    settings = Settings.from_environment(environment)
    endpoints = load_endpoints(settings.endpoints_file, environment) if settings.endpoints_file else {}
    return compose(endpoints, settings, Bus(bus_settings), lambda: datetime.now(UTC))


def compose(endpoints: Mapping[str, Endpoint], settings: Settings, bus: Bus, clock: Clock) -> Service:
    states = {partition: bus.state(partition) for partition in range(bus.settings.partitions)}
    resolver = SystemResolver()

    calls = itertools.count()

    async def call(lane: Lane) -> None:
        partition, endpoint_id = lane
        try:
            await bus.set_timers(partition, [call_timer(endpoint_id, next(calls), clock())])
        except TryAgain as error:
            log.warning("Endpoint %s gets its next turn up to %s s late: %s", endpoint_id, NEXT_LOOK.seconds, error)

    sender = Sender(connection_pool(resolver, settings.allowed_networks), clock, settings.concurrency, call)
    handlers = Handlers(endpoints, sender, states, settings.retention, clock)
    bus.on("assessments", handlers.on_event, event=AssessmentEvent)
    bus.on("alerts", handlers.on_event, event=AlertEvent)
    bus.emits("alerts", AlertEvent)
    bus.on_timer(handlers.on_timer)

    async def start() -> None:
        """Every endpoint gets a turn at once: what a killed process had under way is due still."""
        await bus.start()
        for partition in range(bus.settings.partitions):
            for endpoint_id in endpoints:
                await call((partition, endpoint_id))

    async def stop() -> None:
        """Waits for the answers that are still to come, and until their outcomes are committed."""
        await sender.finish()
        deadline = asyncio.get_running_loop().time() + RECORDING_SECONDS
        while (lanes := sender.unrecorded_lanes()) and asyncio.get_running_loop().time() < deadline:
            for lane in lanes:
                await call(lane)
            await asyncio.sleep(0.02)
        if lanes:
            log.warning("Stopped before every outcome was recorded; those deliveries are repeated under the same webhook-id.")
        await bus.stop()
        await sender.close()
        resolver.close()

    async def refresh_metrics() -> None:
        now = clock()
        for endpoint_id in endpoints:
            waiting = await asyncio.gather(*(store.due(state, endpoint_id, unix_ms(now), BACKLOG_COUNTED) for state in states.values()))
            due = [since for partition in waiting for _, since in partition]
            show_backlog(endpoint_id, len(due), min(due, default=None), now)
        handlers.show_disabled()

    return Service(
        name="notification",
        start=start,
        stop=stop,
        health=bus.health,
        routers=[router(endpoints, states, bus.set_timers, Access(ApiKeys(bus.table(ApiKeys.TABLE)), clock), clock)],
        status=bus.status,
        described=bus.described,
        refresh_metrics=refresh_metrics,
    )
