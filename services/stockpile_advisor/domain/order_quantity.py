"""Economic order quantities: how much at once where each order costs something and stock costs by the day.

Sources: Harris (1913) and Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd edition (2019), sections 3.2, 3.5 and 9.3.
Rates and costs share one unit of time; all functions work elementwise on arrays.
"""

from typing import NamedTuple

import numpy as np

from services.stockpile_advisor.domain.admissible import FloatArray, Values, not_negative, positive


class OrderQuantity(NamedTuple):
    """Units an order, and cost per unit of time."""

    quantity: FloatArray
    cost: FloatArray


class OrderQuantityWithBackorders(NamedTuple):
    """Units an order, the share of demand that waits, and cost per unit of time."""

    quantity: FloatArray
    backordered_share: FloatArray
    cost: FloatArray


def economic_order_quantity(fixed_cost: Values, holding_cost: Values, demand_rate: Values) -> OrderQuantity:
    """Q = √(2Kd/h), cost √(2Kdh) (Snyder & Shen 3.4, 3.5)."""
    not_negative(fixed_cost=fixed_cost, demand_rate=demand_rate)
    positive(holding_cost=holding_cost)
    product = 2 * np.asarray(fixed_cost, dtype=float) * demand_rate
    return OrderQuantity(np.sqrt(product / holding_cost), np.sqrt(product * holding_cost))


def with_backorders(fixed_cost: Values, holding_cost: Values, stockout_cost: Values, demand_rate: Values) -> OrderQuantityWithBackorders:
    """Demand may wait at `stockout_cost` per unit and unit of time (Snyder & Shen 3.27 to 3.29)."""
    positive(stockout_cost=stockout_cost)
    total = np.asarray(holding_cost, dtype=float) + stockout_cost
    plain = economic_order_quantity(fixed_cost, holding_cost, demand_rate)
    stretch = np.sqrt(total / stockout_cost)
    return OrderQuantityWithBackorders(plain.quantity * stretch, np.asarray(holding_cost / total), plain.cost / stretch)


def with_additive_yield(
    fixed_cost: Values, holding_cost: Values, demand_rate: Values, yield_mean: Values, yield_sd: Values
) -> OrderQuantity:
    """Of Q ordered, Q + Y arrive, Y independent of Q (Snyder & Shen 9.26 to 9.28)."""
    not_negative(yield_sd=yield_sd)
    plain = economic_order_quantity(fixed_cost, holding_cost, demand_rate)
    arriving = np.sqrt(plain.quantity**2 + np.asarray(yield_sd, dtype=float) ** 2)
    return OrderQuantity(arriving - yield_mean, holding_cost * arriving)


def with_multiplicative_yield(
    fixed_cost: Values, holding_cost: Values, demand_rate: Values, yield_mean: Values, yield_sd: Values
) -> OrderQuantity:
    """Of Q ordered, Q·Z arrive, Z independent of Q (Snyder & Shen 9.31 to 9.33)."""
    positive(yield_mean=yield_mean)
    not_negative(yield_sd=yield_sd)
    plain = economic_order_quantity(fixed_cost, holding_cost, demand_rate)
    second_moment = np.asarray(yield_sd, dtype=float) ** 2 + np.asarray(yield_mean, dtype=float) ** 2
    return OrderQuantity(plain.quantity / np.sqrt(second_moment), plain.cost * np.sqrt(second_moment) / yield_mean)
