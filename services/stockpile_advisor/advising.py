"""Advice made anew where what it rests on has changed, and only there.

A turn of an item compares digests, which takes milliseconds and blocks no order. What has to be made is made in a thread, and committed in
a turn of its own: outputs, state and the next day together. What is lost with a process is asked for again by the timer left behind.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from time import monotonic, perf_counter
from typing import Final

import orjson

from services.stockpile_advisor import keys, metrics
from services.stockpile_advisor.asking import Asking
from services.stockpile_advisor.domain.advice import inputs_digest, look_again_on
from services.stockpile_advisor.domain.advice_alerts import conditions
from services.stockpile_advisor.domain.advice_policy import SupplyPolicy
from services.stockpile_advisor.domain.bounded_advice import bounded_advice
from services.stockpile_advisor.domain.situation import AdviceInputs
from services.stockpile_advisor.gathering import Gathering
from services.stockpile_advisor.keys import ADVISE, Asked
from services.stockpile_advisor.supply_alerts import SupplyAlerts
from shared.bus import Bus
from shared.bus.types import BusUnavailable, DueTimer, Effects, State, Timer, Write
from shared.contracts.base import instant_of, unix_ms
from shared.contracts.price_series import SeriesView
from shared.contracts.supply_risk import MaterialAdvice
from shared.series_views import SeriesViews

log = logging.getLogger(__name__)

MAKING_MS: Final = 15_000
"""After so long it is looked whether an advice is there, or lost with its process."""
WATCH_EVERY_MS: Final = 60_000
_ENDED: Final = "It no longer holds by the latest advice."
WATCH: Final = Asked(keys.WATCH, "prices", 0)


@dataclass(slots=True, eq=False)
class Making:
    """An advice that is being made, or made and not committed yet. `superseded`: another one is, of what was read later."""

    inputs: AdviceInputs
    digest: str
    superseded: bool = False
    advice: MaterialAdvice | None = None

    @property
    def place(self) -> str:
        return keys.place(self.inputs.report.plant, self.inputs.report.item_id)


class Advising:
    def __init__(self, bus: Bus, series: SeriesViews, policy: SupplyPolicy, asking: Asking, alerts: SupplyAlerts) -> None:
        self._bus = bus
        self._series = series
        self._policy = policy
        self._asking = asking
        self._alerts = alerts
        self._gathering = Gathering(bus, series)
        self._making = ThreadPoolExecutor(max_workers=1, thread_name_prefix="advice")
        self._under_way: dict[Asked, asyncio.Task[None]] = {}
        self._ready: dict[Asked, list[Making]] = {}
        self._in_hand: dict[str, Making] = {}
        """By place, the last one: a second turn does not make of the same inputs twice, and what was read earlier does not overwrite it."""
        self._left: dict[Asked, float] = {}
        """Since when, by the monotonic clock, what is ready waits to be committed."""

    async def start(self) -> None:
        """A release with another model or another policy makes its advice; what still rests on the same stays as it is."""
        await self._asking.of_all("policy")
        await self._bus.set_timers(0, [Timer(WATCH.timer, 0)])

    async def stop(self) -> None:
        for task in list(self._under_way.values()):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._making.shutdown(cancel_futures=True)

    async def on_all(self, timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
        """Every item of the partition has its turn."""
        items = sorted(item.decode() for item in await state.hash_get_all(keys.PLANTS))
        asked = [Asked.of(timer.name) for timer in timers]
        return [
            Effects(timers=[Timer(Asked(ADVISE, each.reason, each.moment_ms, item).timer, each.moment_ms) for item in items])
            for each in asked
        ]

    async def on_day(self, timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
        """A day has come that a place depends on: its advice is made, whatever else has stayed as it was."""
        found = []
        for timer in timers:
            place = Asked.of(timer.name).name
            asked = Asked(ADVISE, "day", timer.due_ms, place)
            found.append(Effects(timers=[Timer(asked.timer, timer.due_ms)]))
        return found

    async def on_advise(self, timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
        """Of several turns of one item the last one counts."""
        asked = [Asked.of(timer.name) for timer in timers]
        latest: dict[str, Asked] = {}
        for each in asked:
            if each.name not in latest or each.moment_ms >= latest[each.name].moment_ms:
                latest[each.name] = each
        self._forget_what_others_made()
        around = await self._gathering.around()
        found: list[Effects | Exception] = []
        for each in asked:
            waits = each in self._under_way or each in self._ready
            if not waits and latest[each.name] is each:
                metrics.LOOKED_AT.labels(each.reason).inc()
                wanted = await self._wanted(each, await around.inputs(_item_of(each)), state)
                if waits := bool(wanted):
                    self._make(each, wanted)
            found.append(Effects(timers=[self._asking.look_again(each, MAKING_MS)] if waits else []))
        return found

    async def _wanted(self, asked: Asked, inputs: Mapping[str, AdviceInputs], state: State) -> list[Making]:
        """Of the plants that keep the item, those whose advice rests on something else than it did; of a day, its place."""
        day = asked.reason == "day"
        if day:
            plant, _ = keys.parts_of(asked.name)
            inputs = {plant: inputs[plant]} if plant in inputs else {}
        digests = await asyncio.to_thread(lambda: [inputs_digest(each, self._policy) for each in inputs.values()])
        looked_at = [Making(each, digest) for each, digest in zip(inputs.values(), digests, strict=True)]
        heads = await state.hash_get_many(keys.HEADS, [making.place for making in looked_at])
        wanted = []
        for making, head in zip(looked_at, heads, strict=True):
            before = self._in_hand.get(making.place)
            stands = head is not None and head.partition(b" ")[0].decode() == making.digest
            if before is not None and (day or before.digest != making.digest):
                before.superseded = True
            elif before is not None or (stands and not day):
                continue
            self._in_hand[making.place] = making
            wanted.append(making)
        return wanted

    def _make(self, asked: Asked, wanted: Sequence[Making]) -> None:
        task = asyncio.create_task(self._made(asked, wanted))
        self._under_way[asked] = task
        task.add_done_callback(lambda _: self._under_way.pop(asked, None))

    async def _made(self, asked: Asked, wanted: Sequence[Making]) -> None:
        now = instant_of(asked.moment_ms)
        loop = asyncio.get_running_loop()
        try:
            for making in wanted:
                await loop.run_in_executor(self._making, self._advise, making, now)
            self._ready[asked] = list(wanted)
            self._left[asked] = monotonic()
            await self._bus.set_timers(self._bus.partition_of(_item_of(asked)), [self._asking.ready(asked)])
        except BusUnavailable as error:
            self._take(asked)
            log.warning("The advice on %s is made again: %s", _item_of(asked), error)
        except Exception:
            # The timer left behind asks again, and whoever looks at the advice sees how old it is.
            metrics.FAILED.inc()
            log.exception("The advice on %s cannot be made.", _item_of(asked))
        finally:
            if asked not in self._ready:
                self._let_go(wanted)

    def _take(self, asked: Asked) -> list[Making]:
        ready = self._ready.pop(asked, [])
        self._left.pop(asked, None)
        self._let_go(ready)
        return ready

    def _forget_what_others_made(self) -> None:
        """The partition went to another process before the advice was committed."""
        for asked in [asked for asked, since in self._left.items() if (monotonic() - since) * 1000 > MAKING_MS]:
            self._take(asked)

    def _let_go(self, wanted: Sequence[Making]) -> None:
        for making in wanted:
            if self._in_hand.get(making.place) is making:
                del self._in_hand[making.place]

    def _advise(self, making: Making, now: datetime) -> None:
        if making.superseded:
            return
        began = perf_counter()
        making.advice = bounded_advice(making.inputs, self._policy, now)
        metrics.MAKING.observe(perf_counter() - began)

    async def on_made(self, timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
        """Commits what this process has made; what another one made and lost is asked for again by the timer it left."""
        found: list[Effects | Exception] = []
        for timer in timers:
            asked = Asked.of(timer.name)._replace(beginning=ADVISE)
            ready = self._take(asked)
            effects = Effects(timers=[Timer(asked.timer, None)] if ready else [])
            for making in ready:
                if making.advice is None or making.superseded:
                    continue
                part = await self._commit(asked, making.inputs, making.advice, state)
                effects.outputs += part.outputs
                effects.writes += part.writes
                effects.timers += part.timers
            found.append(effects)
        return found

    async def _commit(self, asked: Asked, inputs: AdviceInputs, advice: MaterialAdvice, state: State) -> Effects:
        report = inputs.report
        place = keys.place(advice.plant, advice.item_id)
        (stored,) = await state.hash_get_many(keys.REPORTS, [place])
        if stored != report.model_dump_json(exclude_defaults=True).encode():
            return Effects()  # withdrawn, or reported anew meanwhile: that asked for an advice of its own
        (written,) = await state.hash_get_many(keys.ADVICE, [place])
        before = MaterialAdvice.model_validate_json(written) if written is not None else None
        if before is not None and before.made_at > advice.made_at:
            return Effects()  # another process had the partition meanwhile, and made it of what it read later
        raised = await self._alerts.read(state, [place])
        inbound = inputs.inbound
        elements = {each.element for each in report.contained} | {symbol for line in inbound for symbol in line.elements}
        effects = self._alerts.turn(
            place,
            raised[place],
            conditions(advice, before, self._policy),
            advice.made_at,
            orders=list(dict.fromkeys(line.order_key for line in inbound)),
            materials=sorted(elements),
            ended=_ENDED if advice.decision != "unknown" else f"Whether it still holds is not known. {advice.sentence}",
        )
        effects.writes.append(Write("HSET", keys.ADVICE, (place, advice.model_dump_json(exclude_defaults=True))))
        effects.writes.append(Write("HSET", keys.HEADS, (place, f"{advice.digest} {unix_ms(advice.made_at)}")))
        effects.timers.append(self._asking.on_day(place, look_again_on(inputs, advice, self._policy)))
        metrics.MADE.labels(asked.reason).inc()
        return effects

    async def on_watch(self, timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
        """Quotes that change no regime change no advice; where one did, the items that it concerns are found by their digests."""
        now_ms = max(timer.due_ms for timer in timers)
        stands = _regimes((await self._series.current()).values())
        effects = Effects(timers=[self._asking.look_again(WATCH, WATCH_EVERY_MS)])
        if stands != await state.get(keys.REGIMES):
            effects.writes.append(Write("SET", keys.REGIMES, (stands,)))
            if now_ms:
                effects.timers.append(self._asking.everywhere("prices"))
        return [*(Effects() for _ in timers[1:]), effects]


def _item_of(asked: Asked) -> str:
    return keys.parts_of(asked.name)[1] if asked.reason == "day" else asked.name


def _regimes(views: Iterable[SeriesView]) -> bytes:
    return orjson.dumps({view.series: [view.regime, str(view.regime_since)] for view in views}, option=orjson.OPT_SORT_KEYS)
