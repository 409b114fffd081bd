"""Quantiles of all past returns in bounded space: counts in bins of 0.25 %, exact to half a bin.

Bins are centred, so that the many returns of exactly zero lie in the middle of one and not on an edge between two. A quantile is the centre
of its bin. A histogram can be merged, and no order of the returns changes it (what P2 markers cannot say of overlapping returns).
"""

from collections.abc import Iterable, Mapping, Sequence
from math import exp, floor

BIN = 0.0025
"""Width of a bin in log return."""
OUTERMOST = 4000
"""Returns beyond a factor of e^10 are counted there, so that the number of bins is bounded."""


def bin_of(log_return: float) -> int:
    """The bin whose centre is nearest."""
    number = floor(log_return / BIN + 0.5)
    return -OUTERMOST if number < -OUTERMOST else OUTERMOST if number > OUTERMOST else number


def pooled(counts: Mapping[int, float], more: Iterable[tuple[int, float]]) -> dict[int, float]:
    """Both together: bin → weight."""
    together = dict(counts)
    for number, weight in more:
        together[number] = together.get(number, 0.0) + weight
    return together


def upper_quantiles(counts: Mapping[int, float], probabilities: Sequence[float]) -> list[float]:
    """Quantiles (log returns) at the probabilities, which rise: the least bin that holds with those below it at least that share.

    Raises ValueError where there is nothing in the histogram.
    """
    if not counts:
        raise ValueError("a histogram without a return has no quantile; add one first")
    allowed = [(1.0 - probability) * sum(counts.values()) for probability in reversed(probabilities)]
    found: list[float] = []
    above = 0.0
    for number in sorted(counts, reverse=True):
        above += counts[number]
        while len(found) < len(allowed) and above > allowed[len(found)] * (1.0 + 1e-12):
            found.append(number * BIN)
        if len(found) == len(allowed):
            break
    return found[::-1]


def shortfall(counts: Mapping[int, float], from_return: float) -> float:
    """Mean of exp(R) - 1 over the returns R at or above one: the loss of a buyer in the worst cases, as a share of the price."""
    least = bin_of(from_return)
    weight = loss = 0.0
    for number, count in counts.items():
        if number >= least:
            weight += count
            loss += count * (exp(number * BIN) - 1.0)
    return loss / weight
