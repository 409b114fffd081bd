"""A licence queue of unknown length as one number of days: the fixed wait that carries the same risk."""

from functools import lru_cache
from math import exp, log
from statistics import NormalDist
from typing import Final

_NORMAL: Final = NormalDist()
_LEVEL: Final = 0.975
_NODES: Final = tuple(each / 20 for each in range(-100, 101))
_WEIGHTS: Final = tuple(exp(-node * node / 2) for node in _NODES)


@lru_cache(maxsize=1024)
def equivalent_queue_days(p50_days: int, p95_days: int) -> int:
    """The fixed wait that carries the same 97.5 % loss as a log-normal queue with these quantiles, prices moving with the root of time.

    A loss at the end of a wait of D days is sigma sqrt(D) Z; with ln D normal, D' = median * (q / z)^2, q the 97.5 % quantile of
    exp(s N / 2) Z. For the general EU queue (144 and 500 days) that is 208 days: taking the 95 % quantile of the queue and of the price
    at once would be right in one case of four hundred.
    """
    if p95_days <= p50_days or p50_days <= 0:
        return max(p50_days, p95_days, 0)
    log_sd = log(p95_days / p50_days) / _NORMAL.inv_cdf(0.95)
    scales = tuple(exp(-log_sd * node / 2) for node in _NODES)
    low, high = _NORMAL.inv_cdf(_LEVEL), 50.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        beyond = sum(weight * (1 - _NORMAL.cdf(middle * scale)) for weight, scale in zip(_WEIGHTS, scales, strict=True))
        low, high = (middle, high) if beyond > (1 - _LEVEL) * sum(_WEIGHTS) else (low, middle)
    return round(p50_days * (low / _NORMAL.inv_cdf(_LEVEL)) ** 2)
