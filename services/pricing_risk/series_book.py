"""The price series as they stand: what lines, the portfolio and what-if questions are valued with."""

from collections.abc import Mapping

from services.pricing_risk.reference_prices import reference_prices
from shared.contracts.price_series import SeriesView
from shared.series_views import SeriesViews


class SeriesBook(SeriesViews):
    async def with_references(self) -> Mapping[str, SeriesView]:
        """Also the annual reference prices that ship, of what no feed quotes alike: what orders are valued with."""
        return {**reference_prices(), **await self.current()}
