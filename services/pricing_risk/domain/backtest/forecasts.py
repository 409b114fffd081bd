"""What a model said on each day about the price some days ahead, and what came of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]


@dataclass(slots=True, frozen=True)
class Forecasts:
    """Of the log return over the next `horizon` ticks, made at each of n ticks; arrays of shape (n,), NaN where nothing could be said."""

    horizon: int
    bound_95: Series
    bound_975: Series
    bound_99: Series
    shortfall_975: Series
    """Mean rise of the price beyond bound_975, as a share of it."""


def outcomes(log_prices: Series, horizon: int) -> Series:
    """The log return over the `horizon` ticks after each; shape (n,), NaN for the last ones."""
    ahead = np.full_like(log_prices, np.nan)
    ahead[:-horizon] = log_prices[horizon:] - log_prices[:-horizon]
    return ahead
