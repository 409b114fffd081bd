"""Stock paths: against closed forms, the same bytes from the same seed, and monotone where they must be."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from services.stockpile_advisor.domain import cover, loss_functions
from services.stockpile_advisor.domain.day_distribution import NO_DAY, DayDistribution
from services.stockpile_advisor.domain.demand import DailyDemand
from services.stockpile_advisor.domain.licence_delay import GENERAL_EU
from services.stockpile_advisor.domain.stock_paths import (
    Embargo,
    OpenOrder,
    Position,
    Simulation,
    advised_cover_days,
    arrivals,
    lead_time_demand,
    simulated,
)

SIMULATION = Simulation(paths=4_000, days=365)
SMALL = Simulation(paths=300, days=200)
STEADY = DailyDemand(1.0, 10.0, 8.0)
LUMPY = DailyDemand(0.1, 100.0, 60.0)
QUEUE = DayDistribution.certain(20).then(GENERAL_EU.distribution())


def gamma_of(demand: DailyDemand, days: int) -> tuple[float, float]:
    """Shape and scale of what a steady demand uses in so many days."""
    return days * (demand.size_mean / demand.size_sd) ** 2, demand.size_sd**2 / demand.size_mean


# --- closed forms ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [80, 95, 100, 110, 130])
def test_running_out_without_orders(day: int) -> None:
    paths = simulated(Position("Dy", 1_000.0, STEADY), SIMULATION)
    shape, scale = gamma_of(STEADY, day)
    exact = float(special.gammaincc(shape, 1_000 / scale))
    assert abs(paths.probability_short_by(day) - exact) <= 3 * math.sqrt(exact * (1 - exact) / SIMULATION.paths) + 1e-9
    loss = float(loss_functions.gamma(1_000.0, shape, scale).shortfall)
    assert abs(paths.expected_shortage_by(day) - loss) <= 3 * max(paths.standard_error_shortage_by(day), 1e-3)


@pytest.mark.parametrize("on_hand", [500.0, 1_000.0, 1_500.0])
def test_running_out_of_a_lumpy_material(on_hand: float) -> None:
    """Uses in 100 days are binomial, their sum gamma: a mixture."""
    paths = simulated(Position("W", on_hand, LUMPY), SIMULATION)
    uses = np.arange(1, 101)
    shape, scale = (LUMPY.size_mean / LUMPY.size_sd) ** 2, LUMPY.size_sd**2 / LUMPY.size_mean
    exact = float(stats.binom.pmf(uses, 100, 0.1) @ special.gammaincc(uses * shape, on_hand / scale))
    assert abs(paths.probability_short_by(100) - exact) <= 3 * math.sqrt(exact * (1 - exact) / SIMULATION.paths)


def test_running_out_before_an_order_of_uncertain_arrival() -> None:
    """The order is large: stock runs out before it or not at all. P = Σ P(A = a)·P(demand of a - 1 days > stock)."""
    order = OpenOrder("PO-1", 1e6, QUEUE, transit_days=10)
    paths = simulated(Position("Dy", 1_500.0, STEADY, (order,)), SIMULATION)
    day = np.arange(1, SIMULATION.days + 1)
    shape, scale = gamma_of(STEADY, 1)
    short = special.gammaincc(day * shape, 1_500 / scale)
    arrival = DayDistribution.certain(10).then(QUEUE)
    by_arrival = float(arrival.mass[1 : SIMULATION.days + 1] @ np.concatenate(([0.0], short[:-1])))
    exact = by_arrival + (1 - arrival.within(SIMULATION.days)) * float(short[-1])
    assert abs(paths.probability_short_by(SIMULATION.days) - exact) <= 3 * math.sqrt(exact * (1 - exact) / SIMULATION.paths)


def test_the_fan_is_that_of_the_closed_form() -> None:
    paths = simulated(Position("Dy", 5_000.0, STEADY), SIMULATION)
    for place, day in ((3, 28), (20, 147)):
        assert paths.fan_days[place] == day
        shape, scale = gamma_of(STEADY, day)
        for probability, stock in zip(SIMULATION.fan_probabilities, paths.fan[:, place], strict=True):
            used = float(special.gammainccinv(shape, probability)) * scale
            density = stats.gamma.pdf(used, shape, scale=scale)
            error = math.sqrt(probability * (1 - probability) / SIMULATION.paths) / density
            assert abs(float(stock) - (5_000 - used)) <= 3 * error


def test_stock_held_is_the_mean_of_the_paths() -> None:
    paths = simulated(Position("Dy", 5_000.0, STEADY), SIMULATION)
    days = np.arange(1, 366)
    exact = float(np.sum(5_000 - 10 * days)) + sum(
        float(loss_functions.gamma(5_000.0, *gamma_of(STEADY, int(day))).shortfall) for day in days
    )
    assert abs(paths.held.mean() - exact) <= 3 * paths.held.std() / math.sqrt(SIMULATION.paths)


def test_an_embargo_holds_back_what_has_not_left() -> None:
    embargo = Embargo("No. 70", 30, 0.4, DayDistribution.certain(100), frozenset({"late"}))
    early = OpenOrder("early", 10.0, DayDistribution.certain(40), 5)
    late = OpenOrder("late", 10.0, DayDistribution.certain(40), 5)
    left = OpenOrder("late", 10.0, DayDistribution.certain(29), 5)
    position = Position("Dy", 100.0, STEADY, (early, late), (embargo,))
    assert np.all(arrivals(position, early, SIMULATION) == 45)
    held = arrivals(position, late, SIMULATION)
    assert set(held.tolist()) == {45, 135}
    assert abs(np.mean(held == 135) - 0.4) <= 3 * math.sqrt(0.24 / SIMULATION.paths)
    assert np.all(arrivals(position, left, SIMULATION) == 34)
    without_end = replace(position, embargoes=(replace(embargo, length=DayDistribution(np.array([0.0]), never=1.0)),))
    assert set(arrivals(without_end, late, SIMULATION).tolist()) == {45, NO_DAY}


def test_a_refused_licence_never_comes() -> None:
    order = OpenOrder("PO-1", 10.0, DayDistribution(np.array([0.0, 0.7]), never=0.3))
    came = arrivals(Position("Dy", 0.0, STEADY), order, SIMULATION)
    assert abs(np.mean(came == NO_DAY) - 0.3) <= 3 * math.sqrt(0.21 / SIMULATION.paths)


def test_advised_cover_of_a_near_normal_lead_time_is_the_textbook_one() -> None:
    demand, days = DailyDemand(1.0, 10.0, 3.0), np.arange(0, 121)
    mass = stats.norm.pdf(days, 60, 8)
    length = DayDistribution(mass / mass.sum())
    exact = (600 + float(cover.safety_stock(0.95, 10, 3, 60, 8))) / 10
    assert advised_cover_days("Dy", demand, length, 0.95, SIMULATION) == pytest.approx(exact, rel=0.02)


def test_advised_cover_in_the_general_queue_is_far_beyond_the_normal_formula() -> None:
    """The 99 % reorder point over 45 days and the queue: 879 days measured by simulation, 624 by the normal formula."""
    long = Simulation(paths=4_000, days=1_500)
    delay = DayDistribution.log_normal(math.exp(4.973), 0.752)
    advised = advised_cover_days("Dy", DailyDemand(1.0, 10.0, 3.0), DayDistribution.certain(45).then(delay), 0.99, long)
    assert advised is not None
    assert 800 < advised < 960


def test_a_few_hundred_paths_meet_the_quantiles_of_a_heavy_tailed_queue() -> None:
    wait = DayDistribution.certain(45).then(DayDistribution.log_normal(math.exp(4.973), 0.752))
    for seed in range(5):
        cover_days = advised_cover_days("Dy", DailyDemand(1.0, 10.0, 0.0), wait, 0.95, Simulation(paths=300, days=730, seed=seed))
        assert cover_days == pytest.approx(wait.quantile(0.95), rel=0.03)


def test_cover_that_no_stock_gives_is_unknown() -> None:
    refused = DayDistribution(np.array([0.0, 0.9]), never=0.1)
    assert advised_cover_days("Dy", STEADY, refused, 0.95, SMALL) is None
    assert advised_cover_days("Dy", STEADY, refused, 0.5, SMALL) is not None
    assert advised_cover_days("Dy", DailyDemand(0, 0, 0), refused, 0.5, SMALL) is None
    assert np.isinf(lead_time_demand("Dy", STEADY, refused, SMALL)).any()


# --- the same seed, the same bytes --------------------------------------------------------------------------------------------------------


def position_of(on_hand: float, median_days: float = 120.0, quantity: float = 800.0) -> Position:
    queue = DayDistribution.certain(20).then(DayDistribution.log_normal(median_days, 0.6))
    orders = (OpenOrder("PO-1", quantity, queue, 20), OpenOrder("PO-2", 400.0, DayDistribution.certain(90), 20))
    return Position(
        "Dy", on_hand, LUMPY, orders, (Embargo("E", 80, 0.5, DayDistribution.log_normal(90, 0.5), frozenset({"PO-1", "PO-2"})),)
    )


def test_the_same_seed_gives_the_same_bytes_and_another_others() -> None:
    one, again, other = (simulated(position_of(900), replace(SMALL, seed=seed)) for seed in (1, 1, 2))
    assert one.fan.tobytes() == again.fan.tobytes()
    assert one.first_day_short.tobytes() == again.first_day_short.tobytes()
    assert one.shortage_mean.tobytes() == again.shortage_mean.tobytes()
    assert one.fan.tobytes() != other.fan.tobytes()


def test_an_order_more_changes_no_chance_of_the_others() -> None:
    position = position_of(900)
    more = replace(position, orders=(OpenOrder("PO-0", 50.0, QUEUE), *position.orders))
    assert np.array_equal(arrivals(position, position.orders[0], SMALL), arrivals(more, position.orders[0], SMALL))


# --- monotone -----------------------------------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 3_000), st.floats(0, 3_000), st.integers(1, 200))
def test_more_stock_never_raises_the_chance_of_running_out(one: float, other: float, day: int) -> None:
    less, more = (simulated(position_of(on_hand), SMALL) for on_hand in sorted((one, other)))
    assert np.all(less.first_day_short <= more.first_day_short)
    assert less.probability_short_by(day) >= more.probability_short_by(day)
    assert less.expected_shortage_by(day) >= more.expected_shortage_by(day)
    assert np.all(less.fan <= more.fan + 1e-2)


@settings(max_examples=30, deadline=None)
@given(st.floats(10, 300), st.floats(10, 300), st.floats(0.5, 0.95))
def test_a_longer_licence_delay_never_lowers_the_advised_cover(one: float, other: float, service_level: float) -> None:
    advised = []
    for median in sorted((one, other)):
        queue = DayDistribution.certain(20).then(DayDistribution.log_normal(median, 0.6))
        days = advised_cover_days("Dy", LUMPY, queue, service_level, SMALL)
        advised.append(math.inf if days is None else days)
    assert advised[0] <= advised[1]


@settings(max_examples=15, deadline=None)
@given(st.floats(10, 300), st.floats(10, 300), st.integers(1, 200))
def test_a_longer_licence_delay_never_lowers_the_chance_of_running_out(one: float, other: float, day: int) -> None:
    short, long = (simulated(position_of(900, median), SMALL) for median in sorted((one, other)))
    assert short.probability_short_by(day) <= long.probability_short_by(day)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.5, 2), st.floats(0.5, 2))
def test_more_demand_never_lowers_the_chance_of_running_out(one: float, other: float) -> None:
    calm, hungry = (simulated(replace(position_of(900), demand=LUMPY.scaled(factor)), SMALL) for factor in sorted((one, other)))
    assert calm.probability_short_by(200) <= hungry.probability_short_by(200)


def test_a_day_outside_is_refused() -> None:
    paths = simulated(position_of(900), SMALL)
    with pytest.raises(ValueError, match="day 201 lies outside the 200 days"):
        paths.probability_short_by(201)
    with pytest.raises(ValueError, match="on_hand must not be negative"):
        simulated(position_of(-1), SMALL)
    assert paths.standard_error_short_by(200) < 0.03
