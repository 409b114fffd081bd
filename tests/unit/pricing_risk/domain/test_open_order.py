"""The portfolio of one line says what the line's own price risk says, and knows of the lines of which that says nothing."""

from datetime import timedelta

import pytest

from services.pricing_risk.domain.horizon import pricing_window
from services.pricing_risk.domain.inputs import LineScreeningRead, OrderLineRead
from services.pricing_risk.domain.open_order import open_order
from services.pricing_risk.domain.portfolio import Portfolio
from services.pricing_risk.domain.result import priced, versions_of
from services.pricing_risk.domain.valuation import MarketPrices, unpriced
from shared.contracts.price_risk import LinePriceRisk
from shared.contracts.price_series import SeriesView
from tests.unit.pricing_risk.domain.made_inputs import (
    AT_SHIPMENT,
    POLICY,
    PRICING,
    TODAY,
    exchange,
    line,
    market,
    material,
    order,
    order_event,
    screened,
    screening_event,
    series,
)

VERSIONS = versions_of(POLICY.version, "1")
FORMULA = {"kind": "formula", "factor": "0.8", "premium": "12", "priced_at": "shipment", "hedged_percent": "25"}
AVERAGE = {"kind": "average", "quotation_from": "2026-11-13", "quotation_to": "2026-12-12"}


def both(one: OrderLineRead, screening: LineScreeningRead, *views: SeriesView, currency: str = "USD") -> tuple[LinePriceRisk, Portfolio]:
    """The line's price risk, and the portfolio of its position, without a past of the series."""
    event = order_event(order(one, currency=currency))
    answer = priced(event, screening_event(event, screening), market(*views), PRICING, VERSIONS)
    assert answer.position is not None
    prices = MarketPrices({view.series: view for view in views}, currency, TODAY, stale_days=30)
    return answer.event.data.lines[0], Portfolio([open_order(answer.position)], prices, {}, lambda _elements: 0.0)


@pytest.mark.parametrize(
    "terms", [AT_SHIPMENT, FORMULA, AVERAGE, {"kind": "fixed"}, None], ids=["index", "formula", "average", "fixed", "none"]
)
def test_value_exposure_and_shortfall_are_those_of_the_line(terms: dict[str, str] | None) -> None:
    risk, portfolio = both(line(terms), screened(material(), delay_days=40), series())
    total = portfolio.total
    assert total.market_value == pytest.approx(float(risk.market_value_money or 0), abs=0.01)
    assert total.exposure + total.hedged == pytest.approx(float(risk.exposure_money or 0), abs=0.01)
    assert total.shortfall.total == pytest.approx(float(risk.expected_shortfall_975_money or 0), rel=1e-6, abs=0.01)
    assert portfolio.missing() == []


@pytest.mark.parametrize(("said", "stays_open"), [({}, True), ({"departed_on": "2027-01-20"}, False)], ids=["not left", "has left"])
@pytest.mark.parametrize("priced_at", ["shipment", "delivery"])
def test_what_is_late_stays_exposed_until_the_order_says_that_it_has_left(said: dict[str, str], stays_open: bool, priced_at: str) -> None:
    """Nobody sends the order again because a day passes: line and position agree on that day all the same."""
    asked = order_event(order(line({"kind": "index", "priced_at": priced_at}, **said)))
    answer = priced(asked, screening_event(asked, screened(material())), market(series()), PRICING, VERSIONS)
    assert answer.position is not None
    (position,) = open_order(answer.position).lines
    long_after = TODAY + timedelta(days=200)
    then = pricing_window(asked.data.lines[0], long_after, None, 0)
    assert (unpriced(position, long_after), float(then.unpriced)) == ((1.0, 1.0) if stays_open else (0.0, 0.0))


def test_with_an_exchange_rate_too() -> None:
    risk, portfolio = both(line(AT_SHIPMENT), screened(material()), series(), exchange("USD", "EUR", "0.9"), currency="EUR")
    assert portfolio.total.shortfall.total == pytest.approx(float(risk.expected_shortfall_975_money or 0), rel=1e-6)
    assert portfolio.total.shortfall.exchange > 0


def test_the_cost_is_what_the_line_compares_with_its_budget() -> None:
    budget = {"amount": "500", "per_unit": "KGM", "currency": "USD"}
    for terms in (AT_SHIPMENT, FORMULA, None):
        risk, portfolio = both(line(terms, budget_price=budget), screened(material()), series())
        (found,) = portfolio.lines
        assert found.cost is not None
        assert found.budget is not None
        assert found.cost - found.budget == pytest.approx(float(risk.budget_variance_money or 0), abs=0.01)


def test_a_line_whose_goods_were_not_recognised_is_counted_as_unknown() -> None:
    unread = screened(product=None, answers={"CN": {"answer": "needs_information"}})
    risk, portfolio = both(line(AT_SHIPMENT), unread, series())
    assert risk.status == "unknown"
    assert (portfolio.total.lines, portfolio.total.unknown_lines) == (1, 1)
    assert ("what the goods contain", 1) in portfolio.missing()


def test_a_price_that_comes_after_the_line_was_priced_values_it() -> None:
    event = order_event(order(line(AT_SHIPMENT)))
    answer = priced(event, screening_event(event, screened(material())), market(), PRICING, VERSIONS)
    assert answer.position is not None
    later = series()
    prices = MarketPrices({later.series: later}, "USD", TODAY, stale_days=30)
    found = Portfolio([open_order(answer.position)], prices, {}, lambda _elements: 0.0)
    assert found.missing() == []
    assert found.total.exposure == pytest.approx(867 * 800, rel=0.01)
