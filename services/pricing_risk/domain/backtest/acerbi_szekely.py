"""Whether the expected shortfall covers what is lost beyond the bound.

C. Acerbi, B. Székely, Backtesting expected shortfall, Risk, December 2014. Written in losses (the paper's X is profit, −loss): under the
null both statistics have mean 0, under a shortfall that is too small they are negative.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

_SIMULATED_AT_ONCE = 100_000


def z1(losses: NDArray[np.float64], bounds: NDArray[np.float64], shortfalls: NDArray[np.float64]) -> float | None:
    """Test 1: 1 − mean(loss / shortfall) over the days on which loss > bound; None where there is none. All of shape (n,), same money."""
    beyond = losses > bounds
    return float(1 - np.mean(losses[beyond] / shortfalls[beyond])) if beyond.any() else None


def z2(losses: NDArray[np.float64], bounds: NDArray[np.float64], shortfalls: NDArray[np.float64], tail: float) -> float:
    """Test 2: 1 − Σ loss · 1(loss > bound) / (n · tail · shortfall): number and size of the losses beyond the bound together.

    `tail` is the probability of exceeding the bound (0.025 of a 97.5 % bound); `shortfalls` are positive.
    """
    beyond = losses > bounds
    return float(1 - np.sum(losses[beyond] / shortfalls[beyond]) / (len(losses) * tail))


def z2_quantile(
    significance: float,
    forecasts: int,
    tail: float,
    *,
    degrees_of_freedom: float = math.inf,
    simulations: int = _SIMULATED_AT_ONCE,
    seed: int = 1,
) -> float:
    """The value that Z2 of `forecasts` independent forecasts falls below with probability `significance` when they are right.

    Simulated for losses of Student's t, by default the normal law. Only the tail is drawn: how many losses lie beyond the bound is
    binomial, and each is then a quantile of a uniform draw from the tail.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    simulated = np.empty(simulations)
    for start in range(0, simulations, _SIMULATED_AT_ONCE):
        counts = generator.binomial(forecasts, tail, size=min(_SIMULATED_AT_ONCE, simulations - start))
        uniform = tail * (1 - generator.random(int(counts.sum())))
        beyond = -(ndtri(uniform) if math.isinf(degrees_of_freedom) else stdtrit(degrees_of_freedom, uniform))
        owner = np.repeat(np.arange(len(counts)), counts)
        sums = np.bincount(owner, weights=beyond, minlength=len(counts))
        simulated[start : start + len(counts)] = 1 - sums / (forecasts * tail * _shortfall(tail, degrees_of_freedom))
    return float(np.quantile(simulated, significance))


def _shortfall(tail: float, degrees_of_freedom: float) -> float:
    """Mean of the standard law beyond its quantile; of t: A. McNeil, R. Frey, P. Embrechts, Quantitative Risk Management, 2005, 2.20."""
    if math.isinf(degrees_of_freedom):
        return math.exp(-(float(ndtri(tail)) ** 2) / 2) / math.sqrt(2 * math.pi) / tail
    nu, bound = degrees_of_freedom, float(stdtrit(degrees_of_freedom, tail))
    log_density = math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2) - math.log(nu * math.pi) / 2 - (nu + 1) / 2 * math.log1p(bound**2 / nu)
    return math.exp(log_density) / tail * (nu + bound**2) / (nu - 1)
