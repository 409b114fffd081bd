"""The price series as they stand, over all partitions of the group that keeps them: read by every service that looks at prices."""

import asyncio
from collections.abc import Mapping
from typing import Final

from shared.bus import Bus
from shared.bus.types import State
from shared.contracts.price_series import SeriesView

GROUP: Final = "pricing-risk"
HEADS: Final = "heads"
"""Series id → digest of its view; in the partition of the material."""
VIEWS: Final = "views"
"""Series id → SeriesView."""


class SeriesViews:
    """Each partition's digests are read every time, a view only where its digest is another than that of the one at hand."""

    def __init__(self, bus: Bus) -> None:
        self._states: Final = [bus.state(partition, GROUP) for partition in range(bus.settings.partitions)]
        self._views: dict[str, SeriesView] = {}

    async def current(self) -> Mapping[str, SeriesView]:
        """By series id, in the order of the ids. What is returned stays as it is while later ones are read."""
        parts = await asyncio.gather(*(self._of_partition(state) for state in self._states))
        found = {series: view for part in parts for series, view in part.items()}
        self._views = {series: found[series] for series in sorted(found)}
        return self._views

    async def _of_partition(self, state: State) -> dict[str, SeriesView]:
        heads = {series.decode(): digest.decode() for series, digest in (await state.hash_get_all(HEADS)).items()}
        at_hand = self._views
        views = {series: at_hand[series] for series, digest in heads.items() if series in at_hand and at_hand[series].digest == digest}
        changed = [series for series in heads if series not in views]
        for series, stored in zip(changed, await state.hash_get_many(VIEWS, changed), strict=True):
            if stored is not None:  # it may have been withdrawn between the two reads
                views[series] = SeriesView.model_validate_json(stored)
        return views
