"""Demand from a history of consumption by period, also where most periods have none, and as a distribution of one day.

Sources: Croston (1972); Syntetos & Boylan (2005) for the correction and the classes (Syntetos, Boylan & Croston 2005: intervals of 1.32,
squared variation of 0.49); Teunter, Syntetos & Babai (2011) for TSB, which forgets an item that is no longer used.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from scipy import special

from services.stockpile_advisor.domain.admissible import FloatArray, not_negative, positive

QUANTILE_STEPS = 65_536
_STEPS = (np.arange(QUANTILE_STEPS) + 0.5) / QUANTILE_STEPS
# Evenly spaced on the scale of a normal: close together in the tails, where quantiles bend.
_KNOTS = special.ndtr(np.linspace(-4.5, 4.5, 1_001))
# Amounts that vary less than this, as a share of their mean, are taken to be all the same.
_CERTAIN = 1e-4
_LONGEST_SMOOTH_INTERVAL = 1.32
_MOST_SMOOTH_VARIATION = 0.49


class Method(StrEnum):
    SINGLE_EXPONENTIAL_SMOOTHING = "single exponential smoothing"
    CROSTON = "Croston"
    SYNTETOS_BOYLAN = "Syntetos-Boylan"
    TEUNTER_SYNTETOS_BABAI = "Teunter-Syntetos-Babai"


class Pattern(StrEnum):
    SMOOTH = "smooth"
    ERRATIC = "erratic"
    INTERMITTENT = "intermittent"
    LUMPY = "lumpy"


@dataclass(frozen=True, slots=True)
class DailyDemand:
    """A day's consumption: zero, or with `use_probability` a gamma-distributed amount with this mean and standard deviation."""

    use_probability: float
    size_mean: float
    size_sd: float

    def __post_init__(self) -> None:
        not_negative(size_mean=self.size_mean, size_sd=self.size_sd)
        if not 0 <= self.use_probability <= 1:
            raise ValueError(f"the probability of use must lie between 0 and 1, it is {self.use_probability}")

    @property
    def mean(self) -> float:
        return self.use_probability * self.size_mean

    @property
    def sd(self) -> float:
        second_moment = self.use_probability * (self.size_sd**2 + self.size_mean**2)
        return math.sqrt(max(0.0, second_moment - self.mean**2))

    def scaled(self, factor: float) -> "DailyDemand":
        """The same pattern with all amounts multiplied: for sensitivities."""
        return DailyDemand(self.use_probability, self.size_mean * factor, self.size_sd * factor)

    def quantiles(self) -> FloatArray:
        """float64[QUANTILE_STEPS]: the demand at the middle of each step of probability, ascending, scaled so that its mean is exact.

        Gamma quantiles are computed at knots and joined by straight lines: off by less than a ten-thousandth of the standard deviation
        where a path is likely to come.
        """
        return _quantiles(self)


@lru_cache(maxsize=32)
def _quantiles(demand: DailyDemand) -> FloatArray:
    if demand.mean == 0:
        return np.zeros(QUANTILE_STEPS)
    idle = 1 - demand.use_probability
    if demand.size_sd < _CERTAIN * demand.size_mean:
        amount: FloatArray = np.full(QUANTILE_STEPS, demand.size_mean)
    else:
        shape = (demand.size_mean / demand.size_sd) ** 2
        knots = special.gammaincinv(shape, _KNOTS) * demand.size_sd**2 / demand.size_mean
        amount = np.interp(_STEPS, idle + demand.use_probability * _KNOTS, knots)
    table = np.where(idle < _STEPS, amount, 0.0)
    drawn = float(table.mean())
    table *= demand.mean / drawn if drawn > 0 else 1.0
    table.flags.writeable = False
    return table


@dataclass(frozen=True, slots=True)
class DemandEstimate:
    """What a history says: the method its pattern asked for, the mean of a period, and a day's distribution."""

    method: Method
    pattern: Pattern
    mean_per_period: float
    daily: DailyDemand
    periods: int


def estimated(history: Sequence[float], period_days: float, smoothing: float = 0.1, idle_smoothing: float = 0.1) -> DemandEstimate | None:
    """By the method the pattern asks for: SES where demand is smooth or erratic, Syntetos-Boylan where it is intermittent or lumpy,
    TSB where nothing was used for longer than twice the usual interval. None without any consumption: a rate isn't invented.

    `history` is consumption by period, oldest first, each of `period_days`.
    """
    amounts = _admissible(history)
    positive(period_days=period_days)
    pattern = pattern_of(history)
    if pattern is None:
        return None
    used = np.flatnonzero(amounts)
    interval = len(amounts) / len(used)
    if pattern in (Pattern.SMOOTH, Pattern.ERRATIC):
        method = Method.SINGLE_EXPONENTIAL_SMOOTHING
    elif len(amounts) - 1 - used[-1] > 2 * interval:
        method = Method.TEUNTER_SYNTETOS_BABAI
    else:
        method = Method.SYNTETOS_BOYLAN
    mean = forecast(history, method, smoothing, idle_smoothing)
    steady = method is Method.SINGLE_EXPONENTIAL_SMOOTHING
    daily = _every_day(mean, amounts, period_days) if steady else _now_and_then(mean, amounts, period_days)
    return DemandEstimate(method, pattern, mean, daily, len(amounts))


def pattern_of(history: Sequence[float]) -> Pattern | None:
    """By mean interval between uses and squared coefficient of variation of the amounts; None without any use."""
    amounts = _admissible(history)
    sizes = amounts[amounts > 0]
    if len(sizes) == 0:
        return None
    regular = len(amounts) / len(sizes) < _LONGEST_SMOOTH_INTERVAL
    even = (sizes.std() / sizes.mean()) ** 2 < _MOST_SMOOTH_VARIATION
    if regular:
        return Pattern.SMOOTH if even else Pattern.ERRATIC
    return Pattern.INTERMITTENT if even else Pattern.LUMPY


def forecast(history: Sequence[float], method: Method, smoothing: float = 0.1, idle_smoothing: float = 0.1) -> float:
    """Mean demand per period after the last of `history`; `idle_smoothing` is that of intervals (Croston) or of the chance of use (TSB)."""
    amounts = _admissible(history).tolist()
    if not amounts:
        raise ValueError("a history without periods says nothing of demand")
    if method is Method.SINGLE_EXPONENTIAL_SMOOTHING:
        return _smoothed(amounts, smoothing)
    if method is Method.TEUNTER_SYNTETOS_BABAI:
        return _chance_times_size(amounts, smoothing, idle_smoothing)
    size, interval = _size_and_interval(amounts, smoothing, idle_smoothing)
    if size == 0:
        return 0.0
    bias = 1 - idle_smoothing / 2 if method is Method.SYNTETOS_BOYLAN else 1.0
    return bias * size / interval


def _admissible(history: Sequence[float]) -> FloatArray:
    amounts = np.asarray(history, dtype=float)
    if not np.all(amounts >= 0):
        raise ValueError("consumption must not be negative: book a return as a receipt")
    return amounts


def _smoothed(amounts: Sequence[float], smoothing: float) -> float:
    level = amounts[0]
    for amount in amounts[1:]:
        level += smoothing * (amount - level)
    return level


def _size_and_interval(amounts: Sequence[float], smoothing: float, idle_smoothing: float) -> tuple[float, float]:
    """Croston: both are revised only when something is used; they start with the first use."""
    size, interval, since = 0.0, 0.0, 1
    for amount in amounts:
        if amount > 0:
            size = amount if size == 0 else size + smoothing * (amount - size)
            interval = float(since) if interval == 0 else interval + idle_smoothing * (since - interval)
            since = 1
        else:
            since += 1
    return size, interval


def _chance_times_size(amounts: Sequence[float], smoothing: float, idle_smoothing: float) -> float:
    """TSB: the chance of use is revised every period, the size when something is used; both start from the whole history's means."""
    sizes = [amount for amount in amounts if amount > 0]
    if not sizes:
        return 0.0
    chance, size = len(sizes) / len(amounts), sizes[0]
    for amount in amounts:
        chance += idle_smoothing * ((amount > 0) - chance)
        if amount > 0:
            size += smoothing * (amount - size)
    return chance * size


def _every_day(mean: float, amounts: FloatArray, period_days: float) -> DailyDemand:
    """Mean and variance of a period shared out over its days; a single period says nothing of its spread, which is taken to be its mean."""
    observed = float(amounts.mean())
    sd = float(amounts.std(ddof=1)) if len(amounts) > 1 else observed
    return DailyDemand(1.0, mean / period_days, sd * mean / observed / math.sqrt(period_days))


def _now_and_then(mean: float, amounts: FloatArray, period_days: float) -> DailyDemand:
    """One use in each period with any, on one of its days, as often as the forecast says, in the sizes seen."""
    sizes = amounts[amounts > 0]
    size = float(sizes.mean())
    size_sd = float(sizes.std(ddof=1)) if len(sizes) > 1 else size
    often = mean / size / period_days
    if often <= 1:
        return DailyDemand(often, size, size_sd)
    return DailyDemand(1.0, size * often, size_sd * often)
