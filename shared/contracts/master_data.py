"""Items and suppliers: where origin, tariff code and composition come from, because orders do not carry them."""

from pydantic import Field

from shared.contracts.base import Contract, CountryCode, Day, DecimalString, Identifier, Name, Text
from shared.contracts.order import Attribute, Classification, Component, Constituent, ControlFacts, Party, Price
from shared.contracts.price import PricingTerms


class Evidence(Contract):
    """The document behind a fact."""

    document: Name
    issuer: Name | None = None
    issued_on: Day | None = None
    valid_until: Day | None = None


class Item(Contract):
    """One row of an item master. A composition holds for this manufacturer's part and revision only."""

    item_id: Identifier
    supplier_id: Identifier | None = None
    """Set where the facts hold only for the item as this supplier delivers it."""
    description: Text | None = None
    description_lang: Identifier | None = None
    manufacturer: Party | None = None
    manufacturer_part: Identifier | None = None
    manufacturer_part_revision: Identifier | None = None
    origin_country: CountryCode | None = None
    inputs_origin_country: CountryCode | None = None
    classifications: list[Classification] = Field(default_factory=list)
    attributes: list[Attribute] = Field(default_factory=list)
    composition: list[Constituent] = Field(default_factory=list)
    components: list[Component] = Field(default_factory=list)
    """The parts of one unit of the item: at most 500 in all, nested at most 8 deep; other items of the master stand there by number."""
    components_complete: bool | None = None
    control: ControlFacts | None = None
    unit: Identifier | None = None
    net_weight_kg_per_unit: DecimalString | None = None
    pricing: PricingTerms | None = None
    """How orders for the item are priced, where they do not say it themselves."""
    budget_price: Price | None = None
    standard_price: Price | None = None
    evidence: dict[str, Evidence] = Field(default_factory=dict)
    """By field name."""


class Supplier(Party):
    """One row of a supplier master; `supplier_id` is the number that orders carry."""

    supplier_id: Identifier
    ships_from_country: CountryCode | None = None
    """Where his deliveries leave from, for orders that do not say it."""
    evidence: dict[str, Evidence] = Field(default_factory=dict)
