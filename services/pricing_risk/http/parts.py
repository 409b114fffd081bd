"""What the routes work with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.pricing_risk.domain.policy import PricingPolicy
from services.pricing_risk.exposures import Exposures
from services.pricing_risk.series_book import SeriesBook
from shared.bus import Bus


@dataclass(slots=True, frozen=True)
class Parts:
    bus: Bus
    policy: PricingPolicy
    series: SeriesBook
    exposures: Exposures
    clock: Callable[[], datetime]
