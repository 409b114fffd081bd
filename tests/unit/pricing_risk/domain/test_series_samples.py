"""The bars on real prices. The model's constants were settled with them in sight (`tests/bench/price_model_choice.py`)."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from services.pricing_risk.domain.backtest.forecasts import Forecasts, outcomes
from services.pricing_risk.domain.backtest.rivals import riskmetrics
from services.pricing_risk.domain.backtest.scoring import Score, pinball_ratios, scored, verdict
from services.pricing_risk.domain.series import HORIZONS, SeriesState

SAMPLES = Path(__file__).resolve().parents[4] / ".." / "shared" / "samples" / "prices"
EVERY = {"Brent": 12, "HenryHub": 12, "Nd": 3, "La": 3, "NdPr": 2}
"""Bounds are asked for on every so many days, to be quick."""

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample price series are not here")


@pytest.mark.parametrize("name", EVERY)
def test_bounds_hold_and_cost_no_more_than_half_again_what_riskmetrics_costs(name: str) -> None:
    for days, ours, theirs in judged_on(read(name), 250, EVERY[name]):
        assert verdict(ours, theirs).met, (days, ours, theirs)
        assert ours.exceeded_95_percent <= 8
        assert ours.exceeded_99_percent <= 2.5
        if name in ("Nd", "NdPr"):
            assert max(pinball_ratios(ours, theirs)) <= 1
        elif name == "La":
            assert max(pinball_ratios(ours, theirs)) <= 1.01


def test_bounds_hold_on_two_years_of_a_young_series_that_rallies() -> None:
    rows = [row for row in read("NdPr") if date(2024, 1, 2) <= row[0] <= date(2026, 4, 10)]
    assert 500 < len(rows) < 600
    for from_tick in (60, len(rows) // 4):
        for days, ours, theirs in judged_on(rows, from_tick, 1):
            assert verdict(ours, theirs).met, (days, ours, theirs)
            assert ours.exceeded_95_percent <= 6
            assert max(pinball_ratios(ours, theirs)) <= 1


def read(name: str) -> list[tuple[date, float]]:
    [file] = SAMPLES.glob(f"{name}_*daily*.csv")
    with file.open(newline="") as lines:
        return [(date.fromisoformat(row[0]), float(row[1])) for row in list(csv.reader(lines))[1:] if row[1]]


def judged_on(rows: list[tuple[date, float]], from_tick: int, every: int) -> Iterator[tuple[int, Score, Score]]:
    """By horizon: what the model scores and what RiskMetrics does."""
    state = SeriesState()
    asked = np.zeros(len(rows), dtype=np.bool_)
    said = {20: np.full((3, len(rows)), np.nan), 63: np.full((3, len(rows)), np.nan)}
    for tick, (day, price) in enumerate(rows):
        state.advance(day, price)
        if tick >= from_tick and tick % every == 0:
            asked[tick] = True
            views = state.horizons()
            for days, bounds in said.items():
                view = views[HORIZONS.index(days)]
                bounds[:, tick] = view.bound_95, view.bound_975, view.bound_99
    log_prices = np.log([price for _, price in rows])
    for days, (bound_95, bound_975, bound_99) in said.items():
        came = outcomes(log_prices, days)
        judged = asked & ~np.isnan(came)
        ours = scored(Forecasts(days, bound_95, bound_975, bound_99, np.expm1(bound_99)), came, judged)
        yield days, ours, scored(riskmetrics(log_prices, days), came, judged)
