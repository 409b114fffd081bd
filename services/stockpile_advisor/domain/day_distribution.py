"""A length of time in whole days as a distribution: the mass of each day, of what comes later than the last of them, and of never.

Lead times are sums of such (order to departure, licence queue, customs), which convolution adds exactly; a quantile is a day or None.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import special

from services.stockpile_advisor.domain.admissible import FloatArray, positive

LAST_DAY = 3_650
NO_DAY = np.iinfo(np.int32).max
_SUM_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class DayDistribution:
    """`mass[n]` is the probability of n days, `later` that of more days than the array has, `never` that it doesn't happen at all."""

    mass: FloatArray
    later: float = 0.0
    never: float = 0.0

    def __post_init__(self) -> None:
        total = float(self.mass.sum()) + self.later + self.never
        if abs(total - 1) > _SUM_TOLERANCE or self.mass.min() < 0 or self.later < -_SUM_TOLERANCE or self.never < 0:
            raise ValueError(f"the probabilities of a distribution of days must add up to 1, they add up to {total}")

    @classmethod
    def certain(cls, days: int) -> Self:
        if not 0 <= days <= LAST_DAY:
            raise ValueError(f"a length of time must lie between 0 and {LAST_DAY} days, it is {days}")
        mass = np.zeros(days + 1)
        mass[days] = 1.0
        return cls(mass)

    @classmethod
    def log_normal(cls, median_days: float, log_sd: float) -> Self:
        """Rounded up to the day: what takes 3.2 days is there on the fourth."""
        positive(median_days=median_days, log_sd=log_sd)
        day = np.arange(LAST_DAY + 1)
        with np.errstate(divide="ignore"):
            reached = special.ndtr((np.log(day) - np.log(median_days)) / log_sd)
        return cls(np.diff(reached, prepend=0.0), later=float(1 - reached[-1]))

    @classmethod
    def uniform(cls, first_day: int, last_day: int) -> Self:
        mass = np.zeros(last_day + 1)
        mass[first_day:] = 1 / (last_day + 1 - first_day)
        return cls(mass)

    @classmethod
    def seen(cls, days: NDArray[np.int64]) -> Self:
        """The firm's own lead times, each as likely as another."""
        if len(days) == 0 or days.min() < 0 or days.max() > LAST_DAY:
            raise ValueError(f"lead times seen must be between 0 and {LAST_DAY} days, and at least one must have been seen")
        return cls(np.bincount(days) / len(days))

    def then(self, after: "DayDistribution") -> "DayDistribution":
        """This, and after it the other, independent of it."""
        mass = np.maximum(_convolved(self.mass, after.mass), 0.0)
        kept = mass[: LAST_DAY + 1]
        never = 1 - (1 - self.never) * (1 - after.never)
        return DayDistribution(kept, later=max(0.0, 1 - never - float(kept.sum())), never=never)

    def or_else(self, other: "DayDistribution", probability_of_other: float) -> "DayDistribution":
        """A mixture: the other with that probability."""
        length = max(len(self.mass), len(other.mass))
        mass = np.zeros(length)
        mass[: len(self.mass)] += (1 - probability_of_other) * self.mass
        mass[: len(other.mass)] += probability_of_other * other.mass
        return DayDistribution(
            mass,
            later=(1 - probability_of_other) * self.later + probability_of_other * other.later,
            never=(1 - probability_of_other) * self.never + probability_of_other * other.never,
        )

    def reached(self) -> FloatArray:
        """The probability that it has happened by each day."""
        return np.cumsum(self.mass)

    def within(self, days: int) -> float:
        """The probability that it happens within so many days."""
        return 0.0 if days < 0 else float(self.mass[: days + 1].sum())

    def quantile(self, probability: float) -> int | None:
        """The first day by which it has happened with this probability; None where that lies beyond the last day, or is never."""
        reached = self.reached()
        day = int(np.searchsorted(reached, probability - 1e-12))
        return day if day < len(reached) else None

    def quantile_if_it_happens(self, probability: float) -> int | None:
        """The same among what happens at all: for a licence, the delay of those that are approved. None where nothing does."""
        return self.quantile(probability * (1 - self.never)) if self.never < 1 else None

    def mean_if_it_happens(self) -> float | None:
        """Mean days of what happens within the array's days; None where nothing does."""
        total = float(self.mass.sum())
        return float(self.mass @ np.arange(len(self.mass))) / total if total > 0 else None

    def sample(self, uniforms: FloatArray) -> NDArray[np.int64]:
        """Days by inversion, NO_DAY for later and never: with the same uniforms a later distribution gives later days, path by path."""
        days = np.searchsorted(self.reached(), uniforms, side="right")
        return np.where(days < len(self.mass), days, NO_DAY).astype(np.int64)


def _convolved(one: FloatArray, other: FloatArray) -> FloatArray:
    """By the definition where that is short (exact for certain lengths), by FFT where it is not."""
    if min(len(one), len(other)) < 400:
        return np.convolve(one, other)
    length = len(one) + len(other) - 1
    return np.asarray(np.fft.irfft(np.fft.rfft(one, length) * np.fft.rfft(other, length), length))
