"""What the routes work with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.pricing_risk.exposures import Exposures
from services.pricing_risk.series_overview import SeriesOverview


@dataclass(slots=True, frozen=True)
class Parts:
    series: SeriesOverview
    exposures: Exposures
    clock: Callable[[], datetime]
