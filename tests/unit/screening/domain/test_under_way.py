"""Deliveries that have left keep the answer of their day; what customs hold is said."""

from datetime import date

from services.screening.domain.licensing.cover import NO_LICENCES
from shared.contracts.order import LineShipment, RequestedDelivery
from shared.contracts.screening import Answer
from tests.unit.screening.domain.licensing.covering import ordered, oxide, screened
from tests.unit.screening.making import TODAY

BEFORE_THE_SUSPENSION_ENDS, AFTER = date(2026, 11, 20), date(2026, 12, 10)
"""No.72 of 2025 suspends Art. 2 of No.46 of 2024 (germanium to the United States) until 27 November 2026."""


def germanium(**fields: object) -> object:
    return oxide(description="Germanium dioxide 99.999 %", **fields)


def test_a_part_that_has_left_is_answered_for_its_day_and_the_rest_for_the_days_to_come() -> None:
    left = LineShipment(shipment_id="S1", quantity=200, departed_on=BEFORE_THE_SUSPENSION_ENDS)
    snapshot = ordered(germanium(shipments=[left], requested_delivery=[RequestedDelivery(date=AFTER)]), destination="US")  # type: ignore[arg-type]
    (line,) = screened(snapshot, NO_LICENCES).lines
    assert line.answers["CN"].answer is Answer.NEEDS_INFORMATION
    (part,) = line.departed
    assert (part.shipment_id, part.quantity, part.departed_on) == ("S1", 200, BEFORE_THE_SUSPENSION_ENDS)
    assert part.answers["CN"] is Answer.LICENCE_REQUIRED
    (flag,) = [flag for flag in line.answers["CN"].flags if flag.name == "departed_under_control"]
    assert "Shipment S1 left on 2026-11-20, when the answer in CN was licence required" in flag.sentence


def test_once_all_has_left_the_answer_is_that_of_the_day_and_stays() -> None:
    gone = [LineShipment(shipment_id="S1", departed_on=BEFORE_THE_SUSPENSION_ENDS)]
    snapshot = ordered(germanium(shipments=gone, departed_on=BEFORE_THE_SUSPENSION_ENDS), destination="US")  # type: ignore[arg-type]
    results = [screened(snapshot, NO_LICENCES, on=day) for day in (TODAY, date(2027, 6, 1))]
    for result in results:
        (line,) = result.lines
        assert line.answers["CN"].answer is Answer.LICENCE_REQUIRED
        assert (line.cliffs, result.recheck_on) == ([], None)
        assert (line.expected_departure_on, line.latest_departure_on) == (BEFORE_THE_SUSPENSION_ENDS, BEFORE_THE_SUSPENSION_ENDS)


def test_what_customs_hold_is_flagged_until_it_is_released() -> None:
    def flags(**fields: date) -> list[str]:
        held = LineShipment(shipment_id="S1", quantity=100, declared_on=date(2026, 11, 1), held_since=date(2026, 11, 2), **fields)
        found = screened(ordered(oxide(shipments=[held])), NO_LICENCES).lines[0].answers["CN"].flags
        return [flag.sentence for flag in found if flag.name == "customs_hold"]

    (told,) = flags()
    assert told.startswith("Customs have held shipment S1 since 2026-11-02 (100 of the line)")
    assert flags(released_on=date(2026, 11, 9)) == []


def test_the_days_to_come_are_those_of_the_schedule_lines_that_are_open() -> None:
    schedule = [RequestedDelivery(date=date(2027, 1, 10), quantity=300), RequestedDelivery(date=date(2029, 1, 10), quantity=200)]
    last = LineShipment(shipment_id="S1", quantity=200, schedule_position=2, departed_on=TODAY)
    (whole,) = screened(ordered(oxide(requested_delivery=schedule, description="Office chair")), NO_LICENCES).lines
    (rest,) = screened(ordered(oxide(requested_delivery=schedule, shipments=[last], description="Office chair")), NO_LICENCES).lines
    assert (whole.latest_departure_on, rest.latest_departure_on) == (date(2029, 1, 10), date(2027, 1, 10))
