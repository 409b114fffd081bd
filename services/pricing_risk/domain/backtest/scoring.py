"""Forecasts against what came: how often exceeded, whether that may be chance, and what the model costs beside another."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from services.pricing_risk.domain.backtest.acerbi_szekely import z1, z2, z2_quantile
from services.pricing_risk.domain.backtest.christoffersen import conditional_coverage
from services.pricing_risk.domain.backtest.forecasts import Forecasts, Series
from services.pricing_risk.domain.backtest.kupiec import unconditional_coverage
from services.pricing_risk.domain.backtest.likelihood_ratio import LikelihoodRatio
from services.pricing_risk.domain.backtest.pinball import pinball_loss

MOST_EXCEEDED_95_PERCENT = 9.0
MOST_EXCEEDED_99_PERCENT = 3.0
MOST_PINBALL_RATIO = 1.5
"""The bars. They lie over 5 and 1 %: a bound that holds over years of a price that trends is exceeded in runs."""


@dataclass(slots=True, frozen=True)
class Score:
    """Of one model at one horizon; p-values from forecasts that do not overlap, all else from every day."""

    exceeded_95_percent: float
    exceeded_99_percent: float
    kupiec_95: float
    kupiec_99: float
    christoffersen_95: float
    christoffersen_99: float
    z1: float | None
    """None where nothing lies beyond the bound."""
    z2: float | None
    """Both None where a day was exceeded on which the model saw no shortfall at all: nothing can be measured against 0."""
    pinball_95: float
    pinball_99: float
    """Mean loss, in percent of log price."""


@dataclass(slots=True, frozen=True)
class Verdict:
    """Which bars a model holds beside RiskMetrics."""

    exceeded_95: bool
    exceeded_99: bool
    pinball: bool

    @property
    def met(self) -> bool:
        return self.exceeded_95 and self.exceeded_99 and self.pinball


def scored(said: Forecasts, came: Series, days: NDArray[np.bool_]) -> Score:
    """`came` as of `outcomes`; `days`, shape (n,), are those on which the model is judged, and on which it said something."""
    outcome = came[days]
    bound_95, bound_99 = said.bound_95[days], said.bound_99[days]
    beyond_95, beyond_99 = outcome > bound_95, outcome > bound_99
    rise, bound_975, shortfall = np.expm1(outcome), np.expm1(said.bound_975[days]), said.shortfall_975[days]
    measurable = bool((shortfall[rise > bound_975] > 0).all())

    def apart(exceeded: NDArray[np.bool_], test: Callable[[NDArray[np.bool_]], LikelihoodRatio]) -> float:
        return _over_all_cuts(exceeded, said.horizon, test)

    return Score(
        exceeded_95_percent=100 * float(beyond_95.mean()),
        exceeded_99_percent=100 * float(beyond_99.mean()),
        kupiec_95=apart(beyond_95, lambda hits: unconditional_coverage(int(hits.sum()), len(hits), 0.05)),
        kupiec_99=apart(beyond_99, lambda hits: unconditional_coverage(int(hits.sum()), len(hits), 0.01)),
        christoffersen_95=apart(beyond_95, lambda hits: conditional_coverage(hits, 0.05)),
        christoffersen_99=apart(beyond_99, lambda hits: conditional_coverage(hits, 0.01)),
        z1=z1(rise, bound_975, shortfall) if measurable else None,
        z2=z2(rise, bound_975, shortfall, 0.025) if measurable else None,
        pinball_95=100 * pinball_loss(outcome, bound_95, 0.95),
        pinball_99=100 * pinball_loss(outcome, bound_99, 0.99),
    )


def _over_all_cuts(exceeded: NDArray[np.bool_], horizon: int, test: Callable[[NDArray[np.bool_]], LikelihoodRatio]) -> float:
    """p-value of the test on every `horizon`-th day, over all `horizon` days to begin with.

    Forecasts over h days made on each day overlap and are not independent; every h-th do not. No choice of the first is better than
    another: twice the mean of their p-values is a p-value whatever the dependence (V. Vovk, R. Wang, Combining p-values via averaging,
    Biometrika 107(4), 2020, 791–808, after L. Rüschendorf 1982).
    """
    cuts = [test(exceeded[first::horizon]).p_value for first in range(min(horizon, len(exceeded)))]
    return cuts[0] if len(cuts) == 1 else min(1.0, 2 * float(np.mean(cuts)))


def verdict(score: Score, beside: Score) -> Verdict:
    ratios = pinball_ratios(score, beside)
    return Verdict(
        score.exceeded_95_percent <= MOST_EXCEEDED_95_PERCENT,
        score.exceeded_99_percent <= MOST_EXCEEDED_99_PERCENT,
        max(ratios) <= MOST_PINBALL_RATIO,
    )


def pinball_ratios(score: Score, beside: Score) -> tuple[float, float]:
    """Loss at 95 and at 99 % over that of the model beside; 1 where neither loses anything."""
    pairs = ((score.pinball_95, beside.pinball_95), (score.pinball_99, beside.pinball_99))
    first, second = (own / other if other else (1.0 if not own else float("inf")) for own, other in pairs)
    return first, second


@cache
def z2_critical(blocks: int, degrees_of_freedom: float) -> float:
    """Below it Z2 of so many independent forecasts speaks against the model at 5 %."""
    return z2_quantile(0.05, blocks, 0.025, degrees_of_freedom=degrees_of_freedom)
