"""One past, every model, every horizon."""

import math
from bisect import bisect_left
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
FEWEST_BLOCKS = 2
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
    """Of the streaming model."""
    judged: NDArray[np.bool_]
    """Shape (n,): the ticks whose forecasts count."""


@dataclass(slots=True, frozen=True)
class Backtest:
    burn_in: int
    streamed: Streamed
    horizons: tuple[AtHorizon, ...]
    too_short: tuple[str, ...]
    """Of each horizon for which the past is, a sentence."""

    @property
    def met(self) -> bool:
        return all(each.verdict.met for each in self.horizons)


def burn_in_of(ticks: int) -> int:
    return min(BURN_IN, ticks // 4)


def run(
    days: Sequence[date], prices: Sequence[float], horizons: Sequence[int], *, since: date | None, ticked: Callable[[], None]
) -> Backtest:
    """Every forecast is made with what was known at its tick. `prices` are positive and in the order of `days`, no day twice.

    Forecasts made before `since` are not counted, though the models have learnt from those days; nor are those of days whose own price
    the gate had wait, of no model. What the gate kept from the streaming model is not spared it as an outcome. Raises TooShort where the
    past is for every horizon.
    """
    burn_in = burn_in_of(len(days))
    sentences = {
        horizon: _too_short(int(_judged_days(days, horizon, burn_in, since).sum()), len(days), horizon, burn_in, since)
        for horizon in horizons
    }
    possible = [horizon for horizon, sentence in sentences.items() if sentence is None]
    too_short = tuple(sentence for sentence in sentences.values() if sentence is not None)
    if not possible:
        raise TooShort(" ".join(too_short))
    log_prices = np.log(np.asarray(prices, dtype=np.float64))
    first_asked = max(burn_in, bisect_left(days, since) if since else 0)
    ours = streamed(days, prices, possible, first_asked=first_asked, ticked=ticked)
    path = rivals.garch_path(log_prices)
    return Backtest(burn_in, ours, tuple(_at(horizon, days, log_prices, ours, path, burn_in, since) for horizon in possible), too_short)


def _at(
    horizon: int, days: Sequence[date], log_prices: Series, ours: Streamed, path: rivals.GarchPath, burn_in: int, since: date | None
) -> AtHorizon:
    judged_days = _judged_days(days, horizon, burn_in, since) & ours.entered
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
        judged=judged_days,
    )


def _judged_days(days: Sequence[date], horizon: int, burn_in: int, since: date | None) -> NDArray[np.bool_]:
    tick = np.arange(len(days))
    judged = (tick >= burn_in) & (tick < len(days) - horizon)
    if since is not None:
        judged &= np.array([day >= since for day in days])
    return judged


def _too_short(forecasts: int, ticks: int, horizon: int, burn_in: int, since: date | None) -> str | None:
    if forecasts >= FEWEST_BLOCKS * horizon:
        return None
    from_when = f" since {since}" if since else ""
    return (
        f"{ticks} prices leave {forecasts} forecasts over {horizon} quotation days{from_when} behind the first {burn_in}; "
        f"{FEWEST_BLOCKS * horizon} are needed."
    )


def _score(said: Forecasts, came: Series, judged: NDArray[np.bool_]) -> Score | None:
    return None if np.isnan(said.bound_95[judged]).any() else scored(said, came, judged)


def _remark(name: str, score: Score | None, path: rivals.GarchPath) -> str | None:
    if name == GARCH and path.failed:
        return (
            "did not converge" if score is None else f"{path.failed} of {path.fits} fits did not converge: the parameters before were kept"
        )
    return "too short a past" if score is None else None
