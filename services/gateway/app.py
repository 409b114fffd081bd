"""The gateway, composed."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from services.gateway.answers import Answers
from services.gateway.bodies import Budget
from services.gateway.handlers import AssessmentHandler
from services.gateway.http import router
from services.gateway.http.parts import Parts
from services.gateway.intake import Intake
from services.gateway.master_data import MasterData
from services.gateway.refreshing import Refreshing
from services.gateway.settings import Settings
from services.gateway.store import OrderStore
from services.gateway.waiting import Waiting
from shared.access import Access, ApiKeys
from shared.bus import Bus, BusSettings
from shared.contracts.assessment import AssessmentEvent
from shared.contracts.dead_letter import DeadLetterEvent
from shared.contracts.licence import LicenceEvent
from shared.contracts.order import OrderEvent
from shared.contracts.price import PriceEvent
from shared.contracts.shipment import ShipmentEvent
from shared.contracts.stock import StockEvent
from shared.service import Service


def build(environment: Mapping[str, str], bus_settings: BusSettings) -> Service:
    """Raises ValueError, in a sentence, where a setting cannot be used."""
    return compose(Settings.from_environment(environment), Bus(bus_settings), lambda: datetime.now(UTC))


def compose(settings: Settings, bus: Bus, clock: Callable[[], datetime]) -> Service:
    executor = ThreadPoolExecutor(max_workers=2, thread_name_prefix="gateway")
    store = OrderStore(bus, settings.closed_order_retention)
    master_data = MasterData(bus)
    intake = Intake(bus, store, master_data, settings.cancellation_policy, executor)
    refreshing = Refreshing(bus, store, intake, clock)
    waiting = Waiting()
    bus.on("assessments", AssessmentHandler(bus, waiting.wake), event=AssessmentEvent)
    bus.emits("orders", OrderEvent)
    bus.emits("shipments", ShipmentEvent)
    bus.emits("licences", LicenceEvent)
    bus.emits("prices", PriceEvent)
    bus.emits("stock", StockEvent)
    bus.emits("dead-letters", DeadLetterEvent)
    answers = Answers(intake, master_data, refreshing, clock)
    parts = Parts(bus, settings, intake, store, master_data, refreshing, answers, waiting, executor, Budget(settings.bodies_bytes), clock)

    async def start() -> None:
        await bus.start()
        await refreshing.start()

    async def stop() -> None:
        await refreshing.stop()
        await bus.stop()
        executor.shutdown()

    return Service(
        name="gateway",
        start=start,
        stop=stop,
        health=bus.health,
        routers=[router(parts, Access(ApiKeys(bus.table(ApiKeys.TABLE)), clock).require)],
        status=bus.status,
        described=bus.described,
    )
