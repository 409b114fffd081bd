"""What pricing reads of an order and of its screening: a fraction of either, decoded in a fraction of the time, and kept small."""

from datetime import date
from decimal import Decimal
from typing import Final, Literal

from pydantic import Field

from services.pricing_risk.domain.licence_queue import equivalent_queue_days
from shared.contracts.base import Contract
from shared.contracts.envelope import Event
from shared.contracts.order import ItemReference, LineShipment, OrderKey, Price
from shared.contracts.price import PricingTerms
from shared.contracts.screening import Answer, Confidence, CoverState, MissingFact

# Values stand here as they were accepted: the gateway and screening have checked what they let through.


class QuantityRead(Contract):
    value: Decimal
    unit: str | None = None


class DeliveryRead(Contract):
    date: date


class ComponentRead(Contract):
    """Mass is that of all its pieces in one unit of the whole that lists it."""

    item_id: str | None = None
    description: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    mass_kg: Decimal | None = None
    mass_share_percent: Decimal | None = None
    components: "list[ComponentRead]" = []


class OrderLineRead(Contract):
    line_id: str
    line_status: Literal["open", "held", "cancelled", "closed"] = "open"
    item: ItemReference = Field(default_factory=ItemReference)
    description: str | None = None
    quantity: QuantityRead | None = None
    price: Price | None = None
    pricing: PricingTerms | None = None
    budget_price: Price | None = None
    standard_price: Price | None = None
    requested_delivery: list[DeliveryRead] = []
    expected_departure_on: date | None = None
    departed_on: date | None = None
    origin_country: str | None = None
    components: list[ComponentRead] = []
    unscreenable: str | None = None
    mass_kg: Decimal | None = None
    mass_kg_per_unit: Decimal | None = None
    value: Decimal | None = None
    shipments: list[LineShipment] = []


class RevisionRead(Contract):
    received_seq: int = Field(ge=1)


class SupplierRead(Contract):
    id: str | None = None
    name: str | None = None
    country: str | None = None


class OrderRead(Contract):
    order_key: OrderKey
    revision: RevisionRead
    round: int = Field(default=1, ge=1)
    status: Literal["draft", "open", "held", "cancelled", "closed"] = "open"
    issued_on: date | None = None
    currency: str | None = None
    supplier: SupplierRead | None = None
    lines: list[OrderLineRead] = []

    @property
    def number(self) -> tuple[int, int]:
        """Revision and round: the higher one is the newer."""
        return self.revision.received_seq, self.round

    @property
    def ended(self) -> bool:
        return self.status in ("cancelled", "closed")


OrderReadEvent = Event[OrderRead]
"""Of an event that is an `OrderEvent`."""


class MaterialRead(Contract):
    element: str
    form: str | None = None
    substance: str | None = None
    mass_share_percent_min: Decimal | None = None
    mass_share_percent_max: Decimal | None = None
    in_part: str | None = None
    origin_country: str | None = None
    evidence: str = ""
    confidence: Confidence = "high"

    @property
    def share_is_known(self) -> bool:
        return self.mass_share_percent_min is not None or self.mass_share_percent_max is not None

    @property
    def is_candidate(self) -> bool:
        """Something that the goods may hold (a magnet grade that often does), not something that was seen in them."""
        return self.confidence == "low" and not self.share_is_known


class RecognitionRead(Contract):
    product: str | None = None
    materials: list[MaterialRead] = []


class DelayRead(Contract):
    p50_days: int
    p95_days: int


class FindingRead(Contract):
    answer: Answer
    licence_delay: DelayRead | None = None


class AnswerRead(Contract):
    answer: Answer


class CoverRead(Contract):
    state: CoverState
    whole: bool = False


_NEEDS_A_LICENCE: Final = (Answer.LICENCE_REQUIRED, Answer.PRESUMPTION_OF_DENIAL)


class LineScreeningRead(Contract):
    line_id: str
    answers: dict[str, AnswerRead] = {}
    recognition: RecognitionRead = Field(default_factory=RecognitionRead)
    findings: list[FindingRead] = []
    questions: list[MissingFact] = []
    cover: CoverRead | None = None

    @property
    def licence_delay_days(self) -> int:
        """How long the licence queue is taken to be; 0 where no licence is needed, or one covers all of the line."""
        if self.cover is not None and self.cover.whole and self.cover.state in ("granted", "general_licence_asserted"):
            return 0
        longest = 0
        for finding in self.findings:
            delay = finding.licence_delay
            if delay is not None and finding.answer in _NEEDS_A_LICENCE:
                longest = max(longest, equivalent_queue_days(delay.p50_days, delay.p95_days))
        return longest


class ScreeningRead(Contract):
    order_key: OrderKey
    revision: int = Field(ge=1)
    round: int = Field(ge=1)
    order_event_id: str
    outcome: Literal["screened", "failed"]
    failure: str | None = None
    lines: list[LineScreeningRead] = []

    @property
    def number(self) -> tuple[int, int]:
        return self.revision, self.round


ScreeningReadEvent = Event[ScreeningRead]
"""Of an event that is a `ScreeningEvent`."""
