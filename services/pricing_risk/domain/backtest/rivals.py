"""Textbook models that the streaming one is compared with: each says at tick t what it makes of the ticks up to t."""

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.special import ndtr, ndtri

from services.pricing_risk.domain.backtest.forecasts import Forecasts, Series

RISKMETRICS_FADING = 0.94
HISTORICAL_WINDOW = 750
"""Returns; about three years of quotation days."""
REFIT_EVERY = 250
FEWEST_IN_HISTORY = 50
FEWEST_TO_FIT = 100
"""Returns from which on historical simulation and GARCH say anything."""


def riskmetrics(log_prices: Series, horizon: int) -> Forecasts:
    """EWMA variance with lambda 0.94 and the square root of time (J.P. Morgan/Reuters, RiskMetrics Technical Document, 1996)."""
    squares = np.square(np.diff(log_prices))
    variance, _ = lfilter([1 - RISKMETRICS_FADING], [1, -RISKMETRICS_FADING], squares, zi=[RISKMETRICS_FADING * squares[0]])
    return _normal(horizon, np.zeros(len(log_prices)), np.concatenate([[np.nan], np.sqrt(variance * horizon)]))


def historical(log_prices: Series, horizon: int) -> Forecasts:
    """Quantiles of the last 750 returns over the horizon that were complete at the tick, of fewer where there are not yet so many."""
    past = log_prices[horizon:] - log_prices[:-horizon]
    said = np.full((4, len(log_prices)), np.nan)
    for known in range(min(FEWEST_IN_HISTORY, len(past)), min(HISTORICAL_WINDOW, len(past) + 1)):
        said[:, horizon + known - 1] = _tail(past[np.newaxis, :known])[:, 0]
    if len(past) >= HISTORICAL_WINDOW:
        said[:, horizon + HISTORICAL_WINDOW - 1 :] = _tail(sliding_window_view(past, HISTORICAL_WINDOW))
    return Forecasts(horizon, *said)


def _tail(windows: Series) -> Series:
    """Empirical quantiles 95, 97.5 and 99 % of each row, and the mean rise at or above the second; shape (4, rows)."""
    ordered = np.sort(windows, axis=1)
    size = ordered.shape[1]
    q_95, q_975, q_99 = (ordered[:, math.ceil(probability * size) - 1] for probability in (0.95, 0.975, 0.99))
    beyond = np.expm1(ordered[:, math.ceil(0.975 * size) - 1 :])
    return np.stack([q_95, q_975, q_99, beyond.mean(axis=1)])


@dataclass(slots=True, frozen=True)
class GarchPath:
    """A GARCH(1,1) that was fitted again and again: what it knew at each of n ticks, in percent; arrays of shape (n,)."""

    mean: Series
    omega: Series
    persistence: Series
    """alpha + beta."""
    next_variance: Series
    """Of the return that follows the tick."""
    fits: int
    failed: int
    """Fits that did not converge; the parameters before were kept, none where there were none."""


def garch_path(log_prices: Series) -> GarchPath:
    """Constant mean and normal errors, as `arch` has it by default; fitted every 250 ticks to all returns so far, from the last fit on."""
    percent = 100 * np.diff(log_prices)
    path = np.full((4, len(log_prices)), np.nan)
    fitted: NDArray[np.float64] | None = None
    fits = failed = 0
    for start in range(FEWEST_TO_FIT, len(percent) + 1, REFIT_EVERY):
        found = _fit(percent[:start], fitted)
        fits += 1
        failed += found is None
        fitted = fitted if found is None else found
        if fitted is None:
            continue
        mean, omega, alpha, beta = fitted
        end = min(start + REFIT_EVERY, len(percent) + 1)
        squares = np.square(percent[: end - 1] - mean)
        variance, _ = lfilter([1.0], [1.0, -beta], omega + alpha * squares, zi=[beta * squares[:FEWEST_TO_FIT].mean()])
        path[:, start:end] = np.broadcast_to([[mean], [omega], [alpha + beta], [0.0]], (4, end - start))
        path[3, start:end] = variance[start - 1 : end - 1]
    return GarchPath(path[0], path[1], path[2], path[3], fits, failed)


def _fit(percent: Series, start: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    """Parameters mean, omega, alpha, beta; None where the likelihood has no maximum that the optimiser finds."""
    from arch import arch_model

    if not percent.any():
        return None
    model = arch_model(percent, rescale=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for starting_values in (start, None):
            result = model.fit(disp="off", show_warning=False, starting_values=starting_values)
            parameters = np.asarray(result.params, dtype=np.float64)
            if result.convergence_flag == 0 and np.isfinite(parameters).all() and math.isfinite(result.loglikelihood):
                return parameters
    return None


def garch(path: GarchPath, horizon: int) -> Forecasts:
    """The variance over the horizon is the sum of the expected daily ones, E v(k+1) = omega + (alpha + beta) E v(k)."""
    daily, total = path.next_variance.copy(), np.zeros_like(path.next_variance)
    for _ in range(horizon):
        total += daily
        daily = path.omega + path.persistence * daily
    return _normal(horizon, path.mean * horizon / 100, np.sqrt(total) / 100)


def _normal(horizon: int, mean: Series, sigma: Series) -> Forecasts:
    """Of log returns that are normal over the horizon; the shortfall is that of a log-normal price."""
    z_95, z_975, z_99 = (float(ndtri(probability)) for probability in (0.95, 0.975, 0.99))
    shortfall = np.exp(mean + sigma**2 / 2) * ndtr(sigma - z_975) / 0.025 - 1
    return Forecasts(horizon, mean + z_95 * sigma, mean + z_975 * sigma, mean + z_99 * sigma, shortfall)
