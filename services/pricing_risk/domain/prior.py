"""What is assumed of a price that has little past of its own: a generic sticky, trending metal quote.

No data point of any series is in it. The standard deviation and the variance ratios are round figures over the published fingerprints of
rare-earth quotes (daily 0.8 to 1.6 %, VR(60) 2.5 to 6.5), the shape is logistic: over months the fat tails of single days have thinned.
A series that proves calmer than a metal shrinks what is assumed in proportion; one that proves wilder speaks for itself.
"""

from math import log

METAL_SD_1D = 0.011
EXCHANGE_RATE_SD_1D = 0.004
"""Majors move 0.4 to 0.6 % a day, managed currencies half of that."""

OBSERVATIONS = 250.0
"""As many returns are assumed as one year has: they weigh half after a year of the series' own."""
SQUARES = 20.0
"""As many squared returns are assumed where the series' own standard deviation is taken."""
FULL_FROM = 0.73
"""Share of the assumed standard deviation from which on a series counts as no calmer than assumed."""

VARIANCE_RATIO = {1: 1.0, 5: 1.5, 10: 2.0, 20: 2.5, 42: 3.7, 63: 4.5, 126: 4.5, 189: 4.5, 252: 4.5}
"""By quotation days."""

RALLY_95 = log(1.45)
"""While a rally runs, prices rise further by at least this over 63 days in one case of twenty: the upper of the dated domestic rallies
(+30 % in 60 days of 2025, +49 % from October 2025 to January 2026)."""
RALLY_DAYS = 63
RALLY_GROWTH = 0.6
"""Exponent of the days up to RALLY_DAYS: a trend grows faster than their square root."""
RALLY_975, RALLY_99, RALLY_SHORTFALL_975 = 1.2, 1.4, 1.35
"""Of RALLY_95."""


def rally_95(quotation_days: int) -> float:
    """Log return that a running rally of a metal exceeds in one case of twenty."""
    return RALLY_95 * float(min(quotation_days / RALLY_DAYS, 1.0) ** RALLY_GROWTH)
