"""Open orders, price series and their past, as portfolio, what-if and limits need them."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from math import sqrt
from typing import Any

import numpy as np

from services.pricing_risk.domain.joint_history import History
from services.pricing_risk.domain.open_order import open_order
from services.pricing_risk.domain.portfolio import Portfolio
from services.pricing_risk.domain.positions import LinePosition, MaterialPosition, OrderPosition
from services.pricing_risk.domain.valuation import MarketPrices
from shared.contracts.order import OrderKey
from shared.contracts.price_series import HorizonView, SeriesView

TODAY = date(2026, 11, 20)
DYSPROSIUM, NEODYMIUM, COPPER, GERMANIUM = (
    "Dy/oxide/-/EX_CN/assessed/USD/-",
    "Nd/oxide/-/CN/assessed/CNY/-",
    "Cu/metal/-/EX_CN/ask/USD/-",
    "Ge",
)
YUAN, EURO = "CNY/currency/-/FX/assessed/USD/-", "USD/currency/-/FX/assessed/EUR/-"


def view(series: str, material: str, price: str, *, currency: str = "USD", market: str = "EX_CN", sigma: float = 0.012) -> SeriesView:
    """A daily series of steady spread; `sigma` 0: an annual reference."""
    horizons = [
        HorizonView(days=days, variance_ratio=1.0, sigma=sigma * sqrt(days), bound_95=1.645 * sigma * sqrt(days),
                    bound_975=1.96 * sigma * sqrt(days), bound_99=2.326 * sigma * sqrt(days))
        for days in (1, 5, 10, 20, 42, 63, 126, 189, 252)
    ]  # fmt: skip
    said: dict[str, Any] = {"form": "currency" if market == "FX" else "oxide", "market": market, "basis": "assessed", "currency": currency}
    return SeriesView(
        series=series,
        kind="daily" if sigma else "annual_reference",
        material=material,
        elements=[] if market == "FX" else [material],
        price=Decimal(price),
        as_of=TODAY,
        source="test",
        first_on=TODAY - timedelta(days=1500),
        ticks=1000,
        horizons=horizons if sigma else [],
        digest=f"{series} {price}",
        **said,
    )


VIEWS: Mapping[str, SeriesView] = {
    one.series: one
    for one in (
        view(DYSPROSIUM, "Dy", "300", sigma=0.02),
        view(NEODYMIUM, "Nd", "500", currency="CNY", market="CN"),
        view(COPPER, "Cu", "10"),
        view(GERMANIUM, "Ge", "2000", sigma=0.0),
        view(YUAN, "CNY", "0.14", market="FX", sigma=0.003),
        view(EURO, "USD", "0.9", currency="EUR", market="FX", sigma=0.005),
    )
}


def history(seed: int, *, days: int = 900, sigma: float = 0.015, start: float = 100.0, until: date = TODAY) -> History:
    """A trending random walk of one price a working day."""
    steps = np.random.default_rng(seed).normal(0.0002, sigma, days)
    steps[1:] += 0.4 * steps[:-1]
    dates = [day for back in range(2 * days) if (day := until - timedelta(days=back)).weekday() < 5][:days]
    return History(np.array([day.toordinal() for day in reversed(dates)]), start * np.exp(np.cumsum(steps)))


HISTORIES: Mapping[str, History] = {
    series: history(seed) for seed, series in enumerate((DYSPROSIUM, NEODYMIUM, COPPER, YUAN, EURO))
}  # fmt: skip


def line(
    number: int, series: str | None = DYSPROSIUM, kg: str | None = "10", elements: tuple[str, ...] = ("Dy",), **terms: Any
) -> LinePosition:
    """Without terms priced by the index 60 days from today."""
    material = MaterialPosition(
        elements=list(elements),
        series=series,
        contained_kg=None if kg is None else Decimal(kg),
        factor=Decimal(terms.pop("factor", 1)),
    )
    said = {"pricing": "index", "pricing_on": TODAY + timedelta(days=60), "fixed_value": 0, **terms}
    return LinePosition(line_id=str(number), materials=[material], **said)


def order(number: int, *lines: LinePosition, **said: Any) -> OrderPosition:
    firm = {"supplier": f"Supplier {number % 3}", "country": "CN", "currency": "USD", "company": "1000", **said}
    key = OrderKey(system="erp", company=firm.pop("company"), order_id=str(number))
    return OrderPosition(order_key=key, revision=1, round=1, lines=list(lines), **firm)


def portfolio(*orders: OrderPosition, views: Mapping[str, SeriesView] = VIEWS, histories: Mapping[str, History] = HISTORIES) -> Portfolio:
    prices = MarketPrices(views, "USD", TODAY, stale_days=30)
    return Portfolio(map(open_order, orders), prices, histories, lambda elements: 1.0 if elements == "Cu" else 0.0)
