"""(s, S): when the inventory position at a review is s or less, order up to S.

Sources: Ehrhardt & Mosier (1984) for the power approximation, Zheng & Federgruen (1991) for the exact policy;
Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd edition (2019), section 4.4.3.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from services.stockpile_advisor.domain import loss_functions, newsvendor
from services.stockpile_advisor.domain.admissible import FloatArray, positive


class OrderUpToPolicy(NamedTuple):
    """Units at which to order, and units to order up to."""

    reorder_point: float
    order_up_to: float


class CostedOrderUpToPolicy(NamedTuple):
    """Units at which to order, units to order up to, and expected cost of a period."""

    reorder_point: float
    order_up_to: float
    cost: float


def power_approximation(
    holding_cost: float, stockout_cost: float, fixed_cost: float, demand_mean: float, demand_sd: float
) -> OrderUpToPolicy:
    """A regression on many exact policies (Snyder & Shen 4.88 to 4.90)."""
    positive(holding_cost=holding_cost, stockout_cost=stockout_cost, fixed_cost=fixed_cost, demand_mean=demand_mean, demand_sd=demand_sd)
    spread = (1 + (demand_sd / demand_mean) ** 2) ** 0.116
    quantity = 1.3 * demand_mean**0.494 * (fixed_cost / holding_cost) ** 0.506 * spread
    z = math.sqrt(quantity / demand_sd * holding_cost / stockout_cost)
    reorder_point = 0.973 * demand_mean + demand_sd * (0.183 / z + 1.063 - 2.192 * z)
    return OrderUpToPolicy(reorder_point, reorder_point + quantity)


def poisson_exact(holding_cost: float, stockout_cost: float, fixed_cost: float, demand_mean: float) -> CostedOrderUpToPolicy:
    """The best (s, S) in whole units under Poisson demand per period."""
    positive(demand_mean=demand_mean)
    # Nothing that matters lies beyond: the mass there is below 1e-16.
    most = math.ceil(demand_mean + 10 * math.sqrt(demand_mean) + 20)
    units = np.arange(most + 1)
    mass = np.exp(units * math.log(demand_mean) - demand_mean - special.gammaln(units + 1))
    start = int(newsvendor.poisson(holding_cost, stockout_cost, demand_mean).level)
    return _exact(mass, start, fixed_cost, lambda level: float(newsvendor.poisson_cost(level, holding_cost, stockout_cost, demand_mean)))


def discrete_exact(
    holding_cost: float, stockout_cost: float, fixed_cost: float, demand_probability: Sequence[float]
) -> CostedOrderUpToPolicy:
    """The best (s, S) in whole units; `demand_probability[n]` is that of n units in a period, adding up to 1."""
    demand = {float(units): probability for units, probability in enumerate(demand_probability)}
    start = int(newsvendor.discrete(holding_cost, stockout_cost, demand).level)

    def cost_of(level: int) -> float:
        loss = loss_functions.of_mass(float(level), demand)
        return float(holding_cost * loss.surplus + stockout_cost * loss.shortfall)

    return _exact(np.asarray(demand_probability, dtype=float), start, fixed_cost, cost_of)


def _exact(mass: FloatArray, start: int, fixed_cost: float, cost_of_level: Callable[[int], float]) -> CostedOrderUpToPolicy:
    """Zheng & Federgruen (1991), from `start`, the level that is cheapest without a fixed cost."""
    positive(fixed_cost=fixed_cost)
    if mass[0] >= 1:
        raise ValueError("demand must not be zero for certain")
    probability: list[float] = mass.tolist()
    known: dict[int, float] = {}
    renewals = [1 / (1 - mass[0])]

    def level_cost(level: int) -> float:
        if level not in known:
            known[level] = cost_of_level(level)
        return known[level]

    def cost(reorder_point: int, order_up_to: int) -> float:
        span = order_up_to - reorder_point
        while len(renewals) < span:
            place = len(renewals)
            reach = range(1, min(place, len(mass) - 1) + 1)
            renewals.append(renewals[0] * sum(probability[units] * renewals[place - units] for units in reach))
        paid = fixed_cost + sum(renewals[step] * level_cost(order_up_to - step) for step in range(span))
        return float(paid / sum(renewals[:span]))

    reorder_point = start - 1
    while cost(reorder_point, start) > level_cost(reorder_point):
        reorder_point -= 1
    order_up_to, best = start, cost(reorder_point, start)
    candidate = start + 1
    while level_cost(candidate) <= best:
        if cost(reorder_point, candidate) < best:
            order_up_to = candidate
            while cost(reorder_point, order_up_to) <= level_cost(reorder_point + 1):
                reorder_point += 1
            best = cost(reorder_point, order_up_to)
        candidate += 1
    return CostedOrderUpToPolicy(reorder_point, order_up_to, best)
