import csv
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from math import exp, expm1, log, sqrt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.pricing_risk.domain.series import HORIZONS, SeriesState
from services.pricing_risk.domain.view import SeriesIdentity, at_horizon, lognormal_shortfall, looked_at, series_view, shortfall_975
from services.pricing_risk.reference_prices import reference_prices
from shared.contracts.price_series import PremiumView, SeriesView

SAMPLES = Path(__file__).resolve().parents[4] / ".." / "shared" / "samples" / "prices"
FIRST = date(2024, 1, 1)
IDENTITY = SeriesIdentity("Nd/oxide/99.5/CN/assessed/CNY/-", "Nd", "oxide", "CN", "assessed", "CNY", ["Nd"])


def state_after(steps: list[float], price: float = 431.25) -> SeriesState:
    state = SeriesState()
    for number, step in enumerate([0.0, *steps]):
        price *= exp(step)
        state.advance(FIRST + timedelta(number), price)
    return state


def view_after(steps: list[float], price: float = 431.25) -> SeriesView:
    view = series_view(IDENTITY, state_after(steps, price), source="feed")
    assert view is not None
    return view


def test_the_shortfall_of_a_log_normal_price_is_the_published_one() -> None:
    assert lognormal_shortfall(0.20, 0.95) == pytest.approx(0.514989, abs=5e-7)
    assert lognormal_shortfall(0.0, 0.95) == 0.0
    assert lognormal_shortfall(1e-9, 0.95) == pytest.approx(0.0, abs=1e-8)


def test_before_the_first_price_there_is_no_view() -> None:
    assert series_view(IDENTITY, SeriesState(), source="feed") is None


def test_a_view_tells_the_state() -> None:
    view = view_after([0.01] * 3)
    assert (view.ticks, view.first_on, view.as_of) == (4, FIRST, FIRST + timedelta(3))
    assert view.price == Decimal(format(431.25 * exp(0.03), ".12g"))
    assert [horizon.days for horizon in view.horizons] == list(HORIZONS)
    assert SeriesView.model_validate_json(view.model_dump_json()) == view


@pytest.mark.parametrize(("price", "written"), [(1.5e-9, "0.0000000015"), (2.5e9, "2500000000")])
def test_a_price_is_a_plain_decimal_however_small_or_large(price: float, written: str) -> None:
    assert f'"price":"{written}"' in view_after([], price).model_dump_json()


def test_another_state_has_another_digest_and_the_same_state_the_same() -> None:
    view = view_after([0.01] * 3)
    premium = PremiumView(inside_series="x", percent=5.0, mean_log=0.05, regime="calm", since=FIRST)
    others = [
        view_after([0.01] * 4),
        series_view(IDENTITY, state_after([0.01] * 3), source="another"),
        series_view(IDENTITY, state_after([0.01] * 3), source="feed", held=1),
        series_view(IDENTITY, state_after([0.01] * 3), source="feed", premium=premium),
    ]
    assert view.digest == view_after([0.01] * 3).digest
    assert len({view.digest, *(other.digest for other in others if other)}) == 5


def test_an_annual_reference_refuses_a_horizon() -> None:
    with pytest.raises(ValueError, match="nothing of risk"):
        at_horizon(next(iter(reference_prices().values())), 20)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 600), max_size=4), st.integers(0, 600))
def test_what_was_looked_at_says_the_same_as_the_whole(asked: list[int], other: int) -> None:
    view = view_after([0.01, -0.02, 0.0, 0.03] * 80)
    part = looked_at(view, [*asked, other])
    assert [at_horizon(part, days) for days in (*asked, other) if days] == [at_horizon(view, days) for days in (*asked, other) if days]
    assert len(part.horizons) <= 2 * (len(asked) + 1)
    assert part == view.model_copy(update={"horizons": part.horizons})


def test_at_a_horizon_of_the_view_that_horizon_holds() -> None:
    view = view_after([0.01, -0.02, 0.0] * 100)
    assert [at_horizon(view, horizon.days) for horizon in view.horizons] == view.horizons


def test_over_no_days_nothing_moves() -> None:
    now = at_horizon(view_after([0.01] * 30), 0)
    assert (now.sigma, now.bound_95, now.bound_99, shortfall_975(now)) == (0.0, 0.0, 0.0, 0.0)


def test_beyond_the_longest_horizon_nothing_grows_faster_than_with_the_square_root_of_days() -> None:
    view = view_after([0.01, -0.02, 0.0] * 200)
    longest, twice = view.horizons[-1], at_horizon(view, 504)
    assert longest.sigma < twice.sigma <= longest.sigma * sqrt(2) * (1 + 1e-12)
    assert longest.bound_99 < twice.bound_99 <= longest.bound_99 * sqrt(2) * (1 + 1e-12)
    assert twice.variance_ratio == longest.variance_ratio


@pytest.mark.parametrize("days_ago", [120, 200, 300])
def test_a_price_that_once_rose_to_its_threefold_is_not_taken_to_do_so_each_year(days_ago: int) -> None:
    steps = [0.0, 0.0, 0.008, 0.0, -0.008] * 78
    steps[-days_ago] = log(2.6)
    year, longer = (at_horizon(view_after(steps), days).bound_95 for days in (252, 512))
    assert log(2.6) - 0.01 <= year < longer
    assert expm1(longer) < 2.6


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample price series are not here")
def test_over_two_years_bounds_of_a_price_that_trends_hold_better_than_where_they_did_not_grow() -> None:
    with (SAMPLES / "Nd_oxide_CN_daily_2013_2024.csv").open(newline="") as file:
        log_prices = [log(float(row[1])) for row in list(csv.reader(file))[1:]]
    grown = flat = asked = 0
    for start in range(0, len(log_prices) - 1000 - 512, 40):
        past = log_prices[start : start + 1000]
        view = view_after([later - earlier for earlier, later in pairwise(past)])
        came = log_prices[start + 999 + 512] - past[-1]
        asked += 1
        grown += came > at_horizon(view, 512).bound_95
        flat += came > view.horizons[-1].bound_95
    assert grown <= 0.2 * asked, "the rise of 2020 to 2022 was beyond most of what had been seen"
    assert flat > grown


STEPS = st.lists(st.sampled_from([0.0, 0.0, 0.01, -0.009, 0.06, -0.08]), max_size=350)


@settings(max_examples=30, deadline=None)
@given(STEPS)
def test_more_days_never_tell_less(steps: list[float]) -> None:
    view = view_after(steps)
    told = [at_horizon(view, days) for days in (*range(70), *range(70, 700, 13))]
    for shorter, longer in pairwise(told):
        for name in ("sigma", "bound_95", "bound_975", "bound_99"):
            assert getattr(longer, name) >= getattr(shorter, name) - 1e-12
        assert shortfall_975(longer) >= shortfall_975(shorter) - 1e-12


@settings(max_examples=30, deadline=None)
@given(STEPS, st.integers(1, 600))
def test_the_shortfall_is_at_least_the_bound_that_it_lies_beyond(steps: list[float], days: int) -> None:
    horizon = at_horizon(view_after(steps), days)
    assert shortfall_975(horizon) >= expm1(horizon.bound_975) - 0.002, "to half a bin"
    assert horizon.bound_95 <= horizon.bound_975 <= horizon.bound_99
