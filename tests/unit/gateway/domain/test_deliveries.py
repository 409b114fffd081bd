"""When all of a line has left."""

from datetime import date
from typing import Any

import pytest

from services.gateway.domain.deliveries import departed_on
from shared.contracts.order import LineShipment
from tests.unit.gateway.orders import order_line

NOVEMBER = {day: date(2026, 11, day) for day in range(1, 30)}


def shipment(number: int, left: int | None = None, **fields: Any) -> LineShipment:
    day = {"departed_on": NOVEMBER[left]} if left is not None else {}
    return LineShipment.model_validate({"shipment_id": str(number), **day, **fields})


@pytest.mark.parametrize(
    ("shipments", "expected"),
    [
        ([], None),
        ([shipment(1, 5)], 5),
        ([shipment(1, 5, quantity=19)], None),
        ([shipment(1, 5, quantity=8), shipment(2, 9, quantity=12)], 9),
        ([shipment(1, 9, quantity=8), shipment(2, 5, quantity=13)], 9),
        ([shipment(1, 5, quantity=8), shipment(2, quantity=12)], None),
        ([shipment(1, 5, schedule_position=1)], None),
        ([shipment(1, 5, schedule_position=1), shipment(2, 7, schedule_position=2)], 7),
        ([shipment(1, 5, schedule_position=1), shipment(2, 7, schedule_position=1)], None),
        ([shipment(1, 5, schedule_position=3)], 5),
        ([shipment(1, quantity=20, arrived_on=NOVEMBER[20])], 20),
    ],
)
def test_a_line_has_left_when_its_deliveries_together_have(shipments: list[LineShipment], expected: int | None) -> None:
    line = order_line(requested_delivery=[{"date": "2026-12-01", "quantity": "8"}, {"date": "2026-12-20", "quantity": "12"}])
    assert departed_on(line, shipments) == (NOVEMBER[expected] if expected is not None else None)


def test_without_a_quantity_on_the_line_only_a_shipment_of_the_whole_tells() -> None:
    line = order_line(quantity=None)
    assert departed_on(line, [shipment(1, 5, quantity=8)]) is None
    assert departed_on(line, [shipment(1, 5)]) == NOVEMBER[5]
