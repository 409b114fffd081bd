"""Loss functions: the expected shortfall E[(X-x)+] and surplus E[(x-X)+] of a demand X at a stock x.

Source: Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd edition (2019), appendix C.
All but `of_distribution` and `of_mass` work elementwise on arrays.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy import integrate, special

from services.stockpile_advisor.domain.admissible import FloatArray, Values, positive

_SQRT_TWO_PI = np.sqrt(2 * np.pi)
_TAIL = 1e-13


class Loss(NamedTuple):
    """In units of the demand (squared for a second loss): what is expected to be short, and what is expected to be left."""

    shortfall: FloatArray
    surplus: FloatArray


def standard_normal(z: Values) -> Loss:
    z = np.asarray(z, dtype=float)
    shortfall = _density(z) - z * special.ndtr(-z)
    return Loss(shortfall, z + shortfall)


def normal(x: Values, mean: Values, sd: Values) -> Loss:
    positive(sd=sd)
    sd = np.asarray(sd, dtype=float)
    loss = standard_normal((np.asarray(x, dtype=float) - mean) / sd)
    return Loss(sd * loss.shortfall, sd * loss.surplus)


def standard_normal_second(z: Values) -> Loss:
    """½E[((Z-z)+)²] and its complement."""
    z = np.asarray(z, dtype=float)
    shortfall = 0.5 * ((z**2 + 1) * special.ndtr(-z) - z * _density(z))
    return Loss(shortfall, 0.5 * (z**2 + 1) - shortfall)


def normal_second(x: Values, mean: Values, sd: Values) -> Loss:
    positive(sd=sd)
    sd = np.asarray(sd, dtype=float)
    loss = standard_normal_second((np.asarray(x, dtype=float) - mean) / sd)
    return Loss(sd**2 * loss.shortfall, sd**2 * loss.surplus)


def lognormal(x: Values, log_mean: Values, log_sd: Values) -> Loss:
    """`log_mean` and `log_sd` are those of ln X; `x` must be above zero."""
    positive(x=x, log_sd=log_sd)
    x, log_mean, log_sd = (np.asarray(value, dtype=float) for value in (x, log_mean, log_sd))
    mean = np.exp(log_mean + log_sd**2 / 2)
    z = (log_mean - np.log(x)) / log_sd
    shortfall = mean * special.ndtr(z + log_sd) - x * special.ndtr(z)
    return Loss(shortfall, x - mean + shortfall)


def gamma(x: Values, shape: Values, scale: Values) -> Loss:
    positive(x=x, shape=shape, scale=scale)
    x, shape, scale = (np.asarray(value, dtype=float) for value in (x, shape, scale))
    mean = shape * scale
    shortfall = mean * special.gammaincc(shape + 1, x / scale) - x * special.gammaincc(shape, x / scale)
    return Loss(shortfall, x - mean + shortfall)


def exponential(x: Values, mean: Values) -> Loss:
    positive(mean=mean)
    x, mean = np.asarray(x, dtype=float), np.asarray(mean, dtype=float)
    shortfall = mean * np.exp(-x / mean)
    return Loss(shortfall, x - mean + shortfall)


def uniform(x: Values, low: Values, high: Values) -> Loss:
    """`x` must lie between `low` and `high`."""
    x, low, high = (np.asarray(value, dtype=float) for value in (x, low, high))
    if not np.all((low <= x) & (x <= high) & (low < high)):
        raise ValueError(f"x must lie between low and high, and low below high: {x}, {low}, {high}")
    return Loss((high - x) ** 2 / (2 * (high - low)), (x - low) ** 2 / (2 * (high - low)))


def poisson(x: Values, mean: Values) -> Loss:
    """`x` is a whole number of units and may be negative."""
    positive(mean=mean)
    x, mean = np.asarray(x, dtype=float), np.asarray(mean, dtype=float)
    if not np.all(x == np.floor(x)):
        raise ValueError(f"x must be a whole number of units, it is {x}")
    known = np.maximum(x, 0)
    at_most = np.where(x < 0, 0.0, special.pdtr(known, mean))
    exactly = np.where(x < 0, 0.0, np.exp(special.xlogy(known, mean) - mean - special.gammaln(known + 1)))
    above = np.where(x < 0, 1.0, special.pdtrc(known, mean))
    return Loss((mean - x) * above + mean * exactly, (x - mean) * at_most + mean * exactly)


def of_distribution(x: float, distribution: Any) -> Loss:
    """Of any continuous `scipy.stats` distribution, by integrating its tails."""
    low, high = (float(distribution.ppf(tail)) for tail in (_TAIL, 1 - _TAIL))
    above = integrate.quad(distribution.sf, x, max(x, high), epsabs=1e-12, epsrel=1e-11, limit=200)[0]
    below = integrate.quad(distribution.cdf, min(x, low), x, epsabs=1e-12, epsrel=1e-11, limit=200)[0]
    return Loss(np.asarray(above), np.asarray(below))


def of_mass(x: Values, mass: Mapping[float, float]) -> Loss:
    """Of a discrete demand given as {value: probability}."""
    value = np.fromiter(mass.keys(), dtype=float)
    probability = np.fromiter(mass.values(), dtype=float)
    gap = value - np.asarray(x, dtype=float)[..., None]
    return Loss(np.maximum(gap, 0) @ probability, np.maximum(-gap, 0) @ probability)


def _density(z: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-0.5 * z**2) / _SQRT_TWO_PI)
