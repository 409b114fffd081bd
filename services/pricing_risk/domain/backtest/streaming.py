"""The model that prices order lines, asked after every tick of a past."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from services.pricing_risk.domain.backtest.forecasts import Forecasts
from services.pricing_risk.domain.gate import Quote
from services.pricing_risk.domain.price_log import PriceFold
from services.pricing_risk.domain.view import SeriesIdentity, at_horizon, series_view, shortfall_975
from shared.contracts.price_series import Regime

_SOURCE = "backtest"
_IDENTITY = SeriesIdentity(series=_SOURCE, material=_SOURCE, form="metal", market="CN", basis="assessed", currency="USD")
"""The model reads none of it."""


@dataclass(slots=True, frozen=True)
class Streamed:
    forecasts: dict[int, Forecasts]
    """By horizon."""
    entered: NDArray[np.bool_]
    """Shape (n,): whether the price of the tick was in the state after it; False where the gate had it wait or kept it out."""
    kept_out: int
    """Prices that the gate never let in."""
    regimes: tuple[Regime, ...]
    """After each tick."""


def streamed(
    days: Sequence[date], prices: Sequence[float], horizons: Sequence[int], *, first_asked: int, ticked: Callable[[], None]
) -> Streamed:
    """What production would have said from the tick `first_asked` on: the same gate, state, view and bounds.

    `ticked` is called after every tick.
    """
    said = {horizon: np.full((4, len(days)), np.nan) for horizon in horizons}
    entered = np.zeros(len(days), dtype=np.bool_)
    regimes: list[Regime] = []
    fold = PriceFold()
    for tick, (day, price) in enumerate(zip(days, prices, strict=True)):
        quote = Quote(day, _SOURCE, price)
        fold.add(quote)
        entered[tick] = fold.gate.last == quote
        regimes.append(fold.model.regime)
        if tick >= first_asked:
            view = series_view(_IDENTITY, fold.model, source=_SOURCE)
            assert view is not None, "the first price of a series always enters"
            for horizon in horizons:
                risk = at_horizon(view, horizon)
                said[horizon][:, tick] = risk.bound_95, risk.bound_975, risk.bound_99, shortfall_975(risk)
        ticked()
    forecasts = {horizon: Forecasts(horizon, *rows) for horizon, rows in said.items()}
    return Streamed(forecasts, entered, fold.gate.kept_out, tuple(regimes))
