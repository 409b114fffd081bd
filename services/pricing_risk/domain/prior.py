"""What is assumed of a price that has little past of its own: a generic sticky, trending metal quote.

No data point of any series is in it. The standard deviation and the variance ratios are round figures over the published fingerprints of
rare-earth quotes (daily 0.8 to 1.6 %, VR(60) 2.5 to 6.5), the shape is logistic: over months the fat tails of single days have thinned.
What is assumed takes after the series itself as soon as it has ticks: returns spread as its own daily standard deviation does, only wider,
over longer horizons by half its own variance ratio, and lie around half-believed trends.
"""

from math import log

from shared.contracts.price import PriceMarket

METAL_SD_1D = 0.011
EXCHANGE_RATE_SD_1D = 0.004
"""Majors move 0.4 to 0.6 % a day, managed currencies half of that."""

OBSERVATIONS = 250.0
"""As many returns are assumed as one year has: they weigh half after a year of the series' own."""
TYPICAL = 0.75
"""Of the standard deviation that is assumed for tomorrow, what most quotes have over the years: 0.8 % a day for oxides of rare earths."""
SQUARES = 10.0
"""As many squared returns of a typical quote are assumed where the series' own standard deviation is taken."""
WILDEST = 1.1
"""In assumed standard deviations: a series that is wilder speaks for itself."""
SPREAD = 1.7
"""Standard deviation of the assumed returns, in the series' own: a short past has not seen the rally that comes."""
TREND_DAYS = 20
TREND_DOWN, TREND_UP = 0.5, 0.2
"""The assumed returns lie around what the trend of the last 20 days would make of the horizon, no further from 0 than so many of their
standard deviations."""

VARIANCE_RATIO = {1: 1.0, 5: 1.5, 10: 2.0, 20: 2.5, 42: 3.7, 63: 4.5, 126: 4.5, 189: 4.5, 252: 4.5}
"""By quotation days."""
EXCHANGE_RATE_VARIANCE_RATIO = 1.5
"""At most: markets as deep as those of currencies trend little."""
MOST_TREND = 2.0
"""Of its usual variance ratio, what a series may bring to the returns assumed of it: one leap in a short past makes its own ratio forty."""
VARIANCE_RATIO_FADING = 0.985
"""Of the assumed one, with each return over the horizon that the series has seen."""

RALLY_95 = log(1.45)
"""While a rally runs, prices rise further by at least this over 63 days in one case of twenty: the upper of the dated domestic rallies
(+30 % in 60 days of 2025, +49 % from October 2025 to January 2026). That is of a typical quote; of another, in proportion."""
RALLY_DAYS = 63
RALLY_GROWTH = 0.6
"""Exponent of the days up to RALLY_DAYS: a trend grows faster than their square root."""
RALLY_975, RALLY_99, RALLY_SHORTFALL_975 = 1.2, 1.4, 1.35
"""Of RALLY_95."""


def rally_95(quotation_days: int) -> float:
    """Log return that a running rally of a typical metal exceeds in one case of twenty."""
    return RALLY_95 * float(min(quotation_days / RALLY_DAYS, 1.0) ** RALLY_GROWTH)


def assumed_sd_1d(market: PriceMarket) -> float:
    """Daily standard deviation of a price of which nothing is known but the market."""
    return EXCHANGE_RATE_SD_1D if market == "FX" else METAL_SD_1D


def assumed_variance_ratio(quotation_days: int, sd_1d: float) -> float:
    """Of a price of that assumed standard deviation, over one of the horizons of VARIANCE_RATIO."""
    ratio = VARIANCE_RATIO[quotation_days]
    return ratio if sd_1d > EXCHANGE_RATE_SD_1D else min(ratio, EXCHANGE_RATE_VARIANCE_RATIO)
