"""A purchase order: what a sender may say (`OrderDocument`) and the accepted snapshot that every service reads (`OrderSnapshot`).

Almost nothing is mandatory, because almost nothing is always there: of 991 lines in 228 real orders, 0.6 % said where the goods
come from and none carried a tariff code (reference: orders.md, section 0). What master data adds is marked in `provenance`.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import Field

from shared.contracts.base import Contract, CountryCode, CurrencyCode, Day, DecimalString, Identifier, Instant, Name, Sha256, Text
from shared.contracts.envelope import Event
from shared.contracts.price import PricingTerms

Provenance = Literal["document", "item_master", "supplier_master", "inferred", "missing"]


class OrderKey(Contract):
    """The natural key of an order. Its text form joins the three parts, percent-encoded, with slashes."""

    system: Identifier
    company: Identifier
    order_id: Identifier

    def __str__(self) -> str:
        parts = (self.system, self.company, self.order_id)
        # Letters and digits stand for themselves, and most keys are made of nothing else.
        return "/".join([part if part.isascii() and part.isalnum() else quote(part, safe="") for part in parts])


class SourceRevision(Contract):
    """What the source says about the state of its order; any of it may be unknown."""

    source_value: Identifier | None = None
    source_seq: Annotated[int, Field(ge=0, le=2**53)] | None = None
    source_changed_at: Instant | None = None


class Revision(SourceRevision):
    """`received_seq` numbers the accepted snapshots of one order from 1."""

    received_seq: Annotated[int, Field(ge=1)]


class Party(Contract):
    """A firm as an order or master data names it."""

    id: Identifier | None = None
    id_scheme: Identifier | None = None
    name: Name | None = None
    name_local: Name | None = None
    address_lines: list[Text] = Field(default_factory=list)
    city: Name | None = None
    postcode: Identifier | None = None
    region: Name | None = None
    country: CountryCode | None = None
    country_raw: Identifier | None = None
    identifiers: dict[str, Identifier] = Field(default_factory=dict)
    """Registry numbers by scheme: LEI, USCC (18-digit Unified Social Credit Code), DUNS, VAT …"""


class EndUser(Party):
    """Who uses the goods. `user_class` is a fact the buyer states, as is the owner with the share held."""

    user_class: Literal["civil", "military", "unlisted_subsidiary"] | None = None
    owner_name: Name | None = None
    owner_share_percent: DecimalString | None = None


class Quantity(Contract):
    """An amount in the sender's own unit code; `unit_system` says whose code it is (T is tonne here and tesla elsewhere)."""

    value: DecimalString
    unit: Identifier | None = None
    unit_system: Literal["UNECE", "X12", "SAP", "ERPNEXT", "ODOO", "D365", "UNKNOWN"] = "UNKNOWN"


class PriceUnitRatio(Contract):
    """`numerator` order units are `denominator` price units (SAP BPUMN and BPUMZ)."""

    numerator: DecimalString
    denominator: DecimalString


class Price(Contract):
    """`amount` of `currency` buys `per_quantity` of `per_unit`: a price without its basis is meaningless."""

    amount: DecimalString
    currency: CurrencyCode | None = None
    per_quantity: DecimalString = Decimal(1)
    per_unit: Identifier | None = None
    order_to_price_unit: PriceUnitRatio | None = None


class Classification(Contract):
    """A code of goods. Tariff codes carry the year of the tariff in `version`: reference codes drift."""

    scheme: Literal["HS", "CN", "HTS", "CN_TARIFF", "UNSPSC", "ECLASS", "CAS", "BUYER"]
    """HS: 6 digits. CN: the EU's 8. HTS: the US's 10. CN_TARIFF: China's 8 or 10."""
    code: Identifier
    version: Identifier | None = None


class Attribute(Contract):
    """A named property as the sender wrote it."""

    name: Name
    value: Text
    unit: Identifier | None = None


class Constituent(Contract):
    """One stated part of a composition, verbatim: `substance` "Dy2O3" or "Nd+Pr", `share` "99.5 wt%", "<0.01 wt%" or "0.2% of value".

    A composition belongs to the manufacturer's part and revision and is only as good as the document behind it.
    """

    substance: Name
    share: Name
    in_part: Name | None = None
    """The part of the goods that the share speaks of, where it is not the whole ("magnet")."""
    origin_country: CountryCode | None = None
    document: Name | None = None
    issuer: Name | None = None
    issued_on: Day | None = None
    valid_until: Day | None = None


class ControlFacts(Contract):
    """What somebody states about a component under another country's export control; unknown is None."""

    us_controlled_content: bool | None = None
    """Whether the component is, or holds, content of US origin that is controlled for where the goods go (15 CFR 734.4)."""
    eccn: Identifier | None = None
    """The component's Export Control Classification Number, or EAR99."""


class Component(Contract):
    """One part of a whole. Quantity, mass and value are those of all its pieces in ONE unit of the whole that lists it directly.

    The whole of a line's components is one unit that the line orders; that of an item's components is one unit of the item. What is left
    out is unknown, not zero: a component without mass or composition could be, and could hold, anything.
    """

    item_id: Identifier | None = None
    """The number of a row of the item master, which fills in what is not stated here."""
    description: Text | None = None
    description_lang: Identifier | None = None
    quantity: DecimalString | None = None
    """Pieces, or amount in `unit`."""
    unit: Identifier | None = None
    mass_kg: DecimalString | None = None
    value: DecimalString | None = None
    currency: CurrencyCode | None = None
    """Left out, the value is in the order's currency."""
    mass_share_percent: DecimalString | None = None
    value_share_percent: DecimalString | None = None
    origin_country: CountryCode | None = None
    inputs_origin_country: CountryCode | None = None
    classifications: list[Classification] = Field(default_factory=list)
    attributes: list[Attribute] = Field(default_factory=list)
    composition: list[Constituent] = Field(default_factory=list)
    control: ControlFacts | None = None
    document: Name | None = None
    """The evidence behind it, with its issuer, date and end."""
    issuer: Name | None = None
    issued_on: Day | None = None
    valid_until: Day | None = None
    components: "list[Component]" = Field(default_factory=list)
    components_complete: bool | None = None
    """Whether `components` names every part. Where nobody says, it does when their shares of mass add up to the whole."""
    read_from: Provenance | None = None
    """Where the gateway took the component's own facts from, when not from where it is listed."""
    fault: Text | None = None
    """Why the gateway could not use all of it (it contains itself, say): a question, never a pass."""


class ItemReference(Contract):
    buyer_id: Identifier | None = None
    supplier_id: Identifier | None = None
    manufacturer_id: Identifier | None = None
    gtin: Identifier | None = None
    group: Identifier | None = None


class RequestedDelivery(Contract):
    """One schedule line."""

    date: Day
    quantity: DecimalString | None = None


class TextNote(Contract):
    kind: Identifier
    text: Text
    lang: Identifier | None = None


class Reference(Contract):
    kind: Identifier
    value: Identifier


class Issue(Contract):
    """Something a person may have to mend: `code` for machines, `path` where (JSON pointer), `message` what and how."""

    code: Identifier
    path: str
    severity: Literal["error", "warning"]
    message: str


class OrderLine(Contract):
    line_id: Identifier | None = None
    line_status: Literal["open", "held", "cancelled", "closed"] = "open"
    parent_line_id: Identifier | None = None
    item: ItemReference = Field(default_factory=ItemReference)
    description: Text | None = None
    description_lang: Identifier | None = None
    texts: list[TextNote] = Field(default_factory=list)
    quantity: Quantity | None = None
    price: Price | None = None
    net_amount: DecimalString | None = None
    pricing: PricingTerms | None = None
    """How and when the price is set; without terms the price of the line is taken as fixed."""
    budget_price: Price | None = None
    standard_price: Price | None = None
    net_weight: Quantity | None = None
    requested_delivery: list[RequestedDelivery] = Field(default_factory=list)
    expected_departure_on: Day | None = None
    """The day the goods are expected to leave; export law binds on the day of departure."""
    departed_on: Day | None = None
    manufacturer: Party | None = None
    origin_country: CountryCode | None = None
    inputs_origin_country: CountryCode | None = None
    """Where the controlled inputs come from when it is not where the goods were made."""
    classifications: list[Classification] = Field(default_factory=list)
    attributes: list[Attribute] = Field(default_factory=list)
    composition: list[Constituent] = Field(default_factory=list)
    components: list[Component] = Field(default_factory=list)
    """The parts of one unit of the goods: at most 500 in all, nested at most 8 deep."""
    components_complete: bool | None = None
    lot: Identifier | None = None
    project: Name | None = None
    end_use_text: Text | None = None


class OrderDocument(Contract):
    """The canonical JSON a sender posts: a full snapshot of one order, never a difference."""

    order_key: OrderKey
    revision: SourceRevision = Field(default_factory=SourceRevision)
    status: Literal["draft", "open", "held", "cancelled", "closed"] = "open"
    doc_type: Identifier | None = None
    issued_on: Day | None = None
    currency: CurrencyCode | None = None
    buyer: Party | None = None
    supplier: Party | None = None
    exporter: Party | None = None
    """Exporter of record where it is not the supplier: licences belong to it."""
    ship_to: Party | None = None
    ship_from: Party | None = None
    end_user: EndUser | None = None
    forwarder: Party | None = None
    banks: list[Party] = Field(default_factory=list)
    incoterm: Identifier | None = None
    project: Name | None = None
    end_use_text: Text | None = None
    references: list[Reference] = Field(default_factory=list)
    texts: list[TextNote] = Field(default_factory=list)
    lines: list[OrderLine] = Field(default_factory=list)


class LineShipment(Contract):
    """What is known of one delivery of a line on its way, with the day of each state; a state without a day has not been reported."""

    shipment_id: Identifier
    schedule_position: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Which of the line's `requested_delivery`, counted from 1; unknown where the sender does not say."""
    quantity: Annotated[DecimalString, Field(ge=0)] | None = None
    """In the line's own unit; None is all that the line, or its schedule line, has left."""
    declared_on: Day | None = None
    """Declared for export at the customs."""
    held_since: Day | None = None
    released_on: Day | None = None
    departed_on: Day | None = None
    """Left the country of export: the day whose law binds."""
    arrived_on: Day | None = None
    received_on: Day | None = None
    received_quantity: Annotated[DecimalString, Field(ge=0)] | None = None
    """What came of `quantity`, where that is less or more."""

    @property
    def left_on(self) -> date | None:
        """The day of departure, else the first day on which the goods are known to have left."""
        return self.departed_on or self.arrived_on or self.received_on


class SnapshotLine(OrderLine):
    """A line after enrichment. `provenance` names the source of each field that is set, or says that it is missing."""

    line_id: Identifier
    line_id_synthetic: bool = False
    unscreenable: str | None = None
    """Why no service can judge this line (a comment line, say): a hold, never a pass."""
    mass_kg: DecimalString | None = None
    """Net mass of the whole line."""
    value: DecimalString | None = None
    """Net value of the whole line in the order's currency."""
    mass_kg_per_unit: DecimalString | None = None
    """Mass of the one unit that `components` speak of; only on lines that have components."""
    value_per_unit: DecimalString | None = None
    """Its net value in the order's currency."""
    shipments: list[LineShipment] = Field(default_factory=list)
    """By shipment id. Where all of the line has left, `departed_on` is the last day of departure."""
    provenance: dict[str, Provenance] = Field(default_factory=dict)


class RawDocument(Contract):
    """Where the document that carried this snapshot can be found again."""

    sha256: Sha256
    media_type: str
    charset: str = "utf-8"
    transport_id: str | None = None
    position: int = 0
    adapter: str


class OrderSnapshot(OrderDocument):
    """One accepted state of an order with what master data adds; the only thing that services screen."""

    revision: Revision
    round: Annotated[int, Field(ge=1)] = 1
    """1 as the gateway emits it; each re-screen request of the ledger counts one up."""
    content_sha256: Sha256
    """Hash of the normalised document without volatile fields: equal means nothing changed."""
    enrichment_sha256: Sha256
    """Hash of the master data that was added."""
    changed_paths: list[str] = Field(default_factory=list)
    """What differs from the snapshot before, as JSON pointers without line positions (lines by their id)."""
    conflict: bool = False
    """The source sent different content under one revision: both are screened and the worst verdict leads until a person decides."""
    lines: list[SnapshotLine] = Field(default_factory=list)  # type: ignore[assignment]
    provenance: dict[str, Provenance] = Field(default_factory=dict)
    """Of fields outside the lines that the document did not state ("supplier.country")."""
    raw: RawDocument
    issues: list[Issue] = Field(default_factory=list)
    received_at: Instant


OrderEvent = Event[OrderSnapshot]
"""On stream `orders`, type `orestream.order.{created,changed,cancelled,closed,resubmitted}.v1`, subject the order key."""
