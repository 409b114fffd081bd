"""The deliveries of one line as its snapshot shows them, and whether all of the line has left."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from shared.contracts.order import Issue, LineShipment, OrderLine


def of_line(line_id: str, shipments: Sequence[Mapping[str, Any]]) -> list[LineShipment]:
    return [LineShipment.model_validate(each) for each in shipments if each["line_id"] == line_id]


def departed_on(line: OrderLine, shipments: Sequence[LineShipment]) -> date | None:
    """The last day of departure where the whole line has left, else None."""
    left = [(shipment, day) for shipment in shipments if (day := shipment.left_on) is not None]
    if not left:
        return None
    last = max(day for _, day in left)
    total = Decimal(0)
    whole_schedule_lines = set()
    for shipment, _ in left:
        position = shipment.schedule_position
        scheduled = line.requested_delivery[position - 1] if position is not None and position <= len(line.requested_delivery) else None
        if shipment.quantity is not None:
            total += shipment.quantity
        elif scheduled is None:
            return last
        else:
            whole_schedule_lines.add(position)
            total += scheduled.quantity or 0
    if len(whole_schedule_lines) == len(line.requested_delivery) > 0:
        return last
    return last if line.quantity is not None and total >= line.quantity.value else None


def issues(shipments: Sequence[LineShipment], path: str) -> list[Issue]:
    return [
        Issue(
            code="DEPARTURE_DAY_MISSING",
            path=f"{path}/shipments/{position}/departed_on",
            severity="warning",
            message=f"Shipment {shipment.shipment_id} has come without a day of departure; {shipment.left_on} is used, on which the goods "
            "had left for certain. Report when they departed, because that day's law binds.",
        )
        for position, shipment in enumerate(shipments)
        if shipment.departed_on is None and shipment.left_on is not None
    ]
