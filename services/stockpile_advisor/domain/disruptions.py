"""Stock against a source that stops: the order quantity and the base stock where supply is up and down by turns.

Sources: Parlar & Berkin (1991), Berk & Arreola-Risa (1994), Tomlin (2006); Snyder & Shen, Fundamentals of Supply Chain Theory,
2nd edition (2019), sections 9.2.1 and 9.2.2.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy import optimize

from services.stockpile_advisor.domain.admissible import FloatArray, Values, fraction, positive


class DisruptedOrder(NamedTuple):
    """Units an order, and cost per unit of time."""

    quantity: float
    cost: float


class DisruptedBaseStock(NamedTuple):
    """Units to raise the inventory position to, the periods of disruption that covers, and the expected cost of a period."""

    level: float
    periods_covered: int
    cost: float


class DisruptedBuying(NamedTuple):
    """Costs per order, unit held and unit lost, demand rate; the source fails at `disruption_rate` and recovers at `recovery_rate`."""

    fixed_cost: float
    holding_cost: float
    stockout_cost: float
    demand_rate: float
    disruption_rate: float
    recovery_rate: float


def order_quantity(buying: DisruptedBuying) -> DisruptedOrder:
    """The exact optimum: where the derivative of the cost is zero (Snyder & Shen 9.6)."""
    positive(**buying._asdict())
    start = approximate_order_quantity(buying).quantity
    low, high = start / 2, start * 2
    while _slope(low, buying) > 0:
        low /= 2
    while _slope(high, buying) < 0:
        high *= 2
    quantity = float(optimize.brentq(_slope, low, high, args=(buying,), xtol=1e-12, rtol=1e-14))
    return DisruptedOrder(quantity, float(order_quantity_cost(quantity, buying)))


def approximate_order_quantity(buying: DisruptedBuying) -> DisruptedOrder:
    """The closed form that leaves out how the risk of the next order depends on the quantity (Snyder & Shen 9.8 to 9.10)."""
    positive(**buying._asdict())
    fixed, holding, lost, demand, failing, recovering = buying
    down = failing / (failing + recovering) * demand * holding
    root = math.sqrt(
        down**2 + 2 * holding * recovering * (fixed * demand * recovering + demand**2 * lost * failing / (failing + recovering))
    )
    quantity = (root - down) / (holding * recovering)
    return DisruptedOrder(quantity, holding * quantity)


def order_quantity_cost(quantity: Values, buying: DisruptedBuying) -> FloatArray:
    """Cost per unit of time of ordering `quantity`; elementwise (Snyder & Shen 9.5)."""
    positive(quantity=quantity, **buying._asdict())
    numerator, denominator, _ = _parts(np.asarray(quantity, dtype=float), buying)
    return numerator / denominator


def base_stock(
    holding_cost: float, stockout_cost: float, demand_per_period: float, disruption_probability: float, recovery_probability: float
) -> DisruptedBaseStock:
    """Known demand; a period in which the source works is followed by one in which it doesn't with `disruption_probability`.

    Covers the fewest periods n of disruption with F(n) ≥ p/(p+h) (Snyder & Shen 9.16).
    """
    positive(holding_cost=holding_cost, stockout_cost=stockout_cost, demand_per_period=demand_per_period)
    fraction(disruption_probability=disruption_probability, recovery_probability=recovery_probability)
    left_over = holding_cost / (holding_cost + stockout_cost)
    down = disruption_probability / (disruption_probability + recovery_probability)
    periods = 0
    while down * (1 - recovery_probability) ** periods > left_over:
        periods += 1
    level = demand_per_period * (1 + periods)
    cost = base_stock_cost(level, holding_cost, stockout_cost, demand_per_period, disruption_probability, recovery_probability)
    return DisruptedBaseStock(level, periods, cost)


def base_stock_cost(
    level: float,
    holding_cost: float,
    stockout_cost: float,
    demand_per_period: float,
    disruption_probability: float,
    recovery_probability: float,
) -> float:
    """Expected cost of a period (Snyder & Shen 9.14); the tail of long disruptions is summed exactly."""
    up = recovery_probability / (disruption_probability + recovery_probability)
    staying = 1 - recovery_probability
    first_short = max(0, math.floor(level / demand_per_period))
    periods = np.arange(first_short)
    probability = np.where(periods == 0, up, up * disruption_probability * staying ** np.maximum(periods - 1, 0))
    held = holding_cost * float(probability @ (level - (periods + 1) * demand_per_period))
    short = up * max(0.0, demand_per_period - level) if first_short == 0 else 0.0
    begin = max(first_short, 1)
    tail = up * disruption_probability * staying ** (begin - 1)
    short += tail * (
        ((begin + 1) * demand_per_period - level) / recovery_probability + demand_per_period * staying / recovery_probability**2
    )
    return held + stockout_cost * short


def _parts(quantity: FloatArray, buying: DisruptedBuying) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Numerator and denominator of the cost, and the derivative of the probability of finding the source down, over recovery."""
    rate = buying.disruption_rate + buying.recovery_rate
    survived = np.exp(-rate * quantity / buying.demand_rate)
    waiting = buying.disruption_rate / rate * (1 - survived) / buying.recovery_rate
    slope = buying.disruption_rate / buying.demand_rate * survived / buying.recovery_rate
    numerator = (
        buying.fixed_cost
        + buying.holding_cost * quantity**2 / (2 * buying.demand_rate)
        + buying.stockout_cost * buying.demand_rate * waiting
    )
    return numerator, quantity / buying.demand_rate + waiting, slope


def _slope(quantity: float, buying: DisruptedBuying) -> float:
    """Of the sign of the cost's derivative."""
    numerator, denominator, waiting_slope = _parts(np.asarray(quantity), buying)
    numerator_slope = buying.holding_cost * quantity / buying.demand_rate + buying.stockout_cost * buying.demand_rate * waiting_slope
    return float(numerator_slope * denominator - numerator * (1 / buying.demand_rate + waiting_slope))
