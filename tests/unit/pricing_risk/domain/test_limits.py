"""Limits and budgets: what goes beyond is told with its numbers, under a key that stays the same."""

from decimal import Decimal
from typing import Any

import pytest

from services.pricing_risk.domain.limits import Breach, breaches
from services.pricing_risk.domain.policy import PricingPolicy
from services.pricing_risk.domain.positions import OrderPosition
from services.pricing_risk.policy_file import load_policy
from tests.unit.pricing_risk.domain.open_books import COPPER, DYSPROSIUM, line, order, portfolio


def found(*orders: OrderPosition, limits: list[dict[str, Any]] | None = None, percent: int = 10) -> list[Breach]:
    said = load_policy().policy.model_dump(mode="json") | {"limits": limits or [], "budget_breach_percent": str(percent)}
    return breaches(portfolio(*orders), PricingPolicy.model_validate(said))


@pytest.mark.parametrize(
    ("limit", "is_beyond"),
    [
        ({"by": "element", "name": "Dy", "exposure": "5999"}, True),
        ({"by": "element", "name": "Dy", "exposure": "6000"}, False),
        ({"by": "supplier", "name": "Supplier 1", "exposure": "3999"}, True),
        ({"by": "supplier", "name": "Supplier 1", "exposure": "4000"}, False),
        ({"by": "supplier", "name": "Nobody", "exposure": "1"}, False),
        ({"by": "country", "name": "CN", "exposure": "6999"}, True),
        ({"by": "total", "exposure": "6999"}, True),
        ({"by": "total", "exposure": "7000"}, False),
        ({"by": "total", "expected_shortfall_975": "1"}, True),
        ({"by": "total", "expected_shortfall_975": "1000000"}, False),
    ],
)
def test_a_limit_is_broken_only_by_what_is_beyond_it(limit: dict[str, Any], is_beyond: bool) -> None:
    orders = order(1, line(1, DYSPROSIUM, "10"), line(2, COPPER, "100", ("Cu",))), order(2, line(1, DYSPROSIUM, "10"))
    assert bool(found(*orders, limits=[limit])) is is_beyond


def test_a_broken_limit_tells_its_numbers_and_the_orders_concerned_the_greatest_first() -> None:
    orders = order(1, line(1, DYSPROSIUM, "10"), line(2, COPPER, "100", ("Cu",))), order(2, line(1, DYSPROSIUM, "20"), line(2, None))
    (breach,) = found(*orders, limits=[{"by": "element", "name": "Dy", "exposure": "5000"}])
    assert breach.key == "price_exposure_limit/element/Dy/exposure"
    assert breach.summary == "The exposure of element Dy is 9,000.00 USD; the limit is 5,000.00 USD."
    assert breach.evidence["over_percent"] == "80.0"
    assert (breach.evidence["lines"], breach.evidence["lines_not_fully_known"]) == ("3", "1")
    assert breach.orders == ["erp/1000/2", "erp/1000/1"]
    assert breach.materials == ["Dy"]
    assert breach.over == pytest.approx(4000)


def test_one_limit_on_both_figures_is_two_breaches() -> None:
    keys = {each.key for each in found(order(1, line(1)), limits=[{"by": "total", "exposure": "1", "expected_shortfall_975": "1"}])}
    assert keys == {"price_exposure_limit/total/all/exposure", "price_exposure_limit/total/all/expected_shortfall_975"}


@pytest.mark.parametrize(("budget", "is_over"), [("2728", False), ("2727", True), ("0", False)])
def test_a_line_is_over_budget_by_more_than_the_policy_allows(budget: str, is_over: bool) -> None:
    breached = found(order(1, line(1, DYSPROSIUM, "10", budget_value=Decimal(budget))))
    assert bool(breached) is is_over
    if is_over:
        assert breached[0].key == "price_budget_breach/line/erp/1000/1/1"
        assert breached[0].cause == "Its price is not set yet and the market has moved."
        assert breached[0].evidence["cost_money"] == "3000.00 USD"


def test_a_line_without_a_known_cost_or_budget_breaks_none() -> None:
    assert found(order(1, line(1, None, budget_value=Decimal(1)), line(2, DYSPROSIUM)), percent=0) == []


def test_an_element_is_over_budget_by_the_sum_of_its_lines() -> None:
    over = line(1, DYSPROSIUM, "10", budget_value=Decimal(2000))
    under = line(2, DYSPROSIUM, "10", budget_value=Decimal(3000))
    one_line, of_element = found(order(1, over, under))
    assert one_line.key.endswith("/1")
    assert of_element.key == "price_budget_breach/element/Dy"
    assert of_element.evidence["over_percent"] == "20.0"
    assert of_element.orders == ["erp/1000/1"]
    assert len(found(order(1, over, line(2, DYSPROSIUM, "10", budget_value=Decimal(9000))))) == 1


def test_the_price_of_a_contract_above_budget_is_told_as_such() -> None:
    fixed = line(1, DYSPROSIUM, "10", pricing="fixed", open_value=Decimal(5000), budget_value=Decimal(4000))
    assert found(order(1, fixed))[0].cause == "Its price is set above the budget."
