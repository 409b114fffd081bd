"""Until when a price is open, and how much of it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pricing_risk.domain.horizon import pricing_window, quotation_days, unpriced_fraction
from tests.unit.pricing_risk.domain.made_inputs import AT_SHIPMENT, TODAY, line

DAYS = st.dates(date(2025, 1, 1), date(2030, 12, 31))


@given(first=DAYS, length=st.integers(1, 400), today=DAYS)
def test_an_average_is_open_before_its_period_set_after_it_and_falls_linearly_in_between(first: date, length: int, today: date) -> None:
    last = first + timedelta(days=length - 1)
    open_share = unpriced_fraction(first, last, today)
    if today < first:
        assert open_share == 1
    elif today >= last:
        assert open_share == 0
    else:
        assert abs(open_share - Decimal((last - today).days) / length) <= Decimal("0.000001")
    assert unpriced_fraction(first, last, today + timedelta(days=1)) <= open_share


def test_five_of_seven_days_are_quoted_and_a_day_begun_counts() -> None:
    assert [quotation_days(days) for days in (-3, 0, 1, 7, 8, 28, 365)] == [0, 0, 1, 5, 6, 20, 261]


def test_without_terms_the_price_is_taken_as_fixed_and_that_is_said() -> None:
    window = pricing_window(line(), TODAY, None, 143)
    assert (window.kind, window.unpriced, window.days) == ("fixed", Decimal(0), 0)
    assert window.assumed == ("The order does not say how the price is set; it is taken as fixed.",)
    assert not pricing_window(line({"kind": "fixed"}), TODAY, None, 143).assumed


@pytest.mark.parametrize(
    ("terms", "line_says", "priced_on", "unpriced"),
    [
        ({"priced_at": "order"}, {}, date(2026, 11, 1), 0),
        ({"priced_at": "date", "pricing_on": "2027-02-01"}, {}, date(2027, 2, 1), 1),
        ({"priced_at": "date", "pricing_on": "2026-11-22"}, {}, date(2026, 11, 22), 0),
        ({"priced_at": "shipment"}, {"departed_on": "2026-11-03"}, date(2026, 11, 3), 0),
        ({"priced_at": "shipment"}, {}, date(2027, 1, 21) + timedelta(days=143), 1),
        ({"priced_at": "delivery"}, {}, date(2027, 3, 1) + timedelta(days=143), 1),
    ],
)
def test_the_pricing_day_follows_the_terms(terms: dict[str, str], line_says: dict[str, str], priced_on: date, unpriced: int) -> None:
    window = pricing_window(line({"kind": "index", **terms}, **line_says), TODAY, date(2026, 11, 1), 143)
    assert (window.pricing_on, window.unpriced) == (priced_on, Decimal(unpriced))
    assert window.days == (max(0, (priced_on - TODAY).days) if unpriced else 0)


def test_a_departure_that_has_passed_leaves_the_price_open() -> None:
    window = pricing_window(line(AT_SHIPMENT, expected_departure_on="2026-11-01"), TODAY, None, 0)
    assert (window.unpriced, window.days) == (Decimal(1), 1)
    assert "have not left" in window.assumed[0]


def test_an_unknown_pricing_day_falls_back_to_the_requested_delivery_and_else_asks_the_buyer() -> None:
    window = pricing_window(line(AT_SHIPMENT, expected_departure_on=None), TODAY, None, 0)
    assert window.pricing_on == date(2027, 3, 1)
    assert "requested delivery" in window.assumed[0]
    unknown = pricing_window(line(AT_SHIPMENT, expected_departure_on=None, requested_delivery=[]), TODAY, None, 0)
    assert (unknown.days, unknown.unpriced) == (None, Decimal(1))
    assert [(fact.name, fact.held_by) for fact in unknown.missing] == [("pricing_day", "buyer")]


def test_a_licence_queue_does_not_move_a_quotation_period() -> None:
    terms = {"kind": "average", "quotation_from": "2027-01-01", "quotation_to": "2027-01-31"}
    window = pricing_window(line(terms), TODAY, None, 143)
    assert (window.pricing_on, window.licence_delay_days, window.unpriced) == (date(2027, 1, 31), 0, Decimal(1))
