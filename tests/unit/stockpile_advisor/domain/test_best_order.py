"""The order that costs least."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from services.stockpile_advisor.domain.best_order import Costs, best_order
from services.stockpile_advisor.domain.day_distribution import DayDistribution
from services.stockpile_advisor.domain.demand import DailyDemand
from services.stockpile_advisor.domain.stock_paths import Embargo, OpenOrder, Position, Simulation, simulated

SIMULATION = Simulation(paths=2_000, days=120)
SMALL = Simulation(paths=200, days=120)
DEMAND = DailyDemand(1.0, 10.0, 8.0)
QUICK = OpenOrder("candidate", 0.0, DayDistribution.certain(0))
SLOW = OpenOrder("candidate", 0.0, DayDistribution.log_normal(40, 0.5), 10)


def test_without_holding_cost_it_is_the_newsvendor() -> None:
    """An order there at once, priced 20 against 100 a unit missing: P(demand of the horizon ≤ stock) = 1 - 20/100."""
    answer = best_order(Position("Dy", 300.0, DEMAND), QUICK, {0: 20.0}, Costs(0.0, 100.0, 0.0), SIMULATION)
    shape, scale = 120 * (10 / 8) ** 2, 6.4
    exact = float(special.gammaincinv(shape, 0.8)) * scale - 300
    assert answer.best.quantity == pytest.approx(exact, rel=0.02)
    assert answer.best.day == 0
    assert answer.nothing.cost > answer.best.cost


def test_what_it_costs_is_what_the_paths_cost() -> None:
    """The closed form of a path with the order in it, against simulating the order among the others."""
    position, costs = Position("Dy", 400.0, DEMAND), Costs(0.05, 60.0, 30.0)
    answer = best_order(position, SLOW, {0: 20.0, 15: 21.0}, costs, SIMULATION)
    for choice in answer.by_day:
        order = OpenOrder("candidate", choice.quantity, SLOW.departure, SLOW.transit_days, choice.day or 0)
        paths = simulated(Position("Dy", 400.0, DEMAND, (order,)), SIMULATION)
        assert choice.holding == pytest.approx(0.05 * paths.held.mean(), rel=1e-4)
        assert choice.shortage == pytest.approx(60 * paths.expected_shortage_by(120), rel=1e-3)
        assert choice.purchase == pytest.approx((21.0 if choice.day else 20.0) * choice.quantity + 30)


def test_by_weeks_it_is_nearly_the_same_order_and_the_same_shortage() -> None:
    position, costs = Position("Dy", 400.0, DEMAND), Costs(0.05, 60.0, 30.0)
    exact, weekly = (best_order(position, SLOW, {0: 20.0}, costs, SIMULATION, step_days=step).by_day[0] for step in (1, 7))
    assert weekly.quantity == pytest.approx(exact.quantity, rel=0.01)
    assert weekly.holding == pytest.approx(exact.holding, rel=0.03)
    assert weekly.shortage == pytest.approx(exact.shortage, rel=0.03)


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 1_500), st.floats(0.01, 0.3), st.floats(25, 200))
def test_no_other_quantity_costs_less(on_hand: float, holding: float, shortage: float) -> None:
    position, costs = Position("Dy", on_hand, DEMAND), Costs(holding, shortage, 0.0)
    answer = best_order(position, SLOW, {0: 20.0}, costs, SMALL)
    for quantity in np.linspace(0, 1_500, 16):
        fixed = best_order(position, SLOW, {0: 20.0}, costs, SMALL, least=float(quantity), most=float(quantity))
        assert answer.by_day[0].cost <= fixed.by_day[0].cost * (1 + 1e-6)


def test_an_embargo_moves_the_order_before_it() -> None:
    embargo = Embargo("No. 70", 20, 0.9, DayDistribution.certain(200), frozenset({"candidate"}))
    waits = Position("Dy", 600.0, DEMAND)
    hurries = Position("Dy", 600.0, DEMAND, (), (embargo,))
    days, costs = {0: 20.0, 30: 20.0}, Costs(0.2, 100.0, 0.0)
    assert best_order(waits, QUICK, days, costs, SMALL).best.day == 30
    assert best_order(hurries, QUICK, days, costs, SMALL).best.day == 0


def test_bounds_bind_and_are_named() -> None:
    position, costs = Position("Dy", 300.0, DEMAND), Costs(0.0, 100.0, 0.0)
    assert best_order(position, QUICK, {0: 20.0}, costs, SMALL, most=200.0).bound == "most"
    assert best_order(position, QUICK, {0: 20.0}, costs, SMALL, least=2_000.0).bound == "minimum order"
    assert best_order(position, QUICK, {0: 20.0}, costs, SMALL).bound is None
    with pytest.raises(ValueError, match="less than the minimum order"):
        best_order(position, QUICK, {0: 20.0}, costs, SMALL, least=10.0, most=5.0)


def test_with_stock_enough_nothing_is_best() -> None:
    answer = best_order(Position("Dy", 10_000.0, DEMAND), QUICK, {0: 20.0}, Costs(0.01, 100.0, 50.0), SMALL, least=100.0)
    assert answer.best.day is None
    assert answer.best == answer.nothing


def test_an_order_of_nothing_is_no_order() -> None:
    answer = best_order(Position("Dy", 10_000.0, DEMAND), QUICK, {0: 20.0}, Costs(0.01, 100.0, 0.0), SMALL)
    assert answer.by_day[0].quantity == 0.0
    assert answer.best.day is None
