"""How the portfolio is shown: cents that add up, unknown as null and told, never as nothing."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.pricing_risk.exposure_view import adding_up, cents, exposure_view
from tests.unit.pricing_risk.domain.open_books import COPPER, GERMANIUM, NEODYMIUM, line, order, portfolio


@given(st.lists(st.floats(-1e12, 1e12), max_size=50))
def test_cents_add_up_to_the_rounded_sum(amounts: list[float]) -> None:
    rounded = adding_up(amounts)
    assert sum(rounded) == sum(map(Decimal, amounts), Decimal(0)).quantize(Decimal("0.01"))
    assert all(abs(shown - Decimal(amount)) <= Decimal("0.01") for shown, amount in zip(rounded, amounts, strict=True))


def test_nothing_is_no_minus_zero() -> None:
    assert str(cents(-0.001)) == "0.00"


def test_groups_add_up_to_the_total_to_the_cent() -> None:
    orders = [
        order(number, line(1, kg="0.001"), line(2, NEODYMIUM, "0.0333", ("Nd",)), line(3, COPPER, "0.7", ("Cu",))) for number in range(7)
    ]
    shown = exposure_view(portfolio(*orders), "supplier", 3)
    for name in ("exposure_money", "market_value_money", "expected_shortfall_975_money"):
        assert sum(getattr(group, name) for group in shown.groups) == getattr(shown.total, name)
    assert len(shown.worst_lines) == 3


def test_what_is_not_known_is_named_and_shares_of_nothing_are_null() -> None:
    shown = exposure_view(portfolio(order(1, line(1, None, "1", ("Tb",)), line(2, GERMANIUM, "1", ("Ge",), pricing_on=None))), "element", 3)
    assert shown.model_dump(mode="json")["missing"] == [{"what": "a price of Tb", "lines": 1}]
    assert [(group.name, group.unknown_lines) for group in shown.groups] == [("Ge", 0), ("Tb", 1)]
    assert shown.groups[1].exposure_money is None
    assert shown.groups[1].expected_shortfall_975_money is None
    assert shown.total.exchange_rate_share is None
    assert shown.total.exposure_without_risk_money == 2000
    assert shown.method.series_without_risk == [GERMANIUM]
    assert shown.method.lines_with_assumed_pricing_day == 1


def test_one_line_of_more_money_than_there_is_hides_no_other() -> None:
    largest = "999999999999999"
    orders = [
        order(1, line(1), line(2, kg=largest)),
        order(2, line(1, factor=largest), line(2, pricing="fixed", open_value=Decimal(largest)), currency="EUR"),
    ]
    shown = exposure_view(portfolio(*orders), "element", 3)
    assert shown.total.exposure_money == 3000
    assert shown.total.unknown_lines == 3
    assert {missing.what for missing in shown.missing} == {
        "a quantity, price or factor that can be: together they make more money than there is"
    }


def test_sums_may_be_longer_than_any_one_figure() -> None:
    orders = [order(number, line(1, kg="3000000000000")) for number in range(3)]
    shown = exposure_view(portfolio(*orders), "supplier", 3)
    assert shown.total.market_value_money == 3 * 3000000000000 * 300
    assert shown.model_dump(mode="json")["total"]["market_value_money"] == "2700000000000000"
