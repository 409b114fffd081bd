"""What an order line brings to stock: how much, when it leaves and arrives, and what law may keep it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import Field

from services.stockpile_advisor.domain.inputs import LineScreeningRead, OrderLineRead, OrderRead, ScreeningRead
from shared.contracts.base import Contract
from shared.contracts.screening import Answer, CoverState, MissingFact, Need
from shared.contracts.supply_risk import RuleClock
from shared.units import Unit, conversion, find_unit, stock_unit

_TIGHT = (Answer.LICENCE_REQUIRED, Answer.PRESUMPTION_OF_DENIAL, Answer.PROHIBITED)


class InboundPart(Contract):
    """One delivery of a line, in the line's unit. Days that nobody has reported are None."""

    name: str
    quantity: Decimal | None = None
    leaves_on: date | None = None
    """The day expected; what is past and has not happened is today."""
    due_on: date | None = None
    """The day on which the buyer asked for it."""
    departed_on: date | None = None
    received_on: date | None = None
    """It is in stock that is reported later than the beginning of that day."""


class InboundClock(Contract):
    """A day on which law changes for the line, as screening tells it."""

    on: date
    before: Answer
    after: Answer
    limb: str
    sentence: str

    @property
    def tightens(self) -> bool:
        banned = self.after is Answer.PROHIBITED and self.before is not Answer.PROHIBITED
        return banned or (self.after in _TIGHT and self.before not in _TIGHT)

    @property
    def loosens(self) -> bool:
        return self.before in _TIGHT and self.after not in _TIGHT

    @property
    def rule_clock(self) -> RuleClock:
        return RuleClock(on=self.on, before=self.before.value, after=self.after.value, limb=self.limb, sentence=self.sentence)


class InboundLine(Contract):
    """A line of a screened order, kept as long as the order is open."""

    order_key: str
    """In text form."""
    line_id: str
    item_ids: list[str] = Field(default_factory=list)
    """The buyer's number; where the order has none, those of others, any of which a stock report may be kept under."""
    ship_to_id: str | None = None
    open: bool = True
    """False of a line that was cancelled or closed, or whose order was."""
    unit: str | None = None
    unit_system: str = "UNKNOWN"
    quantity: Decimal | None = None
    mass_kg: Decimal | None = None
    """Net, of all of the line."""
    parts: list[InboundPart] = Field(default_factory=list)
    elements: list[str] = Field(default_factory=list)
    licence_needed: Need = "unknown"
    prohibited: bool = False
    denial_presumed: bool = False
    delay_p50_days: int | None = None
    delay_p95_days: int | None = None
    """As screening has them for the line; None where it needs no licence."""
    delay_evidence: str | None = None
    cover: CoverState | None = None
    covered_whole: bool = False
    applied_on: date | None = None
    """Since when the application for it has been running."""
    clocks: list[InboundClock] = Field(default_factory=list)
    supplier: str | None = None
    supplier_id: str | None = None
    country: str | None = None
    questions: list[MissingFact] = Field(default_factory=list)
    """That keep screening from an answer about the licence."""

    @property
    def may_not_leave(self) -> bool:
        return self.prohibited or self.cover == "refused"

    @property
    def waits_for_a_licence(self) -> bool:
        """What has not left has to wait; an unknown need is waited for, too."""
        granted = self.covered_whole and self.cover in ("granted", "general_licence_asserted")
        return self.licence_needed != "no" and not granted


@dataclass(slots=True, frozen=True)
class UnitOfStock:
    """The unit of a stock report, and what one of it weighs where that is known."""

    written: str
    unit: Unit | None
    mass_kg: Decimal | None

    @classmethod
    def of(cls, written: str, mass_kg_per_unit: Decimal | None) -> "UnitOfStock":
        unit = stock_unit(written)
        weighs = unit.factor if unit is not None and unit.dimension == "mass_kg" else None
        return cls(written, unit, mass_kg_per_unit if mass_kg_per_unit is not None else weighs)


def quantity_in(line: InboundLine, quantity: Decimal | None, stock: UnitOfStock) -> Decimal | None:
    """A quantity of the line in the unit of the report; None where neither units nor mass lead from one to the other."""
    if quantity is None or line.unit is None:
        return None
    if line.unit.casefold() == stock.written.casefold():
        return quantity
    unit = find_unit(line.unit, line.unit_system) or stock_unit(line.unit)
    factor = conversion(unit, stock.unit)
    if factor is not None:
        return quantity * factor
    if stock.mass_kg is None:
        return None
    if line.mass_kg is not None and line.quantity:
        return quantity * line.mass_kg / line.quantity / stock.mass_kg
    return quantity * unit.factor / stock.mass_kg if unit is not None and unit.dimension == "mass_kg" and unit.factor else None


def inbound_of(order: OrderRead, screening: ScreeningRead) -> list[InboundLine]:
    """All lines of the order, in its sequence; those that bring nothing any more are not `open`."""
    screened = {line.line_id: line for line in screening.lines}
    return [_line(order, line, screened.get(line.line_id) or LineScreeningRead(line_id=line.line_id)) for line in order.lines]


def _line(order: OrderRead, line: OrderLineRead, screened: LineScreeningRead) -> InboundLine:
    supplier, delay, cover = order.supplier, screened.licence_delay, screened.cover
    leaves_on = line.expected_departure_on or screened.expected_departure_on
    return InboundLine(
        order_key=str(order.order_key),
        line_id=line.line_id,
        item_ids=line.item_numbers,
        ship_to_id=order.ship_to.id if order.ship_to is not None else None,
        open=not order.ended and line.line_status in ("open", "held") and line.unscreenable is None,
        unit=line.quantity.unit if line.quantity is not None else None,
        unit_system=line.quantity.unit_system if line.quantity is not None else "UNKNOWN",
        quantity=line.quantity.value if line.quantity is not None else None,
        mass_kg=line.mass_kg,
        parts=_parts(line, leaves_on),
        elements=list(dict.fromkeys(material.element for material in screened.recognition.materials)),
        licence_needed=screened.licence_needed,
        prohibited=any(answer.answer is Answer.PROHIBITED for answer in screened.answers.values()),
        denial_presumed=any(answer.answer is Answer.PRESUMPTION_OF_DENIAL for answer in screened.answers.values()),
        delay_p50_days=delay.p50_days if delay is not None else None,
        delay_p95_days=delay.p95_days if delay is not None else None,
        delay_evidence=delay.evidence if delay is not None else None,
        cover=cover.state if cover is not None else None,
        covered_whole=cover.whole if cover is not None else False,
        applied_on=cover.since if cover is not None and cover.state in ("applied", "returned_for_supplement") else None,
        clocks=[
            InboundClock(on=each.on, before=each.before, after=each.after, limb=each.limb, sentence=each.sentence)
            for each in screened.cliffs
        ],
        supplier=(supplier.name or supplier.id) if supplier is not None else None,
        supplier_id=supplier.id if supplier is not None else None,
        country=supplier.country if supplier is not None else None,
        questions=screened.questions if screened.licence_needed == "unknown" else [],
    )


def _parts(line: OrderLineRead, leaves_on: date | None) -> list[InboundPart]:
    """Shipments as reported, and what they leave of the schedule lines, else of the line; the earliest schedule lines go first."""
    shipped: dict[int | None, Decimal] = {}
    parts = []
    unknown_left = False
    for shipment in line.shipments:
        if shipment.left_on is None:
            continue
        quantity = (
            shipment.received_quantity if shipment.received_on is not None and shipment.received_quantity is not None else shipment.quantity
        )
        parts.append(
            InboundPart(
                name=f"shipment {shipment.shipment_id}", quantity=quantity, departed_on=shipment.left_on, received_on=shipment.received_on
            )
        )
        if quantity is None:
            unknown_left = True
        else:
            shipped[shipment.schedule_position] = shipped.get(shipment.schedule_position, Decimal(0)) + quantity
    if unknown_left and len(parts) == 1:
        total = line.quantity.value if line.quantity is not None else None
        return [parts[0].model_copy(update={"quantity": total})]
    return parts + _waiting(line, leaves_on, shipped)


def _waiting(line: OrderLineRead, leaves_on: date | None, shipped: dict[int | None, Decimal]) -> list[InboundPart]:
    total = line.quantity.value if line.quantity is not None else None
    schedule = line.requested_delivery
    if len(schedule) > 1 and all(each.quantity is not None for each in schedule):
        wanted: list[tuple[int, date | None, Decimal]] = [
            (number, each.date, each.quantity or Decimal(0)) for number, each in enumerate(schedule, 1)
        ]
    elif total is not None:
        wanted = [(1, schedule[0].date if schedule else None, total)]
    else:
        return [InboundPart(name="whole", leaves_on=leaves_on, due_on=schedule[0].date if schedule else None)]
    elsewhere = shipped.pop(None, Decimal(0))
    known = {number for number, _, _ in wanted}
    elsewhere += sum((gone for number, gone in shipped.items() if number not in known), Decimal(0))
    parts = []
    for number, due_on, quantity in wanted:
        left = quantity - shipped.get(number, Decimal(0))
        taken = min(max(left, Decimal(0)), elsewhere)
        elsewhere -= taken
        if left - taken > 0:
            name = f"delivery {number}"
            departed = line.departed_on if not line.shipments else None
            parts.append(InboundPart(name=name, quantity=left - taken, leaves_on=leaves_on, due_on=due_on, departed_on=departed))
    return parts
