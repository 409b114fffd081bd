"""What an open line is worth and costs at today's prices, and how much of that is not set yet, in the reporting currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.pricing_risk.domain.cost_at_risk import RiskFactor
from services.pricing_risk.domain.exchange import Leg, Rates
from services.pricing_risk.domain.horizon import quotation_days, unpriced_fraction
from services.pricing_risk.domain.joint_history import Window
from services.pricing_risk.domain.matching import Market
from services.pricing_risk.domain.open_order import OpenLine, OpenMaterial, OpenOrder
from shared.contracts.price_series import SeriesView

ASSUMED_UNTIL_PRICED: Final = timedelta(days=90)
"""When the price of a line is set that does not tell the day: in a quarter, the usual quotation period of contracts."""

MOST_MONEY: Final = 1e15
"""Of one line, in the reporting currency: what is beyond is no money, and would hide all other lines."""
_NO_MONEY: Final = "a quantity, price or factor that can be: together they make more money than there is"


@dataclass(slots=True, frozen=True)
class ValuedMaterial:
    """Money in the reporting currency; `factor` and amounts None: not known, and `ValuedLine.missing` says why."""

    elements: str
    """As in OpenMaterial."""
    market_value: float | None = None
    floating: float | None = None
    """The part whose price is not set yet, before hedges; 0 where all of it is set."""
    exposure: float | None = None
    """That part less what is hedged."""
    factor: RiskFactor | None = None


@dataclass(slots=True, frozen=True)
class ValuedLine:
    """`cost`: what the open quantity costs at today's prices and exchange rates; `budget`: what it was to cost."""

    order: OpenOrder
    line: OpenLine
    materials: tuple[ValuedMaterial, ...]
    cost: float | None
    budget: float | None
    missing: tuple[str, ...]
    assumed_pricing_day: bool

    @property
    def name(self) -> tuple[str, str]:
        return self.order.order_key, self.line.line_id


class MarketPrices:
    """The prices and exchange rates of one moment, as they are or as they are supposed to be, in one currency."""

    def __init__(self, views: Mapping[str, SeriesView], reporting_currency: str, today: date, stale_days: int) -> None:
        """A price older than `stale_days` goes behind others where a series has to be chosen."""
        self.views = views
        self.today = today
        self._market = Market(views, stale_days)
        self.reporting_currency = reporting_currency
        self._rates = Rates(views.values())
        self._priced: dict[str, tuple[float, tuple[Leg, ...]] | str] = {}
        self._exchanged: dict[str | None, float | str] = {}
        self._factors: dict[RiskFactor, RiskFactor] = {}

    def series_of(self, material: OpenMaterial) -> str | None:
        """That with which the line was priced; where it is gone, or there was none yet, the best there is now."""
        if material.series in self.views or material.form is None or material.market is None:
            return material.series
        choice = self._market.choose(material.symbols, material.form, material.market, self.today)
        return choice.view.series if choice is not None else material.series

    def price_per_kg(self, series: str) -> tuple[float, tuple[Leg, ...]] | str:
        """In the reporting currency, with the exchange rates that are in it; a text names what is missing."""
        if series not in self._priced:
            self._priced[series] = self._price(series)
        return self._priced[series]

    def rate(self, currency: str | None) -> float | str:
        """Of one unit of money in the reporting currency; a text names what is missing."""
        if currency not in self._exchanged:
            self._exchanged[currency] = self._rate(currency)
        return self._exchanged[currency]

    def factor(self, series: str, legs: tuple[Leg, ...], window: Window) -> RiskFactor:
        """The one object for all exposures that move together."""
        factor = RiskFactor(series, legs, window)
        return self._factors.setdefault(factor, factor)

    def _price(self, series: str) -> tuple[float, tuple[Leg, ...]] | str:
        view = self.views.get(series)
        if view is None:
            return f"a price of the series {series}"
        legs = self._rates.route(view.currency, self.reporting_currency)
        if legs is None:
            return f"an exchange rate from {view.currency} to {self.reporting_currency}"
        return float(view.price * self._rates.rate(legs)), legs

    def _rate(self, currency: str | None) -> float | str:
        if currency is None:
            return "the order's currency"
        legs = self._rates.route(currency, self.reporting_currency)
        return f"an exchange rate from {currency} to {self.reporting_currency}" if legs is None else float(self._rates.rate(legs))


def valued(order: OpenOrder, market: MarketPrices) -> list[ValuedLine]:
    return [_line(order, line, market) for line in order.lines]


def unpriced(line: OpenLine, today: date) -> float:
    """Share of the price that is not set yet at the end of `today`."""
    if line.pricing == "fixed":
        return 0.0
    if line.quotation_from is not None and line.quotation_to is not None:
        return float(unpriced_fraction(line.quotation_from, line.quotation_to, today))
    return 1.0 if line.waits or line.pricing_on is None or line.pricing_on > today else 0.0


def pricing_window(line: OpenLine, today: date) -> tuple[Window, bool]:
    """Over which quotation days from today the rest of the price is set, and whether that had to be assumed."""

    def ahead(day: date) -> int:
        return max(1, quotation_days((day - today).days))

    if line.quotation_from is not None and line.quotation_to is not None:
        return Window(ahead(line.quotation_from), ahead(line.quotation_to)), False
    day = line.pricing_on or today + ASSUMED_UNTIL_PRICED
    return Window(ahead(day), ahead(day)), line.pricing_on is None


def _line(order: OpenOrder, line: OpenLine, market: MarketPrices) -> ValuedLine:
    floats = unpriced(line, market.today)
    window, assumed = pricing_window(line, market.today) if floats else (Window(1, 1), False)
    missing: list[str] = [] if line.materials else ["what the goods contain"]
    materials = tuple(_material(material, line, floats, window, market, missing) for material in line.materials)
    return ValuedLine(
        order=order,
        line=line,
        materials=materials,
        cost=_cost(order, line, materials, market, missing),
        budget=_exchanged(line.budget_value, order.currency, market, missing),
        missing=tuple(dict.fromkeys(missing)),
        assumed_pricing_day=assumed,
    )


def _material(
    material: OpenMaterial, line: OpenLine, floats: float, window: Window, market: MarketPrices, missing: list[str]
) -> ValuedMaterial:
    elements = material.elements
    nothing_floats = None if floats and material.factor else 0.0
    series = market.series_of(material)
    priced = market.price_per_kg(series) if series is not None else f"a price of {elements}"
    if isinstance(priced, str):
        missing.append(priced)
    if material.contained_kg is None:
        missing.append(f"how much {elements} the goods contain")
    if isinstance(priced, str) or material.contained_kg is None:
        return ValuedMaterial(elements, floating=nothing_floats, exposure=nothing_floats)
    assert series is not None
    price, legs = priced
    value = material.contained_kg * price
    floating = value * material.factor * floats
    if max(abs(value), abs(floating)) >= MOST_MONEY:
        missing.append(_NO_MONEY)
        return ValuedMaterial(elements, floating=nothing_floats, exposure=nothing_floats)
    factor = market.factor(series, legs, window) if floating else None
    return ValuedMaterial(elements, value, floating, floating * (1.0 - line.hedged_share), factor)


def _cost(order: OpenOrder, line: OpenLine, materials: Sequence[ValuedMaterial], market: MarketPrices, missing: list[str]) -> float | None:
    """The contract's price where it is set; else today's price of the materials, as far as the contract passes it on, and what it adds."""
    if line.pricing == "fixed":
        if line.open_value is None:
            missing.append("the line's price")
        return _exchanged(line.open_value, order.currency, market, missing)
    if line.fixed_value is None:
        missing.append("what the contract adds to the index")
    added = _exchanged(line.fixed_value, order.currency, market, missing) if line.fixed_value != 0 else 0.0
    floating = [(material.factor, each.market_value) for material, each in zip(line.materials, materials, strict=True) if material.factor]
    if added is None or not materials or any(value is None for _, value in floating):
        return None
    return _possible(added + sum(factor * (value or 0.0) for factor, value in floating), missing)


def _exchanged(amount: float | None, currency: str | None, market: MarketPrices, missing: list[str]) -> float | None:
    if amount is None:
        return None
    rate = market.rate(currency)
    if isinstance(rate, str):
        missing.append(rate)
        return None
    return _possible(amount * rate, missing)


def _possible(amount: float, missing: list[str]) -> float | None:
    if abs(amount) < MOST_MONEY:
        return amount
    missing.append(_NO_MONEY)
    return None
