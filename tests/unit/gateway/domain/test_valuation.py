"""Mass and value of a line, exactly and with the basis that the price is stated for."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.valuation import mass_of, value_of
from shared.contracts.master_data import Item
from tests.unit.gateway.orders import order_line

AMOUNTS = st.decimals(min_value="0", max_value="1e9", places=4, allow_nan=False, allow_infinity=False)
QUANTITIES = st.decimals(min_value="0.001", max_value="1e6", places=3, allow_nan=False, allow_infinity=False)


def value(mass_kg: Decimal | None = None, currency: str | None = "EUR", **fields: Any) -> tuple[Decimal | None, list[str]]:
    found = value_of(order_line(**fields), currency, mass_kg, "/lines/0")
    return found.value, [issue.code for issue in found.issues]


def mass(item: Item | None = None, **fields: Any) -> tuple[Decimal | None, str]:
    found = mass_of(order_line(**fields), item, "/lines/0")
    return found.mass_kg, found.provenance


def quantity(number: str, unit: str | None, system: str = "UNECE") -> dict[str, Any]:
    return {"value": number, "unit": unit, "unit_system": system}


@given(AMOUNTS, QUANTITIES, st.integers(1, 10_000))
def test_value_is_price_times_quantity_over_the_price_quantity(amount: Decimal, number: Decimal, per: int) -> None:
    found, issues = value(quantity=quantity(str(number), "KGM"), price={"amount": str(amount), "per_quantity": str(per), "per_unit": "KGM"})
    assert issues == []
    assert found is not None
    assert abs(found * per - amount * number) <= Decimal("0.000001") * per


def test_the_ratio_of_order_unit_to_price_unit_counts() -> None:
    """A real order whose quantity times price is a hundred times its net amount: 100 pieces are one price unit."""
    price = {"amount": "6.75", "per_quantity": "1", "per_unit": "PA", "order_to_price_unit": {"numerator": "100", "denominator": "1"}}
    assert value(quantity=quantity("100", "PCE", "SAP"), price=price) == (Decimal("6.75"), [])
    assert value(quantity=quantity("100", "PCE", "SAP"), price=price, net_amount="6.75") == (Decimal("6.75"), [])


def test_a_price_in_another_unit_of_the_same_kind_is_converted() -> None:
    price = {"amount": "2000", "per_unit": "TNE"}
    assert value(quantity=quantity("500", "KGM"), price=price) == (Decimal(1000), [])


def test_a_price_by_weight_of_goods_by_the_piece_needs_their_mass() -> None:
    fields = {"quantity": quantity("10", "C62"), "price": {"amount": "3", "per_unit": "KGM"}}
    assert value(mass_kg=Decimal("2.5"), **fields) == (Decimal("7.5"), [])
    assert value(**fields) == (None, ["PRICE_BASIS_UNKNOWN"])


def test_the_net_amount_wins_and_a_disagreement_is_told() -> None:
    fields = {"quantity": quantity("100", "KGM"), "price": {"amount": "100"}, "net_amount": "100.00"}
    assert value(**fields) == (Decimal(100), ["NET_AMOUNT_DISAGREES"])
    assert value(**{**fields, "net_amount": "10000.40"}) == (Decimal("10000.4"), [])


def test_a_price_in_another_currency_than_the_order_gives_no_value() -> None:
    assert value(quantity=quantity("1", "KGM"), price={"amount": "1", "currency": "USD"}) == (None, ["PRICE_CURRENCY_DIFFERS"])
    assert value(currency=None, quantity=quantity("1", "KGM"), price={"amount": "1", "currency": "USD"}) == (Decimal(1), [])


@pytest.mark.parametrize("per_quantity", ["0", "-1"])
def test_a_price_for_nothing_is_no_price(per_quantity: str) -> None:
    assert value(price={"amount": "1", "per_quantity": per_quantity}) == (None, ["PRICE_BASIS_UNKNOWN"])


def test_a_ratio_of_zero_is_no_ratio() -> None:
    ratio = {"numerator": "0", "denominator": "1"}
    assert value(price={"amount": "1", "order_to_price_unit": ratio}) == (None, ["PRICE_BASIS_UNKNOWN"])


def test_what_is_beyond_any_order_stays_unknown() -> None:
    huge = "9" * 15
    found, issues = value(quantity=quantity(huge, "KGM"), price={"amount": huge})
    assert (found, issues) == (None, ["NUMBER_OUT_OF_RANGE"])
    assert mass(quantity=quantity("9" * 15, "TNE")) == (None, "missing")


@pytest.mark.parametrize("fields", [{"quantity": None}, {"price": None}, {"quantity": None, "price": {"amount": "1"}}])
def test_without_quantity_or_price_there_is_no_value(fields: dict[str, Any]) -> None:
    assert value(**fields) == (None, [])


@given(QUANTITIES)
def test_mass_is_the_quantity_in_kilograms(number: Decimal) -> None:
    assert mass(quantity=quantity(str(number), "GRM"))[0] == (number / 1000).normalize()


def test_mass_comes_from_the_quantity_then_the_stated_weight_then_the_item() -> None:
    item = Item(item_id="MAG-1", unit="C62", net_weight_kg_per_unit=Decimal("0.05"))
    assert mass(item, quantity=quantity("2", "KGM"), net_weight=quantity("9", "KGM")) == (Decimal(2), "document")
    assert mass(item, quantity=quantity("2", "C62"), net_weight=quantity("9", "LBR")) == (Decimal("4.08233133"), "document")
    assert mass(item, quantity=quantity("2", "C62")) == (Decimal("0.1"), "item_master")
    assert mass(item, quantity=quantity("2", "DZN")) == (Decimal("1.2"), "item_master")
    assert mass(item, quantity=quantity("2", "MTR")) == (None, "missing")
    assert mass(None, quantity=quantity("2", "C62")) == (None, "missing")


def test_an_item_weighed_per_carton_fits_cartons_only() -> None:
    item = Item(item_id="MAG-1", unit="CT", net_weight_kg_per_unit=Decimal(12))
    assert mass(item, quantity=quantity("3", "CT")) == (Decimal(36), "item_master")
    assert mass(item, quantity=quantity("3", "C62")) == (None, "missing")
