"""Gauges of the advice that stands, brought up to date when they are read and at most every few seconds."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from math import inf
from typing import Final, get_args

from services.stockpile_advisor import metrics
from services.stockpile_advisor.advice_book import AdviceBook
from shared.contracts.supply_risk import Decision, MaterialAdvice

GOOD_FOR: Final = timedelta(seconds=15)
MOST_PLACES: Final = 200
"""Items of plants with gauges of their own; the rest is counted."""
_WITHIN: Final = ("30", "90", "180")


class AdviceGauges:
    def __init__(self, book: AdviceBook, stale_after_days: int, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._stale_after = timedelta(days=stale_after_days)
        self._clock = clock
        self._shown_at: datetime | None = None

    async def refresh(self) -> None:
        now = self._clock()
        if self._shown_at is None or now - self._shown_at >= GOOD_FOR:
            standing = await self._book.all()
            show(standing)
            metrics.STALE.set(sum(each.stock_as_of is not None and now - each.stock_as_of > self._stale_after for each in standing))
            self._shown_at = now


def show(standing: Sequence[MaterialAdvice]) -> None:
    decisions = Counter(advice.decision for advice in standing)
    for decision in get_args(Decision):
        metrics.DECISIONS.labels(decision).set(decisions[decision])
    for gauge in (metrics.COVER, metrics.SHORT, metrics.SURVIVE, metrics.RECOVER):
        gauge.clear()
    nearest = sorted(standing, key=lambda advice: inf if advice.days_of_cover is None else advice.days_of_cover)
    for advice in nearest[:MOST_PLACES]:
        at = (advice.plant, advice.item_id)
        if advice.days_of_cover is not None:
            metrics.COVER.labels(*at).set(advice.days_of_cover)
        if advice.time_to_survive_days is not None:
            metrics.SURVIVE.labels(*at).set(advice.time_to_survive_days)
        for quantile, days in (("p50", advice.time_to_recover_p50_days), ("p95", advice.time_to_recover_p95_days)):
            if days is not None:
                metrics.RECOVER.labels(*at, quantile).set(days)
        for within in _WITHIN:
            if within in advice.probability_short:
                metrics.SHORT.labels(*at, within).set(advice.probability_short[within])
    metrics.NOT_SHOWN.set(max(0, len(standing) - MOST_PLACES))
