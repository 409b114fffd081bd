"""The price series as they stand, over all partitions: what lines, the portfolio and what-if questions are valued with."""

import asyncio
from collections.abc import Mapping
from typing import Final

from services.pricing_risk import keys
from services.pricing_risk.reference_prices import reference_prices
from shared.bus import Bus
from shared.bus.types import State
from shared.contracts.price_series import SeriesView


class SeriesBook:
    """Each partition's digests are read every time, a view only where its digest is another than that of the one at hand."""

    def __init__(self, bus: Bus) -> None:
        self._states: Final = [bus.state(partition) for partition in range(bus.settings.partitions)]
        self._views: dict[str, SeriesView] = {}

    async def current(self) -> Mapping[str, SeriesView]:
        """By series id, in the order of the ids. What is returned stays as it is while later ones are read."""
        parts = await asyncio.gather(*(self._of_partition(state) for state in self._states))
        found = {series: view for part in parts for series, view in part.items()}
        self._views = {series: found[series] for series in sorted(found)}
        return self._views

    async def with_references(self) -> Mapping[str, SeriesView]:
        """Also the annual reference prices that ship, of what no feed quotes alike: what orders are valued with."""
        return {**reference_prices(), **await self.current()}

    async def _of_partition(self, state: State) -> dict[str, SeriesView]:
        heads = {series.decode(): digest.decode() for series, digest in (await state.hash_get_all(keys.HEADS)).items()}
        at_hand = self._views
        views = {series: at_hand[series] for series, digest in heads.items() if series in at_hand and at_hand[series].digest == digest}
        changed = [series for series in heads if series not in views]
        for series, stored in zip(changed, await state.hash_get_many(keys.VIEWS, changed), strict=True):
            if stored is not None:  # it may have been withdrawn between the two reads
                views[series] = SeriesView.model_validate_json(stored)
        return views
