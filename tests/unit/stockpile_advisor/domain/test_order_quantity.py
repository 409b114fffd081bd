"""Order quantities work on arrays, and say what they can't be asked."""

import numpy as np
import pytest
from scipy import stats

from services.stockpile_advisor.domain import disruptions, newsvendor, order_up_to, reorder_points
from services.stockpile_advisor.domain.order_quantity import economic_order_quantity, with_additive_yield, with_backorders


def test_a_thousand_materials_at_once() -> None:
    demand = np.linspace(10, 5_000, 1_000)
    together = economic_order_quantity(8.0, 0.225, demand)
    assert together.quantity.shape == (1_000,)
    assert float(together.cost[17]) == float(economic_order_quantity(8.0, 0.225, float(demand[17])).cost)


def test_the_cost_at_the_quantity_is_what_the_quantity_costs() -> None:
    quantity, cost = economic_order_quantity(8.0, 0.225, 1_300.0)
    assert float(cost) == pytest.approx(8 * 1_300 / quantity + 0.225 * quantity / 2)


def test_dear_backorders_are_as_good_as_none() -> None:
    assert float(with_backorders(8, 0.225, 1e12, 1_300).quantity) == pytest.approx(float(economic_order_quantity(8, 0.225, 1_300).quantity))


def test_a_yield_without_spread_only_shifts_the_order() -> None:
    assert float(with_additive_yield(8, 0.225, 1_300, -20, 0).quantity) == pytest.approx(
        float(economic_order_quantity(8, 0.225, 1_300).quantity) + 20
    )


def test_what_cannot_be_asked_is_named() -> None:
    with pytest.raises(ValueError, match="holding_cost must be above zero"):
        economic_order_quantity(8, 0.0, 1_300)
    with pytest.raises(ValueError, match="disruption_probability must lie between 0 and 1"):
        disruptions.base_stock(1, 10, 100, 1.0, 0.5)
    with pytest.raises(ValueError, match="add up to 1"):
        newsvendor.discrete(1, 2, {1.0: 0.4, 2.0: 0.4})
    with pytest.raises(ValueError, match="stock-out cost is too low"):
        reorder_points.expected_inventory_level(reorder_points.Buying(5, 0.01, 400, 100, 30, 0.2))


@pytest.mark.parametrize(
    ("level", "cost"),
    [(2_000, 3310.344828), (12_000, 3075.161638)],
)
def test_base_stock_with_disruptions_at_other_levels(level: float, cost: float) -> None:
    """Snyder & Shen, example 9.3."""
    assert disruptions.base_stock_cost(level, 0.25, 3, 2_000, 0.04, 0.25) == pytest.approx(cost, abs=1e-3)


def test_base_stock_with_disruptions_against_a_simulation_of_the_source() -> None:
    stock = disruptions.base_stock(1, 40, 100, 0.02, 0.05)
    assert (stock.level, round(stock.cost, 2)) == (4_900, 6226.03)
    rng, down, costs = np.random.default_rng(3), 0, []
    for draw in rng.random(400_000):
        down = (0 if draw < 0.05 else down + 1) if down else int(draw < 0.02)
        costs.append(max(0, stock.level - (down + 1) * 100) + 40 * max(0, (down + 1) * 100 - stock.level))
    blocks = np.array(costs).reshape(100, -1).mean(axis=1)
    assert abs(blocks.mean() - stock.cost) < 3 * blocks.std() / 10


def test_order_quantity_with_disruptions_of_another_example() -> None:
    """Snyder & Shen, problem 9.8."""
    order = disruptions.order_quantity(disruptions.DisruptedBuying(35, 4, 22, 30, 1, 12))
    assert order == pytest.approx((24.066284, 96.266591), abs=1e-3)


def test_a_given_demand_has_the_policy_of_the_poisson_demand_it_is() -> None:
    mass = stats.poisson.pmf(np.arange(60), 6)
    given = order_up_to.discrete_exact(1, 4, 5, (mass / mass.sum()).tolist())
    assert given == pytest.approx(tuple(order_up_to.poisson_exact(1, 4, 5, 6)), rel=1e-6)


def test_demand_that_never_comes_has_no_policy() -> None:
    with pytest.raises(ValueError, match="demand must not be zero for certain"):
        order_up_to.discrete_exact(1, 4, 5, [1.0])
