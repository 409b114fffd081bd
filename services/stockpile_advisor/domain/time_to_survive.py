"""Time to survive and time to recover: how long demand can be met after a source is lost, and what its recovery time costs.

Source: Simchi-Levi et al., Interfaces 45(5), 2015 (the linear programmes of its appendix); solved by SciPy's HiGHS.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from services.stockpile_advisor.domain.admissible import not_negative


@dataclass(frozen=True, slots=True)
class Network:
    """Sources with capacity per period, products with demand per period, stock and loss per unit not delivered.

    `makes[source][product]` says which source can deliver which product; None where each can deliver each.
    """

    capacity: tuple[float, ...]
    demand: tuple[float, ...]
    stock: tuple[float, ...]
    loss_per_unit: tuple[float, ...]
    makes: tuple[tuple[bool, ...], ...] | None = None

    def __post_init__(self) -> None:
        products = len(self.demand)
        if len(self.stock) != products or len(self.loss_per_unit) != products:
            raise ValueError("demand, stock and loss per unit must name the same products")
        if self.makes is not None and (len(self.makes) != len(self.capacity) or any(len(row) != products for row in self.makes)):
            raise ValueError("makes must have a row for each source and a column for each product")
        for name in ("capacity", "demand", "stock", "loss_per_unit"):
            not_negative(**{name: np.asarray(getattr(self, name), dtype=float)})


@dataclass(frozen=True, slots=True)
class Recovery:
    """What the time to recovery costs at best, and the units of each product not delivered meanwhile."""

    cost: float
    lost_units: tuple[float, ...]


def single_item(on_hand: float, demand_per_day: float, surviving_inflow_per_day: float) -> float:
    """Days until stock is gone: on hand / (demand - surviving inflow), infinite where the inflow is enough."""
    not_negative(on_hand=on_hand, demand_per_day=demand_per_day, surviving_inflow_per_day=surviving_inflow_per_day)
    missing = demand_per_day - surviving_inflow_per_day
    return on_hand / missing if missing > 0 else math.inf


def time_to_survive(network: Network, lost: Sequence[int] = ()) -> float:
    """The most periods for which all demand is met without the sources `lost`; infinite where it always is."""
    flows = _flows(network, lost)
    unknowns = len(flows) + 1
    above, most = _constraints(network, flows, unknowns, time_column=len(flows), loss_from=None)
    solved = optimize.linprog([0.0] * len(flows) + [-1.0], A_ub=above, b_ub=most, method="highs")
    if solved.status == 3:
        return math.inf
    _solved(solved)
    return float(solved.x[-1])


def recovery(network: Network, lost: Sequence[int], time_to_recover: float) -> Recovery:
    """The least loss until the sources `lost` are back after `time_to_recover` periods."""
    flows = _flows(network, lost)
    products = len(network.demand)
    above, most = _constraints(network, flows, len(flows) + products, time_column=None, loss_from=len(flows), periods=time_to_recover)
    solved = optimize.linprog([0.0] * len(flows) + list(network.loss_per_unit), A_ub=above, b_ub=most, method="highs")
    _solved(solved)
    return Recovery(float(solved.fun), tuple(float(units) for units in solved.x[len(flows) :]))


def _flows(network: Network, lost: Sequence[int]) -> list[tuple[int, int]]:
    return [
        (source, product)
        for source in range(len(network.capacity))
        for product in range(len(network.demand))
        if source not in lost and (network.makes is None or network.makes[source][product])
    ]


def _constraints(
    network: Network,
    flows: Sequence[tuple[int, int]],
    unknowns: int,
    time_column: int | None,
    loss_from: int | None,
    periods: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Deliveries and stock cover demand (less what is lost); no source delivers beyond its capacity. Time is an unknown or given."""
    products, sources = len(network.demand), len(network.capacity)
    above, most = np.zeros((products + sources, unknowns)), np.zeros(products + sources)
    for column, (source, product) in enumerate(flows):
        above[product, column] = -1.0
        above[products + source, column] = 1.0
    most[:products] = np.asarray(network.stock)
    if time_column is not None:
        above[:products, time_column] = network.demand
        above[products:, time_column] = -np.asarray(network.capacity)
    else:
        most[:products] -= np.asarray(network.demand) * periods
        most[products:] = np.asarray(network.capacity) * periods
    if loss_from is not None:
        above[np.arange(products), loss_from + np.arange(products)] = -1.0
    return above, most


def _solved(solved: optimize.OptimizeResult) -> None:
    if not solved.success:
        raise ArithmeticError(f"the linear programme has no answer: {solved.message}")
