"""What an open order adds to the exposure of the firm: amounts of priced material whose price is, or is not yet, set."""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from shared.contracts.base import Contract, CountryCode, CurrencyCode, DecimalString, Identifier
from shared.contracts.order import OrderKey
from shared.contracts.price import PriceForm, PriceMarket


class MaterialPosition(Contract):
    """One priced material of a line. `series` None: nothing told its price when the line was priced."""

    elements: list[str]
    form: PriceForm | None = None
    market: PriceMarket | None = None
    """Where the goods come from: with `form` what a series is looked for by, where `series` is none or is no longer there."""
    series: Identifier | None = None
    contained_kg: DecimalString | None = None
    """Of what is still open: the middle of what is known; None where the content is not."""
    factor: DecimalString = Decimal(1)
    """How much of a change of the index the contract passes on."""


class LinePosition(Contract):
    """An open line. What share of its price is not set yet follows from the days, so that it is right on whatever day it is asked."""

    line_id: Identifier
    item_id: Identifier | None = None
    description: str | None = None
    materials: list[MaterialPosition] = Field(default_factory=list)
    pricing: Literal["fixed", "index", "average", "formula"] = "fixed"
    pricing_on: date | None = None
    waits: bool = False
    """The price is set when the goods leave or come: open beyond `pricing_on`, until the order says that they have."""
    quotation_from: date | None = None
    quotation_to: date | None = None
    hedged_percent: DecimalString = Decimal(0)
    open_value: DecimalString | None = None
    """At the contract's price, in the order's currency; None where the price is not set."""
    budget_value: DecimalString | None = None
    """Of the open quantity at the budgeted price, in the order's currency."""
    fixed_value: DecimalString | None = None
    """What a formula adds to the index: it does not move with it."""


class OrderPosition(Contract):
    """Open lines that are exposed, or may be; an order without any has none."""

    order_key: OrderKey
    revision: int
    round: int
    supplier: str | None = None
    """Name, else number."""
    country: CountryCode | None = None
    """Of the supplier."""
    currency: CurrencyCode | None = None
    lines: list[LinePosition] = Field(default_factory=list)

    @property
    def buyer_unit(self) -> str:
        """The company code of the order."""
        return self.order_key.company
