"""Quantiles of all past returns in bounded space: counts in bins of 0.25 %, exact to half a bin.

Bins are centred, so that the many returns of exactly zero lie in the middle of one and not on an edge between two. The order in which
returns come changes nothing, and histograms add up; neither holds of P2 markers, which drift on overlapping returns.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import ceil, exp, expm1, floor, log, log1p, pi, sqrt
from typing import NamedTuple

BIN = 0.0025
"""Width of a bin in log return."""
OUTERMOST = 4000
"""Returns beyond a factor of e^10 are counted there, so that the number of bins is bounded."""
_FIRST_REACH = 64
"""So many of the highest bins are looked at first; more where the quantile lies lower."""
_RISES = {number: expm1(number * BIN) for number in range(-OUTERMOST, OUTERMOST + 1)}


def bin_of(log_return: float) -> int:
    """The bin whose centre is nearest."""
    number = floor(log_return / BIN + 0.5)
    return -OUTERMOST if number < -OUTERMOST else OUTERMOST if number > OUTERMOST else number


class Assumed(NamedTuple):
    """Returns that were not seen but are assumed beside those that were: so many, logistic around a centre."""

    observations: float
    scale: float
    """sqrt(3) / pi of the standard deviation."""
    centre: float = 0.0

    @classmethod
    def with_sd(cls, observations: float, sd: float, centre: float = 0.0) -> "Assumed":
        return cls(observations, sd * sqrt(3.0) / pi, centre)

    def share_above(self, log_return: float) -> float:
        distance = (log_return - self.centre) / self.scale
        return 1.0 / (1.0 + exp(distance)) if distance < 700.0 else 0.0

    def exceeded_by(self, share: float) -> float:
        """The log return that this share, between 0 and 1, lies above."""
        return self.centre + self.scale * (log1p(-share) - log(share))

    def mean_rise_above(self, log_return: float) -> float:
        """Mean of exp(R) - 1 over the returns above one, the tail taken as exponential with the mean excess that the logistic has there."""
        share = self.share_above(log_return)
        excess = min(self.scale * -log1p(-share) / share, 0.5) if share > 0.0 else self.scale
        return exp(log_return) / (1.0 - excess) - 1.0


def upper_quantiles(
    counts: Mapping[int, int], bins: Sequence[int], observations: int, assumed: Assumed, probabilities: Sequence[float]
) -> list[float]:
    """Quantiles (log returns) of seen and assumed returns together, at probabilities that rise.

    `bins` are those that hold something, the highest first, and `observations` all that they hold. A quantile is the centre of the highest
    bin such that more than the rest of the returns lies in it or above it.
    """
    total = observations + assumed.observations
    most = (1.0 - probabilities[0]) * total
    reach = _FIRST_REACH
    while True:
        within = bins[:reach]
        above = [0, *accumulate(map(counts.__getitem__, within))]  # so many were seen above each; the last: in or above all of them
        if above[-1] > most or reach >= len(bins):
            break
        reach *= 4
    within = [*within, -OUTERMOST]
    weight, share_above = assumed.observations, assumed.share_above
    quantiles: list[float] = []
    highest = len(above) - 1
    for probability in probabilities:
        allowed = (1.0 - probability) * total
        low, high = 0, bisect_right(above, allowed, 1, highest + 1) - 1  # there what was seen is enough by itself
        while low < high:
            middle = (low + high) // 2
            if above[middle + 1] + weight * share_above((within[middle] - 0.5) * BIN) > allowed:
                high = middle
            else:
                low = middle + 1
        highest = low
        number, rest = within[low], allowed - above[low]
        if weight * share_above((number - 0.5) * BIN) > rest:
            # Then it lies in an empty bin above this one, which assumed returns alone fill.
            top = within[low - 1] if low else OUTERMOST
            number = min(max(ceil(assumed.exceeded_by(rest / weight) / BIN + 0.5) - 1, number), top)
        quantiles.append(number * BIN)
    return quantiles


def shortfall(counts: Mapping[int, int], bins: Sequence[int], assumed: Assumed, quantile: float) -> float:
    """Mean of exp(R) - 1 over the seen and assumed returns R at or above a quantile; `bins` as above.

    It is a buyer's loss in the worst cases, as a share of the price.
    """
    least = bin_of(quantile)
    weight = assumed.observations * assumed.share_above((least - 0.5) * BIN)
    loss = weight * assumed.mean_rise_above((least - 0.5) * BIN)
    for number in bins:
        if number < least:
            break
        count = counts[number]
        weight += count
        loss += count * _RISES[number]
    return loss / weight
