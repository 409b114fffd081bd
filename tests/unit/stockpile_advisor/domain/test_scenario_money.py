"""Expected loss of an advice over the embargoes of the policy, reckoned by hand."""

from decimal import Decimal
from typing import Any

from services.stockpile_advisor.domain.advice import advise
from services.stockpile_advisor.domain.advice_policy import SupplyPolicy
from services.stockpile_advisor.domain.scenario_money import lost_margin
from services.stockpile_advisor.domain.situation import Suppositions
from shared.contracts.stock import ContainedElement, Use
from shared.contracts.supply_risk import MaterialAdvice
from tests.unit.stockpile_advisor.domain.made_inputs import HOME, NOW, POLICY, day, inputs, line, policy, report

FROM_CHINA = HOME.model_copy(update={"country": "CN"})
MONEY: dict[str, Any] = {
    "holding_cost_per_unit_year": Decimal("36.5"),
    "shortage_cost_per_unit": Decimal(900),
    "unit_price": Decimal(100),
    "order_cost": Decimal(50),
    "currency": "USD",
}


def advised(*lines: Any, under: SupplyPolicy = POLICY, **changes: Any) -> MaterialAdvice:
    return advise(inputs(*lines, **{"sources": [FROM_CHINA], **MONEY, **changes}), under, NOW)


def test_lost_margin_and_price_increase_of_an_order_that_an_embargo_holds() -> None:
    advice = advised(on_hand=Decimal(450))
    # 45 days of stock and an order of day 1. It would leave on day 26 and be there on day 46: what is there on a day serves it. Held for
    # 120 days it is there on day 140: days 46 to 139 find nothing, 94 days of 10 kg at 900.
    (loss,) = advice.expected_losses
    assert advice.order_by == day(1)
    assert loss.lost_margin == Decimal(94 * 10 * 900)
    assert advice.quantity is not None
    assert loss.price_increase == advice.quantity * 100 * 2
    assert advice.expected_loss_money == loss.loss == (loss.lost_margin + loss.price_increase) / 10
    assert not any("loss" in reason or "placing an order" in reason for reason in advice.confidence_reasons)


def test_stock_that_outlasts_the_embargo_loses_nothing() -> None:
    (loss,) = advised(on_hand=Decimal(2_000)).expected_losses
    assert (loss.lost_margin, loss.price_increase, loss.loss) == (0, 0, 0)


def test_an_embargo_holds_open_orders_too() -> None:
    # Beside the order advised, 500 kg leave on day 10 or, held, on day 120, and are there on day 140 with it.
    free, held = (advised(line(500, country=country), on_hand=Decimal(450)) for country in ("AU", "CN"))
    assert [each.expected_losses[0].lost_margin for each in (free, held)] == [Decimal((94 - 50) * 10 * 900), Decimal(94 * 10 * 900)]


def test_without_costs_the_loss_is_unknown_and_said() -> None:
    advice = advised(on_hand=Decimal(450), shortage_cost_per_unit=None, unit_price=None, order_cost=None)
    (loss,) = advice.expected_losses
    assert (advice.expected_loss_money, loss.lost_margin, loss.price_increase, loss.loss) == (None, None, None, None)
    said = " ".join(advice.confidence_reasons)
    assert "The expected loss is not known as a whole" in said
    assert "lost margin; " in said
    assert "price increase" in said
    assert "What placing an order costs is not known" in said


def test_the_margin_of_uses_stands_for_a_shortage_cost_that_is_not_known() -> None:
    uses = [Use(product=name, quantity_per_day=Decimal(taken), margin_per_unit=Decimal(margin)) for name, taken, margin in USES]
    assert lost_margin(report(uses=uses), 10.0) == Decimal(10 * (6 * 50 + 4 * 100) / 10).quantize(Decimal("0.01"))
    assert lost_margin(report(uses=uses, shortage_cost_per_unit=Decimal(7)), 10.0) == 70
    assert lost_margin(report(), 10.0) is None


USES = (("motors", 6, 50), ("magnets", 4, 100))


def test_the_rise_is_unknown_where_a_price_divides_among_elements() -> None:
    magnets = [ContainedElement(element=element, percent=Decimal(percent)) for element, percent in (("Nd", 30), ("Dy", 2))]
    advice = advised(on_hand=Decimal(450), contained=magnets)
    assert advice.expected_losses[0].price_increase is None
    assert advice.expected_losses[0].lost_margin is not None
    assert advice.expected_loss_money is None
    embargo = POLICY.embargoes[0]
    assert [embargo.price_rise(each) for each in (["Dy"], ["Dy", "Sm"], ["Dy", "Tb"], ["Nd"], [])] == [2, 2, None, None, None]


def test_scenarios_add_up_costliest_first() -> None:
    first = POLICY.embargoes[0].model_dump(mode="json")
    two = policy(embargoes=[{**first, "name": "short", "mean_length_days": 60}, {**first, "name": "long"}])
    advice = advised(on_hand=Decimal(450), under=two)
    assert [each.scenario for each in advice.expected_losses] == ["long", "short"]
    losses = [each.loss for each in advice.expected_losses if each.loss is not None]
    assert advice.expected_loss_money == sum(losses)
    assert losses[0] > losses[1]


def test_no_scenario_concerns_what_comes_from_elsewhere_or_is_supposed_already() -> None:
    assert advised(sources=[HOME]).expected_losses == []
    supposed = advise(inputs(sources=[FROM_CHINA], **MONEY), POLICY, NOW, Suppositions(embargo_from=day(0)))
    assert (supposed.expected_losses, supposed.expected_loss_money) == ([], None)
