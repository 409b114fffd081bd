"""Whether exceedances come one by one, or in runs.

P. Christoffersen, Evaluating interval forecasts, International Economic Review 39(4), 1998, 841–862: a first-order Markov chain against
independence.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlog1py, xlogy

from services.pricing_risk.domain.backtest.kupiec import unconditional_coverage
from services.pricing_risk.domain.backtest.likelihood_ratio import LikelihoodRatio


def independence(exceeded: NDArray[np.bool_]) -> LikelihoodRatio:
    """LR_ind of the sequence of non-overlapping forecasts `exceeded`, shape (n,).

    From n − 1 transitions; a state that is never left has no rate of its own and adds nothing, so that no exceedance at all gives 0.
    """
    before, after = exceeded[:-1], exceeded[1:]
    n00, n01 = int(np.sum(~before & ~after)), int(np.sum(~before & after))
    n10, n11 = int(np.sum(before & ~after)), int(np.sum(before & after))
    null = _log_likelihood(n00 + n10, n01 + n11)
    markov = _log_likelihood(n00, n01) + _log_likelihood(n10, n11)
    return LikelihoodRatio(max(0.0, -2 * (null - markov)), 1)


def conditional_coverage(exceeded: NDArray[np.bool_], probability: float) -> LikelihoodRatio:
    """LR_cc = LR_uc + LR_ind: the right number, and one by one."""
    coverage = unconditional_coverage(int(np.sum(exceeded)), len(exceeded), probability)
    return LikelihoodRatio(coverage.statistic + independence(exceeded).statistic, 2)


def _log_likelihood(kept: int, exceeded: int) -> float:
    """Of draws at their own rate."""
    if not kept + exceeded:
        return 0.0
    rate = exceeded / (kept + exceeded)
    return float(xlog1py(kept, -rate) + xlogy(exceeded, rate))
