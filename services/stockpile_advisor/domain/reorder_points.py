"""(r, Q): when the inventory position falls to r, order Q.

Source: Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd edition (2019), chapter 5; Federgruen & Zheng (1992) for Poisson demand.
Rates, costs and the lead time share one unit of time; demand over the lead time is normal unless the name says Poisson.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy import optimize, special

from services.stockpile_advisor.domain import loss_functions, newsvendor
from services.stockpile_advisor.domain.admissible import positive
from services.stockpile_advisor.domain.order_quantity import economic_order_quantity, with_backorders

_STEP = 1e-9
_MOST_ROUNDS = 500


class ReorderPolicy(NamedTuple):
    """Units at which to order, and units to order."""

    reorder_point: float
    order_quantity: float


class CostedReorderPolicy(NamedTuple):
    """Units at which to order, units to order, and cost per unit of time."""

    reorder_point: float
    order_quantity: float
    cost: float


class Buying(NamedTuple):
    """What the models ask about a material: costs per unit (and unit of time), cost of an order, demand rate and its spread, lead time."""

    holding_cost: float
    stockout_cost: float
    fixed_cost: float
    demand_mean: float
    demand_sd: float
    lead_time: float

    @property
    def lead_time_mean(self) -> float:
        return self.demand_mean * self.lead_time

    @property
    def lead_time_sd(self) -> float:
        return self.demand_sd * math.sqrt(self.lead_time)


def order_quantity_and_safety_stock(buying: Buying) -> ReorderPolicy:
    """Q from the economic order quantity, r the newsvendor level of lead-time demand (5.3.3)."""
    _admissible(buying)
    quantity = economic_order_quantity(buying.fixed_cost, buying.holding_cost, buying.demand_mean).quantity
    return ReorderPolicy(_newsvendor_level(buying), float(quantity))


def with_backordered_quantity(buying: Buying) -> ReorderPolicy:
    """Q from the economic order quantity with backorders, r the best for that Q (5.3.2)."""
    _admissible(buying)
    quantity = float(with_backorders(buying.fixed_cost, buying.holding_cost, buying.stockout_cost, buying.demand_mean).quantity)
    return ReorderPolicy(best_reorder_point(quantity, buying), quantity)


def expected_inventory_level(buying: Buying) -> CostedReorderPolicy:
    """The approximation of Hadley & Whitin: stock-out cost per unit, not per unit and time (5.3.1).

    ValueError where the iteration has no solution: an order so large that a stock-out in each of its cycles costs less than holding.
    """
    _admissible(buying)
    mean, sd = buying.lead_time_mean, buying.lead_time_sd
    quantity = float(economic_order_quantity(buying.fixed_cost, buying.holding_cost, buying.demand_mean).quantity)
    reorder_point = math.inf
    for _ in range(_MOST_ROUNDS):
        before = quantity, reorder_point
        short_of = quantity * buying.holding_cost / (buying.stockout_cost * buying.demand_mean)
        if not 0 < short_of < 1:
            raise ValueError("the stock-out cost is too low for this model: it would never pay to hold stock until the order comes")
        reorder_point = mean - sd * float(special.ndtri(short_of))
        shortfall = float(loss_functions.normal(reorder_point, mean, sd).shortfall)
        quantity = math.sqrt(2 * buying.demand_mean * (buying.fixed_cost + buying.stockout_cost * shortfall) / buying.holding_cost)
        if _settled(before, (quantity, reorder_point)):
            break
    shortfall = float(loss_functions.normal(reorder_point, mean, sd).shortfall)
    cost = (
        buying.holding_cost * (reorder_point - mean + quantity / 2)
        + (buying.fixed_cost + buying.stockout_cost * shortfall) * buying.demand_mean / quantity
    )
    return CostedReorderPolicy(reorder_point, quantity, cost)


def loss_function_approximation(buying: Buying) -> ReorderPolicy:
    """r from the first loss function, Q from the second, in turns (5.3.4)."""
    _admissible(buying)
    mean, sd = buying.lead_time_mean, buying.lead_time_sd
    total = buying.holding_cost + buying.stockout_cost
    quantity = float(economic_order_quantity(buying.fixed_cost, buying.holding_cost, buying.demand_mean).quantity)
    reorder_point = math.inf
    for _ in range(_MOST_ROUNDS):
        before = quantity, reorder_point
        reorder_point = mean + sd * _inverse_standard_loss(buying.holding_cost * quantity / total / sd)
        second = float(loss_functions.normal_second(reorder_point, mean, sd).shortfall)
        quantity = math.sqrt(2 * (buying.fixed_cost * buying.demand_mean + total * second) / buying.holding_cost)
        if _settled(before, (quantity, reorder_point)):
            break
    return ReorderPolicy(reorder_point, quantity)


def best_reorder_point(order_quantity: float, buying: Buying) -> float:
    """The r at which stock costs as much just after ordering as just before the order falls due: g(r) = g(r + Q) (5.2.3)."""
    positive(order_quantity=order_quantity)
    _admissible(buying)
    mean, sd = buying.lead_time_mean, buying.lead_time_sd
    level = _newsvendor_level(buying)

    def gap(point: float) -> float:
        ends = np.array([point, point + order_quantity])
        low, high = newsvendor.normal_cost(ends, buying.holding_cost, buying.stockout_cost, mean, sd)
        return float(low - high)

    # Between level - Q, where r + Q is the cheapest level, and the level itself, where r is.
    return float(optimize.brentq(gap, level - order_quantity, level, xtol=1e-10, rtol=1e-14))


def expected_cost(policy: ReorderPolicy, buying: Buying) -> float:
    """Cost per unit of time of any (r, Q): (K·λ + ∫ g from r to r + Q) / Q (5.7), the integral by the second loss function."""
    _admissible(buying)
    mean, sd = buying.lead_time_mean, buying.lead_time_sd
    ends = np.array([policy.reorder_point, policy.reorder_point + policy.order_quantity])
    second = loss_functions.normal_second(ends, mean, sd)
    short, left = second.shortfall[0] - second.shortfall[1], second.surplus[1] - second.surplus[0]
    return float(
        (buying.fixed_cost * buying.demand_mean + buying.holding_cost * left + buying.stockout_cost * short) / policy.order_quantity
    )


def poisson_exact(
    holding_cost: float, stockout_cost: float, fixed_cost: float, demand_mean: float, lead_time: float
) -> CostedReorderPolicy:
    """The best (r, Q) in whole units under Poisson demand: levels are added cheapest first (Federgruen & Zheng 1992; 5.5)."""
    positive(holding_cost=holding_cost, stockout_cost=stockout_cost, fixed_cost=fixed_cost, demand_mean=demand_mean, lead_time=lead_time)
    mean = demand_mean * lead_time

    def cost_of(level: int) -> float:
        return float(newsvendor.poisson_cost(level, holding_cost, stockout_cost, mean))

    best = int(newsvendor.poisson(holding_cost, stockout_cost, mean).level)
    reorder_point, quantity, total = best - 1, 1, fixed_cost * demand_mean + cost_of(best)
    below, above = cost_of(reorder_point), cost_of(best + 1)
    while min(below, above) < total / quantity:
        total += min(below, above)
        quantity += 1
        if below < above:
            reorder_point -= 1
            below = cost_of(reorder_point)
        else:
            above = cost_of(reorder_point + quantity + 1)
    return CostedReorderPolicy(reorder_point, quantity, total / quantity)


def _admissible(buying: Buying) -> None:
    positive(**buying._asdict())


def _newsvendor_level(buying: Buying) -> float:
    return float(newsvendor.normal(buying.holding_cost, buying.stockout_cost, buying.lead_time_mean, buying.lead_time_sd).level)


def _settled(before: tuple[float, float], after: tuple[float, float]) -> bool:
    return all(abs(new - old) <= _STEP * max(1.0, abs(new)) for old, new in zip(before, after, strict=True))


def _inverse_standard_loss(shortfall: float) -> float:
    """The z with standard normal loss `shortfall`: the loss falls from -z (far left) to 0 (far right)."""
    return float(
        optimize.brentq(
            lambda z: float(loss_functions.standard_normal(z).shortfall) - shortfall, -shortfall - 1, 37.0, xtol=1e-12, rtol=1e-14
        )
    )
