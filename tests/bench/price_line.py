"""Microseconds a recognised line for its price risk and position, from warm views, beside decoding the line's order and screening.

With the series of the elements alone and among a thousand others; with a past of one year and of ten behind them.
"""

import time
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from services.pricing_risk.domain.inputs import OrderReadEvent, ScreeningReadEvent
from services.pricing_risk.domain.pricing import LinePricing
from services.pricing_risk.domain.result import priced, versions_of
from services.pricing_risk.domain.series import SeriesState
from services.pricing_risk.domain.view import SeriesIdentity, series_view
from services.pricing_risk.policy_file import load_policy
from services.process import settle_memory
from services.screening.domain.basis import Basis
from services.screening.domain.result import screened
from services.screening.regulation_files import load_law, load_parties
from shared.contracts.order import Constituent, OrderEvent, Quantity
from shared.contracts.price import PricingTerms
from shared.contracts.price_series import SeriesView
from tests.bench.figure import Figure
from tests.support.orders import MOMENT, order_event
from tests.support.prices import price_history

ORDERS = 1_000
GOODS: tuple[tuple[str, list[Constituent]], ...] = (
    ("Dysprosium oxide 99.5 %", []),
    ("Neodymium oxide 99.9 %", []),
    ("Sintered NdFeB magnet", [Constituent(substance="Nd", share="29 wt%"), Constituent(substance="Dy", share="2 wt%")]),
)
YEAR = 260
TERMS = PricingTerms(kind="index", priced_at="shipment")
TODAY = MOMENT.date()
OTHERS = 1_000


def run() -> list[Figure]:
    basis, policy = Basis(load_law(), load_parties()), load_policy()
    pricing, versions = LinePricing(policy.policy), versions_of(policy.version, "bench")
    orders = [_order(number) for number in range(ORDERS)]
    contents = [(order.encode(), screened(order, basis, "bench").encode()) for order in orders]
    few, long_past = _views(YEAR), _views(10 * YEAR)
    many = {**few, **{view.series: view for view in _other_series(few)}}
    settle_memory()

    started = time.perf_counter()
    events = [
        (OrderReadEvent.model_validate_json(order), ScreeningReadEvent.model_validate_json(screening)) for order, screening in contents
    ]
    decoding = _per_line(started)
    figures: list[Figure] = [
        {"name": "decoding_order_and_screening_us_per_line", "value": decoding, "unit": "µs", "compared_with": None, "ratio": None}
    ]
    lines = [
        (order.data, line, answer)
        for order, screening in events
        for line, answer in zip(order.data.lines, screening.data.lines, strict=True)
    ]
    measured: dict[str, float] = {}
    for name, views in (("", few), ("_of_1000_series", many), ("_of_ten_years", long_past)):
        market = pricing.market(views)
        for order, line, answer in lines[:300]:
            pricing.price(order, line, answer, market, TODAY)
        started = time.perf_counter()
        for order, line, answer in lines:
            pricing.price(order, line, answer, market, TODAY)
        measured[name] = _per_line(started)
    base = "price_risk_us_per_line"
    figures.append(
        {"name": base, "value": measured[""], "unit": "µs", "compared_with": figures[0]["name"], "ratio": measured[""] / decoding}
    )
    for name in ("_of_1000_series", "_of_ten_years"):
        figures.append(
            {"name": base + name, "value": measured[name], "unit": "µs", "compared_with": base, "ratio": measured[name] / measured[""]}
        )
    market = pricing.market(few)
    started = time.perf_counter()
    for order_read, screening in events:
        priced(order_read, screening, market, pricing, versions).event.encode()
    whole = _per_line(started)
    figures.append(
        {
            "name": "price_risk_event_us_per_line",
            "value": whole,
            "unit": "µs",
            "compared_with": figures[0]["name"],
            "ratio": whole / decoding,
        }
    )
    return figures


def _order(number: int) -> OrderEvent:
    event = order_event(number, lines=len(GOODS))
    lines = [
        line.model_copy(
            update={
                "description": description,
                "composition": composition,
                "quantity": Quantity(value=Decimal(10 + number % 90), unit="KGM", unit_system="UNECE"),
                "mass_kg": Decimal(10 + number % 90),
                "pricing": TERMS,
                "expected_departure_on": TODAY + timedelta(days=number % 120),
            }
        )
        for line, (description, composition) in zip(event.data.lines, GOODS, strict=True)
    ]
    return event.model_copy(update={"data": event.data.model_copy(update={"lines": lines, "currency": "EUR"})})


def _views(days: int) -> dict[str, SeriesView]:
    return {view.series: view for view in (_view(material, days) for material in ("Dy", "Nd", "CNY"))}


def _view(material: str, days: int) -> SeriesView:
    state = SeriesState()
    ticks = price_history(material, TODAY, days)
    for number, tick in enumerate(ticks):
        price = float(tick.price) / (1 if tick.market == "FX" else 1000)
        (state.advance if number else state.anchor)(tick.as_of, price)
    first = ticks[0]
    elements = [] if first.market == "FX" else [material]
    name = f"{material}/{first.form}/-/{first.market}/{first.basis}/{first.currency}/-"
    view = series_view(
        SeriesIdentity(name, material, first.form, first.market, first.basis, first.currency, elements), state, source=first.source
    )
    assert view is not None
    return view


def _other_series(like: dict[str, SeriesView]) -> Iterable[SeriesView]:
    """Of elements of the lines, too: other forms, markets and currencies of what there is."""
    patterns = [view for view in like.values() if view.market != "FX"]
    for number in range(OTHERS):
        view = patterns[number % len(patterns)]
        series = view.series.replace("/-/", f"/{number}/")
        yield view.model_copy(
            update={"series": series, "as_of": date(2026, 11, 1), "basis": "ask", "form": "alloy", "digest": f"other-{number}"}
        )


def _per_line(started: float) -> float:
    return (time.perf_counter() - started) / (ORDERS * len(GOODS)) * 1e6
