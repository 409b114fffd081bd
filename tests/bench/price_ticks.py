"""Ticks a second through the price model, after little and after much history, beside `river` and `arch` doing what they can of the same.

river: per tick as many exponentially weighted means, P2 quantiles at the same horizons and probabilities, and a Page-Hinkley test. It has
no variance ratios, no shortfalls, no regimes, and nothing to store. arch: the RiskMetrics variance alone, which it gives for a whole past
at a time, so that a new tick costs the length of the past.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from math import exp, log

import numpy as np
from arch.univariate import EWMAVariance
from numpy.typing import NDArray
from river import drift, stats

from services.pricing_risk.domain.series import HORIZONS, PROBABILITIES, SeriesState
from services.pricing_risk.domain.view import SeriesIdentity, at_horizon, series_view, shortfall_975
from services.process import settle_memory
from tests.bench.figure import Figure

SHORT, LONG, TIMED = 1_000, 100_000, 10_000
ROUNDS = 3
IDENTITY = SeriesIdentity("bench", "Nd", "oxide", "CN", "assessed", "CNY", ["Nd"])

Tick = tuple[date, float]


def _copy(state: SeriesState) -> SeriesState:
    return SeriesState.from_fields({name.encode(): value for name, value in state.fields().items()})


def run() -> list[Figure]:
    ticks = _sticky(LONG + TIMED)
    state = SeriesState()
    settle_memory()
    early = 0.0
    for number, (day, price) in enumerate(ticks[:LONG]):
        if number == SHORT:
            early = _best(lambda: _seconds_of_model(_copy(state), ticks[SHORT : SHORT + TIMED]))
        state.advance(day, price)
    late = _best(lambda: _seconds_of_model(_copy(state), ticks[LONG:]))
    river = _best(lambda: _seconds_of_river(ticks[:TIMED]))
    view = series_view(IDENTITY, state, source="bench")
    assert view is not None
    by_days = range(1, 401)

    def at_all_horizons() -> None:
        for days in by_days:
            shortfall_975(at_horizon(view, days))

    model_us = late / TIMED * 1e6
    return [
        _figure("river_ticks_per_s", TIMED / river, "1/s"),
        _figure("price_model_ticks_per_s", TIMED / early, "1/s", "river_ticks_per_s", river / early),
        _figure(f"price_model_ticks_per_s_after_{LONG}", TIMED / late, "1/s", "price_model_ticks_per_s", early / late),
        *_beside_arch(ticks, model_us),
        _figure("price_model_with_write_us", _best(lambda: _seconds_of_writes(_copy(state), ticks[LONG:])) / TIMED * 1e6, "µs"),
        _figure("price_view_us", _best(lambda: _seconds(lambda: series_view(IDENTITY, state, source="bench"), 100)) / 100 * 1e6, "µs"),
        _figure("price_horizon_us", _best(lambda: _seconds(at_all_horizons, 5)) / 5 / len(by_days) * 1e6, "µs"),
    ]


def _beside_arch(ticks: Sequence[Tick], model_us: float) -> list[Figure]:
    figures: list[Figure] = []
    for length in (SHORT, LONG):
        arch_us = _best(partial(_seconds_of_arch, np.diff(np.log([price for _, price in ticks[: length + 1]])))) * 1e6
        name = f"arch_riskmetrics_us_per_tick_at_{length}"
        figures.append(_figure(name, arch_us, "µs"))
        figures.append(_figure(f"price_model_us_per_tick_at_{length}", model_us, "µs", name, model_us / arch_us))
    return figures


def _seconds_of_arch(returns: NDArray[np.float64]) -> float:
    """Of the variance after the last of so many returns."""
    model = EWMAVariance(0.97)
    variance, bounds, start = np.empty_like(returns), model.variance_bounds(returns), float(returns.var())
    return _seconds(lambda: model.compute_variance(np.empty(0), returns, variance, start, bounds), 20) / 20


def _sticky(count: int) -> list[Tick]:
    """Quotes of which two of three stand still, with a drift that comes and goes."""
    dice, price, trend, ticks = random.Random(7), 50.0, 0.0, []
    for number in range(count):
        trend = 0.95 * trend + dice.gauss(0.0, 0.0008)
        if dice.random() < 0.35:
            price *= exp(trend + dice.gauss(0.0, 0.012) - 0.002 * log(price / 50.0))
        ticks.append((date(1700, 1, 1) + timedelta(number), price))
    return ticks


def _seconds_of_model(state: SeriesState, ticks: Sequence[Tick]) -> float:
    advance = state.advance
    started = time.perf_counter()
    for day, price in ticks:
        advance(day, price)
    return time.perf_counter() - started


def _seconds_of_writes(state: SeriesState, ticks: Sequence[Tick]) -> float:
    started = time.perf_counter()
    for day, price in ticks:
        state.advance(day, price)
        state.changed_fields()
    return time.perf_counter() - started


def _seconds_of_river(ticks: Sequence[Tick]) -> float:
    variance, change = stats.EWMean(0.03), drift.PageHinkley()
    moments = [stats.EWMean(0.005) for _ in HORIZONS]
    quantiles = [[stats.Quantile(probability) for probability in PROBABILITIES] for _ in HORIZONS]
    past: list[float] = []
    started = time.perf_counter()
    for _, price in ticks:
        level = log(price)
        if past:
            step = level - past[-1]
            variance.update(step * step)
            change.update(step)  # type: ignore[no-untyped-call]
        past.append(level)
        for days, moment, of_horizon in zip(HORIZONS, moments, quantiles, strict=True):
            if days >= len(past):
                break
            over = level - past[-1 - days]
            moment.update(over * over)
            for quantile in of_horizon:
                quantile.update(over)
    return time.perf_counter() - started


def _seconds(step: Callable[[], object], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        step()
    return time.perf_counter() - started


def _best(measure: Callable[[], float]) -> float:
    return min(measure() for _ in range(ROUNDS))


def _figure(name: str, value: float, unit: str, compared_with: str | None = None, ratio: float | None = None) -> Figure:
    return {"name": name, "value": value, "unit": unit, "compared_with": compared_with, "ratio": ratio}
