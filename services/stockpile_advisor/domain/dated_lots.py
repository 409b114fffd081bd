"""Lots over a horizon whose periods are told apart: known demand (Wagner & Whitin 1958) and normal demand (a dynamic programme).

Source: Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd edition (2019), sections 3.7 and 4.5.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from services.stockpile_advisor.domain import loss_functions
from services.stockpile_advisor.domain.admissible import FloatArray, not_negative, positive
from services.stockpile_advisor.domain.order_quantity import with_backorders


class Lots(NamedTuple):
    """Units to order in each period, and what the horizon costs."""

    quantity: tuple[float, ...]
    cost: float


class DatedPolicies(NamedTuple):
    """For each period the units at which to order and up to which, and the expected cost of the horizon from the stock it starts with."""

    reorder_point: tuple[int, ...]
    order_up_to: tuple[int, ...]
    cost: float


class Period(NamedTuple):
    """Costs (of a unit left, a unit short, an order, a unit bought) and the normal demand of one period."""

    holding_cost: float
    stockout_cost: float
    fixed_cost: float
    purchase_cost: float
    demand_mean: float
    demand_sd: float


def wagner_whitin(demand: Sequence[float], holding_cost: float, fixed_cost: float, purchase_cost: Sequence[float] | None = None) -> Lots:
    """Known demands, no shortage: each lot covers whole periods. `purchase_cost` is per unit, by period."""
    not_negative(demand=np.asarray(demand, dtype=float), holding_cost=holding_cost, fixed_cost=fixed_cost)
    periods = len(demand)
    price = [0.0] * periods if purchase_cost is None else list(purchase_cost)
    cheapest = [0.0] * (periods + 1)
    until = [periods] * periods
    for first in range(periods - 1, -1, -1):
        units, held, best = 0.0, 0.0, np.inf
        for last in range(first, periods):
            units += demand[last]
            held += (last - first) * demand[last] * holding_cost
            cost = (fixed_cost if units > 0 else 0.0) + price[first] * units + held + cheapest[last + 1]
            if cost < best:
                best, until[first] = cost, last + 1
        cheapest[first] = best
    quantity = [0.0] * periods
    first = 0
    while first < periods:
        quantity[first] = float(sum(demand[first : until[first]]))
        first = until[first]
    return Lots(tuple(quantity), cheapest[0])


def finite_horizon(
    periods: Sequence[Period],
    terminal_holding_cost: float,
    terminal_stockout_cost: float,
    on_hand: int = 0,
    demand_spread_sd: float = 4.0,
    level_spread_sd: float = 5.0,
) -> DatedPolicies:
    """Normal demand in whole units, unmet demand waits; by backward induction (4.5.1).

    Demand is cut at `demand_spread_sd` standard deviations and what lies beyond left out (6e-5 of it at four), levels at the nearest end
    of the grid: so the reference does, and so its figures are met.
    """
    for period in periods:
        positive(demand_mean=period.demand_mean, demand_sd=period.demand_sd, holding_cost=period.holding_cost)
    means, sds = np.array([period.demand_mean for period in periods]), np.array([period.demand_sd for period in periods])
    demand = np.arange(max(0, round(means.min() - demand_spread_sd * sds.max())), round(means.max() + demand_spread_sd * sds.max()) + 1)
    lots = [
        float(with_backorders(period.fixed_cost, period.holding_cost, period.stockout_cost, period.demand_mean).quantity)
        for period in periods
    ]
    low = round(means.min() - means.max() - sds.max() * (level_spread_sd + demand_spread_sd))
    high = round(means.max() + max(lots) + sds.max() * level_spread_sd)
    level = np.arange(low, high + 1)
    if not low <= on_hand <= high:
        raise ValueError(f"the stock at the beginning, {on_hand}, lies outside the levels looked at, {low} to {high}")
    after = np.clip(level[:, None] - demand[None, :], low, high) - low
    ahead: FloatArray = terminal_holding_cost * np.maximum(level, 0) + terminal_stockout_cost * np.maximum(-level, 0)
    reorder_points, order_up_to = [], []
    for period in reversed(periods):
        mass = special.ndtr((demand + 0.5 - period.demand_mean) / period.demand_sd) - special.ndtr(
            (demand - 0.5 - period.demand_mean) / period.demand_sd
        )
        loss = loss_functions.normal(level.astype(float), period.demand_mean, period.demand_sd)
        kept = period.holding_cost * loss.surplus + period.stockout_cost * loss.shortfall + ahead[after] @ mass
        bought = kept + period.purchase_cost * level
        # From the top down, the cheapest level at or above each; the lowest where several cost the same.
        best_above = np.minimum.accumulate(bought[::-1])[::-1]
        target = len(level) - 1 - np.maximum.accumulate(np.where(bought[::-1] <= best_above[::-1], np.arange(len(level)), 0))[::-1]
        ordering = period.fixed_cost + best_above - period.purchase_cost * level
        orders = ordering < kept
        raised = np.where(orders, target, np.arange(len(level)))
        ahead = np.where(orders, ordering, kept)
        same = raised == raised[0]
        last = len(level) - 1 if same.all() else int(np.argmin(same)) - 1
        order_up_to.append(int(level[raised[0]]))
        reorder_points.append(int(level[last]))
    return DatedPolicies(tuple(reversed(reorder_points)), tuple(reversed(order_up_to)), float(ahead[on_hand - low]))
