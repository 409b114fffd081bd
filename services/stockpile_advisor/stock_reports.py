"""Stock reports in: the last one of each plant and item is kept, and the advice on the item asked for."""

from collections.abc import Sequence
from datetime import datetime

import orjson
from pydantic import ValidationError

from services.stockpile_advisor import keys, metrics
from services.stockpile_advisor.asking import Asking
from services.stockpile_advisor.supply_alerts import SupplyAlerts
from shared.bus import one_by_one
from shared.bus.types import Delivery, Effects, State, UndecodableEvent, Write
from shared.contracts.stock import StockEvent, StockReport


class StockReports:
    def __init__(self, asking: Asking, alerts: SupplyAlerts) -> None:
        self._asking = asking
        self._alerts = alerts

    async def on_stock(self, deliveries: Sequence[Delivery], state: State) -> Sequence[Effects | Exception]:
        events: dict[str, StockEvent] = {}

        def read(delivery: Delivery) -> Effects:
            try:
                events[delivery.entry_id] = StockEvent.model_validate_json(delivery.event)
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                raise UndecodableEvent(f"not of stock: {'/'.join(map(str, first['loc']))}: {first['msg']}") from error
            return Effects()

        read_results = await one_by_one(read)(deliveries, state)
        items = list(dict.fromkeys(event.data.item_id for event in events.values()))
        stored = await state.hash_get_many(keys.PLANTS, items)
        plants: dict[str, set[str]] = {
            item: set(orjson.loads(content)) if content is not None else set() for item, content in zip(items, stored, strict=True)
        }
        raised = await self._alerts.read(state, [_place(event) for event in events.values() if event.data.withdrawn])
        newest = await _newest(state, list(dict.fromkeys(map(_place, events.values()))))
        results: list[Effects | Exception] = []
        for delivery, result in zip(deliveries, read_results, strict=True):
            event = events.get(delivery.entry_id)
            if event is None:
                results.append(result)
            elif event.data.as_of < newest.get(_place(event), event.data.as_of):
                metrics.REPORTS.labels("outdated").inc()
                results.append(Effects())
            elif event.data.withdrawn:
                newest.pop(_place(event), None)
                results.append(self._withdrawn(event, plants[event.data.item_id], raised))
            else:
                newest[_place(event)] = event.data.as_of
                results.append(self._reported(event, plants[event.data.item_id]))
        return results

    def _reported(self, event: StockEvent, plants: set[str]) -> Effects:
        report = event.data
        effects = Effects(writes=[Write("HSET", keys.REPORTS, (_place(event), report.model_dump_json(exclude_defaults=True)))])
        metrics.REPORTS.labels("reported").inc()
        if report.plant not in plants:
            plants.add(report.plant)
            effects.writes.append(_kept_by(report.item_id, plants))
        effects.timers.append(self._asking.timer("report", report.item_id))
        return effects

    def _withdrawn(self, event: StockEvent, plants: set[str], raised: "dict[str, bytes | None]") -> Effects:
        """Its advice goes, its alerts resolve; what other plants are advised no longer reckons with it."""
        report, place = event.data, _place(event)
        effects = self._alerts.ended(place, raised.pop(place, None), event.time, event.traceparent)
        effects.writes += [Write("HDEL", key, (place,)) for key in (keys.REPORTS, keys.ADVICE, keys.HEADS)]
        metrics.REPORTS.labels("withdrawn").inc()
        if report.plant in plants:
            plants.remove(report.plant)
            effects.writes.append(_kept_by(report.item_id, plants))
        effects.timers += [self._asking.cancelled_day(place), self._asking.timer("report", report.item_id)]
        return effects


async def _newest(state: State, places: Sequence[str]) -> dict[str, datetime]:
    """Moments of the reports that stand: what comes out of the dead letters after a newer one changes nothing."""
    stored = await state.hash_get_many(keys.REPORTS, places)
    return {
        place: StockReport.model_validate_json(report).as_of for place, report in zip(places, stored, strict=True) if report is not None
    }


def _place(event: StockEvent) -> str:
    return keys.place(event.data.plant, event.data.item_id)


def _kept_by(item_id: str, plants: set[str]) -> Write:
    if not plants:
        return Write("HDEL", keys.PLANTS, (item_id,))
    return Write("HSET", keys.PLANTS, (item_id, orjson.dumps(sorted(plants))))
