"""One past, every model, every horizon."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from services.pricing_risk.domain.backtest import rivals
from services.pricing_risk.domain.backtest.forecasts import Forecasts, Series, outcomes
from services.pricing_risk.domain.backtest.scoring import Score, Verdict, pinball_ratios, scored, verdict, z2_critical
from services.pricing_risk.domain.backtest.streaming import Streamed, streamed

BURN_IN = 250
"""Ticks before the first forecast that counts, of every model alike; a quarter of the past where that is less."""
FEWEST_BLOCKS = 4
"""Forecasts that do not overlap; with fewer nothing can be said."""

STREAMING, RISKMETRICS, HISTORICAL, GARCH = "Orestream", "RiskMetrics", "historical", "GARCH(1,1)"


class TooShort(ValueError):
    pass


@dataclass(slots=True, frozen=True)
class Judged:
    """A model at one horizon; `score` None where it gave no usable forecast, and `remark` says why."""

    name: str
    score: Score | None
    pinball_ratios: tuple[float, float] | None
    """At 95 and at 99 %, to RiskMetrics."""
    remark: str | None = None


@dataclass(slots=True, frozen=True)
class AtHorizon:
    horizon: int
    forecasts: int
    """Days on which every model is judged."""
    blocks: int
    """How many of them do not overlap."""
    first: date
    last: date
    """Of the days on which the forecasts were made."""
    z2_critical_normal: float
    z2_critical_t3: float
    models: tuple[Judged, ...]
    verdict: Verdict
    """Of the streaming model."""
    bounds: Forecasts
    """Of the streaming model, on every tick."""


@dataclass(slots=True, frozen=True)
class Backtest:
    burn_in: int
    streamed: Streamed
    horizons: tuple[AtHorizon, ...]

    @property
    def met(self) -> bool:
        return all(each.verdict.met for each in self.horizons)


def burn_in_of(ticks: int) -> int:
    return min(BURN_IN, ticks // 4)


def run(days: Sequence[date], prices: Series, horizons: Sequence[int], *, since: date | None, ticked: Callable[[], None]) -> Backtest:
    """Every forecast is made with what was known at its tick. `prices`, shape (n,), are positive and in the order of `days`.

    Forecasts made before `since` are not counted, though the models have learnt from those days. Raises TooShort.
    """
    burn_in = burn_in_of(len(days))
    for horizon in horizons:
        _judged_days(days, horizon, burn_in, since)
    log_prices = np.log(prices)
    ours = streamed(days, prices, horizons, ticked)
    path = rivals.garch_path(log_prices)
    return Backtest(burn_in, ours, tuple(_at(horizon, days, log_prices, ours, path, burn_in, since) for horizon in horizons))


def _at(
    horizon: int, days: Sequence[date], log_prices: Series, ours: Streamed, path: rivals.GarchPath, burn_in: int, since: date | None
) -> AtHorizon:
    judged_days = _judged_days(days, horizon, burn_in, since)
    came = outcomes(log_prices, horizon)
    said = {
        STREAMING: ours.forecasts[horizon],
        RISKMETRICS: rivals.riskmetrics(log_prices, horizon),
        HISTORICAL: rivals.historical(log_prices, horizon),
        GARCH: rivals.garch(path, horizon),
    }
    scores = {name: _score(forecasts, came, judged_days) for name, forecasts in said.items()}
    beside, own = scores[RISKMETRICS], scores[STREAMING]
    assert own is not None, "the streaming model has a bound from its first price on"
    assert beside is not None, "RiskMetrics has one from the second"
    models = tuple(
        Judged(name, score, pinball_ratios(score, beside) if score else None, _remark(name, score, path)) for name, score in scores.items()
    )
    where = np.flatnonzero(judged_days)
    blocks = len(where) // horizon
    return AtHorizon(
        horizon=horizon,
        forecasts=len(where),
        blocks=blocks,
        first=days[where[0]],
        last=days[where[-1]],
        z2_critical_normal=z2_critical(blocks, math.inf),
        z2_critical_t3=z2_critical(blocks, 3.0),
        models=models,
        verdict=verdict(own, beside),
        bounds=ours.forecasts[horizon],
    )


def _judged_days(days: Sequence[date], horizon: int, burn_in: int, since: date | None) -> NDArray[np.bool_]:
    tick = np.arange(len(days))
    judged = (tick >= burn_in) & (tick < len(days) - horizon)
    if since is not None:
        judged &= np.array([day >= since for day in days])
    if judged.sum() < FEWEST_BLOCKS * horizon:
        from_when = f" since {since}" if since else ""
        raise TooShort(
            f"{len(days)} prices leave {int(judged.sum())} forecasts over {horizon} days{from_when} behind the first {burn_in}; "
            f"{FEWEST_BLOCKS * horizon} are needed."
        )
    return judged


def _score(said: Forecasts, came: Series, judged: NDArray[np.bool_]) -> Score | None:
    return None if np.isnan(said.bound_95[judged]).any() else scored(said, came, judged)


def _remark(name: str, score: Score | None, path: rivals.GarchPath) -> str | None:
    if name == GARCH and (path.failed or score is None):
        gone_on = "did not converge" if score is None else "the parameters before were kept"
        return f"{path.failed} of {path.fits} fits did not converge: {gone_on}" if score else gone_on
    return "too short a past" if score is None else None
