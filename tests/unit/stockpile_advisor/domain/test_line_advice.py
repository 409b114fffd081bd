"""What a line means for stock: its plant, its arrival, and the chance of running out before."""

from datetime import timedelta

import pytest

from services.stockpile_advisor.domain.advice import advise
from services.stockpile_advisor.domain.inbound import InboundPart
from services.stockpile_advisor.domain.indices import indices_of
from services.stockpile_advisor.domain.line_advice import advice_for, advise_line
from services.stockpile_advisor.reference_files import reference_shares
from shared.contracts.supply_risk import MaterialAdvice
from tests.unit.stockpile_advisor.domain.made_inputs import ABROAD, NOW, POLICY, day, inputs, line

INDICES = indices_of(reference_shares())


def advice(**changes: object) -> MaterialAdvice:
    return advise(inputs(**changes), POLICY, NOW)


def known(*each: MaterialAdvice) -> dict[str, list[MaterialAdvice]]:
    return {"DY-1": list(each)}


def test_the_plant_is_that_of_the_ship_to_number_else_the_only_one_that_keeps_the_item() -> None:
    one, other = advice(ship_to_ids=["W-1"]), advice(plant="P2", ship_to_ids=["W-2"])
    assert advice_for(line(ship_to_id="W-2"), known(one, other)) is other
    assert advice_for(line(ship_to_id="W-9"), known(one)) is one
    assert advice_for(line(ship_to_id="W-9"), known(one, other)) is None
    unknown = advise_line(line(ship_to_id="W-9"), known(one, other), INDICES, NOW)
    assert (unknown.status, unknown.missing[0].name) == ("unknown", "plant")
    assert "P1, P2" in unknown.sentence


def test_a_line_without_stock_is_unknown_where_something_of_concern_is_in_it_and_else_not_tracked() -> None:
    unknown = advise_line(line(), {}, INDICES, NOW)
    assert (unknown.status, unknown.missing[0].name, unknown.indices[0].element) == ("unknown", "stock", "Dy")
    assert advise_line(line(elements=[]), {}, INDICES, NOW).status == "not_tracked"


def test_a_line_that_needs_no_licence_arrives_a_shipping_time_after_it_leaves() -> None:
    risk = advise_line(line(), known(advice()), INDICES, NOW)
    assert (risk.status, risk.decision, risk.plant) == ("advised", "wait", "P1")
    assert (risk.arrival_p50, risk.arrival_p95, risk.probability_short_before_arrival) == (day(30), day(30), 0)
    assert risk.indices[0].element == "Dy"
    late = line(parts=[InboundPart(name="delivery 1", quantity=None, leaves_on=day(-3))])
    assert advise_line(late, known(advice()), INDICES, NOW).arrival_p50 == day(20)


def test_without_a_day_of_departure_or_a_time_of_shipping_no_day_of_arrival_is_invented() -> None:
    risk = advise_line(line(), known(advice(shipping_days=None)), INDICES, NOW)
    assert (risk.status, risk.arrival_p50, risk.probability_short_before_arrival) == ("advised", None, None)
    assert [fact.name for fact in risk.missing] == ["shipping time"]
    assert risk.sentence.startswith("When it arrives is not known: How many days is DY-1 under way to P1?")
    undated = line(parts=[InboundPart(name="whole", quantity=None)])
    risk = advise_line(undated, known(advice()), INDICES, NOW)
    assert (risk.arrival_p50, risk.missing[-1].name) == (None, "departure")
    gone = line(parts=[InboundPart(name="shipment 1", quantity=None, departed_on=day(-1), received_on=day(0))])
    assert advise_line(gone, known(advice(shipping_days=None)), INDICES, NOW).missing == []


def test_a_line_that_waits_for_a_licence_may_come_after_stock_is_gone() -> None:
    stood = advice(sources=[ABROAD])
    risk = advise_line(line(licence_needed="yes", delay_p50_days=100, delay_p95_days=300), known(stood), INDICES, NOW)
    assert stood.licence_delay_p50_days is not None
    assert stood.licence_delay_p95_days is not None
    assert risk.arrival_p50 == day(stood.licence_delay_p50_days + 20)
    assert risk.arrival_p95 == day(stood.licence_delay_p95_days + 20)
    assert risk.probability_short_before_arrival is not None
    assert 0.5 < risk.probability_short_before_arrival <= 1
    assert "runs out with a probability of" in risk.sentence
    applied = line(licence_needed="yes", applied_on=day(-60))
    assert advise_line(applied, known(stood), INDICES, NOW).arrival_p50 == day(stood.licence_delay_p50_days - 40)


def test_a_line_takes_screenings_delay_where_the_items_orders_need_no_licence() -> None:
    risk = advise_line(line(licence_needed="yes", delay_p50_days=100, delay_p95_days=300), known(advice()), INDICES, NOW)
    assert risk.arrival_p50 == day(120)


def test_a_refusal_likelier_than_the_quantile_leaves_no_day() -> None:
    stood = advise(inputs(line(licence_needed="yes", denial_presumed=True)), POLICY, NOW)
    risk = advise_line(line(licence_needed="yes", denial_presumed=True), known(stood), INDICES, NOW)
    assert (risk.arrival_p50, risk.arrival_p95) == (None, None)


def test_what_has_left_arrives_and_what_may_not_leave_does_not() -> None:
    gone = line(licence_needed="yes", parts=[InboundPart(name="shipment 1", quantity=None, departed_on=day(-5))])
    assert advise_line(gone, known(advice()), INDICES, NOW).arrival_p95 == day(15)
    banned = advise_line(line(prohibited=True), known(advice()), INDICES, NOW)
    assert (banned.arrival_p50, banned.probability_short_before_arrival) == (None, None)
    ended = advise_line(line(open=False), known(advice()), INDICES, NOW)
    assert "brings nothing" in ended.sentence


def test_an_older_advice_is_read_from_the_day_on_which_it_was_made() -> None:
    stood = advice()
    later = advise_line(line(), known(stood), INDICES, NOW + timedelta(days=80))
    assert later.arrival_p50 == day(100)
    assert later.probability_short_before_arrival == pytest.approx((100 - 90) / (120 - 90), abs=1e-4)


def test_without_consumption_the_line_is_unknown_and_says_what_is_missing() -> None:
    risk = advise_line(line(), known(advice(consumption_per_day=None)), INDICES, NOW)
    assert (risk.status, risk.missing[0].name) == ("unknown", "consumption")
    assert risk.arrival_p50 == day(30)
