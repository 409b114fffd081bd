"""Composes the stockpile advisor: policy, bus, handlers, routes."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from services.stockpile_advisor import keys
from services.stockpile_advisor.advice_book import AdviceBook
from services.stockpile_advisor.advice_gauges import AdviceGauges
from services.stockpile_advisor.advising import Advising
from services.stockpile_advisor.asking import Asking
from services.stockpile_advisor.domain.indices import indices_of
from services.stockpile_advisor.gathering import Gathering
from services.stockpile_advisor.http import router
from services.stockpile_advisor.http.parts import Parts
from services.stockpile_advisor.licence_outcomes import LicenceOutcomes
from services.stockpile_advisor.orders import Orders
from services.stockpile_advisor.policy_file import KIND, load_policy
from services.stockpile_advisor.questions import Questions
from services.stockpile_advisor.reference_files import reference_shares
from services.stockpile_advisor.settings import Settings
from services.stockpile_advisor.stock_reports import StockReports
from services.stockpile_advisor.supply_alerts import SupplyAlerts
from shared.access import Access, ApiKeys, Require
from shared.bus import Bus, BusSettings, by_beginning
from shared.contracts.alert import AlertEvent
from shared.contracts.licence import LicenceEvent
from shared.contracts.order import OrderEvent
from shared.contracts.reference_change import ReferenceChangeEvent
from shared.contracts.screening import ScreeningEvent
from shared.contracts.stock import StockEvent
from shared.contracts.supply_risk import SupplyRiskEvent
from shared.series_views import SeriesViews
from shared.service import Service


def build(environment: Mapping[str, str], bus_settings: BusSettings) -> Service:
    """Raises DocumentRefused, naming file and line, where the policy cannot be used."""

    def clock() -> datetime:
        return datetime.now(UTC)

    bus = Bus(bus_settings)
    return compose(Settings.from_environment(environment), bus, Access(ApiKeys(bus.table(ApiKeys.TABLE)), clock).require, clock)


def compose(settings: Settings, bus: Bus, require: Require, clock: Callable[[], datetime]) -> Service:
    """The stockpile advisor on a bus of group `stockpile-advisor`. Raises DocumentRefused."""
    policy = load_policy(settings.policy_file)
    series, book, alerts = SeriesViews(bus), AdviceBook(bus), SupplyAlerts()
    asking = Asking(bus, clock, settings.settling_ms)
    orders = Orders(bus, book, asking, indices_of(reference_shares()), policy, settings.code_version)
    bus.on("orders", orders.on_orders, event=OrderEvent)
    bus.on_dead_letter("orders", orders.on_order_given_up)
    bus.on("screenings", orders.on_screenings, event=ScreeningEvent)
    bus.on_dead_letter("screenings", orders.on_screening_given_up)
    bus.on("stock", StockReports(asking, alerts).on_stock, event=StockEvent)
    bus.on("licences", LicenceOutcomes(asking).on_licences, event=LicenceEvent)
    advising = Advising(bus, series, policy.policy, asking, alerts)
    bus.on_timer(
        by_beginning(
            {
                keys.ADVISE: advising.on_advise,
                keys.MADE: advising.on_made,
                keys.DAY: advising.on_day,
                keys.ALL: advising.on_all,
                keys.WATCH: advising.on_watch,
                keys.ASK: asking.on_asked,
                keys.EVERYWHERE: asking.on_everywhere,
            }
        )
    )
    bus.emits("supply-risks", SupplyRiskEvent)
    bus.emits("alerts", AlertEvent)
    bus.emits("reference-changes", ReferenceChangeEvent)

    async def start() -> None:
        """The policy is announced before the first order is answered by it, so that the ledger can keep it."""
        await bus.announce_reference(KIND, policy.version, policy.announcement(clock()))
        await bus.start()
        await advising.start()

    async def stop() -> None:
        await bus.stop()
        await advising.stop()

    questions = Questions(Gathering(bus, series), policy.policy)
    return Service(
        "stockpile-advisor",
        start,
        stop,
        bus.health,
        routers=[router(Parts(book, questions, clock), require)],
        status=bus.status,
        refresh_metrics=AdviceGauges(book, policy.policy.alerts.stale_after_days, clock).refresh,
        described=bus.described,
    )
