"""Open orders as the portfolio keeps them in memory: what `positions.py` says, with amounts as floats and in few objects.

Twenty thousand orders stay here, and every collection of garbage walks over them while nothing else runs.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.pricing_risk.domain.positions import LinePosition, OrderPosition
from shared.contracts.price import PriceForm, PriceMarket


@dataclass(slots=True, frozen=True)
class OpenMaterial:
    elements: str
    """Symbols joined by `+`: what one price is of cannot be taken apart."""
    form: PriceForm | None
    market: PriceMarket | None
    series: str | None
    contained_kg: float | None
    factor: float

    @property
    def symbols(self) -> list[str]:
        return symbols_of(self.elements)


@dataclass(slots=True, frozen=True)
class OpenLine:
    """Money is in the order's currency."""

    line_id: str
    item_id: str | None
    description: str | None
    materials: tuple[OpenMaterial, ...]
    pricing: str
    pricing_on: date | None
    waits: bool
    quotation_from: date | None
    quotation_to: date | None
    hedged_share: float
    open_value: float | None
    budget_value: float | None
    fixed_value: float | None


@dataclass(slots=True, frozen=True)
class OpenOrder:
    order_key: str
    supplier: str | None
    country: str | None
    buyer_unit: str
    currency: str | None
    lines: tuple[OpenLine, ...]

    @property
    def has_budget(self) -> bool:
        return any(line.budget_value is not None for line in self.lines)


def symbols_of(elements: str) -> list[str]:
    """The elements of what is priced as one."""
    return elements.split("+")


def open_order(position: OrderPosition) -> OpenOrder:
    return OpenOrder(
        order_key=str(position.order_key),
        supplier=position.supplier,
        country=position.country,
        buyer_unit=position.buyer_unit,
        currency=position.currency,
        lines=tuple(map(_line, position.lines)),
    )


def _line(line: LinePosition) -> OpenLine:
    return OpenLine(
        line_id=line.line_id,
        item_id=line.item_id,
        description=line.description,
        materials=tuple(
            OpenMaterial(
                "+".join(material.elements),
                material.form,
                material.market,
                material.series,
                _amount(material.contained_kg),
                float(material.factor),
            )
            for material in line.materials
        ),
        pricing=line.pricing,
        pricing_on=line.pricing_on,
        waits=line.waits,
        quotation_from=line.quotation_from,
        quotation_to=line.quotation_to,
        hedged_share=float(line.hedged_percent) / 100.0,
        open_value=_amount(line.open_value),
        budget_value=_amount(line.budget_value),
        fixed_value=_amount(line.fixed_value),
    )


def _amount(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
