"""The decision for a situation: at which position to order and up to which, by which day, and whether any order can come in time.

The reorder level is the quantile of simulated lead-time demand at the service level, or the days of cover of a policy and the demand of a
median lead time; an order fills up to what lasts until the next one can be there. Sources: (r, Q) and (s, S) as in Snyder & Shen,
Fundamentals of Supply Chain Theory, 2nd edition, chapter 5; a level's cost is that of `best_order` over simulated paths.
"""

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import ceil, floor, inf
from typing import Final, Literal

import numpy as np

from services.stockpile_advisor.domain.advice_policy import SupplyPolicy
from services.stockpile_advisor.domain.best_order import Costs, best_order
from services.stockpile_advisor.domain.clocks import last_safe_order_on
from services.stockpile_advisor.domain.cover import most_that_keeps
from services.stockpile_advisor.domain.demand import DailyDemand
from services.stockpile_advisor.domain.order_quantity import economic_order_quantity
from services.stockpile_advisor.domain.situation import ADVISED, Situation, price_of
from services.stockpile_advisor.domain.stock_paths import (
    OpenOrder,
    Position,
    Simulation,
    StockPaths,
    arrivals,
    demand_to_bridge,
    simulated,
)
from shared.contracts.stock import StockReport
from shared.contracts.supply_risk import Decision
from shared.units import stock_unit

Binding = Literal["shelf_life", "budget", "minimum_order"]
DAYS_OF_A_YEAR: Final = 365.0
_WEEK: Final = 7
_SMALLEST_SHARE: Final = 1e-9


@dataclass(slots=True, frozen=True)
class Money:
    """Of one unit, where the report says it; None is not known; of these only the cost per order then adds nothing."""

    holding_per_day: float | None
    shortage: float | None
    per_order: float | None
    price: float | None

    @classmethod
    def of(cls, report: StockReport) -> "Money":
        holding, price = report.holding_cost_per_unit_year, price_of(report)
        return cls(
            float(holding) / DAYS_OF_A_YEAR if holding is not None else None,
            float(report.shortage_cost_per_unit) if report.shortage_cost_per_unit is not None else None,
            float(report.order_cost) if report.order_cost is not None else None,
            float(price) if price is not None else None,
        )

    @property
    def costs(self) -> Costs | None:
        """None unless both holding and shortage are known."""
        if self.holding_per_day is None or self.shortage is None:
            return None
        return Costs(self.holding_per_day, self.shortage, self.per_order or 0.0)


@dataclass(slots=True, frozen=True)
class Levels:
    """In units of inventory position: on hand and coming. `reaches_service`: an order comes with the probability that is asked."""

    reorder: float
    reorder_later: float
    """Under the law that is dated to come; the same where none is."""
    fill_up_to: float
    reaches_service: bool


@dataclass(slots=True, frozen=True, eq=False)
class Judgement:
    decision: Decision
    demand: DailyDemand
    quantity: Decimal | None
    binding: Binding | None
    order_by_day: int | None
    """Days from today; None where nothing has to be ordered within the horizon."""
    levels: Levels
    position: float
    short_before_arrival: float
    """The probability of running out before an order of today is there."""
    nothing_ordered: StockPaths
    buffer: float
    """Units to have against an embargo that a price alarm makes likelier; 0 without alarm."""


def service_level(report: StockReport, policy: SupplyPolicy) -> float:
    return float(report.service_level if report.service_level is not None else policy.default_service_level)


def policy_days(report: StockReport, policy: SupplyPolicy) -> int | None:
    return report.policy_days if report.policy_days is not None else policy.default_policy_days


def judged(stood: Situation, demand: DailyDemand, policy: SupplyPolicy, simulation: Simulation, buffer: float = 0.0) -> Judgement:
    """`demand` is above zero, and the lead time of `stood` is known."""
    report = stood.report
    service = service_level(report, policy)
    position = stood.position(demand)
    nothing = simulated(position, simulation)
    levels = _levels(stood, demand, policy, simulation)
    held = float(stood.usable.lasting) + float(stood.inbound) + _served_by_bound(stood, levels.reorder / demand.mean)
    short_now = _short_before(stood, position, nothing, 0, simulation)
    days = policy_days(report, policy)
    order_by = (
        _last_day_in_time(stood, position, nothing, service, simulation)
        if days is None
        else _day_of_level(held, levels.reorder, demand, simulation)
    )
    # Days of cover on paper are none where stock is gone before any order, of today or under way, is there.
    too_little = held < levels.reorder or order_by == 0 or float(stood.usable.lasting) < buffer or short_now >= service
    before = _position_when_ordering(stood, held, levels, demand, service)
    wanted = max(levels.fill_up_to - before, buffer - float(stood.usable.lasting))
    quantity, binding = bounded(wanted, stood, demand, before)
    if too_little:
        decision: Decision = "cannot_fix" if short_now >= service else "order_now"
        if stood.arrival(0).never >= 1 or (decision == "cannot_fix" and held >= levels.reorder):
            # Another order would never come, or only behind enough that is under way already.
            return Judgement(decision, demand, None, None, None, levels, held, short_now, nothing, buffer)
        return Judgement(decision, demand, quantity, binding, 0, levels, held, short_now, nothing, buffer)
    surplus = _surplus(stood, held, levels, policy) if short_now <= 1 - service + _SMALLEST_SHARE else 0.0
    if surplus > 0:
        return Judgement("reduce", demand, _unit_decimal(surplus), None, order_by, levels, held, short_now, nothing, buffer)
    if order_by is None:
        return Judgement("wait", demand, None, None, None, levels, held, short_now, nothing, buffer)
    return Judgement("wait", demand, quantity, binding, order_by, levels, held, short_now, nothing, buffer)


def _served_by_bound(stood: Situation, days: float) -> float:
    """Units of the demand of so many days that stock bound to its own end use meets."""
    return sum(each.quantity for each in stood.bound_receipts if (each.departure.quantile(0.5) or 0) <= days)


def cycle_days(report: StockReport, demand: DailyDemand, policy: SupplyPolicy) -> float:
    """How long an order lasts beyond the lead time: that of the economic order quantity where costs are known, at least a review."""
    money = Money.of(report)
    if money.per_order and money.holding_per_day:
        lot = float(economic_order_quantity(money.per_order, money.holding_per_day, demand.mean).quantity)
        return min(max(float(policy.review_days), lot / demand.mean), DAYS_OF_A_YEAR)
    return float(policy.review_days)


def bounded(wanted: float, stood: Situation, demand: DailyDemand, before: float) -> tuple[Decimal | None, Binding | None]:
    """What can be ordered of what is wanted. None where that is nothing: the budget doesn't pay the minimum order, or all would expire."""
    report = stood.report
    binding: Binding | None = None
    quantity = max(0.0, wanted)
    if report.shelf_life_days is not None:
        lead = stood.arrival(0).quantile_if_it_happens(0.5) or 0
        there = max(0.0, before - demand.mean * lead)
        most = max(0.0, float(most_that_keeps(demand.mean, report.shelf_life_days, 0.0)) - there)
        if quantity > most:
            quantity, binding = most, "shelf_life"
    down = binding is not None
    multiple = report.order_multiple or _smallest_lot(report.unit)
    price = price_of(report)
    if report.budget is not None and price is not None and quantity * float(price) > float(report.budget):
        quantity, binding, down = float(report.budget / price), "budget", True
    rounded = _multiple(_unit_decimal(quantity), multiple, down)
    least = report.minimum_order
    if least is not None and rounded < least:
        rounded, binding = _multiple(least, multiple, down=False), "minimum_order"
        if report.budget is not None and price is not None and rounded * price > report.budget:
            return None, "budget"
    return (rounded, binding) if rounded > 0 else (None, binding)


def _levels(stood: Situation, demand: DailyDemand, policy: SupplyPolicy, simulation: Simulation) -> Levels:
    service = service_level(stood.report, policy)
    now = _level(stood, demand, 0, policy, simulation)
    clocks = [(clock.on - stood.today).days for clock in stood.clocks]
    last = max([*clocks, *(each.from_day for each in stood.embargoes_on_orders)], default=0)
    later = _level(stood, demand, last, policy, simulation) if 0 < last <= simulation.days else now
    cycle = cycle_days(stood.report, demand, policy)
    fill = max(now, later) + max(cycle * demand.mean, _worth_having(stood, demand, max(now, later), cycle, policy, simulation))
    return Levels(now, later, fill, stood.arrival(0).quantile(service) is not None)


def _position_when_ordering(stood: Situation, held: float, levels: Levels, demand: DailyDemand, service: float) -> float:
    """At the reorder level, else what is held; before a date of law what will be left on the last day to order, which may be more."""
    safe = last_safe_order_on(stood, service)
    if safe is None or levels.reorder_later <= levels.reorder:
        return min(held, levels.reorder)
    left = held - demand.mean * max(0, (safe - stood.today).days)
    return min(held, max(levels.reorder, min(left, levels.reorder_later)))


def _level(stood: Situation, demand: DailyDemand, placed_on_day: int, policy: SupplyPolicy, simulation: Simulation) -> float:
    arrival = stood.arrival(placed_on_day)
    days = policy_days(stood.report, policy)
    if days is not None:
        median = arrival.quantile(0.5 * (1 - stood.refused))
        return demand.mean * (days + median if median is not None else max(days, simulation.days))
    share = service_level(stood.report, policy)
    if stood.refused > 1 - share:
        # More applications are refused than the service level allows: the level among those that are not, too few to be simulated.
        come = arrival.quantile(share * (1 - stood.refused))
        return demand.mean * (come if come is not None else simulation.days)
    wanted = np.sort(demand_to_bridge(stood.name, demand, arrival, simulation))
    level = float(wanted[ceil(share * simulation.paths) - 1])
    come = arrival.quantile(share)
    # What comes too late to be simulated asks for its days in the mean; what does not come at all, for all of those simulated.
    return level if come is None or come <= simulation.days else max(level, demand.mean * come)


def _worth_having(
    stood: Situation, demand: DailyDemand, reorder: float, cycle: float, policy: SupplyPolicy, simulation: Simulation
) -> float:
    """Beyond the reorder level, what holding and shortage cost least with until the next order is there; 0 where they are not known.

    What is bought now is not bought later, so that the price plays no part.
    """
    costs = Money.of(stood.report).costs
    if costs is None:
        return 0.0
    arrival = stood.arrival(0)
    late = arrival.quantile_if_it_happens(service_level(stood.report, policy)) or simulation.days
    window = min(simulation.days, max(_WEEK, ceil(late + cycle)))
    chosen = best_order(
        Position(stood.name, reorder, demand),
        OpenOrder(ADVISED, 0.0, arrival),
        {0: 0.0},
        costs._replace(fixed_per_order=0.0),
        replace(simulation, days=window),
        step_days=_WEEK,
    )
    return chosen.by_day[0].quantity


def _short_before(stood: Situation, position: Position, nothing: StockPaths, placed_on_day: int, simulation: Simulation) -> float:
    """That stock runs out, within the days simulated, before an order placed on that day is there. What arrives on a day serves it."""
    there = np.maximum(arrivals(position, stood.candidate(placed_on_day), simulation), 1)
    return float(np.mean((nothing.first_day_short <= simulation.days) & (nothing.first_day_short < there)))


def _last_day_in_time(stood: Situation, position: Position, nothing: StockPaths, service: float, simulation: Simulation) -> int | None:
    """The last day on which an order keeps to the service level; 0 where none does; None where none is needed within the days simulated."""
    allowed = 1 - service + _SMALLEST_SHARE
    if _short_before(stood, position, nothing, simulation.days, simulation) <= allowed:
        return None
    kept, late = 0, simulation.days
    while late - kept > 1:
        middle = (kept + late) // 2
        if _short_before(stood, position, nothing, middle, simulation) <= allowed:
            kept = middle
        else:
            late = middle
    return kept


def _day_of_level(held: float, reorder: float, demand: DailyDemand, simulation: Simulation) -> int | None:
    days = max(0, floor((held - reorder) / demand.mean))
    return days if days <= simulation.days else None


def _surplus(stood: Situation, held: float, levels: Levels, policy: SupplyPolicy) -> float:
    """What lies beyond the ratio of the policy is too much down to the level that an order fills up to; what expires unused always is."""
    least = float(stood.report.minimum_order or 0)
    enough = max(levels.fill_up_to, levels.reorder + least)
    far = held - enough if held > float(policy.reduce_above_ratio) * enough else 0.0
    return max(far, float(stood.usable.wasted))


def _unit_decimal(value: float) -> Decimal:
    """Six digits: more would be noise of the simulation."""
    if value <= 0 or value == inf:
        return Decimal(0)
    return Decimal(f"{value:.6g}")


def _smallest_lot(unit: str) -> Decimal | None:
    """Pieces are bought whole."""
    counted = stock_unit(unit)
    return Decimal(1) if counted is not None and counted.dimension == "pieces" and counted.factor == 1 else None


def _multiple(quantity: Decimal, multiple: Decimal | None, down: bool) -> Decimal:
    if multiple is None:
        return quantity
    return (quantity / multiple).to_integral_value(ROUND_FLOOR if down else ROUND_CEILING) * multiple
