"""What a line is made of: shipments that have left, schedule lines that are open."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.screening.domain.deliveries import Delivery, deliveries
from shared.contracts.order import LineShipment, Quantity, RequestedDelivery, SnapshotLine
from tests.unit.screening.making import TODAY, line

MARCH, MAY = date(2027, 3, 1), date(2027, 5, 1)


def ordered(quantity: int | None = 500, schedule: list[tuple[date, int | None]] | None = None, **fields: Any) -> SnapshotLine:
    return line(
        quantity=Quantity(value=Decimal(quantity), unit="KGM") if quantity is not None else None,
        requested_delivery=[RequestedDelivery(date=day, quantity=amount) for day, amount in schedule or []],
        **fields,
    )


def shipped(number: int, quantity: int | None = None, left: date | None = TODAY, **fields: Any) -> LineShipment:
    return LineShipment.model_validate({"shipment_id": f"S{number}", "quantity": quantity, "departed_on": left, **fields})


def told(found: list[Delivery]) -> list[tuple[str, int | None, date, bool]]:
    return [(each.key, None if each.quantity is None else int(each.quantity), each.leaves_on, each.departed) for each in found]


def test_a_line_without_schedule_leaves_today_or_when_expected() -> None:
    assert told(deliveries(ordered(), TODAY)) == [("line", 500, TODAY, False)]
    assert told(deliveries(ordered(expected_departure_on=MARCH), TODAY)) == [("line", 500, MARCH, False)]
    assert told(deliveries(ordered(schedule=[(MARCH, None)]), TODAY)) == [("line", 500, MARCH, False)]


def test_schedule_lines_are_deliveries_and_what_they_leave_open_is_one_too() -> None:
    found = deliveries(ordered(schedule=[(MAY, 200), (MARCH, 200)]), TODAY)
    assert told(found) == [("schedule:2", 200, MARCH, False), ("schedule:1", 200, MAY, False), ("rest", 100, MAY, False)]


def test_what_has_left_is_taken_off_its_schedule_line_or_else_off_the_earliest() -> None:
    schedule: list[tuple[date, int | None]] = [(MARCH, 300), (MAY, 200)]
    placed = deliveries(ordered(schedule=schedule, shipments=[shipped(1, 150, schedule_position=2)]), TODAY)
    assert told(placed) == [("shipment:S1:2", 150, TODAY, True), ("schedule:1", 300, MARCH, False), ("schedule:2", 50, MAY, False)]
    unplaced = deliveries(ordered(schedule=schedule, shipments=[shipped(1, 320)]), TODAY)
    assert told(unplaced) == [("shipment:S1", 320, TODAY, True), ("schedule:2", 180, MAY, False)]


def test_what_was_received_counts_where_it_is_less_and_the_rest_of_the_line_is_what_was_not_shipped() -> None:
    short = shipped(1, 300, received_on=TODAY, received_quantity=280)
    assert told(deliveries(ordered(shipments=[short]), TODAY)) == [("shipment:S1", 280, TODAY, True), ("line", 200, TODAY, False)]


def test_a_line_that_is_over_has_only_what_has_left() -> None:
    assert deliveries(ordered(line_status="closed"), TODAY) == []
    assert told(deliveries(ordered(line_status="cancelled", shipments=[shipped(1, 100)]), TODAY)) == [("shipment:S1", 100, TODAY, True)]
    assert told(deliveries(ordered(departed_on=TODAY), MARCH)) == [("line", 500, TODAY, True)]


@given(
    st.integers(1, 500),
    st.lists(st.tuples(st.sampled_from([MARCH, MAY]), st.integers(1, 200)), max_size=4),
    st.lists(st.tuples(st.integers(1, 100), st.sampled_from([None, 1, 2, 3]), st.booleans()), max_size=4),
)
def test_deliveries_together_are_the_line_unless_more_has_left_than_was_ordered(
    quantity: int, schedule: list[tuple[date, int | None]], left: list[tuple[int, int | None, bool]]
) -> None:
    shipments = [
        shipped(number, amount, TODAY if gone else None, schedule_position=position) for number, (amount, position, gone) in enumerate(left)
    ]
    found = deliveries(ordered(quantity, schedule, shipments=shipments), TODAY)
    departed = sum(amount for amount, _, gone in left if gone)
    assert sum(each.quantity or 0 for each in found) == max(quantity, departed)
    assert len({each.key for each in found}) == len(found)
