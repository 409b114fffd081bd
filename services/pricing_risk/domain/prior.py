"""What is assumed of a price before it has a past of its own: a generic sticky, trending metal quote (fingerprints of section 1.7).

No data point of any series is in it: standard deviations and variance ratios are round figures over the fingerprints, the shape is a
Laplace distribution in closed form.
"""

from math import log

from services.pricing_risk.domain.histogram import bin_of

SD_1D = 0.011
VARIANCE_RATIO = {1: 1.0, 5: 2.0, 10: 2.7, 20: 3.5, 42: 4.2, 63: 4.5, 126: 4.5, 189: 4.5, 252: 4.5}
PSEUDO_OBSERVATIONS = 100.0
POINTS = 200


def pseudo_returns(quotation_days: int) -> list[tuple[int, float]]:
    """(bin, weight) of the assumed returns over so many quotation days; the weights sum to PSEUDO_OBSERVATIONS."""
    scale = SD_1D * (quotation_days * VARIANCE_RATIO[quotation_days] / 2.0) ** 0.5
    weights: dict[int, float] = {}
    for point in range(POINTS):
        probability = (point + 0.5) / POINTS
        value = scale * (log(2.0 * probability) if probability < 0.5 else -log(2.0 * (1.0 - probability)))
        number = bin_of(value)
        weights[number] = weights.get(number, 0.0) + PSEUDO_OBSERVATIONS / POINTS
    return sorted(weights.items())
