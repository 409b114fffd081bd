"""The model that prices order lines, asked after every tick of a past."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from services.pricing_risk.domain.backtest.forecasts import Forecasts, Series
from services.pricing_risk.domain.series import SeriesState
from services.pricing_risk.domain.view import SeriesIdentity, at_horizon, series_view, shortfall_975
from shared.contracts.price_series import Regime

_IDENTITY = SeriesIdentity(series="backtest", material="backtest", form="metal", market="CN", basis="assessed", currency="USD")
"""The model reads none of it."""


@dataclass(slots=True, frozen=True)
class Streamed:
    forecasts: dict[int, Forecasts]
    """By horizon."""
    regimes: tuple[Regime, ...]
    """After each tick."""


def streamed(days: Sequence[date], prices: Series, horizons: Sequence[int], ticked: Callable[[], None]) -> Streamed:
    """What production would have said: the same state, the same view, the same bounds. `ticked` is called after every tick."""
    said = {horizon: np.full((4, len(days)), np.nan) for horizon in horizons}
    regimes: list[Regime] = []
    state = SeriesState.empty()
    for tick, (day, price) in enumerate(zip(days, prices.tolist(), strict=True)):
        state.advance(day, price)
        view = series_view(_IDENTITY, state, source="backtest")
        assert view is not None
        for horizon in horizons:
            risk = at_horizon(view, horizon)
            said[horizon][:, tick] = risk.bound_95, risk.bound_975, risk.bound_99, shortfall_975(risk)
        regimes.append(state.regime)
        ticked()
    return Streamed({horizon: Forecasts(horizon, *rows) for horizon, rows in said.items()}, tuple(regimes))
