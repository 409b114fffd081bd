"""Prices on their way to the stream: what was sent of each day is remembered, so that the same again is not sent again.

One record holds a month of one source of one series: eight bytes a day, the beginning of the content's SHA-256, about 400 bytes in Redis
with its key, or 5 KB for a year of quotations, however often they are sent. A whole month is compared, written and appended in one call.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.gateway.domain.recorded import Recorded
from services.gateway.domain.taking_in import SOURCE
from services.gateway.intake import MOST_ATTEMPTS
from shared.bus import Bus
from shared.bus.types import Append, Record, TryAgain
from shared.contracts.canonical import canonical_json, derive_id, sha256_hex
from shared.contracts.envelope import child_traceparent, dataschema_of
from shared.contracts.price import PriceEvent, PriceTick, series_id

RECORDED = "orestream.price.recorded.v1"
WITHDRAWN = "orestream.price.withdrawn.v1"

_SLOT_BYTES = 8
_EMPTY = bytes(_SLOT_BYTES)
_TAKEN_BACK = b"withdraw"
"""What stands for a day whose price was withdrawn."""


@dataclass(slots=True, frozen=True)
class _Month:
    """The prices of one record, in the order of their days, each with its place among those that were put."""

    material: str
    record_key: str
    prices: tuple[tuple[int, PriceTick], ...]


@dataclass(slots=True, frozen=True)
class _Decided:
    append: Append | None
    recorded: tuple[Recorded, ...]


def price_name(tick: PriceTick) -> str:
    """How an answer names a price."""
    return f"{series_id(tick)} {tick.as_of}"


class PriceIntake:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def put(self, ticks: Sequence[PriceTick], now: datetime, traceparent: str | None) -> list[Recorded]:
        """What became of each, in their order; what was stored is in the stream when this returns, the older days of a series first.

        Raises TryAgain.
        """
        latest = (now + timedelta(days=1)).date()
        recorded = {
            at: Recorded("rejected", (f"The price is of {tick.as_of}, which lies ahead; correct the day.",))
            for at, tick in enumerate(ticks)
            if tick.as_of > latest
        }
        pending = _by_month([(at, tick) for at, tick in enumerate(ticks) if at not in recorded])
        for attempt in range(MOST_ATTEMPTS):
            if not pending:
                return [recorded[at] for at in range(len(ticks))]
            stored = await self._bus.records([(month.material, month.record_key) for month in pending])
            decided = [_decide(month, record, now, traceparent) for month, record in zip(pending, stored, strict=True)]
            replies = iter(await self._bus.append([each.append for each in decided if each.append is not None]))
            again: list[_Month] = []
            for month, each in zip(pending, decided, strict=True):
                if each.append is not None and not next(replies):
                    again.append(month)
                    continue
                recorded.update(zip((at for at, _ in month.prices), each.recorded, strict=True))
            pending = again
            if pending:
                await asyncio.sleep(0.001 * attempt)
        raise TryAgain(f"Prices of {pending[0].material} are written by others all the time.")


def _by_month(ticks: Sequence[tuple[int, PriceTick]]) -> list[_Month]:
    """Sorted, so that a file with the newest day first does not reach the series backwards; of one day the later row comes later."""
    months: dict[tuple[str, str, str], list[tuple[int, PriceTick]]] = {}
    for at, tick in sorted(ticks, key=lambda each: each[1].as_of):
        months.setdefault((series_id(tick), tick.source, f"{tick.as_of:%Y-%m}"), []).append((at, tick))
    return [
        _Month(prices[0][1].material, f"price-month:{derive_id(series, source)}:{month}", tuple(prices))
        for (series, source, month), prices in months.items()
    ]


def _decide(month: _Month, stored: Record | None, now: datetime, traceparent: str | None) -> _Decided:
    days = bytearray(stored.content if stored is not None else bytes(31 * _SLOT_BYTES))
    version = stored.version if stored is not None else 0
    recorded: list[Recorded] = []
    outputs: list[bytes] = []
    for _, tick in month.prices:
        slot = _slot(tick.as_of)
        content = _TAKEN_BACK if tick.withdrawn else _content(tick)
        if days[slot] == content:
            recorded.append(Recorded("unchanged"))
        elif tick.withdrawn and days[slot] == _EMPTY:
            told = f"There is no price of {tick.source} for {tick.as_of} in the series {series_id(tick)} that could be withdrawn."
            recorded.append(Recorded("rejected", (told,)))
        else:
            corrected = (
                () if days[slot] in (_EMPTY, _TAKEN_BACK) or tick.withdrawn else ("It corrects the price sent before for this day.",)
            )
            days[slot] = content
            event_id = derive_id("price", month.record_key, str(version + 1), str(len(outputs)), content.hex())
            outputs.append(_event(tick, event_id, now, traceparent))
            recorded.append(Recorded("stored", corrected))
    if not outputs:
        return _Decided(None, tuple(recorded))
    append = Append(
        month.material, month.record_key, version, version + 1, bytes(days), outputs=tuple(("prices", event) for event in outputs)
    )
    return _Decided(append, tuple(recorded))


def _slot(day: date) -> slice:
    return slice((day.day - 1) * _SLOT_BYTES, day.day * _SLOT_BYTES)


def _content(tick: PriceTick) -> bytes:
    """Of all but the moment of publication: the same price published again is no correction."""
    said = tick.model_dump(mode="json", exclude_defaults=True, exclude={"published_at"})
    return bytes.fromhex(sha256_hex(canonical_json(said))[: 2 * _SLOT_BYTES])


def _event(tick: PriceTick, event_id: str, now: datetime, traceparent: str | None) -> bytes:
    event_type = WITHDRAWN if tick.withdrawn else RECORDED
    return PriceEvent(
        id=event_id,
        source=SOURCE,
        type=event_type,
        subject=tick.material,
        time=now,
        dataschema=dataschema_of(event_type),
        traceparent=child_traceparent(traceparent, event_id),
        data=tick,
    ).encode()
