"""Stock reports on their way to the stream: the last one of each plant and item is remembered by its moment and its content's hash."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import quote

import orjson

from services.gateway.domain.recorded import Recorded
from services.gateway.domain.taking_in import SOURCE
from services.gateway.intake import MOST_ATTEMPTS
from services.gateway.master_data import MasterData
from shared.bus import Bus
from shared.bus.types import Append, Record, TryAgain
from shared.contracts.base import instant_text
from shared.contracts.canonical import canonical_json, derive_id, sha256_hex
from shared.contracts.envelope import child_traceparent, dataschema_of
from shared.contracts.master_data import Item
from shared.contracts.stock import StockEvent, StockReport
from shared.units import conversion, stock_unit

REPORTED = "orestream.stock.reported.v1"
WITHDRAWN = "orestream.stock.withdrawn.v1"

_Place = tuple[str, str]
"""Item and record key."""


@dataclass(slots=True, frozen=True)
class _Decided:
    append: Append | None
    recorded: tuple[Recorded, ...]


class StockIntake:
    def __init__(self, bus: Bus, master_data: MasterData) -> None:
        self._bus = bus
        self._master_data = master_data

    async def put(self, reports: Sequence[StockReport], now: datetime, traceparent: str | None) -> list[Recorded]:
        """What became of each, in their order; what was stored is in the stream when this returns. Raises TryAgain."""
        items = await self._master_data.items_of({report.item_id for report in reports})
        recorded: dict[int, Recorded] = {}
        pending: dict[_Place, list[tuple[int, StockReport]]] = {}
        for at, report in sorted(enumerate(reports), key=lambda each: each[1].as_of):
            item = items.get(report.item_id)
            trouble = _trouble(report, item, now)
            if trouble:
                recorded[at] = Recorded("rejected", (trouble,))
            else:
                place = (report.item_id, f"stock:{quote(report.plant, safe='')}/{quote(report.item_id, safe='')}")
                pending.setdefault(place, []).append((at, _with_mass(report, item)))
        for attempt in range(MOST_ATTEMPTS):
            if not pending:
                return [recorded[at] for at in range(len(reports))]
            stored = await self._bus.records(list(pending))
            decided = [
                _decide(place, rows, record, now, traceparent) for (place, rows), record in zip(pending.items(), stored, strict=True)
            ]
            replies = iter(await self._bus.append([each.append for each in decided if each.append is not None]))
            again: dict[_Place, list[tuple[int, StockReport]]] = {}
            for (place, rows), each in zip(pending.items(), decided, strict=True):
                if each.append is not None and not next(replies):
                    again[place] = rows
                else:
                    recorded.update(zip((at for at, _ in rows), each.recorded, strict=True))
            pending = again
            if pending:
                await asyncio.sleep(0.001 * attempt)
        raise TryAgain(f"The stock of {next(iter(pending))[0]} is written by others all the time.")


def _trouble(report: StockReport, item: Item | None, now: datetime) -> str | None:
    if report.as_of > now + timedelta(days=1):
        return f"The stock is of {report.as_of:%Y-%m-%d %H:%M}, which lies ahead; correct as_of."
    if item is None or item.unit is None or report.withdrawn or _same_text(item.unit, report.unit):
        return None
    if conversion(stock_unit(report.unit), stock_unit(item.unit)) is None:
        return (
            f"The stock of {report.item_id} is counted in {report.unit}, the item master counts it in {item.unit}, and neither tells the "
            f"other; report it in {item.unit}, or correct the item."
        )
    return None


def _with_mass(report: StockReport, item: Item | None) -> StockReport:
    """What a unit weighs, by the item master, where the report does not say it and counts in the master's unit."""
    if report.mass_kg_per_unit is not None or item is None or item.unit is None or item.net_weight_kg_per_unit is None:
        return report
    weight: Decimal = item.net_weight_kg_per_unit
    if weight <= 0 or not _same_text(item.unit, report.unit):
        return report
    return report.model_copy(update={"mass_kg_per_unit": weight})


def _same_text(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _decide(
    place: _Place, rows: Sequence[tuple[int, StockReport]], stored: Record | None, now: datetime, traceparent: str | None
) -> _Decided:
    item_id, record_key = place
    version = stored.version if stored is not None else 0
    last: dict[str, str | bool] = orjson.loads(stored.content) if stored is not None else {}
    recorded: list[Recorded] = []
    outputs: list[bytes] = []
    for _, report in rows:
        moment = instant_text(report.as_of)
        said = report.model_dump(mode="json", exclude_defaults=True)
        content = sha256_hex(canonical_json(said if not report.withdrawn else {**said, "as_of": "-"}))
        if last.get("content") == content:
            recorded.append(Recorded("unchanged"))
        elif report.withdrawn and (not last or last.get("withdrawn")):
            told = f"There is no stock of {report.item_id} in plant {report.plant} that could be withdrawn."
            recorded.append(Recorded("rejected", (told,)))
        elif last and moment < str(last["as_of"]):
            told = f"The report is of {moment}, and one of {last['as_of']} is stored; report the stock as it is now."
            recorded.append(Recorded("rejected", (told,)))
        else:
            corrects = bool(last) and moment == last["as_of"] and not report.withdrawn and not last.get("withdrawn")
            last = {"as_of": moment, "content": content, **({"withdrawn": True} if report.withdrawn else {})}
            event_id = derive_id("stock", record_key, str(version + 1), str(len(outputs)), content)
            outputs.append(_event(report, event_id, now, traceparent))
            recorded.append(Recorded("stored", ("It corrects the report of the same moment.",) if corrects else ()))
    if not outputs:
        return _Decided(None, tuple(recorded))
    append = Append(item_id, record_key, version, version + 1, orjson.dumps(last), outputs=tuple(("stock", event) for event in outputs))
    return _Decided(append, tuple(recorded))


def _event(report: StockReport, event_id: str, now: datetime, traceparent: str | None) -> bytes:
    event_type = WITHDRAWN if report.withdrawn else REPORTED
    return StockEvent(
        id=event_id,
        source=SOURCE,
        type=event_type,
        subject=report.item_id,
        time=now,
        dataschema=dataschema_of(event_type),
        traceparent=child_traceparent(traceparent, event_id),
        data=report,
    ).encode()
