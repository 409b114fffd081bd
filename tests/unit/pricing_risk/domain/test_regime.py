import csv
from datetime import date
from itertools import pairwise
from math import log
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pricing_risk.domain.prior import EXCHANGE_RATE_SD_1D
from services.pricing_risk.domain.regime import NEWS_AGAIN_DAYS, QUIET_DAYS, RegimeState

SAMPLES = Path(__file__).resolve().parents[4] / ".." / "shared" / "samples"


def after(returns: list[float], state: RegimeState | None = None) -> RegimeState:
    state = state or RegimeState()
    for on, log_return in enumerate(returns, 1):
        state.advance(log_return, on)
    return state


def quiet(days: int) -> list[float]:
    return [0.005 * (-1) ** day for day in range(days)]


def test_a_price_that_goes_up_and_down_is_calm() -> None:
    assert after(quiet(300)).regime == "calm"


def test_steady_rises_are_a_rally_until_no_new_high_has_come_for_twenty_days() -> None:
    state = after(quiet(400) + [0.01] * 20)
    assert state.regime == "rally"
    assert state.alarms_up > 1, "each alarm inside a rally renews it"
    assert after([0.0] * (QUIET_DAYS - 1), state).regime == "rally"
    assert after([0.0], state).regime == "calm"


def test_a_rally_is_kept_up_by_new_highs_alone() -> None:
    state = after(quiet(400) + [0.01] * 20)
    assert after(([0.0] * 9 + [0.002]) * 20, state).regime == "rally"


def test_a_rise_that_goes_on_is_news_again_after_twenty_days_and_no_sooner() -> None:
    state, on = after(quiet(400)), 400
    news = []
    for _ in range(60):
        on += 1
        state.advance(0.01, on)
        if state.news_on == on:
            news.append(on)
    assert state.alarms_up > len(news) > 1, "each alarm would be too many"
    assert all(later - earlier >= NEWS_AGAIN_DAYS for earlier, later in pairwise(news))


def test_a_spike_is_news_and_that_it_becomes_a_rally_is_none() -> None:
    state = after([*quiet(400), 0.06, 0.06])
    assert (state.regime, state.news_on) == ("spike", state.since)
    began = state.since
    for on in range(403, 420):
        state.advance(0.0, on)
    assert (state.regime, state.news_on) == ("rally", began)
    assert state.since > began


def test_a_quote_that_has_not_moved_for_months_raises_no_alarm_at_its_first_steps() -> None:
    assert after([0.0] * 500 + [0.01, 0.01]).regime == "calm"


def test_ten_percent_within_a_week_are_a_spike_and_a_rally_once_that_is_five_days_ago() -> None:
    state = after([*quiet(400), 0.06, 0.06])
    assert state.regime == "spike"
    assert after([0.0] * 6, state).regime == "spike", "the rise is still within 5 days, or was so less than 5 days ago"
    assert after([0.0] * 5, state).regime == "rally"


def test_what_is_a_spike_of_a_metal_is_none_of_a_price_that_always_moves_so() -> None:
    wild = [0.06 * (-1) ** day for day in range(600)]
    assert after([*wild, 0.06, 0.06]).regime == "calm"


def test_a_drawn_out_fall_unwinds_a_rally_and_ends_when_no_new_low_comes() -> None:
    state = after(quiet(400) + [0.01] * 20)
    assert after([-0.01] * 12, state).regime == "unwind"
    assert after([0.0] * (QUIET_DAYS + 1), state).regime == "calm"


def test_the_sum_downwards_mirrors_that_upwards() -> None:
    rises = [0.004, 0.012, -0.02, 0.0, 0.03, 0.001]
    up, down = after(rises), after([-rise for rise in rises])
    assert (up.up, up.down) == (down.down, down.up)


def test_a_first_jump_does_not_deafen_it_to_the_rally_that_follows() -> None:
    jump = [*quiet(400), 0.15, *quiet(10)]
    assert after(jump + [0.01] * 20).alarms_up >= 2


def test_an_exchange_rate_rallies_on_smaller_moves() -> None:
    moves = [0.001 * (-1) ** day for day in range(200)] + [0.004] * 12
    assert after(moves).regime == "calm"
    assert after(moves, RegimeState(EXCHANGE_RATE_SD_1D)).regime == "rally"


@given(st.lists(st.floats(-0.4, 0.4), max_size=120), st.lists(st.floats(-0.4, 0.4), max_size=30))
def test_a_state_that_was_packed_goes_on_as_if_it_had_not_been(before: list[float], then: list[float]) -> None:
    state = after(before)
    again = RegimeState.unpack(state.pack())
    assert again.pack() == state.pack()
    assert after(then, again).pack() == after(then, state).pack()


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample price series are not here")
@pytest.mark.parametrize(("file", "name"), [("Nd_oxide_CN_daily_2013_2024.csv", "Nd_ox"), ("NdPr_metal_CN_daily_2020_2026.csv", "NdPr_m")])
def test_at_least_nine_of_ten_dated_rallies_are_caught_with_at_most_one_false_alarm_a_year(file: str, name: str) -> None:
    with (SAMPLES / "prices" / file).open(newline="") as prices:
        ticks = [(date.fromisoformat(row[0]), float(row[1])) for row in list(csv.reader(prices))[1:]]
    with (SAMPLES / "exam" / "price_episodes_truth.csv").open(newline="") as episodes:
        rows = [row for row in csv.DictReader(episodes) if row["series"] == name]
    rallies = [(date.fromisoformat(row["start"]), date.fromisoformat(row["peak"])) for row in rows]
    state, alarms, news = RegimeState(), [], []
    for (_, before), (day, price) in pairwise(ticks):
        heard, told = state.alarms_up, state.news_on
        state.advance(log(price / before), day.toordinal())
        alarms += [day] * (state.alarms_up - heard)
        news += [day] * (state.rising and state.news_on != told)
    for days in (alarms, news):
        caught = [any(start < day <= peak for day in days) for start, peak in rallies]
        false = [day for day in days if not any(start <= day <= peak for start, peak in rallies)]
        assert sum(caught) >= 0.9 * len(rallies)
        assert len(false) <= (ticks[-1][0] - ticks[0][0]).days / 365.25
    assert all(any(start < day <= peak for day in news) for start, peak in rallies), "that one rally follows another is told"
