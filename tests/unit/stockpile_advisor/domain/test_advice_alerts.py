"""Conditions that call a planner: they hold or they do not, under one key a plant and item."""

from datetime import timedelta
from decimal import Decimal

from services.stockpile_advisor.domain.advice import advise
from services.stockpile_advisor.domain.advice_alerts import Condition, conditions
from shared.contracts.stock import StockLot
from shared.contracts.supply_risk import MaterialAdvice
from tests.unit.stockpile_advisor.domain.made_inputs import ABROAD, HOME, NOW, POLICY, clock, day, inputs, line

TWO = [HOME, HOME.model_copy(update={"name": "Second"})]


def advised(*lines: object, days: int = 0, **changes: object) -> MaterialAdvice:
    said = {"sources": TWO, **changes}
    return advise(inputs(*lines, **said), POLICY, NOW + timedelta(days=days))  # type: ignore[arg-type]


def held(advice: MaterialAdvice, before: MaterialAdvice | None = None) -> dict[str, Condition]:
    return {condition.kind: condition for condition in conditions(advice, before, POLICY)}


def test_enough_stock_calls_nobody() -> None:
    assert held(advised()) == {}


def test_cover_below_the_policy() -> None:
    low = held(advised(policy_days=120))["stock_cover_below_policy"]
    assert (low.severity, low.key) == ("warning", "stock_cover_below_policy:P1/DY-1")
    assert low.evidence == {"days_of_cover": "100.0", "policy_days": "120"}
    assert held(advised(policy_days=210))["stock_cover_below_policy"].severity == "critical"
    assert "stock_cover_below_policy" not in held(advised(policy_days=100))


def test_the_day_to_order_comes_near_and_comes() -> None:
    assert "stock_order_by" not in held(advised(on_hand=Decimal(600)))
    near = held(advised(on_hand=Decimal(580)))["stock_order_by"]
    assert (near.severity, near.evidence["order_by"]) == ("warning", str(day(14)))
    assert held(advised(on_hand=Decimal(400)))["stock_order_by"].severity == "critical"
    assert "No order comes in time" in held(advised(on_hand=Decimal(10)))["stock_order_by"].cause


def test_the_last_day_to_order_before_a_date_of_law() -> None:
    ends = line(100, clocks=[clock(day(40))])
    near = held(advised(ends, on_hand=Decimal(9_000)))["stock_last_safe_order_date"]
    assert (near.severity, near.evidence["last_safe_order_on"]) == ("warning", str(day(14)))
    assert held(advised(ends, days=16, on_hand=Decimal(9_000)))["stock_last_safe_order_date"].severity == "critical"
    far = line(100, clocks=[clock(day(60))])
    assert "stock_last_safe_order_date" not in held(advised(far, on_hand=Decimal(9_000)))


def test_stock_that_lasts_shorter_than_an_order_takes() -> None:
    assert "stock_survives_less_than_recovery" in held(advised(on_hand=Decimal(400)))
    assert "stock_survives_less_than_recovery" not in held(advised(on_hand=Decimal(500)))


def test_a_single_source() -> None:
    assert "stock_single_source" in held(advised(sources=[HOME]))
    assert "stock_single_source" not in held(advised(sources=[HOME, ABROAD]))


def test_stock_that_will_expire() -> None:
    assert "stock_shelf_life" in held(advised(lots=[StockLot(quantity=Decimal(900), best_before=day(20))]))


def test_advice_that_changes_and_stays() -> None:
    before, after = advised(), advised(on_hand=Decimal(449))
    changed = held(after, before)["stock_advice_changed"]
    assert changed.severity == "warning"
    assert "was wait and is order now" in changed.summary
    assert "stock_advice_changed" not in held(after, after)


def test_of_what_is_unknown_only_the_change_is_told() -> None:
    unknown = advised(consumption_per_day=None, policy_days=500)
    assert set(held(unknown, advised())) == {"stock_advice_changed"}


def test_a_stroke_in_a_name_does_not_make_one_alert_of_two() -> None:
    one, other = (
        held(advised(policy_days=120, plant=plant, item_id=item))["stock_cover_below_policy"]
        for plant, item in (("A/B", "C"), ("A", "B/C"))
    )
    assert (one.key, other.key) == ("stock_cover_below_policy:A%2FB/C", "stock_cover_below_policy:A/B%2FC")
