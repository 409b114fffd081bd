"""Prices in; the state of their series, its views, and alerts out.

A price that comes in its order changes a bounded number of fields. One that comes late, is corrected or withdrawn marks the state as behind
its log, and the last message of the series in the batch makes it again: a history that is imported in any order is folded once a batch.
Views, too, are written with that last message. Until then a timer stands for what is still to do, should the batch be cut there.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from math import log as ln
from typing import Final

import orjson
from pydantic import ValidationError

from services.pricing_risk import keys, metrics
from services.pricing_risk.domain.exchange import Rates
from services.pricing_risk.domain.gate import JUMP, Entry, Ruling
from services.pricing_risk.domain.parity import PARITY_FIELD, Parity, RateOn, inside_of, together
from services.pricing_risk.domain.price_alerts import OVERDUE_SIGN, STALE, WHILE_RECENT, Kind, Notice, is_recent, turn, withdrawn
from services.pricing_risk.domain.price_log import OPEN, Key, PriceFold, Tick, entered, tick_field
from services.pricing_risk.domain.price_reading import Refused, identity_of, read
from services.pricing_risk.kept_series import UNFOLDED_FIELD, KeptSeries
from services.pricing_risk.price_histories import PriceHistories, quotes_of
from services.pricing_risk.series_book import SeriesBook
from shared.bus import Bus
from shared.bus.types import Command, Delivery, DueTimer, Effects, State, Timer, UndecodableEvent, Write
from shared.contracts.alert import Alert, alert_event
from shared.contracts.base import beginning_of, instant_of, unix_ms
from shared.contracts.price import LONGEST_SERIES_ID, PriceEvent, series_id

SOURCE: Final = "orestream/pricing-risk"
TIMERS: Final = "price-series:"
"""What the names of the timers of series begin with: their turn is taken by one handler, one turn for a series."""
TO_DO: Final = f"{TIMERS}to-do:"
"""Of a series whose state or view is behind its log."""
OVERDUE: Final = f"{TIMERS}overdue:"
"""Of a series for the day on which its next price is overdue."""
SETTLING: Final = timedelta(minutes=15)
"""A history that is being imported is not called stale before it has come."""
MOST_ORDERS: Final = 100
"""Order keys that one alert lists; its evidence says how many there are."""
MOST_SERIES: Final = 2_000
"""In a partition. Every order reads which there are, and Prometheus keeps eight figures of each: a feed that writes numbers of its own into
the name of the material must not make a series of every row."""
REFUSED: Final = "!"
"""Before day and source of a price that was refused, beside the one that may stand for them."""


class Ticks:
    """The handlers of `prices` and of the timers of price series."""

    def __init__(self, bus: Bus, book: SeriesBook, histories: PriceHistories) -> None:
        self._bus = bus
        self._book = book
        self._histories = histories
        self._kept: dict[str, KeptSeries] = {}

    async def catch_up(self, now: datetime) -> None:
        """Asks for a turn of every series: a release with another model or another view makes those there are again."""
        for partition in range(self._bus.settings.partitions):
            known = await self._bus.state(partition).hash_get_all(keys.VERSIONS)
            await self._bus.set_timers(partition, [Timer(f"{TO_DO}{name.decode()}", unix_ms(now)) for name in known])

    async def on_prices(self, deliveries: Sequence[Delivery], state: State) -> Sequence[Effects | Exception]:
        arrived = [_read(delivery) for delivery in deliveries]
        results: list[Effects | Exception] = []
        try:
            batch = await self._batch(state, [each for each in arrived if isinstance(each, _Arrived)])
            for each in arrived:
                results.append(each if isinstance(each, UndecodableEvent) else await batch.take(each))
        except Exception as error:
            # What the process holds may be half changed: it is read again.
            self._kept.clear()
            results += [error] * (len(deliveries) - len(results))
        return results

    async def on_timers(self, timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
        """Makes views that are behind, and says which series are overdue. One turn does both for a series."""
        due = {_series_of(timer): timer for timer in reversed(timers)}
        try:
            batch = await self._batch(state, [], due)
            return [await batch.look(timer) if timer in due.values() else Effects() for timer in timers]
        except Exception:
            self._kept.clear()
            raise

    async def _batch(self, state: State, arrived: Sequence["_Arrived"], series: Iterable[str] = ()) -> "_Batch":
        versions = {name.decode(): version.decode() for name, version in (await state.hash_get_all(keys.VERSIONS)).items()}
        touched = {*series, *(each.series for each in arrived)}
        known = {*versions, *touched}
        materials = {name.partition("/")[0] for name in touched}
        neighbours = {name for name in known if name.partition("/")[0] in materials}
        wanted = [name for name in neighbours if name in versions]
        stale = [name for name in wanted if name not in self._kept or self._kept[name].version != versions[name]]
        for name, fields in zip(stale, await asyncio.gather(*(state.hash_get_all(keys.state_key(name)) for name in stale)), strict=True):
            self._kept[name] = KeptSeries.from_fields(name, fields, versions[name])
        for name in neighbours - versions.keys():
            self._kept.pop(name, None)
        batch = _Batch(self._bus, state, self._kept, neighbours, MOST_SERIES - len(versions), self._book, self._histories)
        await batch.read_ticks(arrived)
        return batch


@dataclass(slots=True, frozen=True)
class _Arrived:
    delivery: Delivery
    event: PriceEvent
    series: str
    tick: Tick | Refused | None
    """None: a withdrawal."""

    @property
    def key(self) -> Key:
        return (self.event.data.as_of, self.event.data.source)


def _read(delivery: Delivery) -> _Arrived | UndecodableEvent:
    try:
        event = PriceEvent.model_validate_json(delivery.event)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        metrics.TICKS.labels("undecodable", "").inc()
        return UndecodableEvent(f"not a price event: {'/'.join(map(str, first['loc']))}: {first['msg']}")
    series = series_id(event.data)
    if len(series) > LONGEST_SERIES_ID:
        metrics.TICKS.labels("undecodable", "").inc()
        return UndecodableEvent(f"the name of the price series has {len(series)} characters, {LONGEST_SERIES_ID} are the most")
    milliseconds, _, number = delivery.entry_id.partition("-")
    tick = None if event.data.withdrawn else read(event, (int(milliseconds), int(number)))
    return _Arrived(delivery, event, series, tick)


@dataclass(slots=True)
class _Log:
    """What of a series' stored ticks and refusals the batch looks at, and what it changes. None: there is no such field (any more)."""

    ticks: dict[str, bytes | None] = field(default_factory=dict)
    refusals: dict[str, bytes | None] = field(default_factory=dict)
    changed_ticks: set[str] = field(default_factory=set)
    changed_refusals: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Turn:
    """One message or timer: its effects, and the series that it changed with the fields to write (None: all of them)."""

    now: datetime
    version: str
    traceparent: str | None = None
    effects: Effects = field(default_factory=Effects)
    fields: dict[str, dict[str, bytes]] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)

    def write(self, command: Command, key: str, *arguments: bytes | str) -> None:
        self.effects.writes.append(Write(command, key, arguments))

    def timer(self, beginning: str, series: str, due: datetime | None) -> None:
        self.effects.timers.append(Timer(f"{beginning}{series}", None if due is None else unix_ms(due)))


class _Batch:
    """The series of the materials that a batch is about, kept up to date while it is worked off."""

    def __init__(
        self,
        bus: Bus,
        state: State,
        kept: dict[str, KeptSeries],
        neighbours: set[str],
        room: int,
        book: SeriesBook,
        histories: PriceHistories,
    ) -> None:
        self._bus = bus
        self._state = state
        self._kept = kept
        self._neighbours = neighbours
        self._room = room
        self._book = book
        self._histories = histories
        self._outside = self._outside_china()
        self._logs: dict[str, _Log] = {}
        self._last: dict[str, str] = {}
        self._rates: dict[tuple[str, str], RateOn | None] = {}
        self._exchange: dict[str, tuple[float, ...]] = {}

    async def read_ticks(self, arrived: Sequence[_Arrived]) -> None:
        """The stored ticks of the days and sources that the messages are about: one read per series, none for a day that is new to it."""
        fields: dict[str, dict[Key, None]] = {}
        for each in arrived:
            fields.setdefault(each.series, {})[each.key] = None
            self._last[each.series] = each.delivery.entry_id

        async def read_log(kept: KeptSeries, days: Sequence[Key]) -> None:
            newest = kept.fold.quotes[-1].on if kept.fold is not None and kept.fold.quotes else None
            names = [tick_field(key) for key in days if newest is None or key[0] <= newest]
            stored = await self._state.hash_get_many(keys.ticks_key(kept.series), names)
            refused = [REFUSED + tick_field(key) for key in days] if kept.refused else []
            refusals = await self._state.hash_get_many(keys.held_key(kept.series), refused)
            self._logs[kept.series] = _Log(
                dict(zip(names, stored, strict=True)),
                {name.removeprefix(REFUSED): value for name, value in zip(refused, refusals, strict=True)},
            )

        await asyncio.gather(*(read_log(self._kept[series], list(days)) for series, days in fields.items() if series in self._kept))

    async def take(self, each: _Arrived) -> Effects | UndecodableEvent:
        kept = self._kept.get(each.series)
        if kept is None:
            if each.tick is None:
                metrics.TICKS.labels("unknown_withdrawal", "").inc()
                return Effects()
            if self._room <= 0:
                metrics.TICKS.labels("too_many_series", "").inc()
                told = (
                    f"{each.series} would be one price series too many; {MOST_SERIES} are kept in a partition. Withdraw what nobody needs."
                )
                return UndecodableEvent(told)
            self._room -= 1
            kept = self._kept[each.series] = KeptSeries(identity_of(each.event.data), PriceFold.empty(each.event.data.market))
            self._neighbours.add(each.series)
            self._outside = self._outside_china()
        now = _Turn(each.event.time, f"{each.delivery.entry_id} {self._bus.consumer}", each.event.traceparent)
        record = self._logs.setdefault(each.series, _Log())
        if isinstance(each.tick, Tick):
            changed = await self._take_tick(now, kept, record, each.tick)
        elif isinstance(each.tick, Refused):
            changed = self._take_refused(now, kept, record, each.tick)
        else:
            changed = self._take_back(now, kept, record, tick_field(each.key))
        is_last = self._last.get(each.series) == each.delivery.entry_id
        behind = [kept, *self._outside_of(kept)]
        if is_last and (changed or len(record.changed_ticks) + len(record.changed_refusals)):
            for series in behind:
                await self._bring_up(now, series)
        elif changed:
            for series in behind:
                now.timer(TO_DO, series.series, each.event.time)
            if is_recent(each.event.data.as_of, each.event.time.date()):
                for series in behind:
                    await self._alert(now, series, WHILE_RECENT)
        self._write_states(now)
        return now.effects

    async def look(self, timer: DueTimer) -> Effects:
        kept = self._kept.get(_series_of(timer))
        if kept is None:
            return Effects()
        now = _Turn(instant_of(timer.due_ms), f"{timer.name}@{timer.due_ms} {self._bus.consumer}")
        await self._bring_up(now, kept, overdue=timer.name.startswith(OVERDUE))
        self._write_states(now)
        return now.effects

    async def _take_tick(self, now: _Turn, kept: KeptSeries, record: _Log, tick: Tick) -> bool:
        name = tick_field(tick.quote.key)
        before = record.ticks.get(name)
        stands = Tick.decoded(tick.quote.key, before) if before is not None else None
        forgiven = self._forget_refusal(now, kept, record, name)
        if stands is not None:
            if stands.quote.price == tick.quote.price:
                metrics.TICKS.labels("duplicate", "").inc()
                return forgiven
            if stands.published_at is not None and tick.published_at is not None and tick.published_at < stands.published_at:
                metrics.TICKS.labels("outdated", "").inc()
                return forgiven
            tick = replace(tick, received=stands.received)
        tick = await self._doubted(kept, tick)
        self._write_tick(now, kept, record, name, tick.encoded())
        added = kept.fold.add(tick.quote) if stands is None and kept.fold is not None else None
        if added is None:
            metrics.TICKS.labels("late" if stands is None else "corrected", "").inc()
            self._unfold(now, kept)
            return True
        _count(added.rulings, tick.quote.key)
        for key, ruling in added.rulings.items():
            if ruling.outcome in OPEN:
                now.write("HSET", keys.held_key(kept.series), tick_field(key), _held(ruling))
            elif key != tick.quote.key:
                now.write("HDEL", keys.held_key(kept.series), tick_field(key))
        now.fields.setdefault(kept.series, {}).update(kept.fold.changed_fields() if kept.fold is not None else {})
        await self._step_parities(now, kept, added.entries)
        return True

    def _take_refused(self, now: _Turn, kept: KeptSeries, record: _Log, refused: Refused) -> bool:
        """A refused price does not replace the one that stands."""
        name = tick_field(refused.key)
        stored = orjson.dumps(["held", refused.reason, refused.sentence, refused.quoted, refused.event_id])
        before = record.refusals.get(name)
        if before == stored:
            metrics.TICKS.labels("duplicate", "").inc()
            return False
        kept.refused += before is None
        record.refusals[name] = stored
        record.changed_refusals.add(name)
        now.write("HSET", keys.held_key(kept.series), REFUSED + name, stored)
        now.fields.setdefault(kept.series, {})
        metrics.TICKS.labels("held", refused.reason).inc()
        return True

    def _take_back(self, now: _Turn, kept: KeptSeries, record: _Log, name: str) -> bool:
        forgiven = self._forget_refusal(now, kept, record, name)
        stands = record.ticks.get(name) is not None
        if stands:
            self._write_tick(now, kept, record, name, None)
            self._unfold(now, kept)
        metrics.TICKS.labels("withdrawn" if stands or forgiven else "unknown_withdrawal", "").inc()
        return stands or forgiven

    def _forget_refusal(self, now: _Turn, kept: KeptSeries, record: _Log, name: str) -> bool:
        if record.refusals.get(name) is None:
            return False
        kept.refused -= 1
        record.refusals[name] = None
        record.changed_refusals.add(name)
        now.write("HDEL", keys.held_key(kept.series), REFUSED + name)
        now.fields.setdefault(kept.series, {})
        return True

    def _write_tick(self, now: _Turn, kept: KeptSeries, record: _Log, name: str, stored: bytes | None) -> None:
        record.ticks[name] = stored
        record.changed_ticks.add(name)
        if stored is None:
            now.write("HDEL", keys.ticks_key(kept.series), name)
        else:
            now.write("HSET", keys.ticks_key(kept.series), name, stored)

    def _unfold(self, now: _Turn, kept: KeptSeries) -> None:
        kept.fold = None
        now.fields.setdefault(kept.series, {})[UNFOLDED_FIELD] = b"1"
        for outside in (kept, *self._outside_of(kept)):
            self._forget_parity(now, outside)

    async def _doubted(self, kept: KeptSeries, tick: Tick) -> Tick:
        """A price far from the last one is kept with the exchange rates that may explain it."""
        last = kept.fold.gate.last if kept.fold is not None else None
        if kept.identity.market == "FX" or last is None or abs(ln(tick.quote.price / last.price)) <= JUMP:
            return tick
        currency = kept.identity.currency
        if currency not in self._exchange:
            views = (await self._book.current()).values()
            self._exchange[currency] = tuple(
                float(view.price) for view in views if view.market == "FX" and currency in (view.material, view.currency)
            )
        return replace(tick, quote=replace(tick.quote, rates=self._exchange[currency]))

    # The premium of the series outside China over the one inside.

    def _outside_china(self) -> list[KeptSeries]:
        known = (self._kept[name] for name in sorted(self._neighbours) if name in self._kept)
        return [each for each in known if each.identity.market == "EX_CN"]

    def _outside_of(self, inside: KeptSeries) -> list[KeptSeries]:
        """The series whose premium is over this one."""
        if inside.identity.market != "CN":
            return []
        return [outside for outside in self._outside if self._inside_of(outside) is inside]

    def _inside_of(self, outside: KeptSeries) -> KeptSeries | None:
        name = inside_of(outside.series, (name for name in self._neighbours if name in self._kept))
        return self._kept[name] if name is not None else None

    def _forget_parity(self, now: _Turn, outside: KeptSeries) -> None:
        if outside.parity is not None:
            outside.parity = None
            now.write("HDEL", keys.state_key(outside.series), PARITY_FIELD)
            now.fields.setdefault(outside.series, {})

    async def _step_parities(self, now: _Turn, kept: KeptSeries, entries: Sequence[Entry]) -> None:
        for outside in [kept] if kept.identity.market == "EX_CN" else self._outside_of(kept):
            inside = self._inside_of(outside)
            if inside is None or outside.parity is None:
                continue
            if outside.parity.inside_series != inside.series or inside.fold is None or outside.fold is None:
                self._forget_parity(now, outside)
                continue
            rate_on = await self._rate_on(inside, outside)
            other = (inside.fold if kept is outside else outside.fold).gate.last
            for entry in entries:
                rate = rate_on(entry.quote.on) if rate_on is not None else None
                if rate is None or other is None or not together(entry.quote.on, other.on):
                    continue
                mine, its = entry.quote.price, other.price
                prices = (mine, its * rate) if kept is outside else (its, mine * rate)
                if other.on > entry.quote.on or not outside.parity.step(entry.quote.on, *prices):
                    self._forget_parity(now, outside)
                    break
            if outside.parity is not None and entries:
                now.fields.setdefault(outside.series, {}).update(outside.parity.fields())

    async def _rate_on(self, inside: KeptSeries, outside: KeptSeries) -> RateOn | None:
        """The rate between the two currencies on a day; None where no series tells it."""
        pair = (inside.identity.currency, outside.identity.currency)
        if pair not in self._rates:
            self._rates[pair] = _at_par if pair[0] == pair[1] else await self._exchange_rate(*pair)
        return self._rates[pair]

    async def _exchange_rate(self, bought: str, paid: str) -> RateOn | None:
        views = await self._book.current()
        legs = Rates(views.values()).route(bought, paid)
        if legs is None:
            return None
        histories = await self._histories.of(views[leg.series] for leg in legs)

        def rate_on(on: date) -> float | None:
            rate = 1.0
            for leg in legs:
                price = histories[leg.series].at(on)
                if price is None:
                    return None
                rate = rate / price if leg.inverse else rate * price
            return rate

        return rate_on

    # What the last message of a series in the batch, or its timer, brings up to date.

    async def _bring_up(self, now: _Turn, kept: KeptSeries, *, overdue: bool = False) -> None:
        if kept.fold is None:
            await self._fold_again(now, kept)
        fold = kept.fold
        assert fold is not None
        if not fold.quotes and not kept.refused:
            await self._remove(now, kept)
            return
        await self._compare(now, kept)
        view = kept.view()
        digest = view.digest if view is not None else ""
        if digest != kept.digest:
            kept.digest = digest
            now.fields.setdefault(kept.series, {})
            if view is None:
                now.write("HDEL", keys.VIEWS, kept.series)
                now.write("HDEL", keys.HEADS, kept.series)
            else:
                now.write("HSET", keys.VIEWS, kept.series, view.model_dump_json())
                now.write("HSET", keys.HEADS, kept.series, digest)
        last = fold.gate.last
        newest = fold.quotes[-1].on if fold.quotes else None
        recent = newest is not None and is_recent(newest, now.now.date())
        # Of history nothing is news, but what is firing ends when its price is withdrawn or corrected, however late.
        looked_at = [kind for kind in WHILE_RECENT if recent or kind in kept.raised]
        kinds = [*looked_at, *((STALE,) if recent or overdue or STALE in kept.raised else ())]
        await self._alert(now, kept, kinds)
        if last is not None and not (STALE in kept.raised and kept.raised[STALE].sign == OVERDUE_SIGN):
            due = beginning_of(last.on + timedelta(days=fold.gate.overdue_days + 1))
            now.timer(OVERDUE, kept.series, max(due, now.now + SETTLING))
        now.timer(TO_DO, kept.series, None)

    async def _fold_again(self, now: _Turn, kept: KeptSeries) -> None:
        metrics.FOLDED_AGAIN.inc()
        log = await self._ticks_of(kept.series)
        kept.fold, held = await asyncio.to_thread(lambda: PriceFold.of(quotes_of(log), kept.identity.market))
        record = self._logs.get(kept.series, _Log())
        stored = await self._state.hash_get_all(keys.held_key(kept.series))
        refusals = {name.decode(): value for name, value in stored.items() if name.startswith(REFUSED.encode())}
        for name in record.changed_refusals:
            refusals.pop(REFUSED + name, None)
            if (value := record.refusals[name]) is not None:
                refusals[REFUSED + name] = value
        all_held = refusals | {tick_field(key): _held(ruling) for key, ruling in held.items()}
        now.write("DEL", keys.held_key(kept.series))
        if all_held:
            now.write("HSET", keys.held_key(kept.series), *(part for pair in all_held.items() for part in pair))
        now.whole.add(kept.series)
        for outside in (kept, *self._outside_of(kept)):
            self._forget_parity(now, outside)

    async def _ticks_of(self, series: str) -> dict[bytes, bytes]:
        """The tick log, with what this batch has changed in it."""
        stored = await self._state.hash_get_all(keys.ticks_key(series))
        record = self._logs.get(series, _Log())
        for name in record.changed_ticks:
            stored.pop(name.encode(), None)
            if (value := record.ticks[name]) is not None:
                stored[name.encode()] = value
        return stored

    async def _compare(self, now: _Turn, kept: KeptSeries) -> None:
        """The premium, where it has to be made again: the inside series is new or another one, or a price came late."""
        inside = self._inside_of(kept)
        if inside is None:
            self._forget_parity(now, kept)
            return
        if kept.parity is not None and kept.parity.inside_series == inside.series:
            return
        rate_on = await self._rate_on(inside, kept)
        if rate_on is None:
            return
        logs = [await self._ticks_of(kept.series), await self._ticks_of(inside.series)]
        kept.parity = await asyncio.to_thread(_parity_of, inside.series, logs, rate_on)
        now.fields.setdefault(kept.series, {}).update(kept.parity.fields())

    async def _remove(self, now: _Turn, kept: KeptSeries) -> None:
        """All its prices have been withdrawn: it is as if it had never come."""
        await self._tell(now, kept, withdrawn(kept.raised))
        for key in (keys.state_key(kept.series), keys.ticks_key(kept.series), keys.held_key(kept.series)):
            now.write("DEL", key)
        for key in (keys.VIEWS, keys.HEADS, keys.VERSIONS):
            now.write("HDEL", key, kept.series)
        now.timer(OVERDUE, kept.series, None)
        now.timer(TO_DO, kept.series, None)
        outside = self._outside_of(kept)
        del self._kept[kept.series]
        self._outside = self._outside_china()
        now.fields.pop(kept.series, None)
        now.whole.discard(kept.series)
        for each in outside:
            self._forget_parity(now, each)

    async def _alert(self, now: _Turn, kept: KeptSeries, kinds: Sequence[Kind]) -> None:
        standing = kept.standing()
        if standing is None or not kinds:
            return
        notices, raised = turn(standing, kept.raised, kinds, now.now)
        if notices:
            kept.raised = raised
            now.fields.setdefault(kept.series, {})
            await self._tell(now, kept, notices)

    async def _tell(self, now: _Turn, kept: KeptSeries, notices: Sequence[Notice]) -> None:
        if not notices:
            return
        orders = await self._concerned(kept.identity.elements)
        for notice in notices:
            metrics.ALERTS.labels(notice.kind, notice.state).inc()
            alert = Alert(
                alert_key=f"{notice.kind}/{kept.series}",
                kind=notice.kind,
                severity=notice.severity,
                state=notice.state,
                since=notice.since,
                summary=notice.summary,
                cause=notice.cause,
                evidence={"series": kept.series, **notice.evidence, "orders": str(len(orders))},
                orders=orders[:MOST_ORDERS],
                materials=kept.identity.elements or [kept.identity.material],
            )
            now.effects.outputs.append(("alerts", alert_event(alert, SOURCE, now.now, now.traceparent).encode()))

    async def _concerned(self, elements: Sequence[str]) -> list[str]:
        """Keys of the orders with open lines that are exposed to any of the elements, over all partitions."""
        reads: list[Awaitable[set[bytes]]] = [
            self._bus.state(partition).set_members(keys.concerned_key(element))
            for partition in range(self._bus.settings.partitions)
            for element in elements
        ]
        return sorted({key.decode() for found in await asyncio.gather(*reads) for key in found})

    def _write_states(self, now: _Turn) -> None:
        """The states that the message changed, each with the version under which this process holds it."""
        for series in {**now.fields, **dict.fromkeys(now.whole)}:
            kept = self._kept.get(series)
            if kept is None:
                continue
            fields = now.fields.get(series, {}) | kept.about()
            if series in now.whole and kept.fold is not None:
                now.write("DEL", keys.state_key(series))
                fields = kept.fold.fields() | (kept.parity.fields() if kept.parity is not None else {}) | kept.about()
            now.write("HSET", keys.state_key(series), *(part for pair in fields.items() for part in pair))
            kept.version = now.version
            now.write("HSET", keys.VERSIONS, series, now.version)


def _series_of(timer: DueTimer) -> str:
    return timer.name.removeprefix(TIMERS).partition(":")[2]


def _parity_of(inside_series: str, logs: Sequence[Mapping[bytes, bytes]], rate_on: RateOn) -> Parity:
    outside, inside = (entered(quotes_of(each)) for each in logs)
    return Parity.over(inside_series, outside, inside, rate_on)


def _at_par(on: date) -> float:
    return 1.0


def _held(ruling: Ruling) -> bytes:
    return orjson.dumps([ruling.outcome, ruling.reason, ruling.sentence])


def _count(rulings: Mapping[Key, Ruling], own: Key) -> None:
    for key, ruling in rulings.items():
        outcome = "held" if ruling.outcome in OPEN else ruling.outcome
        (metrics.TICKS if key == own else metrics.RULED).labels(outcome, ruling.reason or "").inc()
