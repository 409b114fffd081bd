"""The days on which goods may leave."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.screening.domain.departure import Departure, departure
from shared.contracts.order import RequestedDelivery
from tests.unit.screening.making import TODAY, line


def test_without_a_date_goods_leave_from_today() -> None:
    assert departure(line(), TODAY, None) == Departure(TODAY, TODAY)


def test_an_expected_day_that_has_passed_is_today() -> None:
    assert departure(line(expected_departure_on=date(2026, 10, 1)), TODAY, None).earliest == TODAY
    assert departure(line(expected_departure_on=date(2026, 12, 1)), TODAY, None).earliest == date(2026, 12, 1)


def test_the_last_schedule_line_is_the_last_day() -> None:
    deliveries = [RequestedDelivery(date=date(2027, 1, 5)), RequestedDelivery(date=date(2026, 12, 5))]
    assert departure(line(requested_delivery=deliveries), TODAY, None) == Departure(TODAY, date(2027, 1, 5))


def test_the_day_asked_for_comes_before_the_actual_day_and_both_are_fixed() -> None:
    departed = line(departed_on=date(2026, 11, 1))
    assert departure(departed, TODAY, None) == Departure(date(2026, 11, 1), date(2026, 11, 1), fixed=True)
    assert departure(departed, TODAY, date(2026, 5, 1)).earliest == date(2026, 5, 1)


@given(st.integers(-5, 800), st.booleans())
def test_a_queue_prolongs_what_is_not_fixed_and_never_shortens(days: int, fixed: bool) -> None:
    before = Departure(TODAY, TODAY + timedelta(days=30), fixed)
    after = before.delayed_by(days)
    assert after.earliest == before.earliest
    assert after.latest == (before.latest if fixed else max(before.latest, TODAY + timedelta(days=max(days, 0))))
