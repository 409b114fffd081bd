"""The order to place now or later: quantity and day that cost least over simulated stock paths.

On each path an order of Q that arrives on day A changes stock in closed form: what is missing by day t is max(missing before A, r(t) - Q),
with r the running maximum of unmet consumption from A on. Holding plus shortage is therefore convex in Q, its optimum found for
each day by golden section to a thousandth of what could be used, with the same random numbers for every candidate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from services.stockpile_advisor.domain.admissible import FloatArray, not_negative
from services.stockpile_advisor.domain.stock_paths import IntArray, OpenOrder, Position, Simulation, arrivals, outflow

_GOLDEN = (np.sqrt(5) - 1) / 2
_PRECISION = 1e-3

Bound = Literal["minimum order", "most"]


class Costs(NamedTuple):
    """Money per unit held a day, per unit of consumption missing, and per order."""

    holding_per_unit_day: float
    shortage_per_unit: float
    fixed_per_order: float


@dataclass(frozen=True, slots=True)
class PricedOrder:
    """What an order, or no order (`day` None, quantity 0), is expected to cost over the days simulated, and how it splits."""

    day: int | None
    quantity: float
    purchase: float
    holding: float
    shortage: float

    @property
    def cost(self) -> float:
        return self.purchase + self.holding + self.shortage


@dataclass(frozen=True, slots=True)
class BestOrder:
    """The cheapest, what doing nothing costs, the cheapest of each day looked at, and the bound that cut the quantity if one did."""

    best: PricedOrder
    nothing: PricedOrder
    by_day: tuple[PricedOrder, ...]
    bound: Bound | None


def best_order(
    position: Position,
    candidate: OpenOrder,
    price_on_day: Mapping[int, float],
    costs: Costs,
    simulation: Simulation,
    least: float = 0.0,
    most: float = np.inf,
    step_days: int = 1,
) -> BestOrder:
    """Over the days of `price_on_day` (unit price by day from today) and quantities of `least` to `most`.

    What is left when the days simulated end is worth nothing: look far enough ahead.

    `candidate` says how such an order departs and travels; its quantity and day are not used. Unit-days held are added up on every
    `step_days`-th day only: with weeks that is seven times as fast, and an order's shortage stays exact.
    """
    not_negative(least=least, **costs._asdict())
    if most < least:
        raise ValueError(f"the most that may be ordered, {most}, is less than the minimum order, {least}")
    used = np.cumsum(outflow(position, simulation), axis=0, dtype=np.float64) - position.on_hand
    missing = np.maximum.accumulate(np.maximum(used, 0.0), axis=0)
    nothing = PricedOrder(
        None,
        0.0,
        0.0,
        costs.holding_per_unit_day * float((missing - used).sum(axis=0).mean()),
        costs.shortage_per_unit * float(missing[-1].mean()),
    )
    choices = []
    for day, price in price_on_day.items():
        arrival = np.maximum(arrivals(position, replace(candidate, placed_on_day=day), simulation), 1)
        choices.append(_best_on_day(day, price, _Paths.of(used, missing, arrival, step_days), costs, least, most))
    best = min([nothing, *(choice for choice in choices if choice.quantity > 0)], key=lambda choice: choice.cost)
    return BestOrder(best, nothing, tuple(choices), _bound(best, least, most))


@dataclass(frozen=True, slots=True, eq=False)
class _Paths:
    """Of the candidate's arrival: missing whatever is ordered, unmet from its arrival on (-inf before), and days it is there.

    `weight`: float64[rows, 1], how many days each row of `floor` and `unmet` stands for; the last row is the last day.
    """

    without: float
    floor: FloatArray
    unmet: FloatArray
    days_there: float
    weight: FloatArray

    @classmethod
    def of(cls, used: FloatArray, missing: FloatArray, arrival: IntArray, step_days: int) -> "_Paths":
        days, paths = used.shape
        there = np.arange(1, days + 1)[:, None] >= arrival[None, :]
        before = np.where(arrival > 1, missing[np.minimum(arrival - 2, days - 1), np.arange(paths)], 0.0)
        unmet = np.maximum.accumulate(np.where(there, used, -np.inf), axis=0)
        rows = np.arange(days - 1, -1, -step_days)[::-1]
        weight = np.diff(rows, prepend=-1).astype(float)[:, None]
        floor = np.where(there[rows], before, missing[rows])
        return cls(-float(used.sum(axis=0).mean()), floor, unmet[rows], float(there.sum(axis=0).mean()), weight)

    def held_and_missing(self, quantity: float) -> tuple[float, float]:
        """Mean unit-days on hand, and mean units missing at the end."""
        missing = np.maximum(self.floor, self.unmet - quantity)
        return self.without + quantity * self.days_there + float((self.weight * missing).sum(axis=0).mean()), float(missing[-1].mean())


def _best_on_day(day: int, price: float, paths: _Paths, costs: Costs, least: float, most: float) -> PricedOrder:
    def priced(quantity: float) -> PricedOrder:
        held, missing = paths.held_and_missing(quantity)
        purchase = price * quantity + (costs.fixed_per_order if quantity > 0 else 0.0)
        return PricedOrder(day, float(quantity), float(purchase), costs.holding_per_unit_day * held, costs.shortage_per_unit * missing)

    useful = max(0.0, float(paths.unmet[-1].max()))
    low, high = least, min(most, max(least, useful))
    inner, outer = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    inner_cost, outer_cost = priced(inner).cost, priced(outer).cost
    while high - low > _PRECISION * max(useful, 1e-9):
        if inner_cost <= outer_cost:
            high, outer, outer_cost = outer, inner, inner_cost
            inner = high - _GOLDEN * (high - low)
            inner_cost = priced(inner).cost
        else:
            low, inner, inner_cost = inner, outer, outer_cost
            outer = low + _GOLDEN * (high - low)
            outer_cost = priced(outer).cost
    ends = (least, min(most, max(least, useful)), (low + high) / 2)
    return min(map(priced, ends), key=lambda choice: choice.cost)


def _bound(best: PricedOrder, least: float, most: float) -> Bound | None:
    if best.day is None:
        return None
    if best.quantity >= most:
        return "most"
    return "minimum order" if 0 < best.quantity <= least else None
