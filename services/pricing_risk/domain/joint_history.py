"""Daily prices of several series on the same days, and how they moved together up to each of these days.

Each exposure runs until its own pricing day, so each has a window of its own length; what is common to a scenario is the day on which all
windows end. A common length would charge a line that is priced next week with the risk of a quarter, and windows that begin together would
leave what the market did last out of the scenarios of every short line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LONGEST_WINDOW: Final = 126
"""Quotation days, half a year. Beyond it a move is scaled: two and a half years of prices hold few independent longer windows."""
FEWEST_SCENARIOS: Final = 250
"""Of a year: the worst 2.5 % are then more than six days."""
MOST_DAYS: Final = 750 + LONGEST_WINDOW
"""Quotation days looked back on."""
LONGEST_GAP: Final = 10
"""Quotation days over which the last price is carried on, as over the New Year of a Chinese feed."""


class Window(NamedTuple):
    """The quotation days from now over which the price is set, the first and the last of them, both at least 1; the same: on one day."""

    first: int
    last: int


@dataclass(slots=True, frozen=True)
class History:
    """Prices of one series, oldest first. `days`: proleptic ordinals, `date.toordinal`, rising; `prices` above zero."""

    days: NDArray[np.int64]
    prices: Floats


class JointHistory:
    """The series that have enough of a past in common. `levels`: by series id its prices on the same `days` quotation days."""

    def __init__(self, histories: Mapping[str, History]) -> None:
        """Only series that count should be given: the shortest that has enough of a past sets the beginning for all."""
        self.levels: dict[str, Floats] = {}
        last = max((_quotation_days(history.days[-1:])[0] for history in histories.values() if history.days.size), default=0)
        filled = {series: _filled(history, int(last)) for series, history in histories.items() if history.days.size}
        enough = {series: level for series, level in filled.items() if level.size >= FEWEST_SCENARIOS + LONGEST_WINDOW}
        self.days = min((level.size for level in enough.values()), default=0)
        for series in sorted(enough):
            self.levels[series] = enough[series][-self.days :]

    @property
    def scenarios(self) -> int:
        return max(0, self.days - LONGEST_WINDOW)

    def moves(self, level: Floats, window: Window) -> Floats:
        """Per scenario, the mean price over the window's days over the price before its first day; the window is at most LONGEST_WINDOW.

        `level`: shape (days,), one of `levels` or a product of them. Shape (scenarios,).
        """
        first, last = window
        ends = np.arange(LONGEST_WINDOW, self.days)
        base = level[ends - last]
        if first == last:
            return level[ends] / base
        sums = np.concatenate(([0.0], np.cumsum(level)))
        means = (sums[ends + 1] - sums[ends - last + first]) / (last - first + 1)
        return np.asarray(means / base)


def _quotation_days(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Working days numbered without gaps; a weekend counts as its Friday. Ordinal 1 is a Monday."""
    weeks, weekdays = np.divmod(days - 1, 7)
    return np.asarray(weeks * 5 + np.minimum(weekdays, 4), dtype=np.int64)


def _filled(history: History, last: int) -> Floats:
    """The price of every quotation day up to `last`, from behind the last gap too long to carry a price over; empty: `last` lies in one."""
    numbers = _quotation_days(history.days)
    within = (numbers > last - MOST_DAYS) & (numbers <= last)
    numbers, prices = numbers[within], history.prices[within]
    if not numbers.size or last - numbers[-1] > LONGEST_GAP or np.any(prices <= 0):
        return np.empty(0)
    gaps = np.flatnonzero(np.diff(numbers) > LONGEST_GAP + 1)
    start = int(gaps[-1]) + 1 if gaps.size else 0
    numbers, prices = numbers[start:], prices[start:]
    at = np.searchsorted(numbers, np.arange(numbers[0], last + 1), side="right") - 1
    return np.asarray(prices[at])
