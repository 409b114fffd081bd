"""The newsvendor: how much to have for one period of uncertain demand, and the base stock over a lead time.

Source: Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd edition (2019), sections 4.3, 4.4 and 9.2, 9.4.
`holding_cost` is per unit left, `stockout_cost` per unit short; normal and Poisson forms work elementwise on arrays.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from services.stockpile_advisor.domain import loss_functions
from services.stockpile_advisor.domain.admissible import FloatArray, Values, not_negative, positive


class StockLevel(NamedTuple):
    """Units to raise the inventory position to, and the expected cost of a period."""

    level: FloatArray
    cost: FloatArray


class StockForProfit(NamedTuple):
    """Units to raise the inventory position to, and the expected profit of a period."""

    level: FloatArray
    profit: FloatArray


def normal(
    holding_cost: Values, stockout_cost: Values, demand_mean: Values, demand_sd: Values, lead_time_periods: Values = 0.0
) -> StockLevel:
    """S = μ + z·σ over lead time and review period, z = Φ⁻¹(p/(p+h)): with a lead time this is the base stock (4.30, 4.44)."""
    positive(holding_cost=holding_cost, stockout_cost=stockout_cost, demand_mean=demand_mean, demand_sd=demand_sd)
    not_negative(lead_time_periods=lead_time_periods)
    exposed_periods = np.asarray(lead_time_periods, dtype=float) + 1
    total = np.asarray(holding_cost, dtype=float) + stockout_cost
    z = special.ndtri(stockout_cost / total)
    sd = demand_sd * np.sqrt(exposed_periods)
    return StockLevel(demand_mean * exposed_periods + z * sd, total * np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi) * sd)


def normal_cost(level: Values, holding_cost: Values, stockout_cost: Values, demand_mean: Values, demand_sd: Values) -> FloatArray:
    """Expected cost of a period that starts with `level` units (4.6)."""
    loss = loss_functions.normal(level, demand_mean, demand_sd)
    return holding_cost * loss.surplus + stockout_cost * loss.shortfall


def normal_explicit(
    revenue: Values, purchase_cost: Values, salvage_value: Values, demand_mean: Values, demand_sd: Values
) -> StockForProfit:
    """Revenue, cost and salvage value in place of holding and stock-out cost (4.3.2.3)."""
    margin = np.asarray(revenue, dtype=float) - purchase_cost
    positive(margin=margin, loss_on_salvage=np.asarray(purchase_cost, dtype=float) - salvage_value)
    level, cost = normal(np.asarray(purchase_cost - salvage_value, dtype=float), margin, demand_mean, demand_sd)
    return StockForProfit(level, margin * demand_mean - cost)


def poisson(holding_cost: Values, stockout_cost: Values, demand_mean: Values) -> StockLevel:
    """Whole units: the smallest S with F(S) ≥ p/(p+h) (4.3.2.7)."""
    positive(holding_cost=holding_cost, stockout_cost=stockout_cost, demand_mean=demand_mean)
    ratio = np.asarray(stockout_cost, dtype=float) / (np.asarray(holding_cost, dtype=float) + stockout_cost)
    mean = np.asarray(demand_mean, dtype=float)
    level = np.maximum(np.ceil(special.pdtrik(ratio, mean)), 0)
    # pdtrik inverts numerically: a level one below may still be enough.
    level = np.where((level > 0) & (special.pdtr(np.maximum(level - 1, 0), mean) >= ratio), level - 1, level)
    return StockLevel(level, poisson_cost(level, holding_cost, stockout_cost, demand_mean))


def poisson_cost(level: Values, holding_cost: Values, stockout_cost: Values, demand_mean: Values) -> FloatArray:
    loss = loss_functions.poisson(level, demand_mean)
    return holding_cost * loss.surplus + stockout_cost * loss.shortfall


def continuous(holding_cost: float, stockout_cost: float, demand: Any) -> StockLevel:
    """Of any continuous `scipy.stats` distribution of demand."""
    positive(holding_cost=holding_cost, stockout_cost=stockout_cost)
    level = float(demand.ppf(stockout_cost / (stockout_cost + holding_cost)))
    loss = loss_functions.of_distribution(level, demand)
    return StockLevel(np.asarray(level), holding_cost * loss.surplus + stockout_cost * loss.shortfall)


def discrete(holding_cost: float, stockout_cost: float, demand: Mapping[float, float]) -> StockLevel:
    """Of a demand given as {value: probability}, for example a firm's own history."""
    positive(holding_cost=holding_cost, stockout_cost=stockout_cost)
    values = np.sort(np.fromiter(demand.keys(), dtype=float))
    total = np.cumsum([demand[value] for value in values])
    if not np.isclose(total[-1], 1):
        raise ValueError(f"the probabilities of the demand must add up to 1, they add up to {total[-1]}")
    reached = np.searchsorted(total, stockout_cost / (stockout_cost + holding_cost) - 1e-12)
    level = values[min(int(reached), len(values) - 1)]
    loss = loss_functions.of_mass(level, demand)
    return StockLevel(np.asarray(level), holding_cost * loss.surplus + stockout_cost * loss.shortfall)


def with_additive_yield(holding_cost: float, stockout_cost: float, demand: float, yielded: Any) -> StockLevel:
    """Demand is known, of S ordered S + Y arrive; `yielded` is the `scipy.stats` distribution of Y (9.4.2: S = d - F⁻¹(h/(h+p)))."""
    positive(holding_cost=holding_cost, stockout_cost=stockout_cost, demand=demand)
    missing = float(yielded.ppf(holding_cost / (holding_cost + stockout_cost)))
    loss = loss_functions.of_distribution(missing, yielded)
    return StockLevel(np.asarray(demand - missing), stockout_cost * loss.surplus + holding_cost * loss.shortfall)
