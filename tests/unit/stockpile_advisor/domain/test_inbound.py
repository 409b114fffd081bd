"""What an order line brings: what has left, what has not, and what law keeps it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.stockpile_advisor.domain.inbound import InboundLine, UnitOfStock, inbound_of, quantity_in
from services.stockpile_advisor.domain.inputs import OrderRead, ScreeningRead
from tests.unit.stockpile_advisor.domain.made_inputs import line

KEY = {"system": "erp", "company": "1000", "order_id": "1"}
FREE = {"answer": "not_controlled", "dual_use_licence": "no"}
RECEIVED = {"received_on": "2026-11-20", "received_quantity": "24"}


def read(line_said: dict[str, Any], screened: dict[str, Any] | None = None, **order: Any) -> InboundLine:
    said = {"line_id": "10", "item": {"buyer_id": "DY-1", "supplier_id": "S-9"}, "quantity": {"value": "100", "unit": "KGM"}, **line_said}
    of = OrderRead.model_validate(
        {
            "order_key": KEY,
            "revision": {"received_seq": 1},
            "supplier": {"id": "S1", "name": "Far Oxides", "country": "CN"},
            "ship_to": {"id": "W-1"},
            "lines": [said],
            **order,
        }
    )
    answered = {"order_key": KEY, "revision": 1, "round": 1, "order_event_id": "e", "outcome": "screened"}
    lines = [{"line_id": "10", **screened}] if screened is not None else []
    return inbound_of(of, ScreeningRead.model_validate({**answered, "lines": lines}))[0]


def test_a_line_brings_what_it_orders() -> None:
    brought = read({"expected_departure_on": "2026-12-01", "mass_kg": "100", "requested_delivery": [{"date": "2027-01-15"}]})
    assert (brought.order_key, brought.item_ids, brought.ship_to_id) == ("erp/1000/1", ["DY-1"], "W-1")
    assert (brought.supplier, brought.country, brought.open) == ("Far Oxides", "CN", True)
    part = brought.parts[0]
    assert (part.quantity, part.leaves_on, part.due_on) == (Decimal(100), date(2026, 12, 1), date(2027, 1, 15))


@pytest.mark.parametrize(
    ("line_said", "order"),
    [({"line_status": "cancelled"}, {}), ({"line_status": "closed"}, {}), ({}, {"status": "closed"}), ({"unscreenable": "a comment"}, {})],
)
def test_a_line_that_has_ended_brings_nothing(line_said: dict[str, Any], order: dict[str, Any]) -> None:
    assert not read(line_said, **order).open


def test_schedule_lines_and_shipments_are_parts_of_their_own() -> None:
    schedule = [{"date": "2027-01-15", "quantity": "60"}, {"date": "2027-03-15", "quantity": "40"}]
    shipments = [
        {"shipment_id": "A", "schedule_position": 1, "quantity": "25", "departed_on": "2026-11-01", **RECEIVED},
        {"shipment_id": "B", "schedule_position": 1, "quantity": "20", "departed_on": "2026-11-10"},
        {"shipment_id": "C", "schedule_position": 2, "quantity": "40", "declared_on": "2026-11-20"},
    ]
    parts = read({"requested_delivery": schedule, "shipments": shipments}).parts
    assert [(part.name, part.quantity) for part in parts] == [
        ("shipment A", Decimal(24)),
        ("shipment B", Decimal(20)),
        ("delivery 1", Decimal(16)),
        ("delivery 2", Decimal(40)),
    ]
    assert parts[0].received_on == date(2026, 11, 20)
    assert (parts[1].departed_on, parts[1].received_on) == (date(2026, 11, 10), None)
    assert parts[3].due_on == date(2027, 3, 15)


def test_a_shipment_of_no_schedule_line_is_taken_off_the_earliest() -> None:
    schedule = [{"date": "2027-01-15", "quantity": "60"}, {"date": "2027-03-15", "quantity": "40"}]
    parts = read({"requested_delivery": schedule, "shipments": [{"shipment_id": "A", "quantity": "70", "departed_on": "2026-11-01"}]}).parts
    assert [(part.name, part.quantity) for part in parts] == [("shipment A", Decimal(70)), ("delivery 2", Decimal(30))]


def test_a_shipment_that_says_no_quantity_is_all_of_the_line() -> None:
    parts = read({"shipments": [{"shipment_id": "A", "departed_on": "2026-11-01"}]}).parts
    assert [(part.name, part.quantity) for part in parts] == [("shipment A", Decimal(100))]


def test_screening_says_whether_a_licence_is_needed_how_long_it_takes_and_what_covers_it() -> None:
    finding = {"answer": "licence_required", "licence_delay": {"p50_days": 144, "p95_days": 500, "evidence": "a survey"}}
    screened = {
        "answers": {
            "CN": {"answer": "licence_required", "dual_use_licence": "yes"},
            "EU": FREE,
        },
        "recognition": {"materials": [{"element": "Dy"}, {"element": "Nd"}, {"element": "Dy"}]},
        "findings": [finding, {"answer": "not_controlled"}],
        "cover": {"state": "applied", "since": "2026-10-01"},
        "cliffs": [{"on": "2026-11-27", "before": "suspended", "after": "licence_required", "limb": "a", "sentence": "It ends."}],
    }
    brought = read({}, screened)
    assert (brought.licence_needed, brought.elements, brought.waits_for_a_licence) == ("yes", ["Dy", "Nd"], True)
    assert (brought.delay_p50_days, brought.delay_p95_days, brought.applied_on) == (144, 500, date(2026, 10, 1))
    assert brought.clocks[0].tightens
    assert brought.clocks[0].rule_clock.after == "licence_required"
    granted = read({}, {**screened, "cover": {"state": "granted", "whole": True}})
    assert not granted.waits_for_a_licence
    assert read({}, {**screened, "cover": {"state": "granted", "whole": False}}).waits_for_a_licence


def test_what_is_not_screened_is_not_known() -> None:
    assert read({}).licence_needed == "unknown"
    unknown = {
        "CN": {"answer": "needs_information", "dual_use_licence": "unknown"},
        "EU": FREE,
    }
    asked = [{"kind": "fact", "name": "composition", "held_by": "supplier", "question": "How much dysprosium?"}]
    brought = read({}, {"answers": unknown, "questions": asked})
    assert (brought.licence_needed, brought.questions[0].name) == ("unknown", "composition")
    presumed = {"CN": {"answer": "presumption_of_denial", "dual_use_licence": "yes"}}
    assert read({}, {"answers": presumed}).denial_presumed
    banned = {"CN": {"answer": "prohibited", "dual_use_licence": "no"}}
    assert read({}, {"answers": banned}).prohibited


def test_an_item_of_no_number_of_the_buyers_goes_by_those_of_others() -> None:
    assert read({"item": {"supplier_id": "S-9", "gtin": "40"}}).item_ids == ["S-9", "40"]


@pytest.mark.parametrize(
    ("unit", "mass_kg", "stock", "expected"),
    [
        ("KGM", None, UnitOfStock.of("kg", None), Decimal(100)),
        ("t", None, UnitOfStock.of("kg", None), Decimal(100_000)),
        ("PCE", Decimal(250), UnitOfStock.of("kg", None), Decimal(250)),
        ("PCE", None, UnitOfStock.of("PCE", None), Decimal(100)),
        ("kg", Decimal(100), UnitOfStock.of("drum", Decimal(50)), Decimal(2)),
        ("PCE", None, UnitOfStock.of("kg", None), None),
        ("kg", Decimal(100), UnitOfStock.of("drum", None), None),
        (None, None, UnitOfStock.of("kg", None), None),
    ],
)
def test_a_quantity_is_told_in_the_unit_of_stock_where_units_or_mass_lead_there(
    unit: str | None, mass_kg: Decimal | None, stock: UnitOfStock, expected: Decimal | None
) -> None:
    assert quantity_in(line(100, unit=unit, mass_kg=mass_kg), Decimal(100), stock) == expected
