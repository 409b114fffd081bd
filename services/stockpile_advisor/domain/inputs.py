"""What the advisor reads of an order and of its screening: a fraction of either, kept small."""

from datetime import date
from decimal import Decimal
from typing import Final, Literal

from pydantic import Field

from shared.contracts.base import Contract
from shared.contracts.envelope import Event
from shared.contracts.order import ItemReference, LineShipment, OrderKey
from shared.contracts.screening import Answer, CoverState, MissingFact, Need

# Values stand here as they were accepted: the gateway and screening have checked what they let through.


class QuantityRead(Contract):
    value: Decimal
    unit: str | None = None
    unit_system: str = "UNKNOWN"


class DeliveryRead(Contract):
    date: date
    quantity: Decimal | None = None


class OrderLineRead(Contract):
    line_id: str
    line_status: Literal["open", "held", "cancelled", "closed"] = "open"
    item: ItemReference = Field(default_factory=ItemReference)
    description: str | None = None
    quantity: QuantityRead | None = None
    requested_delivery: list[DeliveryRead] = []
    expected_departure_on: date | None = None
    departed_on: date | None = None
    unscreenable: str | None = None
    mass_kg: Decimal | None = None
    shipments: list[LineShipment] = []

    @property
    def item_numbers(self) -> list[str]:
        """By which a stock report may name the item: the buyer's own, else what others call it."""
        item = self.item
        if item.buyer_id:
            return [item.buyer_id]
        return list(dict.fromkeys(filter(None, (item.supplier_id, item.manufacturer_id, item.gtin))))


class RevisionRead(Contract):
    received_seq: int = Field(ge=1)


class PartyRead(Contract):
    id: str | None = None
    name: str | None = None
    country: str | None = None


class OrderRead(Contract):
    order_key: OrderKey
    revision: RevisionRead
    round: int = Field(default=1, ge=1)
    status: Literal["draft", "open", "held", "cancelled", "closed"] = "open"
    supplier: PartyRead | None = None
    ship_to: PartyRead | None = None
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


class RecognitionRead(Contract):
    materials: list[MaterialRead] = []


class DelayRead(Contract):
    p50_days: int
    p95_days: int
    evidence: str = ""


class FindingRead(Contract):
    answer: Answer
    licence_delay: DelayRead | None = None


class AnswerRead(Contract):
    answer: Answer
    dual_use_licence: Need


class CoverRead(Contract):
    state: CoverState
    whole: bool = False
    since: date | None = None


class CliffRead(Contract):
    on: date
    before: Answer
    after: Answer
    limb: str
    sentence: str


NEEDS_A_LICENCE: Final = (Answer.LICENCE_REQUIRED, Answer.PRESUMPTION_OF_DENIAL)


class LineScreeningRead(Contract):
    line_id: str
    answers: dict[str, AnswerRead] = {}
    recognition: RecognitionRead = Field(default_factory=RecognitionRead)
    findings: list[FindingRead] = []
    questions: list[MissingFact] = []
    expected_departure_on: date | None = None
    cliffs: list[CliffRead] = []
    cover: CoverRead | None = None

    @property
    def licence_needed(self) -> Need:
        """Yes where any jurisdiction needs one, no where each is known to need none."""
        needs = {answer.dual_use_licence for answer in self.answers.values()}
        return "yes" if "yes" in needs else "unknown" if "unknown" in needs or not needs else "no"

    @property
    def licence_delay(self) -> DelayRead | None:
        """The longest queue of the findings that need a licence; None where no evidence stands behind any."""
        delays = [finding.licence_delay for finding in self.findings if finding.answer in NEEDS_A_LICENCE and finding.licence_delay]
        return max(delays, key=lambda delay: delay.p95_days, default=None)


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
