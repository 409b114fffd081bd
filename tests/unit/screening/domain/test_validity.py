"""A limb's status on a day: half-open intervals, suspensions as acts, and the state of knowledge."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.screening.domain.validity import Status, Suspension, timeline

ISSUED = date(2025, 10, 9)
START = date(2025, 11, 8)
KNOWN = date(2026, 11, 22)
SUSPENSION = Suspension(
    "suspender",
    issued=date(2025, 11, 7),
    starts_on=date(2025, 11, 7),
    printed_end=date(2026, 11, 10),
    stated_end=date(2027, 1, 10),
    stated_on=date(2026, 9, 28),
)
days = st.dates(date(2025, 1, 1), date(2028, 1, 1))


def status(day: date, *suspensions: Suspension, start: date = START, end: date | None = None, known_on: date = KNOWN) -> Status:
    return timeline(ISSUED, start, end, suspensions, known_on).at(day).status


@given(days, st.integers(1, 900))
def test_a_limb_binds_from_its_first_day_until_before_its_last(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    made = timeline(start, start, end, (), date(2030, 1, 1))
    assert made.at(start - timedelta(days=1)).status is Status.NOT_ISSUED
    assert made.at(start).status is Status.IN_FORCE
    assert made.at(end - timedelta(days=1)).status is Status.IN_FORCE
    assert made.at(end).status is Status.ENDED


@given(days)
def test_the_spans_touch_and_hold_their_day(day: date) -> None:
    made = timeline(ISSUED, START, None, (SUSPENSION,), KNOWN)
    span = made.at(day)
    assert span.starts_on <= day
    assert span.ends_on is None or day < span.ends_on
    assert [span.ends_on for span in made.spans[:-1]] == [span.starts_on for span in made.spans[1:]]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 10, 8), Status.NOT_ISSUED),
        (date(2025, 10, 9), Status.SUSPENDED),
        (date(2025, 11, 7), Status.SUSPENDED),
        (date(2026, 11, 9), Status.SUSPENDED),
        (date(2026, 11, 10), Status.SUSPENDED_AS_STATED),
        (date(2027, 1, 9), Status.SUSPENDED_AS_STATED),
        (date(2027, 1, 10), Status.UNSETTLED),
    ],
)
def test_a_limb_whose_start_was_never_reached(day: date, expected: Status) -> None:
    assert status(day, SUSPENSION) is expected


def test_a_limb_suspended_while_in_force_was_in_force_before() -> None:
    assert status(date(2025, 11, 6), SUSPENSION, start=ISSUED) is Status.IN_FORCE
    assert status(date(2025, 11, 7), SUSPENSION, start=ISSUED) is Status.SUSPENDED


def test_before_the_suspension_was_known_the_limb_was_about_to_start() -> None:
    assert status(date(2025, 10, 20), SUSPENSION, known_on=date(2025, 10, 20)) is Status.ANNOUNCED
    assert status(date(2025, 11, 8), SUSPENSION, known_on=date(2025, 10, 20)) is Status.IN_FORCE


def test_before_the_extension_was_stated_the_printed_end_left_it_open() -> None:
    assert status(date(2026, 11, 20), SUSPENSION, known_on=date(2026, 9, 27)) is Status.UNSETTLED
    assert status(date(2026, 11, 20), SUSPENSION, known_on=date(2026, 9, 28)) is Status.SUSPENDED_AS_STATED


def test_a_suspension_that_has_ended_for_good_leaves_the_limb_in_force() -> None:
    ended = Suspension("suspender", ISSUED, date(2025, 12, 1), date(2026, 6, 1), ended_on=date(2026, 3, 1))
    assert status(date(2026, 2, 28), ended) is Status.SUSPENDED
    assert status(date(2026, 3, 1), ended) is Status.IN_FORCE


def test_an_instrument_nobody_knew_of_does_not_bind() -> None:
    assert status(date(2026, 1, 1), known_on=date(2025, 10, 8)) is Status.NOT_ISSUED


@given(days)
def test_a_scenario_overrides_the_calendar(day: date) -> None:
    in_force = timeline(ISSUED, START, None, (SUSPENSION,), KNOWN, override="in_force")
    lifted = timeline(ISSUED, START, None, (), KNOWN, override="lifted")
    assert in_force.at(day).status is Status.IN_FORCE
    assert lifted.at(day).status is Status.LIFTED


def test_lifting_the_suspension_lets_the_limb_start() -> None:
    made = timeline(ISSUED, START, None, (SUSPENSION,), KNOWN, overridden_suspensions={"suspender": "lifted"})
    assert made.at(date(2025, 11, 7)).status is Status.ANNOUNCED
    assert made.at(date(2025, 11, 8)).status is Status.IN_FORCE


def test_a_suspension_taken_as_in_force_holds_for_ever() -> None:
    made = timeline(ISSUED, START, None, (SUSPENSION,), KNOWN, overridden_suspensions={"suspender": "in_force"})
    assert made.at(date(2031, 1, 1)).status is Status.SUSPENDED


def test_changes_between_are_the_days_after_the_first_up_to_the_last() -> None:
    made = timeline(ISSUED, START, None, (SUSPENSION,), KNOWN)
    assert made.changes_between(date(2026, 11, 9), date(2026, 11, 10)) == [date(2026, 11, 10)]
    assert made.changes_between(date(2026, 11, 10), date(2027, 1, 9)) == []


def test_a_later_act_covers_its_days_whatever_the_earlier_one_says_past_its_end() -> None:
    first = Suspension("first", issued=date(2025, 11, 7), starts_on=date(2025, 11, 7), printed_end=date(2026, 11, 10))
    second = Suspension("second", issued=date(2026, 11, 5), starts_on=date(2026, 11, 10), printed_end=date(2027, 11, 10))
    for acts in ((first, second), (second, first)):
        assert status(date(2026, 11, 9), *acts) is Status.SUSPENDED
        assert status(date(2026, 11, 10), *acts) is Status.SUSPENDED
        assert status(date(2027, 11, 9), *acts) is Status.SUSPENDED
        assert status(date(2027, 11, 10), *acts) is Status.UNSETTLED
        assert timeline(ISSUED, START, None, acts, KNOWN).at(date(2026, 11, 10)).suspension in acts
