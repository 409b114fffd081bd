"""Whether a bound is exceeded as often as it says.

P. Kupiec, Techniques for verifying the accuracy of risk measurement models, Journal of Derivatives 3(2), 1995, 73–84: the proportion of
failures test.
"""

from scipy.special import xlog1py, xlogy

from services.pricing_risk.domain.backtest.likelihood_ratio import LikelihoodRatio


def unconditional_coverage(exceedances: int, forecasts: int, probability: float) -> LikelihoodRatio:
    """LR_uc of `exceedances` among independent `forecasts` that are each exceeded with `probability` under the null; 0 ln 0 is 0.

    Both too many and too few exceedances speak against the null.
    """
    if not 0 <= exceedances <= forecasts or forecasts == 0:
        raise ValueError(f"{exceedances} exceedances of {forecasts} forecasts cannot be.")
    if not 0 < probability < 1:
        raise ValueError(f"A probability lies between 0 and 1; {probability} does not.")
    kept, rate = forecasts - exceedances, exceedances / forecasts
    null = xlog1py(kept, -probability) + xlogy(exceedances, probability)
    own = xlog1py(kept, -rate) + xlogy(exceedances, rate)
    return LikelihoodRatio(max(0.0, float(-2 * (null - own))), 1)
