"""The retry schedule: ten attempts, jitter that is always the same, Retry-After inside its bounds."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notification.domain.schedule import LONGEST_RETRY_AFTER, WAITS, jitter_factor, retry_after, wait_after

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
IDS = st.text(min_size=1, max_size=40)


def test_nine_waits_follow_ten_attempts() -> None:
    assert [wait.total_seconds() for wait in WAITS] == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert wait_after("msg_1", 9) is not None
    assert wait_after("msg_1", 10) is None


@given(IDS, st.integers(1, 9))
def test_every_wait_lies_within_a_fifth_of_the_schedule_and_is_always_the_same(webhook_id: str, attempt: int) -> None:
    wait = wait_after(webhook_id, attempt)
    assert wait is not None
    assert 0.8 * WAITS[attempt - 1] <= wait <= 1.2 * WAITS[attempt - 1]
    assert wait == wait_after(webhook_id, attempt)


def test_jitter_spreads_deliveries_evenly() -> None:
    factors = sorted(jitter_factor(f"msg_{number}", 1) for number in range(4000))
    assert max(abs(factor - (0.8 + 0.4 * rank / 4000)) for rank, factor in enumerate(factors)) < 0.02


@given(IDS, st.integers(1, 9), st.timedeltas(timedelta(0), timedelta(days=400)))
def test_retry_after_lengthens_a_wait_up_to_a_day_and_never_shortens_it(webhook_id: str, attempt: int, asked: timedelta) -> None:
    scheduled, wait = wait_after(webhook_id, attempt), wait_after(webhook_id, attempt, asked)
    assert scheduled is not None
    assert wait is not None
    assert wait >= scheduled
    assert wait <= max(scheduled, LONGEST_RETRY_AFTER)
    assert wait >= min(asked, LONGEST_RETRY_AFTER)


def test_retry_after_is_seconds_or_a_date() -> None:
    assert retry_after("120", NOW) == timedelta(minutes=2)
    assert retry_after(" 0 ", NOW) == timedelta(0)
    assert retry_after("Sun, 22 Nov 2026 08:02:00 GMT", NOW) == timedelta(minutes=2)
    assert retry_after("Sun, 22 Nov 2026 07:00:00 GMT", NOW) == timedelta(0)
    assert retry_after("9" * 5000, NOW) == LONGEST_RETRY_AFTER
    assert retry_after("Sun, 22 Nov 2026 08:02:00 +999999999999999999999", NOW) is None


@given(st.none() | st.text() | st.from_regex(r"\w{3}, \d{1,3} \w{3} \d{1,30} \d{1,30}:\d\d:\d\d [+-]?\w{1,30}", fullmatch=True))
def test_whatever_a_receiver_puts_there_is_a_wait_or_nothing(header: str | None) -> None:
    wait = retry_after(header, NOW)
    assert wait is None or wait >= timedelta(0)
