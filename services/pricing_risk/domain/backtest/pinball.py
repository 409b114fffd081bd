"""What a quantile forecast costs; the loss whose mean the true quantile makes smallest, so that models can be compared by it.

R. Koenker, G. Bassett, Regression quantiles, Econometrica 46(1), 1978, 33–50.
"""

import numpy as np
from numpy.typing import NDArray


def pinball_loss(outcomes: NDArray[np.float64], bounds: NDArray[np.float64], probability: float) -> float:
    """Mean of max(p (y − q), (p − 1)(y − q)) over outcomes y and forecasts q of their quantile p, in their unit."""
    above = outcomes - bounds
    return float(np.mean(np.maximum(probability * above, (probability - 1) * above)))
