"""The bars on real prices. The model's constants were settled with them in sight (`tests/bench/price_model_choice.py`)."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from services.pricing_risk.domain.backtest.forecasts import Forecasts, outcomes
from services.pricing_risk.domain.backtest.rivals import riskmetrics
from services.pricing_risk.domain.backtest.scoring import pinball_ratios, scored, verdict
from services.pricing_risk.domain.series import HORIZONS, SeriesState

SAMPLES = Path(__file__).resolve().parents[4] / ".." / "shared" / "samples" / "prices"
EVERY = {"Brent": 12, "HenryHub": 12, "Nd": 3, "La": 3, "NdPr": 2}
"""Bounds are asked for on every so many days, to be quick."""

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample price series are not here")


@pytest.mark.parametrize("name", EVERY)
def test_bounds_hold_and_cost_no_more_than_half_again_what_riskmetrics_costs(name: str) -> None:
    [file] = SAMPLES.glob(f"{name}_*daily*.csv")
    with file.open(newline="") as lines:
        rows = [(date.fromisoformat(row[0]), float(row[1])) for row in list(csv.reader(lines))[1:] if row[1]]
    state = SeriesState.empty()
    asked = np.zeros(len(rows), dtype=np.bool_)
    said = {20: np.full((3, len(rows)), np.nan), 63: np.full((3, len(rows)), np.nan)}
    for tick, (day, price) in enumerate(rows):
        state.advance(day, price)
        if tick >= 250 and tick % EVERY[name] == 0:
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
        theirs = scored(riskmetrics(log_prices, days), came, judged)
        assert verdict(ours, theirs).met, (days, ours, theirs)
        assert ours.exceeded_95_percent <= 8
        assert ours.exceeded_99_percent <= 2.5
        if name in ("Nd", "NdPr"):
            assert max(pinball_ratios(ours, theirs)) <= 1
