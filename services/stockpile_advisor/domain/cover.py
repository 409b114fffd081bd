"""Safety stock under a random lead time, and what shelf life allows.

Source: Silver, Pyke & Thomas, Inventory and Production Management in Supply Chains, 4th edition (2017), section 6.10 for the safety
stock; the rest is arithmetic. All functions work elementwise on arrays.
"""

import numpy as np
from scipy import special

from services.stockpile_advisor.domain.admissible import FloatArray, Values, fraction, not_negative, positive


def safety_stock(
    service_level: Values, demand_per_day: Values, demand_sd_per_day: Values, lead_time_days: Values, lead_time_sd_days: Values
) -> FloatArray:
    """SS = z·√(E[L]·σ_d² + d²·Var[L]): only where lead time is near normal.

    A licence queue isn't: with the general EU prior the 99 % reorder point is 879 days by simulation and 624 by this formula, so that
    advice uses quantiles of simulated lead-time demand (`stock_paths`).
    """
    fraction(service_level=service_level)
    not_negative(demand_per_day=demand_per_day, demand_sd_per_day=demand_sd_per_day, lead_time_days=lead_time_days)
    of_demand = np.asarray(lead_time_days, dtype=float) * np.square(demand_sd_per_day)
    of_lead_time = np.square(demand_per_day) * np.square(lead_time_sd_days)
    return np.asarray(special.ndtri(np.asarray(service_level, dtype=float)) * np.sqrt(of_demand + of_lead_time))


def most_that_keeps(demand_per_day: Values, shelf_life_days: Values, safety_days: Values) -> FloatArray:
    """S ≤ d·(shelf life - safety), issued first expired first out; nothing where the safety is as long as the shelf life."""
    positive(shelf_life_days=shelf_life_days)
    not_negative(demand_per_day=demand_per_day, safety_days=safety_days)
    return demand_per_day * np.maximum(np.asarray(shelf_life_days, dtype=float) - safety_days, 0.0)
