"""Monte Carlo of stock: paths by day over demand, receipts of open orders, licence queues and dates on which law changes.

Common random numbers: every source of chance draws from a stream of its own, made of the seed and its name, by inversion. The same seed
gives the same bytes; an order added, a delay lengthened or a demand raised changes nothing else, and moves each path one way only.

Consumption that finds no stock is lost, not made up: stock on hand is then the free path reflected at zero (Skorokhod), so that one
running sum and one running maximum a path give on-hand stock, shortage and the first day without.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.stockpile_advisor.domain.admissible import FloatArray, not_negative
from services.stockpile_advisor.domain.day_distribution import NO_DAY, DayDistribution
from services.stockpile_advisor.domain.demand import DailyDemand

FloatRows = NDArray[np.float32]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class OpenOrder:
    """A quantity to come, placed so many days from today; `departure` is counted from then (licence queue included), `transit_days` follow.

    `name` keys its chance: the same name draws the same numbers in every scenario.
    """

    name: str
    quantity: float
    departure: DayDistribution
    transit_days: int = 0
    placed_on_day: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Embargo:
    """From `from_day` on, with `probability`, nothing departs until it ends after `length`; `holds` names the orders concerned.

    What had not departed departs when it ends, or never where it doesn't.
    """

    name: str
    from_day: int
    probability: float
    length: DayDistribution
    holds: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Position:
    """A material in a plant: its name keys the chance of its demand."""

    name: str
    on_hand: float
    demand: DailyDemand
    orders: tuple[OpenOrder, ...] = ()
    embargoes: tuple[Embargo, ...] = ()


@dataclass(frozen=True, slots=True)
class Simulation:
    """How many paths over how many days; fan quantiles on every `fan_every_days`-th day."""

    paths: int = 2_000
    days: int = 730
    seed: int = 20_261
    fan_every_days: int = 7
    fan_probabilities: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)

    def __post_init__(self) -> None:
        if self.paths < 1 or self.days < 1 or self.fan_every_days < 1:
            raise ValueError("a simulation needs at least one path, one day, and a fan of every day or less often")


@dataclass(frozen=True, slots=True, eq=False)
class StockPaths:
    """What the paths say. Day 1 is the first day of consumption; figures of a day hold after its consumption.

    first_day_short: int32[paths], the first day on which consumption found too little, NO_DAY where none did within the days;
    shortage_mean, shortage_sd: float64[days], over the paths, of the units missing up to and with each day;
    fan_days: int64[k], fan: float32[quantiles, k] of stock on hand; held: float64[paths], unit-days held.
    """

    simulation: Simulation
    first_day_short: NDArray[np.int32]
    shortage_mean: FloatArray
    shortage_sd: FloatArray
    fan_days: IntArray
    fan: FloatRows
    held: FloatArray

    def probability_short_by(self, day: int) -> float:
        """That stock runs out on or before the day."""
        self._within(day)
        return float(np.mean(self.first_day_short <= day))

    def standard_error_short_by(self, day: int) -> float:
        probability = self.probability_short_by(day)
        return float(np.sqrt(probability * (1 - probability) / self.simulation.paths))

    def expected_shortage_by(self, day: int) -> float:
        """Units that consumption will find missing on or before the day, in the mean."""
        self._within(day)
        return float(self.shortage_mean[day - 1])

    def standard_error_shortage_by(self, day: int) -> float:
        self._within(day)
        return float(self.shortage_sd[day - 1] / np.sqrt(self.simulation.paths))

    def _within(self, day: int) -> None:
        if not 1 <= day <= self.simulation.days:
            raise ValueError(f"day {day} lies outside the {self.simulation.days} days simulated")


def simulated(position: Position, simulation: Simulation) -> StockPaths:
    """All paths of one position."""
    not_negative(on_hand=position.on_hand)
    rows = outflow(position, simulation)
    start = np.float32(position.on_hand)
    used, missing, held, stock = (np.zeros(simulation.paths, dtype=np.float32) for _ in range(4))
    fan_days = np.arange(simulation.fan_every_days, simulation.days + 1, simulation.fan_every_days)
    on_hand = np.empty((len(fan_days), simulation.paths), dtype=np.float32)
    for day in range(simulation.days):
        np.add(used, rows[day], out=used)
        np.subtract(used, start, out=stock)
        np.maximum(missing, stock, out=missing)
        np.subtract(missing, stock, out=stock)
        np.add(held, stock, out=held)
        rows[day] = missing
        if (day + 1) % simulation.fan_every_days == 0:
            on_hand[day // simulation.fan_every_days] = stock
    return StockPaths(
        simulation,
        _first_day_short(rows),
        rows.mean(axis=1).astype(np.float64),
        rows.std(axis=1).astype(np.float64),
        fan_days,
        _quantiles(on_hand, simulation.fan_probabilities),
        held.astype(np.float64),
    )


def lead_time_demand(name: str, demand: DailyDemand, lead_time: DayDistribution, simulation: Simulation) -> FloatArray:
    """float64[paths]: what is consumed until an order of today is there; infinite where it isn't within the days simulated."""
    used, arrival = _used_until(name, demand, lead_time, simulation)
    return np.where(arrival <= simulation.days, used, np.inf)


def demand_to_bridge(name: str, demand: DailyDemand, lead_time: DayDistribution, simulation: Simulation) -> FloatArray:
    """The same, but where the order isn't there within the days simulated, what is consumed in all of them."""
    return _used_until(name, demand, lead_time, simulation)[0]


def _used_until(name: str, demand: DailyDemand, lead_time: DayDistribution, simulation: Simulation) -> tuple[FloatArray, IntArray]:
    used = np.zeros((simulation.days + 1, simulation.paths), dtype=np.float64)
    np.cumsum(_consumed(name, demand, simulation), axis=0, out=used[1:], dtype=np.float64)
    arrival = lead_time.sample(_uniforms(simulation, f"lead time of {name}"))
    return used[np.minimum(arrival, simulation.days), np.arange(simulation.paths)], arrival


def advised_cover_days(
    name: str, demand: DailyDemand, lead_time: DayDistribution, service_level: float, simulation: Simulation
) -> float | None:
    """Days of mean demand to have, on hand and on order, when ordering: the quantile of lead-time demand at the service level.

    None where that is not to be had: too many orders never come, or not within the days simulated; or nothing is consumed.
    """
    if not 0 < service_level < 1:
        raise ValueError(f"the service level must lie between 0 and 1, it is {service_level}")
    if demand.mean == 0:
        return None
    wanted = np.sort(lead_time_demand(name, demand, lead_time, simulation))
    units = float(wanted[int(np.ceil(service_level * simulation.paths)) - 1])
    return units / demand.mean if np.isfinite(units) else None


def arrivals(position: Position, order: OpenOrder, simulation: Simulation) -> IntArray:
    """int64[paths]: the day from today on which the order is there, NO_DAY where it never is."""
    queued = order.departure.sample(_uniforms(simulation, f"departure of {position.name}/{order.name}"))
    departure = np.where(queued == NO_DAY, NO_DAY, order.placed_on_day + queued)
    for embargo in position.embargoes:
        if order.name in embargo.holds:
            departure = _held_back(departure, embargo, simulation)
    return np.where(departure == NO_DAY, NO_DAY, departure + order.transit_days)


def outflow(position: Position, simulation: Simulation) -> FloatRows:
    """float32[days, paths]: consumption less receipts of each day; what arrives on day 0 is there on day 1."""
    rows = _consumed(position.name, position.demand, simulation)
    path = np.arange(simulation.paths)
    for order in position.orders:
        not_negative(quantity=order.quantity)
        day = np.maximum(arrivals(position, order, simulation), 1)
        there = day <= simulation.days
        rows[day[there] - 1, path[there]] -= np.float32(order.quantity)
    return rows


def _held_back(departure: IntArray, embargo: Embargo, simulation: Simulation) -> IntArray:
    comes = _uniforms(simulation, f"embargo {embargo.name}") < embargo.probability
    length = embargo.length.sample(_uniforms(simulation, f"length of embargo {embargo.name}"))
    ends = np.where(length == NO_DAY, NO_DAY, embargo.from_day + length)
    return np.where(comes & (departure >= embargo.from_day), np.maximum(departure, ends), departure)


def _consumed(name: str, demand: DailyDemand, simulation: Simulation) -> FloatRows:
    """float32[days, paths], by inversion of 16 random bits each: demand's table has as many steps."""
    drawn = np.frombuffer(_generator(simulation, f"demand of {name}").bytes(2 * simulation.days * simulation.paths), dtype="<u2")
    # All 65,536 values of 16 bits are steps of the table: "clip" only spares the check.
    consumed = np.empty(simulation.days * simulation.paths, dtype=np.float32)
    np.take(demand.quantiles().astype(np.float32), drawn, out=consumed, mode="clip")
    return consumed.reshape(simulation.days, simulation.paths)


def _uniforms(simulation: Simulation, name: str) -> FloatArray:
    """One in each of as many equal parts as there are paths, in random order (McKay, Beckman & Conover 1979): a few hundred paths then
    meet the quantiles of a heavy-tailed queue that ten thousand independent draws would."""
    generator = _generator(simulation, name)
    return np.asarray((generator.permutation(simulation.paths) + generator.random(simulation.paths)) / simulation.paths)


def _generator(simulation: Simulation, name: str) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64([simulation.seed, zlib.crc32(name.encode())]))


def _first_day_short(shortage: FloatRows) -> NDArray[np.int32]:
    days_without = np.count_nonzero(shortage == 0, axis=0)
    return np.where(days_without < len(shortage), days_without + 1, NO_DAY).astype(np.int32)


def _quantiles(stock: FloatRows, probabilities: Sequence[float]) -> FloatRows:
    """The smallest path that at least so many paths don't exceed."""
    ordered = np.sort(stock, axis=1)
    places = [max(0, int(np.ceil(probability * stock.shape[1])) - 1) for probability in probabilities]
    return np.ascontiguousarray(ordered[:, places].T)
