"""What a scenario of the supply policy costs a plant: margin lost to the shortage it adds, and the price of what is bought meanwhile."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from services.stockpile_advisor.domain.demand import DailyDemand
from services.stockpile_advisor.domain.situation import Situation, price_of
from services.stockpile_advisor.domain.stock_paths import Simulation, simulated
from shared.contracts.stock import StockReport

_CENT: Final = Decimal("0.01")


def short_until_ordered(stood: Situation, demand: DailyDemand, order_by_day: int | None, simulation: Simulation) -> float:
    """Units that are missing, in the mean, until an order placed on that day is there, and none after: it lasts all the days simulated.

    Without a day nothing is ordered.
    """
    position = stood.position(demand)
    if order_by_day is not None:
        enough = float(demand.quantiles().max()) * simulation.days
        position = replace(position, orders=(*position.orders, replace(stood.candidate(order_by_day), quantity=enough)))
    return simulated(position, simulation).expected_shortage_by(simulation.days)


def lost_margin(report: StockReport, missing: float) -> Decimal | None:
    """At the shortage cost of the report, else at the margin of its uses, each by what it takes; None where neither is known."""
    cost = report.shortage_cost_per_unit
    taken = sum((use.quantity_per_day for use in report.uses), Decimal(0))
    if cost is None and taken > 0:
        cost = sum((use.quantity_per_day * use.margin_per_unit for use in report.uses), Decimal(0)) / taken
    return None if cost is None else (Decimal(repr(missing)) * cost).quantize(_CENT)


def price_increase(report: StockReport, bought: Decimal, rise: Decimal | None) -> Decimal | None:
    """`rise` is a share of the unit price; what is not bought costs nothing more, whatever its price."""
    price = price_of(report)
    if bought == 0:
        return Decimal("0.00")
    return None if price is None or rise is None else (price * bought * rise).quantize(_CENT)
