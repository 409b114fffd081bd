"""The deliveries that a line is made of: shipments that have left, and what its schedule lines still have to come."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.contracts.order import SnapshotLine

_NOTHING = Decimal(0)


@dataclass(slots=True, frozen=True)
class Delivery:
    """`quantity` is in the line's own unit, None where it is not known; `leaves_on` the day of departure, else the last one expected."""

    key: str
    quantity: Decimal | None
    leaves_on: date
    departed: bool = False
    schedule_position: int | None = None
    shipment_id: str | None = None


def deliveries(line: SnapshotLine, today: date) -> list[Delivery]:
    """What has left first, then what is open by schedule line; a line that is closed or cancelled has only what has left."""
    total = line.quantity.value if line.quantity is not None else None
    departed, shipped = _departed(line, total)
    left = None if total is None else max(_NOTHING, total - sum(shipped.values(), _NOTHING))
    if line.departed_on is not None:
        if not departed:
            return [Delivery("line", total, line.departed_on, departed=True)]
        return [*departed, Delivery("rest", left, line.departed_on, departed=True)] if left else departed
    if line.line_status not in ("open", "held") or (departed and left is not None and not left):
        return departed
    return [*departed, *_open(line, left, shipped, today)]


def _departed(line: SnapshotLine, total: Decimal | None) -> tuple[list[Delivery], dict[int | None, Decimal]]:
    """The shipments that have left, and by schedule line how much went with them."""
    found: list[Delivery] = []
    shipped: dict[int | None, Decimal] = {}
    for shipment in line.shipments:
        left_on = shipment.left_on
        if left_on is None:
            continue
        position = shipment.schedule_position
        if position is not None and position > len(line.requested_delivery):
            position = None
        quantity = shipment.quantity
        if quantity is None and position is not None:
            quantity = line.requested_delivery[position - 1].quantity
        if quantity is None and total is not None:
            quantity = max(_NOTHING, total - sum(shipped.values(), _NOTHING))
        if quantity is not None:
            shipped[position] = shipped.get(position, _NOTHING) + quantity
        counted = shipment.received_quantity if shipment.received_quantity is not None else quantity
        key = f"shipment:{shipment.shipment_id}" if position is None else f"shipment:{shipment.shipment_id}:{position}"
        found.append(Delivery(key, counted, left_on, departed=True, schedule_position=position, shipment_id=shipment.shipment_id))
    return found, shipped


def _open(line: SnapshotLine, left: Decimal | None, shipped: dict[int | None, Decimal], today: date) -> list[Delivery]:
    schedule = line.requested_delivery
    if len(schedule) <= 1:
        expected = line.expected_departure_on or (schedule[0].date if schedule else today)
        return [Delivery("line", left, max(today, expected), schedule_position=1 if schedule else None)]
    unplaced = shipped.get(None, _NOTHING)
    found = []
    for position, entry in sorted(enumerate(schedule, 1), key=lambda each: (each[1].date, each[0])):
        if entry.quantity is None:
            continue
        open_quantity = max(_NOTHING, entry.quantity - shipped.get(position, _NOTHING))
        taken = min(unplaced, open_quantity)
        unplaced -= taken
        if left is not None:
            open_quantity = min(open_quantity - taken, left)
            left -= open_quantity
        else:
            open_quantity -= taken
        if open_quantity:
            found.append(Delivery(f"schedule:{position}", open_quantity, max(today, entry.date), schedule_position=position))
    without_quantity = [entry.date for entry in schedule if entry.quantity is None]
    if left or (left is None and without_quantity):
        last = max(without_quantity or [entry.date for entry in schedule])
        found.append(Delivery("rest", left, max(today, last)))
    return found
