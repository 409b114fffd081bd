"""What a line costs by its contract, and what it would cost at another price: its budget, the standard price, the premium of a formula."""

from decimal import Decimal

from services.pricing_risk.domain.inputs import OrderLineRead
from shared.contracts.order import Price
from shared.contracts.price_unit import MASS_KG, price_unit


def cost_at(line: OrderLineRead, price: Price) -> Decimal | None:
    """All that was ordered at another price, in that price's currency; None where its unit cannot be compared with the line's."""
    if price.per_quantity <= 0:
        return None
    own = line.price
    if own is not None and line.value is not None and own.amount > 0 and own.per_quantity > 0 and _same_unit(own, price):
        return line.value * (price.amount * own.per_quantity) / (own.amount * price.per_quantity)
    quantity = line.quantity
    if quantity is None:
        return None
    if price.order_to_price_unit is None and (price.per_unit is None or _fold(price.per_unit) == _fold(quantity.unit)):
        return quantity.value * price.amount / price.per_quantity
    unit = price_unit(price.per_unit) if price.per_unit is not None else None
    if unit in MASS_KG and line.mass_kg is not None:
        return line.mass_kg / MASS_KG[unit] * price.amount / price.per_quantity
    return None


def premium_value(line: OrderLineRead) -> Decimal | None:
    """What a formula adds to the index, for all that was ordered; 0 where it adds nothing, None where its unit cannot be compared."""
    premium = line.pricing.premium if line.pricing is not None else None
    if not premium:
        return Decimal(0)
    own = line.price
    if own is None:
        return line.quantity.value * premium if line.quantity is not None else None
    return cost_at(line, own.model_copy(update={"amount": premium, "per_quantity": Decimal(1)}))


def _same_unit(own: Price, other: Price) -> bool:
    return _fold(own.per_unit) == _fold(other.per_unit) and own.order_to_price_unit == other.order_to_price_unit


def _fold(unit: str | None) -> str | None:
    return unit.upper() if unit is not None else None
