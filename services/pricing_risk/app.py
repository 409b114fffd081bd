"""Composes pricing-risk: policy, bus, handlers, routes."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from services.pricing_risk import limit_alerts
from services.pricing_risk.exposure_gauges import ExposureGauges
from services.pricing_risk.exposures import Exposures
from services.pricing_risk.http import router
from services.pricing_risk.http.parts import Parts
from services.pricing_risk.limit_alerts import LimitAlerts
from services.pricing_risk.orders import Orders
from services.pricing_risk.policy_file import KIND, load_policy
from services.pricing_risk.price_histories import PriceHistories
from services.pricing_risk.series_book import SeriesBook
from services.pricing_risk.series_overview import SeriesOverview
from services.pricing_risk.settings import Settings
from services.pricing_risk.ticks import TIMERS, Ticks
from shared.access import Access, ApiKeys, Require
from shared.bus import Bus, BusSettings, by_beginning
from shared.contracts.alert import AlertEvent
from shared.contracts.order import OrderEvent
from shared.contracts.price import PriceEvent
from shared.contracts.price_risk import PriceRiskEvent
from shared.contracts.reference_change import ReferenceChangeEvent
from shared.contracts.screening import ScreeningEvent
from shared.service import Service


def build(environment: Mapping[str, str], bus_settings: BusSettings) -> Service:
    """Raises DocumentRefused, naming file and line, where the policy cannot be used."""

    def clock() -> datetime:
        return datetime.now(UTC)

    bus = Bus(bus_settings)
    return compose(Settings.from_environment(environment), bus, Access(ApiKeys(bus.table(ApiKeys.TABLE)), clock).require, clock)


def compose(settings: Settings, bus: Bus, require: Require, clock: Callable[[], datetime]) -> Service:
    """Pricing-risk on a bus of group `pricing-risk`. Raises DocumentRefused."""
    policy = load_policy(settings.policy_file)
    series = SeriesBook(bus)
    orders = Orders(series.with_references, policy, settings.code_version)
    histories = PriceHistories(bus)
    exposures = Exposures(bus, series, histories, policy.policy)
    limits = LimitAlerts(bus, exposures, policy.policy, clock)
    bus.on("orders", limits.after(orders.on_orders), event=OrderEvent)
    bus.on_dead_letter("orders", orders.on_order_given_up)
    bus.on("screenings", limits.after(orders.on_screenings), event=ScreeningEvent)
    bus.on_dead_letter("screenings", orders.on_screening_given_up)
    ticks = Ticks(bus, series, histories)
    bus.on("prices", limits.after(ticks.on_prices), event=PriceEvent)
    bus.on_timer(by_beginning({TIMERS: ticks.on_timers, limit_alerts.TIMER: limits.on_timers}))
    bus.emits("price-risks", PriceRiskEvent)
    bus.emits("alerts", AlertEvent)
    bus.emits("reference-changes", ReferenceChangeEvent)

    async def start() -> None:
        """The policy is announced before the first order is priced by it, so that the ledger can keep it."""
        await bus.announce_reference(KIND, policy.version, policy.announcement(clock()))
        await bus.start()
        await ticks.catch_up(clock())
        await limits.watch()

    overview, gauges = SeriesOverview(bus, series), ExposureGauges(exposures, clock)

    async def refresh_metrics() -> None:
        await overview.show(clock())
        await gauges.refresh()

    return Service(
        "pricing-risk",
        start,
        bus.stop,
        bus.health,
        routers=[router(Parts(overview, exposures, clock), require)],
        status=bus.status,
        refresh_metrics=refresh_metrics,
        described=bus.described,
    )
