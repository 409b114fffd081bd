"""What a plant reports of its stock of an item: how much there is, what it is bound to, how fast it is used, how it is bought."""

from collections.abc import Iterator
from datetime import UTC
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.contracts.base import Contract, CountryCode, CurrencyCode, Day, DecimalString, Identifier, Instant, Name, Text
from shared.contracts.envelope import Event

NotNegative = Annotated[DecimalString, Field(ge=0)]
Positive = Annotated[DecimalString, Field(gt=0)]
ElementSymbol = Annotated[str, StringConstraints(pattern=r"^[A-Z][a-z]?$")]


class ContainedElement(Contract):
    """Mass of the element in the item, in percent of the item's mass."""

    element: ElementSymbol
    percent: Annotated[DecimalString, Field(gt=0, le=100)]


class BoundStock(Contract):
    """Stock that an undertaking binds to one end use: it serves no other demand."""

    quantity: NotNegative
    end_use: Text
    document: Name | None = None


class StockLot(Contract):
    quantity: NotNegative
    best_before: Day


class ConsumptionPeriod(Contract):
    """What was used from `first_on` to `last_on`, both included."""

    first_on: Day
    last_on: Day
    quantity: NotNegative


class ExpectedReceipt(Contract):
    """A quantity to come that no order of the stream tells of."""

    quantity: Positive
    expected_on: Day
    reference: Identifier | None = None


class SupplySource(Contract):
    """A supplier that the item can be bought from."""

    supplier_id: Identifier | None = None
    name: Name | None = None
    country: CountryCode | None = None
    unit_price: Positive | None = None
    """In the report's currency, per unit of the report."""
    lead_time_days: Annotated[int, Field(ge=0, le=3650)] | None = None
    """From order to arrival, without a licence queue."""
    licence_needed: bool | None = None
    """None: as screening says of his order lines, else unknown."""
    qualified: bool = True
    quantity_last_year: NotNegative | None = None
    kind: Literal["primary", "recycled"] = "primary"


class Use(Contract):
    """A product that the item goes into, for allocation when there is too little."""

    product: Name
    quantity_per_day: NotNegative
    margin_per_unit: NotNegative
    """Money earned by one unit of the item in this product, in the report's currency."""
    bound_end_use: Text | None = None


class Substitute(Contract):
    item_id: Identifier | None = None
    description: Text
    saved_percent: Annotated[DecimalString, Field(gt=0, le=100)]
    """How much less of the item is then used."""
    source: Name | None = None


class StockReport(Contract):
    """All that is known of one item in one plant; the same plant and item again replaces it. Quantities are in `unit`."""

    plant: Identifier
    item_id: Identifier
    description: Text | None = None
    unit: Identifier
    mass_kg_per_unit: Positive | None = None
    contained: list[ContainedElement] = Field(default_factory=list, max_length=50)
    as_of: Instant
    on_hand: DecimalString
    """Unrestricted stock that the plant owns. Below zero is a booking mistake and is refused."""
    in_transit: NotNegative | None = None
    """Bought, has left the seller, and stands in no open order of the stream."""
    reserved: NotNegative | None = None
    quality_blocked: NotNegative | None = None
    consigned: NotNegative | None = None
    """On the premises, not owned: usable, returnable."""
    bound: list[BoundStock] = Field(default_factory=list, max_length=30)
    lots: list[StockLot] = Field(default_factory=list, max_length=1_000)
    consumption_per_day: NotNegative | None = None
    consumption: list[ConsumptionPeriod] = Field(default_factory=list, max_length=5_000)
    receipts: list[ExpectedReceipt] = Field(default_factory=list, max_length=500)
    ship_to_ids: list[Identifier] = Field(default_factory=list, max_length=500)
    """Ship-to numbers of orders whose goods come to this plant."""
    currency: CurrencyCode | None = None
    unit_price: Positive | None = None
    order_cost: NotNegative | None = None
    holding_cost_per_unit_year: NotNegative | None = None
    shortage_cost_per_unit: NotNegative | None = None
    minimum_order: NotNegative | None = None
    order_multiple: Positive | None = None
    budget: NotNegative | None = None
    """The most that an order may cost."""
    shelf_life_days: Annotated[int, Field(ge=1, le=36500)] | None = None
    lead_time_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """Base lead time from order to arrival, without a licence queue."""
    shipping_days: Annotated[int, Field(ge=0, le=365)] | None = None
    """Of the lead time, what lies behind the departure."""
    lead_times_seen_days: list[Annotated[int, Field(ge=0, le=3650)]] = Field(default_factory=list, max_length=5_000)
    policy_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """Days of cover to hold: 60, 100 and 180 are presets of public stockpiles; None: the service level decides."""
    service_level: Annotated[DecimalString, Field(gt=0, lt=1)] | None = None
    sources: list[SupplySource] = Field(default_factory=list, max_length=100)
    uses: list[Use] = Field(default_factory=list, max_length=100)
    substitutes: list[Substitute] = Field(default_factory=list, max_length=100)
    withdrawn: bool = False
    """The plant no longer keeps the item."""

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        contradictions = list(self._contradictions())
        if contradictions:
            raise ValueError(" ".join(contradictions))
        return self

    def _contradictions(self) -> Iterator[str]:
        if self.on_hand < 0:
            yield f"Stock on hand is {self.on_hand}; stock cannot be negative: book what is missing as a shortage, and report 0."
        today = self.as_of.astimezone(UTC).date()  # on the wire it is in UTC: what is valid when sent is valid when read
        for period in self.consumption:
            if period.last_on < period.first_on:
                yield f"A period of consumption ends on {period.last_on} and begins on {period.first_on}; swap the two days."
            elif period.last_on > today:
                yield f"Consumption until {period.last_on} lies ahead of the report of {today}; report what was used, not what will be."
        if self.lead_time_days is not None and self.shipping_days is not None and self.lead_time_days < self.shipping_days:
            yield f"The lead time is {self.lead_time_days} days and shipping alone takes {self.shipping_days}; correct one of them."
        if sum((each.percent for each in self.contained), start=self.on_hand * 0) > 100:
            yield "The contained elements add up to more than 100 percent of the item's mass; correct their shares."


StockEvent = Event[StockReport]
"""On stream `stock`, type `orestream.stock.{reported,withdrawn}.v1`, subject the item."""
