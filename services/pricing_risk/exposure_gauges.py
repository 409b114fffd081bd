"""Gauges of the portfolio, brought up to date when they are read and at most every few seconds."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from services.pricing_risk import metrics
from services.pricing_risk.domain.portfolio import Portfolio
from services.pricing_risk.exposures import Exposures

GOOD_FOR: Final = timedelta(seconds=15)


class ExposureGauges:
    def __init__(self, exposures: Exposures, clock: Callable[[], datetime]) -> None:
        self._exposures = exposures
        self._clock = clock
        self._shown_at: datetime | None = None

    async def refresh(self) -> None:
        now = self._clock()
        if self._shown_at is None or now - self._shown_at >= GOOD_FOR:
            _show(await self._exposures.portfolio(now.date()))
            self._shown_at = now


def _show(portfolio: Portfolio) -> None:
    currency = portfolio.market.reporting_currency
    for gauge in (metrics.EXPOSURE, metrics.COST_AT_RISK):
        gauge.clear()
    for name, figures in portfolio.by("element").items():
        if name is not None and figures.exposure:
            metrics.EXPOSURE.labels(name, currency).set(figures.exposure)
            metrics.COST_AT_RISK.labels(name, currency).set(figures.shortfall.total)
    metrics.EXPECTED_SHORTFALL.labels(currency).set(portfolio.risk.expected_shortfall.total)
    metrics.UNKNOWN_EXPOSURE_LINES.set(portfolio.total.unknown_lines)
