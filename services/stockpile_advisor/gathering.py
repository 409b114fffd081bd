"""What the advice on an item rests on, read together: reports of all plants, open order lines, own licence cases, price series."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import orjson
from pydantic import TypeAdapter

from services.stockpile_advisor import keys
from services.stockpile_advisor.domain.inbound import InboundLine
from services.stockpile_advisor.domain.plants import plant_of
from services.stockpile_advisor.domain.situation import AdviceInputs, OwnCase
from services.stockpile_advisor.reference_files import reference_shares
from shared.bus import Bus
from shared.contracts.price_series import SeriesView
from shared.contracts.stock import StockReport
from shared.series_views import SeriesViews

LINES: Final = TypeAdapter(list[InboundLine])
CASE: Final = TypeAdapter(OwnCase)


class Gathering:
    def __init__(self, bus: Bus, series: SeriesViews) -> None:
        self._partition_of: Final = bus.partition_of
        self._states: Final = [bus.state(partition) for partition in range(bus.settings.partitions)]
        self._series = series

    async def around(self) -> "Around":
        """What concerns all items: read once for many."""
        outcomes = await asyncio.gather(*(state.hash_get_all(keys.OUTCOMES) for state in self._states))
        cases = tuple(CASE.validate_json(stored) for part in outcomes for stored in part.values())
        return Around(self, tuple(sorted(cases, key=lambda case: case.licence_id)), await self._series.current())

    async def reports(self, item_id: str) -> list[StockReport]:
        """Of all plants that keep the item."""
        state = self._states[self._partition_of(item_id)]
        (stored,) = await state.hash_get_many(keys.PLANTS, [item_id])
        plants: list[str] = orjson.loads(stored) if stored is not None else []
        reports = await state.hash_get_many(keys.REPORTS, [keys.place(plant, item_id) for plant in plants])
        return [StockReport.model_validate_json(report) for report in reports if report is not None]

    async def inbound(self, item_id: str) -> list[InboundLine]:
        """Open lines of the item, of all partitions."""
        parts = await asyncio.gather(*(self._inbound(number, item_id) for number in range(len(self._states))))
        return [line for part in parts for line in part]

    async def _inbound(self, partition: int, item_id: str) -> list[InboundLine]:
        state = self._states[partition]
        orders = sorted(key.decode() for key in await state.set_members(keys.inbound_of_key(item_id)))
        stored = await state.hash_get_many(keys.INBOUND, orders)
        return [line for lines in stored if lines is not None for line in LINES.validate_json(lines) if item_id in line.item_ids]


class Around:
    """The firm's licence cases and the price series, and with them the inputs of any item."""

    def __init__(self, gathering: Gathering, cases: tuple[OwnCase, ...], views: Mapping[str, SeriesView]) -> None:
        self._gathering = gathering
        self.cases = cases
        self._views = views

    async def inputs(self, item_id: str) -> dict[str, AdviceInputs]:
        """By plant; none where nobody keeps the item."""
        reports, lines = await asyncio.gather(self._gathering.reports(item_id), self._gathering.inbound(item_id))
        keepers = [(report.plant, report.ship_to_ids) for report in reports]
        coming: dict[str | None, list[InboundLine]] = {}
        for line in lines:
            coming.setdefault(plant_of(line.ship_to_id, keepers), []).append(line)
        return {report.plant: self._of_plant(report, reports, coming.get(report.plant, [])) for report in reports}

    def _of_plant(self, report: StockReport, reports: Sequence[StockReport], lines: Sequence[InboundLine]) -> AdviceInputs:
        elements = {each.element for each in report.contained} | {element for line in lines for element in line.elements}
        return AdviceInputs(
            report=report,
            elsewhere=tuple(other for other in reports if other.plant != report.plant),
            inbound=tuple(lines),
            cases=self.cases if _may_need_a_licence(report, lines) else (),
            views=tuple(view for view in self._views.values() if not elements.isdisjoint(view.elements)),
            reference=reference_shares(),
        )


def _may_need_a_licence(report: StockReport, lines: Collection[InboundLine]) -> bool:
    """Where nothing does and no law is dated to ask for one, no licence case changes the advice."""
    if any(clock.tightens for line in lines for clock in line.clocks):
        return True
    needs = {line.licence_needed for line in lines} | {
        "no" if source.licence_needed is False else "unknown" for source in report.sources if source.qualified
    }
    return needs != {"no"}
