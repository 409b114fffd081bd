"""Stock paths: 1,000 materials, 2,000 paths each over 730 days, on one core; lumpy demand, two open orders in a licence queue, an embargo.

Beside it a plain NumPy loop over the days (its own draws of the same distributions, stock and shortage, nothing else) on some of the
materials, and stockpyl's simulator (a base stock, normal demand) on a few paths; each is counted in nanoseconds of the processor for a day
of a path, so that sizes may differ. Draws, receipts, quantiles and statistics are all part of our figure.
"""

import time
import warnings
from collections.abc import Callable

import numpy as np

from services.stockpile_advisor.domain.day_distribution import DayDistribution
from services.stockpile_advisor.domain.demand import DailyDemand
from services.stockpile_advisor.domain.licence_delay import GENERAL_EU
from services.stockpile_advisor.domain.stock_paths import Embargo, OpenOrder, Position, Simulation, simulated
from tests.bench.figure import Figure

MATERIALS = 1_000
PLAIN_MATERIALS = 10
STOCKPYL_PATHS = 20
SIMULATION = Simulation()


def run() -> list[Figure]:
    positions = [_position(number) for number in range(MATERIALS)]
    simulated(positions[0], SIMULATION)
    ours = _seconds(lambda: [simulated(position, SIMULATION).probability_short_by(365) for position in positions])
    path_days = SIMULATION.paths * SIMULATION.days
    plain = _seconds(lambda: [_plain(position) for position in positions[:PLAIN_MATERIALS]]) / (PLAIN_MATERIALS * path_days)
    theirs = _seconds(_stockpyl) / (STOCKPYL_PATHS * SIMULATION.days)
    each = ours / (MATERIALS * path_days)
    return [
        {"name": "stock_paths_1000_materials", "value": ours, "unit": "s of one core", "compared_with": "bar: 15 s", "ratio": ours / 15},
        _figure("stock_paths_day", each),
        _figure("stock_paths_day_numpy_loop", plain, "stock_paths_day", plain / each),
        _figure("stock_paths_day_stockpyl", theirs, "stock_paths_day", theirs / each),
    ]


def _position(number: int) -> Position:
    rng = np.random.default_rng(number)
    demand = DailyDemand(rng.uniform(0.05, 1), rng.uniform(1, 100), rng.uniform(1, 50))
    queue = DayDistribution.certain(30).then(GENERAL_EU.distribution())
    orders = (
        OpenOrder("PO-1", 100 * demand.mean, queue, transit_days=30),
        OpenOrder("PO-2", 60 * demand.mean, DayDistribution.certain(60), transit_days=30),
    )
    embargo = Embargo("No. 70", 75, 0.4, DayDistribution.log_normal(120, 0.5), frozenset({"PO-1"}))
    return Position(f"material {number}", 120 * demand.mean, demand, orders, (embargo,))


def _plain(position: Position) -> float:
    rng = np.random.default_rng(1)
    demand, paths = position.demand, SIMULATION.paths
    shape, scale = (demand.size_mean / demand.size_sd) ** 2, demand.size_sd**2 / demand.size_mean
    comes = [order.departure.sample(rng.random(paths)) + order.transit_days for order in position.orders]
    stock, short = np.full(paths, position.on_hand), np.zeros(paths)
    for day in range(1, SIMULATION.days + 1):
        stock += sum(order.quantity * (arrival == day) for order, arrival in zip(position.orders, comes, strict=True))
        stock -= np.where(rng.random(paths) < demand.use_probability, rng.gamma(shape, scale, paths), 0.0)
        short += np.maximum(-stock, 0.0)
        np.maximum(stock, 0.0, out=stock)
    return float(np.mean(short > 0))


def _stockpyl() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from stockpyl.sim import simulation
        from stockpyl.supply_chain_network import single_stage_system

        for seed in range(STOCKPYL_PATHS):
            network = single_stage_system(
                holding_cost=0.18,
                stockout_cost=0.70,
                demand_type="N",
                mean=50,
                standard_deviation=8,
                policy_type="BS",
                base_stock_level=265,
                shipment_lead_time=4,
            )
            simulation(network, SIMULATION.days, rand_seed=seed, progress_bar=False)


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _figure(name: str, seconds: float, compared_with: str | None = None, ratio: float | None = None) -> Figure:
    return {"name": name, "value": seconds * 1e9, "unit": "ns", "compared_with": compared_with, "ratio": ratio}
