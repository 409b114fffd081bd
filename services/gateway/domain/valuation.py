"""Mass and value of a line, from what the order says and what master data adds. What cannot be known stays None."""

from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation, localcontext

from shared.contracts.master_data import Item
from shared.contracts.order import Issue, OrderLine, Price, Provenance
from shared.units import Unit, conversion, find_unit, unit_of

KILOGRAM = Unit("mass_kg", Decimal(1))
MASS_STEP = Decimal("1e-9")
VALUE_STEP = Decimal("1e-6")
TOLERATED_SHARE = Decimal("0.01")
"""A net amount may differ from quantity times price by rounding and small charges before it is worth a word."""

_EXACT = Context(prec=80)
_LARGEST = Decimal(10) ** 15
"""Contracts carry 15 digits before the point."""


@dataclass(slots=True, frozen=True)
class Mass:
    mass_kg: Decimal | None
    provenance: Provenance
    issues: tuple[Issue, ...] = ()


@dataclass(slots=True, frozen=True)
class Value:
    value: Decimal | None
    provenance: Provenance
    issues: tuple[Issue, ...] = ()


def mass_of(line: OrderLine, item: Item | None, path: str) -> Mass:
    """Net mass of the whole line: its quantity in kilograms, else its stated net weight, else quantity times the item's weight."""
    with localcontext(_EXACT):
        if line.quantity is not None:
            per_unit = conversion(unit_of(line.quantity), KILOGRAM)
            if per_unit is not None:
                return _mass(line.quantity.value * per_unit, "document", path)
        if line.net_weight is not None:
            per_unit = conversion(unit_of(line.net_weight), KILOGRAM)
            if per_unit is not None:
                return _mass(line.net_weight.value * per_unit, "document", path)
        if line.quantity is not None and item is not None and item.net_weight_kg_per_unit is not None:
            item_units = _in_item_units(line, item)
            if item_units is not None:
                return _mass(item_units * item.net_weight_kg_per_unit, "item_master", path)
    return Mass(None, "missing")


def _in_item_units(line: OrderLine, item: Item) -> Decimal | None:
    """The quantity in the unit that the item's weight is stated for. An item without unit is weighed by the piece."""
    assert line.quantity is not None
    if item.unit is not None and line.quantity.unit is not None and item.unit.upper() == line.quantity.unit.upper():
        return line.quantity.value
    item_unit = find_unit(item.unit or "C62", "UNECE")
    factor = conversion(unit_of(line.quantity), item_unit)
    return None if factor is None else line.quantity.value * factor


def units_of(line: OrderLine, item: Item | None) -> Decimal | None:
    """How many units the line orders: of the item where one is given, else of whatever the order counts in."""
    if line.quantity is None:
        return None
    return line.quantity.value if item is None else _in_item_units(line, item)


def per_unit(amount: Decimal | None, units: Decimal | None) -> Decimal | None:
    """To a millionth of a millionth; None where either is unknown, where there are no units, and beyond what contracts carry."""
    if amount is None or units is None or units <= 0:
        return None
    with localcontext(_EXACT):
        return _fitted(amount / units, Decimal("1e-12"))


def _mass(kilograms: Decimal, provenance: Provenance, path: str) -> Mass:
    fitting = _fitted(kilograms, MASS_STEP)
    if fitting is None:
        return Mass(None, "missing", (_too_large(f"{path}/mass_kg", "mass"),))
    return Mass(fitting, provenance)


def value_of(line: OrderLine, currency: str | None, mass_kg: Decimal | None, path: str) -> Value:
    """Net value of the whole line in the order's currency. A stated net amount wins over the price; an issue says where they disagree."""
    with localcontext(_EXACT):
        computed = _price_times_quantity(line, mass_kg)
        if line.net_amount is not None:
            stated = _fitted(line.net_amount, VALUE_STEP)
            if stated is None:
                return Value(None, "missing", (_too_large(f"{path}/net_amount", "value"),))
            return Value(stated, "document", _disagreement(stated, computed, path))
        if line.price is None or line.quantity is None:
            return Value(None, "missing")
        if line.price.currency is not None and currency is not None and line.price.currency != currency:
            return Value(None, "missing", (_foreign_price(line.price.currency, currency, path),))
        if computed is None:
            return Value(None, "missing", (_unusable_price_unit(line.price, path),))
        fitting = _fitted(computed, VALUE_STEP)
        return Value(fitting, "document") if fitting is not None else Value(None, "missing", (_too_large(f"{path}/price", "value"),))


def _price_times_quantity(line: OrderLine, mass_kg: Decimal | None) -> Decimal | None:
    """amount × quantity in price units ÷ the quantity the price is for."""
    if line.price is None or line.quantity is None or line.price.per_quantity <= 0:
        return None
    price_units = _price_units(line, mass_kg)
    return None if price_units is None else line.price.amount * price_units / line.price.per_quantity


def _price_units(line: OrderLine, mass_kg: Decimal | None) -> Decimal | None:
    price, quantity = line.price, line.quantity
    assert price is not None
    assert quantity is not None
    ratio = price.order_to_price_unit
    if ratio is not None:
        return quantity.value * ratio.denominator / ratio.numerator if ratio.numerator > 0 and ratio.denominator > 0 else None
    if price.per_unit is None or (quantity.unit is not None and price.per_unit.upper() == quantity.unit.upper()):
        return quantity.value
    price_unit = find_unit(price.per_unit, quantity.unit_system)
    factor = conversion(unit_of(quantity), price_unit)
    if factor is not None:
        return quantity.value * factor
    per_kilogram = conversion(KILOGRAM, price_unit)
    return None if per_kilogram is None or mass_kg is None else mass_kg * per_kilogram


def _fitted(value: Decimal, step: Decimal) -> Decimal | None:
    """Rounded to the step that contracts can carry, None where the number is beyond any order."""
    try:
        return None if abs(value) >= _LARGEST else value.quantize(step).normalize()
    except InvalidOperation:
        return None


def _disagreement(stated: Decimal, computed: Decimal | None, path: str) -> tuple[Issue, ...]:
    if computed is None or abs(stated - computed) <= TOLERATED_SHARE * max(abs(stated), abs(computed)):
        return ()
    return (
        Issue(
            code="NET_AMOUNT_DISAGREES",
            path=f"{path}/net_amount",
            severity="warning",
            message=f"The net amount {stated:f} is not quantity times price ({_short(computed)}); the net amount counts. Check the price "
            "quantity, the ratio of order unit to price unit, and charges.",
        ),
    )


def _short(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.01')):f}" if abs(value) < _LARGEST else f"{value:.3e}"


def _foreign_price(price_currency: str, currency: str, path: str) -> Issue:
    return Issue(
        code="PRICE_CURRENCY_DIFFERS",
        path=f"{path}/price/currency",
        severity="warning",
        message=f"The price is in {price_currency} and the order in {currency}; without a net amount in {currency} the line's value stays "
        "unknown.",
    )


def _unusable_price_unit(price: Price, path: str) -> Issue:
    return Issue(
        code="PRICE_BASIS_UNKNOWN",
        path=f"{path}/price",
        severity="warning",
        message=f"The price is per {price.per_quantity:f} {price.per_unit or 'unit'}, which cannot be compared with the order quantity; "
        "give the ratio of order unit to price unit or a net amount.",
    )


def _too_large(path: str, what: str) -> Issue:
    return Issue(
        code="NUMBER_OUT_OF_RANGE", path=path, severity="warning", message=f"The {what} of the line is beyond 10^15 and stays unknown."
    )
