"""What to buy before a date that is known: an announced price rise, an announced embargo.

Sources: Nahmias & Olsen, Production and Operations Analysis, 7th edition, for the one-time order (derived anew for a fixed order cost on
both sides of the rise); the embargo's buffer is a newsvendor over the length of the embargo, whose stock-out happens with the
probability that it comes at all.
"""

import math
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from services.stockpile_advisor.domain.admissible import FloatArray, Values, not_negative, positive
from services.stockpile_advisor.domain.order_quantity import economic_order_quantity


def order_before_price_rise(
    demand_rate: Values, fixed_cost: Values, price: Values, price_rise: Values, carrying_rate: Values, inventory_position: Values
) -> FloatArray:
    """Units to order at the old price: Q̂ = k·d/(r·c) + Q_a·(c+k)/c - IP, with Q_a = √(2Kd/(r(c+k))), and never below zero.

    `demand_rate` and `carrying_rate` share one unit of time. Without a rise (k = 0) it is the economic order quantity less the position.
    """
    positive(demand_rate=demand_rate, price=price, carrying_rate=carrying_rate)
    not_negative(price_rise=price_rise)
    price, price_rise = np.asarray(price, dtype=float), np.asarray(price_rise, dtype=float)
    later = economic_order_quantity(fixed_cost, np.asarray(carrying_rate * (price + price_rise)), demand_rate).quantity
    wanted = price_rise * demand_rate / (carrying_rate * price) + later * (price + price_rise) / price - inventory_position
    return np.maximum(wanted, 0.0)


def embargo_buffer(
    demand_per_day: float,
    embargo_probability: float,
    holding_cost_over_the_hold: float,
    shortage_cost: float,
    quantile_of_length_days: Callable[[float], float],
) -> float:
    """Units to have on the day the embargo begins: S* = d·F⁻¹(1 - H/(φ·p)); nothing where φ·p ≤ H.

    H is the cost of holding a unit over the hold, p that of a unit short, φ the probability that the embargo comes,
    F⁻¹ the quantile of its length in days.
    """
    positive(demand_per_day=demand_per_day, holding_cost_over_the_hold=holding_cost_over_the_hold, shortage_cost=shortage_cost)
    _probability(embargo_probability)
    at_stake = embargo_probability * shortage_cost
    if at_stake <= holding_cost_over_the_hold:
        return 0.0
    return demand_per_day * quantile_of_length_days(1 - holding_cost_over_the_hold / at_stake)


def embargo_buffer_exponential(
    demand_per_day: Values,
    embargo_probability: Values,
    holding_cost_over_the_hold: Values,
    shortage_cost: Values,
    mean_length_days: Values,
) -> FloatArray:
    """The same where the length is exponential: S* = d·m·ln(φ·p/H); elementwise."""
    positive(holding_cost_over_the_hold=holding_cost_over_the_hold, shortage_cost=shortage_cost, mean_length_days=mean_length_days)
    ratio = np.asarray(embargo_probability, dtype=float) * shortage_cost / holding_cost_over_the_hold
    return demand_per_day * np.asarray(mean_length_days, dtype=float) * np.log(np.maximum(ratio, 1.0))


def last_safe_order_date(embargo_from: date, lead_time_days: float) -> date:
    """The last day on which an order placed still leaves before the embargo: its beginning less the lead time to departure, rounded up."""
    not_negative(lead_time_days=lead_time_days)
    return embargo_from - timedelta(days=math.ceil(lead_time_days))


def _probability(value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"a probability must lie between 0 and 1, it is {value}")
